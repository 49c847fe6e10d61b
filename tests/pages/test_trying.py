"""Change a fact: the form holds what is known, unknown stays unknown, and nothing that was not touched changes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from rulesets.rulebook import rules_as_data
from rulesets.thresholds import effective
from service.assess import Request, assess
from service.pages.changed_document import document_of
from service.pages.differences import difference
from service.pages.examples import examples
from service.pages.fact_form import CARDS_WAIT, DECIDES, KEPT, RULES_WAIT, FieldGroup, form_of, not_carried
from service.pages.rules import RuleTexts
from tests.support.house import house_in
from tests.support.stories import answered, stories

SOME = {each.name for each in stories()[::5]} | {
    "palbociclib_renewed_before_radiotherapy",
    "two_laboratories_disagree",
    "no_medication_list",
}
TEXTS = RuleTexts(rules_as_data(effective()), {})


def as_sent(form: Iterable[FieldGroup]) -> dict[str, str]:
    """What a browser sends when nothing is touched."""
    sent = {}
    for field in (field for group in form for field in group.fields):
        if field.kind == "range":
            sent |= {f"{field.name}.lo": field.value, f"{field.name}.hi": field.high}
        elif field.kind == "choice":
            sent[field.name] = next(choice.value for choice in field.choices if choice.is_chosen)
        else:
            sent[field.name] = field.value
    return sent


def body(**facts: Any) -> dict[str, Any]:
    record: dict[str, Any] = {
        "evaluationDate": "2026-11-01",
        "lesions": None,
        "drugs": None,
        "courses": [],
        "orders": [],
    }
    names = {name.replace("__", "."): {"value": value} for name, value in facts.items()}
    return {"record": {**record, "facts": names, "conflicts": []}, "request": {}, "result": {}}


def test_what_is_sent_back_untouched_changes_nothing_that_is_said(tmp_path: Path) -> None:
    house = house_in(tmp_path)
    for story in (each for each in stories() if each.name in SOME):
        for result in answered(house, story.bundle, story.evaluation_date):
            before = house.store.get(result["trace"])
            assert before is not None and before.body is not None

            document = document_of(before.body, as_sent(form_of(before.body)))
            again = assess(house, Request(kind="facts", document=document, digest="")).results[0]

            after = house.store.get(again["trace"])
            assert after is not None and after.body is not None
            change = difference(before.body, after.body, TEXTS)
            assert change.is_empty or not_carried(before.body), story.name
            assert not change.facts, story.name


@pytest.mark.parametrize(
    "fact, typed, stated",
    [
        ("patient.ecog", {"patient.ecog": "3"}, 3),
        ("patient.ecog", {"patient.ecog": "much"}, "much"),
        ("mets.lesion_count", {"mets.lesion_count.lo": "2", "mets.lesion_count.hi": ""}, {"lo": 2, "hi": None}),
        ("mets.lesion_count", {"mets.lesion_count.lo": "2", "mets.lesion_count.hi": "2"}, 2),
        ("mets.status", {"mets.status": "suspected"}, "suspected"),
        ("patient.bone_pain", {"patient.bone_pain": "false"}, False),
    ],
)
def test_what_is_typed_is_stated(fact: str, typed: dict[str, str], stated: object) -> None:
    assert document_of(body(), typed)["facts"] == {fact: stated}


@pytest.mark.parametrize("before", ({}, {"patient__ecog": 1}))
def test_a_fact_set_to_unknown_is_left_out(before: dict[str, Any]) -> None:
    assert document_of(body(**before), {"patient.ecog": " "})["facts"] == {}


def test_an_untouched_fact_keeps_its_date_and_a_changed_one_does_not() -> None:
    known = body(patient__ecog=1)
    known["record"]["facts"]["patient.ecog"]["date"] = "2026-10-20"

    assert document_of(known, {"patient.ecog": "1"})["facts"] == {"patient.ecog": {"value": 1, "date": "2026-10-20"}}
    assert document_of(known, {"patient.ecog": "2"})["facts"] == {"patient.ecog": 2}


def test_a_contradiction_stays_until_a_value_is_chosen() -> None:
    known = body()
    known["record"]["conflicts"] = [{"name": "tumour.er_primary", "values": ["positive", "negative"], "sources": []}]

    assert document_of(known, {})["facts"] == {"tumour.er_primary": {"conflict": ["positive", "negative"]}}
    assert document_of(known, {"tumour.er_primary": KEPT})["facts"] == document_of(known, {})["facts"]
    assert document_of(known, {"tumour.er_primary": "positive"})["facts"] == {"tumour.er_primary": "positive"}
    assert document_of(known, {"tumour.er_primary": ""})["facts"] == {}


def test_an_element_is_changed_left_out_or_added_and_an_unknown_list_stays_unknown() -> None:
    known = body()
    known["record"]["drugs"] = [
        {"key": "MedicationRequest/1", "inRequest": False, "facts": {"drug.name": {"value": "olaparib"}}}
    ]

    assert document_of(known, {"drugs.0.drug.status": "stopped"})["drugs"] == [
        {"drug.name": "olaparib", "drug.status": "stopped"}
    ]
    assert document_of(known, {"drugs.0.gone": "yes"})["drugs"] == []
    assert len(document_of(known, {"drugs.new.drug.name": "palbociclib"})["drugs"]) == 2
    assert "drugs" not in document_of(body(), {}) and "lesions" not in document_of(body(), {})


def test_a_list_that_could_not_be_read_whole_is_not_taken_for_a_whole_one() -> None:
    known = body()
    known["record"]["incomplete"] = ["drugs"]

    assert document_of(known, {})["facts"] == {"meds.list_available": False}


def test_derived_facts_and_names_nobody_knows_are_never_sent() -> None:
    assert (
        document_of(body(), {"tumour.luminal": "true", "no.such": "1", "drugs.new.drug.exposure": "clear"})["facts"]
        == {}
    )


def test_what_decides_the_prognosis_comes_first_then_what_cards_wait_for_then_the_rest() -> None:
    known = body(patient__ecog=1)
    known["result"] = {
        "cards": [{"extension": {"org.osteon.rules": ["b.b"]}}],
        "rules": {
            "undetermined": [
                {"id": "a.a", "missing": ["patient.bone_pain", "mets.organ.liver"]},
                {"id": "b.b", "missing": ["patient.bone_pain"]},
                {"id": "c.c", "missing": ["tumour.grade", "pattern.burden"]},
            ]
        },
        "prognosis": {"missing": ["mets.organ.liver"]},
    }

    form = {group.name: group for group in form_of(known)}
    first, second, third = (form[name] for name in (DECIDES, CARDS_WAIT, RULES_WAIT))

    assert list(form)[:4] == [DECIDES, CARDS_WAIT, "Patient", RULES_WAIT]
    assert (first.is_open, second.is_open, third.is_open) == (True, True, False)
    assert [(field.name, field.waits) for field in first.fields] == [("mets.organ.liver", 1)]
    assert [(field.name, field.waits) for field in second.fields] == [("patient.bone_pain", 2)]
    assert {field.name for field in third.fields} == {"tumour.grade", "mets.lesion_count"}


def test_every_fact_that_could_decide_the_prognosis_can_be_stated_in_the_order_cards_ask_for_it() -> None:
    known = body()
    missing = ["patient.ecog", "tumour.er", "pattern.solitary_bone", "mets.organ.liver"]
    known["result"] = {"prognosis": {"missing": missing}}

    first, *_ = form_of(known)

    assert [field.name for field in first.fields][:5] == [
        "patient.ecog",
        "tumour.er_primary",
        "tumour.er_metastasis",
        "mets.lesion_count",
        "mets.organ.liver",
    ]


def test_an_open_prognosis_is_decided_by_what_its_form_offers(tmp_path: Path) -> None:
    house = house_in(tmp_path)
    story = next(each for each in stories() if each.name == "two_laboratories_disagree")
    [result] = answered(house, story.bundle, story.evaluation_date)
    found = house.store.get(result["trace"])
    assert found is not None and found.body is not None and result["prognosis"]["group"] == "indeterminate"

    sent = {**as_sent(form_of(found.body)), "tumour.er_primary": "positive"}
    [again] = assess(house, Request(kind="facts", document=document_of(found.body, sent), digest="")).results

    assert again["prognosis"]["group"] == "good"


def test_a_number_says_its_unit_and_a_choice_offers_unknown_first() -> None:
    form = form_of(body(patient__age_years=48, mets__status="confirmed"))

    fields = {field.name: field for group in form for field in group.fields}
    assert (fields["patient.age_years"].value, fields["patient.age_years"].unit) == ("48", "years")
    assert [choice.value for choice in fields["mets.status"].choices] == ["", "none", "suspected", "confirmed"]


def test_the_examples_show_what_they_say(tmp_path: Path) -> None:
    house = house_in(tmp_path)
    groups, indicators = {}, {}
    for each in examples():
        [result] = assess(
            house, Request(kind="bundle", document=each.bundle, digest="", evaluation_date=_day(each.evaluation_date))
        ).results
        groups[each.id] = result["prognosis"]["group"]
        indicators[each.id] = {card["indicator"] for card in result["cards"]}

    assert [groups[id] for id in ("good", "intermediate", "poor", "incomplete")] == [
        "good",
        "intermediate",
        "poor",
        "indeterminate",
    ]
    assert "critical" in indicators["drug_conflict"] and "critical" in indicators["emergency"]


def _day(text: str) -> Any:
    from datetime import date

    return date.fromisoformat(text)
