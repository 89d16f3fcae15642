"""Ingest's verbs: `orewire submit` and `orewire sources`. What is heavy is imported when a verb runs."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.progress import Progress
from rich.table import Table

from shared.clock import SystemClock
from shared.errors import ConfigError, Problem
from shared.masking import mask_url
from shared.settings import DEFAULT_CONFIG, RuntimeSettings, environment, load_settings
from shared.terminal import Exit, JsonFlag, err, exits, out, print_json

DEFAULT_URL: Final = "http://127.0.0.1:8701"
MANY: Final = 20
"""Articles from which on progress is shown."""
_COLOURS: Final = {"accepted": "green", "duplicate": "yellow", "rejected": "red"}
ConfigOption = Annotated[Path, typer.Option("--config", help="Config directory.")]
UrlOption = Annotated[str, typer.Option("--url", help="Address of ingest.")]
Inputs = Annotated[list[str], typer.Argument(metavar="FILE|URL…", help="Files, web addresses, or - for JSON lines.")]


def register(root: typer.Typer) -> None:
    """Add ingest's verbs to the command."""
    root.command(rich_help_panel="Use")(submit)
    sources = typer.Typer(help="Look at the configured sources.", no_args_is_help=True)
    sources.command("list")(list_sources)
    sources.command("probe")(probe)
    sources.command("status")(status)
    root.add_typer(sources, name="sources", rich_help_panel="Configure")
    ingest = typer.Typer(help="Work on what ingest has collected.", no_args_is_help=True)
    ingest.command("backfill")(backfill)
    root.add_typer(ingest, name="ingest", rich_help_panel="Operate")


def submit(inputs: Inputs, url: UrlOption = DEFAULT_URL, json: JsonFlag = False) -> None:
    """Hand articles to a running ingest: .txt, .html, .json and .jsonl files, or addresses it shall fetch.

    The bearer token is OREWIRE_API_TOKEN, or stands in the file OREWIRE_API_TOKEN_FILE.

    Example: orewire submit notice.txt https://ministry.example/notice-61
    """
    from services.ingest.adapters.api_client import ArticlesApi

    with exits():
        lines = _lines(inputs)
        with ArticlesApi(url, _token()) as api:
            results = []
            for result in _submitted(api, lines):
                results.append(result)
                _show(result, json=json)
    counts = {status: sum(result["status"] == status for result in results) for status in _COLOURS}
    if not json and len(results) > 1:
        out.print(", ".join(f"{count} {status}" for status, count in counts.items()))
    if counts["rejected"]:
        raise typer.Exit(Exit.FINDINGS)


def list_sources(config: ConfigOption = DEFAULT_CONFIG, json: JsonFlag = False) -> None:
    """List the sources of sources.yaml.

    Example: orewire sources list --config deploy/config
    """
    from services.ingest.adapters.catalog import load

    with exits():
        rows = [
            {
                "id": source.id,
                "type": source.type,
                "tier": source.tier,
                "lang": source.lang or "",
                "interval": f"{source.interval.total_seconds():g}s",
                "enabled": source.enabled,
                "from": _place(source),
            }
            for source in load(config, environment())
        ]
    _print_rows(rows, json=json)


def probe(
    source_id: Annotated[str, typer.Argument(metavar="ID", help="Source in sources.yaml; it may be disabled.")],
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonFlag = False,
) -> None:
    """Poll one source once and show what it would collect. Nothing is published or remembered.

    Example: orewire sources probe federal-register-bis
    """
    from services.ingest.probe import probe_source

    with exits():
        result = asyncio.run(probe_source(source_id, config, environment()))
    for problem in result.problems:
        err.print(f"[yellow]unreadable[/yellow] {_plain(problem)}")
    _print_rows(list(result.rows), json=json)
    if not json:
        out.print(f"{len(result.rows)} articles")
    if result.problems or not result.rows:
        raise typer.Exit(Exit.FINDINGS)


def status(config: ConfigOption = DEFAULT_CONFIG, json: JsonFlag = False) -> None:
    """Show how each source is doing: last success, last new item, usual gap, failures, next poll.

    Health is ok, new (never polled), off, shaky (failed, not yet told), failing or silent. Ends with 1 when a
    source fails or is silent. Reads OREWIRE_DATABASE_URL.

    Example: OREWIRE_DATABASE_URL=sqlite:///data/ingest.db orewire sources status
    """
    from services.ingest.probe import source_states

    with exits():
        rows = asyncio.run(source_states(config, environment()))
    now = SystemClock().now()
    _print_rows(rows if json else [_shown(row, now) for row in rows], json=json)
    if any(row["failures"] or row["trouble_since"] for row in rows):
        raise typer.Exit(Exit.FINDINGS)


def backfill(
    source_id: Annotated[str, typer.Argument(metavar="SOURCE", help="Source in sources.yaml.")],
    since: Annotated[str, typer.Option(help="How far back: 30d, 12h, or a date such as 2026-01-31.")],
    polls: Annotated[int, typer.Option(min=1, max=500, help="Polls of this run at most.")] = 500,
    config: ConfigOption = DEFAULT_CONFIG,
    json: JsonFlag = False,
) -> None:
    """Collect what a source still offers of the past. It feeds the stories and alerts nobody.

    Reads OREWIRE_DATABASE_URL and OREWIRE_NATS_URL. A run that was interrupted goes on where it stopped when it is
    started again with the same SOURCE and --since; ends with 1 when --polls was reached before the end.

    Example: orewire ingest backfill federal-register-bis --since 30d
    """
    from services.ingest.backfill import backfill as run
    from services.ingest.backfill import read_since
    from shared.clock import SystemClock

    with exits(), Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        begin = read_since(since, SystemClock().now())
        task = progress.add_task(f"backfilling {source_id}", total=polls)

        def tell(state: Any) -> None:
            progress.update(task, advance=1, description=f"backfilling {source_id}: {state.published} new")

        state = asyncio.run(run(source_id, begin, config, environment(), polls=polls, tell=tell))
    row = {"source": source_id, "since": begin.isoformat(), "polls": state.polls, "published": state.published}
    _print_rows([{**row, "done": state.done}], json=json)
    if not state.done:
        raise typer.Exit(Exit.FINDINGS)


def _shown(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A row of the table: times as seen from now, the error last."""
    gap = row["usual_gap_seconds"]
    return {
        "id": row["id"],
        "health": row["health"],
        "ok": _from_now(row["last_ok_at"], now),
        "new": _from_now(row["last_new_at"], now),
        "gap": "" if gap is None else _span(gap),
        "next": _from_now(row["next_poll_at"], now),
        "pace": row["pace"],
        "failed": row["failures"] or "",
        "error": row["last_error"],
    }


def _from_now(text: str | None, now: datetime) -> str:
    seconds = (datetime.fromisoformat(text) - now).total_seconds() if text else None
    if seconds is None:
        return ""
    return f"in {_span(seconds)}" if seconds > 0 else f"{_span(-seconds)} ago"


def _span(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "m")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds:.0f}s"


def _place(source: Any) -> str:
    """Where the source looks. Addresses may carry tokens, which are not for a terminal."""
    url = getattr(source, "url", None)
    return mask_url(url) if url else str(getattr(source, "path", ""))


def _token() -> str | None:
    token = load_settings(RuntimeSettings).api_token
    return token.get_secret_value() if token else None


def _lines(inputs: Sequence[str]) -> list[Any]:
    """Everything to send, read before anything is sent."""
    from services.ingest.outgoing import Line, address_line, file_lines

    lines: list[Line] = []
    problems: list[Problem] = []
    for given in inputs:
        try:
            if given.startswith(("http://", "https://")):
                lines.append(address_line(given))
            elif given == "-":
                lines += file_lines("stdin.jsonl", sys.stdin.buffer.read())
            else:
                lines += file_lines(given, Path(given).read_bytes())
        except OSError as error:
            problems.append(Problem(given, 0, f"cannot be read: {error.strerror}"))
        except ValueError as error:
            problems.append(Problem(given, 0, str(error)))
    if problems:
        raise ConfigError(problems)
    return lines


def _submitted(api: Any, lines: Sequence[Any]) -> Iterator[dict[str, Any]]:
    from services.ingest.outgoing import requests

    with Progress(console=err, transient=True, disable=len(lines) < MANY or not err.is_terminal) as progress:
        task = progress.add_task("submitting", total=len(lines))
        for batch in requests(lines):
            yield from api.submit(batch)
            progress.advance(task, len(batch))


def _show(result: dict[str, Any], *, json: bool) -> None:
    if json:
        print_json(result)
        return
    colour = _COLOURS[result["status"]]
    why = result["note"] or ("" if result["reason"] == "new" else result["reason"])
    head = f"[{colour}]{result['status']:9}[/{colour}] {_plain(result['input'])}"
    out.print("  ".join(part for part in (head, result["id"] or "", _plain(why)) if part))


def _print_rows(rows: Sequence[dict[str, Any]], *, json: bool) -> None:
    if json:
        for row in rows:
            print_json(row)
        return
    if not rows:
        return
    table = Table(box=None, pad_edge=False)
    for column in rows[0]:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_plain("" if value is None else str(value)) for value in row.values()))
    out.print(table)


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
