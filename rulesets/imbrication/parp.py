"""PARP inhibitors around radiotherapy: the one combination the paper advises against.

They sensitise to radiation and depress the marrow, more so when much marrow is irradiated (pelvis,
long stretches of spine). For want of prospective trials that test the dose the authors do not
recommend giving both at once. The days that make a dose recent or early are ours.
"""

from rulesets.currency import TARGETED_CONSENSUS
from rulesets.evidence import Statement
from rulesets.facts import drug, rt
from rulesets.imbrication.cytotoxic import NADIRS_APART
from rulesets.language import all_of, any_of
from rulesets.rule import EACH_COURSE_AND_DRUG, ORDER_HOOKS, Escalation, Rule, Suggestion

SECTION = "3, PARP inhibitors"

MORE_MYELOSUPPRESSION = Statement(
    says="Myelosuppression may be worse when the radiation takes in the pelvis or a large field of the spine.",
    section=SECTION,
    references=(93,),
    fingerprint="13:0d5623db5a3843a3",
)

RULES: tuple[Rule, ...] = (
    Rule(
        id="imbrication.parp-rt",
        title="PARP inhibitor at the same time as radiotherapy",
        statements=(
            Statement(
                says=(
                    "As long as no prospective trial has verified the dose, the authors advise against giving PARP "
                    "inhibitors together with radiotherapy."
                ),
                section=SECTION,
                fingerprint="24:68c081c22fb228ca",
            ),
            MORE_MYELOSUPPRESSION,
        ),
        for_each=EACH_COURSE_AND_DRUG,
        when=all_of(
            rt.planned.is_true,
            drug.drug_class.is_("parp_inhibitor"),
            drug.exposure.is_("concurrent"),
        ),
        summary="{drug} (PARP inhibitor) with {rt}: not recommended together (marrow toxicity); consider a hold",
        detail=(
            "Consider holding the drug; the hold is this service's suggestion. It applies to any target and any dose, "
            "and pelvic and large spinal fields may make it worse. The reasons are preclinical. A drug on order is "
            "taken to begin the same day when no later start is stated."
        ),
        indicator="critical",
        indicator_because="The only combination the paper says outright it does not recommend.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="preclinical rationale and expert recommendation",
        since=(TARGETED_CONSENSUS,),
        suggestions=(
            Suggestion(
                label="Hold the PARP inhibitor before RT",
                action="hold_drug",
                description="Hold the PARP inhibitor; confirm that the marrow has recovered before radiotherapy",
            ),
        ),
    ),
    Rule(
        id="imbrication.parp-rt-recent",
        title="PARP inhibitor stopped or held shortly before radiotherapy",
        statements=(
            Statement(
                says=(
                    "Effects of PARP inhibitors on the blood, such as myelosuppression, may be amplified by radiation "
                    "of the pelvis or of large fields of the spine."
                ),
                section=SECTION,
                references=(93,),
                fingerprint="21:a3c339a9de4f19ce",
            ),
        ),
        for_each=EACH_COURSE_AND_DRUG,
        when=all_of(
            rt.planned.is_true,
            drug.drug_class.is_("parp_inhibitor"),
            drug.exposure.is_("recent"),
        ),
        summary="{drug} stopped or held recently: marrow toxicity and radiosensitising may linger; consider an FBC",
        detail=(
            "Recent means a last dose fewer than {washout_parp_days} days before the first fraction. The paper gives "
            "no window; our default is at least five half-lives of talazoparib. Consider a full blood count before "
            "radiotherapy, a suggestion of this service. A longer interval ends this advice."
        ),
        indicator="warning",
        indicator_because="The same hazard, growing less.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="pharmacology from outside the paper, applied to an expert recommendation",
        since=(TARGETED_CONSENSUS,),
        suggestions=(
            Suggestion(
                label="Order a complete blood count",
                action="order_blood_count",
                description="Complete blood count before radiotherapy",
            ),
        ),
    ),
    Rule(
        id="imbrication.parp-after-rt",
        title="PARP inhibitor soon after radiotherapy",
        statements=(NADIRS_APART, MORE_MYELOSUPPRESSION),
        for_each=EACH_COURSE_AND_DRUG,
        when=all_of(
            rt.relevant.is_true,
            drug.drug_class.is_("parp_inhibitor"),
            any_of(
                drug.exposure.is_("after_rt_early"),
                # The drug overlapped a course that is over, of which the rule for open courses says nothing.
                all_of(drug.exposure.is_("concurrent"), rt.status.is_("completed")),
            ),
        ),
        summary="{drug} (PARP inhibitor) soon after RT ({rt}): consider a blood count and marrow recovery first",
        detail=(
            "Soon means a first dose fewer than {post_rt_gap_parp_days} days after the last fraction, or a drug that "
            "overlapped a course which ended recently. The paper says nothing of starting after radiotherapy and "
            "gives no number: this is a safety measure outside it. Pelvic and large spinal fields weigh more."
        ),
        indicator="warning",
        indicator_because="The same hazard from the other side.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="safety design on an expert recommendation",
        since=(TARGETED_CONSENSUS,),
        suggestions=(
            Suggestion(
                label="Order a complete blood count",
                action="order_blood_count",
                description="Complete blood count before the first dose",
            ),
        ),
    ),
    Rule(
        id="imbrication.parp-rt-marrow",
        title="PARP inhibitor with a pelvic or large spinal field",
        statements=(
            Statement(
                says="The risk may grow when the pelvis or a large field of the spine is irradiated.",
                section=SECTION,
                references=(93,),
                fingerprint="11:f5500f5766b4a625",
            ),
        ),
        for_each=EACH_COURSE_AND_DRUG,
        when=all_of(
            rt.planned.is_true,
            drug.drug_class.is_("parp_inhibitor"),
            drug.exposure.is_one_of("concurrent", "recent"),
            any_of(
                rt.region.is_one_of("pelvis", "sacrum"),
                all_of(rt.region.is_("spine"), rt.large_field.is_true),
            ),
        ),
        summary="{drug} with RT to pelvis or a large spinal field: consider that myelosuppression may be worse",
        detail=(
            "The sacrum counts as pelvis here, which is this service's reading. The paper gives no measure of a large "
            "field, and the amplification is a concern, not an observation."
        ),
        indicator="warning",
        indicator_because="The marrow reserve is at stake.",
        escalation=Escalation(
            when=drug.exposure.is_("concurrent"),
            to="critical",
            why="The paper advises outright against giving the two together.",
        ),
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="preclinical rationale and expert recommendation",
        since=(TARGETED_CONSENSUS,),
    ),
)
