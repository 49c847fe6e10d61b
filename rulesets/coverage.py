"""The whole paper, statement by statement: the rules that carry it, or the reason why no rule can.

A reader who asks "what became of this passage?" finds the answer here. The order is the paper's.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Passage:
    """One thing the paper states. ``why_no_rule`` is empty exactly when ``rules`` is not."""

    section: str
    states: str
    rules: tuple[str, ...] = ()
    why_no_rule: str = ""


def _carried(section: str, states: str, *rules: str) -> Passage:
    return Passage(section=section, states=states, rules=rules)


def _left_out(section: str, states: str, why: str) -> Passage:
    return Passage(section=section, states=states, why_no_rule=why)


PASSAGES: tuple[Passage, ...] = (
    _left_out(
        "Abstract, 1",
        "Survival with metastatic disease improves; shares of patients metastatic from the start or relapsing.",
        "Figures of populations; nothing follows for one patient.",
    ),
    _carried("1", "Cumulative risk of metastases after one to ten years.", "risk.cumulative-incidence"),
    _left_out("1", "The share of all bone metastases that breast cancer causes.", "A figure of populations."),
    _carried("1", "Where each immunophenotype spreads to first.", "risk.subtype-tropism"),
    _left_out("1", "How tumour cells settle in bone, and how lytic and sclerotic lesions arise.", "Mechanism."),
    _carried("1", "Bone metastases are a common cause of pain in cancer.", "risk.symptomatic-investigate"),
    _carried("1", "A skeletal event can worsen the performance status.", "dq.missing-deciding-facts"),
    _carried("1", "What counts as a skeletal-related event.", "classify.sre"),
    _carried("1", "When pain is relieved, and local control after one and two years.", "dose.follow-up-schedule"),
    _carried(
        "1", "Local treatment is to be fitted into systemic treatment in oligometastatic and oligoprogressive disease.",
        "pathway.oligoprogression-local", "pathway.good-radical",
    ),
    _left_out("2", "Adjuvant systemic treatment is given where it is indicated.", "The paper does not say when it is."),
    _carried(
        "2.1", "What CT shows of bone and of soft tissue beside it, from which size on, and what new sclerosis means.",
        "imaging.ct-negative-limit", "imaging.sclerosis-on-therapy", "imaging.morphologic-sre-risk",
        "technique.ct-coregistration",
    ),
    _carried(
        "2.1", "What MRI shows, its typical pattern, the spinal cord, contrast, and the whole body.",
        "imaging.mri-in-doubt", "imaging.mri-typical-pattern", "imaging.cord-mri-urgent",
        "imaging.cord-mri-no-contrast", "imaging.mri-bone-contrast-unneeded",
        "imaging.mri-cord-contrast-required", "imaging.wbmri-investigational",
    ),
    _carried(
        "2.2", "Bone scintigraphy: first exam, accuracy, what it misses and what deceives it.",
        "imaging.first-level-bone-scan", "imaging.bone-scan-equivocal", "imaging.bone-scan-degenerative",
        "imaging.bone-scan-negative-lytic", "imaging.bone-scan-order-lytic", "imaging.post-test-probability",
    ),
    _carried(
        "2.2", "PET with FDG and with fluoride: accuracy, and the settings each suits.",
        "imaging.fdg-order-luminal-lobular", "imaging.fdg-negative-luminal-lobular", "imaging.fdg-staging-useful",
        "imaging.fdg-followup-controversial", "imaging.naf-setting-undefined", "imaging.post-test-probability",
    ),
    _carried("2.2", "Hybrid imaging and PET/MRI.", "imaging.hybrid-early-response", "imaging.petmri-limited"),
    _carried(
        "2.3", "Imaging for planning: CT, contrast CT, MRI, and functional imaging to find lesions.",
        "technique.ct-coregistration", "technique.palliative-soft-tissue", "technique.sbrt-mri-mandatory",
        "technique.radical-mri-useful", "technique.pet-contouring",
    ),
    _carried(
        "2.4", "When tissue is needed: relapse, de novo disease, another disease in question, fracture, sarcoidosis.",
        "biopsy.relapse", "biopsy.relapse-isolated-bone", "biopsy.denovo-tissue", "biopsy.differential",
        "biopsy.fracture-cortex", "biopsy.fracture-metastatic-pattern", "biopsy.fracture-review-cortex",
        "biopsy.sarcoidosis", "imaging.mimic-order-sarcoidosis", "dq.receptor-discordance",
    ),
    _left_out(
        "3, effect of radiotherapy", "How radiation acts in bone, and the histology after 18 Gy before surgery [42].",
        "Laboratory findings; nothing is recommended.",
    ),
    _carried("3, effect of radiotherapy", "How much bone mineralises again, and by when.", "dose.follow-up-schedule"),
    _left_out(
        "3, effect of radiotherapy", "How dose and size decide in primary tumours [43].",
        "About primary tumours, not bone metastases.",
    ),
    _carried(
        "3, effect of radiotherapy", "A biologically effective dose of 75 Gy or more is wanted with radical intent.",
        "dose.radical-bed-below-75", "dose.radical-spinal-below-75", "dose.radical-bed-met",
    ),
    _carried("3, dose", "Dose and volume follow from the aim.", "dose.intent-mismatch"),
    _carried(
        "3, dose", "Palliation: pain relief, orthopaedic advice, volume, technique, irradiating again.",
        "pathway.local-palliation", "pathway.analgesia", "pathway.ortho-evaluation", "technique.palliative-volume",
        "technique.palliative-soft-tissue", "technique.retreatment-imrt-vmat",
    ),
    _carried(
        "3, dose", "Single and multiple fractions relieve pain alike; a single one is repeated more often.",
        "dose.palliative-table1a", "dose.palliative-outside-table", "dose.single-fraction-retreatment",
        "dose.single-fraction-poor",
    ),
    _carried(
        "3, dose", "Radiotherapy after surgery and of cord compression: 30 Gy in 10, and no gain from more.",
        "dose.postop-30-10", "surgery.postop-rt", "dose.cord-30-10", "dose.cord-no-escalation",
    ),
    _carried(
        "3, dose", "Radical intent: biological dose, SBRT, immobilisation, MRI.",
        "dose.bed-eqd2", "dose.radical-bed-below-75", "dose.radical-spinal-below-75", "dose.radical-bed-below-50",
        "dose.radical-bed-met", "technique.radical-conformal", "technique.sbrt-mri-mandatory",
        "technique.sbrt-immobilisation",
    ),
    _carried(
        "3, dose", "Patients are selected by prognosis, and breast cancer does best among primaries [48,55].",
        "prognosis.stratify", "prognosis.good", "prognosis.intermediate", "prognosis.poor", "prognosis.indeterminate",
        "prognosis.secondary-factors", "prognosis.oligoprogressive-outcome", "pathway.radical-not-good",
        "pathway.radical-indeterminate", "dq.prognosis-conflict",
    ),
    _carried(
        "3, dose", "Six series of radical treatment of bone, with dose, volume and control.",
        "dose.table1b-match", "dose.gerszten-low", "dose.spinal-three-fraction", "dose.above-published",
        "dose.radical-bed-below-50", "dose.five-fraction-spinal", "technique.whole-lesion",
        "technique.radical-all-sites", "prognosis.good", "prognosis.oligoprogressive-outcome",
    ),
    _carried(
        "Table 1a", "Three palliative regimens.",
        "dose.palliative-table1a", "dose.postop-30-10", "dose.single-fraction-retreatment", "dose.single-fraction-poor",
    ),
    _carried(
        "Table 1b", "Radical regimens by technique and volume.",
        "dose.table1b-match", "dose.radical-bed-below-75", "dose.radical-bed-below-50", "dose.radical-bed-met",
        "technique.radical-volume",
    ),
    _carried(
        "3, dose", "Who is not a candidate for radiosurgery, and the boost within a vertebra.",
        "technique.srs-lesion-count", "technique.srs-canal", "technique.sib-alternative",
    ),
    _carried("3, dose", "Outside the spine the series differ too much to compare.", "dose.extraspinal-no-consensus"),
    _carried(
        "3, cytotoxic drugs", "Choice, sequence, combination, response of bone, and nadirs beside radiotherapy.",
        "pathway.tn-or-resistant-chemo", "pathway.sequential-monotherapy", "pathway.chemo-bone-pain",
        "imbrication.cytotoxic-rt", "imbrication.cytotoxic-rt-recent", "imbrication.cytotoxic-after-rt",
        "imbrication.sequence-priority", "imbrication.oligomet-chemo-case",
    ),
    _carried(
        "3, hormonal therapy", "Endocrine therapy first, its exceptions, and the drugs that came to it.",
        "pathway.et-preferred", "pathway.crisis-chemo", "pathway.hormone-refractory-options",
    ),
    _carried(
        "3, ER+/HER2- tumours", "Timing is the open question, and stopping a drug has a price.",
        "imbrication.unknown-exposure", "imbrication.class-not-in-paper", "imbrication.med-list-missing",
        "dq.drug-unmapped",
    ),
    _carried(
        "3, ER+/HER2- tumours", "Endocrine drugs, everolimus, alpelisib, CDK4/6 inhibitors, abemaciclib and the gut.",
        "imbrication.et-rt", "imbrication.mtor-pi3k-rt", "imbrication.cdk46-rt", "imbrication.cdk46-rt-recent",
        "imbrication.cdk46-rt-first", "imbrication.abemaciclib-rt-gi",
    ),
    _carried(
        "3, HER2 target", "Radioresistance, trastuzumab, lapatinib and T-DM1, radiosurgery of the brain, other drugs.",
        "imbrication.her2-radioresistance", "imbrication.trastuzumab-rt", "imbrication.lapatinib-tdm1-rt",
        "imbrication.her2-dose-above-standard", "imbrication.tdm1-brain-srs", "imbrication.her2-other-rt",
    ),
    _carried(
        "3, PARP inhibitors", "Not recommended with radiotherapy; pelvis and large spinal fields.",
        "imbrication.parp-rt", "imbrication.parp-rt-recent", "imbrication.parp-rt-marrow", "imbrication.parp-after-rt",
        "pathway.brca-parp",
    ),
    _left_out("3, PARP inhibitors", "How PARP inhibition acts on DNA repair.", "Mechanism."),
    _carried(
        "3, immunotherapy", "Atezolizumab, the response of bone, and radiotherapy with checkpoint inhibitors.",
        "pathway.tn-pdl1-io", "imbrication.io-bone-response", "imbrication.io-rt",
    ),
    _carried(
        "3, further perspectives; Table 2", "The good-prognosis setting, and seven trials.",
        "prognosis.stratify", "trial.clear-nct03750396", "trial.nrg-br002-nct02364557", "trial.stereo-sein-nct02089100",
        "trial.promise005-nct03808337", "trial.nci-nct00182793", "trial.cimer-nct04220476", "trial.curb-nct03808662",
    ),
    _carried("4, bone agents", "Antiresorptive drugs.", "bone-agents.consider", "bone-agents.adjuvant"),
    _carried(
        "4, radiopharmaceuticals", "Pain at several sites, the agents, the marrow, no symptoms, capecitabine.",
        "radiopharm.candidate", "radiopharm.single-site", "radiopharm.no-symptoms", "radiopharm.myelosuppression",
        "radiopharm.recent-then-myelosuppressive", "radiopharm.not-palliative", "radiopharm.agent-evidence",
        "radiopharm.ra223-capecitabine",
    ),
    _carried(
        "4, surgery", "Excision, wide resection, palliative operations, and systemic treatment around them.",
        "surgery.excisional-candidate", "surgery.solitary-good", "surgery.wide-resection", "surgery.multiple-impending",
        "surgery.palliative-indication", "surgery.prognosis-too-short", "surgery.systemic-hold",
        "surgery.excisional-not-confined", "surgery.systemic-delay", "surgery.postop-rt",
    ),
    _carried(
        "4, interventional radiology", "Cement in vertebrae and elsewhere, ablation, embolisation, healing.",
        "ir.vertebroplasty", "ir.cementoplasty", "ir.ablation-proximity", "ir.endovascular-bulky", "ir.faster-healing",
    ),
    _carried(
        "5", "Who relapses in bone, and which factors are reported.",
        "risk.nodes-ge4", "risk.first-event-locoregional", "risk.tailored-follow-up", "risk.adverse-factor-profile",
        "prognosis.secondary-factors",
    ),
    _carried(
        "5", "How metastatic disease is classified.",
        "classify.onset", "classify.burden", "classify.extent", "classify.solitary-bone", "classify.subtype",
        "classify.progression", "dq.oligo-boundary", "dq.onset-conflict", "dq.onset-grey-zone", "dq.extent-conflict",
        "dq.count-inconsistent", "dq.her2-equivocal", "dq.subtype-outside-paper",
    ),
    _carried("5", "A team of several disciplines decides.", "pathway.mdt"),
    _carried(
        "5, Figure 2", "Three prognostic groups, and what each leads to.",
        "prognosis.stratify", "prognosis.good", "prognosis.intermediate", "prognosis.poor", "prognosis.indeterminate",
        "prognosis.secondary-factors", "prognosis.oligoprogressive-outcome", "pathway.good-radical",
        "pathway.intermediate-systemic-first", "pathway.intermediate-local-if-symptomatic",
        "pathway.poor-qol", "imbrication.radical-concomitance", "dq.prognosis-conflict", "dq.missing-deciding-facts",
        "dq.rt-unconfirmed", "dq.mets-unconfirmed", "dq.status-conflict", "dq.condition-conflict",
    ),
    _carried(
        "6", "Few metastases in bone alone do best; high doses in few fractions; look closer before radical treatment.",
        "prognosis.good", "dose.radical-bed-below-75", "imaging.escalate-before-radical",
    ),
    _carried(
        "none", "Checks of this service that the paper has no statement on: units, slips, age and source of data.",
        "dq.hb-unit", "dq.dose-implausible", "dq.conflicting-sources", "dq.stale-data", "dq.out-of-scope",
    ),
)  # fmt: skip


def as_markdown() -> str:
    """The passages as one table."""
    lines = [
        "# Coverage of the paper", "",
        "Every statement of the paper, and the rules that carry it or the reason why none can.", "",
        "| section | the paper states | carried by |", "|---|---|---|",
    ]  # fmt: skip
    for passage in PASSAGES:
        carried = ", ".join(f"`{rule}`" for rule in passage.rules)
        lines.append(f"| {passage.section} | {passage.states} | {carried or 'No rule: ' + passage.why_no_rule} |")
    return "\n".join(lines) + "\n"


def as_data() -> list[dict[str, object]]:
    return [
        {
            "section": each.section,
            "states": each.states,
            "rules": list(each.rules),
            **({"whyNoRule": each.why_no_rule} if each.why_no_rule else {}),
        }
        for each in PASSAGES
    ]
