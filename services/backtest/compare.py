"""Compares what was sent about an article with what the rules say of it now. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from shared.events import Instrument, SignalDetected


class What(StrEnum):
    """How the rules of now differ from those that sent."""

    NEW = "new"
    GONE = "gone"
    CHANGED = "changed"
    SAME = "same"


SCALARS: Final = (
    "measure", "stage", "direction", "certainty", "severity", "initiative", "instrument", "effective_at", "until",
)  # fmt: skip
LISTS: Final = ("actors", "targets", "parties", "commodities")
"""Compared without regard to order. HS codes follow from commodities, and the score is nothing people are told."""


@dataclass(frozen=True)
class Field:
    """One field that differs, as people read it; an empty text stands for nothing."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Difference:
    """One kind of signal of one article: sent, found now, or both. One of `before` and `after` is there."""

    before: SignalDetected | None
    after: SignalDetected | None
    fields: tuple[Field, ...] = ()

    @property
    def what(self) -> What:
        """How the two differ."""
        if self.before is None:
            return What.NEW
        if self.after is None:
            return What.GONE
        return What.CHANGED if self.fields else What.SAME

    @property
    def shown(self) -> SignalDetected:
        """The signal that tells more about it: that of now, else the one that was sent."""
        signal = self.after or self.before
        assert signal is not None
        return signal


def compare(sent: Iterable[SignalDetected], found: Iterable[SignalDetected]) -> Iterator[Difference]:
    """The differences of one article, kind by kind, those that are the same included.

    Args:
        sent: the stored signals of the article, oldest first; of one kind the last one counts.
        found: what the rules say of it now, one a kind.
    """
    before, after = ({signal.kind: signal for signal in signals} for signals in (sent, found))
    for kind in sorted(before.keys() | after.keys()):
        old, new = before.get(kind), after.get(kind)
        yield Difference(old, new, changed_fields(old, new) if old and new else ())


def changed_fields(before: SignalDetected, after: SignalDetected) -> tuple[Field, ...]:
    """The fields in which two signals of one article and kind differ, in the order people ask for them."""
    fields = [Field(name, _text(getattr(before, name)), _text(getattr(after, name))) for name in (*SCALARS, *LISTS)]
    return tuple(field for field in fields if field.before != field.after)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ", ".join(sorted(value))
    if isinstance(value, Instrument):
        return " ".join(str(part) for part in (value.authority, value.number, value.date) if part)
    return str(value)
