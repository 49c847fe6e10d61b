"""The audit door: pages of decisions, one decision in full, and no patient in an address."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.app import app_of
from service.house import House
from service.settings import Settings
from service.trace import Counts, Trace
from service.traces.migrate import migrate
from service.traces.notes import opened
from service.traces.store import TraceStore, open_store
from tests.traces.traces import notary

DIGEST = "0" * 64


def trace(number: int, **others: Any) -> Trace:
    values: dict[str, Any] = {
        "id": f"019c1159-7000-7000-8000-{number:012d}",
        "kind": "evaluate",
        "decided_at": f"2026-11-{number:02d}T00:00:00.000000Z",
        "service_version": "0.1.0",
        "rulebook": DIGEST,
        "thresholds": DIGEST,
        "terminology": DIGEST,
        "evaluation_date": "2026-11-01",
        "request_digest": DIGEST,
        "patient_key": f"{number % 2:064d}",
        "outcome": "success",
        "counts": Counts(fired=1),
        "body": {"result": {"number": number}},
        "rules": (("prognosis.good", "fired"),),
    }
    return Trace(**{**values, **others})


@pytest.fixture
def store(tmp_path: Path) -> TraceStore:
    url = f"sqlite:///{tmp_path}/traces.db"
    migrate(url)
    return open_store(url)


@pytest.fixture
def audited(house: House, settings: Settings, store: TraceStore) -> FlaskClient:
    from dataclasses import replace

    return app_of(replace(house, store=store), settings).test_client()


def test_an_empty_store_has_an_empty_page(audited: FlaskClient) -> None:
    assert audited.get("/traces").json == {"traces": []}


def test_pages_lead_from_the_newest_to_the_oldest(audited: FlaskClient, store: TraceStore) -> None:
    for number in range(1, 6):
        store.keep(trace(number))

    seen, address = [], "/traces?limit=2"
    while address:
        page = audited.get(address).json
        seen += [header["seq"] for header in page["traces"]]
        address = page.get("next")

    assert seen == [5, 4, 3, 2, 1]


def test_the_next_page_keeps_the_conditions_of_the_first(audited: FlaskClient, store: TraceStore) -> None:
    for number in range(1, 7):
        store.keep(trace(number))

    first = audited.get(f"/traces?limit=1&patientKey={1:064d}&since=2026-11-02").json
    second = audited.get(first["next"]).json

    assert [first["traces"][0]["seq"], second["traces"][0]["seq"]] == [5, 3]
    assert "next" not in second


def test_decisions_are_found_by_the_rule_that_fired(audited: FlaskClient, store: TraceStore) -> None:
    store.keep(trace(1))
    store.keep(trace(2, rules=(("prognosis.poor", "fired"),)))

    assert [one["seq"] for one in audited.get("/traces?rule=prognosis.poor").json["traces"]] == [2]


def test_a_list_holds_nothing_clinical(audited: FlaskClient, store: TraceStore) -> None:
    store.keep(trace(1, body={"result": {"name": "Testcase"}}))
    assert "Testcase" not in audited.get("/traces").text


def test_one_decision_is_shown_in_full(audited: FlaskClient, store: TraceStore) -> None:
    store.keep(trace(1))

    shown = audited.get(f"/traces/{trace(1).id}").json

    assert shown["header"]["id"] == trace(1).id and shown["erased"] is False
    assert shown["body"] == {"result": {"number": 1}}
    assert shown["rules"] == [{"id": "prognosis.good", "outcome": "fired"}]


def test_the_last_checkpoint_is_published_for_whoever_keeps_it(audited: FlaskClient, store: TraceStore) -> None:
    assert audited.get("/traces/checkpoint").status_code == 404

    store.notary = notary()
    store.keep(trace(1))

    answer = audited.get("/traces/checkpoint")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert opened(answer.text, [store.notary.signer.verifier])


@pytest.mark.parametrize("name", ["019c1159-7000-7000-8000-000000000009", "Testcase", "%00", "019C1159"])
def test_what_was_never_decided_is_not_found(audited: FlaskClient, name: str) -> None:
    answer = audited.get(f"/traces/{name}")
    assert answer.status_code == 404 and "Testcase" not in answer.text


@pytest.mark.parametrize(
    "limit, status", [("0", 400), ("1", 200), ("200", 200), ("201", 400), ("x", 400), ("-1", 400), ("1.5", 400)]
)
def test_a_page_holds_one_to_two_hundred(audited: FlaskClient, limit: str, status: int) -> None:
    assert audited.get(f"/traces?limit={limit}").status_code == status


@pytest.mark.parametrize(
    "query",
    ["after=0", "after=99999999999999999999", "patientKey=Patient/1", "patient=Patient/1", "rule='; --", "rule=", "outcome=x",
     "since=yesterday", "until=2026-11-01'"],
)  # fmt: skip
def test_a_parameter_of_another_form_is_refused(audited: FlaskClient, query: str) -> None:
    answer = audited.get(f"/traces?{query}")
    assert answer.status_code == 400 and answer.json["issue"][0]["code"] == "invalid"


def test_without_the_store_the_answer_is_that_it_is_away(
    audited: FlaskClient, store: TraceStore, tmp_path: Path
) -> None:
    store.close()
    (tmp_path / "traces.db").unlink()

    assert audited.get("/traces").status_code == 503
