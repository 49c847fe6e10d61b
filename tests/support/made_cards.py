"""Cards with suggestions, made to the structure of CDS Hooks, for tests of what may leave and for whom."""

from __future__ import annotations

from typing import Any

DRAFT = {"resourceType": "MedicationRequest", "id": "c", "status": "draft", "intent": "order"}


def identity(number: int) -> str:
    return f"019c1159-7000-4000-8000-{number:012x}"


def action(description: str = "Hold capecitabine", **more: Any) -> dict[str, Any]:
    return {"type": "update", "description": description, "resource": dict(DRAFT), **more}


def suggestion(
    label: str = "Hold capecitabine", *actions: dict[str, Any], number: int = 10, **more: Any
) -> dict[str, Any]:
    return {"label": label, "uuid": identity(number), "actions": list(actions) or [action(label)], **more}


def card(*suggestions: dict[str, Any], behaviour: str = "any", number: int = 1, **more: Any) -> dict[str, Any]:
    choice = {"suggestions": list(suggestions), "selectionBehavior": behaviour} if suggestions else {}
    return {
        "uuid": identity(number),
        "summary": "capecitabine with planned RT: consider a gap",
        "detail": "Consider a gap.",
        "indicator": "warning",
        "source": {
            "label": "A paper",
            "url": "https://doi.org/10.3390/cancers12092390",
            "topic": {"system": "urn:osteon:codesystem:topic", "code": "imbrication", "display": "Timing"},
        },
        **choice,
        **more,
    }
