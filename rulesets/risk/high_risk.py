"""A high risk of bone metastases: the two criteria for which the paper has figures.

They are positive axillary nodes, and a first recurrence nearby or in soft tissue. They alone make
the risk high; a factor called favourable, such as a positive oestrogen receptor, never lowers it.
"""

from rulesets.evidence import Statement
from rulesets.facts import mets, risk, tumour
from rulesets.language import all_of, any_of, none_of
from rulesets.rule import Definition, Rule, Suggestion
from rulesets.thresholds import NODES_HIGH_RISK_MIN

NOT_CONFIRMED = mets.status.is_one_of("none", "suspected")
MANY_NODES = tumour.positive_axillary_nodes.at_least(NODES_HIGH_RISK_MIN)
LOCOREGIONAL_FIRST = tumour.first_event.is_one_of("local", "regional", "soft_tissue")
HIGH_RISK = any_of(MANY_NODES, LOCOREGIONAL_FIRST)

COHORT = "cohort study [107]; the paper does not state its design"

DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        id="risk.surveillance_tier/not-applicable",
        fact=risk.surveillance_tier,
        value="not_applicable",
        when=mets.status.is_("confirmed"),
    ),
    Definition(
        id="risk.surveillance_tier/high",
        fact=risk.surveillance_tier,
        value="high",
        when=all_of(NOT_CONFIRMED, HIGH_RISK),
    ),
    # It says that neither criterion holds, so a record without a metastatic status still has it.
    Definition(
        id="risk.surveillance_tier/not-high",
        fact=risk.surveillance_tier,
        value="not_high",
        when=all_of(any_of(mets.status.is_unknown, NOT_CONFIRMED), none_of(HIGH_RISK)),
    ),
)

RULES: tuple[Rule, ...] = (
    Rule(
        id="risk.nodes-ge4",
        title="Many positive axillary nodes",
        statements=(
            Statement(
                says="In one cohort bone metastases were most frequent where four axillary nodes or more had been "
                "positive at diagnosis.",
                section="5",
                references=(107,),
                fingerprint="26:de65a72a1bde482d",
            ),
            Statement(
                says="The cumulative incidence among them was 14.9% after two years, and 40.8% after ten.",
                section="5",
                references=(107,),
                fingerprint="11:3991c30bd8ba283f",
            ),
        ),
        when=all_of(NOT_CONFIRMED, MANY_NODES),
        summary="{nodes_high_risk_min} or more positive axillary nodes: bone metastases are frequent in such patients",
        detail="Of patients with four or more positive axillary nodes, 14.9% had bone metastases two years later and "
        "40.8% ten years later (a cohort published in 2000; figures of the group, not of this patient).",
        output="fact",
        indicator_because="Tells a risk and asks for nothing at once.",
        hooks=("patient-view",),
        evidence=COHORT,
        ambiguities=(
            "The figures count from diagnosis or randomisation. Those of the whole cohort, which the paper does not "
            "give, were 8.2% and 27.3%.",
        ),
    ),
    Rule(
        id="risk.first-event-locoregional",
        title="First event a local, regional or soft-tissue recurrence",
        statements=(
            Statement(
                says="Among the highest as well: patients who first had a recurrence nearby or in soft tissue, while "
                "no metastasis showed elsewhere.",
                section="5",
                references=(107,),
                fingerprint="19:d537690a98768c13",
            ),
            Statement(
                says="Counted from that recurrence the incidence was 21.1% after two years; after ten it was 36.7%.",
                section="5",
                references=(107,),
                fingerprint="14:ff18bbf538c3e8ee",
            ),
        ),
        when=all_of(NOT_CONFIRMED, LOCOREGIONAL_FIRST),
        summary="First event a local, regional or soft-tissue recurrence: bone metastases often follow",
        detail="Of patients whose first event was a local, regional or soft-tissue recurrence, without other "
        "metastases, 21.1% had bone metastases two years after it and 36.7% at ten years (a cohort published in 2000; "
        "figures of the group, not of this patient).",
        output="fact",
        indicator_because="Tells a risk and asks for nothing at once.",
        hooks=("patient-view",),
        evidence=COHORT,
    ),
    Rule(
        id="risk.tailored-follow-up",
        title="Follow-up adapted to a high risk of bone metastases",
        statements=(
            Statement(
                says="Where the risk of relapse is high, follow-up should be adapted to it.",
                section="5",
                references=(107,),
                fingerprint="18:59e3cba532111849",
            ),
            Statement(
                says="Those at risk of bone metastases have to be found, so that tests and treatment fit the risk.",
                section="5",
                fingerprint="21:e113fba4d49a675b",
            ),
        ),
        when=all_of(NOT_CONFIRMED, HIGH_RISK),
        summary="High risk of bone metastases: consider adapted follow-up and a low threshold for skeletal imaging",
        detail="The paper gives neither a schedule nor an imaging interval, and none is made up here: consider your "
        "local policy.",
        indicator_because="Nothing is urgent, and the paper has no schedule.",
        hooks=("patient-view",),
        evidence="expert opinion",
        suggestions=(
            Suggestion(
                label="Plan follow-up for a high risk",
                action="plan_follow_up",
                description="Plan follow-up for a high risk of bone metastases, by the local schedule",
            ),
        ),
    ),
)
