"""The OpenAPI 3.1 document and a page that shows it without a script and without any outside host.

The document is kept by hand, beside the doors it describes; a test holds its paths and methods to
the routes there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from typing import Any, get_args

from flask import Blueprint, Response, current_app

from rulesets.rule import HOOKS
from service.settings import Settings
from service.trace import DECISIONS
from service.traces.exports.forms import FormName
from service.traces.stats import DIMENSIONS
from service.web import erasing, evaluate, feedback, hooks, stats, traces
from service.web.answers import json_answer
from service.web.html_answers import FORM, STATIC
from service.web.negotiation import FHIR, JSON
from service.web.openapi_security import secured
from service.web.pages import STYLE, page

Schema = dict[str, Any]


def blueprint(version: str, settings: Settings) -> Blueprint:
    door = Blueprint("openapi", __name__)

    @cache  # made at the first request, when all doors are there
    def described() -> Schema:
        return secured(document(version, settings), current_app)

    @cache
    def shown() -> str:
        return _page(described())

    @door.get("/openapi.json")
    def openapi() -> Response:
        return json_answer(described())

    @door.get("/docs")
    def docs() -> Response:
        return Response(shown(), content_type="text/html; charset=utf-8")

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
                parameters=[*_ASKED, _FACTS_TOO],
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
        "/traces/{trace}/header": {
            "get": _operation(
                "Audit",
                "The header of one trace",
                "When, for whom, by whom and with which rules it was decided, without clinical content.",
                _ref("TraceHeader"),
                parameters=[trace],
                faults={"404": "No such trace.", "503": "The store does not answer."},
            )
        },
        "/traces/erase": {
            "post": _operation(
                "Audit",
                "Erase the clinical part",
                "Of one decision, or of all there is of a patient: body, rules, cards and feedback go, headers stay. "
                "It cannot be undone, is recorded, and does not reach copies.",
                _ref("Erased"),
                takes={JSON: _ref("Erasure")},
                faults={
                    **_BODY_FAULTS,
                    "404": "There is nothing to erase.",
                    "409": "Some of it is on legal hold.",
                },
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
        "/traces/export": {
            "get": _operation(
                "Audit",
                "Export traces",
                "Headers, bodies and tree byte for byte (ndjson), a table (csv) or resources (fhir), as one stream. "
                "The last line of ndjson and fhir is the manifest: without it the stream broke off. It is recorded.",
                {"type": "string"},
                media_type="application/x-ndjson",
                also={"text/csv": {"type": "string"}, "application/fhir+ndjson": {"type": "string"}},
                parameters=[
                    _parameter(name, "query", meaning, schema) for name, (meaning, schema) in _EXPORT_PARAMETERS.items()
                ],
                faults={"400": "A parameter is not as it must be.", "503": "The store does not answer."},
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
        **_audit_pages(),
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


_EXPORT_PARAMETERS: Mapping[str, tuple[str, Schema]] = {
    "format": ("The form.", {"enum": list(get_args(FormName)), "default": "ndjson"}),
    **{name: _TRACE_PARAMETERS[name] for name in ("since", "until", "patientKey", "rule")},
    "rulebook": (
        "Only what was made with the rulebook of this digest.",
        {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    ),
    "headersOnly": ("Whether the clinical part stays where it is.", {"type": "boolean", "default": False}),
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


def _audit_pages() -> Schema:
    """The pages for people; a browser finds its way from the first, so that their forms are told in words."""
    ids = {
        "trace": _parameter("trace", "path", "The id of a decision.", _UUID),
        "rule": _parameter("rule", "path", "The id of a rule.", _TEXT),
        "form": _parameter("form", "path", "How it is written.", {"enum": ["json", "markdown", "fhir"]}),
        "name": _parameter("name", "path", "A file the pages refer to.", {"enum": sorted(STATIC)}),
    }
    digests = [_parameter(name, "query", "The digest of a rulebook.", _TEXT) for name in ("a", "b")]
    told: Schema = {}
    for path, operations in _PAGES.items():
        parameters = [ids[name] for name in ids if f"{{{name}}}" in path] + (digests if path.endswith("diff") else [])
        for method, (summary, description) in operations.items():
            operation = _page_operation(description, "text/html")
            operation |= {"tags": ["Pages"], "summary": summary}
            if parameters:
                operation["parameters"] = parameters
            if method == "post":
                operation["requestBody"] = {"required": True, "content": {FORM: {"schema": _ANY_OBJECT}}}
            told.setdefault(path, {})[method] = operation
    return told


_PAGES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "/": {"get": ("First page", "What this is, its version and rulebook, and where to go.")},
    "/audit": {"get": ("Decisions", "Decisions, newest first, with filters and the search for a patient.")},
    "/audit/traces/{trace}": {
        "get": ("One decision", "Facts, rules and cards, and why a rule did not fire. That it was read is recorded."),
        "post": ("Decide again", "Makes the decision again with its rulebook, and tells what differs; recorded."),
    },
    "/audit/traces/{trace}/as/{form}": {"get": ("One decision as a file", "As JSON, text or FHIR. It is recorded.")},
    "/audit/patient": {"post": ("A patient in time", "Decisions about one patient; each reading is recorded.")},
    "/audit/rules": {"get": ("Rules", "The rulebook in force, with how often each rule fired.")},
    "/audit/rules/{rule}": {"get": ("One rule", "A rule, its firings, its undetermined share and overrides.")},
    "/audit/rulebooks": {"get": ("Rulebooks", "The rulebooks that were in force.")},
    "/audit/rulebooks/diff": {"get": ("Difference of two rulebooks", "What changed from one rulebook to another.")},
    "/audit/integrity": {
        "get": ("Integrity", "The last checkpoint."),
        "post": ("Verify", "The whole chain, computed again."),
    },
    "/audit/accesses": {"get": ("Accesses", "Who saw, made again or carried away what is clinical, newest first.")},
    "/audit/try": {
        "get": ("Try it", "Example patients, and a place to paste a document."),
        "post": ("Judge a document", "Judges an example or what was pasted, keeps the trace and leads to it."),
    },
    "/audit/try/{trace}": {
        "get": ("A decision and its facts as a form", "Cards beside rules, and every fact that may be changed."),
        "post": ("Change a fact", "Judges the facts with what a form changes, and leads to the difference."),
    },
    "/audit/static/{name}": {"get": ("Style", "The style sheet and the picture of the pages.")},
}  # fmt: skip


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
_SOURCE = _object(["reference"], reference=_TEXT, element=_TEXT, date=_TEXT, code=_TEXT, value=_TEXT, conversion=_TEXT)
_FACTS: Schema = {
    "type": "object",
    "description": "Facts by name, each with its value, its date and the elements it was read from.",
    "additionalProperties": _object(
        ["value"], value={}, date={"type": "string", "format": "date"}, sources=_array(_SOURCE)
    ),
}
_MEMBERS: Schema = {
    "type": ["array", "null"],
    "description": "null when nobody has the list.",
    "items": _object(["key", "inRequest", "facts"], key=_TEXT, inRequest={"type": "boolean"}, facts=_FACTS),
}
_FHIR_RESOURCE = _object(["resourceType"], resourceType=_TEXT)

_FACTS_TOO = _parameter(
    "facts",
    "query",
    "true adds to each result the facts that were read, with their sources, the resources they rest on, and every "
    "other resource with the reason why it was not used.",
    {"type": "boolean", "default": False},
)
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
        "strict refuses a request for any fault in a resource and tells all of them; lenient mends what can be read in "
        "one way only, leaves out the rest, and says so.",
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
        warnings=_array(_ref("Warning")),
        facts=_ref("Record"),
        used=_array(_TEXT),
        ignored=_array(_ref("Ignored")),
    ),
    "Results": _object(["results"], results=_array(_ref("Result")), ignored=_array(_ref("Ignored"))),
    "Warning": _object(["code", "text"], code=_TEXT, text=_TEXT, reference=_TEXT, element=_TEXT),
    "Record": _object(
        ["evaluationDate", "facts", "lesions", "drugs", "courses", "orders", "conflicts"],
        evaluationDate={"type": "string", "format": "date"},
        facts=_FACTS,
        lesions=_MEMBERS,
        drugs=_MEMBERS,
        courses=_MEMBERS,
        orders=_MEMBERS,
        conflicts=_array(
            _object(["name", "values", "sources"], name=_TEXT, values=_array({}), sources=_array(_SOURCE))
        ),
    ),
    "Ignored": _object(
        ["resource", "place", "outcome", "reasons"],
        resource=_TEXT,
        place=_TEXT,
        outcome={"enum": ["ignored", "invalid"]},
        reasons=_array(_object(["code", "text"], code=_TEXT, text=_TEXT, element=_TEXT, coding=_TEXT)),
    ),
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
        body={
            "type": ["object", "null"],
            "properties": {"rules": _array(_ref("RuleAccount")), "derived": _ANY_OBJECT},
        },
        rules=_array(_object(["id", "outcome"], id=_TEXT, outcome=_TEXT)),
    ),
    "Erasure": {
        **_object(
            ["ground"],
            decision=_UUID,
            patient={"type": "string", "description": "A reference such as Patient/123."},
            ground={"enum": list(erasing.GROUNDS)},
        ),
        "oneOf": [{"required": ["decision"]}, {"required": ["patient"]}],
    },
    "Erased": _object(
        ["erased", "overwritten"],
        erased={"type": "integer", "minimum": 1, "description": "How many bodies are gone."},
        overwritten={"type": "boolean", "description": "Whether nothing of them is left in the files of the database."},
    ),
    "RuleAccount": {
        "description": "What became of a rule in one decision. The body of a trace has one for every rule.",
        **_object(
            ["id", "outcome", "situations"],
            id=_TEXT,
            outcome={
                "enum": ["fired", "undetermined", "not fired", "suppressed", "switched off", "error", "not reached"]
            },
            situations=_array(_ref("SituationAccount")),
        ),
    },
    "SituationAccount": {
        "description": "What a rule came to for one combination of elements, or for several where the same is false.",
        **_object(
            ["elements", "outcome", "clauses"],
            elements={**_array(_TEXT), "description": "The keys of the elements; none for the patient."},
            outcome={"enum": ["fired", "undetermined", "not fired", "suppressed"]},
            indicator={"enum": ["info", "warning", "critical"]},
            clauses=_array(_ref("ClauseAccount")),
            alike={**_array(_array(_TEXT)), "description": "The elements of the other situations told here."},
        ),
    },
    "ClauseAccount": {
        "description": "One of the conditions that must all hold; of what did not fire, one that is false.",
        **_object(
            ["says", "truth", "facts"],
            says={**_TEXT, "description": "The condition in English, with the numbers in force."},
            truth={"enum": ["true", "false", "unknown"]},
            facts=_array(_ref("FactAccount")),
        ),
    },
    "FactAccount": {
        "description": "A fact that decides a clause, or a whole list by its name.",
        **_object(
            ["fact", "value"],
            fact=_TEXT,
            value={"description": "null when it is not known, or when nobody has sent the list."},
            source={**_TEXT, "description": "The references of what it was read from; none of a derived fact."},
            of={**_array(_TEXT), "description": "The keys of the elements it is of, when those judged do not tell."},
        ),
    },
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
            for kind, content in answer.get("content", {}).items()
        )
        + "</li>"
        for status, answer in operation["responses"].items()
    )
    return (
        f"<section><h2><code>{method.upper()} {escape(path)}</code></h2>"
        f"<p><b>{escape(operation['summary'])}</b> {escape(operation.get('description', ''))}</p>"
        + _needs_shown(operation["security"])
        + (f"<h3>Parameters</h3><table>{rows}</table>" if rows else "")
        + (f"<h3>Takes</h3><ul>{taken}</ul>" if taken else "")
        + f"<h3>Answers</h3><ul>{answers}</ul></section>"
    )


def _needs_shown(security: Sequence[Mapping[str, Sequence[str]]]) -> str:
    """The credentials of which one is enough, where any is asked for."""
    ways = [
        f"{escape(name)} {' '.join(map(escape, scopes))}".strip() for one in security for name, scopes in one.items()
    ]
    return f"<p>Needs {' or '.join(ways)}.</p>" if ways else ""


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
