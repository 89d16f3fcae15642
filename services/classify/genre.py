"""What an article is as a whole: a review, a game, an old report put online again; none of them tells a new act."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from services.classify.dates import is_old, mentions
from services.classify.passage import Passage, Position

GENRE: Final = "genre"
_OPENING: Final = 200
"""Characters at the start of a text in which it tells when it first appeared."""
_FIRST_SHOWN: Final = re.compile(
    r"\b(?:first (?:published|posted|appeared)|(?:originally )?(?:posted|published)(?: on)?:|appeared in our issue of|"
    r"republished from)[^.\n]{0,40}|(?:首发于|原载于|首次发布于|最初发表于)[^，。\n]{0,20}"
)
_BY_OFFICIAL: Final = re.compile(r"\s*by (?:the )?(?:[^.\n]{0,40} )?(?:minister|president|prime minister|secretary)\b")


def genre_of(first: Sequence[Passage]) -> tuple[str, str] | None:
    """The context class and the word of a title that announces no news ("Book review: …"), or None.

    Args:
        first: the first passage of the article, which is its title, or nothing.
    """
    titles = [passage for passage in first if passage.position is Position.TITLE]
    return next(((hit.entry.id, hit.text) for passage in titles for hit in passage.of(GENRE)), None)


def reprinted(text: str, published: date | None) -> tuple[str, str] | None:
    """Class and reason of a folded text that says itself that it appeared long before it was published here."""
    match = _FIRST_SHOWN.search(text, 0, _OPENING)
    if match and is_old(mentions(match.group(), published), published):
        return "retrospective", match.group().strip()
    return None


def by_official(text: str) -> bool:
    """Whether a folded text opens with the name of a minister or president as its author, who can act."""
    return _BY_OFFICIAL.match(text) is not None
