"""The elements of resources and data types of FHIR R4, as the models of fhir.resources declare them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from fhir.resources.R4B import get_fhir_model_class

from service.intake.kinds import CHANGED_SINCE, R4

_MODELLED = R4 - CHANGED_SINCE
_TYPED = re.compile(r"fhirtypes\.(\w+)Type\b")

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
