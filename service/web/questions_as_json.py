"""The answers to the questions of an audit as JSON, for the address and the command line alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from service.record_json import Json
from service.traces.queries.calls import PERCENTILES, Caller, Calls
from service.traces.queries.integrity import Integrity
from service.traces.queries.recall import InForce
from service.traces.queries.retention import HoldInForce, Retention
from service.traces.queries.rule_activity import Activity
from service.traces.queries.why import Why
from service.traces.stored import StoredHeader


def why_as_json(header: StoredHeader, rule: str, why: Why) -> Json:
    return {
        "trace": header.id,
        "decidedAt": header.columns["decided_at"],
        "rulebook": header.columns["rulebook"],
        "rule": rule,
        "outcome": why.outcome,
        "situations": list(why.situations),
        **({"failure": why.failure} if why.failure else {}),
    }


def in_force_as_json(rulebook: InForce) -> Json:
    return {
        "rulebook": rulebook.rulebook,
        "digests": dict(rulebook.digests),
        "decisions": rulebook.decisions,
        "periods": [
            {
                "activatedAt": period.activated_at,
                "activatedBy": period.activated_by,
                "activatedSeq": period.activated_seq,
                **(
                    {"withdrawnAt": period.withdrawn_at, "withdrawnSeq": period.withdrawn_seq}
                    if period.withdrawn_seq
                    else {}
                ),
            }
            for period in rulebook.periods
        ],
    }


def activity_as_json(activity: Activity) -> Json:
    return {
        "decisions": activity.decisions,
        "rules": [
            {"id": each.rule, "judged": each.judged, "outcomes": dict(each.outcomes), "habit": each.habit}
            for each in activity.rules
        ],
        "unknownRulebooks": list(activity.unknown),
    }


def calls_as_json(calls: Mapping[Caller, Calls]) -> Json:
    return {"callers": [_caller_as_json(caller, told) for caller, told in calls.items()]}


def _caller_as_json(caller: Caller, calls: Calls) -> Json:
    return {
        "client": caller.client,
        "tenant": caller.tenant,
        "calls": calls.calls,
        "errors": calls.errors,
        "degraded": calls.degraded,
        "outcomes": dict(calls.outcomes),
        "degradedBy": dict(calls.codes),
        "services": dict(calls.services),
        "durationMicroseconds": {f"p{percent}": calls.percentile(percent) for percent in PERCENTILES},
    }


def integrity_as_json(integrity: Integrity) -> Json:
    return {
        "holds": integrity.holds,
        "records": integrity.records,
        "lastSeq": integrity.last_seq,
        "gaps": [{"first": first, "last": last} for first, last in integrity.gaps],
        "clockSteps": [{"seq": step.seq, "before": step.before, "at": step.at} for step in integrity.clock_steps],
        "signed": {"size": integrity.signed_size, "at": integrity.signed_at},
        "checkedFrom": integrity.checked_from,
        "faults": [{"seq": fault.seq, "what": fault.what} for fault in integrity.faults],
    }


def retention_as_json(retention: Retention, before: str) -> Json:
    return {"before": before, "due": retention.due, "held": retention.held}


def holds_as_json(holds: Iterable[HoldInForce]) -> Json:
    return {
        "holds": [
            {
                "about": each.hold.about,
                "name": each.hold.name,
                "seq": each.hold.seq,
                "placedAt": each.placed_at,
                "placedBy": each.placed_by,
                "decisions": each.decisions,
            }
            for each in holds
        ]
    }
