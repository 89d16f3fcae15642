"""Tells opinions from acts: what people without office think, wish or advise changes nothing yet."""

from __future__ import annotations

import re
from typing import Final

from services.classify.decision import Verdict
from services.classify.instrument import cite
from services.classify.passage import Passage, Position
from services.classify.roles import MINISTRY, STATE, AgentKind, agent_of, is_consultation
from services.classify.scan import Hit

OFFICIAL: Final = "official"
_ADVICE: Final = "opinion_cue"
_WISH: Final = "wish_cue"
_ADVISED: Final = 3
"""Tokens between "should" and what should be done."""
_WISHED: Final = 5
"""Tokens between "it is time for" and what is wished: the one who should do it stands between."""
_CALLS: Final = re.compile(r"call|urge|suggest|advise|recommend|呼吁|建议")
"""Cues whose subject is the one who speaks, not the one who ought to act: "the minister calls for a pact"."""
_OBLIGED: Final = frozenset({"export", "supply", "firm", "business", "permit_noun", "commodity"})
"""Who or what must do something because a rule says so: "exports must be licensed"."""
_SUBJECTS: Final = (STATE, MINISTRY, OFFICIAL, "outsider", *sorted(_OBLIGED))


def opinion_reason(verdict: Verdict) -> str:
    """Why a verdict tells an opinion and no act; an empty text if it tells an act."""
    passage = verdict.passage
    if is_consultation(passage, verdict.act):
        return ""
    if agent_of(passage, verdict.act).kind is AgentKind.OUTSIDER:
        return "the speaker or caller is no official"
    if _advised(verdict) or (passage.has(_ADVICE) and passage.has("outsider")):
        return "outsiders say what should or might happen"
    if passage.position is not Position.BODY:
        return ""
    if passage.has(_ADVICE) and not passage.has(OFFICIAL, MINISTRY):
        return "says what should or might happen, without an official"
    return "analysis by outsiders" if passage.has("outsider", "inference") else ""


def _advised(verdict: Verdict) -> bool:
    """Whether the act is what somebody without office thinks right: "the country should ban", "time for it to ban"."""
    passage, first = verdict.passage, verdict.act[0]
    for lexicon, reach in ((_ADVICE, _ADVISED), (_WISH, _WISHED)):
        for cue in passage.of(lexicon):
            near = cue.end <= first.start and passage.tokens_between(cue, first) <= reach
            if near and not _obliges(passage, cue) and not _voiced(passage, cue, first):
                return True
    return False


def _obliges(passage: Passage, cue: Hit) -> bool:
    """Whether the cue is the language of rules: "exporters must", 出口经营者应当."""
    subject = _subject(passage, cue)
    ruling = cue.lexicon == _WISH or any(word.start == cue.start for word in passage.originally("require"))
    return ruling and subject is not None and subject.lexicon in _OBLIGED


def _subject(passage: Passage, cue: Hit) -> Hit | None:
    """The nearest doer, or thing done, before a cue in its clause."""
    before = [hit for hit in passage.originally(*_SUBJECTS) if hit.end <= cue.start and passage.same_clause(hit, cue)]
    return before[-1] if before else None


def _voiced(passage: Passage, cue: Hit, first: Hit) -> bool:
    """Whether an official, or a legal text, says it; those who are only called upon to act say nothing."""
    subject = _subject(passage, cue)
    if subject is not None and _CALLS.match(cue.text) and subject.lexicon in (MINISTRY, OFFICIAL):
        return True
    if subject is not None and any(subject.end <= word.start < cue.start for word in passage.of("speech")):
        subject = None
    called = [hit for hit in passage.of(OFFICIAL, MINISTRY) if cue.end <= hit.start < first.start or hit == subject]
    return len(called) < len(passage.of(OFFICIAL, MINISTRY)) or passage.has("legal_text") or bool(cite(passage.text))
