"""Change a fact and see what would change: a decision's record as a form, and the form as a facts document.

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
    """Every fact of a record that may be changed, and the unknown ones its rules wait for, which come first."""
    record = body.get("record") or {}
    facts: Json = record.get("facts") or {}
    conflicts = {each["name"] for each in record.get("conflicts") or ()}
    waiting = _waiting(body)
    asked = [name for name in waiting if FACTS[name].element is None and name not in facts]
    groups = [
        FieldGroup(
            name=group,
            fields=tuple(_fields([name for name in asked if waiting[name].group == group], {}, "", waiting, conflicts)),
            is_open=group != RULES_WAIT,
        )
        for group in (DECIDES, CARDS_WAIT, RULES_WAIT)
    ]
    named: dict[str, list[str]] = {}
    for name in sorted(facts, key=_position):
        if _can_change(name):
            named.setdefault(group_of(name), []).append(name)
    groups += [
        FieldGroup(name=group, fields=tuple(_fields(names, facts, "", waiting, conflicts)))
        for group, names in named.items()
    ]
    for key, (prefix, _) in LISTS.items():
        open_facts = [name for name in waiting if name.startswith(f"{prefix}.") and FACTS[name].element is not None]
        for place, member in enumerate(record.get(key) or ()):
            held: Json = member["facts"]
            names = sorted({*filter(_can_change, held), *open_facts, *USUAL[key]}, key=_position)
            start = f"{key}.{place}."
            groups.append(
                FieldGroup(
                    name=member_title(key, place, held),
                    fields=tuple(_fields(names, held, start, waiting, set())),
                    leave_out=f"{start}gone",
                )
            )
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


def document_of(body: Mapping[str, Any], sent: Mapping[str, str]) -> Json:
    """The facts document a form asks about: the record of a decision with what was changed in it.

    Values are taken as they were typed; what no fact can be is refused where facts documents are read.
    """
    record, request = body.get("record") or {}, body.get("request") or {}
    facts = _stated(record.get("facts") or {}, sent, "")
    for conflict in record.get("conflicts") or ():
        name = conflict["name"]
        if sent.get(name, KEPT) == KEPT:
            facts[name] = {"conflict": conflict["values"]}
    for name in _sent_of_patient(sent):
        if name not in (record.get("facts") or {}) and sent.get(name) != KEPT:
            value = _typed(FACTS[name], sent, name)
            if value is not None:
                facts[name] = value
    document: Json = {"evaluationDate": record["evaluationDate"], "facts": facts}
    if "drugs" in (record.get("incomplete") or ()):
        document["facts"]["meds.list_available"] = False  # the part of the list that was read is not all of it
    for key in LISTS:
        members = _members(key, record.get(key), sent)
        if members is not None:
            document[key] = members
    for name in ("patient", "hooks", "config"):
        if request.get(name):
            document[name] = request[name]
    return document


# --- the form ----------------------------------------------------------------------------------


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
    decisive = set(_bases((result.get("prognosis") or {}).get("missing") or ()))
    asked = {name for rule in waits if rule.get("id") in on_cards for name in _bases(rule.get("missing") or ())}
    rules: dict[str, set[str]] = {name: set() for name in decisive}
    for rule in waits:
        for name in _bases(rule.get("missing") or ()):
            rules.setdefault(name, set()).add(str(rule.get("id")))
    found = {
        name: _Waiting(
            group=DECIDES if name in decisive else CARDS_WAIT if name in asked else RULES_WAIT, rules=len(ids)
        )
        for name, ids in rules.items()
        if _can_change(name)
    }
    order = (DECIDES, CARDS_WAIT, RULES_WAIT)
    ranked = sorted(found, key=lambda name: (order.index(found[name].group), -found[name].rules, _position(name)))
    return {name: found[name] for name in ranked}


def _bases(missing: Iterable[str]) -> tuple[str, ...]:
    """The facts that are sent for those that are missing."""
    return tuple(dict.fromkeys(base for each in missing for base in SOURCES.get(each, (each,))))


def _can_change(name: str) -> bool:
    fact = FACTS.get(name)
    return fact is not None and fact.world != "derived" and fact.type != "names"


def _position(name: str) -> int:
    return POSITION.get(name, len(POSITION))


def _fields(
    names: Iterable[str], facts: Mapping[str, Any], start: str, waiting: Mapping[str, _Waiting], conflicts: set[str]
) -> Iterator[Field]:
    for name in names:
        value = facts[name].get("value") if name in facts else None
        yield _field(
            FACTS[name],
            f"{start}{name}",
            value,
            waits=waiting[name].rules if name in waiting else 0,
            disagrees=name in conflicts,
        )


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


# --- the document ------------------------------------------------------------------------------


def _sent_of_patient(sent: Mapping[str, str]) -> list[str]:
    names = dict.fromkeys(field.removesuffix(".lo").removesuffix(".hi") for field in sent)
    return [name for name in names if name in FACTS and FACTS[name].element is None and _can_change(name)]


def _stated(facts: Mapping[str, Any], sent: Mapping[str, str], start: str) -> Json:
    """Facts as a document states them: as they were where the form says the same or nothing."""
    stated: Json = {}
    for name, said in facts.items():
        if FACTS[name].world == "derived" and name in FACTS:
            continue
        field, value = f"{start}{name}", said["value"]
        if _was_sent(field, sent) and _can_change(name):
            new = _typed(FACTS[name], sent, field)
            if new is None:
                continue
            if new != _as_typed(value):
                stated[name] = new
                continue
        stated[name] = {"value": value, "date": said["date"]} if said.get("date") else value
    return stated


def _was_sent(field: str, sent: Mapping[str, str]) -> bool:
    return field in sent or f"{field}.lo" in sent


def _as_typed(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _typed(fact: FactType, sent: Mapping[str, str], field: str) -> object:
    """What was chosen or typed as a JSON value, None when it was left empty. A number that is none stays a text."""
    if isinstance(fact, NumberFact):
        if fact.type != "interval":
            return _read(sent.get(field, ""))
        lo, hi = _read(sent.get(f"{field}.lo", "")), _read(sent.get(f"{field}.hi", ""))
        if lo is None and hi is None:
            return None
        return lo if lo == hi else {"lo": lo, "hi": hi}
    text = sent.get(field, "").strip()
    if not text or text == KEPT:
        return None
    return {"true": True, "false": False}.get(text, text) if isinstance(fact, TruthFact) else text


def _read(text: str) -> object:
    text = text.strip()
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _members(key: str, members: Any, sent: Mapping[str, str]) -> list[Json] | None:
    kept = [
        _stated(member["facts"], sent, start) | _added(key, member["facts"], sent, start)
        for place, member in enumerate(members or ())
        if f"{(start := f'{key}.{place}.')}gone" not in sent
    ]
    new = _added(key, {}, sent, f"{key}.{NEW}.")
    if not new:
        return None if members is None else kept
    return [*kept, new]


def _added(key: str, facts: Mapping[str, Any], sent: Mapping[str, str], start: str) -> Json:
    """Facts of an element that were not known before and are now."""
    prefix = f"{start}{LISTS[key][0]}."
    fields = dict.fromkeys(field.removesuffix(".lo").removesuffix(".hi") for field in sent if field.startswith(prefix))
    names = [field.removeprefix(start) for field in fields]
    typed = {
        name: _typed(FACTS[name], sent, f"{start}{name}")
        for name in names
        if name in FACTS and name not in facts and _can_change(name)
    }
    return {name: value for name, value in typed.items() if value is not None}
