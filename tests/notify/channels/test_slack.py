"""Slack messages: complete, within Slack's limits, and harmless."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from services.demo.slack_limits import broken_limits
from services.notify.channels.slack import CHANNEL, Settings
from services.notify.fold import fold
from services.notify.headline import MAX_HEADLINE
from services.notify.message import Step
from services.notify.notice import alert_of
from shared.events import Alert
from tests.notify.builders import NOW, make_alert, make_evidence, make_signal

HOOK = {"url": "https://hooks.slack.com/services/T/B/x"}
BOT = {"token": "xoxb-1-2-abc", "slack_channel": "C0123456789"}


def _messages(alert: Alert, **settings: Any) -> list[dict[str, Any]]:
    known = Settings.model_validate({**(BOT if settings.pop("bot", False) else HOOK), **settings})
    return [json.loads(it.body) for it in CHANNEL.compose(alert, known, delivery_id="d", at=NOW)]


def _sections(messages: list[dict[str, Any]]) -> list[str]:
    blocks = [block for message in messages for block in message["blocks"] if block["type"] == "section"]
    return [part["text"] for block in blocks for part in ([block["text"]] if "text" in block else block["fields"])]


def _updated() -> Alert:
    first = fold(None, make_signal(1, stage="proposal"))
    return alert_of(fold(first.story, make_signal(2, tier=1, stage="announced", severity="critical")), NOW)


def _crowded() -> Alert:
    sentences = [f"Number {n}: " + "a & b < c > d, " * 52 for n in range(5)]
    alert = make_alert(evidence=tuple(make_evidence(text, bold=("Number",)) for text in sentences))
    long = alert.sources[0].model_copy(update={"url": "https://news.example/" + "x" * 1400, "title": "&" * 300})
    return alert.model_copy(update={"sources": (long,) * 20})


@pytest.mark.parametrize("bot", [False, True])
def test_limits_hold_and_nothing_is_cut(bot: bool) -> None:
    messages = _messages(_crowded(), bot=bot)
    assert len(messages) > 1
    assert [problem for message in messages for problem in broken_limits(message)] == []
    assert "".join(_sections(messages)).count("a &amp; b &lt; c &gt; d,") == 5 * 52


@pytest.mark.parametrize("reason", ["new_story", "retracted", "severity_raised"])
def test_the_longest_headline_fits_the_header_whatever_stands_before_it(reason: str) -> None:
    alert = make_alert().model_copy(update={"headline": "x" * MAX_HEADLINE, "reason": reason})
    [message] = _messages(alert)
    assert message["blocks"][0]["type"] == "header"
    assert broken_limits(message) == []


def test_a_headline_longer_than_a_header_is_told_in_full() -> None:
    [message] = _messages(make_alert().model_copy(update={"headline": "x" * 400}))
    assert broken_limits(message) == []
    assert "x" * 400 in message["blocks"][0]["text"]["text"]


def test_the_reader_sees_severity_facts_evidence_and_where_to_click() -> None:
    [message] = _messages(make_alert(), story_url="https://orewire.example/s/{story_id}")
    text = json.dumps(message, ensure_ascii=False)
    assert message["blocks"][0]["text"]["text"].startswith("🟠 Export restriction: China")
    assert "*gallium*" in text
    assert "*Commodities*\\ngallium and germanium" in text
    assert "<https://news.example/1|Report 1> (source-1, news)" in text
    [actions] = [block for block in message["blocks"] if block["type"] == "actions"]
    assert [(it["text"]["text"], it["url"]) for it in actions["elements"]] == [
        ("Open source", "https://news.example/1"),
        ("Open story", f"https://orewire.example/s/{make_alert().story_id}"),
    ]


def test_the_source_to_open_is_the_official_one() -> None:
    [actions] = [block for block in _messages(_updated())[0]["blocks"] if block["type"] == "actions"]
    assert actions["elements"][0]["url"] == "https://news.example/2"


def test_an_update_says_first_what_changed() -> None:
    [message] = _messages(_updated())
    assert message["blocks"][0]["text"]["text"].startswith("🔴 Update: ")
    assert "• stage: proposal → *announced*" in message["blocks"][1]["text"]["text"]


def test_a_bot_updates_the_story_and_replies_with_what_changed() -> None:
    known = Settings.model_validate(BOT)
    story, reply = CHANNEL.compose(_updated(), known, delivery_id="d", at=NOW)
    assert story.post is not None
    assert reply.post is not None
    assert (story.post.step, reply.post.step) == (Step.STORY, Step.REVISION)
    assert story.post.place == reply.post.place
    assert "xoxb" not in story.post.place
    assert json.loads(reply.body)["reply_broadcast"] is True
    assert "> China will" not in reply.body.decode()
    quiet = CHANNEL.compose(_updated(), known.model_copy(update={"broadcast": False}), delivery_id="d", at=NOW)
    assert b"reply_broadcast" not in quiet[1].body


def test_texts_from_articles_cannot_mention_or_link() -> None:
    evil = make_alert(evidence=(make_evidence("<!channel> <@U1> <https://evil.example|click> export", bold=()),))
    evil = evil.model_copy(update={"headline": "<!here> headline", "summary": "<!everyone> summary"})
    [message] = _messages(evil)
    shown = [*_sections([message]), message["text"]]
    assert not any("<!" in text or "<@" in text or "<https://evil" in text for text in shown)


def test_a_template_replaces_the_body_and_its_values_are_escaped() -> None:
    body = "*{{ actors | join }}* {{ summary }} {% for it in quotes %}> {{ it }}{% endfor %}"
    alert = make_alert().model_copy(update={"summary": "<!channel> summary"})
    [message] = _messages(alert, templates={"body": body})
    [text] = _sections([message])
    assert text.startswith("*CN* &lt;!channel&gt; summary > China will")
    assert "*gallium*" in text
    assert message["blocks"][0]["type"] == "header"


@pytest.mark.parametrize("body", ["{{ nonsense }}", "{% if %}", "  ", "{{ title.__class__ }}"])
def test_a_broken_template_falls_back_and_says_so(body: str) -> None:
    known = Settings.model_validate({**HOOK, "templates": {"body": body}})
    [message] = CHANNEL.compose(make_alert(), known, delivery_id="d", at=NOW)
    [plain] = _messages(make_alert())
    assert json.loads(message.body) == plain
    assert "template `body` is broken" in message.remark
    [(where, _)] = CHANNEL.flaws(known)
    assert where == ("templates", "body")


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"token": "xoxb-1"},
        {"slack_channel": "C0123456789"},
        {**HOOK, **BOT},
        {**BOT, "token": "s3cret"},
        {**BOT, "slack_channel": "minerals"},
        {**HOOK, "story_url": "https://x.example/"},
        {**HOOK, "story_url": "javascript:{story_id}"},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate(wrong)
    assert "s3cret" not in "".join(error["msg"] for error in caught.value.errors())
