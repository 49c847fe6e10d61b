"""Draft orders of radiotherapy, imaging, procedures and radiopharmaceuticals, in the shapes systems send."""

from __future__ import annotations

from typing import Any

import pytest

from service.intake.entries import Part
from service.intake.reading import Reading, read
from service.intake.unpack import unpack_parts
from tests.intake.made import (
    LOINC,
    MCODE,
    RXNORM,
    SCT,
    TODAY,
    bundle,
    codes,
    concept,
    condition,
    dose,
    patient,
    plain,
    radiotherapy,
    reading,
    terminology,
    values,
)

LOCAL = "urn:com.example:orderables"
COURSE, IMRT, PALLIATIVE, LUMBAR, CORD_COMPRESSION = "1217123003", "441799006", "363676003", "122496007", "71286001"


def draft(code: dict[str, Any], **more: Any) -> dict[str, Any]:
    subject = {"reference": "Patient/p1"}
    return {
        "resourceType": "ServiceRequest", "id": "d", "status": "draft", "intent": "order", "subject": subject, "code": code,
        **more,
    }  # fmt: skip


def rt(**more: Any) -> dict[str, Any]:
    return draft(concept(SCT, COURSE), **more)


def local(text: str, **more: Any) -> dict[str, Any]:
    return draft(concept(LOCAL, "1", display=text), **more)


def course(*resources: dict[str, Any]) -> dict[str, Any]:
    (only,) = reading(*resources).record.courses
    return {name.removeprefix("rt."): value for name, value in plain(only).items() if name != "rt.status"}


def order(result: Reading) -> dict[str, Any]:
    (only,) = result.record.orders
    return {name.removeprefix("order."): value for name, value in plain(only).items()}


def ordered(*resources: dict[str, Any]) -> dict[str, Any]:
    return order(reading(*resources))


# --- radiotherapy: dose and fractions -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "gray", "fractions"),
    [
        ({"extension": [dose(3000, "cGy", 10, kind="planned")]}, 30, 10),
        ({"quantityQuantity": {"value": 30, "code": "Gy"}}, 30, None),
        ({"quantityQuantity": {"value": 3000, "unit": "cGy"}}, 30, None),
        ({"quantityQuantity": {"value": 10, "unit": "fractions", "code": "{fractions}"}}, None, 10),
        ({"occurrenceTiming": {"repeat": {"count": 10}}}, None, 10),
        ({"occurrenceTiming": {"repeat": {"count": 10, "countMax": 12}}}, None, None),
        (
            {
                "quantityQuantity": {"value": 30, "code": "Gy"},
                "occurrenceTiming": {"repeat": {"count": 10, "frequency": 5, "period": 1, "periodUnit": "wk"}},
            },
            30,
            10,
        ),
        ({"orderDetail": [{"text": "30 Gy in 10 fractions"}]}, 30, 10),
        ({"note": [{"text": "Palliative RT, 8 Gy single fraction"}]}, 8, 1),
        ({"occurrenceTiming": {"repeat": {"count": 10}}, "note": [{"text": "30 Gy in 10 fractions"}]}, 30, 10),
        ({"note": [{"text": "30 Gy/10 fx"}, {"text": "30 Gy in 10 fractions"}]}, 30, 10),
        ({}, None, None),
    ],
)
def test_dose_and_fractions_are_read_in_every_shape(
    more: dict[str, Any], gray: float | None, fractions: int | None
) -> None:
    told = course(rt(**more))
    assert (told.get("total_dose_gy"), told.get("fractions")) == (gray, fractions)


@pytest.mark.parametrize(
    ("more", "known", "told"),
    [
        # two elements differ
        ({"extension": [dose(30, "Gy", 10, kind="planned")], "quantityQuantity": {"value": 20, "code": "Gy"}}, (None, 10), "conflict"),
        (
            {"quantityQuantity": {"value": 5, "unit": "fractions"}, "occurrenceTiming": {"repeat": {"count": 10}}},
            (None, None),
            "conflict",
        ),
        # a text differs from an element: the element counts
        ({"quantityQuantity": {"value": 8, "code": "Gy"}, "note": [{"text": "30 Gy in 10 fractions"}]}, (8, None), "conflict"),
        ({"occurrenceTiming": {"repeat": {"count": 5}}, "note": [{"text": "30 Gy in 10 fractions"}]}, (None, 5), "conflict"),
        # texts differ
        ({"note": [{"text": "30 Gy/10 fx to T8; 20 Gy/5 fx to the hip"}]}, (None, None), "ambiguous"),
        # a dose that cannot be read
        ({"note": [{"text": "4 Gy x 5 fractions"}]}, (None, None), "not-read"),
        ({"quantityQuantity": {"value": 30, "code": "MBq"}}, (None, None), "unit"),
        ({"quantityQuantity": {"value": 30, "code": "Gy", "comparator": "<"}}, (None, None), "unit"),
    ],
)  # fmt: skip
def test_a_dose_that_is_contradicted_or_doubtful_is_unknown_and_told(
    more: dict[str, Any], known: tuple[float | None, int | None], told: str
) -> None:
    result = reading(rt(**more))

    (only,) = result.record.courses
    assert (plain(only).get("rt.total_dose_gy"), plain(only).get("rt.fractions")) == known
    assert told in codes(result)


def test_what_was_given_before_is_no_prescription() -> None:
    assert "total_dose_gy" not in course(rt(note=[{"text": "Prior RT to L3, 30 Gy in 10 fractions"}]))


def test_two_volumes_of_a_draft_keep_their_own_doses() -> None:
    volumes = [dose(30, "Gy", 10, volume, kind="planned") for volume in ("BodyStructure/a", "BodyStructure/b")]
    result = reading(rt(extension=volumes, note=[{"text": "8 Gy single fraction"}]))
    assert [plain(one)["rt.total_dose_gy"] for one in result.record.courses] == [30, 30]


def test_what_is_read_from_text_is_marked_and_told() -> None:
    result = reading(rt(note=[{"text": "30 Gy in 10 fractions"}]))

    (only,) = result.record.courses
    (source,) = only.facts["rt.total_dose_gy"].sources
    assert (source.conversion, source.element) == ("read from text", "ServiceRequest.note.text")
    assert "from-text" in codes(result)


def test_words_of_the_record_are_never_read() -> None:
    planned = radiotherapy("ServiceRequest", "r", "active", note=[{"text": "SBRT, palliative, 30 Gy in 10 fractions"}])
    assert course(planned) == {}


# --- radiotherapy: technique, intent, site --------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "known"),
    [
        ({"orderDetail": [concept(SCT, IMRT)]}, {"technique": "IMRT"}),
        ({"orderDetail": [{"text": "VMAT"}]}, {"technique": "VMAT"}),
        ({"orderDetail": [concept(SCT, IMRT), {"text": "VMAT"}]}, {"technique": "IMRT"}),
        ({"note": [{"text": "SBRT by VMAT"}]}, {"technique": "SBRT"}),
        ({"note": [{"text": "IMRT or VMAT"}]}, {}),
        ({"note": [{"text": "IMRT. VMAT"}]}, {}),
        ({"orderDetail": [concept(SCT, PALLIATIVE)]}, {"intent": "palliative"}),
        ({"note": [{"text": "Radical intent"}]}, {"intent": "radical"}),
        (
            {
                "extension": [{"url": f"{MCODE}mcode-procedure-intent", "valueCodeableConcept": concept(SCT, PALLIATIVE)}],
                "note": [{"text": "radical"}],
            },
            {"intent": "palliative"},
        ),
        ({"note": [{"text": "palliative; radical"}]}, {}),
        ({"bodySite": [concept(SCT, LUMBAR)]}, {"target": "bone", "region": "spine"}),
        ({"bodySite": [{"text": "L3 vertebra"}]}, {"target": "bone", "region": "spine"}),
        ({"bodySite": [concept(LOCAL, "1", display="Left femur")]}, {"target": "bone", "region": "extremity"}),
        ({"bodySite": [{"text": "pelvis"}]}, {"region": "pelvis"}),
        ({"bodySite": [concept(SCT, LUMBAR), {"text": "pelvis"}]}, {"target": "bone", "region": "spine"}),
        ({"note": [{"text": "whole brain"}]}, {"target": "brain"}),
        ({"note": [{"text": "T8 and left femur"}]}, {"target": "bone"}),
        (
            {"occurrenceTiming": {"repeat": {"boundsPeriod": {"start": "2026-11-20"}}}},
            {"start_day": 19},
        ),
    ],
)  # fmt: skip
def test_technique_intent_and_site_are_read_by_codes_else_by_words(more: dict[str, Any], known: dict[str, Any]) -> None:
    assert course(rt(**more)) == known


def test_radiotherapy_of_a_local_list_is_known_by_its_words() -> None:
    result = reading(local("SBRT thoracic spine", note=[{"text": "Palliative. 35 Gy in 5 fractions to T8"}]))

    (only,), (one,) = result.record.courses, result.record.orders
    assert plain(only) == {
        "rt.fractions": 5, "rt.intent": "palliative", "rt.region": "spine", "rt.status": "draft", "rt.target": "bone",
        "rt.technique": "SBRT", "rt.total_dose_gy": 35,
    }  # fmt: skip
    assert one.facts["order.kind"].sources[0].conversion == "read from text"
    assert only.in_request and one.key == only.key == "ServiceRequest/d"


def test_the_words_beside_a_code_of_a_known_system_do_not_make_it_radiotherapy() -> None:
    result = reading(draft(concept(SCT, "73761001", display="Radiotherapy")))
    assert order(result) == {} and "unknown-order" in codes(result)


# --- imaging --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "known"),
    [
        (concept(SCT, "113091000"), {"modality": "MRI"}),
        (concept(SCT, "41333006"), {"modality": "MRI", "contrast": True}),
        (concept(SCT, "394451000119106"), {"modality": "MRI", "contrast": False}),
        (concept(SCT, "399331006"), {"modality": "CT", "contrast": False}),
        (concept(LOINC, "24968-0"), {"modality": "MRI"}),
        (concept(LOINC, "24967-2"), {"modality": "MRI", "contrast": True}),
        (concept(LOINC, "46358-8"), {"modality": "WB-MRI"}),
        (concept(LOINC, "24578-7"), {"modality": "bone_scan"}),
        (concept(SCT, "443271005"), {"modality": "FDG-PET"}),
        (concept(SCT, "450436003"), {}),
        ({**concept(SCT, "450436003"), "text": "PET CT FDG"}, {"modality": "FDG-PET"}),
        ({**concept(SCT, "450436003"), "text": "MRI spine"}, {}),
        (concept(SCT, "168537006"), {}),
        (concept(LOCAL, "1", display="MRI lumbar spine w/o contrast"), {"modality": "MRI", "contrast": False}),
        (concept(LOCAL, "1", display="NM bone scan whole body"), {"modality": "bone_scan"}),
        (concept(LOCAL, "1", display="PET/CT, NaF"), {"modality": "NaF-PET"}),
        (concept(LOCAL, "1", display="PET/MR"), {"modality": "PET-MRI"}),
        (concept("urn:osteon:codesystem:orders", "NaF-PET"), {"modality": "NaF-PET"}),
        ({"text": "X-ray pelvis"}, {}),
    ],
)
def test_an_imaging_order_has_the_modality_and_the_contrast_it_asks_for(
    code: dict[str, Any], known: dict[str, Any]
) -> None:
    assert ordered(draft(code)) == {"kind": "imaging", **known}


@pytest.mark.parametrize(
    ("more", "purpose"),
    [
        ({}, None),
        ({"reasonCode": [{"text": "Staging"}]}, "staging"),
        ({"reasonCode": [concept(SCT, CORD_COMPRESSION)]}, "cord_assessment"),
        ({"reasonReference": [{"reference": "Condition/c"}]}, "cord_assessment"),
        ({"note": [{"text": "Rule out cord compression"}]}, "cord_assessment"),
        ({"note": [{"text": "No cord compression"}]}, None),
        ({"orderDetail": [concept("urn:osteon:codesystem:orders", "rt_planning")]}, "rt_planning"),
        ({"reasonCode": [{"text": "Assess treatment response"}]}, "response"),
        ({"reasonCode": [{"text": "Follow-up"}, {"text": "staging"}]}, None),
    ],
)
def test_what_imaging_is_for_is_told_by_its_reason(more: dict[str, Any], purpose: str | None) -> None:
    told = ordered(draft(concept(SCT, "113091000"), **more), condition("c", CORD_COMPRESSION))
    assert told.get("purpose") == purpose


def test_a_contrast_asked_for_and_not_is_unknown_and_told() -> None:
    result = reading(local("MRI spine with contrast", note=[{"text": "without contrast"}]))
    assert "contrast" not in order(result) and "ambiguous" in codes(result)


# --- procedures and operations --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "agent"),
    [
        (concept(SCT, "401226007"), "vertebroplasty"),
        (concept(SCT, "431312000"), "cementoplasty"),
        (concept(SCT, "879916008"), "radiofrequency"),
        (concept(SCT, "86273004"), "biopsy"),
        (concept(LOINC, "24986-2"), "biopsy"),
        (concept(LOINC, "24554-8"), "embolization"),
        (concept("urn:osteon:codesystem:procedures", "cryoablation"), "cryoablation"),
        (concept(LOCAL, "1", display="CT-guided bone biopsy"), "biopsy"),
        (concept(LOCAL, "1", display="Alcohol embolisation of bone lesion"), "alcohol_embolization"),
        (concept(LOCAL, "1", display="Percutaneous ablation"), "ablation"),
    ],
)
def test_the_order_of_an_intervention_says_which_and_is_no_operation(code: dict[str, Any], agent: str) -> None:
    result = reading(draft(code))
    assert order(result) == {"kind": "procedure", "agent": agent}
    assert not [name for name in values(result) if name.startswith("surgery.")]


@pytest.mark.parametrize(
    ("code", "operation"),
    [
        (concept("urn:osteon:codesystem:procedures", "decompression"), "decompression"),
        (concept(LOCAL, "1", display="Intramedullary nailing, femur"), "internal_fixation"),
        (concept(LOCAL, "1", display="Hemipelvectomy"), "hemipelvectomy"),
        (concept(LOCAL, "1", display="Decompressive laminectomy T8"), "decompression"),
    ],
)
def test_an_operation_on_bone_that_is_drafted_is_planned(code: dict[str, Any], operation: str) -> None:
    result = reading(draft(code))

    known = values(result)
    assert order(result) == {"kind": "procedure", "agent": operation}
    assert (known["surgery.planned"], known["surgery.type"]) == (True, operation)
    assert "surgery.planned" not in result.record.without_request().facts


OPERATION = concept("urn:osteon:codesystem:procedures", "prosthesis")


@pytest.mark.parametrize(
    ("status", "more", "planned"),
    [
        ("active", {}, True),
        ("on-hold", {}, True),
        ("active", {"authoredOn": "2026-10-31"}, True),
        ("active", {"authoredOn": "2026-11-02"}, None),
        ("active", {"intent": "proposal"}, None),
        ("active", {"doNotPerform": True}, None),
        ("completed", {}, None),
    ],
)
def test_an_operation_of_the_record_is_planned_while_its_order_is_open(
    status: str, more: dict[str, Any], planned: bool | None
) -> None:
    result = reading(draft(OPERATION, **{"status": status, **more}))
    assert result.record.value("surgery.planned") is planned
    assert result.record.without_request().value("surgery.planned") is planned


# --- radiopharmaceuticals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "resource",
    [
        draft(concept(SCT, "700357007")),
        draft(concept(SCT, "399315003"), orderDetail=[{"text": "Radium-223"}]),
        local("Radium-223 dichloride injection"),
    ],
)
def test_a_radiopharmaceutical_that_is_ordered_as_a_service_is_an_order_and_a_drug(resource: dict[str, Any]) -> None:
    result = reading(resource)

    assert order(result) == {
        "kind": "radiopharmaceutical", "drug_class": "radiopharmaceutical", "agent": "radium-223",
    }  # fmt: skip
    (drug,) = result.record.drugs or ()
    assert plain(drug) == {"drug.name": "radium-223", "drug.status": "draft"} and drug.in_request
    assert not result.record.courses


def test_the_same_radiopharmaceutical_prescribed_is_the_same_order() -> None:
    prescribed = {
        "resourceType": "MedicationRequest", "id": "d", "status": "draft", "intent": "order",
        "subject": {"reference": "Patient/p1"}, "medicationCodeableConcept": concept(RXNORM, "1424174"),
    }  # fmt: skip
    told = ordered(prescribed)
    assert told == {**ordered(draft(concept(SCT, "700357007"))), "combination_chemo": False}


def test_a_radiopharmaceutical_that_is_not_named_is_one_of_unknown_agent() -> None:
    result = reading(draft(concept(SCT, "399315003")))
    assert order(result) == {"kind": "radiopharmaceutical", "drug_class": "radiopharmaceutical"}
    assert result.record.drugs is None


def test_a_radiopharmaceutical_of_the_session_that_is_not_selected_is_about_to_be_given_and_no_order() -> None:
    service = draft(concept(SCT, "700357007"))
    parts = [
        Part(document=patient()),
        Part(document=bundle(service), in_request=True, chosen=frozenset({"ServiceRequest/other"})),
    ]
    (resources,) = unpack_parts(parts, patient="Patient/p1")
    record = read(resources, terminology(), TODAY).record

    (drug,) = record.drugs or ()
    assert plain(drug) == {"drug.name": "radium-223", "drug.status": "draft"} and not drug.in_request
    assert record.orders == () and record.value("meds.list_available") is False


def test_the_technique_of_an_extension_names_the_extension_as_its_source() -> None:
    technique = {"url": f"{MCODE}mcode-radiotherapy-technique", "valueCodeableConcept": concept(SCT, IMRT)}
    (only,) = reading(rt(extension=[technique])).record.courses

    (source,) = only.facts["rt.technique"].sources
    assert source.element == "ServiceRequest.extension.valueCodeableConcept"
