"""Where a drug, its dates or the evidence is not known: silence must not look like safety.

The paper calls the timing of drugs around radiotherapy an issue and concomitant use a matter still
under study; it gives no answer for dates that are missing, for a missing list or for newer drugs.
The rules here say so in its place.
"""

from rulesets.currency import TARGETED_CONSENSUS
from rulesets.evidence import Statement
from rulesets.facts import drug, meds, rt
from rulesets.language import all_of, any_of, some_drug
from rulesets.rule import EACH_COURSE, EACH_COURSE_AND_DRUG, ORDER_HOOKS, Rule

TIMING_IS_AN_ISSUE = Statement(
    says="With targeted drugs, the timing around radiotherapy has to be settled.",
    section="3, targeted therapy in ER+/HER2- disease",
    fingerprint="5:2578d588ed70f58b",
)
"""The nearest the paper comes; it is silent on missing data and on drugs newer than itself."""

RULES: tuple[Rule, ...] = (
    # It speaks of the course; in cards it joins the drugs that made it true.
    Rule(
        id="imbrication.radical-concomitance",
        title="Radical radiotherapy while a targeted drug or immunotherapy is given",
        statements=(
            Statement(
                says="Whether drugs should be given during radical local treatment is still being studied.",
                section="5",
                fingerprint="15:a0f7f0b331106994",
            ),
        ),
        for_each=EACH_COURSE,
        when=all_of(
            rt.planned.is_true,
            rt.target.is_("bone"),
            rt.intent.is_("radical"),
            some_drug(
                all_of(
                    drug.drug_class.is_one_of(
                        "cdk46_inhibitor",
                        "parp_inhibitor",
                        "checkpoint_inhibitor",
                        "anti_her2_adc",
                        "anti_her2_tki",
                        "mtor_inhibitor",
                        "pi3k_inhibitor",
                        "trop2_adc",
                        "akt_inhibitor",
                    ),
                    drug.exposure.is_("concurrent"),
                )
            ),
        ),
        summary="Radical RT during a targeted drug or immunotherapy: still being studied; consider local policy",
        detail=(
            "The paper writes of drugs in general; this service reads it as targeted drugs and immunotherapy. "
            "Results of trials under way may change this."
        ),
        indicator="info",
        indicator_because="The state of the evidence.",
        hooks=ORDER_HOOKS,
        when_unknown="silent",
        evidence="under investigation",
        since=(TARGETED_CONSENSUS,),
    ),
    Rule(
        id="imbrication.unknown-exposure",
        title="Overlap of a drug and radiotherapy cannot be told",
        statements=(TIMING_IS_AN_ISSUE,),
        for_each=EACH_COURSE_AND_DRUG,
        when=all_of(
            any_of(rt.planned.is_true, rt.planned.is_unknown),
            drug.drug_class.is_one_of(
                "cytotoxic",
                "parp_inhibitor",
                "cdk46_inhibitor",
                "anti_her2_adc",
                "trop2_adc",
                "akt_inhibitor",
                "anti_vegf",
            ),
            drug.exposure.is_unknown,
        ),
        summary="{drug} with {rt}: status or dates leave the overlap open; consider checking before signing",
        detail=(
            "The record does not say whether or when the drug is given, or how far the course has got. Consider "
            "recording what is missing; for a drug on order, its start relative to radiotherapy. The paper does not "
            "deal with missing dates: this is a safety measure of this service."
        ),
        indicator="warning",
        indicator_because="A critical interaction cannot be ruled out.",
        hooks=ORDER_HOOKS,
        # The rule is itself what is said when the exposure is unknown.
        when_unknown="silent",
        evidence="safety design",
    ),
    Rule(
        id="imbrication.med-list-missing",
        title="Medication list missing or incomplete",
        statements=(TIMING_IS_AN_ISSUE,),
        for_each=EACH_COURSE,
        when=all_of(rt.planned.is_true, meds.list_available.is_false),
        summary="Medication list missing or incomplete: overlap of drugs with RT is unchecked; consider obtaining it",
        detail=(
            "No list was available, or its source calls it incomplete. That no drug is mentioned does not mean that "
            "all are safe with radiotherapy; a complete list would allow the check."
        ),
        indicator="warning",
        indicator_because="Silence must not be read as safety.",
        hooks=ORDER_HOOKS,
        when_unknown="silent",
        evidence="safety design",
    ),
    Rule(
        id="imbrication.class-not-in-paper",
        title="Anticancer drug the paper does not cover",
        statements=(TIMING_IS_AN_ISSUE,),
        for_each=EACH_COURSE_AND_DRUG,
        when=all_of(
            rt.relevant.is_true,
            any_of(
                drug.drug_class.is_one_of("trop2_adc", "akt_inhibitor", "anti_vegf"),
                all_of(
                    drug.drug_class.is_("anti_her2_adc"),
                    drug.name.is_not("trastuzumab emtansine"),
                ),
                all_of(
                    drug.drug_class.is_one_of("mtor_inhibitor", "pi3k_inhibitor"),
                    drug.name.is_none_of("everolimus", "alpelisib"),
                ),
            ),
            drug.exposure.is_one_of("concurrent", "recent", "after_rt_early"),
        ),
        summary="{drug} with {rt}: the paper does not cover its timing around RT; consider local policy",
        detail=(
            "The paper is of 2020 and says nothing of trastuzumab deruxtecan, sacituzumab govitecan, datopotamab "
            "deruxtecan, capivasertib, inavolisib or bevacizumab with radiotherapy. What it says of T-DM1, "
            "trastuzumab, everolimus or alpelisib reassures for none of them. This service sets the windows that make "
            "a dose recent or early."
        ),
        indicator="warning",
        indicator_because="Silence must not be read as safety.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="safety design",
    ),
)
