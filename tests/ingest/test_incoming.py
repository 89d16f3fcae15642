from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.files import read_file
from services.ingest.found import Found
from services.ingest.incoming import Mistake, lines_of, read_article
from services.ingest.novelty import Reason
from services.ingest.outgoing import MOST_LINES, Line, file_lines, requests

MISTAKES = [
    ("cut off in the middle", b'{"text": "x', Reason.BAD_JSON, "line 1 column 10"),
    ("no JSON at all", b"hello", Reason.BAD_JSON, "not JSON"),
    ("nothing", b"", Reason.BAD_JSON, "not JSON"),
    ("a null byte", b'{"text": "a\x00b"}', Reason.NULL_BYTE, "null byte at byte 12"),
    ("invalid UTF-8", b'{"text": "a\xffb"}', Reason.BAD_ENCODING, "byte 12 is not UTF-8"),
    ("a list", b'[{"text": "x"}]', Reason.BAD_FIELD, "found a list"),
    ("a bare text", b'"x"', Reason.BAD_FIELD, "found text"),
    ("null", b"null", Reason.BAD_FIELD, "found null"),
    ("nothing to read in it", b"{}", Reason.BAD_FIELD, "one of `text`, `html` and `url` is needed"),
    ("a number as text", b'{"text": 5}', Reason.BAD_FIELD, "text: Input should be a valid string"),
    ("a misspelt field", b'{"text": "x", "titel": "y"}', Reason.BAD_FIELD, "did you mean `title`?"),
    ("a field nobody knows", b'{"text": "x", "zzz": 1}', Reason.BAD_FIELD, "known fields: title, text"),
    ("an address of another kind", b'{"url": "ftp://x/"}', Reason.BAD_FIELD, "url: not an http or https address"),
    ("no date", b'{"text": "x", "published_at": "soon"}', Reason.BAD_FIELD, "published_at: not a date"),
    ("a source id with a dot", b'{"text": "x", "source_id": "a.b"}', Reason.BAD_FIELD, "source_id"),
    ("a source id with a wildcard", b'{"text": "x", "source_id": ">"}', Reason.BAD_FIELD, "source_id"),
    ("a language that is none", b'{"text": "x", "lang": "klingon!"}', Reason.BAD_FIELD, "lang"),
    ("nested without end", b"[" * 100_000, Reason.BAD_JSON, "nested too deeply"),
    ("a number without end", b'{"id": ' + b"9" * 10_000 + b"}", Reason.BAD_JSON, "not JSON"),
    ("not a number", b'{"text": NaN}', Reason.BAD_FIELD, "text"),
]


@pytest.mark.parametrize(("raw", "reason", "words"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_mistake_is_named_with_its_place(raw: bytes, reason: Reason, words: str) -> None:
    mistake = read_article(raw)
    assert isinstance(mistake, Mistake)
    assert mistake.reason is reason
    assert words in mistake.note


def test_every_wrong_field_is_named_at_once() -> None:
    mistake = read_article(b'{"text": 1, "title": [], "lang": 2, "extra": 3}')
    assert isinstance(mistake, Mistake)
    assert {field.field for field in mistake.fields} == {"text", "title", "lang", "extra"}


def test_a_thousand_wrong_fields_are_not_all_listed() -> None:
    mistake = read_article(json.dumps({f"field{n}": n for n in range(1000)}).encode())
    assert isinstance(mistake, Mistake)
    assert len(mistake.fields) == 20


def test_a_field_name_of_half_a_character_can_be_answered() -> None:
    mistake = read_article(b'{"text": "x", "\\ud800": 1}')
    assert isinstance(mistake, Mistake)
    mistake.note.encode()


def test_an_article_is_read_with_all_its_fields() -> None:
    fields: dict[str, Any] = {
        "id": 7, "title": "T", "text": "body", "url": "HTTPS://N.example/a?utm_source=x", "lang": "zh-CN",
        "published_at": "2026-02-12", "source_id": "wire",
    }  # fmt: skip
    found = read_article(json.dumps(fields).encode())
    assert isinstance(found, Found)
    assert (found.client_id, found.url, found.source_id) == ("7", "https://n.example/a", "wire")
    assert found.published is not None
    assert found.published.zoned is False


def test_an_address_alone_asks_for_its_page() -> None:
    found = read_article(b'{"url": "https://n.example/a"}')
    assert isinstance(found, Found)
    assert found.follow


def test_text_goes_before_html_unless_it_is_blank() -> None:
    both = read_article(b'{"text": "words", "html": "<p>other"}')
    blank = read_article(b'{"text": "  ", "html": "<p>other"}')
    assert isinstance(both, Found)
    assert isinstance(blank, Found)
    assert both.html == b""
    assert b"other" in blank.html


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert isinstance(read_article(b'\xef\xbb\xbf{"text": "x"}'), Found)


@given(st.binary(max_size=300))
def test_any_bytes_are_an_article_or_a_mistake(raw: bytes) -> None:
    assert isinstance(read_article(raw), Found | Mistake)


def test_lines_keep_their_numbers_over_blank_ones() -> None:
    assert list(lines_of(b"\n{}\r\n\n  \n{}")) == [(2, b"{}"), (5, b"{}")]


FILES = [
    ("a short first line is the title", "a.txt", b"Ministry bans exports\nThe ministry said.", "Ministry bans exports"),
    ("a first line that ends in a full stop is text", "a.txt", b"The ministry acts.\nIt said so.", ""),
    ("in Chinese too", "a.txt", "商务部采取行动。\n它说。".encode(), ""),
    ("a long first line is text", "a.txt", b"x" * 300 + b"\nmore", ""),
    ("one line alone is text", "a.txt", b"Ministry bans exports", ""),
    ("UTF-16 with its mark", "a.txt", "Title\nText here".encode("utf-16"), "Title"),
    ("json", "a.json", b'{"title": "T", "text": "x"}', "T"),
    ("jsonl", "a.jsonl", b'{"title": "T", "text": "x"}\n', "T"),
]


@pytest.mark.parametrize(("name", "body", "title"), [row[1:] for row in FILES], ids=[row[0] for row in FILES])
def test_a_file_is_one_article(name: str, body: bytes, title: str) -> None:
    reading = read_file(name, body)
    assert reading.problems == ()
    [found] = reading.articles
    assert found.title == title
    assert found.text


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("a.txt", b"\xff\xfe\xff", "not UTF-8 text"),
        ("a.txt", b"caf\xe9", "not UTF-8 text"),
        ("a.txt", b" \n", "the file is empty"),
        ("a.html", b"", "the file is empty"),
        ("a.jsonl", b"\n", "the file is empty"),
        ("a.json", b"{", "a.json: not JSON"),
        ("a.jsonl", b'{"text": "good"}\n{"text": 5}\n', "a.jsonl:2: text"),
    ],
)
def test_a_bad_file_is_named(name: str, body: bytes, words: str) -> None:
    [problem] = read_file(name, body).problems
    assert words in problem


def test_a_bad_line_leaves_the_good_ones() -> None:
    assert len(read_file("a.jsonl", b'{"text": "one"}\nbad\n{"text": "two"}\n').articles) == 2


def test_what_submit_sends_is_what_the_service_reads() -> None:
    for name, body in [
        ("n.txt", b"Headline\nBody text."),
        ("n.html", "<meta charset=gb2312><p>出口管制".encode("gb2312")),
        ("n.json", b'{\n "text": "x"\n}'),
        ("n.jsonl", b'{"text": "x"}\n{"text": "y"}'),
    ]:
        for line in file_lines(name, body):
            assert isinstance(read_article(line.body), Found), name
            assert b"\n" not in line.body


def test_a_page_in_gb2312_arrives_as_its_words() -> None:
    [line] = file_lines("n.html", "<meta charset=gb2312><p>出口管制".encode("gb2312"))
    assert "出口管制" in json.loads(line.body)["html"]


@pytest.mark.parametrize(("name", "body"), [("n.pdf", b"x"), ("n.txt", b""), ("n.txt", b"\xff"), ("n", b"x")])
def test_what_cannot_be_sent_is_refused_before_anything_is(name: str, body: bytes) -> None:
    with pytest.raises(ValueError, match=r"expected one of|empty|UTF-8"):
        file_lines(name, body)


def test_many_lines_go_in_several_requests_and_none_is_lost() -> None:
    lines = [Line(str(n), b"x" * (3_000_000 if n in {5, 6} else 10)) for n in range(450)]
    batches = list(requests(lines))
    assert [line for batch in batches for line in batch] == lines
    assert all(len(batch) <= MOST_LINES for batch in batches)
    assert len(batches) == 4
