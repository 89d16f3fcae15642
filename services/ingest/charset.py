"""Bytes from the web as text, in the charset they are in, which is often not the one they claim."""

from __future__ import annotations

import re
from typing import Final

HEAD: Final = 2_048
"""Bytes in which a document declares its charset."""
_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CLAIM: Final = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_SUPERSETS: Final = {
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "iso-8859-1": "cp1252", "latin-1": "cp1252",
    "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252", "shift_jis": "cp932", "x-sjis": "cp932",
    "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "big5": "big5hkscs",
}  # fmt: skip
"""Charsets that are named where a larger one is meant."""
_UNREADABLE: Final = "\ufffd"
_TOLERATED: Final = 0.02
"""Share of characters that may be broken; a wrong charset breaks more of a text that is not English."""
_HIGH: Final = bytes(range(0x80, 0x100))
_PAIR: Final = re.compile(rb"[\xa1-\xfe]{2}")


def decoded(body: bytes, content_type: str = "") -> str:
    """The text of a document. It never fails: what cannot be read becomes U+FFFD.

    A byte order mark goes before everything. Then UTF-8, if all of the body is valid UTF-8: no other charset
    looks like that by chance, whatever server and document say. Then the first charset named by server or
    document in which all, or nearly all, of it can be read; else the bytes themselves tell GB 18030, which
    ministries forget to name, from the West.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body.decode(name, "replace")
    claims = _claims(body, content_type)
    escaped = [name for name in claims if name.startswith("iso-2022-")]  # all ASCII to look at
    for name in (*escaped, "utf-8", *claims):
        text = _strictly(body, name)
        if text is not None:
            return text
    for name in claims or ["utf-8"]:
        text = _loosely(body, name)
        if text.count(_UNREADABLE) <= _TOLERATED * len(text):
            return text
    return body.decode("gb18030" if _is_paired(body) else "cp1252", "replace")


def _is_paired(body: bytes) -> bool:
    """Whether bytes above ASCII come in twos, as those of Chinese characters do and accented letters do not."""
    high = len(body) - len(body.translate(None, _HIGH))
    return bool(high) and 2 * len(_PAIR.findall(body)) > 0.9 * high


def _claims(body: bytes, content_type: str) -> list[str]:
    """What the server says, then what the document says of itself."""
    places = (content_type.encode("ascii", "ignore"), body[:HEAD])
    named = [match[1].decode("ascii").lower() for place in places if (match := _CLAIM.search(place))]
    return [_SUPERSETS.get(name, name) for name in named]


def _strictly(body: bytes, name: str) -> str | None:
    try:
        return body.decode(name)
    except (UnicodeDecodeError, LookupError, ValueError):
        return None


def _loosely(body: bytes, name: str) -> str:
    """One broken byte must not cost the other thousands."""
    try:
        return body.decode(name, "replace")
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace")
