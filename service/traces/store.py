"""Keeps traces and finds them again: what is kept is on disk before ``keep`` returns."""

from __future__ import annotations

import os
import secrets
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from sqlalchemy import URL, ColumnElement, Connection, Engine, Row, insert, select, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from service.canonical import dumps, loads
from service.problems import StoreUnavailable
from service.trace import Trace
from service.traces.chain import NO_HASH, SCHEMA_VERSION, commitment, leaf_hash, rules_bytes
from service.traces.database import BRIEF_WAIT_MS, StoreError, database_url, engine_for, is_sqlite, place, writing
from service.traces.migrate import check_at_head
from service.traces.schema import REPEATED, trace_body, trace_header, trace_rule

CHAIN_LOCK = 0x6F7374656F6E02  # any number no other program uses for pg_advisory_lock
MOST_PER_PAGE = 200
SALT_BYTES = 32
ZLIB_LEVEL = 1  # a seventh of the size for a twentieth of a millisecond; higher levels gain little


@dataclass(frozen=True, kw_only=True)
class StoredHeader:
    """A header as it lies in the store; ``columns`` are the values it is searched by."""

    seq: int
    id: str
    header_text: str
    leaf_hash: str
    columns: Mapping[str, object]

    @cached_property
    def header(self) -> dict[str, object]:
        """The header's fields, with seq, prev_hash and the commitments."""
        return _object(self.header_text.encode())


@dataclass(frozen=True, kw_only=True)
class StoredTrace(StoredHeader):
    """A trace as it lies in the store; an erased one has neither salt nor body nor rules."""

    salt: bytes | None
    packed: bytes | None
    rules: tuple[tuple[str, str], ...]

    @property
    def is_erased(self) -> bool:
        return self.packed is None

    @cached_property
    def body_bytes(self) -> bytes | None:
        """The canonical JSON that was kept, byte for byte; None when erased or damaged."""
        try:
            return None if self.packed is None else zlib.decompress(self.packed)
        except zlib.error:
            return None

    @property
    def body(self) -> dict[str, object] | None:
        """The body, None when it was erased; raises StoreError when it is damaged."""
        if self.is_erased:
            return None
        if self.body_bytes is None:
            raise StoreError(f"The body of trace {self.id} is damaged.")
        return _object(self.body_bytes)


@dataclass(frozen=True, kw_only=True)
class Page:
    """Headers, newest first; ``next_after`` asks for the page that follows, None on the last."""

    headers: tuple[StoredHeader, ...]
    next_after: int | None


def open_store(url: str) -> TraceStore:
    """The store at ``url``; raises StoreError when it is no trace store or not one of this release.

    A database that is only down or locked for now is not refused: ``ready`` tells, and ``keep`` raises.
    No connection stays open, so that a process may fork afterwards.
    """
    parsed = database_url(url)
    if is_sqlite(parsed) and not os.path.exists(str(parsed.database)):
        raise StoreError(f"There is no trace store {place(parsed)}; `osteon serve` creates it.")
    engine = engine_for(parsed, wait_ms=BRIEF_WAIT_MS)
    try:
        with engine.connect() as connection:
            check_at_head(connection, parsed)
            if is_sqlite(parsed) and connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() != "wal":
                raise StoreError(f"The trace store {place(parsed)} is not in write-ahead mode; `osteon serve` sets it.")
    except SQLAlchemyError as error:
        if not _passes(error):
            raise StoreError(f"{place(parsed)} cannot be read as a trace store; name another file.") from error
    finally:
        engine.dispose()
    return TraceStore(parsed)


class TraceStore:
    """Every method raises StoreUnavailable when the database does not do its part."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._engines: dict[int, Engine] = {}

    @property
    def engine(self) -> Engine:
        """The engine of this process. One inherited over a fork stays the parent's, open and unused."""
        pid = os.getpid()
        if pid not in self._engines:
            # Two threads may both come here; setdefault lets one engine win before either connects.
            self._engines.setdefault(pid, engine_for(self._url, wait_ms=BRIEF_WAIT_MS))
        return self._engines[pid]

    def keep(self, trace: Trace) -> None:
        """Appends the trace to the chain, all of it or nothing; it is committed when this returns."""
        body = dumps(trace.body)
        salt = secrets.token_bytes(SALT_BYTES)
        rules = sorted(set(trace.rules))
        packed = zlib.compress(body, ZLIB_LEVEL)
        header = trace.header() | {
            "schema_version": SCHEMA_VERSION,
            "body_commitment": commitment(salt, body),
            "rules_commitment": commitment(salt, rules_bytes(rules)),
        }
        with _told_as_unavailable(), writing(self.engine).begin() as connection:
            last_seq, last_hash = self._locked_head(connection)
            header |= {"seq": last_seq + 1, "prev_hash": last_hash}
            header_bytes = dumps(header)
            stored = {name: header[name] for name in REPEATED}
            stored |= {"leaf_hash": leaf_hash(header_bytes), "header": header_bytes.decode()}
            connection.execute(_KEEP_HEADER, stored)
            connection.execute(_KEEP_BODY, {"seq": last_seq + 1, "salt": salt, "packed": packed})
            if rules:
                connection.execute(
                    _KEEP_RULE,
                    [{"seq": last_seq + 1, "rule_id": rule, "outcome": outcome} for rule, outcome in rules],
                )

    def get(self, trace_id: str) -> StoredTrace | None:
        """The trace of this id, None when there is none."""
        with _told_as_unavailable(), self.engine.connect() as connection:
            found = _stored_traces(connection, trace_header.c.id == trace_id, limit=1)
        return found[0] if found else None

    def list(
        self,
        after: int | None = None,
        limit: int = 50,
        *,
        patient_key: str | None = None,
        rule_id: str | None = None,
        rule_outcome: str = "fired",
        since: str | None = None,
        until: str | None = None,
        outcome: str | None = None,
    ) -> Page:
        """Headers that meet every condition given, newest first, those older than ``after``.

        ``rule_id`` finds decisions in which that rule had ``rule_outcome``; ``since`` (included) and
        ``until`` (excluded) are compared with ``decided_at`` and written like it, or like its first part.
        """
        if not 1 <= limit <= MOST_PER_PAGE:
            raise ValueError(f"A page holds 1 to {MOST_PER_PAGE} traces.")
        query, seq = select(trace_header), trace_header.c.seq
        if rule_id is not None:
            # Read along the rule's own index, already in order, so that a page costs a page.
            query, seq = query.join(trace_rule, trace_rule.c.seq == trace_header.c.seq), trace_rule.c.seq
            query = query.where(trace_rule.c.rule_id == rule_id, trace_rule.c.outcome == rule_outcome)
        if patient_key is not None:
            query = query.where(trace_header.c.patient_key == patient_key)
        if outcome is not None:
            query = query.where(trace_header.c.outcome == outcome)
        if since is not None:
            query = query.where(trace_header.c.decided_at >= since)
        if until is not None:
            query = query.where(trace_header.c.decided_at < until)
        if after is not None:
            query = query.where(seq < after)
        with _told_as_unavailable(), self.engine.connect() as connection:
            rows = connection.execute(query.order_by(seq.desc()).limit(limit + 1)).all()
        headers = tuple(StoredHeader(**_header_fields(row)) for row in rows[:limit])
        return Page(headers=headers, next_after=headers[-1].seq if len(rows) > limit else None)

    def records(self, after: int = 0, batch: int = 200) -> Iterator[StoredTrace]:
        """Every trace in the order of the chain; each batch is a short read, so that nobody waits."""
        while True:
            with _told_as_unavailable(), self.engine.connect() as connection:
                traces = _stored_traces(connection, trace_header.c.seq > after, limit=batch)
            yield from traces
            if len(traces) < batch:
                return
            after = traces[-1].seq

    def ready(self) -> bool:
        """Whether a trace could be kept now: the schema is right and the chain's lock is to be had."""
        try:
            with writing(self.engine).begin() as connection:
                check_at_head(connection, self._url)
                self._locked_head(connection)
        except (SQLAlchemyError, StoreError):
            return False
        return True

    def close(self) -> None:
        """Closes the connections of this process."""
        engine = self._engines.pop(os.getpid(), None)
        if engine is not None:
            engine.dispose()

    def _locked_head(self, connection: Connection) -> tuple[int, str]:
        """The last number and leaf hash; nobody else appends until this transaction ends."""
        if not is_sqlite(self._url):  # SQLite has the lock since BEGIN IMMEDIATE
            connection.execute(_TAKE_CHAIN_LOCK)
        last = connection.execute(_HEAD).first()
        return (last.seq, last.leaf_hash) if last else (0, NO_HASH)


_TAKE_CHAIN_LOCK = text(f"SELECT pg_advisory_xact_lock({CHAIN_LOCK})")
_KEEP_HEADER, _KEEP_BODY, _KEEP_RULE = insert(trace_header), insert(trace_body), insert(trace_rule)
_HEAD = select(trace_header.c.seq, trace_header.c.leaf_hash).order_by(trace_header.c.seq.desc()).limit(1)


@contextmanager
def _told_as_unavailable() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreUnavailable() from error


def _passes(error: SQLAlchemyError) -> bool:
    """True of a fault of the moment: a locked file, a server that does not answer."""
    if not isinstance(error, OperationalError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        return error.orig.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return True


def _stored_traces(connection: Connection, condition: ColumnElement[bool], *, limit: int) -> Sequence[StoredTrace]:
    query = (
        select(trace_header, trace_body.c.salt, trace_body.c.packed)
        .outerjoin(trace_body, trace_body.c.seq == trace_header.c.seq)
        .where(condition)
        .order_by(trace_header.c.seq)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    if not rows:
        return ()
    rules = connection.execute(
        select(trace_rule)
        .where(trace_rule.c.seq.between(rows[0].seq, rows[-1].seq))
        .order_by(trace_rule.c.seq, trace_rule.c.rule_id, trace_rule.c.outcome)
    )
    rules_of = {
        seq: tuple((rule.rule_id, rule.outcome) for rule in group) for seq, group in groupby(rules, key=lambda r: r.seq)
    }
    return tuple(
        StoredTrace(**_header_fields(row), salt=row.salt, packed=row.packed, rules=rules_of.get(row.seq, ()))
        for row in rows
    )


def _header_fields(row: Row[Any]) -> dict[str, Any]:
    return {
        "seq": row.seq,
        "id": row.id,
        "header_text": row.header,
        "leaf_hash": row.leaf_hash,
        "columns": {name: row._mapping[name] for name in REPEATED},
    }


def _object(text_: bytes) -> dict[str, object]:
    """A stored document; raises StoreError when it is damaged."""
    try:
        document = loads(text_)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise StoreError("A stored document is not a JSON object any more.")
    return document
