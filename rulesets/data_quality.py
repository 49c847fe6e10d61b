"""What stands in the way of an answer: data that are missing, contradictory, implausible or old.

Most of it is our own safety design; where the paper gives a reason, the statement is named.
"""

from __future__ import annotations

from rulesets.evidence import Statement
from rulesets.facts import dq, drug, mets, order, organ, prognosis, rt, tumour
from rulesets.language import all_of, any_of
from rulesets.prognosis import CAREFUL_SELECTION
from rulesets.rule import (
    EACH_COURSE,
    EACH_COURSE_AND_DRUG,
    EACH_ORDER,
    HOOKS,
    ORDER_HOOKS,
    Escalation,
    Rule,
)

OURS = "safety design, not in the paper"
OURS_ON_A_STATEMENT = "safety design, resting on a statement of the paper"

DISPUTED_LESION_COUNT = 5
"""Plurimetastatic by the letter of section 5, oligometastatic in the series it cites."""

# Facts that do not change from day to day stay quiet while drugs or imaging are ordered.
NO_DRUG_OR_IMAGING_ORDERED = order.kind.is_none_of("imaging", "drug", "radiopharmaceutical")

STARTS_AT_CONFIRMATION = Statement(
    says="The paper's pathway begins when metastases are confirmed, by telling which kind of presentation they are.",
    section="5",
    fingerprint="22:6b1572a1db577742",
)
FIVE_OR_MORE = Statement(
    says="The line between few and many metastases is drawn at five sites.",
    section="5",
    fingerprint="10:cea74a13a2028d21",
)
HAEMOGLOBIN_UNIT = Statement(
    says="The paper's limit for haemoglobin is 11, printed with the unit g/L.",
    section="5",
    fingerprint="6:ee360c706d377126",
)
ONSET_HAS_NO_NUMBER = Statement(
    says="Onset is told from when the metastases appeared; no interval is given.",
    section="5",
    fingerprint="6:2d7f29b4ec010381",
)
BIOPSY_SETS_THERAPY = Statement(
    says="A biopsy confirms what the disease is and sets the systemic therapy.",
    section="2.4",
    fingerprint="10:0c04012fd074e6b7",
)
ANGIOSARCOMA_DIFFERS = Statement(
    says="One patient had an angiosarcoma of the breast, which answers to radiation unlike a carcinoma.",
    section="3 (Dose and volumes)",
    references=(54,),
    fingerprint="14:16a99b0cd0c1061e",
)

RULES: tuple[Rule, ...] = (
    Rule(
        id="dq.missing-deciding-facts",
        title="Data that decide the group are missing",
        when=all_of(
            prognosis.group.is_("indeterminate"),
            mets.status.is_("confirmed"),
            any_of(organ.bone.is_("present"), organ.bone.is_unknown),
            dq.prognosis_conflict.is_false,
        ),
        summary="The prognostic group cannot be stated yet",
        detail="More than one group still fits the record. Only facts that can change the group are asked for. Until "
        "they are recorded, advice that depends on the group is not given.",
        indicator_because="Asks for data.",
        hooks=("patient-view",),
        evidence=OURS,
    ),
    Rule(
        id="dq.prognosis-conflict",
        title="The record contradicts the prognostic group",
        statements=(CAREFUL_SELECTION,),
        when=dq.prognosis_conflict.is_true,
        summary="Crisis, progression or a short life expectancy contradicts the computed group: consider MDT review",
        detail="The computed group is withdrawn: it or any worse group is possible, and advice that depends on the "
        "group is held back (definitive local treatment, systemic treatment first, surgery for a good prognosis). "
        "What speaks against a good group is a visceral crisis, disease that progresses fast or widely, or less than "
        "{good_min_life_expectancy_weeks} weeks to live; against an intermediate group a crisis or so short a life.",
        indicator="warning",
        indicator_because="Definitive local treatment must not be proposed during a crisis.",
        hooks=("patient-view",),
        evidence=OURS_ON_A_STATEMENT,
        ambiguities=(
            "The limit of {good_min_life_expectancy_weeks} weeks is ours. What the paper gives is a minimum before "
            "surgery, not before radical treatment.",
        ),
    ),
    Rule(
        id="dq.status-conflict",
        title="Recorded as free of metastases, yet some are recorded",
        when=dq.status_conflict.is_true,
        summary="The status says no metastases, but an organ or a lesion count says there are: check the record",
        detail="Consider correcting the status or the findings. Until then the status is taken as recorded and no "
        "prognosis is given.",
        indicator="warning",
        indicator_because="Metastases hidden behind a wrong status silence every other rule.",
        hooks=("patient-view",),
        evidence=OURS,
    ),
    Rule(
        id="dq.rt-unconfirmed",
        title="Radiotherapy to bone without a confirmed metastasis",
        statements=(STARTS_AT_CONFIRMATION,),
        for_each=EACH_COURSE,
        when=all_of(rt.planned.is_true, rt.target.is_("bone"), mets.status.is_one_of("none", "suspected")),
        summary="Bone is to be irradiated, but the record holds no confirmed metastasis",
        detail="Consider confirming metastasis first, unless palliation is urgent: this warning does not stand in its "
        "way.",
        indicator="warning",
        indicator_because="The pathway of the paper begins at confirmation.",
        hooks=ORDER_HOOKS,
        evidence=OURS_ON_A_STATEMENT,
    ),
    Rule(
        id="dq.mets-unconfirmed",
        title="Metastases suspected but not confirmed",
        statements=(STARTS_AT_CONFIRMATION,),
        when=mets.status.is_("suspected"),
        summary="Metastases are only suspected: no burden, prognosis or pathway is given yet",
        detail="Consider confirming them; a confirmed status is what would change this.",
        indicator_because="The pathway of the paper begins at confirmation.",
        hooks=("patient-view",),
        evidence=OURS_ON_A_STATEMENT,
    ),
    Rule(
        id="dq.oligo-boundary",
        title="Five lesions, the disputed number",
        statements=(FIVE_OR_MORE,),
        for_each=EACH_ORDER,
        when=all_of(
            mets.status.is_("confirmed"),
            organ.bone.is_("present"),
            mets.lesion_count.is_(DISPUTED_LESION_COUNT),
            NO_DRUG_OR_IMAGING_ORDERED,
        ),
        summary="Exactly 5 lesions: plurimetastatic to the paper, oligometastatic to its series and to the consensus",
        detail="Consider settling it at the MDT. A hospital can set its own limit for oligometastatic "
        "disease; a different count would settle it too.",
        indicator_because="Makes a disputed limit visible.",
        hooks=HOOKS,
        evidence=OURS_ON_A_STATEMENT,
    ),
    Rule(
        id="dq.hb-unit",
        title="Haemoglobin that cannot be used",
        statements=(HAEMOGLOBIN_UNIT,),
        for_each=EACH_ORDER,
        when=all_of(dq.hb_unusable.is_true, NO_DRUG_OR_IMAGING_ORDERED),
        summary="Haemoglobin left out: its unit is missing or unknown, or its value implausible",
        detail="Consider entering it with its unit. Values in g/L are multiplied by 0.1 and in mmol/L by 1.611; "
        "without a unit the value is not used.",
        indicator="warning",
        indicator_because="Taking g/L for g/dL would be wrong by a factor of 10.",
        hooks=HOOKS,
        evidence=OURS_ON_A_STATEMENT,
        ambiguities=("The unit is wrong in the paper itself.",),
    ),
    Rule(
        id="dq.dose-implausible",
        title="Implausible radiotherapy dose",
        for_each=EACH_COURSE,
        when=all_of(rt.planned.is_true, rt.dose_implausible.is_true),
        summary="Implausible dose (not {min_plausible_fraction_gy}-{max_plausible_fraction_gy} Gy a fraction, or over "
        "{max_plausible_total_gy} Gy or {max_plausible_fractions} fractions): Gy or cGy? Check to sign",
        detail="Consider checking the unit and the number of fractions before signing. Until the dose is corrected, no "
        "biologically effective dose is computed for this course and nothing is said about its dose, technique or "
        "regimen.",
        indicator="critical",
        indicator_because="Gy and cGy may have been confused: a dose like this should not be signed.",
        hooks=ORDER_HOOKS,
        evidence=OURS,
    ),
    Rule(
        id="dq.count-inconsistent",
        title="Lesion counts that do not add up",
        for_each=EACH_ORDER,
        when=all_of(dq.count_inconsistent.is_true, NO_DRUG_OR_IMAGING_ORDERED),
        summary="Lesion counts and organs do not add up: the count is taken as the highest number implied, or more",
        detail="Consider checking the counts. Any of these causes this: bone lesions and other involved organs come "
        "to more than the total; more spinal lesions than bone lesions; bone-only disease whose total is not the bone "
        "count; bone free of disease yet bone lesions counted; more confirmed lesions listed than the total; "
        "confirmed metastases with a count of 0.",
        indicator="warning",
        indicator_because="A wrong count changes the group.",
        hooks=HOOKS,
        evidence=OURS,
    ),
    Rule(
        id="dq.conflicting-sources",
        title="Sources that disagree",
        for_each=EACH_ORDER,
        when=all_of(dq.any_conflict.is_true, NO_DRUG_OR_IMAGING_ORDERED),
        summary="Current sources disagree: the facts concerned count as unknown",
        detail="Consider establishing which source is right. The more recent one does not win by its date alone.",
        indicator="warning",
        indicator_because="A wrong guess between two sources could change the advice.",
        hooks=HOOKS,
        evidence=OURS,
    ),
    Rule(
        id="dq.extent-conflict",
        title="Stated extent contradicts the organs",
        for_each=EACH_ORDER,
        when=all_of(dq.extent_conflict.is_true, NO_DRUG_OR_IMAGING_ORDERED),
        summary="Bone-only is stated but another organ is involved, or visceral is stated and no viscus is",
        detail="The organ findings are used, not the statement. Consider correcting whichever is wrong.",
        indicator="warning",
        indicator_because="Being bone-only decides who may have radical treatment.",
        hooks=HOOKS,
        evidence=OURS,
    ),
    Rule(
        id="dq.onset-conflict",
        title="Stated onset contradicts dates or stage",
        for_each=EACH_ORDER,
        when=all_of(dq.onset_conflict.is_true, NO_DRUG_OR_IMAGING_ORDERED),
        summary="De novo or recurrent: what is stated, the dates and the stage disagree, so the onset stays unknown",
        detail="Found when one of these holds: recurrent although diagnosed in stage IV, de novo although in stage 0 "
        "to III, or a statement that the interval from the primary contradicts. Consider stating the onset.",
        indicator="warning",
        indicator_because="A wrong guess at the onset could change the advice.",
        hooks=HOOKS,
        evidence=OURS,
    ),
    Rule(
        id="dq.onset-grey-zone",
        title="Onset that dates cannot tell",
        statements=(ONSET_HAS_NO_NUMBER,),
        for_each=EACH_ORDER,
        when=all_of(dq.onset_grey_zone.is_true, NO_DRUG_OR_IMAGING_ORDERED),
        summary="Metastases over {de_novo_max_days} and up to {recurrent_min_days} days after the primary: please "
        "state whether de novo or recurrent",
        detail="By the dates alone this is too late for de novo and too early for a recurrence. Both limits are ours.",
        indicator_because="The paper sets no limit.",
        hooks=HOOKS,
        evidence=OURS_ON_A_STATEMENT,
    ),
    Rule(
        id="dq.receptor-discordance",
        title="Receptors changed between primary and metastasis",
        statements=(BIOPSY_SETS_THERAPY,),
        for_each=EACH_ORDER,
        when=all_of(dq.receptor_discordance.is_true, NO_DRUG_OR_IMAGING_ORDERED),
        summary="Primary and metastasis have different receptors: those of the metastasis are used",
        detail="Consider whether systemic therapy still fits the receptors of the metastasis.",
        indicator_because="By section 2.4 the biopsy sets systemic therapy.",
        hooks=HOOKS,
        evidence=OURS_ON_A_STATEMENT,
    ),
    Rule(
        id="dq.her2-equivocal",
        title="Equivocal HER2",
        for_each=EACH_ORDER,
        when=all_of(tumour.her2_equivocal_unresolved.is_true, NO_DRUG_OR_IMAGING_ORDERED),
        summary="HER2 is equivocal and no ISH resolves it: it counts as unknown",
        detail="Consider in-situ hybridisation: its result would complete the immunophenotype.",
        indicator_because="The immunophenotype stays incomplete without it.",
        hooks=HOOKS,
        evidence=OURS,
    ),
    Rule(
        id="dq.condition-conflict",
        title="General condition and ECOG disagree",
        for_each=EACH_ORDER,
        when=all_of(dq.condition_conflict.is_true, NO_DRUG_OR_IMAGING_ORDERED),
        summary="The stated general condition does not go with the ECOG: check both",
        detail="A condition stated as compromised beside ECOG {good_max_ecog} or better still decides by itself. A "
        "condition stated as acceptable beside ECOG {compromised_min_ecog} or worse, with no skeletal event to explain "
        "it, leaves the prognosis open both ways.",
        indicator="warning",
        indicator_because="The general condition can decide the prognostic group by itself.",
        hooks=HOOKS,
        evidence=OURS,
    ),
    Rule(
        id="dq.out-of-scope",
        title="Not a patient the paper speaks of",
        statements=(ANGIOSARCOMA_DIFFERS,),
        when=any_of(tumour.is_breast_primary.is_false, tumour.histology.is_("angiosarcoma")),
        summary="This is not a carcinoma of the breast: the rules of the paper do not hold",
        detail="Advice that rests on the paper is withheld. What does not depend on histology is kept: urgent imaging "
        "of a possible cord compression, the orthopaedic opinion on a fracture, and the toxicity around radiotherapy "
        "of PARP inhibitors, of cytotoxic drugs, and of T-DM1 with brain radiosurgery.",
        indicator="warning",
        indicator_because="Other tumours answer to radiation differently.",
        hooks=HOOKS,
        evidence=OURS_ON_A_STATEMENT,
    ),
    Rule(
        id="dq.subtype-outside-paper",
        title="A subtype the paper leaves out",
        for_each=EACH_ORDER,
        when=all_of(tumour.subtype.is_("er_negative_pr_positive"), NO_DRUG_OR_IMAGING_ORDERED),
        summary="The paper leaves out ER-/PR+/HER2-: it is taken neither as luminal nor as triple negative",
        indicator_because="Marks the limit of the paper.",
        hooks=HOOKS,
        evidence=OURS,
    ),
    Rule(
        id="dq.stale-data",
        title="Deciding data are old",
        for_each=EACH_ORDER,
        when=all_of(dq.any_stale.is_true, NO_DRUG_OR_IMAGING_ORDERED),
        summary="Deciding data are older than the set limit: consider renewing them",
        detail="They are still used. Newer values would replace them and may change what is said.",
        indicator_because="Performance status and extent change fast.",
        hooks=HOOKS,
        evidence=OURS,
    ),
    Rule(
        id="dq.drug-unmapped",
        title="A drug of unknown class",
        for_each=EACH_COURSE_AND_DRUG,
        when=all_of(
            rt.planned.is_true,
            drug.drug_class.is_("other"),
            any_of(drug.anticancer.is_unknown, drug.anticancer.is_true),
            any_of(drug.status.is_unknown, drug.status.is_not("stopped")),
        ),
        summary="{drug} belongs to no known class: how it fits with {rt} was not judged",
        detail="All such drugs are listed together. It is a warning when the drug's code says that it is an "
        "anticancer drug, and information when nothing is known of it. Drugs that do not treat cancer are not "
        "mentioned.",
        indicator_because="Silence must not pass for safety.",
        escalation=Escalation(when=drug.anticancer.is_true, to="warning", why="It is known to be an anticancer drug."),
        hooks=ORDER_HOOKS,
        evidence=OURS,
    ),
)
