"""A table that maps the characters of a text, as `str.translate` does, at a tenth of its cost.

Ordinary news is full of curly quotes, and Chinese is nothing else than characters beyond ASCII; there
`str.translate` takes 50 to 100 ns a character.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

_UNITS: Final = "<u4"
_CODEC: Final = "utf-32-le"
_UNKNOWN: Final = 255
_GROWTH: Final = 2
"""Texts that would grow beyond this many times their length are cut: some characters become eighteen."""


class CodeTable(dict[int, str]):
    """Learns what a character becomes when it first meets it: one other, none, or several."""

    def __init__(self, become: Callable[[str], str]) -> None:
        """`become` maps one character; its answer is kept."""
        super().__init__()
        self._become = become
        self._codes = np.zeros(sys.maxunicode + 1, dtype=_UNITS)
        self._lengths = np.full(sys.maxunicode + 1, _UNKNOWN, dtype=np.uint8)

    def __missing__(self, code: int) -> str:
        became = self._become(chr(code))
        self[code] = became
        self._codes[code] = ord(became) if len(became) == 1 else 0
        self._lengths[code] = min(len(became), _UNKNOWN - 1)
        return became

    def apply(self, text: str) -> tuple[str, Sequence[int] | None]:
        """The mapped text; and, unless each character became exactly one, where each of its characters comes from.

        The second is the offset in `text` for each offset of the mapped text, its end included; it ends before
        the end of `text` where that was cut because it would have grown too long.
        """
        codes = np.frombuffer(text.encode(_CODEC, "surrogatepass"), dtype=_UNITS)
        lengths = self._lengths[codes]
        most = int(lengths.max(initial=0))
        if most == _UNKNOWN:
            for code in np.unique(codes[lengths == _UNKNOWN]):
                self.__missing__(int(code))
            lengths = self._lengths[codes]
            most = int(lengths.max())
        if most > 1:
            return self._grown(text[: _fitting(lengths)])
        if lengths.all():
            return _decoded(self._codes[codes]), None
        (kept,) = lengths.nonzero()
        return _decoded(self._codes[codes[kept]]), [*kept.tolist(), len(text)]

    def _grown(self, text: str) -> tuple[str, Sequence[int]]:
        pieces = [self[ord(character)] for character in text]
        lengths = [len(piece) for piece in pieces]
        return "".join(pieces), [*np.repeat(np.arange(len(text)), lengths).tolist(), len(text)]


def _fitting(lengths: NDArray[np.uint8]) -> int:
    """How many characters may be mapped before the text has grown too long."""
    return int(np.searchsorted(np.cumsum(lengths, dtype=np.uint32), _GROWTH * len(lengths), side="right"))


def _decoded(codes: NDArray[np.uint32]) -> str:
    return codes.tobytes().decode(_CODEC, "surrogatepass")
