"""Cuts an overlong evidence sentence around its matched words, keeping their offsets right. Pure."""

from __future__ import annotations

from typing import Final

from shared.events import Evidence

MAX_SENTENCE: Final = 800
"""Characters. Longer "sentences" come from tables and texts without punctuation."""
MAX_TERMS: Final = 20
MAX_TERM_TEXT: Final = 80


def excerpt(evidence: Evidence) -> Evidence:
    """The same evidence with at most MAX_SENTENCE characters of the sentence, the first matched word in view."""
    text, offset = evidence.sentence, evidence.start
    inside = [term for term in evidence.terms if 0 <= term.start - offset < term.end - offset <= len(text)]
    first = min((term.start - offset for term in inside), default=0)
    start = max(0, min(first - MAX_SENTENCE // 4, len(text) - MAX_SENTENCE))
    end = min(len(text), start + MAX_SENTENCE)
    kept = [term for term in inside if start <= term.start - offset and term.end - offset <= end]
    short = [term.model_copy(update={"text": term.text[:MAX_TERM_TEXT]}) for term in kept[:MAX_TERMS]]
    update = {"sentence": text[start:end], "start": offset + start, "end": offset + end, "terms": tuple(short)}
    return evidence.model_copy(update=update)
