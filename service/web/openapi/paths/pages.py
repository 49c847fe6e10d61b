"""The pages for people, by what their links and forms send; a fault is told as a page too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rulesets.rule import HOOKS
from service.pages.events import ACCESSES
from service.pages.examples import ORDER
from service.web.audit.decisions import LONGEST_PATIENT
from service.web.html_answers import FORM, STATIC
from service.web.openapi.parts import ANY_OBJECT, TEXT, UUID, Schema, object_of, parameter

HTML = "text/html"
_TRACE = parameter("trace", "path", "The id of a decision.", UUID)
_RULE = parameter("rule", "path", "The id of a rule.", TEXT)
_NAME = parameter("name", "path", "A file the pages refer to.", {"enum": sorted(STATIC)})
_DIGEST: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_NUMBER: Schema = {"type": "string", "pattern": r"^([1-9][0-9]{0,17})?$"}
_DAY: Schema = {"type": "string", "pattern": "^([0-9]{4}-[0-9]{2}-[0-9]{2})?$"}

_ASKED = {"400": "A parameter is not as it must be."}
_STORE = {"503": "The store does not answer."}
_ABSENT = {"404": "There is no such decision, or nothing is left of it to show."}
_FORM = {
    "400": "A field is missing or wrong, or the form is cut short.",
    "408": "The form did not arrive in time.",
    "413": "The form is too large.",
    "415": "Not the form of the page.",
}
_JUDGED = {
    "422": "What was sent cannot be judged; the page says why and keeps it.",
    "500": "A fault inside.",
    **_STORE,
}


_FORMS: Mapping[str, tuple[str, Schema]] = {
    "json": ("application/json", ANY_OBJECT),
    "markdown": ("text/markdown", TEXT),
    "fhir": ("application/fhir+json", ANY_OBJECT),
}
_RULE_ID: Schema = {"type": "string", "pattern": r"^([a-z0-9_-]+(\.[a-z0-9_-]+)*)?$"}


def page_paths() -> Schema:
    """The operations of the pages."""
    return {
        "/": {"get": _page("First page", "What this is, its version and rulebook, and where to go.", faults={})},
        "/audit": {
            "get": _page(
                "Decisions",
                "Decisions, newest first, with filters and the search for a patient.",
                parameters=[parameter(name, "query", *_FILTERS[name]) for name in _FILTERS],
                faults={**_ASKED, **_STORE},
            )
        },
        "/audit/traces/{trace}": {
            "get": _page(
                "One decision",
                "Facts, rules and cards, and why a rule did not fire. That it was read is recorded.",
                parameters=[_TRACE, parameter("rule", "query", "The rule that is asked about.", _RULE_ID)],
                faults={**_ASKED, **_ABSENT, **_STORE},
            ),
            "post": _page(
                "Decide again",
                "Makes the decision again with its rulebook, and tells what differs. Nothing is sent; it is recorded.",
                parameters=[_TRACE],
                faults={**_ABSENT, **_STORE},
            ),
        },
        "/audit/traces/{trace}/as/{form}": {
            "get": {
                "tags": ["Pages"],
                "summary": "One decision as a file",
                "description": "As JSON, text or FHIR. That it was read is recorded.",
                "parameters": [_TRACE, parameter("form", "path", "How it is written.", {"enum": list(_FORMS)})],
                "responses": {
                    "200": {
                        "description": "The file.",
                        "content": {kind: {"schema": schema} for kind, schema in _FORMS.values()},
                    },
                    **{status: _told(meaning) for status, meaning in {**_ABSENT, **_STORE}.items()},
                },
            }
        },
        "/audit/patient": {
            "post": _page(
                "A patient in time",
                "Decisions about one patient; each reading is recorded.",
                form=object_of(
                    ["patient"],
                    patient={
                        "type": "string",
                        "pattern": r"\S",
                        "maxLength": LONGEST_PATIENT,
                        "description": "An id, or a reference such as Patient/123.",
                    },
                    after=_NUMBER,
                ),
                faults={**_FORM, **_STORE},
            )
        },
        "/audit/rules": {
            "get": _page("Rules", "The rulebook in force, with how often each rule fired.", faults={**_ASKED, **_STORE})
        },
        "/audit/rules/{rule}": {
            "get": _page(
                "One rule",
                "A rule, its firings, its undetermined share and overrides.",
                parameters=[_RULE],
                faults={**_ASKED, "404": "No rule of this id is in force.", **_STORE},
            )
        },
        "/audit/rulebooks": {
            "get": _page("Rulebooks", "The rulebooks that were in force.", faults={**_ASKED, **_STORE})
        },
        "/audit/rulebooks/diff": {
            "get": _page(
                "Difference of two rulebooks",
                "What changed from one rulebook to another.",
                parameters=[
                    {**parameter(name, "query", f"The digest of the {which} rulebook.", _DIGEST), "required": True}
                    for name, which in (("a", "earlier"), ("b", "later"))
                ],
                faults={**_ASKED, "404": "One of them was never in force here.", **_STORE},
            )
        },
        "/audit/integrity": {
            "get": _page("Integrity", "The last checkpoint.", faults={**_ASKED, **_STORE}),
            "post": _page("Verify", "The whole chain, computed again. Nothing is sent.", faults=_STORE),
        },
        "/audit/accesses": {
            "get": _page(
                "Accesses",
                "Who saw, made again or carried away what is clinical, newest first.",
                parameters=[parameter(name, "query", *_LOOKED[name]) for name in _LOOKED],
                faults={**_ASKED, **_STORE},
            )
        },
        "/audit/try": {
            "get": _page("Try it", "Example patients, and a place to paste a document.", faults=_ASKED),
            "post": _page(
                "Judge a document",
                "Judges an example or what was pasted and keeps the traces. One leads on to its page; several are "
                "listed.",
                form=_DOCUMENT,
                faults={**_FORM, **_JUDGED},
                leads_on=True,
            ),
        },
        "/audit/try/{trace}": {
            "get": _page(
                "A decision and its facts as a form",
                "Cards beside rules, and every fact that may be changed. That it was read is recorded.",
                parameters=[
                    _TRACE,
                    parameter(
                        "from",
                        "query",
                        "The decision whose facts were changed, to tell the difference.",
                        _or_empty(UUID),
                    ),
                ],
                faults={**_ASKED, **_ABSENT, **_STORE},
            ),
            "post": _page(
                "Change a fact",
                "Judges the facts with what the form changes, and leads to the difference.",
                parameters=[_TRACE],
                form={
                    "type": "object",
                    "description": "Fields as the page has them, by the names of facts; what is not sent stays.",
                    "additionalProperties": TEXT,
                },
                faults={**_FORM, **_ABSENT, **_JUDGED},
                leads_on=True,
            ),
        },
        "/audit/static/{name}": {"get": _file()},
    }


def _page(
    summary: str,
    description: str,
    *,
    parameters: Sequence[Schema] = (),
    form: Schema | None = None,
    faults: Mapping[str, str],
    leads_on: bool = False,
) -> Schema:
    statuses = {"200": "The page.", **dict(sorted(faults.items()))}
    operation: Schema = {
        "tags": ["Pages"],
        "summary": summary,
        "description": description,
        "responses": {status: _told(meaning) for status, meaning in statuses.items()},
    }
    if leads_on:
        operation["responses"]["303"] = {
            "description": "On to the page of the decision that was made.",
            "headers": {"Location": {"required": True, "schema": {"type": "string", "format": "uri-reference"}}},
        }
    if parameters:
        operation["parameters"] = list(parameters)
    if form is not None:
        operation["requestBody"] = {"required": True, "content": {FORM: {"schema": form}}}
    return operation


def _told(meaning: str, *media_types: str) -> Schema:
    return {"description": meaning, "content": {kind: {"schema": TEXT} for kind in media_types or (HTML,)}}


def _file() -> Schema:
    kinds = sorted(kind.partition(";")[0] for kind in STATIC.values())
    return {
        "tags": ["Pages"],
        "summary": "Style",
        "description": "The style sheet and the picture of the pages.",
        "parameters": [_NAME],
        "responses": {"200": _told("The file.", *kinds), "404": _told("There is no such file.")},
    }


def _or_empty(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"const": ""}]}


_FILTERS: Mapping[str, tuple[str, Schema]] = {
    "after": ("Only decisions older than this number.", _NUMBER),
    "rule": (
        "Only decisions in which something became of this rule.",
        {"type": "string", "pattern": r"^([a-z0-9_-]+(\.[a-z0-9_-]+)*)?$"},
    ),
    "ruleOutcome": (
        "What became of the rule; fired when absent.",
        {"enum": ["fired", "undetermined", "suppressed", "switched off", ""]},
    ),
    "outcome": ("How the decision ended.", {"enum": ["success", "refused", "failed", ""]}),
    "hook": ("Only decisions of this hook.", {"enum": [*HOOKS, ""]}),
    "client": ("Who called, by name.", {"type": "string", "pattern": r"^[^\r\n]{0,200}$"}),
    "since": ("From this day (UTC) on.", _DAY),
    "until": ("Before this day (UTC).", _DAY),
}
"""What the list can be narrowed down by. The form sends all of them; an empty one is none."""

_LOOKED: Mapping[str, tuple[str, Schema]] = {
    "after": _FILTERS["after"],
    "kind": ("What was done.", {"enum": [*ACCESSES, ""]}),
    "client": _FILTERS["client"],
    "decision": ("About this decision.", _or_empty(UUID)),
    "since": _FILTERS["since"],
    "until": _FILTERS["until"],
}

_DOCUMENT: Schema = {
    "anyOf": [
        object_of(["example"], example={"enum": list(ORDER), "description": "One of the invented patients."}),
        object_of(
            ["document"],
            document={
                "type": "string",
                "contentMediaType": "application/json",
                "description": "FHIR, or a facts document, as it would be sent to /evaluate.",
            },
            evaluationDate={
                **_or_empty({"type": "string", "format": "date"}),
                "description": "The day it is judged for; when empty, today, or as the document says.",
            },
            example={"const": ""},
        ),
    ]
}
