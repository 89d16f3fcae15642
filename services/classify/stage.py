"""How far a measure has come, and which way it moves: read from the cues around the act."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from services.classify.aside import is_aside
from services.classify.dates import DateRole, Mention
from services.classify.decision import Verdict
from services.classify.inflect import is_past
from services.classify.modality import negation_of
from services.classify.passage import Passage, Position
from services.classify.scan import Hit
from shared.events.vocabulary import Direction, Stage

_STAGES: Final = frozenset(stage.value for stage in Stage)
_OF_ALLIANCES: Final = frozenset({Stage.LEFT, Stage.JOINED, Stage.SIGNED, Stage.EXPANDED, Stage.OPERATIONAL})
_REACH: Final = 22
_TITLE_REACH: Final = 3
"""In a title a weak cue may follow the act: "pact extension likely"."""
_THROWN_OUT: Final = re.compile(r"\b(?:threw out|throws out|dismiss\w*|reject\w*|upholds?|upheld)\b[^,;]*$")
"""Before a complaint: it has failed, so the measure stands."""
_OTHER_SENSE: Final = re.compile(
    r".*\b(?:in|by|since|from|until|last|next|early|late|mid|\d)[ -]<may>|.*<may>,? \d|.*<[^>]+>[\"”」』]"
)
"""A month, or the last word of a name in quotes: "in May", “金库计划”."""
_FUTURE: Final = frozenset({"to", "will", "would", "shall", "must"})


class Standing(NamedTuple):
    """Stage and direction of an act, and the word that decided."""

    stage: Stage
    direction: Direction
    cue: Hit | None = None
    told: bool = True
    """False when nothing in the sentence tells the stage, so that another sentence may."""


# Cues in the order in which they win; the first that stands near the act decides.
_RESTRICTION_CUES: Final = (
    ("cue_dropped", Stage.DROPPED, Direction.EASE),
    ("cue_denied", Stage.DENIED, Direction.NEUTRAL),
    ("cue_clarified", Stage.CLARIFIED, Direction.NEUTRAL),
    ("cue_dispute", Stage.DISPUTED, Direction.CONTEST),
    ("cue_proposal", Stage.PROPOSAL, None),
    ("cue_consider", Stage.UNDER_CONSIDERATION, None),
    ("cue_hint", Stage.HINT, None),
    ("cue_rumour", Stage.RUMOUR, None),
)
_GROWTH_CUES: Final = (
    ("cue_expanded", Stage.EXPANDED, None),
    ("cue_joined", Stage.JOINED, None),
    ("cue_operational", Stage.OPERATIONAL, None),
)
_ALLIANCE_CUES: Final = (
    ("cue_failed", Stage.NEGOTIATING, Direction.RETREAT),
    *_GROWTH_CUES,
    ("cue_talks", Stage.NEGOTIATING, None),
    ("cue_plan", Stage.NEGOTIATING, None),
    ("cue_hint", Stage.FLOATED, None),
    ("cue_proposal", Stage.FLOATED, None),
    ("cue_consider", Stage.FLOATED, None),
    ("cue_signed", Stage.SIGNED, None),
)
_RETREAT_CUES: Final = (_ALLIANCE_CUES[0], ("cue_hint", Stage.FLOATED, None))
"""Who leaves a pact tells of signing, talks and studies only as the reason."""
_WEAK_CUES: Final = frozenset({"cue_hint", "cue_rumour", "cue_consider", "cue_proposal", "cue_plan", "cue_talks"})


def standing_of(verdict: Verdict, dates: tuple[Mention, ...]) -> Standing:
    """Stage and direction of what a verdict found."""
    meaning = verdict.rule.meaning
    if meaning.stage is not None:
        grown = _cue(verdict, _GROWTH_CUES, _own(verdict, ())) if meaning.direction is Direction.ADVANCE else None
        return grown or Standing(meaning.stage, meaning.direction)
    if meaning.direction in (Direction.ADVANCE, Direction.RETREAT):
        return _alliance(verdict)
    cue = _cue(verdict, _RESTRICTION_CUES, _own(verdict, dates))
    if cue is not None:
        return cue
    if meaning.direction is Direction.EASE:
        eased = _told(verdict.act, Stage.EASED)
        ahead = eased in (Stage.LIFTED, Stage.EASED) and _is_future(verdict)
        return Standing(Stage.ANNOUNCED if ahead else eased, Direction.EASE)
    stage = _progress(verdict, dates)
    return Standing(stage or Stage.ANNOUNCED, meaning.direction, told=stage is not None)


def _alliance(verdict: Verdict) -> Standing:
    leaving = verdict.rule.meaning.direction is Direction.RETREAT
    cue = _cue(verdict, _RETREAT_CUES if leaving else _ALLIANCE_CUES, _own(verdict, ()))
    if cue is not None:
        return cue
    stage, direction = _told(verdict.act, Stage.ANNOUNCED), verdict.rule.meaning.direction
    return Standing(Stage.LEFT if stage is Stage.LIFTED else stage, direction)


_Where = Callable[[Hit], bool]
"""Whether a cue stands where it may decide."""


def _own(verdict: Verdict, dates: tuple[Mention, ...]) -> _Where:
    """Cues of the act's own clause. Once a start is announced, a draft named behind the act is its history."""
    passage, first = verdict.passage, verdict.act[0]
    starts = any(mention.role is DateRole.EFFECTIVE for mention in dates)
    settled = starts and any(hit.end <= first.start for hit in passage.of("cue_announced", "cue_in_force"))

    def stands(cue: Hit) -> bool:
        history = settled and cue.lexicon == "cue_proposal" and cue.start > first.start
        settled_quarrel = cue.lexicon == "cue_dispute" and _THROWN_OUT.search(
            passage.folded.text[passage.start : cue.start]
        )
        named = any(name.start <= cue.start < name.end for name in passage.of("initiative"))
        other = cue.lexicon in _WEAK_CUES and _OTHER_SENSE.match(_around(passage, cue))
        return not (history or settled_quarrel or named or other) and not is_aside(passage, cue, first)

    return stands


def _around(passage: Passage, cue: Hit) -> str:
    """A cue in angle brackets with a few characters on either side."""
    text = passage.folded.text
    return f"{text[max(passage.start, cue.start - 8) : cue.start]}<{cue.text}>{text[cue.end : cue.end + 4]}"


def _cue(verdict: Verdict, table: tuple[tuple[str, Stage, Direction | None], ...], stands: _Where) -> Standing | None:
    passage, own = verdict.passage, verdict.rule.meaning.direction
    negation = negation_of(passage, verdict.act)
    for lexicon, stage, direction in table:
        near = [hit for hit in passage.of(lexicon) if stands(hit) and _reaches(passage, verdict, hit, lexicon)]
        if near:
            return Standing(stage, direction or own, near[0])
        if lexicon == "cue_denied" and negation is not None:
            return Standing(stage, Direction.NEUTRAL, negation)
    return None


def _reaches(passage: Passage, verdict: Verdict, hit: Hit, lexicon: str) -> bool:
    """Weak cues must precede the act closely, or close the sentence ("… - sources"); strong ones may stand near it."""
    first = verdict.act[0]
    if hit in verdict.act:
        return True
    if hit.end <= first.start:
        reach = _REACH if lexicon not in _WEAK_CUES or lexicon == "cue_proposal" else _REACH - 6
        return passage.tokens_between(hit, first) <= reach
    if lexicon in ("cue_rumour", "cue_proposal"):
        return True
    if passage.position is Position.TITLE and passage.tokens_between(verdict.act[-1], hit) <= _TITLE_REACH:
        return lexicon != "cue_hint"
    return lexicon not in _WEAK_CUES and hit.start - verdict.end < 160


def _told(act: tuple[Hit, ...], default: Stage, stages: frozenset[str] = _STAGES) -> Stage:
    """The stage that a word of the act stands for: `lift` means lifted."""
    for hit in act:
        for word in hit.words():
            if word.entry.code in stages:
                return Stage(word.entry.code)
    return default


def _progress(verdict: Verdict, dates: tuple[Mention, ...]) -> Stage | None:
    """Announced, in force or extended, by cue words, dates and tense; None when nothing tells."""
    passage = verdict.passage
    told = _told(verdict.act, Stage.ANNOUNCED, _STAGES - _OF_ALLIANCES)
    if told is not Stage.ANNOUNCED:
        return told
    if passage.has("cue_future") or _is_future(verdict):
        return Stage.ANNOUNCED
    if passage.has("cue_announced"):
        return Stage.ANNOUNCED
    if passage.has("cue_in_force"):
        return Stage.IN_FORCE
    if any(mention.role is DateRole.EFFECTIVE for mention in dates):
        return Stage.ANNOUNCED
    words = [word for hit in verdict.act for word in hit.words()]
    return Stage.IN_FORCE if any(is_past(word.text) for word in words) else None


def _is_future(verdict: Verdict) -> bool:
    passage, first = verdict.passage, verdict.act[0]
    left = passage.folded.text[max(passage.start, first.start - 18) : first.start].split()
    return bool(_FUTURE.intersection(left[-3:]))
