"""What kind of metastatic disease this is: onset, burden, extent, immunophenotype, progression.

Definitions give the patterns their values; the rules tell which pattern the paper would see.
"""

from __future__ import annotations

from collections.abc import Iterable

from rulesets.evidence import Statement
from rulesets.facts import dq, lesion, mets, organ, patient, pattern, rt, surgery, tumour
from rulesets.language import ChoiceFact, Condition, all_of, any_of, some_lesion
from rulesets.rule import EACH_COURSE, EACH_LESION, Definition, Rule
from rulesets.thresholds import (
    COMPROMISED_MIN_ECOG,
    DE_NOVO_MAX_DAYS,
    GOOD_MAX_ECOG,
    OLIGO_MAX_LESIONS,
    RECURRENT_MIN_DAYS,
)

VISCERAL_ORGANS = (organ.liver, organ.lung, organ.brain, organ.other_visceral)
ORGANS_BESIDE_BONE = (*VISCERAL_ORGANS, organ.distant_nodes, organ.soft_tissue)


def some_organ_involved(organs: Iterable[ChoiceFact]) -> Condition:
    return any_of(*(each.is_("present") for each in organs))


def every_organ_free(organs: Iterable[ChoiceFact]) -> Condition:
    """Every organ was looked at and found free; an organ nobody looked at leaves this unknown."""
    return all_of(*(each.is_("absent") for each in organs))


# --- what the paper says -------------------------------------------------------------------------

ONSET_BY_TIME = Statement(
    says="Whether metastatic disease is de novo or recurrent depends on when the metastases appeared.",
    section="5",
    fingerprint="13:c7ee7f2a09c38697",
)
BURDEN_BY_FIVE = Statement(
    says="Five metastatic sites or more make the disease plurimetastatic, fewer oligometastatic.",
    section="5",
    fingerprint="15:0564b6558ff28ce9",
)
EXTENT_BY_PARENCHYMA = Statement(
    says="What separates visceral from bone-only disease is whether a parenchyma is involved.",
    section="5",
    fingerprint="11:f584ff0be022db66",
)
LUMINAL_WITH_EITHER_HER2 = Statement(
    says="Bone metastases are given as 58.52% in ER+/HER2- and 47.28% in ER+/HER2+ disease: luminal with either HER2.",
    section="1",
    references=(6,),
    fingerprint="13:217cbe6e70074c8b",
)
GOOD_SETTING = Statement(
    says="Its good-prognosis setting: a luminal tumour with one lesion, in bone and nowhere else.",
    section="3 (Further perspectives)",
    fingerprint="10:2b4a175c18aecdf0",
)
FAVOURABLE_FACTORS = Statement(
    says="Factors found favourable: positive oestrogen receptors, one bone lesion only, and a bisphosphonate.",
    section="5",
    fingerprint="13:49d04ebd49ca0197",
)
SKELETAL_EVENTS = Statement(
    says="Skeletal-related events: pathological fracture, cord compression, bone surgery, and radiotherapy "
    "that pain or a threatening fracture makes necessary.",
    section="1",
    references=(13,),
    fingerprint="20:58752fa32fa60e53",
)
OLIGOPROGRESSION_FREQUENT = Statement(
    says="Oligometastatic and oligoprogressive disease are met more and more often.",
    section="Abstract",
    fingerprint="8:15199f1030eada24",
)
OLIGOPROGRESSION_PFS = Statement(
    says="Progression-free survival was 6.6 months in oligoprogressive and 10.6 in oligometastatic patients.",
    section="3 (Dose and volumes)",
    references=(53,),
    fingerprint="15:cc8abaed2799b781",
)

# --- definitions ---------------------------------------------------------------------------------

_TUMOUR = (
    # The paper counts ER-positive tumours with either HER2 as luminal.
    Definition(
        id="tumour.luminal/true",
        fact=tumour.luminal,
        value=True,
        when=tumour.er.is_("positive"),
        statements=(LUMINAL_WITH_EITHER_HER2,),
    ),
    Definition(
        id="tumour.hr_positive/true",
        fact=tumour.hr_positive,
        value=True,
        when=any_of(tumour.er.is_("positive"), tumour.pr.is_("positive")),
    ),
    Definition(
        id="tumour.subtype/luminal-her2-negative",
        fact=tumour.subtype,
        value="luminal_her2_negative",
        when=all_of(tumour.er.is_("positive"), tumour.her2.is_("negative")),
        statements=(LUMINAL_WITH_EITHER_HER2,),
    ),
    Definition(
        id="tumour.subtype/luminal-her2-positive",
        fact=tumour.subtype,
        value="luminal_her2_positive",
        when=all_of(tumour.er.is_("positive"), tumour.her2.is_("positive")),
        statements=(LUMINAL_WITH_EITHER_HER2,),
    ),
    Definition(
        id="tumour.subtype/her2-enriched",
        fact=tumour.subtype,
        value="her2_enriched",
        when=all_of(tumour.er.is_("negative"), tumour.her2.is_("positive")),
    ),
    Definition(
        id="tumour.subtype/triple-negative",
        fact=tumour.subtype,
        value="triple_negative",
        when=all_of(tumour.er.is_("negative"), tumour.pr.is_("negative"), tumour.her2.is_("negative")),
    ),
    # The paper does not know this one: neither luminal nor triple negative.
    Definition(
        id="tumour.subtype/er-negative-pr-positive",
        fact=tumour.subtype,
        value="er_negative_pr_positive",
        when=all_of(tumour.er.is_("negative"), tumour.pr.is_("positive"), tumour.her2.is_("negative")),
    ),
)

_BURDEN = (
    Definition(
        id="pattern.burden/not-applicable",
        fact=pattern.burden,
        value="not_applicable",
        when=mets.status.is_one_of("none", "suspected"),
    ),
    Definition(
        id="pattern.burden/oligometastatic",
        fact=pattern.burden,
        value="oligometastatic",
        when=all_of(
            mets.status.is_("confirmed"),
            mets.lesion_count.at_least(1),
            mets.lesion_count.at_most(OLIGO_MAX_LESIONS),
        ),
        statements=(BURDEN_BY_FIVE,),
    ),
    Definition(
        id="pattern.burden/plurimetastatic",
        fact=pattern.burden,
        value="plurimetastatic",
        when=all_of(mets.status.is_("confirmed"), mets.lesion_count.above(OLIGO_MAX_LESIONS)),
        statements=(BURDEN_BY_FIVE,),
    ),
)

# Extent speaks of organs, so a record without a metastatic status still has one.
_STATUS_IS_NOT_NONE = any_of(mets.status.is_unknown, mets.status.is_one_of("suspected", "confirmed"))

_EXTENT = (
    Definition(
        id="pattern.extent/not-applicable",
        fact=pattern.extent,
        value="not_applicable",
        when=mets.status.is_("none"),
    ),
    Definition(
        id="pattern.extent/no-bone",
        fact=pattern.extent,
        value="no_bone",
        when=all_of(_STATUS_IS_NOT_NONE, organ.bone.is_("absent")),
    ),
    Definition(
        id="pattern.extent/bone-only",
        fact=pattern.extent,
        value="bone_only",
        when=all_of(_STATUS_IS_NOT_NONE, organ.bone.is_("present"), every_organ_free(ORGANS_BESIDE_BONE)),
        statements=(EXTENT_BY_PARENCHYMA,),
    ),
    Definition(
        id="pattern.extent/bone-plus-visceral",
        fact=pattern.extent,
        value="bone_plus_visceral",
        when=all_of(_STATUS_IS_NOT_NONE, organ.bone.is_("present"), some_organ_involved(VISCERAL_ORGANS)),
        statements=(EXTENT_BY_PARENCHYMA,),
    ),
    # Nodes and soft tissue fit neither pole of the paper: not bone-only, not visceral.
    Definition(
        id="pattern.extent/bone-plus-nonvisceral",
        fact=pattern.extent,
        value="bone_plus_nonvisceral",
        when=all_of(
            _STATUS_IS_NOT_NONE,
            organ.bone.is_("present"),
            every_organ_free(VISCERAL_ORGANS),
            some_organ_involved((organ.distant_nodes, organ.soft_tissue)),
        ),
    ),
)

_ASSERTED_DE_NOVO = mets.onset_assertion.is_("de_novo")
_ASSERTED_RECURRENT = mets.onset_assertion.is_("recurrent")
_DATED_DE_NOVO = mets.days_from_primary.at_most(DE_NOVO_MAX_DAYS)
_DATED_RECURRENT = mets.days_from_primary.above(RECURRENT_MIN_DAYS)
_STAGED_METASTATIC = tumour.stage.is_("IV")
_STAGED_NOT_METASTATIC = tumour.stage.is_one_of("0", "I", "II", "IIIA", "IIIB", "IIIC")

_ONSET_FLAGS = (
    # Assertion, dates and stage at diagnosis: any two of them may contradict each other.
    Definition(
        id="dq.onset_conflict/true",
        fact=dq.onset_conflict,
        value=True,
        otherwise=False,
        when=any_of(
            all_of(_ASSERTED_DE_NOVO, _DATED_RECURRENT),
            all_of(_ASSERTED_RECURRENT, _DATED_DE_NOVO),
            all_of(_STAGED_METASTATIC, any_of(_ASSERTED_RECURRENT, _DATED_RECURRENT)),
            all_of(_STAGED_NOT_METASTATIC, any_of(_ASSERTED_DE_NOVO, _DATED_DE_NOVO)),
        ),
    ),
    Definition(
        id="dq.onset_grey_zone/true",
        fact=dq.onset_grey_zone,
        value=True,
        otherwise=False,
        when=all_of(
            mets.days_from_primary.above(DE_NOVO_MAX_DAYS),
            mets.days_from_primary.at_most(RECURRENT_MIN_DAYS),
            mets.onset_assertion.is_unknown,
            any_of(tumour.stage.is_unknown, _STAGED_NOT_METASTATIC),
        ),
        statements=(ONSET_BY_TIME,),
    ),
)

# Read without a conflict only: what was asserted goes first, then the dates, then stage IV.
_ONSET = (
    Definition(
        id="pattern.onset/de-novo",
        fact=pattern.onset,
        value="de_novo",
        when=all_of(
            dq.onset_conflict.is_false,
            any_of(
                _ASSERTED_DE_NOVO,
                all_of(mets.onset_assertion.is_unknown, any_of(_DATED_DE_NOVO, _STAGED_METASTATIC)),
            ),
        ),
        statements=(ONSET_BY_TIME,),
    ),
    Definition(
        id="pattern.onset/recurrent",
        fact=pattern.onset,
        value="recurrent",
        when=all_of(
            dq.onset_conflict.is_false,
            any_of(_ASSERTED_RECURRENT, all_of(mets.onset_assertion.is_unknown, _DATED_RECURRENT)),
        ),
        statements=(ONSET_BY_TIME,),
    ),
)

# A clinician's assertion, passed on: the paper defines no oligoprogression, and neither do we.
_PROGRESSION = tuple(
    Definition(
        id=f"pattern.progression/{asserted}",
        fact=pattern.progression,
        value=asserted,
        when=mets.progression_pattern.is_(asserted),
    )
    for asserted in mets.progression_pattern.allowed
)

_ELEMENTS = (
    Definition(
        id="lesion.spinal/true",
        fact=lesion.spinal,
        value=True,
        for_each=EACH_LESION,
        when=lesion.site.is_one_of("vertebra", "sacrum"),
    ),
    Definition(
        id="rt.single_fraction_stereotactic/true",
        fact=rt.single_fraction_stereotactic,
        value=True,
        for_each=EACH_COURSE,
        when=any_of(rt.technique.is_("SRS"), all_of(rt.technique.is_("SBRT"), rt.fractions.is_(1))),
    ),
)


def _differ(primary: ChoiceFact, metastasis: ChoiceFact) -> Condition:
    return any_of(
        all_of(primary.is_("positive"), metastasis.is_("negative")),
        all_of(primary.is_("negative"), metastasis.is_("positive")),
    )


# A contradiction is only there when it is seen: these are false whenever they are not certain.
_FLAGS = (
    Definition(
        id="dq.status_conflict/true",
        fact=dq.status_conflict,
        value=True,
        otherwise=False,
        when=all_of(
            mets.status.is_("none"),
            any_of(some_organ_involved((organ.bone, *ORGANS_BESIDE_BONE)), mets.lesion_count.above(0)),
        ),
    ),
    Definition(
        id="dq.extent_conflict/true",
        fact=dq.extent_conflict,
        value=True,
        otherwise=False,
        when=any_of(
            all_of(mets.extent_assertion.is_("bone_only"), some_organ_involved(ORGANS_BESIDE_BONE)),
            all_of(mets.extent_assertion.is_("visceral"), every_organ_free(VISCERAL_ORGANS)),
        ),
    ),
    Definition(
        id="dq.receptor_discordance/true",
        fact=dq.receptor_discordance,
        value=True,
        otherwise=False,
        when=any_of(
            _differ(tumour.er_primary, tumour.er_metastasis),
            _differ(tumour.pr_primary, tumour.pr_metastasis),
            _differ(tumour.her2_primary, tumour.her2_metastasis),
        ),
    ),
    Definition(
        id="pattern.skeletal_event/true",
        fact=pattern.skeletal_event,
        value=True,
        otherwise=False,
        when=any_of(
            some_lesion(
                any_of(
                    lesion.fracture.is_one_of("impending", "fractured"),
                    lesion.cord_compression.is_one_of("suspected", "confirmed"),
                )
            ),
            patient.neuro_symptoms.is_true,
        ),
    ),
)

_READING_FLAGS = (
    Definition(
        id="dq.condition_conflict/true",
        fact=dq.condition_conflict,
        value=True,
        otherwise=False,
        when=any_of(
            all_of(
                patient.systemic_condition.is_("acceptable"),
                patient.ecog.at_least(COMPROMISED_MIN_ECOG),
                pattern.skeletal_event.is_false,
            ),
            all_of(patient.systemic_condition.is_("compromised"), patient.ecog.at_most(GOOD_MAX_ECOG)),
        ),
    ),
    # The skeletal event alone may explain the performance status.
    Definition(
        id="pattern.ecog_sre_ambiguous/true",
        fact=pattern.ecog_sre_ambiguous,
        value=True,
        otherwise=False,
        when=all_of(
            patient.ecog.at_least(COMPROMISED_MIN_ECOG),
            pattern.skeletal_event.is_true,
            patient.systemic_condition.is_unknown,
        ),
    ),
    Definition(
        id="pattern.solitary_bone/true",
        fact=pattern.solitary_bone,
        value=True,
        when=all_of(
            mets.status.is_("confirmed"),
            mets.lesion_count.is_(1),
            pattern.extent.is_("bone_only"),
        ),
        statements=(FAVOURABLE_FACTORS,),
    ),
)

DEFINITION_STAGES: tuple[tuple[Definition, ...], ...] = (
    (*_TUMOUR, *_BURDEN, *_EXTENT, *_ONSET_FLAGS, *_PROGRESSION, *_ELEMENTS, *_FLAGS),
    (*_ONSET, *_READING_FLAGS),
)
"""A stage reads facts of the record and of earlier stages only."""

# --- rules ---------------------------------------------------------------------------------------

RULES: tuple[Rule, ...] = (
    Rule(
        id="classify.onset",
        title="De novo or recurrent disease",
        statements=(ONSET_BY_TIME,),
        when=pattern.onset.is_known,
        summary="Onset of metastatic disease: de novo or recurrent",
        detail="What a clinician asserted decides first. Without an assertion the interval from the primary does: "
        "de novo up to {de_novo_max_days} days, recurrent after {recurrent_min_days}, unknown between. Failing both, "
        "stage IV at diagnosis means de novo. An assertion, interval or stage that contradicts another leaves the "
        "onset unknown.",
        output="fact",
        indicator_because="A derived fact, for other rules to read.",
        hooks=("patient-view",),
        evidence="expert opinion",
        ambiguities=(
            "The paper sets no time limit. {de_novo_max_days} and {recurrent_min_days} days are not its figures, and "
            "ours await clinical sign-off; our default for the second follows a six-month split usually credited to "
            "the ESTRO-EORTC consensus of 2020, of which only the abstract was read: check before citing.",
            "The STEREO-SEIN trial calls a first metastatic presentation without earlier systemic therapy "
            "'de novo oligometastatic', which is not what is meant here.",
        ),
    ),
    Rule(
        id="classify.burden",
        title="Oligometastatic or plurimetastatic disease",
        statements=(BURDEN_BY_FIVE,),
        when=all_of(mets.status.is_("confirmed"), pattern.burden.is_known),
        summary="Number of metastases: oligometastatic or plurimetastatic",
        detail="Oligometastatic when even the highest possible count is {oligo_max_lesions} or fewer and there is at "
        "least one lesion; plurimetastatic when even the lowest is more. A range across the limit leaves it unknown. "
        "Only confirmed metastases are classified.",
        output="fact",
        indicator_because="A derived fact, for other rules to read.",
        hooks=("patient-view",),
        evidence="expert opinion",
        ambiguities=(
            "Read literally, five lesions are plurimetastatic; the series the paper cites (Trovo and Yoo up to five, "
            "Milano one to five) and the ESTRO-ASTRO consensus call five oligometastatic. The literal reading never "
            "leads to radical treatment by itself at five; the limit can be changed, and exactly five is flagged.",
            "'Sites' is taken to mean lesions, each counted wherever it is, and not organs.",
        ),
    ),
    Rule(
        id="classify.extent",
        title="Bone-only or visceral disease",
        statements=(EXTENT_BY_PARENCHYMA,),
        when=all_of(mets.status.is_one_of("suspected", "confirmed"), pattern.extent.is_known),
        summary="Extent: bone only, bone and viscera, or bone and other tissue",
        detail="Bone-only asks that each other organ was looked at and found free. Liver, lung, brain or another "
        "viscus makes it visceral. Bone with only nodes or soft tissue is a class of its own, which never counts "
        "as bone-only.",
        output="fact",
        indicator_because="A derived fact, for other rules to read.",
        hooks=("patient-view",),
        evidence="expert opinion",
        ambiguities=("The two poles of the paper leave out nodes and skin. The brain is taken as a parenchyma.",),
    ),
    Rule(
        id="classify.subtype",
        title="Immunophenotype of the tumour",
        statements=(LUMINAL_WITH_EITHER_HER2, GOOD_SETTING),
        when=tumour.subtype.is_known,
        summary="Immunophenotype from ER, PR and HER2; a metastasis result goes before the primary",
        detail="ER+ is luminal, with HER2 negative or positive; ER-/HER2+ is HER2-enriched; all three negative is "
        "triple negative. ER-/PR+/HER2- is hormone-receptor positive but neither luminal nor triple negative, and "
        "the paper does not describe it. An equivocal HER2 is unknown.",
        output="fact",
        indicator_because="A derived fact, for other rules to read.",
        hooks=("patient-view",),
        evidence="expert opinion",
        ambiguities=(
            "Section 3 once prints ER+/HER- where ER+/HER2- is meant.",
            "Luminal A and B cannot be told apart from these receptors.",
        ),
    ),
    Rule(
        id="classify.solitary-bone",
        title="A single bone metastasis",
        statements=(FAVOURABLE_FACTORS,),
        when=all_of(mets.status.is_("confirmed"), mets.lesion_count.is_(1), pattern.extent.is_("bone_only")),
        summary="One metastasis, in bone, and no other",
        output="fact",
        indicator_because="A derived fact, for other rules to read.",
        hooks=("patient-view",),
        evidence="retrospective (unspecified)",
    ),
    Rule(
        id="classify.sre",
        title="Skeletal-related event",
        statements=(SKELETAL_EVENTS,),
        for_each=EACH_COURSE,
        when=all_of(
            mets.status.is_one_of("suspected", "confirmed"),
            organ.bone.is_("present"),
            any_of(
                some_lesion(any_of(lesion.fracture.is_("fractured"), lesion.cord_compression.is_("confirmed"))),
                all_of(rt.planned.is_true, rt.target.is_("bone"), rt.intent.is_("palliative")),
                surgery.planned.is_true,
            ),
        ),
        summary="There is a skeletal-related event",
        detail="A fracture, a confirmed cord compression, open palliative radiotherapy to bone, or planned bone "
        "surgery: the four parts of the definition.",
        output="fact",
        indicator_because="A derived fact, for other rules to read.",
        hooks=("patient-view",),
        evidence="definition",
    ),
    Rule(
        id="classify.progression",
        title="Progression pattern, as asserted",
        statements=(OLIGOPROGRESSION_FREQUENT, OLIGOPROGRESSION_PFS),
        when=mets.progression_pattern.is_known,
        summary="A clinician has stated how the disease progresses",
        detail="Passed on as asserted. The paper gives oligoprogression no number, and none is made up here.",
        output="fact",
        indicator_because="A derived fact, for other rules to read.",
        hooks=("patient-view",),
        evidence="no definition",
        ambiguities=(
            "Oligoprogression has no definition in the paper. The CURB trial, outside it, used up to five "
            "progressing lesions.",
        ),
    ),
)
