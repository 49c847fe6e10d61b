"""What every form of an export has: lines for each record, each in a file of its own kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from service.traces.exports.tally import Tally
from service.traces.exports.tree import Subtree
from service.traces.stored import StoredHeader

FormName = Literal["ndjson", "csv", "fhir"]


@dataclass(frozen=True, kw_only=True)
class Line:
    """Some bytes, with the end of their line, and the file they belong to."""

    file: str
    content: bytes


class Form(Protocol):
    """How records are written. One object serves one export; what it leaves out goes into the tally."""

    name: FormName
    files: tuple[str, ...]
    media_type: str
    stream_has_manifest: bool
    has_bodies: bool
    has_tree: bool
    """Whether ``between`` wants to know of the records that are not exported."""

    def opening(self) -> Iterator[Line]:
        """What stands before the first record."""

    def between(self, subtree: Subtree) -> Iterator[Line]:
        """What is told of records that are not exported."""

    def lines(self, record: StoredHeader, tally: Tally) -> Iterator[Line]:
        """One record."""

    def closing(self) -> Iterator[Line]:
        """What follows the last record."""

    def streamed(self, line: Line) -> bytes:
        """A line as it stands in a stream, where there are no files."""
