"""Proofs about single records, for somebody who has a checkpoint and not the store."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from sqlalchemy import select

from service.traces.checkpoints import KeptCheckpoint
from service.traces.merkle import consistency_proof, inclusion_proof
from service.traces.schema import trace_checkpoint, trace_header
from service.traces.store import TraceStore


def leaves(store: TraceStore, size: int) -> list[bytes]:
    """The leaves of the first ``size`` records."""
    query = select(trace_header.c.leaf_hash).where(trace_header.c.seq <= size).order_by(trace_header.c.seq)
    with store.reading() as connection:
        return [bytes.fromhex(leaf) for leaf in connection.execute(query).scalars()]


def checkpoint_over(store: TraceStore, seq: int) -> KeptCheckpoint | None:
    """The first checkpoint that covers a record, None while there is none."""
    query = select(trace_checkpoint).where(trace_checkpoint.c.size >= seq).order_by(trace_checkpoint.c.size).limit(1)
    with store.reading() as connection:
        row = connection.execute(query).first()
    return None if row is None else KeptCheckpoint(**row._mapping)


def proof_of_inclusion(store: TraceStore, seq: int) -> str | None:
    """That a record is under a checkpoint, in the form of https://c2sp.org/tlog-proof; None before it is.

    The proof is of the header's bytes as they are exported; it holds nothing of the record itself.
    """
    checkpoint = checkpoint_over(store, seq)
    if checkpoint is None:
        return None
    proof = inclusion_proof(leaves(store, checkpoint.size), seq - 1)
    lines = ["c2sp.org/tlog-proof@v1", f"index {seq - 1}", *_lines(proof), "", checkpoint.note]
    return "\n".join(lines)


def proof_of_consistency(store: TraceStore, old_size: int, size: int) -> list[bytes]:
    """That the first records have not changed since there were ``old_size``; ValueError for sizes there were not."""
    return consistency_proof(leaves(store, size), old_size)


def _lines(hashes: Sequence[bytes]) -> list[str]:
    return [base64.b64encode(each).decode() for each in hashes]
