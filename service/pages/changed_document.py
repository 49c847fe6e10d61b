"""A form that was sent as the facts document it asks about: the record of a decision with what was changed in it.

What the form does not show stays as it was read. A fact that is set to unknown is left out of the document,
for nothing else is what unknown means.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rulesets.facts import FACTS
from rulesets.language import FactType, NumberFact, TruthFact
from service.pages.fact_form import KEPT, NEW, can_change
from service.pages.members import LISTS
from service.record_json import Json


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


def _sent_of_patient(sent: Mapping[str, str]) -> list[str]:
    names = dict.fromkeys(field.removesuffix(".lo").removesuffix(".hi") for field in sent)
    return [name for name in names if name in FACTS and FACTS[name].element is None and can_change(name)]


def _stated(facts: Mapping[str, Any], sent: Mapping[str, str], start: str) -> Json:
    """Facts as a document states them: as they were where the form says the same or nothing."""
    stated: Json = {}
    for name, said in facts.items():
        if FACTS[name].world == "derived" and name in FACTS:
            continue
        field, value = f"{start}{name}", said["value"]
        if _was_sent(field, sent) and can_change(name):
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
        if name in FACTS and name not in facts and can_change(name)
    }
    return {name: value for name, value in typed.items() if value is not None}
