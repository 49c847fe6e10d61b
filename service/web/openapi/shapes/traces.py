"""What is kept of a decision, and what is done with it."""

from __future__ import annotations

from service.web import erasing
from service.web.openapi.parts import ANY_OBJECT, TEXT, UUID, Schema, array_of, object_of, ref, text_of

TRACES: Schema = {
    "TraceHeader": object_of(
        ["id", "seq", "decided_at", "outcome"],
        id=UUID,
        seq={"type": "integer"},
        decided_at=TEXT,
        outcome=TEXT,
        kind=TEXT,
        hook=TEXT,
        rulebook=TEXT,
        patient_key=TEXT,
        counts=ANY_OBJECT,
        prev_hash=TEXT,
        leaf_hash=TEXT,
    ),
    "TraceList": object_of(["traces"], traces=array_of(ref("TraceHeader")), next=TEXT),
    "Trace": object_of(
        ["header", "erased", "body", "rules"],
        header=ref("TraceHeader"),
        erased={"type": "boolean"},
        body={
            "type": ["object", "null"],
            "properties": {"rules": array_of(ref("RuleAccount")), "derived": ANY_OBJECT},
        },
        rules=array_of(object_of(["id", "outcome"], id=TEXT, outcome=TEXT)),
    ),
    "Erasure": {
        **object_of(
            ["ground"],
            decision=UUID,
            patient={**text_of(erasing.LONGEST_NAME), "description": "A reference such as Patient/123."},
            ground={"enum": list(erasing.GROUNDS)},
        ),
        "oneOf": [{"required": ["decision"]}, {"required": ["patient"]}],
        "additionalProperties": False,
    },
    "Erased": object_of(
        ["erased", "overwritten"],
        erased={"type": "integer", "minimum": 1, "description": "How many bodies are gone."},
        overwritten={"type": "boolean", "description": "Whether nothing of them is left in the files of the database."},
    ),
    "RuleAccount": {
        "description": "What became of a rule in one decision. The body of a trace has one for every rule.",
        **object_of(
            ["id", "outcome", "situations"],
            id=TEXT,
            outcome={
                "enum": ["fired", "undetermined", "not fired", "suppressed", "switched off", "error", "not reached"]
            },
            situations=array_of(ref("SituationAccount")),
        ),
    },
    "SituationAccount": {
        "description": "What a rule came to for one combination of elements, or for several where the same is false.",
        **object_of(
            ["elements", "outcome", "clauses"],
            elements={**array_of(TEXT), "description": "The keys of the elements; none for the patient."},
            outcome={"enum": ["fired", "undetermined", "not fired", "suppressed"]},
            indicator={"enum": ["info", "warning", "critical"]},
            clauses=array_of(ref("ClauseAccount")),
            alike={**array_of(array_of(TEXT)), "description": "The elements of the other situations told here."},
        ),
    },
    "ClauseAccount": {
        "description": "One of the conditions that must all hold; of what did not fire, one that is false.",
        **object_of(
            ["says", "truth", "facts"],
            says={**TEXT, "description": "The condition in English, with the numbers in force."},
            truth={"enum": ["true", "false", "unknown"]},
            facts=array_of(ref("FactAccount")),
        ),
    },
    "FactAccount": {
        "description": "A fact that decides a clause, or a whole list by its name.",
        **object_of(
            ["fact", "value"],
            fact=TEXT,
            value={"description": "null when it is not known, or when nobody has sent the list."},
            source={**TEXT, "description": "The references of what it was read from; none of a derived fact."},
            of={**array_of(TEXT), "description": "The keys of the elements it is of, when those judged do not tell."},
        ),
    },
}
