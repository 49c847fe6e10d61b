"""What a plan needs: MRI and a firm hold for stereotactic courses, and techniques that fit a radical aim."""

from rulesets.evidence import Statement
from rulesets.facts import rt
from rulesets.language import all_of, any_of
from rulesets.planned_course import planned_for_bone
from rulesets.rule import EACH_COURSE, ORDER_HOOKS, Escalation, Rule, Suggestion

SECTION = "3 (Dose and volumes)"

PLANNING_MRI = Suggestion(
    label="Order a planning MRI",
    action="order_planning_mri",
    description="Order an MRI for planning, to be co-registered",
)

RULES: tuple[Rule, ...] = (
    Rule(
        id="technique.sbrt-mri-mandatory",
        title="MRI for the planning of SBRT or radiosurgery",
        statements=(
            Statement(
                says=(
                    "SBRT calls for firm immobilisation, and an MRI must be co-registered to find the lesion and the "
                    "spinal cord."
                ),
                section=SECTION,
                references=(50,),
                fingerprint="23:1dbde02f09274789",
            ),
            Statement(
                says="SBRT as a rule needs an MRI.",
                section="2.3",
                fingerprint="9:e6a080f88336ce2d",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(
            rt.technique.is_one_of("SBRT", "SRS"),
            any_of(rt.mri_coregistration.is_false, rt.mri_coregistration.is_unknown),
        ),
        summary="SBRT or SRS to bone, no co-registered MRI on record: consider one, which the paper calls mandatory",
        detail="Nothing on record is usual while a course is being ordered: the MRI may still be to come.",
        indicator_because="When a course is ordered its MRI may well not be recorded yet.",
        escalation=Escalation(
            when=rt.mri_coregistration.is_false,
            to="warning",
            why="A step the paper calls mandatory is recorded as not done.",
            further=Escalation(
                when=all_of(
                    rt.mri_coregistration.is_false,
                    rt.spinal.is_true,
                    rt.status.is_one_of("planned", "in_progress"),
                ),
                to="critical",
                why="The spine is the target of a course planned or under way: that MRI has to show the cord.",
            ),
        ),
        hooks=("order-sign",),
        evidence="cited reference [50], of a type not stated",
        ambiguities=("One section calls the MRI usual and another mandatory; the stricter word is used.",),
        suggestions=(PLANNING_MRI,),
    ),
    Rule(
        id="technique.sbrt-immobilisation",
        title="SBRT or radiosurgery without strict immobilisation",
        statements=(
            Statement(
                says="For SBRT the patient must be immobilised strictly.",
                section=SECTION,
                references=(50,),
                fingerprint="6:4c8c7cb1a70954d8",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(rt.technique.is_one_of("SBRT", "SRS"), rt.immobilisation.is_false),
        summary="SBRT or SRS to bone, recorded without strict immobilisation: consider it, as the paper requires it",
        detail="The paper names no system.",
        indicator="warning",
        indicator_because="The paper requires it.",
        hooks=("order-sign",),
        evidence="cited reference [50], of a type not stated",
    ),
    Rule(
        id="technique.radical-conformal",
        title="Radical radiotherapy by a 3D conformal technique",
        statements=(
            Statement(
                says="Radical courses mostly use techniques that conform better, often SBRT to spare organs at risk.",
                section=SECTION,
                fingerprint="23:ecd111af7288a96e",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(rt.intent.is_("radical"), rt.technique.is_("3DCRT")),
        summary="Radical intent with 3D-CRT: consider SBRT, IMRT or VMAT, which conform better and are usual",
        detail="The paper describes a habit and sets no limit.",
        indicator_because="Organs at risk may be spared better.",
        hooks=ORDER_HOOKS,
        evidence="expert opinion",
    ),
    Rule(
        id="technique.radical-mri-useful",
        title="Radical radiotherapy without SBRT: MRI for contouring",
        statements=(
            Statement(
                says="With radical intent MRI helps, as tumour and cord are contoured more precisely on it.",
                section="2.3",
                fingerprint="22:bc13933195e2fa26",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(
            rt.intent.is_("radical"),
            rt.technique.is_one_of("IMRT", "VMAT", "SIB", "tomotherapy", "3DCRT"),
            rt.mri_coregistration.is_false,
        ),
        summary="Radical intent, planned without MRI: consider one, which shows tumour and cord more precisely",
        detail="The paper ties accuracy to better local control and fewer side effects.",
        indicator_because="Accuracy serves control and safety.",
        hooks=("order-sign",),
        evidence="expert opinion",
        suggestions=(PLANNING_MRI,),
    ),
)
