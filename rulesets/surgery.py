"""Surgery of bone metastases: whom it may help, what speaks against it, and what it does to other treatment.

Two series the paper reports disagree on radical surgery of a solitary lesion; both are told, and
neither quietens the other.
"""

from rulesets.evidence import Statement
from rulesets.facts import drug, lesion, mets, patient, pattern, prognosis, rt, surgery, systemic
from rulesets.language import Condition, all_of, any_of, none_of, some_course, some_lesion
from rulesets.rule import EACH_DRUG, EACH_LESION, ORDER_HOOKS, Rule, Suggestion
from rulesets.thresholds import SURGERY_MIN_WEEKS

SECTION = "4 (Surgery)"

EXCISION_IF_CONFINED = Statement(
    says=(
        "Where disease is confined (few metastases, a single parenchyma), an operation may aim at excision for better "
        "quality of life."
    ),
    section=SECTION,
    references=(103,),
    fingerprint="22:2af2f81451e1fdd2",
)

NOT_STABILISED: Condition = any_of(lesion.surgically_stabilised.is_unknown, lesion.surgically_stabilised.is_false)
"""Nothing on record says that the bone has been operated on."""

DISAGREEMENT = (
    "Durr [104] finds wide resection unlikely to be needed, Szendroi [105] considers radical surgery for a solitary "
    "lesion with good factors: the paper reports both and does not choose."
)

RULES: tuple[Rule, ...] = (
    Rule(
        id="surgery.excisional-candidate",
        title="Excisional surgery while disease is confined",
        statements=(EXCISION_IF_CONFINED,),
        when=all_of(
            pattern.burden.is_("oligometastatic"),
            pattern.extent.is_("bone_only"),
            prognosis.group.is_one_of("good", "intermediate"),
        ),
        summary="Confined disease (few lesions, bone only): consider excisional surgery among the options (MDT)",
        detail=(
            "A single parenchyma is read as a single organ, the bone. Left out in the poor group, whose treatment is "
            "for quality of life; this limit is ours."
        ),
        output="fact",
        indicator_because="An option to consider.",
        hooks=("patient-view",),
        evidence="expert opinion",
    ),
    Rule(
        id="surgery.solitary-good",
        title="Surgery of a solitary bone metastasis with a good prognosis",
        statements=(
            Statement(
                says=(
                    "For a solitary metastasis with good prognostic factors, surgery may be radical, or minimal and "
                    "palliative with radiotherapy after it."
                ),
                section=SECTION,
                references=(105,),
                fingerprint="23:c9575477c7040313",
            ),
        ),
        when=all_of(pattern.solitary_bone.is_true, prognosis.group.is_("good")),
        summary="Solitary bone metastasis, good prognosis: consider radical surgery, or minimal surgery and then RT",
        detail=(
            "Against it stands a series of 70 patients [104]: 5 of the 19 with a solitary lesion were alive and free "
            "of disease after 35 months on average, and wide resection was judged unlikely to be needed."
        ),
        indicator_because="An option to consider.",
        hooks=("patient-view",),
        evidence="retrospective series and an algorithm [105]",
        ambiguities=(DISAGREEMENT,),
    ),
    Rule(
        id="surgery.wide-resection",
        title="Wide resection of a bone metastasis",
        statements=(
            Statement(
                says="A retrospective series found that breast cancer in bone will rarely need wide resection.",
                section=SECTION,
                references=(104,),
                fingerprint="20:d46cc366d9afe44d",
            ),
        ),
        when=all_of(surgery.planned.is_true, surgery.type.is_("wide_resection")),
        summary="Wide resection planned: a retrospective series (n=70) saw little need; consider a lesser operation",
        detail="For a solitary lesion with good prognostic factors, another study the paper reports supports it.",
        indicator_because="The evidence is at odds with itself.",
        hooks=ORDER_HOOKS,
        evidence="retrospective series of 70",
        ambiguities=(DISAGREEMENT,),
    ),
    Rule(
        id="surgery.multiple-impending",
        title="Palliative surgery of an impending fracture among several metastases",
        statements=(
            Statement(
                says=(
                    "Several metastases and a threatening fracture make a patient in acceptable condition a candidate "
                    "for palliative surgery."
                ),
                section=SECTION,
                references=(105,),
                fingerprint="20:01e66c805924e923",
            ),
        ),
        when=all_of(
            mets.bone_lesion_count.above(1),
            some_lesion(all_of(lesion.fracture.is_("impending"), NOT_STABILISED)),
            patient.surgical_condition.is_("acceptable"),
        ),
        summary="Several bone metastases, one about to fracture, fit for surgery: consider palliative stabilisation",
        detail="Fit as anaesthetist and orthopaedic surgeon judged it. A record of the operation ends this advice.",
        indicator="warning",
        indicator_because="A fracture can still be prevented.",
        hooks=("patient-view",),
        when_unknown="ask",
        evidence="algorithm [105]",
        suggestions=(
            Suggestion(
                label="Refer to orthopaedic surgery",
                action="refer_to_orthopaedics",
                description="Refer for palliative stabilisation of an impending fracture",
            ),
        ),
    ),
    Rule(
        id="surgery.palliative-indication",
        title="Palliative surgery of a fracture or of vertebral neurological symptoms",
        statements=(
            Statement(
                says=(
                    "A fracture, the risk of one, or neurological symptoms from a vertebra usually need palliative "
                    "surgery in patients who are compromised yet expected to live 6 to 8 weeks or longer."
                ),
                section=SECTION,
                fingerprint="32:abee6a2c5c4c7bb1",
            ),
        ),
        when=all_of(
            any_of(
                some_lesion(all_of(lesion.fracture.is_one_of("impending", "fractured"), NOT_STABILISED)),
                all_of(some_lesion(lesion.spinal.is_true), patient.neuro_symptoms.is_true),
            ),
            patient.life_expectancy_weeks.at_least(SURGERY_MIN_WEEKS),
        ),
        summary=(
            "Fracture, risk of one or spinal deficit, life expectancy {surgery_min_weeks} weeks or more: consider "
            "palliative surgery"
        ),
        detail=(
            "The aim is quality of life. The paper's minimum is a range: {surgery_min_weeks} weeks is enough here, and "
            "anything under {surgery_safe_weeks} is borderline. It speaks of compromised patients; a fit one with a "
            "fracture needs surgery too, so we do not ask for that."
        ),
        indicator="warning",
        indicator_because="Function is at stake, and it is urgent.",
        hooks=("patient-view", "order-select"),
        when_unknown="ask",
        ask=(patient.life_expectancy_weeks,),
        evidence="expert opinion",
        ambiguities=("The paper gives its minimum as a range of weeks; we take the lower end and mark the range.",),
        suggestions=(
            Suggestion(
                label="Refer to orthopaedic or spinal surgery",
                action="refer_to_orthopaedics",
                description="Refer for a surgical opinion on stabilisation or decompression",
            ),
        ),
    ),
    Rule(
        id="surgery.prognosis-too-short",
        title="Surgery planned with a short life expectancy",
        statements=(
            Statement(
                says="Patients for palliative surgery should be expected to live 6 to 8 weeks or longer.",
                section=SECTION,
                fingerprint="9:0620d55a608caf55",
            ),
        ),
        when=all_of(surgery.planned.is_true, patient.life_expectancy_weeks.below(SURGERY_MIN_WEEKS)),
        summary=(
            "Bone surgery planned, life expectancy under {surgery_min_weeks} weeks: consider whether the patient can "
            "still benefit"
        ),
        detail="The estimate is below the paper's minimum. A longer estimate would end this advice.",
        indicator="warning",
        indicator_because="The patient is unlikely to live to benefit.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="expert opinion",
    ),
    Rule(
        id="surgery.systemic-hold",
        title="Surgery while a myelosuppressive or cytostatic drug acts",
        statements=(
            Statement(
                says=(
                    "Many targeted drugs suppress the marrow and may have to be interrupted, lest complications follow "
                    "the operation."
                ),
                section=SECTION,
                fingerprint="25:ffc7f89d23722e3a",
            ),
            Statement(
                says="Cytostatic drugs can slow down healing.",
                section=SECTION,
                fingerprint="11:a7fd6f56c3275b2e",
            ),
        ),
        for_each=EACH_DRUG,
        when=all_of(
            surgery.planned.is_true,
            drug.drug_class.is_one_of(
                "cytotoxic",
                "cdk46_inhibitor",
                "parp_inhibitor",
                "mtor_inhibitor",
                "pi3k_inhibitor",
                "akt_inhibitor",
                "anti_her2_adc",
                "trop2_adc",
                "anti_her2_tki",
                "anti_vegf",
            ),
            drug.on_board.is_true,
        ),
        summary="Bone surgery planned during {drug}: consider planning a hold (marrow suppression, slower healing)",
        detail=(
            "Counted are drugs that are taken, being ordered, or stopped so recently that they still act. The paper "
            "gives no interval for any of them. Anti-VEGF drugs are here for wound healing, on knowledge from outside "
            "it."
        ),
        indicator="warning",
        indicator_because="It may lead to complications after the operation.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="expert opinion",
        suggestions=(
            Suggestion(
                label="Plan a hold around the operation",
                action="hold_drug",
                description="Hold the drug around the operation; the oncologist sets the interval",
            ),
        ),
    ),
    Rule(
        id="surgery.excisional-not-confined",
        title="Excisional operation although disease is not confined",
        statements=(EXCISION_IF_CONFINED,),
        when=all_of(
            surgery.planned.is_true,
            surgery.type.is_one_of("wide_resection", "hemipelvectomy", "prosthesis", "curettage_cementing"),
            any_of(
                pattern.burden.is_("plurimetastatic"),
                pattern.extent.is_("bone_plus_visceral"),
                prognosis.group.is_("poor"),
            ),
        ),
        summary="Excision planned, disease not confined as the paper asks for it: consider the indication",
        detail=(
            "Not confined: more than {oligo_max_lesions} lesions, a viscus involved, or a poor prognosis (the last is "
            "ours). Not a prohibition: a prosthesis may be the best palliation of a destroyed joint. Fixation and "
            "decompression are no excision."
        ),
        indicator_because="A check of the indication.",
        hooks=ORDER_HOOKS,
        evidence="expert opinion",
    ),
    Rule(
        id="surgery.systemic-delay",
        title="Surgery that delays systemic therapy in oligometastatic disease",
        statements=(
            Statement(
                says="With few metastases, late systemic therapy may cost control of the disease as a whole.",
                section=SECTION,
                fingerprint="11:96cb89720caf9ee8",
            ),
        ),
        when=all_of(surgery.planned.is_true, pattern.burden.is_("oligometastatic"), systemic.ongoing.is_true),
        summary="Oligometastatic, surgery planned: consider that delaying systemic therapy may cost disease control",
        detail="A trade-off against what the operation gains; the paper gives no limit for the delay.",
        indicator_because="A trade-off to weigh.",
        hooks=ORDER_HOOKS,
        evidence="expert opinion",
    ),
    Rule(
        id="surgery.postop-rt",
        title="Radiotherapy after surgery of a bone metastasis",
        statements=(
            Statement(
                says="After surgery for a skeletal event, irradiating the bed and residual disease can help.",
                section="3 (Dose and volumes)",
                fingerprint="17:d05d0eb49746f504",
            ),
        ),
        for_each=EACH_LESION,
        when=all_of(
            lesion.surgically_stabilised.is_true,
            lesion.postop_rt.is_("none"),
            none_of(some_course(all_of(rt.relevant.is_true, rt.target.is_("bone"), rt.setting.is_("postoperative")))),
        ),
        summary="Bone metastasis operated on, no RT planned after it: consider RT to the bed and residual disease",
        detail=(
            "Table 1a gives 30 Gy in 10 fractions after stabilisation [47]. Postoperative radiotherapy that is "
            "planned, running or given ends this advice."
        ),
        indicator_because="A step that may have been missed.",
        hooks=("patient-view",),
        evidence="prospective study [47] and expert opinion",
        suggestions=(
            Suggestion(
                label="Refer to radiation oncology",
                action="refer_to_radiation_oncology",
                description="Refer for postoperative radiotherapy",
            ),
        ),
    ),
)
