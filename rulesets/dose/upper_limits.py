"""Doses above what the paper reports: between what was published and what is plainly a slip of units."""

from rulesets.dose.radical import RELAPSE_IN_SPINE, TROVO_DOSES
from rulesets.facts import rt
from rulesets.language import all_of, any_of
from rulesets.planned_course import planned_for_bone
from rulesets.rule import EACH_COURSE, ORDER_HOOKS, Rule
from rulesets.thresholds import (
    HIGHEST_BONE_BED10,
    HIGHEST_BONE_BED_LATE,
    HIGHEST_SPINAL_SINGLE_GY,
    SPINAL_THREE_FRACTION_MAX_GY,
)

RULES: tuple[Rule, ...] = (
    Rule(
        id="dose.spinal-three-fraction",
        title="High dose to the spine in three fractions",
        statements=(RELAPSE_IN_SPINE,),
        for_each=EACH_COURSE,
        when=planned_for_bone(
            rt.spinal.is_true,
            rt.fractions.is_(3),
            rt.total_dose_gy.above(SPINAL_THREE_FRACTION_MAX_GY),
        ),
        summary=(
            "Spine, over {spinal_three_fraction_max_gy} Gy in 3 fractions: no outcome is reported; consider cord limits"
        ),
        detail=(
            "The paper reports 30 to 45 Gy in 3 fractions without saying what the spine was given. Taking the lower "
            "end as a limit for the spine is ours. The paper gives no limit for the cord."
        ),
        indicator="warning",
        indicator_because="The cord may be damaged.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        ask=(rt.spinal,),
        evidence="safety design",
    ),
    Rule(
        id="dose.above-published",
        title="Dose beyond anything the paper reports for bone",
        statements=(TROVO_DOSES,),
        for_each=EACH_COURSE,
        when=planned_for_bone(
            any_of(
                rt.bed_late.above(HIGHEST_BONE_BED_LATE),
                rt.bed10.above(HIGHEST_BONE_BED10),
                all_of(rt.spinal.is_true, rt.fractions.is_(1), rt.total_dose_gy.above(HIGHEST_SPINAL_SINGLE_GY)),
            ),
        ),
        summary="Dose beyond anything the paper reports for bone: consider rechecking it and the organs at risk",
        detail=(
            "The limits are a BED of {highest_bone_bed10} Gy at alpha/beta {alpha_beta_gy} or of "
            "{highest_bone_bed_late} Gy at {alpha_beta_late_gy} and, in the spine, {highest_spinal_single_gy} Gy in "
            "one fraction. The highest regimen of the paper is 45 Gy in 3 fractions."
        ),
        indicator="warning",
        indicator_because="An overdose, or a slip in dose or fractions.",
        hooks=ORDER_HOOKS,
        evidence="safety design",
    ),
)
