"""The head of the chain is signed when it is due, once, by whoever is there, and never costs a decision."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from service.traces.checkpoints import KeptCheckpoint, checkpoints
from service.traces.database import StoreError
from service.traces.merkle import root_of
from service.traces.notes import checkpoint_in, notes_in, opened
from service.traces.proofs import leaves
from service.traces.store import TraceStore, open_store
from service.traces.verify import verify_chain
from tests.traces.tampering import as_owner
from tests.traces.traces import event, notary, trace


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


def kept_in(store: TraceStore) -> list[KeptCheckpoint]:
    with store.reading() as connection:
        return list(checkpoints(connection))


def sizes(store: TraceStore) -> list[int]:
    return [kept.size for kept in kept_in(store)]


def test_the_first_record_is_signed_and_then_every_so_many(url: str) -> None:
    store = open_store(url, notary(every=4))

    for number in range(1, 10):
        store.keep(trace(number))

    # A checkpoint tells of itself in the record after those it covers.
    assert sizes(store) == [1, 5, 9]
    assert verify_chain(store).records == 9 + 3
    store.close()


def test_what_is_signed_is_the_root_of_all_leaves(url: str) -> None:
    signer = notary(every=4)
    store = open_store(url, signer)
    for number in range(1, 10):
        store.keep(trace(number))

    for kept in kept_in(store):
        assert opened(kept.note, [signer.signer.verifier])
        assert checkpoint_in(kept.note).root == root_of(leaves(store, kept.size))
        assert checkpoint_in(kept.note).origin == signer.signer.name
    store.close()


def test_a_checkpoint_that_is_too_old_is_followed_by_the_next_when_something_is_kept(sqlite_store: TraceStore) -> None:
    clock = Clock()
    sqlite_store.notary = notary(within=timedelta(minutes=10), now=clock)
    sqlite_store.keep(trace(1))
    sqlite_store.keep(trace(2))

    clock.time += timedelta(minutes=9, seconds=59)
    sqlite_store.notary._last = None  # as in a process that has just started, whose clock is another
    sqlite_store.keep(trace(3))
    assert sizes(sqlite_store) == [1]

    clock.time += timedelta(seconds=1)
    sqlite_store.notary._last = None
    sqlite_store.keep(trace(4))
    assert sizes(sqlite_store) == [1, 5]


def test_without_a_notary_nothing_is_signed(sqlite_store: TraceStore) -> None:
    sqlite_store.keep(trace(1))

    assert sizes(sqlite_store) == []


def test_a_second_process_goes_on_where_the_first_ended(sqlite_file: Path) -> None:
    first = open_store(f"sqlite:///{sqlite_file}", notary(every=4))
    for number in range(1, 4):
        first.keep(trace(number))
    assert first.notary is not None
    second = open_store(f"sqlite:///{sqlite_file}", notary(every=4))
    second.notary = first.notary.__class__(
        first.notary.signer, every=4, within=timedelta(hours=1), new_id=iter(f"second-{n}" for n in range(99)).__next__
    )

    second.keep(trace(4))
    first.keep(trace(5))
    second.keep(trace(6))

    assert sizes(first) == [1, 5]
    assert verify_chain(first, verifiers=[first.notary.signer.verifier]).holds


def test_threads_that_keep_at_once_sign_once(url: str) -> None:
    store = open_store(url, notary(every=10))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(store.keep, [trace(number) for number in range(1, 41)]))

    report = verify_chain(store)
    assert report.holds, report.faults
    assert all(second - first >= 10 for first, second in zip(sizes(store), sizes(store)[1:], strict=False))
    store.close()


def test_nothing_new_is_not_signed_again(sqlite_store: TraceStore) -> None:
    signer = notary()
    assert signer.sign(sqlite_store) is None

    sqlite_store.keep(trace(1))
    first = signer.sign(sqlite_store)
    assert first is not None and first.size == 1
    assert signer.sign(sqlite_store) is None  # but for what tells of the first

    sqlite_store.record_event(event(1))
    second = signer.sign(sqlite_store)
    assert second is not None and second.size == 3


def test_each_checkpoint_is_added_to_a_file(sqlite_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "checkpoints"
    store = open_store(f"sqlite:///{sqlite_file}", notary(every=4, file=str(file)))

    for number in range(1, 7):
        store.keep(trace(number))

    assert notes_in(file.read_text()) == tuple(kept.note for kept in kept_in(store))
    assert len(sizes(store)) == 2


def test_a_file_that_cannot_be_written_costs_no_decision_and_is_told(
    sqlite_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("service.traces.checkpoints.log_exception", lambda event, error: told.append(event))
    store = open_store(f"sqlite:///{sqlite_file}", notary(file=str(tmp_path / "nowhere" / "checkpoints")))

    store.keep(trace(1))
    store.keep(trace(2))

    assert [record.id for record in store.list().headers] == [trace(2).id, trace(1).id]
    assert told == ["checkpoint"]
    assert sizes(store) == [1]  # the store has it all the same


def test_a_chain_with_a_gap_is_not_signed(sqlite_store: TraceStore) -> None:
    for number in range(1, 4):
        sqlite_store.keep(trace(number, rules=(), cards=(), resources=()))
    with as_owner(sqlite_store) as connection:
        connection.execute(text("DELETE FROM trace_header WHERE seq = 2"))

    with pytest.raises(StoreError, match="missing"):
        notary().sign(sqlite_store)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trace_checkpoint SET frontier = (SELECT packed FROM trace_body LIMIT 1)",
        "UPDATE trace_checkpoint SET note = replace(note, '1', '2')",
        "UPDATE trace_checkpoint SET size = 2",
    ],
)
def test_nothing_is_signed_on_top_of_a_checkpoint_that_was_changed(sqlite_store: TraceStore, statement: str) -> None:
    signer = notary()
    sqlite_store.keep(trace(1))
    signer.sign(sqlite_store)
    sqlite_store.keep(trace(2))
    with as_owner(sqlite_store) as connection:
        connection.execute(text(statement))

    with pytest.raises(StoreError, match="changed"):
        signer.sign(sqlite_store)


def test_another_key_goes_on_from_the_checkpoints_of_the_one_before(sqlite_store: TraceStore) -> None:
    former, present = notary(), notary()
    sqlite_store.keep(trace(1))
    former.sign(sqlite_store)
    sqlite_store.keep(trace(2))
    present._new_id = lambda: "another"
    present.sign(sqlite_store)

    assert verify_chain(sqlite_store, verifiers=[former.signer.verifier, present.signer.verifier]).holds
    assert not verify_chain(sqlite_store, verifiers=[present.signer.verifier]).holds


def test_the_database_refuses_to_change_or_delete_a_checkpoint(url: str) -> None:
    store = open_store(url, notary())
    store.keep(trace(1))

    for statement in ("UPDATE trace_checkpoint SET note = ''", "DELETE FROM trace_checkpoint"):
        with pytest.raises(Exception, match="never changed"), store.engine.begin() as connection:
            connection.execute(text(statement))
    store.close()
