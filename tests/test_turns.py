"""Requests of one process take turns at judging, and who waits for the disk keeps nobody from judging."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.assess import Request, assess
from service.house import House
from service.problems import StoreUnavailable
from service.trace import Trace
from tests.bench_patients import ON, bundle
from tests.support.house import Forgetful, house_in

PATIENTS = 12


class Watched(Forgetful):
    """A store that notes whether somebody is judging while a trace is being written."""

    def __init__(self) -> None:
        self.house: House | None = None
        self.turn_held: list[bool] = []

    def keep(self, trace: Trace) -> None:
        assert self.house is not None
        self.turn_held.append(self.house.turn.locked())


class Broken(Forgetful):
    def keep(self, trace: Trace) -> None:
        raise StoreUnavailable()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    built = house_in(tmp_path_factory.mktemp("turns"))
    yield built
    built.store.close()


def asked(number: int) -> Request:
    return Request(kind="bundle", document=bundle(number), digest="0" * 64, evaluation_date=ON)


def watched(house: House) -> tuple[House, Watched]:
    store = Watched()
    store.house = replace(house, store=store)
    return store.house, store


def test_nobody_waits_for_a_turn_while_a_trace_is_written(house: House) -> None:
    at, store = watched(house)
    together = {"resourceType": "Bundle", "type": "collection", "entry": [*bundle(1)["entry"], *bundle(2)["entry"]]}

    answer = assess(at, replace(asked(1), document=together))

    assert len(answer.results) == 2
    assert store.turn_held == [False, False]


def test_threads_get_their_own_answers(house: House) -> None:
    at, _ = watched(house)
    alone = [told(assess(at, asked(number)).results) for number in range(PATIENTS)]
    found: dict[int, object] = {}

    def work(number: int) -> None:
        found[number] = told(assess(at, asked(number)).results)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(PATIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [found[number] for number in range(PATIENTS)] == alone


def test_a_store_that_fails_holds_nobody_up(house: House, tmp_path: Path) -> None:
    broken = replace(house, store=Broken())

    for number in range(2):
        with pytest.raises(StoreUnavailable):
            assess(broken, asked(number))

    assert not broken.turn.locked()


def told(results: tuple[dict[str, object], ...]) -> list[object]:
    """What was found, without the names that differ from one asking to the next."""
    return [(each["prognosis"], each["rules"], each["exposure"]) for each in results]
