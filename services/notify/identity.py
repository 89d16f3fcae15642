"""Which story a claim belongs to: ten reports of one act are one story. Pure.

Two claims are of one act when the kind and the acting state agree and either the same legal instrument is
named, or the commodities fit together and nothing else speaks against it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from services.notify.materials import groups
from shared.events import Claim, Instrument

WINDOW: Final = timedelta(days=14)
"""How long after its last report a story takes new ones; a numbered instrument is known for ever."""
_NUMBER: Final = re.compile(r"\d+")
_YEARS: Final = range(1980, 2100)


@dataclass(frozen=True)
class InstrumentKey:
    """Number and year of a legal text; the year is None when nobody said it."""

    number: int
    year: int | None

    def same_as(self, other: InstrumentKey) -> bool:
        """Same number, and no disagreement about the year."""
        return self.number == other.number and (self.year == other.year or None in (self.year, other.year))


@dataclass(frozen=True)
class Identity:
    """What tells one story from another."""

    kind: str
    actor: str | None
    parties: frozenset[str]
    commodities: frozenset[str]
    measure: str | None
    initiative: str | None
    instrument: InstrumentKey | None

    @property
    def is_joint(self) -> bool:
        """Whether several states act together, so that no single one identifies the act."""
        return len(self.parties) > 1 or self.initiative is not None


def identity(claim: Claim) -> Identity:
    """The identity of what is claimed. Commodities are counted by group: dysprosium is rare earths."""
    acting = (*claim.actors, *claim.parties)
    return Identity(
        kind=claim.kind,
        actor=acting[0] if acting else None,
        parties=frozenset(claim.parties and acting),
        commodities=groups(claim.commodities),
        measure=claim.measure,
        initiative=_plain(claim.initiative),
        instrument=instrument_key(claim.instrument),
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
    return InstrumentKey((others or years)[0], year)


def index_keys(it: Identity) -> tuple[str, ...]:
    """Words under which a story is filed. `lone:` marks stories whose actor is unknown."""
    states = _states(it)
    keys = {f"state:{code}" for code in states} | {f"commodity:{group}" for group in it.commodities}
    keys |= {f"lone:{group}" for group in it.commodities if not states}
    return tuple(sorted(keys | _initiative_key(it)))


def search_keys(it: Identity) -> tuple[str, ...]:
    """Words to look for when a claim seeks its story; every story of the same act is filed under one of them."""
    states = _states(it)
    prefix = "lone" if states else "commodity"
    things = {f"{prefix}:{group}" for group in it.commodities}
    return tuple(sorted({f"state:{code}" for code in states} | things | _initiative_key(it)))


def is_same_act(story: Identity, claim: Identity) -> bool:
    """Whether a claim speaks of the story's act."""
    if story.kind != claim.kind or not _same_doers(story, claim):
        return False
    if story.instrument and claim.instrument:
        return story.instrument.same_as(claim.instrument)
    return _commodities_fit(story, claim)


def fit(story: Identity, claim: Identity) -> tuple[bool, bool, bool, int]:
    """How well a claim fits one of several stories it could belong to; the largest is the best."""
    return (
        bool(story.instrument and claim.instrument),
        story.commodities == claim.commodities,
        story.measure == claim.measure,
        len(story.commodities & claim.commodities),
    )


def _same_doers(story: Identity, claim: Identity) -> bool:
    if story.actor is None or claim.actor is None:
        return story.initiative == claim.initiative and bool(story.commodities & claim.commodities or story.initiative)
    if not (story.is_joint or claim.is_joint):
        return story.actor == claim.actor
    return _same_pact(story, claim)


def _same_pact(story: Identity, claim: Identity) -> bool:
    states, others = _states(story), _states(claim)
    if story.initiative and story.initiative == claim.initiative:
        return bool(states & others)
    if story.initiative and claim.initiative:
        return False
    smaller, larger = sorted((states, others), key=len)
    alone = len(smaller) == 1  # one state has many pacts: the kind of act must agree too
    return smaller <= larger and (not alone or (story.measure is not None and story.measure == claim.measure))


def _initiative_key(it: Identity) -> set[str]:
    return {f"initiative:{it.initiative}"} if it.initiative else set()


def _states(it: Identity) -> frozenset[str]:
    return it.parties | ({it.actor} if it.actor else frozenset())


def _commodities_fit(story: Identity, claim: Identity) -> bool:
    smaller, larger = sorted((story.commodities, claim.commodities), key=len)
    if smaller == larger or (smaller and smaller <= larger):
        return bool(smaller) or _compatible(story.measure, claim.measure)
    if not smaller:  # one of them speaks of minerals in general
        return _compatible(story.measure, claim.measure)
    return 2 * len(smaller & larger) >= len(smaller) and _compatible(story.measure, claim.measure)


def _compatible(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other


def _plain(name: str | None) -> str | None:
    return re.sub(r"[\W_]+", " ", name).strip().casefold() or None if name else None
