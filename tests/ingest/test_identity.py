"""One article, once: what makes two findings one article, and what makes a known article a new revision."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.age import Age
from services.ingest.canonical import canonical_url, url_key
from services.ingest.dates import Moment
from services.ingest.drafting import Piece
from services.ingest.essence import essence
from services.ingest.found import Extracted, Found, Origin
from services.ingest.novelty import MAX_REVISIONS, Reason, Status, Verdict
from services.ingest.usecases import RECHECKS
from tests.ingest.conftest import NOW, Desk, FakePages, transient

WIRE, OTHER = Origin("wire", 1, "en"), Origin("other", 2, "en")
URL = "https://n.example/notice"
LONG = "The ministry said on Thursday that exporters of antimony must hold a licence for every single shipment. " * 3


async def take(desk: Desk, *found: Found, origin: Origin = WIRE, backfill: bool = False) -> list[Verdict]:
    return await desk.collect().accept([Piece(item, origin) for item in found], backfill=backfill)


async def reason(desk: Desk, found: Found, origin: Origin = WIRE) -> Reason:
    [verdict] = await take(desk, found, origin=origin)
    return verdict.reason


SAME_PLACE = [
    ("https://www.n.example/a", "https://n.example/a"),
    ("https://m.n.example/a", "https://n.example/a"),
    ("https://mobile.n.example/a?utm_source=x", "https://n.example/a"),
    ("https://wap.n.gov.cn/a.html", "https://www.n.gov.cn/a.html"),
    ("https://amp.n.example/a", "https://n.example/a"),
    ("https://n.example/a/amp/", "https://n.example/a"),
    ("https://n.example/amp/a", "https://n.example/a"),
    ("https://n.example/a.amp.html", "https://n.example/a.html"),
    ("https://n.example/a?amp=1&id=3", "https://n.example/a?id=3"),
    ("https://n.example/a?outputType=amp", "https://n.example/a"),
    ("https://n-example.cdn.ampproject.org/c/s/n.example/a", "https://n.example/a"),
    ("https://www.google.com/amp/s/www.n.example/a/amp", "https://n.example/a"),
]
OTHER_PLACE = [
    ("https://mobile.de/a", "https://de/a"),
    ("https://m.cn/a", "https://cn/a"),
    ("https://amp.dev/a", "https://dev/a"),
    ("https://n.example/amp", "https://n.example/"),
    ("https://en.n.example/a", "https://n.example/a"),
    ("https://n.example/a?amplitude=1", "https://n.example/a"),
    ("https://n.example/camp", "https://n.example/c"),
]


@pytest.mark.parametrize(("one", "other"), SAME_PLACE)
def test_the_edition_for_telephones_is_the_same_article(one: str, other: str) -> None:
    assert url_key(canonical_url(one) or "") == url_key(canonical_url(other) or "")


@pytest.mark.parametrize(("one", "other"), OTHER_PLACE)
def test_what_only_looks_like_an_edition_for_telephones_is_another_place(one: str, other: str) -> None:
    assert url_key(canonical_url(one) or "") != url_key(canonical_url(other) or "")


@given(st.sampled_from([pair[0] for pair in SAME_PLACE]))
def test_the_key_of_a_key_is_the_key(url: str) -> None:
    key = url_key(canonical_url(url) or "")
    assert url_key(f"https://{key}") == key


async def test_a_feeds_id_with_the_same_headline_is_the_same_article_at_its_new_address(desk: Desk) -> None:
    first = Found(title="Antimony licence", text="One.", url="https://n.example/old-slug", client_id="guid-7")
    moved = replace(first, url="https://n.example/new-slug")
    assert await reason(desk, first) is Reason.NEW
    assert await reason(desk, moved) is Reason.ALREADY_PUBLISHED
    revised = replace(moved, text="Two.")
    assert await reason(desk, revised) is Reason.REVISED
    assert [(a.id, a.revision) for a in desk.publisher.articles] == [
        (desk.publisher.articles[0].id, 1),
        (desk.publisher.articles[0].id, 2),
    ]


async def test_a_feed_that_gives_every_entry_the_same_id_loses_none(desk: Desk) -> None:
    entries = [Found(title=f"Headline {n}", text="x", url=f"https://n.example/{n}", client_id="0") for n in range(5)]
    assert {v.reason for v in await take(desk, *entries)} == {Reason.NEW}


async def test_two_sources_may_use_the_same_id(desk: Desk) -> None:
    found = Found(title="T", text="one", url="https://n.example/a", client_id="1")
    assert await reason(desk, found) is Reason.NEW
    assert await reason(desk, replace(found, url="https://o.example/b"), OTHER) is Reason.NEW


async def test_a_link_that_leads_to_a_known_page_is_that_article(desk: Desk) -> None:
    desk.pages = FakePages({"https://news.example/rd?x=1": Extracted(title="T", text=LONG, url=URL)})
    await take(desk, Found(title="Licence needed", text=LONG, url=URL))
    link = Found(title="Licence needed", url="https://news.example/rd?x=1", follow=True)
    assert [await reason(desk, link, OTHER) for _ in range(2)] == [Reason.SAME_CONTENT, Reason.ALREADY_PUBLISHED]
    assert (desk.publisher.calls, len(desk.pages.asked)) == (1, 1)


async def test_a_link_seen_first_makes_its_page_known_without_another_fetch(desk: Desk) -> None:
    desk.pages = FakePages({"https://news.example/rd?x=1": Extracted(title="T", text=LONG, url=URL)})
    await take(desk, Found(title="Licence needed", url="https://news.example/rd?x=1", follow=True), origin=OTHER)
    assert await reason(desk, Found(title="Licence needed", url=URL, follow=True)) is Reason.ALREADY_PUBLISHED
    assert desk.pages.asked == ["https://news.example/rd?x=1"]


async def test_pages_that_all_claim_one_address_are_told_apart_by_their_headlines(desk: Desk) -> None:
    claimed = "https://n.example/news/latest"
    pages = {f"https://n.example/{n}": Extracted(text=f"Text {n}.", url=claimed) for n in range(4)}
    desk.pages = FakePages(pages)
    entries = [Found(title=f"Headline {n}", url=f"https://n.example/{n}", follow=True) for n in range(4)]
    assert {v.reason for v in await take(desk, *entries)} == {Reason.NEW}


async def test_the_same_words_under_another_address_of_the_source_are_the_same_article(desk: Desk) -> None:
    one = Found(title="Licence", text=LONG, url="https://n.example/politics/1")
    assert await reason(desk, one) is Reason.NEW
    again = replace(one, url="https://n.example/business/1")
    assert (await reason(desk, again), await reason(desk, again)) == (Reason.SAME_CONTENT, Reason.ALREADY_PUBLISHED)
    assert await reason(desk, one, OTHER) is Reason.ALREADY_PUBLISHED


async def test_a_headline_alone_is_no_proof(desk: Desk) -> None:
    entries = [Found(title="Market report", url=f"https://n.example/{n}") for n in range(3)]
    assert {v.reason for v in await take(desk, *entries)} == {Reason.NEW}


async def test_changed_words_are_a_new_revision_of_the_same_article(desk: Desk) -> None:
    first = Found(title="T", text="The ban takes effect on 1 August.", url=URL)
    await take(desk, first)
    [verdict] = await take(desk, replace(first, text="The ban takes effect on 1 September."))
    one, two = desk.publisher.articles
    assert (verdict.status, verdict.reason, verdict.id) == (Status.ACCEPTED, Reason.REVISED, one.id)
    assert (one.id, one.revision, two.id, two.revision) == (one.id, 1, one.id, 2)
    assert list(desk.publisher.events) == [one.id, f"{one.id}.2"]


NO_CHANGE = [
    ("its date", {"published": Moment(NOW)}),
    ("the time of its last change", {"updated": Moment(NOW)}),
    ("spaces and case", {"text": "the  BAN\n\ntakes effect on 1 August."}),
    ("a date line", {"text": "Published 12 February 2026 10:04 GMT\nThe ban takes effect on 1 August."}),
    ("a date line in Chinese", {"text": "发布时间：2026年2月12日 10:04\nThe ban takes effect on 1 August."}),
    ("a counter", {"text": "The ban takes effect on 1 August.\n1,234 views"}),
    ("a credit", {"text": "The ban takes effect on 1 August.\nEditing by A. Person"}),
    ("a credit in Chinese", {"text": "The ban takes effect on 1 August.\n责任编辑：某某"}),
    ("full width", {"text": "Ｔhe ban takes effect on 1 August."}),
]


@pytest.mark.parametrize("change", [row[1] for row in NO_CHANGE], ids=[row[0] for row in NO_CHANGE])
async def test_an_edit_that_changes_no_word_is_nothing(desk: Desk, change: dict[str, object]) -> None:
    first = Found(title="T", text="The ban takes effect on 1 August.", url=URL)
    await take(desk, first)
    assert await reason(desk, replace(first, **change)) is Reason.ALREADY_PUBLISHED  # type: ignore[arg-type]
    assert desk.publisher.calls == 1


@given(st.text(), st.text())
def test_the_essence_of_an_essence_is_the_essence(title: str, text: str) -> None:
    once = essence(title, text)
    head, _, body = once.partition("\n")
    assert essence(head, body) == once


async def test_another_source_does_not_revise_it(desk: Desk) -> None:
    await take(desk, Found(title="T", text="One.", url=URL))
    assert await reason(desk, Found(title="T", text="Two.", url=URL), OTHER) is Reason.ALREADY_PUBLISHED


async def test_a_page_is_fetched_again_only_when_its_entry_changes(desk: Desk) -> None:
    desk.pages = FakePages({URL: Extracted(title="T", text="One.")})
    entry = Found(title="T", text="Summary", url=URL, follow=True, updated=Moment(NOW))
    await take(desk, entry)
    desk.pages.pages[URL] = Extracted(title="T", text="Two.")
    assert await reason(desk, entry) is Reason.ALREADY_PUBLISHED
    touched = replace(entry, updated=Moment(NOW + timedelta(hours=1)))
    assert await reason(desk, touched) is Reason.REVISED
    assert await reason(desk, touched) is Reason.ALREADY_PUBLISHED
    assert len(desk.pages.asked) == 2


async def test_an_entry_touched_without_a_change_is_looked_at_once(desk: Desk) -> None:
    desk.pages = FakePages({URL: Extracted(title="T", text="One.")})
    entry = Found(title="T", url=URL, follow=True)
    await take(desk, entry)
    for _ in range(3):
        assert await reason(desk, replace(entry, updated=Moment(NOW))) is Reason.ALREADY_PUBLISHED
    assert len(desk.pages.asked) == 2


async def test_a_feed_that_touches_all_its_entries_has_a_few_pages_fetched_at_a_time(desk: Desk) -> None:
    urls = [f"https://n.example/{n}" for n in range(20)]
    desk.pages = FakePages({url: Extracted(title="T", text=url) for url in urls})
    await take(desk, *(Found(title=url, url=url, follow=True) for url in urls))
    touched = [Found(title=url, url=url, follow=True, updated=Moment(NOW)) for url in urls]
    for polls in range(1, 5):
        verdicts = await take(desk, *touched)
        assert len(desk.pages.asked) == 20 + polls * RECHECKS
    assert {v.reason for v in verdicts} == {Reason.ALREADY_PUBLISHED}


async def test_a_known_article_whose_page_cannot_be_had_stays_as_it_is(desk: Desk) -> None:
    desk.pages = FakePages({URL: Extracted(title="T", text="The whole text.")})
    entry = Found(title="T", text="Summary", url=URL, follow=True)
    await take(desk, entry)
    desk.pages.pages[URL] = transient()
    touched = replace(entry, text="Other summary")
    assert await reason(desk, touched) is Reason.RECHECK_LATER
    desk.pages.pages[URL] = Extracted(title="T", text="Another text.")
    assert await reason(desk, touched) is Reason.REVISED


async def test_a_ticker_is_left_alone_after_its_fiftieth_state(desk: Desk) -> None:
    seen = [await reason(desk, Found(title="T", text=f"State {n} of it.", url=URL)) for n in range(MAX_REVISIONS + 2)]
    assert seen.count(Reason.REVISED) == MAX_REVISIONS - 1
    assert seen[-1] is Reason.TOO_MANY_REVISIONS


async def test_an_article_recorded_by_an_older_version_is_no_revision(desk: Desk) -> None:
    await take(desk, Found(title="T", text="One.", url=URL))
    [known] = desk.ledger.articles.values()
    desk.ledger.articles[known.id] = replace(known, stamp=None, said="", headline="")
    assert await reason(desk, Found(title="T", text="One.", url=URL)) is Reason.ALREADY_PUBLISHED
    assert await reason(desk, Found(title="T", text="Two.", url=URL)) is Reason.REVISED


async def test_what_is_too_old_is_not_published_and_its_age_is_counted(desk: Desk) -> None:
    origin = replace(WIRE, max_age=timedelta(days=3))
    dates = {"old": NOW - timedelta(days=4), "young": NOW, "odd": NOW + timedelta(days=1), "none": None}
    entries = [
        Found(title=name, text="x", url=f"https://n.example/{name}", published=Moment(at) if at else None)
        for name, at in dates.items()
    ]
    verdicts = await take(desk, *entries, origin=origin)
    assert [v.reason for v in verdicts] == [Reason.TOO_OLD, Reason.NEW, Reason.NEW, Reason.NEW]
    assert [age for _, age in desk.ages] == [Age.TOO_OLD, Age.FRESH, Age.IN_THE_FUTURE, Age.NO_DATE]


async def test_a_page_that_turns_out_too_old_is_fetched_once(desk: Desk) -> None:
    origin = replace(WIRE, max_age=timedelta(days=3))
    desk.pages = FakePages({URL: Extracted(title="T", text="x", published=Moment(NOW - timedelta(days=9)))})
    entry = Found(title="T", url=URL, follow=True)
    assert [await reason(desk, entry, origin) for _ in range(3)] == [Reason.TOO_OLD] * 3
    assert (len(desk.pages.asked), desk.publisher.calls) == (1, 0)


async def test_a_backfill_brings_articles_of_any_age_and_marks_them(desk: Desk) -> None:
    origin = replace(WIRE, max_age=timedelta(days=3))
    entry = Found(title="T", text="x", url=URL, published=Moment(NOW - timedelta(days=90)))
    assert await reason(desk, entry, origin) is Reason.TOO_OLD
    [verdict] = await take(desk, entry, origin=origin, backfill=True)
    assert verdict.reason is Reason.NEW
    assert [article.backfill for article in desk.publisher.articles] == [True]
    assert (await take(desk, entry, origin=origin, backfill=True))[0].reason is Reason.ALREADY_PUBLISHED
