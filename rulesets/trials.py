"""The trials of Table 2 as pre-screens: off by default, and never more than a possible match.

Only the criteria printed in the paper (April 2020) are judged; a protocol has many more. What the
registries said later stands beside each as a remark and decides nothing.
"""

from __future__ import annotations

from rulesets.currency import CURB, NRG_BR002
from rulesets.evidence import Statement
from rulesets.facts import mets, pattern, systemic, tumour
from rulesets.language import all_of
from rulesets.rule import Rule
from rulesets.thresholds import ENABLE_TRIALS

SECTION = "3 (Further perspectives)"

CLEAR_MIN_MONTHS = 12
"""Table 2: the recurrence came later than this."""

PRE_SCREEN = (
    "Judged by the criteria the paper prints (April 2020) and no others. Consider looking up in the registry whether "
    "the trial recruits and what else it asks for."
)
HINT = "A hint at a trial."
PHASE_NOT_STATED = "randomised trial; the paper does not state its phase"

CONFIRMED = mets.status.is_("confirmed")
OLIGOMETASTATIC = pattern.burden.is_("oligometastatic")
HER2_NEGATIVE = tumour.her2.is_("negative")
FIRST_LINE = systemic.prior_lines_metastatic.is_(0)
TRIPLE_NEGATIVE = tumour.subtype.is_("triple_negative")

RULES: tuple[Rule, ...] = (
    Rule(
        id="trial.clear-nct03750396",
        title="CLEAR (NCT03750396)",
        statements=(
            Statement(
                says="CLEAR takes ER+/HER2- disease with an oligometastatic recurrence, in whatever organ, for radical "
                "local treatment during the first line.",
                section=SECTION,
                fingerprint="14:9c5ed1a952806d53",
            ),
            Statement(
                says="Its recurrence comes after more than twelve months.",
                section="Table 2",
                fingerprint="2:a33a681f6d7317e6",
            ),
        ),
        when=all_of(
            tumour.er.is_("positive"),
            HER2_NEGATIVE,
            pattern.onset.is_("recurrent"),
            mets.recurrence_interval_months.above(CLEAR_MIN_MONTHS),
            OLIGOMETASTATIC,
            FIRST_LINE,
        ),
        summary="Possible match: CLEAR, NCT03750396 (oligometastatic, ER+/HER2-, relapse beyond 12 months, first line)",
        detail=PRE_SCREEN,
        indicator_because=HINT,
        hooks=("patient-view",),
        evidence="phase II trial",
        ambiguities=(
            "In the registry, which is not part of the paper, it takes at most two lesions in one organ of at most "
            "3 cm, ages 20 to 75, and no de novo disease.",
            "The radiation doses printed for it are implausible at their upper end (97.5 Gy in 10 fractions) and are "
            "not used.",
        ),
        enabled_by=ENABLE_TRIALS,
    ),
    Rule(
        id="trial.nrg-br002-nct02364557",
        title="NRG-BR002 (NCT02364557)",
        statements=(
            Statement(
                says="NCT02364557 randomises limited metastatic breast cancer: standard systemic therapy, alone or "
                "with radiosurgery in one, three or five fractions.",
                section=SECTION,
                fingerprint="30:af19e3bd924647b9",
            ),
        ),
        when=all_of(CONFIRMED, OLIGOMETASTATIC),
        summary="Possible match: NRG-BR002, NCT02364557 (limited metastatic disease: SBRT, with or without surgery)",
        detail=f"{PRE_SCREEN} The paper does not say what 'limited' is: read as oligometastatic.",
        indicator_because=HINT,
        hooks=("patient-view",),
        evidence=PHASE_NOT_STATED,
        ambiguities=("Outside the paper it took two lesions at most, and later four.",),
        since=(NRG_BR002,),
        enabled_by=ENABLE_TRIALS,
    ),
    Rule(
        id="trial.stereo-sein-nct02089100",
        title="STEREO-SEIN (NCT02089100)",
        statements=(
            Statement(
                says="STEREO-SEIN tests SBRT with curative aim in oligometastatic disease that is de novo and not "
                "triple negative.",
                section=SECTION,
                fingerprint="17:cab3164862f193b7",
            ),
        ),
        when=all_of(
            pattern.onset.is_("de_novo"),
            OLIGOMETASTATIC,
            tumour.subtype.is_known,
            tumour.subtype.is_not("triple_negative"),
        ),
        summary="Possible match: STEREO-SEIN, NCT02089100 (oligometastatic, de novo, not triple-negative)",
        detail=PRE_SCREEN,
        indicator_because=HINT,
        hooks=("patient-view",),
        evidence="phase III trial",
        ambiguities=(
            "De novo is read as the paper has it, metastatic at diagnosis; in the registry it means a first metastatic "
            "presentation without systemic therapy before.",
        ),
        enabled_by=ENABLE_TRIALS,
    ),
    Rule(
        id="trial.promise005-nct03808337",
        title="SBRT to all sites of triple-negative disease (NCT03808337)",
        statements=(
            Statement(
                says="NCT03808337 takes metastatic triple-negative breast cancer, and lung cancer: standard systemic "
                "therapy alone, or SBRT to every site along with it.",
                section=SECTION,
                fingerprint="22:b277b0366ac45de6",
            ),
        ),
        when=all_of(CONFIRMED, TRIPLE_NEGATIVE),
        summary="Possible match: NCT03808337 (triple-negative, metastatic: SBRT to all sites, BED of 48 Gy or more)",
        detail=PRE_SCREEN,
        indicator_because=HINT,
        hooks=("patient-view",),
        evidence=PHASE_NOT_STATED,
        ambiguities=(
            "The paper prints no limit of lesions but counts it among the six oligometastatic trials; the registry "
            "takes one to five, and ER+ disease under chemotherapy too.",
        ),
        enabled_by=ENABLE_TRIALS,
    ),
    Rule(
        id="trial.nci-nct00182793",
        title="Stem cell transplantation and tomotherapy (NCT00182793)",
        statements=(
            Statement(
                says="NCT00182793 enrolled stages IIIB, IIIC and IV for high-dose chemotherapy with transplantation of "
                "stem cells and radiotherapy.",
                section=SECTION,
                fingerprint="20:647d116aa3515442",
            ),
        ),
        when=tumour.stage.is_one_of("IIIB", "IIIC", "IV"),
        summary="Possible match, historical: NCT00182793 (stage IIIB, IIIC or IV: high-dose chemotherapy and RT)",
        detail="High-dose chemotherapy with transplantation has been given up in metastatic breast cancer: this is no "
        "option for treatment. Judged by the criteria the paper prints (April 2020) and no others.",
        indicator_because="Of historical interest.",
        hooks=("patient-view",),
        evidence="phase I/II trial",
        ambiguities=(
            "The text says stages IIIB/C and IV, Table 2 IIIb to IV. Oligometastatic applies to its radiotherapy only "
            "(a later publication: up to three sites).",
        ),
        enabled_by=ENABLE_TRIALS,
    ),
    Rule(
        id="trial.cimer-nct04220476",
        title="CIMER (NCT04220476 or NCT04563507)",
        statements=(
            Statement(
                says="CIMER takes oligometastatic luminal disease for which a CDK4/6 inhibitor is the first line, "
                "and adds SBRT to every site in one arm.",
                section=SECTION,
                fingerprint="16:c9f056850a126071",
            ),
        ),
        when=all_of(OLIGOMETASTATIC, tumour.luminal.is_true, HER2_NEGATIVE, FIRST_LINE),
        summary="Possible match: CIMER (oligometastatic, luminal, first line with CDK4/6 inhibitor: SBRT, 50 Gy in 5)",
        detail=f"{PRE_SCREEN} That HER2 must be negative is inferred from the CDK4/6 inhibitor.",
        indicator_because=HINT,
        hooks=("patient-view",),
        evidence="phase II trial",
        ambiguities=("The paper prints NCT04220476, while the registry has CIMER as NCT04563507: look up both.",),
        enabled_by=ENABLE_TRIALS,
    ),
    Rule(
        id="trial.curb-nct03808662",
        title="CURB in oligoprogressive disease (NCT03808662)",
        statements=(
            Statement(
                says="NCT03808662 randomises oligoprogression in triple-negative breast cancer, and in lung cancer: "
                "standard of care, or SBRT with 9-10 Gy three times or 10 Gy five times.",
                section=SECTION,
                fingerprint="26:e1c349a0f684405d",
            ),
        ),
        when=all_of(CONFIRMED, pattern.progression.is_("oligoprogressive"), TRIPLE_NEGATIVE),
        summary="Possible match: NCT03808662 (oligoprogressive, triple-negative: SBRT to all progressing sites)",
        detail=PRE_SCREEN,
        indicator_because=HINT,
        hooks=("patient-view",),
        evidence=PHASE_NOT_STATED,
        ambiguities=(
            "In the registry, which is not part of the paper, it takes other breast cancer of high risk too.",
            "The paper misprints NSCLC as NSCLS.",
        ),
        since=(CURB,),
        enabled_by=ENABLE_TRIALS,
    ),
)
