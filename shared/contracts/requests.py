"""The AsyncAPI parts of what a service answers on the bus: request and reply, nothing of it kept. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

from shared.events.submission import NDJSON, SUBMIT_SUBJECT, Submission, SubmissionReply


@dataclass(frozen=True)
class Request:
    """One kind of request: the subject it is sent to, its body, and that of the answer."""

    name: str
    subject: str
    body: type[BaseModel]
    reply: type[BaseModel]
    about: str


SUBMIT: Final = Request(
    "article.submit",
    SUBMIT_SUBJECT,
    Submission,
    SubmissionReply,
    "Send as a NATS request. The answer comes once every article is stored, or not at all: then send it again, "
    f"repeats are recognised. One JSON article, or one a line with the header content-type {NDJSON}.",
)


def channels(request: Request) -> dict[str, Any]:
    """The channel of the request, and that of its answer, which goes to the inbox the sender named."""
    return {
        request.name: {
            "address": request.subject,
            "description": request.about,
            "parameters": {},
            "messages": {request.name: _ref("components/messages", request.name)},
        },
        _reply(request): {
            "address": None,
            "description": "The inbox that the request names as its reply subject.",
            "messages": {_reply(request): _ref("components/messages", _reply(request))},
        },
    }


def operation(service: str, request: Request) -> dict[str, Any]:
    """What the service does with it."""
    reply = _reply(request)
    return {
        f"{service}.receive.{request.name}": {
            "action": "receive",
            "summary": f"{service} answers {request.name}.",
            "channel": _ref("channels", request.name),
            "messages": [_ref(f"channels/{request.name}/messages", request.name)],
            "reply": {
                "address": {"location": "$message.header#/reply-to", "description": "The request's reply subject."},
                "channel": _ref("channels", reply),
                "messages": [_ref(f"channels/{reply}/messages", reply)],
            },
        }
    }


def messages(request: Request) -> dict[str, Any]:
    """Request and answer as messages."""
    pairs = ((request.name, request.body), (_reply(request), request.reply))
    return {name: _message(name, body) for name, body in pairs}


def schemas(request: Request) -> dict[str, Any]:
    """Their bodies, by name."""
    found: dict[str, Any] = {}
    for name, body in ((request.name, request.body), (_reply(request), request.reply)):
        document = body.model_json_schema(ref_template="#/components/schemas/{model}")
        found |= document.pop("$defs", {})
        found[name] = document
    return found


def _message(name: str, body: type[BaseModel]) -> dict[str, Any]:
    return {
        "name": name,
        "title": body.__name__,
        "summary": " ".join((body.__doc__ or "").split()),
        "contentType": "application/json",
        "headers": {"type": "object", "properties": {"content-type": {"type": "string"}}},
        "payload": _ref("components/schemas", name),
    }


def _reply(request: Request) -> str:
    return f"{request.name}.reply"


def _ref(place: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/{place}/{name}"}
