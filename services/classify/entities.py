"""HTML entities that feeds leave in plain text ("S&amp;P", "China&#8217;s"), decoded with the way back kept."""

from __future__ import annotations

import re
from html import unescape
from itertools import chain, repeat
from typing import Final

import numpy as np

from services.classify.codetable import Offsets

_NAMES: Final = "nbsp|quot|apos|lsquo|rsquo|ldquo|rdquo|ndash|mdash|hellip|lt|gt|middot|bull|ensp|emsp|thinsp"
_CODES: Final = "0*(?:34|39|60|62|160|183|821[1-7]|822[0126]|8230)|[xX]0*(?:22|27|3[cCeE]|[aA]0|201[1-9cCdD]|2026)"
_ENTITY: Final = re.compile(rf"&(?:(?:amp|#0*38);)*(?:(?:amp|#0*38);|(?:{_NAMES}|#(?:{_CODES}));)")
"""Only those that stand for a mark or a space: what comes of them can be no part of another entity. Any number of
`amp;` may stand before one that was encoded again and again."""
_AGAIN: Final = re.compile(r"(?:amp|#0*38);")


def decode(text: str) -> tuple[str, Offsets | None]:
    """The text with entities decoded, and for each of its offsets (its end included) the one in `text`.

    The second is None where nothing was decoded.
    """
    if "&" not in text:
        return text, None
    pieces: list[str] = []
    origins: list[int] = []
    done = 0
    for match in _ENTITY.finditer(text):
        mark = _mark(match.group())
        pieces += (text[done : match.start()], mark)
        origins.extend(chain(range(done, match.start()), repeat(match.start(), len(mark))))
        done = match.end()
    if not pieces:
        return text, None
    origins.extend(range(done, len(text) + 1))
    return "".join(pieces) + text[done:], np.array(origins)


def _mark(entity: str) -> str:
    inner = _AGAIN.sub("", entity[1:])
    return unescape(f"&{inner}") if inner else "&"
