"""Bounds what request bodies take of memory, all requests together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from starlette.requests import Request
from starlette.types import Message

from shared.web import Refused

MAX_HELD: Final = 64 * 1024 * 1024
"""Bytes of all bodies in hand."""
RETRY_AFTER: Final = "2"
"""Seconds; a body is in hand for less than that, unless its sender is slow."""


class BodyBudget:
    """Counts bodies as they arrive, not as they are announced: who announces much and sends little takes little."""

    def __init__(self, *, one: int, all_together: int = MAX_HELD) -> None:
        """`one` is what a single body may have, in bytes; what is read of it beyond that is not kept."""
        self._one, self._most = one, all_together
        self._held = 0

    @contextmanager
    def counted(self, request: Request) -> Iterator[Request]:
        """The request, its body counted for as long as the block lasts.

        Reading it raises Refused (503, with `retry-after`) when there is no room for more.
        """
        share = 0

        async def receive() -> Message:
            nonlocal share
            message = await request.receive()
            size = min(len(message.get("body", b"")), self._one - share)
            if self._held + size > self._most:
                detail = "Other requests fill the memory kept for bodies. Send this one again."
                raise Refused(503, "Not accepted now", detail, headers={"retry-after": RETRY_AFTER})
            share += size
            self._held += size
            return message

        try:
            yield Request(request.scope, receive)
        finally:
            self._held -= share
