"""The text of a PDF, as ministries publish notices: paragraphs put together again, page numbers left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from services.ingest.found import Extracted

MAGIC: Final = b"%PDF-"
MAX_PAGES: Final = 60
"""Pages read; annexes of hundreds of pages add tables."""
MAX_CHARACTERS: Final = 400_000
LONGEST_TITLE: Final = 200
_HYPHEN: Final = "\x02"
"""What PDFium makes of a hyphen and the line break behind it."""
_PAGE_NUMBER: Final = re.compile(
    r"(?:[-–—•]\s*)?(?:page\s+|第\s*)?\d{1,4}(?:\s*(?:of|/|页|頁)\s*\d{0,4})?(?:\s*[-–—•])?", re.IGNORECASE
)
_ENDS: Final = re.compile(r"[.!?。！？:：;；]['\"”’)）」]?$")
_BEGINS: Final = re.compile(
    r"(?:\(?\d{1,3}[.)、]|\(?[a-z]\)|[•·▪‣*–-]\s|第.{1,6}[条章节]|（[一二三四五六七八九十]+）|[一二三四五六七八九十]+、)"
)
_ENDS_CJK: Final = re.compile(r"[\u3000-\u303f\u3040-\u30ff\u3400-\u9fff\uff00-\uffef]$")
_BEGINS_CJK: Final = re.compile(r"^[\u3000-\u303f\u3040-\u30ff\u3400-\u9fff\uff00-\uffef]")


def is_pdf(body: bytes, content_type: str = "") -> bool:
    """Whether these bytes are a PDF. Some writers put a few bytes before the mark, and servers call it anything."""
    return MAGIC in body[:1024] or content_type.split(";", 1)[0].strip().lower() == "application/pdf"


def read_pdf(body: bytes) -> Extracted | None:
    """The text of the first pages; None when there is none, as in a scan.

    Its dates are not read: the one inside says when the file was made.

    Raises:
        ValueError: it is no PDF, or locked with a password.
    """
    pages, whole = _page_texts(body)
    text = "\n".join(_paragraphs(_own_lines(pages)))
    if not text.strip():
        return None
    first, _, rest = text.partition("\n")
    headed = bool(rest.strip()) and len(first) <= LONGEST_TITLE
    return Extracted(title=first if headed else "", text=text, partial=not whole)


def _page_texts(body: bytes) -> tuple[list[list[str]], bool]:
    """The lines of each page, and whether they are all there are."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        raise ValueError(f"not a readable PDF: {error}") from error
    pages: list[list[str]] = []
    left = MAX_CHARACTERS
    try:
        count = len(document)
        for number in range(min(count, MAX_PAGES)):
            text = document[number].get_textpage().get_text_bounded()[:left]
            left -= len(text)
            pages.append([" ".join(line.split()) for line in text.replace(_HYPHEN, "-\n").splitlines()])
            if left <= 0:
                return pages, False
        return pages, count <= MAX_PAGES
    finally:
        document.close()


def _own_lines(pages: Sequence[Sequence[str]]) -> list[str]:
    """All lines but page numbers, and those that head or end most pages."""
    edges = Counter(line for page in pages for line in {*page[:1], *page[-1:]} if line)
    repeated = {line for line, count in edges.items() if count > 2 and count > len(pages) / 2}
    return [line for page in pages for line in page if line not in repeated and not _PAGE_NUMBER.fullmatch(line)]


def _paragraphs(lines: Sequence[str]) -> list[str]:
    """Lines broken by the width of the paper, joined; a short line, or the end of a sentence, ends a paragraph."""
    lengths = sorted(len(line) for line in lines if line)
    full = lengths[int(len(lengths) * 0.8)] if lengths else 0
    paragraphs: list[str] = []
    open_ended = False
    for line in lines:
        if not line:
            open_ended = False
        elif open_ended and not _BEGINS.match(line):
            paragraphs[-1] = _joined(paragraphs[-1], line)
        else:
            paragraphs.append(line)
        open_ended = bool(line) and len(line) >= 0.7 * full and not _ENDS.search(line)
    return paragraphs


def _joined(above: str, below: str) -> str:
    if above.endswith("-") and below[:1].islower():
        return above[:-1] + below
    glued = _ENDS_CJK.search(above) and _BEGINS_CJK.search(below)
    return above + ("" if glued else " ") + below
