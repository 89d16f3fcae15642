"""Reading request bodies of all kinds."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from shared.web import Refused, read_body

if TYPE_CHECKING:
    from tests.shared.web.conftest import Apps


async def _echo_size(request: Request) -> Response:
    return PlainTextResponse(str(len(await read_body(request, limit=1000))))


ROUTES = [Route("/", _echo_size, methods=["POST"])]


async def _chunks(size: int, count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * size


async def test_a_body_up_to_the_limit_is_read(run: Apps) -> None:
    client = await run(ROUTES)

    assert (await client.post("/", content=b"")).text == "0"
    assert (await client.post("/", content=b"x" * 1000)).text == "1000"
    assert (await client.post("/", content=_chunks(100, 10))).text == "1000"


async def test_a_body_of_30_mb_is_answered_413(run: Apps) -> None:
    client = await run(ROUTES)

    got = await client.post("/", content=b"x" * 30_000_000)

    assert (got.status_code, got.headers["content-type"]) == (413, "application/problem+json")
    assert (got.json()["title"], got.json()["limit"]) == ("Body too large", 1000)


async def test_a_body_that_does_not_tell_its_size_is_answered_413(run: Apps) -> None:
    client = await run(ROUTES)

    assert (await client.post("/", content=_chunks(10_000, 100))).status_code == 413


async def test_a_sender_that_asks_first_is_refused_before_it_sends(run: Apps) -> None:
    client = await run(ROUTES)
    reader, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)

    writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n")
    answer = await reader.read()

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"100 Continue" not in answer
    writer.close()
    await writer.wait_closed()


async def test_a_body_that_takes_too_long_is_answered_408(run: Apps) -> None:
    async def impatient(request: Request) -> Response:
        return PlainTextResponse(str(len(await read_body(request, limit=1000, seconds=0.05))))

    client = await run([Route("/", impatient, methods=["POST"])])
    reader, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)

    writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nslowly")
    answer = await reader.read()  # until the service closes: who is this slow may not use the connection again
    writer.close()

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"Body too slow" in answer


async def test_a_compressed_body_is_answered_415(run: Apps) -> None:
    client = await run(ROUTES)

    got = await client.post("/", content=gzip.compress(b"x"), headers={"content-encoding": "gzip"})

    assert (got.status_code, got.headers["accept-encoding"]) == (415, "identity")


async def test_a_sender_that_goes_away_is_no_error_of_the_service(run: Apps) -> None:
    seen: asyncio.Future[Refused] = asyncio.get_running_loop().create_future()

    async def report(request: Request) -> Response:
        try:
            await read_body(request, limit=1000)
        except Refused as refused:
            seen.set_result(refused)
            raise
        raise AssertionError("the body was cut off")

    client = await run([Route("/", report, methods=["POST"])])
    _, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
    writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nonly this")
    await writer.drain()
    writer.close()
    await writer.wait_closed()

    assert (await asyncio.wait_for(seen, 5)).status == 400


async def test_one_that_never_stops_sending_is_cut_off(run: Apps) -> None:
    client = await run(ROUTES)
    reader, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
    writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")

    async def flood() -> None:
        chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
        while True:
            writer.write(chunk)
            await writer.drain()

    flooding = asyncio.create_task(flood())
    answer = await reader.read(65536)
    flooding.cancel()
    await asyncio.gather(flooding, return_exceptions=True)
    writer.close()

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert (await client.post("/", content=b"x")).text == "1"


async def test_http_that_is_none_is_answered_400(run: Apps) -> None:
    client = await run(ROUTES)
    reader, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
    writer.write(b"\x00\xff garbage\r\n\r\n")

    assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
    writer.close()
    await writer.wait_closed()
