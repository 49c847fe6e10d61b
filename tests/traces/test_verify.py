"""Whatever was done to kept traces, the chain says so and names the first place."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, delete, insert, text

from service.canonical import dumps
from service.secrets.checkpoint import new_signer
from service.traces.entry import columns_of
from service.traces.merkle import leaf_of
from service.traces.migrate import migrate
from service.traces.notes import checkpoint_in, opened
from service.traces.schema import trace_header
from service.traces.store import TraceStore, open_store
from service.traces.verify import ChainReport, verify_chain
from tests.traces.first_schema import first_store
from tests.traces.tampering import as_owner
from tests.traces.traces import event, notary, trace

ALL = ("trace_rule", "trace_card", "trace_resource", "trace_body", "trace_header")


@pytest.fixture
def tampered(store: TraceStore) -> Callable[..., None]:
    """Keeps five traces, then runs statements as someone would who can switch the guards off."""

    def tamper(*statements: str, **values: object) -> None:
        for number in range(1, 6):
            store.keep(trace(number))
        with as_owner(store) as connection:
            for statement in statements:
                connection.execute(text(statement), values)

    return tamper


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
        ("INSERT INTO trace_card VALUES (4, 7, 'another', 'prognosis.poor')", 4, "rows of its index"),
        ("UPDATE trace_card SET rules = 'prognosis.poor' WHERE seq = 4", 4, "rows of its index"),
        ("UPDATE trace_card SET place = 3 WHERE seq = 4", 4, "rows of its index"),
        ("UPDATE trace_resource SET version = '3' WHERE seq = 4 AND version = '2'", 4, "rows of its index"),
        ("INSERT INTO trace_feedback VALUES (4, 'card', 'accepted', '', '', '')", 4, "rows of its index"),
        ("UPDATE trace_header SET client = 'another' WHERE seq = 2", 2, "search column"),
        ("UPDATE trace_header SET degraded = 'invalid' WHERE seq = 2", 2, "search column"),
        ("UPDATE trace_header SET duration_ns = 1 WHERE seq = 2", 2, "search column"),
        ("DELETE FROM trace_body WHERE seq = 2", 2, "without their body"),
        ("INSERT INTO trace_rule VALUES (9, 'prognosis.poor', 'fired')", 9, "belongs to no record"),
        ("INSERT INTO trace_body VALUES (9, 'x', 'x')", 9, "belongs to no record"),
        ("INSERT INTO trace_hold VALUES ('decision', 'another', 3)", 3, "holds in force"),
        ("INSERT INTO trace_rulebook VALUES ('ab', 'cd', 'ef', '')", 5, "no record put in force"),
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
    tampered(*(f"DELETE FROM {table} WHERE seq = {seq}" for table in ALL))

    report = verify_chain(store)

    assert (report.bad_seq, report.fault) == (seq, "the record is missing")
    assert len(report.faults) == 1


def test_several_deleted_records_are_found_together(store: TraceStore, tampered: Callable[..., None]) -> None:
    tampered(*(f"DELETE FROM {table} WHERE seq IN (2, 3, 4)" for table in ALL))

    assert verify_chain(store).fault == "records 2 to 4 are missing"


def test_two_swapped_records_are_found(store: TraceStore, tampered: Callable[..., None]) -> None:
    moves = ((2, 99), (3, 2), (99, 3))
    tampered(*(f"UPDATE {table} SET seq = {new} WHERE seq = {old}" for old, new in moves for table in ALL))

    report = verify_chain(store)

    assert report.bad_seq == 2
    assert "does not follow" in report.fault


def test_an_inserted_record_is_found(store: TraceStore, tampered: Callable[..., None]) -> None:
    moves = ((5, 6), (4, 5), (3, 4))
    tampered(*(f"UPDATE {table} SET seq = {new} WHERE seq = {old}" for old, new in moves for table in ALL))
    forged = _header(store, 2) | {"id": "forged", "seq": 3, "prev_hash": _leaf(store, 2)}
    with as_owner(store) as connection:
        _write(connection, forged)

    report = verify_chain(store)

    assert report.bad_seq == 3


def test_a_record_before_the_first_is_found(store: TraceStore, tampered: Callable[..., None]) -> None:
    tampered()
    with as_owner(store) as connection:
        _write(connection, _header(store, 1) | {"id": "forged", "seq": 0})

    assert verify_chain(store).bad_seq == 0


def test_a_header_rewritten_with_its_hash_is_found_at_the_next_one(
    store: TraceStore, tampered: Callable[..., None]
) -> None:
    tampered()
    header = dumps(_header(store, 3) | {"evaluation_date": "2020-01-01"})
    with as_owner(store) as connection:
        connection.execute(
            text("UPDATE trace_header SET header = :header, leaf_hash = :leaf WHERE seq = 3"),
            {"header": header.decode(), "leaf": leaf_of(header).hex()},
        )

    report = verify_chain(store)

    assert report.bad_seq == 4
    assert "does not follow" in report.fault


def test_a_body_exchanged_for_another_is_found(store: TraceStore, tampered: Callable[..., None]) -> None:
    tampered("UPDATE trace_body SET packed = :packed WHERE seq = 3", packed=zlib.compress(dumps({"facts": []})))

    assert verify_chain(store).bad_seq == 3


def test_a_body_that_is_gone_without_an_erasure_is_found(store: TraceStore, tampered: Callable[..., None]) -> None:
    tampered(*(f"DELETE FROM {table} WHERE seq = 3" for table in ALL if table != "trace_header"))

    report = verify_chain(store)

    assert (report.bad_seq, report.erased) == (3, 1)
    assert "no erasure tells of it" in report.fault


def test_a_header_that_is_no_longer_text_is_found(sqlite_store: TraceStore) -> None:
    sqlite_store.keep(trace())
    with as_owner(sqlite_store) as connection:
        connection.execute(text("UPDATE trace_header SET header = CAST(x'7bff7d' AS TEXT)"))

    assert verify_chain(sqlite_store).bad_seq == 1


def test_all_that_is_wrong_is_told_in_the_order_of_the_records(
    store: TraceStore, tampered: Callable[..., None]
) -> None:
    tampered(
        "UPDATE trace_header SET outcome = 'refused' WHERE seq = 5",
        *(f"DELETE FROM {table} WHERE seq = 4" for table in ALL),
        "UPDATE trace_header SET client = 'another' WHERE seq = 2",
    )

    assert [fault.seq for fault in verify_chain(store).faults] == [2, 4, 5]


def test_a_clock_that_went_back_is_told_and_is_no_fault(store: TraceStore) -> None:
    store.keep(trace(1, decided_at="2026-01-31T09:30:10.000000Z"))
    store.keep(trace(2, decided_at="2026-01-31T09:30:05.000000Z"))  # as far apart as two workers may be
    store.keep(trace(3, decided_at="2026-01-31T09:29:59.000000Z"))

    report = verify_chain(store)

    assert report.holds
    assert report.clock_steps == (3,)


def test_an_event_that_does_not_say_what_its_kind_says_is_found(sqlite_store: TraceStore) -> None:
    sqlite_store.record_event(event(1, "erasure", says={"erased": "everything"}))
    sqlite_store.record_event(event(2, "hold", says={}))

    assert [fault.seq for fault in verify_chain(sqlite_store).faults] == [1, 2]


# --- what only a checkpoint shows ------------------------------------------------------------------


def _signed_store(url: str) -> tuple[TraceStore, str]:
    """Eight records of which the first five are signed, and the checkpoint somebody took away."""
    store = open_store(url, notary(every=1000))
    for number in range(1, 6):
        store.keep(trace(number))  # the first is signed at once, and told by the second
    assert store.notary is not None
    signed = store.notary.sign(store)
    assert signed is not None and signed.size == 6
    store.keep(trace(7))
    return store, signed.note


def _verified(store: TraceStore, note: str) -> ChainReport:
    assert store.notary is not None
    verifiers = [store.notary.signer.verifier]
    opened(note, verifiers)
    return verify_chain(store, outside=[checkpoint_in(note)], verifiers=verifiers)


def test_a_store_agrees_with_a_checkpoint_kept_elsewhere(url: str) -> None:
    store, note = _signed_store(url)

    report = _verified(store, note)

    assert report.holds, report.faults
    assert (report.records, report.checkpoints) == (8, 3)
    store.close()


def test_an_end_that_was_cut_off_is_found_against_the_checkpoint(url: str) -> None:
    store, note = _signed_store(url)
    with as_owner(store) as connection:
        for table in (*ALL, "trace_checkpoint"):
            column = "size" if table == "trace_checkpoint" else "seq"
            connection.execute(text(f"DELETE FROM {table} WHERE {column} > 4"))

    assert verify_chain(store).holds  # by itself it looks whole

    report = _verified(store, note)
    assert report.bad_seq == 5
    assert "cut off: 6 records were signed" in report.fault
    store.close()


def test_an_end_that_was_cut_off_with_checkpoints_left_is_found_by_itself(url: str) -> None:
    store, _ = _signed_store(url)
    with as_owner(store) as connection:
        for table in ALL:
            connection.execute(text(f"DELETE FROM {table} WHERE seq > 5"))

    assert verify_chain(store).bad_seq == 6
    store.close()


def test_a_chain_rewritten_as_a_whole_is_found_against_the_checkpoint(url: str) -> None:
    store, note = _signed_store(url)
    _rewrite(store, from_seq=3, change={"evaluation_date": "2020-01-01"})
    with as_owner(store) as connection:
        connection.execute(text("DELETE FROM trace_checkpoint WHERE size > 1"))

    report = _verified(store, note)

    assert report.bad_seq == 2
    assert "one of the records 2 to 6 is not the one that was signed" in report.fault
    store.close()


def test_a_checkpoint_signed_with_another_key_is_found(url: str) -> None:
    store, _ = _signed_store(url)
    assert store.notary is not None
    with as_owner(store) as connection:
        root = connection.execute(text("SELECT note FROM trace_checkpoint WHERE size = 6")).scalar_one()
        forged = new_signer().signed(checkpoint_in(root).text)
        connection.execute(text("UPDATE trace_checkpoint SET note = :note WHERE size = 6"), {"note": forged})

    report = verify_chain(store, verifiers=[store.notary.signer.verifier])

    assert report.bad_seq == 7  # the record that tells of it
    assert "not signed with a key that was given" in report.fault
    store.close()


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DELETE FROM trace_checkpoint WHERE size = 6", "the checkpoint of 6 records is gone"),
        ("UPDATE trace_checkpoint SET size = 5 WHERE size = 6", "the checkpoint of 5 records"),
        ("UPDATE trace_checkpoint SET note = '' WHERE size = 6", "cannot be believed"),
        ("UPDATE trace_checkpoint SET frontier = 'x' WHERE size = 6", "goes on from was changed"),
        ("INSERT INTO trace_checkpoint SELECT 3, signed_at, note, frontier FROM trace_checkpoint WHERE size = 6", "3 records"),
    ],
)  # fmt: skip
def test_a_change_of_the_checkpoints_is_found(url: str, statement: str, fault: str) -> None:
    store, _ = _signed_store(url)
    with as_owner(store) as connection:
        connection.execute(text(statement))

    report = verify_chain(store)

    assert any(fault in each.what for each in report.faults), report.faults
    store.close()


# --- of the first schema ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE trace_header SET client = 'another' WHERE seq = 2", "search column"),
        ("UPDATE trace_rule SET outcome = 'suppressed' WHERE seq = 2 AND outcome = 'fired'", "rows of its index"),
        ("INSERT INTO trace_card VALUES (2, 0, 'another', 'prognosis.poor')", "rows of its index"),
        ("UPDATE trace_header SET header = replace(header, 'success', 'refused') WHERE seq = 2", "not the one"),
    ],
)
def test_a_change_of_an_old_record_is_found(empty_url: str, statement: str, fault: str) -> None:
    first_store(empty_url, records=3)
    migrate(empty_url)
    store = open_store(empty_url)
    with as_owner(store) as connection:
        connection.execute(text(statement))

    report = verify_chain(store)

    assert (report.bad_seq, fault in report.fault) == (2, True)
    store.close()


# --- by hand ---------------------------------------------------------------------------------------


def _header(store: TraceStore, seq: int) -> dict[str, object]:
    return next(t for t in store.records() if t.seq == seq).header


def _leaf(store: TraceStore, seq: int) -> str:
    return next(t for t in store.records() if t.seq == seq).leaf_hash


def _write(connection: Connection, header: dict[str, object]) -> str:
    """A header as the service would write it, in its place or instead of the one there."""
    content = dumps(header)
    columns = {**columns_of(header), "leaf_hash": leaf_of(content).hex(), "header": content.decode()}
    connection.execute(delete(trace_header).where(trace_header.c.seq == header["seq"]))
    connection.execute(insert(trace_header), columns)
    return str(columns["leaf_hash"])


def _rewrite(store: TraceStore, *, from_seq: int, change: dict[str, object]) -> None:
    """Changes one header and makes every later one follow, as somebody can who reads this code."""
    headers = [dict(t.header) for t in store.records()]
    leaf = _leaf(store, from_seq - 1)
    with as_owner(store) as connection:
        for header in headers[from_seq - 1 :]:
            header |= {"prev_hash": leaf, **(change if header["seq"] == from_seq else {})}
            leaf = _write(connection, header)
