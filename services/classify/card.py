"""How decisions look on a terminal: compact cards, with the matched words marked."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from services.classify.decision import Context, Decision, Finding
from services.classify.explain import Explained
from shared.events import Article, Evidence

_COLOURS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}
_ROLES = {"actor": "magenta", "commodity": "green", "action": "bold red", "export": "yellow", "control": "red"}
_SHOWN_CONTEXT = 6


def decision_card(article: Article, decision: Decision) -> Text:
    """One article with its signals, the context around them, or why it was ignored."""
    card = Text()
    card.append(article.title or article.id, style="bold")
    card.append(f"  {article.id}\n" if article.title else "\n", style="dim")
    for finding in decision.signals:
        card.append_text(_signal(finding))
    for context in decision.context[:_SHOWN_CONTEXT]:
        card.append_text(_context(context))
    more = len(decision.context) - _SHOWN_CONTEXT
    if more > 0:
        card.append(f"  … {more} more in context\n", style="dim")
    for ignored in decision.ignored:
        card.append(
            f"  ignored: {ignored.reason}" + (f" ({ignored.detail})" if ignored.detail else "") + "\n", style="dim"
        )
    return card


def _signal(finding: Finding) -> Text:
    line = Text("  ● ", style=_COLOURS[finding.severity.value])
    line.append(f"{finding.kind}", style="bold")
    facts = (finding.stage.value, finding.direction.value, finding.certainty.value, finding.severity.value)
    line.append(f"  {' · '.join(facts)}  score {finding.score:.2f}\n")
    line.append(f"    {_who(finding)}\n")
    for evidence in finding.evidence[:2]:
        line.append("    “").append_text(marked(evidence)).append(f"”  {evidence.rule}\n", style="dim")
    return line


def _who(finding: Finding) -> str:
    """Who, what, against whom and since when, in one line."""
    parts = [", ".join(finding.parties or finding.actors) or "?"]
    if finding.targets:
        parts.append(f"→ {', '.join(finding.targets)}")
    parts.append(", ".join(finding.commodities))
    extras = (
        ("measure", finding.measure),
        ("initiative", finding.initiative),
        ("text", finding.instrument and finding.instrument.number),
        ("from", finding.effective_at),
        ("until", finding.until),
    )
    return "  ".join(parts + [f"{name} {value}" for name, value in extras if value])


def _context(context: Context) -> Text:
    sentence = context.sentence if len(context.sentence) <= 120 else context.sentence[:119] + "…"
    return Text(f"  ○ {context.context_class}: {context.reason}. “{' '.join(sentence.split())}”\n", style="dim")


def marked(evidence: Evidence) -> Text:
    """The evidence sentence with its words in colour."""
    words = [(term.start - evidence.start, term.end - evidence.start, term.role) for term in evidence.terms]
    return _mark(evidence.sentence, words)


def _mark(sentence: str, words: Iterable[tuple[int, int, str]]) -> Text:
    text = Text(sentence.replace("\n", " "))
    for start, end, role in words:
        text.stylize(_ROLES.get(role, "bold"), start, end)
    return text


def explanation(found: tuple[Explained, ...]) -> Text:
    """Each sentence with its words, then the rules: fired, or what was lacking."""
    text = Text()
    for item in found:
        text.append("▌ ").append_text(_mark(item.sentence, item.words)).append("\n")
        names = ", ".join(dict.fromkeys(lexicon for _, _, lexicon in item.words))
        text.append(f"    words: {names or 'none'}\n", style="dim")
        for verdict in item.verdicts:
            style = "green" if verdict.fired else "dim"
            said = "fires" if verdict.fired else f"lacks {verdict.lacking} ({verdict.failed})"
            text.append(f"    {'✔' if verdict.fired else '·'} {verdict.rule}: {said}\n", style=style)
    return text
