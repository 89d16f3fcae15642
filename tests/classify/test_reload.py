"""Edits of rules, lexicons and severity on a real directory, watched as a running service watches it."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from services.classify.adapters.metrics import DecisionCounter
from services.classify.adapters.reloading import RuleFiles
from services.classify.decision import Decision
from services.classify.detect import Detector
from services.classify.usecases import Classify
from shared.clock import SystemClock
from shared.events import Article, ArticleCollected, Event, SignalDetected
from shared.events.envelope import Envelope, envelop
from tests.classify.kit import CONFIG, FETCHED, article
from tests.kit.wait import until

PROMISED = 2.0
"""Seconds from an edit to the new rules in every replica."""
PATIENCE = 15.0
"""Seconds that a test waits on a machine that does other things too."""
RULE = """\
id: {id}
kind: export_restriction
title: A test rule
why: {why}
version: "1"
when:
  chain: [$export_curb]
set: {{direction: tighten}}
examples:
  match: [China bans gallium exports.]
  ignore: [China mines gallium.]
"""
LEXICON = """\
lexicons:
  commodity: {role: commodity, what: metals, anchor: true, entries: {gallium: {en: [gallium]}}}
  export_curb: {role: restriction, what: bans, words: {verbs: [ban]}}
"""
SEVERITY = "default: low\nlines: []\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A small config directory with one rule."""
    folder = tmp_path / "config"
    (folder / "lexicons").mkdir(parents=True)
    (folder / "rules").mkdir()
    write(folder / "severity.yaml", SEVERITY)
    write(folder / "lexicons" / "words.yaml", LEXICON)
    write(folder / "rules" / "first.yaml", RULE.format(id="first", why="to test"))
    return folder


def write(path: Path, text: str) -> None:
    """Replace a file at once, as editors and deployment tools do."""
    temporary = path.with_suffix(".tmp")
    temporary.write_text(text, "utf-8")
    temporary.replace(path)


@asynccontextmanager
async def watched(config: Path) -> AsyncIterator[RuleFiles]:
    """Rules in force, with the watch running."""
    rules = RuleFiles(config, {}, SystemClock())
    loop = asyncio.create_task(rules.run())
    try:
        yield rules
    finally:
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)


async def switched(rules: RuleFiles, before: str) -> str:
    """The new digest, once it is another one than before."""
    await until(lambda: rules.detector().digest != before, seconds=PATIENCE, what="other rules in force")
    return rules.detector().digest


def ids(rules: RuleFiles) -> list[str]:
    return [rule.id for rule in rules.detector().ruleset.rules]


def metric(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(f"orewire_classify_rules_{name}", labels)


async def test_a_replaced_added_and_removed_rule_comes_into_force(config: Path) -> None:
    async with watched(config) as rules:
        first = rules.detector().digest
        write(config / "rules" / "first.yaml", RULE.format(id="first", why="another reason"))
        second = await switched(rules, first)
        write(config / "rules" / "second.yaml", RULE.format(id="second", why="to test"))
        third = await switched(rules, second)
        assert ids(rules) == ["first", "second"]
        (config / "rules" / "second.yaml").unlink()
        assert await switched(rules, third) == second


async def test_an_edited_lexicon_and_an_edited_severity_come_into_force(config: Path) -> None:
    async with watched(config) as rules:
        first = rules.detector().digest
        write(config / "lexicons" / "words.yaml", LEXICON.replace("[gallium]", "[gallium, kryptonite]"))
        second = await switched(rules, first)
        (config / "severity.yaml").write_text(SEVERITY.replace("low", "high"), "utf-8")
        await switched(rules, second)
        (found,) = rules.detector().detect(article("China bans exports of kryptonite")).signals
        assert found.severity == "high"


async def test_all_replicas_that_share_a_directory_switch_to_the_same_rules_within_two_seconds(config: Path) -> None:
    loop, seconds = asyncio.get_running_loop(), []
    async with watched(config) as one, watched(config) as two, watched(config) as three:
        for number in range(3):
            first, begun = one.detector().digest, loop.time()
            write(config / "rules" / "first.yaml", RULE.format(id="first", why=f"reason {number}"))
            digests = await asyncio.gather(*(switched(rules, first) for rules in (one, two, three)))
            seconds.append(loop.time() - begun)
            assert len(set(digests)) == 1
    assert min(seconds) < PROMISED, seconds


async def test_a_swapped_link_as_kubernetes_does_it_comes_into_force(tmp_path: Path, config: Path) -> None:
    mount = tmp_path / "mount"
    shutil.copytree(config, mount / "..one")
    shutil.copytree(config, mount / "..two")
    write(mount / "..two" / "rules" / "second.yaml", RULE.format(id="second", why="to test"))
    (mount / "..data").symlink_to("..one")
    for name in ("rules", "lexicons", "severity.yaml"):
        (mount / name).symlink_to(f"..data/{name}")
    async with watched(mount) as rules:
        first = rules.detector().digest
        (mount / "..new").symlink_to("..two")
        os.replace(mount / "..new", mount / "..data")
        shutil.rmtree(mount / "..one")
        await switched(rules, first)
        assert ids(rules) == ["first", "second"]


async def test_a_directory_replaced_as_a_whole_is_seen_although_no_event_tells_of_it(
    tmp_path: Path, config: Path
) -> None:
    shutil.copytree(config, tmp_path / "release-2")
    write(tmp_path / "release-2" / "rules" / "second.yaml", RULE.format(id="second", why="to test"))
    current = tmp_path / "current"
    current.symlink_to(config)
    async with watched(current) as rules:
        first = rules.detector().digest
        (tmp_path / "next").symlink_to(tmp_path / "release-2")
        os.replace(tmp_path / "next", current)
        await switched(rules, first)
        assert ids(rules) == ["first", "second"]


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("id: first\nkind: [\n", "rules/first.yaml"),
        (RULE.format(id="first", why="x").replace("$export_curb", "$export_crub"), "unknown lexicon `$export_crub`"),
        (RULE.format(id="first", why="x").replace("China bans gallium", "China sells gallium"), "does not fire on"),
        ("when: " + "[" * 900, "rules/first.yaml"),
        ("\x00\x01", "not YAML"),
    ],
)
async def test_a_broken_edit_keeps_the_last_good_rules_and_is_told_until_it_is_mended(
    config: Path, broken: str, told: str
) -> None:
    async with watched(config) as rules:
        good = rules.detector()
        assert metric("ok") == 1
        write(config / "rules" / "first.yaml", broken)
        await until(lambda: metric("ok") == 0, seconds=PATIENCE, what="the refusal in the metric")
        detail = await rules.check()
        assert rules.detector() is good
        assert good.digest in detail
        assert "REFUSED, the last good rules stay" in detail
        assert told in detail
        assert metric("info", digest=good.digest) == 1
        write(config / "rules" / "first.yaml", RULE.format(id="first", why="mended"))
        mended = await switched(rules, good.digest)
        assert "REFUSED" not in await rules.check()
        assert metric("ok") == 1
        assert metric("info", digest=mended) == 1
        assert metric("info", digest=good.digest) is None


async def test_taking_a_broken_edit_back_ends_the_complaint_with_the_same_digest(config: Path) -> None:
    async with watched(config) as rules:
        good = rules.detector().digest
        at = metric("loaded_timestamp_seconds") or 0
        (config / "severity.yaml").unlink()
        await until(lambda: metric("ok") == 0, seconds=PATIENCE)
        write(config / "severity.yaml", SEVERITY)
        await until(lambda: metric("ok") == 1, seconds=PATIENCE)
        assert rules.detector().digest == good
        assert (metric("loaded_timestamp_seconds") or 0) > at


async def test_the_event_loop_goes_on_while_rules_are_compiled(config: Path) -> None:
    async with watched(config) as rules:
        await asyncio.to_thread(_put_the_shipped_rules, config)
        turns = 0
        while len(ids(rules)) < 20:
            await asyncio.sleep(0)
            turns += 1
        assert turns > 20


def _put_the_shipped_rules(config: Path) -> None:
    (config / "lexicons" / "words.yaml").unlink()
    shutil.copytree(CONFIG, config, dirs_exist_ok=True)


class Published:
    """A publisher that keeps what it is given."""

    def __init__(self) -> None:
        self.signals: list[SignalDetected] = []

    async def publish(self, event: Event, *, correlation_id: str, cause: Envelope | None = None) -> None:
        """Keep it."""
        assert isinstance(event, SignalDetected)
        self.signals.append(event)


class Edited:
    """A detector during whose work the rules are replaced."""

    def __init__(self, detector: Detector, edit: list[str]) -> None:
        self._detector, self._edit = detector, edit
        self.digest = detector.digest

    def detect(self, article: Article) -> Decision:
        """Decide; the rules are other ones afterwards."""
        self._edit.append("edited")
        return self._detector.detect(article)


def collected() -> tuple[ArticleCollected, Envelope]:
    event = ArticleCollected(article=article("China bans gallium exports"), collected_at=FETCHED)
    return event, envelop(event, service="ingest", at=FETCHED, cause=None, correlation_id="a1")


async def _handled(use: Classify) -> None:
    rest = use.on_article(*collected())
    assert rest is not None
    await rest


async def test_signals_carry_the_digest_of_the_rules_that_found_them(config: Path) -> None:
    published = Published()
    async with watched(config) as rules:
        use = Classify(rules.detector, published, SystemClock(), DecisionCounter())
        await _handled(use)
        first = rules.detector().digest
        write(config / "rules" / "first.yaml", RULE.format(id="first", why="another reason"))
        second = await switched(rules, first)
        await _handled(use)
    assert [signal.rules_digest for signal in published.signals] == [first, second]


async def test_an_article_in_work_is_finished_with_the_rules_it_was_begun_with(config: Path) -> None:
    old = RuleFiles(config, {}, SystemClock()).detector()
    write(config / "rules" / "first.yaml", RULE.format(id="first", why="another reason"))
    new = RuleFiles(config, {}, SystemClock()).detector()
    published, edits = Published(), list[str]()
    use = Classify(lambda: new if edits else Edited(old, edits), published, SystemClock(), DecisionCounter())
    await _handled(use)
    assert edits
    assert [signal.rules_digest for signal in published.signals] == [old.digest]


async def test_readiness_names_the_rules_in_force(config: Path) -> None:
    before = datetime.now(UTC).strftime("%Y-%m-%d")
    rules = RuleFiles(config, {}, SystemClock())
    detail = await rules.check()
    assert detail.startswith(f"digest {rules.detector().digest}, 1 rules since {before}")
