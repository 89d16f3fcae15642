"""Calls for opinions: "open to public comment until 5 March" dates the call, not the measure."""

from __future__ import annotations

import re
from typing import Final

_LEFT: Final = 80
_RIGHT: Final = 48
_WORDS: Final = (
    r"(?:\b(?:comments?|consultations?|consult|feedback|submissions?|submit|objections|opinions|views|hearings?)\b|"
    r"意见|反馈|征询|听证|咨询)"
)
_STOP: Final = "[^.,;:，。；：]"
_ASKED: Final = re.compile(
    _WORDS
    + _STOP
    + "{0,48}$|(?:意见|反馈|听证)[，,]?(?:时间|期限)?"
    + _STOP
    + "{0,8}$|(?:意见|反馈|听证)[^。；]{0,16}截[至止]\\S{0,6}$"
)
_OPENED: Final = re.compile(_WORDS + _STOP + "{0,10}$")
_TO_ANSWER: Final = re.compile(
    r"^[^.,;:，。；：]{0,24}"
    r"(?:\b(?:to|for|in) (?:the |public |a )*(?:comment|consult|feedback|submi|respond)|意见|反馈)"
)
_DUE: Final = re.compile(
    r"\b(?:by|before|due|deadline|closes?|closing|ends?|on)(?: \w+)?(?: on| the)*\s*$|(?:截止|截至)\S{0,6}$"
)


def closes_consultation(text: str, start: int, end: int) -> bool:
    """Whether the date at these offsets of a folded text ends a call for opinions."""
    return _ASKED.search(text[max(0, start - _LEFT) : start]) is not None or _to_answer(text, end)


def opens_consultation(text: str, start: int, end: int) -> bool:
    """Whether the date at these offsets of a folded text starts a call for opinions."""
    return _OPENED.search(text[max(0, start - _LEFT) : start]) is not None or _to_answer(text, end)


def is_due(before: str) -> bool:
    """Whether the words before a date set a term: "by", "due on", 截止日期为."""
    return _DUE.search(before) is not None


def _to_answer(text: str, end: int) -> bool:
    return _TO_ANSWER.match(text[end : end + _RIGHT]) is not None
