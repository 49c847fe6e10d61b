"""Local treatment of bone metastases: who is chosen for it, who decides, and what must go with it."""

from rulesets.currency import CURB
from rulesets.evidence import Statement
from rulesets.facts import analgesia, lesion, mdt, mets, order, organ, patient, pattern, prognosis, rt
from rulesets.language import all_of, any_of
from rulesets.prognosis import CAREFUL_SELECTION
from rulesets.rule import EACH_COURSE, EACH_ORDER_AND_LESION, ORDER_HOOKS, Escalation, Rule, Suggestion

ORTHOPAEDIC_OPINION = Statement(
    says="To position and mobilise a patient during radiotherapy, an orthopaedic opinion may be needed.",
    section="3 (Dose and volumes)",
    fingerprint="13:1d23b24ee416ede6",
)

RULES: tuple[Rule, ...] = (
    Rule(
        id="pathway.radical-not-good",
        title="Radical radiotherapy outside the good prognostic group",
        statements=(CAREFUL_SELECTION,),
        for_each=EACH_COURSE,
        when=all_of(
            rt.planned.is_true,
            rt.target.is_("bone"),
            rt.intent.is_("radical"),
            prognosis.group.is_one_of("intermediate", "poor"),
        ),
        summary="Radical-intent RT outside the good prognostic group: consider confirming the choice at the MDT",
        detail=(
            "Not a prohibition. In stated oligoprogression with an intermediate prognosis this is information only, as "
            "oligoprogression then explains the choice."
        ),
        indicator_because="Possible over-treatment, which needs an explicit decision.",
        escalation=Escalation(
            when=any_of(
                prognosis.group.is_("poor"),
                pattern.progression.is_unknown,
                pattern.progression.is_not("oligoprogressive"),
            ),
            to="warning",
            why="The prognosis is poor, or no oligoprogression is recorded that would explain radical treatment.",
        ),
        hooks=ORDER_HOOKS,
        evidence="expert opinion",
    ),
    Rule(
        id="pathway.radical-indeterminate",
        title="Radical radiotherapy while the prognosis is undetermined",
        statements=(CAREFUL_SELECTION,),
        for_each=EACH_COURSE,
        when=all_of(
            rt.planned.is_true,
            rt.target.is_("bone"),
            rt.intent.is_("radical"),
            prognosis.group.is_("indeterminate"),
        ),
        summary="Radical-intent RT while the prognosis is undetermined: consider settling the deciding data first",
        detail="The group is open because facts are missing, or because recorded facts contradict it.",
        indicator="warning",
        indicator_because="Whether the patient is one the paper would choose cannot be checked.",
        hooks=ORDER_HOOKS,
        evidence="expert opinion",
    ),
    Rule(
        id="pathway.mdt",
        title="Discussion at the multidisciplinary meeting",
        statements=(
            Statement(
                says="Care can be fitted to each patient and often takes several disciplines.",
                section="5",
                fingerprint="14:b69a8148a440f286",
            ),
        ),
        when=all_of(mets.status.is_("confirmed"), organ.bone.is_("present"), mdt.discussed.is_false),
        summary="Bone metastases, recorded as not yet discussed at the MDT: consider a discussion",
        detail="The paper finds several disciplines often needed, not always, and does not say in whom.",
        indicator_because="Often needed, not always.",
        hooks=("patient-view",),
        evidence="expert opinion",
        suggestions=(
            Suggestion(
                label="Request an MDT discussion",
                action="request_mdt",
                description="Request a multidisciplinary discussion of the bone metastases",
            ),
        ),
    ),
    Rule(
        id="pathway.oligoprogression-local",
        title="Oligoprogression: local treatment of the sites that progress",
        statements=(
            Statement(
                says=(
                    "In oligometastatic and oligoprogressive disease, local treatment such as radiotherapy can be "
                    "combined with new drugs to hold off progression for longer."
                ),
                section="1",
                fingerprint="26:02f83bdc11eb8a13",
            ),
            Statement(
                says="Radiotherapy may also wipe out subclones that systemic drugs do not reach.",
                section="1",
                fingerprint="11:df113aaeea76e53e",
            ),
        ),
        when=all_of(
            mets.status.is_("confirmed"),
            organ.bone.is_("present"),
            pattern.progression.is_("oligoprogressive"),
            prognosis.group.is_one_of("good", "intermediate", "indeterminate"),
        ),
        summary="Oligoprogression: consider local treatment of the progressing sites, fitted into systemic therapy",
        detail=(
            "Control of these sites is then the goal that decides the sequence. Oligoprogression is taken as a "
            "clinician stated it: the paper gives no definition."
        ),
        indicator_because="An option to consider.",
        hooks=("patient-view",),
        evidence="rationale and retrospective data",
        since=(CURB,),
    ),
    Rule(
        id="pathway.analgesia",
        title="Pain relief beside palliative radiotherapy",
        statements=(
            Statement(
                says=(
                    "An adjustment of pain drugs usually goes with palliative radiotherapy, and orthopaedic advice may "
                    "be needed to position and mobilise the patient."
                ),
                section="3 (Dose and volumes)",
                fingerprint="22:073cf4ca945770fe",
            ),
        ),
        for_each=EACH_COURSE,
        when=all_of(
            rt.planned.is_true,
            rt.target.is_("bone"),
            rt.intent.is_("palliative"),
            patient.bone_pain.is_true,
            analgesia.reviewed.is_false,
        ),
        summary="Palliative RT for pain: consider reviewing analgesics, as relief takes 2 to 4 weeks",
        detail="Recorded as not yet reviewed. The 2 to 4 weeks are those of the paper, section 1 [11,20,21].",
        indicator_because="Good practice.",
        hooks=("order-sign",),
        evidence="expert opinion",
    ),
    Rule(
        id="pathway.ortho-evaluation",
        title="Orthopaedic opinion on an impending or actual fracture",
        statements=(
            ORTHOPAEDIC_OPINION,
            Statement(
                says="Fractures of diseased bone are among the skeletal-related events.",
                section="1",
                references=(13,),
                fingerprint="4:9207f1a0c80192a4",
            ),
        ),
        for_each=EACH_ORDER_AND_LESION,
        when=all_of(
            lesion.fracture.is_one_of("impending", "fractured"),
            any_of(lesion.surgically_stabilised.is_unknown, lesion.surgically_stabilised.is_false),
            # A destroyed cortex is the pattern of a metastasis, whatever is recorded of the disease.
            any_of(
                mets.status.is_unknown,
                mets.status.is_one_of("suspected", "confirmed"),
                lesion.cortex.is_("destroyed"),
            ),
            # It stands when the chart is opened; these orders do not move the bone.
            order.kind.is_none_of("imaging", "drug", "radiopharmaceutical"),
        ),
        summary="Impending or pathological fracture: consider an orthopaedic opinion before mobilisation and RT set-up",
        detail=(
            "Independent of prognosis and life expectancy, and given also while metastatic disease is not confirmed. A "
            "record that the bone has been stabilised ends it."
        ),
        indicator="warning",
        indicator_because="Moving a bone that nothing protects can do harm.",
        hooks=("patient-view", "order-sign"),
        evidence="expert opinion",
        suggestions=(
            Suggestion(
                label="Refer to orthopaedics",
                action="refer_to_orthopaedics",
                description="Refer for an opinion on the risk of fracture and on stabilisation",
            ),
        ),
    ),
)
