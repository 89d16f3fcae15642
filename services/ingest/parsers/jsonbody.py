"""JSON from the web: in whatever charset, with a mark in front, or not JSON at all."""

from __future__ import annotations

from typing import Any

import orjson

from services.ingest.charset import decoded


class NotJson(ValueError):
    """The answer is something else. `text` is its beginning, on one line."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(f"not JSON: {text}" if text else "the answer is empty")


def read_json(body: bytes, content_type: str = "") -> Any:
    """The value of a JSON document. Nesting is bounded by the parser.

    Raises:
        NotJson: it is none.
    """
    text = decoded(body, content_type).lstrip("\ufeff \t\r\n")
    try:
        return orjson.loads(text.encode("utf-8", "replace"))
    except orjson.JSONDecodeError:
        raise NotJson(" ".join(text[:600].split())[:200]) from None
