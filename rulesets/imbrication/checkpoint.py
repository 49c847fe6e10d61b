"""Checkpoint inhibitors around radiotherapy: a rationale, and no clinical data.

The paper hopes that irradiated bone metastases become more visible to the immune system, and
doubts that these drugs do well in bone at all.
"""

from rulesets.currency import CHECKPOINT_CONSENSUS
from rulesets.evidence import Statement
from rulesets.facts import drug, mets, organ, rt
from rulesets.language import all_of
from rulesets.rule import EACH_COURSE_AND_DRUG, EACH_DRUG, ORDER_HOOKS, Rule

SECTION = "3, immunotherapy"

RULES: tuple[Rule, ...] = (
    Rule(
        id="imbrication.io-rt",
        title="Checkpoint inhibitor at the same time as radiotherapy to bone",
        statements=(
            Statement(
                says="There are no clinical data yet; irradiating bone metastases might make them more immunogenic.",
                section=SECTION,
                fingerprint="19:bb250069912b7f02",
            ),
        ),
        for_each=EACH_COURSE_AND_DRUG,
        when=all_of(
            rt.planned.is_true,
            rt.target.is_("bone"),
            drug.drug_class.is_("checkpoint_inhibitor"),
            drug.exposure.is_("concurrent"),
        ),
        summary="{drug} with RT to bone: a rationale only, without clinical data in breast cancer",
        detail="The paper neither advises for nor against the combination.",
        indicator="info",
        indicator_because="There are no data to weigh.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="no data; preclinical rationale",
        since=(CHECKPOINT_CONSENSUS,),
    ),
    Rule(
        id="imbrication.io-bone-response",
        title="What checkpoint inhibitors do in bone metastases",
        statements=(
            Statement(
                says="How well checkpoint inhibitors work in bone metastases is little understood; perhaps not well.",
                section=SECTION,
                fingerprint="15:697205421db1fda6",
            ),
        ),
        for_each=EACH_DRUG,
        when=all_of(
            mets.status.is_("confirmed"),
            organ.bone.is_("present"),
            drug.drug_class.is_("checkpoint_inhibitor"),
            drug.status.is_one_of("active", "draft", "planned"),
        ),
        summary="{drug} (checkpoint inhibitor): effect on bone metastases is little understood, perhaps poor",
        detail="Consider judging bone lesions by themselves when response is assessed, a suggestion of this service.",
        indicator="info",
        indicator_because="Helps to interpret response.",
        hooks=("patient-view",),
        when_unknown="silent",
        evidence="expert opinion",
    ),
)
