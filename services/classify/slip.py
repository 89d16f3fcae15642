"""Each mistake on labelled articles with its cause: the rule that decided, or the one that came nearest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from services.classify.decision import Context
from services.classify.passage import Passage
from services.classify.reading import read
from services.classify.rule import Judgement, Rule
from services.classify.ruleset import RuleSet
from services.classify.score import Case, KindScore, Scores


class SlipKind(StrEnum):
    """What went wrong, worst first."""

    FALSE_ALARM = "false_alarm"
    MISS = "miss"
    WRONG_DIRECTION = "wrong_direction"
    WRONG_STAGE = "wrong_stage"


class Cause(NamedTuple):
    """Which rule is behind it, on which sentence, and why. Rule and sentence are empty where there is none."""

    rule: str
    reason: str
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Slip:
    """One mistake in one article."""

    what: SlipKind
    kind: str
    case: Case
    cause: Cause

    def value(self) -> dict[str, str]:
        """The mistake as plain values."""
        article = self.case.article
        known = {"slip": self.what.value, "kind": self.kind, "id": article.id, "title": article.title}
        return {**known, "trap": self.case.trap, **self.cause._asdict()}


def slips(scores: Scores, ruleset: RuleSet) -> tuple[Slip, ...]:
    """Every mistake, kind by kind, worst first."""
    found = [slip for kind in scores.kinds for slip in _slips(kind, ruleset)]
    return tuple(found)


def _slips(result: KindScore, ruleset: RuleSet) -> Iterator[Slip]:
    rules = {rule.id: rule for rule in ruleset.rules}
    for case in result.false_alarms:
        yield Slip(SlipKind.FALSE_ALARM, result.kind, case, _decided(case, result.kind, rules))
    for case in result.misses:
        yield Slip(SlipKind.MISS, result.kind, case, nearest(case, result.kind, ruleset))
    for what, name in ((SlipKind.WRONG_DIRECTION, "direction"), (SlipKind.WRONG_STAGE, "stage")):
        for case in result.hits:
            if case.differs(result.kind, name):
                yield Slip(what, result.kind, case, _differs(case, result.kind, name))


def _decided(case: Case, kind: str, rules: dict[str, Rule]) -> Cause:
    finding = case.found(kind)
    assert finding is not None
    rule = finding.rules[0][0]
    return Cause(rule, rules[rule].why, finding.evidence[0].sentence)


def _differs(case: Case, kind: str, name: str) -> Cause:
    finding = case.found(kind)
    assert finding is not None
    reason = f"{name} is {getattr(finding, name).value}, not {case.label(name)}"
    return Cause(finding.rules[0][0], reason, finding.evidence[0].sentence)


def nearest(case: Case, kind: str, ruleset: RuleSet) -> Cause:
    """Why no signal of this kind came: what set aside a rule that fired, or what the nearest rule lacked."""
    reading = read(case.article, ruleset) if _looked_at(case) else None
    rules = [rule for rule in ruleset.rules if rule.kind == kind]
    if reading is None or not rules:
        said = [f"{i.reason}: {i.detail}" if i.detail else i.reason for i in case.decision.ignored]
        return Cause("", "; ".join(said) or f"no rule of kind {kind}")
    judged = [_Judged(rule, passage, rule.judge(passage)) for passage in reading.passages for rule in rules]
    best = max(judged, key=lambda one: one.progress)
    if best.judgement.fired:
        return Cause(best.rule.id, _set_aside(best, case.decision.context), best.passage.sentence)
    return Cause(best.rule.id, f"lacks {best.judgement.lacking} ({best.judgement.failed})", best.passage.sentence)


def _looked_at(case: Case) -> bool:
    return not any(ignored.reason == "language_not_covered" for ignored in case.decision.ignored)


class _Judged(NamedTuple):
    """How a rule judged a passage."""

    rule: Rule
    passage: Passage
    judgement: Judgement

    @property
    def progress(self) -> tuple[bool, float, float]:
        """Fired first, then how far through its conditions it came, then how many of its lexicons have a word here."""
        if self.judgement.fired:
            return True, 1.0, self.rule.weight
        names, present = list(self.rule.checks), self.passage.by_lexicon.keys() & self.rule.lexicons
        return False, names.index(self.judgement.failed) / len(names), len(present) / (len(self.rule.lexicons) or 1)


def _set_aside(best: _Judged, contexts: tuple[Context, ...]) -> str:
    """Why a rule that fired made no signal: its own context, or that of a context rule on the same sentence."""
    origin = best.passage.folded.origin
    here = [c for c in contexts if (c.field, c.start) == (best.passage.field_name, origin(best.passage.start))]
    own = [c for c in here if c.rule == best.rule.id]
    said = [f"{c.context_class}: {c.reason}" + ("" if c in own else f" ({c.rule})") for c in own or here]
    return f"fires, but {'; '.join(said)}" if said else "fires, but another rule of the kind is more specific"
