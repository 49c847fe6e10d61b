"""Alive is not ready: ready needs a store that a trace could be written to."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from rulesets.rulebook import RULES
from service.house import House


def test_a_process_that_answers_is_alive(client: FlaskClient, house: House) -> None:
    assert client.get("/healthz").json == {"status": "ok", "version": house.version}


def test_a_service_is_ready_when_traces_can_be_stored(client: FlaskClient, house: House) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["rulebook"] == house.revision(house.reasoners.usual.thresholds).digest


def test_a_service_is_not_ready_without_its_store(
    client: FlaskClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(house.store), "ready", lambda _: False)

    answer = client.get("/readyz")

    assert answer.status_code == 503 and answer.headers["Retry-After"] == "5"
    assert client.get("/healthz").status_code == 200


def test_the_rulebook_lists_every_rule(client: FlaskClient) -> None:
    assert [rule["id"] for rule in client.get("/rulebook").json["rules"]] == [rule.id for rule in RULES]
