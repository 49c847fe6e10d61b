"""The words of draft orders: what each closed grammar reads, and what it leaves alone."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.intake import order_words
from service.intake.dose_text import mentions_a_dose, prescriptions
from service.intake.drug_text import LONGEST, named_in

# --- drugs ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("capecitabine", ("capecitabine",)),
        ("capecitabine 150 MG Oral Tablet", ("capecitabine",)),
        ("PALBOCICLIB 125 MG CAPSULE", ("palbociclib",)),
        ("olaparib (LYNPARZA) 150 mg tablet", ("olaparib",)),
        ("nab paclitaxel 100 mg/20 mL", ("nab-paclitaxel",)),
        ("paclitaxel protein-bound 100 mg", ("nab-paclitaxel",)),
        ("ado-trastuzumab emtansine (KADCYLA) IVPB", ("trastuzumab emtansine",)),
        ("fam-trastuzumab deruxtecan-nxki 100 mg IV", ("trastuzumab deruxtecan",)),
        ("trastuzumab-anns", ("trastuzumab",)),
        ("T-DM1 3.6 mg/kg", ("trastuzumab emtansine",)),
        ("Ribociclib / Letrozole", ("ribociclib", "letrozole")),
        ("radium Ra-223 dichloride 1100 kBq/mL", ("radium-223",)),
        ("methotrexate 1 g/40 mL IV", ("methotrexate",)),
        ("everolimus 10 mg tablet", ("everolimus",)),
        ("denosumab 120 mg/1.7 mL", ("denosumab",)),
        ("morphine 10 mg tab", ("morphine",)),
    ],
)  # fmt: skip
def test_a_product_text_names_its_drug(text: str, names: tuple[str, ...]) -> None:
    assert named_in(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "",
        "trastuzumab duocarmazine 80 mg",
        "capecitabine and docetaxel",
        "no capecitabine",
        "capecitabine-like tablet",
        "AC chemotherapy",
        "fluorouracil 5 % cream",
        "methotrexate 2.5 mg tablet",
        "everolimus 0.75 mg tablet",
        "denosumab (PROLIA) 60 mg/mL",
        "zoledronic acid 5 mg/100 mL",
        "capecitabine " + "x" * LONGEST,
    ],
)
def test_what_is_more_than_one_name_or_for_another_illness_names_none(text: str) -> None:
    assert named_in(text) == ()


# --- doses ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "gray", "fractions"),
    [
        ("30 Gy in 10 fractions", "30", 10),
        ("30Gy/10#", "30", 10),
        ("30 Gy/10", "30", 10),
        ("3000 cGy in 10 fx", "30", 10),
        ("10 x 3 Gy", "30", 10),
        ("3 Gy × 10", "30", 10),
        ("7,5 Gy x 2", "15", 2),
        ("8 Gy single fraction", "8", 1),
        ("8 Gy in a single fraction", "8", 1),
        ("single dose of 8 Gy", "8", 1),
        ("8 Gy/1", "8", 1),
        ("Palliative RT to T8: 30 Gy in 10 fractions over 2 weeks", "30", 10),
        ("SBRT, 35 Gy in 5 fractions - T8", "35", 5),
        ("Prior RT 30 Gy in 10 fractions to L3. Now 20 Gy in 5 fractions to T8.", "20", 5),
    ],
)
def test_a_prescription_is_total_dose_and_fractions(text: str, gray: str, fractions: int) -> None:
    assert prescriptions(text) == {(Decimal(gray), fractions)}


@pytest.mark.parametrize(
    "text",
    [
        "2 Gy/day",
        "30 Gy in 2 weeks",
        "30 Gy in 10 days",
        "4 Gy x 5 fractions",
        "30 Gy in 105",
        "30 Gy in 10.5 fractions",
        "Previously received 30 Gy in 10 fractions",
        "30 Gy in 10 fractions to L3 in 2021",
        "Prior RT to L3, 30 Gy in 10 fractions",
        "Prior RT. 30 Gy in 10 fractions to L3.",
        "RT to L3 in 2021: 30 Gy in 10 fractions",
        "cord limit 45 Gy in 25 fractions",
        "30 Gy in 10 fractions or 20 Gy in 5 fractions",
        "no 30 Gy in 10 fractions",
    ],
)
def test_what_can_be_doubted_is_no_prescription(text: str) -> None:
    assert prescriptions(text) == frozenset()


def test_two_prescriptions_are_two() -> None:
    assert prescriptions("30 Gy/10 fx to T8; 20 Gy/5 fx to the pelvis") == {(Decimal(30), 10), (Decimal(20), 5)}


@pytest.mark.parametrize(("text", "spoken_of"), [("4 Gy x 5 fractions", True), ("prior 30 Gy", True), ("RT", False)])
def test_a_dose_that_cannot_be_read_is_noticed(text: str, spoken_of: bool) -> None:
    assert mentions_a_dose(text) == spoken_of


# --- kinds, modalities, contrast -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Radiotherapy, palliative, spine", "rt"),
        ("SBRT", "rt"),
        ("MRI-guided radiotherapy", "rt"),
        ("Radium-223 injection", "radiopharmaceutical"),
        ("MRI lumbar spine without contrast", "imaging"),
        ("MRI for radiotherapy planning", "imaging"),
        ("Radiotherapy planning CT", "imaging"),
        ("CT-guided biopsy of iliac bone", "procedure"),
        ("Vertebroplasty L3", "procedure"),
        ("Referral for radiotherapy", None),
        ("Radiation oncology consult", None),
        ("No MRI", None),
        ("Biopsy and radiotherapy", None),
        ("CBC with differential", None),
    ],
)
def test_the_words_of_an_order_tell_its_kind(text: str, kind: str | None) -> None:
    assert order_words.kind(text) == kind


@pytest.mark.parametrize(
    ("text", "modality"),
    [
        ("MRI spine", "MRI"),
        ("Whole-body MRI", "WB-MRI"),
        ("CT chest abdomen pelvis", "CT"),
        ("NM bone scan whole body", "bone_scan"),
        ("Bone scintigraphy", "bone_scan"),
        ("PET CT FDG skull base to thigh", "FDG-PET"),
        ("PET/CT, sodium fluoride", "NaF-PET"),
        ("PET/MR", "PET-MRI"),
        ("PET CT", None),
        ("CT and MRI spine", None),
        ("Thyroid scintigraphy", None),
        ("X-ray pelvis", None),
    ],
)
def test_the_words_of_imaging_tell_its_modality(text: str, modality: str | None) -> None:
    assert order_words.modality(text) == modality


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("MRI spine with contrast", True),
        ("MRI spine w contrast", True),
        ("MRI spine contrast-enhanced", True),
        ("MRI spine with and without contrast", True),
        ("MRI spine w wo contrast", True),
        ("MRI L-SPINE W/WO", True),
        ("MRI spine without and with IV contrast", True),
        ("MRI spine without contrast", False),
        ("MRI spine w/o contrast", False),
        ("MRI spine without IV contrast", False),
        ("MRI spine, no contrast", False),
        ("MRI spine non-contrast", False),
        ("MRI spine", None),
        ("contrast allergy", None),
    ],
)
def test_the_words_of_imaging_tell_whether_contrast_is_asked_for(text: str, asked: bool | None) -> None:
    assert order_words.contrast(text) is asked


# --- techniques, intents, purposes, sites --------------------------------------------------------------


@pytest.mark.parametrize(
    ("vocabulary", "text", "words"),
    [
        (order_words.TECHNIQUES, "SBRT by VMAT", {"SBRT", "VMAT"}),
        (order_words.TECHNIQUES, "stereotactic radiosurgery", {"SRS"}),
        (order_words.TECHNIQUES, "3D-CRT", {"3DCRT"}),
        (order_words.TECHNIQUES, "not a candidate for SBRT", set()),
        (order_words.TECHNIQUES, "consider SBRT. VMAT", {"VMAT"}),
        (order_words.PURPOSES, "History of breast cancer. Staging", {"staging"}),
        (order_words.INTENTS, "palliative", {"palliative"}),
        (order_words.INTENTS, "curative intent", {"radical"}),
        (order_words.INTENTS, "radical mastectomy", set()),
        (order_words.PURPOSES, "staging", {"staging"}),
        (order_words.PURPOSES, "re-staging", set()),
        (order_words.PURPOSES, "rule out cord compression", {"cord_assessment"}),
        (order_words.PURPOSES, "no cord compression", set()),
        (order_words.PURPOSES, "assess treatment response", {"response"}),
        (order_words.PURPOSES, "soft-tissue extension", {"soft_tissue_assessment"}),
        (order_words.PURPOSES, "bone only", {"bone_assessment"}),
        (order_words.PURPOSES, "SBRT planning", {"rt_planning"}),
        (order_words.PURPOSES, "surveillance", {"follow_up"}),
        (order_words.REGIONS, "L3", {"spine"}),
        (order_words.REGIONS, "T2 N1 breast cancer", set()),
        (order_words.REGIONS, "left acetabulum", {"pelvis"}),
        (order_words.TARGETS, "pelvis", set()),
        (order_words.TARGETS, "left acetabulum", {"bone"}),
        (order_words.TARGETS, "whole brain", {"brain"}),
        (order_words.AGENTS, "CT-guided radiofrequency ablation of bone", {"radiofrequency"}),
        (order_words.AGENTS, "alcohol embolisation", {"alcohol_embolization"}),
        (order_words.AGENTS, "ovarian ablation", set()),
    ],
)  # fmt: skip
def test_a_vocabulary_knows_its_words_and_passes_over_what_is_denied(
    vocabulary: order_words.Vocabulary, text: str, words: set[str]
) -> None:
    assert set(order_words.said_in(vocabulary, [(text, "note.text")])) == words


def test_no_more_than_the_beginning_of_a_text_is_looked_at() -> None:
    text = "x " * order_words.LONGEST + "palliative"
    assert not order_words.said_in(order_words.INTENTS, [(text, "note.text")])
