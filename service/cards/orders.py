"""The draft orders that a card is about: their references for the client, their words for the reader. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rulesets.record import READ_FROM_TEXT, Member, Record
from service.cards.relevance import triggering_drugs
from service.cards.text import choice, course_in_words, escaped, is_true, text_of
from service.intake.entries import holder_of
from service.reasoning.findings import Firing

MOST_ORDERS = 5

_KINDS = {"drug": "a drug", "radiopharmaceutical": "a radiopharmaceutical", "procedure": "a procedure"}


def orders_concerned(firings: Iterable[Firing], record: Record) -> tuple[Member, ...]:
    """The orders of this request that the firings are about, in the order of their references.

    A drug or a course of this request was read from its order; one that several orders make up, such as
    two strengths of a tablet, is of all of them.
    """
    read_from = {reference for firing in firings for reference in _read_from(firing, record)}
    places = {holder_of(reference) for reference in read_from}
    found = [order for order in record.orders if order.in_request and holder_of(order.key) in places]
    return tuple(sorted(found, key=lambda order: order.key))


def references_of(orders: Iterable[Member]) -> list[str]:
    """The references by which a client knows its drafts; one without an id has none."""
    return sorted({reference_of(order) for order in orders} - {""})


def reference_of(order: Member) -> str:
    """The reference of a draft, without the name of a part; empty when it was sent without a name."""
    name = holder_of(order.key)
    return "" if "#" in name else name


def order_lines(orders: tuple[Member, ...], record: Record) -> str:
    """``Draft orders this is about: capecitabine (MedicationRequest/1)``, escaped; empty when there is none."""
    said = list(dict.fromkeys(_said(order, record) for order in orders))
    if not said:
        return ""
    more = f"; +{len(said) - MOST_ORDERS} more" if len(said) > MOST_ORDERS else ""
    start = "Draft orders" if len(said) > 1 else "Draft order"
    return f"{start} this is about: {'; '.join(said[:MOST_ORDERS])}{more}."


def _said(order: Member, record: Record) -> str:
    reference = reference_of(order)
    read = [order, *(one for one in (*record.courses, *(record.drugs or ())) if one.in_request and _is_of(one, order))]
    words = _in_words(order, record) + (", in part read from text" if any(map(_is_from_text, read)) else "")
    return words + (f" ({escaped(reference)})" if reference else "")


def _in_words(order: Member, record: Record) -> str:
    kind = text_of(order.facts, "order.kind")
    if kind == "rt":
        course = next((one for one in record.courses if one.in_request and _is_of(one, order)), None)
        return "radiotherapy" if course is None else course_in_words(course, record.evaluation_date)
    if kind == "imaging":
        modality = choice(text_of(order.facts, "order.modality")) or "imaging"
        if "order.contrast" not in order.facts:
            return modality
        return f"{modality}, {'with' if is_true(order.facts, 'order.contrast') else 'without'} contrast"
    agent = text_of(order.facts, "order.agent")
    return escaped(agent.replace("_", " ")) if agent else _KINDS.get(kind, "an order")


def _is_of(member: Member, order: Member) -> bool:
    return holder_of(member.key) == holder_of(order.key)


def _is_from_text(member: Member) -> bool:
    return any(source.conversion == READ_FROM_TEXT for fact in member.facts.values() for source in fact.sources)


def _read_from(firing: Firing, record: Record) -> Iterator[str]:
    """The resources that the reasons of a firing, and what it concerns of this request, were read from."""
    concerned = (*firing.elements, *triggering_drugs(firing.rule, firing.elements, record))
    ordered = [element for element in concerned if element.in_request]
    yield from (element.key for element in ordered)
    facts = [*firing.because, *(fact for element in ordered for fact in element.facts.values())]
    yield from (source.reference for fact in facts for source in fact.sources)
