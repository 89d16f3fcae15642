"""The records of a JSON answer as articles, told by JMESPath; and the ways in which an API says no under HTTP 200."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, Final
from urllib.parse import urljoin

from services.ingest.canonical import canonical_url
from services.ingest.dates import Moment, from_epoch, parse_time, zone_named
from services.ingest.found import Found
from services.ingest.markup import fragment_text
from services.ingest.parsers.jsonbody import NotJson, read_json
from services.ingest.visible import find_time

LONGEST_ERROR: Final = 200
_SLOW_DOWN: Final = re.compile(r"limit (?:your )?requests|too many requests|rate.?limit|slow down|quota", re.IGNORECASE)


@dataclass(frozen=True)
class Selection:
    """Where the pieces of an answer stand, each as a JMESPath.

    `fields` are inside a record: title, link, text, date, updated, id, lang. `error` finds an error text, `next` the
    next page's address or cursor. `pattern` is the `strptime` format of dates, `base` what links are relative to.
    """

    items: str
    fields: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    next: str = ""
    may_lack_items: bool = False
    pattern: str | None = None
    zone: str = "UTC"
    base: str = ""


@dataclass(frozen=True)
class Answer:
    """What an API answered. With an `error` nothing else counts; `slow_down` says that it asks for patience."""

    found: tuple[Found, ...] = ()
    records: int = 0
    next: str | None = None
    error: str | None = None
    slow_down: bool = False


def read_answer(body: bytes, content_type: str, selection: Selection, *, most: int = 500) -> Answer:
    """The records of an answer, or the error it carries. Text that is no JSON is an error, never no articles."""
    import jmespath

    try:
        data = read_json(body, content_type)
    except NotJson as error:
        return Answer(error=str(error), slow_down=_SLOW_DOWN.search(error.text) is not None)
    told = jmespath.search(selection.error, data) if selection.error else None
    if told:
        words = " ".join(str(told).split())[:LONGEST_ERROR]
        return Answer(error=words, slow_down=_SLOW_DOWN.search(words) is not None)
    records = jmespath.search(selection.items, data)
    if records is None and (selection.may_lack_items or data in ({}, [])):
        records = []
    if not isinstance(records, list):
        return Answer(error=f"there is no list at `{selection.items}` in the answer")
    following = jmespath.search(selection.next, data) if selection.next else None
    found = tuple(_found(record, selection) for record in records[:most] if isinstance(record, Mapping))
    return Answer(found, len(records), str(following) if following else None)


def _found(record: Mapping[str, Any], selection: Selection) -> Found:
    import jmespath

    value = {name: jmespath.search(path, record) for name, path in selection.fields.items()}
    zone = zone_named(selection.zone)
    link = _words(value.get("link"))
    url = canonical_url(urljoin(selection.base, link)) if link else None
    published = _time(value.get("date"), zone, selection.pattern)
    updated = _time(value.get("updated"), zone, selection.pattern)
    return Found(
        title=" ".join(fragment_text(_words(value.get("title"))).split()),
        text=fragment_text(_words(value.get("text"))),
        url=url,
        published=published or updated,
        updated=updated if published else None,
        lang=_words(value.get("lang"))[:2].lower() or None,
        client_id=_words(value.get("id")) or None,
    )


def _time(value: Any, zone: tzinfo, pattern: str | None) -> Moment | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and pattern is None:
        return from_epoch(value)
    words = _words(value)
    moment = parse_time(words, zone, pattern=pattern)
    return moment or (find_time(words, zone) if pattern is None else None)


def _words(value: Any) -> str:
    """Text as it is, numbers in digits, lists as paragraphs; nothing else is text."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return "\n".join(filter(None, map(_words, value[:100])))
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
