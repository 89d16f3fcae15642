"""Tells an alert to those it concerns, each at its time, in the transaction that makes the alert."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from services.notify.course import Course, Route
from services.notify.keeping import Transaction
from services.notify.ports import Subscriber
from services.notify.route import route
from services.notify.silence import Silence
from shared.events import Alert
from shared.events.envelope import Envelope


async def address(
    transaction: Transaction,
    alert: Alert,
    cause: Envelope | None,
    subscribers: Mapping[str, Subscriber],
    silences: Sequence[Silence],
    now: datetime,
    *,
    only: Collection[str] | None = None,
) -> Mapping[str, Route]:
    """Write the alert, and for each subscriber that it is told now, later, or not and why.

    With `only` it goes to exactly these subscribers, whatever their filters say; when is still theirs to say.
    """
    people = {name: it for name, it in subscribers.items() if only is None or name in only}
    standings = await transaction.standings(alert, people.values(), now)
    if only is not None:
        standings = {name: replace(it, told=True) for name, it in standings.items()}
    kept_back = (*silences, *await transaction.silences(now))
    routes = {name: route(it, alert, now, standings[name], kept_back) for name, it in people.items()}
    at_once = [people[name] for name, it in routes.items() if it.course == Course.AT_ONCE]
    await transaction.tell(alert, cause, at_once, now)
    await transaction.hold(alert, routes, now)
    return routes
