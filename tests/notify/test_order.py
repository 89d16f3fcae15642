"""In whatever order the reports of an act arrive, and however often: the same story, told once, and told right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.notify.drift import drift
from services.notify.fold import Decision, choose, fold
from services.notify.story import Story
from shared.events import SignalDetected
from shared.events.alert import Reason
from tests.notify.builders import make_signal


class Desk:
    """Takes signals as notify does, and remembers what people were told."""

    def __init__(self) -> None:
        self.stories: dict[str, Story] = {}
        self.signals: dict[str, list[SignalDetected]] = {}
        self.told: dict[str, Story] = {}
        self.decisions: list[Decision] = []

    def take(self, *signals: SignalDetected) -> Desk:
        for signal in signals:
            self._take(signal)
        return self

    def _take(self, signal: SignalDetected) -> None:
        if any(signal in known for known in self.signals.values()):
            return
        story = choose(list(self.stories.values()), signal)
        decision = fold(story, signal, self.signals.get(story.story_id, ()) if story else ())
        self.decisions.append(decision)
        if decision.story is None:
            return
        name = decision.story.story_id
        self.stories[name] = decision.story
        self.signals.setdefault(name, []).append(signal)
        if decision.tells:
            self.told[name] = decision.story

    def states(self) -> set[tuple[Any, ...]]:
        """Everything a story knows, without what depends on when it was told: its id, revision and latency."""
        return {
            (
                story.claim.model_dump_json(),
                story.sources,
                story.evidence,
                story.signal_ids,
                story.first_seen_at,
                story.last_moved_at,
                story.as_of,
                story.past,
                story.retracted,
            )
            for story in self.stories.values()
        }

    def raised(self) -> int:
        return sum(decision.reason == Reason.NEW_STORY for decision in self.decisions)


ACTS: Sequence[dict[str, Any]] = (
    {"actors": ("CN",), "commodities": ("gallium", "germanium")},
    {"actors": ("CN",), "commodities": ("tungsten", "molybdenum")},
    {
        "actors": ("ID",),
        "commodities": ("nickel",),
    },
    {"actors": ("CN",), "commodities": ("graphite",), "instrument": {"number": "61 of 2026", "authority": "MOFCOM"}},
    {"actors": ("CN",), "commodities": ("graphite",), "instrument": {"number": "62 of 2026", "authority": "MOFCOM"}},
    {"kind": "supply_disruption", "actors": ("CN",), "commodities": ("gallium", "germanium")},
)
"""Acts that are told apart, three of them by one state on one day."""
TALKED_OF = ("hint", "proposal", "announced", "in_force", "denied")
DECIDED = ("announced", "in_force", "suspended", "eased", "lifted")
"""Talk of a ban and the suspension of one are told apart, so no act has both."""

NAMES = st.sampled_from([None, "export_licence", "export_ban", "export_quota"])


@st.composite
def _report(draw: st.DrawFn, number: int) -> SignalDetected:
    which = draw(st.integers(0, len(ACTS) - 1))
    act, stage = ACTS[which], draw(st.sampled_from(DECIDED if which % 2 else TALKED_OF))
    some = draw(st.integers(1, len(act["commodities"])))
    return make_signal(
        number,
        hours=draw(st.integers(0, 47)),
        tier=draw(st.sampled_from([1, 2, 2, 2, 3])),
        **{**act, "commodities": act["commodities"][:some], "measure": draw(NAMES)},
        direction="ease" if stage in ("suspended", "eased", "lifted") else "tighten",
        stage=stage,
        certainty=draw(st.sampled_from(["official_text", "named_report", "named_report", "unnamed_report"])),
        severity=draw(st.sampled_from(["medium", "high", "critical"])),
        targets=draw(st.sampled_from([(), ("US",), ("US", "JP")])),
        effective_at=draw(st.sampled_from([None, date(2026, 8, 1), date(2026, 9, 1)])),
    )


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[list[SignalDetected], list[SignalDetected]]:
    """The reports of some acts as they were told, and the same in another order, some of them several times."""
    count = draw(st.integers(1, 9))
    reports = [draw(_report(number)) for number in range(1, count + 1)]
    again = draw(st.lists(st.sampled_from(reports), max_size=5))
    return reports, draw(st.permutations([*reports, *again]))


@given(arrivals())
@settings(max_examples=100, deadline=None)
def test_any_order_ends_in_the_same_stories(both: tuple[list[SignalDetected], list[SignalDetected]]) -> None:
    one, other = (Desk().take(*signals) for signals in both)
    assert one.states() == other.states()
    assert one.raised() == other.raised() == len(one.stories)


@given(arrivals())
@settings(max_examples=100, deadline=None)
def test_in_any_order_people_know_what_the_story_knows(both: tuple[list[SignalDetected], list[SignalDetected]]) -> None:
    desk = Desk().take(*both[1])
    for name, story in desk.stories.items():
        assert drift(desk.told[name], story) == []


@given(arrivals())
@settings(max_examples=60, deadline=None)
def test_a_report_taken_again_changes_nothing(both: tuple[list[SignalDetected], list[SignalDetected]]) -> None:
    once = Desk().take(*dict.fromkeys(both[1]))
    twice = Desk().take(*both[1], *both[0])
    assert once.stories == twice.stories
    assert once.decisions == twice.decisions


COURSES = st.sampled_from(
    [
        (("tighten", "hint"), ("tighten", "proposal"), ("tighten", "announced"), ("tighten", "in_force")),
        (("tighten", "announced"), ("tighten", "in_force"), ("ease", "suspended"), ("ease", "lifted")),
        (("tighten", "rumour"), ("tighten", "under_consideration"), ("neutral", "denied")),
    ]
)


@given(COURSES, st.lists(st.integers(0, 39), min_size=1, max_size=10, unique=True))
@settings(max_examples=150, deadline=None)
def test_reports_that_arrive_late_never_move_a_story_back(
    course: Sequence[tuple[str, str]], hours: Sequence[int]
) -> None:
    """Each report tells what held at its hour; whatever order they arrive in, the story only goes forward."""
    desk, reached = Desk(), -1
    for number, hour in enumerate(hours):
        step = min(hour // 10, len(course) - 1)
        direction, stage = course[step]
        desk.take(make_signal(number, hours=hour, direction=direction, stage=stage))
        [story] = desk.stories.values()
        stands = course.index((story.claim.direction, story.claim.stage))
        reached = max(reached, step)
        assert stands == reached
