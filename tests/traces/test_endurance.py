"""A service at work loses workers, its disk, its database: each once and briefly; ``make soak`` does it at length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.soak.scenarios import full_disk, killed, locked_file, locked_table, many_patients, stopped_server
from tests.soak.service import Service, serving
from tests.support.postgresql import new_database


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("endures")
    with serving(folder, f"sqlite:///{folder}/traces.db", workers=2) as service:
        yield service


@pytest.fixture(scope="module")
def on_postgresql(tmp_path_factory: pytest.TempPathFactory, postgresql_server: Any) -> Iterator[Service]:
    with serving(tmp_path_factory.mktemp("endures"), new_database(postgresql_server), workers=1) as service:
        yield service


def test_a_locked_file_is_told_and_passes(on_sqlite: Service) -> None:
    found = locked_file(on_sqlite, times=1, seconds=0.2)

    assert found.told and found.answered


def test_a_full_disk_is_told_and_passes(on_sqlite: Service) -> None:
    found = full_disk(on_sqlite, times=1, seconds=0.2)

    assert found.told and found.answered


def test_workers_that_are_killed_take_no_answer_with_them(on_sqlite: Service) -> None:
    found = killed(on_sqlite, workers=2, masters=0)

    assert found.answered


def test_a_locked_table_is_told_and_passes(on_postgresql: Service) -> None:
    found = locked_table(on_postgresql, times=1, seconds=0.2)

    assert found.told and found.answered


def test_a_stopped_server_is_told_and_a_started_one_is_used_again(
    on_postgresql: Service, postgresql_server: Any
) -> None:
    found = stopped_server(on_postgresql, postgresql_server, times=1, seconds=0.2)

    assert found.told and found.answered


def test_many_patients_are_answered_by_one_worker(on_postgresql: Service) -> None:
    found = many_patients(on_postgresql, patients=20)

    assert found.answered == 20
