"""What results say of single lesions: told apart by what they are about, and joined with what conditions say.

The facts of one lesion share an observation, or a focus, or a body site.
"""

from __future__ import annotations

from collections.abc import Iterator

from rulesets.record import Member
from service.intake.attaching import agreeing, settle_member
from service.intake.chart import Chart, Statement, members
from service.intake.elements import objects
from service.intake.entries import Entry
from service.intake.readers.lesions import SITE, STATUS
from service.intake.readers.places import places_in, side_of
from service.intake.readers.results import Result
from service.intake.references import literal, tail
from service.intake.skeleton import Place


def add(chart: Chart, result: Result, statement: Statement) -> None:
    """A statement about the lesion a result is about, and the bone it is in."""
    chart.of_lesions.setdefault(lesion_key(chart, result.entry), []).append(statement)
    place(chart, result)


def add_to_known(chart: Chart, about: str, statement: Statement) -> None:
    """A statement about a lesion, if there is one: what it is about need not be a metastasis."""
    if about in chart.of_lesions or any(about in resources_of(lesion) for lesion in chart.lesions):
        chart.of_lesions.setdefault(about, []).append(statement)


def place(chart: Chart, result: Result) -> None:
    """The bone that the lesion a result is about is in."""
    said = chart.of_lesions.setdefault(lesion_key(chart, result.entry), [])
    said += [statement for statement in _places(chart, result) if statement not in said]


def is_in_bone(chart: Chart, entry: Entry) -> bool:
    """Whether a result is about a bone, or about a metastasis in one."""
    places: list[tuple[Entry, str, object]] = [
        (entry, "bodySite", site) for site in objects(entry.resource, "bodySite")
    ]
    for reference in objects(entry.resource, "focus"):
        focus = chart.find(reference, entry)
        if focus is not None and focus.kind == "BodyStructure":
            places.append((focus, "location", focus.resource.get("location")))
        elif focus is not None and focus.kind == "Condition":
            if "bone" in chart.targets("conditions", focus.resource.get("code"), focus, "code"):
                return True
            places += [(focus, "bodySite", site) for site in objects(focus.resource, "bodySite")]
    return any(
        chart.targets("bone-sites", place, holder, element)
        or "bone" in chart.targets("body-sites", place, holder, element)
        for holder, element, place in places
    )


def read(chart: Chart) -> None:
    """Adds the lesions that results are about, when everything about them has been said."""
    for key in sorted(chart.of_lesions):
        _add_lesion(chart, key, chart.of_lesions[key])


def _add_lesion(chart: Chart, key: str, statements: list[Statement]) -> None:
    """A stated lesion; a condition that speaks of it, or of the same place, is the same lesion."""
    facts = settle_member(chart, key, {}, statements)
    if not facts:
        return
    site = facts.get(SITE)
    place = chart.places.get(key) or (Place(path=(str(site.value),)) if site is not None else None)
    named = [lesion for lesion in chart.lesions if key in resources_of(lesion)]
    if len(named) > 1:
        named = [lesion for lesion in named if place is not None and _may_be(chart, lesion, place)]
        if len(named) != 1:
            text = "It is about a condition of several places and does not say which; it was left out."
            chart.say_of(next(iter(facts.values())).sources[0], "ambiguous", text)
            return
    if not named and place is not None:
        beside = [lesion for lesion in chart.lesions if _may_be(chart, lesion, place)]
        named = beside if len(beside) == 1 else []
        if len(beside) > 1 and facts.get(STATUS) is not None and facts[STATUS].value == "confirmed":
            text = "Conditions name several places it may be in, so it is not counted beside them."
            chart.say_of(facts[STATUS].sources[0], "ambiguous", text)
            del facts[STATUS]
    for lesion in named:
        chart.lesions.remove(lesion)
        facts = agreeing(chart, key, lesion.facts, facts)
        known = chart.places.get(lesion.key)
        place = known if known is not None and (place is None or known.is_exact > place.is_exact) else place
    if place is not None:
        chart.places[key] = place
    chart.lesions.append(Member(key=key, facts=members(facts)))


def _may_be(chart: Chart, lesion: Member, place: Place) -> bool:
    """Whether a lesion of a condition may be in a place."""
    known = chart.places.get(lesion.key)
    return "Condition/" in lesion.key and known is not None and known.may_be(place)


def resources_of(lesion: Member) -> set[str]:
    """The resources a lesion was read from."""
    return {lesion.key, *(source.reference for fact in lesion.facts.values() for source in fact.sources)}


def lesion_key(chart: Chart, entry: Entry) -> str:
    if about := foci(chart, entry):
        return about[0]
    if entry.resource.get("component") is None:
        for coding in objects(entry.resource.get("bodySite"), "coding"):
            if isinstance(coding.get("code"), str):
                return f"bodySite {coding.get('system', '')}|{coding['code']}"
    return entry.reference


def foci(chart: Chart, entry: Entry) -> list[str]:
    """What an observation is about, other than the patient; a volume comes last, by the name its course gives it."""
    found: list[tuple[bool, str]] = []
    for reference in objects(entry.resource, "focus"):
        focus = chart.find(reference, entry)
        kind = focus.kind if focus is not None else tail(literal(reference)).partition("/")[0]
        named = focus.reference if focus is not None and kind != "BodyStructure" else literal(reference)
        if named and kind != "Patient":
            found.append((kind == "BodyStructure", named))
    return [named for _, named in sorted(found, key=lambda each: each[0])]


def _places(chart: Chart, result: Result) -> Iterator[Statement]:
    """The bone a lesion is in, by the body site of the observation or the body structure in its focus."""
    entry = result.entry
    named = list(places_in(chart, entry.resource.get("bodySite"), entry, "bodySite"))
    for reference in objects(entry.resource, "focus"):
        focus = chart.find(reference, entry)
        if focus is not None and focus.kind == "BodyStructure" and chart.is_valid(focus):
            qualifiers = objects(focus.resource, "locationQualifier")
            sides = {side_of(chart, qualifier, focus, "locationQualifier") for qualifier in qualifiers} - {""}
            side = sides.pop() if len(sides) == 1 else ""
            named += places_in(chart, focus.resource.get("location"), focus, "location", side)
    for each in named:
        match = each.match
        source = chart.source(each.entry, each.element, match=match, at=result.at, value=match.coding.code)
        fact = chart.fact(SITE, match.target, source, result.at)
        if fact is not None:
            chart.places.setdefault(lesion_key(chart, entry), each.place)
            yield Statement(topic=fact.name, facts=(fact,), when=result.at, preliminary=result.preliminary)
