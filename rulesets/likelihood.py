"""What the result of an exam makes of a probability: likelihood ratios from the accuracy the paper quotes.

Exact arithmetic, one exam at a time. Results are never chained, because nothing shows that the exams
are independent, and the probability before the exam is a clinician's or there is none at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from rulesets.evidence import Statement
from rulesets.facts import imaging, patient, tumour
from rulesets.known import exact, made, parts, truth, word
from rulesets.language import ChoiceFact, Interval, NumberFact
from rulesets.record import Fact, Facts

Result = Literal["positive", "negative"]

BONE_SCAN_ACCURACY = Statement(
    says="The bone scan is quoted as 78% sensitive and 48% specific.",
    section="2.2",
    references=(27, 31),
    fingerprint="11:06591d3c8cf67f91",
)
MRI_ACCURACY = Statement(
    says="MRI with T1, T2 and DWI is quoted as up to 100% sensitive and 90% specific, and serves where there is doubt.",
    section="2.1",
    references=(26,),
    fingerprint="26:f84fffab72d31978",
)
FDG_ACCURACY = Statement(
    says="FDG-PET is quoted as 98% sensitive and 56% specific for bone metastases.",
    section="2.2",
    references=(27,),
    fingerprint="17:131cf39bb81cd22e",
)
NAF_ACCURACY = Statement(
    says="18F-NaF PET is quoted as 100% sensitive and 97% specific.",
    section="2.2",
    references=(27,),
    fingerprint="12:997eb4e29e58adaf",
)


@dataclass(frozen=True, kw_only=True)
class Accuracy:
    """Sensitivity and specificity of an exam for bone metastases, in per cent as quoted by a statement.

    ``at_best`` means that the exam may do worse than this and not better: what follows is then a bound.
    """

    sensitivity: int
    specificity: int
    at_best: bool = False
    statement: Statement


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """A number between two ends, both the same where it is exact; None where nothing bounds it."""

    lo: Fraction | None
    hi: Fraction | None


@dataclass(frozen=True, kw_only=True)
class Exam:
    """An exam whose accuracy the paper quotes: its result, and the probability that follows from it."""

    result: ChoiceFact
    after: NumberFact
    accuracy: Accuracy


EXAMS = (
    Exam(
        result=imaging.bone_scan,
        after=imaging.post_test_bone_scan,
        accuracy=Accuracy(sensitivity=78, specificity=48, statement=BONE_SCAN_ACCURACY),
    ),
    Exam(
        result=imaging.mri,
        after=imaging.post_test_mri,
        # The paper prints "since to 100%", which can only mean up to.
        accuracy=Accuracy(sensitivity=100, specificity=90, at_best=True, statement=MRI_ACCURACY),
    ),
    Exam(
        result=imaging.fdg_pet,
        after=imaging.post_test_fdg_pet,
        accuracy=Accuracy(sensitivity=98, specificity=56, statement=FDG_ACCURACY),
    ),
    Exam(
        result=imaging.naf_pet,
        after=imaging.post_test_naf_pet,
        accuracy=Accuracy(sensitivity=100, specificity=97, statement=NAF_ACCURACY),
    ),
)
"""CT is not among them: the paper quotes no accuracy for it."""


def likelihood_ratio(accuracy: Accuracy, result: Result) -> Bounds | None:
    """The likelihood ratio of a result, or None where it cannot be estimated.

    A sensitivity quoted as 100% would make a negative result exclude the disease, and a specificity
    of 100% would make a positive one prove it: no series is large enough for either.
    """
    sensitivity, specificity = Fraction(accuracy.sensitivity, 100), Fraction(accuracy.specificity, 100)
    if result == "positive":
        if specificity == 1:
            return None
        ratio = sensitivity / (1 - specificity)
        return Bounds(lo=None if accuracy.at_best else ratio, hi=ratio)
    if sensitivity == 1:
        return None
    ratio = (1 - sensitivity) / specificity
    return Bounds(lo=ratio, hi=None if accuracy.at_best else ratio)


def probability_after(before: Fraction, ratio: Bounds) -> Bounds:
    """The probability (0 to 1) after a result, from that before it and the likelihood ratio."""

    def updated(end: Fraction | None) -> Fraction | None:
        if end is None:
            return None
        odds = before / (1 - before) * end
        return odds / (1 + odds)

    return Bounds(lo=updated(ratio.lo), hi=updated(ratio.hi))


def accuracy_here(exam: Exam, facts: Facts) -> Accuracy:
    """The accuracy of an exam in this patient: of FDG-PET, as quoted only where the paper makes no exception.

    It calls the sensitivity poor in luminal and lobular tumours and the specificity reduced in
    sarcoidosis, without a figure. A tumour that may be luminal or lobular is treated as if it were.
    """
    if exam.result is not imaging.fdg_pet:
        return exam.accuracy
    takes_up_fdg = word(facts, tumour.er) == "negative" and word(facts, tumour.histology) not in (None, "lobular")
    return replace(exam.accuracy, at_best=not takes_up_fdg or truth(facts, patient.sarcoidosis) is True)


def result_of(exam: Exam, facts: Facts) -> Result | None:
    """The result of an exam, None while it is unknown, equivocal or not done."""
    match word(facts, exam.result):
        case "positive":
            return "positive"
        case "negative":
            return "negative"
        case _:
            return None


def post_test_facts(facts: Facts) -> list[Fact]:
    """The probability after each exam by itself, where a clinician has stated the one before it."""
    before = exact(facts, imaging.pretest_probability)
    found = []
    for exam in EXAMS:
        result = result_of(exam, facts)
        ratio = None if result is None else likelihood_ratio(accuracy_here(exam, facts), result)
        if before is None or ratio is None:
            continue
        read = [imaging.pretest_probability, exam.result]
        if exam.result is imaging.fdg_pet:
            read += [tumour.er, tumour.histology, patient.sarcoidosis]
        found.append(made(exam.after, _as_value(probability_after(before, ratio)), out_of=parts(facts, *read)))
    return found


def _as_value(bounds: Bounds) -> float | Interval:
    if bounds.lo is not None and bounds.lo == bounds.hi:
        return float(bounds.lo)
    return Interval(
        lo=None if bounds.lo is None else float(bounds.lo), hi=None if bounds.hi is None else float(bounds.hi)
    )
