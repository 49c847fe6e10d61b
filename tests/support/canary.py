"""A patient of whom every word is unmistakable, and what finds her words where no patient may be named."""

from __future__ import annotations

import json
from functools import cache
from typing import Any
from urllib.parse import quote, quote_plus

from tests.support.chart import Chart
from tests.support.fhir_server import FhirServer, says, searchset

ID = "canary-q7x3"
FAMILY, GIVEN = "Quillwortham", "Zebedina"
MRN, PHONE, EMAIL = "MRN-77431908-QX", "+44 7700 900461", "zq.canary@mail.example"
BORN, STREET = "1953-07-19", "4471 Periwinkle Hollow"
HAEMOGLOBIN = "83.4719"
NOTE = "Prefers to be called Zibbie; her sister Oonagh-Clementine drives her."
WORDS = (ID, FAMILY, GIVEN, MRN, PHONE, EMAIL, BORN, STREET, HAEMOGLOBIN, "Zibbie", "Oonagh-Clementine")


def words_in(text: str, *, but: tuple[str, ...] = ()) -> list[str]:
    """Her words in a text, in whatever case and as an address may write them; ``but`` are those that may be there."""
    lowered = text.lower()
    return [
        word
        for word in WORDS
        if word not in but and any(form.lower() in lowered for form in (word, quote(word, safe=""), quote_plus(word)))
    ]


def patient() -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": ID,
        "identifier": [{"system": "urn:example:mrn", "value": MRN}],
        "name": [{"family": FAMILY, "given": [GIVEN], "text": f"{GIVEN} {FAMILY}"}],
        "telecom": [{"system": "phone", "value": PHONE}, {"system": "email", "value": EMAIL}],
        "gender": "female",
        "birthDate": BORN,
        "address": [{"line": [STREET]}],
        "text": _narrative(),
    }


def chart() -> Chart:
    """A chart of the stories that is hers: rules fire, and her words stand in every resource."""
    hers = Chart()
    whose = hers.patient["id"]

    def made_hers(resource: dict[str, Any]) -> dict[str, Any]:
        if resource["resourceType"] == "Patient":
            return patient()
        told: dict[str, Any] = json.loads(json.dumps(resource).replace(whose, ID))
        noted = {} if told["resourceType"] == "BodyStructure" else {"note": [{"text": NOTE}]}
        return {**told, **noted, "identifier": [{"system": "urn:example:mrn", "value": MRN}], "text": _narrative()}

    hers.resources = [*map(made_hers, hers.resources), haemoglobin()]
    hers.drafts = {**hers.drafts, "entry": [{"resource": made_hers(each["resource"])} for each in hers.drafts["entry"]]}
    hers.patient = patient()
    return hers


def haemoglobin(**others: Any) -> dict[str, Any]:
    coding = {"system": "http://loinc.org", "code": "718-7", "display": f"Haemoglobin of {GIVEN}"}
    quantity = {"value": float(HAEMOGLOBIN), "unit": "g/L", "system": "http://unitsofmeasure.org", "code": "g/L"}
    return {
        "resourceType": "Observation",
        "id": f"{ID}-haemoglobin",
        "status": "final",
        "code": {"coding": [coding], "text": f"Haemoglobin of {FAMILY}"},
        "subject": {"reference": f"Patient/{ID}", "display": f"{GIVEN} {FAMILY}"},
        "effectiveDateTime": "2026-10-20",
        "valueQuantity": quantity,
        "note": [{"text": NOTE}],
        **others,
    }


def bundle() -> dict[str, Any]:
    """All there is of her, the order in the making included."""
    hers = chart()
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [*({"resource": each} for each in hers.resources), *hers.drafts["entry"]],
    }


@cache
def facts() -> str:
    """A facts document about her."""
    document = {
        "evaluationDate": "2026-11-01",
        "patient": f"Patient/{ID}",
        "facts": {"mets.status": "confirmed", "patient.ecog": {"value": 1, "date": "2026-10-20"}},
        "drugs": [{"name": "letrozole", "status": "active", "start_day": -90}],
    }
    return json.dumps(document)


def talkative(server: FhirServer) -> FhirServer:
    """A FHIR server that says her words in every answer, right or wrong."""
    chart().served_by(server)
    told = f"{GIVEN} {FAMILY}, {MRN}, born {BORN}: {NOTE}"
    issue = {"severity": "error", "code": "exception", "diagnostics": told, "details": {"text": told}}
    outcome = {"resourceType": "OperationOutcome", "issue": [issue], "text": _narrative()}
    server.on("Condition", says(outcome, 500, X_Patient=FAMILY))
    server.on("Observation", says(f"<html>{told}</html>".encode(), 200, "text/html"))
    server.on("MedicationRequest", says(json.dumps(searchset(haemoglobin())).encode()[:-9]))
    server.on("MedicationStatement", says(outcome, 302, Location=f"http://127.0.0.1:1/{FAMILY}/{MRN}"))
    server.on("ServiceRequest", says(outcome, 404))
    return server


def _narrative() -> dict[str, str]:
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">{GIVEN} {FAMILY}, {MRN}, {PHONE}. {NOTE}</div>'
    return {"status": "generated", "div": div}
