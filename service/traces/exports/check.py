"""Whether an export is what was exported: all of it computed again, without the store.

The leaf of each header, the tree to the root that was signed, the commitments of each body, the
hashes of the files, and what the manifest counts. That no record is missing which the selection
means is told by the manifest alone, unless the export is of the whole log.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from service.canonical import dumps, loads
from service.traces.entry import NO_HASH, commitment
from service.traces.exports.lying import Folder, NoExport, Stream, found_at
from service.traces.exports.ndjson import BODIES, HEADERS, TREE, BodyLine, parts_of
from service.traces.exports.running import FORMAT, signed_text
from service.traces.exports.tally import Tally
from service.traces.exports.tree import Pruned, TreeError
from service.traces.merkle import leaf_of
from service.traces.notes import NoteError, Verifier, checkpoint_in, opened
from service.traces.ranges import Ranges

MOST_FAULTS = 20


@dataclass(frozen=True, kw_only=True, order=True)
class Fault:
    """What does not hold; ``seq`` is that of the record, 0 when it is about no single one."""

    seq: int
    what: str


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What was found. ``signed`` tells whether a key was given and had signed it; ``whole`` that nothing is between."""

    form: str
    records: int
    bodies: int
    manifest: str
    signed: bool
    whole: bool
    faults: tuple[Fault, ...]

    @property
    def holds(self) -> bool:
        return not self.faults


def check_export(place: Path, verifiers: Sequence[Verifier] = ()) -> Checked:
    """Checks a folder, or a file that holds a stream. Raises NoExport, and OSError when it cannot be read."""
    source = found_at(place)
    found = _Found(told=source.manifest)
    try:
        if found.told.get("form") == "ndjson":
            _check_records(found, source)
        else:
            for _ in source.lines():
                pass
        _compare_left_out(found)
        others = [*_faults_of_files(source, found.told), *_faults_of_manifest(found)]
        others += _faults_of_signatures(found.told, source, verifiers)
    except (AttributeError, KeyError, TypeError):
        raise NoExport(f"The manifest is not one of {FORMAT}.") from None
    faults = [*sorted(found.faults.values()), *dict.fromkeys(Fault(seq=0, what=what) for what in others)]
    return Checked(
        form=str(found.told["form"]),
        records=found.tally.records if found.is_exact else int(found.told["records"]),
        bodies=found.tally.bodies if found.is_exact else int(found.told["bodies"]),
        manifest=source.digest,
        signed=bool(verifiers) and bool(source.note),
        whole=found.is_exact and not found.gaps,
        faults=tuple(faults[:MOST_FAULTS]),
    )


# --- record by record --------------------------------------------------------------------------


@dataclass(kw_only=True)
class _Found:
    """What is known after the lines seen so far."""

    told: dict[str, Any]
    faults: dict[int, Fault] = field(default_factory=dict)  # the first of each record
    tally: Tally = field(default_factory=Tally)
    tree: Pruned = field(default_factory=Pruned)
    gaps: int = 0
    leaf: bytes = b""  # of the record that is looked at; empty when its header was seen
    seq: int = 0
    before: tuple[int, str] = (0, NO_HASH)  # the record seen last, and its leaf
    header: dict[str, Any] | None = None  # one whose body may follow
    missing: list[int] = field(default_factory=list)  # bodies that are not there

    @property
    def is_exact(self) -> bool:
        return self.told.get("form") == "ndjson"

    def fault(self, seq: int, what: str) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.setdefault(seq, Fault(seq=seq, what=what))


def _check_records(found: _Found, source: Folder | Stream) -> None:
    for name, line in source.lines():
        if name == TREE:
            _end_record(found)
            _take_tree(found, line)
        elif name == HEADERS:
            _take_header(found, line)
        elif name == BODIES:
            _take_body(found, line)
        else:
            found.fault(found.seq or 1, "after it comes a line that is no part of an export")
    _end_record(found)


def _take_tree(found: _Found, line: bytes) -> None:
    try:
        told: Any = loads(line)
        if "seq" in told:
            seq, root, records = told["seq"], bytes.fromhex(told["leaf"]), 1
        else:
            seq, root, records = told["first"], bytes.fromhex(told["root"]), int(told["records"])
        if seq != found.tree.size + 1:
            raise TreeError("It does not follow.")
        found.tree.add(root, records)
    except (KeyError, TypeError, ValueError):
        found.fault(found.tree.size + 1, "the tree does not go on here")
        return
    if "seq" in told:
        found.seq, found.leaf = seq, root
    else:
        found.gaps += 1


def _take_header(found: _Found, line: bytes) -> None:
    if not found.leaf:
        found.fault(found.seq + 1, "a header stands where the tree has none")
        return
    seq, leaf, found.leaf = found.seq, found.leaf, b""
    follows = found.before[1] if found.before[0] == seq - 1 else ""
    found.before = (seq, leaf.hex())
    if leaf_of(line) != leaf:
        found.fault(seq, "the header is not the one that was hashed")
        return
    try:
        header: Any = loads(line)
        kind = str(header["kind"])
    except (KeyError, TypeError, ValueError):
        found.fault(seq, "the header is not one")
        return
    if header.get("seq") != seq:
        found.fault(seq, "the header is of another record")
    if follows and header.get("prev_hash") != follows:
        found.fault(seq, "the header does not follow the one before")
    found.tally.count(seq, kind)
    found.header = header if "body_commitment" in header else None


def _take_body(found: _Found, line: bytes) -> None:
    _miss_header(found)
    body, header = parts_of(line), found.header
    if body is None or header is None or body.seq != found.seq:
        seq = body.seq if body is not None else found.seq or 1
        found.fault(seq, "a body stands where none belongs")
        return
    found.header = None
    found.tally.bodies += 1
    if commitment(body.salt, body.body) != header["body_commitment"]:
        found.fault(found.seq, "the body is not the one that was committed to")
    elif not _index_holds(header, body):
        found.fault(found.seq, "the rows of its index are not those that were committed to")


def _index_holds(header: dict[str, Any], body: BodyLine) -> bool:
    if "rules_commitment" not in header:
        return commitment(body.salt, body.index) == header.get("index_commitment")
    try:  # schema version 1 knew no other rows
        index: Any = loads(body.index)
        rules, *others = index
    except (TypeError, ValueError):
        return False
    return commitment(body.salt, dumps(rules)) == header["rules_commitment"] and not any(others)


def _end_record(found: _Found) -> None:
    """Nothing more comes of the record that was looked at."""
    _miss_header(found)
    if found.header is not None:
        found.missing.append(found.seq)
        found.header = None


def _miss_header(found: _Found) -> None:
    if found.leaf:
        found.fault(found.seq, "the header is missing")
        found.leaf = b""


# --- what is told of it ------------------------------------------------------------------------


def _compare_left_out(found: _Found) -> None:
    """Bodies that are not there, against what the manifest says was left out."""
    if not found.is_exact or not found.told["selection"]["bodies"]:
        return
    left_out = Ranges()
    left_out.add([*found.told["left_out"]["erased"], *found.told["left_out"]["damaged"]])
    for seq in found.missing:
        if seq not in left_out:
            found.fault(seq, "the body is missing, and the manifest does not tell why")


def _faults_of_files(source: Folder | Stream, told: dict[str, Any]) -> Iterator[str]:
    for name, file in told["files"].items():
        written = source.written.get(name)
        if written is None:
            yield f"{name} is missing"
        elif written.told != file:
            yield f"{name} is not the file that was written"
    for name in source.written.keys() - told["files"].keys():
        yield f"{name} is not named by the manifest"


def _faults_of_manifest(found: _Found) -> Iterator[str]:
    """What the manifest of an exact export says, against what is there."""
    told = found.told
    if not found.is_exact:
        return
    counted = {name: value for name, value in found.tally.told.items() if name != "left_out"}
    for name, value in counted.items():
        if told[name] != value:
            yield f"the manifest tells {name} as {told[name]}; it is {value}"
    if (told["size"], told["root"]) != (found.tree.size, found.tree.root.hex()):
        yield "the records do not lead to the root of the tree"


def _faults_of_signatures(
    told: dict[str, Any], source: Folder | Stream, verifiers: Sequence[Verifier]
) -> Iterator[str]:
    note = told["checkpoint"]
    if not note and not verifiers:
        return
    try:
        checkpoint = checkpoint_in(note)
        if verifiers:
            opened(note, verifiers)
        if checkpoint.size != told["size"] or checkpoint.root.hex() != told.get("root", checkpoint.root.hex()):
            yield "the checkpoint is of another tree"
    except NoteError as error:
        yield f"the checkpoint cannot be believed: {error}"
    try:
        text = opened(source.note, verifiers) if verifiers else source.note
        if signed_text(checkpoint_in(note).origin, source.digest) not in text:
            yield "the manifest is not the one that was signed"
    except NoteError as error:
        yield f"the manifest cannot be believed: {error}"
