"""Does a text nearly repeat another one? A copy of an agency's report is a source, but not one of its own.

The text is cut into overlapping runs of words (of characters, in Chinese and Japanese), and these into a MinHash
signature: the share of equal places of two signatures estimates the share of runs that the texts have in common.
Two texts that have at least half of their runs in common meet in one of the signature's bands with near
certainty, so that a database finds them by equal keys. Pure.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import eq, xor
from typing import Final

from rensa import RMinHash

PLACES: Final = 128
"""Numbers of a signature; the estimate then errs by about 0.04."""
BANDS: Final = 16
"""Keys of a text, each made of 4 places (two texts with 60 % in common share one with 89 %, with 75 % 99.7 %)."""
ALIKE: Final = 0.5
"""Share of common runs from which on one text is a copy: reports of one event in words of their own share under
a tenth, copies with another headline, a local paragraph or a cut end 0.55 and more."""
SAME_NUMBERS: Final = 0.6
"""Share of the fewer numbers that both must have: notices made from one form differ in their numbers."""
FEW: Final = 4
"""Numbers below which they prove nothing."""
SHORTEST: Final = 40
"""Runs below which likeness may be chance: a headline, a caption, two lines of an agency."""
LONGEST: Final = 20_000
"""Characters that are compared; a copy shows long before."""
MOST_NUMBERS: Final = 64
_SEED: Final = 2026
_WORD: Final = re.compile(r"[^\W_]+")
_CHARACTER: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+")
_WRITTEN_TOGETHER: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_SPACED: Final = bytes(code if chr(code).isalnum() else 0x20 for code in range(128)) + b" " * 128
_WORDS_A_RUN, _CHARACTERS_A_RUN = 3, 5


@dataclass(frozen=True)
class Sketch:
    """What is kept of a text to compare it: its signature (two bytes a place), and the numbers in it."""

    signature: bytes
    numbers: frozenset[str]

    @cached_property
    def keys(self) -> tuple[int, ...]:
        """One signed 64-bit key a band; texts that are alike have one in common."""
        bands = struct.unpack(f"<{BANDS}Q", self.signature[: 8 * BANDS])
        return struct.unpack(f"<{BANDS}q", struct.pack(f"<{BANDS}Q", *map(xor, bands, _BAND_MARKS)))

    @cached_property
    def places(self) -> tuple[int, ...]:
        """The signature as numbers."""
        return struct.unpack(f"<{PLACES}H", self.signature)


_BAND_MARKS: Final = tuple((number * 0x9E3779B97F4A7C15) % 2**64 for number in range(1, BANDS + 1))
"""Makes equal places in different bands different keys."""


def sketch(said: str) -> Sketch | None:
    """The sketch of an article's essence, its title left aside; None when there is too little text to compare."""
    body = said.partition("\n")[2][:LONGEST]
    words = _tokens(body)
    runs = set(map(b" ".join, _runs(words, together=_is_together(body))))
    if len(runs) < SHORTEST:
        return None
    hashed = RMinHash(PLACES, _SEED)
    hashed.update(list(runs))
    places = struct.pack(f"<{PLACES}H", *(place & 0xFFFF for place in hashed.digest()))
    numbers = sorted(word.decode() for word in set(words) if word[:1].isdigit())[:MOST_NUMBERS]
    return Sketch(places, frozenset(numbers))


def likeness(one: Sketch, other: Sketch) -> float:
    """The estimated share of common runs, 0..1; 0 when the numbers in the texts disagree. Symmetric."""
    if not _numbers_agree(one.numbers, other.numbers):
        return 0.0
    equal: int = sum(map(eq, one.places, other.places))
    return equal / PLACES


def is_copy(one: Sketch, other: Sketch) -> bool:
    """Whether one of two texts nearly repeats the other."""
    return likeness(one, other) >= ALIKE


def _tokens(body: str) -> list[bytes]:
    if body.isascii():  # the same words as the pattern finds, in a fifth of the time
        return body.encode().translate(_SPACED).split()
    pattern = _CHARACTER if _WRITTEN_TOGETHER.search(body) else _WORD
    return [word.encode() for word in pattern.findall(body)]


def _is_together(body: str) -> bool:
    """Whether most of it is written without spaces."""
    return not body.isascii() and 3 * len(_WRITTEN_TOGETHER.findall(body)) > len(body)


def _runs(words: list[bytes], *, together: bool) -> zip[tuple[bytes, ...]]:
    length = _CHARACTERS_A_RUN if together else _WORDS_A_RUN
    return zip(*(words[start:] for start in range(length)), strict=False)


def _numbers_agree(one: frozenset[str], other: frozenset[str]) -> bool:
    fewer = min(len(one), len(other))
    return fewer < FEW or len(one & other) >= SAME_NUMBERS * fewer


@dataclass(frozen=True)
class Seen:
    """A text seen before. `origin` is the article it copies, or its own id."""

    id: str
    origin: str
    first_seen_at: datetime
    sketch: Sketch


class Gallery:
    """Texts by their band keys. Each new one is compared with those it meets, and hung beside them."""

    def __init__(self, seen: Iterable[Seen] = ()) -> None:
        self._by_key: dict[int, list[Seen]] = {}
        for one in seen:
            self._add(one)

    def hang(self, article_id: str, seen_at: datetime, made: Sketch) -> str | None:
        """The article that this text copies, if it does: the origin of what it is most like, of equals the first."""
        met = {one.id: one for key in made.keys for one in self._by_key.get(key, ()) if one.id != article_id}
        rated = [(likeness(made, one.sketch), one) for one in met.values()]
        near = [(rate, one) for rate, one in rated if rate >= ALIKE]
        best = min(near, key=lambda pair: (-pair[0], pair[1].first_seen_at, pair[1].id), default=None)
        origin = best[1].origin if best else None
        self._add(Seen(article_id, origin or article_id, seen_at, made))
        return origin

    def _add(self, one: Seen) -> None:
        for key in one.sketch.keys:
            self._by_key.setdefault(key, []).append(one)
