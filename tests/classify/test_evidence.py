"""Each field of a finding has its words in the evidence, at their places in the article."""

from __future__ import annotations

from datetime import date

from services.classify.decision import Decision
from tests.classify.kit import detect

DAY = date(2025, 11, 9)


def terms(decision: Decision) -> dict[str, set[str]]:
    """The words of all evidence by role."""
    found: dict[str, set[str]] = {}
    for finding in decision.signals:
        for term in (term for evidence in finding.evidence for term in evidence.terms):
            found.setdefault(term.role, set()).add(term.text)
    return found


def test_actor_target_commodity_and_both_dates_are_shown() -> None:
    text = (
        "China will suspend its ban on exports of gallium to the United States from 27 November 2025 "
        "until 27 November 2026, the commerce ministry said in Announcement No. 72 of 2025."
    )
    found = terms(detect("", text, published=DAY))
    assert "China" in found["actor"]
    assert found["target"] == {"United States"}
    assert found["commodity"] == {"gallium"}
    assert any("27 November 2025" in word for word in found["effective"])
    assert any("27 November 2026" in word for word in found["until"])
    assert any("72" in word for word in found["instrument"])


def test_chinese_target_and_instrument_are_shown() -> None:
    found = terms(detect("", "商务部公告2024年第46号：禁止镓、锗对美出口。", published=DAY))
    assert "对美" in found["target"]
    assert any("46" in word for word in found["instrument"])
    assert {"镓", "锗"} <= found["commodity"]


def test_parties_and_initiative_are_shown() -> None:
    found = terms(detect("India joins Pax Silica to secure critical minerals with the United States", published=DAY))
    assert {"India"} <= found["actor"]
    assert found["initiative"] == {"Pax Silica"}


def test_terms_do_not_overlap_and_quote_the_article() -> None:
    text = "Beijing extended the suspension of its export controls on rare earths to Japan until 10 January 2027."
    for finding in detect("", text, published=DAY).signals:
        for evidence in finding.evidence:
            assert [text[term.start : term.end] for term in evidence.terms] == [term.text for term in evidence.terms]
            starts = [term.start for term in evidence.terms]
            assert all(end <= start for end, start in zip([t.end for t in evidence.terms], starts[1:], strict=False))
