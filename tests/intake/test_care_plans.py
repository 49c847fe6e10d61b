"""CarePlan: boards that met with the metastases known, and treatment that is planned and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from service.intake.reading import Reading
from tests.intake.charts import OLAPARIB, OPERATION, examined, plan
from tests.intake.made import (
    BONE_METASTASIS,
    BREAST,
    RXNORM,
    SCT,
    Resource,
    codes,
    concept,
    condition,
    dose,
    drug,
    plain,
    radiotherapy,
    reading,
    values,
)

RADIOTHERAPY = {"code": concept(SCT, "1217123003")}
METASTASIS = condition("m", BONE_METASTASIS, onsetDateTime="2026-09-01")


def courses(result: Reading) -> list[dict[str, Any]]:
    return [plain(member) for member in result.record.courses]


def drugs(result: Reading) -> list[dict[str, Any]]:
    return [plain(member) for member in result.record.drugs or ()]


# --- boards --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("created", "discussed"), [("2026-09-01", True), ("2026-08-31", None), ("2026-11-02", None)])
def test_a_board_counts_when_it_met_with_the_metastases_known(created: str, discussed: bool | None) -> None:
    result = reading(METASTASIS, plan("p", created=created))
    assert values(result).get("mdt.discussed") == discussed
    assert bool(codes(result) & {"imprecise", "future"}) == (discussed is None)


def test_a_board_about_a_metastasis_counts_whenever_that_began() -> None:
    undated = condition("m", BONE_METASTASIS)
    about = {"addresses": [{"reference": "Condition/m"}]}
    assert "mdt.discussed" not in values(reading(undated, plan("p")))
    assert values(reading(undated, plan("p", **about)))["mdt.discussed"] is True


def test_a_board_has_discussed_a_patient_without_metastases() -> None:
    assert values(reading(condition("c", BREAST), plan("p")))["mdt.discussed"] is True


@pytest.mark.parametrize(
    "more",
    [{"status": "draft"}, {"status": "revoked"}, {"status": "entered-in-error"}, {"status": "unknown"},
     {"intent": "proposal"}, {"intent": "option"},
     {"category": [concept(
         "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko/CodeSystem/mii-cs-onko-therapieplanung-typ",
         "ther",
     )]}],
)  # fmt: skip
def test_a_plan_that_was_not_decided_by_a_board_is_no_discussion(more: dict[str, Any]) -> None:
    assert "mdt.discussed" not in values(reading(plan("p", **more)))


@pytest.mark.parametrize(("status", "discussed"), [("completed", True), ("preparation", None), ("not-done", None)])
def test_a_board_may_be_a_procedure(status: str, discussed: bool | None) -> None:
    board = examined("b", concept(SCT, "399414003"), status)
    assert values(reading(METASTASIS, board)).get("mdt.discussed") == discussed


# --- planned radiotherapy ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "state"),
    [("scheduled", "planned"), ("not-started", "planned"), ("in-progress", "in_progress"), ("on-hold", "on_hold"),
     ("completed", None), ("cancelled", None), ("stopped", None), ("unknown", None)],
)  # fmt: skip
def test_radiotherapy_that_a_plan_means_is_a_course(status: str, state: str | None) -> None:
    detail = RADIOTHERAPY | {"status": status, "reasonCode": [concept(SCT, BONE_METASTASIS)]}
    expected = [] if state is None else [{"rt.status": state, "rt.target": "bone"}]
    assert courses(reading(plan("p", detail))) == expected


@pytest.mark.parametrize("more", [{"status": "completed"}, {"status": "draft"}, {"intent": "option"}])
def test_a_plan_that_is_over_or_undecided_plans_nothing(more: dict[str, Any]) -> None:
    assert not courses(reading(plan("p", RADIOTHERAPY, **more)))


def test_a_plan_that_another_replaces_plans_nothing() -> None:
    newer = plan("q", replaces=[{"reference": "CarePlan/p"}])
    assert not courses(reading(plan("p", RADIOTHERAPY), newer))


def test_what_a_plan_forbids_is_not_planned() -> None:
    assert not courses(reading(plan("p", RADIOTHERAPY | {"doNotPerform": True})))


def test_what_is_ordered_or_given_stands_for_what_a_plan_means() -> None:
    means = plan("p", RADIOTHERAPY, created="2026-10-01")
    ordered = radiotherapy("ServiceRequest", "s", "active", dose(20, "Gy", 5, kind="planned"))
    assert [member.key for member in reading(means, ordered).record.courses] == ["ServiceRequest/s"]
    given = radiotherapy("Procedure", "g", "completed", performedPeriod={"start": "2026-10-02", "end": "2026-10-09"})
    assert [member.key for member in reading(means, given).record.courses] == ["Procedure/g"]
    earlier = radiotherapy("Procedure", "g", "completed", performedPeriod={"start": "2026-09-02", "end": "2026-09-09"})
    assert [member.key for member in reading(means, earlier).record.courses] == ["CarePlan/p#activity0", "Procedure/g"]


def test_the_german_code_of_radiotherapy_is_one() -> None:
    system = "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko/CodeSystem/mii-cs-onko-therapie-typ"
    assert courses(reading(plan("p", {"code": concept(system, "ST")}))) == [{"rt.status": "planned"}]
    assert not courses(reading(plan("p", {"code": concept(system, "CH")})))


# --- planned drugs and operations ----------------------------------------------------------------------


def product(code: str) -> Resource:
    return {"productCodeableConcept": concept(RXNORM, code)}


def test_a_drug_that_a_plan_means_is_planned_and_no_list_of_drugs() -> None:
    result = reading(plan("p", product(OLAPARIB)))
    assert drugs(result) == [{"drug.anticancer": True, "drug.name": "olaparib", "drug.status": "planned"}]
    assert result.record.value("meds.list_available") is False


def test_a_drug_that_is_known_already_is_not_planned_beside_it() -> None:
    taken = drug("MedicationStatement", "s", OLAPARIB, "stopped")
    assert [told["drug.status"] for told in drugs(reading(plan("p", product(OLAPARIB)), taken))] == ["stopped"]


def test_a_drug_that_a_plan_means_may_be_a_medication() -> None:
    medication = {"resourceType": "Medication", "id": "m", "code": concept(RXNORM, OLAPARIB)}
    detail = {"productReference": {"reference": "Medication/m"}}
    assert [told["drug.name"] for told in drugs(reading(plan("p", detail), medication))] == ["olaparib"]


@pytest.mark.parametrize(("status", "planned"), [("scheduled", True), ("completed", None), ("cancelled", None)])
def test_an_operation_that_a_plan_means_is_planned(status: str, planned: bool | None) -> None:
    told = values(reading(plan("p", {"code": concept(OPERATION, "internal_fixation"), "status": status})))
    assert told.get("surgery.planned") == planned
