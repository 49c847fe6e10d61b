"""Reference material that lies beside a developer's checkout, and on no user's machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import yaml

SHARED = Path(__file__).parents[3] / "shared"


def shared_path(name: str) -> Path | None:
    """A file of the reference material, or None where there is none; its absence fails under CI."""
    path = SHARED / name
    if path.exists():
        return path
    if os.environ.get("CI") == "true":
        raise FileNotFoundError(f"{name} is part of every build of this project and is not there.")
    return None


def files_in(folder: str) -> list[Path]:
    """The JSON files of a folder of the reference material."""
    found = shared_path(folder)
    return [] if found is None else sorted(found.glob("*.json"))


def shared_yaml(name: str) -> Any:
    path = shared_path(name)
    return [] if path is None else yaml.load(path.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
