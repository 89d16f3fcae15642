"""What an article's title tells beyond its sentence: where the text proper starts, and whether it is an opinion."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from services.classify.normalise import searchable
from services.classify.passage import Passage, Position

LABEL: Final = "opinion_label"
"""Lexicon of the words by which titles mark opinions."""
_WRAPPED_HEADLINE: Final = 3
"""Lines over which a headline may run."""
_SITE: Final = re.compile(r"\s+[-|｜_]\s+[^-|｜_]{2,40}$|[|｜_][^|｜_]{2,40}$")
"""The site's name at the end of a page title: "Gallium runs short | Metal Post"."""
_BRACKETS: Final = " \t[(<{【《〈「『（"
_BEHIND_LABEL: Final = re.compile(r"\s*[:：|｜丨\])>}】》〉」』）]|\s+-|-\s|--")


def after_headline(title: str, text: str) -> int:
    """Where a folded text starts, after a first line that only repeats the folded title; 0 if none does."""
    titles = {_words(title), _words(_SITE.sub("", title))} - {""}
    if not titles:
        return 0
    start = len(text) - len(text.lstrip())
    end = start
    for _ in range(_WRAPPED_HEADLINE):
        following = text.find("\n", end)
        if following < 0 or following - start > 2 * len(title) + 8:
            return 0
        if _words(text[start:following]) in titles:
            return following + 1
        end = following + 1
    return 0


def _words(text: str) -> str:
    return " ".join(searchable(text).split())


def opinion_label(title: str, first: Sequence[Passage]) -> str:
    """The word by which a title calls its article an opinion ("Editorial: …", 【社论】…), or an empty text.

    Args:
        title: the folded title.
        first: the first passage of the article, which is its title, or nothing.
    """
    start = len(title) - len(title.lstrip(_BRACKETS))
    labels = [hit for passage in first if passage.position is Position.TITLE for hit in passage.originally(LABEL)]
    return next((hit.text for hit in labels if hit.start == start and _BEHIND_LABEL.match(title, hit.end)), "")
