"""Lesions: the skeletal sites that conditions name, one lesion for each, and what their number bounds."""

from __future__ import annotations

from dataclasses import replace

from rulesets.language import Interval
from rulesets.record import Fact, Member, Source
from service.intake.chart import Chart, members, objects
from service.intake.moments import Moment
from service.intake.readers.findings import Finding, source_of


def lesions_of(chart: Chart, finding: Finding) -> list[Member]:
    """The lesions a condition speaks of: one per skeletal site it names."""
    entry, at = finding.entry, finding.onset
    if finding.over:
        return []
    shared: dict[str, Fact] = {}
    if (match := finding.match("bone")) is not None:
        status = "suspected" if finding.tentative else "confirmed"
        _add(chart, shared, "lesion.status", status, source_of(chart, finding, match), at)
    if (match := finding.match("pathological_fracture")) is not None and not finding.tentative:
        _add(chart, shared, "lesion.fracture", "fractured", source_of(chart, finding, match), at)
    if (match := finding.match("cord_compression", "myelopathy")) is not None:
        certain = match.target == "cord_compression" and not finding.tentative
        state = "confirmed" if certain else "suspected"
        _add(chart, shared, "lesion.cord_compression", state, source_of(chart, finding, match), at)
    if not shared:
        return []
    sites: dict[str, Source] = {}
    for match in chart.matches("bone-sites", entry.resource.get("code"), entry, "code"):
        sites.setdefault(match.target, source_of(chart, finding, match))
    for position, place in enumerate(objects(entry.resource, "bodySite")):
        for match in chart.matches("bone-sites", place, entry, f"bodySite[{position}]"):
            sites.setdefault(match.target, source_of(chart, finding, match, f"bodySite[{position}]"))
    if not sites:
        # Bone without a place is no lesion of its own: it may be any of those that have one.
        return [] if set(shared) == {"lesion.status"} else [Member(key=entry.reference, facts=members(shared))]
    found = []
    for site, source in sorted(sites.items()):
        facts = dict(shared)
        _add(chart, facts, "lesion.site", site, source, at)
        key = entry.reference if len(sites) == 1 else f"{entry.reference}#{site}"
        found.append(Member(key=key, facts=members(facts)))
    return found


def _add(chart: Chart, facts: dict[str, Fact], name: str, value: str, source: Source, at: Moment | None) -> None:
    if (fact := chart.fact(name, value, source, at)) is not None:
        facts[name] = fact


_MOST_GRAVE = {"confirmed": 2, "fractured": 2, "suspected": 1, "impending": 1}


def one_per_site(lesions: list[Member]) -> list[Member]:
    """One lesion per skeletal site, for two codes of one site may be one lesion; the graver word counts."""
    by_site: dict[str, list[Member]] = {}
    for lesion in sorted(lesions, key=lambda member: member.key):
        site = lesion.facts.get("lesion.site")
        by_site.setdefault(f"site {site.value}" if site is not None else lesion.key, []).append(lesion)
    found = []
    for same in by_site.values():
        facts: dict[str, Fact] = {}
        for lesion in same:
            for name, fact in lesion.facts.items():
                held = facts.get(name)
                if held is None:
                    facts[name] = fact
                elif held.value == fact.value:
                    facts[name] = replace(held, sources=(*held.sources, *fact.sources))
                elif _MOST_GRAVE.get(str(fact.value), 0) > _MOST_GRAVE.get(str(held.value), 0):
                    facts[name] = fact
        found.append(Member(key=same[0].key, facts=members(facts)))
    return sorted(found, key=lambda member: member.key)


def bound_counts(chart: Chart) -> None:
    """Lower bounds of the number of bone lesions: sites that cannot be the same place."""
    sites: dict[str, Source] = {}
    for lesion in chart.lesions:
        site, status = lesion.facts.get("lesion.site"), lesion.facts.get("lesion.status")
        if site is not None and status is not None and status.value == "confirmed":
            sites.setdefault(str(site.value), site.sources[0])
    # The sacrum is part of spine and pelvis, and other_bone may be any bone.
    apart = set(sites) - {"other_bone"}
    if apart & {"vertebra", "pelvis"}:
        apart -= {"sacrum"}
    if len(apart) > 1:
        _state_bound(chart, "mets.bone_lesion_count", len(apart), [sites[site] for site in sorted(apart)])
    spinal = [sites[site] for site in ("sacrum", "vertebra") if site in sites]
    if spinal:
        _state_bound(chart, "mets.spinal_lesion_count", 1, spinal)


def _state_bound(chart: Chart, name: str, least: int, sources: list[Source]) -> None:
    chart.bounds[name] = Fact(name=name, value=Interval(lo=least), sources=tuple(sources))
