"""Latency of each hop."""

from datetime import UTC, datetime, timedelta

from services.demo.latency import hop_times, summarise
from shared.events import Hops

BEGIN = datetime(2026, 11, 20, tzinfo=UTC)


def after(milliseconds: int) -> datetime:
    return BEGIN + timedelta(milliseconds=milliseconds)


def test_each_hop_is_measured_from_the_one_before() -> None:
    clock = Hops(collected_at=BEGIN, detected_at=after(3), raised_at=after(10))
    assert hop_times(clock, after(30)) == {
        "collected → detected": 3.0,
        "detected → raised": 7.0,
        "raised → received": 20.0,
        "collected → received": 30.0,
    }


def test_a_hop_without_a_clock_is_left_out() -> None:
    assert hop_times(Hops(collected_at=BEGIN), after(30)) == {"collected → received": 30.0}


def test_the_summary_has_median_and_slowest() -> None:
    lines = summarise([{"collected → received": value} for value in (1.0, 9.0, 2.0)])
    assert [(line.hop, line.median_ms, line.max_ms) for line in lines] == [("collected → received", 2.0, 9.0)]
