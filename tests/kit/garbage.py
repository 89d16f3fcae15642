"""Garbage by name: bodies for `POST /v1/articles` and messages for the subjects, each with the answer it should get."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

ARTICLE_TYPE, SIGNAL_TYPE = "io.orewire.article.collected.v1", "io.orewire.signal.detected.v1"


def text(**fields: Any) -> bytes:
    """The JSON of a small article, with `fields` changed or added."""
    return json.dumps({"title": "A title", "text": "Some words.", **fields}).encode()


BAD_BODIES: dict[str, tuple[bytes, int, tuple[str, ...]]] = {
    "nothing": (b"", 400, ("Not JSON",)),
    "truncated JSON": (b'{"title": "Chile bans', 400, ("Not JSON", "line 1 column")),
    "binary": (bytes(range(1, 256)), 400, ("Not JSON", "not UTF-8")),
    "invalid UTF-8": (b'{"text": "caf\xe9"}', 400, ("byte 14 is not UTF-8",)),
    "a raw null byte": (b'{"text": "a\x00b"}', 400, ("null byte at byte 12",)),
    "UTF-16": ('{"text": "a"}'.encode("utf-16"), 400, ("Not JSON",)),
    "100,000 levels of lists": (b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, ("nested too deeply",)),
    "100,000 levels of objects": (b'{"text":' * 100_000 + b"1" + b"}" * 100_000, 400, ("nested too deeply",)),
    "a number of 10,000 digits": (b'{"text": ' + b"9" * 10_000 + b"}", 400, ("Not JSON",)),
    "a list": (b"[1, 2]", 422, ("expected a JSON object", "a list")),
    "null": (b"null", 422, ("expected a JSON object", "null")),
    "wrong types": (b'{"title": 1, "text": ["x"], "lang": {}}', 422, ('"title"', '"text"', '"lang"')),
    "not a number": (b'{"text": NaN}', 422, ('"text"',)),
    "an unknown field": (text(titel="x"), 422, ("titel", "did you mean `title`")),
    "a hundred unknown fields": (text(**{f"key{n}": n for n in range(100)}), 422, ("known fields",)),
    "nothing to read": (b'{"title": "only a title"}', 422, ("one of `text`, `html` and `url` is needed",)),
    "an address that is none": (text(url="javascript:alert(1)"), 422, ("not an http or https address",)),
    "a port that is none": (text(url="http://x.example:99999/"), 422, ("not an http or https address",)),
    "a date that is none": (text(published_at="yesterday"), 422, ("published_at", "expected ISO 8601")),
    "the year 1 in the far east": (text(published_at="0001-01-01T00:00:00+14:00"), 422, ("published_at",)),
    "the end of time": (text(published_at="9999-12-31T23:59:59-12:00"), 422, ("published_at",)),
    "a source that is no token": (text(source_id="a.b > *"), 422, ("source_id",)),
    "an id of a megabyte of list": (text(id=[0] * 300_000), 422, ('"id"',)),
}


def headers(event_type: str, event_id: str = "x", **changes: str) -> dict[str, str]:
    """The CloudEvents headers of a message."""
    now = datetime.now(UTC).isoformat()
    words = {"ce-id": event_id, "ce-type": event_type, "ce-source": "elsewhere", "ce-time": now, **changes}
    return {"content-type": "application/json", "ce-specversion": "1.0", **words}


def event(**changes: Any) -> dict[str, Any]:
    """The body of an article event, with fields of its article changed."""
    now = datetime.now(UTC).isoformat()
    article = {"id": "a-1", "title": "T", "text": "t", "source_id": "x", "fetched_at": now}
    return {"article": article | changes, "collected_at": now}


def signal(**changes: Any) -> dict[str, Any]:
    """The body of a signal event, with fields changed."""
    now = datetime.now(UTC).isoformat()
    article = {"id": "a-1", "title": "T", "source_id": "x", "fetched_at": now, "published_at": now}
    signal = {
        "id": "s-1",
        "article": article,
        "kind": "export_restriction",
        "stage": "announced",
        "direction": "tighten",
        "certainty": "named_report",
        "severity": "high",
        "score": 0.9,
        "evidence": [],
        "rules": [],
        "rules_digest": "x",
        "clock": {"collected_at": now},
    }
    return signal | changes


ARTICLE_SUBJECT, SIGNAL_SUBJECT = "orewire.article.collected.x", "orewire.signal.detected.x.y"
BAD_MESSAGES: dict[str, tuple[str, bytes, dict[str, str], str]] = {
    "no JSON": (ARTICLE_SUBJECT, b"\xff\x00 no JSON", headers(ARTICLE_TYPE), "not_json"),
    "no JSON and no headers": (ARTICLE_SUBJECT, b"{", {}, "contract_violated"),
    "nothing at all": (ARTICLE_SUBJECT, b"", {}, "contract_violated"),
    "another schema": (ARTICLE_SUBJECT, b'{"article": {"id": 7}}', headers(ARTICLE_TYPE), "contract_violated"),
    "a list": (ARTICLE_SUBJECT, b"[1]", headers(ARTICLE_TYPE), "contract_violated"),
    "deep nesting": (ARTICLE_SUBJECT, b"[" * 100_000, headers(ARTICLE_TYPE), "not_json"),
    "no ce- headers": (ARTICLE_SUBJECT, json.dumps(event()).encode(), {}, "not_a_cloudevent"),
    "no time": (ARTICLE_SUBJECT, json.dumps(event()).encode(), headers(ARTICLE_TYPE, **{"ce-time": "?"}),
                "not_a_cloudevent"),
    "another type": (ARTICLE_SUBJECT, json.dumps(event()).encode(), headers(SIGNAL_TYPE), "unexpected_type"),
    "a header in Chinese": (ARTICLE_SUBJECT, b"{", headers(ARTICLE_TYPE, **{"x-note": "café 镓"}), "not_json"),
    "20 kB of headers": (ARTICLE_SUBJECT, b"{", headers(ARTICLE_TYPE, **{"x-note": "y" * 20_000}), "not_json"),
    "900 kB of nothing": (ARTICLE_SUBJECT, b"x" * 900_000, headers(ARTICLE_TYPE), "not_json"),
    "as large as NATS takes": (ARTICLE_SUBJECT, b"x" * 1_048_000, {"content-type": "application/json"}, "not_json"),
    "a time before time": (ARTICLE_SUBJECT, json.dumps(event(fetched_at="0001-01-01T00:00:00+14:00")).encode(),
                           headers(ARTICLE_TYPE), "contract_violated"),
    "a signal that is no JSON": (SIGNAL_SUBJECT, b"null and void", headers(SIGNAL_TYPE), "not_json"),
    "a signal of another schema": (SIGNAL_SUBJECT, b'{"id": 1}', headers(SIGNAL_TYPE), "contract_violated"),
    "a signal of an unknown stage": (SIGNAL_SUBJECT, json.dumps(signal(stage="maybe")).encode(),
                                     headers(SIGNAL_TYPE), "contract_violated"),
    "a signal without ce- headers": (SIGNAL_SUBJECT, json.dumps(signal()).encode(), {}, "not_a_cloudevent"),
    "a signal of 900 kB of nothing": (SIGNAL_SUBJECT, b"[" * 900_000, headers(SIGNAL_TYPE), "not_json"),
}  # fmt: skip
