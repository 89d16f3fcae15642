"""`orewire silence`: keep alerts back for a while, with name and reason."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any, Final

import typer

from services.notify.asking import DEFAULT_URL, UrlOption, get, plain, post, print_rows, segment
from shared.errors import ConfigError
from shared.terminal import JsonFlag, exits, out, print_json

_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}


def register(root: typer.Typer) -> None:
    """Add the verbs to the command."""
    silence = typer.Typer(help="Keep alerts back for a while.", no_args_is_help=True)
    silence.command("list")(list_silences)
    silence.command("add")(add)
    silence.command("end")(end)
    root.add_typer(silence, name="silence", rich_help_panel="Use")


def list_silences(url: UrlOption = DEFAULT_URL, json: JsonFlag = False) -> None:
    """List the silences that have not ended, those of subscribers.yaml too.

    Example: orewire silence list
    """
    with exits():
        rows = get(url, "/v1/silences")["silences"]
    print_rows(rows, json=json)


def add(  # noqa: PLR0913, PLR0917 - one option a key
    author: Annotated[str, typer.Option("--author", help="Who says so; subscribers are told.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; subscribers are told.")],
    lasts: Annotated[str, typer.Option("--for", help="How long: 30m, 2h, 3d.")],
    match: Annotated[
        list[str] | None, typer.Option("--match", help="KEY=WORD,… of a filter; several must all agree.")
    ] = None,
    subscriber: Annotated[list[str] | None, typer.Option("--subscriber", help="Only from these; else all.")] = None,
    silence_id: Annotated[str | None, typer.Option("--id", help="A name for it.")] = None,
    url: UrlOption = DEFAULT_URL,
    json: JsonFlag = False,
) -> None:
    """Keep alerts that match back until the time is over; then they are told.

    Example: orewire silence add --match commodity=tin --match actor=ID --for 2h --author Ann --reason "known, at work"
    """
    from shared.clock import SystemClock

    with exits():
        body = {
            **({"id": silence_id} if silence_id else {}),
            "match": _matchers(match or []),
            "subscribers": subscriber or [],
            "author": author,
            "reason": reason,
            "until": (SystemClock().now() + _duration(lasts)).isoformat(),
        }
        made = post(url, "/v1/silences", body)
    print_json(made) if json else out.print(plain(f"silence {made['id']} until {made['until']}"))


def end(
    silence_id: Annotated[str, typer.Argument(metavar="ID", help="Id from `silence list`.")],
    url: UrlOption = DEFAULT_URL,
    json: JsonFlag = False,
) -> None:
    """End a silence now; what it kept back is told.

    Example: orewire silence end silence_0b61b3f2a4c9d8e7f6a5b4c3
    """
    with exits():
        done = post(url, f"/v1/silences/{segment(silence_id)}/end")
    print_json(done) if json else out.print(plain(f"silence {done['id']} has ended"))


def _matchers(pairs: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for pair in pairs:
        key, equals, words = pair.partition("=")
        if not (key and equals and words):
            raise ConfigError.one("--match", f"expected KEY=WORD, found {pair!r}", hint="such as commodity=gallium,tin")
        if key in found:
            raise ConfigError.one("--match", f"{key} is given twice", hint=f"write {key}=ONE,OTHER")
        found[key] = words.split(",") if key not in {"severity", "source_tier"} else words
    return found


def _duration(text: str) -> timedelta:
    match = re.fullmatch(r"([1-9][0-9]{0,3})([mhd])", text)
    if match is None:
        raise ConfigError.one("--for", "expected a duration such as 30m, 2h or 3d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
