"""How many messages one subscriber may have in flight, so that nobody waits for somebody else's receiver. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

MAX_EACH: Final = 4
"""In flight to one subscriber that answers well; one to a channel that wants a pause between messages."""
MAX_FAILING: Final = 1
"""In flight to one whose last attempt failed."""


class Slots:
    """The slots of each subscriber. Times are seconds of any clock that only goes forward."""

    def __init__(self) -> None:
        self._busy: Counter[str] = Counter()
        self._failing: set[str] = set()
        self._paused: dict[str, float] = {}

    def room(self, intervals: Mapping[str, float], now: float) -> Mapping[str, int]:
        """How many more messages each subscriber may get now; those who may get none are left out.

        `intervals` are the pauses in seconds that their channels want between two messages.
        """
        free = {name: self._most(name, interval) - self._busy[name] for name, interval in intervals.items()}
        return {name: count for name, count in free.items() if count > 0 and self._paused.get(name, now) <= now}

    def enter(self, name: str) -> None:
        """A message is on its way."""
        self._busy[name] += 1

    def leave(self, name: str, *, good: bool, interval: float, now: float) -> bool:
        """The message has arrived, or has not. True when somebody may have waited for its slot."""
        waited = self._busy[name] >= self._most(name, interval) or interval > 0
        self._busy[name] -= 1
        if interval:
            self._paused[name] = now + interval
        if good:
            self._failing.discard(name)
        else:
            self._failing.add(name)
        return waited

    def _most(self, name: str, interval: float) -> int:
        return MAX_FAILING if name in self._failing or interval else MAX_EACH
