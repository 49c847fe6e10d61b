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
from service.trace import DECISIONS
from service.traces.stats import DIMENSIONS
from service.web import evaluate, feedback, hooks, stats, traces
from service.web.answers import json_answer
from service.web.negotiation import FHIR, JSON
from service.web.pages import STYLE, page

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
        "/cds-services/{service}/feedback": {
            "post": _operation(
                "CDS Hooks",
                "Tell what became of cards",
                f"CDS Hooks feedback, at most {feedback.MOST_AT_ONCE} pieces, taken whole or not at all. The same "
                "again is kept once. Cards that were not shown to whoever tells are named in the answer.",
                _ref("FeedbackTaken"),
                parameters=[service],
                takes={JSON: _ref("Feedback")},
                faults={**_BODY_FAULTS, "404": "No such service."},
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
        "/stats": {
            "get": _operation(
                "Audit",
                "What became of the cards",
                "How many cards were shown, accepted, overridden and why, and how many were never answered.",
                _ref("Stats"),
                parameters=[
                    _parameter(name, "query", meaning, schema) for name, (meaning, schema) in _STATS_PARAMETERS.items()
                ],
                faults={"400": "A parameter is not as it must be.", "503": "The store does not answer."},
            )
        },
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

_BEGUN_MOMENT: Schema = {
    "type": "string",
    "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?Z?)?$",
}

_TRACE_PARAMETERS: Mapping[str, tuple[str, Schema]] = {
    "after": ("Only traces older than this number, as `next` gives it.", {"type": "integer", "minimum": 1}),
    "limit": (
        "How many at most.",
        {"type": "integer", "minimum": 1, "maximum": traces.MOST_PER_PAGE, "default": traces.USUAL_PAGE},
    ),
    "patientKey": ("The keyed hash of a patient's reference.", {"type": "string", "pattern": "^[0-9a-f]{64}$"}),
    "rule": (
        "Only decisions in which this rule fired.",
        {"type": "string", "pattern": r"^[a-z0-9_-]+(\.[a-z0-9_-]+)*$"},
    ),
    "outcome": ("How the decision ended.", {"enum": ["success", "refused", "failed"]}),
    "since": ("From this time (UTC) on.", _BEGUN_MOMENT),
    "until": ("Before this time (UTC).", _BEGUN_MOMENT),
}


_DAY_OR_MOMENT: Schema = {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}

_STATS_PARAMETERS: Mapping[str, tuple[str, Schema]] = {
    "by": ("What the cards are grouped by.", {"enum": list(DIMENSIONS), "default": "rule"}),
    "since": (
        f"Decisions from this day or moment (UTC) on; the last {stats.USUAL_DAYS} days when absent.",
        _DAY_OR_MOMENT,
    ),
    "until": ("Decisions before this day or moment (UTC).", _DAY_OR_MOMENT),
    "kind": ("The kind of decision.", {"enum": list(DECISIONS), "default": "hook"}),
    **{name: (f"Only cards of this {name}.", {"type": "string", "pattern": f"^{stats.VALUE}$"}) for name in DIMENSIONS},
}


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


def _text(longest: int) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": longest}


_TEXT: Schema = {"type": "string"}
_NULLABLE_TEXT: Schema = {"type": ["string", "null"]}
_NULLABLE_LIST: Schema = {"type": ["array", "null"], "items": {"type": "object"}}
_COUNT: Schema = {"type": ["integer", "null"]}
_ANY_OBJECT: Schema = {"type": "object"}
_UUID: Schema = {"type": "string", "format": "uuid"}
_FHIR_RESOURCE = _object(["resourceType"], resourceType=_TEXT)

_BUNDLE = _object(["resourceType"], resourceType={"const": "Bundle"})


def _hook_request(hook: str, **context: Schema) -> Schema:
    """The request of a hook; whatever else a client sends is tolerated."""
    described = _object(
        ["hook", "hookInstance", "context"],
        hook={"const": hook},
        hookInstance={"type": "string", "pattern": f"^{hooks.UUID.pattern}$"},
        fhirServer={"type": ["string", "null"], "description": "The base address of the FHIR server of the client."},
        fhirAuthorization={
            **_object(
                ["access_token"],
                access_token={"type": "string", "pattern": f"^{hooks.TOKEN.pattern}$"},
                token_type={"type": "string", "pattern": "^[Bb]earer$"},
            ),
            "type": ["object", "null"],
            "description": "For reading from fhirServer what prefetch lacks; not kept.",
        },
        context=_object(
            ["userId", "patientId", *context],
            userId={"type": "string", "pattern": r"\S"},
            patientId={"type": "string", "pattern": f"^({hooks.PATIENT_ID.pattern})$"},
            **context,
        ),
        prefetch={
            "type": ["object", "null"],
            "additionalProperties": {"anyOf": [_FHIR_RESOURCE, {"type": "null"}]},
        },
    )
    granted = {"required": ["fhirAuthorization"], "properties": {"fhirAuthorization": {"type": "object"}}}
    with_server = {"required": ["fhirServer"], "properties": {"fhirServer": _TEXT}}
    return {**described, "if": granted, "then": with_server}


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
    "HookRequest": {"anyOf": [_ref("PatientView"), _ref("OrderSelect"), _ref("OrderSign")]},
    "PatientView": _hook_request("patient-view"),
    "OrderSelect": _hook_request("order-select", draftOrders=_BUNDLE, selections={**_array(_TEXT), "minItems": 1}),
    "OrderSign": _hook_request("order-sign", draftOrders=_BUNDLE),
    "FactsDocument": {
        **_object(
            evaluationDate={"type": ["string", "null"], "format": "date"},
            patient=_NULLABLE_TEXT,
            hook={"enum": [*HOOKS, None]},
            facts={
                "type": ["object", "null"],
                "description": "Values by the name of the fact; null and absence are unknown. Names: GET /rulebook.",
            },
            lesions=_NULLABLE_LIST,
            drugs=_NULLABLE_LIST,
            courses=_NULLABLE_LIST,
            orders=_NULLABLE_LIST,
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
    "Tally": _object(
        ["shown", "answered", "accepted", "overridden", "unanswered", "reasons", "medianSeconds"],
        shown={"type": "integer"},
        answered={"type": "integer"},
        accepted={"type": "integer"},
        overridden={"type": "integer"},
        unanswered={"type": "integer"},
        reasons=_array(
            _object(["reason", "overridden"], reason=_NULLABLE_TEXT, overridden={"type": "integer"}),
        ),
        medianSeconds={"type": ["number", "null"]},
    ),
    "Stats": _object(
        ["asked", "total", "groups", "aboutUnknownCards"],
        asked=_ANY_OBJECT,
        total=_ref("Tally"),
        groups=_array({"allOf": [_ref("Tally"), {"properties": {name: _NULLABLE_TEXT for name in DIMENSIONS}}]}),
        groupsLeftOut={"type": "integer"},
        aboutUnknownCards={"type": "integer"},
    ),
    "Rulebook": _object(["revision", "rules"], revision=_TEXT, rules=_array(_ANY_OBJECT)),
    "Health": _object(["status"], status=_TEXT, version=_TEXT, rulebook=_TEXT, waiting_for=_TEXT),
    "Feedback": _object(
        ["feedback"],
        feedback={
            "type": "array",
            "minItems": 1,
            "maxItems": feedback.MOST_AT_ONCE,
            "items": {
                **_object(
                    ["card", "outcome", "outcomeTimestamp"],
                    card=_UUID,
                    outcome={"enum": ["accepted", "overridden"]},
                    acceptedSuggestions={
                        "type": "array",
                        "minItems": 1,
                        "maxItems": feedback.MOST_SUGGESTIONS,
                        "items": _object(["id"], id=_text(feedback.LONGEST_NAME)),
                    },
                    overrideReason={
                        **_object(
                            reason=_object(
                                ["system", "code"],
                                system={**_text(feedback.LONGEST_NAME), "pattern": f"^{feedback.URI.pattern}$"},
                                code=_text(feedback.LONGEST_NAME),
                                display=_text(feedback.LONGEST_NAME),
                            ),
                            userComment=_text(feedback.LONGEST_COMMENT),
                        ),
                        "anyOf": [{"required": ["reason"]}, {"required": ["userComment"]}],
                    },
                    outcomeTimestamp={"type": "string", "format": "date-time"},
                    extension={"type": "object", "minProperties": 1},
                ),
                "if": {"properties": {"outcome": {"const": "accepted"}}},
                "then": {"required": ["acceptedSuggestions"]},
            },
        },
    ),
    "FeedbackTaken": _object(
        ["extension"],
        extension=_object(
            [feedback.EXTENSION],
            **{
                feedback.EXTENSION: _object(
                    ["kept", "repeated"],
                    kept={"type": "integer"},
                    repeated={"type": "integer"},
                    unknownCards=_array(_UUID),
                )
            },
        ),
    ),
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
