"""What a backtest needs of the services. The entry point hands it in; nothing here imports a service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.events import ArticleCollected, Claim, SignalDetected

Judge = Callable[[ArticleCollected], tuple[SignalDetected, ...]]
"""What the rules say of an article now."""

Wants = Callable[[Claim], bool]
"""Whether a subscriber's filter lets a claim through."""

Load = Callable[[Path, Mapping[str, str]], tuple[str, Judge]]
"""From a config directory and the variables to the digest of its rules and their judge; raises ConfigError."""


@dataclass(frozen=True)
class Parts:
    """The rules and the subscribers of a config directory; both raise ConfigError."""

    rules: Load
    subscribers: Callable[[Path, Mapping[str, str]], Mapping[str, Wants]]
