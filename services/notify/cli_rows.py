"""What notify's verbs share: where notify is, and rows as a table or as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from shared.settings import RuntimeSettings, load_settings
from shared.terminal import out, print_json

DEFAULT_URL: Final = "http://127.0.0.1:8703"
UrlOption = Annotated[str, typer.Option("--url", help="Address of notify.")]


def token() -> str | None:
    """The bearer token of the settings."""
    found = load_settings(RuntimeSettings).api_token
    return found.get_secret_value() if found else None


def segment(name: str) -> str:
    """A name as one segment of a path."""
    from urllib.parse import quote

    return quote(name, safe="") or "-"


def plain(text: str) -> str:
    """Text that the terminal shows as it is."""
    return text.replace("[", r"\[")


def print_rows(rows: Sequence[dict[str, Any]], *, json: bool) -> None:
    """Print the rows as a table, or as JSON lines."""
    if json:
        for row in rows:
            print_json(row)
        return
    if not rows:
        out.print("none")
        return
    table = Table(*rows[0], box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(plain("" if value is None else str(value)) for value in row.values()))
    out.print(table)
