"""The verb `orewire backtest`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from services.backtest.parts import Judge, Parts, Wants
from services.operate.moment import parse_moment
from shared.clock import SystemClock
from shared.errors import ConfigError
from shared.settings import DEFAULT_CONFIG, environment
from shared.streams import CLASSIFY, STREAMS
from shared.terminal import Exit, JsonFlag, err, exits, out, print_json

if TYPE_CHECKING:
    from services.backtest.history import Progress, Window
    from services.backtest.report import Report

INTERRUPTED: Final = 130
FromOption = Annotated[str, typer.Option("--from", help="ISO time, or how long ago: 30m, 6h, 7d.")]
ToOption = Annotated[str | None, typer.Option("--to", help="As --from; now by default.")]
ConfigOption = Annotated[Path, typer.Option("--config", help="Config directory with the rules to try.")]
NatsOption = Annotated[str | None, typer.Option("--nats", help="NATS URL; OREWIRE_NATS_URL by default.")]
SubscribersOption = Annotated[
    bool, typer.Option("--subscribers/--no-subscribers", help="Show whom it concerns; needs their secrets to be set.")
]
LimitOption = Annotated[int, typer.Option("--limit", min=0, help="Show so many changes; 0 is all.")]


def register(root: typer.Typer, parts: Parts) -> None:
    """Add the verb; `parts` are the rules and subscribers it tries."""

    @root.command(rich_help_panel="Configure")
    def backtest(
        since: FromOption,
        to: ToOption = None,
        config: ConfigOption = DEFAULT_CONFIG,
        nats: NatsOption = None,
        subscribers: SubscribersOption = True,
        limit: LimitOption = 50,
        json: JsonFlag = False,
    ) -> None:
        """Re-run the rules over stored articles; show what would change against what was sent. Nothing is sent.

        Exit code 1 when something would change.

        Example: orewire backtest --from 7d --config my-config
        """
        with exits():
            window = _window(since, to)
            rules = parts.rules(config, environment())
            wants = parts.subscribers(config, environment()) if subscribers else {}
            report = _run(nats, window, rules, wants, quiet=json)
            if json:
                print_json(report.value())
            else:
                _show(report, limit)
            raise typer.Exit(Exit.FINDINGS if report.changes else Exit.OK)


def _window(since: str, to: str | None) -> Window:
    from services.backtest.history import Window

    now = SystemClock().now()
    begin = parse_moment(since, now=now)
    end = parse_moment(to, now=now, option="--to") if to else now
    if end <= begin:
        raise ConfigError.one("--to", "lies before --from")
    return Window(begin, end)


def _run(
    url: str | None, window: Window, rules: tuple[str, Judge], wants: Mapping[str, Wants], *, quiet: bool
) -> Report:
    from services.backtest.run import backtest
    from services.operate.connection import jetstream

    async def work(progress: Progress) -> Report:
        async with jetstream(url) as js:
            return await backtest(js, window, rules, wants, progress)

    try:
        with _bar(quiet=quiet) as progress:
            return asyncio.run(work(progress))
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


@contextmanager
def _bar(*, quiet: bool) -> Iterator[Progress]:
    """A progress bar on stderr, where that is a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    if quiet or not err.is_terminal:
        yield lambda _done, _total: None
        return
    columns = (TextColumn("judging articles"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("articles", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _show(report: Report, limit: int) -> None:
    from services.backtest.card import report_card

    kept = next(stream.max_age for stream in STREAMS if stream.name == CLASSIFY.stream)
    oldest: datetime = SystemClock().now() - kept
    if report.since < oldest:
        err.print(f"Articles are kept for {kept.days} days: what came before {oldest:%Y-%m-%d %H:%M} UTC is not here.")
    out.print(report_card(report, limit=limit))
