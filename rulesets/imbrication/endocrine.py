"""Endocrine therapy around radiotherapy: nothing stands in the way.

The paper calls endocrine treatment on its own well tolerated and sees no difficulty in combining
it. A CDK4/6, mTOR or PI3K inhibitor given with it is judged by the rules of its own class.
"""

from rulesets.evidence import Statement
from rulesets.facts import drug, rt
from rulesets.language import all_of
from rulesets.rule import EACH_COURSE_AND_DRUG, ORDER_HOOKS, Rule

RULES: tuple[Rule, ...] = (
    Rule(
        id="imbrication.et-rt",
        title="Endocrine therapy at the same time as radiotherapy",
        statements=(
            Statement(
                says="Endocrine treatment by itself is very well tolerated and is no obstacle to radiotherapy.",
                section="3, targeted therapy in ER+/HER2- disease",
                fingerprint="16:8310c29a41ef9ecb",
            ),
        ),
        for_each=EACH_COURSE_AND_DRUG,
        when=all_of(
            rt.planned.is_true,
            drug.drug_class.is_("endocrine"),
            drug.exposure.is_("concurrent"),
        ),
        summary="{drug} (endocrine therapy on its own) is compatible with RT; consider going on with it",
        detail=(
            "This speaks of the endocrine drug only. Partner drugs (CDK4/6, mTOR and PI3K inhibitors) are judged by "
            "their own rules. That it may go on is this service's reading: the paper sees no problem and says no more."
        ),
        output="fact",
        indicator="info",
        indicator_because="Reassurance.",
        hooks=ORDER_HOOKS,
        when_unknown="silent",
        evidence="expert opinion",
    ),
)
