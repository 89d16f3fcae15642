"""The guarded client reaches nothing it must not reach."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence

import pytest

from shared.http import (
    AddressBlocked,
    BadRequest,
    ConnectionFailed,
    HttpClient,
    TimedOut,
)
from tests.kit.rawserver import OK, RawServers, send


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "①②⑦.⓪.⓪.①",
    ],
)
async def test_loopback_is_refused_however_it_is_written_and_never_connected_to(serve: RawServers, host: str) -> None:
    server = await serve(OK)

    async with HttpClient() as client:
        with pytest.raises((AddressBlocked, ConnectionFailed, BadRequest)):
            await client.request("GET", f"http://{host}:{server.port}/", max_bytes=100)

    assert server.connections == 0


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest/meta-data", "http://10.0.0.1/", "http://[fd00::1]/"])
async def test_private_and_metadata_addresses_are_refused(client: HttpClient, url: str) -> None:
    with pytest.raises(AddressBlocked):
        await client.request("GET", url, max_bytes=100)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/", "gopher://127.0.0.1/", "//x", "x", ""])
async def test_other_schemes_are_refused(client: HttpClient, url: str) -> None:
    with pytest.raises(AddressBlocked, match="only http and https"):
        await client.request("GET", url, max_bytes=100)


class Answers:
    """A resolver whose answers are set, one list a look-up."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.left = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int, /) -> Sequence[str]:
        self.asked += 1
        return self.left.pop(0)


async def test_a_host_is_refused_when_only_one_of_its_addresses_is_private(serve: RawServers) -> None:
    server = await serve(OK)

    async with HttpClient(allow_networks=["127.0.0.0/8"], resolve=Answers(["127.0.0.1", "10.0.0.1"])) as client:
        with pytest.raises(AddressBlocked, match=r"not a public address"):
            await client.request("GET", f"http://two.example:{server.port}/", max_bytes=100)

    assert server.connections == 0


async def test_a_name_is_resolved_once_a_connection_and_a_rebound_name_is_refused(serve: RawServers) -> None:
    server = await serve(lambda writer: send(writer, b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok"))
    answers = Answers(["127.0.0.1"], ["169.254.169.254"])

    async with HttpClient(allow_networks=["127.0.0.0/8"], resolve=answers) as client:
        first = await client.request("GET", f"http://rebind.example:{server.port}/", max_bytes=100)
        assert (first.body, answers.asked) == (b"ok", 1)
        with pytest.raises(AddressBlocked, match="link-local"):
            await client.request("GET", f"http://rebind.example:{server.port}/", max_bytes=100)

    assert b"host: rebind.example" in server.requests[0].lower()


async def test_the_next_address_is_tried_when_one_refuses(serve: RawServers) -> None:
    server = await serve(OK)

    async with HttpClient(allow_networks=["127.0.0.0/8"], resolve=Answers(["127.0.0.2", "127.0.0.1"])) as client:
        got = await client.request("GET", f"http://two.example:{server.port}/", max_bytes=100)

    assert got.body == b"ok"


async def test_a_host_without_addresses_fails(client: HttpClient) -> None:
    async with HttpClient(resolve=Answers([])) as nowhere:
        with pytest.raises(ConnectionFailed):
            await nowhere.request("GET", "http://none.example/", max_bytes=100)


async def test_a_name_server_that_hangs_ends_at_the_total_timeout() -> None:
    async def hang(host: str, port: int, /) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    async with HttpClient(resolve=hang) as client:
        with pytest.raises(TimedOut):
            await client.request("GET", "http://slow.example/", max_bytes=100, total_timeout=0.1)


async def test_a_name_that_does_not_exist_fails(client: HttpClient) -> None:
    with pytest.raises(ConnectionFailed, match=r"no-such-host\.invalid"):
        await client.request("GET", "http://no-such-host.invalid/", max_bytes=100)


async def test_a_closed_port_is_a_failed_connection(client: HttpClient) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        with pytest.raises(ConnectionFailed, match="connection refused"):
            await client.request("GET", f"http://127.0.0.1:{port}/", max_bytes=100)
