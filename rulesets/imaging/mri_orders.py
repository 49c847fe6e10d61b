"""Ordering MRI: with contrast or without, for the spinal cord, and of the whole body.

A possible compression of the cord is the one emergency of the paper. It backs the MRI and asks for
contrast; that the exam is urgent, and that treatment never waits for contrast, is our safety judgement.
"""

from rulesets.evidence import Statement
from rulesets.facts import imaging, lesion, mets, order, organ, patient
from rulesets.language import all_of, any_of, none_of, some_lesion
from rulesets.rule import EACH_ORDER, HOOKS, ORDER_HOOKS, Rule, Suggestion

SECTION = "2.1"

CORD_NEEDS_CONTRAST = Statement(
    says="MRI of the spinal cord or of soft tissue around bone requires contrast.",
    section=SECTION,
    fingerprint="12:e0079cc1770b1630",
)

_MRI_ORDERED = (order.kind.is_("imaging"), order.modality.is_("MRI"))

# A compression at any listed lesion, or spinal symptoms where bone disease is known, suspected or not excluded.
CORD_IN_QUESTION = any_of(
    some_lesion(lesion.cord_compression.is_one_of("suspected", "confirmed")),
    all_of(
        patient.neuro_symptoms.is_true,
        any_of(
            organ.bone.is_("present"),
            mets.status.is_("suspected"),
            all_of(mets.status.is_("confirmed"), organ.bone.is_unknown),
        ),
    ),
)
# An MRI ordered for no stated purpose may well be the one that is missing.
NOT_ORDERING_IT = none_of(all_of(*_MRI_ORDERED, any_of(order.purpose.is_unknown, order.purpose.is_("cord_assessment"))))

RULES: tuple[Rule, ...] = (
    Rule(
        id="imaging.mri-bone-contrast-unneeded",
        title="Contrast for MRI of bone alone",
        statements=(
            Statement(
                says="MRI of bone is done without contrast; MRI of the cord or of soft tissue around it requires it.",
                section=SECTION,
                fingerprint="21:020540fa01783c3e",
            ),
        ),
        for_each=EACH_ORDER,
        when=all_of(
            *_MRI_ORDERED,
            order.purpose.is_("bone_assessment"),
            order.contrast.is_true,
            patient.neuro_symptoms.is_false,
            none_of(
                some_lesion(
                    any_of(
                        lesion.cord_compression.is_one_of("suspected", "confirmed"),
                        lesion.soft_tissue_extension.is_true,
                    )
                )
            ),
        ),
        summary="MRI ordered for bone alone: consider leaving out the contrast",
        detail=(
            "Said only where spinal symptoms, cord compression and growth into soft tissue are all recorded as absent. "
            "If cord or soft tissue is in question after all, consider giving that as the purpose: contrast is then "
            "required."
        ),
        indicator="info",
        indicator_because="Spares the patient what the exam does not need.",
        hooks=ORDER_HOOKS,
        evidence="expert opinion",
        suggestions=(
            Suggestion(
                label="Change to MRI without contrast",
                action="leave_out_contrast",
                description="Change this order to MRI without contrast",
            ),
        ),
    ),
    Rule(
        id="imaging.mri-cord-contrast-required",
        title="MRI of cord or soft tissue without contrast",
        statements=(CORD_NEEDS_CONTRAST,),
        for_each=EACH_ORDER,
        when=all_of(
            *_MRI_ORDERED,
            order.purpose.is_one_of("cord_assessment", "soft_tissue_assessment"),
            order.contrast.is_false,
        ),
        summary="MRI of cord or soft tissue ordered without contrast: consider adding it, as the paper requires",
        detail=(
            "Consider checking first for what forbids contrast (poor kidney function, an earlier reaction): the paper "
            "does not speak of it."
        ),
        indicator="warning",
        indicator_because="An exam that cannot answer the question delays the diagnosis.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        ask=(order.contrast,),
        evidence="expert opinion",
        suggestions=(
            Suggestion(
                label="Change to MRI with contrast",
                action="add_contrast",
                description="Change this order to MRI without and with contrast, if nothing forbids contrast",
            ),
        ),
    ),
    Rule(
        id="imaging.cord-mri-urgent",
        title="Possible cord compression and no MRI of the spine",
        statements=(
            Statement(
                says="MRI shows whether the cord is intact and how far it is compressed.",
                section=SECTION,
                fingerprint="16:84cb29a70dbefc7d",
            ),
            Statement(
                says="Compression of the spinal cord is one of the skeletal-related events, like fracture.",
                section="1",
                references=(13,),
                fingerprint="7:3128a1cba356fcfd",
            ),
        ),
        for_each=EACH_ORDER,
        when=all_of(
            CORD_IN_QUESTION,
            any_of(imaging.spine_mri.is_unknown, imaging.spine_mri.is_("not_done")),
            NOT_ORDERING_IT,
        ),
        summary="Possible spinal cord compression, no spine MRI on record: consider urgent MRI with contrast",
        detail=(
            "Compression is suspected or confirmed at a listed lesion, or there are spinal symptoms and bone "
            "metastases are known, suspected or not excluded. An MRI that nobody recorded counts as not done. The "
            "paper supports the MRI and sets no time limit: the urgency is our safety judgement."
        ),
        indicator="critical",
        indicator_because="Delay can cost function for good; nothing else in the paper is as pressing.",
        hooks=HOOKS,
        evidence="expert opinion for MRI; its urgency is a safety judgement of this service",
        suggestions=(
            Suggestion(
                label="Order urgent MRI of the whole spine",
                action="order_urgent_spine_mri",
                description="Order an urgent (stat) MRI of the whole spine with contrast, if nothing forbids contrast",
            ),
        ),
    ),
    Rule(
        id="imaging.cord-mri-no-contrast",
        title="Cord in question after an MRI without contrast",
        statements=(CORD_NEEDS_CONTRAST,),
        for_each=EACH_ORDER,
        when=all_of(CORD_IN_QUESTION, imaging.spine_mri.is_("done_no_contrast"), NOT_ORDERING_IT),
        summary="Spine MRI without contrast: consider acting on compression if shown, else repeating with contrast",
        detail=(
            "An MRI that shows the compression is enough to act on, and treatment need not wait for contrast. "
            "Consider repeating it with contrast, as the paper requires for the cord, only while the question is "
            "still open."
        ),
        indicator="warning",
        indicator_because="The question of the cord may still be open, but that is no reason to delay treatment.",
        hooks=HOOKS,
        evidence="expert opinion",
    ),
    Rule(
        id="imaging.wbmri-investigational",
        title="Whole-body MRI",
        statements=(
            Statement(
                says="What whole-body MRI is worth in practice is not established yet.",
                section=SECTION,
                references=(28,),
                fingerprint="9:e46f21bc3a1d449d",
            ),
            Statement(
                says="It is more sensitive and more specific than the bone scan.",
                section=SECTION,
                references=(29, 30),
                fingerprint="9:4e395c869db1738b",
            ),
        ),
        for_each=EACH_ORDER,
        when=all_of(order.kind.is_("imaging"), order.modality.is_("WB-MRI")),
        summary="Whole-body MRI: promising, but its value in practice was not established in 2020",
        detail=(
            "Nothing speaks against the order. The paper sees two promising uses: measuring response, and finding "
            "oligometastatic disease early."
        ),
        indicator="info",
        indicator_because="The state of the evidence.",
        hooks=("order-select",),
        evidence="under investigation",
    ),
)
