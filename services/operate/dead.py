"""Dead letters: look at them, and drive them again after the cause is mended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from nats.aio.msg import Msg
from nats.js.client import JetStreamContext
from nats.js.errors import NotFoundError

from services.operate.stream import Start, follow
from shared.errors import ConfigError
from shared.ids import stable_id
from shared.publish import publish_acked
from shared.streams import stream_of

SUBJECT: Final = "orewire.dead.*"


@dataclass(frozen=True)
class DeadLetter:
    """One message that could not be processed."""

    seq: int
    service: str
    subject: str
    reason: str
    detail: str
    event_id: str
    at: str
    body: bytes
    headers: dict[str, str]

    def row(self) -> dict[str, str | int]:
        """What a person wants to see of it."""
        return {
            "seq": self.seq,
            "at": self.at,
            "service": self.service,
            "reason": self.reason,
            "detail": self.detail,
            "id": self.event_id,
            "subject": self.subject,
        }


def read_letter(message: Msg) -> DeadLetter:
    """The dead letter in one message of ORE_DEAD."""
    headers = dict(message.headers or {})
    return DeadLetter(
        seq=message.metadata.sequence.stream,
        service=message.subject.rsplit(".", 1)[-1],
        subject=headers.get("ore-dead-subject", ""),
        reason=headers.get("ore-dead-reason", "unknown"),
        detail=headers.get("ore-dead-detail", ""),
        event_id=headers.get("ce-id", ""),
        at=message.metadata.timestamp.isoformat(timespec="seconds"),
        body=message.data,
        headers=headers,
    )


async def letters(js: JetStreamContext, start: Start) -> AsyncIterator[DeadLetter]:
    """All dead letters since `start`, oldest first."""
    async for message in follow(js, SUBJECT, start, until_empty=True):
        yield read_letter(message)


async def redrive(js: JetStreamContext, letter: DeadLetter) -> None:
    """Publish the original again on its subject, then delete the dead letter.

    Raises:
        ConfigError: its body was too large for the dead letter, and its stream no longer has it.
        TransientError: it could not be stored; the dead letter stays.
    """
    if not letter.subject:
        raise ConfigError.one(f"dead letter {letter.seq}", "it does not say which subject it came from")
    headers = {key: value for key, value in letter.headers.items() if not key.startswith(("ore-dead-", "Nats-"))}
    # A new message id: the original one may still be inside the duplicate window and would be dropped.
    headers["Nats-Msg-Id"] = stable_id("redrive", letter.event_id, letter.seq)
    await publish_acked(js, letter.subject, await _original(js, letter), headers)
    await js.delete_msg(stream_of("orewire.dead.any"), letter.seq)


async def _original(js: JetStreamContext, letter: DeadLetter) -> bytes:
    if "ore-dead-omitted" not in letter.headers:
        return letter.body
    stream, seq = letter.headers.get("ore-dead-stream", ""), letter.headers.get("ore-dead-seq", "")
    try:
        return (await js.get_msg(stream, int(seq))).data or b""
    except (NotFoundError, ValueError) as error:
        raise ConfigError.one(f"dead letter {letter.seq}", f"its original, {seq} of {stream}, is gone") from error
