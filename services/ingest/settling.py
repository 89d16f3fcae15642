"""What a poll leads to: when the next one is, what is remembered, and whether people have to know. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from services.ingest.cadence import MAX_RETRY_AFTER, next_poll
from services.ingest.health import Diagnosis, diagnose, usual_gap, went_well
from services.ingest.manners import Manners
from services.ingest.ports import Lease, Settlement
from shared.events import SourceRecovered, SourceUnhealthy, Trouble

POSTPONED: Final = timedelta(seconds=15)
"""Wait of a source that is not to blame: its articles could not be published, or its host is busy."""


@dataclass(frozen=True)
class Ended:
    """How a poll ended, as facts.

    `new`: it brought articles nobody had; `left`: some of them wait for their pages; `online`: it asked a
    server; `blamed` is False when not the source failed but we did.
    """

    error: str | None = None
    blamed: bool = True
    retry_after: timedelta | None = None
    cursor: Mapping[str, Any] | None = None
    new: bool = False
    left: bool = False
    online: bool = False
    again_in: timedelta | None = None
    fresh_for: timedelta | None = None


def settlement(ended: Ended, lease: Lease, manners: Manners, *, now: datetime, chance: float) -> Settlement:
    """What to write down. The trouble people know of stays as it was: see `told`."""
    if ended.error is None:
        return _well(ended, lease, manners, now, chance)
    if not ended.blamed:
        due = now + min(ended.retry_after or min(POSTPONED, manners.interval), MAX_RETRY_AFTER)
        return Settlement(
            now, due, "postponed", lease.history, error=ended.error, failures=lease.failures, waits=lease.waits
        )
    failures = lease.failures + 1
    planned = next_poll(now, manners, failures=failures, retry_after=ended.retry_after, chance=chance)
    waits = lease.waits + ended.left
    return Settlement(
        now, planned.at, planned.pace, lease.history, ended.cursor, ended.error, failures=failures, waits=waits
    )


def _well(ended: Ended, lease: Lease, manners: Manners, now: datetime, chance: float) -> Settlement:
    history = went_well(lease.history, at=now, new=ended.new)
    planned = next_poll(
        now,
        manners,
        again_in=None if ended.left else ended.again_in,
        fresh_for=ended.fresh_for,
        usual_gap=usual_gap(history.gaps) if ended.online else None,  # looking into a folder costs nobody
        chance=chance,
    )
    if ended.left:  # the cursor stays, so that they are found again
        return Settlement(now, planned.at, planned.pace, history, waits=lease.waits + 1)
    return Settlement(now, planned.at, planned.pace, history, cursor=ended.cursor)


def diagnosis(settled: Settlement, manners: Manners) -> Diagnosis:
    """How the source is doing after the poll."""
    return diagnose(
        settled.history,
        now=settled.at,
        failures=settled.failures,
        error=settled.error,
        silent_after=manners.silent_after,
    )


def alarm(source_id: str, settled: Settlement, found: Diagnosis) -> SourceUnhealthy | SourceRecovered | None:
    """What people have to be told: the source's health is not what they know. None: it is."""
    known = settled.history
    if found.trouble is known.trouble:
        return None
    if found.trouble is not None:
        return SourceUnhealthy(
            source_id=source_id,
            trouble=found.trouble,
            why=found.why,
            failures=settled.failures,
            at=settled.at,
            last_success_at=known.last_ok_at,
            last_new_at=known.last_new_at,
            next_poll_at=settled.next_poll_at,
        )
    return SourceRecovered(
        source_id=source_id,
        trouble=known.trouble or Trouble.FAILING,
        since=known.since or settled.at,
        at=settled.at,
        last_success_at=known.last_ok_at,
        last_new_at=known.last_new_at,
        next_poll_at=settled.next_poll_at,
    )


def told(settled: Settlement, found: Diagnosis) -> Settlement:
    """The settlement, once people know what was found."""
    since = settled.at if found.trouble else None
    return replace(settled, history=replace(settled.history, trouble=found.trouble, since=since))
