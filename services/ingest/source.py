"""What every source has: id, type, tier, language, interval; and how it is polled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import Field

from services.ingest.found import Found, Origin
from services.ingest.manners import Interval, Manners
from services.ingest.ports import Reach
from shared.events.article import Tier
from shared.events.vocabulary import SourceId
from shared.ids import stable_id

Cursor = Mapping[str, Any]
"""What a source remembers between two polls; JSON."""


@dataclass(frozen=True)
class Polled:
    """What one poll brought.

    `problems` are pieces that could not be read, in words; they stop nothing. `again_in` asks to be polled
    before the interval is over. `failed` says why a poll counts as failed although it brought what it could.
    """

    found: tuple[Found, ...] = ()
    cursor: Cursor = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    again_in: timedelta | None = None
    failed: str = ""


class ConfiguredSource(Manners):
    """One entry of sources.yaml. A source type is a subclass named `Source` in a file of `sources/`."""

    EXAMPLE: ClassVar[Mapping[str, Any]] = {}
    """An entry that is valid: documentation and test in one."""

    id: SourceId
    type: str
    enabled: bool = True
    tier: Tier = 2
    lang: str | None = Field(default=None, pattern=r"^[a-z]{2}$")
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
