"""Slack messages: complete, within Slack's limits, and harmless."""

from __future__ import annotations

import json
from typing import Any

from services.notify.channels.slack import CHANNEL, MAX_BLOCKS, MAX_SECTION, Settings
from shared.events import Alert
from tests.notify.builders import NOW, make_alert, make_evidence

SETTINGS = Settings.model_validate(CHANNEL.example)


def _messages(alert: Alert) -> list[dict[str, Any]]:
    return [json.loads(it.body) for it in CHANNEL.compose(alert, SETTINGS, delivery_id="d", at=NOW)]


def _texts(messages: list[dict[str, Any]], kind: str) -> list[str]:
    return [block["text"]["text"] for message in messages for block in message["blocks"] if block["type"] == kind]


def _crowded() -> Alert:
    sentences = [f"Number {n}: " + "a & b < c > d, " * 52 for n in range(5)]
    alert = make_alert(evidence=tuple(make_evidence(text, bold=("Number",)) for text in sentences))
    long = alert.sources[0].model_copy(update={"url": "https://news.example/" + "x" * 1400, "title": "&" * 300})
    return alert.model_copy(update={"sources": (long,) * 20})


def test_limits_hold_and_nothing_is_cut() -> None:
    messages = _messages(_crowded())
    assert len(messages) > 1
    for message in messages:
        assert message["text"]
        assert len(message["blocks"]) <= MAX_BLOCKS
        assert len(json.dumps(message, ensure_ascii=False)) < 12_000
    assert all(len(text) <= 150 for text in _texts(messages, "header"))
    sections = _texts(messages, "section")
    assert all(len(text) <= MAX_SECTION for text in sections)
    told = "".join(sections)
    assert told.count("a &amp; b &lt; c &gt; d,") == 5 * 52


def test_the_reader_sees_what_changed_the_evidence_and_the_source() -> None:
    [message] = _messages(make_alert())
    text = json.dumps(message, ensure_ascii=False)
    assert message["blocks"][0]["text"]["text"].startswith("🟠 Export restriction: China")
    assert "*gallium*" in text
    assert "<https://news.example/1|Report 1> (source-1, news)" in text


def test_texts_from_articles_cannot_mention_or_link() -> None:
    evil = make_alert(evidence=(make_evidence("<!channel> <@U1> <https://evil.example|click> export", bold=()),))
    evil = evil.model_copy(update={"headline": "<!here> headline", "summary": "<!everyone> summary"})
    [message] = _messages(evil)
    plain = [block["text"]["text"] for block in message["blocks"] if block["type"] == "section"]
    assert not any("<!" in text or "<@" in text or "<https://evil" in text for text in [*plain, message["text"]])
