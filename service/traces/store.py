"""Keeps traces and finds them again: what is kept is on disk before ``keep`` returns."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from sqlalchemy import URL, ColumnElement, Connection, Engine, select
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from service.canonical import dumps
from service.event import Event
from service.logs import log_exception
from service.problems import StoreUnavailable
from service.trace import DECISIONS, Trace
from service.traces.checkpoints import Notary
from service.traces.database import (
    BRIEF_WAIT_MS,
    PATIENT_WAIT_MS,
    StoreError,
    database_url,
    engine_for,
    is_sqlite,
    place,
    sent_together,
    writing,
)
from service.traces.entry import NO_HASH, Entry, columns_of, entry_of
from service.traces.merkle import leaf_of
from service.traces.migrate import check_at_head
from service.traces.pen import Pen, take_chain_lock
from service.traces.schema import trace_body, trace_header, trace_rule
from service.traces.stored import SIDE_TABLES, Page, StoredHeader, StoredTrace, stored_header, stored_traces
from service.traces.tallies import blocks_due, fills_a_block, keep_tally

MOST_PER_PAGE = 200


def open_store(url: str, notary: Notary | None = None) -> TraceStore:
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
    return TraceStore(parsed, notary)


class Chain:
    """The end of the chain within one transaction: nobody else appends until it is over."""

    def __init__(self, connection: Connection, seq: int, leaf: str) -> None:
        self.connection = connection
        self.seq = seq  # of the last header, 0 before the first
        self.leaf = leaf

    def append(self, entry: Entry) -> StoredHeader:
        """Adds a header with what hangs on it."""
        seq = self.seq + 1
        header = {**entry.header, "seq": seq, "prev_hash": self.leaf}
        written = dumps(header)
        leaf, columns, header_text = leaf_of(written).hex(), columns_of(header), written.decode()
        with sent_together(self.connection):
            self._insert(trace_header.name, (*columns, "leaf_hash", "header"), [(*columns.values(), leaf, header_text)])
            if entry.packed is not None:
                self._insert(trace_body.name, ("seq", "salt", "packed"), [(seq, entry.salt, entry.packed)])
            for name, (table, names) in SIDE_TABLES.items():
                if rows := getattr(entry.side, name):
                    self._insert(table.name, ("seq", *names), [(seq, *row) for row in rows])
        self.seq, self.leaf = seq, leaf
        return StoredHeader(seq=seq, id=str(header["id"]), header_text=header_text, leaf_hash=leaf, columns=columns)

    def _insert(self, table: str, columns: Sequence[str], rows: list[tuple[object, ...]]) -> None:
        # As SQL of our own: SQLAlchemy takes longer over the parameters of forty rows than SQLite over the rows.
        mark = "?" if self.connection.dialect.name == "sqlite" else "%s"
        marks = ", ".join(mark for _ in columns)
        self.connection.exec_driver_sql(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)


class TraceStore:
    """Every method raises StoreUnavailable when the database does not do its part."""

    def __init__(self, url: URL, notary: Notary | None = None) -> None:
        """``notary`` signs the head of the chain when that is due; None for no checkpoints."""
        self._url = url
        self.notary = notary
        self._engines: dict[int, Engine] = {}
        self._pens: dict[int, Pen] = {}

    @property
    def engine(self) -> Engine:
        """The engine of this process. One inherited over a fork stays the parent's, open and unused."""
        pid = os.getpid()
        if pid not in self._engines:
            # Two threads may both come here; setdefault lets one engine win before either connects.
            self._engines.setdefault(pid, engine_for(self._url, wait_ms=BRIEF_WAIT_MS))
        return self._engines[pid]

    @property
    def _pen(self) -> Pen:
        """The pen of this process: one inherited over a fork may be held by a thread that is not here."""
        return self._pens.setdefault(os.getpid(), Pen())

    def keep(self, trace: Trace) -> None:
        """Appends a decision to the chain, all of it or nothing; it is committed when this returns."""
        self._keep(entry_of(trace))

    def record_event(self, event: Event) -> StoredHeader:
        """Appends an event to the chain; it is committed when this returns."""
        return self._keep(entry_of(event))

    def _keep(self, entry: Entry) -> StoredHeader:
        with self.appending() as chain:
            return chain.append(entry)

    @contextmanager
    def appending(self, *, looked_after: bool = True) -> Iterator[Chain]:
        """The open end of the chain, for what must happen together with an entry or not at all.

        It is committed at the end of the block; then a checkpoint is signed if one is due and it is
        ``looked_after``.
        """
        with (
            self._pen.held() as wait_ms,
            told_as_unavailable(),
            writing(self.engine, wait_ms=wait_ms).begin() as connection,
        ):
            chain = Chain(connection, *self._locked_head(connection, wait_ms))
            before = chain.seq
            yield chain
        if looked_after and fills_a_block(before, chain.seq):
            self._look_after_tallies()
        if looked_after and self.notary is not None:
            self.notary.look_after(self, chain.seq)

    def tally(self) -> None:
        """Counts the full blocks that were not counted yet, one after the other, so that nobody waits long."""
        while self._tally_one():
            pass

    def _tally_one(self) -> bool:
        with self.appending(looked_after=False) as chain:
            due = blocks_due(chain.connection)
            if due:
                keep_tally(chain.connection, due[0])
        return bool(due)

    def _look_after_tallies(self) -> None:
        try:
            self.tally()
        except StoreUnavailable as error:  # what is kept is kept; whoever fills the next block counts this one, too
            log_exception("tally", error)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read with, to which everything looks as it was at its first question."""
        # Else PostgreSQL would show a body to one question and, erased meanwhile, not its rows to the next.
        options = {} if is_sqlite(self._url) else {"isolation_level": "REPEATABLE READ"}
        with told_as_unavailable(), self.engine.connect().execution_options(**options) as connection:
            yield connection

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """A connection to write with beside the chain, in one transaction that is committed at the end."""
        with told_as_unavailable(), writing(self.engine).begin() as connection:
            yield connection

    def get(self, trace_id: str) -> StoredTrace | None:
        """The trace of this id, None when there is none."""
        with self.reading() as connection:
            found = stored_traces(connection, trace_header.c.id == trace_id, limit=1)
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
        kinds: Sequence[str] = DECISIONS,
    ) -> Page:
        """Headers that meet every condition given, newest first, those older than ``after``.

        ``kinds`` are decisions unless events are asked for.
        ``rule_id`` finds decisions in which that rule had ``rule_outcome``; ``since`` (included) and
        ``until`` (excluded) are compared with ``decided_at`` and written like it, or like its first part.
        """
        if not 1 <= limit <= MOST_PER_PAGE:
            raise ValueError(f"A page holds 1 to {MOST_PER_PAGE} traces.")
        query, seq = select(trace_header).where(_is_of(kinds)), trace_header.c.seq
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
        with self.reading() as connection:
            rows = connection.execute(query.order_by(seq.desc()).limit(limit + 1)).all()
        headers = tuple(stored_header(row) for row in rows[:limit])
        return Page(headers=headers, next_after=headers[-1].seq if len(rows) > limit else None)

    def records(self, after: int = 0, batch: int = 200) -> Iterator[StoredTrace]:
        """Every trace in the order of the chain; each batch is a short read, so that nobody waits."""
        while True:
            with self.reading() as connection:
                traces = stored_traces(connection, after=after, limit=batch)
            yield from traces
            if len(traces) < batch:
                return
            after = traces[-1].seq

    def ready(self) -> bool:
        """Whether a trace could be kept now: the schema is right and the chain's lock is to be had."""
        try:
            with writing(self.engine).begin() as connection:
                check_at_head(connection, self._url)
                self._locked_head(connection, BRIEF_WAIT_MS)
        except (SQLAlchemyError, StoreError):
            return False
        return True

    def scrub(self, tables: Sequence[str]) -> bool:
        """Has the database overwrite what was deleted from tables, and says whether it did.

        Copies are not reached: backups, exports, archived logs.
        """
        try:
            with told_as_unavailable():
                return self._empty_the_log() if is_sqlite(self._url) else self._vacuum(tables)
        except StoreUnavailable:
            return False

    def _empty_the_log(self) -> bool:
        """SQLite overwrote the pages when the rows went; its log still has the old ones, unless somebody reads."""
        with self.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            return not driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]

    def _vacuum(self, tables: Sequence[str]) -> bool:
        """PostgreSQL only says in a notice that a role may not."""
        engine, refusals = engine_for(self._url, wait_ms=PATIENT_WAIT_MS), list[object]()
        try:
            with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                driver = connection.connection.driver_connection
                assert isinstance(driver, psycopg.Connection)
                driver.add_notice_handler(refusals.append)
                connection.exec_driver_sql(f"VACUUM {', '.join(tables)}")
        finally:
            engine.dispose()
        return not refusals

    def close(self) -> None:
        """Closes the connections of this process."""
        engine = self._engines.pop(os.getpid(), None)
        if engine is not None:
            engine.dispose()

    def _locked_head(self, connection: Connection, wait_ms: int) -> tuple[int, str]:
        """The last number and leaf hash; nobody else appends until this transaction ends."""
        if not is_sqlite(self._url):  # SQLite has the lock since BEGIN IMMEDIATE
            take_chain_lock(connection, wait_ms)
        last = connection.execute(_HEAD).first()
        return (last.seq, last.leaf_hash) if last else (0, NO_HASH)


def last_of_kind(connection: Connection, kind: str) -> StoredHeader | None:
    """The newest header of a kind, None when there is none."""
    query = select(trace_header).where(trace_header.c.kind == kind).order_by(trace_header.c.seq.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else stored_header(row)


def _is_of(kinds: Sequence[str]) -> ColumnElement[bool]:
    """That a header is of one of some kinds. One is looked up; of several, nearly all headers are."""
    if len(kinds) == 1:
        return trace_header.c.kind == kinds[0]
    # As an expression, which no index answers: else SQLite collects all decisions in order to sort them.
    return trace_header.c.kind.concat("").in_(kinds)


_HEAD = select(trace_header.c.seq, trace_header.c.leaf_hash).order_by(trace_header.c.seq.desc()).limit(1)


@contextmanager
def told_as_unavailable() -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, psycopg.Error, sqlite3.Error) as error:  # the drivers', where they are used as they are
        raise StoreUnavailable() from error


def _passes(error: SQLAlchemyError) -> bool:
    """True of a fault of the moment: a locked file, a server that does not answer."""
    if not isinstance(error, OperationalError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        return error.orig.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return True
