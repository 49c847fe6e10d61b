"""What imaging must show of known bone metastases: response, sites at risk, and how far the disease goes."""

from rulesets.evidence import Statement
from rulesets.facts import imaging, lesion, mets, organ, pattern, prognosis, rt, systemic, tumour
from rulesets.imaging.offers import SLOW_GROWING, mri_of
from rulesets.language import all_of, any_of
from rulesets.rule import EACH_COURSE, EACH_LESION, Rule, Suggestion

SECTION = "2.1"

RULES: tuple[Rule, ...] = (
    Rule(
        id="imaging.sclerosis-on-therapy",
        title="New sclerosis under therapy",
        statements=(
            Statement(
                says="Under treatment, new bone may form at the rim of lesions: sclerosis as a sign of response.",
                section=SECTION,
                fingerprint="13:c33884da3a7104e5",
            ),
        ),
        for_each=EACH_LESION,
        when=all_of(lesion.change_on_therapy.is_("new_peripheral_sclerosis"), systemic.ongoing.is_true),
        summary="New sclerosis at the rim of a lesion under therapy: consider that this may be response",
        detail=(
            "Bone forms anew around lesions that respond. Sclerosis by itself is never counted as progression here: "
            "only a clinician states that the disease progresses."
        ),
        indicator="info",
        indicator_because="Taken for progression, it would change a systemic therapy that works.",
        hooks=("patient-view",),
        evidence="expert opinion",
    ),
    Rule(
        id="imaging.morphologic-sre-risk",
        title="Bone metastases not seen on CT, X-ray or MRI",
        statements=(
            Statement(
                says="It takes morphologic imaging to find the sites at risk of a skeletal-related event.",
                section=SECTION,
                fingerprint="17:6e0f74e78c49e09e",
            ),
            Statement(
                says="CT shows, too, where disease grows out of bone into soft tissue.",
                section=SECTION,
                fingerprint="10:7c7ae54a2853e22f",
            ),
        ),
        when=all_of(
            mets.status.is_("confirmed"),
            organ.bone.is_("present"),
            imaging.morphologic_done.is_false,
        ),
        summary="Bone metastases without CT, X-ray or MRI: consider one to find sites that may fracture or compress",
        detail="Consider CT of the involved bones; it also shows growth into soft tissue.",
        indicator="info",
        indicator_because="Fundamental to the paper, which sets no measure of the risk.",
        hooks=("patient-view",),
        evidence="expert opinion",
        ambiguities=(
            "The paper does not say what makes a fracture likely: that one threatens is for a clinician or radiologist "
            "to state. The scores SINS and Mirels come from elsewhere and are not used.",
        ),
        suggestions=(
            Suggestion(
                label="Order CT of the involved bones",
                action="order_ct",
                description="Order CT of the involved parts of the skeleton",
            ),
        ),
    ),
    Rule(
        id="imaging.escalate-before-radical",
        title="Looking closer before radical treatment",
        statements=(
            Statement(
                says="In oligometastatic bone-only disease, closer imaging, drugs and SBRT may be linked to survival.",
                section="6",
                fingerprint="16:795381e5a17162b9",
            ),
            Statement(
                says="Whole-body MRI might serve to find oligometastatic disease early.",
                section=SECTION,
                references=(28,),
                fingerprint="11:62832cbdd45d1ed3",
            ),
        ),
        for_each=EACH_COURSE,
        when=all_of(
            pattern.burden.is_("oligometastatic"),
            organ.bone.is_("present"),
            imaging.high_resolution_staging_done.is_false,
            any_of(
                prognosis.group.is_one_of("good", "indeterminate"),
                all_of(rt.planned.is_true, rt.intent.is_("radical")),
            ),
        ),
        summary="Oligometastatic by the imaging so far: consider MRI or PET before radical local treatment",
        detail=(
            "There may be more lesions than the exams so far could show. Where PET is chosen: 18F-NaF in luminal and "
            "lobular tumours, FDG in others. That choice is our reading of section 2.2."
        ),
        indicator="info",
        indicator_because="A choice of exam.",
        hooks=("patient-view", "order-select"),
        evidence="expert opinion",
        suggestions=(
            mri_of("the skeleton"),
            Suggestion(
                label="Order 18F-NaF PET/CT",
                action="order_naf_pet",
                description="Order 18F-NaF PET/CT to stage the skeleton before radical treatment",
                when=SLOW_GROWING,
            ),
            Suggestion(
                label="Order FDG-PET/CT",
                action="order_fdg_pet",
                description="Order 18F-FDG PET/CT to stage before radical treatment",
                when=all_of(tumour.luminal.is_false, tumour.histology.is_not("lobular")),
            ),
        ),
    ),
)
