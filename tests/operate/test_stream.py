"""Reading the event stream from outside, on a real server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.operate.moment import parse_moment
from services.operate.stream import Start, as_cloudevent, follow, streams_for
from shared.errors import ConfigError, Unreachable
from shared.provision import connect

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


async def test_a_replay_ends_after_the_last_stored_event_and_misses_none(nats_url: str) -> None:
    client = await connect(nats_url, name="test")
    js = client.jetstream()
    for number in range(450):
        await js.publish("orewire.alert.raised.export_restriction.high", str(number).encode())
    start = Start(datetime.now(UTC) - timedelta(hours=1))
    found = [message.data async for message in follow(js, "orewire.alert.>", start, until_empty=True)]
    assert found == [str(number).encode() for number in range(450)]
    await client.close()


async def test_a_missing_stream_is_told_with_what_to_do(nats_url: str) -> None:
    client = await connect(nats_url, name="test")
    await client.jetstream().delete_stream("ORE_ALERTS")
    with pytest.raises(Unreachable, match="orewire provision"):
        async for _ in follow(client.jetstream(), "orewire.alert.>", Start(NOW), until_empty=True):
            pass
    await client.close()


@pytest.mark.parametrize(
    ("pattern", "streams"),
    [
        ("orewire.>", ["ORE_ARTICLES", "ORE_SIGNALS", "ORE_ALERTS", "ORE_DELIVERIES", "ORE_SOURCES", "ORE_DEAD"]),
        ("orewire.alert.>", ["ORE_ALERTS"]),
        ("orewire.alert.raised.*.critical", ["ORE_ALERTS"]),
        ("orewire.*.*.webhook", ["ORE_ARTICLES", "ORE_DELIVERIES", "ORE_SOURCES"]),
        ("*.dead.notify", ["ORE_DEAD"]),
    ],
)
def test_a_pattern_reaches_every_stream_it_can_match(pattern: str, streams: list[str]) -> None:
    assert [stream.name for stream, _ in streams_for(pattern)] == streams


def test_a_subject_nobody_keeps_is_refused_with_those_that_are_kept() -> None:
    with pytest.raises(ConfigError, match=r"no stream keeps `orewire.alarm.>`.*orewire.alert"):
        streams_for("orewire.alarm.>")


def test_a_message_without_headers_or_json_is_still_shown() -> None:
    shown = as_cloudevent("orewire.dead.notify", {}, b"\xff\xfe")
    assert shown["natssubject"] == "orewire.dead.notify"
    assert shown["data"] == "\ufffd\ufffd"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("30m", NOW - timedelta(minutes=30)),
        ("7d", NOW - timedelta(days=7)),
        ("2026-02-01", datetime(2026, 2, 1, tzinfo=UTC)),
        ("2026-02-01T08:00:00+08:00", datetime(2026, 2, 1, tzinfo=UTC)),
    ],
)
def test_a_moment_is_a_time_or_how_long_ago(text: str, moment: datetime) -> None:
    assert parse_moment(text, now=NOW) == moment


@pytest.mark.parametrize("text", ["yesterday", "", "12", "2026-13-01", "2027-01-01", "-5m"])
def test_what_is_no_moment_of_the_past_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="--from"):
        parse_moment(text, now=NOW)
