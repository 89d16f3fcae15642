"""The tables of the report: figures, heat tables of confusions, rules and traps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.classify.report.highlight import safe
from services.classify.score import Confusion, KindScore, RuleScore, TrapScore, labels_of

_FAINT: Final = 0.12
"""How strong the faintest colour of a heat table is, from 0 to 1."""


def cards(kind: KindScore) -> str:
    """The figures of one kind, large."""
    counts = {"hits": len(kind.hits), "misses": len(kind.misses), "false alarms": len(kind.false_alarms)}
    shown = {name.replace("_", " ").replace("f1", "F1"): f"{figure:.3f}" for name, figure in kind.figures().items()}
    pairs = {**shown, **{name: str(count) for name, count in counts.items()}}
    inside = "".join(f'<div class="card"><b>{value}</b><span>{name}</span></div>' for name, value in pairs.items())
    return f'<div class="cards">{inside}</div>'


def heat(title: str, counts: Confusion) -> str:
    """A confusion as a heat table: rows are labelled, columns found; the stronger, the larger its share of the row."""
    if not counts:
        return ""
    words = list(labels_of(counts))
    head = "".join(f"<th>{safe(word)}</th>" for word in words)
    rows = "".join(_heat_row(word, words, counts) for word in words)
    return (
        f'<h3>{safe(title)} <span class="dim">labelled (rows), found (columns)</span></h3><div class="scroll">'
        f'<table class="heat"><thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _heat_row(labelled: str, words: Sequence[str], counts: Confusion) -> str:
    total = sum(counts[labelled, found] for found in words)
    cells = "".join(_heat_cell(counts[labelled, found], total, labelled == found) for found in words)
    return f"<tr><th>{safe(labelled)}</th>{cells}</tr>"


def _heat_cell(count: int, total: int, right: bool) -> str:
    if not count:
        return '<td class="dim">·</td>'
    strength = _FAINT + (1 - _FAINT) * 0.7 * count / total
    colour = f"hsla(var(--{'right' if right else 'wrong'}), {strength:.2f})"
    return f'<td style="background: {colour}">{count}</td>'


def rule_table(rules: Sequence[RuleScore]) -> str:
    """Each rule that decided: how often, how well, and what only it found."""
    names = ("decided", "right", "wrong", "only", "precision", "recall", "f1")
    rows = [[f"<code>{safe(rule.rule)}</code>", *(_number(rule.value()[name]) for name in names)] for rule in rules]
    return _table(("rule", *names), rows)


def trap_table(traps: Sequence[TrapScore]) -> str:
    """Each trap that catches the rules at least once."""
    rows = [
        [safe(trap.trap), f"{trap.right}/{trap.total}", f"{trap.exact}/{trap.total}", safe(", ".join(trap.wrong))]
        for trap in traps
        if trap.exact < trap.total
    ]
    return _table(("trap", "right", "stage too", "articles"), rows) if rows else "<p>None.</p>"


def _number(value: float) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are HTML already; all but the first of a row stand to the right."""
    head = "".join(f'<th class="{"" if at == 0 else "n"}">{name}</th>' for at, name in enumerate(names))
    body = "".join(
        "<tr>" + "".join(f'<td class="{"" if at == 0 else "n"}">{cell}</td>' for at, cell in enumerate(row)) + "</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
