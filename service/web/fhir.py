"""The FHIR door: the operation $evaluate, its definition, and what this server can do.

In goes a Parameters resource, or the one resource itself; out comes the Bundle itself, as FHIR has
it for an operation whose only answer is a resource called return.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request

from service import assess
from service.house import House
from service.problems import InvalidRequest, NotFhir, NotFound
from service.record_json import Json
from service.settings import Settings
from service.web.answers import json_answer, note_trace
from service.web.arriving import arrival_of
from service.web.asked import PARAMETERS, Asked, asked_by
from service.web.negotiation import FHIR, JSON, answer_type
from service.web.received import media_type, received, refuse_too_many

RESOURCES = ("bundle", "resource")
"""The parameters that hold what is to be evaluated."""
VALUES: Mapping[str, str] = {"evaluationDate": "valueDate", "hook": "valueCode", "mode": "valueCode"}
"""The parameters that say how, with the element their value stands in."""


def blueprint(house: House, settings: Settings, conformance: Mapping[str, Json]) -> Blueprint:
    """``conformance`` are the CapabilityStatement and the OperationDefinition, by resource type."""
    door = Blueprint("fhir", __name__)
    capabilities = capability_statement(conformance["CapabilityStatement"], house.version, settings.public_url)
    operation = conformance["OperationDefinition"]

    @door.post("/fhir/$evaluate")
    def evaluate() -> Response:
        arrival = arrival_of(house)
        answers_as = answer_type(FHIR, JSON)
        media_type(FHIR, JSON)
        body = received(settings, limit=int(settings.body_limit_bundle))
        asked = _asked(body.document)
        refuse_too_many(body.document, settings.entries_limit)
        answer = assess.assess(
            house,
            assess.Request(
                kind="bundle",
                document=body.document,
                digest=body.digest,
                hooks=asked.hooks,
                evaluation_date=asked.evaluation_date,
                mode=asked.mode,
                as_fhir=True,
                arrival=replace(arrival, length=body.length),
            ),
        )
        if len(answer.results) == 1:
            note_trace(str(answer.results[0]["trace"]))
        return json_answer(answer.bundle, media_type=answers_as)

    @door.get("/fhir/metadata")
    def metadata() -> Response:
        return json_answer(capabilities, media_type=answer_type(FHIR, JSON))

    @door.get("/fhir/OperationDefinition/<id>")
    def operation_definition(id: str) -> Response:
        if id != operation["id"]:
            raise NotFound("There is no OperationDefinition of this id.")
        return json_answer(operation, media_type=answer_type(FHIR, JSON))

    return door


def capability_statement(template: Json, version: str, public_url: str) -> Json:
    """What this server can do, in the version that runs, at the address it is reached by."""
    implementation = template["implementation"] | ({"url": f"{public_url}/fhir"} if public_url else {})
    return template | {"software": template["software"] | {"version": version}, "implementation": implementation}


def _asked(document: object) -> Asked:
    if not isinstance(document, Mapping) or not isinstance(document.get("resourceType"), str):
        raise NotFhir()
    if document["resourceType"] != "Parameters":
        return asked_by(request.args.to_dict(flat=False))
    if request.args:
        raise InvalidRequest("Give the parameters in the Parameters resource alone, and none in the address.")
    return asked_in(document)


def asked_in(parameters: Mapping[str, Any]) -> Asked:
    """How a Parameters resource asks for an evaluation. Raises InvalidRequest, which names the place."""
    listed = parameters.get("parameter")
    if not isinstance(listed, list):
        raise InvalidRequest("Parameters.parameter must be an array.", "Parameters.parameter")
    given: dict[str, list[str]] = {}
    holds_any = False
    for position, parameter in enumerate(listed):
        place = f"Parameters.parameter[{position}]"
        name = str(parameter.get("name")) if isinstance(parameter, Mapping) else ""
        if name in RESOURCES:
            resource = parameter.get("resource")
            if not isinstance(resource, Mapping) or (name == "bundle" and resource.get("resourceType") != "Bundle"):
                wanted = "a Bundle" if name == "bundle" else "a resource"
                raise InvalidRequest(f"The parameter {name} holds {wanted}.", f"{place}.resource")
            holds_any = True
        elif name in VALUES:
            value = parameter.get(VALUES[name])
            if not isinstance(value, str):
                raise InvalidRequest(f"The parameter {name} has a {VALUES[name]}.", f"{place}.{VALUES[name]}")
            given.setdefault(name, []).append(value)
        else:
            known = ", ".join((*RESOURCES, *PARAMETERS))
            raise InvalidRequest(f"The parameters of this operation are {known}.", f"{place}.name")
    if not holds_any:
        raise InvalidRequest("What is to be evaluated is the parameter bundle or resource.", "Parameters.parameter")
    return asked_by(given)
