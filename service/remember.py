"""What is remembered of a decision: everything needed to find it again, explain it and replay it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rulesets.thresholds import Thresholds
from service.clients import Client
from service.fire import Reasoner
from service.house import House
from service.record_json import Json, record_as_json
from service.trace import Counts, Trace

if TYPE_CHECKING:
    from service.assess import Case, Request


def trace_of(house: House, request: Request, case: Case, reasoner: Reasoner, trace: str, result: Json) -> Trace:
    """The trace of a decision that was made."""
    return _trace(
        house,
        request,
        case,
        reasoner.thresholds,
        trace,
        outcome="success",
        counts=Counts(
            fired=len(result["rules"]["fired"]),
            undetermined=len(result["rules"]["undetermined"]),
            cards=len(result["cards"]),
            notices=len(case.notices),
        ),
        body={"result": result},
        rules=_outcomes(result, reasoner),
    )


def trace_of_failure(
    house: House, request: Request, case: Case, reasoner: Reasoner, trace: str, failure: Exception
) -> Trace:
    """The trace of a decision that could not be made: what went in, and what failed."""
    return _trace(
        house,
        request,
        case,
        reasoner.thresholds,
        trace,
        outcome="failed",
        counts=Counts(notices=len(case.notices)),
        body={"failure": {"kind": type(failure).__name__, "says": str(failure)}},
        rules=(),
    )


def _trace(
    house: House,
    request: Request,
    case: Case,
    thresholds: Thresholds,
    trace: str,
    *,
    outcome: str,
    counts: Counts,
    body: Json,
    rules: tuple[tuple[str, str], ...],
) -> Trace:
    revision, is_hook = house.revision(thresholds), request.kind == "hook"
    return Trace(
        id=trace,
        kind="hook" if is_hook else "evaluate",
        decided_at=house.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        hook=case.hooks[0] if len(case.hooks) == 1 else "",
        hook_instance=request.hook_instance,
        service_version=house.version,
        rulebook=revision.digest,
        thresholds=revision.thresholds,
        terminology=revision.terminology,
        evaluation_date=case.record.evaluation_date.isoformat(),
        request_digest=request.digest,
        patient_key=house.patient_key(case.patient),
        outcome=outcome,  # type: ignore[arg-type]
        counts=counts,
        body={
            "request": {
                "kind": request.kind,
                "service": request.service,
                "mode": request.mode,
                "hooks": list(case.hooks),
                "patient": case.patient,
                "config": dict(case.config),
                "client": _client(request.client),
            },
            "thresholds": dict(thresholds.values),
            "record": record_as_json(case.record),
            **({"prefetch": [outcome.as_json() for outcome in request.prefetch.outcomes]} if is_hook else {}),
            **body,
        },
        rules=rules,
    )


def _client(client: Client) -> Json:
    """Who was to show the cards, and how it shows them."""
    return {"name": client.name, "profile": client.profile, "capabilities": list(client.capabilities)}


def client_of(told: Json) -> Client:
    """The client of a trace, as far as its cards depend on it."""
    return Client(name=told["name"], issuer="", profile=told["profile"], capabilities=tuple(told["capabilities"]))


def _outcomes(result: Json, reasoner: Reasoner) -> tuple[tuple[str, str], ...]:
    """What became of the rules that did anything; a rule that is not named did not fire."""
    rules: Json = result["rules"]
    told = {
        **{(id, "switched off"): None for id in reasoner.switched_off},
        **{(id, "suppressed"): None for id in rules["suppressed"]},
        **{(each["id"], "undetermined"): None for each in rules["undetermined"]},
        **{(each["id"], "fired"): None for each in rules["fired"]},
    }
    return tuple(sorted(told))
