"""Hybrid imaging: finding early who does not respond, and what PET/MRI has not shown yet."""

from rulesets.evidence import Statement
from rulesets.facts import imaging, mets, order, organ, systemic
from rulesets.language import all_of
from rulesets.rule import EACH_ORDER, Rule

SECTION = "2.2"

RULES: tuple[Rule, ...] = (
    Rule(
        id="imaging.hybrid-early-response",
        title="Hybrid imaging to assess response",
        statements=(
            Statement(
                says="Hybrid exams may show early who does not respond, so that the next line can begin sooner.",
                section=SECTION,
                references=(29,),
                fingerprint="20:869bce6dd4c1205d",
            ),
        ),
        when=all_of(
            mets.status.is_("confirmed"),
            organ.bone.is_("present"),
            systemic.ongoing.is_true,
            imaging.response_assessment_due.is_true,
        ),
        summary="Response is due to be assessed: consider SPECT/CT, PET/CT or PET/MRI to spot non-responders early",
        detail="The paper calls this a possible role. Of PET/MRI it adds that few advantages have been shown.",
        indicator="info",
        indicator_because="One possibility among several.",
        hooks=("patient-view",),
        evidence="review [29]",
    ),
    Rule(
        id="imaging.petmri-limited",
        title="PET/MRI",
        statements=(
            Statement(
                says="PET/MRI has shown few advantages so far, and studies still look for the patients it suits best.",
                section=SECTION,
                references=(34,),
                fingerprint="20:8c99803aa753c4d7",
            ),
        ),
        for_each=EACH_ORDER,
        when=all_of(order.kind.is_("imaging"), order.modality.is_("PET-MRI")),
        summary="PET/MRI: few advantages had been shown by 2020",
        detail="Nothing speaks against the order.",
        indicator="info",
        indicator_because="The state of the evidence.",
        hooks=("order-select",),
        evidence="under investigation",
    ),
)
