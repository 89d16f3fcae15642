"""One database engine for SQLite and PostgreSQL, and migrations owned by each service."""

from shared.db.engine import Database, open_database
from shared.db.schema import UtcDateTime, new_metadata

__all__ = ["Database", "UtcDateTime", "new_metadata", "open_database"]
