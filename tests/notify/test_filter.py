"""Which alerts a subscriber gets."""

from __future__ import annotations

from typing import Any

import pytest

from services.notify.filter import Filter
from shared.events.vocabulary import Direction, Severity, Stage
from tests.notify.builders import make_alert

ROWS = [
    ("an empty filter wants everything", {}, {}, None),
    ("kind", {"kind": {"alliance_move"}}, {}, "kind"),
    ("severity is a least", {"severity": Severity.MEDIUM}, {"severity": "high"}, None),
    ("severity too low", {"severity": Severity.CRITICAL}, {"severity": "high"}, "severity"),
    ("one commodity is enough", {"commodity": {"gallium", "tin"}}, {}, None),
    ("another commodity", {"commodity": {"tin"}}, {}, "commodity"),
    ("a group covers its members", {"commodity": {"rare_earths"}}, {"commodities": ("dysprosium",)}, None),
    ("a member hears of its group", {"commodity": {"dysprosium"}}, {"commodities": ("rare_earths",)}, None),
    ("a member does not hear of another", {"commodity": {"dysprosium"}}, {"commodities": ("terbium",)}, "commodity"),
    (
        "minerals in general are no commodity",
        {"commodity": {"tin"}},
        {"commodities": ("critical_minerals",)},
        "commodity",
    ),
    ("actor", {"actor": {"ID"}}, {}, "actor"),
    ("a party is an actor", {"actor": {"ZM"}}, {"actors": (), "parties": ("JP", "ZM")}, None),
    ("target", {"target": {"JP"}}, {"targets": ("US",)}, "target"),
    ("all targets", {"target": {"JP"}}, {"targets": ("all",)}, None),
    ("no target named", {"target": {"JP"}}, {"targets": ()}, None),
    ("stage", {"stage": {Stage.IN_FORCE}}, {}, "stage"),
    ("direction", {"direction": {Direction.EASE}}, {}, "direction"),
    ("every field must agree", {"kind": {"export_restriction"}, "actor": {"US"}}, {}, "actor"),
]


@pytest.mark.parametrize(("why", "wanted", "claim", "mismatch"), ROWS, ids=[row[0] for row in ROWS])
def test_a_filter(why: str, wanted: dict[str, Any], claim: dict[str, Any], mismatch: str | None) -> None:
    fields = {name: frozenset(value) if isinstance(value, set) else value for name, value in wanted.items()}
    assert Filter(**fields).mismatch(make_alert(**claim)) == mismatch
