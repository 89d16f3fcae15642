"""What the verbs share: options, the rule set, and articles with a progress bar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

import typer

from shared.clock import SystemClock
from shared.settings import environment
from shared.terminal import err

if TYPE_CHECKING:
    from services.classify.adapters.documents import Labelled
    from services.classify.ruleset import RuleSet

T = TypeVar("T")
MANY: Final = 50
"""From so many articles on there is a progress bar."""
ConfigOption = Annotated[Path, typer.Option("--config", help="Config directory.")]


def load_rules(config: Path, *, strict: bool = False) -> RuleSet:
    """The rule set of a config directory.

    Raises:
        ConfigError: with every mistake in every file.
    """
    from services.classify.adapters.rulefiles import load

    return load(config, environment(), strict=strict)


def documents(files: Sequence[str]) -> Iterator[Labelled]:
    """The articles of all files.

    Raises:
        ConfigError: a file cannot be read, or holds something else.
    """
    from services.classify.adapters.documents import read_documents

    now = SystemClock().now()
    for file in files:
        yield from read_documents(file, now=now)


def tracked(items: Sequence[T], what: str) -> Iterator[T]:
    """The items, with a progress bar on a terminal if there are many."""
    from rich.progress import Progress

    with Progress(console=err, transient=True, disable=len(items) < MANY or not err.is_terminal) as progress:
        yield from progress.track(items, description=what)
