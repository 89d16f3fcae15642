"""When a subscriber is told: digests and quiet hours by local clocks, groups, limits."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.lanes import Digest, Lane, Rate, Timing, group_due
from services.notify.localtime import minutes_of, moment
from services.notify.quiet import LONGEST, QuietHours, quiet_until
from shared.events.vocabulary import Severity
from tests.notify.builders import NOW

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"]
).map(ZoneInfo)
MOMENTS = st.integers(0, 20 * 366 * 86_400).map(
    lambda seconds: datetime(2010, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
DAYS = st.frozensets(st.integers(0, 6), min_size=1)
MINUTES = st.integers(0, 24 * 60 - 1)
WINDOWS = st.builds(QuietHours, MINUTES, MINUTES, DAYS).filter(lambda it: it.start != it.end)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_a_digest_keeps_its_local_time_over_the_change_of_clocks() -> None:
    digest, told = Digest((8 * 60,), frozenset(range(7))), []
    now = _at("2026-03-27T12:00+01:00")
    for _ in range(3):
        now = digest.after(now, BERLIN)
        told.append(now)
    assert told == [_at("2026-03-28T08:00+01:00"), _at("2026-03-29T08:00+02:00"), _at("2026-03-30T08:00+02:00")]


def test_a_time_that_the_clocks_skip_comes_an_hour_later_and_one_shown_twice_comes_once() -> None:
    assert moment(date(2026, 3, 29), 150, BERLIN) == _at("2026-03-29T03:30+02:00")
    digest, every = Digest((150,), frozenset(range(7))), timedelta(hours=25)
    first = digest.after(_at("2026-10-24T12:00+02:00"), BERLIN)
    assert first == _at("2026-10-25T02:30+02:00")
    assert digest.after(first, BERLIN) == first + every


def test_a_digest_on_workdays_waits_over_the_weekend() -> None:
    assert Digest().after(_at("2026-07-03T08:00+02:00"), BERLIN) == _at("2026-07-06T08:00+02:00")


@given(MOMENTS, ZONES, st.lists(MINUTES, min_size=1, max_size=3), DAYS)
def test_the_next_digest_is_the_first_of_its_times_after_now(
    now: datetime, zone: ZoneInfo, at: list[int], days: frozenset[int]
) -> None:
    digest = Digest(tuple(at), days)
    found = digest.after(now, zone)
    assert now < found <= now + timedelta(days=8, hours=2)
    local = found.astimezone(zone)
    skipped = (
        local.astimezone(UTC).astimezone(zone).utcoffset() != (found - timedelta(hours=2)).astimezone(zone).utcoffset()
    )
    assert skipped or (local.hour * 60 + local.minute in at and local.weekday() in days)
    assert digest.after(found - timedelta(microseconds=1), zone) == found


def test_quiet_hours_over_midnight() -> None:
    night = (QuietHours(22 * 60, 7 * 60),)
    ends = _at("2026-07-02T07:00+02:00")
    assert quiet_until(night, BERLIN, _at("2026-07-01T22:00+02:00")) == ends
    assert quiet_until(night, BERLIN, _at("2026-07-02T06:59+02:00")) == ends
    assert quiet_until(night, BERLIN, ends) is None
    assert quiet_until(night, BERLIN, _at("2026-07-01T21:59+02:00")) is None


def test_a_friday_night_and_a_weekend_are_one_quiet_time() -> None:
    windows = (QuietHours(18 * 60, 24 * 60, frozenset({4})), QuietHours(0, 24 * 60, frozenset({5, 6})))
    assert quiet_until(windows, BERLIN, _at("2026-07-03T19:00+02:00")) == _at("2026-07-06T00:00+02:00")


@given(st.lists(WINDOWS, max_size=3), ZONES, MOMENTS)
def test_when_quiet_hours_are_over_it_is_not_quiet(windows: list[QuietHours], zone: ZoneInfo, now: datetime) -> None:
    until = quiet_until(windows, zone, now)
    if until is None:
        return
    assert until > now
    assert until - now >= LONGEST or quiet_until(windows, zone, until) is None
    assert quiet_until(windows, zone, until - timedelta(microseconds=1)) is not None


@given(WINDOWS, MOMENTS)
def test_without_a_change_of_clocks_quiet_hours_are_what_the_clock_shows(window: QuietHours, now: datetime) -> None:
    minute, today, before = now.hour * 60 + now.minute, now.weekday(), (now.weekday() - 1) % 7
    if window.start < window.end:
        quiet = today in window.days and window.start <= minute < window.end
    else:
        quiet = (today in window.days and minute >= window.start) or (before in window.days and minute < window.end)
    assert (quiet_until((window,), ZoneInfo("UTC"), now) is not None) is quiet


def test_a_group_waits_a_little_then_for_the_interval_and_takes_up_what_comes() -> None:
    timing, soon = Timing(lane=Lane.NORMAL), timedelta(seconds=30)
    assert group_due(timing, NOW, waiting=None, flushed=None) == NOW + soon
    assert group_due(timing, NOW, waiting=NOW + timedelta(seconds=7), flushed=None) == NOW + timedelta(seconds=7)
    assert group_due(timing, NOW, waiting=None, flushed=NOW - soon) == NOW + timedelta(minutes=4, seconds=30)
    assert group_due(timing, NOW, waiting=None, flushed=NOW - timedelta(hours=1)) == NOW + soon


@given(st.lists(st.integers(0, 7200), max_size=60), st.integers(1, 5), st.integers(1, 3600))
def test_a_limit_is_never_exceeded_in_any_window(gaps: list[int], messages: int, per: int) -> None:
    rate, sent, now = Rate(messages, timedelta(seconds=per)), [], NOW
    for gap in gaps:
        now += timedelta(seconds=gap)
        free = rate.free_at(sent, now)
        assert free is None or free > now
        now = free or now
        assert rate.free_at(sent, now) is None
        sent.append(now)
    for at in sent:
        assert sum(at - rate.per < other <= at for other in sent) <= messages


def test_what_is_urgent_by_severity() -> None:
    timing = Timing(lane=Lane.DIGEST, urgent_from=Severity.HIGH)
    lanes = [timing.lane_of(severity) for severity in Severity]
    assert lanes == [Lane.URGENT, Lane.URGENT, Lane.DIGEST, Lane.DIGEST]
    assert Timing(lane=Lane.DIGEST, urgent_from=None).lane_of(Severity.CRITICAL) == Lane.DIGEST


@pytest.mark.parametrize("text", ["", "7", "7:3", "24:01", "12:60", "-1:00", "１２:００x", "12:00:00", "noon"])
def test_a_time_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="expected a time"):
        minutes_of(text)


def test_times_are_minutes() -> None:
    assert [minutes_of(text) for text in ("00:00", "7:30", "07:30", "24:00")] == [0, 450, 450, 1440]
