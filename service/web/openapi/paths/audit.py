"""What was decided, for those who ask afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from service.trace import DECISIONS
from service.traces.exports.forms import FormName
from service.traces.stats import DIMENSIONS
from service.web import stats
from service.web.negotiation import JSON
from service.web.openapi.parts import BODY_FAULTS, MOMENT, Schema, operation, parameter, ref
from service.web.wanted import MOST_PER_PAGE, SHAPES, USUAL_PAGE


def audit_paths() -> Schema:
    """Traces, and what is counted of them."""
    trace = parameter(
        "trace", "path", "The id of a trace, as an answer gives it.", {"type": "string", "format": "uuid"}
    )
    return {
        "/traces": {
            "get": operation(
                "Audit",
                "List traces",
                "What was decided, newest first, without clinical content.",
                ref("TraceList"),
                parameters=[
                    parameter(name, "query", meaning, schema) for name, (meaning, schema) in TRACE_PARAMETERS.items()
                ],
                faults={"400": "A parameter is not as it must be.", "503": "The store does not answer."},
            )
        },
        "/traces/{trace}": {
            "get": operation(
                "Audit",
                "One trace",
                "One decision with its facts, sources, rules and cards. That it was read is recorded.",
                ref("Trace"),
                parameters=[trace],
                faults={"404": "No such trace.", "503": "The store does not answer."},
            )
        },
        "/traces/{trace}/header": {
            "get": operation(
                "Audit",
                "The header of one trace",
                "When, for whom, by whom and with which rules it was decided, without clinical content.",
                ref("TraceHeader"),
                parameters=[trace],
                faults={"404": "No such trace.", "503": "The store does not answer."},
            )
        },
        "/traces/erase": {
            "post": operation(
                "Audit",
                "Erase the clinical part",
                "Of one decision, or of all there is of a patient: body, rules, cards and feedback go, headers stay. "
                "It cannot be undone, is recorded, and does not reach copies.",
                ref("Erased"),
                takes={JSON: ref("Erasure")},
                faults={
                    **BODY_FAULTS,
                    "404": "There is nothing to erase.",
                    "409": "Some of it is on legal hold.",
                },
            )
        },
        "/traces/checkpoint": {
            "get": operation(
                "Audit",
                "The last checkpoint",
                "A signed note (c2sp.org/tlog-checkpoint) over all records there were, to be kept elsewhere.",
                {"type": "string"},
                media_type="text/plain",
                faults={"404": "Nothing was signed yet.", "503": "The store does not answer."},
            )
        },
        "/traces/export": {
            "get": operation(
                "Audit",
                "Export traces",
                "Headers, bodies and tree byte for byte (ndjson), a table (csv) or resources (fhir), as one stream. "
                "The last line of ndjson and fhir is the manifest: without it the stream broke off. It is recorded.",
                {"type": "string"},
                media_type="application/x-ndjson",
                also={"text/csv": {"type": "string"}, "application/fhir+ndjson": {"type": "string"}},
                parameters=[
                    parameter(name, "query", meaning, schema) for name, (meaning, schema) in _EXPORT_PARAMETERS.items()
                ],
                faults={"400": "A parameter is not as it must be.", "503": "The store does not answer."},
            )
        },
        "/stats": {
            "get": operation(
                "Audit",
                "What became of the cards",
                "How many cards were shown, accepted, overridden and why, and how many were never answered.",
                ref("Stats"),
                parameters=[
                    parameter(name, "query", meaning, schema) for name, (meaning, schema) in _STATS_PARAMETERS.items()
                ],
                faults={"400": "A parameter is not as it must be.", "503": "The store does not answer."},
            )
        },
    }


def _whole(name: str) -> Schema:
    return {"type": "string", "pattern": f"^({SHAPES[name].pattern})$"}


_BEGUN_MOMENT: Schema = {
    "type": "string",
    "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?Z?)?$",
}
TRACE_PARAMETERS: Mapping[str, tuple[str, Schema]] = {
    "after": ("Only traces older than this number, as `next` gives it.", {"type": "integer", "minimum": 1}),
    "limit": (
        "How many at most.",
        {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE, "default": USUAL_PAGE},
    ),
    "patientKey": ("The keyed hash of a patient's reference.", {"type": "string", "pattern": "^[0-9a-f]{64}$"}),
    "rule": (
        "Only decisions in which this rule fired.",
        {"type": "string", "pattern": r"^[a-z0-9_-]+(\.[a-z0-9_-]+)*$"},
    ),
    "ruleOutcome": (
        "What else became of the rule.",
        {"enum": ["fired", "undetermined", "suppressed", "switched off", "error"], "default": "fired"},
    ),
    "hookInstance": ("The call of a hook, as the client named it.", _whole("hookInstance")),
    "card": ("The decision that showed this card.", {"type": "string", "format": "uuid"}),
    "rulebook": ("The digest of the rulebook it was made under.", _whole("rulebook")),
    "client": ("Who called, by name.", _whole("client")),
    "tenant": ("For which tenant.", _whole("tenant")),
    "outcome": ("How the decision ended.", {"enum": ["success", "refused", "failed"]}),
    "degraded": ("The code of what was missing or could not be reached; any for every code.", _whole("degraded")),
    "since": ("From this time (UTC) on.", _BEGUN_MOMENT),
    "until": ("Before this time (UTC).", _BEGUN_MOMENT),
}


_DAY_OR_MOMENT: Schema = {"anyOf": [{"type": "string", "format": "date"}, MOMENT]}
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
    **{name: TRACE_PARAMETERS[name] for name in ("since", "until", "patientKey", "rule")},
    "rulebook": (
        "Only what was made with the rulebook of this digest.",
        {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    ),
    "headersOnly": ("Whether the clinical part stays where it is.", {"type": "boolean", "default": False}),
}
