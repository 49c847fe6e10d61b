"""What the service says of itself, and of a request it refuses."""

from __future__ import annotations

from service.web.openapi.parts import ANY_OBJECT, TEXT, Schema, array_of, object_of

ABOUT: Schema = {
    "Rulebook": object_of(["revision", "rules"], revision=TEXT, rules=array_of(ANY_OBJECT)),
    "Health": object_of(["status"], status=TEXT, version=TEXT, rulebook=TEXT, waiting_for=TEXT),
    "OperationOutcome": object_of(
        ["resourceType", "issue"],
        resourceType={"const": "OperationOutcome"},
        id=TEXT,
        issue={
            "type": "array",
            "minItems": 1,
            "items": object_of(
                ["severity", "code"],
                severity=TEXT,
                code=TEXT,
                diagnostics=TEXT,
                expression=array_of(TEXT),
            ),
        },
    ),
}
