"""Reading the CloudEvents attributes of a message that FastStream delivers."""

from __future__ import annotations

from faststream.nats import NatsMessage

from shared.errors import PermanentError
from shared.events.envelope import Envelope, from_headers


def envelope_of(message: NatsMessage, expected_type: str) -> Envelope:
    """The envelope of `message`.

    Raises:
        PermanentError: it is no CloudEvent, or one of another type.
    """
    try:
        envelope = from_headers(message.headers)
    except ValueError as error:
        raise PermanentError("not_a_cloudevent", str(error)) from error
    if envelope.type != expected_type:
        raise PermanentError("unexpected_type", f"{envelope.type}, expected {expected_type}")
    return envelope
