"""The AsyncAPI documents follow the rules of AsyncAPI 3.0 and tell the truth about the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from shared.contracts import ROLES, asyncapi
from shared.events import EVENTS
from shared.streams import CONSUMERS, STREAMS, matches

DOCUMENTS = {name or "all": asyncapi(name) for name in (None, *ROLES)}
each = pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)


def _find(document: dict[str, Any], reference: str) -> Any:
    assert reference.startswith("#/"), f"{reference} leads out of the document"
    node: Any = document
    for part in reference[2:].split("/"):
        node = node[part]
    return node


def _has_address(channel: dict[str, Any]) -> bool:
    """An answer goes to an inbox that only its request names."""
    return channel["address"] is not None


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for item in node:
            yield from _references(item)


@each
def test_the_document_has_what_asyncapi_requires_and_nothing_unknown(document: dict[str, Any]) -> None:
    assert document["asyncapi"] == "3.0.0"
    assert re.fullmatch(r"urn:[a-z0-9:]+", document["id"])
    assert {"title", "version"} <= document["info"].keys()
    known = {"asyncapi", "id", "info", "servers", "defaultContentType", "channels", "operations", "components"}
    assert document.keys() <= known
    assert all({"host", "protocol"} <= server.keys() for server in document["servers"].values())


@each
def test_every_reference_leads_somewhere_in_the_document(document: dict[str, Any]) -> None:
    for reference in _references(document):
        _find(document, reference)


@each
def test_component_names_are_allowed(document: dict[str, Any]) -> None:
    for group in document["components"].values():
        assert all(re.fullmatch(r"[\w\d.\-_]+", name) for name in group)


@each
def test_every_parameter_of_an_address_is_described_and_no_other(document: dict[str, Any]) -> None:
    for channel in filter(_has_address, document["channels"].values()):
        assert set(re.findall(r"\{(\w+)\}", channel["address"])) == channel["parameters"].keys()
        assert all(parameter["description"] for parameter in channel["parameters"].values())


@each
def test_operations_refer_to_messages_of_their_own_channel(document: dict[str, Any]) -> None:
    for operation in document["operations"].values():
        assert operation["action"] in ("send", "receive")
        channel = operation["channel"]["$ref"]
        assert re.fullmatch(r"#/channels/[^/]+", channel)
        assert all(message["$ref"].startswith(f"{channel}/messages/") for message in operation["messages"])


@each
def test_every_schema_is_a_valid_json_schema(document: dict[str, Any]) -> None:
    schemas = [*document["components"]["schemas"].values()]
    schemas += [message["headers"] for message in document["components"]["messages"].values()]
    for schema in schemas:
        jsonschema.Draft7Validator.check_schema(schema)  # AsyncAPI's own dialect is a superset of draft 7


@each
def test_every_address_lies_in_a_stream_or_is_answered_at_once(document: dict[str, Any]) -> None:
    answered = {request.subject for role in ROLES.values() for request in role.answers}
    for channel in filter(_has_address, document["channels"].values()):
        if channel["address"] in answered:
            continue
        subject = re.sub(r"\{\w+\}", "x", channel["address"])
        stream = next(s for s in STREAMS if any(matches(pattern, subject) for pattern in s.subjects))
        assert stream.name in channel["description"]


def test_every_event_type_is_sent_by_exactly_one_service() -> None:
    sent = [event.TYPE for role in ROLES.values() for event in role.sends]

    assert sorted(sent) == sorted(EVENTS)


def test_a_service_receives_what_its_durable_consumer_reads() -> None:
    for consumer in CONSUMERS:
        subjects = [re.sub(r"\{\w+\}", "x", event.SUBJECT) for event in ROLES[consumer.durable].receives]
        assert subjects
        assert all(matches(consumer.subject, subject) for subject in subjects)


@pytest.mark.parametrize("service", sorted(ROLES))
def test_a_service_shows_what_it_sends_and_receives_and_dead_letters(service: str) -> None:
    operations = asyncapi(service)["operations"].values()
    shown = {(operation["action"], operation["messages"][0]["$ref"].rsplit("/", 1)[-1]) for operation in operations}

    role = ROLES[service]
    wanted = {("send", event.TYPE) for event in role.sends} | {("receive", event.TYPE) for event in role.receives}
    wanted |= {("receive", request.name) for request in role.answers}
    assert shown == wanted | {("send", "dead")}


def test_a_request_names_the_schema_of_its_answer() -> None:
    document = asyncapi("ingest")
    reply = document["operations"]["ingest.receive.article.submit"]["reply"]
    message = _find(document, _find(document, reply["messages"][0]["$ref"])["$ref"])
    assert {"results", "error"} <= _find(document, message["payload"]["$ref"])["properties"].keys()


def test_an_unknown_service_is_an_error() -> None:
    with pytest.raises(KeyError):
        asyncapi("nobody")
