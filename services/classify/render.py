"""Decisions as plain values for JSON output."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from services.classify.decision import Context, Decision, Finding
from services.classify.explain import Explained
from services.classify.remark import Remark
from services.classify.score import Scores, TrapScore
from services.classify.slip import Slip
from shared.events import Article


def decision_value(article: Article, decision: Decision) -> dict[str, Any]:
    """One article's decision: `{"id", "signals", "context", "ignored"}`."""
    return {
        "id": article.id,
        "signals": [finding_value(finding) for finding in decision.signals],
        "context": [context_value(context) for context in decision.context],
        "ignored": [{"reason": i.reason, "detail": i.detail} for i in decision.ignored],
    }


def finding_value(finding: Finding) -> dict[str, Any]:
    """The fields of a signal, as they stand in the published event."""
    value = {field.name: getattr(finding, field.name) for field in fields(finding)}
    value["instrument"] = finding.instrument.model_dump(mode="json") if finding.instrument else None
    value["evidence"] = [evidence.model_dump(mode="json") for evidence in finding.evidence]
    value["rules"] = [{"id": rule, "version": version} for rule, version in finding.rules]
    for name in ("effective_at", "until"):
        value[name] = value[name].isoformat() if value[name] else None
    for name in ("stage", "direction", "certainty", "severity"):
        value[name] = value[name].value
    return value


def context_value(context: Context) -> dict[str, Any]:
    """One context entry."""
    return {
        "class": context.context_class,
        "reason": context.reason,
        "sentence": context.sentence,
        "field": context.field,
        "start": context.start,
        "end": context.end,
        "rule": context.rule,
    }


def explained_value(item: Explained) -> dict[str, Any]:
    """One explained sentence."""
    return {
        "sentence": item.sentence,
        "field": item.field,
        "start": item.start,
        "words": [{"start": start, "end": end, "lexicon": lexicon} for start, end, lexicon in item.words],
        "rules": [
            {"rule": v.rule, "kind": v.kind, "fired": v.fired, "failed": v.failed, "lacking": v.lacking}
            for v in item.verdicts
        ],
    }


def scores_value(scores: Scores, slips: Iterable[Slip], digest: str) -> dict[str, Any]:
    """A rule set's result on labelled articles, with each mistake."""
    return {
        "digest": digest,
        "articles": scores.articles,
        "kinds": [kind.value() for kind in scores.kinds],
        "traps": [_trap_value(trap) for trap in scores.traps],
        "slips": [slip.value() for slip in slips],
    }


def _trap_value(trap: TrapScore) -> dict[str, Any]:
    return {"trap": trap.trap, "total": trap.total, "right": trap.right, "exact": trap.exact, "wrong": trap.wrong}


def remark_value(remark: Remark, file: str, line: int) -> dict[str, Any]:
    """One remark of the linter, with the place of what it is about."""
    what = {"level": remark.level.value, "lint": remark.lint, remark.about: remark.name}
    return {**what, "file": file, "line": line, "message": remark.message, "hint": remark.hint}
