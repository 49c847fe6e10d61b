"""A store moved to another database, record by record, with the same bytes and therefore the same hashes.

What was copied before is not copied again, so that a copy that was interrupted, or an older one,
goes on from its end. The copy must be the beginning of the same chain, or empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select

from service.traces.database import StoreError
from service.traces.schema import (
    HANGS_ON_A_BODY,
    trace_body,
    trace_checkpoint,
    trace_content,
    trace_header,
    trace_hold,
    trace_rulebook,
    trace_tally,
)
from service.traces.store import TraceStore

AT_ONCE = 500  # records of one transaction
BESIDE = (trace_content, trace_rulebook, trace_checkpoint)
"""What only grows; holds and tallies are set as they are."""


@dataclass(frozen=True, kw_only=True)
class Copied:
    """``records`` that were copied now, of ``there`` that the copy has."""

    records: int
    there: int


def copy_store(source: TraceStore, target: TraceStore) -> Copied:
    """Brings a copy up to date. Raises StoreError when it is not a copy, StoreUnavailable when a database fails.

    The source may be in use: only for what is left at the end must others wait.
    """
    before = _size_of_a_copy(source, target)
    size = _copy_records(source, target, before)
    with source.appending(looked_after=False):  # nothing is added or erased from here on
        size = _copy_records(source, target, size)
        with source.reading() as read, target.changing() as written:
            written.execute(delete(trace_hold))  # they would keep what is to go
            written.execute(delete(trace_tally))
            _forget_what_was_erased(read, written)
            for table in (*BESIDE, trace_hold, trace_tally):
                _copy_what_is_new(read, written, table)
    return Copied(records=size - before, there=size)


def _copy_records(source: TraceStore, target: TraceStore, after: int) -> int:
    while rows := _rows(source, trace_header, after, limit=AT_ONCE):
        last = rows[-1]["seq"]
        hanging = {table: _rows(source, table, after, last=last) for table in HANGS_ON_A_BODY}
        with target.changing() as connection:
            connection.execute(insert(trace_header), rows)
            for table, found in hanging.items():
                _insert(connection, table, found)
        after = int(last)
    return after


def _size_of_a_copy(source: TraceStore, target: TraceStore) -> int:
    """How many records the target has, which must be the first of the source."""
    head = select(trace_header.c.seq, trace_header.c.leaf_hash).order_by(trace_header.c.seq.desc()).limit(1)
    with target.reading() as connection:
        last = connection.execute(head).first()
    if last is None:
        return 0
    with source.reading() as connection:
        leaf = connection.execute(select(trace_header.c.leaf_hash).where(trace_header.c.seq == last.seq)).scalar()
    if leaf != last.leaf_hash:
        raise StoreError("The store to copy to holds other traces; name one that is empty, or an older copy.")
    return int(last.seq)


def _rows(
    store: TraceStore, table: Table, after: int, *, limit: int | None = None, last: int | None = None
) -> Sequence[dict[str, Any]]:
    query = select(table).where(table.c.seq > after).order_by(*table.primary_key.columns).limit(limit)
    if last is not None:
        query = query.where(table.c.seq <= last)
    with store.reading() as connection:
        return [dict(row._mapping) for row in connection.execute(query)]


def _insert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _forget_what_was_erased(read: Connection, written: Connection) -> None:
    """Bodies that an older copy still has and the source does not."""
    kept = set(read.execute(select(trace_body.c.seq)).scalars())
    gone = sorted(set(written.execute(select(trace_body.c.seq)).scalars()) - kept)
    for first in range(0, len(gone), AT_ONCE):
        for table in HANGS_ON_A_BODY:
            written.execute(delete(table).where(table.c.seq.in_(gone[first : first + AT_ONCE])))


def _copy_what_is_new(read: Connection, written: Connection, table: Table) -> None:
    key = tuple(table.primary_key.columns)
    there = {tuple(row) for row in written.execute(select(*key))}
    rows = [dict(row._mapping) for row in read.execute(select(table))]
    _insert(written, table, [row for row in rows if tuple(row[column.name] for column in key) not in there])
