"""How a report reads on a terminal."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

from rich.console import Console

from services.backtest.audience import tallies
from services.backtest.card import report_card
from services.backtest.compare import compare
from services.backtest.parts import Wants
from services.backtest.report import Report
from shared.events import SignalDetected
from tests.backtest.signals import AT, article, least, signal

WANTS: dict[str, Wants] = {"desk": least(2)}


def report(*pairs: tuple[list[SignalDetected], list[SignalDetected]], **fields: Any) -> Report:
    differences = tuple(difference for sent, found in pairs for difference in compare(sent, found))
    return Report(
        since=AT - timedelta(days=1),
        to=AT,
        digest="abc" * 20,
        articles=len(pairs),
        differences=differences,
        **{"unreadable": 0, "unclassified": 0, "wants": WANTS, "subscribers": tallies(differences, WANTS), **fields},
    )


def shown(found: Report, *, limit: int = 50) -> str:
    console = Console(file=StringIO(), width=160)
    console.print(report_card(found, limit=limit))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in text.splitlines())


def test_a_change_shows_headline_evidence_fields_and_whom_it_concerns() -> None:
    text = shown(report(([signal(severity="medium")], [signal(stage="in_force")])))
    for words in (
        "~ changed",
        "export_restriction",
        "CN",
        "gallium",
        "stage: announced → in_force",
        "severity: medium → high",
        "A title",
        "https://news.example/a1",
        "“China bans gallium exports.”  imposes-curb",
        "+ desk",
    ):
        assert words in text
    assert "1 articles, rules abcabcabcabc: 0 new, 0 gone, 1 changed, 0 same" in text


def test_without_changes_only_the_counts_are_shown() -> None:
    text = shown(report(([signal()], [signal()]), wants={}, subscribers={}))
    assert text == "1 articles, rules abcabcabcabc: 0 new, 0 gone, 0 changed, 1 same"


def test_the_most_severe_come_first_and_what_is_cut_off_is_said() -> None:
    found = report(*(([], [signal(f"a{n}", severity=level)]) for n, level in enumerate(("low", "critical", "medium"))))
    assert [difference.shown.severity for difference in found.changes] == ["critical", "medium", "low"]
    text = shown(found, limit=1)
    assert "… 2 more; --limit 0 shows all" in text
    assert "critical" in text
    assert "medium" not in text
    assert "more;" not in shown(found, limit=0)


def test_text_from_outside_cannot_steer_the_terminal() -> None:
    evil = article("a1", "\x1b[2J\x1b]0;title\x07[red]boo[/red]").article.ref()
    text = shown(report(([], [signal(article=evil)])))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "[red]boo[/red]" in text


def test_what_could_not_be_compared_is_said() -> None:
    text = shown(report(unreadable=2, unclassified=7))
    assert "2 stored messages could not be read" in text
    assert "7 articles still wait for classify" in text
