"""The situations a rule is judged in: the patient, with each element its scope ranges over."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from rulesets.language import Element, Value
from rulesets.record import Member, Record
from rulesets.rule import Scope
from service.reasoning.engine_terms import Distinctions, Told

NOBODY = Member(key="", facts={})
"""Stands for a list nobody has sent, all of it unknown, and for no course or order at all."""

WHEN_THERE_IS_NONE: Mapping[Element, Mapping[str, Value]] = {
    "course": {"rt.planned": False, "rt.relevant": False},
    "order": {"order.kind": "none"},
}
"""No course means none is planned, and no order means none; these lists are closed."""


Situation = tuple[tuple[Member, ...], dict[str, Told]]
"""The elements, and all that is known of them and of the patient in the engine's terms."""


class Situations:
    """What rules are judged by, for each element or combination of elements of one record."""

    def __init__(self, record: Record, distinctions: Distinctions) -> None:
        """Raises EngineFailure for a value of another type than its fact has."""
        self._patient = distinctions.in_facts(record.facts)
        self._exposures = {pair: distinctions.in_facts(facts) for pair, facts in record.exposures.items()}
        self._members: dict[Element, tuple[Member, ...]] = {
            "lesion": (NOBODY,) if record.lesions is None else record.lesions,
            "drug": (NOBODY,) if record.drugs is None else record.drugs,
            "course": record.courses or (NOBODY,),
            "order": record.orders or (NOBODY,),
        }
        self._told = {
            element: [distinctions.in_facts(member.facts) for member in members]
            for element, members in self._members.items()
        }
        for element, closed in WHEN_THERE_IS_NONE.items():
            if self._members[element] == (NOBODY,):
                self._told[element] = [distinctions.in_values(closed)]
        self._unknown = {"lesion": record.lesions is None, "drug": record.drugs is None}
        self._empty = {"course": not record.courses, "order": not record.orders}
        self._over: dict[Scope, tuple[Situation, ...]] = {}

    def is_unknown(self, element: Element) -> bool:
        """Nobody has sent this list."""
        return self._unknown.get(element, False)

    def is_empty(self, element: Element) -> bool:
        """The list is known to have no element."""
        return self._empty.get(element, not self._members[element])

    def over(self, scope: Scope) -> tuple[Situation, ...]:
        """Each combination of elements, with all that is known of it; what is added to it is known ever after."""
        found = self._over.get(scope)
        if found is None:
            found = self._over[scope] = tuple(self._combined(scope))
        return found

    def _combined(self, scope: Scope) -> Iterator[Situation]:
        choices = [zip(self._members[element], self._told[element], strict=True) for element in scope]
        for combination in itertools.product(*choices):
            told = dict(self._patient)
            for _, of_element in combination:
                told.update(of_element)
            elements = tuple(member for member, _ in combination)
            if "course" in scope and "drug" in scope:
                pair = (elements[scope.index("course")].key, elements[scope.index("drug")].key)
                told.update(self._exposures.get(pair, {}))
            yield elements, told

    @staticmethod
    def keys(of: Scope, scope: Scope, elements: tuple[Member, ...]) -> tuple[str, ...]:
        """The keys of some of the elements of a combination."""
        return tuple(elements[scope.index(element)].key for element in of)


def members_of(record: Record, element: str) -> tuple[Member, ...]:
    """The elements of a list as far as it is known."""
    return {
        "lesion": record.lesions or (),
        "drug": record.drugs or (),
        "course": record.courses,
        "order": record.orders,
    }[element]
