"""What is irradiated: the whole compartment for palliation, the lesion and a margin for a radical aim."""

from rulesets.evidence import Statement
from rulesets.facts import lesion, rt
from rulesets.language import any_of, some_lesion
from rulesets.planned_course import planned_for_bone
from rulesets.rule import EACH_COURSE, Rule

RULES: tuple[Rule, ...] = (
    Rule(
        id="technique.palliative-volume",
        title="Palliative volume smaller than the bone compartment",
        statements=(
            Statement(
                says=(
                    "A palliative volume mostly takes in the whole compartment of the bone and what has grown out of "
                    "it, with a margin of less than a centimetre."
                ),
                section="3 (Dose and volumes)",
                fingerprint="19:a69ce5c3aa2e98b1",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(
            rt.intent.is_("palliative"),
            rt.setting.is_not("postoperative"),
            rt.volume.is_one_of("lesion_mm_margin", "partial_lesion"),
        ),
        summary="Palliative RT to the lesion alone: consider the whole bone compartment and any soft-tissue growth",
        detail="What is usual, with a margin below a centimetre; the paper does not call a smaller volume wrong.",
        indicator_because="A convention.",
        hooks=("order-sign",),
        evidence="expert opinion",
    ),
    Rule(
        id="technique.palliative-soft-tissue",
        title="Growth into soft tissue outside the palliative volume",
        statements=(
            Statement(
                says="The palliative volume is the bone compartment, and soft tissue where it is invaded.",
                section="Table 1a",
                fingerprint="5:742cb68274c67a68",
            ),
            Statement(
                says="On the planning CT the soft tissue around can be contoured too.",
                section="2.3",
                fingerprint="11:e7755263d0732f09",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(
            rt.intent.is_("palliative"),
            rt.volume.is_("bone_compartment"),
            some_lesion(lesion.soft_tissue_extension.is_true),
        ),
        summary="A lesion grows into soft tissue, but the volume is bone alone: consider including that growth",
        detail=(
            "Any listed lesion counts, also one that this course does not name as its target: consider whether it is "
            "the one that is treated."
        ),
        indicator="warning",
        indicator_because="Part of the tumour may be missed.",
        hooks=("order-sign",),
        evidence="expert opinion",
        ambiguities=("All listed lesions are taken for treated ones, as plans often do not name their targets.",),
    ),
    Rule(
        id="technique.ct-coregistration",
        title="Contrast CT for bulky disease or growth into soft tissue",
        statements=(
            Statement(
                says="Co-registering a diagnostic contrast CT can help to tell sound soft tissue from invaded tissue.",
                section="2.3",
                fingerprint="26:ff071bda344fcf11",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(
            rt.intent.is_("palliative"),
            some_lesion(any_of(lesion.bulky.is_true, lesion.soft_tissue_extension.is_true)),
            rt.ct_contrast_coregistration.is_false,
        ),
        summary="Bulky lesion or growth into soft tissue: consider co-registering a contrast CT to see how far it goes",
        detail="It 'can' help, the paper says, in some cases. Any listed lesion counts, named as a target or not.",
        indicator_because="It may help.",
        hooks=("order-sign",),
        evidence="expert opinion",
    ),
    Rule(
        id="technique.radical-volume",
        title="Radical volume larger than the lesion and its margin",
        statements=(
            Statement(
                says="The radical volume is the bone lesion and a margin.",
                section="Table 1b",
                fingerprint="3:47f4a4add3344e0e",
            ),
            Statement(
                says="The high dose goes to the lesion, widened by a margin of millimetres.",
                section="2.3",
                fingerprint="17:b39424c36a86bf8c",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(
            rt.intent.is_("radical"),
            rt.volume.is_one_of("bone_compartment", "bone_compartment_plus_soft_tissue"),
        ),
        summary="Radical RT to the whole bone compartment: consider the lesion and a margin of millimetres instead",
        detail="In the paper's radical series a whole vertebra is irradiated only around a boost, at a lower dose.",
        indicator_because="A convention.",
        hooks=("order-sign",),
        evidence="retrospective and phase II series",
    ),
    Rule(
        id="technique.whole-lesion",
        title="Radical volume that leaves out part of the lesion",
        statements=(
            Statement(
                says="Irradiating the whole lesion went with better results (p 0.007).",
                section="Table 1b",
                references=(51,),
                fingerprint="6:c2f8c6a7ad61f64d",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(rt.intent.is_("radical"), rt.volume.is_("partial_lesion")),
        summary="Radical RT to part of the lesion: consider the whole lesion, which did better in one series",
        detail="A univariate analysis of 50 patients; it does not show that the volume was the cause.",
        indicator="warning",
        indicator_because="Partial volumes went with worse results.",
        hooks=("order-sign",),
        evidence="retrospective series [51]",
    ),
)
