"""Whatever was done to kept traces, the chain says so and names the first place."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import pytest
from sqlalchemy import text

from service.canonical import dumps
from service.traces.entry import leaf_hash
from service.traces.store import TraceStore
from service.traces.verify import verify_chain
from tests.traces.tampering import without_guards
from tests.traces.traces import trace


@pytest.fixture
def tampered(store: TraceStore) -> Callable[..., None]:
    """Keeps five traces, then runs statements as someone would who can switch the guards off."""

    def tamper(*statements: str, **values: object) -> None:
        for number in range(1, 6):
            store.keep(trace(number))
        with store.engine.begin() as connection:
            without_guards(connection)
            for statement in statements:
                connection.execute(text(statement), values)

    return tamper


def test_the_leaf_of_nothing_is_the_one_of_rfc_6962() -> None:
    assert leaf_hash(b"") == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


def test_an_empty_chain_holds(store: TraceStore) -> None:
    report = verify_chain(store)

    assert report.holds
    assert report.records == 0


def test_a_chain_that_nobody_touched_holds(store: TraceStore) -> None:
    for number in range(1, 6):
        store.keep(trace(number))

    report = verify_chain(store)

    assert report.holds
    assert (report.records, report.erased) == (5, 0)
    assert report.head_hash == store.list(limit=1).headers[0].leaf_hash


def test_a_chain_holds_when_a_body_was_erased_with_its_rules(store: TraceStore, tampered: Callable[..., None]) -> None:
    tampered(*(f"DELETE FROM {table} WHERE seq = 3" for table in ("trace_rule", "trace_body")))

    report = verify_chain(store)

    assert report.holds
    assert (report.records, report.erased) == (5, 1)


@pytest.mark.parametrize(
    ("statement", "bad_seq", "fault"),
    [
        ("UPDATE trace_header SET header = replace(header, 'success', 'refused') WHERE seq = 3", 3, "not the one"),
        ("UPDATE trace_header SET leaf_hash = prev_hash WHERE seq = 3", 3, "not the one"),
        ("UPDATE trace_header SET header = '[]' WHERE seq = 3", 3, "not the one"),
        ("UPDATE trace_header SET outcome = 'refused' WHERE seq = 2", 2, "search column"),
        ("UPDATE trace_header SET patient_key = 'cc' WHERE seq = 5", 5, "search column"),
        ("UPDATE trace_header SET prev_hash = leaf_hash WHERE seq = 4", 4, "search column"),
        ("UPDATE trace_body SET salt = packed WHERE seq = 2", 2, "body is not the one"),
        ("UPDATE trace_body SET packed = salt WHERE seq = 1", 1, "unpacked"),
        ("UPDATE trace_rule SET outcome = 'undetermined' WHERE seq = 4 AND outcome = 'fired'", 4, "rows of its index"),
        ("DELETE FROM trace_rule WHERE seq = 4 AND outcome = 'fired'", 4, "rows of its index"),
        ("INSERT INTO trace_rule VALUES (4, 'prognosis.poor', 'fired')", 4, "rows of its index"),
        ("DELETE FROM trace_body WHERE seq = 2", 2, "without their body"),
    ],
)
def test_a_change_is_found_where_it_was_made(
    store: TraceStore, tampered: Callable[..., None], statement: str, bad_seq: int, fault: str
) -> None:
    tampered(statement)

    report = verify_chain(store)

    assert not report.holds
    assert report.bad_seq == bad_seq
    assert fault in report.fault


@pytest.mark.parametrize("seq", [1, 3])
def test_a_deleted_record_is_found(store: TraceStore, tampered: Callable[..., None], seq: int) -> None:
    tampered(*(f"DELETE FROM {table} WHERE seq = {seq}" for table in ("trace_rule", "trace_body", "trace_header")))

    assert verify_chain(store).bad_seq == seq


def test_two_swapped_records_are_found(store: TraceStore, tampered: Callable[..., None]) -> None:
    moves = ((2, 99), (3, 2), (99, 3))
    tables = ("trace_header", "trace_body", "trace_rule")
    tampered(*(f"UPDATE {table} SET seq = {new} WHERE seq = {old}" for old, new in moves for table in tables))

    report = verify_chain(store)

    assert report.bad_seq == 2
    assert "does not follow" in report.fault


def test_a_header_rewritten_with_its_hash_is_found_at_the_next_one(
    store: TraceStore, tampered: Callable[..., None]
) -> None:
    tampered()
    header = next(t for t in store.records() if t.seq == 3).header | {"evaluation_date": "2020-01-01"}
    with store.engine.begin() as connection:
        connection.execute(
            text("UPDATE trace_header SET header = :header, leaf_hash = :leaf WHERE seq = 3"),
            {"header": dumps(header).decode(), "leaf": leaf_hash(dumps(header))},
        )

    report = verify_chain(store)

    assert report.bad_seq == 4
    assert "does not follow" in report.fault


def test_a_body_exchanged_for_another_is_found(store: TraceStore, tampered: Callable[..., None]) -> None:
    tampered("UPDATE trace_body SET packed = :packed WHERE seq = 3", packed=zlib.compress(dumps({"facts": []})))

    assert verify_chain(store).bad_seq == 3


def test_a_header_that_is_no_longer_text_is_found(sqlite_store: TraceStore) -> None:
    sqlite_store.keep(trace())
    with sqlite_store.engine.begin() as connection:
        without_guards(connection)
        connection.execute(text("UPDATE trace_header SET header = CAST(x'7bff7d' AS TEXT)"))

    assert verify_chain(sqlite_store).bad_seq == 1
