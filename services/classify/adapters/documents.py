"""Reads article files from disk or stdin: .txt, .html, .json and .jsonl."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from shared.errors import ConfigError, Problem
from shared.events import Article

STDIN: Final = "-"
DEFAULT_SOURCE: Final = "file"
LONGEST_TITLE: Final = 200
MAX_BYTES: Final = 64_000_000
_SENTENCE_ENDS: Final = tuple(".!?。！？;；:：,，")
_DATE_FORMATS: Final = ("%Y-%m-%d", "%Y%m%d", "%d-%b-%Y", "%d %b %Y", "%Y/%m/%d")
_TEXT_KEYS: Final = ("id", "title", "text", "url", "lang", "source_id")


@dataclass(frozen=True)
class Labelled:
    """An article with what people say it signals; `labels` is empty where nobody said."""

    article: Article
    labels: Mapping[str, Any] = field(default_factory=dict)
    scope: str = ""
    trap: str = ""
    """Which known trap the article was written for, if any."""


def read_documents(path: str, *, now: datetime) -> Iterator[Labelled]:
    """The articles of one file, or of stdin for `-`.

    Args:
        path: a file name or `-`.
        now: stands for the time of fetching.

    Raises:
        ConfigError: the file cannot be read, or an entry is no article (all entries of the file at once).
    """
    name, body = _bytes(path)
    suffix = Path(name).suffix.lower()
    stem = Path(name).stem
    if suffix in {".html", ".htm"}:
        yield Labelled(_html(name, body, stem, now))
    elif suffix in {".json", ".jsonl", ".ndjson"} or (path == STDIN and body.lstrip()[:1] in (b"{", b"[")):
        yield from _entries(name, _text(name, body), stem, now)
    else:
        yield Labelled(_plain(_text(name, body), stem, now))


def _bytes(path: str) -> tuple[str, bytes]:
    if path == STDIN:
        return "stdin", sys.stdin.buffer.read(MAX_BYTES)
    try:
        body = Path(path).read_bytes()
    except FileNotFoundError as error:
        raise ConfigError.one(
            path, "no such file", hint="give a .txt, .html, .json or .jsonl file, or - for stdin"
        ) from error
    except OSError as error:
        raise ConfigError.one(path, f"cannot be read: {error.strerror}") from error
    if len(body) > MAX_BYTES:
        raise ConfigError.one(path, f"larger than {MAX_BYTES:,} bytes", hint="split the file")
    return path, body


def _text(name: str, body: bytes) -> str:
    encoding = "utf-16" if body.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        raise ConfigError.one(name, f"not UTF-8 text: byte {error.start}", hint="convert it to UTF-8") from error


def _plain(text: str, stem: str, now: datetime) -> Article:
    """A text file: a short first line without final punctuation is the title."""
    first, _, rest = text.strip().partition("\n")
    headline = first.strip()
    if rest.strip() and len(headline) <= LONGEST_TITLE and not headline.endswith(_SENTENCE_ENDS):
        return _article({"title": headline, "text": rest.strip()}, stem, now)
    return _article({"text": text.strip()}, stem, now)


def _html(name: str, body: bytes, stem: str, now: datetime) -> Article:
    import trafilatura

    found: Any = trafilatura.bare_extraction(body, with_metadata=True, include_comments=False)
    if found is None or not (found.text or found.title):
        raise ConfigError.one(name, "no article text found in this page")
    fields = {"title": found.title or "", "text": found.text or "", "url": found.url, "published_at": found.date}
    return _article(fields, stem, now)


def _entries(name: str, text: str, stem: str, now: datetime) -> Iterator[Labelled]:
    problems: list[Problem] = []
    for line, entry in _parsed(name, text, problems):
        ident = stem if line == 0 else f"{stem}-{line}"
        try:
            yield _labelled(entry, ident, now)
        except ValidationError as error:
            problems.extend(Problem(name, line, f"`{_place(item)}`: {item['msg']}") for item in error.errors())
        except ValueError as error:
            problems.append(Problem(name, line, str(error)))
    if problems:
        raise ConfigError(problems)


def _place(item: Any) -> str:
    return ".".join(str(part) for part in item["loc"]) or "entry"


def _parsed(name: str, text: str, problems: list[Problem]) -> Iterator[tuple[int, Any]]:
    """Line and value of each entry; line 0 for a file that holds a single article."""
    if not name.endswith(("l", ".ndjson")):
        try:
            whole = json.loads(text)
        except ValueError:
            whole = None
        if isinstance(whole, dict):
            yield 0, whole
            return
        if isinstance(whole, list):
            yield from enumerate(whole, 1)
            return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except ValueError as error:
                problems.append(Problem(name, number, f"not JSON: {error}"))


def _labelled(entry: Any, ident: str, now: datetime) -> Labelled:
    if not isinstance(entry, dict):
        raise ValueError("an article is an object with at least the key `text`")
    if "text" not in entry:
        raise ValueError("key `text` is missing")
    labels = entry.get("labels")
    if labels is not None and not isinstance(labels, dict):
        raise ValueError('`labels` is an object such as {"export_restriction": true}')
    scope, trap = (str(entry.get(key) or "") for key in ("scope", "trap"))
    return Labelled(_article(entry, ident, now), labels or {}, scope, trap)


def _article(entry: Mapping[str, Any], ident: str, now: datetime) -> Article:
    fields = {key: entry[key] for key in _TEXT_KEYS if entry.get(key) is not None}
    published = parse_date(entry.get("published_at"))
    tier = entry.get("source_tier", 2)
    return Article.model_validate(
        {
            "id": ident,
            "source_id": DEFAULT_SOURCE,
            **fields,
            "published_at": published,
            "source_tier": tier,
            "fetched_at": now,
        }
    )


def parse_date(value: object) -> datetime | None:
    """A publication time as people write it: ISO 8601, YYYYMMDD, 3-MAR-2024. None when it names no day."""
    text = str(value or "").strip()
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
