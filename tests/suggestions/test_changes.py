"""Changes that cards offer: the whole resource, one thing changed in it, and nothing that says two things at once."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from typing import Any

import jsonschema
import pytest

from rulesets.record import Member
from rulesets.rule import EACH_COURSE, EACH_COURSE_AND_DRUG, EACH_DRUG, EACH_ORDER, Action, Scope
from service.reasoning.findings import Conclusion
from tests.intake.made import reading
from tests.support.findings import a_course, conclusion, facts, firing
from tests.support.shared import shared_path
from tests.support.suggesting import (
    MCODE,
    SCT,
    Resource,
    actions,
    by_reference,
    card_of,
    dose,
    is_valid,
    offering,
    order,
    prescription,
    radiotherapy,
    resources,
    taken,
    technique,
    told_by,
)

NOTE = {"text": "Proposed by Osteon, rule imaging.any: Title of imaging.any. Does what imaging.any asks."}
VMAT, THREE_D, RADIOSURGERY, IMRT = "1156530009", "1162782007", "115959002", "441799006"


# --- drugs ---------------------------------------------------------------------------------------


def held(*drugs: Member) -> Conclusion:
    """A hold of the first drug, in a record that lists all of them."""
    return conclusion(firing(offering("hold_drug", for_each=EACH_DRUG), drugs[0]), drugs=drugs)


def ordered(name: str = "olaparib", key: str = "MedicationRequest/draft") -> Member:
    return Member(key=key, facts=facts(drug__name=name, drug__status="draft"), in_request=True)


def test_a_prescription_is_given_back_whole_and_on_hold() -> None:
    sent = prescription(identifier=[{"value": "42"}], note=[{"text": "as before"}], meta={"versionId": "7"})
    before = copy.deepcopy(sent)

    [changed] = resources(held(taken()), by_reference(sent))

    assert changed == {
        **sent,
        "status": "on-hold",
        "statusReason": {"text": "Held around another treatment"},
        "note": [{"text": "as before"}, NOTE],
    }
    assert is_valid(changed) and sent == before


def test_a_hold_names_the_drug_and_its_rule() -> None:
    [offer] = card_of(held(taken()), by_reference(prescription()))["suggestions"]

    assert offer["label"] == "Do it: olaparib"
    assert offer["actions"][0]["description"] == "Does what imaging.any asks (olaparib)"
    assert offer["extension"] == {"org.osteon.action": "hold_drug", "org.osteon.rules": ["imaging.any"]}


def test_all_prescriptions_of_a_drug_are_held_together() -> None:
    drug = taken("olaparib", "MedicationRequest/a", "MedicationRequest/b")

    found = resources(held(drug), by_reference(prescription("a"), prescription("b")))

    assert [(each["id"], each["status"]) for each in found] == [("a", "on-hold"), ("b", "on-hold")]


@pytest.mark.parametrize("status", ["on-hold", "stopped", "draft", "completed"])
def test_a_hold_of_only_some_prescriptions_is_none(status: str) -> None:
    drug = taken("olaparib", "MedicationRequest/a", "MedicationRequest/b")

    assert actions(held(drug), by_reference(prescription("a"), prescription("b", status=status))) == []
    assert actions(held(drug), by_reference(prescription("a"))) == []


@pytest.mark.parametrize(
    ("drug", "sent"),
    [
        (taken("olaparib", "MedicationStatement/olaparib"), prescription()),
        (taken(key="drugs/0"), {}),
        (taken(key="MedicationRequest/olaparib#ribociclib"), prescription()),
        (taken(key="MedicationRequest#0a1b2c"), prescription()),
        (taken(), prescription(meta={"tag": [{"code": "SUBSETTED"}]})),
        (taken(), prescription(text={"status": "additional", "div": "<div>more</div>"})),
        (taken(), prescription(note="not a list")),
        (taken(status="stopped"), prescription()),
        (Member(key="MedicationRequest/olaparib", facts=facts(drug__name="olaparib")), prescription(status="unknown")),
    ],
    ids=[
        "a statement", "a facts document", "a product of two", "no id", "in part", "more in its narrative", "odd notes",
        "over", "of unknown status",
    ],
)  # fmt: skip
def test_what_cannot_be_held_whole_is_not_offered(drug: Member, sent: Resource) -> None:
    assert actions(held(drug), by_reference(sent) if sent else {}) == []


def test_a_statement_beside_the_prescription_does_not_hinder() -> None:
    drug = taken("olaparib", "MedicationRequest/olaparib", "MedicationStatement/olaparib")

    assert len(actions(held(drug), by_reference(prescription()))) == 1


def test_a_prescription_that_is_of_another_drug_as_well_is_not_held() -> None:
    shared = taken("letrozole", "MedicationRequest/pack", key="MedicationRequest/pack#letrozole")
    drug = taken("ribociclib", "MedicationRequest/pack", "MedicationRequest/more", key="MedicationRequest/more")

    assert actions(held(drug, shared), by_reference(prescription("pack"), prescription("more"))) == []


def test_a_generated_narrative_does_not_outlive_what_it_tells() -> None:
    sent = prescription(text={"status": "generated", "div": "<div>active</div>"})

    [changed] = resources(held(taken()), by_reference(sent))

    assert "text" not in changed


def test_a_draft_is_taken_out_of_the_request() -> None:
    sent = by_reference(prescription("draft", status="draft"))

    assert actions(held(ordered()), sent) == [{"type": "delete", "resourceId": "MedicationRequest/draft"}]
    [offer] = card_of(held(ordered()), sent)["suggestions"]
    assert offer["actions"][0]["description"].startswith("Take the draft order of olaparib out of this request")


def test_a_renewal_is_taken_out_and_what_it_renews_is_held() -> None:
    sent = by_reference(prescription(), prescription("draft", status="draft"))

    for first, second in ((ordered(), taken()), (taken(), ordered())):
        delete, update = actions(held(first, second), sent)
        assert (delete["type"], update["type"]) == ("delete", "update")
        assert update["resource"]["status"] == "on-hold"


def test_a_renewal_of_what_is_known_from_a_statement_alone_is_left_to_the_clinician() -> None:
    sent = by_reference(prescription("draft", status="draft"))

    assert actions(held(ordered(), taken("olaparib", "MedicationStatement/s")), sent) == []


def test_a_draft_of_a_product_of_two_drugs_stays() -> None:
    two = [
        ordered("ribociclib", "MedicationRequest/draft#ribociclib"),
        ordered("letrozole", "MedicationRequest/draft#letrozole"),
    ]

    assert actions(held(*two), by_reference(prescription("draft", status="draft"))) == []


@pytest.mark.parametrize("version", ["2.0", "3.0"])
def test_a_card_with_a_hold_of_each_kind_is_valid_cds_hooks(version: str) -> None:
    sent = by_reference(prescription(), prescription("draft", status="draft"))
    known = shared_path(f"cds-hooks/schemas/response-{version}.schema.json")
    card = json.loads(json.dumps(card_of(held(ordered(), taken()), sent)))

    if known is not None:
        jsonschema.Draft202012Validator(json.loads(known.read_text())).validate({"cards": [card]})


# --- contrast ------------------------------------------------------------------------------------

WITH, WITHOUT = {"text": "Without and with intravenous contrast medium"}, {"text": "Without contrast medium"}


def contrasted(
    action: Action = "add_contrast", *, in_request: bool = True, key: str = "ServiceRequest/mri"
) -> Conclusion:
    asked = Member(key=key, facts=facts(order__kind="imaging", order__modality="MRI"), in_request=in_request)
    return conclusion(firing(offering(action, for_each=EACH_ORDER), asked))


@pytest.mark.parametrize(
    ("action", "held_before", "held_after"),
    [
        ("add_contrast", [], [WITH]),
        ("leave_out_contrast", [], [WITHOUT]),
        ("add_contrast", [{"text": "In the morning"}], [{"text": "In the morning"}, WITH]),
        ("add_contrast", [WITHOUT, {"text": "T1"}], [{"text": "T1"}, WITH]),
        ("leave_out_contrast", [WITH], [WITHOUT]),
    ],
)
def test_contrast_is_changed_in_the_details_of_an_order(
    action: Action, held_before: list[Resource], held_after: list[Resource]
) -> None:
    sent = order(**({"orderDetail": held_before} if held_before else {}))

    [changed] = resources(contrasted(action), by_reference(sent))

    assert changed == {**sent, "orderDetail": held_after, "note": [NOTE]}
    assert is_valid(changed)


@pytest.mark.parametrize(
    "sent",
    [
        order(orderDetail=[WITH]),
        order(code={"text": "MRI of the spine without contrast"}),
        order(code={"coding": [{"display": "MR Spine W contrast IV"}]}),
        order(note=[{"text": "allergic to gadolinium"}]),
    ],
    ids=["said already", "in the code", "in a display", "in a note"],
)
def test_an_order_that_speaks_of_contrast_is_not_made_to_say_two_things(sent: Resource) -> None:
    assert actions(contrasted(), by_reference(sent)) == []


def test_only_a_draft_of_this_request_is_changed() -> None:
    assert actions(contrasted(in_request=False), by_reference(order())) == []
    assert actions(contrasted(key="ServiceRequest/other"), by_reference(order())) == []
    assert actions(contrasted(key=""), by_reference(order())) == []


# --- radiotherapy --------------------------------------------------------------------------------


def planned(action: Action, *, scope: Scope = EACH_COURSE, key: str = "ServiceRequest/rt", **more: Any) -> Conclusion:
    course = a_course(key, **more)
    elements = (course, taken()) if scope is EACH_COURSE_AND_DRUG else (course,)
    return conclusion(firing(offering(action, for_each=scope), *elements))


def read_again(order: Resource) -> Member:
    """The course that the readers see in an order of this request."""
    found = reading(order)
    [course] = found.record.courses
    return course


@pytest.mark.parametrize(
    ("action", "gray", "fractions"), [("change_to_8_gy_in_1", 8, 1), ("change_to_30_gy_in_10", 30, 10)]
)
@pytest.mark.parametrize(("unit", "factor"), [("Gy", 1), ("cGy", 100)])
def test_a_dose_is_changed_where_and_in_the_unit_in_which_the_order_has_it(
    action: Action, gray: int, fractions: int, unit: str, factor: int
) -> None:
    sent = radiotherapy(dose(20 * factor, 5, unit), priority="urgent")
    before = copy.deepcopy(sent)

    [changed] = resources(planned(action), by_reference(sent))

    assert changed == {**sent, "extension": [dose(gray * factor, fractions, unit)], "note": [NOTE]}
    assert is_valid(changed) and sent == before
    course = read_again(changed)
    assert (course.facts["rt.total_dose_gy"].value, course.facts["rt.fractions"].value) == (gray, fractions)


def test_a_dose_for_each_fraction_and_other_counts_follow() -> None:
    single = {"url": "fractionDose", "valueQuantity": {"value": 400, "code": "cGy"}}
    sessions = {"url": f"{MCODE}mcode-radiotherapy-sessions", "valueUnsignedInt": 5}
    other = {"url": "urn:x", "valueString": "kept"}
    sent = radiotherapy(other, dose(2000, 5, "cGy", single), sessions)

    [changed] = resources(planned("change_to_30_gy_in_10"), by_reference(sent))

    three = {"url": "fractionDose", "valueQuantity": {"value": 300, "code": "cGy"}}
    assert changed["extension"] == [other, dose(3000, 10, "cGy", three), {**sessions, "valueUnsignedInt": 10}]


@pytest.mark.parametrize(
    ("period", "left"),
    [
        ({"start": "2026-11-05", "end": "2026-11-11"}, {"occurrencePeriod": {"start": "2026-11-05"}}),
        ({"start": "2026-11-05"}, {"occurrencePeriod": {"start": "2026-11-05"}}),
        ({"end": "2026-11-11"}, {}),
    ],
)
def test_the_last_day_of_the_old_fractions_is_left_open(period: Resource, left: Resource) -> None:
    sent = radiotherapy(dose(20, 5, "Gy"), occurrencePeriod=period)

    [changed] = resources(planned("change_to_8_gy_in_1"), by_reference(sent))

    assert {key: value for key, value in changed.items() if key.startswith("occurrence")} == left
    [offer] = card_of(planned("change_to_8_gy_in_1"), by_reference(sent))["suggestions"]
    assert offer["label"] == "Do it: planned RT, spine"
    assert "the last day of the course is left open" in offer["actions"][0]["description"]


DAILY = {"repeat": {"count": 5, "frequency": 1, "period": 1, "periodUnit": "d"}}
GERMAN = {"url": "https://x/mii-ex-onko-strahlentherapie-bestrahlung", "extension": [{"url": "x", "valueString": "y"}]}


@pytest.mark.parametrize(
    "sent",
    [
        radiotherapy(),
        radiotherapy(dose(20, 5), dose(30, 10)),
        radiotherapy(dose(20, 5, "mSv")),
        radiotherapy(dose(20, 5), GERMAN),
        radiotherapy(dose(20, 5), occurrenceTiming=DAILY),
        radiotherapy(dose(20, 5), quantityQuantity={"value": 5}),
        radiotherapy(dose(20, 5), note=[{"text": "20 Gy in 5"}]),
        radiotherapy(dose(20, 5), orderDetail=[{"text": "2000cGy"}]),
        radiotherapy(dose(20, 5), code={"text": "Five fractions"}),
        radiotherapy(dose(20, 5, "cGy", {"url": "fractionDose", "valueQuantity": {"value": 4, "code": "mSv"}})),
        radiotherapy({"url": dose(20, 5)["url"], "extension": [{"url": "fractions", "valuePositiveInt": 5}]}),
        radiotherapy({"url": dose(20, 5)["url"], "extension": [{"url": "totalDose", "valueQuantity": {"value": 20, "code": "Gy"}}]}),
        radiotherapy(dose(20, 5), {"url": f"{MCODE}mcode-radiotherapy-sessions", "valueString": "five"}),
    ],
    ids=[
        "no dose", "two volumes", "another unit", "a German dose too", "a timetable", "an amount", "a note", "a detail",
        "a code in words", "an odd dose a fraction", "no total", "no fractions", "odd sessions",
    ],
)  # fmt: skip
def test_an_order_whose_dose_cannot_be_changed_throughout_is_left(sent: Resource) -> None:
    assert actions(planned("change_to_8_gy_in_1"), by_reference(sent)) == []


def test_one_volume_of_several_is_left() -> None:
    sent = by_reference(radiotherapy(dose(20, 5)))

    assert actions(planned("change_to_8_gy_in_1", key="ServiceRequest/rt#BodyStructure/gtv"), sent) == []


def test_what_is_so_already_is_no_change() -> None:
    assert actions(planned("change_to_8_gy_in_1"), by_reference(radiotherapy(dose(8, 1, "Gy")))) == []


def coded(code: str) -> dict[str, Any]:
    return {"code": {"coding": [{"system": SCT, "code": code}]}}


def of_technique(action: Action, name: str, code: str) -> Conclusion:
    """A course whose technique a code tells."""
    found = planned(action)
    told = told_by("rt.technique", name, "ServiceRequest/rt", code=f"{SCT}|{code}")
    [course] = found.record.courses
    course.facts.update(told)  # type: ignore[attr-defined]
    return found


def test_a_technique_is_changed_where_the_order_says_it() -> None:
    course = of_technique("change_to_vmat", "3DCRT", THREE_D)

    [in_code] = resources(course, by_reference(radiotherapy(**coded(THREE_D))))
    [inside] = resources(course, by_reference(radiotherapy(technique(THREE_D))))

    assert in_code["code"]["coding"][0]["code"] == VMAT
    assert inside["code"] == radiotherapy()["code"]
    for changed in (in_code, inside):
        assert is_valid(changed)
        assert read_again(changed).facts["rt.technique"].value == "VMAT"


@pytest.mark.parametrize(
    "sent", [radiotherapy(), radiotherapy(technique(THREE_D), note=[{"text": "3D-conformal, please"}])]
)
def test_an_order_whose_technique_stands_nowhere_or_in_words_is_left(sent: Resource) -> None:
    assert actions(of_technique("change_to_vmat", "3DCRT", THREE_D), by_reference(sent)) == []


def test_a_boost_gives_the_volume_its_dose_and_the_vertebra_another() -> None:
    sent = radiotherapy(dose(1800, 1), **coded(RADIOSURGERY))

    [changed] = resources(of_technique("change_to_boost_40_30_gy_in_10", "SRS", RADIOSURGERY), by_reference(sent))

    own, vertebra = changed["extension"]
    assert own == dose(4000, 10)
    assert vertebra["extension"][0] == {"url": "volume", "valueReference": {"display": "Whole vertebra"}}
    assert vertebra["extension"][1:] == dose(3000, 10)["extension"][1:]
    assert changed["code"]["coding"][0]["code"] == IMRT and is_valid(changed)
    doses = {
        (each.facts["rt.total_dose_gy"].value, each.facts["rt.technique"].value)
        for each in reading(changed).record.courses
    }
    assert doses == {(40, "IMRT"), (30, "IMRT")}


# --- whatever the order says ---------------------------------------------------------------------

HOSTILE = "<script>alert('x')</script> ](javascript:1) {{patient}} \u202e"


def test_hostile_text_of_a_resource_stays_data() -> None:
    sent = prescription(note=[{"text": HOSTILE}], medicationCodeableConcept={"text": HOSTILE})

    card = card_of(held(taken(HOSTILE, "MedicationRequest/olaparib")), by_reference(sent))

    [offer] = card["suggestions"]
    assert offer["actions"][0]["resource"]["medicationCodeableConcept"] == {"text": HOSTILE}
    assert offer["actions"][0]["resource"]["note"] == [{"text": HOSTILE}, NOTE]
    for shown in (offer["label"], offer["actions"][0]["description"]):
        assert not set("<>[]{}:'\u202e") & set(shown.removeprefix("Do it: "))


def test_numbers_are_given_back_with_the_precision_they_came_in() -> None:
    sent = prescription(dosageInstruction=[{"doseAndRate": [{"doseQuantity": {"value": Decimal("300.00")}}]}])

    [changed] = resources(held(taken()), by_reference(sent))

    assert str(changed["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"]) == "300.00"
