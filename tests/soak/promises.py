"""What must hold whatever happens: who was answered finds the decision in the store, and the chain is whole."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

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
    records = list(store.records())
    assert [each.seq for each in records] == list(range(1, len(records) + 1))
    decisions = {each.id: each for each in records if each.kind == "evaluate"}
    for answer in answers:
        if answer.status == 200:
            [result] = answer.document["results"]
            kept = decisions[result["trace"]].body
            assert kept is not None and kept["result"] == result, f"Patient {answer.patient} was told otherwise."
    asked = {hashlib.sha256(body_of(answer.patient)).hexdigest() for answer in answers}
    judged = Counter(str(each.header["request_digest"]) for each in decisions.values())
    assert judged.keys() <= asked and set(judged.values()) <= {1}, "Somebody was judged twice, or not asked about."
    return len(decisions)
