"""Bone-seeking radiopharmaceuticals: palliation of pain at several sites, and what they do to the marrow.

The paper calls the effect on the marrow persistent and gives it no duration. It is therefore watched
in both orders of events, for as long as the drug or the radiopharmaceutical is taken to act.
"""

from __future__ import annotations

from collections.abc import Mapping

from rulesets.evidence import Statement
from rulesets.facts import drug, lesion, mets, order, patient, prognosis
from rulesets.language import all_of, any_of, none_of, some_drug, some_lesion
from rulesets.rule import EACH_ORDER, EACH_ORDER_AND_DRUG, ORDER_HOOKS, Rule, Suggestion

SECTION = "4 (Radiopharmaceuticals)"

MYELOTOXIC_CLASSES = ("cytotoxic", "parp_inhibitor", "cdk46_inhibitor", "trop2_adc", "anti_her2_adc")

RADIOPHARMACEUTICAL_ORDERED = order.kind.is_("radiopharmaceutical")

MARROW_AND_PALLIATION = Statement(
    says="Their limits are a lasting effect on the marrow and a place that is mainly palliative.",
    section=SECTION,
    fingerprint="17:f5531da66f715047",
)

AGENT_EVIDENCE: Mapping[str, str] = {
    "strontium-89": "pain relief in 75% two to three weeks after treatment [96]",
    "rhenium-186": "pain relief in 60% and better quality of life in 58% [97,98]",
    "radium-223": "pain relief in up to 60% and no grade 3 marrow event, in a phase I study of 10 patients [99]",
    "samarium-153": "named by the paper, which gives no outcome in breast cancer",
    "phosphorus-32": "named by the paper, which gives no outcome in breast cancer",
}
"""What the paper reports of each agent in breast cancer."""

RULES: tuple[Rule, ...] = (
    Rule(
        id="radiopharm.candidate",
        title="Painful bone metastases at several sites",
        statements=(
            Statement(
                says="Their main use is palliative: to relieve pain when several skeletal sites are affected.",
                section=SECTION,
                references=(95,),
                fingerprint="20:1daebd8b5b8991b2",
            ),
        ),
        when=all_of(
            mets.status.is_("confirmed"),
            patient.bone_pain.is_true,
            mets.bone_lesion_count.above(1),
            prognosis.group.is_one_of("intermediate", "poor"),
            # Our own guard: these need another treatment first.
            none_of(
                some_lesion(
                    any_of(
                        all_of(lesion.spinal.is_true, lesion.cord_compression.is_one_of("suspected", "confirmed")),
                        lesion.fracture.is_("impending"),
                    )
                )
            ),
        ),
        summary="Painful bone metastases at several sites: consider a bone-seeking radiopharmaceutical for palliation",
        detail="One palliative option among others. By our own guard it is shown only where cord compression and "
        "impending fracture are ruled out. Data in breast cancer are few: strontium-89, "
        f"{AGENT_EVIDENCE['strontium-89']}; rhenium-186, {AGENT_EVIDENCE['rhenium-186']}; radium-223, "
        f"{AGENT_EVIDENCE['radium-223']}.",
        indicator_because="An option.",
        hooks=("patient-view",),
        evidence="small series and a phase I study",
    ),
    Rule(
        id="radiopharm.single-site",
        title="Radiopharmaceutical for a single bone lesion",
        statements=(
            Statement(
                says="Their place is disease of more than one part of the skeleton.",
                section=SECTION,
                references=(95,),
                fingerprint="9:99c7ab7a6d222e98",
            ),
        ),
        for_each=EACH_ORDER,
        when=all_of(RADIOPHARMACEUTICAL_ORDERED, mets.bone_lesion_count.is_(1)),
        summary="Radiopharmaceutical for one bone lesion: mainly meant for several sites; consider focal radiotherapy",
        detail="For one site the paper's option is focal radiotherapy.",
        indicator_because="A check of the indication.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="expert opinion",
    ),
    Rule(
        id="radiopharm.no-symptoms",
        title="Radiopharmaceutical without symptoms",
        statements=(
            Statement(
                says="Nothing supports giving them to prevent metastases, or in oligometastatic disease that causes no "
                "symptoms.",
                section=SECTION,
                fingerprint="17:0ed2e9c8c2fe9f4e",
            ),
        ),
        for_each=EACH_ORDER,
        when=all_of(
            RADIOPHARMACEUTICAL_ORDERED,
            any_of(patient.bone_pain.is_false, mets.status.is_("none")),
        ),
        summary="Radiopharmaceutical, but no bone pain or no metastases: no data support it; consider its indication",
        detail="Without pain this holds whatever the number of lesions, and without metastases whatever the symptoms: "
        "our reading.",
        indicator="warning",
        indicator_because="The marrow suffers for long, and no benefit is to be expected.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="none: the paper finds no data",
    ),
    Rule(
        id="radiopharm.myelosuppression",
        title="Radiopharmaceutical beside a drug that harms the marrow",
        statements=(MARROW_AND_PALLIATION,),
        for_each=EACH_ORDER_AND_DRUG,
        when=all_of(
            RADIOPHARMACEUTICAL_ORDERED,
            drug.drug_class.is_one_of(*MYELOTOXIC_CLASSES),
            drug.on_board.is_true,
        ),
        summary="{drug} with a radiopharmaceutical: harm to the marrow may add up and last; consider a blood count",
        detail="The drug is taken, is being ordered, or was stopped so recently that it may still act. That the two "
        "add up is our extension of what the paper says.",
        indicator="warning",
        indicator_because="Toxicity to the marrow from both sides.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="expert opinion",
        suggestions=(
            Suggestion(
                label="Order a complete blood count",
                action="order_blood_count",
                description="Order a complete blood count before the radiopharmaceutical",
            ),
        ),
    ),
    Rule(
        id="radiopharm.recent-then-myelosuppressive",
        title="Treatment that harms the marrow after a radiopharmaceutical",
        statements=(MARROW_AND_PALLIATION,),
        for_each=EACH_ORDER_AND_DRUG,
        when=all_of(
            any_of(
                all_of(order.kind.is_("drug"), order.drug_class.is_one_of(*MYELOTOXIC_CLASSES)),
                order.kind.is_("rt"),
            ),
            drug.drug_class.is_("radiopharmaceutical"),
            drug.on_board.is_true,
        ),
        summary="{drug} may still act on the marrow: consider a blood count before this treatment",
        detail="The paper calls the effect lasting and gives no time. We look back {radiopharm_lookback_sr89_days} "
        "days for strontium-89 and {radiopharm_lookback_days} days for the others.",
        indicator="warning",
        indicator_because="Toxicity to the marrow from both sides, in the other order.",
        hooks=ORDER_HOOKS,
        evidence="safety design, resting on a statement of the paper",
        suggestions=(
            Suggestion(
                label="Order a complete blood count",
                action="order_blood_count",
                description="Order a complete blood count before this treatment",
            ),
        ),
    ),
    Rule(
        id="radiopharm.not-palliative",
        title="Radiopharmaceutical outside palliation",
        statements=(MARROW_AND_PALLIATION,),
        for_each=EACH_ORDER,
        when=all_of(RADIOPHARMACEUTICAL_ORDERED, prognosis.group.is_("good")),
        summary="Radiopharmaceutical in a good prognosis: its place is mainly palliative; consider its indication",
        detail="With a good prognosis the paper's pathway is definitive local treatment during systemic therapy.",
        indicator_because="A check of the indication.",
        hooks=ORDER_HOOKS,
        evidence="expert opinion",
    ),
    Rule(
        id="radiopharm.agent-evidence",
        title="What is known of the radiopharmaceutical ordered",
        statements=(
            Statement(
                says="With strontium-89, 75% had less pain two or three weeks after treatment.",
                section=SECTION,
                references=(96,),
                fingerprint="21:c5f17799af3a4fc2",
            ),
            Statement(
                says="With rhenium-186, quality of life was better in 58% and pain in 60%.",
                section=SECTION,
                references=(97, 98),
                fingerprint="14:422629abaff9cb46",
            ),
            Statement(
                says="With radium-223, pain was relieved in up to 60%, without any grade 3 event of the marrow.",
                section=SECTION,
                references=(99,),
                fingerprint="17:3bb1e87f372ac8b4",
            ),
        ),
        for_each=EACH_ORDER,
        when=RADIOPHARMACEUTICAL_ORDERED,
        summary="Radiopharmaceuticals in breast cancer: the evidence is a few small series",
        detail=". ".join(f"{agent.capitalize()}: {evidence}" for agent, evidence in AGENT_EVIDENCE.items()) + ".",
        output="fact",
        indicator_because="Shows the evidence.",
        hooks=("order-select",),
        evidence="small series, and a phase I study of 10 patients",
    ),
    Rule(
        id="radiopharm.ra223-capecitabine",
        title="Radium-223 with capecitabine",
        statements=(
            Statement(
                says="The CARBON trial studies whether radium-223 and capecitabine can be combined, for safety and "
                "for control of the disease.",
                section=SECTION,
                references=(101,),
                fingerprint="17:50ff34e80f281629",
            ),
        ),
        for_each=EACH_ORDER,
        when=all_of(
            RADIOPHARMACEUTICAL_ORDERED,
            order.agent.is_("radium-223"),
            some_drug(all_of(drug.name.is_("capecitabine"), drug.status.is_("active"))),
        ),
        summary="Radium-223 with capecitabine: under study in a trial (CARBON); consider whether to combine them",
        detail="The paper gives no result of that trial, and names no other support for the combination.",
        indicator="warning",
        indicator_because="The combination is investigational.",
        hooks=ORDER_HOOKS,
        evidence="a trial under way",
    ),
)
