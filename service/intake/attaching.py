"""Facts that an observation states about a course, a drug or an order, added to what was read of it.

Several resources may be one member; what is stated about any of them is stated about the member. A
volume of a course is named beside the course. What belongs to nothing that was read is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rulesets.facts import FACTS
from rulesets.language import Element
from rulesets.record import Fact, Facts, Member
from service.intake.chart import Chart, Statement, members
from service.intake.entries import holder_of
from service.intake.notices import Notice
from service.intake.settling import settled


def with_stated(chart: Chart, element: Element, held: list[Member]) -> tuple[Member, ...]:
    """The members with the facts stated about them, in the order of their keys."""
    about: dict[str, list[Statement]] = {member.key: [] for member in held}
    for named, statements in sorted(chart.attached.items()):
        said = [statement for statement in statements if FACTS[statement.topic].element == element]
        meant = list(_meant(chart, named, held)) if said else []
        for member in meant:
            about[member.key] += said
        if said and not meant:
            _tell(chart, element, said)
    found = [
        replace(member, facts=settle_member(chart, member.key, member.facts, about[member.key])) for member in held
    ]
    return tuple(sorted(found, key=lambda member: member.key))


def _meant(chart: Chart, named: str, held: list[Member]) -> Iterator[Member]:
    """The members an observation is about; ``named`` is a resource, or a resource and a part of it."""
    base = holder_of(named)
    part = named[len(base) + 1 :]
    exact = [member for member in held if member.key == named]
    if exact:
        yield from exact
        return
    wholes = [member for member in held if base in chart.made_of.get(member.key, frozenset({holder_of(member.key)}))]
    if not part or len(wholes) == 1:
        yield from wholes


def _tell(chart: Chart, element: Element, statements: list[Statement]) -> None:
    for source in {statement.facts[0].sources[0] for statement in statements}:
        text = f"It is about no {element} that was read; it was left out."
        chart.notices.append(Notice(code="no-focus", text=text, reference=source.reference, element=source.element))


def settle_member(chart: Chart, key: str, read: Facts, statements: list[Statement]) -> dict[str, Fact]:
    """The facts of a member with what was stated about it; a disagreement leaves a fact unknown, and is told."""
    stated, conflicts = settled(statements)
    held = agreeing(chart, key, read, stated)
    for conflict in conflicts:
        held.pop(conflict.name, None)
        _tell_conflict(chart, key, conflict.name)
    return members(held)


def agreeing(chart: Chart, key: str, one: Facts, other: Facts) -> dict[str, Fact]:
    """The facts of both, without those on which they differ, which are told."""
    held = dict(one)
    for name, fact in other.items():
        known = held.get(name)
        if known is None or _is_of_unknown_code(known):
            held[name] = fact
        elif known.value == fact.value:
            held[name] = replace(known, sources=tuple(dict.fromkeys((*known.sources, *fact.sources))))
        else:
            del held[name]
            _tell_conflict(chart, key, name)
    return members(held)


def _is_of_unknown_code(fact: Fact) -> bool:
    """Whether a drug goes by a code nobody here knows: its display is shown and not trusted, a stated name is."""
    return fact.name == "drug.name" and all("|" in source.value for source in fact.sources)


def _tell_conflict(chart: Chart, key: str, name: str) -> None:
    text = f"Sources disagree on {name}, so it is unknown."
    chart.notices.append(Notice(code="conflict", text=text, reference=key))
