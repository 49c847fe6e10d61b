"""Conditions and facts in English, for the clinician who reads the rulebook."""

from __future__ import annotations

from rulesets.facts import FACTS
from rulesets.language import AllOf, AnyOf, Compare, Condition, FactType, Interval, Operand, Some, Value
from rulesets.rule import Scope
from rulesets.thresholds import Threshold

_TOPICS = {
    "patient": "", "obs": "", "tumour": "", "mets": "", "mets.organ": "metastases in", "lesion": "lesion",
    "imaging": "", "context": "", "order": "order", "rt": "radiotherapy", "meds": "medication", "drug": "drug",
    "systemic": "systemic therapy", "bone_agent": "bone agent", "mdt": "multidisciplinary team",
    "analgesia": "analgesia", "surgery": "surgery", "pattern": "", "risk": "", "prognosis": "prognostic", "dq": "",
    "imbrication": "", "prognosis.criterion": "criterion:", "prognosis.point": "adverse point:",
    "prognosis.feature": "unfavourable feature:", "prognosis.tally": "", "prognosis.override": "withdrawn by:",
}  # fmt: skip

_WORDS = {
    "patient.ecog": "ECOG performance status",
    "patient.age_years": "age",
    "patient.hemoglobin_g_dl": "haemoglobin",
    "patient.systemic_condition": "general condition",
    "patient.neuro_symptoms": "spinal neurological symptoms",
    "tumour.is_breast_primary": "primary cancer is breast",
    "tumour.er": "oestrogen receptor", "tumour.pr": "progesterone receptor", "tumour.her2": "HER2",
    "tumour.er_primary": "oestrogen receptor of the primary", "tumour.er_metastasis": "oestrogen receptor of a metastasis",
    "tumour.pr_primary": "progesterone receptor of the primary",
    "tumour.pr_metastasis": "progesterone receptor of a metastasis",
    "tumour.her2_primary": "HER2 of the primary", "tumour.her2_metastasis": "HER2 of a metastasis",
    "tumour.her2_equivocal_unresolved": "HER2 equivocal and not resolved",
    "tumour.luminal": "luminal (oestrogen receptor positive)", "tumour.hr_positive": "hormone receptor positive",
    "tumour.subtype": "immunophenotype", "tumour.size_cm": "tumour size", "tumour.grade": "tumour grade",
    "mets.status": "metastatic disease", "mets.lesion_count": "number of metastatic lesions",
    "mets.bone_lesion_count": "number of bone lesions", "mets.spinal_lesion_count": "number of spinal lesions",
    "mets.organ.lung": "metastases in lung or pleura", "mets.organ.other_visceral": "metastases in another visceral organ",
    "systemic.prior_lines_metastatic": "failed lines for metastatic disease",
    "rt.planned": "radiotherapy is planned or running", "rt.relevant": "radiotherapy is open or recent",
    "rt.dose_per_fraction_gy": "dose per fraction", "rt.total_dose_gy": "total dose",
    "rt.dose_implausible": "radiotherapy dose is implausible",
    "drug.drug_class": "class of the drug", "drug.name": "drug", "drug.exposure": "timing of the drug around radiotherapy",
    "drug.anticancer": "drug is coded as anticancer", "drug.dose_above_standard": "drug is above its standard dose",
    "meds.list_available": "a medication list is available",
    "surgery.planned": "bone surgery is planned", "prognosis.group": "prognostic group",
    "order.kind": "kind of order", "dq.any_conflict": "two sources disagree", "dq.any_stale": "a deciding fact is old",
    "dq.prognosis_conflict": "the record contradicts the computed group",
    "dq.status_conflict": "the metastatic status contradicts organs or counts",
    "dq.hb_unusable": "the haemoglobin cannot be used",
    "dq.count_inconsistent": "lesion counts and organs do not fit together",
    "dq.extent_conflict": "the stated extent contradicts the organs",
    "dq.onset_conflict": "the stated onset contradicts dates or stage",
    "dq.onset_grey_zone": "the onset lies between de novo and recurrent",
    "dq.receptor_discordance": "primary and metastasis differ in a receptor",
    "dq.condition_conflict": "general condition and ECOG contradict each other",
}  # fmt: skip

_VALUES = {
    "cdk46_inhibitor": "CDK4/6 inhibitor", "mtor_inhibitor": "mTOR inhibitor", "pi3k_inhibitor": "PI3K inhibitor",
    "akt_inhibitor": "AKT inhibitor", "anti_her2_mab": "anti-HER2 antibody", "anti_her2_adc": "anti-HER2 conjugate",
    "trop2_adc": "TROP2 conjugate", "anti_her2_tki": "anti-HER2 tyrosine kinase inhibitor",
    "parp_inhibitor": "PARP inhibitor", "anti_vegf": "anti-VEGF", "non_anticancer": "not an anticancer drug",
    "rt": "radiotherapy", "after_rt_early": "soon after radiotherapy", "after_rt": "after radiotherapy",
    "clear": "clear of radiotherapy", "recent": "shortly before radiotherapy",
    "luminal_her2_negative": "ER positive, HER2 negative", "luminal_her2_positive": "ER positive, HER2 positive",
    "her2_enriched": "ER negative, HER2 positive", "er_negative_pr_positive": "ER negative, PR positive, HER2 negative",
}  # fmt: skip

_COMPARISONS = {
    "==": "is", "!=": "is not", "in": "is", "not in": "is none of", ">=": "is at least", "<=": "is at most",
    ">": "is above", "<": "is below",
}  # fmt: skip

_SCOPES: dict[str, str] = {"lesion": "lesion", "drug": "drug", "course": "radiotherapy course", "order": "order"}


def fact_in_words(name: str) -> str:
    """A fact as a clinician names it: ``tumour.er`` is *oestrogen receptor*."""
    if name in _WORDS:
        return _WORDS[name]
    topic, _, attribute = name.rpartition(".")
    return f"{_TOPICS.get(topic, topic)} {attribute.replace('_', ' ')}".strip()


def value_in_words(name: str, value: Value | Threshold | None) -> str:
    """A value with its unit, in words: ``[2, ...)`` is *2 or more lesions*."""
    fact = FACTS.get(name)
    unit = f" {fact.unit}" if fact is not None and fact.unit and fact.unit not in ("score", "grade", "UCUM") else ""
    match value:
        case None:
            return "unknown"
        case bool():
            return "yes" if value else "no"
        case Threshold():
            return f"{value.default:g}{unit}" if not isinstance(value.default, bool | str) else str(value.default)
        case Interval(lo=None, hi=hi):
            return f"at most {hi:g}{unit}"
        case Interval(lo=lo, hi=None):
            return f"{lo:g} or more{unit}"
        case Interval(lo=lo, hi=hi):
            return f"{lo:g} to {hi:g}{unit}"
        case int() | float():
            return f"{value:g}{unit}"
        case str():
            return _VALUES.get(value, value.replace("_", " "))
        case tuple():
            return ", ".join(_VALUES.get(word, word.replace("_", " ")) for word in value)


def condition_in_words(condition: Condition) -> str:
    """A condition on one line."""
    match condition:
        case AllOf(parts):
            return " and ".join(_within(part) for part in parts)
        case AnyOf(parts):
            return " or ".join(_within(part) for part in parts)
        case Some(element, inner, negated):
            return f"{'no' if negated else 'some'} {_SCOPES[element]} has: {_within(inner)}"
        case Compare():
            return _claim(condition)


def scope_in_words(scope: Scope) -> str:
    return "once for the patient" if not scope else "for each " + " and ".join(_SCOPES[element] for element in scope)


def _within(condition: Condition) -> str:
    said = condition_in_words(condition)
    return f"({said})" if isinstance(condition, AllOf | AnyOf) else said


def _claim(claim: Compare) -> str:
    fact: FactType = claim.fact
    said = fact_in_words(fact.name)
    if claim.operator in ("known", "unknown"):
        return f"{said} is {claim.operator}"
    if fact.type == "truth":
        return said if claim.operand is True else f"not: {said}"
    return f"{said} {_COMPARISONS[claim.operator]} {_operand(fact, claim.operand)}"


def _operand(fact: FactType, operand: Operand) -> str:
    if isinstance(operand, tuple):
        words = [value_in_words(fact.name, word) for word in operand]
        return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]
    return value_in_words(fact.name, operand)
