"""Who may call which operation, as OpenAPI says it: from the table of scopes, so that the two cannot differ."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask

from service.web.scopes import NEEDS, Need

SCHEMES: dict[str, Any] = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, as `osteon keys make` prints it, with the scope the operation names.",
    },
    "keyAsPassword": {
        "type": "http",
        "scheme": "basic",
        "description": "The same key as the password of any user, for browsers.",
    },
    "clientToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The signed token of a registered CDS Hooks client, for one call of one address.",
    },
}
_UNPROVEN = {"description": "No valid credential; the reason is in the log of the service."}
_MISSING = "The scope is missing, or a page of another origin asks."


def security_of(need: Need) -> list[dict[str, list[str]]]:
    """The credentials of which one is enough, each with the scope it must have."""
    if need == "nothing":
        return []
    if need == "client":
        return [{"clientToken": []}]
    also_clients: list[dict[str, list[str]]] = [{"clientToken": [need]}] if need == "evaluate" else []
    return [{"key": [need]}, {"keyAsPassword": [need]}, *also_clients]


def secured(described: dict[str, Any], app: Flask) -> dict[str, Any]:
    """The document with what each operation asks of its caller, unless the site asks nothing of anybody."""
    needs = dict(needs_of(app))
    paths: dict[str, Any] = {}
    for path, operations in described["paths"].items():
        paths[path] = {}
        for method, operation in operations.items():
            need = needs.get((path, method), "nothing")
            faults: dict[str, Any] = {} if need == "nothing" else {"401": _UNPROVEN}
            if need not in ("nothing", "client"):
                faults["403"] = {"description": _MISSING, "content": _told_by(operation)}
            responses = dict(sorted({**operation["responses"], **faults}.items()))
            paths[path][method] = {**operation, "security": security_of(need), "responses": responses}
    return {**described, "paths": paths, "components": {**described["components"], "securitySchemes": SCHEMES}}


def _told_by(operation: dict[str, Any]) -> dict[str, Any]:
    """In which form an operation tells faults: pages as pages, all others as an OperationOutcome."""
    if "text/html" in operation["responses"]["200"]["content"]:
        return {"text/html": {"schema": {"type": "string"}}}
    return {"application/fhir+json": {"schema": {"$ref": "#/components/schemas/OperationOutcome"}}}


def needs_of(app: Flask) -> Iterator[tuple[tuple[str, str], Need]]:
    """What is needed for each path and method, written as OpenAPI does."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield (path, method.lower()), NEEDS[rule.endpoint]
