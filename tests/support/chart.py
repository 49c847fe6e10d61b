"""A patient of the stories as an EHR has her: a chart that a FHIR server serves, and an order in the making."""

from __future__ import annotations

import json
from typing import Any

from service.prefetch.keys import PREFETCH
from tests.support.fhir_server import FhirServer, says, searchset
from tests.support.stories import STORIES

ORDERS = ("ServiceRequest", "BodyStructure")


class Chart:
    """One patient who takes olaparib; ``drafts`` are the radiotherapy being ordered for her."""

    def __init__(self) -> None:
        story = json.loads((STORIES / "good_prognosis_on_olaparib" / "bundle.json").read_text())
        resources = [entry["resource"] for entry in story["entry"]]
        self.resources = [one for one in resources if one["resourceType"] not in ORDERS]
        self.drafts = {**searchset(*(one for one in resources if one["resourceType"] in ORDERS)), "type": "collection"}
        [self.patient] = [one for one in resources if one["resourceType"] == "Patient"]

    def of(self, kind: str) -> dict[str, Any]:
        """What a search for a resource type finds."""
        return searchset(*(one for one in self.resources if one["resourceType"] == kind))

    def prefetch(self, *without: str) -> dict[str, Any]:
        found = {name: self.of(key.kind) if key.is_search else self.patient for name, key in PREFETCH.items()}
        return {name: document for name, document in found.items() if name not in without}

    def request(self, hook: str = "order-sign", **changes: Any) -> dict[str, Any]:
        context: dict[str, Any] = {"userId": "Practitioner/9", "patientId": self.patient["id"]}
        if hook != "patient-view":
            context["draftOrders"] = self.drafts
        instance = "7ad2a657-c7fe-408c-985b-65bd1d826d42"
        return {"hook": hook, "hookInstance": instance, "context": context, **changes}

    def served_by(self, server: FhirServer) -> None:
        for kind in {key.kind for key in PREFETCH.values()}:
            server.on(kind, says(self.patient if kind == "Patient" else self.of(kind)))
