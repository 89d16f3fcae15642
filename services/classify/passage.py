"""One sentence under analysis: its words by lexicon, composed words, and how far apart things stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Literal, TypeVar

from services.classify.normalise import Folded
from services.classify.scan import Hit

CLAUSE_BREAK: Final = "clause_break"
MAX_WORDS: Final = 20
"""Of one lexicon in one sentence; more is no prose, and costs no more."""
_HAN: Final = "\u2e80"
T = TypeVar("T")


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
    _merged: dict[tuple[str, ...], list[Hit]] = field(default_factory=dict, repr=False)
    _known: dict[Any, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Sort the words into their lexicons."""
        for hit in self.hits:
            words = self.by_lexicon.get(hit.lexicon)
            if words is None:
                self.by_lexicon[hit.lexicon] = [hit]
            else:
                words.append(hit)
        self.breaks = [hit.start for hit in self.by_lexicon.get(CLAUSE_BREAK, ())]

    @property
    def text(self) -> str:
        """The folded sentence."""
        return self.folded.text[self.start : self.end]

    @property
    def sentence(self) -> str:
        """The sentence as published."""
        return self.folded.quote(self.start, self.end)

    @property
    def within_reach(self) -> frozenset[str]:
        """Lexicons with a word here, or among the commodities that this sentence refers back to."""
        return frozenset(self.by_lexicon).union(hit.lexicon for hit in self.implied)

    def of(self, *lexicons: str) -> list[Hit]:
        """All words of these lexicons, in order."""
        if len(lexicons) == 1:
            return self.by_lexicon.get(lexicons[0], [])
        merged = self._merged.get(lexicons)
        if merged is None:
            found = [self.by_lexicon[name] for name in lexicons if name in self.by_lexicon]
            merged = found[0] if len(found) == 1 else sorted((hit for hits in found for hit in hits), key=_place)
            self._merged[lexicons] = merged
        return merged

    def has(self, *lexicons: str) -> bool:
        """Whether any of these lexicons has a word here."""
        for name in lexicons:  # noqa: SIM110 - a generator costs more than the answer
            if name in self.by_lexicon:
                return True
        return False

    def once(self, what: tuple[object, ...], find: Callable[[], T]) -> T:
        """What `find` returns, found once for this sentence; `what` names it."""
        if what not in self._known:
            self._known[what] = find()
        found: T = self._known[what]
        return found

    def originally(self, *lexicons: str) -> list[Hit]:
        """All words of these lexicons, also those that have become part of a composed word."""
        return [hit for hit in self.hits if hit.lexicon in lexicons] or self.of(*lexicons)

    def tokens_between(self, first: Hit, second: Hit) -> int:
        """How many words stand between two hits (two Chinese characters count as one word)."""
        return count_tokens(self.folded.text[first.end : second.start])

    def within(self, most: int, first: Hit, second: Hit) -> bool:
        """Whether at most so many words stand between two hits."""
        between = second.start - first.end
        return between <= most or self.tokens_between(first, second) <= most

    def same_clause(self, first: Hit, second: Hit) -> bool:
        """Whether no clause boundary stands between two hits."""
        low, high = min(first.end, second.end), max(first.start, second.start)
        return not self.breaks or all(not low <= at < high for at in self.breaks)

    def drop(self, hits: Iterable[Hit], *, only: Sequence[str] = ()) -> None:
        """Forget words, at their places, in all lexicons (or in those named)."""
        self._merged.clear()
        gone = {(hit.start, hit.end) for hit in hits}
        for name in only or tuple(self.by_lexicon):
            kept = [hit for hit in self.by_lexicon.get(name, ()) if (hit.start, hit.end) not in gone]
            if kept:
                self.by_lexicon[name] = kept
            else:
                self.by_lexicon.pop(name, None)

    def add(self, hit: Hit) -> None:
        """Add a word, keeping each lexicon in order."""
        self._merged.clear()
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
