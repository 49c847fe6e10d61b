"""The pathway of each prognostic group: definitive local treatment, systemic therapy first, quality of life.

A group that crisis, progression or a short life expectancy contradicts is withdrawn before these
rules see it, so that none of them speaks for a group that is in doubt.
"""

from rulesets.currency import NRG_BR002
from rulesets.evidence import Statement
from rulesets.facts import context, mets, organ, patient, prognosis
from rulesets.language import all_of, any_of
from rulesets.prognosis import CONDITION_NOT_COMPROMISED
from rulesets.rule import Rule, Suggestion
from rulesets.thresholds import COMPROMISED_MIN_ECOG

RULES: tuple[Rule, ...] = (
    Rule(
        id="pathway.good-radical",
        title="Good prognosis: definitive local treatment within systemic therapy",
        statements=(
            Statement(
                says=(
                    "With a good prognosis, local treatment meant to be definitive (radical radiotherapy by SBRT or "
                    "SRS, interventional radiology or surgery) can be fitted into systemic therapy."
                ),
                section="5",
                fingerprint="28:2502b23b261d9e5e",
            ),
            Statement(
                says="SBRT in one or few fractions lets a patient whose prognosis is good be treated radically.",
                section="6",
                fingerprint="11:280d5193f82b46ac",
            ),
        ),
        when=all_of(
            prognosis.group.is_("good"),
            context.rt_planned.is_false,
            mets.all_bone_lesions_irradiated.is_false,
        ),
        summary="Good prognosis (luminal, few lesions, bone only, fit): consider definitive local treatment as well",
        detail=(
            "Consider SBRT or SRS, interventional radiology or surgery beside systemic therapy, to be chosen at the "
            "MDT: the patient is a candidate, which is not yet an indication. Whether drugs should go on during local "
            "treatment is still under study; each drug is judged once radiotherapy is ordered."
        ),
        indicator_because="A pathway to consider, without urgency.",
        hooks=("patient-view",),
        evidence="expert opinion on retrospective and phase II data",
        since=(NRG_BR002,),
        suggestions=(
            Suggestion(
                label="Refer to radiation oncology",
                action="refer_to_radiation_oncology",
                description="Refer for an opinion on radical local treatment of the bone metastases",
            ),
            Suggestion(
                label="Request an MDT discussion",
                action="request_mdt",
                description="Request a multidisciplinary discussion of definitive local treatment",
            ),
        ),
    ),
    Rule(
        id="pathway.intermediate-systemic-first",
        title="Intermediate prognosis: systemic therapy first",
        statements=(
            Statement(
                says=(
                    "Patients of this group chiefly keep their systemic therapy; symptoms bring in local treatment, "
                    "unless the systemic situation is compromised."
                ),
                section="5",
                fingerprint="23:b11b8fe8ae912f5d",
            ),
        ),
        when=prognosis.group.is_("intermediate"),
        summary="Intermediate prognosis ({lean}): consider systemic therapy first, and local treatment for symptoms",
        detail=(
            "Consider beginning, keeping or changing systemic therapy as the disease asks; the paper speaks only of "
            "keeping it. Local treatment is added for symptoms while the general condition allows."
        ),
        indicator_because="States a group and its pathway.",
        hooks=("patient-view",),
        evidence="expert opinion",
    ),
    Rule(
        id="pathway.intermediate-local-if-symptomatic",
        title="Intermediate prognosis with symptoms: local treatment as well",
        statements=(CONDITION_NOT_COMPROMISED,),
        when=all_of(
            prognosis.group.is_("intermediate"),
            any_of(patient.bone_pain.is_true, patient.neuro_symptoms.is_true),
            any_of(
                patient.systemic_condition.is_("acceptable"),
                all_of(patient.systemic_condition.is_unknown, patient.ecog.below(COMPROMISED_MIN_ECOG)),
            ),
        ),
        summary="Intermediate prognosis with symptoms, general condition preserved: consider adding local treatment",
        detail=(
            "Consider radiotherapy, interventional radiology or surgery, as the symptom requires. Preserved means "
            "stated as acceptable or, where nobody has stated it, an ECOG below {compromised_min_ecog}; that cut is "
            "ours."
        ),
        indicator_because="A pathway to consider.",
        hooks=("patient-view",),
        when_unknown="ask",
        ask=(patient.bone_pain, patient.ecog),
        evidence="expert opinion",
        suggestions=(
            Suggestion(
                label="Refer to radiation oncology",
                action="refer_to_radiation_oncology",
                description="Refer for treatment of a symptomatic bone metastasis",
            ),
        ),
    ),
    Rule(
        id="pathway.local-palliation",
        title="Painful bone metastases: palliative radiotherapy in any prognostic group",
        statements=(
            Statement(
                says="Palliative radiotherapy is given against symptoms and against growth where the lesion is.",
                section="3 (Dose and volumes)",
                fingerprint="11:7d88e1a4ae9a6f35",
            ),
        ),
        when=all_of(
            mets.status.is_("confirmed"),
            organ.bone.is_("present"),
            patient.bone_pain.is_true,
            prognosis.group.is_one_of("good", "indeterminate"),
            context.rt_planned.is_false,
        ),
        summary="Painful bone metastases: consider radiotherapy for the pain, whatever the prognosis",
        detail=(
            "A prognosis that is good, or not settled yet, does not stand in the way of palliation. The intermediate "
            "and the poor group have advice of their own on symptoms."
        ),
        indicator_because="Relief of symptoms.",
        hooks=("patient-view",),
        evidence="expert opinion",
        suggestions=(
            Suggestion(
                label="Refer to radiation oncology",
                action="refer_to_radiation_oncology",
                description="Refer for palliative treatment of a painful bone metastasis",
            ),
        ),
    ),
    Rule(
        id="pathway.poor-qol",
        title="Poor prognosis: treatment of bone lesions for quality of life",
        statements=(
            Statement(
                says="In this group bone lesions too are irradiated, or treated otherwise, for quality of life.",
                section="5",
                fingerprint="17:2e8180c1a0092174",
            ),
        ),
        when=prognosis.group.is_("poor"),
        summary="Poor prognosis ({reason}): consider RT or other treatment of bone lesions for quality of life",
        detail=(
            "The aim changes, not the right to treatment: lesions with symptoms remain an indication for local "
            "palliation, and a possible cord compression or a fracture is acted on in every group."
        ),
        indicator_because="States a group and its pathway.",
        hooks=("patient-view",),
        evidence="expert opinion",
        suggestions=(
            Suggestion(
                label="Refer to palliative and supportive care",
                action="refer_to_palliative_care",
                description="Refer to palliative and supportive care",
            ),
        ),
    ),
)
