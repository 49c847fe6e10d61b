"""The pages for people; a browser finds its way from the first, so that their forms are told in words."""

from __future__ import annotations

from collections.abc import Mapping

from service.web.html_answers import FORM, STATIC
from service.web.openapi.parts import ANY_OBJECT, TEXT, UUID, Schema, page_operation, parameter


def page_paths() -> Schema:
    """The operations of the pages."""
    ids = {
        "trace": parameter("trace", "path", "The id of a decision.", UUID),
        "rule": parameter("rule", "path", "The id of a rule.", TEXT),
        "name": parameter("name", "path", "A file the pages refer to.", {"enum": sorted(STATIC)}),
    }
    digests = [parameter(name, "query", "The digest of a rulebook.", TEXT) for name in ("a", "b")]
    told: Schema = {}
    for path, operations in _PAGES.items():
        parameters = [ids[name] for name in ids if f"{{{name}}}" in path] + (digests if path.endswith("diff") else [])
        for method, (summary, description) in operations.items():
            operation = page_operation(description, "text/html")
            operation |= {"tags": ["Pages"], "summary": summary}
            if parameters:
                operation["parameters"] = parameters
            if method == "post":
                operation["requestBody"] = {"required": True, "content": {FORM: {"schema": ANY_OBJECT}}}
            told.setdefault(path, {})[method] = operation
    return told


_PAGES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "/audit": {"get": ("Decisions", "Decisions, newest first, with filters and the search for a patient.")},
    "/audit/traces/{trace}": {"get": ("One decision", "Facts, rules and cards. That it was read is recorded.")},
    "/audit/patient": {"post": ("A patient in time", "Decisions about one patient; each reading is recorded.")},
    "/audit/rules": {"get": ("Rules", "The rulebook in force, with how often each rule fired.")},
    "/audit/rules/{rule}": {"get": ("One rule", "A rule, its firings, its undetermined share and overrides.")},
    "/audit/rulebooks": {"get": ("Rulebooks", "The rulebooks that were in force.")},
    "/audit/rulebooks/diff": {"get": ("Difference of two rulebooks", "What changed from one rulebook to another.")},
    "/audit/integrity": {
        "get": ("Integrity", "The last checkpoint."),
        "post": ("Verify", "The whole chain, computed again."),
    },
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
# fmt: skip
