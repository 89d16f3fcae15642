"""An alert as Slack's Block Kit, split into messages within Slack's limits. Pure.

Limits of Slack: 50 blocks a message, 3,000 characters a section, 2,000 a field, 10 fields a section, 150 a header, 75 a
button's text, 3,000 a button's URL; the message as a whole under 12,000. Long texts are split, never cut.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    SectionBlock,
)
from slack_sdk.models.blocks.basic_components import MarkdownTextObject, PlainTextObject

from services.notify import facts
from services.notify.markup import bold_terms, escape, link, pack
from shared.events import Alert, Evidence
from shared.events.alert import StorySource

MAX_SECTION: Final = 3_000
MAX_FIELD: Final = 2_000
MAX_FIELDS: Final = 10
MAX_HEADER: Final = 150
MAX_BLOCKS: Final = 50
MAX_MESSAGE: Final = 11_500
"""Characters of the whole JSON, blanks counted; Slack's limit is 12,000, and a thread's address comes on top."""
_SHOWN_SOURCES: Final = 5


def story_blocks(alert: Alert, story: str | None, own: str | None = None) -> list[Block]:
    """The whole alert. `own` is the body a subscriber's template made, instead of the built-in one."""
    body = section(own.splitlines(keepends=True)) if own is not None else _body(alert)
    return [*_header(facts.title(alert)), *body, *_buttons(alert, story), _foot(alert)]


def revision_blocks(alert: Alert, story: str | None) -> list[Block]:
    """What a revision changed, for those who see the story above it."""
    head = section([f"*{escape(facts.title(alert))}*"])
    return [*head, *_changed(alert), *section([escape(alert.summary)]), *_buttons(alert, story)]


def digest_blocks(
    alerts: Sequence[Alert], heading: str, links: Mapping[str, str | None], note: str = ""
) -> list[Block]:
    """The note, if any, then one section an alert; `links` holds the address of each story, by id."""
    entries = [block for alert in alerts for block in _entry(alert, links.get(alert.story_id))]
    told = section([escape(note)]) if note else []
    return [*_header(heading), *told, *entries[:-1]]  # the last line would separate nothing


def section(atoms: Iterable[str], *, prefix: str = "") -> list[Block]:
    """Text sections from pieces that must not be torn apart."""
    chunks = pack(atoms, MAX_SECTION - len(prefix))
    return [SectionBlock(text=MarkdownTextObject(text=prefix + chunk)) for chunk in chunks]


def split(blocks: Sequence[Block], fallback: str) -> list[dict[str, Any]]:
    """Messages with text and blocks, each within Slack's limits."""
    groups: list[list[dict[str, Any]]] = [[]]
    for block in (block.to_dict() for block in blocks):
        grown = [*groups[-1], block]
        if len(grown) > MAX_BLOCKS or _size(_message(grown, fallback)) > MAX_MESSAGE:
            groups.append([block])
        else:
            groups[-1] = grown
    return [_message(group, fallback) for group in groups]


def dump(value: object) -> str:
    """Compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _size(message: Mapping[str, Any]) -> int:
    return len(json.dumps(message, ensure_ascii=False))


def _message(blocks: Sequence[Mapping[str, Any]], fallback: str) -> dict[str, Any]:
    return {"text": escape(fallback), "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def _header(title: str) -> list[Block]:
    """The title as a header; one that is too long for it as a bold section."""
    if len(title) > MAX_HEADER:
        return section([f"*{escape(title)[: MAX_SECTION - 2]}*"])
    return [HeaderBlock(text=PlainTextObject(text=title, emoji=True))]


def _body(alert: Alert) -> list[Block]:
    quotes = [block for item in alert.evidence for block in _quote(item)]
    return [*_changed(alert), *section([escape(alert.summary)]), *_facts(alert), *quotes, *_sources(alert)]


def _changed(alert: Alert) -> list[Block]:
    lines = _changes(alert)
    return section(["*What changed*\n", *lines]) if lines else []


def _changes(alert: Alert) -> list[str]:
    told = facts.changes(alert)
    return [f"• {name}: {_moved(before, after)}\n" if after else f"• {escape(name)}\n" for name, before, after in told]


def _moved(before: str, after: str) -> str:
    return f"{escape(before)} → *{escape(after)}*" if before else f"*{escape(after)}*"


def _facts(alert: Alert) -> list[Block]:
    told = [f"*{name}*\n{escape(value)}" for name, value in facts.facts(alert)]
    if not all(len(text) <= MAX_FIELD for text in told):
        return section([text + "\n" for text in told])
    fields = [MarkdownTextObject(text=text) for text in told[:MAX_FIELDS]]
    return [SectionBlock(fields=fields)] if fields else []


def _quote(evidence: Evidence) -> list[Block]:
    return section(bold_terms(evidence), prefix="> ")


def _sources(alert: Alert) -> list[Block]:
    links = [_source(source) for source in facts.ranked(alert)[:_SHOWN_SOURCES]]
    more = len(alert.sources) - len(links)
    links += [f"and {more} more"] if more > 0 else []
    return section([f"*Sources* {facts.source_count(alert)}\n", *(f"{text}\n" for text in links)]) if links else []


def _source(source: StorySource) -> str:
    return f"{link(source.url, source.title or source.source_id)} ({escape(facts.told_by(source))})"


def _buttons(alert: Alert, story: str | None) -> list[Block]:
    source = facts.lead(alert)
    buttons = [_button("Open source", source.url, "source")] if source and source.url else []
    buttons += [_button("Open story", story, "story")] if story else []
    return [ActionsBlock(elements=buttons)] if buttons else []


def _button(text: str, url: str, action: str) -> ButtonElement:
    return ButtonElement(text=PlainTextObject(text=text, emoji=True), url=url, action_id=f"orewire_{action}")


def _foot(alert: Alert) -> Block:
    told = [f"first seen {facts.seen(alert)}", f"revision {alert.revision}"]
    told += [f"next: *{facts.watch(alert)}*"] if alert.next_date else []
    return ContextBlock(elements=[MarkdownTextObject(text=" · ".join(told))])


def _entry(alert: Alert, story: str | None) -> list[Block]:
    source = facts.lead(alert)
    url = story or (source.url if source else None)
    told = [f"*{link(url, facts.title(alert))}*\n", escape(alert.summary) + "\n", *_changes(alert)]
    return [*section(told), DividerBlock()]
