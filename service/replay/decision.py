"""A stored decision made once more, from its own facts, rules and thresholds, and compared byte for byte."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Literal

from service.assess import Case, judged
from service.canonical import dumps, loads
from service.fhir_out.answer import kept_of
from service.fhir_out.decision import Stamp
from service.fhir_out.guard import NotFhirR4
from service.house import House
from service.intake.inputs import Input
from service.intake.notices import Notice
from service.reasoning.engine import EngineFailure
from service.reasoning.explanation import ExplanationFailure
from service.record_json import Json, record_from_json
from service.remember import client_of
from service.replay.comparing import Change, changes
from service.replay.rulebooks import RulebookMissing, reasoner_of
from service.traces.stored import StoredTrace

Verdict = Literal["identical", "differs", "rulebook missing", "erased", "not a decision"]

MOST_CHANGES = 100
"""Places that are named where a decision differs."""


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What came of a replay.

    ``differences`` names the parts of the result that are not the same, ``account`` for what became of every
    rule and for the derived facts, ``fhir`` for the answer as FHIR, or ``failure`` when no result
    could be had; ``changes`` tell them place by place and are clinical. ``lacks`` says why a rulebook is
    missing, ``notes`` what was not as it had been when the decision was made; both are sentences.
    """

    verdict: Verdict
    differences: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    lacks: str = ""
    notes: tuple[str, ...] = ()


def replay_of(house: House, stored: StoredTrace) -> Replay:
    """Judge what is stored again, and tell when another version or other settings did it."""
    again = replay(house, stored.id, str(stored.header["rulebook"]), stored.body)
    if again.verdict in ("erased", "not a decision"):
        return again
    return replace(again, notes=(*again.notes, *_told_of(house, stored.header)))


def replay(house: House, trace: str, rulebook: str, body: Json | None) -> Replay:
    """Judge the record of a trace again. ``rulebook`` is the digest it was decided with."""
    if body is None:
        return Replay(verdict="erased")
    if "result" not in body:
        return Replay(verdict="not a decision")
    as_fhir, kept = body.get("fhir"), body["result"]
    try:
        reasoner, notes = reasoner_of(house, rulebook, body["thresholds"])
        judgement = judged(
            reasoner,
            case_of(body),
            house,
            _stamp(trace, as_fhir, house),
            client_of(body["request"].get("client")),
            as_fhir=as_fhir is not None,
            rulebook=rulebook,
        )
    except RulebookMissing as lacking:
        return Replay(verdict="rulebook missing", lacks=str(lacking))
    except NotFhirR4:
        return Replay(verdict="differs", differences=("fhir",))
    except (EngineFailure, ExplanationFailure) as failure:
        return Replay(verdict="differs", differences=("failure",), notes=(str(failure),))
    again = judgement.result
    differences = [part for part in sorted({*kept, *again}) if dumps(kept.get(part)) != dumps(again.get(part))]
    places = changes(kept, loads(dumps(again))) if differences else ()
    if any(part in body and dumps(body[part]) != dumps(told) for part, told in judgement.account.items()):
        differences.append("account")
    if judgement.resources is not None and kept_of(judgement.stamp, judgement.resources) != as_fhir:
        differences.append("fhir")
    return Replay(
        verdict="differs" if differences else "identical",
        differences=tuple(differences),
        changes=tuple(islice(places, MOST_CHANGES)),
        notes=notes,
    )


def case_of(body: Json) -> Case:
    """What was judged, as its trace has it."""
    return Case(
        patient=body["request"]["patient"],
        record=record_from_json(body["record"]),
        hooks=tuple(body["request"]["hooks"]),
        notices=tuple(Notice(**notice) for notice in body["result"]["warnings"]),
        config=body["request"]["config"],
        sources=body.get("sources", {}),
        inputs=tuple(Input(**each) for each in body.get("inputs", ())),
    )


def _stamp(trace: str, as_fhir: Json | None, house: House) -> Stamp:
    """The stamp the FHIR form was written with; a decision that was not answered in FHIR needs no more than its id."""
    if as_fhir is None:
        return Stamp(trace=trace, at=house.now(), version=house.version, request="")
    at = datetime.fromisoformat(as_fhir["at"])
    return Stamp(trace=trace, at=at, version=as_fhir["version"], request=as_fhir["request"])


def _told_of(house: House, header: Json) -> tuple[str, ...]:
    """What of the service is not as it was, in sentences."""
    notes = [
        f"The decision was made by {what} {header[name]}, and again by {now}."
        for name, what, now in (("service_version", "version", house.version), ("engine", "engine", house.engine))
        if header.get(name, now) != now
    ]
    if header.get("config", house.config) != house.config:
        notes.append("Settings have changed since; links and override reasons on cards follow them.")
    return tuple(notes)
