"""Puts the report together. Pure: scores and mistakes go in, HTML comes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from services.classify.decision import Finding
from services.classify.explain import Explained, explain
from services.classify.report.highlight import Span, Word, highlighted, safe
from services.classify.report.style import STYLE, role_style
from services.classify.report.tables import cards, heat, rule_table, trap_table
from services.classify.ruleset import RuleSet
from services.classify.score import KindScore, Scores
from services.classify.slip import Slip

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""The page may load nothing and run nothing, whatever an article says."""

_FILES: Final = 4
"""Files named at the head of the page."""


def page(scores: Scores, slips: Sequence[Slip], ruleset: RuleSet, datasets: Sequence[str]) -> str:
    """The whole page.

    Args:
        scores: of all articles.
        slips: the mistakes behind them.
        ruleset: what decided; its words are marked in the texts.
        datasets: names of the files, for the head of the page.
    """
    roles = {lexicon.role for lexicon in ruleset.lexicons}
    names = ", ".join(datasets[:_FILES]) + (f" and {len(datasets) - _FILES} more" if len(datasets) > _FILES else "")
    body = "".join([*map(_kind, scores.kinds), _traps(scores), *_mistakes(slips, ruleset)])
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>orewire rules score</title>'
        f"<style>{STYLE}{role_style(roles)}</style></head><body>"
        f"<h1>Rules, measured on {scores.articles:,} articles</h1>"
        f'<p class="sub">{len(ruleset.rules)} rules, digest <code>{safe(ruleset.digest[:12])}</code>. {safe(names)}</p>'
        f"{body}</body></html>\n"
    )


def _kind(kind: KindScore) -> str:
    tables = heat("Direction", kind.directions) + heat("Stage", kind.stages)
    rules = kind.rules()
    decided = f"<h3>Rules that decided</h3>{rule_table(rules)}" if rules else ""
    return f"<h2>{safe(kind.kind)}</h2>{cards(kind)}{tables}{decided}"


def _traps(scores: Scores) -> str:
    if not scores.traps:
        return ""
    right, total = sum(trap.right for trap in scores.traps), sum(trap.total for trap in scores.traps)
    return (
        f"<h2>Traps</h2><p>{right} of {total} articles are right. Those with a mistake:</p>{trap_table(scores.traps)}"
    )


def _mistakes(slips: Sequence[Slip], ruleset: RuleSet) -> Iterator[str]:
    explained = [explain(slip.case.article, ruleset) for slip in slips]
    roles = sorted({ruleset.lexicons.role(name) for found in explained for item in found for _, _, name in item.words})
    yield f'<h2>Mistakes <span class="dim">{len(slips)}</span></h2>'
    yield '<div class="legend">' + "".join(f'<mark class="word role-{safe(r)}">{safe(r)}</mark>' for r in roles)
    yield '<span class="evidence">evidence</span></div>'
    for slip, found in zip(slips, explained, strict=True):
        yield _mistake(slip, found, ruleset)


def _mistake(slip: Slip, found: Sequence[Explained], ruleset: RuleSet) -> str:
    article, cause = slip.case.article, slip.cause
    finding = slip.case.found(slip.kind)
    trap = f" · {safe(slip.case.trap)}" if slip.case.trap else ""
    return (
        f'<details><summary><span class="tag {slip.what}">{slip.what.replace("_", " ")}</span>'
        f"<bdi>{safe(article.title or article.text[:120])}</bdi><code>{safe(article.id)}{trap}</code></summary><div>"
        f"<p>{safe(slip.kind)} · <code>{safe(cause.rule or 'no rule')}</code> {safe(cause.reason)}</p>"
        f'<div class="article" dir="auto"><span class="title">{_field("title", article.title, found, finding, ruleset)}'
        f"</span>{_field('text', article.text, found, finding, ruleset)}</div></div></details>"
    )


def _field(name: str, text: str, found: Sequence[Explained], finding: Finding | None, ruleset: RuleSet) -> str:
    words = [
        Word(item.start + start, item.start + end, ruleset.lexicons.role(lexicon), lexicon)
        for item in found
        if item.field == name
        for start, end, lexicon in item.words
    ]
    evidence: list[Span] = [(e.start, e.end) for e in finding.evidence if e.field == name] if finding else []
    return highlighted(text, words, evidence)
