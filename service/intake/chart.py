"""What the readers of one patient share: the resources, the terminology, and what they have found.

A reader looks for codes first, which is cheap, then asks whether the resource is valid, which is
not, and then states facts. Statements become facts when all of them are known (see settling.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import chain

from rulesets.facts import FACTS
from rulesets.language import Value
from rulesets.record import Fact, Member, Source
from rulesets.thresholds import Thresholds
from service.intake.elements import objects, word
from service.intake.entries import Entry
from service.intake.mending import with_one_value
from service.intake.moments import Moment
from service.intake.notices import Notice
from service.intake.skeleton import Place
from service.intake.terminology import TEXT, Match, Terminology
from service.intake.unpack import PatientResources
from service.intake.validation import JUDGED, faults


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


@dataclass(frozen=True, kw_only=True)
class Aim:
    """What a course of radiotherapy names as its target, and the element that names it."""

    names: frozenset[str]
    element: str


class Chart:
    """The resources of one patient, and what the readers make of them.

    ``bounds`` are facts worked out from several resources; a statement of the same fact outranks them.
    ``attached`` are statements about a resource, by its reference, or by its reference and that of a part;
    ``of_lesions`` those about a lesion, and ``places`` where lesions are, by their keys. ``aims`` are what
    courses name as their targets. ``made_of`` are the resources that were read as one member, by its key.
    ``understood`` are the maps and targets by which a code of a resource was known, by its reference.
    ``other_primaries`` are breast cancers other than the one the metastases are said to come from, and
    ``diagnosed`` is when that one was. ``used`` are the resources that something was read from.
    """

    def __init__(
        self,
        resources: PatientResources,
        terminology: Terminology,
        evaluation_date: date,
        thresholds: Thresholds,
    ) -> None:
        self.notices: list[Notice] = list(resources.notices)
        self.resources = self._mended(resources)
        self.evaluation_date = evaluation_date
        self.thresholds = thresholds
        self.statements: list[Statement] = []
        self.lesions: list[Member] = []
        self.drugs: list[Member] = []
        self.courses: list[Member] = []
        self.orders: list[Member] = []
        self.attached: dict[str, list[Statement]] = {}
        self.of_lesions: dict[str, list[Statement]] = {}
        self.places: dict[str, Place] = {}
        self.aims: dict[str, Aim] = {}
        self.made_of: dict[str, frozenset[str]] = {}
        self.bounds: dict[str, Fact] = {}
        self.understood: dict[str, set[tuple[str, str]]] = {}
        self.looked_up: dict[str, Entry] = {}
        self.other_primaries: frozenset[str] = frozenset()
        self.diagnosed: Moment | None = None
        self.has_died = False
        self.used: dict[int, Entry] = {}
        self._terminology = terminology
        self._here = {entry.place: entry for entry in self.resources.entries}
        self._valid: dict[int, bool] = {}

    def _mended(self, resources: PatientResources) -> PatientResources:
        """The resources with observations that say their value once."""
        mended: dict[int, Entry] = {}
        for entry in resources.of("Observation"):
            read, notices = with_one_value(entry)
            if notices:
                mended[id(entry)] = read
                self.notices += notices
        if not mended:
            return resources
        return replace(resources, entries=tuple(mended.get(id(entry), entry) for entry in resources.entries))

    def of(self, *kinds: str) -> Iterator[Entry]:
        """The resources of some kinds that may be read, in a fixed order."""
        listed = chain(self.resources.of(*kinds), self._contained if "Observation" in kinds else ())
        return (entry for entry in listed if self._may_be_read(entry))

    def _may_be_read(self, entry: Entry) -> bool:
        """Whether a resource means what it says: it was not entered in error, and no extension changes its meaning."""
        if word(entry.resource, "status") == "entered-in-error":
            return False
        if entry.resource.get("modifierExtension"):
            text = "An extension changes what it means, and nobody here knows how; it was left out."
            self.say("modifier", text, entry, "modifierExtension")
            return False
        return True

    def holders_of(self, entry: Entry) -> tuple[Entry, ...]:
        """The reports and panels that an observation is a result of."""
        return self._holders.get(entry.reference, ())

    @cached_property
    def _holders(self) -> Mapping[str, tuple[Entry, ...]]:
        found: dict[str, tuple[Entry, ...]] = {}
        for holder in self.of("DiagnosticReport", "Observation"):
            for reference in objects(holder.resource, "result" if holder.kind == "DiagnosticReport" else "hasMember"):
                member = self.find(reference, holder)
                if member is not None and member.reference != holder.reference:
                    found[member.reference] = (*found.get(member.reference, ()), holder)
        return found

    @cached_property
    def _contained(self) -> tuple[Entry, ...]:
        """Observations that stand inside the resource they are a part of."""
        return tuple(
            held
            for holder in self.resources.of("Condition", "DiagnosticReport", "Observation")
            if self._may_be_read(holder)
            for each in objects(holder.resource, "contained")
            if each.get("resourceType") == "Observation"
            and (held := self.find({"reference": f"#{each.get('id')}"}, holder)) is not None
        )

    def find(self, reference: object, within: Entry) -> Entry | None:
        """The resource a reference means, unless it is not here, not certain, another patient's or not valid."""
        found = self.resources.index.find(reference, within)
        if found is None or not self.resources.is_of_patient(found):
            return None
        found = self._here.get(found.place, found)  # as it was mended
        self.looked_up[found.place] = found
        if found.resource.get("modifierExtension") and not self._may_be_read(found):
            return None
        return found if found.kind not in JUDGED or self.is_valid(found) else None

    def matches(self, map_name: str, codeable: object, entry: Entry, element: str) -> tuple[Match, ...]:
        """What a concept stands for; a display of another code is told and never trusted, a text alone is told."""
        found = self._terminology.concepts(map_name, codeable)
        if found:
            self.understood.setdefault(entry.reference, set()).update((map_name, match.target) for match in found)
        if found and found[0].coding.system == TEXT:
            self.say("from-text", "It has no code; what it says was read from text.", entry, element)
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
        """Whether a resource can be read: what is wrong with it is told, and what was done about it."""
        known = self._valid.get(id(entry.resource))
        if known is None:
            wrong = faults(entry.resource)
            for fault in wrong:
                code, done = ("mended", fault.mended) if fault.mended else (fault.code, "It was left out.")
                notice = Notice(code=code, text=f"{fault.text} {done}", reference=entry.place, element=fault.element)
                self.notices.append(notice)
            known = self._valid[id(entry.resource)] = all(fault.mended for fault in wrong)
        return known

    def verdict(self, entry: Entry) -> bool | None:
        """Whether a resource was found valid; None when nobody asked."""
        return self._valid.get(id(entry.resource))

    def say(self, code: str, text: str, entry: Entry, element: str = "") -> None:
        path = f"{entry.kind}.{element}" if element else entry.kind
        self.notices.append(Notice(code=code, text=text, reference=entry.reference, element=path))

    def say_of(self, source: Source, code: str, text: str) -> None:
        self.notices.append(Notice(code=code, text=text, reference=source.reference, element=source.element))

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
            conversion=conversion or ("read from text" if coding is not None and coding.system == TEXT else ""),
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
