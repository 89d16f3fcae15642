"""A table that maps the characters of a text, as `str.translate` does, at a tenth of its cost.

Ordinary news is full of curly quotes, and Chinese is nothing else than characters beyond ASCII; there
`str.translate` takes 50 to 100 ns a character.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Offsets = NDArray[np.int64]
_UNITS: Final = "<u4"
_CODEC: Final = "utf-32-le"
_UNKNOWN: Final = 255
_GROWTH: Final = 2
"""Texts that would grow beyond this many times their length are cut: some characters become eighteen."""


class CodeTable:
    """Learns what a character becomes when it first meets it: one other, none, or several."""

    def __init__(self, become: Callable[[str], str]) -> None:
        """`become` maps one character; its answer is kept."""
        self._become = become
        self._single = np.zeros(sys.maxunicode + 1, dtype=_UNITS)
        self._lengths = np.full(sys.maxunicode + 1, _UNKNOWN, dtype=np.uint8)
        self._places = np.zeros(sys.maxunicode + 1, dtype=np.int64)
        self._pool = np.zeros(0, dtype=_UNITS)

    def apply(self, text: str) -> tuple[str, Offsets | None]:
        """The mapped text; and, unless each character became exactly one, where each of its characters comes from.

        The second is the offset in `text` for each offset of the mapped text, its end included; it ends before
        the end of `text` where that was cut because it would have grown too long.
        """
        codes = np.frombuffer(text.encode(_CODEC, "surrogatepass"), dtype=_UNITS)
        lengths = self._lengths[codes]
        if lengths.max(initial=0) == _UNKNOWN:
            self._learn(np.unique(codes[lengths == _UNKNOWN]))
            lengths = self._lengths[codes]
        if (lengths == 1).all():
            return _decoded(self._single[codes]), None
        ends = np.cumsum(lengths, dtype=np.int64)
        read = int(np.searchsorted(ends, _GROWTH * len(lengths), side="right"))
        return self._ragged(codes[:read], lengths[:read], ends[:read])

    def _learn(self, codes: NDArray[np.uint32]) -> None:
        pieces = [self._become(chr(code))[: _UNKNOWN - 1] for code in codes.tolist()]
        pool = "".join(pieces).encode(_CODEC, "surrogatepass")
        lengths = np.array([len(piece) for piece in pieces], dtype=np.int64)
        places = np.cumsum(lengths) - lengths + len(self._pool)
        self._pool = np.concatenate([self._pool, np.frombuffer(pool, dtype=_UNITS)])
        self._lengths[codes], self._places[codes] = lengths, places
        known = codes[lengths > 0]
        self._single[known] = self._pool[self._places[known]]

    def _ragged(self, codes: NDArray[np.uint32], lengths: NDArray[np.uint8], ends: Offsets) -> tuple[str, Offsets]:
        """For each character its piece of the pool, one behind the other."""
        steps = np.repeat(self._places[codes] - (ends - lengths), lengths)
        origins = np.append(np.repeat(np.arange(len(codes)), lengths), len(codes))
        return _decoded(self._pool[steps + np.arange(len(steps))]), origins


def _decoded(codes: NDArray[np.uint32]) -> str:
    return codes.tobytes().decode(_CODEC, "surrogatepass")
