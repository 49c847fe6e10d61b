"""What the readers of one patient share: the resources, the terminology, and what they have found.

A reader looks for codes first, which is cheap, then asks whether the resource is valid, which is
not, and then states facts. Statements become facts when all of them are known (see settling.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from rulesets.facts import FACTS
from rulesets.language import Value
from rulesets.record import Fact, Member, Source
from service.intake.elements import word
from service.intake.entries import Entry
from service.intake.moments import Moment
from service.intake.notices import Notice
from service.intake.terminology import Match, Terminology
from service.intake.unpack import PatientResources
from service.intake.validation import faults

FACT_SYSTEM = "urn:osteon:codesystem:fact"


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What one source says of the patient at one time: one fact, or several that belong together.

    ``sense`` is what two statements must share to agree, when it is not their values.
    ``standing`` marks what holds until somebody says otherwise, such as an active condition.
    """

    topic: str
    facts: tuple[Fact, ...]
    when: Moment | None = None
    preliminary: bool = False
    standing: bool = False
    sense: object = None

    @property
    def value(self) -> Value:
        return self.facts[0].value

    @property
    def says(self) -> object:
        return self.sense if self.sense is not None else tuple((fact.name, fact.value) for fact in self.facts)


class Chart:
    """The resources of one patient, and what the readers make of them.

    ``bounds`` are facts worked out from several resources; a statement of the same fact outranks
    them. ``attached`` are statements about a resource, by its reference. ``used`` are the resources
    that something was read from.
    """

    def __init__(
        self, resources: PatientResources, terminology: Terminology, evaluation_date: date, *, strict: bool = False
    ) -> None:
        self._strict = strict
        self.resources = resources
        self.evaluation_date = evaluation_date
        self.statements: list[Statement] = []
        self.lesions: list[Member] = []
        self.drugs: list[Member] = []
        self.courses: list[Member] = []
        self.orders: list[Member] = []
        self.attached: dict[str, list[Statement]] = {}
        self.bounds: dict[str, Fact] = {}
        self.notices: list[Notice] = list(resources.notices)
        self.used: dict[int, Entry] = {}
        self._terminology = terminology
        self._valid: dict[int, bool] = {}

    def of(self, *kinds: str) -> Iterator[Entry]:
        """The resources of some kinds that were not entered in error, in a fixed order."""
        return (entry for entry in self.resources.of(*kinds) if word(entry.resource, "status") != "entered-in-error")

    def find(self, reference: object, within: Entry) -> Entry | None:
        return self.resources.index.find(reference, within)

    def matches(self, map_name: str, codeable: object, entry: Entry, element: str) -> tuple[Match, ...]:
        """What a concept stands for; a display that belongs to another code is told, never trusted."""
        found = self._terminology.concepts(map_name, codeable)
        if any(match.mismatch for match in found):
            self.say("display", "The display belongs to another code; the code was taken.", entry, element)
        return found

    def targets(self, map_name: str, codeable: object, entry: Entry, element: str) -> frozenset[str]:
        return frozenset(match.target for match in self.matches(map_name, codeable, entry, element))

    def is_uncoded(self, map_name: str, codeable: object) -> bool:
        """Whether no coding is of a system that the map knows: nothing but the text can tell what is meant."""
        return not self._terminology.knows_a_system_of(map_name, codeable)

    def shown_as(self, map_name: str, text: str) -> frozenset[str]:
        return self._terminology.shown_as(map_name, text)

    def is_valid(self, entry: Entry) -> bool:
        """Whether a resource is valid FHIR R4; when it is not, that is told and it is not to be read."""
        known = self._valid.get(id(entry.resource))
        if known is None:
            wrong = faults(entry.resource, whole=self._strict)
            self.notices += [
                Notice(
                    code=fault.code, text=f"{fault.text} It was left out.", reference=entry.place, element=fault.element
                )
                for fault in wrong
            ]
            known = self._valid[id(entry.resource)] = not wrong
        return known

    def say(self, code: str, text: str, entry: Entry, element: str = "") -> None:
        path = f"{entry.kind}.{element}" if element else entry.kind
        self.notices.append(Notice(code=code, text=text, reference=entry.reference, element=path))

    def source(
        self, entry: Entry, element: str, *, match: Match | None = None, at: Moment | None = None, value: str = "",
        conversion: str = "",
    ) -> Source:  # fmt: skip
        self.used[id(entry.resource)] = entry
        coding = match.coding if match is not None else None
        return Source(
            reference=entry.reference,
            element=f"{entry.kind}.{element}",
            date=at.text if at is not None else "",
            code=f"{coding.system}|{coding.code}" if coding is not None else "",
            value=value,
            conversion=conversion,
        )

    def fact(self, name: str, value: Value, source: Source, at: Moment | None = None) -> Fact | None:
        """A fact, unless the value is one it cannot have, which is told."""
        problem = FACTS[name].problem_with(value)
        if problem is not None:
            self.notices.append(
                Notice(
                    code="value", text=f"{problem} It was left out.", reference=source.reference, element=source.element
                )
            )
            return None
        last = None if at is None else min(at.last, self.evaluation_date)
        return Fact(name=name, value=value, date=last, sources=(source,))

    def state(
        self, name: str, value: Value, source: Source, at: Moment | None = None, *, preliminary: bool = False,
        standing: bool = False,
    ) -> None:  # fmt: skip
        """One source says that a fact of the patient has a value."""
        fact = self.fact(name, value, source, at)
        if fact is not None:
            self.statements.append(
                Statement(topic=name, facts=(fact,), when=at, preliminary=preliminary, standing=standing)
            )

    def is_future(self, at: Moment | None) -> bool:
        """Whether something lies after the evaluation date, where nothing can be known yet."""
        return at is not None and at.first > self.evaluation_date

    def day(self, at: Moment | None) -> int | None:
        """Days from the evaluation date, or None unless one day is meant."""
        day = None if at is None else at.day
        return None if day is None else (day - self.evaluation_date).days


def members(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    return {name: facts[name] for name in sorted(facts)}
