"""The prescription of radiotherapy in the words of a draft order: a closed grammar of total dose and fractions.

>>> prescriptions("Palliative RT to T8: 30 Gy in 10 fractions")
frozenset({(Decimal('30'), 10)})
>>> prescriptions("5 x 4 Gy"), prescriptions("8 Gy single fraction"), prescriptions("3000 cGy/10 fx")
(frozenset({(Decimal('20'), 5)}), frozenset({(Decimal('8'), 1)}), frozenset({(Decimal('30'), 10)}))
>>> prescriptions("Previously received 30 Gy in 10 fractions"), prescriptions("30 Gy in 2 weeks")
(frozenset(), frozenset())
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from service.intake.order_words import LONGEST, wanted_now

Prescription = tuple[Decimal, int]
"""Total dose in Gy, and the number of fractions."""

_NUMBER = r"(?<![\d.,])(\d{1,5}(?:[.,]\d{1,3})?)"
_COUNT = r"(?<![\d.,])(\d{1,2})(?![\d.,]*\d)"
_UNIT = r"\s?(c?gy|gray)\b"
_FRACTIONS = r"\s?(?:fractions?|fraktionen|fx|fr|#)(?!\w)"
_NO_TIME = r"(?!\s?(?:days?|d|weeks?|wks?|w|months?)\b)"
_TOTAL_IN = re.compile(rf"{_NUMBER}{_UNIT}\s?(?:/|in)\s?{_COUNT}(?:{_FRACTIONS}|{_NO_TIME})")
_TIMES = re.compile(rf"{_COUNT}\s?[x×]\s?{_NUMBER}{_UNIT}")
_TIMES_BACKWARDS = re.compile(rf"{_NUMBER}{_UNIT}\s?[x×]\s?{_COUNT}(?!{_FRACTIONS}){_NO_TIME}")
_SINGLE = re.compile(
    rf"{_NUMBER}{_UNIT}\s(?:(?:in|as)\s)?(?:a\s|1\s|one\s)?single(?:[- ]fraction|[- ]dose)?\b|"
    rf"\bsingle(?:[- ]fraction|[- ]dose)?\s(?:of\s)?{_NUMBER}{_UNIT}"
)
_ANY_DOSE = re.compile(rf"{_NUMBER}{_UNIT}")


def prescriptions(text: str) -> frozenset[Prescription]:
    """The prescriptions a text states; empty when it states none that can be read without doubt."""
    return frozenset(found for clause in wanted_now(text) for found in _prescriptions(clause))


def mentions_a_dose(text: str) -> bool:
    """Whether a text speaks of a dose at all, wanted now or not."""
    return _ANY_DOSE.search(text[:LONGEST].lower()) is not None


def _prescriptions(clause: str) -> Iterator[Prescription]:
    for match in _TOTAL_IN.finditer(clause):
        yield _gray(match[1], match[2]), int(match[3])
    for match in _TIMES.finditer(clause):
        yield _gray(match[2], match[3]) * int(match[1]), int(match[1])
    for match in _TIMES_BACKWARDS.finditer(clause):
        yield _gray(match[1], match[2]) * int(match[3]), int(match[3])
    for match in _SINGLE.finditer(clause):
        yield _gray(match[1] or match[3], match[2] or match[4]), 1


def _gray(number: str, unit: str) -> Decimal:
    value = Decimal(number.replace(",", "."))
    return value / 100 if unit == "cgy" else value
