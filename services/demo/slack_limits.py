"""The limits Slack puts on a Block Kit message, checked on what the demo and the tests receive."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

MAX_BLOCKS: Final = 50
MAX_SECTION: Final = 3_000
MAX_HEADER: Final = 150
MAX_FIELDS: Final = 10
MAX_FIELD: Final = 2_000
MAX_CONTEXT: Final = 10
MAX_ACTIONS: Final = 25
MAX_BUTTON: Final = 75
MAX_URL: Final = 3_000
MAX_MESSAGE: Final = 12_000  # characters of the whole message, all blocks together
_KINDS: Final = frozenset({"header", "section", "context", "actions", "divider"})


def broken_limits(message: Mapping[str, Any]) -> list[str]:
    """Which limits a message breaks, in words; empty for a good one."""
    blocks = message.get("blocks") or []
    problems = [] if message.get("text") else ["no `text` fallback"]
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        return [*problems, "`blocks` is no list of objects"]
    if len(blocks) > MAX_BLOCKS:
        problems.append(f"{len(blocks)} blocks, {MAX_BLOCKS} allowed")
    size = len(json.dumps(message, ensure_ascii=False))
    if size >= MAX_MESSAGE:
        problems.append(f"{size:,} characters, fewer than {MAX_MESSAGE:,} allowed")
    return problems + [problem for block in blocks for problem in _broken_in_block(block)]


def _broken_in_block(block: Mapping[str, Any]) -> Iterator[str]:
    kind = str(block.get("type"))
    if kind not in _KINDS:
        yield f"unknown block type {kind}"
    limit = {"header": MAX_HEADER, "section": MAX_SECTION}.get(kind)
    if limit is not None and ("text" in block or kind == "header"):
        yield from _broken_text(f"a {kind}", block.get("text"), limit)
    if kind == "section":
        yield from _broken_fields(block)
    most = {"context": MAX_CONTEXT, "actions": MAX_ACTIONS}.get(kind)
    if most is not None:
        yield from _broken_elements(block, kind, most)


def _broken_fields(block: Mapping[str, Any]) -> Iterator[str]:
    fields = block.get("fields")
    if fields is None and "text" not in block:
        yield "a section with neither text nor fields"
    if fields is not None and not 1 <= len(fields) <= MAX_FIELDS:
        yield f"{len(fields)} fields, 1 to {MAX_FIELDS} allowed"
    for field in fields or []:
        yield from _broken_text("a field", field, MAX_FIELD)


def _broken_elements(block: Mapping[str, Any], kind: str, most: int) -> Iterator[str]:
    elements = block.get("elements") or []
    if not 1 <= len(elements) <= most:
        yield f"{len(elements)} elements in {kind}, 1 to {most} allowed"
    for element in elements:
        if element.get("type") == "button":
            yield from _broken_text("a button", element.get("text"), MAX_BUTTON)
            if len(element.get("url", "")) > MAX_URL:
                yield f"a button's URL of {len(element['url']):,} characters, {MAX_URL:,} allowed"
        else:
            yield from _broken_text("an element", element, MAX_SECTION)


def _broken_text(what: str, text: object, limit: int) -> Iterator[str]:
    if not isinstance(text, dict) or text.get("type") not in ("plain_text", "mrkdwn"):
        yield f"{what} without text"
        return
    length = len(str(text.get("text", "")))
    if length > limit:
        yield f"{what} of {length:,} characters, {limit:,} allowed"
    if length == 0:
        yield f"{what} with an empty text"
