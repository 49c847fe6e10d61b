"""The door and the command that count answers: what they take, and that both say the same."""

from __future__ import annotations

import json
from collections.abc import Iterator

import jsonschema
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from service.app import app_of
from service.cli import main
from service.house import House
from service.settings import Settings
from service.traces.feedback import Given, take_feedback
from service.traces.migrate import migrate
from service.traces.store import TraceStore, open_store
from tests.traces.traces import AT, shown_card, trace
from tests.web.conftest import SECRET

SINCE = "since=2026-01-01"


@pytest.fixture
def database(tmp_path) -> str:  # type: ignore[no-untyped-def]
    migrate(url := f"sqlite:///{tmp_path}/traces.db")
    return url


@pytest.fixture
def store(database: str) -> Iterator[TraceStore]:
    store = open_store(database)
    for number in (1, 2, 3):
        store.keep(trace(number))
    told = Given(card=shown_card(1).uuid, outcome="overridden", given_at="2026-01-31T09:31:00.000000Z", document={})
    take_feedback(store, [told], at=AT, new_id=lambda: "feedback-1")
    yield store
    store.close()


@pytest.fixture
def counting(store: TraceStore, house: House, settings: Settings) -> FlaskClient:
    return app_of(House(**{**vars(house), "store": store}), settings).test_client()


def test_cards_are_counted_by_rule_unless_asked_otherwise(counting: FlaskClient) -> None:
    answer = counting.get(f"/stats?{SINCE}").json

    counted = {
        "shown": 3, "answered": 1, "accepted": 0, "overridden": 1, "unanswered": 2,
        "reasons": [{"reason": None, "overridden": 1}], "medianSeconds": 60.0,
    }  # fmt: skip
    assert answer["total"] == counted
    assert answer["groups"] == [{"rule": rule, **counted} for rule in ("imbrication.parp-hold", "prognosis.good")]
    assert answer["asked"] == {"by": "rule", "kind": "hook", "since": "2026-01-01"}


def test_the_last_thirty_days_are_counted_when_nothing_is_said(counting: FlaskClient) -> None:
    answer = counting.get("/stats").json
    assert (answer["total"]["shown"], answer["aboutUnknownCards"]) == (0, 0)


def test_the_answer_has_the_shape_that_is_described(counting: FlaskClient) -> None:
    document = counting.get("/openapi.json").json
    answer = counting.get(f"/stats?{SINCE}&by=hook&until=2027-01-01T00:00:00Z").json
    jsonschema.validate(answer, {**document, "$ref": "#/components/schemas/Stats"})
    assert answer["groups"][0]["hook"] == "order-sign" and answer["asked"]["until"] == "2027-01-01T00:00:00.000000Z"


@pytest.mark.parametrize(
    "query",
    [
        "by=patient", "by=", "kind=event", "since=yesterday", "since=2026-13-01", "until=2026-01-01T09:00",
        "rule=", "rule=a%00b", f"rule={'a' * 201}", "rule=a&rule=b", "patient=1",
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(counting: FlaskClient, query: str) -> None:
    answer = counting.get(f"/stats?{query}")
    assert answer.status_code == 400 and answer.json["resourceType"] == "OperationOutcome"


# --- the command ---------------------------------------------------------------------------------


def run(database: str, *words: str) -> str:
    result = CliRunner().invoke(
        main, ["stats", *words], env={"OSTEON_DATABASE_URL": database, "OSTEON_PATIENT_KEY_SECRET": SECRET}
    )
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_command_prints_the_same_document(counting: FlaskClient, database: str) -> None:
    printed = json.loads(run(database, "--since", "2026-01-01", "--by", "client", "--json"))
    assert printed == counting.get(f"/stats?{SINCE}&by=client").json


def test_the_command_prints_a_table(store: TraceStore, database: str) -> None:
    lines = [" ".join(line.split()) for line in run(database, "--since", "2026-01-01").splitlines()]

    assert lines[0] == "Cards shown from 2026-01-01"
    assert lines[2] == "rule shown answered accepted overridden unanswered"
    assert "prognosis.good 3 1 0 1 2" in lines and "total 3 1 0 1 2" in lines
    assert "no reason coded: 1" in lines
    assert "Median time from a decision to its first answer: 60 s" in lines
    assert "A card of several rules is counted for each of them." in lines


def test_the_command_refuses_a_moment_that_is_none(store: TraceStore, database: str) -> None:
    result = CliRunner().invoke(
        main, ["stats", "--since", "May"], env={"OSTEON_DATABASE_URL": database, "OSTEON_PATIENT_KEY_SECRET": SECRET}
    )
    assert result.exit_code == 1 and "since must be a day" in result.stderr
