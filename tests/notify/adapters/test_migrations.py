"""The migrations make exactly the tables the code uses, and can take them away again."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, inspect

from services.notify.adapters import tables
from services.notify.app import MIGRATIONS
from shared.db import Database
from shared.db.migrate import require_current, script_directory, upgrade, version_table
from shared.errors import ConfigError


def _ours(connection: Connection) -> list[str]:
    return [name for name in inspect(connection).get_table_names() if name.startswith("notify_")]


def _drop(connection: Connection) -> None:
    context = MigrationContext.configure(connection)
    newest_first = list(script_directory(MIGRATIONS).walk_revisions())
    assert newest_first
    with Operations.context(context):
        for script in newest_first:
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
