"""Small makers of records for the tests: say only what the test is about.

Facts of a member are given without their prefix, so ``drug(status="active")`` has ``drug.status``;
facts of the patient by their full name, as in ``record({"mets.status": "confirmed"})``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from rulesets.derive import derived
from rulesets.facts import FACTS
from rulesets.language import Value
from rulesets.record import Conflict, Fact, Member, Record, Source
from rulesets.thresholds import effective

TODAY = date(2026, 11, 1)
DEFAULTS = effective()


def fact(name: str, value: Value, *, days_old: int | None = None) -> Fact:
    assert name in FACTS, name
    when = None if days_old is None else TODAY - timedelta(days=days_old)
    return Fact(name=name, value=value, date=when, sources=(Source(reference=f"Observation/{name}"),))


def facts(values: Mapping[str, Value]) -> dict[str, Fact]:
    return {name: fact(name, value) for name, value in values.items()}


def drug(key: str = "drugs/0", /, **values: Value) -> Member:
    return _member(key, "drug", values)


def course(key: str = "courses/0", /, **values: Value) -> Member:
    return _member(key, "rt", values)


def lesion(key: str = "lesions/0", /, **values: Value) -> Member:
    return _member(key, "lesion", values)


def _member(key: str, prefix: str, values: Mapping[str, Value]) -> Member:
    return Member(key=key, facts=facts({f"{prefix}.{name}": value for name, value in values.items()}))


def record(
    values: Mapping[str, Value] | None = None,
    *,
    lesions: tuple[Member, ...] | None = None,
    drugs: tuple[Member, ...] | None = None,
    courses: tuple[Member, ...] = (),
    conflicts: tuple[str, ...] = (),
) -> Record:
    return Record(
        evaluation_date=TODAY,
        facts=facts(values or {}),
        lesions=lesions,
        drugs=drugs,
        courses=courses,
        conflicts=tuple(
            Conflict(name=name, values=("positive", "negative"), sources=(Source(reference="Observation/a"),))
            for name in conflicts
        ),
    )


def derived_of(given: Record, **overrides: object) -> dict[str, Value]:
    """The values of the facts of the patient after deriving."""
    return values_of(derived(given, effective(overrides)).facts)


def values_of(known: Mapping[str, Fact]) -> dict[str, Value]:
    return {name: each.value for name, each in known.items()}
