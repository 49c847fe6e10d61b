"""Why a kept trace can be believed: each header holds the hash of the one before and commits to its body."""

from __future__ import annotations

from dataclasses import dataclass

from service.canonical import dumps
from service.traces.database import StoreError
from service.traces.entry import NO_HASH, columns_of, commitment, leaf_hash
from service.traces.store import TraceStore
from service.traces.stored import StoredTrace


@dataclass(frozen=True, kw_only=True)
class ChainReport:
    """``bad_seq`` is the first number at which the chain does not hold, None when it holds throughout."""

    records: int
    erased: int
    head_hash: str
    bad_seq: int | None = None
    fault: str = ""

    @property
    def holds(self) -> bool:
        return self.bad_seq is None


def verify_chain(store: TraceStore) -> ChainReport:
    """Recomputes every leaf, link and commitment from the first record on; raises StoreUnavailable.

    Records cut off at the end leave a chain that holds: only a hash kept elsewhere shows that.
    """
    records = erased = 0
    previous = NO_HASH
    for trace in store.records():
        expected = records + 1
        fault = _fault(trace, expected, previous)
        if fault:
            return ChainReport(records=records, erased=erased, head_hash=previous, bad_seq=expected, fault=fault)
        records, previous = expected, trace.leaf_hash
        erased += trace.is_erased
    return ChainReport(records=records, erased=erased, head_hash=previous)


def _fault(trace: StoredTrace, expected: int, previous: str) -> str:
    """What is wrong with one record, "" when nothing is."""
    if trace.seq != expected:
        return "the record is missing"
    if leaf_hash(trace.header_text.encode()) != trace.leaf_hash:
        return "the header is not the one that was hashed"
    try:
        header = trace.header
    except StoreError:
        return "the header is not a JSON object"
    if header.get("prev_hash") != previous:
        return "the header does not follow the one before"
    if columns_of(header) != dict(trace.columns):
        return "a search column differs from the header"
    if trace.packed is None:
        return "rows of its index remain without their body" if trace.side else ""
    return _body_fault(trace, header)


def _body_fault(trace: StoredTrace, header: dict[str, object]) -> str:
    body = trace.body_bytes
    if trace.salt is None or body is None:
        return "the body cannot be unpacked"
    if commitment(trace.salt, body) != header.get("body_commitment"):
        return "the body is not the one that was committed to"
    if "rules_commitment" in header:  # schema version 1 knew no other rows
        holds = commitment(trace.salt, dumps(trace.side.rules)) == header["rules_commitment"]
        return "" if holds else "the rule outcomes are not those that were committed to"
    if commitment(trace.salt, trace.side.content) != header.get("index_commitment"):
        return "the rows of its index are not those that were committed to"
    return ""
