"""What every source has: id, type, tier, language, interval; and how it is polled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Final

from pydantic import BeforeValidator, Field

from services.ingest.found import Found, Origin
from services.ingest.ports import Reach
from shared.config.validate import Strict
from shared.events.article import Tier
from shared.events.vocabulary import SourceId
from shared.ids import stable_id

SHORTEST: Final = timedelta(seconds=5)
_INTERVAL: Final = re.compile(r"(\d{1,6})\s*([smhd])")
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
Cursor = Mapping[str, Any]
"""What a source remembers between two polls; JSON."""


def read_interval(value: object) -> timedelta:
    """`30s`, `5m`, `1h` or `1d` as a duration.

    Raises:
        ValueError: it is none of these, or shorter than 5 seconds.
    """
    match = _INTERVAL.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError("expected a duration such as `30s`, `5m` or `1h`")
    duration = timedelta(seconds=int(match[1]) * _UNITS[match[2]])
    if duration < SHORTEST:
        raise ValueError("expected at least 5s")
    return duration


Interval = Annotated[timedelta, BeforeValidator(read_interval)]


@dataclass(frozen=True)
class Polled:
    """What one poll brought.

    `problems` are pieces that could not be read, in words; they stop nothing. `again_in` asks to be polled
    before the interval is over.
    """

    found: tuple[Found, ...] = ()
    cursor: Cursor = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    again_in: timedelta | None = None


class ConfiguredSource(Strict):
    """One entry of sources.yaml. A source type is a subclass named `Source` in a file of `sources/`."""

    EXAMPLE: ClassVar[Mapping[str, Any]] = {}
    """An entry that is valid: documentation and test in one."""

    id: SourceId
    type: str
    enabled: bool = True
    tier: Tier = 2
    lang: str | None = Field(default=None, pattern=r"^[a-z]{2}$")
    interval: Interval = timedelta(minutes=5)
    max_age: Interval | None = None

    @property
    def origin(self) -> Origin:
        """What this source's articles say about where they come from."""
        return Origin(self.id, self.tier, self.lang, self.max_age)

    @property
    def fingerprint(self) -> str:
        """Changes with the entry: what was learnt under another one (cursor, failures) does not count."""
        return stable_id("entry", self.model_dump_json())

    async def poll(self, cursor: Cursor, reach: Reach) -> Polled:
        """Look for articles; `cursor` is what the last successful poll returned, `{}` at first.

        Raises:
            TransientError: the source could not be reached; the cursor stays as it was.
            PermanentError: what it answers is not what this type expects.
        """
        raise NotImplementedError
