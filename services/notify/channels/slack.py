"""Slack incoming webhooks, with Block Kit.

What it does: headline with the severity's colour, what changed, the summary, the evidence sentence with the
matched words in bold, and links to the sources. Long texts are split over blocks and messages, never cut.

When to use it: people read alerts in a Slack channel. One message a second goes to one address.

Example:
    - {id: desk-slack, channel: slack, url_file: /run/secrets/slack_url, filter: {severity: high}}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pydantic import SecretStr, field_validator
from slack_sdk.models.blocks import Block, ContextBlock, DividerBlock, HeaderBlock, SectionBlock
from slack_sdk.models.blocks.basic_components import MarkdownTextObject, PlainTextObject

from services.notify.addresses import http_url
from services.notify.markup import bold_terms, escape, link, pack
from services.notify.phrases import day, words
from services.notify.ports import Message
from shared.config.validate import Strict
from shared.events import Alert, Evidence
from shared.events.alert import Reason, StorySource
from shared.events.vocabulary import Severity

MAX_SECTION: Final = 3_000
MAX_BLOCKS: Final = 50
MAX_MESSAGE: Final = 11_900
"""Characters of the whole JSON; Slack's limit is 12,000."""
_SHOWN_SOURCES: Final = 5
_DOT: Final = {Severity.CRITICAL: "🔴", Severity.HIGH: "🟠", Severity.MEDIUM: "🟡", Severity.LOW: "⚪"}
_TIER: Final = {1: "official", 2: "news", 3: "commentary"}


class Settings(Strict):
    """The incoming webhook's URL; it is a secret, whoever has it can post."""

    url: SecretStr

    @field_validator("url")
    @classmethod
    def _http(cls, value: SecretStr) -> SecretStr:
        return http_url(value)


class SlackChannel:
    """See the module's docstring."""

    settings = Settings
    example: Mapping[str, Any] = {"url": "https://hooks.slack.com/services/T0000/B0000/example"}
    interval = 1.0
    final: frozenset[int] = frozenset({400, 401, 403, 404, 413})

    def compose(self, alert: Alert, settings: Settings, *, delivery_id: str, at: datetime) -> Sequence[Message]:
        """One request a message; the delivery's id and the time play no part, Slack knows neither."""
        del delivery_id, at
        url, headers = settings.url.get_secret_value(), {"content-type": "application/json"}
        fallback = _title(alert)
        return tuple(Message(url, _json(fallback, part).encode(), headers) for part in _split(_blocks(alert), fallback))


CHANNEL: Final = SlackChannel()


def _blocks(alert: Alert) -> list[Block]:
    header: list[Block] = [HeaderBlock(text=PlainTextObject(text=_title(alert), emoji=True))]
    quotes = [block for item in alert.evidence for block in _quote(item)]
    return [*header, *_changed(alert), *_section([escape(alert.summary)]), *quotes, DividerBlock(), *_footer(alert)]


def _title(alert: Alert) -> str:
    update = "" if alert.reason == Reason.NEW_STORY else "Update: "
    return f"{_DOT[alert.severity]} {update}{alert.headline}"


def _changed(alert: Alert) -> list[Block]:
    lines = [f"• {words(c.field)}: {escape(c.before)} → *{escape(c.after)}*\n" for c in alert.changes]
    if alert.reason == Reason.OFFICIAL_CONFIRMATION:
        lines.append("• confirmed by an official source\n")
    return _section(["*What changed*\n", *lines]) if lines else []


def _quote(evidence: Evidence) -> list[Block]:
    return _section(bold_terms(evidence), prefix="> ")


def _footer(alert: Alert) -> list[Block]:
    facts = [f"severity *{alert.severity}*", f"stage *{words(alert.stage)}*", f"certainty *{words(alert.certainty)}*"]
    facts.append(f"first seen {alert.first_seen_at:%d %b %Y %H:%M} UTC")
    if alert.next_date:
        facts.append(f"next: {day(alert.next_date.date)}, {alert.next_date.what}")
    official_first = sorted(alert.sources, key=lambda source: source.source_tier)
    links = [_source(source) for source in official_first[:_SHOWN_SOURCES]]
    more = len(alert.sources) - len(links)
    links += [f"and {more} more"] if more > 0 else []
    blocks: list[Block] = [block for text in links for block in _section([text])]
    return [*blocks, ContextBlock(elements=[MarkdownTextObject(text=" · ".join(facts))])]


def _source(source: StorySource) -> str:
    told = f" ({escape(source.source_id)}, {_TIER[source.source_tier]})"
    return link(source.url, source.title or source.source_id) + told


def _section(atoms: Iterable[str], *, prefix: str = "") -> list[Block]:
    """Text sections from pieces that must not be torn apart."""
    chunks = pack(atoms, MAX_SECTION - len(prefix))
    return [SectionBlock(text=MarkdownTextObject(text=prefix + chunk)) for chunk in chunks]


def _split(blocks: Sequence[Block], fallback: str) -> list[list[dict[str, Any]]]:
    """Group blocks into messages within Slack's limits."""
    messages: list[list[dict[str, Any]]] = [[]]
    for block in (block.to_dict() for block in blocks):
        grown = [*messages[-1], block]
        if len(grown) > MAX_BLOCKS or len(_json(fallback, grown)) > MAX_MESSAGE:
            messages.append([block])
        else:
            messages[-1] = grown
    return messages


def _json(fallback: str, blocks: Sequence[Mapping[str, Any]]) -> str:
    message = {"text": escape(fallback), "blocks": blocks, "unfurl_links": False, "unfurl_media": False}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))
