"""mTOR and PI3K inhibitors around radiotherapy: no clinical data, no reason seen to stop.

The paper names everolimus and alpelisib only, and argues from biology for want of data. Other
members of the two classes are left to the rule for drugs the paper does not cover.
"""

from rulesets.currency import TARGETED_CONSENSUS
from rulesets.evidence import Statement
from rulesets.facts import drug, rt
from rulesets.language import all_of
from rulesets.rule import EACH_COURSE_AND_DRUG, ORDER_HOOKS, Rule

RULES: tuple[Rule, ...] = (
    Rule(
        id="imbrication.mtor-pi3k-rt",
        title="Everolimus or alpelisib at the same time as radiotherapy",
        statements=(
            Statement(
                says=(
                    "There are no clinical data on everolimus or alpelisib with radiotherapy; biology gives no ground "
                    "to stop them meanwhile."
                ),
                section="3, targeted therapy in ER+/HER2- disease",
                fingerprint="24:0f09f4ac0542ed91",
            ),
        ),
        for_each=EACH_COURSE_AND_DRUG,
        when=all_of(
            rt.planned.is_true,
            drug.name.is_one_of("everolimus", "alpelisib"),
            drug.exposure.is_("concurrent"),
        ),
        summary="{drug} with {rt}: no clinical data; the paper sees no biological reason to stop the drug",
        detail=(
            "Missing evidence is not evidence of safety. Other mTOR and PI3K inhibitors, such as inavolisib, are not "
            "covered by this statement."
        ),
        indicator="info",
        indicator_because="There are no data to weigh.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="no data",
        since=(TARGETED_CONSENSUS,),
    ),
)
