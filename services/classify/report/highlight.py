"""Text as safe HTML, with its matched words by role and the evidence underlined."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from itertools import pairwise
from typing import Final, NamedTuple

LONGEST: Final = 6_000
"""Characters of one text that are shown."""
_UNSEEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that a page must not hold, or that would turn the text around them; each becomes one visible sign."""


class Word(NamedTuple):
    """A matched word at its offsets in the text as published."""

    start: int
    end: int
    role: str
    lexicon: str


Span = tuple[int, int]


def safe(text: str) -> str:
    """Text that a page can hold, as text and in attributes, whatever it says."""
    return escape(_UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text))


def highlighted(text: str, words: Sequence[Word], evidence: Sequence[Span] = ()) -> str:
    """The text with marks, cut after `LONGEST` characters. Of words that overlap, the longest is marked."""
    shown = text[:LONGEST]
    kept = _apart(words, len(shown))
    borders = {0, len(shown), *(min(at, len(shown)) for span in evidence for at in span)}
    borders.update(at for word in kept for at in (word.start, word.end))
    places = sorted(at for at in borders if at >= 0)
    pieces = [_piece(shown, start, end, kept, evidence) for start, end in pairwise(places)]
    rest = len(text) - len(shown)
    return "".join(pieces) + (f'<span class="dim"> … {rest:,} more characters</span>' if rest else "")


def _apart(words: Sequence[Word], length: int) -> list[Word]:
    kept: list[Word] = []
    for word in sorted(words, key=lambda w: (w.start - w.end, w.start)):
        inside = 0 <= word.start < word.end <= length
        if inside and all(word.end <= other.start or other.end <= word.start for other in kept):
            kept.append(word)
    return kept


def _piece(text: str, start: int, end: int, words: Sequence[Word], evidence: Sequence[Span]) -> str:
    """One stretch between two borders: nothing begins or ends inside it."""
    html = safe(text[start:end])
    word = next((w for w in words if w.start <= start and end <= w.end), None)
    told = any(first <= start and end <= last for first, last in evidence)
    if word is not None:
        classes = f"word role-{safe(word.role)}" + (" evidence" if told else "")
        return f'<mark class="{classes}" title="{safe(word.role)}: ${safe(word.lexicon)}">{html}</mark>'
    return f'<span class="evidence">{html}</span>' if told else html
