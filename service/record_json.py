"""A record as JSON and back, so that a decision can be replayed from its trace."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from rulesets.facts import FACTS
from rulesets.language import Interval, Value
from rulesets.record import Conflict, Fact, Facts, Member, Record, Source

Json = dict[str, Any]


def record_as_json(record: Record) -> Json:
    """The record in plain values; facts by name, members in order."""
    return {
        "evaluationDate": record.evaluation_date.isoformat(),
        "facts": facts_as_json(record.facts),
        "lesions": _members_as_json(record.lesions),
        "drugs": _members_as_json(record.drugs),
        "courses": _members_as_json(record.courses),
        "orders": _members_as_json(record.orders),
        "conflicts": [
            {
                "name": conflict.name,
                "values": [value_as_json(value) for value in conflict.values],
                "sources": [source_as_json(source) for source in conflict.sources],
            }
            for conflict in record.conflicts
        ],
        **({"incomplete": sorted(record.incomplete)} if record.incomplete else {}),
    }


def derived_as_json(record: Record) -> Json:
    """The facts of a record that were made of others, each with the names of those; what ``record_as_json`` has not."""

    def made(facts: Facts) -> Json:
        return facts_as_json({name: fact for name, fact in facts.items() if is_derived(fact)})

    def of_members(members: tuple[Member, ...] | None) -> list[Json]:
        return [{"key": member.key, "facts": made(member.facts)} for member in members or ()]

    return {
        "facts": made(record.facts),
        "lesions": of_members(record.lesions),
        "drugs": of_members(record.drugs),
        "courses": of_members(record.courses),
        "orders": of_members(record.orders),
        "exposures": [
            {"course": course, "drug": drug, "facts": facts_as_json(facts)}
            for (course, drug), facts in record.exposures.items()
        ],
    }


def is_derived(fact: Fact) -> bool:
    """Whether a fact was made of others, and not read."""
    return bool(fact.because) or FACTS[fact.name].world == "derived"


def record_from_json(document: Json) -> Record:
    """The record that ``record_as_json`` was given, derived facts of pairs excepted."""
    return Record(
        evaluation_date=date.fromisoformat(document["evaluationDate"]),
        facts=_facts_from_json(document["facts"]),
        lesions=_members_from_json(document["lesions"]),
        drugs=_members_from_json(document["drugs"]),
        courses=_members_from_json(document["courses"]) or (),
        orders=_members_from_json(document["orders"]) or (),
        conflicts=tuple(
            Conflict(
                name=conflict["name"],
                values=tuple(_value_from_json(value) for value in conflict["values"]),
                sources=tuple(Source(**source) for source in conflict["sources"]),
            )
            for conflict in document["conflicts"]
        ),
        incomplete=frozenset(document.get("incomplete", ())),
    )


def value_as_json(value: Value) -> object:
    if isinstance(value, Interval):
        return {"lo": value.lo, "hi": value.hi}
    return list(value) if isinstance(value, tuple) else value


def source_as_json(source: Source) -> dict[str, str]:
    """Only what is known of the source."""
    return {
        name: said
        for name, said in (
            ("reference", source.reference),
            ("element", source.element),
            ("date", source.date),
            ("code", source.code),
            ("value", source.value),
            ("conversion", source.conversion),
        )
        if said
    }


def facts_as_json(facts: Facts) -> Json:
    return {name: _fact_as_json(fact) for name, fact in sorted(facts.items())}


def _fact_as_json(fact: Fact) -> Json:
    said: Json = {"value": value_as_json(fact.value)}
    if fact.date:
        said["date"] = fact.date.isoformat()
    if fact.because:
        # The sources of a derived fact are those of the facts it was made of.
        said["because"] = list(fact.because)
    elif fact.sources:
        said["sources"] = [source_as_json(source) for source in fact.sources]
    return said


def _members_as_json(members: tuple[Member, ...] | None) -> list[Json] | None:
    if members is None:
        return None
    return [
        {"key": member.key, "inRequest": member.in_request, "facts": facts_as_json(member.facts)} for member in members
    ]


def _value_from_json(value: object) -> Value:
    if isinstance(value, dict):
        return Interval(lo=value["lo"], hi=value["hi"])
    if isinstance(value, list):
        return tuple(str(name) for name in value)
    assert isinstance(value, bool | str | int | float)
    return value


def _facts_from_json(facts: Mapping[str, Json]) -> Facts:
    return {
        name: Fact(
            name=name,
            value=_value_from_json(said["value"]),
            date=date.fromisoformat(said["date"]) if "date" in said else None,
            sources=tuple(Source(**source) for source in said.get("sources", ())),
            because=tuple(said.get("because", ())),
        )
        for name, said in facts.items()
    }


def _members_from_json(members: list[Json] | None) -> tuple[Member, ...] | None:
    if members is None:
        return None
    return tuple(
        Member(key=each["key"], in_request=each["inRequest"], facts=_facts_from_json(each["facts"])) for each in members
    )
