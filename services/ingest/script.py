"""The language a script gives away: Chinese, Japanese and Korean are told by their characters alone."""

from __future__ import annotations

import re
from typing import Final

SAMPLE: Final = 400
"""Characters that are looked at; a language shows long before, and each costs as much as all else done with it."""
_KANA: Final = re.compile(r"[\u3041-\u30ff]")
_HAN: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_HANGUL: Final = re.compile(r"[\uac00-\ud7a3]")
_LETTER: Final = re.compile(r"[^\W\d_]")


def script_language(text: str) -> str | None:
    """`zh`, `ja` or `ko` when their script makes up a good part of the text, else None."""
    sample = text[:SAMPLE]
    if sample.isascii():
        return None
    letters = len(_LETTER.findall(sample))
    if not letters:
        return None
    kana, han, hangul = (len(script.findall(sample)) for script in (_KANA, _HAN, _HANGUL))
    if hangul / letters > 0.3:
        return "ko"
    if (kana + han) / letters > 0.3:
        return "ja" if kana / (kana + han) > 0.1 else "zh"
    return None
