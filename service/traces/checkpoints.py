"""Checkpoints: every so often the head of the chain is signed, so that a copy kept elsewhere is evidence.

Nothing runs in the background: whoever keeps a trace when a checkpoint is due also signs it. A
checkpoint grows out of the one before by what was appended since, so it never contradicts it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Row, insert, select

from service.event import Event
from service.logs import log_exception
from service.traces.database import StoreError
from service.traces.entry import entry_of
from service.traces.merkle import Frontier
from service.traces.notes import Checkpoint, Signer, checkpoint_in, opened
from service.traces.schema import trace_checkpoint, trace_header

if TYPE_CHECKING:
    from service.traces.store import Chain, TraceStore

LEAVES_AT_ONCE = 10_000


@dataclass(frozen=True, kw_only=True)
class KeptCheckpoint:
    """A checkpoint as it lies in the store."""

    size: int
    signed_at: str
    note: str
    frontier: bytes


class Notary:
    """Signs when it is due. One for a process; safe between threads, for the store's lock decides."""

    def __init__(
        self,
        signer: Signer,
        *,
        every: int,
        within: timedelta,
        file: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        new_id: Callable[[], str],
    ) -> None:
        """A checkpoint is due ``every`` records, or when something new is kept and the last is older than ``within``.

        ``file`` is added to, so that it can be carried away; empty for none.
        """
        self.signer = signer
        self._every, self._within, self._file = every, within, file
        self._now, self._new_id = now, new_id
        self._last: tuple[int, float] | None = None  # what this process knows: size, and its own clock

    def look_after(self, store: TraceStore, size: int) -> None:
        """Called when there are ``size`` records: signs if that is due. What fails is logged, never raised."""
        if self._last is not None and not self._is_due(size, *self._last):
            return
        try:
            if self._last is None:
                with store.reading() as connection:
                    self._last = self._seen(last_checkpoint(connection))
            if self._is_due(size, *self._last):
                self.sign(store, only_if_due=True)
        except Exception as error:  # a decision was kept: no fault of ours may take it back
            self._last = (size, time.monotonic())  # and nobody tries again at once
            log_exception("checkpoint", error)

    def sign(self, store: TraceStore, *, only_if_due: bool = False) -> KeptCheckpoint | None:
        """Signs the head of the chain as it is now; None when there is nothing new, or it is not due.

        Raises StoreUnavailable, StoreError when records are missing, and OSError when the file cannot be added to.
        """
        frontier = self._caught_up(store)
        with store.appending(looked_after=False) as chain:
            last = last_checkpoint(chain.connection)
            self._last = self._seen(last)
            is_news = last is None or chain.seq > last.size + 1  # the first record after one tells of it
            if not chain.seq or not is_news or (only_if_due and not self._is_due(chain.seq, *self._last)):
                return None
            frontier.extend(_leaves(chain.connection, frontier.size, chain.seq))
            kept = self._append(chain, frontier)
        self._last = (kept.size, time.monotonic())
        self._write(kept.note)
        return kept

    def _seen(self, last: KeptCheckpoint | None) -> tuple[int, float]:
        """The size of a checkpoint, and when it was signed by the clock of this process."""
        if last is None:
            return 0, float("-inf")
        return last.size, time.monotonic() - (self._now() - datetime.fromisoformat(last.signed_at)).total_seconds()

    def _is_due(self, size: int, last_size: int, last_time: float) -> bool:
        return size - last_size >= self._every or time.monotonic() - last_time >= self._within.total_seconds()

    def _caught_up(self, store: TraceStore) -> Frontier:
        """Nearly all there is, read before the chain is locked, so that nobody waits for a long way."""
        with store.reading() as connection:
            last = last_checkpoint(connection)
        frontier = Frontier() if last is None else self._going_on_from(last)
        while True:
            before = frontier.size
            with store.reading() as connection:
                frontier.extend(_leaves(connection, before, before + LEAVES_AT_ONCE))
            if frontier.size < before + LEAVES_AT_ONCE:
                return frontier

    def _going_on_from(self, last: KeptCheckpoint) -> Frontier:
        """Raises StoreError when the last checkpoint is not as it was signed: nothing is signed on top of that."""
        ours = self.signer.verifier
        try:
            if f"\n— {ours.name} " in last.note:  # else it is from before another key was given
                opened(last.note, [ours])
            frontier, told = Frontier(last.size, last.frontier), checkpoint_in(last.note)
            if (told.size, told.root) == (last.size, frontier.root):
                return frontier
        except ValueError:
            pass
        raise StoreError("The last checkpoint was changed; nothing is signed on top of it. See `osteon traces verify`.")

    def _append(self, chain: Chain, frontier: Frontier) -> KeptCheckpoint:
        checkpoint = Checkpoint(origin=self.signer.name, size=frontier.size, root=frontier.root)
        kept = KeptCheckpoint(
            size=frontier.size,
            signed_at=self._now().strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            note=self.signer.signed(checkpoint.text),
            frontier=frontier.packed,
        )
        chain.connection.execute(insert(trace_checkpoint), vars(kept))
        told = {"size": kept.size, "root": checkpoint.root.hex(), "verifier": str(self.signer.verifier)}
        chain.append(entry_of(Event(id=self._new_id(), kind="checkpoint", at=kept.signed_at, says=told)))
        return kept

    def _write(self, note: str) -> None:
        if not self._file:
            return
        # One write to a file opened for appending, so that two workers do not mix their notes.
        descriptor = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, f"{note}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def last_checkpoint(connection: Connection) -> KeptCheckpoint | None:
    """The newest checkpoint, None before the first."""
    query = select(trace_checkpoint).order_by(trace_checkpoint.c.size.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else _kept(row)


def checkpoints(connection: Connection) -> Iterator[KeptCheckpoint]:
    """All checkpoints, oldest first."""
    for row in connection.execute(select(trace_checkpoint).order_by(trace_checkpoint.c.size)):
        yield _kept(row)


def _kept(row: Row[tuple[object, ...]]) -> KeptCheckpoint:
    return KeptCheckpoint(size=row.size, signed_at=row.signed_at, note=row.note, frontier=row.frontier)


def _leaves(connection: Connection, after: int, last: int) -> list[bytes]:
    """The leaves of the records after one number and up to another. Raises StoreError for a gap between them."""
    seq = trace_header.c.seq
    query = select(seq, trace_header.c.leaf_hash).where(seq > after, seq <= last).order_by(seq)
    rows = connection.execute(query).all()
    if rows and rows[-1].seq != after + len(rows):
        raise StoreError("Records are missing from the chain; it is not signed. See `osteon traces verify`.")
    return [bytes.fromhex(row.leaf_hash) for row in rows]
