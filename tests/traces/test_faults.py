"""When the database does not do its part, a caller is told within seconds, and the next trace is kept."""

from __future__ import annotations

import itertools
import multiprocessing
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from service.problems import StoreUnavailable
from service.traces.erasure import erase
from service.traces.holds import Subject, place_hold, release_hold
from service.traces.migrate import migrate
from service.traces.pen import CHAIN_LOCK, REST_SECONDS
from service.traces.store import TraceStore, open_store
from service.traces.verify import verify_chain
from tests.traces.traces import AT, notary, trace

SECONDS = 3.0


@contextmanager
def refused_in_time() -> Iterator[None]:
    started = time.monotonic()
    with pytest.raises(StoreUnavailable):
        yield
    assert time.monotonic() - started < SECONDS


def _keep_fifty(url: str, first: int) -> None:
    store = open_store(url)
    for number in range(first, first + 50):
        store.keep(trace(number))
    store.close()


def _keep_in_child(store: TraceStore, first: int) -> None:
    for number in range(first, first + 25):
        store.keep(trace(number))


def test_four_processes_make_one_chain(url: str) -> None:
    with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("spawn")) as processes:
        list(processes.map(_keep_fifty, [url] * 4, [0, 50, 100, 150]))

    store = open_store(url)
    report = verify_chain(store)
    assert report.holds, report
    assert [t.seq for t in store.records()] == list(range(1, 201))
    store.close()


def test_threads_of_one_process_make_one_chain(store: TraceStore) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(store.keep, [trace(number) for number in range(80)]))

    assert verify_chain(store).records == 80
    assert verify_chain(store).holds


def test_a_store_used_before_a_fork_works_on_both_sides_of_it(store: TraceStore) -> None:
    store.keep(trace(0))
    fork = multiprocessing.get_context("fork")
    children = [fork.Process(target=_keep_in_child, args=(store, first)) for first in (100, 200)]

    for child in children:
        child.start()
    _keep_in_child(store, 300)
    for child in children:
        child.join(30)

    assert [child.exitcode for child in children] == [0, 0]
    report = verify_chain(store)
    assert report.holds
    assert report.records == 76


def test_an_opened_store_holds_no_connection(url: str) -> None:
    store = open_store(url)

    assert store._engines == {}


def test_a_locked_sqlite_file_is_told_and_waited_for(sqlite_store: TraceStore, sqlite_file: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD_THE_LOCK, str(sqlite_file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"locked\n"

    with refused_in_time():
        sqlite_store.keep(trace(1))
    assert not sqlite_store.ready()
    assert sqlite_store.get(trace(1).id) is None  # readers do not wait for writers
    holder.communicate(b"\n", timeout=10)

    assert sqlite_store.ready()
    sqlite_store.keep(trace(2))
    assert verify_chain(sqlite_store).records == 1


_HOLD_THE_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
"""


def test_a_chain_that_another_session_holds_is_told_on_postgresql(empty_postgresql_url: str) -> None:
    migrate(empty_postgresql_url)
    store = open_store(empty_postgresql_url)
    with psycopg.connect(empty_postgresql_url.replace("+psycopg", "")) as holder:
        holder.execute("SELECT pg_advisory_xact_lock(%s)", (CHAIN_LOCK,))

        with refused_in_time():
            store.keep(trace(1))
        assert not store.ready()

    store.keep(trace(2))
    assert verify_chain(store).records == 1
    store.close()


def test_a_locked_table_is_told_on_postgresql(empty_postgresql_url: str) -> None:
    migrate(empty_postgresql_url)
    store = open_store(empty_postgresql_url)
    with psycopg.connect(empty_postgresql_url.replace("+psycopg", "")) as holder:
        holder.execute("LOCK TABLE trace_body IN ACCESS EXCLUSIVE MODE")

        with refused_in_time():
            store.keep(trace(1))

    time.sleep(REST_SECONDS)
    store.keep(trace(2))
    assert verify_chain(store).records == 1
    store.close()


def test_a_full_disk_is_told_and_the_store_recovers(sqlite_store: TraceStore) -> None:
    def allow(pages: int) -> None:
        with sqlite_store.engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    large: dict[str, object] = {"facts": [f"{number * 7919:x}" for number in range(20000)]}
    sqlite_store.keep(trace(1))
    with sqlite_store.engine.connect() as connection:
        used = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    allow(used + 2)

    with refused_in_time():
        sqlite_store.keep(trace(2, body=large))
    allow(1_000_000)
    sqlite_store.keep(trace(3, body=large))

    report = verify_chain(sqlite_store)
    assert report.holds
    assert report.records == 2


def test_a_deleted_file_is_told_and_not_written_to(sqlite_store: TraceStore, sqlite_file: Path) -> None:
    sqlite_store.keep(trace(1))
    sqlite_file.unlink()

    with refused_in_time():
        sqlite_store.keep(trace(2))

    assert not sqlite_store.ready()
    assert not sqlite_file.exists()


def test_sessions_cut_by_the_server_cost_no_trace(empty_postgresql_url: str) -> None:
    migrate(empty_postgresql_url)
    store = open_store(empty_postgresql_url)
    store.keep(trace(1))
    with psycopg.connect(empty_postgresql_url.replace("+psycopg", ""), autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    store.keep(trace(2))

    assert verify_chain(store).records == 2
    store.close()


def test_a_stopped_server_is_told_and_a_started_one_is_used_again(
    empty_postgresql_url: str, postgresql_server: Any
) -> None:
    migrate(empty_postgresql_url)
    store = open_store(empty_postgresql_url)
    store.keep(trace(1))

    postgresql_server.stop()
    try:
        with refused_in_time():
            store.keep(trace(2))
        with refused_in_time():
            store.list()
        assert not store.ready()
        open_store(empty_postgresql_url)  # a server that is down for now stops nobody from starting
    finally:
        postgresql_server.ensure_postgres_running()

    store.keep(trace(3))
    assert verify_chain(store).records == 2
    store.close()


def test_what_is_raised_shows_no_value_of_the_trace(sqlite_store: TraceStore) -> None:
    secret = "a value nobody else may see"
    sqlite_store.keep(trace(1))

    with pytest.raises(StoreUnavailable) as told:
        sqlite_store.keep(trace(1, hook_instance=secret, body={"fact": secret}))

    assert told.value.__cause__ is not None
    assert secret not in repr(told.value) + str(told.value.__cause__)


def test_a_chain_that_grows_while_it_is_verified_holds(url: str) -> None:
    store = open_store(url, notary(every=5))
    keeper = open_store(url)
    keeper.notary = store.notary
    store.keep(trace(1))
    stop = threading.Event()

    def keep_on() -> None:
        for number in itertools.count(2):
            if stop.is_set():
                return
            keeper.keep(trace(number))
            place_hold(keeper, Subject(about="decision", name=trace(number).id), id=f"hold-{number}", at=AT)
            if number % 2:
                release_hold(keeper, Subject(about="decision", name=trace(number).id), id=f"release-{number}", at=AT)
                erase(
                    keeper,
                    Subject(about="decision", name=trace(number).id),
                    ground="court-order",
                    id=f"e-{number}",
                    at=AT,
                )

    keeping = threading.Thread(target=keep_on)
    keeping.start()
    reports = [verify_chain(store)]
    while reports[-1].records < 60:
        reports.append(verify_chain(store))
    stop.set()
    keeping.join()

    assert {report.faults for report in reports} == {()}
    store.close()
    keeper.close()
