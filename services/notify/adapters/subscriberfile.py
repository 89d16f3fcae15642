"""The shape of subscribers.yaml: what every subscriber has, whatever its channel; silences; tests."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema, model_validator

from services.notify.adapters.filterfile import ExposureEntry, FilterEntry, Listed
from services.notify.adapters.timingfile import Moment, TimingEntry
from services.notify.filter import Filter
from services.notify.lanes import Lane
from services.notify.silence import Silence
from shared.config.validate import Strict

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class Entry(TimingEntry):
    """The keys every subscriber has. Its channel adds its own."""

    id: Name
    channel: str
    enabled: bool = True
    filter: FilterEntry = Field(default_factory=FilterEntry)
    exposure: Annotated[tuple[ExposureEntry, ...], Listed, Field(max_length=100)] = ()

    def wanted(self) -> Filter:
        """What the subscriber wants to hear of."""
        return self.filter.filter(tuple(it.exposure() for it in self.exposure))


class SilenceEntry(Strict):
    """The keys of one silence."""

    id: Name
    match: FilterEntry
    subscribers: Annotated[tuple[Name, ...], Listed] = ()
    author: Said
    reason: Said
    since: Moment | None = Field(default=None, alias="from")
    until: Moment

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> SilenceEntry:
        if self.since is not None and self.until <= self.since:
            raise ValueError("`until` is not later than `from`")
        return self

    def silence(self) -> Silence:
        """As the core knows it."""
        return Silence(
            id=self.id,
            matchers=self.match.filter(),
            author=self.author,
            reason=self.reason,
            until=self.until,
            since=self.since,
            subscribers=frozenset(self.subscribers),
        )


def _expected(value: Any) -> Any:
    """`[desk, chat]` says who, `{desk: urgent}` also on which lane."""
    return dict.fromkeys(value) if isinstance(value, list) else value


_EXPECT: Final = {
    "anyOf": [
        {"type": "array", "items": {"type": "string"}},
        {"type": "object", "additionalProperties": {"enum": [*(str(lane) for lane in Lane), None]}},
    ]
}


class TestEntry(Strict):
    """A signal and who shall hear of it. `at` is when it comes; the time of the check when not given."""

    name: Said
    signal: dict[str, Any]
    expect: Annotated[dict[Name, Lane | None], BeforeValidator(_expected), WithJsonSchema(_EXPECT)]
    at: Moment | None = None


COMMON: Final = tuple(Entry.model_fields)


class SubscribersFile(Strict):
    """The whole file. Each part of it is validated by itself, so that every mistake is told."""

    subscribers: tuple[dict[str, Any], ...]
    silences: tuple[dict[str, Any], ...] = ()
    tests: tuple[dict[str, Any], ...] = ()
