"""Numbers with units, converted exactly: decimals as written, never a guessed unit.

A code of UCUM counts before the text of a unit. A number without a unit is never given one by its size:
6.8 may be a haemoglobin in g/dL as well as in mmol/L, 30 a dose in Gy or a tumour in mm.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from rulesets.language import Interval

Number = int | float

_UCUM = "unitsofmeasure.org"
_SPELLINGS: Mapping[str, str] = {
    "g/dl": "g/dL", "gm/dl": "g/dL", "gr/dl": "g/dL", "g%": "g/dL", "g/l": "g/L", "gm/l": "g/L", "mg/ml": "g/L",
    "mmol/l": "mmol/L", "gy": "Gy", "gray": "Gy", "cgy": "cGy", "centigray": "cGy", "mm": "mm", "cm": "cm",
    "[in_i]": "in", "in": "in", "inch": "in", "centimeter": "cm", "centimetre": "cm", "centimeters": "cm",
    "centimetres": "cm", "millimeter": "mm", "millimetre": "mm", "millimeters": "mm", "millimetres": "mm", "%": "%",
    "percent": "%", "kg": "kg", "g": "g", "mg": "mg", "mg/kg": "mg/kg", "[lb_av]": "lb", "lb": "lb", "lbs": "lb",
    "d": "days", "day": "days", "days": "days", "wk": "weeks", "week": "weeks", "weeks": "weeks", "mo": "months",
    "month": "months", "months": "months", "a": "years", "year": "years", "years": "years", "1": "", "#": "",
    "count": "", "score": "", "points": "", "nodes": "", "lesions": "", "fractions": "", "mg/d": "mg/day",
    "mg/day": "mg/day",
}  # fmt: skip
"""Unit codes and common spellings, in lower case, by the word used for them here."""

_FACTORS: Mapping[tuple[str, str], Decimal] = {
    ("cGy", "Gy"): Decimal("0.01"), ("mm", "cm"): Decimal("0.1"), ("in", "cm"): Decimal("2.54"),
    ("g", "mg"): Decimal(1000), ("lb", "kg"): Decimal("0.45359237"), ("g", "kg"): Decimal("0.001"),
    ("weeks", "days"): Decimal(7), ("years", "months"): Decimal(12),
}  # fmt: skip
_REMARK = re.compile(r"\{[^}]*\}")
_COUNTED = {"score", "lesions", "nodes", "fractions", "lines", "grade", "points", "probability", "as reported"}


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A number as written, its unit in our words (None when it is not a known one) and its comparator."""

    value: Decimal
    unit: str | None
    comparator: str = ""
    lexical: str = ""


def decimal(value: object) -> Decimal | None:
    """A JSON number as it was written."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def plain(value: Decimal) -> Number:
    """A whole number as an int, any other as a float."""
    return int(value) if value == value.to_integral_value() else float(value)


def quantity(sent: object) -> Quantity | None:
    """A FHIR Quantity; the code of the unit counts before its text. None without a number."""
    if not isinstance(sent, Mapping) or (value := decimal(sent.get("value"))) is None:
        return None
    code, text = _written(sent, "code"), _written(sent, "unit")
    if (system := _written(sent, "system")) and _UCUM not in system:
        code = ""  # A code of another system may be anything.
    by_code, by_text = _unit(code), _unit(text)
    unit = by_code if code else by_text if text else ""
    if unit is None:
        unit = by_text if text else None
    elif unit and by_text and by_text != unit:
        unit = None  # The code and the text name different units, and nothing tells which is right.
    comparator = _written(sent, "comparator")
    shown = f"{comparator}{value} {code or text}".strip()
    return Quantity(value=value, unit=unit, comparator=comparator, lexical=shown)


def _written(sent: Mapping[object, object], element: str) -> str:
    value = sent.get(element)
    return value.strip() if isinstance(value, str) else ""


def _unit(written: str) -> str | None:
    """Our word for a unit; what stands in braces is a remark of UCUM and no unit.

    >>> _unit("{lesions}"), _unit("%{cells}"), _unit("kelvin")
    ('', '%', None)
    """
    plain_code = _REMARK.sub("", written)
    return "" if written and not plain_code else _SPELLINGS.get(plain_code.lower())


def converted(given: Quantity, unit: str) -> tuple[Decimal, str] | None:
    """The number in another unit and what was done, or None when it cannot be said in it."""
    if given.unit is None:
        return None
    wanted = "" if unit in _COUNTED else unit
    if given.unit == wanted:
        return given.value, ""
    factor = _FACTORS.get((given.unit, wanted))
    if factor is None:
        return None
    return given.value * factor, f"{given.unit} x {factor}"


def bounded(value: Decimal, comparator: str, *, whole: bool) -> Number | Interval | None:
    """A number with its comparator as a number or an interval; None for an unknown comparator.

    An interval has closed ends, so that ``<`` and ``>`` of a number that is not whole keep the end.
    """
    number = plain(value)
    step = 1 if whole and isinstance(number, int) else 0
    match comparator:
        case "":
            return number
        case ">=":
            return Interval(lo=number)
        case ">":
            return Interval(lo=number + step)
        case "<=":
            return Interval(hi=number)
        case "<":
            return Interval(hi=number - step)
    return None
