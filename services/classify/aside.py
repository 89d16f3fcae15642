"""Phrases beside the main clause: "after a short consultation", "following talks", 征求意见后."""

from __future__ import annotations

import re
from typing import Final

from services.classify.passage import Passage
from services.classify.scan import Hit

_OPENS: Final = re.compile(
    r"\b(?:after|following|since|despite|amid|because|while|whereas|although|though|in response to|even as|"
    r"in the wake of)\b|此前|继(?!续)|鉴于|由于|尽管|虽然|经(?=公开|征求|审议|讨论|研究)"
)
"""Words that open a phrase about something else than the act. `but`, `which` and `when` go on about the act itself."""
_CLOSES: Final = re.compile(r"[,;，；]")
_OVER: Final = re.compile(r"[^,;，。；]{0,6}?(?:之后|以后|结束|后[，,])")
"""Behind a Chinese word: what it names is over."""


def is_aside(passage: Passage, word: Hit, act: Hit) -> bool:
    """Whether a word stands in a subordinate phrase that the act does not stand in."""
    text = passage.folded.text
    # A main clause follows the phrase after a comma, or with its own verb: "After a consultation Jakarta announced".
    if _OVER.match(text, word.end, passage.end):
        return True
    opened = max((match.start() for match in _OPENS.finditer(text, passage.start, word.start)), default=-1)
    if opened < 0 or _CLOSES.search(text, opened, word.start):
        return False
    if act.start < opened:
        return True
    told = any(word.end <= hit.start <= act.start for hit in passage.of("cue_announced"))
    return act.start > word.end and (told or _CLOSES.search(text, word.end, act.start) is not None)
