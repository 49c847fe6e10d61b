"""What somebody can do who owns the database: no guard and no foreign key stands in the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine, text

from service.traces.store import TraceStore


@contextmanager
def as_owner(store: TraceStore) -> Iterator[Connection]:
    """A connection of the owner's own, in one transaction."""
    engine = create_engine(store.engine.url)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:  # where foreign keys are off unless they are asked for
            triggers = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars()
            for name in triggers.all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        yield connection
    engine.dispose()
