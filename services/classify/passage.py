"""One sentence under analysis: its words by lexicon, composed words, and how far apart things stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

from services.classify.lexicon import Composition, Lexicon
from services.classify.normalise import Folded
from services.classify.scan import Hit

CLAUSE_BREAK: Final = "clause_break"
MAX_WORDS: Final = 20
"""Of one lexicon in one sentence; more is no prose, and costs no more."""
_HAN: Final = "\u2e80"


class Position(StrEnum):
    """Where in the article a sentence stands."""

    TITLE = "title"
    LEAD = "lead"
    BODY = "body"


@dataclass(slots=True)
class Passage:
    """A sentence (or the title) with everything that was found in it."""

    field_name: Literal["title", "text"]
    folded: Folded
    start: int
    end: int
    index: int
    position: Position
    hits: list[Hit]
    by_lexicon: dict[str, list[Hit]] = field(default_factory=dict)
    breaks: list[int] = field(default_factory=list)
    known_government: bool = False
    """Whether a state or official body is named anywhere in the article."""
    known_states: tuple[str, ...] = ()
    """States named in the title and the lead, in order."""
    known_parties: tuple[str, ...] = ()
    """Those of them that may take part in something, without where firms are from and who leads."""
    title_lexicons: frozenset[str] = frozenset()
    """Lexicons with a word in the title."""
    implied: tuple[Hit, ...] = ()
    """Commodities of title and lead that this sentence refers back to."""

    def __post_init__(self) -> None:
        """Sort the words into their lexicons."""
        for hit in self.hits:
            self.by_lexicon.setdefault(hit.lexicon, []).append(hit)
        self.breaks = [hit.start for hit in self.by_lexicon.get(CLAUSE_BREAK, ())]

    @property
    def text(self) -> str:
        """The folded sentence."""
        return self.folded.text[self.start : self.end]

    @property
    def sentence(self) -> str:
        """The sentence as published."""
        return self.folded.quote(self.start, self.end)

    def of(self, *lexicons: str) -> list[Hit]:
        """All words of these lexicons, in order."""
        if len(lexicons) == 1:
            return self.by_lexicon.get(lexicons[0], [])
        return sorted((hit for name in lexicons for hit in self.by_lexicon.get(name, ())), key=_place)

    def has(self, *lexicons: str) -> bool:
        """Whether any of these lexicons has a word here."""
        return any(name in self.by_lexicon for name in lexicons)

    def originally(self, *lexicons: str) -> list[Hit]:
        """All words of these lexicons, also those that have become part of a composed word."""
        return [hit for hit in self.hits if hit.lexicon in lexicons] or self.of(*lexicons)

    def tokens_between(self, first: Hit, second: Hit) -> int:
        """How many words stand between two hits (two Chinese characters count as one word)."""
        return count_tokens(self.folded.text[first.end : second.start])

    def same_clause(self, first: Hit, second: Hit) -> bool:
        """Whether no clause boundary stands between two hits."""
        low, high = min(first.end, second.end), max(first.start, second.start)
        return not any(low <= at < high for at in self.breaks)

    def drop(self, hits: Iterable[Hit], *, only: Sequence[str] = ()) -> None:
        """Forget words, at their places, in all lexicons (or in those named)."""
        gone = {(hit.start, hit.end) for hit in hits}
        for name in only or tuple(self.by_lexicon):
            kept = [hit for hit in self.by_lexicon.get(name, ()) if (hit.start, hit.end) not in gone]
            if kept:
                self.by_lexicon[name] = kept
            else:
                self.by_lexicon.pop(name, None)

    def add(self, hit: Hit) -> None:
        """Add a word, keeping each lexicon in order."""
        words = self.by_lexicon.setdefault(hit.lexicon, [])
        words.append(hit)
        words.sort(key=lambda word: word.start)


def _place(hit: Hit) -> tuple[int, int, str, str]:
    """Where a word stands; words at one place in a fixed order, so that sets of lexicons give the same decision."""
    return hit.start, hit.end, hit.lexicon, hit.entry.id


def count_tokens(text: str) -> int:
    """Words in a stretch of text, with two Chinese or Japanese characters as one word."""
    if text.isascii():
        return len(text.split())
    wide = sum(character >= _HAN for character in text)
    narrow = "".join(character if character < _HAN else " " for character in text)
    return len(narrow.split()) + wide // 2


def compose(passage: Passage, lexicons: Sequence[Lexicon]) -> None:
    """Build the composed words of a passage, closest pairs first; a word is part of one composition only.

    Composed words take part in further compositions: suspension + (export + ban).
    """
    for _ in range(MAX_WORDS):
        pair = min(_pairs(passage, lexicons), key=lambda found: found[:3], default=None)
        if pair is None:
            return
        _join(passage, *pair[3:])


_Pair = tuple[int, int, int, Lexicon, Hit, Hit]
"""Gap, place (later first: "ends export tax" is end + export tax), order: what decides; then what is joined."""


def _pairs(passage: Passage, lexicons: Iterable[Lexicon]) -> Iterator[_Pair]:
    for order, (lexicon, composition) in enumerate((x, c) for x in lexicons for c in x.compose):
        if not (passage.has(*composition.first) and passage.has(*composition.second)):
            continue
        for first in passage.of(*composition.first)[:MAX_WORDS]:
            second = _next(passage, first, composition)
            if second is not None:
                yield passage.tokens_between(first, second), -first.start, order, lexicon, first, second


def _next(passage: Passage, first: Hit, composition: Composition) -> Hit | None:
    """The nearest word after `first` that completes the composition."""
    for second in passage.of(*composition.second)[: 2 * MAX_WORDS]:
        if second.start >= first.end:
            near = passage.tokens_between(first, second) <= composition.gap
            return second if near and passage.same_clause(first, second) else None
    return None


def _join(passage: Passage, lexicon: Lexicon, first: Hit, second: Hit) -> None:
    passage.drop((first, second))
    entry = second.entry if second.entry.code or not first.entry.code else first.entry
    text = passage.folded.text[first.start : second.end]
    passage.add(Hit(first.start, second.end, lexicon.name, entry, text, parts=(first, second)))
