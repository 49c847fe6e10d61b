"""Events stand in the same chain, are found by their kind, and leave what they are about untouched."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service.arrival import Arrival, Caller
from service.trace import ShownCard
from service.traces.store import TraceStore
from service.traces.telling import tell_export, tell_read, tell_replay
from service.traces.verify import verify_chain
from tests.traces.traces import AT, event, trace, trace_id

CLERK = Caller(
    client="shell:clerk", issuer="https://ehr.example.org", tenant="north", scopes=("export",), token_id="77" * 32
)


def test_an_event_follows_the_record_before_it(store: TraceStore) -> None:
    store.keep(trace(1))

    told = store.record_event(event(1, says={"to": "somebody"}))

    first = store.get(trace_id(1))
    assert first is not None
    assert told.header["prev_hash"] == first.leaf_hash
    assert (told.seq, told.kind, told.says) == (2, "export", {"to": "somebody"})
    assert verify_chain(store).holds


def test_lists_show_decisions_unless_events_are_asked_for(store: TraceStore) -> None:
    store.keep(trace(1))
    store.record_event(event(1, "read"))
    store.keep(trace(2))
    store.record_event(event(2, "export"))

    assert [header.seq for header in store.list().headers] == [3, 1]
    assert [header.seq for header in store.list(kinds=("read",)).headers] == [2]
    assert [header.seq for header in store.list(kinds=("read", "export")).headers] == [4, 2]


def test_a_header_says_who_asked_when_and_for_how_long(store: TraceStore) -> None:
    arrival = Arrival(
        received_at=AT,
        started_ns=1,
        length=12,
        request_id="r-1",
        w3c_trace_id="ab" * 16,
        w3c_span_id="cd" * 8,
        caller=CLERK,
    )
    store.keep(trace(1, arrival=arrival))

    kept = store.get(trace_id(1))

    assert kept is not None
    said = {name: kept.header[name] for name in ("client", "issuer", "tenant", "scopes", "token_id")}
    assert said == CLERK.header()
    assert (kept.header["received_at"], kept.header["request_length"], kept.header["request_id"]) == (AT, 12, "r-1")
    assert (kept.columns["client"], kept.columns["tenant"]) == ("shell:clerk", "north")


def test_an_event_without_a_body_was_never_erased(store: TraceStore) -> None:
    store.record_event(event(1))

    told = store.get(event(1).id)

    assert told is not None
    assert told.body is None and not told.has_body and not told.is_erased


def test_the_body_of_an_event_is_committed_to_and_no_part_of_its_header(store: TraceStore) -> None:
    store.record_event(event(1, body={"comment": "a word nobody else may see"}))

    told = store.get(event(1).id)

    assert told is not None and told.body == {"comment": "a word nobody else may see"}
    assert "nobody else" not in told.header_text and "body_commitment" in told.header


def test_reading_replaying_and_exporting_are_told(store: TraceStore) -> None:
    store.keep(trace(1))
    kept = store.get(trace_id(1))
    assert kept is not None

    tell_read(store, kept, through="GET /traces/{trace}", id="a", at=AT, caller=CLERK)
    tell_replay(store, kept, verdict="differs", differences=("cards",), rulebook="99" * 32, id="b", at=AT, caller=CLERK)
    tell_export(store, form="csv", says={"records": 1}, id="c", at=AT, caller=CLERK)

    read, replayed, exported = (store.get(name) for name in ("a", "b", "c"))
    assert read is not None and replayed is not None and exported is not None
    assert (read.kind, read.header["subject"], read.header["patient_key"]) == ("read", trace_id(1), "ab" * 32)
    assert replayed.says == {"verdict": "differs", "differences": ["cards"]}
    assert replayed.columns["rulebook"] == "99" * 32
    assert exported.says == {"form": "csv", "records": 1}
    assert {each.columns["client"] for each in (read, replayed, exported)} == {"shell:clerk"}


def test_cards_and_resources_of_a_decision_are_read_back(store: TraceStore) -> None:
    cards = (ShownCard(uuid="u1", rules=("r.one", "r.two")), ShownCard(uuid="u2"))
    store.keep(trace(1, cards=cards))

    kept = store.get(trace_id(1))

    assert kept is not None
    assert kept.side.cards == ((0, "u1", "r.one r.two"), (1, "u2", ""))
    assert kept.side.resources == (("ef" * 16, "2"), ("fe" * 16, ""))


@pytest.mark.parametrize("table", ["trace_body", "trace_rule", "trace_card", "trace_resource"])
def test_the_database_refuses_to_change_what_hangs_on_a_header(store: TraceStore, table: str) -> None:
    store.keep(trace(1))

    with pytest.raises(DBAPIError, match="never changed"), store.engine.begin() as connection:
        connection.execute(text(f"UPDATE {table} SET seq = seq"))
