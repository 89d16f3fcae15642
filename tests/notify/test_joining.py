"""Which reports are of one story: copies and translations join, other acts and other kinds do not."""

from __future__ import annotations

from typing import Any

import pytest

from services.notify.adapters import tables
from services.notify.notice import alert_of
from services.notify.story import begin, first_told_by, within_bounds
from shared.db import Database, open_database
from shared.events import SignalDetected
from shared.events.alert import StorySource
from tests.notify.builders import NOW, make_evidence, make_signal
from tests.notify.world import World, make_subscriber


@pytest.fixture
async def world(tmp_path: Any) -> Any:
    database: Database = open_database(f"sqlite:///{tmp_path}/notify.db")
    async with database.engine.begin() as connection:
        await connection.run_sync(tables.metadata.create_all)
    yield World(database, make_subscriber())
    await database.close()


def of(signal: SignalDetected, **article: Any) -> SignalDetected:
    """The signal with another article around it."""
    return signal.model_copy(update={"article": signal.article.model_copy(update=article)})


async def _stories(world: World) -> int:
    return len(await world.rows(tables.stories, "story_id"))


async def test_a_translated_report_joins(world: World) -> None:
    zh = make_signal(2, hours=3, evidence=(make_evidence("中国对镓、锗实施出口管制。", bold=()),), measure=None)
    await world.tell(make_signal(1), of(zh, lang="zh"))
    assert world.meter.decisions == {"new_story": 1, "corroborated": 1}


async def test_two_kinds_in_one_article_are_two_stories(world: World) -> None:
    pact = make_signal(2, kind="alliance_move", direction="advance", measure="partnership_mou")
    await world.tell(make_signal(1), of(pact, id="article_1"))
    assert await _stories(world) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"commodities": ("tungsten",)},
        {"instrument": {"number": "62 of 2026", "authority": "MOFCOM"}},
        {"direction": "ease", "stage": "eased", "targets": ("NL",)},
    ],
)
async def test_other_acts_of_one_state_on_one_day_stay_apart(world: World, other: dict[str, Any]) -> None:
    first = make_signal(1, targets=("US",), instrument={"number": "61 of 2026", "authority": "MOFCOM"})
    await world.tell(first, make_signal(2, hours=1, **other))
    assert await _stories(world) == 2


async def test_a_copy_joins_the_story_of_its_text_after_the_window(world: World) -> None:
    late = make_signal(2, hours=24 * 20)
    await world.tell(make_signal(1), of(late, copy_of="article_1"))
    assert world.meter.decisions == {"new_story": 1, "corroborated": 1}
    await world.tell(make_signal(3, hours=24 * 20))
    assert world.meter.decisions["new_story"] == 2


async def test_a_copy_that_tells_another_act_does_not_join(world: World) -> None:
    await world.tell(make_signal(1), of(make_signal(2, hours=500, actors=("ID",)), copy_of="article_1"))
    assert await _stories(world) == 2


def _source(number: int, tier: int, hour: int) -> StorySource:
    seen = NOW.replace(hour=hour)
    return StorySource(article_id=f"a{number}", source_id=f"s{number}", source_tier=tier, first_seen_at=seen)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("tiers", "who"),
    [
        ([(1, 9), (2, 10)], "official"),
        ([(2, 9), (1, 10)], "press"),
        ([(2, 9), (1, 9)], "official"),
        ([(3, 9)], "press"),
    ],
)
def test_it_is_told_who_was_first(tiers: list[tuple[int, int]], who: str) -> None:
    assert first_told_by([_source(n, *it) for n, it in enumerate(tiers)]) == who


async def test_sources_stand_in_the_order_in_which_they_were_seen(world: World) -> None:
    seen_early = of(make_signal(3, hours=2, tier=1), fetched_at=NOW.replace(hour=6))
    await world.tell(make_signal(2, hours=1), make_signal(1), seen_early)
    alert = await world.alert()
    assert [it["article_id"] for it in alert["sources"]] == ["article_3", "article_1", "article_2"]
    assert (alert["first_told_by"], alert["independent_sources"]) == ("official", 3)
    assert alert["first_seen_at"] == "2026-07-01T06:00:00Z"


def test_what_is_kept_of_a_signal_is_bounded_and_tells_the_same() -> None:
    signal = make_signal(1, targets=tuple(f"Q{n:03}" for n in range(500)), initiative="x" * 9_999)
    kept = within_bounds(signal)
    assert len(kept.targets) == 64
    assert alert_of_first(kept) == alert_of_first(signal)


def alert_of_first(signal: SignalDetected) -> Any:
    from services.notify.fold import fold

    return alert_of(fold(None, signal), NOW)


def test_the_story_of_a_signal_is_bounded() -> None:
    assert len(begin(make_signal(1, initiative="x" * 9_999)).claim.initiative or "") == 120
