"""Shows alerts and the summary as a reader would want to see them, on a terminal or as plain lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from services.demo.expect import Verdict
from services.demo.expected import Silent
from services.demo.latency import HopSummary, hop_times
from services.demo.receiver import Receipt
from shared.events import Alert, Evidence, Instrument
from shared.events.vocabulary import Severity

_COLOURS = {Severity.CRITICAL: "red", Severity.HIGH: "orange3", Severity.MEDIUM: "yellow", Severity.LOW: "blue"}


def show_alert(console: Console, receipt: Receipt, number: int) -> None:
    """Print one alert: what happened, what changed, who, what, since when, the evidence and the latency."""
    alert = receipt.alert
    title = f"{number}. {alert.severity.value.upper()} · {alert.kind} · {alert.reason.value}"
    facts = Table.grid(padding=(0, 2))
    for name, value in _facts(alert):
        facts.add_row(Text(name, style="dim"), value)
    facts.add_row(Text("latency", style="dim"), Text(_latency_line(receipt)))
    body = Group(Text(alert.headline, style="bold"), Text(alert.summary), facts)
    console.print(Panel(body, title=title, title_align="left", border_style=_COLOURS[alert.severity]))


def show_summary(
    console: Console, receipts: Sequence[Receipt], hops: Sequence[HopSummary], silent: Sequence[Silent], told: set[str]
) -> None:
    """Print all alerts on a line each, the time of each hop, and the articles that stayed silent with the reason."""
    console.print(_alert_table(receipts))
    console.print(_hop_table(hops, len(receipts)))
    rows = [(item.article, "TOLD" if item.article in told else item.why) for item in silent]
    console.print(_table("Silent articles", ("article", "why nobody is told"), rows))


def show_verdict(console: Console, verdict: Verdict, alerts: int, slack: int) -> None:
    """Print the last line: all as expected, or every difference."""
    if verdict.passed:
        line = f"As expected: {alerts} alerts by webhook, each signature valid, and {slack} messages on Slack."
        console.print(Text(line, style="bold green"))
        return
    console.print(Text(f"Not as expected: {len(verdict.differences)} differences", style="bold red"))
    for difference in verdict.differences:
        console.print(Text(f"  - {difference}"))


def marked(evidence: Evidence) -> Text:
    """The evidence sentence with the matched words in bold and brackets."""
    text, position = Text(), 0
    for term in sorted(evidence.terms, key=lambda term: term.start):
        start, end = term.start - evidence.start, term.end - evidence.start
        if start < position or end > len(evidence.sentence):
            continue
        text.append(evidence.sentence[position:start])
        text.append(f"[{evidence.sentence[start:end]}]", style="bold")
        position = end
    return text.append(evidence.sentence[position:])


def _facts(alert: Alert) -> list[tuple[str, Text]]:
    """The fields a reader needs, in reading order, without the empty ones."""
    changes = "; ".join(f"{c.field}: {c.before or 'none'} → {c.after}" for c in alert.changes)
    facts = [
        ("what changed", changes),
        ("who", _who(alert)),
        ("what", " ".join(part for part in (alert.measure, "on", ", ".join(alert.commodities)) if part)),
        ("stage", f"{alert.stage.value}, {alert.direction.value} ({alert.certainty.value}, score {alert.score:.2f})"),
        ("instrument", _instrument(alert.instrument)),
        ("effective", _period(alert)),
        ("since", f"{alert.first_seen_at:%Y-%m-%d %H:%M} UTC, revision {alert.revision}"),
        ("watch", f"{alert.next_date.date}: {alert.next_date.what}" if alert.next_date else ""),
    ]
    shown = [(name, Text(value)) for name, value in facts if value]
    shown += [("evidence", marked(evidence)) for evidence in alert.evidence[:1]]
    return shown + [("source", Text(f"{source.source_id}: {source.url or 'no link'}")) for source in alert.sources]


def _who(alert: Alert) -> str:
    if alert.parties or alert.initiative:
        return ", ".join(alert.parties) + (f" in {alert.initiative}" if alert.initiative else "")
    against = f" → {', '.join(alert.targets)}" if alert.targets else ""
    return ", ".join(alert.actors) + against


def _instrument(instrument: Instrument | None) -> str:
    if instrument is None:
        return ""
    return " ".join(part for part in (instrument.authority, instrument.number) if part)


def _period(alert: Alert) -> str:
    begin = f"from {alert.effective_at}" if alert.effective_at else ""
    return f"{begin} until {alert.until}".strip() if alert.until else begin


def _latency_line(receipt: Receipt) -> str:
    times = hop_times(receipt.alert.clock, receipt.received_at)
    return " · ".join(f"{hop} {time:.0f} ms" for hop, time in times.items())


def _alert_table(receipts: Sequence[Receipt]) -> Table:
    alerts = [receipt.alert for receipt in receipts]
    rows = [
        (str(number), a.kind, _who(a), ", ".join(a.commodities), a.stage.value, a.direction.value, a.reason.value)
        for number, a in enumerate(alerts, 1)
    ]
    return _table("Alerts", ("#", "kind", "who", "what", "stage", "direction", "reason"), rows)


def _hop_table(hops: Sequence[HopSummary], alerts: int) -> Table:
    rows = [(hop.hop, f"{hop.median_ms:.1f}", f"{hop.max_ms:.1f}") for hop in hops]
    return _table(f"Latency of {alerts} alerts", ("hop", "median ms", "slowest ms"), rows)


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table that wraps long cells and shows markup in them as it is."""
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell, style="red" if cell == "TOLD" else "") for cell in row))
    return table
