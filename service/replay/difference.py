"""The difference of two rulebooks: which rules came, went or changed, in which part, and which values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from service.canonical import dumps
from service.record_json import Json
from service.traces.rulebooks import Rulebook

PARTS = {
    "when": "condition", "forEach": "scope", "indicatorBecause": "reason of the indicator",
    "escalations": "escalation", "whenUnknown": "when unknown", "ask": "questions",
    "since": "since the paper", "enabledBy": "switch", "gives": "fact",
}  # fmt: skip
"""Fields of a rule or definition whose name says less than a word of our own."""

ENGLISH = "whenInEnglish"
"""It follows from the condition, and is what a condition is told by."""

BESIDE_RULES = {
    "parts": "the parts in which definitions are run", "drugs": "the drug map",
    "tables": "the tables of exams and regimens", "thresholds": "which thresholds there are, and their ranges",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PartDifference:
    """One part of a rule, as text, before and after."""

    part: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class RuleDifference:
    """A rule or definition that is not the same in both; ``parts`` are those of a changed one."""

    id: str
    what: Literal["added", "removed", "changed"]
    parts: tuple[PartDifference, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ValueDifference:
    """A threshold with another value in force; None where there is no such threshold."""

    key: str
    before: object
    after: object


@dataclass(frozen=True, kw_only=True)
class Difference:
    """All that differs. ``beside`` names parts that are neither rules nor values; ``order`` is that of the rules."""

    rules: tuple[RuleDifference, ...]
    definitions: tuple[RuleDifference, ...]
    thresholds: tuple[ValueDifference, ...]
    beside: tuple[str, ...]

    @property
    def is_none(self) -> bool:
        return not (self.rules or self.definitions or self.thresholds or self.beside)


def difference(before: Rulebook, after: Rulebook) -> Difference:
    """What it takes to come from one rulebook to the other. Neither needs to be one that can be run here."""
    old, new = json.loads(before.rules), json.loads(after.rules)
    beside = [name for part, name in BESIDE_RULES.items() if old.get(part) != new.get(part)]
    if _order(old, new) != _order(new, old):
        beside.append("the order of the rules")
    if before.revision.terminology != after.revision.terminology:
        beside.append("the terminology")
    return Difference(
        rules=_rules(old.get("rules", ()), new.get("rules", ())),
        definitions=_rules(old.get("definitions", ()), new.get("definitions", ())),
        thresholds=_values(json.loads(before.thresholds), json.loads(after.thresholds)),
        beside=tuple(beside),
    )


def _order(one: Json, other: Json) -> list[str]:
    """The rules that are in both, in the order of the one."""
    both = {rule["id"] for rule in other.get("rules", ())}
    return [rule["id"] for rule in one.get("rules", ()) if rule["id"] in both]


def _rules(before: Sequence[Json], after: Sequence[Json]) -> tuple[RuleDifference, ...]:
    """In the order of the rulebook after; what was removed stands last."""
    old, new = {each["id"]: each for each in before}, {each["id"]: each for each in after}
    found = []
    for id, rule in new.items():
        if id not in old:
            found.append(RuleDifference(id=id, what="added"))
        elif parts := _parts(old[id], rule):
            found.append(RuleDifference(id=id, what="changed", parts=parts))
    return (*found, *(RuleDifference(id=id, what="removed") for id in old if id not in new))


def _parts(before: Json, after: Json) -> tuple[PartDifference, ...]:
    return tuple(
        PartDifference(part=PARTS.get(field, field), before=_told(before, field), after=_told(after, field))
        for field in dict.fromkeys((*after, *before))
        if field != ENGLISH and _without_english(before.get(field)) != _without_english(after.get(field))
    )


def _told(rule: Json, field: str) -> str:
    if field == "when" and ENGLISH in rule:
        return str(rule[ENGLISH])
    value = rule.get(field)
    return value if isinstance(value, str) else dumps(_without_english(value)).decode()


def _without_english(value: object) -> object:
    """The steps of an escalation repeat their conditions in English as well."""
    if isinstance(value, list):
        return [_without_english(each) for each in value]
    return {key: each for key, each in value.items() if key != ENGLISH} if isinstance(value, dict) else value


def _values(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[ValueDifference, ...]:
    return tuple(
        ValueDifference(key=key, before=before.get(key), after=after.get(key))
        for key in sorted({*before, *after})
        if dumps(before.get(key)) != dumps(after.get(key))
    )
