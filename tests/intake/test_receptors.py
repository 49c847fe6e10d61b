"""Receptors: of the primary or of a metastasis, by code, share, score, ratio or words; nothing missing is negative."""

from __future__ import annotations

from typing import Any

import pytest

from tests.intake.made import (
    BONE_METASTASIS,
    BREAST,
    LOINC,
    SCT,
    Resource,
    codes,
    concept,
    condition,
    observation,
    reading,
    values,
)

ER, PR, HER2, HER2_IHC, HER2_ISH, HER2_RATIO = (
    concept(LOINC, code) for code in ("85337-4", "85339-0", "48676-1", "85319-2", "85318-4", "49683-6")
)
POSITIVE, NEGATIVE = concept(LOINC, "LA6576-8"), concept(LOINC, "LA6577-6")
UCUM = "http://unitsofmeasure.org"
LIVER, BREAST_SITE = concept(SCT, "10200004"), concept(SCT, "76752008")
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"


def quantity(value: object, unit: str, **more: object) -> dict[str, Any]:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit, **more}


def specimen(name: str, site: Resource | None = None, **more: object) -> Resource:
    collected = {} if site is None else {"collection": {"bodySite": site}}
    return {"resourceType": "Specimen", "id": name, "subject": {"reference": "Patient/p1"}, **collected, **more}


def report(name: str, *results: str, **more: object) -> Resource:
    return {
        "resourceType": "DiagnosticReport", "id": name, "status": "final", "code": concept(LOINC, "60568-3"),
        "subject": {"reference": "Patient/p1"}, "result": [{"reference": each} for each in results], **more,
    }  # fmt: skip


def test_receptors_are_of_the_primary_unless_something_says_otherwise() -> None:
    told = values(reading(observation("a", ER, valueCodeableConcept=POSITIVE)))
    assert told["tumour.er_primary"] == "positive"
    assert "tumour.er_metastasis" not in told


def test_the_specimen_says_that_a_receptor_is_of_a_metastasis() -> None:
    specimen = {
        "resourceType": "Specimen",
        "id": "s",
        "subject": {"reference": "Patient/p1"},
        "collection": {"bodySite": concept(SCT, "10200004")},
    }
    result = reading(
        specimen, observation("a", ER, valueCodeableConcept=NEGATIVE, specimen={"reference": "Specimen/s"})
    )
    assert values(result)["tumour.er_metastasis"] == "negative"
    assert "tumour.er_primary" not in values(result)


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (quantity(1, "%"), "positive"),
        (quantity(0.9, "%"), "negative"),
        (quantity(0, "%"), "negative"),
        (quantity(1, "%", comparator=">="), "positive"),
        (quantity(1, "%", comparator="<"), "negative"),
        (quantity(10, "%", comparator="<"), None),
        ({"value": 85}, None),
    ],
)
def test_a_hormone_receptor_is_positive_from_one_per_cent(value: dict[str, Any], status: str | None) -> None:
    assert values(reading(observation("a", ER, valueQuantity=value))).get("tumour.er_primary") == status


@pytest.mark.parametrize(
    "value",
    [
        {"dataAbsentReason": concept("http://terminology.hl7.org/CodeSystem/data-absent-reason", "unknown")},
        {"valueString": "no evidence of positive staining"},
        {"valueCodeableConcept": {"text": "positive?"}},
    ],
)
def test_a_receptor_that_is_not_told_is_unknown_and_never_negative(value: dict[str, Any]) -> None:
    assert "tumour.er_primary" not in values(reading(observation("a", ER, **value)))


def test_receptors_of_the_primary_that_disagree_are_a_conflict_whatever_their_dates() -> None:
    result = reading(
        observation("a", ER, valueCodeableConcept=POSITIVE, effectiveDateTime="2018-01-01"),
        observation("b", ER, valueCodeableConcept=NEGATIVE, effectiveDateTime="2018-06-01"),
    )
    assert [conflict.name for conflict in result.record.conflicts] == ["tumour.er_primary"]


@pytest.mark.parametrize(
    ("score", "status"), [("0", "negative"), ("1+", "negative"), ("2+", "equivocal"), ("3+", "positive")]
)
def test_her2_staining_of_2_is_equivocal(score: str, status: str) -> None:
    assert values(reading(observation("a", HER2_IHC, valueString=score)))["tumour.her2_primary"] == status


def test_an_in_situ_hybridisation_decides_an_equivocal_staining() -> None:
    stained = observation("a", HER2_IHC, valueString="2+")
    later = observation("b", HER2_ISH, valueCodeableConcept=NEGATIVE, effectiveDateTime="2026-10-25")
    earlier = observation("b", HER2_ISH, valueCodeableConcept=NEGATIVE, effectiveDateTime="2026-01-01")
    assert values(reading(stained, later))["tumour.her2_primary"] == "negative"
    assert [conflict.name for conflict in reading(stained, earlier).record.conflicts] == ["tumour.her2_primary"]


def test_staining_of_3_against_a_negative_hybridisation_is_a_conflict() -> None:
    result = reading(
        observation("a", HER2_IHC, valueString="3+"), observation("b", HER2_ISH, valueCodeableConcept=NEGATIVE)
    )
    assert [conflict.name for conflict in result.record.conflicts] == ["tumour.her2_primary"]


def test_a_result_about_another_cancer_is_not_of_this_one() -> None:
    other = condition("o", concept("http://hl7.org/fhir/sid/icd-10", "C61"))
    result = reading(
        condition("c", BREAST),
        other,
        observation("a", ER, valueCodeableConcept=POSITIVE, focus=[{"reference": "Condition/o"}]),
    )
    assert "tumour.er_primary" not in values(result)
    assert "other-cancer" in codes(result)


@pytest.mark.parametrize("share", [-1, 150])
def test_a_share_that_cannot_be_is_no_receptor_status(share: int) -> None:
    result = reading(observation("e", concept(LOINC, "85329-1"), valueQuantity=quantity(share, "%")))
    assert "tumour.er_primary" not in values(result)
    assert "not-understood" in codes(result)


@pytest.mark.parametrize(("more", "said"), [({"dataAbsentReason": {"text": "not done"}}, None), ({}, "negative")])
def test_an_interpretation_of_an_absent_value_says_nothing(more: dict[str, Any], said: str | None) -> None:
    system = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
    result = reading(observation("e", ER, interpretation=[concept(system, "NEG")], **more))
    assert values(result).get("tumour.er_primary") == said


@pytest.mark.parametrize(("text", "said"), [("Positive", "positive"), ("not positive", None)])
def test_a_value_without_a_code_is_read_by_its_text(text: str, said: str | None) -> None:
    assert values(reading(observation("e", ER, valueCodeableConcept={"text": text}))).get("tumour.er_primary") == said


@pytest.mark.parametrize(("place", "hers"), [("39607008", False), ("76752008", True)])
def test_a_result_about_a_malignancy_elsewhere_is_not_of_the_breast_cancer(place: str, hers: bool) -> None:
    result = reading(
        condition("b", BREAST),
        condition("x", "363346000", bodySite=[concept(SCT, place)]),
        observation("e", ER, valueCodeableConcept=NEGATIVE, focus=[{"reference": "Condition/x"}]),
    )
    assert ("tumour.er_primary" in values(result)) == hers


# --- where the tissue comes from -----------------------------------------------------------------------


def test_a_receptor_of_a_metastasis_shows_that_a_biopsy_has_confirmed_it() -> None:
    told = values(reading(observation("a", ER, valueCodeableConcept=NEGATIVE, bodySite=LIVER)))
    assert (told["tumour.er_metastasis"], told["mets.biopsy"]) == ("negative", "confirmed")
    assert "mets.biopsy" not in values(reading(observation("a", ER, valueCodeableConcept=NEGATIVE)))


@pytest.mark.parametrize("value", [{"dataAbsentReason": {"text": "not performed"}}, {"valueString": "pending"}])
def test_a_receptor_nobody_has_found_shows_no_biopsy(value: dict[str, Any]) -> None:
    told = values(reading(observation("a", ER, bodySite=LIVER, **value)))
    assert not {name for name in told if name.startswith(("mets.", "tumour."))}


def test_a_result_without_a_specimen_has_that_of_its_report() -> None:
    er = observation("a", ER, valueCodeableConcept=NEGATIVE)
    of_liver = report("r", "Observation/a", specimen=[{"reference": "Specimen/s"}])
    assert "tumour.er_metastasis" in values(reading(specimen("s", LIVER), er, of_liver))
    assert "tumour.er_primary" in values(reading(specimen("s", BREAST_SITE), er, of_liver))


def test_a_result_without_a_specimen_has_that_of_its_panel() -> None:
    panel = observation(
        "p", concept(LOINC, "85904-1"), specimen={"reference": "Specimen/s"}, hasMember=[{"reference": "Observation/a"}]
    )
    er = observation("a", ER, valueCodeableConcept=NEGATIVE)
    assert "tumour.er_metastasis" in values(reading(specimen("s", LIVER), er, panel))


def test_what_a_result_says_of_its_tissue_counts_before_what_its_report_says() -> None:
    er = observation("a", ER, valueCodeableConcept=NEGATIVE, bodySite=BREAST_SITE)
    told = values(
        reading(specimen("s", LIVER), er, report("r", "Observation/a", specimen=[{"reference": "Specimen/s"}]))
    )
    assert told["tumour.er_primary"] == "negative"


def test_a_block_is_of_the_tissue_it_was_cut_from() -> None:
    block = specimen("block", parent=[{"reference": "Specimen/s"}])
    er = observation("a", ER, valueCodeableConcept=NEGATIVE, specimen={"reference": "Specimen/block"})
    assert "tumour.er_metastasis" in values(reading(specimen("s", LIVER), block, er))


def test_specimens_that_name_each_other_as_parents_are_survived() -> None:
    one, other = (specimen(a, parent=[{"reference": f"Specimen/{b}"}]) for a, b in (("a", "b"), ("b", "a")))
    er = observation("e", ER, valueCodeableConcept=NEGATIVE, specimen={"reference": "Specimen/a"})
    assert values(reading(one, other, er))["tumour.er_primary"] == "negative"


@pytest.mark.parametrize(("code", "name"), [(BONE_METASTASIS, "tumour.er_metastasis"), (BREAST, "tumour.er_primary")])
def test_a_result_about_a_condition_is_of_its_tissue(code: str, name: str) -> None:
    er = observation("a", ER, valueCodeableConcept=NEGATIVE, focus=[{"reference": "Condition/c"}])
    assert values(reading(condition("c", code), er))[name] == "negative"


def test_receptors_that_differ_between_primary_and_metastasis_are_both_kept() -> None:
    told = values(
        reading(
            observation("a", ER, valueCodeableConcept=POSITIVE, effectiveDateTime="2018-01-01"),
            observation("b", ER, valueCodeableConcept=NEGATIVE, effectiveDateTime="2026-01-01", bodySite=LIVER),
        )
    )
    assert (told["tumour.er_primary"], told["tumour.er_metastasis"]) == ("positive", "negative")


def test_of_two_biopsies_of_metastases_the_later_counts() -> None:
    told = values(
        reading(
            observation("a", ER, valueCodeableConcept=POSITIVE, effectiveDateTime="2024-01-01", bodySite=LIVER),
            observation("b", ER, valueCodeableConcept=NEGATIVE, effectiveDateTime="2026-01-01", bodySite=LIVER),
        )
    )
    assert told["tumour.er_metastasis"] == "negative"


# --- results inside reports ----------------------------------------------------------------------------


def test_a_result_contained_in_its_report_is_read() -> None:
    er = observation("er", ER, valueCodeableConcept=POSITIVE)
    del er["subject"], er["effectiveDateTime"]
    result = reading(report("r", "#er", contained=[er], effectiveDateTime="2026-10-01"))
    assert values(result)["tumour.er_primary"] == "positive"
    (source,) = result.record.facts["tumour.er_primary"].sources
    assert (source.reference, source.date) == ("DiagnosticReport/r#er", "2026-10-01")


def test_a_result_without_a_date_has_that_of_its_report() -> None:
    ecog = concept(LOINC, "89247-1")
    undated = observation("a", ecog, valueInteger=3)
    del undated["effectiveDateTime"]
    dated = observation("b", ecog, valueInteger=1, effectiveDateTime="2026-05-01")
    later = report("r", "Observation/a", effectiveDateTime="2026-10-01")
    assert values(reading(undated, dated))["patient.ecog"] == 1
    assert values(reading(undated, dated, later))["patient.ecog"] == 3
    assert values(reading(undated, dated, later | {"status": "entered-in-error"}))["patient.ecog"] == 1


# --- words ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("positive", "positive"),
        ("POSITIVE.", "positive"),
        ("ER positive", "positive"),
        ("ER: positive", "positive"),
        ("PR positive", None),
        ("strongly positive", "positive"),
        ("positive (90 %)", "positive"),
        ("90% positive", "positive"),
        ("80-90 %", "positive"),
        ("1 %", "positive"),
        ("< 1 %", "negative"),
        ("<1% of cells", "negative"),
        ("> 0 %", None),
        ("< 10 %", None),
        ("0-5 %", None),
        ("negative (0 %)", "negative"),
        ("negative (90 %)", None),
        ("positive (0 %)", None),
        ("IRS 0", "negative"),
        ("IRS 3", None),
        ("IRS 4/12", "positive"),
        ("IRS 13", None),
        ("Allred 2/8", "negative"),
        ("Allred 4", None),
        ("Allred score 5/8", "positive"),
        ("positiv", "positive"),
        ("negativ", "negative"),
        ("not positive", None),
        ("no positive staining", None),
        ("positive?", None),
        ("positive or negative", None),
        ("not done", None),
        ("pending", None),
        ("120 %", None),
    ],
)
def test_a_hormone_receptor_in_words_is_understood_whole_or_not_at_all(text: str, status: str | None) -> None:
    result = reading(observation("a", ER, valueString=text))
    assert values(result).get("tumour.er_primary") == status
    if status is not None:
        assert "from-text" in codes(result)
        assert result.record.facts["tumour.er_primary"].sources[0].conversion == "read from text"


@pytest.mark.parametrize(
    ("code", "value", "status"),
    [
        (HER2_IHC, {"valueString": "IHC 3+"}, "positive"),
        (HER2_IHC, {"valueString": "HER2 2+"}, "equivocal"),
        (HER2_IHC, {"valueInteger": 1}, "negative"),
        (HER2_IHC, {"valueQuantity": {"value": 3}}, "positive"),
        (HER2_IHC, {"valueQuantity": {"value": 3, "unit": "%", "code": "%"}}, None),
        (HER2_IHC, {"valueInteger": 4}, None),
        (HER2_IHC, {"valueString": "not 3+"}, None),
        (HER2_IHC, {"valueString": "2+ or 3+"}, None),
        (HER2_ISH, {"valueString": "less than 1.8"}, "negative"),
        (HER2_ISH, {"valueString": "greater than 2.2"}, "positive"),
        (HER2_ISH, {"valueString": "not amplified"}, "negative"),
        (HER2_ISH, {"valueString": "amplified"}, "positive"),
        (HER2_ISH, {"valueQuantity": {"value": 6.1}}, None),
        (HER2_RATIO, {"valueQuantity": {"value": 1.99}}, "negative"),
        (HER2_RATIO, {"valueQuantity": {"value": 2}}, "positive"),
        (HER2_RATIO, {"valueQuantity": {"value": 2, "comparator": "<"}}, "negative"),
        (HER2_RATIO, {"valueQuantity": {"value": 2, "comparator": "<="}}, None),
        (HER2_RATIO, {"valueQuantity": {"value": 1.8, "comparator": ">"}}, None),
        (HER2_RATIO, {"valueRatio": {"numerator": {"value": 9}, "denominator": {"value": 2}}}, "positive"),
        (HER2_RATIO, {"valueRatio": {"numerator": {"value": 3}, "denominator": {"value": 2}}}, "negative"),
        (HER2_RATIO, {"valueRatio": {"numerator": {"value": 3}, "denominator": {"value": 0}}}, None),
        (HER2_RATIO, {"valueString": "HER2/CEP17 ratio: 1,2"}, "negative"),
        (HER2_RATIO, {"valueString": "ratio not 1.2"}, None),
        (HER2, {"valueString": "positive"}, "positive"),
    ],
)
def test_her2_is_read_in_every_type_of_value(code: Resource, value: dict[str, Any], status: str | None) -> None:
    result = reading(observation("a", code, **value))
    assert values(result).get("tumour.her2_primary") == status
    assert ("not-understood" in codes(result)) == (status is None)


@pytest.mark.parametrize(
    ("ratio", "copies", "status"),
    [
        (2.0, 4, "positive"),
        (2.0, 3.9, "equivocal"),
        (1.9, 3.9, "negative"),
        (1.9, 4, "equivocal"),
        (1.9, 6, "equivocal"),
    ],
)
def test_copies_of_the_gene_may_make_a_clear_ratio_unclear(ratio: float, copies: float, status: str) -> None:
    hybridised = observation(
        "a", concept(LOINC, "74885-5"),
        component=[
            {"code": HER2_RATIO, "valueQuantity": {"value": ratio}},
            {"code": concept(LOINC, "74860-8"), "valueQuantity": {"value": copies}},
        ],
    )  # fmt: skip
    assert values(reading(hybridised))["tumour.her2_primary"] == status


def test_a_code_that_is_only_words_is_read_when_it_is_a_listed_phrase() -> None:
    result = reading(observation("a", {"text": "Estrogen receptor"}, valueString="positive"))
    assert values(result)["tumour.er_primary"] == "positive"
    assert "from-text" in codes(result)
    assert "tumour.er_primary" not in values(reading(observation("a", {"text": "no ER"}, valueString="positive")))


# --- values that say two things ------------------------------------------------------------------------


def test_an_interpretation_tells_where_the_value_by_itself_does_not() -> None:
    positive = {"interpretation": [concept(INTERPRETATION, "POS")]}
    assert (
        values(reading(observation("a", ER, valueQuantity={"value": 85}, **positive)))["tumour.er_primary"]
        == "positive"
    )
    assert "tumour.er_primary" not in values(reading(observation("a", ER, valueQuantity={"value": 85})))


def test_a_value_beside_the_reason_why_it_is_absent_is_left_out_and_told() -> None:
    result = reading(observation("a", ER, valueCodeableConcept=POSITIVE, dataAbsentReason={"text": "error"}))
    assert "tumour.er_primary" not in values(result)
    assert "not-understood" in codes(result)


def test_a_concept_that_says_positive_and_negative_says_nothing() -> None:
    both = {"coding": [*POSITIVE["coding"], *NEGATIVE["coding"]]}
    result = reading(observation("a", ER, valueCodeableConcept=both))
    assert "tumour.er_primary" not in values(result)
    assert "not-understood" in codes(result)


# --- pathology at hand ---------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["", "histology", "er", "pr", "her2"])
def test_pathology_is_at_hand_when_histology_and_all_receptors_of_the_primary_are(missing: str) -> None:
    lobular = concept("http://terminology.hl7.org/CodeSystem/icd-o-3", "8520/3")
    results = [
        observation("histology", concept(LOINC, "59847-4"), valueCodeableConcept=lobular),
        observation("er", ER, valueCodeableConcept=POSITIVE),
        observation("pr", PR, valueCodeableConcept=POSITIVE),
        observation("her2", HER2_IHC, valueString="2+"),
    ]
    told = values(reading(*(each for each in results if each["id"] != missing)))
    assert told.get("tumour.primary_pathology_available") == (None if missing else True)


def test_a_result_whose_specimen_is_not_here_is_read_as_of_the_primary_and_that_is_told() -> None:
    er = observation(
        "er", concept(LOINC, "85337-4"), valueCodeableConcept=concept(SCT, "10828004"),
        specimen={"reference": "Specimen/gone"},
    )  # fmt: skip
    result = reading(er)

    assert values(result)["tumour.er_primary"] == "positive"
    assert "no-specimen" in codes(result)
