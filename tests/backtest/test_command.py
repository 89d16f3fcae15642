"""`orewire backtest` as operators call it, on a real server with the shipped rules."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nats.js.client import JetStreamContext

from services.classify.app import judge
from services.demo.workspace import new_secret
from shared.events import ArticleCollected, Event
from shared.events.vocabulary import Severity, Stage
from shared.provision import connect
from shared.publish import JetStreamPublisher, NatsConnection
from shared.settings import DEFAULT_CONFIG
from tests.backtest.signals import article, signal
from tests.kit.command import Ended, orewire, variables

SUBSCRIBERS = """
subscribers:
  - {{id: desk, channel: webhook, url: "https://desk.example/hook", secret: {secret}, filter: {{severity: high}}}}
  - {{id: everyone, channel: webhook, url: "https://all.example/hook", secret: {secret}}}
  - {{id: away, channel: webhook, url: "https://away.example/hook", secret: {secret}, enabled: false}}
"""
BAN = "China bans exports of {}"


@dataclass
class Archive:
    """A broker with stored events, and a config directory."""

    url: str
    js: JetStreamContext
    publisher: JetStreamPublisher
    config: Path

    async def store(self, *events: Event) -> None:
        """Store events as the services would have."""
        for event in events:
            await self.publisher.publish(event, correlation_id="test")

    async def backtest(self, *more: str, since: str = "1h") -> Ended:
        """Run the verb."""
        return await orewire(
            "backtest", "--from", since, "--config", str(self.config), "--nats", self.url, *more, env=variables()
        )

    async def stored(self) -> int:
        """How many messages all streams hold."""
        return sum([info.state.messages for info in await self.js.streams_info()])


@pytest.fixture
async def archive(nats_url: str, tmp_path: Path) -> AsyncIterator[Archive]:
    """An empty archive with the shipped rules and two subscribers."""
    config = tmp_path / "config"
    shutil.copytree(DEFAULT_CONFIG, config)
    (config / "subscribers.yaml").write_text(SUBSCRIBERS.format(secret=new_secret()), "utf-8")
    client = await connect(nats_url, name="test")
    yield Archive(nats_url, client.jetstream(), JetStreamPublisher(NatsConnection(client), service="test"), config)
    await client.close()


def bans() -> list[ArticleCollected]:
    """Articles that the shipped rules flag."""
    return [article(f"ban-{metal}", BAN.format(metal)) for metal in ("gallium", "germanium", "antimony")]


async def test_new_gone_changed_and_same_signals_are_told_with_whom_they_concern(archive: Archive) -> None:
    same, changed, new = bans()
    quiet = article("quiet", "Town library extends opening hours")
    _, rules = judge(DEFAULT_CONFIG, {})
    (unchanged,), (moved,) = rules(same), rules(changed)
    weaker = moved.model_copy(update={"severity": Severity.LOW, "stage": Stage.HINT})
    await archive.store(same, changed, new, quiet, unchanged, weaker, signal("quiet"), signal("older-article"))
    before = await archive.stored()

    ended = await archive.backtest("--json")

    (found,) = ended.lines()
    assert ended.code == 1, ended.err
    assert {name: found[name] for name in ("articles", "new", "gone", "changed", "same", "unreadable")} == {
        "articles": 4, "new": 1, "gone": 1, "changed": 1, "same": 1, "unreadable": 0,
    }  # fmt: skip
    changes = {change["what"]: change for change in found["changes"]}
    assert changes["new"]["headline"] == BAN.format("antimony")
    assert changes["new"]["after"]["evidence"][0]["sentence"] == BAN.format("antimony")
    assert changes["new"]["subscribers"] == {"desk": "hears", "everyone": "hears"}
    assert changes["gone"]["article_id"] == "quiet"
    assert changes["gone"]["subscribers"] == {"desk": "misses", "everyone": "misses"}
    fields = {field["name"]: (field["before"], field["after"]) for field in changes["changed"]["fields"]}
    assert fields == {"severity": ("low", moved.severity), "stage": ("hint", moved.stage)}
    assert changes["changed"]["subscribers"] == {"desk": "hears", "everyone": "different"}
    assert found["subscribers"]["everyone"] == {
        "was_told": 3, "would_be_told": 3, "hears": 1, "misses": 1, "different": 1,
    }  # fmt: skip
    assert await archive.stored() == before


async def test_nothing_to_change_ends_with_code_0(archive: Archive) -> None:
    _, rules = judge(DEFAULT_CONFIG, {})
    for event in bans():
        await archive.store(event, *rules(event))
    ended = await archive.backtest()
    assert (ended.code, ended.err) == (0, "")
    assert "3 articles" in ended.out
    assert "0 new, 0 gone, 0 changed, 3 same" in ended.out


async def test_an_edited_rule_set_shows_what_it_would_change_as_a_table(archive: Archive) -> None:
    _, rules = judge(DEFAULT_CONFIG, {})
    for event in bans():
        await archive.store(event, *rules(event))
    (archive.config / "severity.yaml").write_text("default: low\nlines: []\n", "utf-8")
    ended = await archive.backtest("--limit", "2")
    assert ended.code == 1, ended.err
    assert "~ changed" in ended.out
    assert "→ low" in ended.out
    assert "- desk" in ended.out
    assert "… 1 more" in ended.out
    assert "3 articles still wait for classify" in ended.out


async def test_articles_outside_the_window_are_left_out(archive: Archive) -> None:
    await archive.store(*bans())
    to = (datetime.now(UTC) - timedelta(minutes=30)).isoformat()
    ended = await archive.backtest("--to", to, "--json")
    assert ended.code == 0, ended.err
    assert ended.lines()[0]["articles"] == 0


async def test_a_message_that_is_no_article_is_counted_and_the_rest_goes_on(archive: Archive) -> None:
    await archive.js.publish("orewire.article.collected.wire", b"\xff not json")
    await archive.js.publish("orewire.article.collected.wire", b'{"article": {}}')
    await archive.store(bans()[0])
    (found,) = (await archive.backtest("--json")).lines()
    assert (found["unreadable"], found["articles"], found["new"]) == (2, 1, 1)


async def test_more_articles_than_one_batch_are_all_judged(archive: Archive) -> None:
    await archive.store(*(article(f"q{number}", f"Library {number} opens") for number in range(250)), *bans())
    (found,) = (await archive.backtest("--json", "--no-subscribers")).lines()
    assert (found["articles"], found["new"]) == (253, 3)
    assert found["subscribers"] == {}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--from", "yesterday"), "--from: `yesterday` is no time"),
        (("--from", "1h", "--to", "2h"), "--to: lies before --from"),
        (("--from", "1h", "--to", "never"), "--to: `never` is no time"),
        (("--from", "1h", "--config", "nowhere"), "nowhere/rules: folder is missing"),
    ],
)
async def test_wrong_input_is_told_with_code_2(arguments: tuple[str, ...], told: str) -> None:
    ended = await orewire("backtest", *arguments, env=variables())
    assert (ended.code, told in ended.err) == (2, True), ended.err


async def test_a_broker_that_is_not_there_is_told_with_code_3(tmp_path: Path) -> None:
    ended = await orewire("backtest", "--from", "1h", "--nats", "nats://127.0.0.1:1", env=variables())
    assert ended.code == 3
    assert "no NATS server answers" in ended.err
