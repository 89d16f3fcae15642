"""Which story a claim belongs to: ten reports of one act are one story. Pure.

Two claims are of one act when the kind and the acting states agree and either the same legal instrument is
named, or the commodities fit together and the measures too. Reports of one act call it many names, but only
while it is fresh: later, another name is another act.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from services.notify.materials import groups
from shared.events import Claim, Instrument
from shared.events.vocabulary import Direction

WINDOW: Final = timedelta(days=14)
"""How long after its last revision a story takes new reports; a numbered instrument is known for longer."""
FRESH: Final = timedelta(hours=48)
"""For so long after a revision, one act goes by many names: an export ban here is an export licence there."""
_NUMBER: Final = re.compile(r"\d+")
_YEARS: Final = range(1980, 2100)
_UNDOING: Final = frozenset({"suspension", "general_licence", "leave_or_suspend"})
"""Measures that undo another one: their own name says nothing of which."""
_PAPERS: Final = frozenset({"partnership_mou", "framework_agreement", "joint_statement", "plurilateral_talks"})
"""Names that reporters give to one and the same paper while it is fresh."""


@dataclass(frozen=True)
class InstrumentKey:
    """Number, year and author of a legal text; year and author are None when nobody said them."""

    number: int
    year: int | None
    authority: str | None = None

    @property
    def is_complete(self) -> bool:
        """Whether it names one text and no other."""
        return None not in (self.year, self.authority)

    def same_as(self, other: InstrumentKey) -> bool:
        """Same number, and no disagreement about the year or the author."""
        authors = _agree(self.authority, other.authority)
        return self.number == other.number and _agree(self.year, other.year) and authors


@dataclass(frozen=True)
class Identity:
    """What tells one story from another."""

    kind: str
    actors: frozenset[str]
    parties: frozenset[str]
    commodities: frozenset[str]
    measure: str | None
    initiative: str | None
    instrument: InstrumentKey | None
    undoes: bool
    """Whether it takes something back."""

    @property
    def states(self) -> frozenset[str]:
        """Everyone who acts."""
        return self.actors | self.parties

    @property
    def is_joint(self) -> bool:
        """Whether several states act together, so that no single one identifies the act."""
        return len(self.parties) > 1 or self.initiative is not None


def identity(claim: Claim) -> Identity:
    """The identity of what is claimed. Commodities are counted by group: dysprosium is rare earths."""
    return Identity(
        kind=claim.kind,
        actors=frozenset(claim.actors),
        parties=frozenset(claim.parties and (*claim.actors, *claim.parties)),
        commodities=groups(claim.commodities),
        measure=claim.measure,
        initiative=_plain(claim.initiative),
        instrument=instrument_key(claim.instrument),
        undoes=claim.direction in (Direction.EASE, Direction.RETREAT),
    )


def instrument_key(instrument: Instrument | None) -> InstrumentKey | None:
    """Read "No. 61 of 2025", "2025年第61号" or "61/2025"; None when there is no number in it."""
    if instrument is None or not instrument.number:
        return None
    numbers = [int(digits) for digits in _NUMBER.findall(instrument.number) if len(digits) <= 9]
    years = [number for number in numbers if number in _YEARS]
    others = [number for number in numbers if number not in _YEARS]
    if not numbers:
        return None
    year = years[0] if years and others else (instrument.date.year if instrument.date else None)
    return InstrumentKey((others or years)[0], year, _plain(instrument.authority))


def index_keys(it: Identity) -> tuple[str, ...]:
    """Words under which a story is filed. `lone:` marks stories whose actor is unknown."""
    keys = {f"state:{code}" for code in it.states} | {f"commodity:{group}" for group in it.commodities}
    keys |= {f"lone:{group}" for group in it.commodities if not it.states}
    return tuple(sorted({*keys, *_initiative_key(it), *instrument_keys(it)}))


def search_keys(it: Identity) -> tuple[str, ...]:
    """Words to look for when a claim seeks its story; every story of the same act is filed under one of them."""
    prefix = "lone" if it.states else "commodity"
    things = {f"{prefix}:{group}" for group in it.commodities}
    return tuple(sorted({f"state:{code}" for code in it.states} | things | _initiative_key(it)))


def instrument_keys(it: Identity) -> tuple[str, ...]:
    """The word under which a story with a numbered instrument is found again after its window."""
    return (f"instrument:{it.instrument.number}",) if it.instrument else ()


def is_same_act(story: Identity, claim: Identity, *, fresh: bool) -> bool:
    """Whether a claim speaks of the story's act. `fresh`: it was told within `FRESH` of the last revision."""
    if story.kind != claim.kind or not _same_doers(story, claim):
        return False
    if story.instrument and claim.instrument:
        return _same_instrument(story, claim)
    return _commodities_fit(story, claim) and _measures_fit(story, claim, fresh=fresh)


def fit(story: Identity, claim: Identity) -> tuple[bool, bool, bool, int]:
    """How well a claim fits one of several stories it could belong to; the largest is the best."""
    return (
        bool(story.instrument and claim.instrument),
        story.commodities == claim.commodities,
        story.measure == claim.measure,
        len(story.commodities & claim.commodities),
    )


def _same_doers(story: Identity, claim: Identity) -> bool:
    if not (story.states and claim.states):
        return story.initiative == claim.initiative and bool(story.commodities & claim.commodities or story.initiative)
    if not (story.is_joint or claim.is_joint):
        return _is_nested(story.states, claim.states)
    return _same_pact(story, claim)


def _same_instrument(story: Identity, claim: Identity) -> bool:
    """Ministries number their texts each for itself: where one is not named, the commodities must speak for it."""
    one, other = story.instrument, claim.instrument
    assert one is not None
    assert other is not None
    sure = one.is_complete and other.is_complete
    apart = story.commodities and claim.commodities and story.commodities.isdisjoint(claim.commodities)
    return one.same_as(other) and (sure or not apart)


def _same_pact(story: Identity, claim: Identity) -> bool:
    states, others = story.states, claim.states
    if story.initiative and story.initiative == claim.initiative:
        return bool(states & others)
    if story.initiative and claim.initiative:
        return False
    alone = 1 in (len(states), len(others))  # one state has many pacts: the kind of act must agree too
    return _is_nested(states, others) and (not alone or (story.measure is not None and story.measure == claim.measure))


def _initiative_key(it: Identity) -> set[str]:
    return {f"initiative:{it.initiative}"} if it.initiative else set()


def _commodities_fit(story: Identity, claim: Identity) -> bool:
    """Half of the fewer is common. A claim that names none speaks of minerals in general."""
    fewer = min(len(story.commodities), len(claim.commodities))
    return 2 * len(story.commodities & claim.commodities) >= fewer


def _measures_fit(story: Identity, claim: Identity, *, fresh: bool) -> bool:
    one, other = story.measure, claim.measure
    if _agree(one, other) or (claim.undoes and not story.undoes and other in _UNDOING):
        return True
    if story.parties or claim.parties:
        return fresh and {one, other} <= _PAPERS
    named = bool(story.commodities and claim.commodities)
    return fresh and named and _is_nested(story.commodities, claim.commodities)


def _is_nested(one: frozenset[str], other: frozenset[str]) -> bool:
    return one <= other or other <= one


def _agree(one: object, other: object) -> bool:
    """Equal, or nobody knows."""
    return one is None or other is None or one == other


def _plain(name: str | None) -> str | None:
    return re.sub(r"[\W_]+", " ", name).strip().casefold() or None if name else None
