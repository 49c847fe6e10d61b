"""What the document is made of: operations, parameters and the shapes that recur."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from service.web.moments import IN_EVERY_ZONE
from service.web.negotiation import FHIR, JSON

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NULLABLE_TEXT: Schema = {"type": ["string", "null"]}
NULLABLE_LIST: Schema = {"type": ["array", "null"], "items": {"type": "object"}}
COUNT: Schema = {"type": ["integer", "null"]}
ANY_OBJECT: Schema = {"type": "object"}
UUID: Schema = {"type": "string", "format": "uuid"}
MOMENT: Schema = {"type": "string", "format": "date-time", "pattern": f"^{IN_EVERY_ZONE}"}


def operation(
    tag: str,
    summary: str,
    description: str,
    answers: Schema,
    *,
    also: Mapping[str, Schema] | None = None,
    parameters: Sequence[Schema] = (),
    takes: Mapping[str, Schema] | None = None,
    faults: Mapping[str, str] | None = None,
    faults_as: tuple[str, Schema] | None = None,
    media_type: str = JSON,
) -> Schema:
    by_type = {media_type: answers, **(also or {})}
    operation: Schema = {
        "tags": [tag],
        "summary": summary,
        "description": description,
        "responses": {
            "200": {"description": "Done.", "content": {kind: {"schema": schema} for kind, schema in by_type.items()}}
        },
    }
    if parameters:
        operation["parameters"] = list(parameters)
    if takes:
        operation["requestBody"] = {"required": True, "content": {kind: {"schema": it} for kind, it in takes.items()}}
    told_as, schema = faults_as or (FHIR, ref("OperationOutcome"))
    for status, meaning in (faults or {}).items():
        operation["responses"][status] = {"description": meaning, "content": {told_as: {"schema": schema}}}
    return operation


def page_operation(description: str, media_type: str) -> Schema:
    return {
        "tags": ["Documentation"],
        "summary": description,
        "responses": {"200": {"description": "Done.", "content": {media_type: {"schema": {"type": "string"}}}}},
    }


def parameter(name: str, place: str, description: str, schema: Schema) -> Schema:
    return {"name": name, "in": place, "required": place == "path", "description": description, "schema": schema}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def object_of(required: Sequence[str] = (), **properties: Schema) -> Schema:
    described: Schema = {"type": "object", "properties": properties}
    if required:
        described["required"] = list(required)
    return described


def array_of(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def text_of(longest: int) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": longest}


FHIR_RESOURCE = object_of(["resourceType"], resourceType=TEXT)


BODY_FAULTS: Mapping[str, str] = {
    "400": "Not JSON, cut short, or an element or parameter is missing or wrong.",
    "408": "The body did not arrive in time.",
    "413": "The body is too large.",
    "415": "Another media type, encoding or character set.",
    "422": "Not FHIR R4, no patient, another patient, too deep, too many, or facts that cannot be.",
    "500": "A fault inside.",
    "503": "The store does not answer; nothing was decided.",
}
ACCEPT_FAULT: Mapping[str, str] = {"406": "Another media type is wanted than there is."}
EVALUATION_FAULTS: Mapping[str, str] = dict(sorted({**BODY_FAULTS, **ACCEPT_FAULT}.items()))
