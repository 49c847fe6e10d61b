"""The questions an audit asks."""

from __future__ import annotations

from service.web.negotiation import JSON
from service.web.openapi.parts import BODY_FAULTS, TEXT, UUID, Schema, operation, parameter, ref
from service.web.openapi.paths.audit import TRACE_PARAMETERS
from service.web.wanted import SHAPES


def question_paths() -> Schema:
    """The addresses of the questions an audit asks."""
    trace = parameter("trace", "path", "The id of a trace, as an answer gives it.", UUID)
    faults = {"400": "A parameter is not as it must be.", "503": "The store does not answer."}
    body_faults = {name: BODY_FAULTS[name] for name in ("400", "408", "413", "415", "422", "503")}
    page, days = _some("after", "limit"), _days("since", "until")
    rulebook = parameter("rulebook", "path", "The digest of a rulebook.", TEXT)
    rule = parameter("rule", "path", "The id of a rule.", {"type": "string", "pattern": _whole("rule")})
    before = {**_days("before")[0], "required": True}
    return {
        "/traces/search": {
            "post": operation(
                "Audit",
                "Find traces by what must not stand in an address",
                "The same conditions as the list of traces, with a patient or a resource by reference, and kinds of "
                "events. `after` of an answer asks for the page that follows.",
                ref("TracesFound"),
                takes={JSON: ref("TraceSearch")},
                faults=body_faults,
            )
        },
        "/traces/why": {
            "post": operation(
                "Audit",
                "Why a rule fired for a patient on a day, or did not",
                "Each decision of that day (UTC), newest first, with what the rule came to. Each reading is recorded.",
                ref("Reasons"),
                takes={JSON: ref("WhyAsked")},
                faults=body_faults,
            )
        },
        "/traces/{trace}/rules/{rule}": {
            "get": operation(
                "Audit",
                "Why a rule fired in a decision, or did not",
                "What the rule came to, with its situations. That it was read is recorded.",
                ref("Reason"),
                parameters=[trace, rule],
                faults={**faults, "404": "No such decision."},
            )
        },
        "/traces/rulebooks": {
            "get": operation(
                "Audit",
                "Rulebooks that were in force",
                "From when to when each was, and how many decisions were made under it.",
                ref("Rulebooks"),
                faults=faults,
            )
        },
        "/traces/rulebooks/{rulebook}": {
            "get": operation(
                "Audit",
                "Recall what was decided under a rulebook",
                "When it was in force, and a page of the decisions, newest first.",
                ref("Recall"),
                parameters=[rulebook, *page],
                faults={**faults, "404": "Nothing was decided under it."},
            )
        },
        "/traces/rules": {
            "get": operation(
                "Audit",
                "What became of each rule",
                "Counted over whole days, of decisions whose clinical part is there; each counts once for a rule.",
                ref("RuleActivity"),
                parameters=[*days, *_some("rulebook")],
                faults=faults,
            )
        },
        "/traces/calls": {
            "get": operation(
                "Audit",
                "Calls of each client",
                "Number, errors, degraded answers and percentiles of duration, counted over whole days.",
                ref("Calls"),
                parameters=days,
                faults=faults,
            )
        },
        "/traces/accesses": {
            "get": operation(
                "Audit",
                "Who looked",
                "Events that tell of somebody who read, replayed or exported traces, newest first.",
                ref("TraceList"),
                parameters=[
                    *_some("client", "patientKey", "since", "until"),
                    parameter("decision", "query", "About this decision.", UUID),
                    *page,
                ],
                faults=faults,
            )
        },
        "/traces/integrity": {
            "get": operation(
                "Audit",
                "Whether the traces can be believed",
                "Gaps in the numbers, steps of the clock, the last checkpoint, and the hashes of the last records. "
                "`osteon traces verify` computes all of them.",
                ref("Integrity"),
                faults=faults,
            )
        },
        "/traces/due": {
            "get": operation(
                "Audit",
                "What is due for erasure",
                "How many decisions from before a day still have their clinical part and are not held, oldest first.",
                ref("Due"),
                parameters=[before, *page],
                faults=faults,
            )
        },
        "/traces/holds": {
            "get": operation("Audit", "What is on hold", "All holds in force.", ref("Holds"), faults=faults)
        },
    }


def _some(*names: str) -> list[Schema]:
    return [parameter(name, "query", *TRACE_PARAMETERS[name]) for name in names]


def _days(*names: str) -> list[Schema]:
    meanings = {
        "since": "From this day (UTC) on.",
        "until": "Before this day (UTC).",
        "before": "Before this day (UTC).",
    }
    return [parameter(name, "query", meanings[name], {"type": "string", "format": "date"}) for name in names]


def _whole(name: str) -> str:
    return f"^({SHAPES[name].pattern})$"
