"""Who hears of an alert, when, and why: a closed list of reasons. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from services.notify.course import Course, Held, Release, Route, Standing
from services.notify.lanes import Lane, group_due
from services.notify.ports import Subscriber
from services.notify.silence import Silence, silence_of
from shared.events import Alert
from shared.events.alert import Reason
from shared.events.vocabulary import Severity


def route(
    subscriber: Subscriber, alert: Alert, now: datetime, standing: Standing, silences: Iterable[Silence]
) -> Route:
    """What the alert means for the subscriber.

    Who was told of a ban must hear that it is suspended, even if the filter asks for bans only.
    """
    lane = subscriber.timing.lane_of(alert.severity)
    if not subscriber.enabled:
        return Route(Course.SWITCHED_OFF, lane)
    missed = subscriber.filter.mismatch(alert)
    if missed is not None and not (standing.told or standing.awaits):
        return Route(Course.FILTERED, lane, detail=missed)
    if alert.reason == Reason.RETRACTED and not standing.told:
        return Route(Course.NEVER_TOLD, lane)
    return _kept_back(subscriber, alert, now, silences) or _by_lane(subscriber, alert, now, standing)


def release(
    subscriber: Subscriber, held: Sequence[Held], now: datetime, standing: Standing, silences: Sequence[Silence]
) -> Release:
    """What is told of the alerts that wait for this subscriber.

    When one is due, all that were waiting to be grouped go with it. They are looked at anew: a silence or quiet hours
    may have begun, a limit may be reached.
    """
    if not any(it.due_at <= now for it in held):
        return Release(wait=tuple(held))
    tell: list[Held] = []
    wait: list[Held] = []
    for it in held:
        if it.due_at > now and it.course != Course.GROUPED:
            wait.append(it)
        elif (back := _kept_back(subscriber, it.alert, now, silences)) is not None and back.due_at is not None:
            wait.append(Held(it.alert, back.course, back.due_at, back.detail))
        else:
            tell.append(it)
    return _capped(subscriber, tell, wait, now, standing)


def _capped(subscriber: Subscriber, tell: list[Held], wait: list[Held], now: datetime, standing: Standing) -> Release:
    worst = max((it.alert.severity for it in tell), key=lambda severity: severity.rank, default=None)
    free = _free_at(subscriber, worst, now, standing) if worst is not None else None
    if free is None:
        return Release(tuple(tell), tuple(wait))
    return Release(wait=(*wait, *(Held(it.alert, Course.RATE_CAPPED, free) for it in tell)))


def _kept_back(subscriber: Subscriber, alert: Alert, now: datetime, silences: Iterable[Silence]) -> Route | None:
    lane = subscriber.timing.lane_of(alert.severity)
    silence = silence_of(silences, alert, subscriber.id, now)
    if silence is not None:
        return Route(Course.SILENCED, lane, silence.until, silence.id)
    quiet = subscriber.timing.quiet_for(alert.severity, now)
    return Route(Course.QUIET_HOURS, lane, quiet) if quiet is not None else None


def _by_lane(subscriber: Subscriber, alert: Alert, now: datetime, standing: Standing) -> Route:
    timing, lane = subscriber.timing, subscriber.timing.lane_of(alert.severity)
    if lane == Lane.DIGEST:
        return Route(Course.DIGEST, lane, timing.digest.after(now, timing.zone))
    if lane == Lane.NORMAL:
        due = group_due(timing, now, waiting=standing.waiting, flushed=standing.flushed)
        return Route(Course.GROUPED, lane, due)
    free = _free_at(subscriber, alert.severity, now, standing)
    return Route(Course.AT_ONCE, lane, now) if free is None else Route(Course.RATE_CAPPED, lane, free)


def _free_at(subscriber: Subscriber, severity: Severity, now: datetime, standing: Standing) -> datetime | None:
    """When the subscriber's limit lets the next message through. What is critical does not wait for it."""
    rate = subscriber.timing.rate
    return rate.free_at(standing.recent, now) if rate and severity != Severity.CRITICAL else None
