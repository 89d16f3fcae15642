"""How well a finding is backed: by an official text or speech, a report with or without names, or inference."""

from __future__ import annotations

from services.classify.decision import Verdict
from services.classify.instrument import cite
from services.classify.roles import AgentKind, agent_of, is_consultation
from shared.events.vocabulary import Certainty


def certainty_of(verdict: Verdict, tier: int) -> Certainty:
    """The certainty of one verdict, for an article from a source of this tier."""
    passage = verdict.passage
    if passage.has("cue_rumour"):
        return Certainty.UNNAMED_REPORT
    if passage.has("outsider", "inference") and not is_consultation(passage, verdict.act):
        return Certainty.INFERENCE
    if tier == 1 or cite(passage.text) or passage.has("legal_text"):
        return Certainty.OFFICIAL_TEXT
    official = agent_of(passage, verdict.act).kind is AgentKind.GOVERNMENT or passage.has("official", "ministry")
    if official and passage.has("speech") and passage.has("official", "ministry"):
        return Certainty.OFFICIAL_SPEECH
    return Certainty.NAMED_REPORT
