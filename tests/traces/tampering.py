"""What somebody can do who owns the database: switch its guards off and write what they like."""

from __future__ import annotations

from sqlalchemy import Connection, text


def without_guards(connection: Connection) -> None:
    """From now on nothing is refused."""
    if connection.dialect.name == "postgresql":
        tables = connection.execute(text("SELECT tablename FROM pg_tables WHERE tablename LIKE 'trace\\_%'")).scalars()
        for table in tables.all():
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        return
    connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    for name in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
        connection.execute(text(f"DROP TRIGGER {name}"))
