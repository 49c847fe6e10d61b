"""An export as it lies there, a folder or one streamed file: its lines in one order, its manifest, what was read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from service.canonical import loads
from service.traces.exports.ndjson import BODIES, HEADERS, KEYS, TREE
from service.traces.exports.running import FORMAT, MANIFEST, NOTE, STREAM, Written


class NoExport(Exception):
    """What was given is no export at all."""


def found_at(place: Path) -> Folder | Stream:
    """The export at a place. Raises NoExport, and OSError when it cannot be read."""
    return Folder(place) if place.is_dir() else Stream(place)


class Folder:
    """A folder; its lines come in the order in which a stream has them."""

    def __init__(self, place: Path) -> None:
        self._place = place
        try:
            content = (place / MANIFEST).read_bytes().removesuffix(b"\n")
        except FileNotFoundError:
            raise NoExport(f"There is no {MANIFEST}: this is no export, or one that broke off.") from None
        self.manifest, self.digest = _manifest(content), hashlib.sha256(content).hexdigest()
        self.note = (place / NOTE).read_text("utf-8", "replace") if (place / NOTE).exists() else ""
        self.written: dict[str, Written] = {}

    def lines(self) -> Iterator[tuple[str, bytes]]:
        files = {name: self._lines_of(name) for name in self.manifest["files"] if (self._place / name).is_file()}
        nothing: Iterator[bytes] = iter(())
        headers, bodies = files.pop(HEADERS, nothing), files.pop(BODIES, nothing)
        waiting = next(bodies, None)
        for line in files.pop(TREE, nothing):
            yield TREE, line
            if (seq := _seq_of(line)) is None:
                continue
            if (header := next(headers, None)) is not None:
                yield HEADERS, header
            if waiting is not None and waiting.startswith(b'{"seq":%d,' % seq):
                yield BODIES, waiting
                waiting = next(bodies, None)
        yield from ((HEADERS, line) for line in headers)
        if waiting is not None:
            yield BODIES, waiting
        yield from ((BODIES, line) for line in bodies)
        for name, others in files.items():
            yield from ((name, line) for line in others)

    def _lines_of(self, name: str) -> Iterator[bytes]:
        written = self.written.setdefault(name, Written())
        with open(self._place / name, "rb") as file:
            for line in file:
                written.add(line)
                yield line.removesuffix(b"\n")


class Stream:
    """A file that holds what came over HTTP; its last line is the manifest."""

    def __init__(self, place: Path) -> None:
        self._place = place
        last = _last_line(place)
        start, end = b'{"manifest":', last.rfind(b',"note":')
        if not last.startswith(start) or end < 0:
            raise NoExport("The last line is no manifest: this is no export, or one that broke off.")
        content = last[len(start) : end]
        self.manifest, self.digest = _manifest(content), hashlib.sha256(content).hexdigest()
        try:
            note = loads(last[end + len(b',"note":') :].rstrip(b"\n").removesuffix(b"}"))
        except ValueError:
            note = ""
        self.note = note if isinstance(note, str) else ""
        self.written = {STREAM: Written()}

    def lines(self) -> Iterator[tuple[str, bytes]]:
        with open(self._place, "rb") as file:
            held = file.readline()
            for line in file:  # all but the last
                self.written[STREAM].add(held)
                yield _part_of(held.removesuffix(b"\n"))
                held = line


def _part_of(line: bytes) -> tuple[str, bytes]:
    for name, key in KEYS.items():
        start = b'{"' + key + b'":'
        if line.startswith(start) and line.endswith(b"}"):
            return name, line[len(start) : -1]
    return "", line


def _last_line(place: Path) -> bytes:
    last = b""
    with open(place, "rb") as file:
        for line in file:
            last = line
    return last


def _manifest(content: bytes) -> dict[str, Any]:
    try:
        found = loads(content)
    except ValueError:
        found = None
    if not isinstance(found, dict) or found.get("format") != FORMAT or not isinstance(found.get("files"), dict):
        raise NoExport(f"The manifest is not one of {FORMAT}.")
    return found


def _seq_of(tree_line: bytes) -> int | None:
    """The record a line of the tree is the leaf of; None when it is of others."""
    try:
        told: Any = loads(tree_line)
        return int(told["seq"])
    except (KeyError, TypeError, ValueError):
        return None
