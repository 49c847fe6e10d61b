"""A draft is sent, changed as a card suggests, and sent again: through the real door, with the real rulebook."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.canonical import dumps
from service.house import House
from tests.intake.made import CODEX, FACT, FACT_VALUE, MCODE, SCT, concept
from tests.support.suggesting import is_valid
from tests.web.requests_made import hook_request, searchset

NAME = "Testcase"
SUBJECT = {"reference": "Patient/1"}
PALLIATIVE = {"url": f"{MCODE}mcode-procedure-intent", "valueCodeableConcept": concept(SCT, "363676003")}
BONE = {
    "resourceType": "Condition",
    "id": "bone",
    "subject": SUBJECT,
    "code": concept(SCT, "94222008"),
    "bodySite": [concept(SCT, "22356005")],
    "clinicalStatus": concept("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"),
    "verificationStatus": concept("http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed"),
}


def stated(name: str, value: str | bool, focus: str) -> dict[str, Any]:
    """A fact that somebody states of an order."""
    told = {"valueBoolean": value} if isinstance(value, bool) else {"valueCodeableConcept": concept(FACT_VALUE, value)}
    return {
        "resourceType": "Observation",
        "id": name.replace(".", "-").replace("_", "-"),
        "status": "final",
        "subject": SUBJECT,
        "focus": [{"reference": focus}],
        "code": concept(FACT, name),
        "effectiveDateTime": "2025-01-01",
        **told,
    }


RADIOTHERAPY = {
    "resourceType": "ServiceRequest",
    "id": "rt",
    "status": "draft",
    "intent": "order",
    "subject": SUBJECT,
    "code": concept(SCT, "1217123003"),
    "bodySite": [concept(SCT, "22356005")],
    "requester": {"display": NAME},
    "extension": [
        PALLIATIVE,
        {
            "url": f"{CODEX}codexrt-radiotherapy-dose-planned-to-volume",
            "extension": [
                {"url": "totalDose", "valueQuantity": {"value": 2000, "code": "cGy"}},
                {"url": "fractions", "valuePositiveInt": 5},
            ],
        },
    ],
}
MRI = {
    "resourceType": "ServiceRequest",
    "id": "mri",
    "status": "draft",
    "intent": "order",
    "subject": SUBJECT,
    "code": concept(SCT, "241645008"),
    "note": [{"text": NAME}],
}


def signed(client: FlaskClient, draft: dict[str, Any] | str, *known: dict[str, Any]) -> Any:
    """The suggestions on the cards when a draft is signed."""
    request = hook_request("order-sign")
    request["prefetch"] |= {
        "conditions": searchset(BONE),
        "observations": searchset(*known),
        "medicationRequests": None,
        "medicationStatements": None,
    }
    request["context"]["draftOrders"] = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": "DRAFT"}],
    }
    written = draft if isinstance(draft, str) else dumps(draft).decode()
    body = dumps(request).decode().replace('"DRAFT"', written)
    answer = client.post("/cds-services/bone-metastases-order-sign", data=body, content_type="application/json")
    assert answer.status_code == 200, answer.text
    return answer


def suggested(answer: Any, action: str) -> list[dict[str, Any]]:
    found = [each for card in answer.json["cards"] for each in card.get("suggestions", ())]
    return [each for each in found if each["extension"]["org.osteon.action"] == action]


@pytest.mark.parametrize(
    ("draft", "known", "action"),
    [
        (RADIOTHERAPY, [stated("rt.setting", "postoperative", "ServiceRequest/rt")], "change_to_30_gy_in_10"),
        (
            MRI,
            [
                stated("order.purpose", "cord_assessment", "ServiceRequest/mri"),
                stated("order.contrast", False, "ServiceRequest/mri"),
            ],
            "add_contrast",
        ),
    ],
)
def test_a_draft_changed_as_suggested_is_not_changed_again(
    client: FlaskClient, draft: dict[str, Any], known: list[dict[str, Any]], action: str
) -> None:
    [offer] = suggested(signed(client, draft, *known), action)
    [update] = offer["actions"]
    changed = update["resource"]

    assert update["type"] == "update" and is_valid(changed)
    assert {key for key in {*changed, *draft} if changed.get(key) != draft.get(key)} <= {
        "extension",
        "orderDetail",
        "note",
    }
    assert suggested(signed(client, changed, *known), action) == []


def test_tasks_after_radiotherapy_are_due_when_it_has_ended(client: FlaskClient, house: House) -> None:
    first, last = (house.today() + timedelta(days=days) for days in (30, 34))
    period = {"start": first.isoformat(), "end": last.isoformat()}

    answer = signed(
        client, {**RADIOTHERAPY, "occurrencePeriod": period}, stated("rt.technique", "SBRT", "ServiceRequest/rt")
    )

    [offer] = suggested(answer, "schedule_pain_reassessment")
    task = offer["actions"][0]["resource"]
    due = [(last + timedelta(weeks=weeks)).isoformat() for weeks in (2, 4)]
    assert task["restriction"] == {"period": {"start": due[0], "end": due[1]}} and is_valid(task)
    assert task["reasonReference"] == {"reference": "Condition/bone"}


def test_a_draft_is_given_back_with_its_numbers_as_they_were_written(client: FlaskClient) -> None:
    known = stated("rt.setting", "postoperative", "ServiceRequest/rt")
    margin = {"url": "urn:hospital:margin", "valueDecimal": "MARGIN"}
    draft = {**RADIOTHERAPY, "extension": [*RADIOTHERAPY["extension"], margin]}

    answer = signed(client, dumps(draft).decode().replace('"MARGIN"', "5.00"), known)

    assert suggested(answer, "change_to_30_gy_in_10")
    assert '"valueDecimal":5.00' in answer.text


def test_a_number_that_cannot_be_written_costs_the_suggestion_and_not_the_answer(client: FlaskClient) -> None:
    known = stated("rt.setting", "postoperative", "ServiceRequest/rt")
    margin = {"url": "urn:hospital:margin", "valueDecimal": "MARGIN"}
    draft = {**RADIOTHERAPY, "extension": [*RADIOTHERAPY["extension"], margin]}

    answer = signed(client, dumps(draft).decode().replace('"MARGIN"', str(10**30)), known)

    assert answer.json["cards"] and suggested(answer, "change_to_30_gy_in_10") == []


def test_nothing_of_a_draft_reaches_the_log(client: FlaskClient, log_lines: Callable[[], str]) -> None:
    known = stated("rt.setting", "postoperative", "ServiceRequest/rt")

    answer = signed(client, RADIOTHERAPY, known)

    assert NAME in answer.text
    lines = log_lines()
    assert lines and NAME not in lines and "ServiceRequest" not in lines
