"""Who hears of an alert, when, and for which reason; and what comes of the alerts that wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.notify.bundle import MAX_ALERTS, as_alert
from services.notify.course import Course, Held, Standing
from services.notify.digest import begun, bundle_up
from services.notify.facts import facts, title
from services.notify.filter import Filter
from services.notify.hypothesis import first_alert, hypothesis, strangers
from services.notify.lanes import Lane, Rate, Timing
from services.notify.quiet import QuietHours
from services.notify.route import release, route
from services.notify.silence import Silence
from shared.events import Alert, AlertRetracted
from shared.events.alert import Reason
from tests.notify.builders import NOW, make_alert
from tests.notify.world import make_subscriber

SOON = NOW + timedelta(hours=1)
NOON = QuietHours(11 * 60, 14 * 60)
NORMAL = Timing(lane=Lane.NORMAL)
SILENCE = Silence("audit", Filter(), "Ann", "audit", SOON)
RATE = Rate(1, timedelta(hours=2))
ROWS: list[tuple[str, Timing, dict[str, Any], Standing, list[Silence], tuple[Course, str]]] = [
    ("urgent is at once", Timing(), {}, Standing(), [], (Course.AT_ONCE, "")),
    ("normal is grouped", NORMAL, {}, Standing(), [], (Course.GROUPED, "")),
    ("digest", Timing(lane=Lane.DIGEST), {}, Standing(), [], (Course.DIGEST, "")),
    ("critical is urgent on every lane", NORMAL, {"severity": "critical"}, Standing(), [], (Course.AT_ONCE, "")),
    ("quiet hours", replace(NORMAL, quiet=(NOON,)), {}, Standing(), [], (Course.QUIET_HOURS, "")),
    (
        "critical disturbs",
        replace(NORMAL, quiet=(NOON,)),
        {"severity": "critical"},
        Standing(),
        [],
        (Course.AT_ONCE, ""),
    ),
    ("a silence keeps back what is critical, too", Timing(), {}, Standing(), [SILENCE], (Course.SILENCED, "audit")),
    (
        "a silence that has ended",
        Timing(),
        {},
        Standing(),
        [replace(SILENCE, until=NOW)],
        (Course.AT_ONCE, ""),
    ),
    ("one that has not begun", Timing(), {}, Standing(), [replace(SILENCE, since=SOON)], (Course.AT_ONCE, "")),
    (
        "one for others",
        Timing(),
        {},
        Standing(),
        [replace(SILENCE, subscribers=frozenset({"x"}))],
        (Course.AT_ONCE, ""),
    ),
    ("limit", Timing(rate=RATE), {}, Standing(recent=(NOW,)), [], (Course.RATE_CAPPED, "")),
    ("limit not reached", Timing(rate=RATE), {}, Standing(recent=(NOW - RATE.per,)), [], (Course.AT_ONCE, "")),
    (
        "critical knows no limit",
        Timing(rate=RATE),
        {"severity": "critical"},
        Standing(recent=(NOW,)),
        [],
        (Course.AT_ONCE, ""),
    ),
    ("filtered", Timing(), {"kind": "alliance_move"}, Standing(), [], (Course.FILTERED, "kind")),
    ("told before", Timing(), {"kind": "alliance_move"}, Standing(told=True), [], (Course.AT_ONCE, "")),
    ("an older revision waits", Timing(), {"kind": "alliance_move"}, Standing(awaits=True), [], (Course.AT_ONCE, "")),
]


@pytest.mark.parametrize(("why", "timing", "claim", "standing", "silences", "expected"), ROWS, ids=[r[0] for r in ROWS])
def test_a_route(
    why: str,
    timing: Timing,
    claim: dict[str, Any],
    standing: Standing,
    silences: list[Silence],
    expected: tuple[Course, str],
) -> None:
    subscriber = make_subscriber(timing=timing, kind=frozenset({"export_restriction"}))
    found = route(subscriber, make_alert(**claim), NOW, standing, silences)
    assert (found.course, found.detail) == expected
    assert (found.due_at is None) == (found.course == Course.FILTERED)


def test_who_is_switched_off_hears_nothing() -> None:
    off = replace(make_subscriber(), enabled=False)
    assert route(off, make_alert(), NOW, Standing(told=True), []).course == Course.SWITCHED_OFF


def test_a_retraction_reaches_who_was_told_and_nobody_for_whom_it_only_waited() -> None:
    fields = make_alert().model_dump() | {"reason": Reason.RETRACTED, "revision": 2}
    gone = AlertRetracted.model_validate(fields)
    assert route(make_subscriber(), gone, NOW, Standing(told=True), []).course == Course.AT_ONCE
    assert route(make_subscriber(), gone, NOW, Standing(awaits=True), []).course == Course.NEVER_TOLD


def _held(course: Course = Course.GROUPED, seconds: float = 0, **claim: Any) -> Held:
    return Held(_alert(**claim), course, NOW + timedelta(seconds=seconds))


def _alert(number: int = 1, **claim: Any) -> Alert:
    return make_alert(number=number, **claim).model_copy(update={"story_id": f"story_{number}"})


def test_when_one_of_a_group_is_due_all_of_it_goes_and_nothing_else() -> None:
    held = [_held(number=1), _held(number=2, seconds=20), _held(Course.DIGEST, number=3, seconds=99)]
    decided = release(make_subscriber(timing=NORMAL), held, NOW, Standing(), [])
    assert [it.alert.story_id for it in decided.tell] == ["story_1", "story_2"]
    assert [it.alert.story_id for it in decided.wait] == ["story_3"]


def test_nothing_due_is_nothing_told() -> None:
    held = [_held(seconds=1)]
    decided = release(make_subscriber(timing=NORMAL), held, NOW, Standing(), [])
    assert (decided.tell, list(decided.wait)) == ((), held)


def test_what_is_due_in_quiet_hours_or_a_silence_goes_on_waiting() -> None:
    quiet = make_subscriber(timing=replace(NORMAL, quiet=(NOON,)))
    assert [it.course for it in release(quiet, [_held()], NOW, Standing(), []).wait] == [Course.QUIET_HOURS]
    silenced = release(make_subscriber(timing=NORMAL), [_held()], NOW, Standing(), [SILENCE]).wait
    assert [(it.course, it.due_at, it.detail) for it in silenced] == [(Course.SILENCED, SOON, "audit")]


def test_a_limit_holds_a_group_back_as_a_whole() -> None:
    subscriber = make_subscriber(timing=replace(NORMAL, rate=RATE))
    decided = release(subscriber, [_held(number=1), _held(number=2)], NOW, Standing(recent=(NOW,)), [])
    assert [(it.course, it.due_at) for it in decided.wait] == [(Course.RATE_CAPPED, NOW + RATE.per)] * 2


def test_a_bundle_is_most_severe_first_and_bounded() -> None:
    held = [_held(number=n, severity="high" if n % 2 else "critical") for n in range(MAX_ALERTS + 5)]
    first, second = bundle_up(make_subscriber(), held, NOW)
    assert (len(first.alerts), len(second.alerts)) == (MAX_ALERTS, 5)
    ranks = [alert.severity.rank for alert in (*first.alerts, *second.alerts)]
    assert ranks == sorted(ranks, reverse=True)
    assert first.title.endswith("(1 of 2)")
    assert first.note == "Told together, the most severe first. Message 1 of 2."
    assert first.bundle_id != second.bundle_id
    assert bundle_up(make_subscriber(), held, NOW)[0].bundle_id == first.bundle_id


def test_a_notice_is_told_by_its_title_and_note_and_claims_no_facts() -> None:
    notice = begun(SILENCE, make_subscriber(), NOW)
    shown = as_alert(notice)
    assert title(shown) == f"⚪ {notice.title}"
    assert (shown.summary, facts(shown)) == (notice.note, [])


def test_a_hypothesis_needs_only_what_matters() -> None:
    alert = first_alert(hypothesis({"commodities": "tin", "source_tier": 1, "text": "Tin."}, NOW), NOW)
    assert isinstance(alert, Alert)
    assert (alert.commodities, alert.sources[0].source_tier, alert.evidence[0].sentence) == (("tin",), 1, "Tin.")
    old = {"article": {"published_at": "2020-01-01T00:00:00Z"}}
    assert first_alert(hypothesis(old, NOW), NOW) == "too_old"
    assert strangers({"commodity": 1, "kind": 2}) == ["a signal has no `commodity`: did you mean `commodities`?"]
