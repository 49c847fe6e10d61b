"""What is kept is found again, as it was; what is kept cannot be changed."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service.canonical import dumps
from service.problems import StoreUnavailable
from service.traces.migrate import migrate
from service.traces.store import TraceStore, open_store
from tests.traces.traces import trace, trace_id


def numbers(store: TraceStore, **filters: object) -> list[int]:
    """The seq of every header found, over all pages of three."""
    found: list[int] = []
    after = None
    while True:
        page = store.list(after, 3, **filters)  # type: ignore[arg-type]
        found += [header.seq for header in page.headers]
        if page.next_after is None:
            return found
        after = page.next_after


def test_a_kept_trace_is_read_back_byte_for_byte(store: TraceStore) -> None:
    body: dict[str, object] = {
        "facts": [{"raw": "3000 cGy", "value": 30.0, "text": "naïve \u0000 “quote” 🦴"}],
        "a": None,
    }

    store.keep(trace(body=body))

    kept = store.get(trace_id(1))
    assert kept is not None
    assert kept.body_bytes == dumps(body)
    assert kept.body == body
    assert kept.rules == (("imbrication.parp-hold", "fired"), ("prognosis.good", "undetermined"))


def test_a_header_says_what_the_trace_said_and_its_place_in_the_chain(store: TraceStore) -> None:
    store.keep(trace(1))
    store.keep(trace(2))

    first, second = store.get(trace_id(1)), store.get(trace_id(2))

    assert first is not None and second is not None
    assert trace(2).header().items() <= second.header.items()
    assert second.header["seq"] == 2
    assert second.header["prev_hash"] == first.leaf_hash
    assert first.header["prev_hash"] == "0" * 64


def test_the_leaf_is_the_hash_of_a_zero_byte_and_the_stored_text(store: TraceStore) -> None:
    store.keep(trace())

    kept = store.get(trace_id(1))

    assert kept is not None
    assert kept.leaf_hash == hashlib.sha256(b"\x00" + kept.header_text.encode()).hexdigest()
    assert kept.header_text.encode() == dumps(kept.header)


def test_no_value_of_the_body_stands_in_the_header(store: TraceStore) -> None:
    store.keep(trace(body={"facts": ["a value nobody else may see"]}, rules=(("imbrication.seen", "fired"),)))

    kept = store.get(trace_id(1))

    assert kept is not None
    assert "a value nobody else may see" not in kept.header_text
    assert "imbrication.seen" not in kept.header_text


def test_the_same_body_twice_is_committed_to_differently(store: TraceStore) -> None:
    store.keep(trace(1, body={}))
    store.keep(trace(2, body={}))

    first, second = store.get(trace_id(1)), store.get(trace_id(2))

    assert first is not None and second is not None
    assert first.header["body_commitment"] != second.header["body_commitment"]


def test_a_trace_that_was_never_kept_is_none(store: TraceStore) -> None:
    assert store.get(trace_id(404)) is None


def test_a_rule_judged_twice_with_one_outcome_is_kept_once(store: TraceStore) -> None:
    store.keep(trace(rules=(("r", "fired"), ("r", "undetermined"), ("r", "fired"))))

    kept = store.get(trace_id(1))

    assert kept is not None
    assert kept.rules == (("r", "fired"), ("r", "undetermined"))


def test_a_trace_whose_id_is_taken_is_refused_and_leaves_no_gap(store: TraceStore) -> None:
    store.keep(trace(1))

    with pytest.raises(StoreUnavailable):
        store.keep(trace(1))
    store.keep(trace(2))

    assert numbers(store) == [2, 1]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trace_header SET outcome = 'refused'",
        "UPDATE trace_header SET outcome = 'refused' WHERE seq = 1",
        "DELETE FROM trace_header WHERE seq = 1",
    ],
)
def test_the_database_refuses_to_change_a_header(store: TraceStore, statement: str) -> None:
    store.keep(trace(rules=()))
    with store.engine.begin() as connection:
        connection.execute(text("DELETE FROM trace_body"))  # so that no foreign key stands before the guard

    with pytest.raises(DBAPIError, match="append-only"), store.engine.begin() as connection:
        connection.execute(text(statement))

    assert store.list().headers[0].header["outcome"] == "success"


def test_postgresql_refuses_to_empty_the_table_of_headers(empty_postgresql_url: str) -> None:
    migrate(empty_postgresql_url)
    store = open_store(empty_postgresql_url)
    store.keep(trace())

    with pytest.raises(DBAPIError, match="append-only"), store.engine.begin() as connection:
        connection.execute(text("TRUNCATE trace_header CASCADE"))

    assert numbers(store) == [1]
    store.close()


@pytest.mark.parametrize("column", ["seq", "id"])
def test_sqlite_refuses_to_replace_a_header(sqlite_store: TraceStore, column: str) -> None:
    sqlite_store.keep(trace(1, rules=()))
    values = {"seq": "seq + 1", "id": "'another'"} | {column: column}
    rest = "kind, decided_at, hook, hook_instance, rulebook, patient_key, outcome, prev_hash, leaf_hash, header"

    with pytest.raises(DBAPIError, match="append-only"), sqlite_store.engine.begin() as connection:
        connection.execute(
            text(
                f"INSERT OR REPLACE INTO trace_header (seq, id, {rest}) "
                f"SELECT {values['seq']}, {values['id']}, {rest} FROM trace_header"
            )
        )


def test_pages_run_from_the_newest_to_the_oldest_without_gap_or_repeat(store: TraceStore) -> None:
    for number in range(1, 8):
        store.keep(trace(number))

    first = store.list(limit=3)
    store.keep(trace(8))  # arrives while someone turns the pages
    second = store.list(first.next_after, 3)
    last = store.list(second.next_after, 3)

    assert [[header.seq for header in page.headers] for page in (first, second, last)] == [[7, 6, 5], [4, 3, 2], [1]]
    assert last.next_after is None


def test_a_page_that_ends_with_the_last_trace_has_no_next(store: TraceStore) -> None:
    for number in (1, 2, 3):
        store.keep(trace(number))

    assert store.list(limit=3).next_after is None
    assert store.list(limit=2).next_after == 2


@pytest.mark.parametrize("limit", [0, 201])
def test_a_page_holds_one_to_two_hundred(store: TraceStore, limit: int) -> None:
    with pytest.raises(ValueError, match="1 to 200"):
        store.list(limit=limit)


def test_an_empty_store_has_an_empty_page(store: TraceStore) -> None:
    assert store.list().headers == ()
    assert store.list(limit=200).next_after is None


def test_filters_find_what_they_say_and_all_must_hold(store: TraceStore) -> None:
    fired, undetermined = (("r.one", "fired"),), (("r.one", "undetermined"), ("r.two", "fired"))
    store.keep(trace(1, patient_key="aa", rules=fired, decided_at="2026-01-01T00:00:00.000000Z"))
    store.keep(trace(2, patient_key="bb", rules=undetermined, decided_at="2026-01-02T00:00:00.000000Z"))
    store.keep(trace(3, patient_key="aa", rules=undetermined, decided_at="2026-01-02T23:59:59.999999Z"))
    store.keep(trace(4, patient_key="aa", rules=fired, decided_at="2026-01-03T00:00:00.000000Z", outcome="failed"))

    assert numbers(store, patient_key="aa") == [4, 3, 1]
    assert numbers(store, patient_key="cc") == []
    assert numbers(store, outcome="failed") == [4]
    assert numbers(store, rule_id="r.one") == [4, 1]
    assert numbers(store, rule_id="r.one", rule_outcome="undetermined") == [3, 2]
    assert numbers(store, rule_id="r.two", patient_key="aa") == [3]
    assert numbers(store, since="2026-01-02") == [4, 3, 2]
    assert numbers(store, since="2026-01-02", until="2026-01-03") == [3, 2]
    assert numbers(store, until="2026-01-02T00:00:00.000000Z") == [1]
    assert numbers(store, since="2026-01-02T00:00:00.000001Z") == [4, 3]


def test_filtered_pages_turn_without_gap_or_repeat(store: TraceStore) -> None:
    for number in range(1, 11):
        store.keep(trace(number, rules=(("odd" if number % 2 else "even", "fired"),)))

    assert numbers(store, rule_id="odd") == [9, 7, 5, 3, 1]


def test_records_come_in_the_order_of_the_chain_across_batches(store: TraceStore) -> None:
    for number in range(1, 6):
        store.keep(trace(number, rules=(("r", f"o{number}"),)))

    assert [(t.seq, t.rules) for t in store.records(batch=2)] == [(n, (("r", f"o{n}"),)) for n in range(1, 6)]


def test_an_erased_body_is_none_and_its_header_stays(store: TraceStore) -> None:
    store.keep(trace())
    with store.engine.begin() as connection:
        connection.execute(text("DELETE FROM trace_body"))
        connection.execute(text("DELETE FROM trace_rule"))

    kept = store.get(trace_id(1))

    assert kept is not None
    assert kept.is_erased
    assert kept.body is None
    assert kept.header["outcome"] == "success"


def test_sqlite_syncs_fully_and_only_the_owner_reads_its_files(sqlite_store: TraceStore, sqlite_file: Path) -> None:
    sqlite_store.keep(trace())

    with sqlite_store.engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }

    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 2000, "foreign_keys": 1}
    files = [sqlite_file, sqlite_file.with_name("traces.db-wal"), sqlite_file.with_name("traces.db-shm")]
    assert [stat.S_IMODE(os.stat(file).st_mode) for file in files] == [0o600] * 3
