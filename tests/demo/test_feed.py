"""The demo's feeds and pages, over real HTTP and read with a real feed parser."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import feedparser
import httpx
import pytest
import trafilatura

from services.demo.articles import Published, publish, slug_of
from services.demo.feed import Feed
from services.demo.library import load_library
from services.demo.serving import serving

START = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def articles() -> list[Published]:
    return [publish(slug, article, start=START) for slug, article in load_library().articles.items()]


@pytest.fixture
def feed(articles: list[Published]) -> Feed:
    return Feed(articles)


@pytest.fixture
async def client(feed: Feed) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(feed.app) as url, httpx.AsyncClient(base_url=url, trust_env=False) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "version"),
    [("demo-newswire.rss", "rss20"), ("demo-courier.atom", "atom10"), ("demo-opinion.rdf", "rss10")],
)
async def test_each_format_reads_back_with_titles_links_and_dates(
    feed: Feed, client: httpx.AsyncClient, path: str, version: str
) -> None:
    feed.show(2)
    parsed = feedparser.parse((await client.get(f"/feeds/{path}")).content)
    shown = [article for article in feed.visible if article.source == path.split(".", maxsplit=1)[0]]
    assert parsed.version == version
    assert not parsed.bozo
    assert [entry.title for entry in parsed.entries] == [article.title for article in shown]
    assert [slug_of(entry.link) for entry in parsed.entries] == [article.slug for article in shown]
    assert [(entry.get("published_parsed") or entry.updated_parsed)[:5] for entry in parsed.entries] == [
        article.published_at.timetuple()[:5] for article in shown
    ]


async def test_an_article_does_not_exist_before_its_wave(feed: Feed, client: httpx.AsyncClient) -> None:
    later = "/articles/demo-newswire/nickel-levy-signed"
    feed.show(1)
    assert (await client.get(later)).status_code == 404
    assert "nickel-levy-signed" not in (await client.get("/feeds/demo-newswire.rss")).text
    feed.show(2)
    assert (await client.get(later)).status_code == 200
    assert "nickel-levy-signed" in (await client.get("/feeds/demo-newswire.rss")).text


async def test_an_unchanged_feed_is_not_sent_again(feed: Feed, client: httpx.AsyncClient) -> None:
    feed.show(1)
    tag = (await client.get("/feeds/demo-newswire.rss")).headers["etag"]
    again = await client.get("/feeds/demo-newswire.rss", headers={"If-None-Match": tag})
    feed.show(2)
    changed = await client.get("/feeds/demo-newswire.rss", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, changed.status_code) == (304, b"", 200)


async def test_extraction_keeps_the_story_and_drops_the_clutter(
    feed: Feed, client: httpx.AsyncClient, articles: list[Published]
) -> None:
    feed.show(2)
    for article in articles:
        text = trafilatura.extract((await client.get(article.path)).text) or ""
        assert len(text) > 60, article.slug
        assert "Most read" not in text
        assert "cookies" not in text


@pytest.mark.parametrize("path", ["/feeds/nobody.rss", "/feeds/demo-newswire.pdf", "/articles/demo-newswire/nothing"])
async def test_unknown_paths_are_not_found(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404
