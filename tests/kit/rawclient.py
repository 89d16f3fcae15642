"""Sends bytes that no HTTP library would."""

from __future__ import annotations

import asyncio

import httpx


async def exchange(url: str, request: bytes, *, seconds: float = 10) -> bytes:
    """Write `request` to the server of `url`, end the sending side, and read the answer until the server closes."""
    target = httpx.URL(url)
    reader, writer = await asyncio.open_connection(target.host, target.port)
    answer = b""
    try:
        async with asyncio.timeout(seconds):
            writer.write(request)
            await writer.drain()
            writer.write_eof()
            answer = await reader.read()
    except ConnectionError:
        return answer
    finally:
        writer.close()
    return answer
