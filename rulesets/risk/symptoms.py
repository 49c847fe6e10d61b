"""Symptoms that call for a search, whoever has them and whatever has not been looked at."""

from rulesets.evidence import Statement
from rulesets.facts import imaging, mets, organ, patient
from rulesets.language import all_of, any_of
from rulesets.risk.high_risk import NOT_CONFIRMED
from rulesets.rule import Rule, Suggestion

RULES: tuple[Rule, ...] = (
    Rule(
        id="risk.symptomatic-investigate",
        title="Symptoms that may come from bone metastases",
        statements=(
            Statement(
                says="At staging and in follow-up alike, tests should be fitted to symptoms and to the risk of "
                "metastases.",
                section="5",
                fingerprint="27:37c8577c2937496f",
            ),
            Statement(
                says="Pain in cancer often comes from metastases in bone.",
                section="1",
                references=(12,),
                fingerprint="9:83e96547e4472378",
            ),
        ),
        # What nobody has looked at does not quieten a symptom: each unknown counts as not excluded.
        when=all_of(
            any_of(patient.bone_pain.is_true, patient.neuro_symptoms.is_true),
            any_of(
                NOT_CONFIRMED,
                mets.status.is_unknown,
                all_of(mets.status.is_("confirmed"), any_of(organ.bone.is_unknown, organ.bone.is_("absent"))),
            ),
            any_of(imaging.mri.is_unknown, imaging.mri.is_one_of("not_done", "equivocal")),
        ),
        summary="Bone pain or neurological symptoms in breast cancer: consider looking for bone metastases",
        detail="With neurological symptoms consider an urgent clinical examination and MRI of the spine with contrast "
        "first, not scintigraphy. Otherwise the imaging advice helps to choose the first test. A clearly negative or "
        "positive MRI of the region, made since the symptoms began, ends this advice.",
        indicator="warning",
        indicator_because="A symptom without an explanation may have a serious cause.",
        hooks=("patient-view",),
        evidence="expert opinion",
        suggestions=(
            Suggestion(
                label="Order an urgent MRI of the spine",
                action="order_urgent_spine_mri",
                description="Order an urgent MRI of the spine with contrast",
                when=patient.neuro_symptoms.is_true,
            ),
            Suggestion(
                label="Order an MRI of the painful region",
                action="order_mri",
                description="Order an MRI of the region of the skeleton that hurts",
                when=all_of(
                    patient.bone_pain.is_true,
                    any_of(patient.neuro_symptoms.is_false, patient.neuro_symptoms.is_unknown),
                ),
            ),
            # First-level imaging only where it is known that the cord is not in question.
            Suggestion(
                label="Order a bone scan",
                action="order_bone_scan",
                description="Order a bone scintigraphy, the first-level test for pain without neurological symptoms",
                when=all_of(patient.bone_pain.is_true, patient.neuro_symptoms.is_false),
            ),
        ),
    ),
)
