"""What happens to a message that cannot be handled: again later, or to ORE_DEAD with the reason.

TransientError           negative ack with a delay, as often as it takes: nothing accepted is lost
PermanentError, bad body dead letter at once
anything else            a bug of ours: five tries, then dead letter
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog
from faststream import BaseMiddleware
from faststream.exceptions import HandlerException
from prometheus_client import Counter, Histogram
from pydantic import ValidationError

from shared.errors import PermanentError, TransientError
from shared.publish import MAX_BODY

log = structlog.get_logger(__name__)
BACKOFF: Final = (0.5, 2.0, 10.0, 30.0, 60.0)
"""Seconds before the 2nd, 3rd … delivery; the last one repeats."""
BUG_DELIVERIES: Final = 5
DETAIL_LENGTH: Final = 300
MAX_HEADERS: Final = 20_000
"""Bytes of the original's headers that are kept: NATS counts headers and body together against 1 MiB."""

MESSAGES = Counter("orewire_messages_total", "Messages handled, by how it ended.", ["consumer", "outcome"])
SECONDS = Histogram(
    "orewire_message_seconds",
    "Time from receiving a message to its acknowledgement.",
    ["consumer"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0),
)


@dataclass(frozen=True)
class Verdict:
    """What to do with a failed message: wait `delay` seconds, or (None) bury it for `reason`."""

    delay: float | None
    reason: str
    detail: str


def judge(error: BaseException, deliveries: int) -> Verdict:
    """Decide about a message that failed with `error` at its n-th delivery. Pure."""
    backoff = BACKOFF[min(max(deliveries, 1), len(BACKOFF)) - 1]
    if isinstance(error, TransientError):
        return Verdict(error.retry_after or backoff, "transient", str(error))
    if isinstance(error, PermanentError):
        return Verdict(None, error.reason, str(error))
    if isinstance(error, ValidationError):
        return Verdict(None, "contract_violated", _validation_detail(error))
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return Verdict(None, "not_json", f"{type(error).__name__} at {getattr(error, 'pos', '?')}")
    if deliveries < BUG_DELIVERIES:
        return Verdict(backoff, "unexpected_error", type(error).__name__)
    return Verdict(None, "unexpected_error", f"{type(error).__name__}: {error}")


def _validation_detail(error: ValidationError) -> str:
    """Where and what, never the value: bodies do not belong into headers."""
    items = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in items[:5])


def dead_headers(raw: Any, verdict: Verdict) -> dict[str, str]:
    """Headers of the dead letter: the original's, plus why and where it failed."""
    meta = raw.metadata
    omitted = {"ore-dead-omitted": "body"} if len(raw.data) > MAX_BODY else {}
    return (
        _kept(raw.headers or {})
        | omitted
        | {
            "Nats-Msg-Id": f"dead.{meta.stream}.{meta.consumer}.{meta.sequence.stream}",
            "ore-dead-reason": verdict.reason,
            "ore-dead-detail": header_text(verdict.detail),
            "ore-dead-subject": raw.subject,
            "ore-dead-stream": meta.stream,
            "ore-dead-consumer": meta.consumer,
            "ore-dead-seq": str(meta.sequence.stream),
            "ore-dead-deliveries": str(meta.num_delivered),
        }
    )


def dead_body(raw: Any) -> bytes:
    """The original's body; nothing when it is too large for the headers beside it. Its stream still has it."""
    return b"" if len(raw.data) > MAX_BODY else bytes(raw.data)


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    """The original's headers as far as they fit."""
    kept: dict[str, str] = {}
    size = 0
    for key, value in headers.items():
        size += len(key) + 4 * len(value)
        if not key.startswith("Nats-") and size <= MAX_HEADERS:
            kept[key] = value
    return kept


def header_text(text: str) -> str:
    """Text that is safe in a NATS header: one line of ASCII, cut."""
    return " ".join(text.encode("ascii", "replace").decode().split())[:DETAIL_LENGTH]


Bury = Callable[[str, bytes, dict[str, str]], Awaitable[None]]


def dead_letter_middleware(service: str, bury: Bury) -> type[BaseMiddleware[Any, Any]]:
    """A FastStream middleware that judges every failure of `service`.

    `bury` publishes (subject, body, headers) and returns once it is stored.
    """

    class DeadLetter(BaseMiddleware[Any, Any]):
        """Runs around decoding, validation and handler."""

        async def on_receive(self) -> None:
            self._began = asyncio.get_running_loop().time()

        async def after_processed(
            self, exc_type: type[BaseException] | None = None, exc_val: BaseException | None = None, exc_tb: Any = None
        ) -> bool | None:
            raw = self.msg
            if raw is None or isinstance(exc_val, asyncio.CancelledError | HandlerException):
                return await super().after_processed(exc_type, exc_val, exc_tb)
            outcome = "done" if exc_val is None else await settle(raw, exc_val, service=service, bury=bury)
            MESSAGES.labels(raw.metadata.consumer, outcome).inc()
            SECONDS.labels(raw.metadata.consumer).observe(asyncio.get_running_loop().time() - self._began)
            return exc_val is not None

    return DeadLetter


async def settle(raw: Any, error: BaseException, *, service: str, bury: Bury) -> str:
    """Carry out the verdict on one message; returns the outcome for the metric."""
    verdict = judge(error, raw.metadata.num_delivered)
    if verdict.reason == "unexpected_error":
        log.error("handler_failed", subject=raw.subject, exc_info=error)
    if verdict.delay is None:
        try:
            await bury(f"orewire.dead.{service}", dead_body(raw), dead_headers(raw, verdict))
        except TransientError as failure:
            verdict = Verdict(BACKOFF[-1], "transient", str(failure))
        else:
            log.warning("message_buried", subject=raw.subject, reason=verdict.reason, detail=verdict.detail)
            await raw.term()
            return "buried"
    log.warning("message_waits", subject=raw.subject, reason=verdict.reason, detail=verdict.detail, delay=verdict.delay)
    await raw.nak(delay=verdict.delay)
    return "retried"
