"""Reading a message from the bus: its CloudEvents attributes and its body."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeVar

from faststream.nats import NatsMessage
from pydantic import ValidationError

from shared.errors import PermanentError
from shared.events import Event
from shared.events.envelope import CONTENT_TYPE, Envelope, from_headers

E = TypeVar("E", bound=Event)


def envelope_of(message: NatsMessage, expected_type: str) -> Envelope:
    """The envelope of `message`, as FastStream delivers it.

    Raises:
        PermanentError: it is no CloudEvent, or one of another type.
    """
    return envelope_from(message.headers, expected_type)


def envelope_from(headers: Mapping[str, str], expected_type: str) -> Envelope:
    """The envelope that these headers make.

    Raises:
        PermanentError: it is no CloudEvent, or one of another type.
    """
    try:
        envelope = from_headers(headers)
    except ValueError as error:
        raise PermanentError("not_a_cloudevent", str(error)) from error
    if envelope.type != expected_type:
        raise PermanentError("unexpected_type", f"{envelope.type}, expected {expected_type}")
    return envelope


def decode(model: type[E], body: bytes, headers: Mapping[str, str]) -> E:
    """The event in `body`, in one step from bytes to model.

    Raises:
        json.JSONDecodeError: it says that it is JSON, and is none.
        UnicodeDecodeError: it says that it is JSON, and is no text.
        ValidationError: it breaks the contract.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError:
        if body and CONTENT_TYPE in headers.get("content-type", ""):
            _parse(body)
        raise


def _parse(body: bytes) -> None:
    """Tell what is no JSON from what is JSON and breaks the contract: the two have reasons of their own."""
    try:
        json.loads(body)
    except RecursionError:
        raise json.JSONDecodeError("nested too deep", "", 0) from None
