"""A decision as it was kept, in FHIR: what it concluded and from what, without deciding again. Pure.

It is smaller than the answer of that time, which also held drafts and issues, and needs no rulebook:
it says of a decision of any release what its trace says. So it has an id of its own; the identifier,
that of the trace, is the same in both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rulesets.facts import FACTS, meds
from service.fhir_out.audit_events import patient_known_by
from service.fhir_out.decision import REQUEST_SYSTEM, URN_SYSTEM, Stamp
from service.fhir_out.guidance import MESSAGES, OUTPUT, parameters_of
from service.fhir_out.messages import messages_of
from service.fhir_out.provenance import RULEBOOK_SYSTEM, source_of
from service.fhir_out.references import once
from service.fhir_out.requirements import Missing, requirement_of
from service.intake.inputs import Input
from service.record_json import Json

FAILED = "The decision could not be made, and no advice was given."
NO_BODY = "The clinical part of this decision is not at hand: this is what its header tells."


def kept_decision(header: Json, body: Json | None, stamp: Stamp, templates: Mapping[str, Json]) -> tuple[Json, Json]:
    """The GuidanceResponse and the Provenance of a decision; ``body`` is None when it is erased or was not asked for.

    Raises KeyError or TypeError when the body is not one of a decision.
    """
    guidance = _guidance(header, body, stamp, templates["GuidanceResponse"])
    return guidance, _provenance(header, body, stamp, templates["Provenance"])


def _guidance(header: Json, body: Json | None, stamp: Stamp, template: Json) -> Json:
    patient = str(body["request"]["patient"]) if body is not None else ""
    result: Json | None = None if body is None else body.get("result")
    missing = _missing(result) if result is not None else []
    resource: Json = {
        **template,
        "id": stamp.id_of("GuidanceResponse as kept"),
        "identifier": [{"system": URN_SYSTEM, "value": f"urn:uuid:{stamp.trace}"}],
        "requestIdentifier": {"system": REQUEST_SYSTEM, "value": stamp.request},
        "moduleCanonical": f"{template['moduleCanonical']}|{header['rulebook']}",
        "status": _status(header, result, missing),
        "subject": patient_known_by(str(header["patient_key"]), patient),
        "occurrenceDateTime": stamp.instant,
        "performer": {"reference": f"Device/{stamp.device}"},
    }
    contained = []
    if result is not None:
        contained.append({"resourceType": "Parameters", "id": OUTPUT, "parameter": list(parameters_of(result))})
        resource["outputParameters"] = {"reference": f"#{OUTPUT}"}
        if notes := list(dict.fromkeys(card["detail"] for card in result["cards"] if card.get("detail"))):
            resource["note"] = [{"text": note} for note in notes]
    if messages := _messages(header, body, result):
        contained.append(messages)
        resource["evaluationMessage"] = [{"reference": f"#{MESSAGES}"}]
    if listed := [requirement for each in missing if (requirement := requirement_of(each))]:
        resource["dataRequirement"] = listed
    return resource | ({"contained": contained} if contained else {})


def _status(header: Json, result: Json | None, missing: list[Missing]) -> str:
    if header["outcome"] != "success":
        return "failure"
    if result is not None and result["prognosis"]["group"] == "indeterminate":
        return "data-required"
    return "data-requested" if missing or header["counts"]["undetermined"] else "success"


def _missing(result: Json) -> list[Missing]:
    """The unknown facts that were waited for, those that decide the group first."""
    found: dict[tuple[str, str], Missing] = {}
    for fact in result["prognosis"]["missing"]:
        found[fact, ""] = Missing(fact=fact, decides_group=True)
    for waiting in result["rules"]["undetermined"]:
        for fact in waiting["missing"]:
            each = found.setdefault((fact, ""), Missing(fact=fact))
            each.rules[waiting["id"]] = None
    # An older rulebook may have known facts that this one does not.
    return [each for each in found.values() if each.fact in FACTS or each.fact == meds.list_available.name]


def _messages(header: Json, body: Json | None, result: Json | None) -> Json | None:
    if body is None or result is None:
        says, severity = (NO_BODY, "information") if header["outcome"] == "success" else (FAILED, "error")
        issue = {"severity": severity, "code": "processing", "diagnostics": says}
        return {"resourceType": "OperationOutcome", "id": MESSAGES, "issue": [issue]}
    return messages_of(result["warnings"], ())


def _provenance(header: Json, body: Json | None, stamp: Stamp, template: Json) -> Json:
    return {
        **template,
        "id": stamp.id_of("Provenance as kept"),
        "target": [{"reference": f"GuidanceResponse/{stamp.id_of('GuidanceResponse as kept')}"}],
        "occurredDateTime": stamp.instant,
        "recorded": stamp.instant,
        "agent": [{**template["agent"][0], "who": {"reference": f"Device/{stamp.device}"}}],
        "entity": [{"role": "source", "what": what} for what in _sources(header, body, stamp)],
    }


def _sources(header: Json, body: Json | None, stamp: Stamp) -> Iterator[Json]:
    inputs = () if body is None else tuple(Input(**each) for each in body.get("inputs", ()))
    request = {"identifier": {"system": REQUEST_SYSTEM, "value": stamp.request}, "display": "Request"}
    yield from once(source_of(each) for each in inputs) or [request]
    yield {"identifier": {"system": RULEBOOK_SYSTEM, "value": header["rulebook"]}, "display": "Rulebook"}
