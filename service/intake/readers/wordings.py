"""Results written in words, by a small closed grammar: the whole text is understood, or nothing of it.

Words of presence and scores are phrases of the concept maps; here stands what surrounds them:
shares, scores that sum up a share, ratios, and numbers at least or at most.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

_NUMBER = r"\d{1,4}(?:[.,]\d{1,4})?"
_COMPARATORS: Mapping[str, str] = {
    "<": "<", ">": ">", "<=": "<=", ">=": ">=", "≤": "<=", "≥": ">=", "less than": "<", "more than": ">",
    "greater than": ">", "under": "<", "over": ">", "at least": ">=", "at most": "<=", "up to": "<=",
    "no more than": "<=", "": "",
}  # fmt: skip
_COMPARED = rf"(?P<comparator>{'|'.join(re.escape(word) for word in sorted(_COMPARATORS, key=len, reverse=True))})\s*"
_SHARE = re.compile(
    rf"{_COMPARED}(?P<low>{_NUMBER})\s*%?(?:\s*(?:-|–|to|bis)\s*(?P<high>{_NUMBER}))?\s*%"
    r"(?:\s*(?:of\s+)?(?:(?:tumou?r|cancer)\s+)?(?:cells|nuclei))?"
)
_WITH_SHARE = re.compile(r"(?P<words>[^\d<>≤≥%(,;:]+?)\s*[(,;:]?\s*(?P<share>[^(),;]*%[^(),;]*)\)?")
_SHARE_FIRST = re.compile(r"(?P<share>[^(),;]*%)[\s,;]*\(?(?P<words>[^\d<>≤≥%(),;]+)\)?")
_SUMMED = re.compile(r"(?P<score>irs|allred)(?:\s*score)?\s*[:=]?\s*(?P<value>\d{1,2})(?:\s*/\s*(?:8|12))?")
_RATIO = re.compile(
    rf"(?:(?:her2\s*/\s*(?:cep\s*17|cen\s*17)\s*)?ratio\s*[:=]?\s*)?{_COMPARED}(?P<value>{_NUMBER})(?:\s*:\s*1)?"
)
_COUNT = re.compile(rf"{_COMPARED}(?P<value>\d{{1,3}})(?P<more>\s*(?:or more|\+))?(?:\s*(?:lesions|metastases|nodes))?")

_SCORES: Mapping[str, tuple[int, int]] = {"irs": (0, 4), "allred": (2, 5)}
"""Of each summed score the highest that means under 1 % of nuclei stained, and the lowest that means 1 % or more.

IRS is intensity (0 to 3) times a class of shares of which the first ends at 10 %: of 1 to 3 it cannot be told.
Allred is intensity (1 to 3) and a class of which the first ends at 1 %: of 3 and 4 it cannot be told.
"""


@dataclass(frozen=True, kw_only=True)
class Amount:
    """A number or a span of numbers, with a comparator or none."""

    low: Decimal
    high: Decimal
    comparator: str = ""


def folded(text: str) -> str:
    """Lower case, single blanks.

    >>> folded("  ER  Positive\\n")
    'er positive'
    """
    return " ".join(text.casefold().split())


def share_in(text: str) -> Amount | None:
    """A share in per cent.

    >>> share_in("80-90 % of tumour cells") == Amount(low=Decimal(80), high=Decimal(90))
    True
    >>> share_in("about half") is None
    True
    """
    found = _SHARE.fullmatch(folded(text))
    if found is None:
        return None
    low = _decimal(found["low"])
    high = _decimal(found["high"]) if found["high"] else low
    if low > high or high > 100 or (found["high"] and found["comparator"]):
        return None
    return Amount(low=low, high=high, comparator=_COMPARATORS[found["comparator"]])


def words_and_share(text: str) -> tuple[str, Amount] | None:
    """A word and a share that stand together.

    >>> words, share = words_and_share("Positive (90 %)")
    >>> words, share.low
    ('positive', Decimal('90'))
    """
    for pattern in (_WITH_SHARE, _SHARE_FIRST):
        found = pattern.fullmatch(folded(text))
        share = share_in(found["share"]) if found is not None else None
        if found is not None and share is not None:
            return found["words"].strip(), share
    return None


def summed_score(text: str) -> str:
    """positive or negative by a score that sums up share and intensity; empty when it cannot be told.

    >>> summed_score("IRS 12/12"), summed_score("IRS 2"), summed_score("Allred score: 2/8")
    ('positive', '', 'negative')
    """
    found = _SUMMED.fullmatch(folded(text))
    if found is None:
        return ""
    value, (negative, positive) = int(found["value"]), _SCORES[found["score"]]
    most = 12 if found["score"] == "irs" else 8
    if value > most:
        return ""
    return "negative" if value <= negative else "positive" if value >= positive else ""


def ratio_in(text: str) -> Amount | None:
    """The ratio of an in situ hybridisation.

    >>> ratio_in("HER2/CEP17 ratio: 1.8").low, ratio_in("less than 1.8").comparator
    (Decimal('1.8'), '<')
    """
    found = _RATIO.fullmatch(folded(text))
    if found is None:
        return None
    value = _decimal(found["value"])
    return Amount(low=value, high=value, comparator=_COMPARATORS[found["comparator"]])


def count_in(text: str) -> Amount | None:
    """A number of things, or a bound of it.

    >>> count_in("at least 3") == Amount(low=Decimal(3), high=Decimal(3), comparator=">=")
    True
    >>> count_in("multiple").low
    Decimal('2')
    """
    said = folded(text)
    if said in ("multiple", "several", "multiple lesions", "multiple metastases", "multipel", "multiple metastasen"):
        return Amount(low=Decimal(2), high=Decimal(2), comparator=">=")
    found = _COUNT.fullmatch(said)
    if found is None or (found["more"] and found["comparator"]):
        return None
    value = _decimal(found["value"])
    return Amount(low=value, high=value, comparator=">=" if found["more"] else _COMPARATORS[found["comparator"]])


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))
