"""Which alerts a subscriber gets."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.exposure import Exposure
from services.notify.filter import Filter
from shared.events.vocabulary import Certainty, Direction, Severity, Stage
from tests.notify.builders import make_alert, make_evidence, make_signal

ASKS = Filter(kind=frozenset({"canary"}))
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
    ("measure", {"measure": {"export_ban"}}, {}, "measure"),
    ("one measure is enough", {"measure": {"export_ban", "export_licence"}}, {}, None),
    ("certainty", {"certainty": {Certainty.OFFICIAL_TEXT}}, {}, "certainty"),
    ("a chapter covers its codes", {"hs": {"81"}}, {"hs_codes": ("8112.92",)}, None),
    ("who asked for a code hears of its chapter", {"hs": {"811292"}}, {"hs_codes": ("81",)}, None),
    ("another heading", {"hs": {"8113"}}, {"hs_codes": ("8112.92",)}, "hs"),
    ("no code at all", {"hs": {"81"}}, {}, "hs"),
    ("party", {"party": {"JP"}}, {"parties": ("JP", "ZM")}, None),
    ("an actor is no party", {"party": {"CN"}}, {}, "party"),
    ("initiative", {"initiative": {"forge"}}, {"initiative": "msp"}, "initiative"),
    ("source tier is a worst", {"source_tier": 2}, {"tier": 1}, None),
    ("source tier too bad", {"source_tier": 1}, {"tier": 2}, "source_tier"),
    ("a language nobody told", {"language": {"zh"}}, {}, "language"),
    ("a word of the evidence", {"text": {"Export Licences"}}, {}, None),
    ("a word is not part of another", {"text": {"port"}}, {}, "text"),
    ("Chinese has no borders", {"text": {"出口"}}, {"evidence": (make_evidence("中国对gallium出口实施管制"),)}, None),
    (
        "a Latin word behind Chinese",
        {"text": {"gallium"}},
        {"evidence": (make_evidence("中国对gallium实施管制"),)},
        None,
    ),
    ("and", {"every": (Filter(kind=frozenset({"x"})),)}, {}, "and.kind"),
    ("or, one of them", {"either": (Filter(kind=frozenset({"x"})), Filter())}, {}, None),
    ("or, none of them", {"either": (Filter(kind=frozenset({"x"})),)}, {}, "or"),
    ("not", {"none": (Filter(actor=frozenset({"CN"})),)}, {}, "not"),
    ("not, and it is not", {"none": (Filter(actor=frozenset({"ID"})),)}, {}, None),
    ("a canary is for who asks for it", {}, {"kind": "canary"}, "kind"),
    ("a canary by name", {"kind": {"canary"}}, {"kind": "canary"}, None),
    ("a canary by name, in `or`", {"either": (ASKS, Filter(actor=frozenset({"ID"})))}, {"kind": "canary"}, None),
    ("a canary by name, in `and`", {"every": (ASKS, Filter())}, {"kind": "canary"}, None),
    ("a canary is not what others leave", {"none": (Filter(kind=frozenset({"x"})),)}, {"kind": "canary"}, "kind"),
    ("a canary touches nobody", {"exposure": (Exposure(frozenset({"tin"})),)}, {"kind": "canary"}, "kind"),
    ("every field must agree", {"kind": {"export_restriction"}, "actor": {"US"}}, {}, "actor"),
]


@pytest.mark.parametrize(("why", "wanted", "claim", "mismatch"), ROWS, ids=[row[0] for row in ROWS])
def test_a_filter(why: str, wanted: dict[str, Any], claim: dict[str, Any], mismatch: str | None) -> None:
    fields = {name: frozenset(value) if isinstance(value, set) else value for name, value in wanted.items()}
    assert Filter(**fields).mismatch(make_alert(**claim)) == mismatch


EXPOSED = [
    ("its goods from its origin", {}, True),
    ("other goods", {"commodities": ("tin",)}, False),
    ("another origin", {"actors": ("ID",)}, False),
    ("critical minerals may be these", {"commodities": ("critical_minerals",)}, True),
    ("goods nobody named may be these", {"commodities": ()}, True),
    ("an actor nobody named may be this one", {"actors": ()}, True),
    ("a party acts too", {"actors": (), "parties": ("CN", "BR")}, True),
    ("against others", {"targets": ("US",)}, False),
    ("against all", {"targets": ("all",)}, True),
]


@pytest.mark.parametrize(("why", "claim", "touched"), EXPOSED, ids=[row[0] for row in EXPOSED])
def test_an_exposure(why: str, claim: dict[str, Any], touched: bool) -> None:
    exposure = Exposure(frozenset({"gallium"}), frozenset({"CN"}), frozenset({"JP"}))
    assert exposure.touched(make_alert(**claim)) is touched
    assert (Filter(exposure=(exposure,)).mismatch(make_alert(**claim)) is None) is touched


def test_of_several_exposures_one_is_enough() -> None:
    tin, gallium = Exposure(frozenset({"tin"})), Exposure(frozenset({"gallium"}))
    assert Filter(exposure=(tin, gallium)).mismatch(make_alert()) is None
    assert Filter(exposure=(tin,)).mismatch(make_alert()) == "exposure"


def test_a_signal_is_judged_like_its_alert() -> None:
    wanted = Filter(source_tier=1, text=frozenset({"gallium"}))
    assert wanted.mismatch(make_signal(tier=1)) is None
    assert wanted.mismatch(make_signal(tier=2)) == "source_tier"


leaves = st.builds(
    Filter,
    actor=st.sets(st.sampled_from(["CN", "ID"])).map(frozenset),
    commodity=st.sets(st.sampled_from(["gallium", "tin"])).map(frozenset),
    severity=st.sampled_from(Severity),
)
filters = st.recursive(
    leaves,
    lambda inner: st.builds(
        Filter,
        every=st.lists(inner, max_size=2).map(tuple),
        either=st.lists(inner, max_size=2).map(tuple),
        none=st.lists(inner, max_size=2).map(tuple),
    ),
    max_leaves=6,
)
claims = st.fixed_dictionaries(
    {
        "actors": st.sampled_from([("CN",), ("ID",), ()]),
        "commodities": st.sampled_from([("gallium",), ("tin",), ()]),
        "severity": st.sampled_from(["low", "high", "critical"]),
    }
)


@given(filters, filters, claims)
def test_and_or_not_are_those_of_logic(one: Filter, other: Filter, claim: dict[str, Any]) -> None:
    signal = make_signal(**claim)

    def holds(it: Filter) -> bool:
        return it.mismatch(signal) is None

    assert holds(Filter(none=(one,))) is not holds(one)
    assert holds(Filter(none=(Filter(none=(one,)),))) is holds(one)
    assert holds(Filter(every=(one, other))) is (holds(one) and holds(other))
    assert holds(Filter(either=(one, other))) is (holds(one) or holds(other))
    assert holds(Filter(none=(one, other))) is holds(Filter(none=(Filter(either=(one, other)),)))
