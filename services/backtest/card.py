"""How a report looks on a terminal."""

from __future__ import annotations

from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.backtest.audience import Effect, effects
from services.backtest.compare import Difference, Field, What
from services.backtest.report import Report
from shared.events import SignalDetected

_SIGNS: Final = {
    What.NEW: ("+ new", "bold green"),
    What.GONE: ("- gone", "bold red"),
    What.CHANGED: ("~ changed", "bold yellow"),
}
_EFFECTS: Final = {Effect.HEARS: "+", Effect.MISSES: "-", Effect.DIFFERENT: "~"}
_SEVERITIES: Final = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}
_LONGEST: Final = 240
"""Characters of a sentence that are shown."""


def report_card(report: Report, *, limit: int) -> RenderableType:
    """The first `limit` changes (0: all), what they mean to each subscriber, and the counts."""
    parts: list[RenderableType] = []
    changes = report.changes
    shown = changes[: limit or None]
    if shown:
        parts.append(_changes(report, shown))
    if len(changes) > len(shown):
        parts.append(Text(f"… {len(changes) - len(shown)} more; --limit 0 shows all, --json all fields", style="dim"))
    if report.subscribers:
        parts.append(_subscribers(report))
    return Group(*parts, _counts(report))


def _changes(report: Report, changes: tuple[Difference, ...]) -> Table:
    table = Table("", "signal", "article and evidence", box=None, padding=(0, 2, 1, 0))
    if report.subscribers:
        table.add_column("told")
    for difference in changes:
        sign, style = _SIGNS[difference.what]
        row = [Text(sign, style=style), _signal(difference), _article(difference)]
        table.add_row(*row, *([_told(report, difference)] if report.subscribers else []))
    return table


def _signal(difference: Difference) -> Text:
    signal = difference.shown
    text = Text(signal.kind, style="bold")
    text.append(f"\n{signal.severity.value}", style=_SEVERITIES[signal.severity.value])
    text.append(f" {signal.stage.value} {signal.direction.value}\n{_who(signal)}", style="not bold")
    for field in difference.fields:
        text.append(f"\n{_moved(field)}", style="not bold yellow")
    return text


def _moved(field: Field) -> str:
    return f"{field.name}: {plain(field.before) or 'none'} → {plain(field.after) or 'none'}"


def _who(signal: SignalDetected) -> str:
    who = ", ".join(signal.parties or signal.actors) or "?"
    return (
        plain(f"{who} → {', '.join(signal.targets)}" if signal.targets else who) + f"  {', '.join(signal.commodities)}"
    )


def _article(difference: Difference) -> Text:
    signal = difference.shown
    text = Text(plain(signal.article.title) or signal.article.id)
    text.append(f"\n{signal.article.source_id}  {plain(signal.article.url or signal.article.id)}", style="dim")
    if signal.evidence:
        text.append(f"\n“{plain(signal.evidence[0].sentence)}”  {plain(signal.evidence[0].rule)}", style="italic")
    return text


def _told(report: Report, difference: Difference) -> Text:
    reached = effects(difference, report.wants)
    return Text("\n".join(f"{_EFFECTS[effect]} {name}" for name, effect in reached.items() if effect in _EFFECTS))


def _subscribers(report: Report) -> Table:
    table = Table("subscriber", "was told", "would be told", "+ hears", "- misses", "~ different", box=None)
    for name, tally in report.subscribers.items():
        counts = (tally.was_told, tally.would_be_told, tally.hears, tally.misses, tally.different)
        table.add_row(name, *map(str, counts))
    table.caption = "By their filters alone; live, reports of one act are folded into one story."
    table.caption_justify = "left"
    return table


def _counts(report: Report) -> Text:
    counts = report.counts()
    text = Text(f"{report.articles} articles, rules {report.digest[:12]}: ")
    text.append(", ".join(f"{counts[what.value]} {what.value}" for what in What), style="bold")
    if report.unreadable:
        text.append(f"\n{report.unreadable} stored messages could not be read", style="yellow")
    if report.unclassified:
        note = f"\n{report.unclassified} articles still wait for classify; what they signal counts as new"
        text.append(note, style="yellow")
    return text


def plain(text: str) -> str:
    """Text from outside, on one line, without what a terminal would obey."""
    cleaned = "".join(character if character.isprintable() else " " for character in text)
    return cleaned if len(cleaned) <= _LONGEST else cleaned[: _LONGEST - 1] + "…"
