"""One house for all properties, and what it says of a record."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from rulesets.language import Truth, Value
from rulesets.record import Record
from rulesets.rule import HOOKS, Hook
from service.assess import Case, judged
from service.fhir_out.decision import Stamp
from service.fire import Fired, Reasoner
from service.house import House
from service.write import HOOKS_EXTENSION
from tests.support.house import house_without_store

Json = dict[str, Any]
Verdicts = set[tuple[str, tuple[str, ...]]]
"""Rules by id, each with the keys of the elements it was judged for."""

TRACE = "019c1159-7000-7000-8000-000000000001"


@cache
def house() -> House:
    return house_without_store()


def reasoner() -> Reasoner:
    return house().reasoners.usual


def true_of(fired: Fired, truth: Truth = Truth.TRUE) -> Verdicts:
    """The rules that are true, each for its elements."""
    return {
        (verdict.judged.id, tuple(member.key for member in verdict.elements))
        for verdict in fired.verdicts
        if verdict.truth is truth
    }


def ids_true_of(record: Record) -> set[str]:
    return {id for id, _ in true_of(reasoner().fire(record))}


def derived(record: Record, name: str) -> Value | None:
    """The value of a fact of the patient once everything is derived."""
    return reasoner().fire(record).record.value(name)


def answer(record: Record, sources: Mapping[str, Mapping[str, Any]] | None = None) -> Json:
    """The answer at all hooks, as every door gives it."""
    case = Case(patient="Patient/p1", record=record, hooks=HOOKS, sources=sources or {})
    stamp = Stamp(trace=TRACE, at=house().now(), version="0", request="0" * 64)
    return judged(reasoner(), case, house(), stamp).result


def cards_at(hook: Hook, result: Json) -> list[Json]:
    return [card for card in result["cards"] if hook in card["extension"][HOOKS_EXTENSION]]
