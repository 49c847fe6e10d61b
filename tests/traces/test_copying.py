"""A store carried from one database to the other has the same bytes, the same hashes, and holds."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from service.traces.copying import Copied, copy_store
from service.traces.database import StoreError
from service.traces.erasure import erase
from service.traces.feedback import Given, take_feedback
from service.traces.holds import Subject, holds_in, place_hold, release_hold
from service.traces.migrate import migrate
from service.traces.rulebooks import activate
from service.traces.store import TraceStore, open_store
from service.traces.verify import verify_chain
from tests.traces.first_schema import first_store
from tests.traces.test_rulebooks import rulebook
from tests.traces.traces import AT, notary, shown_card, trace, trace_id

TABLES = ("trace_header", "trace_body", "trace_rule", "trace_card", "trace_resource", "trace_feedback", "trace_hold",
          "trace_content", "trace_rulebook", "trace_checkpoint")  # fmt: skip


def decision(number: int) -> Subject:
    return Subject(about="decision", name=trace_id(number))


@pytest.fixture(params=["to postgresql", "to sqlite"])
def stores(
    request: pytest.FixtureRequest, sqlite_file: Path, postgresql_url: str
) -> Iterator[tuple[TraceStore, TraceStore]]:
    """A store in which everything has happened, in one kind of database, and an empty one in the other."""
    urls = [f"sqlite:///{sqlite_file}", postgresql_url]
    source, target = [open_store(url) for url in (urls if request.param == "to postgresql" else reversed(urls))]
    source.notary = notary(every=3)
    activate(source, rulebook(), id="activation", at=AT)
    for number in range(1, 8):
        source.keep(trace(number, patient_key=f"{number % 3:064}", body={"text": "naïve \u0000 🦴"}))
    ids = itertools.count(1)
    take_feedback(
        source,
        [Given(card=shown_card(2).uuid, outcome="accepted", document={})],
        at=AT,
        new_id=lambda: f"f-{next(ids)}",
    )
    place_hold(source, decision(5), id="hold", at=AT)
    erase(source, decision(4), ground="court-order", id="erasure", at=AT)
    yield source, target
    source.close()
    target.close()


def content(store: TraceStore) -> dict[str, list[tuple[object, ...]]]:
    with store.reading() as connection:
        return {
            table: sorted(
                tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)
                for row in connection.execute(text(f"SELECT * FROM {table}"))
            )
            for table in TABLES
        }


def test_a_copy_is_the_same_in_every_row(stores: tuple[TraceStore, TraceStore]) -> None:
    source, target = stores

    copied = copy_store(source, target)

    assert content(target) == content(source)
    assert all(content(source).values())  # nothing was compared that is empty
    ours, theirs = verify_chain(source), verify_chain(target)
    assert ours == theirs and theirs.holds
    assert copied == Copied(records=ours.records, there=ours.records)


def test_a_copy_is_brought_up_to_date(stores: tuple[TraceStore, TraceStore], monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = stores
    monkeypatch.setattr("service.traces.copying.AT_ONCE", 2)
    first = copy_store(source, target)
    source.keep(trace(8))
    release_hold(source, decision(5), id="release", at=AT)
    erase(source, decision(6), ground="patient-request", id="later", at=AT)
    place_hold(source, decision(6), id="too late", at=AT)

    second = copy_store(source, target)

    assert content(target) == content(source)
    assert second.there == first.there + second.records
    assert verify_chain(target).holds
    with target.reading() as connection:
        assert [hold.name for hold in holds_in(connection)] == [trace_id(6)]


def test_a_copy_can_be_gone_on_with(stores: tuple[TraceStore, TraceStore]) -> None:
    source, target = stores
    copy_store(source, target)
    target.notary = source.notary

    for number in range(20, 26):
        target.keep(trace(number))

    assert source.notary is not None
    assert verify_chain(target, verifiers=[source.notary.signer.verifier]).holds


def test_other_traces_are_never_mixed_with(stores: tuple[TraceStore, TraceStore]) -> None:
    source, target = stores
    target.keep(trace(99))

    with pytest.raises(StoreError, match="other traces"):
        copy_store(source, target)

    assert verify_chain(target).records == 1


def test_a_store_of_the_first_release_is_copied_with_its_hashes(tmp_path: Path, postgresql_url: str) -> None:
    leaves = first_store(f"sqlite:///{tmp_path}/first.db", records=3)
    migrate(f"sqlite:///{tmp_path}/first.db")
    source, target = open_store(f"sqlite:///{tmp_path}/first.db"), open_store(postgresql_url)

    copy_store(source, target)

    assert [record.leaf_hash for record in target.records()] == leaves
    assert verify_chain(target).holds
    target.close()
