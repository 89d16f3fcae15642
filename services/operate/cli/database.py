"""`db upgrade` and `provision`: what has to stand before the services start."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import typer

from services.operate.connection import creds
from services.operate.parts import Part
from services.operate.up import upgrade as upgrade_tables
from shared.settings import RuntimeSettings, load_settings
from shared.terminal import JsonFlag, exits, out, print_json


def register(root: typer.Typer, parts: Sequence[Part]) -> None:
    """Add the verbs that prepare database and broker."""
    database = typer.Typer(help="The database tables.", no_args_is_help=True)
    root.add_typer(database, name="db", rich_help_panel="Configure")

    @database.command()
    def upgrade(json: JsonFlag = False) -> None:
        """Bring the tables in OREWIRE_DATABASE_URL to the version this program needs.

        Example: OREWIRE_DATABASE_URL=postgresql://orewire@db/orewire orewire db upgrade
        """
        with exits():
            url = load_settings(RuntimeSettings).database_url
            versions = asyncio.run(upgrade_tables({part: url for part in parts if part.migrations}))
            _tell(versions, [f"{name}: version {version}" for name, version in versions.items()], json=json)

    @root.command(rich_help_panel="Configure")
    def provision(json: JsonFlag = False) -> None:
        """Create or update the streams and consumers on OREWIRE_NATS_URL.

        Example: OREWIRE_NATS_URL=nats://broker:4222 orewire provision
        """
        with exits():
            lines = asyncio.run(_provision(load_settings(RuntimeSettings)))
            _tell(lines, lines, json=json)


async def _provision(settings: RuntimeSettings) -> list[str]:
    from shared.provision import connect, provision

    client = await connect(settings.nats_url, name="orewire-provision", creds=creds(settings))
    try:
        return await provision(client.jetstream(), replicas=settings.nats_replicas)
    finally:
        await client.close()


def _tell(value: object, lines: Sequence[str], *, json: bool) -> None:
    if json:
        print_json(value)
        return
    for line in lines:
        out.print(line)
