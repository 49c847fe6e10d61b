"""How the disease is likely to go: criteria, adverse points, and the three prognostic groups.

The paper draws its algorithm in a figure whose text is not available; this was put together
again from what sections 3, 5 and 6 say. The criteria are judged for each way the unknown facts may turn out; a
group is stated only when all of them agree.
"""

from __future__ import annotations

from dataclasses import dataclass

from rulesets.classification import (
    BURDEN_BY_FIVE,
    EXTENT_BY_PARENCHYMA,
    FAVOURABLE_FACTORS,
    GOOD_SETTING,
    ORGANS_BESIDE_BONE,
    VISCERAL_ORGANS,
    every_organ_free,
    some_organ_involved,
)
from rulesets.evidence import Statement
from rulesets.facts import (
    bone_agent,
    criterion,
    feature,
    mets,
    organ,
    override,
    patient,
    pattern,
    point,
    prognosis,
    rt,
    systemic,
    tally,
    tumour,
)
from rulesets.language import Condition, FactType, TruthFact, all_of, any_of
from rulesets.rule import EACH_COURSE, ORDER_HOOKS, Definition, Rule
from rulesets.thresholds import (
    AGE_ADVERSE_OVER,
    COMPROMISED_MIN_ECOG,
    GOOD_MAX_ECOG,
    GOOD_MIN_LIFE_EXPECTANCY_WEEKS,
    GRADE_ADVERSE_MIN,
    HB_ADVERSE_BELOW,
    NODES_HIGH_RISK_MIN,
    OLIGO_MAX_LESIONS,
    POOR_MIN_POINTS,
    PRETREATED_MIN_LINES,
    SIZE_ADVERSE_OVER_CM,
)

FAVOURABLE_MAX_POINTS = 1
"""Ours: most adverse points of a favourable lean."""
UNFAVOURABLE_MIN_FEATURES = 2
"""Ours: fewest unfavourable features of an unfavourable lean."""

# --- what the paper says -------------------------------------------------------------------------

PROGNOSTIC_FACTORS = Statement(
    says="The literature holds prognostic: how old the patient is, ECOG, comorbidities, the immunophenotype, "
    "and what treatment went before.",
    section="5",
    fingerprint="13:ba595b96c7be199e",
)
BIOLOGY_BESIDE_EXTENT = Statement(
    says="An old patient, triple negative, with metastases in bone alone does not have the prognosis of a young "
    "one with many metastases of a luminal A tumour.",
    section="5",
    fingerprint="20:d34adc7dfc953c85",
)
OLIGOMETASTATIC_BONE_ONLY = Statement(
    says="Oligometastatic disease confined to bone has a favourable prognosis.",
    section="6",
    fingerprint="13:23be3e255539335e",
)
BONE_ONLY_FARES_BETTER = Statement(
    says="The 12 patients with bone-only disease had better overall survival and were longer free of "
    "widespread metastases.",
    section="3 (Dose and volumes)",
    references=(17,),
    fingerprint="15:9ed739a99b3852f8",
)
INTERMEDIATE_IS_MIXED = Statement(
    says="Intermediate prognosis is the most mixed group: ER expression, age and performance status count as well.",
    section="5",
    fingerprint="26:5e2ac9dacd0a361a",
)
POOR_IS_QUALITY_OF_LIFE = Statement(
    says="With a poor prognosis, systemic and local treatment alike serve quality of life.",
    section="5",
    fingerprint="20:8838527c01da0a78",
)
CONDITION_NOT_COMPROMISED = Statement(
    says="Local treatment is added for symptoms, provided the systemic situation is not compromised.",
    section="5",
    fingerprint="13:350216286495e6c6",
)
CAREFUL_SELECTION = Statement(
    says="Prognosis must be weighed with care before anyone is offered these treatments.",
    section="3 (Dose and volumes)",
    references=(55,),
    fingerprint="17:20be1f23c1f8021d",
)
DURATION_OF_SYMPTOMS = Statement(
    says="Survival depended independently on two things only: the extent of disease, and how long bone lesions "
    "had caused symptoms.",
    section="4 (Surgery)",
    references=(104,),
    fingerprint="17:e0747d44c97e0e60",
)
OLIGOPROGRESSION_OUTCOME = Statement(
    says="Half the patients were free of progression at 10.1 months and alive at 37.3; progression-free survival "
    "was 6.6 months in oligoprogression and 10.6 in oligometastatic disease.",
    section="3 (Dose and volumes)",
    references=(53,),
    fingerprint="28:52ea4886e033b065",
)

# --- criteria ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """One aspect of the patient: the facts that may still turn out either way, and what they decide.

    Dimensions share no fact, so each is judged by itself over the values its facts may take.
    """

    name: str
    facts: tuple[FactType, ...]
    definitions: tuple[Definition, ...]


def _so(fact: TruthFact, when: Condition, *statements: Statement) -> Definition:
    """A criterion: true when the condition holds, false when it certainly does not."""
    return Definition(id=f"{fact.name}/true", fact=fact, value=True, when=when, statements=statements)


ER_NEGATIVE = tumour.er.is_("negative")
TRIPLE_NEGATIVE = all_of(ER_NEGATIVE, tumour.pr.is_("negative"), tumour.her2.is_("negative"))
PERFORMANCE_TOO_POOR_FOR_GOOD = patient.ecog.above(GOOD_MAX_ECOG)
PERFORMANCE_MAY_COMPROMISE = patient.ecog.at_least(COMPROMISED_MIN_ECOG)
OLDER = patient.age_years.above(AGE_ADVERSE_OVER)

BURDEN = Dimension(
    name="burden",
    facts=(mets.lesion_count,),
    definitions=(
        _so(point.plurimetastatic, mets.lesion_count.above(OLIGO_MAX_LESIONS), BURDEN_BY_FIVE),
        _so(
            criterion.oligometastatic,
            all_of(mets.lesion_count.at_least(1), mets.lesion_count.at_most(OLIGO_MAX_LESIONS)),
            OLIGOMETASTATIC_BONE_ONLY,
        ),
        _so(criterion.single_lesion, mets.lesion_count.is_(1), GOOD_SETTING),
    ),
)

ORGANS = Dimension(
    name="organs",
    facts=ORGANS_BESIDE_BONE,
    definitions=(
        _so(point.visceral, some_organ_involved(VISCERAL_ORGANS), EXTENT_BY_PARENCHYMA),
        _so(criterion.bone_only, every_organ_free(ORGANS_BESIDE_BONE), OLIGOMETASTATIC_BONE_ONLY, GOOD_SETTING),
    ),
)

RECEPTORS = Dimension(
    name="receptors",
    facts=(tumour.er, tumour.pr, tumour.her2),
    definitions=(
        _so(point.er_negative, ER_NEGATIVE, PROGNOSTIC_FACTORS),
        _so(point.triple_negative, TRIPLE_NEGATIVE, BIOLOGY_BESIDE_EXTENT),
        _so(criterion.luminal, tumour.er.is_("positive"), GOOD_SETTING),
        _so(feature.er_negative, ER_NEGATIVE, INTERMEDIATE_IS_MIXED),
    ),
)

PERFORMANCE = Dimension(
    name="performance",
    facts=(patient.ecog,),
    definitions=(
        _so(point.ecog, PERFORMANCE_TOO_POOR_FOR_GOOD, PROGNOSTIC_FACTORS),
        _so(criterion.ecog, patient.ecog.at_most(GOOD_MAX_ECOG), PROGNOSTIC_FACTORS),
        _so(feature.ecog, PERFORMANCE_TOO_POOR_FOR_GOOD, INTERMEDIATE_IS_MIXED),
        # What is asserted decides alone. Unasserted, the performance status decides, unless a
        # skeletal event may explain it.
        _so(
            prognosis.compromised,
            any_of(
                all_of(patient.systemic_condition.is_known, patient.systemic_condition.is_("compromised")),
                all_of(
                    PERFORMANCE_MAY_COMPROMISE,
                    patient.systemic_condition.is_unknown,
                    pattern.skeletal_event.is_false,
                ),
            ),
            CONDITION_NOT_COMPROMISED,
        ),
        # Here the performance status and the record pull apart: compromised or not, both are tried.
        _so(
            prognosis.condition_open,
            all_of(
                PERFORMANCE_MAY_COMPROMISE,
                any_of(
                    all_of(patient.systemic_condition.is_unknown, pattern.skeletal_event.is_true),
                    all_of(
                        patient.systemic_condition.is_known,
                        patient.systemic_condition.is_("acceptable"),
                        pattern.skeletal_event.is_false,
                    ),
                ),
            ),
            CONDITION_NOT_COMPROMISED,
        ),
    ),
)

COMORBIDITIES = Dimension(
    name="comorbidities",
    facts=(patient.comorbidities,),
    definitions=(
        _so(point.comorbidities, patient.comorbidities.is_("significant"), PROGNOSTIC_FACTORS),
        _so(
            criterion.comorbidities,
            patient.comorbidities.is_one_of("none", "not_limiting"),
            PROGNOSTIC_FACTORS,
        ),
    ),
)

LINES = Dimension(
    name="lines",
    facts=(systemic.prior_lines_metastatic,),
    definitions=(
        _so(point.lines, systemic.prior_lines_metastatic.at_least(PRETREATED_MIN_LINES), PROGNOSTIC_FACTORS),
        _so(criterion.lines, systemic.prior_lines_metastatic.below(PRETREATED_MIN_LINES), PROGNOSTIC_FACTORS),
    ),
)

# Age enters the lean. As a point it counts only when AGE_COUNTS_AS_POINT is on.
AGE = Dimension(
    name="age",
    facts=(patient.age_years,),
    definitions=(
        _so(feature.age, OLDER, INTERMEDIATE_IS_MIXED),
        _so(point.age, OLDER, PROGNOSTIC_FACTORS),
    ),
)

CRITERIA: tuple[Dimension, ...] = (BURDEN, ORGANS, RECEPTORS, PERFORMANCE, COMORBIDITIES, LINES, AGE)

CONTEXT: tuple[str, ...] = (patient.systemic_condition.name, pattern.skeletal_event.name)
"""Facts that criteria read as they stand: nobody tries what they might turn out to be."""

# --- overrides -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Override:
    """A stated fact that withdraws a group: every worse group becomes possible, none is given."""

    definition: Definition
    fact: FactType
    withdraws: tuple[str, ...]


# Ours: definitive local treatment beside any of these would be absurd.
OVERRIDES: tuple[Override, ...] = (
    Override(
        definition=_so(override.visceral_crisis, mets.visceral_crisis.is_true, CAREFUL_SELECTION),
        fact=mets.visceral_crisis,
        withdraws=("good", "intermediate"),
    ),
    Override(
        definition=_so(
            override.short_life_expectancy,
            patient.life_expectancy_weeks.below(GOOD_MIN_LIFE_EXPECTANCY_WEEKS),
            CAREFUL_SELECTION,
        ),
        fact=patient.life_expectancy_weeks,
        withdraws=("good", "intermediate"),
    ),
    Override(
        definition=_so(override.rapid_progression, mets.rapid_progression.is_true, CAREFUL_SELECTION),
        fact=mets.rapid_progression,
        withdraws=("good",),
    ),
    Override(
        definition=_so(
            override.widespread_progression,
            mets.progression_pattern.is_("widespread"),
            CAREFUL_SELECTION,
        ),
        fact=mets.progression_pattern,
        withdraws=("good",),
    ),
)

# --- groups, from what was counted in one completion -----------------------------------------------

GROUPS: tuple[Definition, ...] = (
    Definition(
        id="prognosis.group/poor",
        fact=prognosis.group,
        value="poor",
        when=any_of(tally.compromised.is_true, tally.adverse_points.at_least(POOR_MIN_POINTS)),
        statements=(POOR_IS_QUALITY_OF_LIFE,),
    ),
    Definition(
        id="prognosis.group/good",
        fact=prognosis.group,
        value="good",
        when=all_of(
            tally.compromised.is_false,
            tally.adverse_points.below(POOR_MIN_POINTS),
            tally.criteria_unmet.is_(0),
        ),
        statements=(OLIGOMETASTATIC_BONE_ONLY, GOOD_SETTING),
    ),
    Definition(
        id="prognosis.group/intermediate",
        fact=prognosis.group,
        value="intermediate",
        when=all_of(
            tally.compromised.is_false,
            tally.adverse_points.below(POOR_MIN_POINTS),
            tally.criteria_unmet.above(0),
        ),
        statements=(INTERMEDIATE_IS_MIXED,),
    ),
)

LEANS: tuple[Definition, ...] = (
    Definition(
        id="prognosis.lean/favourable",
        fact=prognosis.lean,
        value="favourable",
        when=all_of(tally.unfavourable_features.is_(0), tally.adverse_points.at_most(FAVOURABLE_MAX_POINTS)),
        statements=(INTERMEDIATE_IS_MIXED,),
    ),
    Definition(
        id="prognosis.lean/unfavourable",
        fact=prognosis.lean,
        value="unfavourable",
        when=tally.unfavourable_features.at_least(UNFAVOURABLE_MIN_FEATURES),
        statements=(INTERMEDIATE_IS_MIXED,),
    ),
    Definition(
        id="prognosis.lean/mixed",
        fact=prognosis.lean,
        value="mixed",
        when=all_of(
            tally.unfavourable_features.below(UNFAVOURABLE_MIN_FEATURES),
            any_of(tally.unfavourable_features.above(0), tally.adverse_points.above(FAVOURABLE_MAX_POINTS)),
        ),
        statements=(INTERMEDIATE_IS_MIXED,),
    ),
)

# --- rules ---------------------------------------------------------------------------------------

RULES: tuple[Rule, ...] = (
    Rule(
        id="prognosis.stratify",
        title="Prognostic group",
        statements=(PROGNOSTIC_FACTORS, BIOLOGY_BESIDE_EXTENT, GOOD_SETTING, OLIGOMETASTATIC_BONE_ONLY),
        when=all_of(mets.status.is_("confirmed"), organ.bone.is_("present")),
        summary="The prognostic group was worked out for every way the unknown facts may turn out",
        detail="A group is stated only when all of these agree. Otherwise it is indeterminate, and the groups "
        "still possible are listed with the facts that would decide between them.",
        output="fact",
        indicator_because="Derived facts, for other rules to read.",
        hooks=("patient-view",),
        evidence="expert opinion (reconstruction of Figure 2)",
        ambiguities=(
            "Figure 2 is not part of the text. The weights, the cuts for ECOG and previous lines and the number of "
            "points that makes the group poor are ours; each of them can be set.",
        ),
    ),
    Rule(
        id="prognosis.good",
        title="Good prognostic group",
        statements=(OLIGOMETASTATIC_BONE_ONLY, GOOD_SETTING, BONE_ONLY_FARES_BETTER),
        when=prognosis.group.is_("good"),
        summary="Good prognosis: luminal tumour, few lesions, bone only, in a fit patient",
        detail="The paper's own example has a single lesion. Outcomes it cites for 12 patients with oligometastatic "
        "disease in bone only: overall survival 83% at 5 years and 75% at 10 years [17].",
        indicator_because="States a group.",
        hooks=("patient-view",),
        evidence="small cohort (of 48 patients 12 were bone-only [17]), retrospective series and expert opinion",
    ),
    Rule(
        id="prognosis.intermediate",
        title="Intermediate prognostic group",
        statements=(INTERMEDIATE_IS_MIXED,),
        when=prognosis.group.is_("intermediate"),
        summary="Intermediate prognosis, a mixed group: ER, age and performance status tell which way it leans",
        detail="Favourable lean: ER positive, {age_adverse_over} years or younger, ECOG {good_max_ecog} or better, and "
        "at most one adverse point. Unfavourable lean: two or more of ER negative, older than {age_adverse_over}, ECOG "
        "worse than {good_max_ecog}. Anything else is mixed.",
        indicator_because="States a group.",
        hooks=("patient-view",),
        evidence="expert opinion",
    ),
    Rule(
        id="prognosis.poor",
        title="Poor prognostic group",
        statements=(POOR_IS_QUALITY_OF_LIFE,),
        when=prognosis.group.is_("poor"),
        summary="Poor prognosis: adverse extent together with adverse biology or a frail patient",
        detail="The aim of treatment is quality of life; the group is no reason to withhold treatment. The group is "
        "poor when the general condition is compromised, which decides by itself, or when adverse points reach the "
        "limit.",
        indicator_because="States a group, and must not read as withholding treatment.",
        hooks=("patient-view",),
        evidence="expert opinion",
    ),
    Rule(
        id="prognosis.indeterminate",
        title="Prognostic group not determined",
        statements=(CAREFUL_SELECTION,),
        when=all_of(
            prognosis.group.is_("indeterminate"),
            mets.status.is_("confirmed"),
            any_of(organ.bone.is_("present"), organ.bone.is_unknown),
        ),
        summary="No prognostic group can be stated; the groups still possible and the data in the way are listed",
        detail="A fact is listed as missing only if knowing it could change the answer.",
        output="fact",
        indicator_because="Asks for data.",
        hooks=("patient-view",),
        evidence="n/a",
    ),
    Rule(
        id="prognosis.secondary-factors",
        title="Secondary factors, which never change the group",
        statements=(FAVOURABLE_FACTORS, DURATION_OF_SYMPTOMS),
        when=all_of(
            mets.status.is_("confirmed"),
            organ.bone.is_("present"),
            any_of(
                patient.hemoglobin_g_dl.below(HB_ADVERSE_BELOW),
                tumour.size_cm.above(SIZE_ADVERSE_OVER_CM),
                tumour.grade.at_least(GRADE_ADVERSE_MIN),
                tumour.histology.is_("lobular"),
                tumour.positive_axillary_nodes.at_least(NODES_HIGH_RISK_MIN),
                pattern.solitary_bone.is_true,
                bone_agent.active.is_true,
                patient.bone_symptom_duration_months.is_known,
                pattern.progression.is_("oligoprogressive"),
            ),
        ),
        summary="Further factors reported to matter are present; they are listed and leave the group as it is",
        detail="Adverse: haemoglobin below {hb_adverse_below} g/dL, primary larger than {size_adverse_over_cm} cm, "
        "grade {grade_adverse_min} or higher, lobular histology, {nodes_high_risk_min} positive nodes or more, "
        "oligoprogression (progression-free survival 6.6 against 10.6 months). Favourable: a single bone lesion, an "
        "antiresorptive drug. Neither: how long symptoms have lasted (no cut is given), onset.",
        output="fact",
        indicator_because="Explains, and decides nothing.",
        hooks=("patient-view",),
        evidence="retrospective or unspecified literature",
    ),
    Rule(
        id="prognosis.oligoprogressive-outcome",
        title="Outcome reported in oligoprogression",
        statements=(OLIGOPROGRESSION_OUTCOME,),
        for_each=EACH_COURSE,
        when=all_of(
            mets.status.is_("confirmed"),
            pattern.progression.is_("oligoprogressive"),
            rt.planned.is_true,
            rt.target.is_("bone"),
            rt.intent.is_("radical"),
        ),
        summary="Oligoprogression: PFS after ablative RT was 6.6 months, against 10.6 in oligometastatic disease",
        detail="From 22 patients with mixed primaries, 32% of them breast.",
        indicator_because="Helps to counsel the patient.",
        hooks=ORDER_HOOKS,
        evidence="cohort of 22, mixed histology, 32% breast",
    ),
)
