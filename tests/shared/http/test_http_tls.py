"""TLS through the pinned connection: the name of the URL counts, not the address connected to."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from shared.http import ConnectionFailed, HttpClient, TimedOut
from tests.kit.rawserver import OK, RawServers

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")


async def _loopback(host: str, port: int, /) -> Sequence[str]:
    return ["127.0.0.1"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for hooks.example, with its key in the same file."""
    folder = tmp_path_factory.mktemp("tls")
    names = ["-subj", "/CN=hooks.example", "-addext", "subjectAltName=DNS:hooks.example"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names]
    subprocess.run(
        [*command, "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True, capture_output=True
    )
    both = folder / "both.pem"
    both.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return both


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def _client(certificate: Path) -> HttpClient:
    trusting = ssl.create_default_context(cafile=certificate)
    return HttpClient(allow_networks=["127.0.0.1"], resolve=_loopback, tls=trusting)


async def test_the_certificate_is_checked_against_the_name_in_the_url(
    serve: RawServers, certificate: Path, server_tls: ssl.SSLContext
) -> None:
    server = await serve(OK, tls=server_tls)

    async with _client(certificate) as client:
        got = await client.request("GET", f"https://hooks.example:{server.port}/", max_bytes=100)
        with pytest.raises(ConnectionFailed, match="TLS certificate is not accepted: Hostname mismatch"):
            await client.request("GET", f"https://other.example:{server.port}/", max_bytes=100)

    assert got.body == b"ok"


async def test_an_unknown_authority_is_not_accepted(serve: RawServers, server_tls: ssl.SSLContext) -> None:
    server = await serve(OK, tls=server_tls)

    async with HttpClient(allow_networks=["127.0.0.1"], resolve=_loopback) as client:
        with pytest.raises(ConnectionFailed, match="TLS certificate is not accepted: self-signed"):
            await client.request("GET", f"https://hooks.example:{server.port}/", max_bytes=100)

    assert server.requests == []


async def test_a_handshake_that_never_ends_is_timed_out(serve: RawServers, certificate: Path) -> None:
    server = await serve(b"HTTP/1.1 200 OK\r\n\r\n")

    async with _client(certificate) as client:
        with pytest.raises(TimedOut):
            await client.request("GET", f"https://hooks.example:{server.port}/", max_bytes=100, total_timeout=0.5)
