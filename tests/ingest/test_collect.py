from __future__ import annotations

import asyncio
import threading
from datetime import timedelta

import pytest

from services.ingest.dates import Moment
from services.ingest.drafting import Piece
from services.ingest.found import Extracted, Found, Origin
from services.ingest.novelty import Reason, Status, Verdict
from services.ingest.plaintext import MAX_RAW
from shared.errors import PermanentError, TransientError
from tests.ingest.conftest import NOW, Desk, FakePages, transient

WIRE = Origin("wire", 1, "en")


def pieces(*found: Found, origin: Origin = WIRE) -> list[Piece]:
    return [Piece(item, origin) for item in found]


def reasons(verdicts: list[Verdict]) -> list[Reason]:
    return [verdict.reason for verdict in verdicts]


async def test_a_new_article_is_published_with_what_its_source_says(desk: Desk) -> None:
    found = Found(title=" Ban ", text="It is\x00 banned.", url="https://n.example/a", published=Moment(NOW))
    [verdict] = await desk.collect().accept(pieces(found))
    [article] = desk.publisher.articles
    assert (verdict.status, verdict.id) == (Status.ACCEPTED, article.id)
    assert (article.title, article.text, article.url) == ("Ban", "It is banned.", "https://n.example/a")
    assert (article.source_id, article.source_tier, article.lang) == ("wire", 1, "en")
    assert (article.published_at, article.fetched_at) == (NOW, NOW)


async def test_the_same_address_is_published_once_whatever_its_form(desk: Desk) -> None:
    collect = desk.collect()
    await collect.accept(pieces(Found(text="one", url="https://n.example/a")))
    again = await collect.accept(pieces(Found(text="one", url="http://m.n.example/a/amp?utm_source=x")))
    assert reasons(again) == [Reason.ALREADY_PUBLISHED]
    assert desk.publisher.calls == 1


async def test_without_an_address_the_wording_counts(desk: Desk) -> None:
    verdicts = await desk.collect().accept(
        pieces(
            Found(text="The  BAN takes effect."),
            Found(text="the ban takes\neffect."),
            Found(text="Ｔhe ban takes effect."),
            Found(text="Another text."),
        )
    )
    assert [v.status for v in verdicts] == [
        Status.ACCEPTED, Status.DUPLICATE, Status.DUPLICATE, Status.ACCEPTED,
    ]  # fmt: skip


async def test_a_clients_own_id_tells_equal_texts_apart(desk: Desk) -> None:
    verdicts = await desk.collect().accept(
        pieces(Found(text="same", client_id="1"), Found(text="same", client_id="2"), Found(text="same", client_id="1"))
    )
    assert [v.status for v in verdicts] == [Status.ACCEPTED, Status.ACCEPTED, Status.DUPLICATE]


async def test_an_empty_article_is_rejected_and_the_rest_goes_on(desk: Desk) -> None:
    verdicts = await desk.collect().accept(pieces(Found(text=" \x00 "), Found(text="words")))
    assert reasons(verdicts) == [Reason.EMPTY_TEXT, Reason.NEW]


async def test_a_headline_without_text_is_an_article(desk: Desk) -> None:
    await desk.collect().accept(pieces(Found(title="Ban announced", url="https://n.example/a")))
    assert desk.publisher.articles[0].title == "Ban announced"


async def test_five_megabytes_of_text_are_cut_and_marked(desk: Desk) -> None:
    [verdict] = await desk.collect().accept(pieces(Found(text="word " * 1_000_000)))
    assert desk.publisher.articles[0].truncated
    assert verdict.note


async def test_of_an_endless_text_only_the_beginning_is_looked_at(desk: Desk) -> None:
    await desk.collect().accept(pieces(Found(text="\x00" * MAX_RAW + "words", title="T")))
    [article] = desk.publisher.articles
    assert (article.text, article.truncated) == ("", True)


@pytest.mark.parametrize(("length", "elsewhere"), [(100, False), (100_000, True)])
async def test_a_long_article_is_composed_in_a_thread(desk: Desk, length: int, elsewhere: bool) -> None:
    desk.detect = lambda _: None if threading.current_thread() is threading.main_thread() else "fr"
    await desk.collect().accept(pieces(Found(text="x" * length), origin=Origin("wire")))
    assert desk.publisher.articles[0].lang == ("fr" if elsewhere else None)


async def test_a_text_that_begins_with_its_title_tells_it_once(desk: Desk) -> None:
    await desk.collect().accept(pieces(Found(title="Ban announced", text="BAN announced\nThe text.")))
    assert desk.publisher.articles[0].text == "The text."


async def test_a_known_address_is_not_fetched_again(desk: Desk) -> None:
    desk.pages = FakePages({"https://n.example/a": Extracted(title="T", text="words")})
    collect = desk.collect()
    found = Found(url="https://n.example/a", follow=True)
    first, second = [await collect.accept(pieces(found)) for _ in range(2)]
    assert reasons(first) + reasons(second) == [Reason.NEW, Reason.ALREADY_PUBLISHED]
    assert desk.pages.asked == ["https://n.example/a"]


async def test_the_page_fills_in_what_the_feed_left_out(desk: Desk) -> None:
    page = Extracted(title="Page title", text="The whole text.", published=Moment(NOW - timedelta(hours=1)))
    desk.pages = FakePages({"https://n.example/a": page})
    await desk.collect().accept(pieces(Found(title="Feed title", text="Sum", url="https://n.example/a", follow=True)))
    [article] = desk.publisher.articles
    assert (article.title, article.text) == ("Feed title", "The whole text.")
    assert article.published_at == NOW - timedelta(hours=1)


async def test_a_feed_whose_page_cannot_be_had_keeps_its_summary(desk: Desk) -> None:
    desk.pages = FakePages({"https://n.example/a": transient("HTTP 503")})
    await desk.collect().accept(pieces(Found(title="T", text="Summary", url="https://n.example/a", follow=True)))
    assert desk.publisher.articles[0].text == "Summary"


async def test_who_is_patient_gets_a_page_that_cannot_be_had_now_back(desk: Desk) -> None:
    desk.pages = FakePages({"https://n.example/a": transient("HTTP 503"), "https://n.example/b": Extracted(text="b")})
    waiting, ready, gone = (
        Found(title="T", url=f"https://n.example/{name}", follow=True) for name in ("a", "b", "missing")
    )
    verdicts = await desk.collect().accept(pieces(waiting, ready, gone), patient=True)
    assert [v.status for v in verdicts] == [Status.POSTPONED, Status.ACCEPTED, Status.ACCEPTED]
    assert (verdicts[0].reason, verdicts[0].note) == (Reason.PAGE_UNREACHABLE, "HTTP 503")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TransientError("HTTP 503"), Reason.PAGE_UNREACHABLE),
        (PermanentError("no_text", "no article text on the page"), Reason.NO_ARTICLE_FOUND),
    ],
)
async def test_an_address_whose_page_cannot_be_had_is_rejected(desk: Desk, error: Exception, reason: Reason) -> None:
    desk.pages = FakePages({"https://n.example/a": error})
    [verdict] = await desk.collect().accept(pieces(Found(url="https://n.example/a", follow=True)))
    assert (verdict.status, verdict.reason, verdict.note) == (Status.REJECTED, reason, str(error))


async def test_a_page_that_claims_the_front_page_as_its_address_is_known_by_its_words(desk: Desk) -> None:
    desk.pages.pages[""] = Extracted(text="words", url="https://n.example/")
    await desk.collect().accept(pieces(Found(html=b"<p>words")))
    assert desk.publisher.articles[0].url is None
    desk.pages.pages[""] = Extracted(text="words", url="https://n.example/news/1")
    await desk.collect().accept(pieces(Found(html=b"<p>words")))
    assert desk.publisher.articles[1].url == "https://n.example/news/1"


async def test_a_page_known_by_the_address_it_claims_is_published_once(desk: Desk) -> None:
    desk.pages.pages[""] = Extracted(text="words", url="https://n.example/news/1")
    verdicts = [await desk.collect().accept(pieces(Found(html=b"<p>words"))) for _ in range(3)]
    assert [verdict.status for [verdict] in verdicts] == [Status.ACCEPTED, Status.DUPLICATE, Status.DUPLICATE]
    assert desk.publisher.calls == 1


async def test_a_page_that_claims_the_address_of_a_known_article_is_that_article(desk: Desk) -> None:
    desk.pages.pages[""] = Extracted(text="words", url="https://n.example/news/1")
    await desk.collect().accept(pieces(Found(text="words", url="https://n.example/news/1")))
    assert reasons(await desk.collect().accept(pieces(Found(html=b"<p>words")))) == [Reason.ALREADY_PUBLISHED]
    assert desk.publisher.calls == 1


async def test_when_nats_is_away_the_same_articles_can_be_handed_in_again(desk: Desk) -> None:
    collect = desk.collect()
    many = pieces(*(Found(text=f"text {n}") for n in range(10)))
    desk.publisher.fails = lambda event: transient() if "7" in event.article.text else None  # type: ignore[attr-defined]
    with pytest.raises(TransientError):
        await collect.accept(many)
    desk.publisher.fails = lambda _: None
    verdicts = await collect.accept(many)
    assert [v.status for v in verdicts].count(Status.ACCEPTED) == 1
    assert len(desk.publisher.articles) == 10


async def test_what_can_never_be_published_is_rejected_and_the_rest_goes_on(desk: Desk) -> None:
    desk.publisher.fails = lambda _: PermanentError("event_too_large", "1000001 bytes")
    [verdict] = await desk.collect().accept(pieces(Found(text="big")))
    assert verdict.reason is Reason.TOO_LARGE


async def test_two_who_hand_in_the_same_article_at_once_get_it_published_once(desk: Desk) -> None:
    collect = desk.collect()
    both = await asyncio.gather(*(collect.accept(pieces(Found(text="same"))) for _ in range(2)))
    assert sorted(verdict.status for [verdict] in both) == [Status.ACCEPTED, Status.DUPLICATE]
    assert len(desk.publisher.articles) == 1


async def test_every_verdict_is_counted(desk: Desk) -> None:
    await desk.collect().accept(pieces(*(Found(text=f"text {n % 100}") for n in range(130))))
    counts = [verdict.status for _, verdict in desk.tallied]
    assert (counts.count(Status.ACCEPTED), counts.count(Status.DUPLICATE)) == (100, 30)
