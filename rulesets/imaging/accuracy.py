"""How far a result can be trusted: what an ordered exam may miss or mistake, and what a result is worth in numbers."""

from rulesets.evidence import Statement
from rulesets.facts import imaging, mets, order, patient
from rulesets.imaging.scintigraphy import LYTIC_IS_MISSED, QUOTED_ACCURACY
from rulesets.language import all_of, any_of
from rulesets.likelihood import BONE_SCAN_ACCURACY, FDG_ACCURACY, MRI_ACCURACY, NAF_ACCURACY
from rulesets.rule import EACH_ORDER, Rule

RULES: tuple[Rule, ...] = (
    Rule(
        id="imaging.bone-scan-order-lytic",
        title="Bone scan for lytic disease",
        statements=(LYTIC_IS_MISSED,),
        for_each=EACH_ORDER,
        when=all_of(
            order.kind.is_("imaging"),
            order.modality.is_("bone_scan"),
            mets.predominant_behaviour.is_("lytic"),
        ),
        summary="Bone scan ordered, but the disease is mostly lytic and may not show: consider MRI or PET",
        detail="The scan may still be wanted for another reason: the order can stand.",
        indicator="info",
        indicator_because="A choice of exam.",
        hooks=("order-select",),
        evidence=QUOTED_ACCURACY,
    ),
    Rule(
        id="imaging.mimic-order-sarcoidosis",
        title="MRI or FDG-PET in sarcoidosis",
        statements=(
            Statement(
                says="Routine MRI cannot tell the lesions of sarcoidosis from metastases with certainty.",
                section="2.4",
                references=(35,),
                fingerprint="13:541393ae5ea8238a",
            ),
            Statement(
                says="Sarcoidosis that takes up FDG may look like metastatic disease.",
                section="2.4",
                references=(36,),
                fingerprint="9:8e247e2a05288ad4",
            ),
        ),
        for_each=EACH_ORDER,
        when=all_of(
            order.kind.is_("imaging"),
            order.modality.is_one_of("FDG-PET", "MRI", "WB-MRI", "PET-MRI"),
            patient.sarcoidosis.is_true,
        ),
        summary="Sarcoidosis may look like bone metastases on MRI and FDG-PET: consider histology if positive",
        detail="The order can stand; consider planning the biopsy with it.",
        indicator="info",
        indicator_because="The exam is less specific here.",
        hooks=("order-select",),
        evidence="cited references [35, 36]; their kind is not stated",
    ),
    Rule(
        id="imaging.post-test-probability",
        title="Probability of disease after an exam",
        statements=(BONE_SCAN_ACCURACY, FDG_ACCURACY, MRI_ACCURACY, NAF_ACCURACY),
        when=all_of(
            imaging.pretest_probability.is_known,
            any_of(
                imaging.bone_scan.is_one_of("negative", "positive"),
                imaging.fdg_pet.is_one_of("negative", "positive"),
                imaging.naf_pet.is_one_of("negative", "positive"),
                imaging.mri.is_one_of("negative", "positive"),
            ),
        ),
        summary="Probability of bone metastases after an exam, from the clinician's own estimate before it",
        detail=(
            "A positive result multiplies the odds by sensitivity / (1 - specificity), a negative one by "
            "(1 - sensitivity) / specificity, both as quoted. Where sensitivity is quoted as 100%, a negative "
            "result has no ratio and excludes nothing. Each exam stands by itself: results are not chained, as nothing "
            "shows that the exams are independent. Unless a clinician states the probability before the exam, nothing "
            "is computed."
        ),
        output="fact",
        indicator="info",
        indicator_because="Arithmetic for those who want it; it never begins from an assumed probability.",
        hooks=("patient-view",),
        evidence=QUOTED_ACCURACY,
        ambiguities=(
            "The figures are used as quoted, although 48% is an unusually low specificity for a bone scan and the "
            "accuracy of FDG-PET is said to differ by subtype. In a tumour that may be luminal or lobular, or in "
            "sarcoidosis, the result of FDG-PET gives a bound only, which is our reading.",
        ),
    ),
)
