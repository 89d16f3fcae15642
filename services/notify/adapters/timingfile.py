"""The keys of a subscriber that say when it is told: lane, zone, digest, quiet hours, rate."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from services.notify.lanes import GROUP_INTERVAL, GROUP_WAIT, Digest, Lane, Rate, Timing
from services.notify.localtime import WEEKDAYS, minutes_of
from services.notify.quiet import LONGEST, QuietHours, quiet_until
from shared.config.validate import Strict
from shared.events.base import to_utc
from shared.events.vocabulary import Severity

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_ANY_MONDAY: Final = datetime(2024, 1, 1, tzinfo=UTC)


def _listed(value: Any) -> Any:
    """One word, number or entry is a list of one."""
    return value if isinstance(value, list | tuple) else (value,)


def _duration(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    found = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", str(value))
    if not found:
        raise ValueError("expected a duration such as 30s, 5m, 1h or 1d")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def _zone(value: Any) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    try:
        return ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("expected a time zone such as Europe/Berlin or Asia/Tokyo") from None


def _time(value: Any) -> int:
    """Minutes after midnight. YAML reads 07:30 without quotes as text, too."""
    return minutes_of(str(value))


def _or_never(value: Any) -> Any:
    return None if value == "never" else value


def _moment(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    try:
        return to_utc(datetime.fromisoformat(str(value)))
    except ValueError:
        raise ValueError("expected a time such as 2026-08-01T18:00+02:00 (without a zone it is UTC)") from None


Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Days = Annotated[tuple[Day, ...], BeforeValidator(_listed), Field(min_length=1)]
Time = Annotated[
    int, BeforeValidator(_time), WithJsonSchema({"type": "string", "pattern": "^([01]?[0-9]|2[0-4]):[0-5][0-9]$"})
]
Times = Annotated[tuple[Time, ...], BeforeValidator(_listed), Field(min_length=1, max_length=24)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone), WithJsonSchema({"type": "string", "examples": ["Europe/Berlin"]})]
Moment = Annotated[datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string"})]
Least = Annotated[
    Severity | None, BeforeValidator(_or_never), WithJsonSchema({"enum": [*(str(it) for it in Severity), "never"]})
]


def _bounded(longest: timedelta) -> AfterValidator:
    def check(value: timedelta) -> timedelta:
        if value > longest:
            raise ValueError(f"expected at most {longest.total_seconds() / 3600:g}h")
        return value

    return AfterValidator(check)


_DURATION: Final = WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]{0,5}[smhd]$"})
Wait = Annotated[timedelta, BeforeValidator(_duration), _bounded(timedelta(hours=1)), _DURATION]
Interval = Annotated[timedelta, BeforeValidator(_duration), _bounded(timedelta(days=1)), _DURATION]


class DigestEntry(Strict):
    """`digest: {at: "07:30", days: [mon, thu]}`."""

    at: Times = (8 * 60,)
    days: Days = ("mon", "tue", "wed", "thu", "fri")


class QuietEntry(Strict):
    """`quiet_hours: {from: "22:00", to: "07:00", bypass: high}`."""

    start: Time = Field(alias="from")
    end: Time = Field(alias="to")
    days: Days = WEEKDAYS
    bypass: Least = Severity.CRITICAL

    @model_validator(mode="after")
    def _has_length(self) -> QuietEntry:
        if self.start in {self.end, 24 * 60}:
            raise ValueError('quiet hours need two times; a whole day is from "00:00" to "24:00"')
        return self


class RateEntry(Strict):
    """`rate: {messages: 20, per: 1h}`."""

    messages: int = Field(ge=1, le=1000)
    per: Interval


class TimingEntry(Strict):
    """When a subscriber is told."""

    lane: Lane = Lane.URGENT
    zone: Zone = ZoneInfo("UTC")
    urgent_from: Least = Severity.CRITICAL
    group_wait: Wait = GROUP_WAIT
    group_interval: Interval = GROUP_INTERVAL
    digest: DigestEntry | None = None
    quiet_hours: Annotated[tuple[QuietEntry, ...], BeforeValidator(_listed), Field(max_length=20)] = ()
    rate: RateEntry | None = None

    @model_validator(mode="after")
    def _fits_the_lane(self) -> TimingEntry:
        if self.digest is not None and self.lane != Lane.DIGEST:
            raise ValueError(f"`digest` is of lane digest, this one is {self.lane}")
        if self.quiet_hours and self.lane != Lane.NORMAL:
            raise ValueError(f"quiet hours are of lane normal, lane {self.lane} ignores them: write `lane: normal`")
        if quiet_until(self._windows(), self.zone, _ANY_MONDAY) and self._never_ends():
            raise ValueError("quiet hours never end; to switch a subscriber off write `enabled: false`")
        return self

    def timing(self) -> Timing:
        """As the core knows it."""
        digest = self.digest or DigestEntry()
        return Timing(
            lane=self.lane,
            zone=self.zone,
            urgent_from=self.urgent_from,
            group_wait=self.group_wait,
            group_interval=self.group_interval,
            digest=Digest(tuple(sorted(set(digest.at))), _numbers(digest.days)),
            quiet=self._windows(),
            rate=Rate(self.rate.messages, self.rate.per) if self.rate else None,
        )

    def _windows(self) -> tuple[QuietHours, ...]:
        return tuple(QuietHours(it.start, it.end, _numbers(it.days), it.bypass) for it in self.quiet_hours)

    def _never_ends(self) -> bool:
        until = quiet_until(self._windows(), self.zone, _ANY_MONDAY)
        return until is not None and until - _ANY_MONDAY >= LONGEST


def _numbers(days: tuple[Day, ...]) -> frozenset[int]:
    return frozenset(WEEKDAYS.index(day) for day in days)
