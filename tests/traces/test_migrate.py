"""A store is made from nothing, once, by whoever comes first; anything that is no store is refused in words."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import stat
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command, op
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from service.traces.database import StoreError, database_url, engine_for, is_sqlite, place, writing
from service.traces.erasure import erase
from service.traces.holds import Subject
from service.traces.migrate import _config, _make_file, head, migrate
from service.traces.queries.decisions import Wanted, found
from service.traces.queries.rule_activity import rule_activity
from service.traces.schema import metadata
from service.traces.store import TraceStore, open_store
from service.traces.tallies import open_end
from service.traces.verify import verify_chain
from tests.traces.first_schema import first_store
from tests.traces.traces import AT, notary, shown_card, trace


def test_the_migrations_make_the_schema_that_queries_see(url: str) -> None:
    engine = engine_for(database_url(url), wait_ms=2000)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()

    assert differences == []


def test_a_second_migration_changes_nothing(url: str) -> None:
    store = open_store(url)
    store.keep(trace())

    migrate(url)

    assert verify_chain(store).records == 1
    store.close()


def test_processes_that_start_at_once_make_one_store(empty_url: str) -> None:
    with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("spawn")) as processes:
        list(processes.map(migrate, [empty_url] * 8))

    store = open_store(empty_url)
    assert store.ready()
    store.close()


def test_a_store_that_was_never_migrated_is_refused(empty_postgresql_url: str) -> None:
    with pytest.raises(StoreError, match=f"is at revision none and this release needs {head()}"):
        open_store(empty_postgresql_url)


def test_a_store_of_another_release_is_refused(url: str) -> None:
    engine = engine_for(database_url(url), wait_ms=2000)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(StoreError, match="is at revision 9999"):
        open_store(url)
    with pytest.raises(StoreError, match="cannot be brought to this release"):
        migrate(url)


def test_a_missing_file_is_refused_and_not_created(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no trace store"):
        open_store(f"sqlite:///{tmp_path}/none.db")

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_a_database_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "letter.db"
    file.write_text("Dear colleague, " * 1000)

    with pytest.raises(StoreError, match="cannot be read as a trace store"):
        open_store(f"sqlite:///{file}")
    with pytest.raises(StoreError, match="file is not a database"):
        migrate(f"sqlite:///{file}")

    assert file.read_text() == "Dear colleague, " * 1000


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be read as a trace store"):
        open_store(f"sqlite:///{tmp_path}")
    with pytest.raises(StoreError, match="cannot be opened"):
        migrate(f"sqlite:///{tmp_path}")


def test_a_folder_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        migrate(f"sqlite:///{tmp_path}/nowhere/osteon.db")


def test_a_store_that_lost_its_write_ahead_mode_is_refused(sqlite_file: Path) -> None:
    with closing(sqlite3.connect(sqlite_file)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")

    with pytest.raises(StoreError, match="write-ahead"):
        open_store(f"sqlite:///{sqlite_file}")
    migrate(f"sqlite:///{sqlite_file}")

    open_store(f"sqlite:///{sqlite_file}").close()


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    file = tmp_path / "osteon.db"
    file.touch(mode=0o644)

    migrate(f"sqlite:///{file}")

    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600


@pytest.mark.parametrize(
    "url",
    [
        "osteon.db",
        "mysql://host/traces",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:osteon.db?uri=true",
        "sqlite:///osteon.db?mode=ro",
    ],
)
def test_a_url_of_another_kind_is_refused_in_words(url: str) -> None:
    with pytest.raises(StoreError, match="sqlite:///"):
        open_store(url)
    with pytest.raises(StoreError, match="sqlite:///"):
        migrate(url)


def test_a_path_with_signs_that_urls_know_is_a_path(tmp_path: Path) -> None:
    folder = tmp_path / "50% of #1"
    folder.mkdir()

    migrate(f"sqlite:///{folder}/osteon.db")
    store = open_store(f"sqlite:///{folder}/osteon.db")
    store.keep(trace())
    store.close()

    assert (folder / "osteon.db").stat().st_size > 0


def test_words_about_a_database_never_hold_its_password() -> None:
    url = database_url("postgresql://osteon:hunter2@nowhere.invalid/traces?password=hunter3")

    assert place(url) == "nowhere.invalid/traces"


def test_a_server_that_is_not_there_stops_a_migration_in_words() -> None:
    with pytest.raises(StoreError, match=r"localhost|127\.0\.0\.1") as told:
        migrate("postgresql+psycopg://osteon:hunter2@127.0.0.1:1/traces")

    assert "hunter2" not in str(told.value)


# --- from the first release ------------------------------------------------------------------------


def test_a_store_of_the_first_release_keeps_its_hashes_and_holds(empty_url: str) -> None:
    leaves = first_store(empty_url, records=5)

    migrate(empty_url)

    store = open_store(empty_url)
    report = verify_chain(store)
    assert report.holds, report.faults
    assert [record.leaf_hash for record in store.records()] == leaves
    store.close()


def test_what_an_old_record_does_not_know_is_read_as_unknown(empty_url: str) -> None:
    first_store(empty_url, records=1)
    migrate(empty_url)
    store = open_store(empty_url)

    [record] = store.records()

    assert {record.columns[name] for name in ("subject", "service", "client", "tenant", "user_key", "degraded")} == {""}
    assert record.columns["duration_ns"] is None
    assert record.rules == (("prognosis.good", "fired"), ("r.two", "undetermined"))
    assert record.body == {"facts": [{"value": 1}]}
    assert record.header["counts"] == {"fired": 1, "undetermined": 1, "cards": 1, "notices": 0}
    store.close()


def test_an_old_chain_is_gone_on_with_signed_and_erased_from(empty_url: str) -> None:
    first_store(empty_url, records=5)
    migrate(empty_url)
    store = open_store(empty_url, notary())

    store.keep(trace(9))
    erase(store, Subject(about="decision", name=trace(2).id), ground="court-order", id="erasure", at=AT)

    report = verify_chain(store)
    assert report.holds, report.faults
    assert (report.records, report.erased, report.checkpoints) == (8, 1, 1)
    assert [header.seq for header in store.list(patient_key="ab" * 32).headers] == [6, 5, 4, 3, 2, 1]
    store.close()


def test_full_blocks_of_an_old_store_are_counted_when_it_is_migrated(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.traces.tallies.BLOCK", 4)
    first_store(empty_url, records=9)

    migrate(empty_url)

    store = open_store(empty_url)
    with store.reading() as connection:
        assert open_end(connection) == (9, 9)
    assert verify_chain(store).holds
    assert {each.rule: each.outcomes for each in rule_activity(store).rules} == {
        "prognosis.good": {"fired": 9},
        "r.two": {"undetermined": 9},
    }
    store.close()


def test_a_store_of_the_second_schema_is_migrated_with_all_that_hangs_on_it(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _second_store(empty_url, records=9)
    monkeypatch.setattr("service.traces.tallies.BLOCK", 4)

    migrate(empty_url)

    store = open_store(empty_url)
    assert verify_chain(store).holds
    store.keep(trace(10))
    with store.reading() as connection:
        assert open_end(connection) == (9, 10)
    assert [header.seq for header in found(store, Wanted(card=shown_card(3).uuid)).headers] == [3]
    assert [header.seq for header in found(store, Wanted(resource="ef" * 16, version="2"), limit=2).headers] == [10, 9]
    store.close()


def _second_store(url: str, records: int) -> None:
    """As the second release left it."""
    parsed = database_url(url)
    if is_sqlite(parsed):
        _make_file(parsed)
    engine = engine_for(parsed, wait_ms=2000)
    with writing(engine).begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
    engine.dispose()
    store = TraceStore(parsed)
    for number in range(1, records + 1):
        store.keep(trace(number))
    store.close()


def test_a_migration_that_fails_half_way_leaves_the_store_as_it_was(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_store(empty_url, records=2)
    monkeypatch.setattr("alembic.op.create_index", _failing_at("seen_token_expires_at"))
    with pytest.raises(RuntimeError, match="half-way"):
        migrate(empty_url)
    monkeypatch.undo()

    engine = engine_for(database_url(empty_url), wait_ms=2000)
    with engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_heads() == ("0001",)
        assert "trace_card" not in inspect(connection).get_table_names()
    engine.dispose()
    migrate(empty_url)

    store = open_store(empty_url)
    assert verify_chain(store).records == 2
    store.close()


def _failing_at(name: str) -> Callable[..., None]:
    create = op.create_index

    def create_index(index: str, *arguments: Any, **others: Any) -> None:
        if index == name:
            raise RuntimeError("half-way")
        create(index, *arguments, **others)

    return create_index
