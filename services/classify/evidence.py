"""The words behind each field of a finding, at their places in the article as published."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from services.classify.dates import DateRole, Mention
from services.classify.decision import Verdict
from services.classify.instrument import cite
from services.classify.lexicon import Lexicons
from services.classify.passage import Passage
from services.classify.roles import MINISTRY, STATE, TARGET, codes_of
from services.classify.scan import Hit
from shared.events import Evidence, Term

_NAMED: Final = ("commodity", "initiative", "measure_cue")
"""Lexicons whose words stand for a field of their own, whether or not the rule asked for them."""
_DATED: Final = {DateRole.EFFECTIVE: "effective", DateRole.UNTIL: "until"}


class Names(NamedTuple):
    """Codes of the states that a finding names."""

    doers: tuple[str, ...]
    """Who acts or takes part."""
    targets: tuple[str, ...]


class _Span(NamedTuple):
    start: int
    end: int
    role: str


def evidence_of(
    verdict: Verdict, cue: Hit | None, dates: tuple[Mention, ...], names: Names, lexicons: Lexicons
) -> Evidence:
    """The sentence of a verdict with its words, at their offsets in the article as published.

    Args:
        verdict: what fired, with the words of its act.
        cue: the word that told the stage.
        dates: the dates of the sentence.
        names: states whose words are to be shown as well.
        lexicons: tell the role of each word.
    """
    passage = verdict.passage
    hits = {hit for found in (*verdict.act, *verdict.support) for hit in found.words()}
    if cue is not None:
        hits.add(cue)
    spans = [_Span(h.start, h.end, _role(h, names, lexicons)) for h in hits]
    for extra in (*_states(passage, names, lexicons), *_named(passage, lexicons), *_dated(passage, dates)):
        start = max((s.end for s in spans if s.start < extra.end and extra.start < s.end), default=extra.start)
        if start < extra.end:
            spans.append(extra._replace(start=start))
    folded = passage.folded
    return Evidence(
        sentence=passage.sentence,
        field=passage.field_name,
        start=folded.origin(passage.start),
        end=folded.origin(passage.end),
        rule=verdict.rule.id,
        terms=tuple(
            Term(
                text=folded.quote(span.start, span.end),
                start=folded.origin(span.start),
                end=folded.origin(span.end),
                role=span.role,
            )
            for span in sorted(spans)
        ),
    )


def _role(hit: Hit, names: Names, lexicons: Lexicons) -> str:
    aimed = hit.lexicon == STATE and set(codes_of(hit)) & set(names.targets)
    return lexicons.role(TARGET if aimed and TARGET in lexicons else hit.lexicon)


def _states(passage: Passage, names: Names, lexicons: Lexicons) -> Iterator[_Span]:
    wanted = {*names.doers, *names.targets}
    for hit in passage.originally(STATE, MINISTRY, TARGET):
        if wanted.intersection(codes_of(hit)):
            yield _Span(hit.start, hit.end, _role(hit, names, lexicons))


def _named(passage: Passage, lexicons: Lexicons) -> Iterator[_Span]:
    for hit in passage.originally(*_NAMED):
        yield _Span(hit.start, hit.end, lexicons.role(hit.lexicon))
    for citation in cite(passage.text)[:1]:
        yield _Span(passage.start + citation.start, passage.start + citation.end, "instrument")


def _dated(passage: Passage, dates: tuple[Mention, ...]) -> Iterator[_Span]:
    for mention in dates:
        if mention.role in _DATED:
            yield _Span(passage.start + mention.start, passage.start + mention.end, _DATED[mention.role])
