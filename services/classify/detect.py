"""The decision: an article goes in, signals, context and reasons come out. Pure; no clock, no I/O."""

from __future__ import annotations

from datetime import date
from typing import Final

from services.classify.background import background_of, behind_curb, labelled, quarrel_in_passing
from services.classify.decision import Context, Decision, Finding, Ignored, Verdict
from services.classify.finding import Claimed, claim, dates_of, finding_of
from services.classify.language import COVERED, language_of
from services.classify.passage import Passage
from services.classify.reading import Reading, read
from services.classify.rule import CONTEXT
from services.classify.ruleset import RuleSet
from shared.events import Article

OPENING: Final = 20_000
"""Characters in which the legal text and its dates are sought, where the sentence does not name them."""
THRESHOLD: Final = 0.5
"""Findings below this score stay context."""
LANGUAGE_NOT_COVERED: Final = "language_not_covered"
NO_CANDIDATE: Final = "no_candidate"
NO_RULE: Final = "no_rule"
TEXT_CUT: Final = "text_cut"


class Detector:
    """Judges articles with one rule set. Safe to share between threads; switching rules means a new detector."""

    def __init__(self, ruleset: RuleSet) -> None:
        self.ruleset = ruleset

    @property
    def digest(self) -> str:
        """Digest of the rule set that decides."""
        return self.ruleset.digest

    def detect(self, article: Article) -> Decision:
        """Judge one article. The same article and rules always give the same decision."""
        language = language_of(article.title, article.text, article.lang)
        if language not in COVERED:
            return Decision(ignored=(Ignored(LANGUAGE_NOT_COVERED, language),))
        reading = read(article, self.ruleset)
        if reading is None:
            return Decision(ignored=(Ignored(NO_CANDIDATE, "no word that a signal needs"),))
        claims: dict[str, list[Claimed]] = {}
        context: list[Context] = []
        for passage in reading.passages:
            self._judge(passage, reading, article.source_tier, claims, context)
        return self._conclude(article, reading, claims, context)

    def _judge(
        self, passage: Passage, reading: Reading, tier: int, claims: dict[str, list[Claimed]], context: list[Context]
    ) -> None:
        """Sort what one passage says into claims and context."""
        verdicts, silenced = _verdicts(passage, self.ruleset, context)
        if not verdicts:
            return
        dates = dates_of(passage, reading.published)
        for verdict in verdicts:
            if verdict.rule.kind in silenced:
                continue
            behind = (
                labelled(reading.opinion, reading.genre)
                or behind_curb(verdict, verdicts)
                or background_of(verdict, dates, reading.published, brief=reading.brief)
            )
            if behind is not None:
                context.append(_context(verdict, behind.context_class, behind.reason))
            else:
                claims.setdefault(verdict.rule.kind, []).append(claim(verdict, dates, tier))

    def _conclude(
        self, article: Article, reading: Reading, claims: dict[str, list[Claimed]], context: list[Context]
    ) -> Decision:
        signals: list[Finding] = []
        for found in claims.values():
            enough = [c for c in found if c.score >= THRESHOLD]
            if enough:
                signals.append(self._finding(enough, reading, article.source_tier))
            else:
                best = max(found, key=lambda c: c.score)
                context.append(_context(best.verdict, "weak", f"score {best.score:.2f} is below {THRESHOLD}"))
        ignored = [] if signals or context else [Ignored(NO_RULE, "no rule fits")]
        if reading.cut:
            ignored.append(Ignored(TEXT_CUT, reading.cut))
        return Decision(tuple(signals), tuple(context), tuple(ignored))

    def _finding(self, claims: list[Claimed], reading: Reading, tier: int) -> Finding:
        reference: date | None = reading.published
        return finding_of(
            claims,
            reading_text=reading.text.text[:OPENING],
            reference=reference,
            tier=tier,
            lexicons=self.ruleset.lexicons,
            policy=self.ruleset.severity,
        )


def _verdicts(passage: Passage, ruleset: RuleSet, context: list[Context]) -> tuple[list[Verdict], set[str]]:
    """The most specific rule of each kind that fires, and the kinds that context rules silence."""
    best: dict[str, Verdict] = {}
    silenced: set[str] = set()
    for _, rule, act, support in ruleset.network.fired(passage):
        if not act:
            continue
        verdict = Verdict(rule, passage, act, support)
        if quarrel_in_passing(verdict):
            continue
        if rule.kind == CONTEXT:
            silenced |= rule.outweighs
            context.append(_context(verdict, rule.meaning.context_class or CONTEXT, rule.why))
        elif rule.kind not in best or verdict.specificity > best[rule.kind].specificity:
            best[rule.kind] = verdict
    return list(best.values()), silenced


def _context(verdict: Verdict, context_class: str, reason: str) -> Context:
    passage = verdict.passage
    origin = passage.folded.origin
    return Context(
        context_class,
        reason,
        passage.sentence,
        origin(passage.start),
        origin(passage.end),
        passage.field_name,
        verdict.rule.id,
    )
