"""A stored decision made once more, from its own facts and thresholds, and compared byte for byte."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rulesets.thresholds import THRESHOLDS, effective
from service.assess import Case, judged
from service.canonical import dumps
from service.fhir_out.answer import kept_of
from service.fhir_out.decision import Stamp
from service.fhir_out.guard import NotFhirR4
from service.house import House
from service.intake.inputs import Input
from service.intake.notices import Notice
from service.record_json import Json, record_from_json
from service.remember import client_of

Verdict = Literal["identical", "differs", "rulebook missing", "erased", "not a decision"]


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What came of a replay; ``differences`` names the parts of the result that are not the same.

    ``account`` stands for what became of every rule and for the derived facts, ``fhir`` for the answer as FHIR.
    """

    verdict: Verdict
    differences: tuple[str, ...] = ()


def replay(house: House, trace: str, rulebook: str, body: Json | None) -> Replay:
    """Judge the record of a trace again. ``rulebook`` is the digest it was decided with."""
    if body is None:
        return Replay(verdict="erased")
    if "result" not in body:
        return Replay(verdict="not a decision")
    values = {key: value for key, value in body["thresholds"].items() if key in THRESHOLDS}
    reasoner = house.reasoners.with_thresholds(effective(values).values)
    if house.revision(reasoner.thresholds).digest != rulebook:
        return Replay(verdict="rulebook missing")
    kept = body["result"]
    case = Case(
        patient=body["request"]["patient"],
        record=record_from_json(body["record"]),
        hooks=tuple(body["request"]["hooks"]),
        notices=tuple(Notice(**notice) for notice in kept["warnings"]),
        config=body["request"]["config"],
        sources=body.get("sources", {}),
        inputs=tuple(Input(**each) for each in body.get("inputs", ())),
    )
    as_fhir = body.get("fhir")
    try:
        client = client_of(body["request"].get("client"))
        judgement = judged(reasoner, case, house, _stamp(trace, as_fhir, house), client, as_fhir=as_fhir is not None)
    except NotFhirR4:
        return Replay(verdict="differs", differences=("fhir",))
    again = judgement.result
    differences = [part for part in sorted({*kept, *again}) if dumps(kept.get(part)) != dumps(again.get(part))]
    if any(part in body and dumps(body[part]) != dumps(told) for part, told in judgement.account.items()):
        differences.append("account")
    if judgement.resources is not None and kept_of(judgement.stamp, judgement.resources) != as_fhir:
        differences.append("fhir")
    return Replay(verdict="differs" if differences else "identical", differences=tuple(differences))


def _stamp(trace: str, as_fhir: Json | None, house: House) -> Stamp:
    """The stamp the FHIR form was written with; a decision that was not answered in FHIR needs no more than its id."""
    if as_fhir is None:
        return Stamp(trace=trace, at=house.now(), version=house.version, request="")
    at = datetime.fromisoformat(as_fhir["at"])
    return Stamp(trace=trace, at=at, version=as_fhir["version"], request=as_fhir["request"])
