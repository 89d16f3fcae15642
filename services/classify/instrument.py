"""Legal texts by number: "MOFCOM Announcement No. 61 of 2025", 商务部公告2025年第61号, Regulation (EU) 2024/1252."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple


@dataclass(frozen=True, slots=True)
class Citation:
    """A legal text named in a folded text."""

    authority: str | None
    """The body that issued it, where the citation itself tells."""
    number: str
    start: int
    end: int


class _Shape(NamedTuple):
    """How one authority numbers its texts. Groups: `n` the number, `y` the year."""

    hints: str
    """Words of which one stands in every match; they are looked for first, because that is fast."""
    pattern: str
    authority: str | None
    number: str = "{n}"


_NOTICE: Final = r"(?:mofcom|ministry of commerce|commerce ministry)[^.;]{0,60}?(?:announcement|notice|order)s?\s*"
_YEAR: Final = r"[〔\[(]?(?P<y>20\d\d)[〕\])]?\s*年?\s*第?\s*(?P<n>\d{1,3})\s*号"
_OF_YEAR: Final = r"(?P<n>\d{1,3})\s*(?:of|\(|\[|,|/)\s*\[?(?P<y>20\d\d)"
_DECREES: Final = (
    r"(?:ministerial|presidential|government|executive) (?:decision|decree|notice|regulation|order)|regulation|decree|"
    r"notification|gazette"
)
_SHAPES: Final = (
    _Shape(
        "号", rf"商务部(?:\s*海关总署)?(?:\s*等[^。]{{0,12}}?部门)?\s*(?:发布)?公告\s*{_YEAR}", "MOFCOM", "{n} of {y}"
    ),
    _Shape("号", r"商务部[^。]{0,12}?(?P<y>20\d\d)年第(?P<n>\d{1,3})号(?:公告|令)", "MOFCOM", "{n} of {y}"),
    _Shape("号", rf"不可靠实体清单工作机制[^。]{{0,8}}?{_YEAR}", "UEL mechanism", "{n} of {y}"),
    _Shape("号", rf"海关总署公告\s*{_YEAR}", "GACC", "{n} of {y}"),
    _Shape("mofcom commerce", rf"{_NOTICE}(?:no\.?|number|#)?\s*{_OF_YEAR}", "MOFCOM", "{n} of {y}"),
    _Shape("mofcom commerce", _NOTICE + r"\[?(?P<y>20\d\d)\]?\s*no\.?\s*(?P<n>\d{1,3})", "MOFCOM", "{n} of {y}"),
    _Shape("announcement", rf"announcements?\s+no\.?\s*{_OF_YEAR}", None, "{n} of {y}"),
    _Shape("regulation", r"regulation\s*\((?:eu|ec)\)\s*(?:no\.?\s*)?(?P<n>\d{1,5}/\d{1,5})", "EU"),
    _Shape("com(", r"\bcom\((?P<y>20\d\d)\)\s*(?P<n>\d{1,4})", "European Commission", "COM({y}) {n}"),
    _Shape("proclamation", r"\bproclamation\s+(?:no\.?\s*)?(?P<n>1[01]\d{3})\b", "US President"),
    _Shape("executive", r"\bexecutive order\s+(?:no\.?\s*)?(?P<n>1[34]\d{3})\b", "US President"),
    _Shape("statutory", r"\bstatutory instrument\s+(?:no\.?\s*)?(?P<n>\d{1,3}(?:/| of )\d{4})", None),
    _Shape("regulation", r"\bregulation\s+(?P<n>\d{1,4}/(?:19|20)\d\d)", None),
    _Shape(
        "no. number #",
        rf"\b(?:{_DECREES})\s*(?:no\.|number|#)\s*(?P<n>[a-z]?\d{{1,5}}(?:(?:/| of )(?:19|20)\d\d)?)",
        None,
    ),
    _Shape(
        "gr pp perm",
        r"\b(?:gr|pp|permendag|permen esdm)\s*(?:no\.?\s*)?(?P<n>\d{1,3}(?:/| tahun )20\d\d)\b",
        "Indonesia",
    ),
    _Shape("arecoms", r"\barecoms/(?P<n>20\d\d[/\w-]{0,20})", "ARECOMS"),
)
_DIGIT: Final = re.compile(r"\d")
_MOST: Final = 8
"""Texts of one shape that are read."""
_REMEMBERED: Final = 32
"""Texts whose citations are remembered: several fields of one signal ask for those of one sentence."""
_COMPILED: Final = tuple((shape.hints.split(), re.compile(shape.pattern), shape) for shape in _SHAPES)


@lru_cache(maxsize=_REMEMBERED)
def cite(text: str) -> tuple[Citation, ...]:
    """The legal texts that a folded text names, in the order of the shapes above."""
    if not _DIGIT.search(text):
        return ()
    found: list[Citation] = []
    for hints, pattern, shape in _COMPILED:
        for hint in hints:
            if hint in text:
                found += _matches(pattern, shape, text, found)
                break
    return tuple(found)


def _matches(pattern: re.Pattern[str], shape: _Shape, text: str, taken: list[Citation]) -> list[Citation]:
    """The texts numbered in one shape, where no other shape has matched."""
    return [
        Citation(shape.authority, shape.number.format(**match.groupdict()), match.start(), match.end())
        for match in islice(pattern.finditer(text), _MOST)
        if not any(c.start < match.end() and match.start() < c.end for c in taken)
    ]
