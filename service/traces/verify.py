"""Whether kept traces can still be believed: every leaf, link, commitment and signature, computed again.

The chain by itself shows any change but two: records cut off at its end, and a chain rewritten as a
whole. Both are found against a checkpoint, best one that was kept where the store's owner cannot write.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, Table, exists, func, select

from service.canonical import dumps, loads
from service.traces.checkpoints import KeptCheckpoint, checkpoints
from service.traces.counting import clock_went_back
from service.traces.database import StoreError
from service.traces.entry import NO_HASH, SideRows, columns_of, commitment
from service.traces.holds import holds_in
from service.traces.merkle import EMPTY_ROOT, Frontier, leaf_of
from service.traces.notes import Checkpoint, NoteError, Verifier, checkpoint_in, opened
from service.traces.ranges import Ranges
from service.traces.rulebooks import faults_in_rulebooks
from service.traces.schema import HANGS_ON_A_BODY, trace_header
from service.traces.store import TraceStore
from service.traces.stored import StoredTrace, stored_traces
from service.traces.tallies import faults_in_tallies

MOST_FAULTS = 20


@dataclass(frozen=True, kw_only=True, order=True)
class Fault:
    """Something that does not hold, and the number of the first record it concerns."""

    seq: int
    what: str


@dataclass(frozen=True, kw_only=True)
class ChainReport:
    """What was found. ``faults`` come in the order of the records; the first twenty are told."""

    records: int
    erased: int
    head_hash: str
    root: bytes
    checkpoints: int  # that were compared, the given one included
    clock_steps: tuple[int, ...] = ()  # numbers of records before which the clock went back
    faults: tuple[Fault, ...] = ()

    @property
    def holds(self) -> bool:
        return not self.faults

    @property
    def bad_seq(self) -> int | None:
        return self.faults[0].seq if self.faults else None

    @property
    def fault(self) -> str:
        return self.faults[0].what if self.faults else ""


@dataclass(kw_only=True)
class _Walk:
    """What is known after the records seen so far."""

    faults: list[Fault] = field(default_factory=list)
    frontier: Frontier = field(default_factory=Frontier)
    head: str = NO_HASH
    seq: int = 0
    latest: str = ""
    clock_steps: list[int] = field(default_factory=list)
    bodiless: list[int] = field(default_factory=list)
    erased: Ranges = field(default_factory=Ranges)
    held: dict[tuple[str, str], int] = field(default_factory=dict)
    activated: dict[str, int] = field(default_factory=dict)
    signed: dict[int, tuple[int, object]] = field(default_factory=dict)  # by size: record and root it tells
    wanted: set[int]  # sizes at which the root is compared, and those the chain says it was signed at
    roots: dict[int, bytes] = field(default_factory=dict)


def verify_chain(
    store: TraceStore, *, outside: Sequence[Checkpoint] = (), verifiers: Sequence[Verifier] = ()
) -> ChainReport:
    """Computes everything again from the first record on; raises StoreUnavailable.

    ``outside`` are checkpoints that were kept elsewhere, opened already. ``verifiers`` are the keys
    by which the checkpoints in the store must be signed; without any, signatures are not looked at.
    """
    walk = _Walk(wanted={each.size for each in outside})
    for trace in store.records():
        _walk_on(walk, trace)
    # What came meanwhile, and what stands beside, as of one moment: the service may be at work.
    with store.reading() as connection:
        for trace in stored_traces(connection, after=walk.seq):
            _walk_on(walk, trace)
        kept = list(checkpoints(connection))
        faults = [*walk.faults, *_faults_beside(connection, walk)]
    if not faults:  # else the roots differ for a reason already told
        faults += _faults_of_kept(walk, kept, verifiers)
        faults += _faults_of_roots(walk, [*_readable(kept), *outside])
    return ChainReport(
        records=walk.seq,
        erased=len(walk.bodiless),
        head_hash=walk.head,
        root=walk.frontier.root,
        checkpoints=len(kept) + len(outside),
        clock_steps=tuple(walk.clock_steps),
        faults=tuple(sorted(set(faults))[:MOST_FAULTS]),
    )


def verify_part(connection: Connection, first: int, last: int) -> tuple[Fault, ...]:
    """What does not hold of the records from one number to another, and of the link to the one before.

    That they were there when checkpoints were signed is not looked at.
    """
    walk = _Walk(wanted=set(), seq=first - 1)
    before = connection.execute(
        select(trace_header.c.leaf_hash, trace_header.c.decided_at).where(trace_header.c.seq == first - 1)
    ).first()
    if before is not None:
        walk.head, walk.latest = before.leaf_hash, before.decided_at
    for trace in stored_traces(connection, trace_header.c.seq <= last, after=first - 1):
        _walk_on(walk, trace)
    if walk.seq < last:
        walk.faults.append(Fault(seq=walk.seq + 1, what="the record is missing"))
    told = Ranges()
    if walk.bodiless:
        for says in connection.execute(select(trace_header.c.header).where(trace_header.c.kind == "erasure")).scalars():
            with suppress(KeyError, TypeError, ValueError):
                told.add(loads(says)["says"]["erased"])  # type: ignore[index]
    untold = (seq for seq in walk.bodiless if seq not in told)
    faults = {*walk.faults, *(Fault(seq=seq, what="the body is gone and no erasure tells of it") for seq in untold)}
    return tuple(sorted(faults)[:MOST_FAULTS])


# --- record by record --------------------------------------------------------------------------


def _walk_on(walk: _Walk, trace: StoredTrace) -> None:
    follows = walk.head
    if trace.seq != walk.seq + 1:
        missing = f"records {walk.seq + 1} to {trace.seq - 1} are" if trace.seq > walk.seq + 2 else "the record is"
        walk.faults.append(Fault(seq=walk.seq + 1, what=f"{missing} missing"))
        follows = ""
    fault = _fault(trace, follows)
    if fault:
        walk.faults.append(Fault(seq=trace.seq, what=fault))
    if trace.kind == "checkpoint":  # it follows the last record it speaks of
        walk.roots[walk.frontier.size] = walk.frontier.root
    leaf = leaf_of(trace.header_text.encode())
    walk.frontier.extend([leaf])
    walk.seq, walk.head = trace.seq, leaf.hex()
    if walk.frontier.size in walk.wanted:
        walk.roots[walk.frontier.size] = walk.frontier.root
    if not fault:
        _take_note(walk, trace)
        try:
            _take_at_its_word(walk, trace)
        except (KeyError, TypeError, ValueError):
            walk.faults.append(Fault(seq=trace.seq, what="the event does not say what one of its kind says"))


def _fault(trace: StoredTrace, follows: str) -> str:
    """What is wrong with one record, "" when nothing is; ``follows`` is "" when nobody knows the one before."""
    if leaf_of(trace.header_text.encode()).hex() != trace.leaf_hash:
        return "the header is not the one that was hashed"
    try:
        header = trace.header
    except StoreError:
        return "the header is not a JSON object"
    if follows and header.get("prev_hash") != follows:
        return "the header does not follow the one before"
    if columns_of(header) != dict(trace.columns):
        return "a search column differs from the header"
    if not trace.has_body:
        return "a body or rows of an index hang on a header that has none" if trace.packed or trace.side else ""
    if trace.packed is None:
        return "rows of its index remain without their body" if trace.side else ""
    return _body_fault(trace, header)


def _body_fault(trace: StoredTrace, header: dict[str, object]) -> str:
    body = trace.body_bytes
    if not isinstance(trace.salt, bytes) or body is None:
        return "the body cannot be unpacked"
    if commitment(trace.salt, body) != header.get("body_commitment"):
        return "the body is not the one that was committed to"
    if "rules_commitment" in header:  # schema version 1 knew no other rows
        holds = commitment(trace.salt, dumps(trace.side.rules)) == header["rules_commitment"]
        holds = holds and trace.side == SideRows(rules=trace.side.rules)
    else:
        holds = commitment(trace.salt, trace.side.content) == header.get("index_commitment")
    return "" if holds else "the rows of its index are not those that were committed to"


def _take_note(walk: _Walk, trace: StoredTrace) -> None:
    """What a record is by itself."""
    if trace.is_erased:
        walk.bodiless.append(trace.seq)
    if clock_went_back(walk.latest, str(trace.columns["decided_at"])):
        walk.clock_steps.append(trace.seq)
    walk.latest = str(trace.columns["decided_at"])


def _take_at_its_word(walk: _Walk, trace: StoredTrace) -> None:
    """What an event says of other records. Raises KeyError, TypeError or ValueError when it does not say it."""
    says: Any = trace.header.get("says")
    if trace.kind == "erasure":
        walk.erased.add(says["erased"])
    elif trace.kind in ("hold", "release"):
        key = (says["about"], says["name"])
        walk.held.pop(key, None)
        if trace.kind == "hold":
            walk.held[key] = trace.seq
    elif trace.kind == "checkpoint":
        walk.signed[int(says["size"])] = (trace.seq, says["root"])
    elif trace.kind == "activation":
        walk.activated.setdefault(str(trace.columns["rulebook"]), trace.seq)


# --- beside the chain --------------------------------------------------------------------------


def _faults_beside(connection: Connection, walk: _Walk) -> Iterator[Fault]:
    for seq in walk.bodiless:
        if seq not in walk.erased:
            yield Fault(seq=seq, what="the body is gone and no erasure tells of it")
            break  # the first of what may be many
    for table in HANGS_ON_A_BODY:
        if (lost := connection.execute(_orphans(table)).scalar()) is not None:
            yield Fault(seq=lost, what=f"a row of {table.name} belongs to no record")
    if (early := connection.execute(_BEFORE_THE_FIRST).scalar()) is not None:
        yield Fault(seq=early, what="a record stands before the first")
    holds = {(hold.about, hold.name): hold.seq for hold in holds_in(connection)}
    for _, seq in holds.items() ^ walk.held.items():
        yield Fault(seq=seq, what="the holds in force are not those the chain tells of")
    yield from (Fault(seq=seq, what=what) for seq, what in faults_in_rulebooks(connection, walk.activated))
    if not walk.faults:  # else what was counted differs for a reason already told
        yield from (Fault(seq=seq, what=what) for seq, what in faults_in_tallies(connection))


def _orphans(table: Table) -> Select[Any]:
    return select(func.min(table.c.seq)).where(~exists().where(trace_header.c.seq == table.c.seq))


_BEFORE_THE_FIRST: Select[Any] = select(func.min(trace_header.c.seq)).where(trace_header.c.seq < 1)


# --- checkpoints -------------------------------------------------------------------------------


def _faults_of_kept(walk: _Walk, kept: Sequence[KeptCheckpoint], verifiers: Sequence[Verifier]) -> Iterator[Fault]:
    """What is wrong with the checkpoints of the store, and where the chain and they do not speak of the same ones."""
    told = dict(walk.signed)
    for each in kept:
        seq, root = told.pop(each.size, (each.size + 1, None))
        try:
            if verifiers:
                opened(each.note, verifiers)
            checkpoint = checkpoint_in(each.note)
        except NoteError as error:
            yield Fault(seq=seq, what=f"the checkpoint of {each.size} records cannot be believed: {error}")
            continue
        if (checkpoint.size, checkpoint.root.hex()) != (each.size, root):
            yield Fault(seq=seq, what=f"the checkpoint of {each.size} records is not the one the chain tells of")
        elif not _is_frontier(each.frontier, checkpoint):
            yield Fault(seq=seq, what=f"what the checkpoint of {each.size} records goes on from was changed")
    for size, (seq, _) in sorted(told.items()):
        yield Fault(seq=seq, what=f"the checkpoint of {size} records is gone")


def _is_frontier(packed: bytes, checkpoint: Checkpoint) -> bool:
    try:
        return Frontier(checkpoint.size, packed).root == checkpoint.root
    except ValueError:
        return False


def _readable(kept: Sequence[KeptCheckpoint]) -> Iterator[Checkpoint]:
    for each in kept:
        with suppress(NoteError):
            yield checkpoint_in(each.note)


def _faults_of_roots(walk: _Walk, checkpoints: Sequence[Checkpoint]) -> Iterator[Fault]:
    """The first records that are not those that were signed: after the last checkpoint that still holds."""
    good = 0
    for each in sorted(checkpoints, key=lambda one: one.size):
        if each.size > walk.seq:
            yield Fault(seq=walk.seq + 1, what=f"the end is cut off: {each.size} records were signed")
            return
        root = walk.roots.get(each.size, EMPTY_ROOT)
        if root != each.root:
            some = f"one of the records {good + 1} to {each.size}" if each.size > good + 1 else "the record"
            yield Fault(seq=good + 1, what=f"{some} is not the one that was signed; the chain was rewritten")
            return
        good = each.size
