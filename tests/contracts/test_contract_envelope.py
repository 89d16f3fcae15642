"""Events in transit: CloudEvents headers, round trips and ids that stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import asyncapi
from shared.deadletter import dead_headers, judge
from shared.errors import PermanentError
from shared.events import EVENTS, Event
from shared.events.envelope import Envelope, child_traceparent, envelop, from_headers, to_headers
from shared.ids import stable_id

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*/*.json"))
AT = datetime(2025, 3, 4, 8, 0, 0, 123456, UTC)
TRACE = r"00-[0-9a-f]{32}-[0-9a-f]{16}-01"

printable = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=40)
envelopes = st.builds(
    Envelope,
    id=printable,
    type=st.sampled_from(sorted(EVENTS)),
    source=printable,
    time=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - made aware
    correlation_id=printable,
    causation_id=st.none() | printable,
    traceparent=st.none() | st.from_regex(TRACE, fullmatch=True),
)


def _event(path: Path) -> Event:
    return EVENTS[path.parent.name].model_validate_json(path.read_bytes())


golden = pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}/{path.stem}")


@given(envelopes)
def test_an_envelope_survives_its_headers(envelope: Envelope) -> None:
    assert from_headers(to_headers(envelope)) == envelope


@given(envelopes)
def test_header_names_may_come_in_any_case(envelope: Envelope) -> None:
    headers = {name.upper(): value for name, value in to_headers(envelope).items()}

    assert from_headers(headers) == envelope


@golden
def test_headers_are_ascii_and_fit_the_published_schema(path: Path) -> None:
    event = _event(path)
    cause = Envelope("art_1", "io.orewire.article.collected.v1", "orewire/ingest", AT, "art_1")

    headers = to_headers(envelop(event, service="notify", at=AT, cause=cause, correlation_id="art_1"))

    schema = asyncapi()["components"]["messages"][event.TYPE]["headers"]
    jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker()).validate(headers)
    assert headers.keys() <= schema["properties"].keys()
    assert all(value.isascii() and value.isprintable() for value in headers.values())
    assert headers["Nats-Msg-Id"] == headers["ce-id"] == event.event_id


@pytest.mark.parametrize("text", ["商务部", "a\r\nce-type: forged", "a\x00", "naïve"])
def test_what_is_not_printable_ascii_never_becomes_a_header(text: str) -> None:
    envelope = Envelope(text, "io.orewire.article.collected.v1", "orewire/ingest", AT, "art_1")

    with pytest.raises(PermanentError, match="not printable ASCII"):
        to_headers(envelope)


@pytest.mark.parametrize("name", ["ce-id", "ce-type", "ce-source", "ce-time"])
def test_a_message_without_a_required_attribute_is_no_cloudevent(name: str) -> None:
    headers = to_headers(Envelope("a", "t", "s", AT, "c"))
    del headers[name]

    with pytest.raises(ValueError, match=f"header {name} missing"):
        from_headers(headers)


def test_a_time_that_is_none_is_an_error() -> None:
    with pytest.raises(ValueError, match="Invalid isoformat"):
        from_headers(to_headers(Envelope("a", "t", "s", AT, "c")) | {"ce-time": "yesterday"})


@golden
def test_the_same_body_has_the_same_id_and_subject_every_time(path: Path) -> None:
    first, second = _event(path), _event(path)

    assert (first.event_id, first.subject) == (second.event_id, second.subject)
    assert envelop(first, service="x", at=AT, cause=None, correlation_id="c") == envelop(
        second, service="x", at=AT, cause=None, correlation_id="c"
    )


@golden
def test_the_time_of_publishing_is_no_part_of_the_id(path: Path) -> None:
    event = _event(path)
    early = envelop(event, service="x", at=AT, cause=None, correlation_id="c")
    late = envelop(event, service="x", at=AT + timedelta(days=1), cause=None, correlation_id="c")

    assert (early.id, early.traceparent) == (late.id, late.traceparent)


def test_events_of_one_cause_share_its_trace_and_have_spans_of_their_own() -> None:
    root = child_traceparent(None, "art_1", "art_1")
    one, two = child_traceparent(root, "sig_1", "art_1"), child_traceparent(root, "sig_2", "art_1")

    traces = {parent.split("-")[1] for parent in (root, one, two)}
    spans = {parent.split("-")[2] for parent in (root, one, two)}
    assert (len(traces), len(spans)) == (1, 3)


@pytest.mark.parametrize("parent", [None, "", "garbage", "00-short-span-01"])
def test_without_a_usable_parent_the_trace_follows_from_the_correlation_id(parent: str | None) -> None:
    assert child_traceparent(parent, "sig_1", "art_1") == child_traceparent(None, "sig_1", "art_1")


def test_an_id_is_the_digest_of_its_parts_for_ever() -> None:
    """The number is `sha256sum` of the JSON text of the parts, so every process and release agrees on it."""
    assert stable_id("art", "url", "https://a.example/ä", 1, None, ("x", "y")) == "art_429b6c7aa5eef0018bf97450"


@given(st.lists(st.text(), min_size=1, max_size=4), st.lists(st.text(), min_size=1, max_size=4))
def test_different_parts_make_different_ids(one: list[str], two: list[str]) -> None:
    assert (stable_id("x", *one) == stable_id("x", *two)) == (one == two)


@golden
def test_a_dead_letter_has_the_published_headers_and_keeps_those_of_the_original(path: Path) -> None:
    event = _event(path)
    original = to_headers(envelop(event, service="classify", at=AT, cause=None, correlation_id="art_1"))
    place = SimpleNamespace(
        stream="ORE_SIGNALS", consumer="notify", sequence=SimpleNamespace(stream=7), num_delivered=5
    )
    message = SimpleNamespace(headers=original, subject=event.subject, metadata=place, data=event.body())

    headers = dead_headers(message, judge(RuntimeError("镓\r\nor worse"), deliveries=5))

    schema = asyncapi()["components"]["messages"]["dead"]["headers"]
    jsonschema.Draft7Validator(schema).validate(headers)
    assert headers.keys() - schema["properties"].keys() == original.keys() - {"Nats-Msg-Id"}
    assert from_headers(headers) == from_headers(original)
