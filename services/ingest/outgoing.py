"""What `orewire submit` sends: files and addresses become lines of NDJSON. Pure: bytes in, lines out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final

from services.ingest.files import SUFFIXES, decode, plain_article
from services.ingest.incoming import lines_of

MOST_LINES: Final = 200
MOST_BYTES: Final = 4 * 1024 * 1024
"""A request carries as many lines, and as many bytes, as this; or one line of any size."""
_CHARSET: Final = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_-]+)""", re.IGNORECASE)
_SUPERSETS: Final = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252"}


@dataclass(frozen=True)
class Line:
    """One article to send. `label` is what people know it by: the file's stem, with its line, or the address."""

    label: str
    body: bytes


def address_line(url: str) -> Line:
    """An address, for the service to fetch."""
    return Line(url, _json({"url": url}))


def file_lines(name: str, body: bytes) -> list[Line]:
    """The articles of one file. What is no JSON is sent as it is, so that the service can name its mistake.

    Raises:
        ValueError: nothing of the file can be sent.
    """
    suffix, stem = PurePath(name).suffix.lower(), PurePath(name).stem
    if suffix not in SUFFIXES:
        raise ValueError(f"expected one of {' '.join(SUFFIXES)}")
    if not body.strip():
        raise ValueError("the file is empty")
    if suffix in {".jsonl", ".ndjson"}:
        return [Line(f"{stem}:{number}", line) for number, line in lines_of(body)]
    if suffix == ".json":
        return [Line(stem, _one_line(body))]
    if suffix in {".html", ".htm"}:
        return [Line(stem, _json({"html": _page_text(body)}))]
    text = decode(body)
    if text is None:
        raise ValueError("not UTF-8 text")
    found = plain_article(text)
    return [Line(stem, _json({"title": found.title, "text": found.text}))]


def requests(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """The lines, as many to a request as it may carry."""
    batch: list[Line] = []
    size = 0
    for line in lines:
        size += len(line.body) + 1
        if batch and (len(batch) == MOST_LINES or size > MOST_BYTES):
            yield batch
            batch, size = [], len(line.body) + 1
        batch.append(line)
    if batch:
        yield batch


def _one_line(body: bytes) -> bytes:
    """JSON on one line, if it is JSON."""
    try:
        return _json(json.loads(body))
    except (ValueError, RecursionError):
        return b" ".join(body.split(b"\n"))


def _page_text(body: bytes) -> str:
    """A page as text, by its own word on the charset where it is not UTF-8."""
    text = decode(body)
    if text is not None:
        return text
    named = _CHARSET.search(body[:4096])
    charset = named.group(1).decode("ascii").lower() if named else "gb18030"
    try:
        return body.decode(_SUPERSETS.get(charset, charset), "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
