"""Onset and recurrence: what came back first, how long after the primary, and which primary it was."""

from __future__ import annotations

from typing import Any

import pytest

from rulesets.thresholds import effective
from service.intake.reading import Reading, read
from service.intake.unpack import unpack
from tests.intake.made import (
    BONE_METASTASIS,
    BREAST,
    LIVER_METASTASIS,
    LOINC,
    SCT,
    TODAY,
    Resource,
    bundle,
    codes,
    concept,
    condition,
    fact,
    observation,
    patient,
    reading,
    terminology,
    values,
)

MII = "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko/CodeSystem/mii-cs-onko-verlauf-"
UICC = "https://www.uicc.org/resources/tnm"
LOCAL_RECURRENCE, AXILLARY_NODES, SKIN_METASTASIS = "314955001", "94181007", "94579000"
LEFT, RIGHT = concept(SCT, "80248007"), concept(SCT, "73056007")
M0, M1, STAGE_IV, STAGE_I = "1229901006", "1229903009", "1222837003", "258215001"


def m_category(name: str, value: Resource, on: str = "2026-10-01", **more: object) -> Resource:
    return observation(name, concept(SCT, "399387003"), valueCodeableConcept=value, effectiveDateTime=on, **more)


def follow_up(name: str, part: str, answer: str, on: str = "2026-10-01") -> Resource:
    code = {
        "primaertumor": "277062004", "lymphknoten": "399656008", "fernmetastasen": "399608002",
        "gesamtbeurteilung": "396432002",
    }[part]  # fmt: skip
    value = concept(f"{MII}{part}", answer)
    return observation(name, concept(SCT, code), valueCodeableConcept=value, effectiveDateTime=on)


def cause(name: str) -> list[Resource]:
    url = "http://hl7.org/fhir/StructureDefinition/condition-related"
    return [{"url": url, "valueReference": {"reference": f"Condition/{name}"}}]


# --- the first event -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "event"),
    [
        (condition("r", LOCAL_RECURRENCE), "local"),
        (condition("r", LOCAL_RECURRENCE, bodySite=[concept(SCT, "68171009")]), "regional"),
        (condition("r", LOCAL_RECURRENCE, verification="provisional"), None),
        (condition("r", AXILLARY_NODES, clinical="recurrence"), "regional"),
        (condition("r", AXILLARY_NODES), None),
        (condition("r", SKIN_METASTASIS, clinical="relapse"), "soft_tissue"),
        (condition("r", LIVER_METASTASIS, clinical="recurrence"), "distant"),
        (condition("r", LIVER_METASTASIS), None),
        (condition("r", BREAST, clinical="recurrence"), None),
        (follow_up("r", "primaertumor", "R"), "local"),
        (follow_up("r", "lymphknoten", "R"), "regional"),
        (follow_up("r", "fernmetastasen", "R"), "distant"),
        (follow_up("r", "primaertumor", "K"), None),
        (follow_up("r", "lymphknoten", "P"), None),
        (m_category("r", concept(UICC, "rM1")), "distant"),
        (m_category("r", concept(UICC, "cM1")), None),
    ],
)
def test_what_came_back_is_the_first_event(found: Resource, event: str | None) -> None:
    assert values(reading(condition("c", BREAST), found)).get("tumour.first_event") == event


@pytest.mark.parametrize(
    ("local", "distant", "event"),
    [
        ("2020-01-01", "2024-01-01", "local"),
        ("2024-01-01", "2020-01-01", None),
        ("2024", "2024-03-01", None),
        (None, "2024-01-01", None),
        ("2020-01-01", None, None),
    ],
)
def test_a_metastasis_nobody_dates_may_have_been_before_what_came_back(
    local: str | None, distant: str | None, event: str | None
) -> None:
    result = reading(
        condition("r", LOCAL_RECURRENCE, **({"onsetDateTime": local} if local else {})),
        condition("m", BONE_METASTASIS, **({"onsetDateTime": distant} if distant else {})),
    )
    assert values(result).get("tumour.first_event") == event
    assert ("imprecise" in codes(result)) == (event is None)


# --- recurrent -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "onset"),
    [
        (condition("m", BONE_METASTASIS, clinical="recurrence"), "recurrent"),
        (condition("m", BONE_METASTASIS), None),
        (m_category("m", concept(UICC, "rcM1")), "recurrent"),
        (m_category("m", concept(UICC, "rM0")), None),
        (follow_up("m", "fernmetastasen", "R"), "recurrent"),
        (follow_up("m", "fernmetastasen", "T"), None),
    ],
)
def test_metastases_that_are_called_a_recurrence_are_recurrent(found: Resource, onset: str | None) -> None:
    assert values(reading(found)).get("mets.onset_assertion") == onset


def test_a_symbol_of_the_same_classification_tells_that_metastases_were_staged_after_a_recurrence() -> None:
    symbol = observation("r", concept(LOINC, "101659-1"), valueCodeableConcept=concept(SCT, "421188008"))
    m1 = m_category("m", concept(SCT, M1))
    both = [{"reference": "Observation/m"}, {"reference": "Observation/r"}]
    together = observation("tnm", concept(SCT, "263642008"), hasMember=both)
    assert values(reading(symbol, m1, together))["mets.onset_assertion"] == "recurrent"
    assert "mets.onset_assertion" not in values(reading(symbol, m1))


@pytest.mark.parametrize(
    ("recurred", "spread", "onset"),
    [("2020", "2024-01-01", "recurrent"), (None, "2024-01-01", "recurrent"), ("2025-01-01", "2024-01-01", None)],
)
def test_metastases_after_a_local_recurrence_are_recurrent(
    recurred: str | None, spread: str, onset: str | None
) -> None:
    result = reading(
        condition("r", LOCAL_RECURRENCE, **({"onsetDateTime": recurred} if recurred else {})),
        condition("m", BONE_METASTASIS, onsetDateTime=spread),
    )
    assert values(result).get("mets.onset_assertion") == onset


def test_a_recurrence_without_metastases_tells_no_onset_of_any() -> None:
    for found in (condition("r", LOCAL_RECURRENCE), condition("r", BREAST, clinical="recurrence")):
        assert "mets.onset_assertion" not in values(reading(found))
        assert values(reading(found, condition("m", BONE_METASTASIS)))["mets.onset_assertion"] == "recurrent"


# --- days ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("results", "days"),
    [
        ([m_category("m", concept(SCT, M1), "2018-01-15")], 14),
        ([m_category("m", concept(SCT, M1), "2018-04-01")], 90),
        ([m_category("m", concept(SCT, M1), "2018-04-02")], None),
        ([m_category("m", concept(SCT, M1), "2024-01-01")], None),
        ([m_category("a", concept(SCT, M0), "2018-01-10"), m_category("b", concept(SCT, M1), "2018-07-20")], 200),
        ([m_category("a", concept(SCT, M0), "2025-01-10"), m_category("b", concept(SCT, M1), "2018-07-20")], None),
        ([m_category("m", concept(SCT, M1), "2018-01-15", status="preliminary")], None),
    ],
)
def test_a_result_tells_the_days_when_it_was_found_with_the_primary_or_after_a_word_of_none(
    results: list[Resource], days: int | None
) -> None:
    told = values(reading(condition("c", BREAST, onsetDateTime="2018-01-01"), *results))
    assert told.get("mets.days_from_primary") == days


def test_a_result_before_the_date_of_a_condition_counts_and_one_after_it_does_not() -> None:
    conditions = (
        condition("c", BREAST, onsetDateTime="2018-01-01"),
        condition("m", BONE_METASTASIS, onsetDateTime="2018-12-01"),
    )
    before = reading(*conditions, m_category("m1", concept(SCT, M1), "2018-11-01"))
    assert values(before)["mets.days_from_primary"] == 304
    assert [source.reference for source in before.record.facts["mets.days_from_primary"].sources] == [
        "Observation/m1",
        "Condition/c",
    ]
    after = values(reading(*conditions, m_category("m1", concept(SCT, M1), "2019-01-01")))
    assert after["mets.days_from_primary"] == 334


def test_how_soon_metastases_are_found_with_the_primary_is_a_threshold_of_the_hospital() -> None:
    found = bundle(
        patient(), condition("c", BREAST, onsetDateTime="2018-01-01"), m_category("m", concept(SCT, M1), "2018-04-02")
    )
    (one,) = unpack(found)
    told = values(read(one, terminology(), TODAY, effective({"de_novo_max_days": 91})))
    assert told["mets.days_from_primary"] == 91


def test_a_stage_of_four_on_the_primary_is_one_at_its_diagnosis() -> None:
    result = reading(condition("c", BREAST, onsetDateTime="2026-06-01", stage=[{"summary": concept(SCT, STAGE_IV)}]))
    assert (values(result)["tumour.stage"], values(result)["mets.days_from_primary"]) == ("IV", 0)


@pytest.mark.parametrize(("found", "stage"), [("2019-01-01", "IV"), ("2019-01-02", None)])
def test_a_stage_found_long_after_the_diagnosis_is_not_the_stage_at_diagnosis(found: str, stage: str | None) -> None:
    result = reading(
        condition("c", BREAST, onsetDateTime="2018-01-01"),
        observation(
            "s", concept(LOINC, "21908-9"), valueCodeableConcept=concept(SCT, STAGE_IV), effectiveDateTime=found
        ),
    )
    assert values(result).get("tumour.stage") == stage
    assert values(result)["mets.status"] == "confirmed"
    assert ("later-stage" in codes(result)) == (stage is None)


@pytest.mark.parametrize(
    ("dated", "years"),
    [({"onsetDateTime": "2021-11-01"}, 5.0), ({"onsetDateTime": "2021"}, None), ({"recordedDate": "2021-11-01"}, None)],
)
def test_the_years_since_the_diagnosis_need_its_day(dated: dict[str, str], years: float | None) -> None:
    assert values(reading(condition("c", BREAST, **dated))).get("tumour.years_since_diagnosis") == years


# --- two cancers of the breast -------------------------------------------------------------------------


def two_breasts(*more: Resource) -> Reading:
    return reading(
        condition("left", BREAST, onsetDateTime="2005-01-01", bodySite=[LEFT]),
        condition("right", BREAST, onsetDateTime="2020-01-01", bodySite=[RIGHT]),
        *more,
    )


def test_of_two_breasts_nobody_chooses_the_one_that_has_spread() -> None:
    result = two_breasts(condition("m", BONE_METASTASIS, onsetDateTime="2020-02-01"))
    assert "mets.days_from_primary" not in values(result)
    assert "several-primaries" in codes(result)
    assert "several-primaries" not in codes(two_breasts())


def test_a_metastasis_that_names_its_primary_is_counted_from_that_one() -> None:
    result = two_breasts(condition("m", BONE_METASTASIS, onsetDateTime="2020-02-01", extension=cause("right")))
    assert values(result)["mets.days_from_primary"] == 31
    assert values(result)["tumour.years_since_diagnosis"] == pytest.approx(6.83)


def test_receptors_of_the_breast_cancer_that_has_not_spread_are_not_those_of_the_one_that_has() -> None:
    positive, negative = concept(LOINC, "LA6576-8"), concept(LOINC, "LA6577-6")
    er = concept(LOINC, "85337-4")
    receptors = [
        observation("a", er, valueCodeableConcept=positive, focus=[{"reference": "Condition/left"}]),
        observation("b", er, valueCodeableConcept=negative, focus=[{"reference": "Condition/right"}]),
    ]
    linked = two_breasts(*receptors, condition("m", BONE_METASTASIS, extension=cause("right")))
    assert values(linked)["tumour.er_primary"] == "negative"
    assert "other-cancer" in codes(linked)
    unlinked = two_breasts(*receptors, condition("m", BONE_METASTASIS))
    assert [conflict.name for conflict in unlinked.record.conflicts] == ["tumour.er_primary"]


@pytest.mark.parametrize("side", [LEFT, None])
def test_a_cancer_that_is_recorded_twice_began_with_the_earlier_date(side: Resource | None) -> None:
    again = {"bodySite": [side]} if side else {}
    result = reading(
        condition("a", BREAST, onsetDateTime="2018-01-01", bodySite=[LEFT]),
        condition("b", BREAST, onsetDateTime="2019-01-01", **again),
        condition("m", BONE_METASTASIS, onsetDateTime="2020-01-01"),
    )
    assert values(result)["mets.days_from_primary"] == 730


def test_a_date_of_entry_beside_a_date_of_diagnosis_is_not_the_diagnosis() -> None:
    result = reading(
        condition("a", BREAST, onsetDateTime="2018-01-01"),
        condition("b", BREAST, recordedDate="2010-01-01"),
        condition("m", BONE_METASTASIS, onsetDateTime="2018-02-01"),
    )
    assert values(result)["mets.days_from_primary"] == 31


# --- follow-ups ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "status"),
    [("K", "none"), ("R", "confirmed"), ("T", "confirmed"), ("P", "confirmed"), ("N", "confirmed"), ("F", "suspected"),
     ("U", None), ("X", None)],
)  # fmt: skip
def test_a_follow_up_tells_whether_there_are_metastases(answer: str, status: str | None) -> None:
    assert values(reading(follow_up("f", "fernmetastasen", answer))).get("mets.status") == status


MCODE_STATUS = concept(LOINC, "97509-4")


def status(name: str, code: str, on: str = "2026-10-01", **more: Any) -> Resource:
    return observation(name, MCODE_STATUS, valueCodeableConcept=concept(SCT, code), effectiveDateTime=on, **more)


STABLE, WORSE, UNDETERMINED = "359746009", "271299001", "709137006"


@pytest.mark.parametrize(
    ("results", "pattern"),
    [
        ([status("a", STABLE)], "none"),
        ([status("a", STABLE, "2026-08-03")], "none"),
        ([status("a", STABLE, "2026-08-02")], None),
        ([status("a", WORSE)], None),
        ([status("a", UNDETERMINED)], None),
        ([status("a", WORSE, "2026-09-01"), status("b", STABLE)], "none"),
        ([status("a", STABLE, "2026-09-01"), status("b", WORSE)], None),
        ([status("a", STABLE), status("b", WORSE)], None),
        ([status("a", STABLE, status="preliminary")], None),
        ([follow_up("a", "gesamtbeurteilung", "K")], "none"),
        ([follow_up("a", "gesamtbeurteilung", "P")], None),
        ([follow_up("a", "gesamtbeurteilung", "D")], None),
    ],
)
def test_a_recent_last_word_that_is_not_worse_tells_that_nothing_progresses(
    results: list[Resource], pattern: str | None
) -> None:
    assert values(reading(*results)).get("mets.progression_pattern") == pattern


def test_a_later_word_that_it_is_worse_takes_back_that_nothing_progresses() -> None:
    stated = fact("f", "mets.progression_pattern", valueString="none", effectiveDateTime="2026-09-01")
    assert values(reading(stated))["mets.progression_pattern"] == "none"
    assert "mets.progression_pattern" not in values(reading(stated, status("s", WORSE)))
    widespread = stated | {"valueString": "widespread"}
    assert values(reading(widespread, status("s", WORSE)))["mets.progression_pattern"] == "widespread"


# --- codes that disagree -------------------------------------------------------------------------------


def test_codes_of_one_concept_that_name_different_organs_leave_the_organ_unknown() -> None:
    icd = "http://hl7.org/fhir/sid/icd-10-cm"
    code = {"coding": [{"system": SCT, "code": LIVER_METASTASIS}, {"system": icd, "code": "C79.51"}]}
    result = reading(condition("m", code))
    told = values(result)
    assert told["mets.status"] == "confirmed"
    assert not {name for name in told if name.startswith("mets.organ.")}
    assert result.record.lesions is None
    assert "codes-disagree" in codes(result)


def test_codes_of_one_concept_that_name_one_organ_agree() -> None:
    icd = "http://hl7.org/fhir/sid/icd-10-cm"
    code = {"coding": [{"system": SCT, "code": BONE_METASTASIS}, {"system": icd, "code": "C79.51"}]}
    result = reading(condition("m", code))
    assert values(result)["mets.organ.bone"] == "present"
    assert "codes-disagree" not in codes(result)
