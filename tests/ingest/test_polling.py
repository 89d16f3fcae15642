"""Polling feeds on a real HTTP server, with real leases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import capture_logs

from services.ingest.adapters.fetch import GuardedFetch
from services.ingest.adapters.folder import LocalFolder
from services.ingest.adapters.leases import SqlSourceStates
from services.ingest.adapters.metrics import LAST_SUCCESS, PollCounter
from services.ingest.adapters.pages import PageReader
from services.ingest.found import Origin
from services.ingest.novelty import Reason, Status, Verdict, rejected
from services.ingest.politeness import Etiquette
from services.ingest.polling import LEASE, MAX_WAITS, Poll, PollReport
from services.ingest.ports import Reach
from services.ingest.schedule import Schedule
from services.ingest.source import ConfiguredSource
from services.ingest.sources import rss
from shared.clock import SystemClock
from shared.db import Database
from shared.errors import PermanentError, TransientError
from shared.http import HttpClient
from tests.ingest.conftest import NOW, Desk, FrozenClock, in_process, serving, transient
from tests.kit.wait import until

FEED = (
    '<rss version="2.0"><channel><title>x</title>'
    "<item><title>One</title><link>/1</link></item><item><title>Two</title><link>/2</link></item></channel></rss>"
)


class Site:
    """A site with a feed that can be told to misbehave; remembers what it was asked."""

    def __init__(self) -> None:
        self.replies: list[Response] = []
        self.asked: list[Request] = []
        self.failing_pages = 0
        self.gate: asyncio.Event | None = None

    async def feed(self, request: Request) -> Response:
        self.asked.append(request)
        if self.gate:
            await self.gate.wait()
        if self.replies:
            return self.replies.pop(0)
        if request.headers.get("if-none-match") == '"v1"':
            return Response(status_code=304)
        return Response(FEED, headers={"etag": '"v1"'}, media_type="application/rss+xml")

    async def page(self, request: Request) -> Response:
        self.asked.append(request)
        if self.failing_pages:
            self.failing_pages -= 1
            return Response("busy", 503)
        words = f"The whole text of page {request.path_params['n']}, which is longer than its summary. " * 3
        return Response(f"<html><body><article><p>{words}</p></article></body></html>", media_type="text/html")

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/feed", self.feed), Route("/{n:int}", self.page)])


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
async def site_url(site: Site) -> AsyncIterator[str]:
    async with serving(site.app()) as url:
        yield url


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    async with HttpClient(allow_networks=["127.0.0.0/8"]) as opened:
        yield opened


@pytest.fixture
def poll(desk: Desk, sqlite: Database, client: HttpClient, tmp_path: Any) -> Poll:
    return make_poll(desk, sqlite, client, tmp_path)


def make_poll(desk: Desk, sqlite: Database, client: HttpClient, tmp_path: Any, **settings: Any) -> Poll:
    fetch = GuardedFetch(client, desk.clock, etiquette=Etiquette([source("http://127.0.0.1")]))
    desk.pages = PageReader(fetch, in_process)  # type: ignore[assignment]
    return Poll(
        states=SqlSourceStates(sqlite),
        collect=desk.collect(),
        reach=Reach(fetch, in_process, LocalFolder(tmp_path, desk.clock)),
        errand=fetch.errand,
        publisher=desk.publisher,
        origin_of=Origin,
        clock=desk.clock,
        chance=lambda: 0.0,
        **settings,
    )


def source(url: str, **settings: Any) -> rss.Source:
    return rss.Source(id="wire", type="rss", url=f"{url}/feed", tier=1, host_gap="0s", **settings)


async def test_a_feed_is_collected_and_then_asked_for_changes_only(
    poll: Poll, desk: Desk, site: Site, site_url: str
) -> None:
    first = await poll.run(source(site_url))
    assert (first.count(Status.ACCEPTED), first.next_look) == (2, NOW + timedelta(minutes=5))
    assert [article.url for article in desk.publisher.articles] == [f"{site_url}/1", f"{site_url}/2"]
    desk.clock.advance(timedelta(minutes=5))
    again = await poll.run(source(site_url))
    assert (again.polled, again.verdicts, again.error) == (True, (), None)
    assert site.asked[1].headers["if-none-match"] == '"v1"'


async def test_a_source_that_is_not_due_is_not_asked(poll: Poll, site: Site, site_url: str) -> None:
    await poll.run(source(site_url))
    report = await poll.run(source(site_url))
    assert (report.polled, report.next_look) == (False, NOW + timedelta(minutes=5))
    assert len(site.asked) == 1


async def test_full_text_takes_the_page_of_each_new_entry(poll: Poll, desk: Desk, site_url: str) -> None:
    await poll.run(source(site_url, full_text=True))
    assert all("The whole text of page" in article.text for article in desk.publisher.articles)


async def test_a_page_that_cannot_be_had_now_is_waited_for(poll: Poll, desk: Desk, site: Site, site_url: str) -> None:
    site.failing_pages = 1
    first = await poll.run(source(site_url, full_text=True))
    assert (first.count(Status.ACCEPTED), first.count(Status.POSTPONED), first.error) == (1, 1, None)
    desk.clock.advance(timedelta(minutes=5))
    second = await poll.run(source(site_url, full_text=True))
    assert (second.count(Status.ACCEPTED), second.count(Status.DUPLICATE)) == (1, 1)
    assert all("The whole text of page" in article.text for article in desk.publisher.articles)
    desk.clock.advance(timedelta(minutes=5))
    assert (await poll.run(source(site_url, full_text=True))).verdicts == ()
    validators = [request.headers.get("if-none-match") for request in site.asked if request.url.path == "/feed"]
    assert validators == [None, None, '"v1"'], "the place in the feed is kept while articles wait"


async def test_a_page_that_never_comes_is_given_up_for_the_words_of_the_feed(
    poll: Poll, desk: Desk, site: Site, site_url: str
) -> None:
    site.failing_pages = 1_000
    for _ in range(MAX_WAITS):
        assert (await poll.run(source(site_url, full_text=True))).count(Status.POSTPONED) == 2
        desk.clock.advance(timedelta(minutes=5))
    assert (await poll.run(source(site_url, full_text=True))).count(Status.ACCEPTED) == 2
    assert [article.title for article in desk.publisher.articles] == ["One", "Two"]


async def test_a_source_with_a_new_address_is_polled_at_once_and_asked_for_everything(
    poll: Poll, desk: Desk, site: Site, site_url: str
) -> None:
    await poll.run(source(site_url))
    desk.clock.advance(timedelta(minutes=5))
    site.replies = [Response("busy", 500, {"retry-after": "80000"})]
    assert (await poll.run(source(site_url))).next_look == desk.clock.now() + timedelta(seconds=80_000)
    assert not (await poll.run(source(site_url))).polled
    report = await poll.run(source(site_url).model_copy(update={"url": f"{site_url}/feed?all"}))
    assert (report.polled, report.error, report.count(Status.DUPLICATE)) == (True, None, 2)
    assert "if-none-match" not in site.asked[-1].headers


async def test_a_poll_under_way_keeps_its_lease_and_others_look_again_when_it_could_end(
    desk: Desk, sqlite: Database, client: HttpClient, tmp_path: Any, site: Site, site_url: str
) -> None:
    slow = make_poll(desk, sqlite, client, tmp_path, renew=timedelta(milliseconds=10))
    site.gate = asyncio.Event()
    daily = source(site_url, interval="1d")
    under_way = asyncio.create_task(slow.run(daily))
    await until(lambda: site.asked)
    other = await slow.run(daily)
    assert (other.polled, other.next_look) == (False, NOW + LEASE)
    desk.clock.advance(LEASE)
    states = SqlSourceStates(sqlite)

    async def renewed() -> bool:
        state = (await states.look(["wire"])).get("wire")
        return state is not None and state.lease_until == NOW + 2 * LEASE

    await until(renewed)
    site.gate.set()
    assert (await under_way).count(Status.ACCEPTED) == 2


@pytest.mark.parametrize(
    ("reply", "words", "wait"),
    [
        (Response("busy", 503, {"retry-after": "1800"}), "HTTP 503", timedelta(minutes=30)),
        (Response("busy", 429, {"retry-after": "Thu, 12 Feb 2026 10:30:00 GMT"}), "HTTP 429", timedelta(minutes=90)),
        (Response("busy", 429, {"retry-after": "later"}), "HTTP 429", timedelta(minutes=10)),
        (Response("gone", 410), "HTTP 410", timedelta(minutes=10)),
        (Response("<html>Sorry</html>"), "not a feed", timedelta(minutes=10)),
        (Response(b"x" * 16_000_000), "", timedelta(minutes=10)),
        (Response("", 302, {"location": "http://10.0.0.1/feed"}), "", timedelta(minutes=10)),
    ],
    ids=["503", "429 with a date", "429 without", "410", "no feed", "too large", "redirect to a private address"],
)
async def test_a_source_that_fails_waits_and_keeps_its_place(
    poll: Poll, desk: Desk, site: Site, site_url: str, reply: Response, words: str, wait: timedelta
) -> None:
    site.replies = [reply]
    report = await poll.run(source(site_url))
    assert report.error is not None
    assert words in report.error
    assert report.next_look == NOW + wait
    desk.clock.advance(wait)
    assert (await poll.run(source(site_url))).count(Status.ACCEPTED) == 2


async def test_a_feed_whose_articles_could_not_be_published_is_read_again(
    poll: Poll, desk: Desk, site_url: str
) -> None:
    desk.publisher.fails = lambda _: transient("no NATS")
    report = await poll.run(source(site_url))
    assert report.error == "no NATS"
    assert report.next_look == NOW + timedelta(seconds=15), "a source is not blamed for our own fault"
    desk.publisher.fails = lambda _: None
    desk.clock.advance(timedelta(seconds=15))
    assert (await poll.run(source(site_url))).count(Status.ACCEPTED) == 2


async def test_replicas_never_poll_a_source_at_the_same_time(desk: Desk, poll: Poll, site: Site, site_url: str) -> None:
    reports = await asyncio.gather(*(poll.run(source(site_url)) for _ in range(5)))
    assert [report.polled for report in reports].count(True) == 1
    assert len(site.asked) == 1


async def test_a_server_that_is_not_there_is_a_failure_that_may_pass(client: HttpClient) -> None:
    with pytest.raises(TransientError):
        await GuardedFetch(client, FrozenClock())("http://127.0.0.1:1/feed")


async def test_a_private_address_is_refused_for_good() -> None:
    async with HttpClient() as guarded:
        with pytest.raises(PermanentError):
            await GuardedFetch(guarded, FrozenClock())("http://127.0.0.1:1/feed")


class Wanted:
    """A poll that counts, and sets an event when it has seen enough."""

    def __init__(self, enough: int) -> None:
        self.polled: list[str] = []
        self.enough, self.done = enough, asyncio.Event()
        self.error: BaseException | None = None

    async def __call__(self, source: ConfiguredSource) -> PollReport:
        self.polled.append(source.id)
        if len(self.polled) >= self.enough:
            self.done.set()
        if self.error:
            raise self.error
        return PollReport(source.id, SystemClock().now(), polled=True)


def named(name: str, **settings: Any) -> rss.Source:
    return rss.Source(id=name, type="rss", url="https://n.example/", **settings)


async def test_every_source_is_polled_again_when_its_poll_says_so() -> None:
    wanted = Wanted(1)
    schedule = Schedule(wanted, clock=SystemClock(), watch=PollCounter(SystemClock()))
    schedule.start([named("a"), named("b")])
    await until(lambda: min(wanted.polled.count("a"), wanted.polled.count("b")) > 3)
    await schedule.stop()
    assert LAST_SUCCESS.labels("a")._value.get() > 0


async def test_new_sources_are_polled_and_removed_ones_no_more() -> None:
    wanted = Wanted(1)
    schedule = Schedule(wanted, clock=SystemClock(), watch=lambda _: None)
    schedule.start([named("old")])
    await asyncio.wait_for(wanted.done.wait(), 10)
    wanted.done.clear()
    schedule.apply([named("new")])
    wanted.polled.clear()
    wanted.enough = 10
    await asyncio.wait_for(wanted.done.wait(), 10)
    await schedule.stop()
    assert wanted.polled.count("old") <= 1  # one may have been under way
    assert "new" in wanted.polled


@pytest.mark.parametrize("error", [transient("database: locked"), RuntimeError("a bug"), asyncio.CancelledError()])
async def test_a_source_whose_poll_breaks_stays_on_the_schedule(error: BaseException) -> None:
    wanted = Wanted(1)
    wanted.error = error
    schedule = Schedule(wanted, clock=SystemClock(), watch=lambda _: None)
    schedule.start([named("a")])
    await asyncio.wait_for(wanted.done.wait(), 10)
    await asyncio.gather(*schedule._running, return_exceptions=True)
    assert schedule._scheduler.get_job("a") is not None
    await schedule.stop()


async def logged(report: PollReport) -> list[tuple[str, str]]:
    """What one poll with this report writes to the log, with its level."""
    told = asyncio.Event()

    async def once(_: ConfiguredSource) -> PollReport:
        return report

    schedule = Schedule(once, clock=SystemClock(), watch=lambda _: told.set())
    with capture_logs() as lines:
        schedule.start([named("a")])
        await asyncio.wait_for(told.wait(), 10)
        await schedule.stop()
    return [(line["event"], line["log_level"]) for line in lines]


@pytest.mark.parametrize(
    ("why", "level", "changes"),
    [
        ("nothing was found", "debug", {}),
        ("only known articles", "debug", {"verdicts": (Verdict(Status.DUPLICATE, Reason.ALREADY_PUBLISHED),)}),
        ("a new article", "info", {"verdicts": (Verdict(Status.ACCEPTED, Reason.NEW),)}),
        ("an article without text", "info", {"verdicts": (rejected(Reason.EMPTY_TEXT),)}),
        ("a file that is no JSON", "warning", {"problems": ("a.json: not JSON",)}),
        ("no answer", "warning", {"error": "HTTP 503"}),
    ],
)
async def test_a_poll_is_as_loud_as_what_it_found(why: str, level: str, changes: dict[str, Any]) -> None:
    report = PollReport("a", SystemClock().now() + timedelta(minutes=5), polled=True, **changes)
    assert await logged(report) == [("polled", level)], why


async def test_stopping_ends_a_poll_that_is_under_way() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def slow(source: ConfiguredSource) -> PollReport:
        begun.set()
        await ended.wait()
        return PollReport(source.id, SystemClock().now())

    schedule = Schedule(slow, clock=SystemClock(), watch=lambda _: None)
    schedule.start([named("a")])
    await asyncio.wait_for(begun.wait(), 10)
    stopping = asyncio.create_task(schedule.stop())
    ended.set()
    await asyncio.wait_for(stopping, 10)
    assert not schedule._running
