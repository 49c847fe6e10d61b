"""That a record is under a checkpoint can be shown to somebody who has nothing but the record and our public key."""

from __future__ import annotations

import base64

import pytest

from service.traces.merkle import continues, includes, leaf_of
from service.traces.notes import checkpoint_in, opened
from service.traces.proofs import proof_of_consistency, proof_of_inclusion
from service.traces.store import TraceStore
from tests.traces.traces import notary, trace, trace_id


@pytest.mark.parametrize("number", [1, 4, 7])
def test_a_proof_of_inclusion_convinces_whoever_has_the_header(store: TraceStore, number: int) -> None:
    signer = notary()
    for each in range(1, 8):
        store.keep(trace(each))
    signer.sign(store)
    kept = store.get(trace_id(number))
    assert kept is not None

    proof = proof_of_inclusion(store, kept.seq)

    # From here on with the proof, the exported header and the public key alone (c2sp.org/tlog-proof).
    assert proof is not None
    head, _, note = proof.partition("\n\n")
    first, index, *hashes = head.split("\n")
    checkpoint = checkpoint_in(opened_note(note, signer))
    assert first == "c2sp.org/tlog-proof@v1" and index == f"index {number - 1}"
    path = [base64.b64decode(each) for each in hashes]
    assert includes(checkpoint.root, checkpoint.size, number - 1, leaf_of(kept.header_text.encode()), path)
    assert not includes(checkpoint.root, checkpoint.size, number - 1, leaf_of(b"another"), path)


def opened_note(note: str, signer) -> str:  # type: ignore[no-untyped-def]
    opened(note, [signer.signer.verifier])
    return note


def test_before_it_is_signed_nothing_can_be_proven(store: TraceStore) -> None:
    store.keep(trace(1))
    assert proof_of_inclusion(store, 1) is None

    notary().sign(store)
    assert proof_of_inclusion(store, 1) is not None
    assert proof_of_inclusion(store, 3) is None


def test_two_checkpoints_are_shown_to_be_of_one_history(store: TraceStore) -> None:
    signer = notary()
    for number in range(1, 4):
        store.keep(trace(number))
    older = signer.sign(store)
    for number in range(4, 9):
        store.keep(trace(number))
    newer = signer.sign(store)
    assert older is not None and newer is not None

    proof = proof_of_consistency(store, older.size, newer.size)

    roots = [checkpoint_in(each.note).root for each in (older, newer)]
    assert continues(roots[0], older.size, roots[1], newer.size, proof)
