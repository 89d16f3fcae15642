"""Text as it goes into an event: no control characters, valid Unicode, bounded size."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

MAX_TEXT: Final = 512 * 1024
"""Bytes of UTF-8. NATS takes 1 MB a message; the rest is room for JSON escapes, title and headers."""
MAX_ESCAPED: Final = 900_000
"""Bytes of the text inside JSON. A text of nothing but quotes doubles there."""
MAX_TITLE: Final = 1_000
"""Characters."""
MAX_RAW: Final = 2 * 1024 * 1024
"""Characters of a text that are looked at; cleaning more than can be kept is only work."""
MAX_RAW_TITLE: Final = 64 * 1024
"""Characters of a title that are looked at."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_ESCAPED: Final = ('"', "\\", "\n", "\t")


@dataclass(frozen=True)
class Cut:
    """A text that fits. `truncated` is True when its end was cut off."""

    text: str
    truncated: bool


def clean(text: str) -> str:
    """The text without control characters, with one kind of line end and no half surrogate pairs."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _SURROGATE.sub("\ufffd", _CONTROL.sub("", lines)).strip()


def clean_title(title: str) -> str:
    """The title on one line, at most MAX_TITLE characters."""
    return " ".join(clean(title.strip()[:MAX_RAW_TITLE]).split())[:MAX_TITLE].rstrip()


def cut(text: str) -> Cut:
    """The longest beginning of `text` that fits into one event, never in the middle of a character."""
    kept = _first_bytes(text, MAX_TEXT)
    if len(kept.encode()) + sum(map(kept.count, _ESCAPED)) > MAX_ESCAPED:
        kept = _first_bytes(kept, MAX_ESCAPED // 2)
    return Cut(kept, truncated=len(kept) < len(text))


def comparable(text: str) -> str:
    """The text as it is compared with others: width, case and spacing do not matter."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _first_bytes(text: str, limit: int) -> str:
    encoded = text.encode()
    return text if len(encoded) <= limit else encoded[:limit].decode("utf-8", "ignore")
