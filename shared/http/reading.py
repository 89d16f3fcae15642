"""Reads the body of a reply within its limits of size and time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import httpx

from shared.http.body import BodyBuffer, Undecodable
from shared.http.failures import BadReply, HttpFailure, TimedOut, TooLarge
from shared.http.translate import as_failure


@dataclass(frozen=True)
class Reading:
    """The limits: decoded bytes, and a deadline on the event loop's clock. `whole`: a part is not good enough."""

    max_bytes: int
    deadline: float
    whole: bool


async def read(response: httpx.Response, reading: Reading) -> tuple[bytes, HttpFailure | None]:
    """The body as far as it came, and why something of it is missing (None: it is complete)."""
    host = response.request.url.host
    try:
        buffer = BodyBuffer(reading.max_bytes, response.headers.get("content-encoding", ""))
    except Undecodable as error:
        return b"", BadReply(host, str(error))
    missing = await _fill(buffer, response, reading)
    return buffer.content, missing


async def _fill(buffer: BodyBuffer, response: httpx.Response, reading: Reading) -> HttpFailure | None:
    host = response.request.url.host
    try:
        async with asyncio.timeout_at(reading.deadline):
            async for chunk in response.aiter_raw():
                if not buffer.feed(chunk):
                    return TooLarge(host, f"body is larger than {reading.max_bytes} bytes")
        buffer.finish()
    except TimeoutError:
        return TimedOut(host, "body is not complete in time")
    except Undecodable as error:
        return BadReply(host, str(error))
    except httpx.HTTPError as error:
        return as_failure(error, host)
    return None
