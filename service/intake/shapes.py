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

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.intake.element_types import Element, Type, type_of
from service.intake.kinds import CHANGED_SINCE, R4
from service.intake.moments import bounds
from service.intake.primitives import PRIMITIVES, STAND_INS, as_taken, is_plain, wrong

DEEPEST = 100
"""Elements nested deeper than this are not looked at; a door allows less."""

_NAME = re.compile(r"_?[A-Za-z]{1,64}")
_DECIDING = frozenset({"intent", "verificationStatus"})
"""Where a word nobody knows may mean that something is not so: to take it as unknown would be to take it as so."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong with an element. ``mended`` says how a lenient reading takes it; empty when it cannot."""

    element: str
    text: str
    mended: str = ""
    code: str = "invalid"


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
            forms = {name: one.type for name, one in this.elements.items() if one.choice == choice}
            if any(name in node for name in forms):
                continue
            told = next((name for name in forms if f"_{name}" in kept), None)
            if told is None:
                self.say(f"{path}.{choice}[x]", "It is required and not there.")
            else:
                kept[told] = STAND_INS.get(forms[told], "x")

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
        unlike = "" if _is_nothing(value) else wrong(value, element.type)
        if unlike or _is_nothing(value):
            self._nothing(value, path, unlike)
            return None
        if isinstance(value, dict):
            if element.type == "Resource":
                return self._contained(value, path, depth)
            return self.structure(value, element.type, path, depth + 1)
        if is_plain(value, element.type):
            return value
        if isinstance(value, str):
            text = as_taken(value, element.type)
            if text.text:
                self.say(path, text.text, "It was taken as unknown." if element.words else text.mended)
            value = text.value
        if not is_plain(value, element.type):
            self.form.append(repr(value))
        return value

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


def _is_nothing(value: object) -> bool:
    return value is None or value == "" or value == [] or value == {}


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
