"""Patients for properties: taken from a story, given lists of another or made up, led to a rule, then changed.

Stories are coherent, so rules are true of them; what is done to them then leads to whatever nobody has
thought of. Hypothesis draws names and small numbers only, a *recipe*: it shrinks well, and a test that
fails prints it. Every fact drawn is one that a facts document may hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from hypothesis import strategies as st

from rulesets.language import Element, Value
from rulesets.record import Conflict, Member, Record, Source
from rulesets.rulebook import RULES
from service.app import FHIR_PROFILES
from service.intake.reading import Reading, read
from service.intake.terminology import Terminology, load
from service.intake.unpack import unpack
from tests.support.aims import LISTS, applied, changes_towards
from tests.support.stories import stories
from tests.support.values import stated_facts, values_of

Change = tuple[str, Value | None]
"""A fact by its name and the value it is set to; None takes it away."""

AS_TOLD, NOT_THERE = "as told", "not there"
DISPUTED = ("mets.status", "tumour.er_primary", "tumour.her2_metastasis", "mets.organ.liver", "patient.ecog")
"""Facts on which two sources may disagree."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Whom a patient begins as, where the lists come from, which rules are aimed at, and what is changed then.

    A list is as the story tells it, as another story (named) tells it, made up of elements with these
    facts, or not there at all. An aim is a rule and a choice among the ways in which it may become true.
    """

    story: str
    lists: Mapping[Element, str | tuple[tuple[Change, ...], ...]]
    aims: tuple[tuple[str, int], ...] = ()
    changes: tuple[Change, ...] = ()
    conflicts: tuple[str, ...] = ()

    @property
    def record(self) -> Record:
        record = records_told()[self.story]
        for element, origin in self.lists.items():
            if origin != AS_TOLD:
                record = replace(record, **{LISTS[element]: _list(element, origin)})
        for rule_id, choice in self.aims:
            record = applied(record, changes_towards(rule_id, choice))
        record = applied(record, dict(self.changes))
        return replace(record, conflicts=tuple(conflict(name) for name in sorted(self.conflicts)))


def without(record: Record, name: str) -> Record:
    """The record with one fact of the patient unknown."""
    return replace(record, facts={each: fact for each, fact in record.facts.items() if each != name})


# --- drawing ---------------------------------------------------------------------------------------


@st.composite
def recipes(draw: st.DrawFn, *, aims: int = 1, **lengths: int) -> Recipe:
    """A recipe that aims at so many rules or a few more.

    ``lengths`` says how many elements a list has at least, such as ``course=2``; it is made up then.
    """
    stories_told = st.sampled_from(sorted(records_told()))
    origins = st.sampled_from((AS_TOLD, AS_TOLD, "made up", "made up", NOT_THERE, "another"))

    def of_list(element: Element) -> str | tuple[tuple[Change, ...], ...]:
        origin = "made up" if element in lengths else draw(origins)
        if origin == "another":
            return draw(stories_told)
        return tuple(draw(_made_up(element, lengths.get(element, 0)))) if origin == "made up" else origin

    return Recipe(
        story=draw(stories_told),
        lists={element: of_list(element) for element in LISTS},
        aims=tuple(draw(_aims(aims))),
        changes=tuple(draw(_changes(None))),
        conflicts=tuple(draw(_conflicts())),
    )


@cache
def _aims(least: int) -> st.SearchStrategy[list[tuple[str, int]]]:
    ids = st.sampled_from([rule.id for rule in RULES])
    return st.lists(st.tuples(ids, st.integers(0, 9)), min_size=least, max_size=least + 2)


@cache
def _conflicts() -> st.SearchStrategy[list[str]]:
    return st.sampled_from(([], [], [], *([name] for name in DISPUTED)))


@cache
def _changes(element: Element | None) -> st.SearchStrategy[list[Change]]:
    """Facts set to one of their values, or taken away."""
    every = [(fact.name, value) for fact in stated_facts(element) for value in (*values_of(fact.name), None)]
    return st.lists(st.sampled_from(every), max_size=5, unique_by=lambda change: change[0])


@cache
def _made_up(element: Element, length: int) -> st.SearchStrategy[list[tuple[Change, ...]]]:
    return st.lists(_changes(element).map(tuple), min_size=length, max_size=max(length, 2))


def _list(element: Element, origin: str | tuple[tuple[Change, ...], ...]) -> tuple[Member, ...] | None:
    if origin == NOT_THERE:
        return None if element in ("lesion", "drug") else ()
    if isinstance(origin, str):
        found: tuple[Member, ...] | None = getattr(records_told()[origin], LISTS[element])
        return found
    return tuple(made_up(element, f"{LISTS[element]}/{place}", dict(facts)) for place, facts in enumerate(origin))


def made_up(element: Element, key: str, facts: Mapping[str, Value | None]) -> Member:
    """An element of a list with these facts; it is part of the request when it is an order or a draft."""
    empty = {"lesions": (), "drugs": (), "courses": (), "orders": ()}
    nobody = Record(evaluation_date=next(iter(records_told().values())).evaluation_date, **empty)
    members = getattr(applied(nobody, facts), LISTS[element]) or (
        Member(key=key, facts={}, in_request=element == "order"),
    )
    return replace(members[0], key=key)


def conflict(name: str) -> Conflict:
    return Conflict(name=name, values=values_of(name)[:2], sources=(Source(reference="Observation/a"),))


# --- what the stories tell -------------------------------------------------------------------------


@cache
def terminology() -> Terminology:
    return load(FHIR_PROFILES)


@cache
def records_told() -> Mapping[str, Record]:
    """What each story tells of its patients, as the readers read it."""
    return {name: reading.record for name, reading in _readings().items()}


@cache
def sources_told() -> Mapping[str, Mapping[str, Any]]:
    """The resources of every story, by their references."""
    return {reference: source for reading in _readings().values() for reference, source in reading.sources.items()}


@cache
def _readings() -> Mapping[str, Reading]:
    found: dict[str, Reading] = {}
    for story in stories():
        for place, patient in enumerate(unpack(story.bundle, max_entries=1000, max_patients=10)):
            name = f"{story.name}, {place}" if place else story.name
            found[name] = read(patient, terminology(), story.evaluation_date)
    return found
