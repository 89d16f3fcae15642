"""How the verbs ask a running notify, and how they print what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from shared.settings import RuntimeSettings, load_settings
from shared.terminal import out, print_json

DEFAULT_URL: Final = "http://127.0.0.1:8703"
UrlOption = Annotated[str, typer.Option("--url", help="Address of notify.")]


def get(url: str, path: str, **parameters: str | int | None) -> dict[str, Any]:
    """GET `path` with those parameters that are given; raises as `NotifyClient` does."""
    from services.notify.adapters.api_client import NotifyClient

    with NotifyClient(url, token()) as client:
        return client.get(path, **parameters)


def post(url: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """POST to `path`, with a JSON body if there is one; raises as `NotifyClient` does."""
    from services.notify.adapters.api_client import NotifyClient

    with NotifyClient(url, token()) as client:
        return client.post(path, body)


def token() -> str | None:
    """The operator's bearer token, None without one."""
    secret = load_settings(RuntimeSettings).api_token
    return secret.get_secret_value() if secret else None


def segment(name: str) -> str:
    """A name as one segment of a path."""
    from urllib.parse import quote

    return quote(name, safe="") or "-"


def print_rows(rows: Sequence[dict[str, Any]], *, json: bool) -> None:
    """Rows as a table, or one JSON document a line."""
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


def plain(text: str) -> str:
    """Text that the terminal shows as it is: brackets too, and no control characters from a headline."""
    return "".join(char if char.isprintable() or char == "\n" else " " for char in text).replace("[", r"\[")
