"""What is remembered of a decision: everything needed to find it again, explain it and replay it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rulesets.rulebook import RULES
from rulesets.thresholds import Thresholds
from service.clients.profiles import Client
from service.fire import Reasoner
from service.house import House
from service.intake.notices import FAULTS
from service.record_json import Json, record_as_json
from service.trace import Counts, ShownCard, Trace, UsedResource

if TYPE_CHECKING:
    from service.assess import Case, Request

DEGRADING = FAULTS | {"left-out"}
"""Codes of notices that tell of something sent which was not used; a decision that has one is degraded."""

TOLD_OF_A_FAILURE = ("error", "switched off")
"""The outcomes of rules by which a decision that failed is found."""


def trace_of(
    house: House,
    request: Request,
    case: Case,
    reasoner: Reasoner,
    trace: str,
    result: Json,
    account: Json,
    as_fhir: Json | None = None,
) -> Trace:
    """The trace of a decision that was made.

    ``account`` is what became of every rule; ``as_fhir`` is what the FHIR form is written from, and proven by.
    """
    return _trace(
        house,
        request,
        case,
        reasoner.thresholds,
        trace,
        outcome="success",
        counts=_counts(result, case, reasoner),
        body={"result": result, **account, **({"fhir": as_fhir} if as_fhir is not None else {})},
        rules=_outcomes(result, reasoner),
        cards=tuple(_shown(card) for card in result["cards"]),
    )


def trace_of_failure(
    house: House,
    request: Request,
    case: Case,
    reasoner: Reasoner,
    trace: str,
    failure: Exception,
    account: Json,
) -> Trace:
    """The trace of a decision that could not be made: what went in, what failed, and at which rule if it was one."""
    return _trace(
        house,
        request,
        case,
        reasoner.thresholds,
        trace,
        outcome="failed",
        counts=Counts(switched_off=len(reasoner.switched_off), error=1, notices=len(case.notices)),
        body={"failure": {"kind": type(failure).__name__, "says": str(failure)}, **account},
        rules=tuple(
            sorted((each["id"], each["outcome"]) for each in account["rules"] if each["outcome"] in TOLD_OF_A_FAILURE)
        ),
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
    cards: tuple[ShownCard, ...] = (),
) -> Trace:
    started = request.arrival.started_ns
    revision, is_hook = house.revision(thresholds), request.kind == "hook"
    return Trace(
        id=trace,
        kind="hook" if is_hook else "evaluate",
        decided_at=house.moment(),
        duration_ns=None if started is None else house.monotonic_ns() - started,
        arrival=request.arrival,
        hook=case.hooks[0] if len(case.hooks) == 1 else "",
        hook_instance=request.hook_instance,
        service=request.service,
        user_key=house.keys.user(request.user),
        service_version=house.version,
        engine=house.engine,
        config=house.config,
        rulebook=revision.digest,
        rules_digest=revision.rules,
        thresholds=revision.thresholds,
        terminology=revision.terminology,
        evaluation_date=case.record.evaluation_date.isoformat(),
        request_digest=request.digest,
        patient_key=house.patient_key(case.patient),
        outcome=outcome,  # type: ignore[arg-type]
        degraded=tuple(sorted({notice.code for notice in case.notices if notice.code in DEGRADING})),
        counts=counts,
        body={
            "request": {
                "kind": request.kind,
                "service": request.service,
                "mode": request.mode,
                "hooks": list(case.hooks),
                "patient": case.patient,
                "user": request.user,
                "config": dict(case.config),
                "client": _client(request.client),
            },
            "thresholds": dict(thresholds.values),
            "inputs": [each.as_json() for each in case.inputs],
            "record": record_as_json(case.record),
            "sources": dict(case.sources),
            **({"prefetch": [outcome.as_json() for outcome in request.prefetch.outcomes]} if is_hook else {}),
            **body,
        },
        rules=rules,
        cards=cards,
        resources=tuple(
            UsedResource(key=house.keys.resource(each.reference), version=each.version) for each in case.inputs
        ),
    )


def _counts(result: Json, case: Case, reasoner: Reasoner) -> Counts:
    rules: Json = result["rules"]
    return Counts(
        evaluated=len(RULES) - len(reasoner.switched_off),
        fired=len({each["id"] for each in rules["fired"]}),
        undetermined=len({each["id"] for each in rules["undetermined"]}),
        suppressed=len(rules["suppressed"]),
        switched_off=len(reasoner.switched_off),
        cards=len(result["cards"]),
        notices=len(case.notices),
    )


def _shown(card: Json) -> ShownCard:
    return ShownCard(uuid=card["uuid"], rules=tuple(card["extension"].get("org.osteon.rules", ())))


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
