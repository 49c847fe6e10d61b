"""Irradiating a site again, and whom radiosurgery does not suit: what the paper offers instead.

Radiosurgery here is SRS by name, or SBRT in a single fraction.
"""

from rulesets.evidence import Statement
from rulesets.facts import mets, rt
from rulesets.language import any_of
from rulesets.planned_course import planned_for_bone
from rulesets.rule import EACH_COURSE, ORDER_HOOKS, Reading, Rule, Suggestion
from rulesets.thresholds import SRS_COUNT_SCOPE, SRS_MAX_LESIONS

SECTION = "3 (Dose and volumes)"

COUNTING_SPINAL_LESIONS = Reading(
    setting=SRS_COUNT_SCOPE,
    value="spinal_lesions",
    fact=mets.spinal_lesion_count,
    instead_of=mets.lesion_count,
)

RULES: tuple[Rule, ...] = (
    Rule(
        id="technique.retreatment-imrt-vmat",
        title="Irradiation of a site for the second time, by 3D-CRT",
        statements=(
            Statement(
                says="Techniques such as IMRT or VMAT can be chosen to shape the dose, above all in retreatment.",
                section=SECTION,
                fingerprint="28:95e1449ca238dd1f",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(rt.technique.is_known, rt.technique.is_("3DCRT"), rt.retreatment.is_true),
        summary="Site irradiated before, now 3D-CRT: consider IMRT or VMAT, and the sum of doses to the cord",
        detail=(
            "The paper says they 'can' be chosen. Doses are not added up here, and the paper gives no limit for the "
            "sum: the earlier plan is needed for that."
        ),
        indicator="warning",
        indicator_because="The doses to the cord add up.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        ask=(rt.retreatment,),
        evidence="expert opinion",
        suggestions=(
            Suggestion(
                label="Change the technique to VMAT",
                action="change_to_vmat",
                description="Change the technique of this course to VMAT",
            ),
        ),
    ),
    Rule(
        id="technique.srs-lesion-count",
        title="Radiosurgery with many lesions",
        statements=(
            Statement(
                says="More than three lesions, or a spinal canal too near, rule out radiosurgery for some patients.",
                section=SECTION,
                references=(54,),
                fingerprint="22:99522ac388a308c5",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(
            rt.single_fraction_stereotactic.is_true,
            mets.lesion_count.above(SRS_MAX_LESIONS),
            any_of(rt.intent.is_("radical"), rt.technique.is_known),
        ),
        summary=(
            "Radiosurgery, more than {srs_max_lesions} lesions: not as the paper proposes; consider a boost or other RT"
        ),
        detail=(
            "The limit counts {srs_count_scope}. It holds for SRS and for SBRT in one fraction, not for SBRT in "
            "several."
        ),
        indicator="warning",
        indicator_because="The paper would not choose this patient for it.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        ask=(mets.lesion_count,),
        evidence="retrospective data and expert opinion",
        ambiguities=(
            "'Lesions' may mean all metastases or those of the spine; the words as printed mean all, and a setting "
            "decides. The limit is not that of oligometastatic disease: a patient may be below the one and above the "
            "other.",
        ),
        readings=(COUNTING_SPINAL_LESIONS,),
    ),
    Rule(
        id="technique.srs-canal",
        title="Radiosurgery close to the spinal canal",
        statements=(
            Statement(
                says="Where the canal is too near, a boost to the visible tumour is a middle way to local control.",
                section=SECTION,
                references=(54,),
                fingerprint="25:1efdaa2f1d50e22b",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(
            rt.single_fraction_stereotactic.is_true,
            rt.near_spinal_canal.is_true,
            any_of(rt.spinal.is_true, rt.spinal.is_unknown),
            any_of(rt.intent.is_("radical"), rt.technique.is_known),
        ),
        summary="Radiosurgery close to the spinal canal, which the paper advises against: consider a boost instead",
        detail=(
            "Too close is what radiation oncologist or physicist have found: the paper gives no distance. Lying in a "
            "vertebra is not enough, as Table 1b has single fractions to the spine."
        ),
        indicator="warning",
        indicator_because="The cord may be damaged.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        ask=(rt.near_spinal_canal,),
        evidence="retrospective data and expert opinion",
    ),
    Rule(
        id="technique.sib-alternative",
        title="Boost within the vertebra where radiosurgery does not suit",
        statements=(
            Statement(
                says=(
                    "Local control was 93% after one year with a boost to 40 Gy and 30 Gy to the whole vertebra, in 10 "
                    "fractions."
                ),
                section=SECTION,
                references=(54,),
                fingerprint="25:166ce319f286a6c0",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(
            rt.intent.is_("radical"),
            rt.spinal.is_true,
            any_of(mets.lesion_count.above(SRS_MAX_LESIONS), rt.near_spinal_canal.is_true),
            rt.single_fraction_stereotactic.is_true,
        ),
        summary="Spine not suited to radiosurgery: consider a boost, 40 Gy with 30 Gy to the vertebra, in 10 fractions",
        detail=(
            "Weak evidence: none of the 12 patients had a breast carcinoma (one had an angiosarcoma of the breast, "
            "which responds to radiation differently). The limit of {srs_max_lesions} counts {srs_count_scope}."
        ),
        indicator_because="An option on weak evidence.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="cohort of 12 without a breast carcinoma [54]",
        suggestions=(
            Suggestion(
                label="Change to a boost, 40/30 Gy in 10 fractions",
                action="change_to_boost_40_30_gy_in_10",
                description="Change to 40 Gy to the visible tumour and 30 Gy to the whole vertebra, in 10 fractions",
            ),
        ),
        readings=(COUNTING_SPINAL_LESIONS,),
    ),
)
