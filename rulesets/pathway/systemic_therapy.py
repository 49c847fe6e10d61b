"""Systemic therapy by biology, as the paper saw it in 2020: context for the choice, never a prescription."""

from rulesets.currency import ATEZOLIZUMAB_WITHDRAWN, RIGHT_CHOICE
from rulesets.evidence import Statement
from rulesets.facts import drug, meds, mets, order, organ, patient, tumour
from rulesets.language import all_of, any_of, none_of, some_drug
from rulesets.rule import EACH_ORDER, Rule, Suggestion
from rulesets.thresholds import ENABLE_SUPERSEDED

HORMONAL = "3, hormonal therapy"
CYTOTOXIC = "3, cytotoxic chemotherapy"

HER2_NEGATIVE_IS_OURS = (
    "That HER2 must be negative is our reading: the passage stands before the one on ER+/HER2- disease, and "
    "HER2-positive disease has a section of its own."
)

ANTHRACYCLINE_OR_TAXANE = Statement(
    says="Triple-negative and hormone-resistant disease is best treated with a taxane or an anthracycline.",
    section=CYTOTOXIC,
    references=(60, 61),
    fingerprint="16:cda490c7d8509979",
)
"""Its triple-negative half and its hormone-resistant half are told by a rule each."""

RULES: tuple[Rule, ...] = (
    Rule(
        id="pathway.et-preferred",
        title="Hormone receptor positive: endocrine therapy before chemotherapy",
        statements=(
            Statement(
                says=(
                    "Endocrine therapy is mostly the first choice for hormone receptor positive disease; when it "
                    "progresses fast or there is a visceral crisis, chemotherapy is."
                ),
                section=HORMONAL,
                references=(59,),
                fingerprint="29:7dd860fee1311370",
            ),
        ),
        for_each=EACH_ORDER,
        when=all_of(
            order.kind.is_("drug"),
            order.drug_class.is_("cytotoxic"),
            tumour.hr_positive.is_true,
            tumour.her2.is_("negative"),
            mets.status.is_("confirmed"),
            organ.bone.is_("present"),
            mets.visceral_crisis.is_false,
            mets.rapid_progression.is_false,
            tumour.endocrine_resistant.is_false,
        ),
        summary="HR+/HER2- without crisis, rapid progression or resistance: consider endocrine therapy first",
        detail="Chemotherapy is being ordered: consider recording the reason for it.",
        indicator_because="A choice of therapy.",
        hooks=("order-select",),
        when_unknown="ask",
        ask=(mets.visceral_crisis, mets.rapid_progression, tumour.endocrine_resistant),
        evidence="cited reference [59], of a type not stated",
        ambiguities=(HER2_NEGATIVE_IS_OURS,),
    ),
    Rule(
        id="pathway.crisis-chemo",
        title="Hormone receptor positive with crisis or rapid progression: cytotoxic drugs",
        statements=(
            Statement(
                says="The exceptions are a visceral crisis and fast progression: cytotoxic drugs are preferred there.",
                section=HORMONAL,
                references=(59,),
                fingerprint="19:28afb65ddcc7a746",
            ),
        ),
        when=all_of(
            tumour.hr_positive.is_true,
            tumour.her2.is_("negative"),
            mets.status.is_("confirmed"),
            organ.bone.is_("present"),
            any_of(mets.visceral_crisis.is_true, mets.rapid_progression.is_true),
        ),
        summary="HR+/HER2- in crisis or fast progression: the paper (2020) prefers chemotherapy; consider newer data",
        detail="A preference of 2020, which randomised data have overtaken since.",
        indicator_because="A preference that has been overtaken is information only.",
        hooks=("patient-view",),
        evidence="cited reference [59], of a type not stated",
        ambiguities=(HER2_NEGATIVE_IS_OURS,),
        since=(RIGHT_CHOICE,),
    ),
    Rule(
        id="pathway.tn-or-resistant-chemo",
        title="Triple negative: anthracycline or taxane",
        statements=(
            ANTHRACYCLINE_OR_TAXANE,
            Statement(
                says=(
                    "To long-known single drugs (capecitabine, vinorelbine, cyclophosphamide, gemcitabine, pegylated "
                    "liposomal doxorubicin), eribulin and nab-paclitaxel have been added."
                ),
                section=CYTOTOXIC,
                references=(64, 65),
                fingerprint="24:88998e9435a63625",
            ),
        ),
        when=all_of(mets.status.is_("confirmed"), organ.bone.is_("present"), tumour.subtype.is_("triple_negative")),
        summary="Triple-negative metastatic disease: consider an anthracycline or a taxane (as of 2020)",
        detail=(
            "After these the paper names eribulin, nab-paclitaxel and the older single drugs. Antibody-drug conjugates "
            "and pembrolizumab, which have changed practice since 2020, are not in it."
        ),
        indicator_because="Context for a choice of therapy.",
        hooks=("patient-view",),
        evidence="cited references [60-65], of types not stated",
    ),
    Rule(
        id="pathway.sequential-monotherapy",
        title="Combination chemotherapy: single drugs in sequence are usually preferred",
        statements=(
            Statement(
                says="In metastatic disease, one drug after another is mostly the better choice.",
                section=CYTOTOXIC,
                references=(62, 63),
                fingerprint="10:f984cd50b25a4fdf",
            ),
        ),
        for_each=EACH_ORDER,
        when=all_of(
            order.kind.is_("drug"),
            order.combination_chemo.is_true,
            mets.status.is_("confirmed"),
            organ.bone.is_("present"),
            mets.visceral_crisis.is_false,
            any_of(mets.rapid_progression.is_unknown, mets.rapid_progression.is_false),
        ),
        summary="Combination chemotherapy ordered: consider single drugs in sequence, which are usually preferred",
        detail=(
            "The combinations the paper names as an alternative are gemcitabine with paclitaxel or with carboplatin. "
            "Not shown in a visceral crisis or rapid progression, an exception of ours."
        ),
        indicator_because="A choice of therapy.",
        hooks=("order-select",),
        evidence="cited references [62,63], of types not stated",
    ),
    Rule(
        id="pathway.hormone-refractory-options",
        title="Hormone resistance: targeted drug with endocrine therapy, or chemotherapy",
        statements=(
            Statement(
                says=(
                    "Everolimus and alpelisib have come in for hormone-refractory disease, and CDK4/6 inhibitors "
                    "whether it is refractory or still sensitive."
                ),
                section=HORMONAL,
                references=(14, 66, 67, 68),
                fingerprint="31:6969b90b1c7103c8",
            ),
            ANTHRACYCLINE_OR_TAXANE,
        ),
        when=all_of(
            mets.status.is_("confirmed"),
            organ.bone.is_("present"),
            tumour.hr_positive.is_true,
            tumour.her2.is_("negative"),
            tumour.endocrine_resistant.is_true,
        ),
        summary="Hormone-resistant HR+/HER2-: consider endocrine plus targeted drug, or anthracycline/taxane (2020)",
        detail=(
            "Targeted: everolimus, alpelisib or a CDK4/6 inhibitor; consider their timing around radiotherapy. The "
            "paper names both ways and ranks neither. Alpelisib needs a PIK3CA mutation, which the paper does not say "
            "(it prints PI3KCA)."
        ),
        indicator_because="Context for a choice of therapy.",
        hooks=("patient-view",),
        evidence="cited trials [14,66-68]",
        ambiguities=(HER2_NEGATIVE_IS_OURS,),
    ),
    Rule(
        id="pathway.brca-parp",
        title="BRCA mutation: PARP inhibitor",
        statements=(
            Statement(
                says="Olaparib and talazoparib have lately been effective in metastatic disease with mutated BRCA.",
                section="3, PARP inhibitors",
                fingerprint="15:77704175397af36e",
            ),
        ),
        when=all_of(
            mets.status.is_("confirmed"),
            organ.bone.is_("present"),
            tumour.brca_mutated.is_true,
            # Once one is taken, the rules on drugs around radiotherapy watch over it.
            any_of(
                meds.list_available.is_unknown,
                meds.list_available.is_false,
                none_of(some_drug(all_of(drug.drug_class.is_("parp_inhibitor"), drug.status.is_("active")))),
            ),
        ),
        summary="BRCA mutation: consider olaparib or talazoparib, but not during RT (not recommended together)",
        detail=(
            "The paper cites no trial here and does not mention HER2: consider the approved indication. If "
            "radiotherapy is in view, consider which of the two comes first."
        ),
        indicator_because="Context for a choice of therapy.",
        hooks=("patient-view",),
        evidence="statement without a reference or a phase of trial",
    ),
    Rule(
        id="pathway.tn-pdl1-io",
        title="PD-L1 positive, triple negative: atezolizumab with nab-paclitaxel",
        statements=(
            Statement(
                says=(
                    "Atezolizumab with nab-paclitaxel lengthened progression-free and overall survival, compared with "
                    "chemotherapy by itself, in PD-L1 positive triple-negative disease."
                ),
                section="3, immunotherapy",
                references=(94,),
                fingerprint="23:8212e41e7dee0325",
            ),
        ),
        when=all_of(mets.status.is_("confirmed"), tumour.subtype.is_("triple_negative"), tumour.pdl1.is_("positive")),
        summary="PD-L1+ triple negative: trial of atezolizumab with nab-paclitaxel (2020); consider its approval today",
        detail="Shown only where a hospital has asked for statements that have been overtaken.",
        indicator_because="Overtaken since 2020.",
        hooks=("patient-view",),
        evidence="cited trial [94]",
        since=(ATEZOLIZUMAB_WITHDRAWN,),
        enabled_by=ENABLE_SUPERSEDED,
    ),
    Rule(
        id="pathway.chemo-bone-pain",
        title="Painful bone metastases during chemotherapy: palliative radiotherapy",
        statements=(
            Statement(
                says="As pain must be relieved fast, chemotherapy is often combined with palliative radiotherapy.",
                section=CYTOTOXIC,
                fingerprint="18:10f42120d9401418",
            ),
            Statement(
                says="Chemotherapy as a rule does little in bone metastases.",
                section=CYTOTOXIC,
                fingerprint="10:2398ea509f680987",
            ),
        ),
        when=all_of(
            mets.status.is_("confirmed"),
            organ.bone.is_("present"),
            patient.bone_pain.is_true,
            some_drug(all_of(drug.drug_class.is_("cytotoxic"), drug.status.is_("active"))),
        ),
        summary="Painful bone metastases during chemotherapy: consider palliative RT, timed off the nadir",
        detail=(
            "Marrow nadirs of the two treatments should not fall together; the paper gives no interval. The timing is "
            "judged for each drug once radiotherapy is ordered."
        ),
        indicator_because="Relief of symptoms.",
        hooks=("patient-view",),
        evidence="expert opinion",
        suggestions=(
            Suggestion(
                label="Refer to radiation oncology",
                action="refer_to_radiation_oncology",
                description="Refer for palliative radiotherapy of a painful bone metastasis",
            ),
        ),
    ),
)
