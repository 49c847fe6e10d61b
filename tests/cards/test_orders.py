"""Each card names the draft orders it is about: by reference for the client, in words for the reader."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rulesets.record import READ_FROM_TEXT, Fact, Member, Source
from service.cards.deck import cards_for
from service.cards.orders import order_lines, orders_concerned, reference_of, references_of
from service.reasoning.findings import Conclusion, Firing
from tests.support.findings import (
    COURSE_AND_DRUG,
    TODAY,
    TRIGGERED_BY_DRUGS,
    a_course,
    a_drug,
    conclusion,
    drug_rule,
    facts,
    firing,
    rule,
    uuid,
)

PAIR = drug_rule("cytotoxic-rt")
OF_ORDER = rule("imaging.petmri-limited", for_each=("order",))


def an_order(key: str, *, in_request: bool = True, **values: Any) -> Member:
    return Member(key=key, facts=facts(**values), in_request=in_request)


def concluded(*firings: Firing, orders: tuple[Member, ...], **more: Any) -> Conclusion:
    found = conclusion(*firings)
    return replace(found, record=replace(found.record, orders=orders, **more))


def named(*firings: Firing, orders: tuple[Member, ...], **more: Any) -> list[str]:
    return references_of(orders_concerned(firings, concluded(*firings, orders=orders, **more).record))


DRUG_ORDER = an_order("MedicationRequest/olaparib", order__kind="drug", order__agent="olaparib")
RT_ORDER = an_order("ServiceRequest/rt", order__kind="rt")
ORDERS = (DRUG_ORDER, RT_ORDER)


@pytest.mark.parametrize(
    ("drug_is_ordered", "rt_is_ordered", "orders"),
    [
        (True, True, ["MedicationRequest/olaparib", "ServiceRequest/rt"]),
        (True, False, ["MedicationRequest/olaparib"]),
        (False, True, ["ServiceRequest/rt"]),
        (False, False, []),
    ],
)
def test_a_card_is_about_the_orders_its_drug_and_its_course_were_read_from(
    drug_is_ordered: bool, rt_is_ordered: bool, orders: list[str]
) -> None:
    pair = firing(PAIR, a_course(in_request=rt_is_ordered), a_drug(in_request=drug_is_ordered))
    assert named(pair, orders=ORDERS) == orders


def test_an_order_that_is_not_of_this_request_is_never_named() -> None:
    pair = firing(PAIR, a_course(), a_drug())
    assert named(pair, orders=(replace(DRUG_ORDER, in_request=False), RT_ORDER)) == ["ServiceRequest/rt"]


def test_a_rule_on_orders_is_about_its_order() -> None:
    imaging = an_order("ServiceRequest/pet", order__kind="imaging", order__modality="PET-MRI")
    assert named(firing(OF_ORDER, imaging), orders=(imaging, RT_ORDER)) == ["ServiceRequest/pet"]


def test_a_volume_of_a_course_and_a_part_of_a_product_are_of_their_order() -> None:
    pair = firing(PAIR, a_course("ServiceRequest/rt#BodyStructure/1"), a_drug(key="MedicationRequest/x#trastuzumab"))
    drug = an_order("MedicationRequest/x#trastuzumab", order__kind="drug", order__agent="trastuzumab")
    assert named(pair, orders=(drug, RT_ORDER)) == ["MedicationRequest/x", "ServiceRequest/rt"]


def test_two_strengths_of_one_drug_are_two_orders() -> None:
    sources = tuple(Source(reference=f"MedicationRequest/{name}") for name in ("a", "b"))
    drug = a_drug("capecitabine", key="MedicationRequest/a")
    both = replace(
        drug, facts={**drug.facts, "drug.name": Fact(name="drug.name", value="capecitabine", sources=sources)}
    )
    orders = tuple(an_order(f"MedicationRequest/{name}", order__agent="capecitabine") for name in ("a", "b", "c"))

    assert named(firing(PAIR, a_course(in_request=False), both), orders=orders) == [
        "MedicationRequest/a", "MedicationRequest/b",
    ]  # fmt: skip


def test_a_rule_on_a_course_is_about_the_ordered_drugs_that_make_it_true() -> None:
    priority = rule("imbrication.sequence-priority", for_each=("course",), when=TRIGGERED_BY_DRUGS)
    assert named(firing(priority, a_course()), orders=ORDERS, drugs=(a_drug(),)) == [
        "MedicationRequest/olaparib", "ServiceRequest/rt",
    ]  # fmt: skip


def test_a_reason_that_was_read_from_an_order_makes_the_card_one_about_it() -> None:
    planned = Fact(name="surgery.planned", value=True, sources=(Source(reference="ServiceRequest/op"),))
    operation = an_order("ServiceRequest/op", order__kind="procedure", order__agent="prosthesis")
    assert named(firing(rule("surgery.systemic-hold"), because=(planned,)), orders=(operation, RT_ORDER)) == [
        "ServiceRequest/op"
    ]


def test_a_draft_without_a_name_has_no_reference_and_is_told_in_words() -> None:
    unnamed = an_order("MedicationRequest#0123456789ab", order__kind="drug", order__agent="olaparib")
    pair = firing(PAIR, a_course(in_request=False), a_drug(key="MedicationRequest#0123456789ab"))

    assert reference_of(unnamed) == "" and named(pair, orders=(unnamed, RT_ORDER)) == []
    record = concluded(pair, orders=(unnamed, RT_ORDER)).record
    assert order_lines(orders_concerned([pair], record), record) == "Draft order this is about: olaparib."


# --- words -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"order__kind": "drug", "order__agent": "olaparib"}, "olaparib (ServiceRequest/1)"),
        ({"order__kind": "drug", "order__agent": "<b>x</b>"}, "&lt;b&gt;x&lt;/b&gt; (ServiceRequest/1)"),
        ({"order__kind": "drug"}, "a drug (ServiceRequest/1)"),
        ({"order__kind": "rt"}, "radiotherapy (ServiceRequest/1)"),
        ({"order__kind": "imaging", "order__modality": "bone_scan"}, "bone scan (ServiceRequest/1)"),
        ({"order__kind": "imaging", "order__modality": "MRI", "order__contrast": False}, "MRI, without contrast (ServiceRequest/1)"),
        ({"order__kind": "imaging", "order__contrast": True}, "imaging, with contrast (ServiceRequest/1)"),
        ({"order__kind": "procedure", "order__agent": "alcohol_embolization"}, "alcohol embolization (ServiceRequest/1)"),
        ({"order__kind": "radiopharmaceutical"}, "a radiopharmaceutical (ServiceRequest/1)"),
        ({}, "an order (ServiceRequest/1)"),
    ],
)  # fmt: skip
def test_an_order_is_said_in_words(values: dict[str, Any], said: str) -> None:
    order = an_order("ServiceRequest/1", **values)
    assert order_lines((order,), concluded(orders=(order,)).record) == f"Draft order this is about: {said}."


def test_radiotherapy_is_said_with_its_dose_and_what_was_read_from_text() -> None:
    course = a_course(rt__total_dose_gy=30, rt__fractions=10)
    written = Fact(
        name="rt.fractions", value=10, sources=(Source(reference="ServiceRequest/rt", conversion=READ_FROM_TEXT),)
    )
    record = concluded(
        orders=(RT_ORDER,), courses=(replace(course, facts={**course.facts, "rt.fractions": written}),)
    ).record

    assert order_lines((RT_ORDER,), record) == (
        "Draft order this is about: planned RT to bone, spine, 30 Gy in 10 fractions, in part read from text "
        "(ServiceRequest/rt)."
    )


def test_many_orders_are_counted_behind_the_first() -> None:
    orders = tuple(an_order(f"MedicationRequest/{number}", order__agent="olaparib") for number in range(7))
    assert order_lines(orders, concluded(orders=orders).record).endswith("(MedicationRequest/4); +2 more.")


# --- on the card -------------------------------------------------------------------------------------------


def test_the_card_carries_the_references_and_the_words_at_an_order_and_none_at_the_chart() -> None:
    pair = firing(rule("imbrication.cytotoxic-rt", for_each=COURSE_AND_DRUG), a_course(), a_drug())
    found = concluded(pair, orders=ORDERS)

    (ordering,) = cards_for(found, "order-sign", new_uuid=uuid)
    (viewing,) = cards_for(replace(found, record=replace(found.record, orders=())), "patient-view", new_uuid=uuid)

    assert ordering["extension"]["org.osteon.orders"] == ["MedicationRequest/olaparib", "ServiceRequest/rt"]
    assert "Draft orders this is about: olaparib (MedicationRequest/olaparib); " in ordering["detail"]
    assert "org.osteon.orders" not in viewing["extension"] and "Draft order" not in viewing["detail"]
    assert found.record.evaluation_date == TODAY
