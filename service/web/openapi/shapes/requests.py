"""What is sent to be judged."""

from __future__ import annotations

from rulesets.rule import HOOKS
from service.web import hooks
from service.web.openapi.parts import (
    FHIR_RESOURCE,
    NULLABLE_LIST,
    NULLABLE_TEXT,
    TEXT,
    Schema,
    array_of,
    object_of,
    ref,
)


def _hook_request(hook: str, **context: Schema) -> Schema:
    """The request of a hook; whatever else a client sends is tolerated."""
    described = object_of(
        ["hook", "hookInstance", "context"],
        hook={"const": hook},
        hookInstance={"type": "string", "pattern": f"^{hooks.UUID.pattern}$"},
        fhirServer={"type": ["string", "null"], "description": "The base address of the FHIR server of the client."},
        fhirAuthorization={
            **object_of(
                ["access_token"],
                access_token={"type": "string", "pattern": f"^{hooks.TOKEN.pattern}$"},
                token_type={"type": "string", "pattern": "^[Bb]earer$"},
            ),
            "type": ["object", "null"],
            "description": "For reading from fhirServer what prefetch lacks; not kept.",
        },
        context=object_of(
            ["userId", "patientId", *context],
            userId={"type": "string", "pattern": r"\S"},
            patientId={"type": "string", "pattern": f"^({hooks.PATIENT_ID.pattern})$"},
            **context,
        ),
        prefetch={
            "type": ["object", "null"],
            "additionalProperties": {"anyOf": [FHIR_RESOURCE, {"type": "null"}]},
        },
    )
    granted = {"required": ["fhirAuthorization"], "properties": {"fhirAuthorization": {"type": "object"}}}
    with_server = {"required": ["fhirServer"], "properties": {"fhirServer": TEXT}}
    return {**described, "if": granted, "then": with_server}


_BUNDLE = object_of(["resourceType"], resourceType={"const": "Bundle"})

REQUESTS: Schema = {
    "Fhir": {
        "description": "FHIR R4 (4.0) in JSON; see https://hl7.org/fhir/R4/.",
        "anyOf": [FHIR_RESOURCE, array_of(FHIR_RESOURCE)],
    },
    "HookRequest": {"anyOf": [ref("PatientView"), ref("OrderSelect"), ref("OrderSign")]},
    "PatientView": _hook_request("patient-view"),
    "OrderSelect": _hook_request("order-select", draftOrders=_BUNDLE, selections={**array_of(TEXT), "minItems": 1}),
    "OrderSign": _hook_request("order-sign", draftOrders=_BUNDLE),
    "FactsDocument": {
        **object_of(
            evaluationDate={"type": ["string", "null"], "format": "date"},
            patient=NULLABLE_TEXT,
            hook={"enum": [*HOOKS, None]},
            facts={
                "type": ["object", "null"],
                "description": "Values by the name of the fact; null and absence are unknown. Names: GET /rulebook.",
            },
            lesions=NULLABLE_LIST,
            drugs=NULLABLE_LIST,
            courses=NULLABLE_LIST,
            orders=NULLABLE_LIST,
            config={"type": ["object", "null"], "description": "Thresholds for this request alone."},
        ),
        "examples": [
            {
                "evaluationDate": "2026-11-01",
                "facts": {
                    "mets.status": "confirmed",
                    "mets.lesion_count": {"lo": 2, "hi": None},
                    "patient.ecog": {"value": 1, "date": "2026-10-20"},
                },
                "drugs": [{"name": "letrozole", "status": "active", "start_day": -90}],
            }
        ],
    },
}
