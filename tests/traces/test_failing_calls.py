"""Whichever call of the database fails, a caller has the whole answer with its trace, or is told to come back."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.app import app_of
from service.house import House
from service.problems import StoreUnavailable
from service.traces.store import TraceStore, open_store
from service.traces.verify import verify_chain
from tests.bench_patients import ON
from tests.soak.clients import body_of
from tests.soak.failing_calls import FailingCalls, How
from tests.support.house import house_in
from tests.traces.traces import notary
from tests.web.conftest import settings_with_database
from tests.web.requests_made import hook_request

FHIR = "application/fhir+json"
MOST_CALLS = 200


@dataclass(kw_only=True)
class Asking:
    """A service and who asks it; ``told`` are the traces of the decisions that were answered."""

    client: FlaskClient
    store: TraceStore
    calls: FailingCalls
    told: dict[str, Any] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def evaluate(self, patient: int = 1) -> TestResponse:
        answer = self.client.post(f"/evaluate?evaluationDate={ON}", data=body_of(patient), content_type=FHIR)
        if answer.status_code == 200:
            [result] = answer.json["results"]
            self.told[result["trace"]] = result
        return answer

    def ask_a_hook(self) -> TestResponse:
        return self.client.post("/cds-services/bone-metastases-patient-view", json=hook_request())

    def give_feedback(self) -> TestResponse:
        comment = {"userComment": f"said for the time {next(self.numbers)}"}
        card = next(card["uuid"] for result in self.told.values() for card in result["cards"])
        said = {
            "card": card,
            "outcome": "overridden",
            "overrideReason": comment,
            "outcomeTimestamp": "2026-11-01T09:30:00Z",
        }
        return self.client.post("/cds-services/bone-metastases-patient-view/feedback", json={"feedback": [said]})

    def read(self) -> TestResponse:
        return self.client.get(f"/traces/{next(iter(self.told))}")

    def list(self) -> TestResponse:
        return self.client.get("/traces")

    def export(self) -> TestResponse:
        try:
            answer = self.client.get("/traces/export?headersOnly=true")
            answer.get_data()
        except StoreUnavailable:  # in the middle of the stream, which a client tells from its end
            return self.client.get("/healthz")
        return answer

    def erase(self) -> TestResponse:
        erased = {"patient": "Patient/p2", "ground": "patient-request"}
        answer = self.client.post("/traces/erase", json=erased)
        return answer if answer.status_code != 404 else self.client.get("/healthz")  # an erasure whose answer was lost


DOORS: dict[str, Callable[[Asking], TestResponse]] = {
    name: getattr(Asking, name)
    for name in ("evaluate", "ask_a_hook", "give_feedback", "read", "list", "export", "erase")
}


WAYS: tuple[tuple[str, How], ...] = (
    ("sqlite", "refused"),
    ("postgresql", "answer lost"),
    ("postgresql", "connection lost"),
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Rules are compiled once; each test gives it a store of its own."""
    return house_in(tmp_path_factory.mktemp("house"))


@pytest.fixture(params=WAYS, ids=" ".join)
def way(request: pytest.FixtureRequest) -> tuple[str, How]:
    """A kind of database, and how a call of it fails."""
    asked: tuple[str, How] = request.param
    return asked


@pytest.fixture
def asking(house: House, way: tuple[str, How], request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Asking]:
    url = (
        f"sqlite:///{request.getfixturevalue('sqlite_file')}"
        if way[0] == "sqlite"
        else str(request.getfixturevalue("postgresql_url"))
    )
    store = open_store(url, notary(every=7))
    calls = FailingCalls(store.engine)
    app = app_of(replace(house, store=store), settings_with_database(url))
    with calls.watched():
        yield Asking(client=app.test_client(), store=store, calls=calls)
    store.close()


def check(answer: TestResponse) -> None:
    """A whole answer, or a 503 that says when to come back, in FHIR, with nothing of a card."""
    if answer.status_code != 200:
        assert answer.status_code == 503, answer.text
        assert answer.headers["Retry-After"] == "5"
        assert answer.json["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("door", DOORS)
def test_each_call_may_fail(asking: Asking, door: str, way: tuple[str, How]) -> None:
    ask = DOORS[door]
    asking.evaluate()

    for number in range(1, MOST_CALLS):
        if door == "erase":
            asking.evaluate(2)
        with asking.calls.fails(number, way[1]):
            check(ask(asking))
        assert ask(asking).status_code == 200
        if not asking.calls.happened:
            break

    assert 1 < number < MOST_CALLS - 1
    assert verify_chain(asking.store).holds
    for trace, result in asking.told.items():
        kept = asking.store.get(trace)
        assert kept is not None
        assert kept.is_erased or (kept.body or {})["result"] == result
