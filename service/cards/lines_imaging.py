"""Lines that imaging adds to cards: what a result makes of a stated probability, and a typical MRI signal."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from rulesets.facts import imaging, lesion, patient, tumour
from rulesets.language import Interval, Value
from rulesets.likelihood import EXAMS, Accuracy, Bounds, Exam, Result, accuracy_here, likelihood_ratio, result_of
from rulesets.record import Record
from rulesets.words import label, listed
from service.cards.relevance import shown
from service.cards.text import authored, capitalised, is_true, lesion_in_words
from service.reasoning.findings import Conclusion, Firing

Lines = Callable[[Conclusion, tuple[Firing, ...]], list[str]]

POST_TEST_RULE = "imaging.post-test-probability"
ASKS_FOR_EXAMS = (
    "risk.symptomatic-investigate",
    "imaging.bone-scan-equivocal",
    "imaging.bone-scan-degenerative",
    "imaging.bone-scan-negative-lytic",
    "imaging.ct-negative-limit",
    "imaging.mri-in-doubt",
    "imaging.fdg-negative-luminal-lobular",
    "dq.mets-unconfirmed",
)
"""The rules that leave the question of bone metastases open. The rule of the probabilities makes no card of
its own; the first of these that is shown carries its lines."""


_HARDLY_ANY, _NEARLY_ALL = 0.001, 0.999
"""Beyond these a probability is no longer told in figures."""


# --- probabilities -----------------------------------------------------------------------------


def _probability_lines(conclusion: Conclusion, firings: tuple[Firing, ...]) -> list[str]:
    """The stated probability, and what each exam by itself makes of it."""
    ids = (each.rule.id for each in shown(conclusion, "patient-view"))
    carrier = next((id for id in ids if id in ASKS_FOR_EXAMS), None)
    is_told = any(each.rule.id == POST_TEST_RULE for each in conclusion.fired)
    before = conclusion.record.value(imaging.pretest_probability.name)
    if not is_told or firings[0].rule.id != carrier or not isinstance(before, int | float):
        return []
    results = [(exam, result) for exam in EXAMS if (result := result_of(exam, conclusion.record.facts)) is not None]
    return [
        "",  # a paragraph of its own, also behind the lines of another topic
        f"A clinician put the probability of bone metastases before imaging at {_percent(before)}. "
        "After each exam by itself:",
        "",
        *(_line_of(exam, result, conclusion.record) for exam, result in results),
        "",
        "Results are not chained, as nothing shows that the exams are independent.",
    ]


def _line_of(exam: Exam, result: Result, record: Record) -> str:
    accuracy = accuracy_here(exam, record.facts)
    ratio = likelihood_ratio(accuracy, result)
    name = capitalised(label(exam.result.name))
    if ratio is None:
        neither = "by itself it neither excludes nor proves metastases"
        return f"- {name} {result}: not estimable ({_quoted(exam.accuracy)}); {neither}"
    after = _estimate(record.value(exam.after.name))
    why = "".join(f"; {reason}" for reason in _doubts(exam, record))
    return f"- {name} {result}: {after} ({_quoted(exam.accuracy)}; likelihood ratio {_bounded(ratio)}){why}"


def _quoted(accuracy: Accuracy) -> str:
    up_to = "up to " if accuracy.at_best else ""
    return (
        f"{up_to}{accuracy.sensitivity}% sensitive and {accuracy.specificity}% specific, "
        f"{authored(accuracy.statement.place)}"
    )


def _doubts(exam: Exam, record: Record) -> list[str]:
    """Why an exam may do worse in this patient than is quoted; nothing where the quotation holds."""
    if exam.result is not imaging.fdg_pet:
        return []
    reasons = []
    luminal, histology = record.value(tumour.luminal.name), record.value(tumour.histology.name)
    if luminal is True or histology == "lobular":
        reasons.append("the paper calls it insensitive in luminal and lobular tumours and gives no figure")
    elif luminal is None or histology is None:
        unknown = [fact for fact, value in ((tumour.er, luminal), (tumour.histology, histology)) if value is None]
        needed = listed([label(fact.name) for fact in unknown])
        reasons.append(f"it is insensitive in luminal and lobular tumours (not known here: {needed})")
    if record.value(patient.sarcoidosis.name) is True:
        reasons.append("it is less specific in sarcoidosis")
    return reasons


def _bounded(ratio: Bounds) -> str:
    """``1.5``, ``at most 10`` or ``at least 0.0357``."""
    end = ratio.hi if ratio.lo is None else ratio.lo
    assert end is not None, "a ratio is bounded on one side at least"
    bound = "at most " if ratio.lo is None else "at least " if ratio.hi is None else ""
    return f"{bound}{float(end):.3g}"


def _estimate(value: Value | None) -> str:
    """``39%``, ``at most 82%`` or ``at least 1%``; a bound is never rounded past itself."""
    match value:
        case int() | float():
            return _percent(value)
        case Interval(lo=None, hi=int() | float() as most):
            return f"at most {_percent(most, math.ceil)}" if most <= _NEARLY_ALL else "less than 100%"
        case Interval(lo=int() | float() as least):
            return f"at least {_percent(least, math.floor)}" if least >= _HARDLY_ANY else "more than 0%"
        case _:
            return "not estimable"


def _percent(probability: float, rounded: Callable[[float], int] = round) -> str:
    """Whole per cent, one decimal near the ends; never 0% or 100%, which would claim certainty."""
    if probability < _HARDLY_ANY:
        return "under 0.1%"
    if probability > _NEARLY_ALL:
        return "over 99.9%"
    decimals = 0 if 0.01 <= probability <= 0.99 else 1
    shifted = round(100 * probability * 10**decimals, 6)  # 100 * 0.29 is 28.999999999999996
    return f"{rounded(shifted) / 10**decimals:.{decimals}f}%"


# --- typical signal ------------------------------------------------------------------------------


def _unconfirmed_lines(conclusion: Conclusion, firings: tuple[Firing, ...]) -> list[str]:
    """What speaks for metastases that nobody has confirmed: their signal on MRI, and the probabilities."""
    typical = [each for each in conclusion.record.lesions or () if is_true(each.facts, lesion.mri_typical.name)]
    lines = []
    if typical:
        named = "; ".join(sorted({lesion_in_words(each) for each in typical}))
        lines.append(
            f"MRI signal usual of bone metastases ({named}): it supports a metastasis and does not confirm it."
        )
    return [*lines, *_probability_lines(conclusion, firings)]


LINES: Mapping[str, Lines] = {
    **dict.fromkeys(ASKS_FOR_EXAMS, _probability_lines),
    "dq.mets-unconfirmed": _unconfirmed_lines,
}
