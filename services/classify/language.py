"""Which language a text is in, as far as that decides whether the rules can read it."""

from __future__ import annotations

import re
from typing import Final

COVERED: Final = frozenset({"en", "zh", "ja"})
_SAMPLE: Final = 600
"""Characters of title and text that are looked at: some hundred words, of which a third are function words."""
_MOSTLY: Final = 0.9
_FEW: Final = 12
_KANA: Final = re.compile(r"[\u3040-\u30ff]")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_LATIN: Final = re.compile(r"[A-Za-zÀ-ɏ]")
_OTHER: Final = re.compile(r"[\u0370-\u1fff\uac00-\ud7af]")
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
    han, latin = len(_HAN.findall(sample)), len(_LATIN.findall(sample))
    kana = len(_KANA.findall(sample))
    if kana > 3 and kana * 8 > han:
        return "ja"
    if han * 4 > latin:
        return "zh" if han else _by_tag(tag, "und")
    if len(_OTHER.findall(sample)) > latin:
        return _by_tag(tag, "und", never=COVERED)
    return _latin(sample, tag)


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
