"""What operators do with the command, to a running installation and to one that cannot run."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from nats.js.client import JetStreamContext

from shared.provision import connect
from shared.streams import STREAMS
from tests.kit.command import Ended, orewire, started
from tests.kit.misspelt import SECRET
from tests.kit.news import flagged
from tests.kit.ports import free_port_base
from tests.kit.rawserver import RawServers, reply
from tests.kit.stack import Stack, stack
from tests.kit.wait import until

pytestmark = [pytest.mark.system, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="module")]
SECOND = f"  - {{id: second, channel: webhook, secret: {SECRET}, url: '%s'}}\n"
NUMBERS = count()
STEPS = (
    "io.orewire.article.collected.v1",
    "io.orewire.signal.detected.v1",
    "io.orewire.alert.raised.v1",
    "io.orewire.delivery.succeeded.v1",
)


@dataclass
class World:
    """One installation for those tests that leave it as it was."""

    up: Stack
    client: httpx.AsyncClient
    js: JetStreamContext
    base: int = field(init=False)

    def __post_init__(self) -> None:
        self.base = int(self.up.urls["ingest"].rsplit(":", 1)[1]) - 1

    async def post(self) -> dict[str, Any]:
        """A flagged article that was never sent before."""
        article = _article()
        answer = await self.client.post(f"{self.up.urls['ingest']}/v1/articles", json=article)
        assert answer.json()["results"][0]["status"] == "accepted"
        return article

    async def told(self, article: dict[str, Any]) -> None:
        """Wait until the desk has the alert of `article`."""
        await until(lambda: article["url"] in _urls(self.up), what=f"the alert of {article['title']}")

    async def ready(self, service: str) -> dict[str, Any]:
        """The answer of the service's /readyz."""
        return dict((await self.client.get(f"{self.up.urls[service]}/readyz")).json())

    async def run(self, *arguments: str) -> Ended:
        """A verb that talks to NATS, against this installation."""
        return await orewire(*arguments, "--nats", self.up.urls["nats"])


def _article() -> dict[str, Any]:
    return flagged(next(NUMBERS), published_at=datetime.now(UTC).isoformat())


def _urls(up: Stack) -> set[str | None]:
    return {receipt.alert.sources[0].url for receipt in up.receiver.receipts}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with stack(tmp_path_factory.mktemp("operator")) as up, httpx.AsyncClient(trust_env=False) as client:
        bus = await connect(up.urls["nats"], name="test")
        yield World(up, client, bus.jetstream())
        await bus.close()


# --- configuration -------------------------------------------------------------------------------


async def test_edits_of_subscribers_take_effect_and_bad_ones_change_nothing(world: World) -> None:
    path, raw = world.up.config / "subscribers.yaml", RawServers()
    before = path.read_text("utf-8")
    second = await raw(reply("200 OK"))
    try:
        path.write_text(before + SECOND % second.url, "utf-8")
        await until(lambda: _detail(world, "notify", "subscribers", "2 subscribers"), what="the second subscriber")
        await world.told(await world.post())
        await until(lambda: second.requests, what="the alert at the second subscriber")
        path.write_text(before.replace("channel:", "chanel:"), "utf-8")
        await until(lambda: _detail(world, "notify", "subscribers", "has mistakes"), what="the complaint")
        await world.told(await world.post())
        await until(lambda: len(second.requests) == 2, what="the last good set in force")
        metrics = await world.client.get(f"{world.up.urls['notify']}/metrics")
        assert "orewire_notify_config_ok 0.0" in metrics.text
        assert any("config_rejected" in line and "subscribers.yaml:4" in line for line in world.up.bugs())
    finally:
        path.write_text(before, "utf-8")
        await until(lambda: _detail(world, "notify", "subscribers", "1 subscribers"), what="the old file in force")
        await raw.stop()


async def test_edits_of_sources_take_effect_and_bad_ones_change_nothing(world: World) -> None:
    path, article = world.up.config / "sources.yaml", _article()
    before = path.read_text("utf-8")
    folder = world.up.data / "drop"
    folder.mkdir()
    (folder / "notice.json").write_text(json.dumps(article), "utf-8")
    try:
        path.write_text(before + "\n  - {id: drop, type: directory, path: drop, interval: 5s}\n", "utf-8")
        await world.told(article)
        path.write_text(before + "\n  - {id: drop, type: directroy}\n", "utf-8")
        await until(lambda: _detail(world, "ingest", "sources", "has mistakes"), what="the complaint")
        await world.told(await world.post())
    finally:
        path.write_text(before, "utf-8")
        await until(lambda: _detail(world, "ingest", "sources", "sources enabled"), what="the old file in force")


async def test_a_service_that_dies_while_its_file_is_broken_comes_back_once_it_is_mended(world: World) -> None:
    path = world.up.config / "subscribers.yaml"
    before, pid = path.read_text("utf-8"), world.up.pid("notify")
    try:
        path.write_text(before.replace("channel:", "chanel:"), "utf-8")
        world.up.kill("notify")
        await until(lambda: "notify" in _refusals(world.up), what="notify to refuse its file")
    finally:
        path.write_text(before, "utf-8")
    await until(lambda: _alive(world, "notify"), seconds=20, what="notify to come back")
    assert world.up.pid("notify") not in {0, pid}
    await world.told(await world.post())


def _refusals(up: Stack) -> set[str]:
    """Services that ended with exit code 2 since they were started."""
    lines = [json.loads(line) for line in up.log.read_text("utf-8").splitlines() if '"child_died"' in line]
    return {line["child"] for line in lines if line["code"] == 2}


async def _alive(world: World, service: str) -> bool:
    try:
        return bool((await world.ready(service))["ready"])
    except httpx.HTTPError:
        return False


async def _detail(world: World, service: str, check: str, words: str) -> bool:
    return words in (await world.ready(service))["checks"][check]["detail"]


# --- up ------------------------------------------------------------------------------------------


async def test_a_second_up_on_the_same_data_is_refused(world: World) -> None:
    arguments = ("--config", str(world.up.config), "--data", str(world.up.data))
    ended = await orewire("up", *arguments, "--port-base", str(free_port_base()))
    assert (ended.code, ended.out) == (2, "")
    assert "another `orewire up` runs on this data directory (stop it, or give another --data)" in ended.err


async def test_a_taken_port_is_named_before_anything_starts(world: World, tmp_path: Path) -> None:
    arguments = ("--config", str(world.up.config), "--data", str(tmp_path / "data"))
    ended = await orewire("up", *arguments, "--port-base", str(world.base))
    assert (ended.code, ended.out) == (2, "")
    assert f"port {world.base + 1} for ingest is taken (choose another with --port-base)" in ended.err
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["orewire.lock"]


# --- the stream ----------------------------------------------------------------------------------


async def _consumers(js: JetStreamContext) -> int:
    return sum(stream.state.consumer_count for stream in await js.streams_info())


async def test_tail_shows_every_step_of_an_article_as_cloudevents(world: World) -> None:
    before = await _consumers(world.js)
    async with started("tail", "--nats", world.up.urls["nats"]) as tail:
        await until(lambda: _more_consumers(world.js, before, len(STREAMS)), what="tail to listen")
        article = await world.post()
        events = await asyncio.wait_for(_events_of(tail, article["url"]), 20)
        tail.send_signal(signal.SIGINT)
        _, err = await tail.communicate()
    assert (tail.returncode, err) == (0, b"")
    assert {event["type"] for event in events} == set(STEPS)
    for event in events:
        assert (event["specversion"], event["datacontenttype"]) == ("1.0", "application/json")
        assert event["id"]
        assert event["source"].startswith("orewire/")
        assert datetime.fromisoformat(event["time"]).tzinfo
        assert event["data"]
    assert len({event["correlationid"] for event in events}) == 1
    causes = {event["type"]: event.get("causationid") for event in events}
    ids = {event["type"]: event["id"] for event in events}
    assert [causes[step] for step in STEPS[1:]] == [ids[step] for step in STEPS[:-1]]


async def _more_consumers(js: JetStreamContext, before: int, more: int) -> bool:
    return await _consumers(js) == before + more


async def _events_of(tail: asyncio.subprocess.Process, url: str) -> list[dict[str, Any]]:
    """The events of the article at `url`, up to its delivery."""
    assert tail.stdout is not None
    events: list[dict[str, Any]] = []
    while len(events) < len(STEPS):
        event = json.loads(await tail.stdout.readline())
        if not events and event["data"].get("article", {}).get("url") != url:
            continue
        events.append(event)
    return events


async def test_tail_of_a_wildcard_stops_at_its_limit(world: World) -> None:
    before = await _consumers(world.js)
    async with started("tail", "orewire.alert.>", "--limit", "1", "--nats", world.up.urls["nats"]) as tail:
        await until(lambda: _more_consumers(world.js, before, 1), what="tail to listen")
        article = await world.post()
        out, _ = await asyncio.wait_for(tail.communicate(), 20)
    [event] = [json.loads(line) for line in out.splitlines()]
    assert (tail.returncode, event["type"]) == (0, "io.orewire.alert.raised.v1")
    assert event["data"]["sources"][0]["url"] == article["url"]


async def test_replay_prints_what_is_stored_and_alerts_nobody(world: World) -> None:
    article = await world.post()
    await world.told(article)
    told = len(world.up.receiver.receipts)
    ended = await world.run("replay", "--from", "1h")
    assert (ended.code, ended.err) == (0, "")
    events = ended.lines()
    assert set(STEPS[:3]) <= {event.get("type") for event in events}  # garbage has none
    assert len(world.up.receiver.receipts) == told
    limited = await world.run("replay", "orewire.article.>", "--from", "2020-01-01", "--limit", "1")
    [first] = limited.lines()
    assert first.get("type") in (STEPS[0], None)  # the oldest may be garbage of another test


async def test_dead_letters_are_listed_and_driven_again(world: World) -> None:
    ack = await world.js.publish("orewire.article.collected.x", b"{", headers={"content-type": "application/json"})
    row = await until(lambda: _letter(world, ack.seq), what="the dead letter")
    assert (row["service"], row["reason"], row["subject"]) == ("classify", "not_json", "orewire.article.collected.x")
    assert "not_json" in (await world.run("dead", "list")).out
    ended = await world.run("dead", "redrive", str(row["seq"]), "--json")
    assert (ended.code, [again["seq"] for again in ended.lines()]) == (0, [row["seq"]])
    await until(lambda: _letter(world, ack.seq + 1), what="the dead letter of the second try")
    gone = await world.run("dead", "redrive", str(row["seq"]))
    assert gone.code == 1


async def _letter(world: World, number: int) -> dict[str, Any] | None:
    """The youngest dead letter, once the article stream has `number` messages and one more letter than before."""
    if (await world.js.stream_info("ORE_ARTICLES")).state.last_seq < number:
        return None
    if (await world.js.consumer_info("ORE_ARTICLES", "classify")).ack_floor.stream_seq < number:
        return None
    ended = await world.run("dead", "list", "--json")
    assert ended.code == 1
    return ended.lines()[-1]


# --- articles by hand ----------------------------------------------------------------------------


async def test_submitted_files_arrive_and_bad_ones_are_named(world: World, tmp_path: Path) -> None:
    text, lines = tmp_path / "notice.txt", tmp_path / "many.jsonl"
    article, other = _article(), _article()
    text.write_text(f"{article['title']}\n\n{article['text']}", "utf-8")
    lines.write_text(f"{json.dumps(other)}\n{{\n", "utf-8")
    url = world.up.urls["ingest"]
    ended = await orewire("submit", str(text), "--url", url, "--json")
    assert (ended.code, [result["status"] for result in ended.lines()]) == (0, ["accepted"])
    again = await orewire("submit", str(text), "--url", url)
    assert again.code == 0
    assert again.out.startswith("duplicate")
    mixed = await orewire("submit", str(lines), "--url", url, "--json")
    assert [(it["input"], it["status"]) for it in mixed.lines()] == [("many:1", "accepted"), ("many:2", "rejected")]
    assert mixed.code == 1
    await world.told(other)
    refused = await orewire("submit", str(tmp_path / "missing.txt"), str(tmp_path / "tool.exe"), "--url", url)
    assert refused.code == 2
    assert "missing.txt: cannot be read" in refused.err
    assert "tool.exe" in refused.err
