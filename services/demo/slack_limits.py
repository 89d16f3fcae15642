"""The limits Slack puts on a Block Kit message, checked on what the demo receives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

MAX_BLOCKS: Final = 50
MAX_SECTION: Final = 3_000
MAX_HEADER: Final = 150
MAX_MESSAGE: Final = 12_000  # characters of the whole message, all blocks together


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


def _broken_in_block(block: Mapping[str, Any]) -> list[str]:
    limit = {"header": MAX_HEADER, "section": MAX_SECTION}.get(str(block.get("type")))
    texts = [block.get("text"), *(block.get("fields") or [])]
    lengths = [len(str(text.get("text", ""))) for text in texts if isinstance(text, dict)]
    if limit is None:
        return []
    return [f"a {block['type']} of {length:,} characters, {limit:,} allowed" for length in lengths if length > limit]
