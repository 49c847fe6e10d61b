"""A decision's record as a form in which each fact can be changed.

What the form does not show stays as it was read. A fact that is set to unknown is left out of the document,
for nothing else is what unknown means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rulesets.facts import FACTS
from rulesets.language import ChoiceFact, FactType, NumberFact, TruthFact
from service.fact_sources import POSITION, SOURCES
from service.pages.cards import cards_of
from service.pages.facts import group_of
from service.pages.members import LISTS, member_title
from service.pages.words import choice_in_words, fact_label
from service.record_json import Json

KEPT = "(sources disagree)"
"""The choice that leaves a contradiction as it is."""
NEW = "new"
DECIDES, CARDS_WAIT, RULES_WAIT = "Decides the prognosis", "A card waits for", "Other rules wait for"
USUAL: Mapping[str, tuple[str, ...]] = {
    "lesions": ("lesion.site", "lesion.painful", "lesion.fracture", "lesion.cord_compression"),
    "drugs": ("drug.name", "drug.status", "drug.start_day", "drug.last_dose_day", "drug.stop_day"),
    "courses": (
        "rt.status", "rt.target", "rt.region", "rt.intent", "rt.technique", "rt.total_dose_gy", "rt.fractions",
        "rt.start_day",
    ),
    "orders": ("order.kind",),
}  # fmt: skip
"""Facts of an element that are offered whether they are known or not."""
_RECEPTORS = {
    f"tumour.{each}": (f"tumour.{each}_primary", f"tumour.{each}_metastasis") for each in ("er", "pr", "her2")
}
"""Receptors are sent as those of the primary and of a metastasis."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    value: str
    words: str
    is_chosen: bool = False


@dataclass(frozen=True, kw_only=True)
class Field:
    """One fact of the form. ``kind`` is choice, number, range or text; of a range ``high`` is the upper end."""

    name: str
    label: str
    kind: str
    value: str = ""
    high: str = ""
    choices: tuple[Choice, ...] = ()
    unit: str = ""
    least: str = ""
    most: str = ""
    step: str = "any"
    waits: int = 0


@dataclass(frozen=True, kw_only=True)
class FieldGroup:
    """Facts of one kind or of one element; ``leave_out`` is the field that takes the element away."""

    name: str
    fields: tuple[Field, ...]
    is_open: bool = False
    leave_out: str = ""


def form_of(body: Mapping[str, Any]) -> tuple[FieldGroup, ...]:
    """Every fact of a record that may be changed, and the unknown ones that are waited for, the deciding first."""
    record = body.get("record") or {}
    facts: Json = record.get("facts") or {}
    conflicts = {each["name"] for each in record.get("conflicts") or ()}
    waiting = _waiting(body)
    asked = [name for name in waiting if FACTS[name].element is None and name not in facts]

    def unknown(group: str) -> FieldGroup:
        names = [name for name in asked if waiting[name].group == group]
        fields = tuple(_fields(names, {}, "", waiting, conflicts))
        return FieldGroup(name=group, fields=fields, is_open=group != RULES_WAIT)

    groups = [unknown(DECIDES), unknown(CARDS_WAIT)]
    named: dict[str, list[str]] = {}
    for name in sorted(facts, key=_position):
        if can_change(name):
            named.setdefault(group_of(name), []).append(name)
    groups += [
        FieldGroup(name=group, fields=tuple(_fields(names, facts, "", waiting, conflicts)))
        for group, names in named.items()
    ]
    for key, (prefix, _) in LISTS.items():
        open_facts = [name for name in waiting if name.startswith(f"{prefix}.") and FACTS[name].element is not None]
        for place, member in enumerate(record.get(key) or ()):
            held: Json = member["facts"]
            names = sorted({*filter(can_change, held), *open_facts, *USUAL[key]}, key=_position)
            start = f"{key}.{place}."
            groups.append(
                FieldGroup(
                    name=member_title(key, place, held),
                    fields=tuple(_fields(names, held, start, waiting, set())),
                    leave_out=f"{start}gone",
                )
            )
    groups.append(unknown(RULES_WAIT))
    for key, title in (("drugs", "Add a drug"), ("courses", "Add a radiotherapy course"), ("lesions", "Add a lesion")):
        groups.append(FieldGroup(name=title, fields=tuple(_fields(USUAL[key], {}, f"{key}.{NEW}.", {}, set()))))
    return tuple(group for group in groups if group.fields)


def not_carried(body: Mapping[str, Any]) -> tuple[str, ...]:
    """What of a decision no facts document can say, so that a change may show more than was changed."""
    record = body.get("record") or {}
    told = []
    for key, status in (("drugs", "drug.status"), ("courses", "rt.status")):
        members = record.get(key) or ()
        if any(each["inRequest"] != (_value(each, status) == "draft") for each in members):
            _, called = LISTS[key]
            told.append(f"{called}: what the request itself orders is known here by its status alone.")
    if "procedures" in (record.get("incomplete") or ()):
        told.append("Procedures: that a part of the list could not be read is not carried over.")
    return tuple(told)


def _value(member: Mapping[str, Any], name: str) -> object:
    return (member["facts"].get(name) or {}).get("value")


@dataclass(frozen=True, kw_only=True)
class _Waiting:
    """What waits for a fact: its group in the form, and how many rules."""

    group: str
    rules: int


def _waiting(body: Mapping[str, Any]) -> dict[str, _Waiting]:
    """Facts that may be sent and are waited for: what decides the group first, then what cards ask for, then others."""
    result = body.get("result") or {}
    waits = (result.get("rules") or {}).get("undetermined") or ()
    on_cards = {rule for card in cards_of(body) for rule in card.rules}
    decisive = _bases((result.get("prognosis") or {}).get("missing") or ())
    asked = {name for rule in waits if rule.get("id") in on_cards for name in _bases(rule.get("missing") or ())}
    rules: dict[str, set[str]] = {name: set() for name in decisive}
    for rule in waits:
        for name in _bases(rule.get("missing") or ()):
            rules.setdefault(name, set()).add(str(rule.get("id")))
    found = {}
    for name, ids in rules.items():
        if can_change(name):
            group = DECIDES if name in decisive else CARDS_WAIT if name in asked else RULES_WAIT
            found[name] = _Waiting(group=group, rules=len(ids))

    def rank(name: str) -> tuple[int, int, int, int]:
        group = (DECIDES, CARDS_WAIT, RULES_WAIT).index(found[name].group)
        asked_as = decisive.index(name) if name in decisive else 0  # cards ask in this order
        return group, asked_as, -found[name].rules, _position(name)

    return {name: found[name] for name in sorted(found, key=rank)}


def _bases(missing: Iterable[str]) -> tuple[str, ...]:
    """The facts that are sent for those that are missing, in their order."""
    return tuple(dict.fromkeys(base for each in missing for base in _bases_of(each)))


def _bases_of(name: str) -> Iterator[str]:
    sources = SOURCES.get(name) or _RECEPTORS.get(name)
    if sources is None:
        yield name
    for each in sources or ():
        yield from _bases_of(each)


def can_change(name: str) -> bool:
    fact = FACTS.get(name)
    return fact is not None and fact.world != "derived" and fact.type != "names"


def _position(name: str) -> int:
    return POSITION.get(name, len(POSITION))


def _fields(
    names: Iterable[str], facts: Mapping[str, Any], start: str, waiting: Mapping[str, _Waiting], conflicts: set[str]
) -> Iterator[Field]:
    for name in names:
        value = facts[name].get("value") if name in facts else None
        waits = waiting[name].rules if name in waiting else 0
        yield _field(FACTS[name], f"{start}{name}", value, waits=waits, disagrees=name in conflicts)


def _field(fact: FactType, name: str, value: object, *, waits: int, disagrees: bool) -> Field:
    label = fact_label(fact.name)
    match fact:
        case TruthFact():
            words = {"true": "yes", "false": "no"}
            chosen = KEPT if disagrees else "" if value is None else str(value).lower()
            return Field(name=name, label=label, kind="choice", choices=_choices(words, chosen, disagrees), waits=waits)
        case ChoiceFact():
            words = {each: choice_in_words(each) for each in fact.allowed}
            chosen = KEPT if disagrees else str(value or "")
            return Field(name=name, label=label, kind="choice", choices=_choices(words, chosen, disagrees), waits=waits)
        case NumberFact():
            lo, hi = (value.get("lo"), value.get("hi")) if isinstance(value, dict) else (value, value)
            return Field(
                name=name,
                label=label,
                kind="range" if fact.type == "interval" else "number",
                value=_number(lo),
                high=_number(hi),
                unit=fact.unit if fact.unit not in ("score", "lines", "lesions", "nodes", "grade", "fractions") else "",
                least=_number(fact.least),
                most=_number(fact.most),
                step="1" if fact.whole else "any",
                waits=waits,
            )
    return Field(name=name, label=label, kind="text", value="" if value is None else str(value), waits=waits)


def _choices(words: Mapping[str, str], chosen: str, disagrees: bool) -> tuple[Choice, ...]:
    offered = {"": "unknown", **({KEPT: "sources disagree"} if disagrees else {}), **words}
    return tuple(Choice(value=value, words=said, is_chosen=value == chosen) for value, said in offered.items())


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else ""
