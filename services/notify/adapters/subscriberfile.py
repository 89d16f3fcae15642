"""The shape of subscribers.yaml: what every subscriber has, whatever its channel."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, field_validator

from services.notify.materials import COMMODITIES
from services.notify.places import PLACES
from shared.config.validate import Strict
from shared.events.vocabulary import CANARY, CommodityId, Country, Direction, Kind, Severity, Stage, Target

_KINDS: Final = frozenset({"export_restriction", "alliance_move", CANARY})
_NEAR: Final = 0.8
_NOT_YET: Final = "not yet supported"


def _listed(value: Any) -> Any:
    """One word is a list of one."""
    return (value,) if isinstance(value, str) else value


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


Kinds = Annotated[tuple[Kind, ...], BeforeValidator(_listed), AfterValidator(_spelt(_KINDS, open_list=True))]
Commodities = Annotated[
    tuple[CommodityId, ...], BeforeValidator(_listed), AfterValidator(_spelt(COMMODITIES, open_list=True))
]
Actors = Annotated[tuple[Country, ...], BeforeValidator(_listed), AfterValidator(_spelt(PLACES, open_list=False))]
Targets = Annotated[
    tuple[Target, ...], BeforeValidator(_listed), AfterValidator(_spelt({*PLACES, "all"}, open_list=False))
]
Stages = Annotated[tuple[Stage, ...], BeforeValidator(_listed)]
Directions = Annotated[tuple[Direction, ...], BeforeValidator(_listed)]


class FilterEntry(Strict):
    """The keys of `filter:`. Every key given must agree; a list agrees when one of its words does."""

    kind: Kinds = ()
    severity: Severity = Severity.LOW
    commodity: Commodities = ()
    actor: Actors = ()
    target: Targets = ()
    stage: Stages = ()
    direction: Directions = ()


class Entry(Strict):
    """The keys every subscriber has. Its channel adds its own."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    channel: str
    enabled: bool = True
    lane: str = "urgent"
    filter: FilterEntry = Field(default_factory=FilterEntry)
    quiet_hours: None = None

    @field_validator("lane")
    @classmethod
    def _supported_lane(cls, value: str) -> str:
        if value == "digest":
            raise ValueError(f"lane `digest` is {_NOT_YET}; use urgent or normal, both deliver at once")
        if value not in ("urgent", "normal"):
            raise ValueError("expected urgent or normal")
        return value

    @field_validator("quiet_hours", mode="before")
    @classmethod
    def _no_quiet_hours(cls, _: Any) -> None:
        raise ValueError(f"quiet hours are {_NOT_YET}; remove the key")


COMMON: Final = tuple(Entry.model_fields)


class SubscribersFile(Strict):
    """The whole file."""

    subscribers: tuple[dict[str, Any], ...]
    silences: None = None

    @field_validator("silences", mode="before")
    @classmethod
    def _no_silences(cls, _: Any) -> None:
        raise ValueError(f"silences are {_NOT_YET}; remove the key, or narrow a subscriber's filter")
