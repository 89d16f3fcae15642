"""Documents made to keep a parser busy, seen before any parser gets them."""

from __future__ import annotations

from typing import Final

LONG_TAG: Final = 20_000
"""Bytes between two `>`; pages with inlined images reach that, with few spaces in it."""
MANY_ATTRIBUTES: Final = 2_000


def looks_flooded(body: bytes) -> bool:
    """Is there a tag with thousands of attributes? Parsers take minutes over it. Linear in the size of body."""
    for piece in body.split(b">"):
        if len(piece) > LONG_TAG:
            tag = piece[piece.find(b"<") :] if b"<" in piece else b""
            if len(tag) > LONG_TAG and len(tag.split(None, MANY_ATTRIBUTES)) > MANY_ATTRIBUTES:
                return True
    return False
