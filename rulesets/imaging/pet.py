"""FDG-PET and 18F-NaF PET: whom each suits, and what a negative one leaves open.

Luminal and lobular tumours grow slowly and take up little FDG. For them the paper suggests protocols
with 18F-NaF (fluoride), whose place is not yet settled either.
"""

from rulesets.evidence import Statement
from rulesets.facts import imaging, mets, order, organ, patient, tumour
from rulesets.imaging.offers import SLOW_GROWING, mri_of
from rulesets.language import all_of, any_of
from rulesets.likelihood import NAF_ACCURACY
from rulesets.rule import EACH_ORDER, Escalation, Rule, Suggestion

SECTION = "2.2"

_NEITHER_LUMINAL_NOR_LOBULAR = (tumour.luminal.is_false, tumour.histology.is_not("lobular"))

RULES: tuple[Rule, ...] = (
    Rule(
        id="imaging.fdg-order-luminal-lobular",
        title="FDG-PET in a luminal or lobular tumour",
        statements=(
            Statement(
                says="Growing slowly, these subtypes take up little glucose: FDG-PET is insensitive and may miss them.",
                section=SECTION,
                fingerprint="27:5ad0dec8fe74462d",
            ),
            Statement(
                says="Luminal and lobular tumours, slow and drawn to bone, may be examined by 18F-NaF PET protocols.",
                section=SECTION,
                fingerprint="21:0c6c20ad42e0f8e6",
            ),
        ),
        for_each=EACH_ORDER,
        when=all_of(order.kind.is_("imaging"), order.modality.is_("FDG-PET"), SLOW_GROWING),
        summary="A luminal or lobular tumour takes up little FDG and may be missed: consider 18F-NaF PET",
        detail="Nothing speaks against FDG-PET for another question. The place of 18F-NaF PET is itself not settled.",
        indicator="info",
        indicator_because="A choice of exam.",
        hooks=("order-select",),
        when_unknown="ask",
        ask=(tumour.luminal, tumour.histology),
        evidence="review, expert opinion",
        suggestions=(
            Suggestion(
                label="Order 18F-NaF PET/CT",
                action="order_naf_pet",
                description="Order 18F-NaF PET/CT, beside or in place of FDG-PET",
                when=any_of(imaging.naf_pet.is_unknown, imaging.naf_pet.is_("not_done")),
            ),
        ),
    ),
    Rule(
        id="imaging.fdg-negative-luminal-lobular",
        title="Negative FDG-PET in a luminal or lobular tumour",
        statements=(
            Statement(
                says="FDG-PET is insensitive to these subtypes and may miss their spread.",
                section=SECTION,
                fingerprint="15:ce923b5cb10037c9",
            ),
        ),
        when=all_of(
            imaging.fdg_pet.is_("negative"),
            SLOW_GROWING,
            any_of(
                mets.status.is_("suspected"),
                all_of(mets.status.is_("confirmed"), organ.bone.is_unknown),
                all_of(
                    mets.status.is_("none"),
                    any_of(
                        patient.bone_pain.is_true,
                        imaging.bone_scan.is_("equivocal"),
                        imaging.ct.is_("equivocal"),
                    ),
                ),
            ),
            imaging.naf_pet.is_("not_done"),
            imaging.mri.is_("not_done"),
        ),
        summary="Negative FDG-PET does not rule out luminal or lobular disease in bone: consider 18F-NaF PET or MRI",
        detail=(
            "Said only while something keeps the question open: suspected metastases, metastatic disease whose bones "
            "nobody has judged, or pain or an equivocal exam without known metastases."
        ),
        indicator="info",
        indicator_because="Disease may be missed.",
        escalation=Escalation(when=patient.bone_pain.is_true, to="warning", why="There is pain still to be explained."),
        hooks=("patient-view",),
        evidence="review, expert opinion",
        suggestions=(
            Suggestion(
                label="Order 18F-NaF PET/CT",
                action="order_naf_pet",
                description="Order 18F-NaF PET/CT of the skeleton",
            ),
            mri_of("the suspected region"),
        ),
    ),
    Rule(
        id="imaging.fdg-staging-useful",
        title="FDG-PET in locally advanced or metastatic disease",
        statements=(
            Statement(
                says="In locally advanced or metastatic disease FDG-PET helps with stage, response and prognosis.",
                section=SECTION,
                references=(33,),
                fingerprint="24:94bd117386a20919",
            ),
        ),
        when=all_of(
            any_of(tumour.locally_advanced.is_true, mets.status.is_("confirmed")),
            imaging.fdg_pet.is_("not_done"),
            *_NEITHER_LUMINAL_NOR_LOBULAR,
        ),
        summary="Locally advanced or metastatic, and no FDG-PET yet: consider it for stage, response and prognosis",
        detail=(
            "Left unsaid in luminal and lobular tumours, which FDG may miss. That limit is ours: the sentence names no "
            "subtype, but it contrasts these settings with the slow-growing ones."
        ),
        indicator="info",
        indicator_because="A choice of exam.",
        hooks=("patient-view",),
        evidence="cited reference [33]; its kind is not stated",
        suggestions=(
            Suggestion(
                label="Order FDG-PET/CT",
                action="order_fdg_pet",
                description="Order 18F-FDG PET/CT",
            ),
        ),
    ),
    Rule(
        id="imaging.fdg-followup-controversial",
        title="FDG-PET for follow-up",
        statements=(
            Statement(
                says="There is no agreement yet on FDG-PET in follow-up.",
                section=SECTION,
                fingerprint="9:aa3666ea83e1354c",
            ),
        ),
        for_each=EACH_ORDER,
        when=all_of(order.kind.is_("imaging"), order.modality.is_("FDG-PET"), order.purpose.is_("follow_up")),
        summary="FDG-PET ordered for follow-up: whether it is indicated there was disputed in 2020",
        detail="The paper neither recommends it nor advises against it.",
        indicator="info",
        indicator_because="The state of the evidence.",
        hooks=("order-select",),
        evidence="controversial",
    ),
    Rule(
        id="imaging.naf-setting-undefined",
        title="18F-NaF PET in other tumours",
        statements=(
            NAF_ACCURACY,
            Statement(
                says="For which patients 18F-NaF PET is useful has yet to be worked out.",
                section=SECTION,
                references=(27,),
                fingerprint="16:60d039f8e8ab2c9a",
            ),
        ),
        for_each=EACH_ORDER,
        when=all_of(order.kind.is_("imaging"), order.modality.is_("NaF-PET"), *_NEITHER_LUMINAL_NOR_LOBULAR),
        summary="18F-NaF PET: quoted as very accurate, but whom it helps was not settled in 2020",
        detail="The paper suggests it for luminal and lobular tumours, and this one is recorded as neither.",
        indicator="info",
        indicator_because="The state of the evidence.",
        hooks=("order-select",),
        evidence="diagnostic accuracy as quoted; the kinds of study are not stated",
    ),
)
