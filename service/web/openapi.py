"""The OpenAPI 3.1 document and a page that shows it without a script and without any outside host.

The document is kept by hand, beside the doors it describes; a test holds its paths and methods to
the routes there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from flask import Blueprint, Response

from rulesets.rule import HOOKS
from service.settings import Settings
from service.web import evaluate, hooks
from service.web.answers import json_answer
from service.web.negotiation import FHIR, JSON
from service.web.pages import STYLE, page
from service.web.wanted import KINDS, MOST_PER_PAGE, SHAPES, USUAL_PAGE

Schema = dict[str, Any]


def blueprint(version: str, settings: Settings) -> Blueprint:
    door = Blueprint("openapi", __name__)
    described = document(version, settings)
    shown = _page(described)

    @door.get("/openapi.json")
    def openapi() -> Response:
        return json_answer(described)

    @door.get("/docs")
    def docs() -> Response:
        return Response(shown, content_type="text/html; charset=utf-8")

    @door.get("/docs.css")
    def style() -> Response:
        return Response(STYLE, content_type="text/css; charset=utf-8")

    return door


# --- the document ------------------------------------------------------------------------------


def document(version: str, settings: Settings) -> Schema:
    """Every address of the service, as OpenAPI 3.1."""
    described: Schema = {
        "openapi": "3.1.0",
        "info": {
            "title": "Osteon",
            "version": version,
            "summary": "Rules for bone metastases from breast cancer: FHIR in, cards and traces out.",
            "description": (
                "Decision support for professionals, not a device; clinical sign-off is outstanding. "
                "Every answer has been stored as a trace before it leaves."
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": _paths(settings),
        "components": {"schemas": _SCHEMAS},
    }
    if settings.public_url:
        described["servers"] = [{"url": settings.public_url}]
    return described


def _paths(settings: Settings) -> Schema:
    service = _parameter(
        "service", "path", "The id of a service, as discovery lists it.", {"enum": list(hooks.SERVICES)}
    )
    trace = _parameter(
        "trace", "path", "The id of a trace, as an answer gives it.", {"type": "string", "format": "uuid"}
    )
    return {
        "/cds-services": {
            "get": _operation("CDS Hooks", "Discovery", "The CDS Hooks services of this server.", _ref("Discovery"))
        },
        "/cds-services/{service}": {
            "post": _operation(
                "CDS Hooks",
                "Call a service",
                f"A CDS Hooks request, at most {int(settings.body_limit_hook)} bytes.",
                _ref("Cards"),
                parameters=[service, _MODE],
                takes={JSON: _ref("HookRequest")},
                faults={
                    **_BODY_FAULTS,
                    "404": "No such service.",
                    "412": "A required prefetch is missing and could not be read.",
                },
            )
        },
        "/evaluate": {
            "post": _operation(
                "Evaluate",
                "Evaluate a bundle or a facts document",
                "A FHIR R4 Bundle of any type, a resource, or an array of resources; or a facts document. "
                f"At most {int(settings.body_limit_bundle)} bytes. Accept says whether results or FHIR are wanted.",
                _ref("Results"),
                also={FHIR: _ref("AnswerBundle")},
                parameters=_ASKED,
                takes={FHIR: _ref("Fhir"), JSON: _ref("Fhir"), evaluate.FACTS: _ref("FactsDocument")},
                faults=_EVALUATION_FAULTS,
            )
        },
        "/fhir/$evaluate": {
            "post": _operation(
                "FHIR",
                "Evaluate, as a FHIR operation",
                "A Parameters resource with bundle or resource, evaluationDate, hook and mode; or one resource, with "
                f"the others in the address. At most {int(settings.body_limit_bundle)} bytes.",
                _ref("AnswerBundle"),
                also={FHIR: _ref("AnswerBundle")},
                parameters=_ASKED,
                takes={FHIR: _FHIR_RESOURCE, JSON: _FHIR_RESOURCE},
                faults=_EVALUATION_FAULTS,
            )
        },
        "/fhir/metadata": {
            "get": _operation(
                "FHIR",
                "Capabilities",
                "The CapabilityStatement of this server.",
                _FHIR_RESOURCE,
                also={FHIR: _FHIR_RESOURCE},
                faults=_ACCEPT_FAULT,
            )
        },
        "/fhir/OperationDefinition/{id}": {
            "get": _operation(
                "FHIR",
                "Definition of the operation",
                "The OperationDefinition of $evaluate.",
                _FHIR_RESOURCE,
                also={FHIR: _FHIR_RESOURCE},
                parameters=[_parameter("id", "path", "The id of the definition.", {"enum": ["evaluate"]})],
                faults={"404": "No such definition.", **_ACCEPT_FAULT},
            )
        },
        "/traces": {
            "get": _operation(
                "Audit",
                "List traces",
                "What was decided, newest first, without clinical content.",
                _ref("TraceList"),
                parameters=[
                    _parameter(name, "query", meaning, schema) for name, (meaning, schema) in _TRACE_PARAMETERS.items()
                ],
                faults={"400": "A parameter is not as it must be.", "503": "The store does not answer."},
            )
        },
        "/traces/{trace}": {
            "get": _operation(
                "Audit",
                "One trace",
                "One decision with its facts, sources, rules and cards. That it was read is recorded.",
                _ref("Trace"),
                parameters=[trace],
                faults={"404": "No such trace.", "503": "The store does not answer."},
            )
        },
        "/traces/checkpoint": {
            "get": _operation(
                "Audit",
                "The last checkpoint",
                "A signed note (c2sp.org/tlog-checkpoint) over all records there were, to be kept elsewhere.",
                {"type": "string"},
                media_type="text/plain",
                faults={"404": "Nothing was signed yet.", "503": "The store does not answer."},
            )
        },
        **_questions(trace),
        "/rulebook": {
            "get": _operation(
                "Rulebook", "The rulebook", "Every rule, definition and threshold in force.", _ref("Rulebook")
            )
        },
        "/healthz": {"get": _operation("Health", "Alive", "The process answers.", _ref("Health"))},
        "/readyz": {
            "get": _operation(
                "Health",
                "Ready",
                "Rules are compiled and traces can be stored.",
                _ref("Health"),
                faults={"503": "Not ready."},
                faults_as=(JSON, _ref("Health")),
            )
        },
        "/openapi.json": {"get": _operation("Documentation", "This document", "OpenAPI 3.1.", {"type": "object"})},
        "/docs": {"get": _page_operation("This document as a page.", "text/html")},
        "/docs.css": {"get": _page_operation("The style of the page.", "text/css")},
    }


_BODY_FAULTS: Mapping[str, str] = {
    "400": "Not JSON, cut short, or an element or parameter is missing or wrong.",
    "408": "The body did not arrive in time.",
    "413": "The body is too large.",
    "415": "Another media type, encoding or character set.",
    "422": "Not FHIR R4, no patient, another patient, too deep, too many, or facts that cannot be.",
    "500": "A fault inside.",
    "503": "The store does not answer; nothing was decided.",
}

_ACCEPT_FAULT: Mapping[str, str] = {"406": "Another media type is wanted than there is."}
_EVALUATION_FAULTS: Mapping[str, str] = dict(sorted({**_BODY_FAULTS, **_ACCEPT_FAULT}.items()))

_TRACE_PARAMETERS: Mapping[str, tuple[str, Schema]] = {
    "after": ("Only traces older than this number, as `next` gives it.", {"type": "integer", "minimum": 1}),
    "limit": (
        "How many at most.",
        {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE, "default": USUAL_PAGE},
    ),
    "patientKey": ("The keyed hash of a patient's reference.", {"type": "string", "pattern": "^[0-9a-f]{64}$"}),
    "hookInstance": ("The call of a hook, as the client named it.", {"type": "string"}),
    "card": ("The decision that showed this card.", {"type": "string", "format": "uuid"}),
    "rule": ("Only decisions in which this rule fired.", {"type": "string"}),
    "ruleOutcome": (
        "What else became of the rule.",
        {"enum": ["fired", "undetermined", "suppressed", "switched off", "error"], "default": "fired"},
    ),
    "rulebook": ("The digest of the rulebook it was made under.", {"type": "string", "pattern": "^[0-9a-f]{64}$"}),
    "client": ("Who called, by name.", {"type": "string"}),
    "tenant": ("For which tenant.", {"type": "string"}),
    "outcome": ("How the decision ended.", {"enum": ["success", "refused", "failed"]}),
    "degraded": ("The code of what was missing or could not be reached; any for every code.", {"type": "string"}),
    "since": ("From this time (UTC) on.", {"type": "string"}),
    "until": ("Before this time (UTC).", {"type": "string"}),
}


def _questions(trace: Schema) -> Schema:
    """The addresses of the questions an audit asks."""
    faults = {"400": "A parameter is not as it must be.", "503": "The store does not answer."}
    body_faults = {name: _BODY_FAULTS[name] for name in ("400", "408", "413", "415", "422", "503")}
    page, days = _some("after", "limit"), _days("since", "until")
    rulebook = _parameter("rulebook", "path", "The digest of a rulebook.", {"type": "string"})
    rule = _parameter("rule", "path", "The id of a rule.", {"type": "string"})
    before = {**_days("before")[0], "required": True}
    return {
        "/traces/search": {
            "post": _operation(
                "Audit",
                "Find traces by what must not stand in an address",
                "The same conditions as the list of traces, with a patient or a resource by reference, and kinds of "
                "events. `after` of an answer asks for the page that follows.",
                _ref("TracesFound"),
                takes={JSON: _ref("TraceSearch")},
                faults=body_faults,
            )
        },
        "/traces/why": {
            "post": _operation(
                "Audit",
                "Why a rule fired for a patient on a day, or did not",
                "Each decision of that day (UTC), newest first, with what the rule came to. Each reading is recorded.",
                _ref("Reasons"),
                takes={JSON: _ref("WhyAsked")},
                faults=body_faults,
            )
        },
        "/traces/{trace}/rules/{rule}": {
            "get": _operation(
                "Audit",
                "Why a rule fired in a decision, or did not",
                "What the rule came to, with its situations. That it was read is recorded.",
                _ref("Reason"),
                parameters=[trace, rule],
                faults={**faults, "404": "No such decision."},
            )
        },
        "/traces/rulebooks": {
            "get": _operation(
                "Audit",
                "Rulebooks that were in force",
                "From when to when each was, and how many decisions were made under it.",
                _ref("Rulebooks"),
                faults=faults,
            )
        },
        "/traces/rulebooks/{rulebook}": {
            "get": _operation(
                "Audit",
                "Recall what was decided under a rulebook",
                "When it was in force, and a page of the decisions, newest first.",
                _ref("Recall"),
                parameters=[rulebook, *page],
                faults={**faults, "404": "Nothing was decided under it."},
            )
        },
        "/traces/rules": {
            "get": _operation(
                "Audit",
                "What became of each rule",
                "Counted over whole days, of decisions whose clinical part is there; each counts once for a rule.",
                _ref("RuleActivity"),
                parameters=[*days, *_some("rulebook")],
                faults=faults,
            )
        },
        "/traces/calls": {
            "get": _operation(
                "Audit",
                "Calls of each client",
                "Number, errors, degraded answers and percentiles of duration, counted over whole days.",
                _ref("Calls"),
                parameters=days,
                faults=faults,
            )
        },
        "/traces/accesses": {
            "get": _operation(
                "Audit",
                "Who looked",
                "Events that tell of somebody who read, replayed or exported traces, newest first.",
                _ref("TraceList"),
                parameters=[
                    *_some("client", "patientKey", "since", "until"),
                    _parameter("decision", "query", "About this decision.", {"type": "string", "format": "uuid"}),
                    *page,
                ],
                faults=faults,
            )
        },
        "/traces/integrity": {
            "get": _operation(
                "Audit",
                "Whether the traces can be believed",
                "Gaps in the numbers, steps of the clock, the last checkpoint, and the hashes of the last records. "
                "`osteon traces verify` computes all of them.",
                _ref("Integrity"),
                faults=faults,
            )
        },
        "/traces/due": {
            "get": _operation(
                "Audit",
                "What is due for erasure",
                "How many decisions from before a day still have their clinical part and are not held, oldest first.",
                _ref("Due"),
                parameters=[before, *page],
                faults=faults,
            )
        },
        "/traces/holds": {
            "get": _operation("Audit", "What is on hold", "All holds in force.", _ref("Holds"), faults=faults)
        },
    }


def _some(*names: str) -> list[Schema]:
    return [_parameter(name, "query", *_TRACE_PARAMETERS[name]) for name in names]


def _days(*names: str) -> list[Schema]:
    meanings = {
        "since": "From this day (UTC) on.",
        "until": "Before this day (UTC).",
        "before": "Before this day (UTC).",
    }
    return [_parameter(name, "query", meanings[name], {"type": "string", "format": "date"}) for name in names]


def _operation(
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
    told_as, schema = faults_as or (FHIR, _ref("OperationOutcome"))
    for status, meaning in (faults or {}).items():
        operation["responses"][status] = {"description": meaning, "content": {told_as: {"schema": schema}}}
    return operation


def _page_operation(description: str, media_type: str) -> Schema:
    return {
        "tags": ["Documentation"],
        "summary": description,
        "responses": {"200": {"description": "Done.", "content": {media_type: {"schema": {"type": "string"}}}}},
    }


def _parameter(name: str, place: str, description: str, schema: Schema) -> Schema:
    return {"name": name, "in": place, "required": place == "path", "description": description, "schema": schema}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_MODE = _parameter(
    "mode",
    "query",
    "strict refuses a request with an invalid resource; lenient mends draft orders, leaves others out, and says so.",
    {"enum": ["lenient", "strict"], "default": "lenient"},
)


def _object(required: Sequence[str] = (), **properties: Schema) -> Schema:
    described: Schema = {"type": "object", "properties": properties}
    if required:
        described["required"] = list(required)
    return described


def _array(of: Schema) -> Schema:
    return {"type": "array", "items": of}


_TEXT: Schema = {"type": "string"}
_NULLABLE_TEXT: Schema = {"type": ["string", "null"]}
_COUNT: Schema = {"type": ["integer", "null"]}
_ANY_OBJECT: Schema = {"type": "object"}
_UUID: Schema = {"type": "string", "format": "uuid"}
_FHIR_RESOURCE = _object(["resourceType"], resourceType=_TEXT)

_ASKED: Sequence[Schema] = (
    _parameter(
        "evaluationDate",
        "query",
        "The day the patient is judged on; today when absent.",
        {"type": "string", "format": "date"},
    ),
    _parameter(
        "hook",
        "query",
        "The hooks whose cards are wanted; all of them when absent.",
        {"type": "array", "items": {"enum": list(HOOKS)}},
    ),
    _parameter(
        "mode",
        "query",
        "strict refuses a request with an invalid resource, lenient leaves it out and says so.",
        {"enum": ["lenient", "strict"], "default": "lenient"},
    ),
)

_SCHEMAS: Schema = {
    "Fhir": {
        "description": "FHIR R4 (4.0) in JSON; see https://hl7.org/fhir/R4/.",
        "anyOf": [_FHIR_RESOURCE, _array(_FHIR_RESOURCE)],
    },
    "HookRequest": _object(
        ["hook", "hookInstance", "context"],
        hook={"enum": list(HOOKS)},
        hookInstance=_UUID,
        fhirServer={"type": "string", "format": "uri"},
        fhirAuthorization={
            "type": "object",
            "description": "For reading from fhirServer what prefetch lacks; not kept.",
        },
        context=_object(
            ["userId", "patientId"],
            userId=_TEXT,
            patientId=_TEXT,
            encounterId=_TEXT,
            selections=_array(_TEXT),
            draftOrders=_FHIR_RESOURCE,
        ),
        prefetch={
            "type": "object",
            "additionalProperties": {"anyOf": [_FHIR_RESOURCE, {"type": "null"}]},
        },
        extension=_ANY_OBJECT,
    ),
    "FactsDocument": {
        **_object(
            evaluationDate={"type": "string", "format": "date"},
            patient=_TEXT,
            hook={"enum": list(HOOKS)},
            facts={
                "type": "object",
                "description": "Values by the name of the fact; null and absence are unknown. Names: GET /rulebook.",
            },
            lesions=_array(_ANY_OBJECT),
            drugs=_array(_ANY_OBJECT),
            courses=_array(_ANY_OBJECT),
            orders=_array(_ANY_OBJECT),
            config={"type": "object", "description": "Thresholds for this request alone."},
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
    "Discovery": _object(
        ["services"],
        services=_array(
            _object(
                ["id", "hook", "description"],
                id=_TEXT,
                hook=_TEXT,
                title=_TEXT,
                description=_TEXT,
                prefetch={"type": "object", "additionalProperties": _TEXT},
                usageRequirements=_TEXT,
                version=_TEXT,
                hookVersion=_TEXT,
            )
        ),
    ),
    "Card": _object(
        ["summary", "indicator", "source"],
        uuid=_UUID,
        summary={"type": "string", "minLength": 1, "maxLength": 139},
        detail={"type": "string", "description": "GitHub-flavoured Markdown."},
        indicator={"enum": ["info", "warning", "critical"]},
        source=_object(["label"], label=_TEXT, url=_TEXT, topic=_ANY_OBJECT),
        suggestions=_array(_ANY_OBJECT),
        selectionBehavior={"enum": ["any", "at-most-one"]},
        overrideReasons=_array(_ANY_OBJECT),
        links=_array(_ANY_OBJECT),
        extension=_ANY_OBJECT,
    ),
    "Cards": _object(["cards"], cards=_array(_ref("Card"))),
    "Result": _object(
        ["patient", "trace", "rulebook", "evaluationDate", "prognosis", "rules", "cards", "warnings"],
        patient=_TEXT,
        trace=_UUID,
        rulebook=_TEXT,
        evaluationDate={"type": "string", "format": "date"},
        pattern=_ANY_OBJECT,
        prognosis=_object(
            ["group", "possible", "missing"],
            group={"enum": ["good", "intermediate", "poor", "indeterminate", "not_applicable"]},
            possible=_array(_TEXT),
            missing=_array(_TEXT),
            points={"type": ["object", "null"], "properties": {"lo": _COUNT, "hi": _COUNT}},
            lean=_NULLABLE_TEXT,
        ),
        rules=_object(
            ["fired", "undetermined"],
            fired=_array(
                _object(
                    ["id", "indicator", "because"],
                    id=_TEXT,
                    indicator=_TEXT,
                    element=_NULLABLE_TEXT,
                    because=_array(_object(["fact"], fact=_TEXT, value={}, source=_NULLABLE_TEXT)),
                )
            ),
            undetermined=_array(_object(["id", "missing"], id=_TEXT, element=_NULLABLE_TEXT, missing=_array(_TEXT))),
        ),
        derived=_ANY_OBJECT,
        exposure=_ANY_OBJECT,
        cards=_array(_ref("Card")),
        warnings=_array(_ANY_OBJECT),
    ),
    "Results": _object(["results"], results=_array(_ref("Result"))),
    "AnswerBundle": {
        "description": (
            "A FHIR R4 Bundle: the Device of this service, and for each patient a GuidanceResponse, a RiskAssessment, "
            "DetectedIssues, a RequestGroup with its drafts, and a Provenance, as far as there is something to say."
        ),
        **_object(
            ["resourceType", "id", "type", "timestamp", "entry"],
            resourceType={"const": "Bundle"},
            id=_UUID,
            type={"const": "collection"},
            timestamp=_TEXT,
            entry=_array(_object(["fullUrl", "resource"], fullUrl=_TEXT, resource=_FHIR_RESOURCE)),
        ),
    },
    "TraceHeader": _object(
        ["id", "seq", "decided_at", "outcome"],
        id=_UUID,
        seq={"type": "integer"},
        decided_at=_TEXT,
        outcome=_TEXT,
        kind=_TEXT,
        hook=_TEXT,
        rulebook=_TEXT,
        patient_key=_TEXT,
        counts=_ANY_OBJECT,
        prev_hash=_TEXT,
        leaf_hash=_TEXT,
    ),
    "TraceList": _object(["traces"], traces=_array(_ref("TraceHeader")), next=_TEXT),
    "Trace": _object(
        ["header", "erased", "body", "rules"],
        header=_ref("TraceHeader"),
        erased={"type": "boolean"},
        body={"type": ["object", "null"]},
        rules=_array(_object(["id", "outcome"], id=_TEXT, outcome=_TEXT)),
    ),
    "TraceSearch": {
        "type": "object",
        "properties": {
            **{name: _TEXT for name in SHAPES if name not in ("on", "before", "kind")},
            "kind": {"enum": list(KINDS)},
            "after": {"type": "integer", "minimum": 1},
            "limit": {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE},
        },
        "additionalProperties": False,
    },
    "TracesFound": _object(["traces"], traces=_array(_ref("TraceHeader")), after={"type": "integer"}),
    "WhyAsked": {
        **_object(
            ["patient", "rule", "on"],
            patient=_TEXT,
            rule=_TEXT,
            on={"type": "string", "format": "date"},
            after={"type": "integer", "minimum": 1},
            limit={"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE},
        ),
        "additionalProperties": False,
    },
    "Reason": _object(
        ["trace", "decidedAt", "rulebook", "rule", "outcome", "situations"],
        trace=_UUID,
        decidedAt=_TEXT,
        rulebook=_TEXT,
        rule=_TEXT,
        outcome=_TEXT,
        situations=_array(_ANY_OBJECT),
        failure=_TEXT,
    ),
    "Reasons": _object(["answers"], answers=_array(_ref("Reason")), after={"type": "integer"}),
    "RulebookInForce": _object(
        ["rulebook", "digests", "decisions", "periods"],
        rulebook=_TEXT,
        digests=_ANY_OBJECT,
        decisions={"type": "integer"},
        periods=_array(
            _object(
                ["activatedAt", "activatedBy", "activatedSeq"],
                activatedAt=_TEXT,
                activatedBy=_TEXT,
                activatedSeq={"type": "integer"},
                withdrawnAt=_TEXT,
                withdrawnSeq={"type": "integer"},
            )
        ),
    ),
    "Rulebooks": _object(["rulebooks"], rulebooks=_array(_ref("RulebookInForce"))),
    "Recall": {
        "allOf": [
            _ref("RulebookInForce"),
            _object(["traces"], traces=_array(_ref("TraceHeader")), next=_TEXT),
        ]
    },
    "RuleActivity": _object(
        ["decisions", "rules", "unknownRulebooks"],
        decisions={"type": "integer"},
        rules=_array(
            _object(
                ["id", "judged", "outcomes", "habit"],
                id=_TEXT,
                judged={"type": "integer"},
                outcomes={"type": "object", "additionalProperties": {"type": "integer"}},
                habit={"enum": ["never judged", "never fires", "always fires", "mostly undetermined", "varies"]},
            )
        ),
        unknownRulebooks=_array(_TEXT),
    ),
    "Calls": _object(
        ["callers"],
        callers=_array(
            _object(
                ["client", "tenant", "calls", "errors", "degraded", "durationMicroseconds"],
                client=_TEXT,
                tenant=_TEXT,
                calls={"type": "integer"},
                errors={"type": "integer"},
                degraded={"type": "integer"},
                outcomes=_ANY_OBJECT,
                degradedBy=_ANY_OBJECT,
                services=_ANY_OBJECT,
                durationMicroseconds=_object(
                    ["p50", "p90", "p95", "p99"], p50=_COUNT, p90=_COUNT, p95=_COUNT, p99=_COUNT
                ),
            )
        ),
    ),
    "Integrity": _object(
        ["holds", "records", "lastSeq", "gaps", "clockSteps", "signed", "checkedFrom", "faults"],
        holds={"type": "boolean"},
        records={"type": "integer"},
        lastSeq={"type": "integer"},
        gaps=_array(_object(["first", "last"], first={"type": "integer"}, last={"type": "integer"})),
        clockSteps=_array(_object(["seq", "before", "at"], seq={"type": "integer"}, before=_TEXT, at=_TEXT)),
        signed=_object(["size", "at"], size={"type": "integer"}, at=_TEXT),
        checkedFrom={"type": "integer"},
        faults=_array(_object(["seq", "what"], seq={"type": "integer"}, what=_TEXT)),
    ),
    "Due": _object(
        ["before", "due", "held", "traces"],
        before=_TEXT,
        due={"type": "integer"},
        held={"type": "integer"},
        traces=_array(_ref("TraceHeader")),
        next=_TEXT,
    ),
    "Holds": _object(
        ["holds"],
        holds=_array(
            _object(
                ["about", "name", "seq", "placedAt", "placedBy", "decisions"],
                about={"enum": ["decision", "patient"]},
                name=_TEXT,
                seq={"type": "integer"},
                placedAt=_TEXT,
                placedBy=_TEXT,
                decisions={"type": "integer"},
            )
        ),
    ),
    "Rulebook": _object(["revision", "rules"], revision=_TEXT, rules=_array(_ANY_OBJECT)),
    "Health": _object(["status"], status=_TEXT, version=_TEXT, rulebook=_TEXT, waiting_for=_TEXT),
    "OperationOutcome": _object(
        ["resourceType", "issue"],
        resourceType={"const": "OperationOutcome"},
        id=_TEXT,
        issue={
            "type": "array",
            "minItems": 1,
            "items": _object(
                ["severity", "code"],
                severity=_TEXT,
                code=_TEXT,
                diagnostics=_TEXT,
                expression=_array(_TEXT),
            ),
        },
    ),
}


# --- the page ----------------------------------------------------------------------------------


def _page(described: Schema) -> str:
    info = described["info"]
    parts = [
        f"<h1>{escape(info['title'])} <small>{escape(info['version'])}</small></h1>",
        f"<p>{escape(info['summary'])} {escape(info['description'])}</p>",
        '<p>The same for machines: <a href="/openapi.json">openapi.json</a>.</p>',
    ]
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            parts.append(_operation_shown(method, path, operation))
    parts.append("<h2>Shapes</h2>")
    for name, schema in described["components"]["schemas"].items():
        parts.append(f'<details id="{escape(name)}"><summary>{escape(name)}</summary>{_schema_shown(schema)}</details>')
    return page("Osteon: addresses", "\n".join(parts))


def _operation_shown(method: str, path: str, operation: Schema) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(one['name'])}</code></td><td>{one['in']}</td>"
        f"<td>{escape(one['description'])} {_schema_shown(one['schema'])}</td></tr>"
        for one in operation.get("parameters", [])
    )
    body = operation.get("requestBody", {}).get("content", {})
    taken = "".join(
        f"<li><code>{escape(kind)}</code>: {_schema_shown(content['schema'])}</li>" for kind, content in body.items()
    )
    answers = "".join(
        f"<li><b>{status}</b> {escape(answer['description'])} "
        + " ".join(
            f"<code>{escape(kind)}</code>: {_schema_shown(content['schema'])}"
            for kind, content in answer["content"].items()
        )
        + "</li>"
        for status, answer in operation["responses"].items()
    )
    return (
        f"<section><h2><code>{method.upper()} {escape(path)}</code></h2>"
        f"<p><b>{escape(operation['summary'])}</b> {escape(operation.get('description', ''))}</p>"
        + (f"<h3>Parameters</h3><table>{rows}</table>" if rows else "")
        + (f"<h3>Takes</h3><ul>{taken}</ul>" if taken else "")
        + f"<h3>Answers</h3><ul>{answers}</ul></section>"
    )


def _schema_shown(schema: Schema) -> str:
    """A schema in few words: a link to a shape, the words allowed, or the members of an object."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "enum" in schema:
        return " or ".join(f"<code>{escape(str(word))}</code>" for word in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(_schema_shown(one) for one in schema["anyOf"])
    if "allOf" in schema:
        return " and ".join(_schema_shown(one) for one in schema["allOf"])
    if schema.get("type") == "array":
        return f"list of {_schema_shown(schema['items'])}"
    if schema.get("properties"):
        required = schema.get("required", [])
        members = "".join(
            f"<li><code>{escape(name)}</code>{'' if name in required else ' (optional)'} {_schema_shown(member)}</li>"
            for name, member in schema["properties"].items()
        )
        return f"<ul>{members}</ul>"
    kind = schema.get("const", schema.get("type", "anything"))
    said = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{escape(said)}. {escape(schema['description'])}" if "description" in schema else escape(said)
