"""Small working stand-ins for notify's ports."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta

from services.notify.message import Message
from services.notify.outcome import Answer
from shared.events.delivery import Outcome
from tests.notify.builders import NOW


class FrozenClock:
    """A clock that moves only when told."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class CountingMeter:
    """Counts what happens, in plain counters."""

    def __init__(self) -> None:
        self.decisions: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.arrived = 0

    def decided(self, kind: str, reason: str) -> None:
        self.decisions[reason] += 1

    def attempted(self, channel: str, outcome: str, seconds: float) -> None:
        self.outcomes[outcome] += 1

    def told(self, channel: str, seconds: float) -> None:
        self.arrived += 1


class ScriptedSender:
    """Gives the answers it was told, the last one for ever. Holds messages back while `gate` is closed."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers) or [Answer(Outcome.DELIVERED, 200)]
        self.sent: list[Message] = []
        self.gates: dict[str, asyncio.Event] = {}

    async def send(self, message: Message) -> Answer:
        self.sent.append(message)
        if gate := self.gates.get(message.url):
            await gate.wait()
        return self.answers[min(len(self.sent), len(self.answers)) - 1]
