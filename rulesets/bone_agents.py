"""Antiresorptive drugs, with bone metastases and before them: no agent, dose or interval is in the paper."""

from rulesets.classification import FAVOURABLE_FACTORS
from rulesets.evidence import Statement
from rulesets.facts import bone_agent, mets, organ, tumour
from rulesets.language import all_of
from rulesets.rule import Rule, Suggestion
from rulesets.thresholds import NODES_HIGH_RISK_MIN

SECTION = "4 (Bone target agents)"

RULES: tuple[Rule, ...] = (
    Rule(
        id="bone-agents.consider",
        title="Bone metastases without an antiresorptive drug",
        statements=(
            Statement(
                says="Bisphosphonates and denosumab are in common clinical use.",
                section=SECTION,
                fingerprint="9:dc33f656b40359e6",
            ),
            FAVOURABLE_FACTORS,
        ),
        when=all_of(mets.status.is_("confirmed"), organ.bone.is_("present"), bone_agent.active.is_false),
        summary="Bone metastases and neither bisphosphonate nor denosumab: consider an antiresorptive drug",
        detail="The paper names no agent, dose or interval. Renal function, calcium and a dental check are not in it "
        "either; the ASCO-CCO guideline has them.",
        indicator_because="Common practice.",
        hooks=("patient-view",),
        when_unknown="ask",
        evidence="expert opinion and retrospective data",
        suggestions=(
            Suggestion(
                label="Propose an antiresorptive drug",
                action="propose_antiresorptive",
                description="Propose a bisphosphonate or denosumab, for you to choose and to dose",
            ),
        ),
    ),
    Rule(
        id="bone-agents.adjuvant",
        title="Antiresorptive drug in the adjuvant setting",
        statements=(
            Statement(
                says="In the adjuvant setting antiresorptive drugs aim at fewer bone metastases, and their benefit in "
                "breast cancer is called well established.",
                section=SECTION,
                references=(11,),
                fingerprint="22:5f7c6ef4c9439bfb",
            ),
        ),
        when=all_of(
            mets.status.is_("none"),
            tumour.positive_axillary_nodes.at_least(NODES_HIGH_RISK_MIN),
            tumour.first_event.is_("none"),
            bone_agent.active.is_false,
        ),
        summary="Many positive nodes, no recurrence: consider an adjuvant antiresorptive drug; eligibility not given",
        detail="The paper ties the benefit to no level of risk and does not say who is eligible. Showing this from "
        "{nodes_high_risk_min} positive nodes on is our own gate. Guidance elsewhere keeps to women past the menopause "
        "or under ovarian suppression.",
        indicator_because="An option to consider.",
        hooks=("patient-view",),
        evidence="review [11]",
        ambiguities=("The sentence is incomplete in the paper, and only its adjuvant half can be used.",),
    ),
)
