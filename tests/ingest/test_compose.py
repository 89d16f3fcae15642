"""From what was found to the article: dates believed or refused, age, language, what is partial."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.ingest.adapters.language import LanguageDetector
from services.ingest.adapters.metrics import DATES_REFUSED, ArticleTally
from services.ingest.compose import compose
from services.ingest.dates import Moment
from services.ingest.found import Extracted, Found, Origin
from services.ingest.novelty import Reason, Status, Verdict
from services.ingest.usecases import Piece
from shared.events import Article
from tests.ingest.conftest import NOW, Desk

WIRE = Origin("wire", 1, "en")
DETECT = LanguageDetector()
ENGLISH = "The ministry of commerce said on Thursday that exports of tungsten will need a licence from May. " * 3
CHINESE = "商务部今日发布公告，决定对钨相关物项实施出口管制，出口经营者须申请许可。" * 8
FRENCH = (
    "Le ministère des mines a annoncé jeudi que les exportations de cobalt seront soumises à un quota dès mai. " * 3
)


def made(found: Found, page: Extracted | None = None, origin: Origin = WIRE) -> Article:
    article = compose(found, page, origin=origin, fetched_at=NOW, detect=DETECT)
    assert isinstance(article, Article)
    return article


@pytest.mark.parametrize(
    ("why", "published", "expected", "refused"),
    [
        ("no date is no date, never now", None, None, None),
        ("a date of tomorrow", Moment(NOW + timedelta(days=1)), None, "future_date"),
        ("a program's zero", Moment(datetime(1970, 1, 1, tzinfo=UTC)), None, "absurd_date"),
        ("a day in Asia", Moment(NOW + timedelta(hours=7), zoned=False), NOW, None),
        ("a date", Moment(NOW - timedelta(days=2)), NOW - timedelta(days=2), None),
    ],
)
def test_a_date_that_cannot_be_true_is_refused_and_the_article_says_why(
    why: str, published: Moment | None, expected: datetime | None, refused: str | None
) -> None:
    article = made(Found(text="words", published=published))
    assert (article.published_at, article.date_refused) == (expected, refused), why


async def test_a_refused_date_is_counted_with_its_reason(desk: Desk) -> None:
    found = Found(text="words", published=Moment(NOW + timedelta(days=1)))
    [verdict] = await desk.collect().accept([Piece(found, WIRE)])
    before = DATES_REFUSED.labels("wire", "future_date")._value.get()
    ArticleTally(lambda _: True)(WIRE, verdict)
    assert DATES_REFUSED.labels("wire", "future_date")._value.get() == before + 1


def test_where_the_feed_s_date_is_refused_the_page_s_counts() -> None:
    found = Found(text="words", published=Moment(NOW + timedelta(days=9)))
    article = made(found, Extracted(text="words", published=Moment(NOW - timedelta(hours=1))))
    assert (article.published_at, article.date_refused) == (NOW - timedelta(hours=1), None)


@pytest.mark.parametrize(
    ("published", "updated", "expected"),
    [(-3, -1, -1), (-3, -3, None), (-1, -3, None), (-3, 48, None), (None, -1, -1)],
)
def test_updated_is_told_when_it_is_later_than_published_and_not_in_the_future(
    published: int | None, updated: int, expected: int | None
) -> None:
    def at(hours: int | None) -> datetime | None:
        return None if hours is None else NOW + timedelta(hours=hours)

    first, changed = at(published), at(updated)
    assert changed is not None
    article = made(Found(text="words", published=Moment(first) if first else None, updated=Moment(changed)))
    assert (article.published_at, article.updated_at, article.fetched_at) == (first, at(expected), NOW)


async def test_articles_older_than_their_source_may_bring_are_counted_and_their_pages_left_alone(desk: Desk) -> None:
    origin = Origin("wire", 2, "en", timedelta(days=7))
    old, fresh = Moment(NOW - timedelta(days=8)), Moment(NOW - timedelta(days=6))
    desk.pages.pages["https://n.example/undated"] = Extracted(text="words", published=old)
    verdicts = await desk.collect().accept(
        [
            Piece(Found(title="old", url="https://n.example/old", published=old, follow=True), origin),
            Piece(Found(title="undated", url="https://n.example/undated", follow=True), origin),
            Piece(Found(title="fresh", text="fresh words", published=fresh), origin),
            Piece(Found(title="nobody knows", text="other words"), origin),
        ]
    )
    assert [verdict.reason for verdict in verdicts] == [Reason.TOO_OLD, Reason.TOO_OLD, Reason.NEW, Reason.NEW]
    assert desk.pages.asked == ["https://n.example/undated"]
    assert "more than 7 days" in verdicts[0].note
    assert [verdict.status for _, verdict in desk.tallied].count(Status.REJECTED) == 2


@pytest.mark.parametrize(
    ("why", "text", "claimed", "source", "lang"),
    [
        ("the text shows what the feed got wrong", CHINESE, "en", None, "zh"),
        ("an English notice on a Chinese list", ENGLISH, None, "zh", "en"),
        ("a feed with its software's language", FRENCH, "en-US", "en", "fr"),
        ("a short text shows little", "Cobalt: quota", "fr", None, "fr"),
        ("but a script shows at once", "对钨实施出口管制", "en", "en", "zh"),
        ("nobody claims anything", ENGLISH, None, None, "en"),
        ("a claim that is no code", ENGLISH, "english", None, "en"),
        ("too little to tell", "1 2 3", None, None, None),
    ],
)
def test_the_language_is_that_of_the_article(
    why: str, text: str, claimed: str | None, source: str | None, lang: str | None
) -> None:
    assert made(Found(text=text, lang=claimed), origin=Origin("wire", 1, source)).lang == lang, why


def test_between_near_languages_the_claim_decides() -> None:
    seen = compose(Found(text=ENGLISH, lang="id"), None, origin=WIRE, fetched_at=NOW, detect=lambda _: "ms")
    assert isinstance(seen, Article)
    assert seen.lang == "id"


@pytest.mark.parametrize(
    ("found", "page", "partial"),
    [
        (Found(text="summary", follow=True, url="https://n.example/a"), None, True),
        (Found(text="all there is"), None, False),
        (Found(title="T"), Extracted(text="the open part", partial=True), True),
        (Found(title="T", follow=True), Extracted(text="all of it"), False),
    ],
)
def test_what_is_only_a_part_is_marked(found: Found, page: Extracted | None, partial: bool) -> None:
    assert made(found, page).partial is partial


def test_furniture_of_a_text_somebody_dropped_does_not_reach_the_classifier() -> None:
    text = "Tungsten licences.webp\n\nThe ministry acts.\n\nTags Tags\ngallium export ban germanium curbs\nBack\nTop"
    assert made(Found(title="Tungsten licences", text=text)).text == "The ministry acts."


def test_what_is_neither_title_nor_text_is_no_article() -> None:
    verdict = compose(Found(text=" "), None, origin=WIRE, fetched_at=NOW, detect=DETECT)
    assert isinstance(verdict, Verdict)
    assert verdict.reason is Reason.EMPTY_TEXT
