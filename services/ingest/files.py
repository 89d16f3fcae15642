"""Article files: .txt, .html, .json and .jsonl become found articles. Pure: bytes in, articles and problems out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from services.ingest.found import Found
from services.ingest.incoming import Mistake, lines_of, read_article

SUFFIXES: Final = (".txt", ".html", ".htm", ".json", ".jsonl", ".ndjson")
LONGEST_HEADLINE: Final = 200
"""Characters; a longer first line is a paragraph."""
_SENTENCE_ENDS: Final = (".", "!", "?", "。", "！", "？", ";", "；", ":", "：", ",", "，")
_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True)
class FileReading:
    """What a file holds: its articles, and in words what could not be read, with file and line."""

    articles: tuple[Found, ...] = ()
    problems: tuple[str, ...] = ()


def read_file(name: str, body: bytes) -> FileReading:
    """Read one file by its suffix. A bad line of a .jsonl file is named; the others count."""
    suffix = PurePath(name).suffix.lower()
    if suffix in {".jsonl", ".ndjson"}:
        return _merge([_one(f"{name}:{number}", line) for number, line in lines_of(body)], name)
    if suffix == ".json":
        return _one(name, body)
    if suffix in {".html", ".htm"} and body.strip():
        return FileReading((Found(html=body),))
    text = decode(body)
    if text is None:
        return FileReading(problems=(f"{name}: not UTF-8 text",))
    if not text.strip():
        return FileReading(problems=(f"{name}: the file is empty",))
    return FileReading((plain_article(text),))


def plain_article(text: str) -> Found:
    """A text file as an article: a short first line without final punctuation is the title."""
    first, _, rest = text.strip().partition("\n")
    headline = first.strip()
    if rest.strip() and len(headline) <= LONGEST_HEADLINE and not headline.endswith(_SENTENCE_ENDS):
        return Found(title=headline, text=rest.strip())
    return Found(text=text.strip())


def decode(body: bytes) -> str | None:
    """The text of a file in UTF-8, or UTF-16 with a byte order mark; None when it is neither."""
    encoding = next((name for mark, name in _BOMS if body.startswith(mark)), "utf-8")
    try:
        return body.decode(encoding)
    except UnicodeDecodeError:
        return None


def _one(place: str, raw: bytes) -> FileReading:
    article = read_article(raw)
    if isinstance(article, Mistake):
        return FileReading(problems=(f"{place}: {article.note}",))
    return FileReading((article,))


def _merge(readings: list[FileReading], name: str) -> FileReading:
    if not readings:
        return FileReading(problems=(f"{name}: the file is empty",))
    return FileReading(
        tuple(article for reading in readings for article in reading.articles),
        tuple(problem for reading in readings for problem in reading.problems),
    )
