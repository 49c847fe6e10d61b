"""Every number the rulebook decides by: its value, unit, and whether the paper says it or we do.

A hospital may override a value within its range (see ``effective``); the values in force and
their digest stand in every trace. Numbers marked *ours* await clinical sign-off.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeGuard

Setting = bool | str | int | float


@dataclass(frozen=True)
class Threshold:
    """A named number or switch. ``allowed`` is an inclusive range, or the words or answers it may be."""

    key: str
    default: Setting
    unit: str
    origin: Literal["paper", "ours"]
    meaning: str
    allowed: tuple[float, float] | tuple[str, ...]

    def problem_with(self, value: object) -> str | None:
        """What is wrong with a value, as a sentence, or None."""
        if isinstance(self.default, bool):
            return None if isinstance(value, bool) else f"{self.key} must be true or false."
        if isinstance(self.default, str):
            return None if value in self.allowed else f"{self.key} must be one of {', '.join(map(str, self.allowed))}."
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f"{self.key} must be a number ({self.unit})."
        low, high = self.allowed
        if not float(low) <= value <= float(high):
            return f"{self.key} must lie between {low} and {high} {self.unit}."
        if isinstance(self.default, int) and value != int(value):
            return f"{self.key} must be a whole number ({self.unit})."
        return None


class ThresholdError(ValueError):
    """A threshold that does not exist, or a value out of its range; raised at start."""


def _paper(key: str, default: Setting, unit: str, meaning: str, *allowed: float | str) -> Threshold:
    return Threshold(key, default, unit, "paper", meaning, allowed or (False, True))  # type: ignore[arg-type]


def _ours(key: str, default: Setting, unit: str, meaning: str, *allowed: float | str) -> Threshold:
    return Threshold(key, default, unit, "ours", meaning, allowed or (False, True))  # type: ignore[arg-type]


SHARE = "share"
"""The unit of a part of a whole, told as a percentage in texts."""

# A table reads as a table: one threshold on a line.
# fmt: off
# Classification (sections 3 and 5)
OLIGO_MAX_LESIONS = _paper("oligo_max_lesions", 4, "lesions", "Most lesions still called oligometastatic: section 5 calls five or more plurimetastatic. 5 follows the consensus of one to five.", 1, 20)
DE_NOVO_MAX_DAYS = _ours("de_novo_max_days", 90, "days", "Metastases dated up to this long after the primary are de novo when nobody has said otherwise.", 0, 366)
RECURRENT_MIN_DAYS = _ours("recurrent_min_days", 183, "days", "Metastases dated later than this after the primary are a recurrence when nobody has said otherwise; in between the onset stays unknown.", 0, 3660)
# Prognosis (section 5)
GOOD_MAX_ECOG = _ours("good_max_ecog", 1, "ECOG", "Highest performance status compatible with the good group.", 0, 4)
COMPROMISED_MIN_ECOG = _ours("compromised_min_ecog", 3, "ECOG", "Performance status from which the general condition counts as compromised.", 0, 4)
PRETREATED_MIN_LINES = _ours("pretreated_min_lines", 2, "lines", "Failed lines for metastatic disease from which previous treatment is adverse.", 1, 20)
POOR_MIN_POINTS = _ours("poor_min_points", 4, "points", "Adverse points from which the group is poor.", 1, 8)
AGE_ADVERSE_OVER = _paper("age_adverse_over", 60, "years", "Age above which section 5 counts age as negative (strictly above).", 0, 120)
AGE_COUNTS_AS_POINT = _paper("age_counts_as_point", False, "", "Count age above the cut as an adverse point too; off, it only enters the lean within the intermediate group.")
GOOD_REQUIRES_SINGLE_LESION = _paper("good_requires_single_lesion", False, "", "Ask for a single lesion in the good group, the strictest reading of section 3.")
GOOD_MIN_LIFE_EXPECTANCY_WEEKS = _ours("good_min_life_expectancy_weeks", 12, "weeks", "A stated life expectancy below this contradicts a good or intermediate group.", 0, 520)
HB_ADVERSE_BELOW = _paper("hb_adverse_below", 11.0, "g/dL", "Haemoglobin below which section 5 calls it negative (strictly below; the paper prints g/L by mistake).", 3, 25)
SIZE_ADVERSE_OVER_CM = _paper("size_adverse_over_cm", 5.0, "cm", "Primary tumour size above which section 5 calls it negative (strictly above).", 0, 50)
GRADE_ADVERSE_MIN = _ours("grade_adverse_min", 3, "grade", "Grade meant by 'higher grade' in section 5.", 1, 3)
NODES_HIGH_RISK_MIN = _paper("nodes_high_risk_min", 4, "nodes", "Positive axillary nodes from which bone metastases are most frequent (section 5).", 0, 100)
# Timing of drugs around radiotherapy (section 3 gives no interval)
WASHOUT_CYTOTOXIC_DAYS = _ours("washout_cytotoxic_days", 21, "days", "A last dose closer than this before radiotherapy is recent: one three-weekly cycle. Also for TROP2 conjugates.", 0, 366)
WASHOUT_PARP_DAYS = _ours("washout_parp_days", 21, "days", "The same for PARP inhibitors: at least five half-lives of talazoparib.", 0, 366)
WASHOUT_CDK46_DAYS = _ours("washout_cdk46_days", 14, "days", "The same for CDK4/6 inhibitors: at least five half-lives of ribociclib.", 0, 366)
WASHOUT_ADC_DAYS = _ours("washout_adc_days", 21, "days", "The same for anti-HER2 conjugates: one three-weekly cycle.", 0, 366)
WASHOUT_OTHER_DAYS = _paper("washout_other_days", 0, "days", "The same for other classes: no interval is asked.", 0, 366)
WASHOUT_NOT_IN_PAPER_DAYS = _ours("washout_not_in_paper_days", 21, "days", "The same for AKT inhibitors and anti-VEGF, classes the paper does not know.", 0, 366)
POST_RT_GAP_CYTOTOXIC_DAYS = _ours("post_rt_gap_cytotoxic_days", 21, "days", "A first dose sooner than this after radiotherapy is early. Also for TROP2 conjugates.", 0, 366)
POST_RT_GAP_PARP_DAYS = _ours("post_rt_gap_parp_days", 21, "days", "The same for PARP inhibitors.", 0, 366)
POST_RT_GAP_ADC_DAYS = _ours("post_rt_gap_adc_days", 21, "days", "The same for anti-HER2 conjugates.", 0, 366)
POST_RT_GAP_OTHER_DAYS = _ours("post_rt_gap_other_days", 0, "days", "The same for other classes.", 0, 366)
RT_LOOKBACK_DAYS = _ours("rt_lookback_days", 28, "days", "A completed course still matters for this long.", 0, 366)
RADIOPHARM_LOOKBACK_SR89_DAYS = _ours("radiopharm_lookback_sr89_days", 84, "days", "Strontium-89 still matters for this long.", 0, 366)
RADIOPHARM_LOOKBACK_DAYS = _ours("radiopharm_lookback_days", 28, "days", "Other radiopharmaceuticals still matter for this long.", 0, 366)
# Standard doses of lapatinib and T-DM1 (section 3, HER2 target)
LAPATINIB_STANDARD_MG_DAY = _paper("lapatinib_standard_mg_day", 1500, "mg/day", "Lapatinib dose at which tolerance with radiotherapy was reported [87,88].", 1, 10000)
TDM1_STANDARD_MG_KG = _paper("tdm1_standard_mg_kg", 3.6, "mg/kg", "T-DM1 dose at which tolerance with radiotherapy was reported [87,88].", 0.1, 20)
TDM1_STANDARD_INTERVAL_DAYS = _paper("tdm1_standard_interval_days", 21, "days", "T-DM1 interval at which tolerance with radiotherapy was reported [87,88].", 1, 366)
DOSE_ROUNDING_TOLERANCE = _ours("dose_rounding_tolerance", 0.02, SHARE, "Rounding to vial or tablet that does not yet count as above standard.", 0, 0.5)
# Radiotherapy dose (section 3, Tables 1a and 1b)
ALPHA_BETA_GY = _paper("alpha_beta_gy", 10, "Gy", "alpha/beta of every test whether a dose is enough.", 1, 20)
ALPHA_BETA_LATE_GY = _ours("alpha_beta_late_gy", 3, "Gy", "alpha/beta of every test whether a dose is too much (late-reacting tissue).", 1, 20)
BED_TARGET = _paper("bed_target", 75.0, "Gy BED", "Biologically effective dose wanted with radical intent, after rounding to 0.1 Gy.", 0, 300)
BED_FLOOR = _paper("bed_floor", 50.0, "Gy BED", "Biologically effective dose below which a radical regimen is called low [51].", 0, 300)
CORD_REFERENCE_BED10 = _paper("cord_reference_bed10", 39.0, "Gy BED", "30 Gy in 10 fractions at alpha/beta 10.", 0, 300)
CORD_REFERENCE_BED_LATE = _paper("cord_reference_bed_late", 60.0, "Gy BED", "30 Gy in 10 fractions at alpha/beta 3.", 0, 600)
HIGHEST_BONE_BED10 = _paper("highest_bone_bed10", 112.5, "Gy BED", "45 Gy in 3 fractions, the highest bone regimen of the paper, at alpha/beta 10.", 0, 300)
HIGHEST_BONE_BED_LATE = _paper("highest_bone_bed_late", 270.0, "Gy BED", "The same at alpha/beta 3.", 0, 600)
HIGHEST_SPINAL_SINGLE_GY = _paper("highest_spinal_single_gy", 22.5, "Gy", "Highest single fraction of the paper [44].", 0, 50)
SPINAL_THREE_FRACTION_MAX_GY = _ours("spinal_three_fraction_max_gy", 30.0, "Gy", "Most for a spinal target in three fractions: the lower end of a published range used as a limit.", 0, 100)
MIN_PLAUSIBLE_FRACTION_GY = _ours("min_plausible_fraction_gy", 1.0, "Gy", "A smaller fraction is a slip of units.", 0, 10)
MAX_PLAUSIBLE_FRACTION_GY = _ours("max_plausible_fraction_gy", 30.0, "Gy", "A larger fraction is a slip of units.", 1, 100)
MAX_PLAUSIBLE_FRACTIONS = _ours("max_plausible_fractions", 40, "fractions", "More fractions are a slip.", 1, 100)
MAX_PLAUSIBLE_TOTAL_GY = _ours("max_plausible_total_gy", 100.0, "Gy", "A larger total is a slip of units.", 1, 1000)
# Technique and surgery (sections 3 and 4)
SRS_MAX_LESIONS = _paper("srs_max_lesions", 3, "lesions", "Most lesions for which radiosurgery is proposed.", 1, 20)
SRS_COUNT_SCOPE = _paper("srs_count_scope", "all_lesions", "", "Which lesions that limit counts.", "all_lesions", "spinal_lesions")
SURGERY_MIN_WEEKS = _paper("surgery_min_weeks", 6, "weeks", "Lower end of the life expectancy asked before surgery.", 0, 520)
SURGERY_SAFE_WEEKS = _paper("surgery_safe_weeks", 8, "weeks", "Upper end of the life expectancy asked before surgery.", 0, 520)
# What a reader concludes where no code says it
SBRT_MIN_FRACTION_GY = _ours("sbrt_min_fraction_gy", 6.0, "Gy", "Radiotherapy of bone in fractions this large, when no technique is coded and the next line holds as well, is read as SBRT.", 1, 30)
SBRT_MIN_BED10 = _ours("sbrt_min_bed10", 35.0, "Gy10", "Biologically effective dose at an alpha/beta of 10 Gy from which it is: 15 Gy in one fraction and 24 in three are, 8 in one and 16 in two are not.", 1, 200)
REPEATED_DOSE_DAYS = _ours("repeated_dose_days", 42, "days", "A drug given at least twice, and last within this many days, is taken although each dose is recorded as done.", 1, 366)
# Age of facts
MAX_AGE_DAYS_IMAGING = _ours("max_age_days_imaging", 90, "days", "Extent older than this is flagged as stale.", 1, 3660)
MAX_AGE_DAYS_ECOG = _ours("max_age_days_ecog", 30, "days", "A performance status older than this is flagged as stale.", 1, 3660)
MAX_AGE_DAYS_HB = _ours("max_age_days_hb", 30, "days", "A haemoglobin older than this is flagged as stale.", 1, 3660)
# Rules off by default
ENABLE_POPULATION_RISK = _ours("enable_population_risk", False, "", "Show cumulative incidence in the population; off because the cited source counts all solid tumours.")
ENABLE_SUPERSEDED = _ours("enable_superseded", False, "", "Show statements that have been overtaken since 2020.")
ENABLE_TRIALS = _ours("enable_trials", False, "", "Show the trials of Table 2; off until a live registry confirms that they recruit.")
# fmt: on

THRESHOLDS: dict[str, Threshold] = {
    threshold.key: threshold for threshold in list(globals().values()) if isinstance(threshold, Threshold)
}


@dataclass(frozen=True)
class Thresholds:
    """The values in force, by key."""

    values: Mapping[str, Setting]

    def number(self, threshold: Threshold) -> int | float:
        value = self.values[threshold.key]
        assert isinstance(value, int | float)
        return value

    def on(self, threshold: Threshold) -> bool:
        return self.values[threshold.key] is True

    def filled(self, text: str) -> str:
        """A text with the value in force, in words, in the place of each ``{key}``; other braces are left alone."""

        def value(found: re.Match[str]) -> str:
            setting = self.values.get(found[1])
            if setting is None:
                return found[0]
            if not _is_number(setting):
                return str(setting).lower().replace("_", " ")
            return f"{setting * 100:g}%" if THRESHOLDS[found[1]].unit == SHARE else f"{setting:g}"

        return _PLACEHOLDER.sub(value, text)

    @property
    def content(self) -> bytes:
        """The values as a JSON text."""
        return json.dumps(dict(sorted(self.values.items()))).encode()

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the content, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


_PLACEHOLDER = re.compile(r"\{([a-z0-9_]+)\}")


def placeholders_in(text: str) -> tuple[str, ...]:
    """The names in braces of a text."""
    return tuple(_PLACEHOLDER.findall(text))


def _is_number(setting: Setting) -> TypeGuard[int | float]:
    return isinstance(setting, int | float) and not isinstance(setting, bool)


def effective(overrides: Mapping[str, object] | None = None) -> Thresholds:
    """The defaults with overrides; an unknown key or a value out of range raises ThresholdError."""
    values = {key: threshold.default for key, threshold in THRESHOLDS.items()}
    for key, value in (overrides or {}).items():
        threshold = THRESHOLDS.get(key)
        if threshold is None:
            raise ThresholdError(f"There is no threshold called {key!r}; the rulebook lists those there are.")
        if problem := threshold.problem_with(value):
            raise ThresholdError(problem)
        assert isinstance(value, bool | str | int | float)
        values[key] = value
    return Thresholds(values)
