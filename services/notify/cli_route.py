"""`orewire route`: who would hear of a signal, by which lane, and why others would not."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.table import Table

from services.notify.asking import plain
from shared.errors import ConfigError
from shared.settings import DEFAULT_CONFIG, environment
from shared.terminal import JsonFlag, exits, out, print_json

if TYPE_CHECKING:
    from services.notify.course import Route

MAX_BYTES: Final = 10_000_000
ConfigOption = Annotated[Path, typer.Option("--config", help="Config directory.")]


def route(
    file: Annotated[Path, typer.Argument(metavar="SIGNAL.json", help="A signal, or `-` for stdin.")],
    config: ConfigOption = DEFAULT_CONFIG,
    at: Annotated[str | None, typer.Option("--at", help="When it comes, as ISO time; now if not given.")] = None,
    json: JsonFlag = False,
) -> None:
    """Print who would hear of a signal, by which lane, and why others would not. Nothing is sent.

    The file has a signal as `orewire tail` or `orewire classify --json` print it, or only some of its fields, such as
    {"commodities": ["gallium"], "actors": ["CN"], "severity": "high"}; one a line, or one over many lines.

    Example: orewire route signal.json --at 2026-08-01T23:00+02:00
    """
    with exits():
        from services.notify.adapters.catalog import load_book

        book, now = load_book(config, environment()), _moment(at)
        for fields in _signals(file):
            reason, found = _routes(book, fields, now, str(file))
            if json:
                print_json({"reason": reason or None, "routes": [_value(name, it) for name, it in found.items()]})
            else:
                _show(reason, found)


def _routes(book: Any, fields: Mapping[str, Any], now: datetime, file: str) -> tuple[str, Mapping[str, Route]]:
    from services.notify.adapters.book import routes

    try:
        return routes(book.subscribers.values(), book.silences, fields, now)
    except ValueError as error:
        first = " ".join(line.strip() for line in str(error).splitlines()[1:3]) or str(error)
        raise ConfigError.one(file, f"no signal can be like this: {first[:200]}") from None


def _moment(text: str | None) -> datetime:
    from shared.clock import SystemClock
    from shared.events.base import to_utc

    if text is None:
        return SystemClock().now()
    try:
        return to_utc(datetime.fromisoformat(text))
    except ValueError:
        raise ConfigError.one("--at", "expected a time such as 2026-08-01T23:00+02:00") from None


def _signals(file: Path) -> Iterator[Mapping[str, Any]]:
    """The signals in the file.

    Raises:
        ConfigError: it cannot be read, is no JSON, or holds something else.
    """
    found = list(_flat(_parsed(_text(file), str(file)), str(file)))
    if not found:
        raise ConfigError.one(str(file), "no signal in it")
    yield from found


def _text(file: Path) -> str:
    try:
        with nullcontext(sys.stdin.buffer) if str(file) == "-" else file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError.one(str(file), f"cannot be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise ConfigError.one(str(file), f"larger than {MAX_BYTES:,} bytes")
    return data.decode("utf-8", "replace")


def _parsed(text: str, file: str) -> list[Any]:
    """One JSON value, or one a line."""
    try:
        return [jsonlib.loads(text)]
    except (ValueError, RecursionError):
        lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    values = []
    for number, line in lines:
        try:
            values.append(jsonlib.loads(line))
        except (ValueError, RecursionError) as error:
            raise ConfigError.one(file, f"no JSON: {error}", line=number) from None
    return values


def _flat(values: list[Any], file: str) -> Iterator[Mapping[str, Any]]:
    """Signals by themselves, in lists, in events of `tail` and in lines of `classify`."""
    for value in values:
        if isinstance(value, list):
            yield from _flat(value, file)
        elif not isinstance(value, Mapping):
            raise ConfigError.one(file, "expected a signal: keys and values")
        elif isinstance(value.get("signals"), list):
            yield from _flat(value["signals"], file)
        elif isinstance(value.get("data"), Mapping):
            yield value["data"]
        else:
            yield value


def _value(name: str, found: Route) -> Mapping[str, Any]:
    from services.notify.course import NOT_TOLD

    due = found.due_at.isoformat().replace("+00:00", "Z") if found.due_at else None
    told = found.course not in NOT_TOLD
    return {
        "subscriber": name,
        "told": told,
        "lane": found.lane if told else None,
        "reason": found.course,
        "detail": found.detail,
        "due_at": due,
    }


def _show(reason: str, found: Mapping[str, Route]) -> None:
    if reason:
        out.print(f"nobody: {reason}")
        return
    table = Table("subscriber", "told", "lane", "why", box=None, pad_edge=False)
    for name, it in found.items():
        shown = _value(name, it)
        why = f"{it.course}: {it.detail}" if it.detail else str(it.course)
        due = f"{it.due_at:%Y-%m-%d %H:%M:%S} UTC" if it.due_at else "no"
        table.add_row(plain(name), due, shown["lane"] or "", plain(why))
    out.print(table if found else "no subscribers")
