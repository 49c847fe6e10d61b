"""What could not be read is told where it may matter, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rulesets.facts import imaging, mets
from rulesets.language import all_of
from rulesets.rule import Hook
from service.cards.deck import LONGEST_SUMMARY, Card, cards_for
from service.intake.notices import Notice
from service.reasoning.findings import Conclusion, Undetermined
from tests.support.findings import GROUP_IS_OPEN, a_course, a_drug, conclusion, drug_rule, firing, rule, uuid

LATE = Notice(
    code="unread",
    text="The list of medications ordered could not be read: the FHIR server did not answer in time.",
    reference="prefetch",
    element="medicationRequests",
)
DIAGNOSES = replace(LATE, text="The lists of conditions and reports could not be read.", element="conditions, reports")
NOT_SENT = replace(LATE, code="not-offered", text="The list of reports was not sent.", element="diagnosticReports")
OLD = replace(LATE, code="older-unread", text="Only a part of the list of observations could be read.")
OTHER = Notice(code="invalid", text="It is not valid FHIR R4. It was left out.")


def told(concluded: Conclusion, *notices: Notice, hook: Hook = "order-sign") -> tuple[Card, ...]:
    return cards_for(replace(concluded, notices=notices), hook, new_uuid=uuid)


def with_metastases() -> Conclusion:
    return conclusion(mets__status="confirmed")


def test_it_is_told_with_the_reason_on_a_card_of_its_own() -> None:
    (card,) = told(with_metastases(), LATE)

    assert card["summary"] == "Part of the record was not available: advice may be missing"
    assert card["indicator"] == "info" and card["source"]["topic"]["code"] == "dataquality"
    assert f"- {LATE.text}" in card["detail"]


def test_it_joins_the_questions_and_leads_them() -> None:
    waits = rule(
        "imaging.x", when=all_of(mets.status.is_("confirmed"), imaging.mri.is_("negative")), when_unknown="ask"
    )
    open_rule = Undetermined(rule=waits, missing=("imaging.mri",), open_clauses=(("imaging.mri",),), true_clauses=1)

    (card,) = told(conclusion(undetermined=(open_rule,)), LATE, hook="patient-view")

    assert card["summary"].startswith("Part of the record was not available")
    assert card["detail"].index(LATE.text) < card["detail"].index(
        "Expected as DiagnosticReport, Observation or Procedure"
    )


def test_it_joins_the_rule_that_says_the_group_is_open() -> None:
    open_group = conclusion(firing(GROUP_IS_OPEN), group="indeterminate", missing=("patient.ecog",))
    (card,) = told(open_group, LATE, hook="patient-view")
    assert card["summary"].startswith("Prognostic group cannot be stated yet") and LATE.text in card["detail"]


def test_it_does_not_displace_what_is_graver() -> None:
    warned = conclusion(firing(drug_rule("parp-rt", "critical"), a_course(), a_drug()))
    assert [card["indicator"] for card in told(warned, LATE)] == ["critical", "info"]


@pytest.mark.parametrize("notice", [LATE, NOT_SENT])
@pytest.mark.parametrize(
    "concluded",
    [
        conclusion(mets__status="suspected"),
        conclusion(tumour__is_breast_primary=True),
        conclusion(drugs=(a_drug(drug__anticancer=True),)),
        conclusion(firing(rule("dq.any", output="fact", for_each=("course",)), a_course())),
    ],
    ids=["metastases suspected", "a breast cancer", "a drug against cancer", "radiotherapy"],
)
def test_it_is_told_of_a_patient_who_concerns_this_service(concluded: Conclusion, notice: Notice) -> None:
    (card,) = told(concluded, notice)
    assert notice.text in card["detail"]


@pytest.mark.parametrize(
    "known", [{}, {"mets__status": "none"}, {"tumour__is_breast_primary": False}], ids=["nothing", "none", "another"]
)
def test_of_anybody_else_only_missing_diagnoses_are_told(known: dict[str, Any]) -> None:
    of_nobody = conclusion(drugs=(a_drug("morphine", drug__drug_class="non_anticancer"),), **known)

    assert told(of_nobody, LATE, NOT_SENT) == ()
    (card,) = told(of_nobody, DIAGNOSES)
    assert DIAGNOSES.text in card["detail"]


def test_diagnoses_that_nobody_sends_are_no_reason_to_tell_everybody() -> None:
    assert told(conclusion(), replace(DIAGNOSES, code="not-offered")) == ()


def test_other_notices_and_old_pages_are_for_the_trace_alone() -> None:
    assert told(with_metastases(), OLD, OTHER) == ()


def test_the_summary_is_short_enough() -> None:
    (card,) = told(with_metastases(), LATE, NOT_SENT, DIAGNOSES)
    assert len(card["summary"]) <= LONGEST_SUMMARY
