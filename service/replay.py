"""A stored decision made once more, from its own facts and thresholds, and compared byte for byte."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rulesets.thresholds import THRESHOLDS, effective
from service.assess import Case, judged
from service.canonical import dumps
from service.fire import Reasoner
from service.house import House
from service.intake.notices import Notice
from service.record_json import Json, record_from_json
from service.remember import client_of

Verdict = Literal["identical", "differs", "rulebook missing", "erased", "not a decision"]


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What came of a replay; ``differences`` names the parts of the result that are not the same."""

    verdict: Verdict
    differences: tuple[str, ...] = ()


def replay(house: House, trace: str, rulebook: str, body: Json | None) -> Replay:
    """Judge the record of a trace again. ``rulebook`` is the digest it was decided with."""
    if body is None:
        return Replay(verdict="erased")
    if "result" not in body:
        return Replay(verdict="not a decision")
    values = {key: value for key, value in body["thresholds"].items() if key in THRESHOLDS}
    reasoner = Reasoner(effective(values))
    if house.revision(reasoner.thresholds).digest != rulebook:
        return Replay(verdict="rulebook missing")
    kept = body["result"]
    case = Case(
        patient=body["request"]["patient"],
        record=record_from_json(body["record"]),
        hooks=tuple(body["request"]["hooks"]),
        notices=tuple(Notice(**notice) for notice in kept["warnings"]),
        config=body["request"]["config"],
    )
    again = judged(reasoner, case, house, trace, client_of(body["request"]["client"]))
    differences = tuple(part for part in sorted({*kept, *again}) if dumps(kept.get(part)) != dumps(again.get(part)))
    return Replay(verdict="differs" if differences else "identical", differences=differences)
