"""The record of one patient: facts with their sources, and the lists they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from rulesets.language import Value

READ_FROM_TEXT = "read from text"
"""The conversion of what no code and no element tells, so that words had to be read."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a fact was read.

    ``reference`` is the resource (``Observation/er-1``), ``element`` the FHIR path read in it,
    ``date`` and ``value`` are as sent, ``code`` is ``system|code``, ``conversion`` says what was
    done to the value (``g/L x 0.1``). A facts document has the reference ``facts``.
    """

    reference: str
    element: str = ""
    date: str = ""
    code: str = ""
    value: str = ""
    conversion: str = ""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One thing known, by the name of its type. A derived fact names the facts it was made of."""

    name: str
    value: Value
    date: date | None = None
    sources: tuple[Source, ...] = ()
    because: tuple[str, ...] = ()


Facts = Mapping[str, Fact]


@dataclass(frozen=True, kw_only=True)
class Member:
    """A lesion, drug, radiotherapy course or order: its facts by full name (``drug.status``).

    ``key`` is the reference of the resource it was read from, or its place in a facts document
    (``drugs/0``). ``in_request`` is true for what the present request orders.
    """

    key: str
    facts: Facts
    in_request: bool = False


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """Two current sources disagree on a fact of the patient, which is therefore unknown."""

    name: str
    values: tuple[Value, ...]
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Record:
    """All that is known of one patient on one date.

    ``lesions`` and ``drugs`` are None when no list was available, empty when known to be empty.
    No course and no order mean there is none. ``incomplete`` names the lists (``drugs``,
    ``procedures``) of which a part could not be read: what is not in them may still be.
    ``exposures`` holds the facts of each pair of a course and a drug by their keys.
    """

    evaluation_date: date
    facts: Facts = field(default_factory=dict)
    lesions: tuple[Member, ...] | None = None
    drugs: tuple[Member, ...] | None = None
    courses: tuple[Member, ...] = ()
    orders: tuple[Member, ...] = ()
    exposures: Mapping[tuple[str, str], Facts] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()
    incomplete: frozenset[str] = frozenset()

    def value(self, name: str) -> Value | None:
        fact = self.facts.get(name)
        return None if fact is None else fact.value

    def without_request(self) -> Record:
        """The record as the chart has it: no draft, drug or course of the request, and no fact of theirs alone."""

        def kept(members: tuple[Member, ...]) -> tuple[Member, ...]:
            return tuple(member for member in members if not member.in_request)

        drafts = [order.key for order in self.orders if order.in_request]

        def is_of_a_draft(source: Source) -> bool:
            return any(f"{source.reference}#".startswith(f"{key}#") for key in drafts)

        def is_charted(fact: Fact) -> bool:
            return not fact.sources or not all(is_of_a_draft(source) for source in fact.sources)

        drugs = None if self.drugs is None else kept(self.drugs)
        if not drugs and ("drugs" in self.incomplete or self.value("meds.list_available") is False):
            drugs = None  # the request alone said what drugs there are
        return Record(
            evaluation_date=self.evaluation_date,
            facts={name: fact for name, fact in self.facts.items() if is_charted(fact)},
            lesions=self.lesions,
            drugs=drugs,
            courses=kept(self.courses),
            orders=(),
            conflicts=self.conflicts,
            incomplete=self.incomplete,
        )
