"""The bone scan (scintigraphy): the first exam, what deceives it, and what it misses.

It shows the turnover of bone, whatever the cause. So a lytic lesion may stay dark and worn bone may
light up: the accuracy the paper quotes, 78% and 48%, is that of a first look.
"""

from rulesets.evidence import Statement
from rulesets.facts import imaging, mets, organ, patient, risk
from rulesets.imaging.offers import NO_OPEN_SPINAL_QUESTION, mri_of
from rulesets.language import all_of, any_of
from rulesets.likelihood import BONE_SCAN_ACCURACY
from rulesets.rule import Escalation, Rule, Suggestion

SECTION = "2.2"
QUOTED_ACCURACY = "diagnostic accuracy as quoted; the kinds of study are not stated"

LYTIC_IS_MISSED = Statement(
    says="The scan shows bone turnover, so it may be falsely negative where metastases are mostly lytic.",
    section=SECTION,
    fingerprint="12:445b974832b1cc1c",
)

# Bone disease is still in question: none known, suspected, or bone not looked at in metastatic disease.
BONE_IN_QUESTION = any_of(
    mets.status.is_one_of("none", "suspected"),
    all_of(mets.status.is_("confirmed"), organ.bone.is_unknown),
)

RULES: tuple[Rule, ...] = (
    Rule(
        id="imaging.first-level-bone-scan",
        title="First look at the skeleton",
        statements=(
            Statement(
                says="Effective and cheap, the bone scan is the first-level staging exam everywhere.",
                section=SECTION,
                references=(27, 31),
                fingerprint="15:fdd3e7c41b461e55",
            ),
            BONE_SCAN_ACCURACY,
        ),
        when=all_of(
            BONE_IN_QUESTION,
            any_of(
                patient.bone_pain.is_true,
                risk.surveillance_tier.is_("high"),
                mets.status.is_("suspected"),
            ),
            imaging.bone_scan.is_("not_done"),
            imaging.mri.is_("not_done"),
            imaging.fdg_pet.is_("not_done"),
            imaging.naf_pet.is_("not_done"),
        ),
        summary="Skeleton not imaged yet: consider a bone scan first (quoted as 78% sensitive, 48% specific)",
        detail=(
            "It may miss lytic lesions and show benign ones, resolves about 1 cm, and gives no volume, which SPECT/CT "
            "does. With spinal symptoms, or lesions known to be lytic, no bone scan is offered: our reading, as MRI "
            "answers better there."
        ),
        indicator="info",
        indicator_because="A choice of exam.",
        hooks=("patient-view",),
        evidence=QUOTED_ACCURACY,
        suggestions=(
            Suggestion(
                label="Order a bone scan",
                action="order_bone_scan",
                description="Order a bone scan of the skeleton; SPECT/CT can follow where a finding has to be placed",
                when=all_of(
                    NO_OPEN_SPINAL_QUESTION,
                    any_of(mets.predominant_behaviour.is_unknown, mets.predominant_behaviour.is_not("lytic")),
                ),
            ),
        ),
    ),
    Rule(
        id="imaging.bone-scan-equivocal",
        title="Equivocal bone scan",
        statements=(
            Statement(
                says="Borderline findings may call for an exam of the second level.",
                section=SECTION,
                fingerprint="10:43acf38dfe80b9f6",
            ),
            Statement(
                says="MRI is quoted as up to 100% sensitive and 90% specific and is used where there is doubt.",
                section="2.1",
                references=(26,),
                fingerprint="21:11a51ed8fdd114eb",
            ),
        ),
        when=all_of(imaging.bone_scan.is_("equivocal"), imaging.mri.is_("not_done")),
        summary="Equivocal bone scan: consider a second exam, MRI, or SPECT/CT to place the uptake",
        detail=(
            "Until then the disease counts as suspected, and burden, prognosis and pathway wait. The paper does not "
            "say which second exam: it uses MRI in doubt, and describes SPECT/CT as adding volume to the scan."
        ),
        indicator="info",
        indicator_because="The paper says that a second exam may be needed.",
        hooks=("patient-view",),
        when_unknown="ask",
        ask=(imaging.mri,),
        evidence=QUOTED_ACCURACY,
        suggestions=(mri_of("the equivocal region"),),
    ),
    Rule(
        id="imaging.bone-scan-degenerative",
        title="Uptake at degenerative bone",
        statements=(
            Statement(
                says="Benign disease, such as degeneration, can be mistaken for metastasis.",
                section=SECTION,
                fingerprint="15:ac75df20792f2c1e",
            ),
            Statement(
                says="A change in 5 to 10% of the bone, malignant or not, is enough for the tracer to gather.",
                section=SECTION,
                fingerprint="18:b4e846262eef705b",
            ),
            BONE_SCAN_ACCURACY,
        ),
        when=all_of(
            imaging.bone_scan.is_("positive"),
            imaging.degenerative_at_uptake.is_true,
            BONE_IN_QUESTION,
            imaging.mri.is_("not_done"),
        ),
        summary="Bone scan positive over degenerative bone: consider a second exam before calling it metastasis",
        detail=(
            "Consider leaving the disease as suspected until another exam or histology settles it: the bone scan is "
            "quoted as only 48% specific."
        ),
        indicator="warning",
        indicator_because="Taken for a metastasis, it would raise the stage falsely.",
        hooks=("patient-view",),
        evidence=QUOTED_ACCURACY,
        suggestions=(mri_of("the region with uptake"),),
    ),
    Rule(
        id="imaging.bone-scan-negative-lytic",
        title="Negative bone scan, with pain or lytic disease",
        statements=(
            LYTIC_IS_MISSED,
            Statement(
                says="Bone metastases of breast cancer are lytic as a rule.",
                section="2.1",
                fingerprint="7:bb907500e0a702c3",
            ),
        ),
        when=all_of(
            imaging.bone_scan.is_("negative"),
            any_of(mets.predominant_behaviour.is_("lytic"), patient.bone_pain.is_true),
            imaging.mri.is_one_of("not_done", "equivocal"),
            any_of(imaging.naf_pet.is_unknown, imaging.naf_pet.is_one_of("not_done", "equivocal")),
            any_of(imaging.fdg_pet.is_unknown, imaging.fdg_pet.is_not("positive")),
            any_of(mets.status.is_unknown, mets.status.is_not("confirmed")),
        ),
        summary="A negative bone scan does not rule out lytic metastases: consider MRI or PET",
        detail=(
            "With bone pain but no lesion known to be lytic this is information only: the paper speaks of lytic "
            "metastases, not of pain. A clear result of MRI or 18F-NaF PET, a positive FDG-PET, or confirmed "
            "metastases end this advice."
        ),
        indicator="info",
        indicator_because="Disease may be missed.",
        escalation=Escalation(
            when=mets.predominant_behaviour.is_("lytic"),
            to="warning",
            why="Lytic disease is the very case in which the paper expects the scan to be falsely negative.",
        ),
        hooks=("patient-view",),
        when_unknown="ask",
        ask=(imaging.mri,),
        evidence=QUOTED_ACCURACY,
        suggestions=(
            # An MRI that was done and stayed equivocal is not offered again: what is left is PET.
            mri_of("the painful region", imaging.mri.is_("not_done"), patient.bone_pain.is_true),
            mri_of(
                "the lytic lesions",
                imaging.mri.is_("not_done"),
                mets.predominant_behaviour.is_("lytic"),
                any_of(patient.bone_pain.is_unknown, patient.bone_pain.is_false),
            ),
        ),
    ),
)
