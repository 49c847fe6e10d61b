"""Palliative doses: the three regimens of Table 1a, one fraction or several, after surgery, and for the cord."""

from rulesets.currency import ASTRO_2024
from rulesets.evidence import Statement
from rulesets.facts import patient, prognosis, rt
from rulesets.language import all_of, any_of, none_of
from rulesets.planned_course import planned_for_bone
from rulesets.regimens import OF_TABLE_1A, given
from rulesets.rule import EACH_COURSE, ORDER_HOOKS, Rule, Suggestion
from rulesets.thresholds import CORD_REFERENCE_BED10, CORD_REFERENCE_BED_LATE

SECTION = "3 (Dose and volumes)"

LITTLE_RETREATMENT = Statement(
    says="One fraction of 8 Gy is the better choice where hardly any retreatment is expected.",
    section="Table 1a",
    references=(20, 21, 46),
    fingerprint="8:fd69acdbc3e78945",
)
TO_THIRTY_IN_TEN = Suggestion(
    label="Change to 30 Gy in 10 fractions",
    action="change_to_30_gy_in_10",
    description="Change the prescription to 30 Gy in 10 fractions",
)

RULES: tuple[Rule, ...] = (
    Rule(
        id="dose.palliative-table1a",
        title="Palliative regimen of Table 1a",
        statements=(
            Statement(
                says=(
                    "Palliative radiotherapy is short, 8 to 20 Gy in 1 to 5 fractions, and relieves pain or at times a "
                    "neurological deficit within weeks."
                ),
                section=SECTION,
                references=(20, 21),
                fingerprint="32:41f79464a7b3ceb7",
            ),
            Statement(
                says="For pain, one fraction does as well as several, up to 30 Gy in 10.",
                section=SECTION,
                references=(46,),
                fingerprint="22:d294e57fe80be352",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(rt.intent.is_("palliative"), OF_TABLE_1A),
        summary="A palliative regimen of Table 1a, equal to the others for pain; consider the chance of retreatment",
        detail="The three are 8 Gy in 1, 20 Gy in 5 and 30 Gy in 10 fractions.",
        output="fact",
        indicator_because="A confirmation.",
        hooks=ORDER_HOOKS,
        evidence="meta-analysis [46]",
        since=(ASTRO_2024,),
    ),
    Rule(
        id="dose.palliative-outside-table",
        title="Palliative regimen that is not in Table 1a",
        statements=(
            Statement(
                says="Palliative radiotherapy is short: 8 to 20 Gy in 1 to 5 fractions, one a day.",
                section=SECTION,
                references=(20, 21),
                fingerprint="16:91823695fa3dced2",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(
            rt.intent.is_("palliative"),
            rt.total_dose_gy.is_known,
            rt.fractions.is_known,
            none_of(OF_TABLE_1A),
        ),
        summary="Palliative regimen other than 8 Gy in 1, 20 in 5 or 30 in 10: consider whether it is meant",
        detail=(
            "Not an error: other schedules are in use, among them those for re-irradiation, after surgery and by SBRT. "
            "The paper reports on these three only."
        ),
        output="fact",
        indicator_because="It differs from the paper, no more.",
        hooks=ORDER_HOOKS,
        evidence="meta-analysis [46] of the regimens it differs from",
        since=(ASTRO_2024,),
    ),
    Rule(
        id="dose.single-fraction-retreatment",
        title="One fraction of 8 Gy where survival may be long",
        statements=(
            Statement(
                says="After a single fraction retreatment was needed 2.5 times as often.",
                section=SECTION,
                references=(46,),
                fingerprint="13:619be01dc8c81fe9",
            ),
            LITTLE_RETREATMENT,
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(
            rt.intent.is_("palliative"),
            rt.fractions.is_(1),
            rt.total_dose_gy.is_(8),
            any_of(
                prognosis.group.is_("good"),
                all_of(prognosis.group.is_("intermediate"), prognosis.lean.is_("favourable")),
            ),
        ),
        summary="8 Gy in 1, survival may be long: equal for pain, 2.5 times the retreatment; consider the trade-off",
        detail=(
            "One fraction remains fully acceptable; 20 Gy in 5 and 30 Gy in 10 are what the paper offers beside it. A "
            "long survival is our reading of a good prognosis, or of an intermediate one that leans favourable."
        ),
        indicator_because="Both choices are sound.",
        hooks=ORDER_HOOKS,
        evidence="meta-analysis [46]",
        ambiguities=(
            "Table 1a may mean that retreatment will hardly be needed, as read here, or that it is not feasible, which "
            "would turn the advice round: for the MDT.",
        ),
    ),
    Rule(
        id="dose.single-fraction-poor",
        title="Several fractions for palliation in a poor prognosis",
        statements=(
            LITTLE_RETREATMENT,
            Statement(
                says="One fraction and several do the same for pain.",
                section=SECTION,
                references=(46,),
                fingerprint="7:653b8948b5e07ba7",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(
            rt.intent.is_("palliative"),
            rt.fractions.above(1),
            prognosis.group.is_("poor"),
            rt.setting.is_not("postoperative"),
            rt.target_cord_compression.is_("none"),
            patient.neuro_symptoms.is_false,
            rt.retreatment.is_false,
        ),
        summary="Palliative RT in a poor prognosis: consider 8 Gy in 1 fraction, as good for pain in a single visit",
        detail=(
            "Not for re-irradiation, after surgery, with neurological symptoms, or with compression of the cord at the "
            "target, confirmed or suspected; and not while any of these is unknown."
        ),
        indicator_because="A convenience to the patient.",
        hooks=ORDER_HOOKS,
        evidence="meta-analysis [46]",
        suggestions=(
            Suggestion(
                label="Change to 8 Gy in 1 fraction",
                action="change_to_8_gy_in_1",
                description="Change the prescription to a single fraction of 8 Gy",
            ),
        ),
    ),
    Rule(
        id="dose.postop-30-10",
        title="Postoperative palliative radiotherapy other than 30 Gy in 10 fractions",
        statements=(
            Statement(
                says="After surgery for a skeletal event, irradiating the bed and residual disease can help.",
                section=SECTION,
                fingerprint="17:d05d0eb49746f504",
            ),
            Statement(
                says="30 Gy in 10 fractions is the regimen once the bone has been stabilised.",
                section="Table 1a",
                references=(47,),
                fingerprint="3:1501c91f94f959e9",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(
            rt.setting.is_("postoperative"),
            rt.intent.is_("palliative"),
            none_of(given(30, 10)),
            # Confirmed compression has rules of its own.
            any_of(rt.target_cord_compression.is_unknown, rt.target_cord_compression.is_not("confirmed")),
        ),
        summary="Postoperative palliative RT: consider 30 Gy in 10 fractions, the regimen of Table 1a",
        detail="To the bed of the operation and residual disease.",
        indicator_because="The paper's reference.",
        hooks=ORDER_HOOKS,
        evidence="prospective study [47]",
        suggestions=(TO_THIRTY_IN_TEN,),
    ),
    Rule(
        id="dose.cord-30-10",
        title="Compression of the cord treated with less than 30 Gy in 10 fractions",
        statements=(
            Statement(
                says="Breast cancer, of intermediate radiosensitivity, responds to 30 Gy in 10 fractions.",
                section=SECTION,
                references=(47,),
                fingerprint="20:95f3a48ff80ddbbf",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(
            rt.spinal.is_true,
            rt.intent.is_("palliative"),
            rt.target_cord_compression.is_("confirmed"),
            rt.bed10.below(CORD_REFERENCE_BED10),
            rt.bed_late.at_most(CORD_REFERENCE_BED_LATE),
        ),
        summary="Confirmed cord compression, a lower dose planned: consider 30 Gy in 10, the paper's reference",
        detail=(
            "Lower means a BED below {cord_reference_bed10} Gy at alpha/beta {alpha_beta_gy} and at most "
            "{cord_reference_bed_late} Gy at {alpha_beta_late_gy}. Table 1a has 8 Gy in 1 and 20 Gy in 5 for "
            "neurological deficits as well."
        ),
        indicator_because="The paper's reference.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="prospective study [47]",
        since=(ASTRO_2024,),
        ambiguities=(
            "Table 1a lists neurological deficits under all three regimens, while the text ties cord compression to "
            "30 Gy in 10 fractions.",
        ),
    ),
    Rule(
        id="dose.cord-no-escalation",
        title="Compression of the cord treated with more than 30 Gy in 10 fractions",
        statements=(
            Statement(
                says="With the cord compressed, a higher dose brought no better results.",
                section=SECTION,
                references=(47,),
                fingerprint="11:58c9ddab263b8200",
            ),
        ),
        for_each=EACH_COURSE,
        when=planned_for_bone(
            rt.spinal.is_true,
            rt.intent.is_("palliative"),
            rt.target_cord_compression.is_("confirmed"),
            any_of(rt.bed10.above(CORD_REFERENCE_BED10), rt.bed_late.above(CORD_REFERENCE_BED_LATE)),
        ),
        summary="Cord compression: going beyond 30 Gy in 10 gained nothing in breast cancer; consider 30 Gy in 10",
        detail=(
            "More means a BED above {cord_reference_bed10} Gy at alpha/beta {alpha_beta_gy} or above "
            "{cord_reference_bed_late} Gy at {alpha_beta_late_gy}: fewer, larger fractions may exceed the one and not "
            "the other."
        ),
        indicator="warning",
        indicator_because="The cord bears the dose, and nothing is gained.",
        hooks=ORDER_HOOKS,
        when_unknown="ask",
        evidence="prospective study [47]",
        since=(ASTRO_2024,),
        suggestions=(TO_THIRTY_IN_TEN,),
    ),
)
