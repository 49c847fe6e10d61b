"""Where decisions are made, and where it is told what became of their cards."""

from __future__ import annotations

from collections.abc import Sequence

from rulesets.rule import HOOKS
from service.settings import Settings
from service.web import evaluate, feedback, hooks
from service.web.negotiation import FHIR, JSON
from service.web.openapi.parts import (
    ACCEPT_FAULT,
    BODY_FAULTS,
    EVALUATION_FAULTS,
    FHIR_RESOURCE,
    Schema,
    operation,
    parameter,
    ref,
)


def hook_paths(settings: Settings) -> Schema:
    """CDS Hooks: discovery, services, feedback."""
    service = parameter(
        "service", "path", "The id of a service, as discovery lists it.", {"enum": list(hooks.SERVICES)}
    )
    return {
        "/cds-services": {
            "get": operation("CDS Hooks", "Discovery", "The CDS Hooks services of this server.", ref("Discovery"))
        },
        "/cds-services/{service}": {
            "post": operation(
                "CDS Hooks",
                "Call a service",
                f"A CDS Hooks request, at most {int(settings.body_limit_hook)} bytes.",
                ref("Cards"),
                parameters=[service, _MODE],
                takes={JSON: ref("HookRequest")},
                faults={
                    **BODY_FAULTS,
                    "404": "No such service.",
                    "412": "A required prefetch is missing and could not be read.",
                },
            )
        },
        "/cds-services/{service}/feedback": {
            "post": operation(
                "CDS Hooks",
                "Tell what became of cards",
                f"CDS Hooks feedback, at most {feedback.MOST_AT_ONCE} pieces, taken whole or not at all. The same "
                "again is kept once. Cards that were not shown to whoever tells are named in the answer.",
                ref("FeedbackTaken"),
                parameters=[service],
                takes={JSON: ref("Feedback")},
                faults={**BODY_FAULTS, "404": "No such service."},
            )
        },
    }


def evaluation_paths(settings: Settings) -> Schema:
    """Evaluation outside of a hook, and the conformance resources."""
    return {
        "/evaluate": {
            "post": operation(
                "Evaluate",
                "Evaluate a bundle or a facts document",
                "A FHIR R4 Bundle of any type, a resource, or an array of resources; or a facts document. "
                f"At most {int(settings.body_limit_bundle)} bytes. Accept says whether results or FHIR are wanted.",
                ref("Results"),
                also={FHIR: ref("AnswerBundle")},
                parameters=[*_ASKED, _FACTS_TOO],
                takes={FHIR: ref("Fhir"), JSON: ref("Fhir"), evaluate.FACTS: ref("FactsDocument")},
                faults=EVALUATION_FAULTS,
            )
        },
        "/fhir/$evaluate": {
            "post": operation(
                "FHIR",
                "Evaluate, as a FHIR operation",
                "A Parameters resource with bundle or resource, evaluationDate, hook and mode; or one resource, with "
                f"the others in the address. At most {int(settings.body_limit_bundle)} bytes.",
                ref("AnswerBundle"),
                also={FHIR: ref("AnswerBundle")},
                parameters=_ASKED,
                takes={FHIR: FHIR_RESOURCE, JSON: FHIR_RESOURCE},
                faults=EVALUATION_FAULTS,
            )
        },
        "/fhir/metadata": {
            "get": operation(
                "FHIR",
                "Capabilities",
                "The CapabilityStatement of this server.",
                FHIR_RESOURCE,
                also={FHIR: FHIR_RESOURCE},
                faults=ACCEPT_FAULT,
            )
        },
        "/fhir/OperationDefinition/{id}": {
            "get": operation(
                "FHIR",
                "Definition of the operation",
                "The OperationDefinition of $evaluate.",
                FHIR_RESOURCE,
                also={FHIR: FHIR_RESOURCE},
                parameters=[parameter("id", "path", "The id of the definition.", {"enum": ["evaluate"]})],
                faults={"404": "No such definition.", **ACCEPT_FAULT},
            )
        },
    }


_MODE = parameter(
    "mode",
    "query",
    "strict refuses a request with an invalid resource; lenient mends draft orders, leaves others out, and says so.",
    {"enum": ["lenient", "strict"], "default": "lenient"},
)
_ASKED: Sequence[Schema] = (
    parameter(
        "evaluationDate",
        "query",
        "The day the patient is judged on; today when absent.",
        {"type": "string", "format": "date"},
    ),
    parameter(
        "hook",
        "query",
        "The hooks whose cards are wanted; all of them when absent.",
        {"type": "array", "items": {"enum": list(HOOKS)}},
    ),
    parameter(
        "mode",
        "query",
        "strict refuses a request for any fault in a resource and tells all of them; lenient mends what can be read in "
        "one way only, leaves out the rest, and says so.",
        {"enum": ["lenient", "strict"], "default": "lenient"},
    ),
)
_FACTS_TOO = parameter(
    "facts",
    "query",
    "true adds to each result the facts that were read, with their sources, the resources they rest on, and every "
    "other resource with the reason why it was not used.",
    {"type": "boolean", "default": False},
)
