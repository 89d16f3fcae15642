"""The migrations make exactly the tables the code uses, and can take them away again."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, inspect, select, text

from services.notify.adapters import tables
from services.notify.app import MIGRATIONS
from shared.db import Database
from shared.db.migrate import require_current, script_directory, upgrade, version_table
from shared.errors import ConfigError


def _ours(connection: Connection) -> list[str]:
    return [name for name in inspect(connection).get_table_names() if name.startswith("notify_")]


def _drop(connection: Connection) -> None:
    context = MigrationContext.configure(connection)
    with Operations.context(context):
        for script in script_directory(MIGRATIONS).walk_revisions():
            script.module.downgrade()
        Operations(context).drop_table(version_table("notify"))


def _difference(connection: Connection) -> list[object]:
    ours = {"include_object": lambda _obj, name, kind, *_: kind != "table" or name in tables.metadata.tables}
    context = MigrationContext.configure(connection, opts={"version_table": version_table("notify"), **ours})
    return list(compare_metadata(context, tables.metadata))


async def test_the_migrations_make_the_tables_the_code_uses(database: Database) -> None:
    with pytest.raises(ConfigError, match="orewire db upgrade"):
        await require_current(database, MIGRATIONS, service="notify")
    await upgrade(database, MIGRATIONS, service="notify")
    await upgrade(database, MIGRATIONS, service="notify")
    await require_current(database, MIGRATIONS, service="notify")
    async with database.engine.begin() as connection:
        assert await connection.run_sync(_difference) == []
        await connection.run_sync(_drop)
        assert await connection.run_sync(_ours) == []


def _step(connection: Connection, revision: str) -> None:
    script = script_directory(MIGRATIONS).get_revision(revision)
    assert script is not None
    with Operations.context(MigrationContext.configure(connection)):
        script.module.upgrade()


async def test_signals_of_an_older_version_stay(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.run_sync(_step, "0001")
        values = "('signal_1', 'story_1', 'new_story', '2026-07-01 12:00:00')"
        names = "signal_id, story_id, reason, handled_at"
        await connection.execute(text(f"INSERT INTO notify_signals ({names}) VALUES {values}"))
        await connection.run_sync(_step, "0002")
        kept = (await connection.execute(select(tables.signals))).one()
        assert (kept.signal_id, kept.reason, kept.action, kept.body) == ("signal_1", "new_story", None, None)
        await connection.run_sync(tables.metadata.drop_all)
