"""CDK4/6 inhibitors around radiotherapy: better one after the other, radiotherapy first.

The pivotal trials let radiotherapy precede the drug and keep the two apart. Reports of giving
both at once are few, and bowel toxicity was seen with abemaciclib. Cells held in G1 may also be
less sensitive to radiation. The paper gives no interval: the days that make a stop recent are ours.
"""

from rulesets.currency import CDK46_SERIES, TARGETED_CONSENSUS
from rulesets.evidence import Statement
from rulesets.facts import drug, rt
from rulesets.language import all_of, any_of
from rulesets.rule import EACH_COURSE_AND_DRUG, ORDER_HOOKS, Rule, Suggestion

SECTION = "3, targeted therapy in ER+/HER2- disease"

RULES: tuple[Rule, ...] = (
    Rule(
        id="imbrication.cdk46-rt",
        title="CDK4/6 inhibitor at the same time as radiotherapy",
        statements=(
            Statement(
                says=(
                    "The pivotal trials allowed radiotherapy before the CDK4/6 inhibitor was begun; giving both at "
                    "once is better avoided."
                ),
                section=SECTION,
                references=(68, 69, 70),
                fingerprint="23:1fd777e2bf6ddd56",
            ),
            Statement(
                says="These drugs arrest cells in G1, which may make them resistant to radiation.",
                section=SECTION,
                fingerprint="13:c5ecbdd92eb2f375",
            ),
        ),
        for_each=EACH_COURSE_AND_DRUG,
        when=all_of(
            rt.planned.is_true,
            drug.drug_class.is_("cdk46_inhibitor"),
            drug.exposure.is_("concurrent"),
        ),
        summary="{drug}, active or about to start, with {rt}: consider avoiding concomitant use",
        detail=(
            "Consider giving them one after the other. The evidence is thin: a few reports [71-74] found the "
            "combination feasible, with side effects possible, and radioresistance from G1 arrest is a hypothesis. The "
            "paper gives no interval."
        ),
        indicator="warning",
        indicator_because="The paper prefers to avoid it.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="few reports [71-74] and practice of the pivotal trials [68-70]",
        since=(CDK46_SERIES, TARGETED_CONSENSUS),
        ambiguities=(
            "In one paragraph the paper says that no prospective study of the best schedule is under way and that a "
            "phase II trial (CIMER) is; we take it that there are no prospective data on safety.",
        ),
        suggestions=(
            Suggestion(
                label="Hold the CDK4/6 inhibitor during RT",
                action="hold_drug",
                description="Hold the CDK4/6 inhibitor; the MDT sets the date of restart",
            ),
        ),
    ),
    Rule(
        id="imbrication.cdk46-rt-recent",
        title="CDK4/6 inhibitor stopped shortly before radiotherapy",
        statements=(
            Statement(
                says="A CDK4/6 inhibitor and radiotherapy are better not given at once.",
                section=SECTION,
                references=(68, 69, 70),
                fingerprint="8:4bc0064272f48212",
            ),
        ),
        for_each=EACH_COURSE_AND_DRUG,
        when=all_of(
            rt.planned.is_true,
            drug.drug_class.is_("cdk46_inhibitor"),
            drug.exposure.is_("recent"),
        ),
        summary="{drug} was stopped recently: consider that it may still act when RT begins",
        detail=(
            "Recent means a last dose fewer than {washout_cdk46_days} days before the first fraction. The paper gives "
            "no window; our default is at least five half-lives of ribociclib. A longer interval ends this advice."
        ),
        indicator="info",
        indicator_because="What is left of the drug.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="pharmacology from outside the paper, applied to expert opinion",
        since=(TARGETED_CONSENSUS,),
    ),
    Rule(
        id="imbrication.cdk46-rt-first",
        title="Radiotherapy before a CDK4/6 inhibitor that has not begun",
        statements=(
            Statement(
                says="The pivotal trials let patients have radiotherapy before the drug was begun.",
                section=SECTION,
                references=(68, 69, 70),
                fingerprint="7:c6b264a4365c0e86",
            ),
        ),
        for_each=EACH_COURSE_AND_DRUG,
        when=all_of(
            rt.relevant.is_true,
            rt.status.is_one_of("draft", "planned"),
            drug.drug_class.is_("cdk46_inhibitor"),
            drug.status.is_one_of("draft", "planned"),
            any_of(drug.exposure.is_("concurrent"), drug.exposure.is_unknown),
        ),
        summary="{drug} has not begun: consider giving RT first ({rt}), then the drug",
        detail=(
            "Radiotherapy first is this service's reading: the trials allowed it, the paper does not require it. A "
            "stated start of the drug after the last fraction would make this unnecessary."
        ),
        indicator="info",
        indicator_because="A tip on the order, backed by the practice of the pivotal trials.",
        hooks=ORDER_HOOKS,
        when_unknown="silent",
        evidence="practice of the pivotal trials [68-70]",
        since=(TARGETED_CONSENSUS,),
    ),
    Rule(
        id="imbrication.abemaciclib-rt-gi",
        title="Abemaciclib with radiotherapy to bone: gastrointestinal toxicity",
        statements=(
            Statement(
                says="Gastrointestinal toxicity was reported when bone metastases were irradiated during abemaciclib.",
                section=SECTION,
                references=(71, 72, 73, 74),
                fingerprint="16:544b1ae402665b0e",
            ),
        ),
        for_each=EACH_COURSE_AND_DRUG,
        when=all_of(
            rt.planned.is_true,
            rt.target.is_("bone"),
            drug.name.is_("abemaciclib"),
            drug.exposure.is_("concurrent"),
            # Where bowel may lie in the field; a region nobody stated may be one of these.
            any_of(rt.region.is_unknown, rt.region.is_one_of("spine", "sacrum", "pelvis")),
        ),
        summary="{drug} with RT to bone ({rt}): gastrointestinal toxicity reported; consider bowel in the field",
        detail=(
            "Consider whether bowel lies in the field and how to spare it. This applies to spine, sacrum, pelvis or a "
            "region not stated, a limit set by this service: the case reports name no site. A region away from the "
            "bowel ends this advice."
        ),
        indicator="warning",
        indicator_because="Toxicity was reported in patients.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="case reports",
        since=(CDK46_SERIES, TARGETED_CONSENSUS),
    ),
)
