"""The exception tree. Every failure is typed, because the type decides what happens next.

OrewireError
├── ConfigError        configuration or input is wrong: report every problem, exit 2
├── Unreachable        something needed is not there: say what to start, exit 3
├── TransientError     try again later (message: negative ack with a delay)
└── PermanentError     never try again (message: dead letter with this reason)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class OrewireError(Exception):
    """Base of all errors raised on purpose by orewire."""


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake in configuration or input: where it is, what is wrong, what was expected."""

    file: str
    line: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.message}" + (f" ({self.hint})" if self.hint else "")


class ConfigError(OrewireError):
    """Configuration or input that cannot be used. Carries every problem found, not just the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))

    @classmethod
    def one(cls, file: str, message: str, *, line: int = 0, hint: str = "") -> ConfigError:
        """A configuration error with a single problem."""
        return cls([Problem(file, line, message, hint)])


class Unreachable(OrewireError):
    """A server that is needed does not answer. The message says which, and what to do next."""


class TransientError(OrewireError):
    """A failure that time may heal. `retry_after` is in seconds; None leaves it to the backoff."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PermanentError(OrewireError):
    """A failure that no retry can heal. `reason` is a closed word for metrics and dead letters."""

    def __init__(self, reason: str, message: str = "") -> None:
        super().__init__(message or reason)
        self.reason = reason
