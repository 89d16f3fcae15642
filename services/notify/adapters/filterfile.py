"""The keys of `filter:` and `exposure:` in subscribers.yaml, and the filters they mean."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema, model_validator

from services.notify.exposure import Exposure
from services.notify.filter import LEAST_TIER, Filter
from services.notify.initiatives import INITIATIVES
from services.notify.materials import COMMODITIES
from services.notify.places import PLACES
from shared.config.validate import Strict
from shared.events.vocabulary import (
    ALLIANCE_MEASURES,
    CANARY,
    RESTRICTION_MEASURES,
    Certainty,
    CommodityId,
    Country,
    Direction,
    Kind,
    Measure,
    Severity,
    Stage,
    Target,
)

_KINDS: Final = frozenset({"export_restriction", "alliance_move", CANARY})
_NEAR: Final = 0.8
_MAX_PARTS: Final = 50
"""Filters in one `and`, `or` or `not`."""


def _listed(value: Any) -> Any:
    """One word is a list of one."""
    return value if isinstance(value, list | tuple) else (value,)


def _spelt(known: Collection[str], *, open_list: bool) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    """Refuse words that look like a misspelling: a filter that never matches would look like calm."""

    def check(words: tuple[str, ...]) -> tuple[str, ...]:
        for word in words:
            near = difflib.get_close_matches(word, known, n=1, cutoff=_NEAR)
            if word not in known and near:
                raise ValueError(f"unknown word `{word}`: did you mean `{near[0]}`?")
            if word not in known and not open_list:
                raise ValueError(
                    f"unknown word `{word}`: use ISO 3166-1 alpha-2 codes (GB) or a bloc's short name (EU)"
                )
        return words

    return check


def _heading(value: Any) -> str:
    """Digits of a chapter, heading or code. What YAML has read as a fraction has lost its last zero."""
    digits = str(value).replace(".", "").replace(" ", "")
    if isinstance(value, float) or not (digits.isdecimal() and 2 <= len(digits) <= 12):
        raise ValueError('expected an HS chapter, heading or code in quotes, such as "2805.30"')
    return digits


Listed = BeforeValidator(_listed)
Kinds = Annotated[tuple[Kind, ...], Listed, AfterValidator(_spelt(_KINDS, open_list=True))]
Commodities = Annotated[tuple[CommodityId, ...], Listed, AfterValidator(_spelt(COMMODITIES, open_list=True))]
Actors = Annotated[tuple[Country, ...], Listed, AfterValidator(_spelt(PLACES, open_list=False))]
Targets = Annotated[tuple[Target, ...], Listed, AfterValidator(_spelt({*PLACES, "all"}, open_list=False))]
Measures = Annotated[
    tuple[Measure, ...], Listed, AfterValidator(_spelt(RESTRICTION_MEASURES | ALLIANCE_MEASURES, open_list=True))
]
Initiatives = Annotated[tuple[str, ...], Listed, AfterValidator(_spelt(INITIATIVES, open_list=True))]
Languages = Annotated[tuple[Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")], ...], Listed]
Heading = Annotated[str, BeforeValidator(_heading), WithJsonSchema({"type": ["string", "integer"]})]
Headings = Annotated[tuple[Heading, ...], Listed]
Words = Annotated[tuple[Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)], ...], Listed]
Inner = Annotated[tuple["FilterEntry", ...], Listed, Field(max_length=_MAX_PARTS)]


class FilterEntry(Strict):
    """The keys of `filter:`. Every key given must agree; a list agrees when one of its words does."""

    kind: Kinds = ()
    measure: Measures = ()
    severity: Severity = Severity.LOW
    stage: Annotated[tuple[Stage, ...], Listed] = ()
    direction: Annotated[tuple[Direction, ...], Listed] = ()
    certainty: Annotated[tuple[Certainty, ...], Listed] = ()
    commodity: Commodities = ()
    hs: Headings = ()
    actor: Actors = ()
    target: Targets = ()
    party: Actors = ()
    initiative: Initiatives = ()
    source_tier: int = Field(default=LEAST_TIER, ge=1, le=LEAST_TIER)
    language: Languages = ()
    text: Words = ()
    every: Inner = Field(default=(), alias="and")
    either: Inner = Field(default=(), alias="or")
    none: Inner = Field(default=(), alias="not")

    @model_validator(mode="after")
    def _not_everything(self) -> FilterEntry:
        if any(it == FilterEntry() for it in self.none):
            raise ValueError("an empty filter under `not` lets nothing through")
        return self

    def filter(self, exposure: tuple[Exposure, ...] = ()) -> Filter:
        """As the core knows it."""
        inner = {"every", "either", "none"}
        fields: dict[str, Any] = {name: getattr(self, name) for name in FilterEntry.model_fields if name not in inner}
        fields = {name: frozenset(value) if isinstance(value, tuple) else value for name, value in fields.items()}
        return Filter(
            **fields,
            exposure=exposure,
            every=tuple(it.filter() for it in self.every),
            either=tuple(it.filter() for it in self.either),
            none=tuple(it.filter() for it in self.none),
        )


class ExposureEntry(Strict):
    """`exposure: {commodities: [gallium], origins: [CN], destinations: [JP]}`."""

    commodities: Commodities = ()
    origins: Actors = ()
    destinations: Actors = ()

    @model_validator(mode="after")
    def _says_something(self) -> ExposureEntry:
        if not (self.commodities or self.origins or self.destinations):
            raise ValueError("an empty exposure is touched by everything; name commodities or origins")
        return self

    def exposure(self) -> Exposure:
        """As the core knows it."""
        return Exposure(frozenset(self.commodities), frozenset(self.origins), frozenset(self.destinations))
