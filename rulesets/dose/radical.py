"""Radical doses: the biological dose the paper asks, and the series of Table 1b, several of which stay below it.

That contradiction is the paper's own, so a dose between its two limits is information and no warning. In the
spine nobody is nudged towards a higher dose.
"""

from rulesets.evidence import Statement
from rulesets.facts import rt
from rulesets.language import all_of, any_of, none_of
from rulesets.planned_course import planned_for_bone
from rulesets.regimens import OF_TABLE_1A_WITHOUT_BOOST, OF_TABLE_1B
from rulesets.rule import EACH_COURSE, ORDER_HOOKS, Rule
from rulesets.thresholds import BED_FLOOR, BED_TARGET

SECTION = "3 (Dose and volumes)"

TARGET_DOSE = Statement(
    says="Radical treatment of few metastases should reach a BED of 75 Gy or more.",
    section=SECTION,
    references=(45, 48, 49),
    fingerprint="8:1b6eb783d76c4f74",
)
FIVE_FRACTIONS = Statement(
    says="In five fractions one series gave 35 Gy to metastases in the spine and 50 Gy to others.",
    section=SECTION,
    references=(53,),
    fingerprint="20:ca352bb3a7ac0227",
)
RELAPSE_IN_SPINE = Statement(
    says="Of 60 bone lesions in a phase II trial one relapsed: it lay in the spine and had 17 Gy in 3 fractions.",
    section=SECTION,
    references=(52,),
    fingerprint="18:4ff3af67dbea5384",
)
TROVO_DOSES = Statement(
    says="A phase II trial treated every metastasis: SBRT of 30 to 45 Gy in 3 fractions, or IMRT of 60 Gy in 25.",
    section=SECTION,
    references=(52,),
    fingerprint="20:878bb75eab6a75cc",
)

_RADIOSURGERY_OF_15_GY = all_of(
    rt.fractions.is_(1), rt.total_dose_gy.at_least(15), rt.technique.is_one_of("SRS", "SBRT")
)

RULES: tuple[Rule, ...] = (
    Rule(
        id="dose.bed-eqd2",
        title="Biological dose of the course",
        statements=(
            Statement(
                says="With radical intent the total is to be biologically higher: a BED of 75 Gy or more.",
                section=SECTION,
                references=(45, 48, 49),
                fingerprint="17:6e0c2b8202a8d33b",
            ),
            Statement(
                says="One trial accepts SBRT from a BED of 48 Gy on, at alpha/beta 10.",
                section="3 (Further perspectives)",
                fingerprint="12:5ae585afe6b1a0be",
            ),
        ),
        for_each=EACH_COURSE,
        when=all_of(
            all_of(rt.planned.is_true, rt.total_dose_gy.is_known, rt.fractions.is_known), rt.dose_implausible.is_false
        ),
        summary="BED and EQD2 of the course: consider them beside the doses the paper reports",
        detail=(
            "Enough is judged at alpha/beta {alpha_beta_gy}, too much at {alpha_beta_late_gy}; 4 and 3 are always "
            "shown as well. Where there is a boost the dose to the visible tumour is judged, and that to the whole "
            "vertebra is worked out beside it."
        ),
        output="fact",
        indicator_because="Arithmetic.",
        hooks=ORDER_HOOKS,
        evidence="linear-quadratic arithmetic",
        ambiguities=(
            "The paper names no alpha/beta; it writes Gy10 of one trial. Ten is also strict on what is enough, as at 4 "
            "or 3 nearly every radical regimen passes 75 Gy. It is lax on harm: 15 Gy in one fraction lies below "
            "30 Gy in 10 at alpha/beta 10 and far above it at 3, which is why harm is judged apart.",
        ),
    ),
    Rule(
        id="dose.radical-bed-below-75",
        title="Radical dose outside the spine below the BED the paper asks",
        statements=(
            Statement(
                says="As ablation of few metastases radiotherapy counts most where the BED exceeds 75 Gy.",
                section="3 (Radiotherapy effect)",
                references=(45,),
                fingerprint="21:adbe8acdb76e1296",
            ),
            Statement(
                says="SBRT in one or few fractions makes a BED of 75 Gy possible.",
                section="6",
                fingerprint="16:e683e9f8d9d8413e",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(
            rt.intent.is_("radical"),
            rt.spinal.is_false,
            rt.bed10.below(BED_TARGET),
            rt.bed10.at_least(BED_FLOOR),
        ),
        summary="Radical dose below a BED of {bed_target} Gy, as some series published: consider whether it is meant",
        detail=(
            "Below what the paper asks of radical treatment, yet not below {bed_floor} Gy; regimens of its own table "
            "lie here too. For targets outside the spine only."
        ),
        indicator_because="The paper's own table has regimens in this band; a warning would contradict them.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        ask=(rt.total_dose_gy, rt.fractions, rt.intent),
        evidence="retrospective analysis [48]; reference [45] is of a type not stated",
        ambiguities=(
            "The paper writes 'more than 75', 'at least 75' and '75'; here {bed_target} Gy itself is enough, after "
            "rounding to 0.1 Gy.",
        ),
    ),
    Rule(
        id="dose.radical-spinal-below-75",
        title="Radical dose to the spine below the BED asked elsewhere",
        statements=(FIVE_FRACTIONS, TARGET_DOSE),
        for_each=EACH_COURSE,
        when=planned_for_bone(
            rt.intent.is_("radical"),
            any_of(rt.spinal.is_true, rt.spinal.is_unknown),
            rt.bed10.below(BED_TARGET),
            rt.bed10.at_least(BED_FLOOR),
        ),
        summary="Radical RT, spine or site not stated, BED below {bed_target} Gy as published: consider the cord first",
        detail=(
            "No reason to go higher: what the paper reports for the spine is lower on purpose, and it gives no limit "
            "for the cord. The limits in use where the patient is treated decide; no other dose is suggested here."
        ),
        indicator_because="A push towards the higher dose would fall on the cord.",
        hooks=ORDER_HOOKS,
        evidence="small cohort [53]; safety design",
        ambiguities=(
            "In five fractions nothing both keeps to the paper's 35 Gy for the spine and reaches the BED it asks.",
        ),
    ),
    Rule(
        id="dose.radical-bed-below-50",
        title="Radical dose below the BED that did better",
        statements=(
            Statement(
                says="Local control and survival at five years were better from a BED of 50 Gy on.",
                section=SECTION,
                references=(51,),
                fingerprint="17:d0b594e32cf70da6",
            ),
            RELAPSE_IN_SPINE,
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(
            rt.intent.is_("radical"),
            rt.bed10.below(BED_FLOOR),
            # Told as a contradiction of dose and intent, and as the low end of radiosurgery.
            none_of(OF_TABLE_1A_WITHOUT_BOOST),
            none_of(_RADIOSURGERY_OF_15_GY),
        ),
        summary="Radical intent, BED below {bed_floor} Gy: consider whether dose or intent is mistaken",
        detail="In the spine this is no reason to raise the dose: there the limits of the cord decide.",
        indicator="warning",
        indicator_because="Too low a dose, or an intent that is not meant, is likely.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="retrospective series [51]; one lesion of a phase II trial [52]",
        ambiguities=(
            "A trial among the paper's perspectives (NCT03808337) accepts a BED of 48 Gy at alpha/beta 10; the limit "
            "used here is that of the retrospective series [51].",
        ),
    ),
    Rule(
        id="dose.gerszten-low",
        title="Radiosurgery at the low end of what was published",
        statements=(
            Statement(
                says="A single fraction of 15 to 22.5 Gy.",
                section="Table 1b",
                references=(44,),
                fingerprint="4:5e117276303221ae",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(
            rt.intent.is_("radical"),
            rt.fractions.is_(1),
            rt.total_dose_gy.at_least(15),
            rt.technique.is_one_of("SRS", "SBRT"),
            rt.bed10.below(BED_FLOOR),
        ),
        summary="Single fraction of 15 Gy or more, as published, BED below {bed_floor} Gy: consider both reports",
        detail=(
            "A prospective cohort controlled pain and tumour at such doses [44]; a retrospective series did better "
            "with a higher BED [51]. The paper reports both and does not choose. No higher dose is suggested."
        ),
        indicator_because="The paper contradicts itself; this is told once.",
        hooks=ORDER_HOOKS,
        evidence="prospective cohort [44] against retrospective series [51]",
    ),
    Rule(
        id="dose.radical-bed-met",
        title="Radical dose reaches the BED the paper asks",
        statements=(TARGET_DOSE,),
        for_each=EACH_COURSE,
        when=planned_for_bone(rt.intent.is_("radical"), rt.bed10.at_least(BED_TARGET)),
        summary="Radical dose with a BED of {bed_target} Gy or more: consider organs at risk all the same",
        detail="Nothing is said of organs at risk: the paper gives no limit for any of them.",
        output="fact",
        indicator_because="A confirmation.",
        hooks=("order-sign",),
        evidence="retrospective analysis [48]; reference [45] is of a type not stated",
    ),
    Rule(
        id="dose.table1b-match",
        title="Dose as in a radical series of Table 1b",
        statements=(
            TROVO_DOSES,
            Statement(
                says="In five fractions, 35 Gy to the spine.",
                section="Table 1b",
                references=(53,),
                fingerprint="3:a757b96d1f7e2a62",
            ),
            Statement(
                says="With a boost, 40 Gy to the visible tumour.",
                section="Table 1b",
                references=(54,),
                fingerprint="3:b1db86e5ca05eced",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(rt.intent.is_("radical"), OF_TABLE_1B),
        summary="Dose and fractions as in a radical series of Table 1b: consider what that series reported",
        detail=(
            "Evidence, not a statement of safety. In 3 fractions a match is found outside the spine only, as no result "
            "in the spine is stated at these doses."
        ),
        indicator_because="It shows evidence.",
        hooks=ORDER_HOOKS,
        evidence="phase II trial [52], prospective cohort [44], cohorts of 22 [53] and 12 patients [54]",
        ambiguities=(
            "Milano [17] and Yoo [51] print no fractions, so that no course can be matched with them. Milano's row "
            "contradicts itself, too: at alpha/beta 10 its EQD2 of 57.3 Gy is a BED of 68.8 Gy, not of 60 Gy.",
        ),
    ),
)
