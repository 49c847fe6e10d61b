"""A secret that is made once and kept in a file beside the SQLite database, readable by its owner only."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from service.settings import SettingsError

_SQLITE = "sqlite:///"


def is_beside_a_file(database_url: str) -> bool:
    """Whether the database is a file, so that something can be kept beside it."""
    return database_url.startswith(_SQLITE)


def kept_secret(database_url: str, suffix: str, new: Callable[[], str]) -> str:
    """The one line in the file, which is made with ``new`` when there is none. Raises SettingsError."""
    path = Path(database_url.removeprefix(_SQLITE) + suffix)
    try:
        if not path.exists():
            _keep_a_new_one(path, new())
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        raise SettingsError(f"The file {path.name} beside the database cannot be read or made as a secret.") from None


def _keep_a_new_one(path: Path, secret: str) -> None:
    """Several processes may do this at once: the first link wins, and it is whole when it appears."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        if not path.exists():
            _link(draft, path)
    finally:
        os.unlink(draft)


def _link(draft: str, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        return  # another process was first; its secret counts
