"""Anti-HER2 drugs around radiotherapy: well tolerated on small numbers, with one serious signal.

The paper finds low toxicity for trastuzumab, and for lapatinib and T-DM1 at their standard doses,
in small or retrospective series. The exception is T-DM1 with radiosurgery of the brain, after
which radionecrosis was reported. Trastuzumab deruxtecan is not in the paper and inherits nothing.
"""

from rulesets.currency import TARGETED_CONSENSUS
from rulesets.evidence import Statement
from rulesets.facts import drug, rt, tumour
from rulesets.language import all_of, any_of
from rulesets.rule import EACH_COURSE, EACH_COURSE_AND_DRUG, ORDER_HOOKS, Escalation, Rule, Suggestion

SECTION = "3, HER2-targeted therapy"

RADIOSURGERY_FROM_GY_PER_FRACTION = 5
"""Not in the paper: a brain course of unknown technique with such fractions may be radiosurgery."""

RULES: tuple[Rule, ...] = (
    Rule(
        id="imbrication.her2-radioresistance",
        title="HER2-positive disease and resistance to radiation",
        statements=(
            Statement(
                says="In preclinical work, overexpression of HER2 makes breast cancer resistant to radiation.",
                section=SECTION,
                references=(75, 76, 77, 78),
                fingerprint="12:0c7ca78d9e471de3",
            ),
        ),
        for_each=EACH_COURSE,
        when=all_of(rt.planned.is_true, tumour.her2.is_("positive")),
        summary="HER2-positive: resistance to radiation in preclinical work; the paper changes no dose for it",
        detail="The work is preclinical, in vitro and in vivo; nothing follows for the prescription.",
        output="fact",
        indicator="info",
        indicator_because="Preclinical background.",
        hooks=("order-select",),
        when_unknown="silent",
        evidence="preclinical",
    ),
    Rule(
        id="imbrication.trastuzumab-rt",
        title="Trastuzumab at the same time as radiotherapy",
        statements=(
            Statement(
                says=(
                    "In metastatic disease, trastuzumab given together with radiotherapy adds no major toxicity, "
                    "notably none to the heart."
                ),
                section=SECTION,
                fingerprint="13:05d41180ad9c6cca",
            ),
        ),
        for_each=EACH_COURSE_AND_DRUG,
        when=all_of(
            rt.planned.is_true,
            drug.name.is_("trastuzumab"),
            drug.exposure.is_("concurrent"),
        ),
        summary="{drug} with RT: no rise in major toxicity was reported, cardiac toxicity included",
        detail=(
            "The antibody by itself: conjugates made from it are judged by their own rules. The paper gives no "
            "reference for this sentence and calls the data on anti-HER2 drugs few and often retrospective."
        ),
        output="fact",
        indicator="info",
        indicator_because="Reassurance.",
        hooks=ORDER_HOOKS,
        when_unknown="silent",
        evidence="clinical data, small numbers or retrospective",
        since=(TARGETED_CONSENSUS,),
    ),
    Rule(
        id="imbrication.lapatinib-tdm1-rt",
        title="Lapatinib or T-DM1 with radiotherapy to bone",
        statements=(
            Statement(
                says=(
                    "Small trials found lapatinib 1500 mg a day by mouth, and T-DM1 3.6 mg/kg into a vein every three "
                    "weeks, well tolerated with radiotherapy."
                ),
                section=SECTION,
                references=(87, 88),
                fingerprint="32:7854aa2ece72e68b",
            ),
        ),
        for_each=EACH_COURSE_AND_DRUG,
        when=all_of(
            rt.planned.is_true,
            rt.target.is_("bone"),
            drug.name.is_one_of("lapatinib", "trastuzumab emtansine"),
            drug.exposure.is_("concurrent"),
            any_of(drug.dose_above_standard.is_unknown, drug.dose_above_standard.is_false),
        ),
        summary="{drug} with RT to bone: small trials saw good tolerance at the usual dose; consider checking it",
        detail=(
            "Doses are compared with {lapatinib_standard_mg_day} mg a day of lapatinib, or {tdm1_standard_mg_kg} mg/kg "
            "of T-DM1 every {tdm1_standard_interval_days} days. Where the record gives no dose, nothing was compared. "
            "The trials are small. This does not reach trastuzumab deruxtecan, nor radiosurgery of the brain."
        ),
        indicator="info",
        indicator_because="Reassurance on limited data.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="small clinical trials",
    ),
    Rule(
        id="imbrication.her2-dose-above-standard",
        title="Lapatinib or T-DM1 above the dose tolerated with radiotherapy",
        statements=(
            Statement(
                says="The doses tolerated were lapatinib 1500 mg a day by mouth and T-DM1 3.6 mg/kg every three weeks.",
                section=SECTION,
                references=(87, 88),
                fingerprint="15:1de8010c84dc5a61",
            ),
        ),
        for_each=EACH_COURSE_AND_DRUG,
        when=all_of(
            rt.planned.is_true,
            drug.exposure.is_("concurrent"),
            drug.name.is_one_of("lapatinib", "trastuzumab emtansine"),
            drug.dose_above_standard.is_true,
        ),
        summary="{drug} is dosed higher or more often than trials found tolerable with RT; consider a check",
        detail=(
            "Doses are compared with {lapatinib_standard_mg_day} mg a day of lapatinib, or {tdm1_standard_mg_kg} mg/kg "
            "of T-DM1 every {tdm1_standard_interval_days} days. An excess of up to {dose_rounding_tolerance} of the "
            "dose passes as rounding, an allowance of ours. The paper is silent on higher doses: this is no finding of "
            "harm."
        ),
        indicator="warning",
        indicator_because="Outside what has been reported.",
        hooks=ORDER_HOOKS,
        when_unknown="silent",
        evidence="small clinical trials",
    ),
    Rule(
        id="imbrication.tdm1-brain-srs",
        title="T-DM1 with radiosurgery of the brain: radionecrosis",
        statements=(
            Statement(
                says=(
                    "A notable number of cases of radionecrosis was reported when T-DM1 was given together with "
                    "radiosurgery of brain metastases."
                ),
                section=SECTION,
                fingerprint="22:84bd2d467e17f3bb",
            ),
        ),
        for_each=EACH_COURSE_AND_DRUG,
        when=all_of(
            rt.relevant.is_true,
            rt.target.is_("brain"),
            any_of(
                rt.technique.is_one_of("SRS", "SBRT"),
                all_of(
                    rt.technique.is_unknown,
                    rt.dose_per_fraction_gy.at_least(RADIOSURGERY_FROM_GY_PER_FRACTION),
                ),
            ),
            drug.name.is_("trastuzumab emtansine"),
            drug.exposure.is_one_of("concurrent", "recent", "after_rt_early"),
        ),
        summary="{drug} around brain radiosurgery ({rt}): radionecrosis reported; consider keeping them apart",
        detail=(
            "Consider keeping them apart; that is this service's suggestion: the paper reports the cases without a "
            "source and recommends nothing. Radiosurgery here is SRS or SBRT as coded, in one to five fractions; where "
            f"the technique is not stated, {RADIOSURGERY_FROM_GY_PER_FRACTION} Gy or more per fraction counts, a limit "
            "set by this service. Trastuzumab deruxtecan is another drug and is judged by itself."
        ),
        indicator="warning",
        indicator_because="The one combination for which the paper reports serious harm to patients.",
        escalation=Escalation(
            when=all_of(drug.exposure.is_("concurrent"), rt.planned.is_true),
            to="critical",
            why="Radionecrosis was reported with the two given together, and the course is still open.",
        ),
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="reported cases, without a reference in the text",
        suggestions=(
            Suggestion(
                label="Hold T-DM1 around radiosurgery",
                action="hold_drug",
                description="Hold T-DM1; the MDT sets the interval",
            ),
        ),
    ),
    Rule(
        id="imbrication.her2-other-rt",
        title="Pertuzumab, neratinib or tucatinib with radiotherapy",
        statements=(
            Statement(
                says=(
                    "Taken together, anti-HER2 drugs with radiotherapy look effective and of low toxicity, but often "
                    "on small numbers."
                ),
                section=SECTION,
                fingerprint="29:999199a3f121f606",
            ),
        ),
        for_each=EACH_COURSE_AND_DRUG,
        when=all_of(
            rt.planned.is_true,
            drug.name.is_one_of("pertuzumab", "neratinib", "tucatinib"),
            drug.exposure.is_("concurrent"),
        ),
        summary="{drug} with {rt}: known for the class only and on small numbers; consider local policy",
        detail=(
            "The paper has no word on this drug by itself with radiotherapy; what it says of the class is low toxicity "
            "(printed as poor toxicity), from mostly retrospective work. Trial data on the drug itself would change "
            "this."
        ),
        indicator="info",
        indicator_because="Limited data.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="small numbers or retrospective",
        since=(TARGETED_CONSENSUS,),
    ),
)
