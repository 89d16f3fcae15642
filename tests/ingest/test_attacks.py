"""Every attack on ingest's fetching and parsing that we could think of, and what happens: one table each.

Outcomes: `refused` (for good, the source is not to be trusted with this), `later` (it may be tried again),
`taken` (the harmless part of it is read). Whatever it is, it ends in time, and the next request goes well.
"""

from __future__ import annotations

import asyncio
import gzip
import resource
import shutil
import ssl
import subprocess
import time
import zlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.ingest.adapters import fetch as adapter
from services.ingest.adapters.fetch import GuardedFetch
from services.ingest.adapters.isolation import WorkerPool
from services.ingest.adapters.pages import PageReader
from services.ingest.found import Found
from services.ingest.parsers.feed import feed_entries
from services.ingest.politeness import Etiquette
from services.ingest.ports import Page
from services.ingest.sources import rss
from shared.errors import PermanentError, TransientError
from shared.http import CONNECT_TIMEOUT, HttpClient
from shared.http.pinning import SystemResolver
from tests.ingest.conftest import FrozenClock
from tests.kit.rawserver import Answer, RawServers, reply, send

MIB = 1024 * 1024
HEAD = b"HTTP/1.1 200 OK\r\n"
PATIENCE = 1.0  # seconds that the fetch under test has, instead of 20
HOSTS = ("mixed", "rebind", "public", "wrong", "right", "old")


def test_the_limits_are_those_promised() -> None:
    assert (CONNECT_TIMEOUT, adapter.TIMEOUT, adapter.MAX_BYTES, adapter.REDIRECTS) == (5.0, 20.0, 15 * MIB, 5)


class Names:
    """A resolver that answers as an attacker's name server would."""

    def __init__(self) -> None:
        self.asked: dict[str, int] = {}
        self.system = SystemResolver()

    async def __call__(self, host: str, port: int, /) -> Sequence[str]:
        self.asked[host] = self.asked.get(host, 0) + 1
        first = self.asked[host] == 1
        answers = {
            "mixed.example": ["127.0.0.1", "10.0.0.1"],
            "rebind.example": ["127.0.0.1"] if first else ["169.254.169.254"],
            "internal.example": ["192.168.1.1"],
            "metadata.google.internal": ["169.254.169.254"],
            "nothing.example": [],
            "mapped.example": ["::ffff:10.0.0.1"],
            "nat64.example": ["64:ff9b::a9fe:a9fe"],
            "garbage.example": ["not an address"],
        }
        if host in answers:
            return answers[host]
        return ["127.0.0.1"] if host.endswith(".example") else await self.system(host, port)


def polite(client: HttpClient) -> GuardedFetch:
    names = (f"http://{name}.example/" for name in HOSTS)
    entries = [
        rss.Source(id="s", type="rss", url=url, host_gap="0s", ignore_robots="attacks are quicker without it")
        for url in (*names, "http://127.0.0.1/")
    ]
    return GuardedFetch(client, FrozenClock(), etiquette=Etiquette(entries), timeout=PATIENCE)


@pytest.fixture
async def servers() -> AsyncIterator[RawServers]:
    servers = RawServers()
    yield servers
    await servers.stop()


@pytest.fixture
async def fetch() -> AsyncIterator[GuardedFetch]:
    async with HttpClient(allow_networks=["127.0.0.1/32"], resolve=Names()) as client:
        yield polite(client)


async def outcome(fetch: GuardedFetch, url: str) -> str:
    try:
        await fetch(url)
    except PermanentError:
        return "refused"
    except TransientError:
        return "later"
    return "taken"


WHERE = [
    ("loopback by number", "http://127.0.0.2/", "refused"),
    ("loopback, short form", "http://127.2/", "refused"),
    ("loopback, decimal", "http://2130706434/", "refused"),
    ("loopback, hexadecimal", "http://0x7f000002/", "refused"),
    ("loopback, octal", "http://0177.0.0.2/", "refused"),
    ("loopback in IPv6", "http://[::1]/", "refused"),
    ("loopback, mapped into IPv6", "http://[::ffff:127.0.0.1]/", "refused"),
    ("loopback, mapped, in hexadecimal", "http://[::ffff:7f00:1]/", "refused"),
    ("this host", "http://0.0.0.0/", "refused"),
    ("this host in IPv6", "http://[::]/", "refused"),
    ("private, class A", "http://10.0.0.1/", "refused"),
    ("private, class B", "http://172.16.0.1/", "refused"),
    ("private, class C", "http://192.168.0.1/", "refused"),
    ("carrier-grade NAT", "http://100.64.0.1/", "refused"),
    ("cloud metadata", "http://169.254.169.254/latest/meta-data/", "refused"),
    ("cloud metadata, decimal", "http://2852039166/", "refused"),
    ("cloud metadata, through NAT64", "http://[64:ff9b::a9fe:a9fe]/", "refused"),
    ("cloud metadata, in 6to4", "http://[2002:a9fe:a9fe::]/", "refused"),
    ("cloud metadata by name", "http://metadata.google.internal/", "refused"),
    ("unique local IPv6", "http://[fd00::1]/", "refused"),
    ("link-local IPv6", "http://[fe80::1]/", "refused"),
    ("multicast", "http://224.0.0.1/", "refused"),
    ("broadcast", "http://255.255.255.255/", "refused"),
    ("a private address by name", "http://internal.example/", "refused"),
    ("a name with a public-looking and a private address", "http://mixed.example/", "refused"),
    ("a name that means a mapped private address", "http://mapped.example/", "refused"),
    ("a name that means NAT64", "http://nat64.example/", "refused"),
    ("a name server that answers garbage", "http://garbage.example/", "refused"),
    ("a name without an address", "http://nothing.example/", "later"),
    ("a file", "file:///etc/passwd", "refused"),
    ("ftp", "ftp://public.example/", "refused"),
    ("gopher", "gopher://127.0.0.1:6379/_FLUSHALL", "refused"),
    ("data", "data:text/html,x", "refused"),
    ("javascript", "javascript:alert(1)", "refused"),
    ("no scheme", "//public.example/", "refused"),
    ("no host", "http:///feed", "refused"),
    ("a port beyond", "http://public.example:99999/", "refused"),
    ("a line break in the address", "http://public.example/\r\nX-Evil: 1", "refused"),
    ("user and password before a private host", "http://public.example@10.0.0.1/", "refused"),
    ("a backslash before a private host", "http://10.0.0.1\\@public.example:1/", "later"),
    ("digits in full width", "http://１０.0.0.1/", "refused"),
]


@pytest.mark.parametrize(("attack", "url", "expected"), WHERE, ids=[row[0] for row in WHERE])
async def test_where_we_are_sent(fetch: GuardedFetch, attack: str, url: str, expected: str) -> None:
    assert await outcome(fetch, url) == expected, attack


def to(location: str) -> bytes:
    return reply("302 Found", Location=location)


async def silent(writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def slow_head(writer: asyncio.StreamWriter) -> None:
    for byte in HEAD + b"X-Long: " + b"a" * 100_000:
        await send(writer, bytes([byte]))
        await asyncio.sleep(0.02)


async def slow_body(writer: asyncio.StreamWriter) -> None:
    await send(writer, HEAD + b"Content-Length: 1000\r\n\r\n")
    while True:
        await send(writer, b"x")
        await asyncio.sleep(0.02)


async def endless_head(writer: asyncio.StreamWriter) -> None:
    await send(writer, HEAD)
    while True:
        await send(writer, b"X-More: " + b"a" * 8_000 + b"\r\n")


async def endless_body(writer: asyncio.StreamWriter) -> None:
    await send(writer, HEAD + b"\r\n")
    while True:
        await send(writer, b"x" * 65_536)


async def endless_informational(writer: asyncio.StreamWriter) -> None:
    while True:
        await send(writer, b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")


async def endless_chunks(writer: asyncio.StreamWriter) -> None:
    await send(writer, HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        await send(writer, b"10000\r\n" + b"x" * 65_536 + b"\r\n")


async def chunks_of_one_byte(writer: asyncio.StreamWriter) -> None:
    await send(writer, HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        await send(writer, b"1\r\nx\r\n" * 2_000)


async def chunk_extensions(writer: asyncio.StreamWriter) -> None:
    await send(writer, HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;")
    while True:
        await send(writer, b"a=b;" * 10_000)


async def endless_trailers(writer: asyncio.StreamWriter) -> None:
    await send(writer, HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n")
    while True:
        await send(writer, b"X-More: " + b"a" * 8_000 + b"\r\n")


async def endless_empty_members(writer: asyncio.StreamWriter) -> None:
    await send(writer, HEAD + b"Content-Encoding: gzip\r\n\r\n")
    while True:
        await send(writer, gzip.compress(b"") * 1_000)


def encoded(encoding: str, body: bytes) -> bytes:
    return reply("200 OK", body, Content_Encoding=encoding)


BOMB = gzip.compress(bytes(200 * MIB))
HOW: list[tuple[str, Answer | bytes, str]] = [
    ("a redirect to a private address", to("http://10.0.0.1/"), "refused"),
    ("a redirect to cloud metadata", to("http://169.254.169.254/"), "refused"),
    ("a redirect to a private name", to("http://internal.example/"), "refused"),
    ("a redirect to a file", to("file:///etc/passwd"), "refused"),
    ("a redirect to no address", to("http://[::zz]/"), "later"),
    ("a redirect to half an address", to("http://["), "later"),
    ("a redirect to itself", to("/"), "later"),
    ("a redirect of a megabyte", to("/" + "a" * MIB), "later"),
    ("a redirect without a place", reply("302 Found"), "refused"),
    ("no answer", silent, "later"),
    ("a head byte by byte", slow_head, "later"),
    ("a body byte by byte", slow_body, "later"),
    ("a head without end", endless_head, "later"),
    ("a header of a megabyte", HEAD + b"X-Long: " + b"a" * MIB + b"\r\n\r\n", "later"),
    ("ten thousand headers", HEAD + b"X-A: b\r\n" * 10_000 + b"\r\n", "later"),
    ("provisional answers without end", endless_informational, "later"),
    ("a body without end", endless_body, "refused"),
    ("a body of 16 MiB", reply("200 OK", b"x" * 16 * MIB), "refused"),
    ("chunks without end", endless_chunks, "refused"),
    ("chunks of one byte without end", chunks_of_one_byte, "later"),
    ("a chunk extension without end", chunk_extensions, "later"),
    ("trailers without end", endless_trailers, "later"),
    ("a chunk of an exabyte", HEAD + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFF\r\nx", "later"),
    ("a chunk size that is none", HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", "later"),
    ("a length beyond what comes", HEAD + b"Content-Length: 1000\r\n\r\nshort", "later"),
    ("a length of a terabyte", HEAD + b"Content-Length: 1099511627776\r\n\r\nx", "later"),
    ("a length below zero", HEAD + b"Content-Length: -1\r\n\r\nx", "later"),
    ("two lengths", HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", "later"),
    ("a length that is no number", HEAD + b"Content-Length: ten\r\n\r\nx", "later"),
    ("a gzip bomb of 200 MiB", encoded("gzip", BOMB), "refused"),
    ("a deflate bomb of 200 MiB", encoded("deflate", zlib.compress(bytes(200 * MIB))), "refused"),
    ("a bomb in a bomb", encoded("gzip, gzip", gzip.compress(BOMB)), "later"),
    ("gzip members without end", endless_empty_members, "later"),
    ("brotli, which was not asked for", encoded("br", b"\x8b\x02\x80"), "later"),
    ("zstd, which was not asked for", encoded("zstd", b"(\xb5/\xfd"), "later"),
    ("an unknown encoding", encoded("compress", b"x"), "later"),
    ("gzip that is none", encoded("gzip", b"plain"), "later"),
    ("gzip cut off", encoded("gzip", gzip.compress(b"x" * 9_999)[:20]), "later"),
    ("gzip with a wrong checksum", encoded("gzip", gzip.compress(b"x" * 99)[:-8] + bytes(8)), "later"),
    ("another protocol", b"220 mail.example ESMTP\r\n\r\n", "later"),
    ("HTTP/0.9", b"<rss/>\r\n\r\n", "later"),
    ("nothing but zeros", bytes(100_000), "later"),
    ("a status of four digits", b"HTTP/1.1 2000 OK\r\n\r\n", "later"),
    ("a switch of protocols", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "later"),
    ("a header with a null byte", HEAD + b"X-A: a\x00b\r\nContent-Length: 0\r\n\r\n", "later"),
    ("a 304 to an unconditional request", b"HTTP/1.1 304 Not Modified\r\n\r\n", "taken"),
    ("a retry-after of a century", reply("503 x", Retry_After="3155760000"), "later"),
]


@pytest.mark.parametrize(("attack", "answer", "expected"), HOW, ids=[row[0] for row in HOW])
async def test_how_we_are_answered(
    servers: RawServers, fetch: GuardedFetch, attack: str, answer: Answer | bytes, expected: str
) -> None:
    server = await servers(answer)
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    assert await outcome(fetch, server.url) == expected, attack
    assert time.monotonic() - began < PATIENCE + 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150 * 1024, "kilobytes"
    good = await servers(reply("200 OK", b"fine"))
    page = await fetch(f"http://public.example:{good.port}/")
    assert page is not None
    assert page.body == b"fine"


async def test_a_name_that_is_rebound_between_two_requests(servers: RawServers, fetch: GuardedFetch) -> None:
    server = await servers(lambda writer: send(writer, HEAD + b"Connection: close\r\n\r\nok"))
    url = f"http://rebind.example:{server.port}/"
    assert [await outcome(fetch, url), await outcome(fetch, url)] == ["taken", "refused"]


@dataclass(frozen=True)
class Certificate:
    """A certificate that signs itself, with its key in the same file."""

    file: Path

    def server(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file)
        return context


def make(folder: Path, name: str, days: int) -> Certificate:
    """A certificate that ends after `days`; a negative number gives one that has expired."""
    key, request, signed = (folder / part for part in ("key", "request", "cert"))
    names = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", key, "-out", request]
    sign = ["-req", "-in", request, "-signkey", key, "-days", str(days), "-copy_extensions", "copyall", "-out", signed]
    subprocess.run(["openssl", "req", "-newkey", "rsa:2048", "-nodes", *names], check=True, capture_output=True)
    subprocess.run(["openssl", "x509", *sign], check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_text(key.read_text() + signed.read_text())
    return Certificate(both)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Certificate]:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make certificates")
    made = {name: tmp_path_factory.mktemp(name) for name in ("right", "old")}
    return {name: make(made[name], f"{name}.example", days) for name, days in (("right", 2), ("old", -1))}


@pytest.mark.parametrize(
    ("attack", "shown", "trusted", "host", "expected"),
    [
        ("a certificate of an authority nobody trusts", "right", False, "right", "later"),
        ("a certificate for another name", "right", True, "wrong", "later"),
        ("a certificate that has expired", "old", True, "old", "later"),
        ("none of it, as a control", "right", True, "right", "taken"),
    ],
)
async def test_what_is_wrong_with_tls(
    servers: RawServers, certificates: dict[str, Certificate],
    attack: str, shown: str, trusted: bool, host: str, expected: str,
) -> None:  # fmt: skip
    server = await servers(reply("200 OK", b"ok"), tls=certificates[shown].server())
    tls = ssl.create_default_context(cafile=certificates[shown].file) if trusted else None
    async with HttpClient(allow_networks=["127.0.0.1/32"], resolve=Names(), tls=tls) as client:
        assert await outcome(polite(client), f"https://{host}.example:{server.port}/") == expected, attack
    assert bool(server.requests) == (expected == "taken"), "nothing is sent before the certificate is accepted"


async def test_plain_http_on_a_tls_port(servers: RawServers, fetch: GuardedFetch) -> None:
    server = await servers(b"HTTP/1.1 200 OK\r\n\r\n")
    assert await outcome(fetch, f"https://public.example:{server.port}/") == "later"


ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "lol"}">' for n in range(20))
ITEM = "<item><title>t</title><link>http://n.example/{}</link></item>"
RSS = "<rss version='2.0'><channel>{}</channel></rss>"
FEEDS = [
    ("entities that multiply", f"<!DOCTYPE x [{ENTITIES}]>" + RSS.format("<item><title>&e19;</title></item>")),
    ("one long entity, many times", f'<!DOCTYPE x [<!ENTITY a "{"a" * 100_000}">]>' + RSS.format("&a;" * 10_000)),
    (
        "an entity that is a file",
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + RSS.format("<item><title>&f;</title></item>"),
    ),
    ("an entity on the network", '<!DOCTYPE x SYSTEM "http://10.0.0.1/x.dtd">' + RSS.format("")),
    ("100,000 attributes on a tag", "<rss " + " ".join(f"a{n}='x'" for n in range(100_000)) + ">"),
    ("200,000 levels", "<rss>" + "<a>" * 200_000),
    ("200,000 items", RSS.format("".join(ITEM.format(n) for n in range(200_000)))),
    ("a title of 10 MB", RSS.format(f"<item><title>{'a' * 10_000_000}</title></item>")),
    ("an unclosed comment of 5 MB", "<rss><!--" + "-" * 5_000_000),
    ("an unclosed CDATA of 5 MB", "<rss><![CDATA[" + "]" * 5_000_000),
    ("a million ampersands", RSS.format(f"<item><title>{'&' * 1_000_000}</title></item>")),
    ("zeros", "\x00" * 1_000_000),
]  # fmt: skip


@pytest.mark.parametrize(("attack", "body"), FEEDS, ids=[row[0] for row in FEEDS])
async def test_what_a_feed_does_to_its_parser(workers: WorkerPool, attack: str, body: str) -> None:
    began = time.monotonic()
    try:
        found = await workers(feed_entries, body.encode(), "http://n.example/", "")
    except PermanentError as error:
        ended = error.reason
    else:
        ended = "read"
        assert len(found) <= rss.MAX_ENTRIES
        assert not any("root:" in item.title + item.text for item in found)
    assert ended in {"read", "too_slow", "too_heavy", "unreadable", "hostile"}, attack
    assert time.monotonic() - began < 15, "the worker was killed in time, start of another one included"
    good = await workers(feed_entries, RSS.format(ITEM.format(1)).encode(), "http://n.example/", "")
    assert [item.title for item in good] == ["t"]


PAGES = [
    ("50,000 tables", "<html><body>" + "<table><tr><td>x" * 50_000),
    ("100,000 links", "<html><body>" + "".join(f'<a href="/{n}">word</a> ' for n in range(100_000))),
    ("200,000 levels", "<html><body>" + "<div>" * 200_000),
    ("100,000 attributes on a tag", "<html><body " + " ".join(f"a{n}=x" for n in range(100_000)) + ">"),
    ("5 MB in one paragraph", "<html><body><p>" + "word " * 1_000_000),
    ("a million entities", "<html><body><p>" + "&amp;" * 1_000_000),
    ("scripts that end nowhere", "<html><script>" + "<!--<script>" * 100_000),
    ("a page of 6 MB", "x" * 6_000_000),
]


@pytest.mark.parametrize(("attack", "body"), PAGES, ids=[row[0] for row in PAGES])
async def test_what_a_page_does_to_its_parser(workers: WorkerPool, attack: str, body: str) -> None:
    async def served(url: str, *, etag: str | None = None, last_modified: str | None = None) -> Page | None:
        return Page(url, body.encode(), "text/html")

    began = time.monotonic()
    ended = "read"
    try:
        await PageReader(served, workers)(Found(url="http://n.example/", follow=True))
    except PermanentError as error:
        ended = error.reason
    assert ended in {"read", "too_slow", "too_heavy", "too_large", "unreadable", "hostile", "no_text"}, attack
    assert time.monotonic() - began < 15


def test_the_tables_list_at_least_sixty_attacks() -> None:
    assert len(WHERE) + len(HOW) + len(FEEDS) + len(PAGES) >= 100
