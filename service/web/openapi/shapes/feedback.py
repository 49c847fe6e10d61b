"""What became of cards: as it is told, and as it is counted."""

from __future__ import annotations

from service.traces.stats import DIMENSIONS
from service.web import feedback
from service.web.openapi.parts import ANY_OBJECT, MOMENT, NULLABLE_TEXT, UUID, Schema, array_of, object_of, ref, text_of

FEEDBACK: Schema = {
    "Feedback": object_of(
        ["feedback"],
        feedback={
            "type": "array",
            "minItems": 1,
            "maxItems": feedback.MOST_AT_ONCE,
            "items": {
                **object_of(
                    ["card", "outcome", "outcomeTimestamp"],
                    card=UUID,
                    outcome={"enum": ["accepted", "overridden"]},
                    acceptedSuggestions={
                        "type": "array",
                        "minItems": 1,
                        "maxItems": feedback.MOST_SUGGESTIONS,
                        "items": object_of(["id"], id=text_of(feedback.LONGEST_NAME)),
                    },
                    overrideReason={
                        **object_of(
                            reason=object_of(
                                ["system", "code"],
                                system={**text_of(feedback.LONGEST_NAME), "pattern": f"^{feedback.URI.pattern}$"},
                                code=text_of(feedback.LONGEST_NAME),
                                display=text_of(feedback.LONGEST_NAME),
                            ),
                            userComment=text_of(feedback.LONGEST_COMMENT),
                        ),
                        "anyOf": [{"required": ["reason"]}, {"required": ["userComment"]}],
                    },
                    outcomeTimestamp=MOMENT,
                    extension={"type": "object", "minProperties": 1},
                ),
                "if": {"properties": {"outcome": {"const": "accepted"}}},
                "then": {"required": ["acceptedSuggestions"]},
            },
        },
    ),
    "FeedbackTaken": object_of(
        ["extension"],
        extension=object_of(
            [feedback.EXTENSION],
            **{
                feedback.EXTENSION: object_of(
                    ["kept", "repeated"],
                    kept={"type": "integer"},
                    repeated={"type": "integer"},
                    unknownCards=array_of(UUID),
                )
            },
        ),
    ),
    "Tally": object_of(
        ["shown", "answered", "accepted", "overridden", "unanswered", "reasons", "medianSeconds"],
        shown={"type": "integer"},
        answered={"type": "integer"},
        accepted={"type": "integer"},
        overridden={"type": "integer"},
        unanswered={"type": "integer"},
        reasons=array_of(
            object_of(["reason", "overridden"], reason=NULLABLE_TEXT, overridden={"type": "integer"}),
        ),
        medianSeconds={"type": ["number", "null"]},
    ),
    "Stats": object_of(
        ["asked", "total", "groups", "aboutUnknownCards"],
        asked=ANY_OBJECT,
        total=ref("Tally"),
        groups=array_of({"allOf": [ref("Tally"), {"properties": {name: NULLABLE_TEXT for name in DIMENSIONS}}]}),
        groupsLeftOut={"type": "integer"},
        aboutUnknownCards={"type": "integer"},
    ),
}
