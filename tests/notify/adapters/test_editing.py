"""Corrections and retractions on real databases: who hears of them, and what later reports do."""

from __future__ import annotations

import pytest

from services.notify.adapters import tables
from services.notify.edit import Edit
from services.notify.outcome import Answer
from shared.db import Database
from shared.errors import PermanentError
from shared.events import Alert
from shared.events.delivery import Outcome
from tests.notify.builders import make_signal
from tests.notify.fakes import ScriptedSender
from tests.notify.world import World, make_subscriber

GONE = Answer(Outcome.GONE, 410, detail="HTTP 410")


async def _story(world: World) -> str:
    [story_id] = await world.rows(tables.stories, "story_id")
    return str(story_id)


async def _retract(world: World, why: str = "it was about imports") -> tuple[Alert, int]:
    return await world.editing.apply(await _story(world), Edit(world.clock.now(), why, retracts=True))


async def _told(world: World, revision: int) -> list[str]:
    found = await world.rows(tables.deliveries, "revision", "subscriber_id")
    return [name for number, name in found if number == revision]


async def test_a_retraction_goes_to_exactly_those_who_got_it(store: Database) -> None:
    world = World(store, make_subscriber("got"))
    await world.tell(make_signal(1))
    await world.send_all()
    world.people["late"] = make_subscriber("late")
    alert, count = await _retract(world)
    assert (alert.TYPE, alert.reason, alert.note) == (
        "io.orewire.alert.retracted.v1",
        "retracted",
        "Retracted: it was about imports",
    )
    assert alert.headline.startswith("Retracted: Export restriction: China")
    assert (await _told(world, 2), count) == (["got"], 1)
    assert await world.published() == [
        "orewire.alert.raised.export_restriction.high",
        "orewire.delivery.succeeded.webhook",
        "orewire.alert.retracted.export_restriction.high",
    ]


async def test_who_still_waits_for_a_story_never_hears_of_what_was_taken_back(store: Database) -> None:
    world = World(store, make_subscriber("waits"))
    await world.tell(make_signal(1))
    _, count = await _retract(world)
    assert (await world.statuses(), count) == (["superseded"], 0)
    assert await world.send_all() == 0


async def test_who_refused_the_alert_hears_no_retraction(store: Database) -> None:
    world = World(store, make_subscriber(), sender=ScriptedSender(GONE))
    await world.tell(make_signal(1))
    await world.send_all()
    assert (await _retract(world))[1] == 0


async def test_a_receiver_that_may_have_got_it_is_told(store: Database) -> None:
    world = World(store, make_subscriber(), sender=ScriptedSender(Answer(Outcome.TIMED_OUT, detail="timed out")))
    await world.tell(make_signal(1))
    await world.send_all()
    assert (await _retract(world))[1] == 1


async def test_a_correction_reaches_those_who_got_it_and_those_who_wait(store: Database) -> None:
    world = World(store, make_subscriber("got"))
    await world.tell(make_signal(1))
    await world.send_all()
    world.people["waits"] = make_subscriber("waits")
    await world.tell(make_signal(2, hours=1, stage="in_force"))
    world.people["stranger"] = make_subscriber("stranger")
    edit = Edit(world.clock.now(), "suspended, not in force", values={"stage": "suspended", "direction": "ease"})
    alert, count = await world.editing.apply(await _story(world), edit)
    assert (await _told(world, 3), count) == (["got", "waits"], 2)
    assert [(it.field, it.before, it.after) for it in alert.changes] == [
        ("stage", "in force", "suspended"),
        ("direction", "tighten", "ease"),
    ]
    assert alert.TYPE == "io.orewire.alert.updated.v1"


async def test_reports_of_older_acts_do_not_undo_a_correction(store: Database) -> None:
    world = World(store, make_subscriber())
    await world.tell(make_signal(1))
    world.clock.advance(7200)
    edit = Edit(world.clock.now(), "from October", values={"effective_at": "2026-10-01"})
    await world.editing.apply(await _story(world), edit)
    await world.tell(make_signal(2, hours=1, effective_at="2026-08-01"), make_signal(3, hours=1.5, stage="in_force"))
    alert = await world.alert()
    assert (alert["effective_at"], alert["reason"]) == ("2026-10-01", "corrected")


async def test_what_was_taken_back_stays_silent_until_officials_say_it(store: Database) -> None:
    world = World(store, make_subscriber())
    await world.tell(make_signal(1))
    await world.send_all()
    await _retract(world)
    await world.tell(make_signal(2, hours=1), make_signal(3, hours=2, stage="in_force"))
    assert world.meter.decisions == {"new_story": 1, "retracted": 1, "retracted_before": 2}
    await world.tell(make_signal(4, hours=3, tier=1))
    assert (await world.alert())["reason"] == "official_confirmation"


async def test_an_official_denial_of_mere_talk_takes_it_back(store: Database) -> None:
    world = World(store, make_subscriber("got"))
    await world.tell(make_signal(1, stage="rumour", certainty="unnamed_report"))
    await world.send_all()
    world.people["late"] = make_subscriber("late")
    await world.tell(make_signal(2, hours=1, stage="denied", certainty="official_speech"))
    alert = await world.alert()
    assert (alert["reason"], alert["stage"]) == ("denied", "denied")
    assert await _told(world, 2) == ["got"]
    assert (await world.published())[-1].startswith("orewire.alert.retracted.")
    await world.tell(make_signal(3, hours=2))
    assert (await world.alert())["reason"] == "stage_changed"


@pytest.mark.parametrize(
    ("edits", "reason"),
    [
        ([Edit(make_signal().clock.collected_at, "x", retracts=True)] * 2, "retracted_already"),
        ([Edit(make_signal().clock.collected_at, "x", values={"stage": "nonsense"})], "bad_value"),
        ([Edit(make_signal().clock.collected_at, "x", values={"kind": "alliance_move"})], "bad_value"),
        ([Edit(make_signal().clock.collected_at, "x", values={"effective_at": "soon"})], "bad_value"),
        ([Edit(make_signal().clock.collected_at, f"x{n}") for n in range(51)], "too_many_edits"),
        ([Edit(make_signal().clock.collected_at, "x", values={"until": None})] * 2, "corrected_already"),
    ],
)
async def test_an_edit_that_cannot_be_made_changes_nothing(store: Database, edits: list[Edit], reason: str) -> None:
    world = World(store, make_subscriber())
    await world.tell(make_signal(1))
    for edit in edits[:-1]:
        await world.editing.apply(await _story(world), edit)
    before = await world.rows(tables.revisions, "revision")
    with pytest.raises(PermanentError) as caught:
        await world.editing.apply(await _story(world), edits[-1])
    assert caught.value.reason == reason
    assert await world.rows(tables.revisions, "revision") == before


async def test_a_story_that_does_not_exist_cannot_be_edited(store: Database) -> None:
    with pytest.raises(PermanentError, match="no such story"):
        await World(store).editing.apply("story_x", Edit(make_signal().clock.collected_at, "x"))


async def test_what_nobody_was_told_cannot_be_taken_back(store: Database) -> None:
    world = World(store, make_subscriber())
    signal = make_signal(1, hours=-300)
    await world.tell(signal.model_copy(update={"article": signal.article.model_copy(update={"backfill": True})}))
    with pytest.raises(PermanentError, match="nobody was told"):
        await _retract(world)


async def test_an_edit_shows_lists_as_people_read_them(store: Database) -> None:
    world = World(store, make_subscriber())
    await world.tell(make_signal(1))
    values = {"targets": ["US", "all"], "commodities": ["rare_earths"]}
    edit = Edit(world.clock.now(), "x", values=values)
    alert, _ = await world.editing.apply(await _story(world), edit)
    assert [(it.field, it.before, it.after) for it in alert.changes] == [
        ("targets", "none", "United States, all destinations"),
        ("commodities", "gallium, germanium", "rare earths"),
    ]
