"""What a condition plugin is: it reads its YAML value once and then judges passages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from services.classify.passage import Passage
from services.classify.scan import Hit

MARK: Final = "$"
"""Rules refer to a lexicon as `$name`."""


class Outcome(NamedTuple):
    """How one condition judged one passage."""

    ok: bool
    act: tuple[Hit, ...] = ()
    """Words that are the act itself; only `chain` finds them."""
    support: tuple[Hit, ...] = ()
    lacking: str = ""
    """For a near miss: what would have been needed."""


@dataclass(frozen=True, slots=True)
class Check:
    """A compiled condition.

    `needs` says cheaply when it cannot hold: of each group at least one lexicon must have a word in the
    passage, or among the goods that it refers back to. `judge` receives the passage and the words of the act
    found so far.
    """

    judge: Callable[[Passage, tuple[Hit, ...]], Outcome]
    needs: tuple[Step, ...] = ()
    lexicons: frozenset[str] = frozenset()
    ways: tuple[tuple[Step, ...], ...] = ()
    """Where it can hold in several ways: the needs of each, of which one way must have all."""
    why: Callable[[Passage], str] | None = None
    """What a passage lacks, where `judge` says so only in general because that is quicker."""
    name: str = ""
    """The condition and its value as written: what has the same name judges the same."""


@dataclass(frozen=True, slots=True)
class Example:
    """One sentence for which the condition with this value holds, and one for which it does not."""

    value: Any
    holds: str
    fails: str
    rest: dict[str, Any] = field(default_factory=dict)
    """Conditions that stand before it in the same rule, such as the chain it looks at."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A plugin: how to read its value, and an example that the shared suite runs."""

    compile: Callable[[Any], Check]
    """Raises ValueError, in words for the rule's author, when the value makes no sense."""
    example: Example


Step = frozenset[str]
"""Lexicons of which one must have a word."""


def step(value: Any) -> Step:
    """Read `$name` or a list of them.

    Raises:
        ValueError: it is neither.
    """
    names = value if isinstance(value, list) else [value]
    if not names or not all(isinstance(name, str) and name.startswith(MARK) and len(name) > 1 for name in names):
        raise ValueError(f"expected $lexicon or a list of them, found {value!r}")
    return frozenset(name.removeprefix(MARK) for name in names)


def steps(value: Any, *, at_least: int = 1) -> tuple[Step, ...]:
    """Read a list of steps.

    Raises:
        ValueError: it is no list, or too short.
    """
    if not isinstance(value, list) or len(value) < at_least:
        raise ValueError(f"expected a list of at least {at_least} $lexicon, found {value!r}")
    return tuple(step(item) for item in value)


def name_of(lexicons: Iterable[str]) -> str:
    """A step as an author writes it."""
    return " or ".join(f"{MARK}{name}" for name in sorted(lexicons))
