"""The elements of a record: what a key such as ``MedicationRequest/1`` is called, and whose a fact is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rulesets.facts import FACTS
from service.pages.words import choice_in_words

LISTS: Mapping[str, tuple[str, str]] = {
    "lesions": ("lesion", "Lesion"),
    "drugs": ("drug", "Drug"),
    "courses": ("rt", "Radiotherapy"),
    "orders": ("order", "Order"),
}
"""Lists of a record: the prefix of their facts, and what one element is called."""

_LIST_OF = {"lesion": "lesions", "drug": "drugs", "course": "courses", "order": "orders"}
_NAMING = ("drug.name", "rt.region", "rt.target", "lesion.site", "order.kind")


@dataclass(frozen=True, kw_only=True)
class Owner:
    """One element: the key it is kept under, and what it is called, which is the key where nothing else is known."""

    key: str
    called: str


class Members:
    """The elements of one record. The same resource may be an order and the drug or course it orders."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self._called: dict[tuple[str, str], str] = {}  # by list and key
        for list_name in LISTS:
            for place, member in enumerate(record.get(list_name) or ()):
                facts = member.get("facts") if isinstance(member, dict) else None
                if isinstance(facts, dict):
                    self._called[list_name, str(member.get("key", ""))] = member_title(list_name, place, facts)

    def owner(self, key: str) -> Owner:
        """An element as what it is rather than as what orders it."""
        titles = [title for (_, each), title in self._called.items() if each == key]
        return Owner(key=key, called=titles[0] if titles else key)

    def title(self, key: str, list_name: str) -> str:
        return self._called.get((list_name, key), key)

    def owners_of(self, name: str, among: Sequence[str]) -> tuple[str, ...]:
        """The keys a fact is of, among those of a situation; none for a fact of the patient."""
        fact = FACTS.get(name)
        if fact is None or fact.element is None:
            return ()
        lists = ("courses", "drugs") if fact.per_course else (_LIST_OF[fact.element],)
        found = (next((key for key in among if (of, key) in self._called), "") for of in lists)
        return tuple(key for key in found if key)


def member_title(list_name: str, place: int, facts: Mapping[str, Any]) -> str:
    """``Drug 1: olaparib``, ``Radiotherapy 1: pelvis``, ``Lesion 2``."""
    _, called = LISTS[list_name]
    for name in _NAMING:
        said = facts.get(name)
        if isinstance(said, dict) and isinstance(value := said.get("value"), str):
            return f"{called} {place + 1}: {value if name == 'drug.name' else choice_in_words(value)}"
    return f"{called} {place + 1}"
