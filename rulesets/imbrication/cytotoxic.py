"""Cytotoxic chemotherapy around radiotherapy: two treatments that both depress the marrow.

The paper holds the two apart in time so that their nadirs do not fall together, lets the goal of
treatment decide which comes first, and leaves an exception, case by case, in oligometastatic
disease. It names no interval: the days that make a dose recent or early are ours.
"""

from rulesets.evidence import Statement
from rulesets.facts import drug, pattern, rt
from rulesets.language import all_of, any_of, some_drug
from rulesets.rule import EACH_COURSE, EACH_COURSE_AND_DRUG, ORDER_HOOKS, Rule, Suggestion

SECTION = "3, cytotoxic chemotherapy"

NADIRS_APART = Statement(
    says="Chemotherapy and radiotherapy have to be fitted together so that their marrow nadirs do not fall together.",
    section=SECTION,
    fingerprint="18:79ddefc9f8aba30d",
)
"""Also cited for PARP inhibitors after radiotherapy."""

RULES: tuple[Rule, ...] = (
    Rule(
        id="imbrication.cytotoxic-rt",
        title="Chemotherapy at the same time as radiotherapy",
        statements=(
            Statement(
                says="Both treatments can depress the bone marrow markedly, so they are hardly ever given together.",
                section=SECTION,
                fingerprint="17:ccff59f7cb9197aa",
            ),
        ),
        for_each=EACH_COURSE_AND_DRUG,
        when=all_of(
            rt.planned.is_true,
            drug.drug_class.is_("cytotoxic"),
            drug.exposure.is_("concurrent"),
        ),
        summary="{drug} with {rt}: chemotherapy is hardly ever given with RT (marrow toxicity); consider a gap",
        detail=(
            "Consider a gap long enough to keep the two nadirs apart; which treatment goes first depends on the goals "
            "that apply. The gap is advice of this service: the paper gives no interval. Overlap does occur in "
            "trials."
        ),
        indicator="warning",
        indicator_because="Marrow toxicity; in oligometastatic disease the paper allows exceptions case by case.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="expert opinion",
        ambiguities=(
            "The paper writes of systemic treatment at large. We read cytotoxic drugs only: that is the heading of the "
            "passage, and elsewhere endocrine and anti-HER2 drugs are called compatible with radiotherapy.",
            "Hardly ever is not never. An abstract of Trovo's series, read outside the paper, tells of 89% with "
            "systemic therapy at the same time, and the trial NCT03808337 irradiates during systemic therapy.",
        ),
        suggestions=(
            Suggestion(
                label="Hold the chemotherapy around RT",
                action="hold_drug",
                description="Hold; consider restarting once the marrow has recovered",
            ),
        ),
    ),
    Rule(
        id="imbrication.cytotoxic-rt-recent",
        title="Chemotherapy shortly before radiotherapy",
        statements=(NADIRS_APART,),
        for_each=EACH_COURSE_AND_DRUG,
        when=all_of(
            rt.planned.is_true,
            drug.drug_class.is_("cytotoxic"),
            drug.exposure.is_("recent"),
        ),
        summary="{drug}, recent chemotherapy, with {rt}: consider a blood count so that nadirs do not coincide",
        detail=(
            "Recent means a last dose fewer than {washout_cytotoxic_days} days before the first fraction. The paper "
            "gives no window; our default is one three-weekly cycle. The blood count before radiotherapy is a "
            "suggestion of this service too."
        ),
        indicator="info",
        indicator_because="A check of timing.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="expert opinion",
        suggestions=(
            Suggestion(
                label="Order a complete blood count",
                action="order_blood_count",
                description="Complete blood count before radiotherapy begins",
            ),
        ),
    ),
    Rule(
        id="imbrication.cytotoxic-after-rt",
        title="Chemotherapy soon after radiotherapy",
        statements=(NADIRS_APART,),
        for_each=EACH_COURSE_AND_DRUG,
        when=all_of(
            rt.relevant.is_true,
            drug.drug_class.is_("cytotoxic"),
            any_of(
                drug.exposure.is_("after_rt_early"),
                # The drug overlapped a course that is over, of which the rule for open courses says nothing.
                all_of(drug.exposure.is_("concurrent"), rt.status.is_("completed")),
            ),
        ),
        summary="{drug} soon after RT ({rt}): consider a blood count first so that nadirs do not coincide",
        detail=(
            "Soon means a first dose fewer than {post_rt_gap_cytotoxic_days} days after the last fraction, or a drug "
            "that overlapped a course which ended recently. The paper gives no number; it speaks of the nadirs of both "
            "treatments, whichever comes first. The blood count is our suggestion."
        ),
        indicator="info",
        indicator_because="A check of timing.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="expert opinion",
        suggestions=(
            Suggestion(
                label="Order a complete blood count",
                action="order_blood_count",
                description="Complete blood count before the first dose",
            ),
        ),
    ),
    # The next two speak of the course; in cards they join the drugs that made them true.
    Rule(
        id="imbrication.sequence-priority",
        title="The goals of treatment decide what comes first",
        statements=(
            Statement(
                says=(
                    "Which treatment comes first follows from what matters most: control of the disease as a whole, "
                    "control of the sites that progress (oligoprogression), or relief of pain."
                ),
                section=SECTION,
                fingerprint="26:fd02cac93dd11f39",
            ),
        ),
        for_each=EACH_COURSE,
        when=all_of(
            rt.planned.is_true,
            rt.target.is_("bone"),
            some_drug(
                all_of(
                    drug.drug_class.is_one_of("cytotoxic", "parp_inhibitor", "cdk46_inhibitor"),
                    drug.exposure.is_one_of("concurrent", "recent"),
                )
            ),
        ),
        summary="Consider ordering RT and drugs by the goals that apply: pain, local control, systemic control",
        detail=(
            "Pain: bone pain or spinal neurological symptoms. Local control: oligoprogression. Systemic control: "
            "visceral crisis or rapid progression. The paper does not rank these goals. A "
            "safety note of this service: a neurological deficit goes first."
        ),
        indicator="info",
        indicator_because="Helps to decide an order; asks for nothing by itself.",
        hooks=ORDER_HOOKS,
        when_unknown="silent",
        evidence="expert opinion",
    ),
    Rule(
        id="imbrication.oligomet-chemo-case",
        title="Oligometastatic disease: chemotherapy near radical radiotherapy, case by case",
        statements=(
            Statement(
                says=(
                    "With few metastases, fitting chemotherapy and radiotherapy together is an option for better "
                    "control, to be discussed for each patient."
                ),
                section=SECTION,
                fingerprint="24:f41211f6c8f985f8",
            ),
        ),
        for_each=EACH_COURSE,
        when=all_of(
            rt.planned.is_true,
            rt.target.is_("bone"),
            rt.intent.is_("radical"),
            pattern.burden.is_("oligometastatic"),
            some_drug(
                all_of(
                    drug.drug_class.is_("cytotoxic"),
                    drug.exposure.is_one_of("concurrent", "recent"),
                )
            ),
        ),
        summary="Oligometastatic: RT with chemotherapy is an option to consider case by case (MDT)",
        detail=(
            "This stands beside the warning about marrow toxicity and does not lift it. The paper asks for a "
            "discussion of each case; that the MDT is the place for it, and that radical intent is meant, is this "
            "service's reading."
        ),
        indicator="info",
        indicator_because="A way to an exception.",
        hooks=ORDER_HOOKS,
        when_unknown="silent",
        evidence="expert opinion",
    ),
)
