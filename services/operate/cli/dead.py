"""`dead list` and `dead redrive`."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer
from rich.table import Table

from services.operate.cli.stream import NatsOption
from services.operate.moment import parse_moment
from shared.clock import SystemClock
from shared.terminal import Exit, JsonFlag, exits, out, print_json

SinceOption = Annotated[str, typer.Option("--from", help="ISO time, or how long ago: 30m, 6h, 7d.")]
SeqArgument = Annotated[list[int] | None, typer.Argument(help="Numbers from `dead list`.")]


def register(root: typer.Typer) -> None:
    """Add the verbs for messages that could not be processed."""
    dead = typer.Typer(help="Messages that could not be processed.", no_args_is_help=True)
    root.add_typer(dead, name="dead", rich_help_panel="Watch")

    @dead.command("list")
    def list_letters(since: SinceOption = "90d", nats: NatsOption = None, json: JsonFlag = False) -> None:
        """List dead letters, with why and where each failed. Exit code 1 when there are any.

        Example: orewire dead list --from 7d
        """
        with exits():
            rows = asyncio.run(_rows(since, nats))
            _show(rows, json=json)
            raise typer.Exit(Exit.FINDINGS if rows else Exit.OK)

    @dead.command()
    def redrive(
        seq: SeqArgument = None,
        every: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
        nats: NatsOption = None,
        json: JsonFlag = False,
    ) -> None:
        """Send dead letters to their subject again, after the cause is mended.

        Example: orewire dead redrive 12 13
        """
        if not seq and not every:
            raise typer.BadParameter("name at least one number from `orewire dead list`, or --all")
        with exits():
            rows = asyncio.run(_redrive(None if every else set(seq or ()), nats))
            _show(rows, json=json)
            missing = set(seq or ()) - {row["seq"] for row in rows}
            raise typer.Exit(Exit.FINDINGS if missing else Exit.OK)


async def _rows(since: str, url: str | None) -> list[dict[str, Any]]:
    from services.operate.connection import jetstream
    from services.operate.dead import letters
    from services.operate.stream import Start

    start = Start(parse_moment(since, now=SystemClock().now()))
    async with jetstream(url) as js:
        return [letter.row() async for letter in letters(js, start)]


async def _redrive(wanted: set[int] | None, url: str | None) -> list[dict[str, Any]]:
    from services.operate.connection import jetstream
    from services.operate.dead import letters, redrive
    from services.operate.stream import Start

    done = []
    async with jetstream(url) as js:
        start = Start(parse_moment("90d", now=SystemClock().now()))
        for letter in [letter async for letter in letters(js, start)]:
            if wanted is None or letter.seq in wanted:
                await redrive(js, letter)
                done.append(letter.row())
    return done


def _show(rows: list[dict[str, Any]], *, json: bool) -> None:
    if json:
        for row in rows:
            print_json(row)
        return
    if not rows:
        out.print("no dead letters")
        return
    table = Table(*rows[0].keys())
    for row in rows:
        table.add_row(*map(str, row.values()))
    out.print(table)
