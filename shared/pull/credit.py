"""How much may be asked of the server: a window of messages and bytes that is never exceeded. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SHARE: Final = 4
"""A request is made when it can be for a quarter of the window: smaller ones cost a round trip for little."""


@dataclass
class Credit:
    """The books of one consumer. One request is open at a time, so that whatever arrives belongs to it."""

    window: int
    """Messages that may be in hand or under way to us."""
    max_bytes: int
    """Bytes of bodies that may be in hand or under way; at least two of the largest messages."""
    in_hand: int = 0
    bytes_in_hand: int = 0
    open: int = 0
    """Messages that the open request may still bring."""

    def due(self) -> int:
        """How many messages to ask for now; 0 for none."""
        room = self.window - self.in_hand
        if self.open or room * SHARE < self.window or self.bytes_room * 2 < self.max_bytes:
            return 0
        return room

    @property
    def bytes_room(self) -> int:
        """Bytes that a request may bring."""
        return self.max_bytes - self.bytes_in_hand

    def asked(self, count: int) -> None:
        """A request for `count` messages is with the server."""
        self.open = count

    def ended(self) -> None:
        """The open request brings nothing more."""
        self.open = 0

    def received(self, size: int) -> None:
        """A message of `size` bytes has come."""
        self.open = max(0, self.open - 1)
        self.in_hand += 1
        self.bytes_in_hand += size

    def answered(self, size: int) -> None:
        """A message of `size` bytes is done with."""
        self.in_hand -= 1
        self.bytes_in_hand -= size
