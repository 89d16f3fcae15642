"""Tells a new act from what only looks like one: opinion, the past, a clause about something known."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from services.classify.aside import is_aside
from services.classify.dates import Mention, is_fresh, is_old
from services.classify.decision import Verdict
from services.classify.inflect import is_past
from services.classify.opinion import opinion_reason
from services.classify.passage import Passage, Position
from services.classify.roles import preceded
from services.classify.scan import Hit
from shared.events.vocabulary import Direction

_LOOKS_BACK: Final = re.compile(
    r"\b(?:after|since|following|when|which|whose|who|that had|despite|amid|because|had|came (?:after|amid|as)|"
    r"where|before)\b"
)
_CAUSE: Final = re.compile(
    r"\b(?:because of|despite|due to|owing to|thanks to|benefit(?:s|ed)? from|why)(?: [\w'.]+){0,3} $"
)
_CARRIED_OUT: Final = re.compile(
    r"\b(?:after (?:sign|strik|agree)|despite|notwithstanding|putting into effect|carr(?:y|ies|ying) out|"
    r"(?:under|as part of|in line with) (?:a|an|the|its|their)\b)|根据|按照|落实"
)
_COMPARED: Final = re.compile(r"(?:\b(?:from|than|over|against|on|near|as in|to|with|of)\s*|较|比|同比|相比|超过)$")
"""Before a time that is only a measure: "10% less than last year"."""
_PERFECT: Final = re.compile(r"\b(?:has|have)(?: \w+ly)?(?: \w+(?:ed|n))?\b")
_ALLIANCE: Final = frozenset({Direction.ADVANCE, Direction.RETREAT})
_AHEAD: Final = ("cue_hint", "cue_future", "cue_announced", "cue_consider")


_VERBAL: Final = 0.55
"""Rules of this weight look for a verb of acting, not only for the name of a measure."""


class Background(NamedTuple):
    """Why a sentence that fits a rule is no signal."""

    context_class: str
    reason: str


def labelled(label: str, genre: tuple[str, str] | None = None) -> Background | None:
    """The context class of all that stands under a title such as "Editorial: …" or "Book review: …"; None for news."""
    if genre is not None:
        return Background(genre[0], f"the article is no news: “{genre[1]}”")
    return Background("opinion", f"the title calls the article “{label}”") if label else None


def background_of(
    verdict: Verdict, dates: tuple[Mention, ...], reference: date | None, *, brief: bool
) -> Background | None:
    """The context class of a verdict that is not about a new act by those who can act; None if it is."""
    return _opinion(verdict) or _past(verdict, dates, reference) or _clause(verdict, dates, reference, brief=brief)


def quarrel_in_passing(verdict: Verdict) -> bool:
    """Whether complaints are only why something else is told: "set out the rules after miners complained"."""
    if verdict.rule.meaning.direction is not Direction.CONTEST:
        return False
    complaints = [word for word in verdict.act if word.lexicon == "contest"]
    others = [word for word in verdict.act if word.lexicon != "contest"]
    return bool(complaints and others) and is_aside(verdict.passage, complaints[0], others[0])


def behind_curb(verdict: Verdict, verdicts: Sequence[Verdict]) -> Background | None:
    """An older pact named beside a restriction: "China lifts the ban, putting into effect a deal struck in May"."""
    if verdict.rule.meaning.direction not in _ALLIANCE:
        return None
    text = verdict.passage.folded.text
    for other in verdicts:
        curb = other.rule.meaning.direction not in _ALLIANCE and other.start < verdict.start
        if curb and _CARRIED_OUT.search(text, other.start, verdict.end):
            return Background("background", "named as what the restriction goes back to")
    return None


def _opinion(verdict: Verdict) -> Background | None:
    reason = opinion_reason(verdict)
    return Background("opinion", reason) if reason else None


def _past(verdict: Verdict, dates: tuple[Mention, ...], reference: date | None) -> Background | None:
    passage = verdict.passage
    if passage.position is Position.TITLE:
        if passage.has("retrospective"):
            return Background("retrospective", "the title announces an explainer or a look back")
        return None
    if "retrospective" in passage.title_lexicons and not is_fresh(dates, reference):
        return Background("retrospective", "stands under a title that announces an explainer or a look back")
    if is_old(dates, reference) and not passage.has("cue_dropped"):
        return Background("retrospective", f"its latest date, {max(m.date for m in dates)}, is long past")
    told = _told_of(verdict)
    return Background("retrospective", f"tells of “{told.text}”") if told and not is_fresh(dates, reference) else None


def _told_of(verdict: Verdict) -> Hit | None:
    """The word that puts the act in the past: not one inside the act, nor one it is compared with."""
    passage = verdict.passage
    return next(
        (
            word
            for word in passage.of("past_time")
            if not verdict.start < word.start < verdict.end and not preceded(passage, word, _COMPARED)
        ),
        None,
    )


def _tenseless(passage: Passage) -> bool:
    """Chinese and Japanese: the past is told by words such as 曾 or 去年, not by tense."""
    return any(character >= "\u3040" for character in passage.text[:12])


def _clause(verdict: Verdict, dates: tuple[Mention, ...], reference: date | None, *, brief: bool) -> Background | None:
    """In the body of a longer text, what is told in passing, or in plain past tense without a day, is known already."""
    passage = verdict.passage
    if verdict.rule.weight < _VERBAL and _CAUSE.search(passage.folded.text[passage.start : verdict.start]):
        return Background("background", "named as the cause of something else")
    if verdict.rule.anywhere or passage.position is not Position.BODY or brief:
        return None
    if passage.has("fresh_time") or is_fresh(dates, reference):
        return None
    left = passage.folded.text[passage.start : verdict.start]
    if verdict.rule.meaning.direction in _ALLIANCE and _PERFECT.search(left):
        return None
    if _LOOKS_BACK.search(left):
        return Background("background", "told in a clause that looks back")
    return _stale(verdict)


def _stale(verdict: Verdict) -> Background | None:
    """Past tense without a day, or a mere mention; Chinese needs a verb of acting instead of a tense."""
    passage = verdict.passage
    if _tenseless(passage) and verdict.rule.weight >= _VERBAL:
        return None
    words = [word for hit in verdict.act for word in hit.words()]
    if any(is_past(word.text) for word in words):
        return Background("background", "past tense without a day, in the body")
    if verdict.rule.meaning.direction is not Direction.CONTEST and passage.has(*_AHEAD):
        return None
    return Background("background", "mentioned in the body without a new act")
