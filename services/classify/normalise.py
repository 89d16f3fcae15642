"""Folds text to the one spelling that rules are written in, keeping the way back to the original.

Folding maps each character by itself: full width to normal, curly to straight quotes, dashes to hyphens,
accents away, look-alikes of Latin letters to Latin, traditional to simplified Chinese, capitals to small.
Nearly all of it is one character to one; the few others (soft hyphens, ligatures) are why offsets are kept.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from services.classify.codetable import CodeTable, Offsets
from services.classify.entities import decode
from services.classify.traditional import SIMPLIFIED

_LOOKALIKES: Final = dict(
    zip(
        "аеорсухіјѕԁһԛԝѵАВЕКМНОРСТУХІЈЅοαενρτικΑΒΕΖΗΙΚΜΝΟΡΤΥΧı",
        "aeopcyxijsdhqwvabekmhopctyxijsoaevptikabezhikmnoptyxi",
        strict=True,
    )
)
_PUNCTUATION: Final = dict(zip("‘’‚‛“”„‟«»′″‐‑‒–—―−﹣－、", '\'\'\'\'""""""\'"-------' + "--、", strict=True))
_WIDE: Final = frozenset("！？；：，（）")
"""Chinese punctuation that stays as it is, so that sentences can be told apart."""
_INVISIBLE: Final = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f")
_REPLACEMENT: Final = "\ufffd"
"""For half of a character, which no library takes."""
_MISREAD: Final = (
    # A capital I read for a small l, a zero for an o; each pattern starts with its letter, which is quick to find.
    (re.compile(r"I(?<=[a-z]{2}I)(?=[a-z]|\b)"), "l"),
    (re.compile(r"0(?<=[a-z]0)(?=[a-z])"), "o"),
)


def _fold_character(character: str) -> str:
    """The folded form of one character: itself, another one, several, or nothing."""
    if character in _INVISIBLE or unicodedata.combining(character):
        return ""
    if "\ud800" <= character <= "\udfff":
        return _REPLACEMENT
    if character in _WIDE or character in _PUNCTUATION:
        return _PUNCTUATION.get(character, character)
    folded = "".join(_LOOKALIKES.get(c, SIMPLIFIED.get(c, c)) for c in unicodedata.normalize("NFKC", character))
    plain = "".join(_LOOKALIKES.get(c, SIMPLIFIED.get(c, c)) for c in folded.lower())
    return "".join(_without_accent(c) for c in plain)


def _without_accent(character: str) -> str:
    if not "\u00c0" <= character <= "\u024f":
        return "" if unicodedata.combining(character) else character
    base = unicodedata.normalize("NFKD", character)
    return "".join(c for c in base if not unicodedata.combining(c))


def _settled(text: str) -> str:
    """Fold until nothing changes; three rounds are more than any character needs."""
    for _ in range(3):
        folded = "".join(map(_fold_character, text))
        if folded == text:
            break
        text = folded
    return text


def _blank(character: str) -> str:
    return " " if (character.isascii() and not character.isalnum()) or character in "·•…" else character


_FOLDING: Final = CodeTable(_settled)
_SPACES: Final = CodeTable(_blank)
_ASCII_SPACES: Final = {code: _blank(chr(code)) for code in range(128)}


@dataclass(frozen=True, slots=True)
class Folded:
    """A text and its folded form. `origins` is None where both have the same offsets."""

    original: str
    text: str
    origins: Offsets | None = None

    def origin(self, index: int) -> int:
        """The offset in the original of offset `index` in the folded text."""
        return index if self.origins is None else int(self.origins[index])

    @property
    def length_read(self) -> int:
        """How many characters of the original it covers."""
        return self.origin(len(self.text))

    def cut(self, length: int) -> Folded:
        """The same text, folded to at most `length` characters."""
        if len(self.text) <= length:
            return self
        return Folded(self.original, self.text[:length], None if self.origins is None else self.origins[: length + 1])

    def quote(self, start: int, end: int) -> str:
        """The original words behind a span of the folded text."""
        return self.original[self.origin(start) : self.origin(end)]


def fold(original: str) -> Folded:
    """Fold a text. Folding what is already folded changes nothing."""
    readable, places = decode(original)
    for pattern, letter in _MISREAD:
        readable = pattern.sub(letter, readable)
    if readable.isascii():
        return Folded(original, readable.lower(), places)
    text, origins = _FOLDING.apply(readable)
    if places is not None:
        origins = places if origins is None else places[origins]
    return Folded(original, text, origins)


def searchable(folded: str) -> str:
    """The folded text with every punctuation mark as a space, between two spaces: what is searched."""
    if folded.isascii():
        return f" {folded.translate(_ASCII_SPACES)} "
    return f" {_SPACES.apply(folded)[0]} "
