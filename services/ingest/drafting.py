"""From a found piece to an article ready to be judged: its page read where needed, and only where needed.

A known article is looked at again only when its source says something else of it than before: the feed's entry
has other words or another `updated`, the file or the request another text. Pages are never fetched to see.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final

from services.ingest.age import Age, age_of
from services.ingest.compose import Detect, Prepared, announced, dated, prepare
from services.ingest.found import Extracted, Found, Origin
from services.ingest.novelty import Draft, Known, Reason, Status, Verdict, judge, recognise, rejected
from services.ingest.ports import ReadPage
from shared.clock import Clock
from shared.errors import PermanentError, TransientError

LONG: Final = 32 * 1024
"""Characters from which on an article is composed in a thread."""


@dataclass(frozen=True)
class Piece:
    """One found article and where it comes from."""

    found: Found
    origin: Origin

    @cached_property
    def announced(self) -> Draft | None:
        """What can be told of it before its page is read."""
        return announced(self.found, self.origin.source_id)

    @property
    def has_page(self) -> bool:
        """Whether there is a page to be read."""
        return bool(self.found.html) or self.found.follow


@dataclass
class Allowance:
    """How many more pages of known articles may be fetched again."""

    left: int

    def take(self) -> bool:
        """Use one, if there is one."""
        self.left -= 1
        return self.left >= 0


class Drafting:
    """Prepares articles. Safe to use for many at once."""

    def __init__(self, read_page: ReadPage, detect: Detect, clock: Clock) -> None:
        self._read_page, self._detect, self._clock = read_page, detect, clock

    async def __call__(
        self, piece: Piece, known: Mapping[str, Known], *, patient: bool, rechecks: Allowance
    ) -> Prepared | Verdict:
        """The article, or the verdict where its page need not (or cannot) be read. See `Collect.accept`."""
        draft = piece.announced
        before = recognise(draft, known) if draft else None
        if draft and before:
            verdict = judge(draft, before)
            if verdict.status is not Status.ACCEPTED:
                return verdict
        elif old := self._too_old(piece):
            return old
        page = None
        if piece.has_page:
            page = await self._page(piece.found, before, patient=patient, rechecks=rechecks)
        return page if isinstance(page, Verdict) else await self._prepared(piece, page)

    def _too_old(self, piece: Piece) -> Verdict | None:
        now = self._clock.now()
        published = dated(piece.found, Extracted(), now).published
        if published is None or age_of(published, fetched_at=now, max_age=piece.origin.max_age) is not Age.TOO_OLD:
            return None
        return rejected(
            Reason.TOO_OLD, f"published {published:%Y-%m-%d %H:%M} UTC, more than {piece.origin.max_age} ago"
        )

    async def _prepared(self, piece: Piece, page: Extracted | None) -> Prepared | Verdict:
        at = self._clock.now()
        write = partial(
            prepare, piece.found, page, early=piece.announced, origin=piece.origin, fetched_at=at, detect=self._detect
        )
        return await asyncio.to_thread(write) if _is_long(piece.found, page) else write()

    async def _page(
        self, found: Found, before: Known | None, *, patient: bool, rechecks: Allowance
    ) -> Extracted | Verdict | None:
        later = Verdict(Status.DUPLICATE, Reason.RECHECK_LATER, before.id) if before else None
        if later and found.follow and not rechecks.take():
            return later
        try:
            return await self._read_page(found)
        except (TransientError, PermanentError) as error:
            return later or _without_page(found, error, patient=patient)


def _without_page(found: Found, error: Exception, *, patient: bool) -> Verdict | None:
    unreachable = isinstance(error, TransientError)
    if patient and unreachable:
        draft = announced(found, "")
        return Verdict(Status.POSTPONED, Reason.PAGE_UNREACHABLE, draft.id if draft else None, str(error))
    if found.title or found.text:
        return None  # the feed's own words are better than nothing
    return rejected(Reason.PAGE_UNREACHABLE if unreachable else Reason.NO_ARTICLE_FOUND, str(error))


def _is_long(found: Found, page: Extracted | None) -> bool:
    """Whether composing it would hold up everything else in this process."""
    return len(found.text) + len(found.title) + len(page.text if page else "") > LONG
