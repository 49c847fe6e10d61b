"""Lesions: the places of the skeleton that conditions name, one lesion for each, and what their number bounds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rulesets.facts import lesion as lesion_facts
from rulesets.facts import mets
from rulesets.language import Interval
from rulesets.record import Fact, Member, Source
from service.intake.chart import Chart, members
from service.intake.moments import Moment
from service.intake.readers.findings import Finding, source_of
from service.intake.readers.places import of_condition
from service.intake.skeleton import Place, most_apart

STATUS, SITE = lesion_facts.status.name, lesion_facts.site.name


def lesions_of(chart: Chart, finding: Finding) -> list[Member]:
    """The lesions a condition speaks of: one per place of the skeleton it names."""
    entry, at = finding.entry, finding.onset
    if finding.over:
        return []
    shared: dict[str, Fact] = {}
    if (match := finding.match("bone")) is not None:
        status = "suspected" if finding.tentative else "confirmed"
        _add(chart, shared, STATUS, status, source_of(chart, finding, match), at)
    if (match := finding.match("pathological_fracture")) is not None and not finding.tentative:
        _add(chart, shared, "lesion.fracture", "fractured", source_of(chart, finding, match), at)
    if (match := finding.match("cord_compression", "myelopathy")) is not None:
        certain = match.target == "cord_compression" and not finding.tentative
        state = "confirmed" if certain else "suspected"
        _add(chart, shared, "lesion.cord_compression", state, source_of(chart, finding, match), at)
    if not shared:
        return []
    named = of_condition(chart, entry)
    if not named:
        # Bone without a place is no lesion of its own: it may be any of those that have one.
        return [] if set(shared) == {STATUS} else [Member(key=entry.reference, facts=members(shared))]
    found = []
    for each in named:
        facts = dict(shared)
        _add(chart, facts, SITE, each.place.site, source_of(chart, finding, each.match, each.element), at)
        key = entry.reference if len(named) == 1 else f"{entry.reference}#{each.place.name}"
        chart.places[key] = each.place
        found.append(Member(key=key, facts=members(facts)))
    return found


def _add(chart: Chart, facts: dict[str, Fact], name: str, value: str, source: Source, at: Moment | None) -> None:
    if (fact := chart.fact(name, value, source, at)) is not None:
        facts[name] = fact


# --- one lesion of several conditions --------------------------------------------------------------------


def one_per_place(chart: Chart, lesions: Iterable[Member]) -> list[Member]:
    """One lesion per place, for two codes of one place may be one lesion; the graver word counts.

    A place that contains several others may be any of them, and its lesion is not counted beside them.
    """
    found: list[tuple[Place | None, Member]] = []
    for lesion in sorted(lesions, key=lambda each: _exact_first(chart.places.get(each.key), each.key)):
        place = chart.places.get(lesion.key)
        same = [
            at for at, (other, _) in enumerate(found) if place is not None and other is not None and place.may_be(other)
        ]
        if place is None or not same:
            found.append((place, lesion))
        elif len(same) == 1:
            other, held = found[same[0]]
            found[same[0]] = other, _graver(held, lesion)
        else:
            uncounted = {name: fact for name, fact in lesion.facts.items() if name != STATUS}
            if set(uncounted) != {SITE}:
                found.append((place, replace(lesion, facts=uncounted)))
    for place, lesion in found:
        if place is not None:
            chart.places[lesion.key] = place
    return sorted((lesion for _, lesion in found), key=lambda each: each.key)


def _exact_first(place: Place | None, key: str) -> tuple[int, str]:
    return (0 if place is None else -place.is_exact), key


_MOST_GRAVE = {"confirmed": 2, "fractured": 2, "suspected": 1, "impending": 1}


def _graver(held: Member, lesion: Member) -> Member:
    facts = dict(held.facts)
    for name, fact in lesion.facts.items():
        known = facts.get(name)
        if known is None:
            facts[name] = fact
        elif known.value == fact.value:
            facts[name] = replace(known, sources=(*known.sources, *fact.sources))
        elif _MOST_GRAVE.get(str(fact.value), 0) > _MOST_GRAVE.get(str(known.value), 0):
            facts[name] = fact
    return replace(held, key=min(held.key, lesion.key), facts=members(facts))


# --- how many --------------------------------------------------------------------------------------------


def bound_counts(chart: Chart) -> None:
    """Lower bounds of the number of lesions in bone and in the spine: places that are certainly different."""
    sources: dict[Place, Source] = {}
    for lesion in chart.lesions:
        place, status = chart.places.get(lesion.key), lesion.facts.get(STATUS)
        if place is not None and status is not None and status.value == "confirmed":
            sources.setdefault(place, lesion.facts[SITE].sources[0])
    apart = most_apart(sources)
    if len(apart) > 1:
        _state_bound(chart, mets.bone_lesion_count.name, [sources[place] for place in sorted(apart)])
    spinal = most_apart(place for place in sources if place.site in ("sacrum", "vertebra"))
    if spinal:
        _state_bound(chart, mets.spinal_lesion_count.name, [sources[place] for place in sorted(spinal)])


def _state_bound(chart: Chart, name: str, sources: list[Source]) -> None:
    chart.bounds[name] = Fact(name=name, value=Interval(lo=len(sources)), sources=tuple(sources))
