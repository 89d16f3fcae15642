"""The AsyncAPI 3.0 document of the whole application, or of one service. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from shared.contracts.headers import dead_headers, event_headers
from shared.contracts.requests import Request, channels, messages, operation
from shared.contracts.requests import schemas as request_schemas
from shared.contracts.roles import ROLES, Role
from shared.contracts.schemas import schema
from shared.events import EVENTS, Event
from shared.streams import STREAMS, Stream, matches

CONTRACT_VERSION: Final = "1.0.0"
_ABOUT: Final = "Alerts on export restrictions and alliance moves in critical minerals."
_PREFIX: Final = "orewire."
_DEAD: Final = "dead"
_PARAMETER: Final = re.compile(r"\{(\w+)\}")
_PARAMETERS: Final = {
    "source_id": "Id of the source the article came from.",
    "kind": "What it is about, e.g. export_restriction.",
    "severity": "critical, high, medium or low.",
    "channel": "How the subscriber is told, e.g. webhook.",
    "service": "The service that gave up.",
}


def asyncapi(service: str | None = None, *, streams: Sequence[Stream] = STREAMS) -> dict[str, Any]:
    """The document of one service (what it sends and receives), or of all, seen as a subscriber sees them.

    Raises:
        KeyError: there is no such service.
    """
    roles = ROLES if service is None else {service: ROLES[service]}
    used = [
        event for event in EVENTS.values() if any(event in (*role.sends, *role.receives) for role in roles.values())
    ]
    answered = [request for role in roles.values() for request in role.answers]
    return {
        "asyncapi": "3.0.0",
        "id": f"urn:orewire:{service or 'all'}",
        "info": _info(service),
        "defaultContentType": "application/json",
        "servers": {"nats": {"host": "127.0.0.1:4222", "protocol": "nats", "description": "NATS with JetStream."}},
        "channels": {_channel_id(event): _channel(event, streams) for event in used}
        | {_DEAD: _dead_channel(streams)}
        | _merged(channels, answered),
        "operations": _operations(roles),
        "components": {
            "messages": _messages(used) | _merged(messages, answered),
            "schemas": _schemas(used) | _merged(request_schemas, answered),
        },
    }


def _merged(part: Callable[[Request], dict[str, Any]], requests: Iterable[Request]) -> dict[str, Any]:
    return {name: value for request in requests for name, value in part(request).items()}


def _info(service: str | None) -> dict[str, Any]:
    about = (
        ROLES[service].about if service else "Alerts on export restrictions and alliance moves in critical minerals."
    )
    return {
        "title": f"orewire {service}" if service else "orewire",
        "version": CONTRACT_VERSION,
        "description": f"{about} Events are CloudEvents 1.0 in binary mode on NATS JetStream: attributes in headers, "
        "JSON in the body. Delivery is at least once; `ce-id` is the same for the same fact. Ignore fields you do "
        "not know: additions keep the version, a breaking change makes a new type beside the old.",
        "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
    }


def _channel_id(event: type[Event]) -> str:
    return _PARAMETER.sub("", event.SUBJECT).removeprefix(_PREFIX).strip(".")


def _channel(event: type[Event], streams: Sequence[Stream]) -> dict[str, Any]:
    return _addressed(event.SUBJECT, streams) | {"messages": {event.TYPE: _ref("components/messages", event.TYPE)}}


def _dead_channel(streams: Sequence[Stream]) -> dict[str, Any]:
    return _addressed("orewire.dead.{service}", streams) | {"messages": {_DEAD: _ref("components/messages", _DEAD)}}


def _addressed(address: str, streams: Sequence[Stream]) -> dict[str, Any]:
    sample = _PARAMETER.sub("x", address)
    stream = next(s for s in streams if any(matches(pattern, sample) for pattern in s.subjects))
    return {
        "address": address,
        "description": f"{stream.about} Stream {stream.name}, kept {stream.max_age.days} days.",
        "parameters": {name: {"description": _PARAMETERS[name]} for name in _PARAMETER.findall(address)},
    }


def _operations(roles: dict[str, Role]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, role in roles.items():
        for event in role.receives:
            found[f"{name}.receive.{_channel_id(event)}"] = _operation("receive", name, _channel_id(event), event.TYPE)
        for event in role.sends:
            found[f"{name}.send.{_channel_id(event)}"] = _operation("send", name, _channel_id(event), event.TYPE)
        for request in role.answers:
            found |= operation(name, request)
        found[f"{name}.send.{_DEAD}"] = _operation("send", name, _DEAD, _DEAD)
    return found


def _operation(action: str, service: str, channel: str, message: str) -> dict[str, Any]:
    what = "what it cannot process" if channel == _DEAD else channel
    return {
        "action": action,
        "summary": f"{service} {action}s {what}.",
        "channel": _ref("channels", channel),
        "messages": [_ref(f"channels/{channel}/messages", message)],
    }


def _messages(events: Iterable[type[Event]]) -> dict[str, Any]:
    dead = {
        "name": _DEAD,
        "title": "Dead letter",
        "summary": "A message a service gave up on: the original body and headers, plus why and where it failed.",
        "contentType": "application/json",
        "headers": dead_headers(),
        "payload": _ref("components/schemas", _DEAD),
    }
    return {event.TYPE: _message(event) for event in events} | {_DEAD: dead}


def _message(event: type[Event]) -> dict[str, Any]:
    return {
        "name": event.TYPE,
        "title": event.__name__,
        "summary": " ".join((event.__doc__ or "").split()),
        "contentType": "application/json",
        "correlationId": {"location": "$message.header#/ce-correlationid"},
        "headers": event_headers(event),
        "payload": _ref("components/schemas", event.TYPE),
    }


def _schemas(events: Iterable[type[Event]]) -> dict[str, Any]:
    """Body schemas with their definitions side by side, since AsyncAPI tools do not follow `$id`."""
    found: dict[str, Any] = {}
    for event in events:
        document = schema(event)
        own = {key: value for key, value in document.items() if key not in ("$schema", "$id", "$defs")}
        for name, definition in {**document.get("$defs", {}), event.TYPE: own}.items():
            moved = _move(definition)
            if found.setdefault(name, moved) != moved:
                raise ValueError(f"two different definitions are called {name}")
    return dict(sorted(found.items())) | {_DEAD: {"description": "The original body, byte for byte."}}


def _move(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _target(value) if key == "$ref" else _move(value) for key, value in node.items()}
    return [_move(item) for item in node] if isinstance(node, list) else node


def _target(reference: str) -> str:
    return reference.replace("#/$defs/", "#/components/schemas/")


def _ref(place: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/{place}/{name}"}
