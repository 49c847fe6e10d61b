"""The GuidanceResponse: what was decided and with which rulebook, the advice in words, what is missing. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from service.cards.text import plain
from service.fhir_out.decision import Decision
from service.fhir_out.messages import messages_of
from service.fhir_out.proposals import cards_told
from service.fhir_out.references import local, subject_of
from service.fhir_out.requirements import Requirements
from service.record_json import Json

OUTPUT, MESSAGES = "output", "messages"
UNNAMED = "a drug without a usable name"


def guidance_of(decision: Decision, group: Json | None, requirements: Requirements, unwritten: Sequence[str]) -> Json:
    """The response, which contains its parameters and its messages: neither can stand alone in FHIR.

    ``group`` is what is suggested, ``unwritten`` what could not be written as FHIR.
    """
    output = {"resourceType": "Parameters", "id": OUTPUT, "parameter": list(parameters_of(decision.result))}
    messages = messages_of(decision.result["warnings"], unwritten)
    resource: Json = {
        **decision.templates["GuidanceResponse"],
        "id": decision.stamp.id_of("GuidanceResponse"),
        "contained": [output] + ([messages] if messages else []),
        "identifier": [decision.identifier],
        "requestIdentifier": decision.request_identifier,
        "moduleCanonical": decision.module,
        "status": _status(requirements),
        "subject": subject_of(decision.patient),
        "occurrenceDateTime": decision.stamp.instant,
        "performer": decision.device,
        "outputParameters": {"reference": f"#{OUTPUT}"},
    }
    if notes := list(dict.fromkeys(card["detail"] for card in cards_told(decision))):
        resource["note"] = [{"text": note} for note in notes]
    if messages:
        resource["evaluationMessage"] = [{"reference": f"#{MESSAGES}"}]
    if group:
        resource["result"] = local(group["id"])
    if requirements.listed:
        resource["dataRequirement"] = list(requirements.listed)
    return resource


def _status(requirements: Requirements) -> str:
    if requirements.is_required:
        return "data-required"
    return "data-requested" if requirements.listed else "success"


def parameters_of(result: Json) -> Iterator[Json]:
    """The trace first, then the result as far as it has values: what is unknown is left out."""
    yield {"name": "trace", "valueId": result["trace"]}
    yield {"name": "rulebook", "valueString": result["rulebook"]}
    yield {"name": "evaluationDate", "valueDate": result["evaluationDate"]}
    prognosis = result["prognosis"]
    points = prognosis["points"] or {}
    yield from _group(
        "prognosis",
        [
            ("group", prognosis["group"]),
            *(("possible", group) for group in prognosis["possible"]),
            *(("missing", fact) for fact in prognosis["missing"]),
            *(("conflict", fact) for fact in prognosis["conflict"]),
            ("lean", prognosis["lean"]),
            ("pointsLow", points.get("lo")),
            ("pointsHigh", points.get("hi")),
        ],
    )
    yield from _group("pattern", result["pattern"].items())
    for drug, timing in result["exposure"].items():
        told = timing if isinstance(timing, list) else [timing]
        yield from _group("exposure", [("drug", plain(drug) or UNNAMED), *(("timing", each) for each in told)])
    for fired in result["rules"]["fired"]:
        yield from _group("fired", [(name, fired[name]) for name in ("id", "indicator")])


def _group(name: str, values: Iterable[tuple[str, object]]) -> Iterator[Json]:
    """A parameter with parts; none when it would have no part."""
    parts = [{"name": part, **_value(value)} for part, value in values if value is not None]
    if parts:
        yield {"name": name, "part": parts}


def _value(value: object) -> Json:
    match value:
        case bool():
            return {"valueBoolean": value}
        case int():
            return {"valueInteger": value}
        case _:
            return {"valueString": value}
