"""Exports to test with."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

from service.arrival import NOBODY, Caller
from service.traces.exports.forms import Form
from service.traces.exports.ndjson import Ndjson
from service.traces.exports.running import Export
from service.traces.exports.selection import Selection
from service.traces.store import TraceStore
from tests.traces.traces import AT, trace_id

_NUMBERS = itertools.count(1)


def export(store: TraceStore, form: Form | None = None, *, caller: Caller = NOBODY, **selection: Any) -> Export:
    """An export that has begun; exact unless another form is given."""
    return Export(
        store,
        form or Ndjson(),
        Selection(**selection),
        new_id=lambda: trace_id(8_000_000 + next(_NUMBERS)),
        moment=lambda: AT,
        caller=caller,
    )


def exported(store: TraceStore, folder: Path, form: Form | None = None, **selection: Any) -> Path:
    """The folder of a finished export."""
    export(store, form, **selection).into(folder)
    return folder


def manifest_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    return found


def lines_of(file: Path) -> list[bytes]:
    return file.read_bytes().split(b"\n")[:-1]


def edit(file: Path, old: bytes, new: bytes) -> None:
    """Replaces the first of what is there; fails when it is not."""
    content = file.read_bytes()
    assert old in content
    file.write_bytes(content.replace(old, new, 1))
