"""Finds every lexicon word of a text in one pass, however many words and rules there are."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation

from services.classify.codetable import CodeTable
from services.classify.lexicon import Alias, Entry, Lexicon
from services.classify.normalise import Folded, fold, searchable

_HAN = "\u2e80"
"""From here on characters are written without spaces: no word border to check."""


_MIXED = re.compile(r"[\u2e80-\U0010ffff][a-z0-9]")
_NARROW = CodeTable(lambda character: " " if character >= _HAN else character)
_Match = tuple[int, int, int, int]
"""Length (negative), start and end in the folded text (one less than in the searchable one), and pattern."""
_COVER = b"\1" * 64
_START = itemgetter(0)
_STRETCH = 16_384
"""Characters that are scanned at a time where reading may stop early."""
_MOST = 80
"""Words of one sentence that are kept, longest first; more is no prose."""


class Hit(NamedTuple):
    """A word of a lexicon, found at an offset of the folded text."""

    start: int
    end: int
    lexicon: str
    entry: Entry
    text: str
    weak: bool = False
    parts: tuple[Hit, ...] = ()
    """For a composed word: the words it is made of."""

    def words(self) -> tuple[Hit, ...]:
        """The words as they stand in the text: the parts of a composed word, else the word itself."""
        return tuple(word for part in self.parts for word in part.words()) or (self,)


class _Sense(NamedTuple):
    """What one spelling means in one lexicon, and under which conditions."""

    lexicon: str
    entry: Entry
    alias: Alias
    capitals: bool
    free: bool
    """Counts wherever it stands, whatever its capitals and neighbours."""


class Scanner:
    """A compiled automaton over a set of lexicons."""

    def __init__(self, lexicons: Iterable[Lexicon], *, compact: bool = False) -> None:
        """`compact` takes a fortieth of the memory, and up to 1.3 times as long on text without any word."""
        self._senses: dict[str, list[_Sense]] = defaultdict(list)
        for lexicon in lexicons:
            for entry in lexicon.entries:
                for alias in entry.aliases:
                    self._add(lexicon.name, entry, alias)
        self._patterns = list(self._senses)
        self._longest = max(map(len, self._patterns), default=0) + 1
        self._meanings = [self._senses[pattern] for pattern in self._patterns]
        automaton = Implementation.ContiguousNFA if compact else Implementation.DFA
        self._automaton = AhoCorasick(self._patterns, implementation=automaton) if self._patterns else None

    def _add(self, lexicon: str, entry: Entry, alias: Alias) -> None:
        pattern = searchable(fold(alias.text).text).rstrip(" ")
        if pattern.strip() >= _HAN:
            pattern = pattern.lstrip(" ")
        capitals = alias.text.isascii() and alias.text.isupper() and len(alias.text) <= 6
        free = not (capitals or alias.before or alias.after)
        self._senses[pattern].append(_Sense(lexicon, entry, alias, capitals, free))

    def any_in(self, text: str) -> bool:
        """Whether a searchable text holds any word at all."""
        return next(self.starts(text), None) is not None

    def starts(self, text: str) -> Iterator[int]:
        """Where, in the folded text, the words of a searchable text start, in order. Only what is asked for is read."""
        for begin in range(0, len(text), _STRETCH):
            stretch = text[begin : begin + _STRETCH + self._longest]
            for start in sorted({start for _, start, _, _ in self._raw(stretch) if start < _STRETCH}):
                yield begin + start

    def _raw(self, text: str) -> list[_Match]:
        """The words of a searchable text, overlapping ones as well.

        A Latin word needs a space before it in the automaton. Behind a Chinese character it is found in a second
        pass, over the text with spaces for all that is written without them.
        """
        found = self._bordered(text)
        if _MIXED.search(text):
            narrow = _NARROW.apply(text)[0]
            found += [
                (length, start, end, index)
                for length, start, end, index in self._bordered(narrow)
                if text[start] >= _HAN and text[start + 1 : end + 1] == narrow[start + 1 : end + 1]
            ]
        return found

    def _bordered(self, text: str) -> list[_Match]:
        if self._automaton is None:
            return []
        found = []
        for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if text[start] != " ":
                found.append((start - end, start - 1, end - 1, index))
            elif text[end] == " " or text[end] >= _HAN:
                found.append((start - end + 1, start, end - 1, index))
        return found

    def find(self, text: str, folded: Folded, offset: int = 0) -> list[Hit]:
        """The words of a searchable text, longest first, none overlapping another.

        Args:
            text: the searchable form of the folded text from `offset` on.
            folded: the whole field, to see capitals and neighbours.
            offset: where `text` starts in the folded field.
        """
        hits: list[Hit] = []
        covered = bytearray(len(text))
        for length, start, end, index in sorted(self._raw(text)):
            if len(hits) >= _MOST:
                break
            if covered[start] or covered[end - 1]:
                continue
            low, high, before = start + offset, end + offset, len(hits)
            word = folded.text[low:high]
            hits += [
                Hit(low, high, sense.lexicon, sense.entry, word, sense.alias.weak)
                for sense in self._meanings[index]
                if sense.free or _fits(sense, folded, low, high)
            ]
            if len(hits) > before:
                covered[start:end] = _COVER[:-length] if -length <= len(_COVER) else b"\1" * -length
        hits.sort(key=_START)
        return hits


def _fits(sense: _Sense, folded: Folded, start: int, end: int) -> bool:
    """Whether capitals and neighbours allow this reading."""
    if sense.capitals and not folded.quote(start, end).isupper():
        return False
    before, after = sense.alias.before, sense.alias.after
    if not before and not after:
        return True
    previous = folded.text[start - 1] if start else "^"
    following = folded.text[end] if end < len(folded.text) else "$"
    return previous in before or following in after
