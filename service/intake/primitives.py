"""Primitive values of FHIR R4 as JSON writes them: what is wrong with one, and what can be read of it all the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite

from service.intake.moments import moment

_TEXTS = {
    "String", "Code", "Id", "Uri", "Url", "Canonical", "Oid", "Uuid", "Markdown", "Xhtml", "Base64Binary", "Time",
}  # fmt: skip
_DATES = {"Date", "DateTime", "Instant"}
_WHOLE = {"Integer", "UnsignedInt", "PositiveInt"}
_ADDRESSES = {"Uri", "Url", "Canonical", "Oid", "Uuid"}
PRIMITIVES = _TEXTS | _DATES | _WHOLE | {"Decimal", "Boolean"}

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_TIME = r"T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))"
_WRITTEN: Mapping[str, re.Pattern[str]] = {
    "Date": re.compile(r"\d{4}(-\d{2}(-\d{2})?)?"),
    "DateTime": re.compile(rf"\d{{4}}(-\d{{2}}(-\d{{2}}({_TIME})?)?)?"),
    "Instant": re.compile(rf"\d{{4}}-\d{{2}}-\d{{2}}{_TIME}"),
}
_BEGINS_WITH_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(T[\d:.]*(Z|[+-]\d{2}:?\d{2})?)?")

_DAY = r"(19|20)\d{2}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])"
_CLOCK = r"T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+-](0\d|1[0-3]):[0-5]\d)"
_PLAIN: Mapping[str, re.Pattern[str]] = {
    **dict.fromkeys(("String", "Markdown"), re.compile(r"[^\W_].*", re.DOTALL)),
    **dict.fromkeys(("Uri", "Canonical"), re.compile(r"[!-~]+")),
    "Code": re.compile(r"[!-~]+"),
    "Id": re.compile(r"[A-Za-z0-9\-.]{1,64}"),
    "Date": re.compile(_DAY),
    "DateTime": re.compile(rf"{_DAY}({_CLOCK})?"),
    "Instant": re.compile(rf"{_DAY}{_CLOCK}"),
}
"""Texts that the models take whatever they say."""


STAND_INS: Mapping[str, object] = {
    "Boolean": True, "Integer": 1, "PositiveInt": 1, "UnsignedInt": 1, "Decimal": 1, "Date": "2020-01-01",
    "DateTime": "2020-01-01", "Instant": "2020-01-01T00:00:00Z", "Time": "00:00:00", "Uuid":
    "urn:uuid:00000000-0000-4000-8000-000000000000", "Oid": "urn:oid:1.2", "Base64Binary": "eA==",
}  # fmt: skip
"""Values for the models alone, which ask for one where FHIR is content with extensions; any other type has a word."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A text as the models take it, None when they are not to judge it; what is wrong with it, and what was done."""

    value: str | None
    text: str = ""
    mended: str = ""


def as_taken(value: str, type_name: str) -> Taken:
    """A text of a primitive type."""
    if type_name == "Id":
        if _ID.fullmatch(value) is None:
            text = "An id has 1 to 64 letters, digits, hyphens and points."
            return Taken(value=None, text=text, mended="It was read as it is.")
    elif type_name == "Code":
        if value != value.strip():
            text = "A code has no blank before or after it."
            return Taken(value=value.strip() or None, text=text, mended="It was read without.")
    elif type_name in _ADDRESSES:
        if any(mark.isspace() for mark in value):
            return Taken(value=None, text="An address has no blank in it.", mended="It was read as it is.")
    elif type_name in _WRITTEN and _WRITTEN[type_name].fullmatch(value) is None:
        return _day(value, type_name)
    return Taken(value=value)


def _day(value: str, type_name: str) -> Taken:
    """The day of a date or time that is written in another way, where a day is told for certain."""
    text = "It is not a date or time as FHIR R4 writes it."
    begins = _BEGINS_WITH_DAY.fullmatch(value)
    if begins is None or moment(begins.group(1)) is None:
        return Taken(value=None, text=text)
    day = begins.group(1)
    return Taken(value=f"{day}T00:00:00Z" if type_name == "Instant" else day, text=text, mended="The day was taken.")


def is_plain(value: object, type_name: str) -> bool:
    """Whether no model judges by a value: an ordinary word, a small number, a whole date."""
    if isinstance(value, str):
        plain = _PLAIN.get(type_name)
        return plain is not None and plain.fullmatch(value) is not None
    if isinstance(value, int):
        return 0 < value < 1_000_000
    return isinstance(value, float | Decimal) and isfinite(value)


def wrong(value: object, type_name: str) -> str:
    """What a value must be in JSON and is not."""
    if isinstance(value, list):
        return "It must be one value, not an array."
    if type_name not in PRIMITIVES:
        return "" if isinstance(value, dict) else "It must be an object."
    if type_name == "Boolean":
        return "" if isinstance(value, bool) else "It must be true or false."
    if type_name in _WHOLE:
        return "" if isinstance(value, int) and not isinstance(value, bool) else "It must be a whole number."
    if type_name == "Decimal":
        is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        return "" if is_number else "It must be a number."
    return "" if isinstance(value, str) else "It must be a text."
