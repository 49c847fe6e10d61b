"""A patient who has died: nothing is advised, and whoever still orders for her is told why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.app import app_of
from service.house import House
from service.settings import Settings

STORY = Path(__file__).parents[1] / "stories" / "good_prognosis_on_olaparib" / "bundle.json"


@pytest.fixture(scope="module")
def doors(house: House, settings: Settings) -> FlaskClient:
    return app_of(house, settings).test_client()


def judged(doors: FlaskClient, orders: bool = True, **more: Any) -> dict[str, Any]:
    """The result for a patient of whom, with other data of her, much would be said."""
    bundle = json.loads(STORY.read_text(encoding="utf-8"))
    held = [entry["resource"] for entry in bundle["entry"]]
    for resource in held:
        if resource["resourceType"] == "Patient":
            resource.update(more)
    if not orders:
        held = [resource for resource in held if resource.get("status") != "draft"]
    answer = doors.post("/evaluate?evaluationDate=2026-11-01&facts=true", json=held)
    assert answer.status_code == 200, answer.json
    (result,) = answer.json["results"]
    found: dict[str, Any] = result
    return found


@pytest.mark.parametrize(
    "said", [{"deceasedBoolean": True}, {"deceasedDateTime": "2026-11-01"}, {"deceasedDateTime": "2026"}]
)
def test_nothing_is_advised_for_a_patient_who_has_died_but_that_is_said_of_what_is_ordered(
    doors: FlaskClient, said: dict[str, Any]
) -> None:
    result = judged(doors, **said)

    (card,) = result["cards"]
    assert card["summary"].startswith("The record says that the patient has died")
    assert card["indicator"] == "info" and "suggestions" not in card
    assert set(card["extension"]["org.osteon.hooks"]) == {"order-select", "order-sign"}
    assert "deceased" in {warning["code"] for warning in result["warnings"]}


def test_a_chart_of_a_patient_who_has_died_has_no_card(doors: FlaskClient) -> None:
    assert judged(doors, orders=False, deceasedBoolean=True)["cards"] == []


@pytest.mark.parametrize("said", [{}, {"deceasedBoolean": False}, {"deceasedDateTime": "2026-11-02"}])
def test_who_lives_on_the_evaluation_date_is_advised_on(doors: FlaskClient, said: dict[str, Any]) -> None:
    assert len(judged(doors, **said)["cards"]) > 1
