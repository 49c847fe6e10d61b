"""Checks of any prescription, and what is to be expected once it has been given."""

from rulesets.currency import NON_SPINE_CONSENSUS
from rulesets.dose.radical import FIVE_FRACTIONS, SECTION
from rulesets.evidence import Statement
from rulesets.facts import rt
from rulesets.language import all_of, any_of
from rulesets.planned_course import planned_for_bone
from rulesets.regimens import OF_TABLE_1A_WITHOUT_BOOST
from rulesets.rule import EACH_COURSE, ORDER_HOOKS, Escalation, Rule, Suggestion
from rulesets.thresholds import BED_FLOOR

EFFECT = "3 (Radiotherapy effect)"

RELIEF_WEEKS = (2, 4)
"""When pain is relieved, in weeks; the paper does not say from when, and the end of the radiotherapy is our reading."""
REOSSIFICATION_WEEKS = (3, 6)
"""When new bone begins to form, in weeks from the end of the radiotherapy."""
REOSSIFIED_WEEKS = 26
"""When most bone has formed, in weeks from the end: six months."""

RULES: tuple[Rule, ...] = (
    Rule(
        id="dose.intent-mismatch",
        title="Dose and intent contradict each other",
        statements=(
            Statement(
                says="What the treatment is for decides on its dose and its volume.",
                section=SECTION,
                fingerprint="11:55880fd0805f8fec",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(
            any_of(
                all_of(rt.intent.is_("palliative"), rt.bed10.at_least(BED_FLOOR)),
                all_of(rt.intent.is_("radical"), OF_TABLE_1A_WITHOUT_BOOST),
            ),
        ),
        summary="Dose and stated intent (palliative or radical) contradict each other: consider which one is meant",
        detail=(
            "Palliative with a BED of {bed_floor} Gy or more, or radical with a regimen of Table 1a. For palliative "
            "SBRT or a boost this is information only: such doses are usual there, as is known from outside the paper."
        ),
        indicator_because="The prescription or the intent may be wrong.",
        escalation=Escalation(
            when=any_of(
                rt.intent.is_("radical"),
                rt.technique.is_unknown,
                rt.technique.is_one_of("3DCRT", "IMRT", "VMAT", "tomotherapy"),
            ),
            to="warning",
            why="This is no palliative course by SBRT, SRS or with a boost, where such doses are usual.",
        ),
        hooks=ORDER_HOOKS,
        evidence="expert opinion",
    ),
    Rule(
        id="dose.five-fraction-spinal",
        title="High dose to the spine in five fractions",
        statements=(FIVE_FRACTIONS,),
        for_each=EACH_COURSE,
        when=planned_for_bone(rt.spinal.is_true, rt.fractions.is_(5), rt.total_dose_gy.above(35)),
        summary="Spine, over 35 Gy in 5 fractions: more than the cited series gave there; consider cord limits",
        detail="The series had 22 patients of mixed histology. The paper gives no limit for the cord.",
        indicator="warning",
        indicator_because="The cord may be damaged.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        ask=(rt.spinal,),
        evidence="cohort of 22 with mixed histology [53]",
    ),
    Rule(
        id="dose.extraspinal-no-consensus",
        title="No agreed radical dose outside the spine",
        statements=(
            Statement(
                says="Doses differ widely, most of all outside the spine, and an evidence-based consensus is wanting.",
                section=SECTION,
                references=(57, 58),
                fingerprint="26:7baad966a05963ed",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(rt.intent.is_("radical"), rt.spinal.is_false),
        summary="Radical RT outside the spine: no dose was agreed on in 2020; consider newer guidance",
        output="fact",
        indicator_because="The state of the evidence.",
        hooks=("order-select",),
        evidence="no data; expert opinion",
        since=(NON_SPINE_CONSENSUS,),
    ),
    Rule(
        id="dose.follow-up-schedule",
        title="When a response is to be expected",
        statements=(
            Statement(
                says="Symptoms are relieved within 2 to 4 weeks.",
                section="1",
                references=(11, 20, 21),
                fingerprint="14:cff9efb43a01b8e5",
            ),
            Statement(
                says="New bone forms from 3 to 6 weeks after radiotherapy on, and most by six months.",
                section=EFFECT,
                references=(11,),
                fingerprint="19:767771389c4aadbb",
            ),
            Statement(
                says="Of lytic lesions in bone that is not broken, 65 to 85% ossify again.",
                section=EFFECT,
                references=(12,),
                fingerprint="15:869b7872fc112e0f",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(),
        summary="Consider reassessing pain 2 to 4 weeks after RT, and bone from 6 weeks on, by six months",
        detail=(
            "After treatment meant to eradicate, local control was 90.3% at one and 82.4% at two years [22]. Counting "
            "the relief from the end of radiotherapy is our reading."
        ),
        output="fact",
        indicator_because="A plan for afterwards.",
        hooks=("order-sign",),
        evidence="clinical data of the references [11,12,20-22]",
        ambiguities=("The paper calls the relief immediate and dates it at 2 to 4 weeks; the weeks are used.",),
        suggestions=(
            Suggestion(
                label="Schedule a reassessment of pain",
                action="schedule_pain_reassessment",
                description="Schedule a reassessment of pain 2 to 4 weeks after radiotherapy",
            ),
            Suggestion(
                label="Schedule imaging of the response",
                action="schedule_response_imaging",
                description="Schedule imaging of new bone, not before 6 weeks and by six months after radiotherapy",
            ),
        ),
    ),
)
