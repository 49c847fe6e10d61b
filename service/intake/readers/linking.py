"""Which lesions a course of radiotherapy treats: those of the conditions it is given for and of its volumes.

A course that is over leaves its lesions irradiated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rulesets.facts import lesion as lesion_facts
from rulesets.facts import rt
from rulesets.record import Member, Source
from service.intake.chart import Chart, members
from service.intake.entries import holder_of
from service.intake.readers.about_lesions import resources_of


def read(chart: Chart) -> None:
    irradiated: dict[str, list[Source]] = {}
    told_by: dict[str, list[Member]] = {}
    for each in chart.lesions:
        for name in resources_of(each):
            told_by.setdefault(name, []).append(each)
    for position, course in enumerate(chart.courses):
        treated = _treated(chart, course, told_by)
        if not treated:
            continue
        keys = tuple(sorted(each.key for each in treated))
        source = Source(reference=holder_of(course.key), element=chart.aims[course.key].element, value=", ".join(keys))
        fact = chart.fact(rt.target_lesions.name, keys, source)
        if fact is not None:
            facts = members({**course.facts, fact.name: fact})
            chart.courses[position] = replace(course, facts=facts)
        status = course.facts.get(rt.status.name)
        if status is not None and status.value == "completed" and not course.in_request:
            for each in treated:
                irradiated.setdefault(each.key, []).append(status.sources[0])
    chart.lesions = [_with_irradiation(chart, each, irradiated.get(each.key, [])) for each in chart.lesions]


def _treated(chart: Chart, course: Member, told_by: Mapping[str, list[Member]]) -> list[Member]:
    """The lesions a course is for; a condition of several places does not tell which of them.

    ``told_by`` are the lesions by the resources they were read from.
    """
    aim = chart.aims.get(course.key)
    if aim is None:
        return []
    found: dict[str, Member] = {}
    for name in aim.names:
        meant = told_by.get(name, [])
        if len(meant) == 1:
            found.setdefault(meant[0].key, meant[0])
    return list(found.values())


def _with_irradiation(chart: Chart, listed: Member, sources: list[Source]) -> Member:
    if not sources or lesion_facts.prior_rt.name in listed.facts:
        return listed
    fact = chart.fact(lesion_facts.prior_rt.name, True, sources[0])
    if fact is None:
        return listed
    held = {**listed.facts, fact.name: replace(fact, sources=tuple(dict.fromkeys(sources)))}
    return replace(listed, facts=members(held))
