"""`orewire demo` on the command line."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Final

import typer

from shared.settings import environment
from shared.terminal import Exit, JsonFlag, err, exits, print_json

if TYPE_CHECKING:
    from services.demo.report import Reporter

WIDTH: Final = 120
"""Columns when the output is no terminal, such as a CI log."""
KeepOption = Annotated[bool, typer.Option("--keep", help="Stay up afterwards, until Ctrl-C.")]


def register(root: typer.Typer) -> None:
    """Add the verb to the root command."""

    @root.command(rich_help_panel="Run")
    def demo(keep: KeepOption = False, json: JsonFlag = False) -> None:
        """Show the whole of orewire at work on invented news, and check every alert. Needs no network.

        Exit code 0 only if exactly the expected alerts arrived, each with a valid signature.

        Example: orewire demo
        """
        from services.demo.run import run_demo

        with exits():
            verdict = asyncio.run(run_demo(_reporter(json=json), environment(), keep=keep))
            if verdict is None:
                err.print("stopped before the end")
            raise typer.Exit(Exit.OK if verdict and verdict.passed else Exit.FINDINGS)


def _reporter(*, json: bool) -> Reporter:
    from rich.console import Console

    from services.demo.report import JsonLines, Screen

    if json:
        return JsonLines(print_json)
    console = Console(highlight=False)
    return Screen(console if console.is_terminal else Console(highlight=False, width=WIDTH))
