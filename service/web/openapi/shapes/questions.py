"""The answers to the questions an audit asks."""

from __future__ import annotations

from service.web.openapi.parts import ANY_OBJECT, COUNT, TEXT, UUID, Schema, array_of, object_of, ref
from service.web.wanted import KINDS, MOST_PER_PAGE, SHAPES


def _whole(name: str) -> Schema:
    return {"type": "string", "pattern": f"^({SHAPES[name].pattern})$"}


QUESTIONS: Schema = {
    "TraceSearch": {
        "type": "object",
        "properties": {
            **{name: _whole(name) for name in SHAPES if name not in ("on", "before", "kind")},
            "kind": {"enum": list(KINDS)},
            "after": {"type": "integer", "minimum": 1},
            "limit": {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE},
        },
        "additionalProperties": False,
        "dependentRequired": {"version": ["resource"], "ruleOutcome": ["rule"]},
        "not": {"required": ["patient", "patientKey"]},
    },
    "TracesFound": object_of(["traces"], traces=array_of(ref("TraceHeader")), after={"type": "integer"}),
    "WhyAsked": {
        **object_of(
            ["patient", "rule", "on"],
            patient=_whole("patient"),
            rule=_whole("rule"),
            on={"type": "string", "format": "date"},
            after={"type": "integer", "minimum": 1},
            limit={"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE},
        ),
        "additionalProperties": False,
    },
    "Reason": object_of(
        ["trace", "decidedAt", "rulebook", "rule", "outcome", "situations"],
        trace=UUID,
        decidedAt=TEXT,
        rulebook=TEXT,
        rule=TEXT,
        outcome=TEXT,
        situations=array_of(ANY_OBJECT),
        failure=TEXT,
    ),
    "Reasons": object_of(["answers"], answers=array_of(ref("Reason")), after={"type": "integer"}),
    "RulebookInForce": object_of(
        ["rulebook", "digests", "decisions", "periods"],
        rulebook=TEXT,
        digests=ANY_OBJECT,
        decisions={"type": "integer"},
        periods=array_of(
            object_of(
                ["activatedAt", "activatedBy", "activatedSeq"],
                activatedAt=TEXT,
                activatedBy=TEXT,
                activatedSeq={"type": "integer"},
                withdrawnAt=TEXT,
                withdrawnSeq={"type": "integer"},
            )
        ),
    ),
    "Rulebooks": object_of(["rulebooks"], rulebooks=array_of(ref("RulebookInForce"))),
    "Recall": {
        "allOf": [
            ref("RulebookInForce"),
            object_of(["traces"], traces=array_of(ref("TraceHeader")), next=TEXT),
        ]
    },
    "RuleActivity": object_of(
        ["decisions", "rules", "unknownRulebooks"],
        decisions={"type": "integer"},
        rules=array_of(
            object_of(
                ["id", "judged", "outcomes", "habit"],
                id=TEXT,
                judged={"type": "integer"},
                outcomes={"type": "object", "additionalProperties": {"type": "integer"}},
                habit={"enum": ["never judged", "never fires", "always fires", "mostly undetermined", "varies"]},
            )
        ),
        unknownRulebooks=array_of(TEXT),
    ),
    "Calls": object_of(
        ["callers"],
        callers=array_of(
            object_of(
                ["client", "tenant", "calls", "errors", "degraded", "durationMicroseconds"],
                client=TEXT,
                tenant=TEXT,
                calls={"type": "integer"},
                errors={"type": "integer"},
                degraded={"type": "integer"},
                outcomes=ANY_OBJECT,
                degradedBy=ANY_OBJECT,
                services=ANY_OBJECT,
                durationMicroseconds=object_of(
                    ["p50", "p90", "p95", "p99"], p50=COUNT, p90=COUNT, p95=COUNT, p99=COUNT
                ),
            )
        ),
    ),
    "Integrity": object_of(
        ["holds", "records", "lastSeq", "gaps", "clockSteps", "signed", "checkedFrom", "faults"],
        holds={"type": "boolean"},
        records={"type": "integer"},
        lastSeq={"type": "integer"},
        gaps=array_of(object_of(["first", "last"], first={"type": "integer"}, last={"type": "integer"})),
        clockSteps=array_of(object_of(["seq", "before", "at"], seq={"type": "integer"}, before=TEXT, at=TEXT)),
        signed=object_of(["size", "at"], size={"type": "integer"}, at=TEXT),
        checkedFrom={"type": "integer"},
        faults=array_of(object_of(["seq", "what"], seq={"type": "integer"}, what=TEXT)),
    ),
    "Due": object_of(
        ["before", "due", "held", "traces"],
        before=TEXT,
        due={"type": "integer"},
        held={"type": "integer"},
        traces=array_of(ref("TraceHeader")),
        next=TEXT,
    ),
    "Holds": object_of(
        ["holds"],
        holds=array_of(
            object_of(
                ["about", "name", "seq", "placedAt", "placedBy", "decisions"],
                about={"enum": ["decision", "patient"]},
                name=TEXT,
                seq={"type": "integer"},
                placedAt=TEXT,
                placedBy=TEXT,
                decisions={"type": "integer"},
            )
        ),
    ),
}
