"""What every command shares: exit codes, errors that say what to do next, and JSON or text output."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console

from shared.errors import ConfigError, TransientError, Unreachable

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


class Exit(IntEnum):
    """Exit codes; others script against them."""

    OK = 0
    FINDINGS = 1
    BAD_INPUT = 2
    UNREACHABLE = 3


JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def print_json(value: Any) -> None:
    """Print one JSON value on one line."""
    sys.stdout.write(orjson.dumps(value, default=str).decode() + "\n")
    sys.stdout.flush()


@contextmanager
def exits() -> Iterator[None]:
    """Turn typed errors into a message on stderr and the right exit code."""
    try:
        yield
    except ConfigError as error:
        for problem in error.problems:
            err.print(f"[red]error[/red] {_plain(str(problem))}")
        count = len(error.problems)
        err.print(f"{count} problem{'s' if count != 1 else ''} found. Nothing was changed.")
        raise typer.Exit(Exit.BAD_INPUT) from error
    except (Unreachable, TransientError) as error:
        err.print(f"[red]error[/red] {_plain(str(error))}")
        raise typer.Exit(Exit.UNREACHABLE) from error
    except BrokenPipeError:
        raise typer.Exit(Exit.OK) from None


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
