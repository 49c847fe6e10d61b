"""Patients told as facts: operations, ablations and exams that orders in FHIR do not name for us.

Each is judged by the real house, as a facts document sent to ``POST /evaluate`` is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from rulesets.rule import HOOKS, Hook
from service.assess import Request, assess
from service.house import House
from tests.support.house import house_in

Card = tuple[str, tuple[str, ...]]
"""The indicator of a card, and the rules on it."""

TOLD_AS_FACTS_ONLY = (
    "surgery.wide-resection",
    "surgery.prognosis-too-short",
    "surgery.systemic-hold",
    "surgery.excisional-not-confined",
    "surgery.systemic-delay",
    "ir.ablation-proximity",
    "ir.faster-healing",
    # no code of these two exams could be verified, so that no order of them is recognised
    "imaging.naf-setting-undefined",
    "imaging.petmri-limited",
)


@dataclass(frozen=True, kw_only=True)
class Told:
    """A patient, the answer expected, and the one point it makes.

    ``false`` rules neither fire nor wait for a fact. Hooks that ``cards`` leaves out are not looked at.
    """

    says: str
    facts: Mapping[str, Any]
    lists: Mapping[str, Any] = field(default_factory=dict)
    fired: Mapping[str, str] = field(default_factory=dict)
    false: tuple[str, ...] = ()
    undetermined: tuple[str, ...] = ()
    cards: Mapping[Hook, tuple[Card, ...]] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        return {"evaluationDate": "2026-11-01", "facts": dict(self.facts), **self.lists}


# --- patients ----------------------------------------------------------------------------------------

ELSEWHERE_FREE = {
    f"mets.organ.{organ}": "absent"
    for organ in ("liver", "lung", "brain", "other_visceral", "distant_nodes", "soft_tissue")
}
A_PATIENT = {
    "tumour.is_breast_primary": True, "mets.status": "confirmed", "mets.organ.bone": "present",
    "mets.onset_assertion": "recurrent", "mets.biopsy": "confirmed", "patient.age_years": 55,
    "patient.comorbidities": "none", "patient.bone_pain": False, "patient.neuro_symptoms": False,
    "systemic.prior_lines_metastatic": 0,
}  # fmt: skip
LUMINAL = {"tumour.er_primary": "positive", "tumour.pr_primary": "positive", "tumour.her2_primary": "negative"}
TRIPLE_NEGATIVE = {"tumour.er_primary": "negative", "tumour.pr_primary": "negative", "tumour.her2_primary": "negative"}
GOOD = {**A_PATIENT, **LUMINAL, **ELSEWHERE_FREE, "mets.lesion_count": 1, "patient.ecog": 0}
INTERMEDIATE = {**A_PATIENT, **LUMINAL, **ELSEWHERE_FREE, "mets.lesion_count": 6, "patient.ecog": 1}
POOR = {
    **A_PATIENT, **TRIPLE_NEGATIVE, **ELSEWHERE_FREE, "mets.organ.liver": "present", "mets.lesion_count": 9,
    "patient.ecog": 2,
}  # fmt: skip

DENOSUMAB = {"name": "denosumab", "status": "active", "start_day": -60}
LETROZOLE = {"name": "letrozole", "status": "active", "start_day": -60}
PALBOCICLIB = {"name": "palbociclib", "status": "active", "start_day": -60}
A_SOUND_FEMUR = {"site": "long_bone", "fracture": "none", "surgically_stabilised": False, "painful": False}


def operation(type: str, weeks: int | tuple[int, int]) -> dict[str, Any]:
    """An operation being planned, in a patient expected to live so many weeks."""
    lo, hi = weeks if isinstance(weeks, tuple) else (weeks, None)
    return {
        "surgery.planned": True,
        "surgery.type": type,
        "patient.life_expectancy_weeks": {"lo": lo, "hi": hi},
    }


def lists(*drugs: dict[str, Any], lesions: tuple[dict[str, Any], ...] = (), agent: str = "") -> dict[str, Any]:
    order = {"kind": "procedure"} | ({"agent": agent} if agent else {})
    return {"lesions": list(lesions), "drugs": [*drugs, DENOSUMAB], "orders": [order]}


def capecitabine_stopped(days_ago: int) -> dict[str, Any]:
    return {"name": "capecitabine", "status": "stopped", "start_day": -200, "stop_day": -days_ago}


# --- the table ---------------------------------------------------------------------------------------

TABLE: Mapping[str, Told] = {
    "fluoride PET outside the tumours it is published for": Told(
        says="Fluoride PET is ordered for a ductal, receptor-negative cancer, a setting the paper does not define.",
        facts={**INTERMEDIATE, **TRIPLE_NEGATIVE, "tumour.histology": "ductal_nst"},
        lists={"orders": [{"kind": "imaging", "modality": "NaF-PET"}]},
        fired={"imaging.naf-setting-undefined": "info"},
        false=("imaging.petmri-limited", "imaging.fdg-order-luminal-lobular"),
        cards={"order-select": (("info", ("imaging.naf-setting-undefined",)),)},
    ),
    "a PET with MRI for a luminal cancer": Told(
        says="PET/MRI is ordered for a luminal cancer: few advantages have been shown.",
        facts={**INTERMEDIATE, "tumour.histology": "ductal_nst"},
        lists={"orders": [{"kind": "imaging", "modality": "PET-MRI"}]},
        fired={"imaging.petmri-limited": "info"},
        false=("imaging.naf-setting-undefined",),
        cards={"order-select": (("info", ("imaging.petmri-limited",)),)},
    ),
    "a wide resection of a solitary metastasis under palbociclib": Told(
        says="Two studies disagree on wide resection of a solitary metastasis, and palbociclib may have to be held.",
        facts={**GOOD, **operation("wide_resection", 104)},
        lists=lists(LETROZOLE, PALBOCICLIB, lesions=(A_SOUND_FEMUR,)),
        fired={
            "surgery.wide-resection": "info",
            "surgery.systemic-hold": "warning",
            "surgery.systemic-delay": "info",
            "surgery.solitary-good": "info",
            "ir.faster-healing": "info",
        },
        false=("surgery.excisional-not-confined", "surgery.prognosis-too-short", "surgery.palliative-indication"),
        cards={
            "order-select": (("warning", ("surgery.systemic-hold", "ir.faster-healing")),),
            "order-sign": (("warning", ("surgery.systemic-hold", "surgery.wide-resection", "surgery.systemic-delay")),),
        },
    ),
    "a prosthesis with a month to live": Told(
        says="A prosthesis for someone with nine metastases and a month to live: is there time to benefit?",
        facts={**POOR, **operation("prosthesis", (3, 5))},
        lists=lists(lesions=(A_SOUND_FEMUR,)),
        fired={"surgery.excisional-not-confined": "info", "surgery.prognosis-too-short": "warning"},
        false=("surgery.wide-resection", "surgery.systemic-hold", "surgery.systemic-delay", "ir.faster-healing"),
        cards={
            "order-select": (("warning", ("surgery.prognosis-too-short",)),),
            "order-sign": (("warning", ("surgery.prognosis-too-short", "surgery.excisional-not-confined")),),
        },
    ),
    "a nail for a femur about to break under letrozole": Told(
        says="Fixation is no excision, and letrozole needs no hold: what remains is to mobilise her with care.",
        facts={**INTERMEDIATE, **operation("internal_fixation", 52)},
        lists=lists(LETROZOLE, lesions=({**A_SOUND_FEMUR, "fracture": "impending"},)),
        fired={
            "ir.faster-healing": "info",
            "surgery.palliative-indication": "warning",
            "pathway.ortho-evaluation": "warning",
        },
        false=(
            "surgery.wide-resection",
            "surgery.excisional-not-confined",
            "surgery.systemic-hold",
            "surgery.systemic-delay",
            "surgery.prognosis-too-short",
        ),
        cards={
            "order-select": (("warning", ("surgery.palliative-indication", "ir.faster-healing")),),
            "order-sign": (("warning", ("pathway.ortho-evaluation",)),),
        },
    ),
    "capecitabine stopped twenty days before the operation": Told(
        says="Twenty days after capecitabine the marrow may still suffer from it.",
        facts={**INTERMEDIATE, **operation("decompression", 52)},
        lists=lists(capecitabine_stopped(20), lesions=(A_SOUND_FEMUR,)),
        fired={"surgery.systemic-hold": "warning"},
        false=("ir.faster-healing",),
        cards={
            "order-select": (("warning", ("surgery.systemic-hold",)),),
            "order-sign": (("warning", ("surgery.systemic-hold",)),),
        },
    ),
    "capecitabine stopped three weeks before the operation": Told(
        says="Three weeks after capecitabine it is over, and nothing is said of the operation.",
        facts={**INTERMEDIATE, **operation("decompression", 52)},
        lists=lists(capecitabine_stopped(21), lesions=(A_SOUND_FEMUR,)),
        false=("surgery.systemic-hold", "ir.faster-healing", "surgery.systemic-delay"),
        cards={"order-select": (), "order-sign": ()},
    ),
    "an operation with exactly six weeks to live": Told(
        says="Six weeks are the least the paper asks for, and they are enough.",
        facts={**POOR, **operation("external_fixation", (6, 9))},
        lists=lists(lesions=(A_SOUND_FEMUR,)),
        false=("surgery.prognosis-too-short", "surgery.excisional-not-confined"),
        cards={"order-select": (), "order-sign": ()},
    ),
    "an operation with four to eight weeks to live": Told(
        says="Four to eight weeks may be too few or enough: the rule stays open.",
        facts={**POOR, **operation("external_fixation", (4, 8))},
        lists=lists(lesions=(A_SOUND_FEMUR,)),
        undetermined=("surgery.prognosis-too-short",),
    ),
    "an operation before any systemic therapy": Told(
        says="Nothing is under way that an operation could delay or that could slow its healing.",
        facts={**GOOD, **operation("curettage_cementing", 104)},
        lists=lists(lesions=(A_SOUND_FEMUR,)),
        false=(
            "surgery.systemic-delay",
            "surgery.systemic-hold",
            "surgery.wide-resection",
            "surgery.excisional-not-confined",
            "ir.faster-healing",
        ),
        cards={"order-select": (), "order-sign": ()},
    ),
    "radiofrequency beside a nerve": Told(
        says="Heat destroys a nerve as well as the tumour beside it.",
        facts=INTERMEDIATE,
        lists=lists(LETROZOLE, lesions=({**A_SOUND_FEMUR, "near_nerve_or_vessel": True},), agent="radiofrequency"),
        fired={"ir.ablation-proximity": "warning"},
        false=("surgery.systemic-hold", "ir.faster-healing"),
        cards={
            "order-select": (("warning", ("ir.ablation-proximity",)),),
            "order-sign": (("warning", ("ir.ablation-proximity",)),),
        },
    ),
    "cold far from any nerve": Told(
        says="No nerve and no vessel is close: nothing is said of cryoablation.",
        facts=INTERMEDIATE,
        lists=lists(LETROZOLE, lesions=({**A_SOUND_FEMUR, "near_nerve_or_vessel": False},), agent="cryoablation"),
        false=("ir.ablation-proximity",),
        cards={"order-select": (), "order-sign": ()},
    ),
    "cement beside a nerve": Told(
        says="The care the paper asks for is about destroying tumour, and cement is not among it.",
        facts=INTERMEDIATE,
        lists=lists(LETROZOLE, lesions=({**A_SOUND_FEMUR, "near_nerve_or_vessel": True},), agent="cementoplasty"),
        false=("ir.ablation-proximity",),
        cards={"order-select": (), "order-sign": ()},
    ),
}

each_case = pytest.mark.parametrize("told", [pytest.param(told, id=name) for name, told in TABLE.items()])
each_with_cards = pytest.mark.parametrize(
    "told", [pytest.param(told, id=name) for name, told in TABLE.items() if told.cards]
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    built = house_in(tmp_path_factory.mktemp("facts-stories"))
    yield built
    built.store.close()


def answer(house: House, told: Told, hooks: tuple[Hook, ...] = HOOKS) -> dict[str, Any]:
    (found,) = assess(house, Request(kind="facts", document=told.document(), digest="told", hooks=hooks)).results
    return found


def fired(result: Mapping[str, Any]) -> dict[str, str]:
    return {firing["id"]: firing["indicator"] for firing in result["rules"]["fired"]}


def undetermined(result: Mapping[str, Any]) -> set[str]:
    return {each["id"] for each in result["rules"]["undetermined"]}


@each_case
def test_the_rules_say_what_they_should(house: House, told: Told) -> None:
    result = answer(house, told)

    assert fired(result).items() >= told.fired.items()
    assert (set(fired(result)) | undetermined(result)).isdisjoint(told.false)
    assert undetermined(result) >= set(told.undetermined)


@each_with_cards
def test_the_cards_are_the_expected_ones(house: House, told: Told) -> None:
    for hook, expected in told.cards.items():
        cards = answer(house, told, (hook,))["cards"]

        shown = [(card["indicator"], set(card["extension"]["org.osteon.rules"])) for card in cards]
        assert shown == [(indicator, set(rules)) for indicator, rules in expected], hook


def test_each_says_its_point_once() -> None:
    points = [told.says for told in TABLE.values()]

    assert len(set(points)) == len(points)
    assert all(point[-1] in ".?" and "\n" not in point for point in points)


@pytest.mark.parametrize("id", TOLD_AS_FACTS_ONLY)
def test_a_rule_told_as_facts_fires_somewhere_and_is_false_somewhere(id: str) -> None:
    assert any(id in told.fired for told in TABLE.values())
    assert any(id in told.false for told in TABLE.values())
