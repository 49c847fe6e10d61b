"""Facts documents: every form a value may have, and every mistake told with what would be right."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rulesets.language import Interval
from service.intake.facts_document import FactsRequest, read
from service.problems import InvalidFacts, NotFactsDocument


def sent(**more: Any) -> FactsRequest:
    return read({"evaluationDate": "2026-11-01", **more})


def faults(**more: Any) -> list[str]:
    with pytest.raises(InvalidFacts) as refused:
        sent(**more)
    return [issue.sentence for issue in refused.value.issues]


def test_plain_values_intervals_dates_and_unknowns_are_read() -> None:
    record = sent(
        facts={
            "mets.status": "confirmed",
            "mets.lesion_count": {"lo": 2, "hi": None},
            "mets.bone_lesion_count": {"lo": 3, "hi": 3},
            "patient.ecog": {"value": 1, "date": "2026-10-20"},
            "tumour.grade": None,
        }
    ).record
    assert {name: fact.value for name, fact in record.facts.items()} == {
        "mets.status": "confirmed",
        "mets.lesion_count": Interval(lo=2),
        "mets.bone_lesion_count": 3,
        "patient.ecog": 1,
    }
    assert record.facts["patient.ecog"].date == date(2026, 10, 20)
    assert record.facts["patient.ecog"].sources[0].reference == "facts"


def test_two_values_that_disagree_are_a_conflict_and_no_fact() -> None:
    record = sent(facts={"tumour.her2_primary": {"conflict": ["positive", "negative"]}}).record
    assert not record.facts
    assert [(conflict.name, conflict.values) for conflict in record.conflicts] == [
        ("tumour.her2_primary", ("negative", "positive"))
    ]


def test_an_absent_list_is_unknown_and_an_empty_one_is_empty() -> None:
    absent, empty = sent().record, sent(lesions=[], drugs=[], courses=[], orders=[]).record
    assert (absent.lesions, absent.drugs, absent.courses, absent.orders) == (None, None, (), ())
    assert (empty.lesions, empty.drugs, empty.courses, empty.orders) == ((), (), (), ())
    assert sent(lesions=None, drugs=None).record.drugs is None


def test_names_in_a_list_may_have_their_prefix_or_not() -> None:
    for name in ("status", "rt.status"):
        (course,) = sent(courses=[{name: "planned"}]).record.courses
        assert course.facts["rt.status"].value == "planned"


def test_drafts_and_all_orders_are_of_the_request() -> None:
    record = sent(
        drugs=[{"name": "olaparib", "status": "draft"}, {"name": "letrozole", "status": "active"}],
        courses=[{"status": "draft"}, {"status": "planned"}],
        orders=[{"kind": "drug"}],
    ).record
    assert record.drugs is not None
    assert [drug.in_request for drug in record.drugs] == [True, False]
    assert [course.in_request for course in record.courses] == [True, False]
    assert [order.in_request for order in record.orders] == [True]


def test_a_single_course_may_be_written_flat() -> None:
    (course,) = sent(facts={"rt.planned": True, "rt.total_dose_gy": 20}).record.courses
    assert course.in_request
    assert course.facts["rt.status"].value == "draft"
    assert sent(facts={"rt.planned": False}).record.courses == ()
    (closed,) = sent(facts={"rt.planned": False, "rt.target": "bone"}).record.courses
    assert not closed.in_request
    assert "rt.status" not in closed.facts


def test_a_course_cannot_be_flat_and_listed() -> None:
    assert "not both" in faults(facts={"rt.planned": True}, courses=[])[0]


def test_an_order_of_no_kind_is_no_order() -> None:
    assert sent(facts={"order.kind": "none"}).record.orders == ()


def test_computed_facts_are_refused() -> None:
    assert faults(facts={"tumour.luminal": True}) == ["tumour.luminal is computed, it cannot be sent."]
    assert faults(drugs=[{"drug_class": "endocrine"}]) == ["drug.drug_class is computed, it cannot be sent."]


def test_an_unknown_name_is_refused_with_the_nearest_one() -> None:
    assert faults(facts={"mets.statis": "none"}) == ["There is no fact called mets.statis; did you mean mets.status."]
    assert "did you mean lesions" in faults(lesion=[])[0]


def test_every_fault_is_told_at_once_and_no_value_is_repeated() -> None:
    told = faults(facts={"mets.status": "perhaps", "patient.ecog": 9}, drugs=[{"status": "gone"}], hook="x")
    assert len(told) == 4
    assert not any(word in sentence for sentence in told for word in ("perhaps", "gone"))


@pytest.mark.parametrize(
    ("value", "is_right"),
    [
        (0, True),
        (5, True),
        (6, False),
        (-1, False),
        (1.5, False),
        (2.0, True),
        ("1", False),
        (True, False),
        ({"lo": 1}, False),
    ],
)
def test_a_value_must_be_one_the_fact_can_have(value: object, is_right: bool) -> None:
    if is_right:
        assert isinstance(sent(facts={"patient.ecog": value}).record.facts["patient.ecog"].value, int)
    else:
        assert len(faults(facts={"patient.ecog": value})) == 1


@pytest.mark.parametrize("value", [{"lo": 4, "hi": 2}, {"lo": "1"}, [1], {"lower": 1}, {"lo": -1}])
def test_an_interval_must_be_one(value: object) -> None:
    assert len(faults(facts={"mets.lesion_count": value})) == 1


def test_an_interval_without_ends_says_nothing() -> None:
    assert not sent(facts={"mets.lesion_count": {"lo": None, "hi": None}}).record.facts


def test_a_fact_dated_after_the_evaluation_date_is_left_out_and_told() -> None:
    request = sent(facts={"patient.ecog": {"value": 1, "date": "2026-11-02"}})
    assert not request.record.facts
    assert [notice.code for notice in request.notices] == ["future"]
    assert sent(facts={"patient.ecog": {"value": 1, "date": "2026-11-01"}}).record.facts


def test_the_evaluation_date_of_the_document_counts_before_the_one_given() -> None:
    assert read({"evaluationDate": "2026-11-01"}, date(2020, 1, 1)).evaluation_date == date(2026, 11, 1)
    assert read({}, date(2020, 1, 1)).record.evaluation_date == date(2020, 1, 1)
    with pytest.raises(InvalidFacts, match="evaluationDate is needed"):
        read({"facts": {}})
    with pytest.raises(InvalidFacts, match="evaluationDate must be a date"):
        read({"evaluationDate": "2026-13-01"})


def test_hooks_patient_and_config_are_handed_on() -> None:
    request = sent(hook="order-sign", patient="Patient/p1", config={"oligo_max_lesions": 5})
    assert (request.hooks, request.patient, request.config) == (("order-sign",), "Patient/p1", {"oligo_max_lesions": 5})
    assert sent().hooks is None


@pytest.mark.parametrize("name", ["config", "patient"])
@pytest.mark.parametrize("value", [False, 0, []])
def test_what_is_false_is_not_taken_for_nothing(name: str, value: object) -> None:
    with pytest.raises(InvalidFacts):
        sent(**{name: value})


@pytest.mark.parametrize("document", [[], "x", None, {"resourceType": "Patient"}])
def test_what_is_no_facts_document_is_refused(document: object) -> None:
    with pytest.raises(NotFactsDocument):
        read(document)


def test_facts_in_another_order_are_the_same_record() -> None:
    facts = {"mets.status": "confirmed", "patient.ecog": 1}
    assert sent(facts=facts).record == sent(facts=dict(reversed(facts.items()))).record
    assert list(sent(facts=facts).record.facts) == list(sent(facts=dict(reversed(facts.items()))).record.facts)
