"""Rulebooks and their recall, who looked, whether it can be believed, what is due, and why a rule fired."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from rulesets.rulebook import Revision
from service.arrival import Caller
from service.trace import Trace
from service.traces import tallies
from service.traces.erasure import erase
from service.traces.holds import Subject, place_hold
from service.traces.queries.accesses import accesses
from service.traces.queries.integrity import integrity
from service.traces.queries.recall import recall, rulebooks
from service.traces.queries.retention import due, holds_in_force, retention
from service.traces.queries.rule_activity import rule_ids
from service.traces.queries.why import why
from service.traces.rulebooks import Rulebook, activate
from service.traces.store import TraceStore, open_store
from service.traces.stored import Page
from tests.traces.audited import decision, moment
from tests.traces.tampering import as_owner
from tests.traces.traces import AT, event, notary, trace_id


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallies, "BLOCK", 4)
    monkeypatch.setattr(tallies, "MANY", 2)


def seqs(page: Page) -> list[int]:
    return [header.seq for header in page.headers]


# --- recall ------------------------------------------------------------------------------------------


def in_force(store: TraceStore, sign: str, at: str) -> str:
    """Puts a rulebook in force, and returns its digest."""
    content = f'{{"rules":[{{"id":"r.{sign}"}}]}}'.encode()
    revision = Revision(
        rules=hashlib.sha256(content).hexdigest(),
        thresholds=hashlib.sha256(b"{}").hexdigest(),
        terminology="0" * 64,
    )
    book = Rulebook(revision=revision, rules=content, thresholds=b"{}")
    activate(store, book, id=f"activation-{at}", at=at, caller=Caller(client="shell:osteon"))
    return revision.digest


def under(number: int, digest: str) -> Trace:
    return replace(decision(number), rulebook=digest)


def test_a_rulebook_is_told_with_each_time_it_was_in_force(store: TraceStore) -> None:
    one = in_force(store, "one", moment(0))
    store.keep(under(1, one))
    two = in_force(store, "two", moment(1))
    store.keep(under(2, two))
    in_force(store, "one", moment(2))
    store.keep(under(3, one))

    first, second = rulebooks(store)

    assert (first.rulebook, first.decisions, second.rulebook, second.decisions) == (one, 2, two, 1)
    assert [(each.activated_at, each.withdrawn_at, each.withdrawn_seq) for each in first.periods] == [
        (moment(0), moment(1), 3),
        (moment(2), "", 0),
    ]
    assert second.periods[0].activated_by == "shell:osteon"
    assert set(first.digests) == {"rules", "thresholds", "terminology"}


def test_what_was_decided_under_a_rulebook_is_recalled_page_after_page(store: TraceStore) -> None:
    one, two = in_force(store, "one", moment(0)), in_force(store, "two", moment(1))
    for number in range(1, 8):
        store.keep(under(number, one if number % 2 else two))

    known, page = recall(store, one, limit=3) or (None, None)
    assert known is not None and page is not None
    _, rest = recall(store, one, after=page.next_after, limit=3) or (None, None)

    assert known.decisions == 4 and seqs(page) == [9, 7, 5]
    assert rest is not None and seqs(rest) == [3] and rest.next_after is None
    assert recall(store, "f" * 64) is None


def test_a_rulebook_of_one_request_was_never_in_force_and_is_recalled_all_the_same(store: TraceStore) -> None:
    store.keep(decision(1))

    known, page = recall(store, "1" * 64) or (None, None)

    assert known is not None and (known.periods, known.digests, known.decisions) == ((), {}, 1)
    assert page is not None and seqs(page) == [1]


def test_the_rules_of_a_rulebook_are_read_from_what_was_kept(store: TraceStore) -> None:
    digest = in_force(store, "one", moment(0))

    with store.reading() as connection:
        assert rule_ids(connection, digest) == {"r.one"}
        assert rule_ids(connection, "f" * 64) is None


# --- who looked --------------------------------------------------------------------------------------


def test_those_who_looked_are_found_by_name_decision_and_patient(store: TraceStore) -> None:
    store.keep(decision(1))
    ann, ben = Caller(client="ann"), Caller(client="ben")
    store.record_event(event(2, "read", subject=trace_id(1), patient_key="a" * 64, caller=ann))
    store.record_event(event(3, "export", caller=ben))
    store.record_event(event(4, "hold", subject=trace_id(1)))
    store.record_event(event(5, "replay", subject=trace_id(1), caller=ben))

    assert seqs(accesses(store)) == [5, 3, 2]
    assert seqs(accesses(store, client="ben")) == [5, 3]
    assert seqs(accesses(store, subject=trace_id(1))) == [5, 2]
    assert seqs(accesses(store, patient_key="a" * 64)) == [2]
    assert seqs(accesses(store, client="carl")) == []
    assert seqs(accesses(store, since=AT, limit=1)) == [5]
    assert seqs(accesses(store, until=AT)) == []


def test_pages_of_accesses_hold_each_once(store: TraceStore) -> None:
    for number in range(9):
        kind: Any = ("read", "export", "replay")[number % 3]
        store.record_event(event(number, kind))

    page, found = accesses(store, limit=2), list[int]()
    while page.next_after is not None:
        found += seqs(page)
        page = accesses(store, after=page.next_after, limit=2)

    assert [*found, *seqs(page)] == [9, 8, 7, 6, 5, 4, 3, 2, 1]


# --- integrity ---------------------------------------------------------------------------------------


def test_an_untouched_store_holds(url: str) -> None:
    store = open_store(url, notary(every=3))
    for number in range(1, 6):
        store.keep(decision(number))
    erase(store, Subject(about="decision", name=trace_id(2)), ground="court-order", id="erasure", at=AT)

    told = integrity(store)

    assert told.holds and told.gaps == told.faults == ()
    assert told.records == told.last_seq > 6 and told.signed_size > 0 and told.signed_at
    assert told.checked_from == 1
    store.close()


def test_an_empty_store_holds_and_nothing_was_looked_at(store: TraceStore) -> None:
    told = integrity(store)

    assert told.holds and (told.records, told.last_seq, told.signed_size) == (0, 0, 0)


def test_clocks_that_were_set_back_are_told_and_are_no_fault(store: TraceStore) -> None:
    for number, hours in enumerate((0, 1, 0.5, 2, 2, 1, 3), start=1):
        store.keep(decision(number, at=moment(hours)))

    told = integrity(store)

    assert told.holds
    assert [(step.seq, step.before, step.at) for step in told.clock_steps] == [
        (3, moment(1), moment(0.5)),
        (6, moment(2), moment(1)),
    ]


def test_missing_records_are_told_as_gaps(store: TraceStore) -> None:
    for number in range(1, 10):
        store.keep(decision(number))
    with as_owner(store) as connection:
        for table in ("rule", "card", "resource", "body", "header"):
            connection.execute(text(f"DELETE FROM trace_{table} WHERE seq IN (1, 4, 5)"))

    told = integrity(store)

    assert told.gaps == ((1, 1), (4, 5)) and not told.holds
    assert told.faults[0].seq == 1


@pytest.mark.parametrize(
    "tampering, seq",
    [
        ("UPDATE trace_header SET outcome = 'failed' WHERE seq = 7", 7),
        ("UPDATE trace_header SET leaf_hash = 'aa' WHERE seq = 6", 6),
        ("DELETE FROM trace_rule WHERE seq = 8", 8),
        ("UPDATE trace_rule SET outcome = 'fired' WHERE seq = 9", 9),
    ],
)
def test_a_record_of_the_end_that_was_changed_is_told(store: TraceStore, tampering: str, seq: int) -> None:
    for number in range(1, 10):
        store.keep(decision(number))
    assert integrity(store, links=4).holds
    with as_owner(store) as connection:
        connection.execute(text(tampering))

    told = integrity(store, links=4)

    assert told.checked_from == 6 and told.faults[0].seq == seq and not told.holds


def test_a_body_that_went_without_an_erasure_is_told(store: TraceStore) -> None:
    for number in range(1, 4):
        store.keep(decision(number))
    erase(store, Subject(about="decision", name=trace_id(1)), ground="court-order", id="erasure", at=AT)
    assert integrity(store).holds
    with as_owner(store) as connection:
        for table in ("rule", "card", "resource", "body"):
            connection.execute(text(f"DELETE FROM trace_{table} WHERE seq = 2"))

    assert [fault.seq for fault in integrity(store).faults] == [2]


def test_an_end_that_was_cut_off_is_told_by_the_checkpoint_that_is_left(url: str) -> None:
    store = open_store(url, notary(every=5))
    for number in range(1, 7):
        store.keep(decision(number))
    with as_owner(store) as connection:
        for table in ("rule", "card", "resource", "body", "header"):
            connection.execute(text(f"DELETE FROM trace_{table} WHERE seq > 2"))

    assert not integrity(store).holds
    store.close()


# --- due and held ------------------------------------------------------------------------------------


def test_what_is_old_and_not_held_is_due_the_oldest_first(store: TraceStore) -> None:
    for number in range(1, 8):
        store.keep(decision(number, at=moment(24 * number), patient="ab"[number % 2]))
    place_hold(store, Subject(about="decision", name=trace_id(3)), id="hold-1", at=moment(999))
    place_hold(store, Subject(about="patient", name="a" * 64), id="hold-2", at=moment(999))
    erase(store, Subject(about="decision", name=trace_id(1)), ground="court-order", id="erasure", at=moment(999))

    before = moment(24 * 7)[:10]  # decisions 2 to 6 are older and there; 2, 4, 6 and 3 are held

    assert seqs(due(store, before)) == [5]
    told = retention(store, before)
    assert (told.due, told.held) == (1, 4)
    assert (retention(store, "2026-01-01").due, seqs(due(store, "2026-01-01"))) == (0, [])


def test_pages_of_what_is_due_go_on_where_they_ended(store: TraceStore) -> None:
    for number in range(1, 6):
        store.keep(decision(number))

    first = due(store, "2027-01-01", limit=2)
    second = due(store, "2027-01-01", after=first.next_after, limit=3)

    assert (seqs(first), seqs(second), second.next_after) == ([1, 2], [3, 4, 5], None)
    assert retention(store, "2027-01-01").due == 5


def test_a_decision_held_twice_counts_once(store: TraceStore) -> None:
    store.keep(decision(1))
    place_hold(store, Subject(about="decision", name=trace_id(1)), id="hold-1", at=AT)
    place_hold(store, Subject(about="patient", name="a" * 64), id="hold-2", at=AT)

    told = retention(store, "2027-01-01")

    assert (told.due, told.held) == (0, 1)
    assert seqs(due(store, "2027-01-01")) == []


def test_holds_are_told_with_who_placed_them_and_what_they_keep(store: TraceStore) -> None:
    for number in range(1, 4):
        store.keep(decision(number))
    place_hold(
        store,
        Subject(about="patient", name="a" * 64),
        id="hold",
        at=moment(5),
        caller=Caller(client="ann"),
        reason="court",
    )

    [held] = holds_in_force(store)

    assert (held.hold.about, held.placed_at, held.placed_by, held.decisions) == ("patient", moment(5), "ann", 3)


# --- why ---------------------------------------------------------------------------------------------


def why_of(store: TraceStore, rule: str, body: dict[str, object], known: frozenset[str] | None = None, **others: Any):  # type: ignore[no-untyped-def]
    store.keep(decision(1, body=body, **others))
    trace = store.get(trace_id(1))
    assert trace is not None
    return why(trace, rule, known)


RESULT: dict[str, object] = {
    "result": {
        "rules": {
            "fired": [{"id": "r.one", "element": "a"}, {"id": "r.two"}, {"id": "r.one", "element": "b"}],
            "undetermined": [{"id": "r.one"}, {"id": "r.three", "missing": ["ecog"]}],
            "suppressed": ["r.four"],
        }
    }
}


@pytest.mark.parametrize(
    "rule, outcome, situations",
    [
        ("r.one", "fired", 2),
        ("r.two", "fired", 1),
        ("r.three", "undetermined", 1),
        ("r.four", "suppressed", 0),
        ("r.five", "switched off", 0),
        ("r.six", "not fired", 0),
        ("r.seven", "not in the rulebook", 0),
    ],
)
def test_a_body_with_a_result_alone_says_what_became_of_a_rule(
    sqlite_store: TraceStore, rule: str, outcome: str, situations: int
) -> None:
    known = frozenset(f"r.{name}" for name in ("one", "two", "three", "four", "five", "six"))

    told = why_of(sqlite_store, rule, RESULT, known, rules=(("r.five", "switched off"),))

    assert (told.outcome, len(told.situations)) == (outcome, situations)


def test_a_body_that_tells_of_every_rule_is_believed_before_the_result(sqlite_store: TraceStore) -> None:
    situation = {"elements": ["a"], "outcome": "not fired", "clauses": [{"says": "ECOG below 3", "truth": "false"}]}
    body = {**RESULT, "rules": [{"id": "r.one", "outcome": "not fired", "situations": [situation]}]}

    told = why_of(sqlite_store, "r.one", body)

    assert (told.outcome, told.situations) == ("not fired", (situation,))
    trace = sqlite_store.get(trace_id(1))
    assert trace is not None and why(trace, "r.two", None).outcome == "not in the rulebook"


def test_a_decision_that_failed_judged_no_rule_and_an_erased_one_tells_nothing(sqlite_store: TraceStore) -> None:
    failure = {"failure": {"kind": "EngineFailure", "says": "it stopped"}}

    told = why_of(sqlite_store, "r.one", failure, outcome="failed", rules=())
    erase(sqlite_store, Subject(about="decision", name=trace_id(1)), ground="court-order", id="erasure", at=AT)
    trace = sqlite_store.get(trace_id(1))

    assert (told.outcome, told.failure) == ("not judged", "EngineFailure")
    assert trace is not None and why(trace, "r.one", None).outcome == "erased"
