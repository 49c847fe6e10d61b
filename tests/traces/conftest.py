"""Stores to test with: an SQLite file, and a real PostgreSQL server that lives as long as the tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from service.traces.migrate import migrate
from service.traces.store import TraceStore, open_store
from tests.support.postgresql import new_database, postgresql_server


@pytest.fixture(scope="session", name="postgresql_server")
def a_postgresql_server() -> Iterator[Any]:
    with postgresql_server() as server:
        yield server


@pytest.fixture
def empty_postgresql_url(postgresql_server: Any) -> str:
    """A database without a table."""
    return new_database(postgresql_server)


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
    return new_database(postgresql_server, migrated_postgresql)


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
