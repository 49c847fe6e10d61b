"""The exact form: headers and bodies byte for byte as they were hashed, and the tree that holds them.

``headers.ndjson`` has one header a line, the very bytes of its leaf. ``bodies.ndjson`` has what a
commitment is computed from: salt, rows of the index and body. ``tree.ndjson`` has the leaf of each
header and, for what lies between, subtrees by their roots.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from service.canonical import dumps
from service.traces.database import StoreError
from service.traces.exports.forms import FormName, Line
from service.traces.exports.tally import Tally
from service.traces.exports.tree import Subtree
from service.traces.stored import StoredHeader, StoredTrace

HEADERS, BODIES, TREE = "headers.ndjson", "bodies.ndjson", "tree.ndjson"
KEYS = {HEADERS: b"header", BODIES: b"body", TREE: b"tree"}
"""How the lines of each file are told apart where all of them are in one stream."""

_BODY = re.compile(rb'\{"seq":([1-9][0-9]{0,18}),"salt":"((?:[0-9a-f]{2})*)","index":(.*?),"body":(.*)\}', re.DOTALL)
"""The index is lists of texts alone, in which ``,"body":`` cannot stand: the first one ends it."""


class Ndjson:
    name: FormName = "ndjson"
    files: tuple[str, ...] = (HEADERS, BODIES, TREE)
    media_type = "application/x-ndjson"
    stream_has_manifest = True
    has_bodies = True
    has_tree = True

    def opening(self) -> Iterator[Line]:
        return iter(())

    def between(self, subtree: Subtree) -> Iterator[Line]:
        told = {"first": subtree.first, "records": subtree.records, "root": subtree.root.hex()}
        yield Line(file=TREE, content=dumps(told) + b"\n")

    def lines(self, record: StoredHeader, tally: Tally) -> Iterator[Line]:
        header = record.header_text.encode()
        if b"\n" in header:
            raise StoreError(f"The header of record {record.seq} is not one line any more. See `osteon traces verify`.")
        yield Line(file=TREE, content=dumps({"seq": record.seq, "leaf": record.leaf_hash}) + b"\n")
        yield Line(file=HEADERS, content=header + b"\n")
        if not record.has_body:
            return
        if not isinstance(record, StoredTrace):
            tally.not_asked_for += 1
        elif record.is_erased:
            tally.erased.add(record.seq)
        elif (body := _body_line(record)) is None:
            tally.damaged.add(record.seq)
        else:
            tally.bodies += 1
            yield Line(file=BODIES, content=body)

    def closing(self) -> Iterator[Line]:
        return iter(())

    def streamed(self, line: Line) -> bytes:
        return b'{"' + KEYS[line.file] + b'":' + line.content[:-1] + b"}\n"


def _body_line(trace: StoredTrace) -> bytes | None:
    """The body with what it is committed by; None when it cannot be given as it was kept."""
    body = trace.body_bytes
    if body is None or b"\n" in body or not isinstance(trace.salt, bytes):
        return None
    start = b'{"seq":%d,"salt":"%s","index":' % (trace.seq, trace.salt.hex().encode())
    return start + trace.side.content + b',"body":' + body + b"}\n"


@dataclass(frozen=True, kw_only=True)
class BodyLine:
    """The parts of a line of bodies, ``index`` and ``body`` byte for byte."""

    seq: int
    salt: bytes
    index: bytes
    body: bytes


def parts_of(line: bytes) -> BodyLine | None:
    """A line of bodies taken apart; None when it is none."""
    found = _BODY.fullmatch(line)
    if found is None:
        return None
    return BodyLine(seq=int(found[1]), salt=bytes.fromhex(found[2].decode()), index=found[3], body=found[4])
