"""CDS Hooks requests to start from; each test changes what it speaks of."""

from __future__ import annotations

from typing import Any

PATIENT = {"resourceType": "Patient", "id": "1"}
INSTANCE = "7ad2a657-c7fe-408c-985b-65bd1d826d42"
NO_ORDERS = {"resourceType": "Bundle", "type": "collection"}


def hook_request(hook: str = "patient-view", **changes: Any) -> dict[str, Any]:
    context: dict[str, Any] = {"userId": "Practitioner/9", "patientId": "1"}
    if hook != "patient-view":
        context["draftOrders"] = NO_ORDERS
    if hook == "order-select":
        context["selections"] = ["MedicationRequest/2"]
    request = {"hook": hook, "hookInstance": INSTANCE, "context": context, "prefetch": {"patient": PATIENT}}
    return {**request, **changes}


def searchset(*resources: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": one} for one in resources], **others}


def about(patient: str, kind: str = "Observation", id: str = "o", **others: Any) -> dict[str, Any]:
    return {"resourceType": kind, "id": id, "subject": {"reference": patient}, **others}
