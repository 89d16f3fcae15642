"""The guarded client with servers that mean ill."""

from __future__ import annotations

import asyncio
import gzip

import pytest

from shared.http import BadReply, HttpClient, HttpFailure, TimedOut, TooLarge
from tests.kit.rawserver import OK, Answer, RawServers, reply, send


async def endless_body(writer: asyncio.StreamWriter) -> None:
    await send(writer, b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        await send(writer, b"x" * 65536)


async def slow_body(writer: asyncio.StreamWriter) -> None:
    await send(writer, b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx")
    while True:
        await asyncio.sleep(0.02)
        await send(writer, b"x")


async def slow_head(writer: asyncio.StreamWriter) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 100000:
        await send(writer, bytes([byte]))
        await asyncio.sleep(0.02)


async def endless_head(writer: asyncio.StreamWriter) -> None:
    await send(writer, b"HTTP/1.1 200 OK\r\n")
    while True:
        await send(writer, b"X-More: " + b"a" * 8000 + b"\r\n")


async def silent(writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def cut_body(writer: asyncio.StreamWriter) -> None:
    await send(writer, b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")


async def nothing(writer: asyncio.StreamWriter) -> None:
    return


async def garbage(writer: asyncio.StreamWriter) -> None:
    await send(writer, b"\x00\xff220 mail.example ESMTP\r\n\r\n")


async def gzip_bomb(writer: asyncio.StreamWriter) -> None:
    body = gzip.compress(bytes(50_000_000))
    await send(writer, reply("200 OK", body, Content_Encoding="gzip"))


async def no_gzip(writer: asyncio.StreamWriter) -> None:
    await send(writer, reply("200 OK", b"plainly not gzip", Content_Encoding="gzip"))


async def brotli(writer: asyncio.StreamWriter) -> None:
    await send(writer, reply("200 OK", b"whatever", Content_Encoding="br"))


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (endless_body, TooLarge),
        (gzip_bomb, TooLarge),
        (slow_body, TimedOut),
        (cut_body, BadReply),
        (no_gzip, BadReply),
        (brotli, BadReply),
    ],
)
async def test_a_hostile_body_is_truncated_or_fails_when_it_must_be_whole(
    serve: RawServers, client: HttpClient, answer: Answer, failure: type[HttpFailure]
) -> None:
    server = await serve(answer)

    got = await client.request("GET", server.url, max_bytes=10_000, total_timeout=0.5)
    assert (got.status, got.truncated) == (200, True)
    assert len(got.body) <= 10_000

    with pytest.raises(failure, match=r"127\.0\.0\.1"):
        await client.request("GET", server.url, max_bytes=10_000, total_timeout=0.5, whole=True)


async def test_the_body_of_an_error_or_redirect_need_not_be_whole(serve: RawServers, client: HttpClient) -> None:
    server = await serve(reply("404 Not Found", b"x" * 1000))

    got = await client.request("GET", server.url, max_bytes=10, whole=True)

    assert (got.status, got.body, got.truncated) == (404, b"x" * 10, True)


@pytest.mark.parametrize(
    ("answer", "failure"),
    [(silent, TimedOut), (slow_head, TimedOut), (endless_head, BadReply), (nothing, BadReply), (garbage, BadReply)],
)
async def test_no_proper_reply_is_a_typed_failure(
    serve: RawServers, client: HttpClient, answer: Answer, failure: type[HttpFailure]
) -> None:
    server = await serve(answer)

    with pytest.raises(failure):
        await client.request("GET", server.url, max_bytes=10_000, total_timeout=0.5)


async def test_one_that_hangs_does_not_delay_another(serve: RawServers, client: HttpClient) -> None:
    bad, good = await serve(silent), await serve(OK)

    hanging = asyncio.create_task(client.request("GET", bad.url, max_bytes=100, total_timeout=30))
    got = await client.request("GET", good.url, max_bytes=100, total_timeout=5)

    assert (got.body, hanging.done()) == (b"ok", False)
    hanging.cancel()
    await asyncio.gather(hanging, return_exceptions=True)
