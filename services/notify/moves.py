"""What a signal changes in a story that people must be told of: the list of moves, most important first. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from services.notify.materials import groups, material
from services.notify.phrases import day, measure_noun, words
from services.notify.places import place
from services.notify.standing import Backing, backing, is_more_certain, is_step, is_talk, is_turn
from services.notify.story import Story, told_at
from shared.events import Claim, SignalDetected
from shared.events.alert import Change, Reason
from shared.events.vocabulary import Direction, Stage


@dataclass(frozen=True)
class Move:
    """One thing that changes. `past` remembers the value left behind, so that it cannot come back by itself."""

    reason: Reason
    field: str = ""
    change: Change | None = None
    past: str = ""


Check = Callable[[Story, SignalDetected], list[Move]]


def moves(story: Story, signal: SignalDetected) -> list[Move]:
    """Every move the signal makes, most important first; empty when it only says the same again."""
    return [move for check in _CHECKS for move in check(story, signal)]


def is_well_backed(story: Story, signal: SignalDetected) -> bool:
    """Whether the report is backed at least as well as what is known."""
    tier = min(source.source_tier for source in story.sources)
    return _backing(signal) >= backing(story.claim.certainty, tier)


def may_turn(story: Story, signal: SignalDetected) -> bool:
    """Whether the report may move stage or direction: a firm one always, a soft one only what is soft itself."""
    return _backing(signal) >= Backing.NAMED or is_well_backed(story, signal)


def _backing(signal: SignalDetected) -> Backing:
    return backing(signal.certainty, signal.article.source_tier)


def _direction(story: Story, signal: SignalDetected) -> list[Move]:
    before, after = story.claim.direction, signal.direction
    vague = after == Direction.NEUTRAL and not is_turn(signal.stage) and signal.stage != Stage.CLARIFIED
    if before == after or vague or not _is_news(story, signal):
        return []
    return [Move(Reason.DIRECTION_CHANGED, "direction", _change("direction", before, after), _state(story.claim))]


def _stage(story: Story, signal: SignalDetected) -> list[Move]:
    before, after = story.claim.stage, signal.stage
    if story.claim.direction != signal.direction:
        news = before != after and bool(_direction(story, signal))
    else:
        news = is_step(before, after) and _is_news(story, signal) and not _is_early(story, signal)
    return [Move(Reason.STAGE_CHANGED, "stage", _change("stage", before, after), _state(story.claim))] if news else []


def _denial(story: Story, signal: SignalDetected) -> list[Move]:
    """Officials deny what was only talk: the alert is taken back. A denial by the press is a change of stage."""
    talk = is_talk(story.claim.stage) and not story.confirmed
    denied = signal.stage == Stage.DENIED and _is_official(signal) and bool(_stage(story, signal))
    return [Move(Reason.DENIED)] if talk and denied else []


def _is_news(story: Story, signal: SignalDetected) -> bool:
    """Not an older view that comes late, nor an act told again that has been left behind, unless officials say so."""
    told_again = _state(signal) in story.past and not _is_official(signal)
    return may_turn(story, signal) and told_at(signal) >= story.as_of and not told_again


def _state(claim: Claim) -> str:
    return f"state={claim.direction} {claim.stage}"


def _change(field: str, before: str, after: str) -> Change:
    return Change(field=field, before=words(before), after=words(after))


def _is_official(signal: SignalDetected) -> bool:
    return signal.article.source_tier == 1 or _backing(signal) == Backing.OFFICIAL


def _is_early(story: Story, signal: SignalDetected) -> bool:
    """A report of today that says "in force" of a rule that starts next month only words it differently.

    Of mere talk it says more than was known all the same.
    """
    if is_talk(story.claim.stage):
        return False
    starts = signal.effective_at or story.claim.effective_at
    return signal.stage == Stage.IN_FORCE and starts is not None and starts > told_at(signal).date()


def _dates(story: Story, signal: SignalDetected) -> list[Move]:
    pairs = (
        ("effective_at", story.claim.effective_at, signal.effective_at),
        ("until", story.claim.until, signal.until),
    )
    return [
        changed(Reason.DATE_CHANGED, field, day(before), day(after))
        for field, before, after in pairs
        if before is not None
        and after is not None
        and before != after
        and _may_correct(story, signal, field, day(after))
    ]


def _may_correct(story: Story, signal: SignalDetected, field: str, value: str) -> bool:
    """Two sources that contradict each other must not page people in turn: a value once left stays left."""
    late = told_at(signal) < story.as_of
    return is_well_backed(story, signal) and not late and f"{field}={value}" not in story.past


def _scope(story: Story, signal: SignalDetected) -> list[Move]:
    """A wider reach is news from any firm report, however well the story is backed already."""
    if not may_turn(story, signal) or story.claim.direction != signal.direction:
        return []
    found = _more_actors(story.claim, signal)
    if groups(signal.commodities) - groups(story.claim.commodities):
        both = dict.fromkeys((*story.claim.commodities, *signal.commodities))
        found.append(changed(Reason.SCOPE_CHANGED, "commodities", _names(story.claim.commodities), _names(both)))
    known, told = set(story.claim.targets), set(signal.targets) - {"all"}  # `all` also stands for: nobody named
    if known and told - known and "all" not in known:
        targets = (", ".join(map(place, story.claim.targets)), ", ".join(map(place, sorted(known | told))))
        found.append(changed(Reason.SCOPE_CHANGED, "targets", *targets))
    return found + _harder_measure(story, signal)


def _more_actors(claim: Claim, signal: SignalDetected) -> list[Move]:
    known, told = claim.actors or claim.parties, signal.actors
    if set(told) <= set(known) or claim.parties:
        return []
    before = ", ".join(map(place, known)) or "not known"
    return [changed(Reason.SCOPE_CHANGED, "actors", before, ", ".join(map(place, dict.fromkeys((*known, *told)))))]


def _harder_measure(story: Story, signal: SignalDetected) -> list[Move]:
    """An official source that names another measure corrects the story; reporters call one act many names."""
    before, after = story.claim.measure, signal.measure
    if before is None or after is None or before == after or signal.article.source_tier != 1:
        return []
    if f"measure={after}" in story.past:
        return []
    kind = story.claim.kind
    names = (measure_noun(before, kind), measure_noun(after, kind))
    return [
        Move(
            Reason.SCOPE_CHANGED,
            "measure",
            Change(field="measure", before=names[0], after=names[1]),
            f"measure={before}",
        )
    ]


def _severity(story: Story, signal: SignalDetected) -> list[Move]:
    before, after = story.claim.severity, signal.severity
    if after.rank <= before.rank or not may_turn(story, signal) or story.claim.direction != signal.direction:
        return []
    return [changed(Reason.SEVERITY_RAISED, "severity", before, after)]


def _confirmation(story: Story, signal: SignalDetected) -> list[Move]:
    return [Move(Reason.OFFICIAL_CONFIRMATION)] if confirms(story, signal) and not story.confirmed else []


def confirms(story: Story, signal: SignalDetected) -> bool:
    """Whether a tier-1 source tells the act as it stands: its hint does not confirm what is said to be decided."""
    agrees = story.claim.direction == signal.direction and is_talk(story.claim.stage) >= is_talk(signal.stage)
    return signal.article.source_tier == 1 and agrees


def _certainty(story: Story, signal: SignalDetected) -> list[Move]:
    """Told when talk gains substance. Of a decided act, reports differ in whom they quote: no news."""
    before, after = story.claim.certainty, signal.certainty
    if (
        not is_more_certain(after, before)
        or story.claim.direction != signal.direction
        or signal.article.source_tier == 3
    ):
        return []
    gains = backing(after, 2) > backing(before, 2)
    if not gains or (backing(before, 2) == Backing.NAMED and not is_talk(story.claim.stage)):
        return []
    return [changed(Reason.CERTAINTY_CHANGED, "certainty", words(before), words(after))]


def changed(reason: Reason, field: str, before: str, after: str) -> Move:
    """The move of one field, in words as people read them."""
    return Move(reason, field, Change(field=field, before=before, after=after), f"{field}={before}")


def _names(commodities: object) -> str:
    return ", ".join(map(material, commodities)) or "none named"  # type: ignore[call-overload]


_CHECKS: Final[tuple[Check, ...]] = (_denial, _direction, _stage, _confirmation, _scope, _dates, _severity, _certainty)
