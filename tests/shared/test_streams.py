"""The topology as data."""

from __future__ import annotations

import pytest

from shared.events import EVENTS
from shared.streams import CONSUMERS, STREAMS, matches, stream_of


def test_every_event_has_exactly_one_stream() -> None:
    for event in EVENTS.values():
        subject = event.SUBJECT.format_map({"source_id": "s", "kind": "k", "severity": "low", "channel": "c"})
        assert [s.name for s in STREAMS for pattern in s.subjects if matches(pattern, subject)] == [stream_of(subject)]


def test_a_subject_nobody_keeps_is_an_error() -> None:
    with pytest.raises(LookupError):
        stream_of("orewire.unknown.thing")


def test_every_consumer_reads_a_subject_of_its_stream() -> None:
    subjects = {stream.name: stream.subjects for stream in STREAMS}
    assert all(consumer.subject in subjects[consumer.stream] for consumer in CONSUMERS)


def test_redelivery_ends_well_within_the_duplicate_window() -> None:
    windows = {stream.name: stream.duplicate_window for stream in STREAMS}
    assert all(windows[consumer.stream] > 10 * consumer.ack_wait for consumer in CONSUMERS)


@pytest.mark.parametrize(
    ("pattern", "subject", "covered"),
    [
        ("a.*.c", "a.b.c", True),
        ("a.*", "a.b.c", False),
        ("a.>", "a.b.c", True),
        ("a.>", "a", False),
        ("a.b", "a.b", True),
        ("a.b.c", "a.b", False),
    ],
)
def test_patterns_cover_what_nats_says_they_cover(pattern: str, subject: str, covered: bool) -> None:
    assert matches(pattern, subject) is covered
