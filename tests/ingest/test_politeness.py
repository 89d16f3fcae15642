"""How sources are treated: robots.txt, one request a host at a time, Retry-After, freshness, windows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.ingest.adapters.fetch import GuardedFetch
from services.ingest.adapters.hosts import HostGate
from services.ingest.adapters.turns import SqlTurns
from services.ingest.cadence import Due, Pace, next_poll
from services.ingest.freshness import feed_says, stays_fresh, wait_asked
from services.ingest.manners import Manners, Window
from services.ingest.politeness import Etiquette, hosts
from services.ingest.ports import HostBusy
from services.ingest.sources import rss
from shared.clock import SystemClock
from shared.db import Database
from shared.errors import PermanentError, TransientError
from shared.http import HttpClient
from tests.ingest.conftest import NOW, FrozenClock, serving

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Site:
    """A site with a robots.txt, which notes when it was asked for what and how many were in at a time."""

    def __init__(self) -> None:
        self.robots = Response("", 404)
        self.page = Response("ok", media_type="text/plain")
        self.asked: list[tuple[str, float]] = []
        self.inside = self.most = 0

    async def answer(self, request: Request) -> Response:
        self.asked.append((request.url.path, time.monotonic()))
        self.inside += 1
        self.most = max(self.most, self.inside)
        await asyncio.sleep(0.01)
        self.inside -= 1
        if request.url.path == "/robots.txt":
            return self.robots
        if request.url.path == "/moved":
            return Response("", 302, {"location": "/secret/page"})
        return self.page

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self.answer)])


@pytest.fixture
async def site() -> AsyncIterator[tuple[Site, str]]:
    site = Site()
    async with serving(site.app()) as url:
        yield site, url


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    async with HttpClient(allow_networks=["127.0.0.0/8"]) as opened:
        yield opened


def source(**settings: Any) -> rss.Source:
    settings = {"host_gap": "0s"} | settings
    return rss.Source(id="wire", type="rss", url="http://127.0.0.1/feed", **settings)


def fetcher(client: HttpClient, clock: FrozenClock | None = None, **settings: Any) -> GuardedFetch:
    return GuardedFetch(client, clock or FrozenClock(), etiquette=Etiquette([source(**settings)]))


ROBOTS = "User-agent: *\nDisallow: /\n\nUser-agent: orewire\nDisallow: /secret/\nDisallow: /*?print=\n"


async def test_robots_txt_is_read_once_a_day_and_obeyed(site: tuple[Site, str], client: HttpClient) -> None:
    known, url = site
    known.robots = Response(ROBOTS)
    clock = FrozenClock()
    fetch = fetcher(client, clock)
    assert (await fetch(f"{url}/news/1")) is not None
    for refused in ("/secret/page", "/news/1?print=1", "/moved"):
        with pytest.raises(PermanentError, match=r"robots\.txt disallows it"):
            await fetch(f"{url}{refused}")
    assert known.paths() == ["/robots.txt", "/news/1", "/moved"]
    clock.advance(timedelta(hours=25))
    await fetch(f"{url}/news/2")
    assert known.paths()[-2:] == ["/robots.txt", "/news/2"]


async def test_an_operator_may_override_robots_txt_with_a_reason(site: tuple[Site, str], client: HttpClient) -> None:
    known, url = site
    known.robots = Response("User-agent: *\nDisallow: /\n")
    fetch = fetcher(client, ignore_robots="the ministry allowed it by letter of 3 May")
    assert await fetch(f"{url}/notice") is not None
    assert known.paths() == ["/notice"]
    with pytest.raises(ValidationError, match="ignore_robots"):
        source(ignore_robots="yes")


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_a_site_that_has_no_robots_txt_allows_everything(
    site: tuple[Site, str], client: HttpClient, status: int
) -> None:
    site[0].robots = Response("<html>no</html>", status)
    assert await fetcher(client)(f"{site[1]}/news") is not None


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_nothing_is_fetched_while_robots_txt_cannot_be_read(
    site: tuple[Site, str], client: HttpClient, status: int
) -> None:
    known, url = site
    known.robots = Response("", status)
    clock = FrozenClock()
    fetch = fetcher(client, clock)
    for _ in range(2):
        with pytest.raises(TransientError, match=r"robots\.txt cannot be read"):
            await fetch(f"{url}/news")
    assert known.paths() == ["/robots.txt"], "and it is not asked for again at once"
    known.robots = Response("")
    clock.advance(timedelta(minutes=11))
    assert await fetch(f"{url}/news") is not None


async def test_old_rules_hold_for_a_day_when_robots_txt_cannot_be_read_again(
    site: tuple[Site, str], client: HttpClient
) -> None:
    known, url = site
    known.robots = Response(ROBOTS)
    clock = FrozenClock()
    fetch = fetcher(client, clock)
    await fetch(f"{url}/news")
    known.robots = Response("", 500)
    clock.advance(timedelta(hours=30))
    assert await fetch(f"{url}/news") is not None
    clock.advance(timedelta(hours=30))
    with pytest.raises(TransientError, match="cannot be read"):
        await fetch(f"{url}/news")


@pytest.mark.parametrize(
    "text",
    [
        "User-agent: *\nDisallow: /" + "*a" * 5_000 + "*b",
        "Disallow: /x\n" * 100_000,
        "\x00" * 600_000,
        "<html>" * 9_000,
    ],
    ids=["stars", "flood of lines", "zeros", "a page"],
)
async def test_a_hostile_robots_txt_holds_nobody_up(site: tuple[Site, str], client: HttpClient, text: str) -> None:
    site[0].robots = Response(text)
    async with asyncio.timeout(5):
        assert await fetcher(client)(f"{site[1]}/" + "a" * 2_000) is not None


async def test_a_host_is_asked_one_thing_at_a_time_with_a_pause(site: tuple[Site, str], client: HttpClient) -> None:
    known, url = site
    fetch = fetcher(client, host_gap="100ms")
    await asyncio.gather(*(fetch(f"{url}/news/{number}") for number in range(4)))
    times = [at for _, at in known.asked]
    assert known.most == 1
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.1


async def test_a_crawl_delay_is_kept(site: tuple[Site, str], client: HttpClient) -> None:
    known, url = site
    known.robots = Response("User-agent: *\nCrawl-delay: 0.2\n")
    fetch = fetcher(client)
    await fetch(f"{url}/1")
    await fetch(f"{url}/2")
    assert known.asked[2][1] - known.asked[1][1] >= 0.2


async def test_a_host_that_is_overrun_is_left_alone_by_all_its_sources(
    site: tuple[Site, str], client: HttpClient
) -> None:
    known, url = site
    clock = FrozenClock()
    fetch = fetcher(client, clock)
    known.page = Response("slow down", 429, {"retry-after": "600"})
    with pytest.raises(TransientError, match="HTTP 429"):
        await fetch(f"{url}/a")
    known.page = Response("ok")
    with pytest.raises(HostBusy) as busy:
        await fetch(f"{url}/b")
    assert busy.value.retry_after == pytest.approx(600)
    clock.advance(timedelta(seconds=601))
    assert await fetch(f"{url}/b") is not None


async def test_who_would_stand_in_line_too_long_comes_back_later() -> None:
    gate = HostGate(FrozenClock(), lambda _: timedelta(seconds=40), lambda _: False, None)
    entered = asyncio.Event()

    async def hold() -> None:
        async with gate.turn("h.example"):
            entered.set()
            await asyncio.Event().wait()

    holding = [asyncio.create_task(hold()) for _ in range(2)]
    await entered.wait()
    with pytest.raises(HostBusy, match="its turn comes in"):
        async with gate.turn("h.example"):
            pass
    for task in holding:
        task.cancel()
    await asyncio.gather(*holding, return_exceptions=True)


async def test_replicas_agree_whose_turn_it_is_at_a_host_they_share(tables: Database) -> None:
    inside: list[int] = []
    ends: list[float] = []

    async def visit(number: int) -> None:
        gate = HostGate(
            SystemClock(), lambda _: timedelta(seconds=0.2), lambda _: True, SqlTurns(tables, SystemClock())
        )
        async with gate.turn("h.example"):
            inside.append(number)
            began = time.monotonic()
            assert not ends or began - ends[-1] >= 0.15
            assert len(inside) == 1, "one at a time"
            await asyncio.sleep(0.05)
            inside.remove(number)
            ends.append(time.monotonic())

    await asyncio.gather(*(visit(number) for number in range(3)))
    assert len(ends) == 3


async def test_a_turn_that_never_ends_is_not_waited_for_for_ever(tables: Database) -> None:
    clock = FrozenClock()
    turns, others = SqlTurns(tables, clock, patience=0.5), SqlTurns(tables, clock, patience=0.0)
    async with turns("h.example", 1.0):
        with pytest.raises(HostBusy):
            async with others("h.example", 1.0):
                pass
        clock.advance(timedelta(seconds=31))
        async with others("h.example", 1.0):
            pass


def test_a_sources_hosts_are_found_wherever_they_stand_in_its_entry() -> None:
    other = source(ignore_robots="see http://letter.example/3 for why")
    assert hosts(other) == {"127.0.0.1"}
    shared = Etiquette([source(), other.model_copy(update={"id": "b", "host_gap": timedelta(seconds=6)})])
    assert shared.is_shared("127.0.0.1")
    assert (shared.gap("127.0.0.1"), shared.gap("elsewhere.example")) == (timedelta(seconds=6), timedelta(seconds=1))


@pytest.mark.parametrize(
    ("headers", "fresh"),
    [
        ({"cache-control": "public, max-age=600"}, 10 * MINUTE),
        ({"cache-control": 'Max-Age="600"', "age": "60"}, 9 * MINUTE),
        ({"cache-control": "max-age=60", "age": "600"}, timedelta(0)),
        ({"cache-control": "no-cache, max-age=600"}, timedelta(0)),
        ({"cache-control": "max-age=99999999999999999999"}, timedelta(days=30)),
        ({"cache-control": "max-age=-5"}, timedelta(0)),
        ({"expires": "Thu, 12 Feb 2026 09:10:00 GMT"}, 10 * MINUTE),
        ({"expires": "Thu, 12 Feb 2026 08:10:00 GMT"}, timedelta(0)),
        ({"expires": "-1"}, None),
        ({}, None),
    ],
)
def test_what_http_says_about_freshness(headers: dict[str, str], fresh: timedelta | None) -> None:
    assert stays_fresh(headers, NOW) == fresh


@pytest.mark.parametrize(
    ("body", "span"),
    [
        (b"<rss><channel><ttl>60</ttl><item/>", HOUR),
        (b"<channel><item><ttl>60</ttl></item>", None),
        (b"<sy:updatePeriod> daily </sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", 6 * HOUR),
        (b"<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", HOUR),
        (b"<ttl>9999999</ttl>", timedelta(days=30)),
        (b"", None),
    ],
)
def test_what_a_feed_says_about_itself(body: bytes, span: timedelta | None) -> None:
    assert feed_says(body) == span


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("120", 2 * MINUTE), ("Thu, 12 Feb 2026 10:00:00 GMT", HOUR), ("Thu, 12 Feb 2020 10:00:00 GMT", timedelta(0)),
        ("soon", None), ("-5", None), ("１２０", None), ("", None), ("Thu, 99 Foo 2026", None),
    ],
)  # fmt: skip
def test_retry_after_in_both_forms(text: str, wait: timedelta | None) -> None:
    assert wait_asked({"retry-after": text}, NOW) == wait


BRIEFING = Window(start="0 14 * * thu", lasts="4h", every="30s", timezone="Asia/Shanghai")
MINISTRY = Manners(interval="10m", windows=(BRIEFING,))


@pytest.mark.parametrize(
    ("now", "options", "due", "pace"),
    [
        ("2026-02-12T05:00", {}, "2026-02-12T05:10", Pace.INTERVAL),
        ("2026-02-12T05:55", {}, "2026-02-12T06:00", Pace.WINDOW),
        ("2026-02-12T06:00", {}, "2026-02-12T06:00:30", Pace.WINDOW),
        ("2026-02-12T09:59", {}, "2026-02-12T09:59:30", Pace.WINDOW),
        ("2026-02-12T10:01", {}, "2026-02-12T10:11", Pace.INTERVAL),
        ("2026-02-12T06:30", {"fresh_for": HOUR}, "2026-02-12T06:30:30", Pace.WINDOW),
        ("2026-02-12T06:30", {"failures": 1}, "2026-02-12T06:31", Pace.BACKOFF),
        ("2026-02-12T05:55", {"failures": 9}, "2026-02-12T06:00", Pace.WINDOW),
        ("2026-02-12T05:55", {"failures": 1, "retry_after": HOUR}, "2026-02-12T06:55", Pace.RETRY_AFTER),
        ("2026-02-12T05:00", {"fresh_for": 20 * MINUTE}, "2026-02-12T05:20", Pace.STILL_FRESH),
        ("2026-02-12T03:00", {"fresh_for": 9 * HOUR}, "2026-02-12T03:40", Pace.STILL_FRESH),
        ("2026-02-12T03:00", {"usual_gap": 5 * HOUR}, "2026-02-12T03:30", Pace.SELDOM_NEW),
        ("2026-02-12T03:00", {"usual_gap": 90 * HOUR}, "2026-02-12T03:40", Pace.SELDOM_NEW),
        ("2026-02-12T03:00", {"usual_gap": MINUTE}, "2026-02-12T03:10", Pace.INTERVAL),
    ],
)
def test_when_a_ministry_with_a_weekly_briefing_is_polled(
    now: str, options: dict[str, Any], due: str, pace: Pace
) -> None:
    def at(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    assert next_poll(at(now), MINISTRY, **options) == Due(at(due), pace)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"start": "0 14 * * 4", "lasts": "4h", "every": "30s"}, "written by name"),
        ({"start": "often", "lasts": "4h", "every": "30s"}, "five fields"),
        ({"start": "0 14 * * thu", "lasts": "4h", "every": "30s", "timezone": "Beijing"}, "time zone"),
        ({"start": "0 14 * * thu", "lasts": "10s", "every": "30s"}, "at least `every`"),
        ({"start": "0 14 * * thu", "lasts": "4h", "every": "1s"}, "at least 5s"),
        ({"start": "", "lasts": "4h", "every": "30s"}, "five fields"),
    ],
)
def test_a_window_that_cannot_be_meant_is_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Window(**settings)


def test_a_ceiling_below_the_interval_is_refused() -> None:
    with pytest.raises(ValidationError, match="max_interval"):
        Manners(interval="10m", max_interval="5m")
    with pytest.raises(ValidationError, match="host_gap"):
        Manners(host_gap="2h")
