"""Every rulebook that was in force, by its digest, so that an old decision can be explained and made again.

Rules and thresholds are kept as the bytes their digests are taken over, each content once. A
decision names the digests in its header; nothing here can be changed without that showing.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from rulesets.rulebook import Revision
from service.arrival import NOBODY, Caller
from service.event import Event
from service.traces.entry import entry_of
from service.traces.schema import trace_content, trace_header, trace_rulebook
from service.traces.store import TraceStore, last_of_kind


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """A rulebook as content: what its three digests are, and the bytes of two of them."""

    revision: Revision
    rules: bytes
    thresholds: bytes


def activate(store: TraceStore, rulebook: Rulebook, *, id: str, at: str, caller: Caller = NOBODY) -> bool:
    """Keeps a rulebook and tells that it came into force; False when it is the one in force already."""
    revision = rulebook.revision
    with store.appending() as chain:
        connection = chain.connection
        last = last_of_kind(connection, "activation")
        if last is not None and last.columns["rulebook"] == revision.digest:
            return False
        for content in (rulebook.rules, rulebook.thresholds):
            _keep_content(connection, content)
        if connection.execute(select(trace_rulebook).where(trace_rulebook.c.digest == revision.digest)).first() is None:
            connection.execute(insert(trace_rulebook), {"digest": revision.digest, **vars(revision)})
        says = dict(vars(revision))
        chain.append(
            entry_of(Event(id=id, kind="activation", at=at, caller=caller, rulebook=revision.digest, says=says))
        )
    return True


def _keep_content(connection: Connection, content: bytes) -> None:
    digest = hashlib.sha256(content).hexdigest()
    if connection.execute(select(trace_content.c.digest).where(trace_content.c.digest == digest)).first() is None:
        connection.execute(insert(trace_content), {"digest": digest, "packed": zlib.compress(content, 9)})


def content(store: TraceStore, digest: str) -> bytes | None:
    """The bytes whose SHA-256 this is, None when they were never kept; ValueError when they are others now."""
    with store.reading() as connection:
        return content_in(connection, digest)


def content_in(connection: Connection, digest: str) -> bytes | None:
    """The same within a connection that reads."""
    packed = connection.execute(select(trace_content.c.packed).where(trace_content.c.digest == digest)).scalar()
    if packed is None:
        return None
    found = _unpacked(packed)
    if hashlib.sha256(found).hexdigest() != digest:
        raise ValueError("The content is not the one its digest was taken over.")
    return found


def revision(store: TraceStore, digest: str) -> Revision | None:
    """The digests a rulebook is made of, None for one that was never in force here."""
    with store.reading() as connection:
        row = connection.execute(select(trace_rulebook).where(trace_rulebook.c.digest == digest)).first()
    return None if row is None else Revision(rules=row.rules, thresholds=row.thresholds, terminology=row.terminology)


def rulebook(store: TraceStore, digest: str) -> Rulebook | None:
    """A rulebook that was in force here; ValueError when its content is not what it was."""
    found = revision(store, digest)
    if found is None:
        return None
    rules, thresholds = content(store, found.rules), content(store, found.thresholds)
    if rules is None or thresholds is None or found.digest != digest:
        raise ValueError("The rulebook is not the one its digest was taken over.")
    return Rulebook(revision=found, rules=rules, thresholds=thresholds)


def rules_in_force(store: TraceStore) -> list[tuple[str, str]]:
    """The digests of the rules and the terminology of every rulebook that was in force, each pair once."""
    pairs = select(trace_rulebook.c.rules, trace_rulebook.c.terminology).distinct()
    with store.reading() as connection:
        return [(row.rules, row.terminology) for row in connection.execute(pairs.order_by(*pairs.selected_columns))]


def faults_in_rulebooks(connection: Connection, activated: dict[str, int]) -> Iterator[tuple[int, str]]:
    """What does not hold, each with the record that told of it; ``activated`` are the digests the chain tells of."""
    there = {row.digest: row for row in connection.execute(select(trace_rulebook))}
    held = {row.digest: _unpacked(row.packed) for row in connection.execute(select(trace_content))}
    sound = {digest for digest, found in held.items() if hashlib.sha256(found).hexdigest() == digest}
    for digest, seq in sorted(activated.items()):
        row = there.get(digest)
        if row is None or not {row.rules, row.thresholds} <= set(held):
            yield seq, "the rulebook it put in force is gone"
        elif not {row.rules, row.thresholds} <= sound or _digest_of(row) != digest:
            yield seq, "the rulebook it put in force was changed"
    if set(there) - set(activated):
        seq = connection.execute(select(func.max(trace_header.c.seq))).scalar() or 0
        yield seq, "a rulebook is kept that no record put in force"


def _digest_of(row: object) -> str:
    return Revision(rules=row.rules, thresholds=row.thresholds, terminology=row.terminology).digest  # type: ignore[attr-defined]


def _unpacked(packed: bytes) -> bytes:
    try:
        return zlib.decompress(packed)
    except (zlib.error, TypeError):
        return b""
