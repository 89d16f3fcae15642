"""A signal from as little of it as somebody cares to write: for `orewire route` and tests of subscribers. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from services.notify.fold import fold, gate
from services.notify.notice import alert_of
from shared.events import Alert, SignalDetected
from shared.ids import stable_id

_DEFAULTS: Final[Mapping[str, Any]] = {
    "kind": "export_restriction",
    "stage": "announced",
    "direction": "tighten",
    "certainty": "named_report",
    "severity": "medium",
    "score": 0.9,
    "rules": (),
    "rules_digest": "hypothesis",
}
_SHORT: Final = frozenset({"source_tier", "language", "title", "text"})
"""Of the article: written beside the signal's own fields."""
_LISTS: Final = frozenset({"actors", "targets", "parties", "commodities", "hs_codes"})
FIELDS: Final = frozenset(SignalDetected.model_fields) | _SHORT


def strangers(fields: Mapping[str, Any]) -> list[str]:
    """What a signal does not have, in words."""
    told = []
    for name in fields:
        if name not in FIELDS:
            near = difflib.get_close_matches(name, FIELDS, n=1)
            told.append(f"a signal has no `{name}`" + (f": did you mean `{near[0]}`?" if near else ""))
    return told


def hypothesis(fields: Mapping[str, Any], at: datetime) -> SignalDetected:
    """The signal with these fields, as it comes in at `at`; what is not given is as of an ordinary one.

    Raises:
        ValueError: a field has a value that no signal can have.
    """
    given = {name: value for name, value in fields.items() if name not in _SHORT}
    for name in _LISTS & given.keys():
        given[name] = (given[name],) if isinstance(given[name], str) else given[name]
    name = stable_id("hypothesis", repr(sorted(fields.items(), key=lambda item: item[0])))
    sentence = str(fields.get("text", ""))
    proof = {"sentence": sentence, "start": 0, "end": len(sentence), "rule": "hypothesis"}
    whole = {
        "id": name,
        **_DEFAULTS,
        "evidence": (proof,),
        "clock": {"collected_at": at},
        **given,
        "article": _article(fields, name, at),
    }
    return SignalDetected.model_validate(whole)


def first_alert(signal: SignalDetected, at: datetime) -> Alert | str:
    """The alert that begins a story with this signal, or the reason why there is none."""
    refusal = gate(signal)
    return str(refusal) if refusal is not None else alert_of(fold(None, signal), at)


def _article(fields: Mapping[str, Any], name: str, at: datetime) -> dict[str, Any]:
    told = fields.get("article")
    blank = {
        "id": name,
        "title": fields.get("title", ""),
        "source_id": "hypothesis",
        "source_tier": fields.get("source_tier", 2),
        "lang": fields.get("language"),
        "published_at": at,
        "fetched_at": at,
    }
    return {**blank, **told} if isinstance(told, Mapping) else blank
