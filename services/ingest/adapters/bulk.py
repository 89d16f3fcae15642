"""Many rows in one statement with one parameter: JSON that the database unfolds itself.

An `IN` list or a `VALUES` list is compiled anew for each length, which takes longer than the database needs for
the rows. On SQLite and PostgreSQL alike, these statements are compiled once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import TextClause, text

TEXT: Final = "text"
INTEGER: Final = "bigint"


def unfolded(dialect: str, columns: Mapping[str, str]) -> str:
    """SQL that gives the lists in the parameter `:rows` as rows with these columns, for FROM; `r` is its name."""
    if dialect == "postgresql":
        parts = [f"(e ->> {index})::{kind} AS {name}" for index, (name, kind) in enumerate(columns.items())]
        source = "jsonb_array_elements(CAST(:rows AS jsonb)) AS e"
    else:
        parts = [f"json_extract(value, '$[{index}]') AS {name}" for index, name in enumerate(columns)]
        source = "json_each(:rows)"
    return f"(SELECT {', '.join(parts)} FROM {source}) AS r"  # noqa: S608  # all names are ours


def insertion(
    dialect: str, table: str, columns: Mapping[str, str], *, shared: Sequence[str] = (), conflict: str = "DO NOTHING"
) -> TextClause:
    """INSERT of all `:rows`; each name in `shared` is a parameter with one value for all of them.

    `conflict` is what comes after ON CONFLICT.
    """
    names = ", ".join((*columns, *shared))
    values = ", ".join((*(f"r.{name}" for name in columns), *(f":{name}" for name in shared)))
    given = unfolded(dialect, columns)
    return text(f"INSERT INTO {table} ({names}) SELECT {values} FROM {given} WHERE true ON CONFLICT {conflict}")  # noqa: S608


def rows(values: Iterable[Sequence[Any]]) -> str:
    """The parameter `:rows`."""
    return orjson.dumps(list(values)).decode()
