"""Explains a decision: every sentence that was looked at, each rule's verdict, and what a near miss lacked."""

from __future__ import annotations

from dataclasses import dataclass

from services.classify.passage import Passage
from services.classify.reading import read
from services.classify.ruleset import RuleSet
from services.classify.scan import Hit
from shared.events import Article


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """How one rule judged one sentence."""

    rule: str
    kind: str
    fired: bool
    failed: str = ""
    lacking: str = ""


@dataclass(frozen=True, slots=True)
class Explained:
    """One sentence with its words and the rules that fired or nearly did."""

    sentence: str
    field: str
    start: int
    words: tuple[tuple[int, int, str], ...]
    """Start and end within the sentence, and the lexicon."""
    verdicts: tuple[RuleVerdict, ...]


def explain(article: Article, ruleset: RuleSet) -> tuple[Explained, ...]:
    """What was found in each sentence; empty when the article has no anchor word."""
    reading = read(article, ruleset)
    return tuple(_explained(passage, ruleset) for passage in reading.passages) if reading else ()


def _explained(passage: Passage, ruleset: RuleSet) -> Explained:
    origin = passage.folded.origin
    start = origin(passage.start)
    hits = sorted({word for found in passage.by_lexicon.values() for hit in found for word in hit.words()}, key=_place)
    words = tuple((origin(hit.start) - start, origin(hit.end) - start, hit.lexicon) for hit in hits)
    verdicts = []
    for rule in ruleset.candidates(passage):
        judged = rule.judge(passage)
        verdicts.append(RuleVerdict(rule.id, rule.kind, judged.fired, judged.failed, judged.lacking))
    return Explained(passage.sentence, passage.field_name, start, words, tuple(verdicts))


def _place(hit: Hit) -> tuple[int, int, str]:
    return hit.start, hit.end, hit.lexicon
