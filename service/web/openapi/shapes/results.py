"""What is answered when a patient was judged."""

from __future__ import annotations

from service.web.openapi.parts import (
    ANY_OBJECT,
    COUNT,
    FHIR_RESOURCE,
    NULLABLE_TEXT,
    TEXT,
    UUID,
    Schema,
    array_of,
    object_of,
    ref,
)

_SOURCE = object_of(["reference"], reference=TEXT, element=TEXT, date=TEXT, code=TEXT, value=TEXT, conversion=TEXT)
_FACTS: Schema = {
    "type": "object",
    "description": "Facts by name, each with its value, its date and the elements it was read from.",
    "additionalProperties": object_of(
        ["value"], value={}, date={"type": "string", "format": "date"}, sources=array_of(_SOURCE)
    ),
}
_MEMBERS: Schema = {
    "type": ["array", "null"],
    "description": "null when nobody has the list.",
    "items": object_of(["key", "inRequest", "facts"], key=TEXT, inRequest={"type": "boolean"}, facts=_FACTS),
}

RESULTS: Schema = {
    "Discovery": object_of(
        ["services"],
        services=array_of(
            object_of(
                ["id", "hook", "description"],
                id=TEXT,
                hook=TEXT,
                title=TEXT,
                description=TEXT,
                prefetch={"type": "object", "additionalProperties": TEXT},
                usageRequirements=TEXT,
                version=TEXT,
                hookVersion=TEXT,
            )
        ),
    ),
    "Card": object_of(
        ["summary", "indicator", "source"],
        uuid=UUID,
        summary={"type": "string", "minLength": 1, "maxLength": 139},
        detail={"type": "string", "description": "GitHub-flavoured Markdown."},
        indicator={"enum": ["info", "warning", "critical"]},
        source=object_of(["label"], label=TEXT, url=TEXT, topic=ANY_OBJECT),
        suggestions=array_of(ANY_OBJECT),
        selectionBehavior={"enum": ["any", "at-most-one"]},
        overrideReasons=array_of(ANY_OBJECT),
        links=array_of(ANY_OBJECT),
        extension=ANY_OBJECT,
    ),
    "Cards": object_of(["cards"], cards=array_of(ref("Card"))),
    "Result": object_of(
        ["patient", "trace", "rulebook", "evaluationDate", "prognosis", "rules", "cards", "warnings"],
        patient=TEXT,
        trace=UUID,
        rulebook=TEXT,
        evaluationDate={"type": "string", "format": "date"},
        pattern=ANY_OBJECT,
        prognosis=object_of(
            ["group", "possible", "missing"],
            group={"enum": ["good", "intermediate", "poor", "indeterminate", "not_applicable"]},
            possible=array_of(TEXT),
            missing=array_of(TEXT),
            points={"type": ["object", "null"], "properties": {"lo": COUNT, "hi": COUNT}},
            lean=NULLABLE_TEXT,
        ),
        rules=object_of(
            ["fired", "undetermined"],
            fired=array_of(
                object_of(
                    ["id", "indicator", "because"],
                    id=TEXT,
                    indicator=TEXT,
                    element=NULLABLE_TEXT,
                    because=array_of(object_of(["fact"], fact=TEXT, value={}, source=NULLABLE_TEXT)),
                )
            ),
            undetermined=array_of(object_of(["id", "missing"], id=TEXT, element=NULLABLE_TEXT, missing=array_of(TEXT))),
        ),
        derived=ANY_OBJECT,
        exposure=ANY_OBJECT,
        cards=array_of(ref("Card")),
        warnings=array_of(ref("Warning")),
        facts=ref("Record"),
        used=array_of(TEXT),
        ignored=array_of(ref("Ignored")),
    ),
    "Results": object_of(["results"], results=array_of(ref("Result")), ignored=array_of(ref("Ignored"))),
    "Warning": object_of(["code", "text"], code=TEXT, text=TEXT, reference=TEXT, element=TEXT),
    "Record": object_of(
        ["evaluationDate", "facts", "lesions", "drugs", "courses", "orders", "conflicts"],
        evaluationDate={"type": "string", "format": "date"},
        facts=_FACTS,
        lesions=_MEMBERS,
        drugs=_MEMBERS,
        courses=_MEMBERS,
        orders=_MEMBERS,
        conflicts=array_of(
            object_of(["name", "values", "sources"], name=TEXT, values=array_of({}), sources=array_of(_SOURCE))
        ),
    ),
    "Ignored": object_of(
        ["resource", "place", "outcome", "reasons"],
        resource=TEXT,
        place=TEXT,
        outcome={"enum": ["ignored", "invalid"]},
        reasons=array_of(object_of(["code", "text"], code=TEXT, text=TEXT, element=TEXT, coding=TEXT)),
    ),
    "AnswerBundle": {
        "description": (
            "A FHIR R4 Bundle: the Device of this service, and for each patient a GuidanceResponse, a RiskAssessment, "
            "DetectedIssues, a RequestGroup with its drafts, and a Provenance, as far as there is something to say."
        ),
        **object_of(
            ["resourceType", "id", "type", "timestamp", "entry"],
            resourceType={"const": "Bundle"},
            id=UUID,
            type={"const": "collection"},
            timestamp=TEXT,
            entry=array_of(object_of(["fullUrl", "resource"], fullUrl=TEXT, resource=FHIR_RESOURCE)),
        ),
    },
}
