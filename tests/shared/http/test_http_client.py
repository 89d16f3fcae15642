"""The guarded client with servers that behave."""

from __future__ import annotations

import asyncio
import gzip
import logging

import pytest

from shared.errors import ConfigError, TransientError
from shared.http import (
    AddressBlocked,
    BadReply,
    BadRequest,
    HttpClient,
)
from tests.kit.rawserver import OK, RawServers, reply, send


async def test_a_reply_comes_back_with_lower_case_headers(serve: RawServers, client: HttpClient) -> None:
    server = await serve(reply("201 Created", b"made", X_Thing="One"))

    got = await client.request("GET", server.url + "a?b=c", max_bytes=100)

    assert (got.status, got.body, got.headers["x-thing"], got.truncated) == (201, b"made", "One", False)
    assert got.url == server.url + "a?b=c"


async def test_method_headers_and_content_are_sent(serve: RawServers, client: HttpClient) -> None:
    server = await serve(OK)

    await client.request("post", server.url, headers={"X-Sign": "v1"}, content=b'{"a":1}', max_bytes=100)

    sent = server.requests[0]
    assert sent.startswith(b"POST / HTTP/1.1\r\n")
    assert b"x-sign: v1" in sent
    assert b"content-length: 7" in sent.lower()
    assert sent.endswith(b'{"a":1}')


async def test_connections_are_used_again(serve: RawServers, client: HttpClient) -> None:
    server = await serve(OK)

    for _ in range(3):
        await client.request("GET", server.url, max_bytes=100)

    assert (len(server.requests), server.connections) == (3, 1)


async def test_cookies_are_not_kept(serve: RawServers, client: HttpClient) -> None:
    server = await serve(reply("200 OK", Set_Cookie="id=1; Path=/"))

    await client.request("GET", server.url, max_bytes=100)
    await client.request("GET", server.url, max_bytes=100)

    assert b"cookie" not in server.requests[1].lower()


async def test_a_proxy_of_the_environment_is_ignored(serve: RawServers, monkeypatch: pytest.MonkeyPatch) -> None:
    server, proxy = await serve(OK), await serve(OK)
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("ALL_PROXY", proxy.url)

    async with HttpClient(allow_networks=["127.0.0.1"]) as client:
        await client.request("GET", server.url, max_bytes=100)

    assert (len(server.requests), proxy.connections) == (1, 0)


@pytest.mark.parametrize(
    "url",
    ["http://", "http://127.0.0.1:99999/", "http://127.0.0.1:0/", "http://[::1", "http://a:99999/", "http://a\nb/"],
)
async def test_what_is_no_url_is_a_bad_request(client: HttpClient, url: str) -> None:
    with pytest.raises(BadRequest):
        await client.request("GET", url, max_bytes=100)


@pytest.mark.parametrize("value", ["a\r\nX-Injected: 1", "a\x00b", "中文"])
async def test_a_header_that_cannot_be_sent_is_a_bad_request(serve: RawServers, client: HttpClient, value: str) -> None:
    server = await serve(OK)

    with pytest.raises(BadRequest):
        await client.request("GET", server.url, headers={"x-a": value}, max_bytes=100)

    assert server.requests == []


async def test_redirects_are_not_followed_unless_told(serve: RawServers, client: HttpClient) -> None:
    server = await serve(reply("302 Found", b"away", Location="http://169.254.169.254/"))

    got = await client.request("POST", server.url, content=b"x", max_bytes=100)

    assert (got.status, got.headers["location"], len(server.requests)) == (302, "http://169.254.169.254/", 1)


async def test_redirects_are_followed_as_far_as_told(serve: RawServers, client: HttpClient) -> None:
    end = await serve(OK)
    middle = await serve(reply("301 Moved", Location=end.url + "end"))
    start = await serve(reply("307 Temporary", Location=middle.url))

    got = await client.request("GET", start.url, max_bytes=100, follow_redirects=2)

    assert (got.status, got.body, got.url) == (200, b"ok", end.url + "end")
    with pytest.raises(BadReply, match="more than 1 redirects"):
        await client.request("GET", start.url, max_bytes=100, follow_redirects=1)


@pytest.mark.parametrize("location", ["http://169.254.169.254/", "http://10.0.0.1/", "file:///etc/passwd"])
async def test_a_redirect_to_where_it_must_not_go_is_refused(
    serve: RawServers, client: HttpClient, location: str
) -> None:
    server = await serve(reply("302 Found", Location=location))

    with pytest.raises(AddressBlocked):
        await client.request("GET", server.url, max_bytes=100, follow_redirects=5)


@pytest.mark.parametrize("location", ["http://[::1", "http://a:b/"])
async def test_a_redirect_to_no_url_is_a_bad_reply(serve: RawServers, client: HttpClient, location: str) -> None:
    server = await serve(reply("302 Found", Location=location))

    with pytest.raises(BadReply):
        await client.request("GET", server.url, max_bytes=100, follow_redirects=5)


async def test_a_redirect_in_a_circle_ends(serve: RawServers, client: HttpClient) -> None:
    server = await serve(reply("302 Found", Location="/"))

    with pytest.raises(BadReply, match="more than 3 redirects"):
        await client.request("GET", server.url, max_bytes=100, follow_redirects=3)
    assert len(server.requests) == 4


async def test_a_compressed_body_is_decoded(serve: RawServers, client: HttpClient) -> None:
    server = await serve(reply("200 OK", gzip.compress(b"words " * 1000), Content_Encoding="gzip"))

    got = await client.request("GET", server.url, max_bytes=10_000)

    assert (got.body, got.truncated) == (b"words " * 1000, False)
    assert b"accept-encoding: gzip, deflate" in server.requests[0].lower()


async def test_no_more_requests_run_at_once_than_allowed(serve: RawServers) -> None:
    running, most = 0, 0
    gate = asyncio.Event()

    async def held(writer: asyncio.StreamWriter) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == 3:
            gate.set()
        await gate.wait()
        await send(writer, b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok")
        running -= 1

    server = await serve(held)
    async with HttpClient(allow_networks=["127.0.0.0/8"], concurrency=3) as client:
        replies = await asyncio.gather(*(client.request("GET", server.url, max_bytes=10) for _ in range(12)))

    assert [got.body for got in replies] == [b"ok"] * 12
    assert most == 3


async def test_failures_tell_the_host_but_neither_path_query_nor_password(client: HttpClient) -> None:
    with pytest.raises(TransientError) as caught:
        await client.request("GET", "http://user:pa55@10.0.0.1/hooks/s3cret?token=t0ken", max_bytes=100)

    assert str(caught.value).startswith("10.0.0.1: ")
    assert not any(secret in str(caught.value) for secret in ("s3cret", "t0ken", "pa55", "hooks"))
    assert caught.value.__cause__ is None


async def test_no_library_logs_urls_or_headers_even_at_debug(
    serve: RawServers, client: HttpClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = await serve(OK)

    await client.request("GET", server.url + "hooks/s3cret", headers={"authorization": "Bearer t0ken"}, max_bytes=10)

    assert not [record for record in caplog.records if record.name.startswith(("httpx", "httpcore"))]


async def test_the_reply_does_not_repeat_the_password(serve: RawServers, client: HttpClient) -> None:
    server = await serve(OK)

    got = await client.request("GET", f"http://user:pa55@127.0.0.1:{server.port}/", max_bytes=100)

    assert got.url == server.url
    assert b"authorization: basic" in server.requests[0].lower()


def test_a_wrong_allowed_network_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError):
        HttpClient(allow_networks=["not-a-network"])
