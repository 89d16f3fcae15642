"""Reads a request body without trusting what it says about itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from starlette.requests import ClientDisconnect, Request

from shared.web.problem import Refused

READ_TIMEOUT: Final = 30.0  # seconds for the whole body
_DRAIN_BYTES: Final = 64 * 1024 * 1024  # read and forgotten before a 413, so that the sender sees the answer
_DRAIN_TIMEOUT: Final = 5.0  # seconds
_CLOSE: Final = {"connection": "close"}


async def read_body(request: Request, *, limit: int, seconds: float = READ_TIMEOUT) -> bytes:
    """The body of the request, at most `limit` bytes, complete within `seconds`.

    Raises:
        Refused: 413 too large, 415 compressed, 408 too slow, 400 broken off by the sender.
    """
    _check_encoding(request)
    chunks = request.stream()
    try:
        async with asyncio.timeout(seconds):
            return await _collect(request, chunks, limit)
    except TimeoutError:
        detail = f"The body was not complete within {seconds:g} seconds."
        raise Refused(408, "Body too slow", detail, headers=_CLOSE) from None
    except ClientDisconnect:
        raise Refused(400, "Body cut off", "The connection closed before the body was complete.") from None


def _check_encoding(request: Request) -> None:
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        detail = "Send the body without content-encoding."
        raise Refused(415, "Compressed bodies are not accepted", detail, headers={"accept-encoding": "identity"})


async def _collect(request: Request, chunks: AsyncIterator[bytes], limit: int) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        await _refuse_size(request, chunks, limit)
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > limit:
            await _refuse_size(request, chunks, limit)
    return bytes(body)


async def _refuse_size(request: Request, chunks: AsyncIterator[bytes], limit: int) -> None:
    """Raise 413. A sender that does not wait for our consent is read to the end first, within reason:
    an answer sent while it still writes is lost when the connection is reset.
    """
    if request.headers.get("expect", "").lower() != "100-continue":
        await _drain(chunks)
    detail = f"The body may have at most {limit} bytes."
    raise Refused(413, "Body too large", detail, headers=_CLOSE, limit=limit)


async def _drain(chunks: AsyncIterator[bytes]) -> None:
    left = _DRAIN_BYTES
    try:
        async with asyncio.timeout(_DRAIN_TIMEOUT):
            async for chunk in chunks:
                left -= len(chunk)
                if left < 0:
                    return
    except TimeoutError:
        return
