"""What must hold whatever happens: who was answered finds the decision in the store, and the chain is whole."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from service.canonical import fingerprint
from service.traces.store import TraceStore, open_store
from service.traces.verify import verify_chain
from tests.soak.clients import Answer, body_of


def check(url: str, answers: Sequence[Answer]) -> int:
    """The number of decisions in the store; raises AssertionError for a promise that was not kept.

    Whoever was not answered may have been judged, but then wholly and once.
    """
    store = open_store(url)
    try:
        return _check(store, answers)
    finally:
        store.close()


def _check(store: TraceStore, answers: Sequence[Answer]) -> int:
    report = verify_chain(store)
    assert report.holds, report.faults
    told = {answer.trace: answer.digest for answer in answers if answer.status == 200}
    asked = {hashlib.sha256(body_of(answer.patient)).hexdigest() for answer in answers}
    judged: Counter[str] = Counter()
    for seq, record in enumerate(store.records(), start=1):
        assert record.seq == seq
        if record.kind == "evaluate":
            judged[str(record.header["request_digest"])] += 1
            kept = (record.body or {}).get("result")
            digest = told.pop(record.id, None)
            assert digest in (None, fingerprint(kept)), f"Somebody was told otherwise than record {seq} says."
    assert not told, f"{len(told)} answers are not in the store."
    assert judged.keys() <= asked and set(judged.values()) <= {1}, "Somebody was judged twice, or not asked about."
    return judged.total()
