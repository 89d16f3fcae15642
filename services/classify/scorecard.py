"""How scores look on a terminal: figures, confusion tables, rules, traps and each mistake with its cause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from string import ascii_lowercase
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from services.classify.score import Confusion, KindScore, Scores, TrapScore, labels_of
from services.classify.slip import Slip, SlipKind

_COLOURS: Final = {SlipKind.FALSE_ALARM: "red", SlipKind.MISS: "yellow", SlipKind.WRONG_DIRECTION: "magenta"}
"""The mistakes shown on a terminal; wrong stages are told by the confusion table and the report."""
_ENOUGH: Final = 0.9
"""A trap is mastered when so many of its articles are right."""
_SENTENCE: Final = 160


def score_card(scores: Scores, slips: Sequence[Slip]) -> RenderableType:
    """All results, the overview first."""
    parts: list[RenderableType] = [_overview(scores.kinds), Text()]
    for kind in scores.kinds:
        parts.extend(_kind(kind))
    if scores.traps:
        parts.append(_traps(scores.traps))
    parts.extend(_slip(slip) for slip in slips if slip.what in _COLOURS)
    return Group(*parts)


def _overview(kinds: Iterable[KindScore]) -> Table:
    table = _table(
        "kind", "hits", "misses", "false alarms", "precision", "recall", "F1", "direction right", "stage right"
    )
    for kind in kinds:
        counts = (len(kind.hits), len(kind.misses), len(kind.false_alarms))
        table.add_row(kind.kind, *map(str, counts), *(f"{figure:.3f}" for figure in kind.figures().values()))
    return table


def _kind(kind: KindScore) -> Iterator[RenderableType]:
    for name, counts in (("direction", kind.directions), ("stage", kind.stages)):
        if counts:
            yield Text(f"{kind.kind}: {name}, labelled (rows) and found (columns)", style="bold")
            yield _confusion(counts)
            yield Text()
    rules = kind.rules()
    if rules:
        yield Text(f"{kind.kind}: rules that decided", style="bold")
        table = _table("rule", "decided", "right", "wrong", "only", "precision", "recall", "F1")
        for rule in rules:
            name, *values = rule.value().values()
            shown = (f"{value:.3f}" if isinstance(value, float) else str(value) for value in values)
            table.add_row(str(name), *shown, style="red" if rule.wrong else None)
        yield table
        yield Text()


def _confusion(counts: Confusion) -> Table:
    """A square with a letter for each word, so that it fits on a screen."""
    words = list(labels_of(counts))
    letters = dict(zip(words, ascii_lowercase, strict=False))
    table = _table("", *letters.values())
    for labelled, letter in letters.items():
        cells = (_cell(counts[labelled, found], labelled == found) for found in letters)
        table.add_row(f"{letter} {labelled}", *cells)
    return table


def _cell(count: int, right: bool) -> Text:
    return Text(str(count) if count else "·", style=("green" if right else "red") if count else "dim")


def _traps(traps: Sequence[TrapScore]) -> Text:
    mastered = sum(trap.right >= _ENOUGH * trap.total for trap in traps)
    text = Text(f"{mastered} of {len(traps)} traps are right in at least nine of ten articles\n")
    for trap in traps:
        if trap.right < trap.total:
            text.append(f"  {trap.trap}  {trap.right}/{trap.total}", style="yellow")
            text.append(f"  {', '.join(trap.wrong)}\n")
    return text


def _slip(slip: Slip) -> RenderableType:
    article, cause = slip.case.article, slip.cause
    head = Text(slip.what.replace("_", " "), style=_COLOURS[slip.what])
    head.append(f"  {slip.kind}  {article.id}  ", style="dim").append(article.title or _short(article.text))
    said = Text(f"{cause.rule or 'no rule'}: {cause.reason}")
    if cause.sentence:
        said.append(f"\n“{_short(cause.sentence)}”", style="dim")
    return Group(head, Padding(said, (0, 0, 0, 4)))


def _short(sentence: str) -> str:
    line = " ".join(sentence.split())
    return line if len(line) <= _SENTENCE else line[: _SENTENCE - 1] + "…"


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table
