"""Imaging: an image that was taken tells nothing of what it shows, and nothing found is negative only where bone was asked."""

from __future__ import annotations

from typing import Any

import pytest

from rulesets.thresholds import effective
from service.intake.reading import read
from service.intake.unpack import unpack
from tests.intake.charts import BONE_SCAN, examined, reported
from tests.intake.made import (
    BONE_METASTASIS,
    LIVER_METASTASIS,
    LOINC,
    SCT,
    TODAY,
    Resource,
    bundle,
    codes,
    concept,
    observation,
    patient,
    reading,
    terminology,
    values,
)

CT, CT_HEAD, MRI, PET, PET_CT, FDG = (
    concept(SCT, "77477000"), concept(LOINC, "24725-4"), concept(SCT, "113091000"), concept(SCT, "82918005"),
    concept(SCT, "450436003"), concept(SCT, "443271005"),
)  # fmt: skip
BONE, LIVER = concept(SCT, BONE_METASTASIS), concept(SCT, LIVER_METASTASIS)
POSITIVE, NEGATIVE, EQUIVOCAL = (concept(SCT, code) for code in ("10828004", "260385009", "42425007"))
PELVIS = concept(SCT, "22356005")


def imaging(*resources: Resource) -> dict[str, Any]:
    told = values(reading(*resources))
    return {name: value for name, value in told.items() if name.startswith("imaging.")}


@pytest.mark.parametrize(
    ("code", "name"),
    [(BONE_SCAN, "imaging.bone_scan"), (CT, "imaging.ct"), (MRI, "imaging.mri"), (FDG, "imaging.fdg_pet")],
)
def test_an_exam_that_finds_a_metastasis_in_bone_is_positive(code: Resource, name: str) -> None:
    assert imaging(reported("r", code, conclusionCode=[BONE]))[name] == "positive"
    assert name not in imaging(reported("r", code, conclusionCode=[LIVER]))
    assert name not in imaging(reported("r", code))


def test_a_pet_of_an_unknown_tracer_is_neither_of_the_two() -> None:
    assert not imaging(reported("r", PET, conclusionCode=[BONE]))


@pytest.mark.parametrize(
    ("conclusion", "found"), [(NEGATIVE, "negative"), (EQUIVOCAL, "equivocal"), (POSITIVE, "positive")]
)
def test_a_bone_scan_asks_of_bone_and_other_exams_of_anything(conclusion: Resource, found: str) -> None:
    assert imaging(reported("r", BONE_SCAN, conclusionCode=[conclusion])) == {"imaging.bone_scan": found}
    assert not imaging(reported("r", CT, conclusionCode=[conclusion]))


def test_a_result_about_a_bone_asks_of_bone() -> None:
    assert imaging(observation("o", CT, valueCodeableConcept=NEGATIVE, bodySite=PELVIS)) == {"imaging.ct": "negative"}
    assert not imaging(observation("o", CT, valueCodeableConcept=NEGATIVE, bodySite=concept(SCT, "10200004")))


@pytest.mark.parametrize(
    ("text", "found"), [("Negative", "negative"), ("no evidence of metastases", None), ("not negative", None)]
)
def test_a_result_in_words_is_a_listed_phrase(text: str, found: str | None) -> None:
    assert imaging(observation("o", BONE_SCAN, valueString=text)).get("imaging.bone_scan") == found


def test_conclusions_that_contradict_each_other_tell_nothing() -> None:
    assert not imaging(reported("r", BONE_SCAN, conclusionCode=[BONE, NEGATIVE]))


def test_an_absent_result_is_none() -> None:
    absent = {"dataAbsentReason": {"text": "not performed"}}
    interpretation = [concept("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "NEG")]
    assert not imaging(observation("o", BONE_SCAN, interpretation=interpretation, **absent))
    assert imaging(observation("o", BONE_SCAN, interpretation=interpretation)) == {"imaging.bone_scan": "negative"}


def test_an_exam_that_was_done_shows_nothing_by_itself() -> None:
    assert not imaging(examined("p", BONE_SCAN), examined("q", CT))


# --- not done ------------------------------------------------------------------------------------------


def test_an_exam_of_bone_that_was_not_done_is_not_done() -> None:
    assert imaging(examined("p", BONE_SCAN, "not-done")) == {"imaging.bone_scan": "not_done"}
    assert imaging(examined("p", CT, "not-done", bodySite=[PELVIS])) == {"imaging.ct": "not_done"}
    assert not imaging(examined("p", CT_HEAD, "not-done"))


@pytest.mark.parametrize(("done", "told"), [("2026-09-30", "not_done"), ("2026-10-01", None), ("2026-10-20", None)])
def test_an_exam_done_since_takes_back_that_it_was_not_done(done: str, told: str | None) -> None:
    found = imaging(
        examined("p", BONE_SCAN, "not-done", performedDateTime="2026-10-01"),
        examined("q", BONE_SCAN, performedDateTime=done),
    )
    assert found.get("imaging.bone_scan") == told


# --- this work-up --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("on", "is_recent"), [("2026-08-03", True), ("2026-08-02", False)])
def test_an_exam_of_ninety_days_ago_is_of_this_work_up(on: str, is_recent: bool) -> None:
    result = reading(reported("r", BONE_SCAN, conclusionCode=[NEGATIVE], effectiveDateTime=on))
    assert ("imaging.bone_scan" in values(result)) == is_recent
    assert ("not-recent" in codes(result)) != is_recent


def test_how_long_a_work_up_lasts_is_a_threshold_of_the_hospital() -> None:
    old = reported("r", BONE_SCAN, conclusionCode=[NEGATIVE], effectiveDateTime="2026-08-02")
    (one,) = unpack(bundle(patient(), old))
    told = values(read(one, terminology(), TODAY, effective({"max_age_days_imaging": 91})))
    assert told["imaging.bone_scan"] == "negative"


def test_an_exam_without_a_date_is_of_no_work_up() -> None:
    undated = reported("r", BONE_SCAN, conclusionCode=[NEGATIVE])
    del undated["effectiveDateTime"]
    result = reading(undated)
    assert "imaging.bone_scan" not in values(result)
    assert "imprecise" in codes(result)


def test_an_exam_of_the_future_is_not_known_yet() -> None:
    assert "future" in codes(reading(reported("r", BONE_SCAN, effectiveDateTime="2026-11-02")))


def test_the_latest_exam_of_a_kind_counts() -> None:
    before = reported("a", BONE_SCAN, conclusionCode=[EQUIVOCAL], effectiveDateTime="2026-09-01")
    now = reported("b", BONE_SCAN, conclusionCode=[NEGATIVE], effectiveDateTime="2026-10-01")
    assert imaging(before, now) == {"imaging.bone_scan": "negative"}


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error", "registered", "unknown"])
def test_a_report_that_is_none_is_not_read(status: str) -> None:
    assert not imaging(reported("r", BONE_SCAN, conclusionCode=[NEGATIVE], status=status))


# --- what was covered ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("36531-2", "done_no_contrast"),
        ("36256-6", "done_contrast"),
        ("24981-3", "done_contrast"),
        ("36067-7", None),
        ("24590-2", None),
    ],
)
def test_an_mri_of_the_spine_tells_its_contrast_where_its_code_does(code: str, told: str | None) -> None:
    assert imaging(examined("p", concept(LOINC, code))).get("imaging.spine_mri") == told


def test_one_exam_with_contrast_is_enough_and_one_without_a_word_leaves_it_open() -> None:
    plain, contrast, silent = (
        examined(name, concept(LOINC, code)) for name, code in (("a", "36531-2"), ("b", "36256-6"), ("c", "36067-7"))
    )
    assert imaging(plain, contrast)["imaging.spine_mri"] == "done_contrast"
    assert "imaging.spine_mri" not in imaging(plain, silent)


@pytest.mark.parametrize(("other", "told"), [(None, "not_done"), ("36067-7", None), ("113091000", None)])
def test_an_mri_of_the_spine_is_not_done_when_no_mri_was(other: str | None, told: str | None) -> None:
    missed = examined("p", concept(LOINC, "36067-7"), "not-done")
    system = SCT if other == "113091000" else LOINC
    done = [] if other is None else [examined("q", concept(system, other))]
    assert imaging(missed, *done).get("imaging.spine_mri") == told


@pytest.mark.parametrize(
    ("code", "morphologic", "high_resolution"),
    [
        (concept(LOINC, "46305-9"), True, None),
        (concept(LOINC, "46358-8"), True, True),
        (PET_CT, None, True),
        (FDG, None, True),
        (PET, None, None),
        (CT_HEAD, None, None),
        (MRI, None, None),
    ],
)
def test_what_an_exam_covers_is_told_by_its_code(
    code: Resource, morphologic: bool | None, high_resolution: bool | None
) -> None:
    told = imaging(examined("p", code))
    assert told.get("imaging.morphologic_done") == morphologic
    assert told.get("imaging.high_resolution_staging_done") == high_resolution


# --- pathology reports ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("site", "biopsy"), [("22356005", "confirmed"), ("76752008", None)])
def test_a_conclusion_from_tissue_of_a_metastasis_confirms_it(site: str, biopsy: str | None) -> None:
    specimen = {
        "resourceType": "Specimen", "id": "s", "subject": {"reference": "Patient/p1"},
        "collection": {"bodySite": concept(SCT, site)},
    }  # fmt: skip
    pathology = reported("r", concept(LOINC, "60568-3"), conclusionCode=[BONE], specimen=[{"reference": "Specimen/s"}])
    assert values(reading(specimen, pathology)).get("mets.biopsy") == biopsy
    assert "mets.biopsy" not in values(reading(specimen, pathology | {"status": "preliminary"}))
