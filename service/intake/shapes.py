"""The JSON of a resource held to the elements of FHIR R4, where the models of fhir.resources look away.

The models take a text for a number, a truth or an object, a number for a date and any word for a
status; nothing may be empty and yet ``[]`` and ``{}`` pass; of an unknown contained type they make a
KeyError, and of ``_value`` in an extension, which is legal, a fault. What the elements are is read from
the models themselves. What can be read in only one way although it is written wrongly is mended in a
copy, which the models then judge.

Most resources differ in plain values only, such as numbers and words, by which no model judges. So each
copy comes with its *form*: its elements, and the values by which a model may judge. Of two resources of
one form the models say the same.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from math import isfinite
from typing import Any

from fhir.resources.R4B import get_fhir_model_class

from service.intake.kinds import CHANGED_SINCE, R4
from service.intake.moments import bounds, moment

_MODELLED = R4 - CHANGED_SINCE
DEEPEST = 100
"""Elements nested deeper than this are not looked at; a door allows less."""

_TYPED = re.compile(r"fhirtypes\.(\w+)Type\b")
_TEXTS = {
    "String", "Code", "Id", "Uri", "Url", "Canonical", "Oid", "Uuid", "Markdown", "Xhtml", "Base64Binary", "Time",
}  # fmt: skip
_DATES = {"Date", "DateTime", "Instant"}
_WHOLE = {"Integer", "UnsignedInt", "PositiveInt"}
_ADDRESSES = {"Uri", "Url", "Canonical", "Oid", "Uuid"}
PRIMITIVES = _TEXTS | _DATES | _WHOLE | {"Decimal", "Boolean"}

_NAME = re.compile(r"_?[A-Za-z]{1,64}")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_TIME = r"T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]\d{2}:\d{2})"
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

_WORDS: Mapping[tuple[str, str], frozenset[str]] = {
    ("Observation", "status"): frozenset({
        "registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown",
    }),
    ("DiagnosticReport", "status"): frozenset({
        "registered", "partial", "preliminary", "final", "amended", "corrected", "appended", "cancelled",
        "entered-in-error", "unknown",
    }),
    ("Quantity", "comparator"): frozenset({"<", "<=", ">=", ">"}),
    ("Condition", "clinicalStatus"): frozenset({
        "active", "recurrence", "relapse", "inactive", "remission", "resolved",
    }),
    ("Condition", "verificationStatus"): frozenset({
        "unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error",
    }),
}  # fmt: skip
"""The words of required bindings that the models list in part or not at all."""

_DECIDING = frozenset({"intent", "verificationStatus"})
"""Where a word nobody knows may mean that something is not so: to take it as unknown would be to take it as so."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong with an element. ``mended`` says how a lenient reading takes it; empty when it cannot."""

    element: str
    text: str
    mended: str = ""
    code: str = "invalid"


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a type: the type of its value, and whether it is an array.

    ``words`` are the codes it may have, ``choice`` the name of the ``[x]`` it is one form of.
    """

    type: str
    is_list: bool
    words: frozenset[str]
    choice: str


@dataclass(frozen=True, slots=True)
class Type:
    """A resource or data type: its elements by their names in JSON, and those that must be there.

    ``choices`` are the names before ``[x]`` of which one form must be there.
    """

    elements: Mapping[str, Element]
    required: tuple[str, ...]
    choices: tuple[str, ...]


@cache
def type_of(name: str) -> Type:
    """A type of R4. Raises ValueError for another name."""
    model = get_fhir_model_class(name)
    written = {
        field: str(annotation)
        for base in reversed(model.__mro__)
        for field, annotation in inspect.get_annotations(base).items()
    }
    elements: dict[str, Element] = {}
    required, choices = set(_required_primitives(model)), set()
    for field, info in model.model_fields.items():
        if field in ("resource_type", "fhir_comments"):
            continue
        typed = _TYPED.search(written[field])
        alias = info.alias or field
        told = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        listed = told.get("enum_values")
        words = frozenset(str(word) for word in listed) if isinstance(listed, list) else frozenset()
        if words & {"+", "etc."}:  # The model repeats a summary that breaks off.
            words = frozenset()
        choice = str(told.get("one_of_many") or "")
        elements[alias] = Element(
            type="Boolean" if typed is None else typed.group(1),
            is_list="List[" in written[field],
            words=_WORDS.get((name, alias), words),
            choice=choice,
        )
        if info.is_required():
            required.add(alias)
        if told.get("one_of_many_required"):
            choices.add(choice)
    return Type(elements=elements, required=tuple(sorted(required)), choices=tuple(sorted(choices)))


def _required_primitives(model: type[Any]) -> Iterator[str]:
    """Primitives that must be there, of which the models speak only when nothing else is wrong."""
    aliases = {field: info.alias or field for field, info in model.model_fields.items()}
    for alias, _ in model.get_required_fields(model.model_construct()):
        yield aliases.get(alias, alias)


def is_modelled(kind: str) -> bool:
    """Whether the models can judge a resource of a type as R4."""
    return kind in _MODELLED


@dataclass(frozen=True, kw_only=True)
class Examined:
    """A copy of a resource in which is mended what can be, its form, and every fault that was seen."""

    resource: dict[str, Any]
    form: str
    faults: list[Fault]


def examined(kind: str, resource: Mapping[str, Any]) -> Examined:
    """Raises RecursionError for elements nested too deep."""
    look = _Look()
    mended = look.structure(resource, kind, kind, 0)
    return Examined(resource=mended, form="\0".join(look.form), faults=look.faults)


class _Look:
    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.form: list[str] = []

    def say(self, path: str, text: str, mended: str = "") -> None:
        self.faults.append(Fault(element=path, text=text, mended=mended))

    # --- objects ---------------------------------------------------------------------------------

    def structure(self, node: Mapping[str, Any], type_name: str, path: str, depth: int) -> dict[str, Any]:
        if depth > DEEPEST:
            raise RecursionError
        this = type_of(type_name)
        known, form = this.elements, self.form
        kept: dict[str, Any] = {}
        chosen: dict[str, str] = {}
        for name, value in node.items():
            here = f"{path}.{name}"
            element = known.get(name)
            if element is None:
                if name != "resourceType" or type_name not in R4:
                    self._unknown(name, value, type_name, known, path, depth)
            elif element.choice and chosen.setdefault(element.choice, name) != name:
                self.say(here, f"Only one form of {element.choice}[x] may be there.")
            else:
                before = len(form)
                form.append(name)
                look = self._many if element.is_list else self._one
                taken = look(value, element, here, depth)
                if taken is None:
                    del form[before:]
                else:
                    kept[name] = taken
                    if element.words and not _is_of(element.words, taken):
                        mended = "" if name in _DECIDING and _speaks(taken) else "It was taken as unknown."
                        self.say(here, "FHIR R4 has no such code here.", mended)
        form.append("}")
        self._require(this, node, kept, path)
        self._rules(node, kept, type_name, path)
        return kept

    def _require(self, this: Type, node: Mapping[str, Any], kept: dict[str, Any], path: str) -> None:
        for name in this.required:
            if name not in kept and f"_{name}" not in kept and _is_nothing(node.get(name)):
                self.say(f"{path}.{name}", "It is required and not there.")
        for choice in this.choices:
            if not any(name in node for name, one in this.elements.items() if one.choice == choice):
                self.say(f"{path}.{choice}[x]", "It is required and not there.")

    def _unknown(
        self, name: str, value: object, type_name: str, known: Mapping[str, Element], path: str, depth: int
    ) -> None:
        here = f"{path}.{name if _NAME.fullmatch(name) else '(unknown element)'}"
        if type_name == "Extension" and name[:6] == "_value" and name[1:] in known:
            if isinstance(value, dict) and value:
                before = len(self.form)
                self.structure(value, "FHIRPrimitiveExtension", here, depth + 1)
                del self.form[before:]
            else:
                self.say(here, "It must be an object with an id or extensions.", "It was not read.")
        elif name == "fhir_comments" or "modifierExtension" not in known:
            # Of a data type everything that may change its meaning is known.
            self.say(here, "FHIR R4 has no such element here.", "It was not read.")
        else:
            self.say(here, "FHIR R4 has no such element here.")

    def _rules(self, node: Mapping[str, Any], kept: dict[str, Any], type_name: str, path: str) -> None:
        """The rules of FHIR about whole objects that the models do not know and readers rely on."""
        if type_name == "Period":
            start, end = bounds(kept)
            if start is not None and end is not None and end.is_before(start):
                self.say(path, "It ends before it begins.")
        elif type_name == "Extension":
            has_value = any(name.startswith(("value", "_value")) for name in node)
            if has_value == ("extension" in node):
                self.say(path, "An extension has either a value or extensions.", "It was read as it is.")

    # --- values ----------------------------------------------------------------------------------

    def _many(self, value: object, element: Element, path: str, depth: int) -> list[object] | None:
        if isinstance(value, dict) and value and element.type not in PRIMITIVES:
            self.say(path, "It must be an array.", "It was read as an array of one.")
            value = [value]
        if not isinstance(value, list) or not value:
            self._nothing(value, path, "It must be an array.")
            return None
        taken: list[object] = []
        self.form.append("[")
        for at, item in enumerate(value):
            self.form.append(",")
            if item is None and (element.type in PRIMITIVES or element.type == "FHIRPrimitiveExtension"):
                taken.append(None)  # It keeps the place of a value that is told by extensions alone.
                self.form.append("null")
                continue
            here = f"{path}[{at}]"
            if element.type == "ObservationComponent" and isinstance(item, dict) and "code" not in item:
                self.say(here, "It has no code.", "It was not read.")
            elif (one := self._one(item, element, here, depth)) is not None:
                taken.append(one)
        return taken or None

    def _one(self, value: object, element: Element, path: str, depth: int) -> object:
        """A value as the models take it; None when it is not to be judged by them."""
        wrong = "" if _is_nothing(value) else _wrong(value, element.type)
        if wrong or _is_nothing(value):
            self._nothing(value, path, wrong)
            return None
        if isinstance(value, dict):
            if element.type == "Resource":
                return self._contained(value, path, depth)
            return self.structure(value, element.type, path, depth + 1)
        taken = self._text(value, element.type, path) if isinstance(value, str) else value
        if not _is_plain(taken, element.type):
            self.form.append(repr(taken))
        return taken

    def _nothing(self, value: object, path: str, text: str) -> None:
        if _is_nothing(value):
            self.say(path, "An element is never empty.", "It was taken as absent.")
        else:
            self.say(path, text)

    def _contained(self, value: dict[str, Any], path: str, depth: int) -> dict[str, Any] | None:
        kind = value.get("resourceType")
        if not isinstance(kind, str) or kind not in R4:
            self.say(path, "It is not a resource of FHIR R4.", "It was not read.")
            return None
        if kind in CHANGED_SINCE:
            return None
        self.form.append(kind)
        return {"resourceType": kind, **self.structure(value, kind, path, depth + 1)}

    def _text(self, value: str, type_name: str, path: str) -> str | None:
        if type_name == "Id":
            if _ID.fullmatch(value) is None:
                self.say(path, "An id has 1 to 64 letters, digits, hyphens and points.", "It was read as it is.")
                return None
        elif type_name == "Code":
            if value != value.strip():
                self.say(path, "A code has no blank before or after it.", "It was read without.")
                return value.strip() or None
        elif type_name in _ADDRESSES:
            if any(mark.isspace() for mark in value):
                self.say(path, "An address has no blank in it.", "It was read as it is.")
                return None
        elif type_name in _WRITTEN and _WRITTEN[type_name].fullmatch(value) is None:
            return self._day(value, type_name, path)
        return value

    def _day(self, value: str, type_name: str, path: str) -> str | None:
        """The day of a date or time that is written in another way, where a day is told for certain."""
        begins = _BEGINS_WITH_DAY.fullmatch(value)
        if begins is None or moment(begins.group(1)) is None:
            self.say(path, "It is not a date or time as FHIR R4 writes it.")
            return None
        self.say(path, "It is not a date or time as FHIR R4 writes it.", "The day was taken.")
        return f"{begins.group(1)}T00:00:00Z" if type_name == "Instant" else begins.group(1)


def _is_plain(taken: object, type_name: str) -> bool:
    """Whether no model judges by a value: an ordinary word, a small number, a whole date."""
    if isinstance(taken, str):
        plain = _PLAIN.get(type_name)
        return plain is not None and plain.fullmatch(taken) is not None
    if isinstance(taken, int):
        return 0 < taken < 1_000_000
    return isinstance(taken, float | Decimal) and isfinite(taken)


def _is_nothing(value: object) -> bool:
    return value is None or value == "" or value == [] or value == {}


def _wrong(value: object, type_name: str) -> str:
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


def _is_of(words: frozenset[str], taken: object) -> bool:
    """Whether a code, or one of the codes of a concept, is a word that is allowed."""
    if isinstance(taken, list):
        return all(_is_of(words, each) for each in taken if each is not None)
    if not isinstance(taken, dict):
        return taken in words
    codings = [coding for coding in taken.get("coding", ()) if isinstance(coding, dict)]
    said = [coding.get("code") for coding in codings] or [taken.get("text")]
    return any(isinstance(word, str) and word.strip().lower() in words for word in said)


def _speaks(taken: object) -> bool:
    """Whether a code is meant as one of the binding: not when a concept has codes of other systems alone."""
    if not isinstance(taken, dict):
        return True
    codings = [coding for coding in taken.get("coding", ()) if isinstance(coding, dict)]
    systems = [str(coding.get("system", "")) for coding in codings if "code" in coding]
    return not codings or any(not system or system.endswith("ver-status") for system in systems)
