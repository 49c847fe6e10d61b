"""How a database URL becomes an engine that waits briefly, syncs fully and never shows a parameter."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

BRIEF_WAIT_MS = 2000  # a caller is waiting for cards
PATIENT_WAIT_MS = 30000  # nobody is: a migration at the start
CONNECT_SECONDS = 2
WRITES, WAITS = "osteon_writes", "osteon_waits"
CHAIN_LOCK = 0x6F7374656F6E02  # any number no other program uses for pg_advisory_lock


class StoreError(Exception):
    """The store of traces cannot be used as it is; one sentence says why and what would be right."""


def database_url(url: str) -> URL:
    """The URL of a database this store knows; raises StoreError for any other."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError("The database URL is not one; give sqlite:///FILE or postgresql+psycopg://...") from None
    if parsed.drivername in ("postgresql", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise StoreError(
            f"Traces are not kept in {parsed.drivername}; the database URL begins with sqlite:/// or postgresql+psycopg://."
        )
    name = parsed.database or ""
    if name in ("", ":memory:") or name.startswith("file:") or parsed.query:
        raise StoreError("SQLite keeps traces in a file; give sqlite:///FILE, a plain path without options.")
    return parsed.set(drivername="sqlite", database=str(Path(name).absolute()))


def is_sqlite(url: URL) -> bool:
    return url.drivername == "sqlite"


def place(url: URL) -> str:
    """The database in words, without user or password."""
    return str(url.database) if is_sqlite(url) else f"{url.host or 'localhost'}/{url.database or ''}"


def engine_for(url: URL, *, wait_ms: int) -> Engine:
    """An engine with no connection yet. ``wait_ms`` bounds the wait for a lock."""
    return _sqlite_engine(url, wait_ms) if is_sqlite(url) else _postgresql_engine(url, wait_ms)


def writing(engine: Engine, *, wait_ms: int | None = None) -> Engine:
    """The same engine, whose transactions take SQLite's write lock at once rather than half-way.

    ``wait_ms`` bounds the wait for that lock where it is not the engine's own.
    """
    return engine.execution_options(**{WRITES: True, WAITS: wait_ms})


def lock_chain(connection: Connection) -> None:
    """Nobody else appends or erases until this transaction, of an engine for ``writing``, ends."""
    if connection.dialect.name != "sqlite":  # which has the lock since BEGIN IMMEDIATE
        connection.execute(_TAKE_CHAIN_LOCK)


_TAKE_CHAIN_LOCK = text(f"SELECT pg_advisory_xact_lock({CHAIN_LOCK})")


@contextmanager
def sent_together(connection: Connection) -> Iterator[None]:
    """Statements whose answers nobody reads go to PostgreSQL in one journey. Raises psycopg.Error at the end."""
    driver = connection.connection.driver_connection
    if isinstance(driver, psycopg.Connection):
        with driver.pipeline():
            yield
    else:
        yield


# --- SQLite ------------------------------------------------------------------------------------


def _sqlite_engine(url: URL, wait_ms: int) -> Engine:
    path = str(url.database)

    def connection() -> sqlite3.Connection:
        # mode=rw: a missing file is an error, never a new and empty store.
        return sqlite3.connect(
            f"file:{quote(path)}?mode=rw",
            uri=True,
            timeout=wait_ms / 1000,
            check_same_thread=False,  # the pool hands a connection to one thread at a time
            isolation_level=None,
        )

    engine = create_engine(url, creator=connection, hide_parameters=True, pool_size=8, max_overflow=24, pool_timeout=2)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "checkout", _refuse_a_replaced_file(path))
    event.listen(engine, "begin", _begin_sqlite(wait_ms))
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
    # Text that is no longer UTF-8 was damaged: let it be read, so that it can be told which record it is.
    connection.text_factory = _readable
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten


def _readable(stored: bytes) -> str:
    return stored.decode(errors="replace")


def _refuse_a_replaced_file(path: str) -> Callable[[sqlite3.Connection, ConnectionPoolEntry, object], None]:
    """A deleted file stays writable to those who have it open; what they keep is lost. Look first."""

    def look(connection: sqlite3.Connection, entry: ConnectionPoolEntry, proxy: object) -> None:
        try:
            found = os.stat(path)
        except OSError as error:
            raise DisconnectionError("the file is gone") from error
        file = (found.st_dev, found.st_ino)
        if entry.info.setdefault("file", file) != file:
            raise DisconnectionError("the file was replaced")

    return look


def _begin_sqlite(usual_ms: int) -> Callable[[Connection], None]:
    # The driver's own BEGIN is switched off (isolation_level None); it would come too late and be deferred.
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get(WRITES):
            connection.exec_driver_sql("BEGIN")
            return
        # Each time, for the connection may come from somebody who waited otherwise.
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {options.get(WAITS) or usual_ms}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return begin


# --- PostgreSQL --------------------------------------------------------------------------------


def _postgresql_engine(url: URL, wait_ms: int) -> Engine:
    # Everything a waiting caller starts is short; a migration may run long, but not wait long.
    statement_ms = wait_ms + 500 if wait_ms == BRIEF_WAIT_MS else 0
    given = url.query.get("options", "")
    asked = given if isinstance(given, str) else " ".join(given)
    options = f"{asked} -c lock_timeout={wait_ms} -c statement_timeout={statement_ms}"
    return create_engine(
        url,
        # Each statement must see what was committed before it got the lock.
        isolation_level="READ COMMITTED",
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "options": options.strip(),
            "application_name": "osteon",
            "tcp_user_timeout": wait_ms,
        },
        hide_parameters=True,
        pool_pre_ping=True,  # a restarted server costs no request
        pool_size=8,
        max_overflow=8,
        pool_timeout=2,
    )
