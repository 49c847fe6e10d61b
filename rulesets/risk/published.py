"""Figures published for groups: where each immunophenotype relapses first, and how often with time."""

from collections.abc import Mapping

from rulesets.evidence import Statement
from rulesets.facts import mets, tumour
from rulesets.language import all_of
from rulesets.rule import Rule
from rulesets.thresholds import ENABLE_POPULATION_RISK
from rulesets.words import CHOICES

FIRST_RELAPSE: Mapping[str, Mapping[str, float]] = {
    "luminal_her2_negative": {"bone": 58.52},
    "luminal_her2_positive": {"bone": 47.28},
    "her2_enriched": {"bone": 34.49, "liver": 31.72},
    "triple_negative": {"bone": 36.39, "lung": 32.09},
}
"""Per cent of each immunophenotype whose first relapse is in an organ (SEER, section 1 [6])."""

CUMULATIVE_INCIDENCE: tuple[tuple[int, float], ...] = ((1, 4.8), (2, 5.6), (5, 6.9), (10, 8.4))
"""Per cent with metastases after so many years (section 1 [5])."""


def _shares(organ: str) -> str:
    return ", ".join(f"{shares[organ]}% ({CHOICES[word]})" for word, shares in FIRST_RELAPSE.items() if organ in shares)


RULES: tuple[Rule, ...] = (
    Rule(
        id="risk.subtype-tropism",
        title="Where this immunophenotype first relapses",
        statements=(
            Statement(
                says="Luminal tumours often relapse in bone first: 58.52% with ER+/HER2-, 47.28% with ER+/HER2+.",
                section="1",
                references=(6,),
                fingerprint="19:f75b781184e8ae76",
            ),
            Statement(
                says="ER-/HER2+ disease goes to the liver more than others do (31.72%), triple-negative disease to the "
                "lung (32.09%).",
                section="1",
                references=(6,),
                fingerprint="27:bd8445ce4c2b9e9c",
            ),
            Statement(
                says="In one retrospective study 59% of luminal A tumours had metastases in bone alone.",
                section="1",
                references=(7,),
                fingerprint="15:681d5d8895245891",
            ),
        ),
        when=all_of(
            tumour.subtype.is_known,
            tumour.subtype.is_not("er_negative_pr_positive"),
            mets.status.is_one_of("none", "suspected", "confirmed"),
        ),
        summary="First relapse by immunophenotype (SEER): how often in bone, liver or lung",
        detail=f"First relapse in bone: {_shares('bone')}. In the liver: {_shares('liver')}. In the lung: "
        f"{_shares('lung')}.",
        output="fact",
        indicator_because="Context for staging.",
        hooks=("patient-view",),
        evidence="retrospective registry study (SEER)",
        ambiguities=(
            "Two figures for bone hang on one 'respectively': they are read as 34.49% for ER-/HER2+ and 36.39% for "
            "triple-negative disease.",
            "Luminal A cannot be told from the receptors, so its 59% is never shown for a patient.",
        ),
    ),
    Rule(
        id="risk.cumulative-incidence",
        title="Cumulative incidence published for a population",
        statements=(
            Statement(
                says="Becoming metastatic is given as a cumulative 4.8% within a year, 5.6% within two, 6.9% within "
                "five and 8.4% within ten.",
                section="1",
                references=(5,),
                fingerprint="44:e6c89762288ddb70",
            ),
        ),
        when=all_of(mets.status.is_("none"), tumour.years_since_diagnosis.is_known),
        summary="All solid tumours, bone metastases: 4.8% within 1 year, 5.6% within 2, 6.9% within 5, 8.4% within 10",
        detail="Figures of a population, for all solid tumours: not of breast cancer, and not of this patient. Nothing "
        "is read between them, nor beyond ten years.",
        indicator_because="Context of a population.",
        hooks=("patient-view",),
        evidence="data cited from [5]; the paper does not state their design",
        ambiguities=(
            "The paper gives these figures as the risk of becoming metastatic from breast cancer; their source counts "
            "bone metastases of all solid tumours (BMC Cancer 2018;18:44). Hence the "
            "other label, and the switch that is off by default.",
        ),
        enabled_by=ENABLE_POPULATION_RISK,
    ),
)
