"""What CT may miss, when MRI settles a doubt, and the signal by which MRI knows a metastasis."""

from rulesets.evidence import Statement
from rulesets.facts import imaging, lesion, patient
from rulesets.imaging.offers import mri_of
from rulesets.language import all_of, any_of
from rulesets.likelihood import MRI_ACCURACY
from rulesets.rule import EACH_LESION, Definition, Rule

SECTION = "2.1"

# "At least one cm": a lesion of exactly this size is within reach of CT.
CT_DETECTS_FROM_CM = 1

TYPICAL_SIGNAL = Statement(
    says="A metastasis in bone is usually dark on T1 and bright on T2, and restricts diffusion.",
    section=SECTION,
    references=(27,),
    fingerprint="11:05934cfcc60abe40",
)
_SIGNAL_IS_TYPICAL = all_of(
    lesion.mri_t1.is_("low"),
    lesion.mri_t2.is_("high"),
    lesion.mri_dwi.is_("restricted"),
)

DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        id="lesion.mri_typical/true",
        fact=lesion.mri_typical,
        value=True,
        for_each=EACH_LESION,
        when=_SIGNAL_IS_TYPICAL,
        statements=(TYPICAL_SIGNAL,),
    ),
)

RULES: tuple[Rule, ...] = (
    Rule(
        id="imaging.ct-negative-limit",
        title="What a negative CT may miss",
        statements=(
            Statement(
                says="CT detects bone metastases from 1 cm on, once the bone has lost some 25 to 50% of its density.",
                section=SECTION,
                fingerprint="23:24781cc49a3433f1",
            ),
        ),
        when=all_of(
            imaging.ct.is_("negative"),
            imaging.mri.is_("not_done"),
            any_of(patient.bone_pain.is_true, imaging.suspected_lesion_size_cm.below(CT_DETECTS_FROM_CM)),
        ),
        summary="Negative CT may miss bone metastases under 1 cm or with little loss of density: consider MRI",
        detail="A lesion of exactly 1 cm counts as within reach of CT.",
        indicator="info",
        indicator_because="A limit of the exam.",
        hooks=("patient-view",),
        evidence="expert opinion and the physics of the exam",
        suggestions=(mri_of("the suspected region"),),
    ),
    Rule(
        id="imaging.mri-in-doubt",
        title="Doubt after CT or PET",
        statements=(MRI_ACCURACY,),
        when=all_of(
            any_of(
                imaging.ct.is_("equivocal"),
                imaging.fdg_pet.is_("equivocal"),
                imaging.naf_pet.is_("equivocal"),
            ),
            imaging.mri.is_("not_done"),
        ),
        summary="Equivocal CT or PET: consider MRI, which the paper turns to when in doubt",
        detail="Its sensitivity is quoted as up to 100%: even a negative MRI is no certainty.",
        indicator="info",
        indicator_because="A choice of exam.",
        hooks=("patient-view",),
        when_unknown="ask",
        ask=(imaging.mri,),
        evidence="diagnostic accuracy as quoted; the kinds of study are not stated",
        suggestions=(mri_of("the equivocal region"),),
    ),
    Rule(
        id="imaging.mri-typical-pattern",
        title="MRI signal of a metastasis",
        statements=(TYPICAL_SIGNAL,),
        for_each=EACH_LESION,
        when=_SIGNAL_IS_TYPICAL,
        summary="MRI signal as bone metastases usually have it: low on T1, high on T2, restricted diffusion",
        detail=(
            "It supports a metastasis and does not confirm it: by section 2.4, sarcoidosis cannot be told from "
            "metastasis with certainty on routine MRI."
        ),
        output="fact",
        indicator="info",
        indicator_because="Helps to read the image.",
        hooks=("patient-view",),
        evidence="expert opinion",
    ),
)
