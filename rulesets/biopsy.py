"""When imaging is not enough: a relapse, another bone disease, a fracture, sarcoidosis (section 2.4)."""

from __future__ import annotations

from rulesets.evidence import Statement
from rulesets.facts import lesion, mets, order, patient, pattern, tumour
from rulesets.language import all_of, any_of
from rulesets.rule import EACH_LESION, EACH_ORDER, HOOKS, Definition, Rule, Suggestion

SECTION = "2.4"

CORTEX_TELLS = Statement(
    says="The cortex may be preserved in osteoporosis, while metastases typically destroy it.",
    section=SECTION,
    fingerprint="17:79ed45586d0dd816",
)
IMAGES_TELL = Statement(
    says="Radiographs should tell an acute osteoporotic fracture from one through a metastasis.",
    section=SECTION,
    fingerprint="15:47370262ef112513",
)

NO_HISTOLOGY = mets.biopsy.is_one_of("not_done", "non_diagnostic")
SUSPECTED_OR_CONFIRMED = mets.status.is_one_of("suspected", "confirmed")
FRACTURED = lesion.fracture.is_("fractured")
NOT_CONFIRMED = mets.status.is_one_of("none", "suspected")

DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        id="lesion.fracture_pattern/osteoporotic",
        fact=lesion.fracture_pattern,
        value="osteoporotic_pattern",
        for_each=EACH_LESION,
        when=all_of(FRACTURED, NOT_CONFIRMED, lesion.cortex.is_("preserved")),
        statements=(CORTEX_TELLS,),
    ),
    Definition(
        id="lesion.fracture_pattern/metastatic",
        fact=lesion.fracture_pattern,
        value="metastatic_pattern",
        for_each=EACH_LESION,
        when=all_of(FRACTURED, NOT_CONFIRMED, lesion.cortex.is_("destroyed")),
        statements=(CORTEX_TELLS,),
    ),
)

RULES: tuple[Rule, ...] = (
    Rule(
        id="biopsy.relapse",
        title="Metastatic relapse without histology",
        statements=(
            Statement(
                says="Metastatic disease, a relapse above all, usually asks for a biopsy: to know its nature and its "
                "prognostic factors, and to choose systemic therapy.",
                section=SECTION,
                fingerprint="25:29efe847978ca239",
            ),
        ),
        when=all_of(
            any_of(
                pattern.onset.is_("recurrent"),
                all_of(pattern.onset.is_unknown, tumour.first_event.is_("distant")),
            ),
            SUSPECTED_OR_CONFIRMED,
            # A relapse in bone alone has a rule of its own.
            any_of(pattern.extent.is_unknown, pattern.extent.is_not("bone_only")),
            NO_HISTOLOGY,
        ),
        summary="Metastatic relapse without histology: consider a biopsy (nature, receptors, choice of therapy)",
        detail="Receptors found in the metastasis then count in place of those of the primary.",
        indicator_because="The paper calls it usual, not mandatory.",
        hooks=("patient-view",),
        when_unknown="ask",
        ask=(mets.biopsy,),
        evidence="expert opinion",
        suggestions=(
            Suggestion(
                label="Order a biopsy of a metastasis",
                action="order_biopsy",
                description="Order an image-guided biopsy of an accessible metastasis, with ER, PR and HER2",
            ),
        ),
    ),
    Rule(
        id="biopsy.relapse-isolated-bone",
        title="Relapse in bone alone without histology",
        statements=(
            Statement(
                says="In a relapse, most of all one isolated to bone, a biopsy of the lesion can be indispensable.",
                section=SECTION,
                fingerprint="16:8a2bc3be66003a7f",
            ),
        ),
        for_each=EACH_ORDER,
        when=all_of(
            pattern.onset.is_("recurrent"),
            pattern.extent.is_("bone_only"),
            SUSPECTED_OR_CONFIRMED,
            NO_HISTOLOGY,
            order.kind.is_none_of("imaging", "radiopharmaceutical"),
        ),
        summary="Relapse in bone alone without histology: consider a biopsy, which can be mandatory",
        detail="Bone alone means one bone lesion or several and nothing else. Receptors found in the metastasis then "
        "count in place of those of the primary.",
        indicator="warning",
        indicator_because="To treat a mimic as a metastasis would be a serious error.",
        hooks=HOOKS,
        when_unknown="ask",
        ask=(mets.biopsy,),
        evidence="expert opinion",
        ambiguities=("'Isolated' may mean a single lesion; bone alone is the wider and safer reading.",),
        suggestions=(
            Suggestion(
                label="Order a biopsy of bone",
                action="order_biopsy",
                description="Order an image-guided biopsy of a bone lesion, with ER, PR and HER2",
            ),
        ),
    ),
    Rule(
        id="biopsy.denovo-tissue",
        title="De novo metastatic disease without pathology",
        statements=(
            Statement(
                says="In de novo disease pathology mostly comes from the primary or from soft tissue.",
                section=SECTION,
                fingerprint="15:19d47d46ec9ec111",
            ),
        ),
        when=all_of(
            pattern.onset.is_("de_novo"),
            SUSPECTED_OR_CONFIRMED,
            any_of(mets.biopsy.is_unknown, mets.biopsy.is_not("confirmed")),
            tumour.primary_pathology_available.is_false,
        ),
        summary="De novo metastatic without pathology: consider tissue from the primary or from soft tissue",
        detail="A biopsy of bone is not the usual choice here.",
        indicator_because="Part of the work-up.",
        hooks=("patient-view",),
        when_unknown="ask",
        ask=(tumour.primary_pathology_available,),
        evidence="expert opinion",
        suggestions=(
            Suggestion(
                label="Order a biopsy of the primary",
                action="order_biopsy",
                description="Order a core biopsy of the primary tumour, with ER, PR and HER2",
            ),
        ),
    ),
    Rule(
        id="biopsy.differential",
        title="Another bone disease is not excluded",
        statements=(
            Statement(
                says="What may pass for a bone metastasis: chondrosarcoma, lymphoma of bone, myeloma, a sarcoma after "
                "radiation, osteomyelitis.",
                section=SECTION,
                fingerprint="21:7788d08fe8579a9b",
            ),
            Statement(
                says="A biopsy can also be mandatory to settle a differential diagnosis.",
                section=SECTION,
                fingerprint="13:97f07d5bfdc11d74",
            ),
        ),
        for_each=EACH_LESION,
        when=all_of(
            any_of(
                lesion.differential_raised.is_true,
                all_of(lesion.prior_rt.is_true, lesion.status.is_("suspected")),
            ),
            any_of(lesion.biopsy.is_unknown, lesion.biopsy.is_one_of("not_done", "non_diagnostic")),
        ),
        summary="Another bone disease is not excluded: consider a biopsy, which can be mandatory",
        detail="A new suspicious lesion where radiation was given raises the question of a post-radiation sarcoma. "
        "Histology from another site does not settle this lesion, and histology that is not recorded counts as none.",
        indicator="warning",
        indicator_because="A wrong diagnosis would change the treatment entirely.",
        hooks=("patient-view",),
        evidence="expert opinion",
        suggestions=(
            Suggestion(
                label="Order a biopsy of the lesion",
                action="order_biopsy",
                description="Order a biopsy to settle the differential diagnosis",
            ),
        ),
    ),
    Rule(
        id="biopsy.fracture-cortex",
        title="What the cortex says of a fracture",
        statements=(CORTEX_TELLS, IMAGES_TELL),
        for_each=EACH_LESION,
        when=all_of(FRACTURED, NOT_CONFIRMED, lesion.cortex.is_one_of("preserved", "destroyed")),
        summary="Fracture: a preserved cortex suggests osteoporosis, a destroyed cortex metastasis",
        detail="It suggests and does not prove: the paper says 'may' of the one and 'typically' of the other.",
        output="fact",
        indicator_because="Helps to interpret.",
        hooks=("patient-view",),
        evidence="expert opinion",
    ),
    Rule(
        id="biopsy.fracture-metastatic-pattern",
        title="Fracture with a destroyed cortex",
        statements=(CORTEX_TELLS,),
        for_each=EACH_LESION,
        when=all_of(FRACTURED, NOT_CONFIRMED, lesion.cortex.is_("destroyed")),
        summary="Fracture with a destroyed cortex, no metastasis confirmed: consider a work-up for metastasis",
        detail="A destroyed cortex is typical of metastasis and not proof of it. The orthopaedic opinion is advised "
        "separately.",
        indicator="warning",
        indicator_because="A pathological fracture is easily taken for an osteoporotic one.",
        hooks=("patient-view",),
        evidence="expert opinion",
        suggestions=(
            Suggestion(
                label="Order an MRI of the fracture",
                action="order_mri",
                description="Order an MRI of the fractured segment",
            ),
            Suggestion(
                label="Order a biopsy of the fracture",
                action="order_biopsy",
                description="Order a biopsy of the fracture site",
            ),
        ),
    ),
    Rule(
        id="biopsy.fracture-review-cortex",
        title="Fracture whose cortex is not described",
        statements=(IMAGES_TELL,),
        for_each=EACH_LESION,
        when=all_of(FRACTURED, NOT_CONFIRMED, lesion.cortex.is_unknown),
        summary="Fracture in breast cancer: consider reviewing the radiographs; is the cortex preserved or destroyed?",
        detail="A destroyed cortex would point to metastasis and call for a work-up; a preserved one would point to "
        "osteoporosis.",
        indicator_because="Part of the work-up.",
        hooks=("patient-view",),
        evidence="expert opinion",
    ),
    Rule(
        id="biopsy.sarcoidosis",
        title="Sarcoidosis can look like bone metastases",
        statements=(
            Statement(
                says="Routine MRI does not reliably separate lesions of sarcoidosis from metastases.",
                section=SECTION,
                references=(35,),
                fingerprint="13:541393ae5ea8238a",
            ),
            Statement(
                says="In sarcoidosis, a raised uptake of FDG can look like metastases.",
                section=SECTION,
                references=(36,),
                fingerprint="9:8e247e2a05288ad4",
            ),
        ),
        when=all_of(patient.sarcoidosis.is_true, SUSPECTED_OR_CONFIRMED, NO_HISTOLOGY),
        summary="Sarcoidosis: MRI and FDG-PET cannot reliably tell granulomas from metastases; consider histology",
        detail="This holds as well where metastases are called confirmed on imaging alone.",
        indicator="warning",
        indicator_because="The disease may be staged too high.",
        hooks=("patient-view",),
        when_unknown="ask",
        ask=(mets.biopsy,),
        evidence="cited references [35,36]; their type is not stated",
        suggestions=(
            Suggestion(
                label="Order a biopsy of bone",
                action="order_biopsy",
                description="Order a biopsy of a representative bone lesion",
            ),
        ),
    ),
)
