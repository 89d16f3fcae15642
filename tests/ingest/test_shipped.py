"""The sources that ship, polled as they are configured, from servers that answer as the real ones do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from services.ingest.adapters.catalog import load
from services.ingest.adapters.fetch import GuardedFetch
from services.ingest.adapters.isolation import WorkerPool
from services.ingest.adapters.pages import PageReader
from services.ingest.found import Found
from services.ingest.ports import Reach
from services.ingest.source import Polled
from shared.errors import PermanentError, TransientError
from shared.http import HttpClient
from shared.settings import DEFAULT_CONFIG
from tests.ingest.conftest import FrozenClock, in_process, serving
from tests.ingest.replicas import World

SHIPPED = {source.id: source for source in load(DEFAULT_CONFIG, {})}
FEEDS = {
    "eu-official-journal": "eurlex",
    "eu-commission-press": "commission",
    "ustr-press": "ustr",
    "google-news-minerals": "google",
    "uk-business-and-trade": "govuk",
}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def host(world: World) -> AsyncIterator[str]:
    async with serving(world.app()) as url:
        yield url


@pytest.fixture
async def fetch() -> AsyncIterator[GuardedFetch]:
    async with HttpClient(allow_networks=["127.0.0.0/8"]) as client:
        yield GuardedFetch(client, FrozenClock())


class Watcher:
    """Polls a shipped source at the replica, from one round to the next."""

    def __init__(self, source_id: str, host: str, fetch: GuardedFetch, path: str | None = None) -> None:
        source: Any = SHIPPED[source_id]
        parts = urlsplit(source.url)
        place = path or parts.path + (f"?{parts.query}" if parts.query else "")
        self.source = source.model_copy(update={"url": host + place})
        self._reach = Reach(fetch, in_process, None)  # type: ignore[arg-type]
        self.cursor: Mapping[str, Any] = {}

    async def poll(self) -> Polled:
        polled: Polled = await self.source.poll(self.cursor, self._reach)
        self.cursor = polled.cursor
        return polled

    async def round(self, most: int = 10) -> list[list[Found]]:
        """Pages of one round."""
        pages: list[list[Found]] = []
        for _ in range(most):
            polled = await self.poll()
            pages.append(list(polled.found))
            if polled.again_in is None:
                return pages
        raise AssertionError("the round does not end")


async def test_the_federal_register_is_read_page_by_page_and_from_then_on_by_date(
    world: World, host: str, fetch: GuardedFetch
) -> None:
    watcher = Watcher("federal-register", host, fetch)
    pages = await watcher.round()
    assert [len(page) for page in pages] == [100, 100, 100]
    first = pages[0][0]
    assert (first.title, first.url) == (
        "Additions to the Entity List, part 2026-01000",
        "https://register.example/documents/2026-01000",
    )
    assert first.published is not None
    assert first.published.at == datetime(2026, 2, 12, 5, tzinfo=UTC)  # midnight in Washington
    assert len(world.register.asked[0].query_params.getlist("conditions[agencies][]")) == 5
    assert "conditions[publication_date][gte]" not in world.register.asked[0].query_params
    assert [len(page) for page in await watcher.round()] == [100]  # all known: no second page
    assert world.register.asked[-1].query_params["conditions[publication_date][gte]"] == "2026-02-10"


async def test_no_documents_and_a_refused_condition_are_not_the_same(
    world: World, host: str, fetch: GuardedFetch
) -> None:
    watcher = Watcher("federal-register", host, fetch)
    world.register.empty = True
    assert await watcher.round() == [[]]
    watcher.source = watcher.source.model_copy(update={"params": {"conditions[mineral]": "tin", "per_page": 1}})
    with pytest.raises(PermanentError, match="not a valid field"):
        await watcher.poll()


async def test_the_inspection_list_is_narrowed_here_and_dated_by_its_filing(host: str, fetch: GuardedFetch) -> None:
    [page] = await Watcher("federal-register-inspection", host, fetch).round()
    assert [item.title for item in page] == ["Export Controls on Gallium Machines", "List of Critical Minerals"]
    assert page[0].published is not None
    assert page[0].published.at == datetime(2026, 2, 12, 13, 45, tzinfo=UTC)
    assert page[1].published is None


@pytest.mark.parametrize("source_id", ["mofcom-announcements", "mofcom-spokesperson", "mofcom-export-control"])
async def test_a_list_of_the_ministry_is_read_out_of_its_unit(source_id: str, host: str, fetch: GuardedFetch) -> None:
    watcher = Watcher(source_id, host, fetch)
    [page] = await watcher.round()
    assert [item.title for item in page] == [
        "商务部公告2026年第2号 公布对锑实施出口管制的决定",
        "商务部公告2026年第1号 公布对锑实施出口管制的决定",
    ]
    assert page[0].url is not None
    assert page[0].url.startswith(f"{host}/art/2026/art_0123")
    assert page[0].published is not None
    assert page[0].published.at == datetime(2026, 2, 11, 16, tzinfo=UTC)  # midnight in Beijing
    assert page[0].follow
    assert page[0].attachments


async def test_a_notice_of_the_ministry_is_read_with_its_annex(
    host: str, fetch: GuardedFetch, workers: WorkerPool
) -> None:
    [page] = await Watcher("mofcom-announcements", host, fetch).round()
    notice = await PageReader(fetch, workers)(page[0])
    assert notice.title == "公布对锑实施出口管制的决定"
    assert "须申请许可" in notice.text
    assert "Annex: antimony ore and concentrates" in notice.text
    assert "【打印】" not in notice.text
    assert not notice.partial
    assert notice.published is not None
    assert notice.published.at == datetime(2026, 2, 12, 8, 5, tzinfo=UTC)


async def test_a_unit_that_fails_under_http_200_is_a_failure(world: World, host: str, fetch: GuardedFetch) -> None:
    world.mofcom.broken = True
    with pytest.raises(PermanentError, match=r"no HTML at `data\.html`"):
        await Watcher("mofcom-announcements", host, fetch).poll()


async def test_a_service_whose_pages_are_all_the_same_is_asked_for_two(
    world: World, host: str, fetch: GuardedFetch
) -> None:
    watcher = Watcher("china-export-control-network", host, fetch)
    pages = await watcher.round()
    assert pages[0][0].title == "两用物项公告第0号"
    assert pages[0][0].published is not None
    assert pages[0][0].published.at == datetime(2026, 2, 12, 1, tzinfo=UTC)
    assert world.network.asked == 2
    await watcher.round()
    assert world.network.asked == 3


async def test_gdelt_finds_addresses_without_believing_the_time_of_its_crawl(host: str, fetch: GuardedFetch) -> None:
    for source_id in ("gdelt-bans", "gdelt-metals", "gdelt-ores", "gdelt-alliances", "gdelt-chinese"):
        [[found]] = await Watcher(source_id, host, fetch).round()
        assert found.title == "Country curbs gallium exports , ministry says"
        assert found.url == "https://paper.example/a"
        assert found.published is None
        assert found.follow


async def test_gdelts_no_in_plain_text_is_an_error_and_no_news_is_none(
    world: World, host: str, fetch: GuardedFetch
) -> None:
    watcher = Watcher("gdelt-bans", host, fetch)
    world.gdelt.too_often = True
    with pytest.raises(TransientError, match="limit requests to one every 5 seconds") as caught:
        await watcher.poll()
    assert caught.value.retry_after
    world.gdelt.too_often = False
    world.gdelt.empty = True
    assert await watcher.round() == [[]]
    watcher.source = watcher.source.model_copy(update={"params": {"query": "gallium OR tin"}})
    with pytest.raises(PermanentError, match="must be surrounded by"):
        await watcher.poll()


async def test_gov_uk_is_read_page_by_page(host: str, fetch: GuardedFetch) -> None:
    pages = await Watcher("uk-export-control", host, fetch).round()
    assert [len(page) for page in pages] == [50, 10]
    assert pages[0][0].url == "https://www.gov.uk/government/publications/nte-2026-00"
    assert pages[0][0].text == "Changes to open licences."


@pytest.mark.parametrize(
    ("source_id", "title", "hour"),
    [
        ("eu-official-journal", "Regulation (EU) 2026/1 on scrap of permanent magnets, OJ L, 2026/1, 12.2.2026", 23),
        ("eu-commission-press", "Questions and answers on critical raw materials", 11),
        ("ustr-press", "Joint Statement & Fact Sheet on Critical Minerals", 15),
        ("google-news-minerals", "Country limits cobalt exports - The Courier", 8),
        ("uk-business-and-trade", "News story: Export licences", 9),
    ],
)
async def test_a_feed_that_ships_is_read(source_id: str, title: str, hour: int, host: str, fetch: GuardedFetch) -> None:
    [[found]] = await Watcher(source_id, host, fetch, f"/feeds/{FEEDS[source_id]}").round()
    assert found.title == title
    assert found.published is not None
    assert found.published.at.hour == hour
    assert found.url


async def test_a_feed_that_moved_is_followed(host: str, fetch: GuardedFetch) -> None:
    [[found]] = await Watcher("ustr-press", host, fetch, "/moved.xml").round()
    assert found.url == "https://ustr.example/about/2026/february/joint-statement"


async def test_the_sitemap_of_a_wire_brings_headlines_without_its_walled_pages(host: str, fetch: GuardedFetch) -> None:
    [[found]] = await Watcher("reuters-sitemap", host, fetch).round()
    assert (found.title, found.follow) == ("Export ban on tin ore", False)


def test_every_shipped_source_of_the_web_is_off_and_its_pages_have_a_zone() -> None:
    web = [source for source in SHIPPED.values() if source.type != "directory"]
    assert len(web) > 80
    assert not [source.id for source in web if source.enabled]
    chinese = [source for source in web if source.lang == "zh" and source.type != "rss"]
    assert {getattr(source, "zone", None) for source in chinese} == {"Asia/Shanghai"}
