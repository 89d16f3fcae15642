"""Request templates and rounds of pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from services.ingest.dates import Moment
from services.ingest.found import Found
from services.ingest.paging import Round, brings_news
from services.ingest.ports import PLAIN, Ask, Page, Reach
from services.ingest.request import Variables, address, content, filled
from services.ingest.sources import json_api, news_sitemap
from shared.errors import PermanentError, TransientError
from tests.ingest.conftest import NOW, in_process

AT = Variables(since=datetime(2026, 2, 12, 9, tzinfo=UTC), page=3, offset=100, page_size=50, cursor="abc")


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{page}", 3),
        ("p{page}", "p3"),
        ("{since}", "2026-02-12T09:00:00Z"),
        ("{since:%Y%m%d%H%M%S}", "20260212090000"),
        ("{offset}-{page_size}", "100-50"),
        ("{unknown}", "{unknown}"),
        ('{"a": {page}}', '{"a": 3}'),
        ({"n": "{page}", "deep": ["{cursor}", {"x": 1}]}, {"n": 3, "deep": ["abc", {"x": 1}]}),
        (7, 7),
    ],
)
def test_variables_stand_for_their_values(template: Any, value: Any) -> None:
    assert filled(template, AT) == value


def test_a_parameter_without_a_value_is_left_out() -> None:
    params = {"q": "a b", "from": "{since:%Y}", "token": "{cursor}", "tag": ["x", "y"]}
    assert address("https://a.example/s?k=1", params, Variables()) == "https://a.example/s?k=1&q=a+b&tag=x&tag=y"
    assert address("https://a.example/s", {}, AT) == "https://a.example/s"


def test_a_body_is_json_or_text_as_it_stands() -> None:
    body, headers = content({"page": "{page}", "名": "{cursor}"}, AT)
    assert orjson.loads(body or b"") == {"page": 3, "名": "abc"}
    assert headers == {"content-type": "application/json"}
    assert content("page={page}", AT) == (b"page=3", {})
    assert content(None, AT) == (None, {})


def test_a_round_survives_being_stored() -> None:
    found = [Found(url="https://a.example/1", published=Moment(NOW)), Found(title="x")]
    round_ = Round().with_page(found, "next", NOW)
    assert Round.of(round_.stored()) == round_
    assert (round_.pages, round_.newest, len(round_.keys)) == (1, NOW, 2)


def test_a_date_in_the_future_does_not_move_since() -> None:
    found = [Found(title="a", published=Moment(NOW + timedelta(days=3))), Found(title="b", published=Moment(NOW))]
    assert Round().with_page(found, None, NOW).newest == NOW


def test_a_page_with_a_known_entry_is_the_last() -> None:
    one, two = [Found(title="a")], [Found(title="b")]
    seen = Round().with_page(one, None, NOW).keys
    assert brings_news(two, Round(), seen)
    assert not brings_news([*one, *two], Round(), seen)
    assert not brings_news(one, Round().with_page(one, None, NOW), ())


class Service:
    """An API with numbered records, asked page by page."""

    def __init__(self, total: int, **extra: Any) -> None:
        self.total, self.extra = total, extra
        self.asked: list[tuple[str, Ask]] = []
        self.fails_at = 0

    async def __call__(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None, ask: Ask = PLAIN
    ) -> Page | None:
        self.asked.append((url, ask))
        if len(self.asked) == self.fails_at:
            raise PermanentError("refused", "HTTP 400")
        start = 2 * (len(self.asked) - 1)
        rows = [{"t": f"n{n}", "u": f"/{n}"} for n in range(start, min(start + 2, self.total))]
        return Page(url, orjson.dumps({"rows": rows, **self.extra}), at=NOW)


def api(paging: Mapping[str, Any], **settings: Any) -> json_api.Source:
    return json_api.Source.model_validate(
        {"id": "x", "type": "json_api", "url": "https://a.example/s", "items": "rows", "page_size": 2,
         "fields": {"title": "t", "link": "u"}, "paging": paging, **settings}
    )  # fmt: skip


async def rounds(source: json_api.Source, service: Service) -> list[int]:
    reach = Reach(service, in_process, None)  # type: ignore[arg-type]
    cursor: Mapping[str, Any] = {}
    sizes: list[int] = []
    for _ in range(20):
        polled = await source.poll(cursor, reach)
        sizes.append(len(polled.found))
        cursor = polled.cursor
        if polled.again_in is None:
            return sizes
    raise AssertionError("the round does not end")


@pytest.mark.parametrize(
    ("why", "paging", "extra", "sizes"),
    [
        ("a short page is the last", {"by": "page", "most_pages": 9}, {}, [2, 2, 1]),
        ("never more than allowed", {"by": "page", "most_pages": 2}, {}, [2, 2]),
        ("by offset", {"by": "offset", "most_pages": 9}, {}, [2, 2, 1]),
        ("by cursor", {"by": "cursor", "next": "next", "most_pages": 3}, {"next": "c"}, [2, 2, 1]),
        ("by cursor, without one", {"by": "cursor", "next": "next"}, {}, [2]),
        ("by address", {"by": "next_link", "next": "next", "most_pages": 2}, {"next": "/s?p=2"}, [2, 2]),
        (
            "an address elsewhere is not followed",
            {"by": "next_link", "next": "next"},
            {"next": "https://b.example/"},
            [2],
        ),
    ],
)
async def test_a_round_ends(why: str, paging: Mapping[str, Any], extra: dict[str, Any], sizes: list[int]) -> None:
    assert await rounds(api(paging), Service(5, **extra)) == sizes, why


async def test_each_page_is_asked_for_in_its_own_way() -> None:
    service = Service(5)
    await rounds(api({"by": "page", "most_pages": 3}, params={"p": "{page}", "o": "{offset}"}, host_gap="6s"), service)
    assert [url.partition("?")[2] for url, _ in service.asked] == ["p=1&o=0", "p=2&o=2", "p=3&o=4"]


async def test_a_cursor_that_ran_out_ends_the_round_and_not_the_source() -> None:
    service = Service(9)
    service.fails_at = 2
    source, reach = api({"by": "page"}), Reach(service, in_process, None)  # type: ignore[arg-type]
    first = await source.poll({}, reach)
    second = await source.poll(first.cursor, reach)
    assert (second.problems, second.again_in) == (("page 2: HTTP 400",), None)
    assert "round" not in second.cursor


@pytest.mark.parametrize("paging", [{"by": "cursor"}, {"by": "next_link"}, {"by": "luck"}])
def test_paging_that_cannot_work_is_a_mistake(paging: Mapping[str, Any]) -> None:
    with pytest.raises(ValueError, match="paging"):
        api(paging)


class Maps:
    """Sitemaps by address."""

    def __init__(self, pages: Mapping[str, bytes | Exception]) -> None:
        self.pages, self.asked = dict(pages), list[str]()

    async def __call__(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Page | None:
        self.asked.append(url.rpartition("/")[2])
        page = self.pages[url.rpartition("/")[2]]
        if isinstance(page, Exception):
            raise page
        return Page(url, page, etag='"e"')


def index(*files: str, stamp: str = "2026-02-12") -> bytes:
    rows = "".join(
        f"<sitemap><loc>https://w.example/{name}</loc><lastmod>{stamp}</lastmod></sitemap>" for name in files
    )
    return f"<sitemapindex>{rows}</sitemapindex>".encode()


def urlset(*names: str) -> bytes:
    return (
        "<urlset>" + "".join(f"<url><loc>https://w.example/{name}</loc></url>" for name in names) + "</urlset>"
    ).encode()


def sitemaps(**settings: Any) -> news_sitemap.Source:
    entry = {"id": "w", "type": "news_sitemap", "url": "https://w.example/index", **settings}
    return news_sitemap.Source.model_validate(entry)


async def test_of_an_index_a_few_sitemaps_are_read_a_poll_and_the_unchanged_not_again() -> None:
    maps = Maps({"index": index("a", "b", "c"), "a": urlset("1"), "b": urlset("2"), "c": urlset("3")})
    source, reach = sitemaps(most_files=2), Reach(maps, in_process, None)  # type: ignore[arg-type]
    first = await source.poll({}, reach)
    assert (len(first.found), first.again_in is None) == (2, False)
    second = await source.poll(first.cursor, reach)
    assert ([item.url for item in second.found], second.again_in) == (["https://w.example/3"], None)
    assert maps.asked == ["index", "a", "b", "index", "c"]
    maps.pages["index"] = index("b", stamp="2026-02-13")
    assert len((await source.poll(second.cursor, reach)).found) == 1


async def test_a_sitemap_that_cannot_be_had_now_is_read_later_and_a_broken_one_is_named() -> None:
    maps = Maps({"index": index("a", "b", "c"), "a": TransientError("HTTP 503"), "b": b"<html>", "c": urlset("3")})
    source, reach = sitemaps(), Reach(maps, in_process, None)  # type: ignore[arg-type]
    polled = await source.poll({}, reach)
    assert [item.url for item in polled.found] == ["https://w.example/3"]
    assert [problem.split(": ")[0] for problem in polled.problems] == ["https://w.example/a", "https://w.example/b"]
    maps.pages["a"] = urlset("1")
    assert [item.url for item in (await source.poll(polled.cursor, reach)).found] == ["https://w.example/1"]


async def test_indexes_that_name_each_other_end() -> None:
    maps = Maps({"index": index("a"), "a": index("b"), "b": index("index", "a", "b")})
    source, reach = sitemaps(), Reach(maps, in_process, None)  # type: ignore[arg-type]
    polled = await source.poll({}, reach)
    assert polled.found == ()
    assert len(maps.asked) <= 6
