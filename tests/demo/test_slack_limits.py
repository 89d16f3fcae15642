"""Slack's limits."""

from typing import Any

import pytest

from services.demo.slack_limits import broken_limits


def text(length: int) -> dict[str, str]:
    return {"type": "mrkdwn", "text": "x" * length}


def button(length: int, url: int = 1) -> dict[str, Any]:
    return {"type": "button", "text": text(length), "url": "x" * url}


@pytest.mark.parametrize(
    ("blocks", "problem"),
    [
        ([{"type": "divider"}] * 51, "51 blocks, 50 allowed"),
        ([{"type": "header", "text": text(151)}], "a header of 151 characters, 150 allowed"),
        ([{"type": "section", "text": text(3001)}], "a section of 3,001 characters, 3,000 allowed"),
        ([{"type": "section", "fields": [text(2001)]}], "a field of 2,001 characters, 2,000 allowed"),
        ([{"type": "section", "fields": [text(1)] * 11}], "11 fields, 1 to 10 allowed"),
        ([{"type": "section"}], "a section with neither text nor fields"),
        ([{"type": "section", "text": text(0)}], "a section with an empty text"),
        ([{"type": "actions", "elements": [button(76)]}], "a button of 76 characters, 75 allowed"),
        ([{"type": "actions", "elements": [button(1, 3001)]}], "a button's URL of 3,001 characters, 3,000 allowed"),
        ([{"type": "context", "elements": [text(1)] * 11}], "11 elements in context, 1 to 10 allowed"),
        ([{"type": "poll"}], "unknown block type poll"),
        ("no list", "`blocks` is no list of objects"),
    ],
)
def test_a_broken_limit_is_named(blocks: Any, problem: str) -> None:
    assert broken_limits({"text": "t", "blocks": blocks}) == [problem]


def test_the_whole_message_is_measured() -> None:
    blocks = [{"type": "section", "text": text(2900)} for _ in range(5)]
    assert broken_limits({"text": "t", "blocks": blocks})[0].endswith("fewer than 12,000 allowed")


def test_the_fallback_text_is_needed() -> None:
    assert broken_limits({"blocks": [{"type": "divider"}]}) == ["no `text` fallback"]


def test_a_message_at_the_limits_is_good() -> None:
    blocks = [{"type": "header", "text": text(150)}, {"type": "section", "text": text(3000)}]
    assert broken_limits({"text": "t", "blocks": blocks}) == []
