"""What sources on the web share: an address, the zone of their times, which entries are wanted, the last answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import jmespath
import re2
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator, field_validator

from services.ingest.canonical import canonical_url
from services.ingest.found import Found
from services.ingest.ports import Page, Reach
from services.ingest.source import ConfiguredSource, Cursor

MAX_ENTRIES: Final = 500
"""Entries read of one answer, first ones first: publishers put the newest on top."""


def web_address(value: str) -> str:
    """The address as written.

    Raises:
        ValueError: it is not http or https.
    """
    if canonical_url(value) is None:
        raise ValueError("expected an http or https address")
    return value


def query(value: str) -> str:
    """The JMESPath as written.

    Raises:
        ValueError: it is none.
    """
    try:
        jmespath.compile(value)
    except JMESPathError as error:
        raise ValueError(f"not a JMESPath: {error}") from error
    return value


WebAddress = Annotated[str, AfterValidator(web_address)]
JmesPath = Annotated[str, AfterValidator(query)]


class WebSource(ConfiguredSource):
    """A source with an address.

    Attributes:
        zone: IANA name of the zone in which times without one are written.
        only: RE2 pattern that title or address must match for an entry to count.
        full_text: fetch the page of each new entry and take its text.
        attachments: read the PDFs such a page links to as well.
    """

    url: WebAddress
    zone: str = "UTC"
    only: str | None = None
    full_text: bool = False
    attachments: bool = False

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (OSError, ValueError) as error:  # of them, one says that there is no such zone
            raise ValueError("expected a time zone such as `Asia/Shanghai`") from error
        return value

    @field_validator("only")
    @classmethod
    def _readable_pattern(cls, value: str | None) -> str | None:
        try:
            re2.compile(value or "")
        except re2.error as error:
            raise ValueError(f"not a pattern: {error}") from error
        return value

    async def changed(self, cursor: Cursor, reach: Reach) -> Page | None:
        """What stands at the address, or None when it is as it was at the time of the cursor.

        Raises:
            TransientError, PermanentError: it cannot be had.
        """
        return await reach.fetch(self.url, etag=cursor.get("etag"), last_modified=cursor.get("last_modified"))

    def wanted(self, found: Iterable[Found]) -> tuple[Found, ...]:
        """The entries that count, each told how its page is to be read; one that is only an address is always."""
        fits = re2.compile(self.only).search if self.only else None
        return tuple(
            replace(
                item,
                follow=item.url is not None and (self.full_text or not (item.title or item.text)),
                zone=self.zone,
                attachments=self.attachments,
            )
            for item in found
            if (item.title or item.text or item.url) and (fits is None or fits(item.title) or fits(item.url or ""))
        )


def marks(page: Page) -> dict[str, Any]:
    """The validators by which the next poll asks for changes only."""
    return {"etag": page.etag, "last_modified": page.last_modified}
