"""Which language a text is in, as far as that decides whether the rules can read it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

COVERED: Final = frozenset({"en", "zh", "ja"})
_SAMPLE: Final = 600
"""Characters of title and text that are looked at: some hundred words, of which a third are function words."""
_MOSTLY: Final = 0.9
_FEW: Final = 12
_KANA: Final = (0x3040, 0x30FF)
_FEW_KANA: Final = 3
_HAN: Final = (0x3400, 0x9FFF)
_LATIN: Final = ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x24F))
_OTHER: Final = ((0x370, 0x1FFF), (0xAC00, 0xD7AF))
_ENGLISH: Final = frozenset(
    "the of and to in on for from with by at is are was has have will its that as it said be".split()
)
_FOREIGN: Final = (
    frozenset(
        "le la les des du et une dans pour sur est que qui par au aux el los las del en una por con para se su "
        "der die das und von den dem mit ist für auf im ein eine il di che per della dei non sono o os da do das em "
        "uma com não na no yang dan untuk dengan dari pada ini itu akan van het een te voor op zijn się nie ve bir "
        "için ile".split()
    )
    - _ENGLISH
)


def language_of(title: str, text: str, tag: str | None) -> str:
    """`en`, `zh`, `ja`, or another code (`und` when it cannot be told). A wrong tag does not win over the script."""
    sample = f"{title[:_SAMPLE]}\n{text[:_SAMPLE]}"
    if len(sample.encode("ascii", "ignore")) > _MOSTLY * len(sample):
        return _latin(sample, tag)
    codes = np.frombuffer(sample.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    han, latin, kana = _count(codes, _HAN), _count(codes, *_LATIN), _count(codes, _KANA)
    if kana > _FEW_KANA and kana * 8 > han:
        return "ja"
    if han * 4 > latin:
        return "zh" if han else _by_tag(tag, "und")
    if _count(codes, *_OTHER) > latin:
        return _by_tag(tag, "und", never=COVERED)
    return _latin(sample, tag)


def _count(codes: NDArray[np.uint32], *ranges: tuple[int, int]) -> int:
    return sum(int(np.count_nonzero((codes >= first) & (codes <= last))) for first, last in ranges)


def _latin(sample: str, tag: str | None) -> str:
    """English, unless function words of other languages clearly outnumber the English ones."""
    words = sample.lower().split()
    english = sum(map(_ENGLISH.__contains__, words))
    foreign = sum(map(_FOREIGN.__contains__, words))
    if foreign > 2 and foreign > 2 * english:
        return _by_tag(tag, "und", never=COVERED)
    short = len(words) < _FEW
    return _by_tag(tag, "en") if short and english == 0 else "en"


def _by_tag(tag: str | None, default: str, never: frozenset[str] = frozenset()) -> str:
    code = (tag or "").lower().replace("_", "-").partition("-")[0]
    return code if code and code not in never else default
