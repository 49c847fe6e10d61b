"""What is ordered besides drugs: radiotherapy, imaging, radiopharmaceuticals, procedures; and operations on bone.

An order is one of this request. An operation counts as planned when it is ordered here or when an order
for it is still open in the record. Where the code of a draft is none but one of a hospital's own list,
its words tell, by a closed vocabulary, and what they tell is marked.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from rulesets.facts import order, surgery
from rulesets.language import Value
from rulesets.record import READ_FROM_TEXT, Fact, Member, Source
from service.intake import order_words
from service.intake.chart import Chart, members
from service.intake.elements import objects, word
from service.intake.entries import Entry
from service.intake.moments import moment
from service.intake.order_words import Text, code_words, detail_texts, said, said_in, uncoded_words
from service.intake.readers.therapies import Therapy, recognised

_OPEN = frozenset({"active", "on-hold"})
_NOT_ORDERED = frozenset({"option", "proposal"})
_MAPS = ("imaging", "orders", "procedures", "radiotherapy-procedures")
_UNTRACED = frozenset({"PET", "PET-CT"})
_MODALITIES = frozenset(order.modality.allowed) | _UNTRACED | {"xray"}
_INTERVENTIONS = frozenset({"biopsy", "ablation", "embolization"})
_CORD = frozenset({"cord_compression", "myelopathy"})

Name = TypeVar("Name", str, bool)
Named = dict[str, Source]
"""What something may be, each with the source that says so."""


def read(chart: Chart) -> None:
    for entry in chart.of("ServiceRequest"):
        if entry.resource.get("doNotPerform") is True:
            continue
        _read_operation(chart, entry)
        if not (entry.in_request or (entry.is_draft and _is_radiopharmaceutical(recognised(chart, entry)))):
            continue
        facts = _facts(chart, entry) if chart.is_valid(entry) else {}
        _add_drug(chart, entry, facts)
        if entry.in_request:
            chart.orders.append(Member(key=entry.reference, facts=members(facts), in_request=True))


def _facts(chart: Chart, entry: Entry) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    if (therapy := recognised(chart, entry)) is not None:
        source = chart.source(entry, "code", match=therapy.match)
        if therapy.words is not None:
            source = _text_source(chart, entry, therapy.words)
        if not _is_radiopharmaceutical(therapy):
            _put(chart, facts, "order.kind", "rt", source)
            return facts
        _put(chart, facts, "order.kind", "radiopharmaceutical", source)
        _put(chart, facts, "order.drug_class", "radiopharmaceutical", source)
        _put_agent(chart, facts, entry)
    elif procedures := _procedures(chart, entry):
        _put(chart, facts, "order.kind", "procedure", next(iter(procedures.values())))
        _put_one(chart, facts, "order.agent", procedures, entry)
    elif (modalities := _modalities(chart, entry)) is not None:
        sources = [*modalities.values(), chart.source(entry, "code")]
        _put(chart, facts, "order.kind", "imaging", sources[0])
        allowed = {name: source for name, source in modalities.items() if name in order.modality.allowed}
        _put_one(chart, facts, "order.modality", allowed, entry)
        _put_one(chart, facts, "order.contrast", _contrast(chart, entry), entry)
        _put_one(chart, facts, "order.purpose", _purposes(chart, entry), entry)
    else:
        chart.say("unknown-order", "The code of this order is not known here; its kind was not told.", entry, "code")
    return facts


# --- radiopharmaceuticals ----------------------------------------------------------------------------------


def _is_radiopharmaceutical(therapy: Therapy | None) -> bool:
    return therapy is not None and therapy.kinds == {"radiopharmaceutical"}


def _put_agent(chart: Chart, facts: dict[str, Fact], entry: Entry) -> None:
    """Which radiopharmaceutical is ordered."""
    found = {
        **_coded(chart, entry, "drugs", ("code", "orderDetail")),
        **_coded(chart, entry, "orders", ("code", "orderDetail")),
    }
    agents = {name: source for name, source in found.items() if name in order_words.RADIOPHARMACEUTICALS}
    agents = agents or _worded(
        chart, entry, order_words.RADIOPHARMACEUTICALS, (*code_words(entry), *detail_texts(entry))
    )
    _put_one(chart, facts, "order.agent", agents, entry)


def _add_drug(chart: Chart, entry: Entry, facts: dict[str, Fact]) -> None:
    """The radiopharmaceutical an order names is a drug of it as well, as if it were prescribed."""
    kind, agent = facts.get("order.kind"), facts.get("order.agent")
    if kind is None or kind.value != "radiopharmaceutical" or agent is None:
        return
    drug: dict[str, Fact] = {}
    _put(chart, drug, "drug.name", agent.value, agent.sources[0])
    _put(chart, drug, "drug.status", "draft", chart.source(entry, "status", value=word(entry.resource, "status")))
    chart.drugs.append(Member(key=entry.reference, facts=members(drug), in_request=entry.in_request))


# --- imaging -----------------------------------------------------------------------------------------------


def _modalities(chart: Chart, entry: Entry) -> Named | None:
    """The modalities an order may be, empty for imaging of a kind no rule asks for; None when it is no imaging."""
    coded = {**_coded(chart, entry, "imaging"), **_coded(chart, entry, "orders")}
    found = {name: source for name, source in coded.items() if name in _MODALITIES}
    if found and not found.keys() <= _UNTRACED:
        return found
    texts = code_words(entry) if found else uncoded_words(chart, entry, *_MAPS)
    worded = {name: text for text in sorted(texts) if (name := order_words.modality(text[0])) is not None}
    if found:  # a code without a tracer, which the words may tell
        worded = {name: text for name, text in worded.items() if name in ("FDG-PET", "NaF-PET")}
        return _from_text(chart, entry, worded) or found
    is_imaging = any(order_words.kind(text) == "imaging" for text, _ in texts)
    return _from_text(chart, entry, worded) if is_imaging else None


def _contrast(chart: Chart, entry: Entry) -> dict[bool, Source]:
    meant = {"with_contrast": True, "without_contrast": False}
    coded = _coded(chart, entry, "orders", ("code", "orderDetail"))
    found = {meant[name]: source for name, source in coded.items() if name in meant}
    if found:
        return found
    texts = sorted({*code_words(entry), *detail_texts(entry)})
    worded = {asked: text for text in texts if (asked := order_words.contrast(text[0])) is not None}
    return _from_text(chart, entry, worded)


def _purposes(chart: Chart, entry: Entry) -> Named:
    """What imaging is for: by codes, by the reason it is ordered for, else by words."""
    coded = _coded(chart, entry, "orders", ("code", "orderDetail", "reasonCode"))
    found = {name: source for name, source in coded.items() if name in order.purpose.allowed}
    if not found and (reason := _cord_reason(chart, entry)) is not None:
        found = {"cord_assessment": reason}
    return found or _worded(chart, entry, order_words.PURPOSES, (*code_words(entry), *detail_texts(entry)))


def _cord_reason(chart: Chart, entry: Entry) -> Source | None:
    """A reason that is a compressed spinal cord."""
    reasons = [(code, entry, "reasonCode") for code in objects(entry.resource, "reasonCode")]
    for reference in objects(entry.resource, "reasonReference"):
        found = chart.find(reference, entry)
        if found is not None and found.kind == "Condition":
            reasons.append((found.resource.get("code") or {}, found, "code"))
    for codeable, where, element in reasons:
        for match in chart.matches("conditions", codeable, where, element):
            if match.target in _CORD:
                return chart.source(where, element, match=match, value=match.coding.code)
    return None


# --- procedures --------------------------------------------------------------------------------------------


def _procedures(chart: Chart, entry: Entry) -> Named:
    """The operations and interventions an order may be, by its code, else by the words of a draft."""
    coded = {**_coded(chart, entry, "procedures"), **_coded(chart, entry, "orders")}
    known = _INTERVENTIONS | frozenset(order_words.AGENTS)
    found = {name: source for name, source in coded.items() if name in known}
    if found:
        return found
    texts = [text for text in uncoded_words(chart, entry, *_MAPS) if order_words.kind(text[0]) == "procedure"]
    named = {name: text for text in sorted(texts) for name in said(order_words.AGENTS, order_words.head(text[0]))}
    return _from_text(chart, entry, named)


def _read_operation(chart: Chart, entry: Entry) -> None:
    """An operation on bone that is ordered; what the record has must have been written and be open still."""
    is_open = word(entry.resource, "status") in _OPEN and word(entry.resource, "intent") not in _NOT_ORDERED
    is_wanted = entry.is_draft or (is_open and not chart.is_future(moment(entry.resource.get("authoredOn"))))
    if not is_wanted:
        return
    operations = {name: source for name, source in _procedures(chart, entry).items() if name in surgery.type.allowed}
    if not operations or recognised(chart, entry) is not None or not chart.is_valid(entry):
        return
    for name, source in operations.items():
        chart.state("surgery.planned", True, source)
        chart.state("surgery.type", name, source)


# --- codes and words ---------------------------------------------------------------------------------------


def _coded(chart: Chart, entry: Entry, map_name: str, elements: Iterable[str] = ("code",)) -> Named:
    found: Named = {}
    for element in elements:
        for codeable in objects(entry.resource, element):
            for match in chart.matches(map_name, codeable, entry, element):
                found.setdefault(match.target, chart.source(entry, element, match=match, value=match.coding.code))
    return found


def _worded(chart: Chart, entry: Entry, vocabulary: order_words.Vocabulary, texts: Iterable[Text]) -> Named:
    return _from_text(chart, entry, said_in(vocabulary, texts))


def _from_text(chart: Chart, entry: Entry, worded: dict[Name, Text]) -> dict[Name, Source]:
    for _, element in worded.values():
        chart.say("from-text", "No code known here tells what it orders; it was read from text.", entry, element)
    return {name: _text_source(chart, entry, text) for name, text in worded.items()}


def _text_source(chart: Chart, entry: Entry, text: Text) -> Source:
    return chart.source(entry, text[1], value=text[0][:200], conversion=READ_FROM_TEXT)


def _put_one(
    chart: Chart, facts: dict[str, Fact], name: str, found: dict[str, Source] | dict[bool, Source], entry: Entry
) -> None:
    """A fact that has one value only; several are told, and leave it unknown."""
    if len(found) == 1:
        ((value, source),) = found.items()
        _put(chart, facts, name, value, source)
    elif found:
        chart.say("ambiguous", f"It names several values of {name}, which is therefore unknown.", entry, "code")


def _put(chart: Chart, facts: dict[str, Fact], name: str, value: Value, source: Source) -> None:
    if (fact := chart.fact(name, value, source)) is not None:
        facts[name] = fact
