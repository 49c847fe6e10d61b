"""New drafts that cards offer: complete, valid R4, for this patient, and never of what is being ordered already."""

from __future__ import annotations

import json
from typing import Any, get_args

import jsonschema
import pytest

from rulesets.dose.checks import RELIEF_WEEKS, REOSSIFICATION_WEEKS, REOSSIFIED_WEEKS
from rulesets.facts import patient
from rulesets.record import Fact, Member, Source
from rulesets.rule import EACH_COURSE, EACH_COURSE_AND_DRUG, EACH_LESION, Action
from rulesets.rulebook import RULES
from service.reasoning.findings import Conclusion, Firing
from tests.support.findings import a_course, a_drug, conclusion, facts, firing
from tests.support.shared import SHARED, shared_path, shared_yaml
from tests.support.suggesting import (
    LOINC,
    PATIENT,
    SCT,
    Resource,
    actions,
    activities,
    by_reference,
    card_of,
    is_full,
    is_valid,
    offering,
    order,
    resources,
    suggestions,
)

CREATED = [action for action in get_args(Action) if not activities()[action].changes]
TASKS = [action for action in CREATED if activities()[action].kind == "Task"]
EVIDENT = {"mets__status": "confirmed", "mets__organ__bone": "present"}


def a_lesion(site: str = "vertebra", key: str = "Condition/l4") -> Member:
    return Member(key=key, facts=facts(lesion__site=site, lesion__painful=True))


def offered(action: Action, **known: Any) -> Conclusion:
    """The patient alone, or a course of known end for what is due after it."""
    if action in TASKS:
        return conclusion(firing(offering(action, for_each=EACH_COURSE), a_course(rt__end_day=10)), **known)
    return conclusion(firing(offering(action)), **known)


def one(action: Action, concluded: Conclusion | None = None, **others: Any) -> Resource:
    [resource] = resources(offered(action) if concluded is None else concluded, **others)
    return resource


# --- every action --------------------------------------------------------------------------------


@pytest.mark.parametrize("action", CREATED)
def test_every_action_yields_a_draft_that_is_valid_and_lacks_nothing(action: Action) -> None:
    draft = one(action)

    assert is_valid(draft) and is_full(draft)
    assert (draft["status"], draft["intent"]) == ("draft", "proposal")
    assert draft.get("subject", draft.get("for")) == {"reference": PATIENT}
    assert draft.get("authoredOn", draft.get("created")) == "2026-11-01"
    assert "rule imaging.any: Title of imaging.any." in draft["note"][0]["text"]
    assert f"urn:osteon:activitydefinition:{action}|" in str(draft["instantiatesCanonical"])


@pytest.mark.parametrize("action", CREATED)
def test_every_draft_says_what_is_asked_for_and_why(action: Action) -> None:
    draft = one(action)

    match draft["resourceType"]:
        case "CarePlan":
            assert draft["title"] and draft["description"] and draft["activity"][0]["detail"]["code"]["text"]
        case "Task":
            assert draft["code"]["text"] and draft["description"] and draft["priority"]
            assert draft["reasonCode"] == {"text": "Title of imaging.any"}
        case "MedicationRequest":
            assert draft["medicationCodeableConcept"]["text"] and draft["priority"]
            assert draft["reasonCode"] == [{"text": "Title of imaging.any"}]
        case _:
            assert draft["code"]["text"] and draft["category"][0]["text"] and draft["priority"]
            assert draft["reasonCode"] == [{"text": "Title of imaging.any"}]


@pytest.mark.parametrize("version", ["2.0", "3.0"])
@pytest.mark.parametrize("action", CREATED)
def test_a_card_with_any_draft_is_valid_cds_hooks(action: Action, version: str) -> None:
    card = json.loads(json.dumps(card_of(offered(action))))
    known = shared_path(f"cds-hooks/schemas/response-{version}.schema.json")

    assert is_full(card)
    if known is not None:
        jsonschema.Draft202012Validator(json.loads(known.read_text())).validate({"cards": [card]})


@pytest.mark.skipif(not SHARED.exists(), reason="the specification lies beside a developer's checkout only")
def test_each_rule_offers_what_the_specification_says_it_offers() -> None:
    """Type of action and resource, in order; where a rule splits one offer by condition, no other kind comes in."""
    specified = {each["id"]: each.get("suggestions", []) for each in shared_yaml("clinical/catalogue.yaml")["rules"]}

    for rule in RULES:
        told = {(each["type"], each["resource"]) for each in specified[rule.id]}
        done = {
            ("update" if activities()[each.action].changes else "create", activities()[each.action].kind)
            for each in rule.suggestions
        }
        assert done == told, rule.id


def test_cord_compression_cannot_wait_and_a_blood_count_can() -> None:
    assert one("order_urgent_spine_mri")["priority"] == "stat"
    assert one("order_blood_count")["priority"] == "routine"


def test_times_after_radiotherapy_are_those_of_the_rulebook() -> None:
    pain, imaging = (
        activities()[action].window for action in ("schedule_pain_reassessment", "schedule_response_imaging")
    )

    assert pain is not None and imaging is not None
    assert (pain.earliest, pain.latest) == (7 * RELIEF_WEEKS[0], 7 * RELIEF_WEEKS[1])
    assert (imaging.earliest, imaging.latest) == (7 * REOSSIFICATION_WEEKS[1], 7 * REOSSIFIED_WEEKS)


# --- for this patient ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reference", ["", "facts", "Jane Doe", "Patient?identifier=urn:x|1", "Patient#0a1b2c", "Condition/1", "Patient/a b"]
)
def test_without_a_reference_of_the_patient_nothing_is_offered(reference: str) -> None:
    assert suggestions(offered("order_mri"), patient=reference) == []


@pytest.mark.parametrize(
    "reference", [PATIENT, "https://a.example/fhir/Patient/1", "urn:uuid:7ad2a657-c7fe-408c-985b-65bd1d826d42"]
)
def test_a_draft_names_the_patient_as_the_request_does(reference: str) -> None:
    draft = one("order_mri", patient=reference)

    assert draft["subject"] == {"reference": reference} and is_valid(draft)


def test_a_draft_about_a_lesion_names_the_lesion_and_its_site() -> None:
    found = conclusion(firing(offering("order_biopsy", for_each=EACH_LESION), a_lesion()), **EVIDENT)

    draft = one("order_biopsy", found)

    assert draft["reasonReference"] == [{"reference": "Condition/l4"}]
    assert draft["bodySite"] == [{"text": "vertebra"}]


def evident(reference: str) -> Conclusion:
    """Bone metastases that a resource tells of."""
    found = conclusion(firing(offering("order_mri")), **EVIDENT)
    bone = Fact(name="mets.organ.bone", value="present", sources=(Source(reference=reference),))
    found.record.facts["mets.organ.bone"] = bone  # type: ignore[index]
    return found


def test_a_draft_about_the_patient_names_the_condition_that_tells_of_bone() -> None:
    assert one("order_mri", evident("Condition/bone"))["reasonReference"] == [{"reference": "Condition/bone"}]


@pytest.mark.parametrize("reference", ["facts", "Condition#0a1b", "Observation/o", "Condition/a/b"])
def test_what_cannot_be_followed_is_no_reason(reference: str) -> None:
    assert "reasonReference" not in one("order_mri", evident(reference))


def test_a_referral_is_one_for_all_lesions() -> None:
    referral = offering("refer_to_interventional_radiology", for_each=EACH_LESION)
    found = conclusion(firing(referral, a_lesion()), firing(referral, a_lesion("pelvis", "Condition/ilium")))

    draft = one("refer_to_interventional_radiology", found)

    assert draft["reasonReference"] == [{"reference": "Condition/ilium"}, {"reference": "Condition/l4"}]
    assert "bodySite" not in draft


def test_an_exam_is_one_for_each_lesion() -> None:
    exam = offering("order_mri", for_each=EACH_LESION, label="Order an MRI")
    found = conclusion(firing(exam, a_lesion()), firing(exam, a_lesion("pelvis", "Condition/ilium")))

    assert sorted(each["label"] for each in suggestions(found)) == ["Order an MRI: pelvis", "Order an MRI: vertebra"]


def test_a_site_is_named_where_the_definition_names_it() -> None:
    urgent = offering("order_urgent_spine_mri", for_each=EACH_LESION)

    draft = one("order_urgent_spine_mri", conclusion(firing(urgent, a_lesion("pelvis"))))

    assert draft["bodySite"] == [{"text": "Whole spine"}]


# --- time ----------------------------------------------------------------------------------------


def counted(course: Member, drug: Member) -> Firing:
    return firing(offering("order_blood_count", for_each=EACH_COURSE_AND_DRUG), course, drug)


@pytest.mark.parametrize(
    ("course", "drug", "due"),
    [
        ({"rt__start_day": 5}, {}, "2026-11-06"),
        ({"rt__start_day": 0}, {}, "2026-11-01"),
        ({"rt__start_day": -1}, {}, None),
        ({"rt__status": "completed", "rt__start_day": 5}, {"drug__start_day": 9}, "2026-11-10"),
        ({"rt__start_day": 5}, {"drug__start_day": 3}, "2026-11-04"),
        ({"rt__start_day": 5}, {"drug__start_day": -60}, "2026-11-06"),
        ({}, {"drug__start_day": 0, "drug__start_assumed": True}, None),
        ({}, {}, None),
        ({"rt__start_day": 1_000_000}, {"drug__start_day": 1_000_000}, "4764-09-28"),
    ],
)
def test_a_blood_count_is_due_before_what_begins_first(course: Any, drug: Any, due: str | None) -> None:
    draft = one("order_blood_count", conclusion(counted(a_course(**course), a_drug(**drug))))

    assert draft.get("occurrencePeriod") == (due and {"start": "2026-11-01", "end": due})


@pytest.mark.parametrize(
    ("action", "end_day", "due"),
    [
        ("schedule_pain_reassessment", 10, ("2026-11-25", "2026-12-09")),
        ("schedule_response_imaging", 10, ("2026-12-23", "2027-05-12")),
        ("schedule_pain_reassessment", -20, ("2026-11-01", "2026-11-09")),
        ("schedule_pain_reassessment", -28, ("2026-11-01", "2026-11-01")),
    ],
)
def test_a_task_is_due_some_weeks_after_the_last_fraction(action: Action, end_day: int, due: tuple[str, str]) -> None:
    found = conclusion(firing(offering(action, for_each=EACH_COURSE), a_course(rt__end_day=end_day)))

    assert one(action, found)["restriction"] == {"period": {"start": due[0], "end": due[1]}}


@pytest.mark.parametrize("known", [{}, {"rt__end_day": -29}])
def test_a_task_without_a_time_or_whose_time_is_over_is_not_offered(known: dict[str, int]) -> None:
    task = offering("schedule_pain_reassessment", for_each=EACH_COURSE)

    assert suggestions(conclusion(firing(task, a_course(**known)))) == []


def test_two_courses_are_two_tasks_and_two_volumes_of_one_are_one() -> None:
    task = offering("schedule_pain_reassessment", for_each=EACH_COURSE)
    keys = ("ServiceRequest/a#gtv", "ServiceRequest/a#ptv", "ServiceRequest/b")

    found = conclusion(*(firing(task, a_course(key, rt__end_day=10)) for key in keys))

    assert len(suggestions(found)) == 2


# --- what is being ordered already ---------------------------------------------------------------

MODALITY = Member(key="ServiceRequest/mri", facts=facts(order__kind="imaging", order__modality="MRI"), in_request=True)
LOCAL = {"coding": [{"system": "urn:hospital", "code": "MR-77"}]}
SPINE = {"coding": [{"system": SCT, "code": "241645008"}]}
THERE = {
    "bodySite": [{"text": "whole spine"}],
    "orderDetail": [{"text": "Without and with intravenous contrast medium"}],
}


@pytest.mark.parametrize(
    ("action", "known", "orders", "is_offered"),
    [
        ("order_mri", order(), (), False),
        ("order_mri", order(code=LOCAL), (MODALITY,), False),
        ("order_mri", order(code=LOCAL), (), True),
        ("order_mri", order(code={"text": "mri"}), (), False),
        ("order_mri", order(status="completed"), (MODALITY,), True),
        ("order_mri", order(code="broken"), (), True),
        ("order_ct", order(), (MODALITY,), True),
        ("order_planning_mri", order(), (MODALITY,), True),
        ("order_urgent_spine_mri", order(code=SPINE, priority="stat"), (MODALITY,), True),
        ("order_urgent_spine_mri", order(code=SPINE, **THERE), (MODALITY,), True),
        ("order_urgent_spine_mri", order(code=SPINE, priority="asap", **THERE), (MODALITY,), True),
        ("order_urgent_spine_mri", order(code=SPINE, priority="stat", **THERE), (MODALITY,), False),
        ("order_blood_count", order(code={"coding": [{"system": LOINC, "code": "58410-2"}]}), (), True),
        (
            "order_blood_count",
            order(
                code={"coding": [{"system": LOINC, "code": "58410-2"}]},
                orderDetail=[{"text": "With differential count"}],
            ),
            (),
            False,
        ),
        ("order_blood_count", order(code={"coding": [{"system": "urn:x", "code": "58410-2"}]}), (), True),
        ("refer_to_palliative_care", order(code={"text": "Referral to palliative and supportive care"}), (), False),
    ],
)
def test_what_is_being_ordered_already_is_not_offered_again(
    action: Action, known: Resource, orders: tuple[Member, ...], is_offered: bool
) -> None:
    found = actions(offered(action), by_reference(known), orders=orders)

    assert bool(found) is is_offered


@pytest.mark.parametrize("action", [each for each in CREATED if activities()[each].kind.endswith("Request")])
def test_a_draft_that_was_accepted_is_not_offered_again(action: Action) -> None:
    accepted = {**one(action), "id": "accepted"}

    assert actions(offered(action), by_reference(accepted)) == []


def test_nothing_is_suggested_of_a_rule_that_suggests_nothing() -> None:
    found = conclusion(firing(offering("order_mri", when=patient.bone_pain.is_true)))

    assert "suggestions" not in card_of(found) and "selectionBehavior" not in card_of(found)
