"""Text, dates, languages and markup: the small pure modules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.cadence import MAX_BACKOFF, next_poll
from services.ingest.charset import decoded
from services.ingest.dates import Moment, Undated, from_epoch, parse_time
from services.ingest.manners import Manners, read_interval
from services.ingest.markup import fragment_text
from services.ingest.plaintext import MAX_ESCAPED, MAX_TEXT, clean, clean_title, cut
from services.ingest.script import script_language
from services.ingest.visible import find_time
from shared.events import Article, ArticleCollected
from shared.publish import MAX_BODY
from tests.ingest.conftest import NOW

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("a\x00b\x07c", "abc"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("half \ud800 pair", "half \ufffd pair"),
        ("\ufefftext\u0085", "text"),
        ("tab\tstays", "tab\tstays"),
    ],
)
def test_a_text_loses_what_cannot_be_read(raw: str, expected: str) -> None:
    assert clean(raw) == expected


def test_a_title_is_one_line_of_at_most_a_thousand_characters() -> None:
    assert clean_title("  two\n lines ") == "two lines"
    assert len(clean_title("x" * 5_000)) == 1_000


def test_a_text_is_cut_between_characters_and_says_so() -> None:
    text = "稀" * 200_000
    result = cut(text)
    assert result.truncated
    assert len(result.text.encode()) <= MAX_TEXT
    assert text.startswith(result.text)
    assert cut("short").truncated is False


@pytest.mark.parametrize("character", ['"', "\\", "\n", "a", "稀", "😀"])
def test_the_longest_text_of_anything_fits_into_one_message(character: str) -> None:
    text = cut(character * 3_000_000).text
    article = Article(id="a", title="t" * 1000, text=text, source_id="s", fetched_at=NOW, url="https://n.example/")
    assert len(ArticleCollected(article=article, collected_at=NOW).body()) <= MAX_BODY
    assert len(text.encode()) >= min(MAX_TEXT - 4, MAX_ESCAPED // 2)


@given(st.text())
def test_a_clean_text_is_clean_and_valid(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    once.encode()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-02-12T09:00:00+08:00", Moment(datetime(2026, 2, 12, 1, tzinfo=UTC))),
        ("2026-02-12T01:00:00Z", Moment(datetime(2026, 2, 12, 1, tzinfo=UTC))),
        ("2026-02-12 09:00:00 +0800", Moment(datetime(2026, 2, 12, 1, tzinfo=UTC))),
        ("Thu, 12 Feb 2026 09:00:00 +0800", Moment(datetime(2026, 2, 12, 1, tzinfo=UTC))),
        ("2026-02-12 09:00", Moment(datetime(2026, 2, 12, 9, tzinfo=UTC), zoned=False)),
        ("2026-02-12", Moment(datetime(2026, 2, 12, tzinfo=UTC), zoned=False)),
        ("20260212", Moment(datetime(2026, 2, 12, tzinfo=UTC), zoned=False)),
        ("yesterday", None),
        ("", None),
        ("2026-02-31", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("1026-02-12", None),
    ],
)
def test_a_date_is_read_or_refused(value: str, expected: Moment | None) -> None:
    assert parse_time(value) == expected


@given(st.text())
def test_reading_a_date_never_fails(text: str) -> None:
    moment = parse_time(text)
    assert moment is None or moment.at.tzinfo is UTC


def test_a_bare_day_in_asia_is_not_in_the_future() -> None:
    fetched = datetime(2026, 2, 11, 16, 30, tzinfo=UTC)  # half past midnight of the 12th in Beijing
    day = Moment(datetime(2026, 2, 12, tzinfo=UTC), zoned=False)
    assert day.seen_at(fetched) == fetched


@pytest.mark.parametrize(
    ("why", "ahead", "zoned", "seen"),
    [
        ("a publisher's clock may run ahead", timedelta(minutes=50), True, timedelta(minutes=50)),
        ("hours ahead with a zone cannot be true", timedelta(hours=3), True, Undated.FUTURE),
        ("a day ahead is so nowhere on earth", timedelta(hours=20), False, Undated.FUTURE),
        ("a local time of Asia was seen when it was seen", timedelta(hours=8), False, timedelta(0)),
        ("the past is the past", timedelta(days=-400), True, timedelta(days=-400)),
        ("a program's zero is no date", datetime(1970, 1, 1, tzinfo=UTC) - NOW, True, Undated.ABSURD),
    ],
)
def test_a_date_is_believed_as_far_as_it_can_be_true(
    why: str, ahead: timedelta, zoned: bool, seen: timedelta | Undated
) -> None:
    believed = Moment(NOW + ahead, zoned=zoned).seen_at(NOW)
    assert believed == (NOW + seen if isinstance(seen, timedelta) else seen), why


BEIJING = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-02-12 09:00:00", Moment(datetime(2026, 2, 12, 1, tzinfo=UTC))),
        ("2026-02-12T09:00:00Z", Moment(datetime(2026, 2, 12, 9, tzinfo=UTC))),
        ("2026-02-12", Moment(datetime(2026, 2, 11, 16, tzinfo=UTC), zoned=False)),
        ("Thu, 12 Feb 2026 09:00:00 CST", Moment(datetime(2026, 2, 12, 1, tzinfo=UTC))),
        ("Thu, 12 Feb 2026 09:00:00 JST", Moment(datetime(2026, 2, 12, tzinfo=UTC))),
        ("Thu, 12 Feb 2026 09:00:00 EST", Moment(datetime(2026, 2, 12, 14, tzinfo=UTC))),
        ("Thu, 12 Feb 2026 09:00:00 QQQ", Moment(datetime(2026, 2, 12, 1, tzinfo=UTC))),
    ],
)
def test_a_time_without_a_zone_is_in_that_of_its_source(value: str, expected: Moment) -> None:
    assert parse_time(value, BEIJING) == expected


def test_the_abbreviation_of_beijing_time_means_chicago_elsewhere() -> None:
    assert parse_time("Thu, 12 Feb 2026 09:00:00 CST") == Moment(datetime(2026, 2, 12, 15, tzinfo=UTC))


def test_a_pattern_reads_what_no_one_could_tell() -> None:
    assert parse_time("03/04/2026", pattern="%d/%m/%Y") == Moment(datetime(2026, 4, 3, tzinfo=UTC), zoned=False)
    assert parse_time("2026-04-03", pattern="%d/%m/%Y") is None


@pytest.mark.parametrize("seconds", [1_770_886_800, 1_770_886_800_000])
def test_a_unix_time_is_in_seconds_or_milliseconds(seconds: int) -> None:
    assert from_epoch(seconds) == Moment(NOW)
    assert from_epoch(1e300) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("发布时间：2026年2月12日 09:30  来源：某司", datetime(2026, 2, 12, 1, 30, tzinfo=UTC)),
        ("二〇二六 2026年2月12日 下午3:05", datetime(2026, 2, 12, 7, 5, tzinfo=UTC)),
        ("[2026-02-12]", datetime(2026, 2, 11, 16, tzinfo=UTC)),
        ("2026.02.12 09:30:10", datetime(2026, 2, 12, 1, 30, 10, tzinfo=UTC)),
        ("Published Feb. 12, 2026 9:30 p.m. by staff", datetime(2026, 2, 12, 13, 30, tzinfo=UTC)),
        ("Kinshasa, le 12 février 2026", datetime(2026, 2, 11, 16, tzinfo=UTC)),
        ("Jakarta, 3 Februari 2026", datetime(2026, 2, 2, 16, tzinfo=UTC)),
        ("12 de febrero de 2026", datetime(2026, 2, 11, 16, tzinfo=UTC)),
        ("3rd March, 2026 at 10:05 GMT", datetime(2026, 3, 3, 10, 5, tzinfo=UTC)),
        ("2026년 2월 12일", datetime(2026, 2, 11, 16, tzinfo=UTC)),
        ("No. 2026-13-45", None),
        ("03/04/2026", None),
        ("in the year 2026", None),
    ],
)
def test_a_date_in_a_line_is_found_as_a_reader_finds_it(line: str, expected: datetime | None) -> None:
    found = find_time(line, BEIJING)
    assert (found.at if found else None) == expected


@given(st.text())
def test_looking_for_a_date_never_fails(text: str) -> None:
    find_time(text, BEIJING)


@pytest.mark.parametrize(
    ("why", "body", "content_type", "text"),
    [
        ("UTF-8 under a false name", "公告".encode(), "text/html; charset=gb2312", "公告"),
        ("the server is right", "公告".encode("gb18030"), "text/html; charset=GBK", "公告"),
        (
            "the server is silent, the page is not",
            '<meta charset="gbk">公告'.encode("gbk"),
            "",
            '<meta charset="gbk">公告',
        ),
        ("nobody says a word", "关于对镓实施出口管制的公告".encode("gbk"), "text/html", "关于对镓实施出口管制的公告"),
        ("nobody says a word in French", "l’été à Kinshasa".encode("cp1252"), "text/html", "l’été à Kinshasa"),
        ("Windows under the name of ISO", "“ban”".encode("cp1252"), "text/xml; charset=iso-8859-1", "“ban”"),
        ("Japanese mail", "輸出".encode("iso-2022-jp"), "text/html; charset=iso-2022-jp", "輸出"),
        ("a mark at the beginning", "ban".encode("utf-16"), "text/html; charset=utf-8", "ban"),
        ("a charset that does not exist", b"ban", "text/html; charset=klingon", "ban"),
        ("one broken byte", "公告".encode() * 50 + b"\xff", "text/html; charset=utf-8", "公告" * 50 + "\ufffd"),
    ],
)
def test_bytes_are_read_in_the_charset_they_are_in(why: str, body: bytes, content_type: str, text: str) -> None:
    assert decoded(body, content_type) == text, why


@given(st.binary(), st.text())
def test_reading_bytes_never_fails(body: bytes, content_type: str) -> None:
    decoded(body, content_type)


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("商务部公告：对镓实施出口管制", "zh"),
        ("半導体材料の輸出管理を見直します", "ja"),
        ("산업통상자원부는 수출 통제를 발표했다", "ko"),
        ("The ministry (商务部) said on Thursday it would act", None),
        ("12345 !!!", None),
    ],
)
def test_a_script_gives_its_language_away(text: str, lang: str | None) -> None:
    assert script_language(text) == lang


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain words", "plain words"),
        ("a &lt; b &amp; c", "a < b & c"),
        ("<p>one</p><p>two <b>bold</b></p>", "one\ntwo bold"),
        ("<figure><img><figcaption>a photo</figcaption></figure>news", "news"),
        ("<script>alert(1)</script>news<!-- no -->", "news"),
        ("a<br>b", "a\nb"),
        ("<", "<"),
        ("<!---->", ""),
        ("", ""),
    ],
)
def test_a_fragment_of_html_becomes_lines_of_text(html: str, text: str) -> None:
    assert fragment_text(html) == text


def test_markup_nested_beyond_reason_costs_its_text_and_nothing_else() -> None:
    assert fragment_text("<div>" * 5_000 + "x" + "</div>" * 5_000) in {"", "x"}


@pytest.mark.parametrize(
    ("why", "wait", "options"),
    [
        ("a source that is well is polled at its interval", 5 * MINUTE, {}),
        ("a failure doubles the wait", 10 * MINUTE, {"failures": 1}),
        ("and again", 20 * MINUTE, {"failures": 2}),
        ("but never beyond a day", MAX_BACKOFF, {"failures": 40}),
        ("a server may ask for more", timedelta(hours=3), {"failures": 1, "retry_after": timedelta(hours=3)}),
        ("but not for less", 10 * MINUTE, {"failures": 1, "retry_after": MINUTE}),
        ("nor for ever", timedelta(hours=24), {"failures": 1, "retry_after": timedelta(days=300)}),
        ("a source that has more is polled soon", MINUTE, {"again_in": MINUTE}),
        ("chance adds up to 15 in a hundred", 5.75 * MINUTE, {"chance": 1.0}),
    ],
)
def test_the_next_poll(why: str, wait: timedelta, options: dict[str, object]) -> None:
    assert next_poll(NOW, Manners(interval=5 * MINUTE), **options).at == NOW + wait, why  # type: ignore[arg-type]


def test_a_long_interval_is_not_shortened_by_failing() -> None:
    assert next_poll(NOW, Manners(interval=timedelta(days=1)), failures=3).at == NOW + timedelta(days=1)


@pytest.mark.parametrize(("text", "seconds"), [("5s", 5), ("30s", 30), ("5m", 300), ("1h", 3600), ("2d", 172_800)])
def test_an_interval_is_a_number_with_a_unit(text: str, seconds: int) -> None:
    assert read_interval(text).total_seconds() == seconds


@pytest.mark.parametrize("value", ["4s", "5", "1w", "-5m", "", 30, None, "1.5h", "9999999d"])
def test_what_is_no_interval_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        read_interval(value)
