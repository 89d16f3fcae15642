# ruff: noqa: E501 - documents are as long as they are
"""Pages and PDFs as they are on the web: what is the article, when is it from, and is it all of it?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.ingest.adapters.isolation import WorkerPool
from services.ingest.adapters.pages import PageReader
from services.ingest.boilerplate import prune
from services.ingest.found import Extracted, Found
from services.ingest.furniture import without_furniture
from services.ingest.parsers.pdf import is_pdf, read_pdf
from services.ingest.ports import Page
from services.ingest.webpage import extract
from shared.errors import PermanentError, TransientError
from tests.ingest.conftest import in_process
from tests.ingest.pdfs import assembled, pdf_of

LEAD = "The Ministry of Mines of Freedonia said on Thursday that exports of tungsten ore will need a licence from May."
MORE = "Applications are decided within forty-five working days, the ministry added in a notice on its website."
BODY = f"<p>{LEAD}</p><p>{MORE}</p>"
BEIJING = "Asia/Shanghai"


def page(body: str, head: str = "", attributes: str = "") -> bytes:
    return f"<!DOCTYPE html><html lang='en'><head><title>T</title>{head}</head><body {attributes}>{body}</body></html>".encode()


def read(body: str, head: str = "", url: str | None = None, zone: str = "UTC") -> Extracted:
    found = extract(page(body, head), url, "text/html", zone)
    assert found is not None
    return found


BOILERPLATE = {
    "a cookie banner": '<div id="onetrust-banner-sdk"><p>We use cookies to improve tungsten banner words.</p></div>',
    "a consent dialog": '<div class="modal gdpr-consent"><p>Your privacy: gallium banner words.</p></div>',
    "a cloud of tags": '<div class="post-tags"><a href="/t/1">gallium ban</a> <a href="/t/2">export curbs</a></div>',
    "a list of keywords": '<ul class="keywords"><li>germanium banner</li><li>antimony export ban</li></ul>',
    "related articles": '<section class="related-articles"><h3>Related</h3><p>Gallium ban hits smelters in the north of the country.</p></section>',
    "recommended reading": '<div class="c-recommendations"><p>Cobalt quota halved in the second half, sources say on Friday.</p></div>',
    "a caption": '<div class="wp-caption"><img src="a.jpg"><p class="caption">A gallium ban protest, file photo.</p></div>',
    "a figure": "<figure><img src='a.jpg'><figcaption>File photo: a gallium smelter.</figcaption></figure>",
    "a credit": '<span class="photo-credit">Photo: Gallium Images Agency</span>',
    "a newsletter form": '<div class="newsletter-signup"><p>Get the gallium ban briefing in your inbox each morning.</p></div>',
    "buttons to share": '<div class="share-buttons">Share gallium on Facebook</div>',
    "an aside": "<aside><p>Germanium export ban: a timeline of what happened since the spring.</p></aside>",
    "comments": '<div id="comments"><p>Reader: the gallium ban is a bluff and everybody knows that.</p></div>',
    "the most read": '<div class="most-read"><p>Lithium export ban lifted after a year of negotiations.</p></div>',
    "an advertisement": '<div class="ad-slot"><p>Buy gallium stocks before the ban makes them rise.</p></div>',
    "neighbours in Chinese": '<div class="xgxw"><p>相关新闻：稀土出口管制公告发布，市场反应热烈。</p></div>',
}


@pytest.mark.parametrize("what", BOILERPLATE)
@pytest.mark.parametrize(
    "around", ["<article><h1>Licences</h1>{0}{1}</article>", "<div id='content'><h1>Licences</h1>{0}</div>{1}"]
)
def test_what_surrounds_an_article_does_not_reach_the_classifier(what: str, around: str) -> None:
    text = read(around.format(BODY, BOILERPLATE[what])).text
    assert LEAD in text
    assert MORE in text
    for word in ("allium", "ermanium", "obalt", "ithium", "cookies", "稀土"):
        assert word not in text, text


@pytest.mark.parametrize(
    "attributes",
    ["class='has-cookie-banner related-on'", "class='post tag-gallium category-share'", "id='share-page'"],
)
def test_an_article_in_an_element_with_a_boilerplate_name_is_kept(attributes: str) -> None:
    assert (
        LEAD
        in (
            extract(page(f"<div {attributes}><h1>Licences</h1>{BODY}</div>", attributes=attributes)) or Extracted()
        ).text
    )


def test_the_text_behind_what_is_taken_out_stays() -> None:
    from lxml import html

    tree = html.fromstring("<div><p>one</p><span class='share'>x</span> two <b class='ads'>y</b> three</div>")
    prune(tree)
    assert " ".join(tree.text_content().split()) == "one two three"


TAILS = {
    "tags in a line under their heading": "Tags Tags\nartificial intelligence gallium export ban supply chains germanium\nBack\nTop",
    "tags, one a line": "Topics:\nGallium\nExport ban\nSupply chains",
    "tags behind a colon": "Tags: gallium, export ban, germanium",
    "related headlines": "Related articles\nGallium ban hits smelters\nGermanium exports fall by half in the quarter.",
    "read also": "Read also:\nCobalt quota halved, ministry says.",
    "what sharing leaves": "Share this article\nFacebook\nTwitter\nLinkedIn\nCopy link",
    "a footer": "© 2026 The Courier. All rights reserved.\nBack to top",
    "a Chinese footer": "责任编辑：王某\n【打印】\n【关闭】\n分享到：\n上一篇：关于镓的公告",
    "a cookie notice": "This website uses cookies to improve your experience.\nAccept all cookies",
}


@pytest.mark.parametrize("what", TAILS)
def test_furniture_at_the_end_of_a_text_is_dropped(what: str) -> None:
    assert without_furniture(f"{LEAD}\n\n{MORE}\n\n{TAILS[what]}") == f"{LEAD}\n\n{MORE}"


def test_the_name_of_a_picture_at_the_beginning_is_dropped() -> None:
    assert without_furniture(f"Tungsten licences: what changes.webp\n\n\n{LEAD}") == LEAD


@pytest.mark.parametrize(
    "text",
    [
        LEAD,
        "Top officials met.\nBack home, they said nothing",
        "Ministry bans exports\nTungsten\nGallium",
        "Back",
        "Tags",
        f"{LEAD}\nRelated articles were seized at the border, customs said.",
        f"The list of controlled items\n\nTungsten\n\nGallium\n\n{MORE}",
        "中国商务部发布公告\n大型矿山停产",
        "",
    ],
)
def test_a_text_without_furniture_stays_as_it_is(text: str) -> None:
    assert without_furniture(text) == text


DATES = {
    "meta in the zone of its source": ('<meta name="PubDate" content="2026-02-12 16:05:00">', "", 8),
    "meta with a zone of its own": (
        '<meta property="article:published_time" content="2026-02-12T09:30:00+01:00">',
        "",
        8,
    ),
    "Dublin Core": ('<meta name="DC.date.issued" content="2026-02-12T08:00:00Z">', "", 8),
    "JSON-LD": (
        '<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2026-02-12T08:00:00Z"}</script>',
        "",
        8,
    ),
    "a time element": ("", '<article><time datetime="2026-02-12T16:00:00">today</time></article>', 8),
    "what readers see, in Chinese": ("", '<p class="pubtime">发布时间：2026年02月12日 16:05 来源：某司</p>', 8),
    "what readers see, in English": ("", '<span class="date">12 February 2026, 4:05 pm</span>', 8),
}


@pytest.mark.parametrize("where", DATES)
def test_the_day_a_page_was_published_is_found_with_its_zone(where: str) -> None:
    head, body, hour = DATES[where]
    found = read(f"<h1>Notice</h1>{body}{BODY}", head, zone=BEIJING)
    assert found.published is not None
    assert (found.published.at.day, found.published.at.hour) == (12, hour)


def test_a_page_without_a_date_has_none_whatever_days_it_speaks_of() -> None:
    text = "<p>In the notice of 3 January 2025, and again on 4 March 2025, the ministry named gallium.</p>"
    assert read(f"<h1>Notice</h1>{text}{BODY}<footer>© 2026</footer>").published is None


def test_the_address_tells_the_day_when_nothing_else_does() -> None:
    found = read(f"<h1>N</h1>{BODY}", url="https://n.example/2026/02/12/tungsten.html", zone=BEIJING)
    assert found.published is not None
    assert found.published.at == datetime(2026, 2, 11, 16, tzinfo=UTC)
    assert not found.published.zoned


def test_published_and_updated_are_kept_apart() -> None:
    head = (
        '<meta property="article:published_time" content="2026-02-12T08:00:00Z">'
        '<meta property="article:modified_time" content="2026-02-13T08:00:00Z">'
    )
    found = read(f"<h1>N</h1>{BODY}", head)
    assert found.published is not None
    assert found.updated is not None
    assert (found.published.at.day, found.updated.at.day) == (12, 13)


def test_a_day_of_updating_is_no_day_of_publication() -> None:
    found = read(f"<h1>N</h1><p class='info'>Last updated: 13 February 2026</p>{BODY}")
    assert found.published is None
    assert found.updated is not None
    assert found.updated.at.day == 13


def test_the_dates_of_other_articles_are_not_this_ones() -> None:
    teasers = '<div class="related-posts"><span class="date">1 January 2020</span></div>'
    found = read(f'<h1>N</h1><p class="date">12 February 2026</p>{BODY}{teasers}')
    assert found.published is not None
    assert found.published.at.year == 2026


STUBS = {
    "it says so to search engines": (
        '<script type="application/ld+json">{"isAccessibleForFree": "False"}</script>',
        BODY,
    ),
    "it asks for a subscription": ("", f"{BODY}<p>Subscribe to continue reading this article.</p>"),
    "it is for members": ("", f"{BODY}<p>This article is only available to our paid subscribers.</p>"),
    "in Chinese": ("", f"{BODY}<p>订阅后继续阅读全文</p>"),
    "in Japanese": ("", f"{BODY}<p>この記事は有料会員限定です。残り900文字</p>"),
    "in French": ("", f"{BODY}<p>Article réservé aux abonnés</p>"),
}


@pytest.mark.parametrize("how", STUBS)
def test_the_open_part_of_a_paid_article_is_marked_partial(how: str) -> None:
    head, body = STUBS[how]
    found = read(f"<article><h1>N</h1>{body}</article>", head)
    assert found.partial
    assert found.text.rstrip().endswith(MORE)


def test_a_whole_article_that_speaks_of_subscriptions_is_not_partial() -> None:
    long = "".join(
        f"<p>Paragraph {n}. {LEAD} The firm asks readers to subscribe to read its report.</p>" for n in range(30)
    )
    assert not read(f"<article><h1>N</h1>{long}</article>").partial
    assert not read(f"<article><h1>N</h1>{BODY}</article>").partial


def test_only_pdfs_of_the_page_s_own_host_are_its_attachments() -> None:
    links = "".join(
        f'<a href="{href}">x</a>'
        for href in (
            "/a.pdf",
            "a.pdf?x=1",
            "https://www.mines.example/b.PDF",
            "https://cdn.example/c.pdf",
            "/d.html",
            "/e.pdf",
            "/f.pdf",
        )
    )
    found = read(f"<h1>N</h1>{BODY}{links}", url="https://mines.example/notices/1")
    assert found.attachments == (
        "https://mines.example/a.pdf",
        "https://mines.example/notices/a.pdf?x=1",
        "https://www.mines.example/b.PDF",
    )


class Site:
    """A `Fetch` with pages by address."""

    def __init__(self, **pages: Page | Exception) -> None:
        self.pages = {f"https://mines.example/{name}": page for name, page in pages.items()}

    async def __call__(self, url: str, **_: object) -> Page | None:
        answer = self.pages[url]
        if isinstance(answer, Exception):
            raise answer
        return answer


NOTICE = Found(url="https://mines.example/notice", follow=True, attachments=True)
LINKING = Page("https://mines.example/notice", page(f'<h1>N</h1>{BODY}<a href="/annex.pdf">Annex</a>'), "text/html")


async def test_the_pdf_a_notice_links_to_is_read_with_it(workers: WorkerPool) -> None:
    site = Site(
        notice=LINKING, **{"annex.pdf": Page("https://mines.example/annex.pdf", pdf_of(["Tungsten ore, HS 261100"]))}
    )
    found = await PageReader(site, workers)(NOTICE)
    assert found.text.endswith("\n\nTungsten ore, HS 261100")
    assert not found.partial


@pytest.mark.parametrize(
    "annex",
    [
        TransientError("HTTP 503"),
        PermanentError("gone", "HTTP 404"),
        Page("x", b"<html>", "text/html"),
        Page("x", pdf_of([])),
    ],
)
async def test_a_pdf_that_cannot_be_read_leaves_the_notice_partial(annex: Page | Exception) -> None:
    found = await PageReader(Site(notice=LINKING, **{"annex.pdf": annex}), in_process)(NOTICE)
    assert MORE in found.text
    assert found.partial


async def test_attachments_are_left_alone_unless_asked_for() -> None:
    found = await PageReader(Site(notice=LINKING), in_process)(Found(url=NOTICE.url, follow=True))
    assert not found.partial


@pytest.mark.parametrize("content_type", ["application/pdf", "application/octet-stream", "text/html", ""])
async def test_a_pdf_is_known_by_its_bytes_whatever_the_server_calls_it(content_type: str, workers: WorkerPool) -> None:
    site = Site(notice=Page("https://mines.example/notice", pdf_of(["Decision No. 9", LEAD]), content_type))
    found = await PageReader(site, workers)(NOTICE)
    assert found.title == "Decision No. 9"
    assert found.published is None


async def test_a_pdf_that_is_too_large_or_a_scan_is_refused() -> None:
    big = Site(notice=Page("x", b"%PDF-1.7" + b" " * (15 * 1024 * 1024)))
    with pytest.raises(PermanentError, match="more than 15 MiB"):
        await PageReader(big, in_process)(NOTICE)
    with pytest.raises(PermanentError, match="perhaps a scan"):
        await PageReader(Site(notice=Page("x", pdf_of([]))), in_process)(NOTICE)


def test_lines_broken_by_the_paper_are_put_together_again() -> None:
    lines = [
        "NOTICE No. 9",
        "The export of tungsten ore, of tungsten oxide and of tung-",
        "sten carbide is subject to a licence as from the first day",
        "of May.",
        "(1) Licences are issued by the ministry within forty-five",
        "working days.",
    ]
    found = read_pdf(pdf_of(lines))
    assert found is not None
    assert found.text.split("\n") == [
        "NOTICE No. 9",
        "The export of tungsten ore, of tungsten oxide and of tungsten carbide is subject to a licence as from the first day of May.",
        "(1) Licences are issued by the ministry within forty-five working days.",
    ]


def test_page_numbers_and_headings_of_every_page_are_left_out() -> None:
    pages = [["Official Gazette", f"Article {n} forbids something else.", f"- {n} -"] for n in range(1, 5)]
    found = read_pdf(pdf_of(*pages))
    assert found is not None
    assert found.text.split("\n") == [f"Article {n} forbids something else." for n in range(1, 5)]


def test_a_chinese_pdf_is_read_and_joined_without_spaces() -> None:
    found = read_pdf(
        pdf_of(
            ["商务部公告二〇二六年第九号", "对钨相关物项实施出口管制，未经许可", "任何单位和个人不得出口上述物项。"],
            cjk=True,
        )
    )
    assert found is not None
    assert found.text.split("\n")[-1].endswith("未经许可任何单位和个人不得出口上述物项。")


def test_only_the_first_pages_of_a_long_pdf_are_read_and_that_is_told() -> None:
    found = read_pdf(pdf_of(*[[f"Page text number {n}."] for n in range(80)]))
    assert found is not None
    assert found.partial
    assert "number 59" in found.text
    assert "number 60" not in found.text


@pytest.mark.parametrize("body", [b"", b"%PDF-", b"%PDF-1.7 junk", assembled([b"<</Type/Catalog>>"]), b"\x00" * 100])
def test_what_is_no_readable_pdf_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(ValueError, match="not a readable PDF"):
        read_pdf(body)


def test_a_pdf_is_told_from_a_page() -> None:
    assert is_pdf(b"\xef\xbb\xbf\n%PDF-1.4")
    assert is_pdf(b"<html>", "Application/PDF; x=y")
    assert not is_pdf(b"<html>about %pdf", "text/html")
