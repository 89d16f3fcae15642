"""`up`, `run` and `check`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from services.operate.parts import Part
from services.operate.up import Plan, lock, start
from shared.config.files import collect
from shared.errors import ConfigError
from shared.settings import DEFAULT_CONFIG, environment
from shared.terminal import JsonFlag, exits, out, print_json

PORT_BASE: Final = 8700
ConfigOption = Annotated[Path, typer.Option("--config", help="Config directory.")]
DataOption = Annotated[Path, typer.Option("--data", help="Where NATS and the databases keep their files.")]
PortOption = Annotated[int, typer.Option("--port-base", help="Ports: ingest +1, classify +2, notify +3, NATS +4.")]


def register(root: typer.Typer, parts: Sequence[Part]) -> None:
    """Add the verbs that run orewire or check that it can run."""

    @root.command(rich_help_panel="Run")
    def up(
        config: ConfigOption = DEFAULT_CONFIG,
        data: DataOption = Path("data"),
        port_base: PortOption = PORT_BASE,
        json: JsonFlag = False,
    ) -> None:
        """Run everything on this machine: NATS, ingest, classify, notify. Ctrl-C stops it cleanly.

        Example: orewire up --config deploy/config --data data
        """
        plan = Plan(config.resolve(), data.resolve(), port_base)
        with exits(), lock(plan.data):
            check_all(parts, plan.config)
            asyncio.run(start(plan, parts, environment(), told=lambda: _tell_ready(plan, parts, json=json)))

    @root.command(rich_help_panel="Run")
    def run(service: Annotated[str, typer.Argument(help="ingest, classify or notify.")]) -> None:
        """Run one service against OREWIRE_NATS_URL and OREWIRE_DATABASE_URL.

        Example: OREWIRE_NATS_URL=nats://broker:4222 orewire run classify
        """
        with exits():
            _part(parts, service).serve()

    _register_check(root, parts)


def _register_check(root: typer.Typer, parts: Sequence[Part]) -> None:
    @root.command(rich_help_panel="Configure")
    def check(config: ConfigOption = DEFAULT_CONFIG, json: JsonFlag = False) -> None:
        """Validate the whole config: every mistake in every file, with file and line.

        Example: orewire check --config deploy/config
        """
        with exits():
            found = check_all(parts, config)
            if json:
                print_json({"ok": True, "found": found})
                return
            for name, line in found.items():
                out.print(f"[green]ok[/green] {name}: {line}")


def check_all(parts: Sequence[Part], config: Path) -> dict[str, str]:
    """Load every service's config; what each found, by service.

    Raises:
        ConfigError: with the problems of all of them together.
    """
    variables = environment()

    def step(part: Part) -> Callable[[], str]:
        return lambda: part.check(config, variables)

    lines = collect([step(part) for part in parts])
    return {part.name: line for part, line in zip(parts, lines, strict=True)}


def _part(parts: Sequence[Part], name: str) -> Part:
    for part in parts:
        if part.name == name:
            return part
    raise ConfigError.one("SERVICE", f"unknown service `{name}`", hint=", ".join(part.name for part in parts))


def _tell_ready(plan: Plan, parts: Sequence[Part], *, json: bool) -> None:
    urls = {part.name: plan.url(part) for part in parts} | {"nats": plan.nats_url}
    if json:
        print_json({"event": "ready", "urls": urls, "data": str(plan.data), "config": str(plan.config)})
        return
    out.print("[bold green]orewire is up[/bold green]")
    for name, url in urls.items():
        out.print(f"  {name:9} {url}")
    out.print(f"submit an article   orewire submit FILE --url {urls['ingest']}")
    out.print(f"follow the events   orewire tail --nats {urls['nats']}")
    out.print("stop                Ctrl-C")
