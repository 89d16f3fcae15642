"""Runs the examples that rules carry: they are the rules' own tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from services.classify.reading import read
from services.classify.rule import Judgement, Rule
from services.classify.ruleset import RuleSet
from shared.events import Article

TITLE_MARK: Final = "title:"
BODY_MARK: Final = "body:"
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_FILLER: Final = "The meeting ended in the afternoon. It had been long. Coffee was served. People then went home. "


@dataclass(frozen=True, slots=True)
class Failure:
    """An example that does not do what its author says."""

    rule: str
    group: str
    index: int
    message: str
    hint: str = ""


def example_article(example: str) -> Article:
    """An article with the example as its only sentence; `title:` and `body:` say where it stands."""
    title, text = "", example
    if example.startswith(TITLE_MARK):
        title, text = example.removeprefix(TITLE_MARK).strip(), ""
    elif example.startswith(BODY_MARK):
        text = _FILLER + example.removeprefix(BODY_MARK).strip()
    return Article(id="example", title=title, text=text, source_id="example", fetched_at=_EPOCH)


def judge_example(rule: Rule, example: str, ruleset: RuleSet) -> Judgement:
    """How a rule judges one of its sentences: fired, or the condition that came nearest."""
    reading = read(example_article(example), ruleset)
    judgements = [rule.judge(passage) for passage in reading.passages] if reading else []
    fired = [judgement for judgement in judgements if judgement.fired]
    nowhere = Judgement(False, lacking="a word of an anchor lexicon, such as a commodity")
    return (fired or judgements or [nowhere])[-1]


def failures(ruleset: RuleSet) -> Iterator[Failure]:
    """Every example of every rule that fails, those of rules that are switched off included."""
    for rule in (*ruleset.rules, *ruleset.resting):
        for index, example in enumerate(rule.match):
            judgement = judge_example(rule, example, ruleset)
            if not judgement.fired:
                yield Failure(rule.id, "match", index, f"does not fire on “{example}”", f"lacking: {judgement.lacking}")
        for index, example in enumerate(rule.ignore):
            if judge_example(rule, example, ruleset).fired:
                yield Failure(
                    rule.id, "ignore", index, f"fires on “{example}”", "add a condition, or correct the example"
                )
