"""Brings the database of traces to the schema of this release, and tells whether it is there."""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from contextlib import suppress
from functools import cache

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import SQLAlchemyError

from service.traces.database import (
    PATIENT_WAIT_MS,
    StoreError,
    database_url,
    engine_for,
    is_sqlite,
    lock_chain,
    place,
    writing,
)
from service.traces.tallies import blocks_due, keep_tally

MIGRATION_LOCK = 0x6F7374656F6E01  # any number no other program uses for pg_advisory_lock


def migrate(url: str) -> None:
    """Creates or upgrades the store; several processes may do so at once. Raises StoreError."""
    parsed = database_url(url)
    try:
        if is_sqlite(parsed):
            _make_file(parsed)
        _upgrade(parsed)
        _tally(parsed)
    except CommandError as error:
        raise StoreError(f"The trace store {place(parsed)} cannot be brought to this release: {error}.") from error
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StoreError(f"The trace store {place(parsed)} cannot be opened: {_first_line(error)}.") from error


@cache
def head() -> str:
    """The revision of the schema that this release works with."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def check_at_head(connection: Connection, url: URL) -> None:
    """Raises StoreError unless the database is at the revision of this release."""
    found = ", ".join(MigrationContext.configure(connection).get_current_heads())
    if found != head():
        raise StoreError(
            f"The trace store {place(url)} is at revision {found or 'none'} and this release needs {head()}; "
            "`osteon serve` of this release brings an older store up to date."
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "service.traces:migrations")
    return config


def _upgrade(url: URL) -> None:
    engine = engine_for(url, wait_ms=PATIENT_WAIT_MS)
    try:
        # The lock comes before the look at the revision: whoever waits finds the work done.
        with writing(engine).begin() as connection:
            if not is_sqlite(url):
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def _tally(url: URL) -> None:
    """Counts what an older release kept, block by block, so that nobody who is at work waits long."""
    engine = engine_for(url, wait_ms=PATIENT_WAIT_MS)
    try:
        with engine.connect() as connection:
            due = blocks_due(connection)
        for _ in due:
            with writing(engine).begin() as connection:
                lock_chain(connection)
                for block in blocks_due(connection)[:1]:
                    keep_tally(connection, block)
    finally:
        engine.dispose()


def _make_file(url: URL) -> None:
    """A file for its owner only, in write-ahead mode."""
    path = str(url.database)
    with suppress(FileExistsError):
        # Only ever opened to create it: closing an existing file would drop SQLite's locks on it.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    if stat.S_IMODE(os.stat(path).st_mode) & 0o077:
        os.chmod(path, 0o600)
    mode = _write_ahead(path)
    if mode != "wal":
        raise StoreError(f"The trace store {path} lies where SQLite cannot keep a write-ahead log; use a local disk.")


def _write_ahead(path: str) -> str:
    """Sets the mode, which SQLite refuses at once while another process does the same: try again."""
    deadline = time.monotonic() + PATIENT_WAIT_MS / 1000
    while True:
        connection = sqlite3.connect(path, timeout=PATIENT_WAIT_MS / 1000)
        try:
            return str(connection.execute("PRAGMA journal_mode = WAL").fetchone()[0])
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        finally:
            connection.close()


def _first_line(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0].rstrip(".")
