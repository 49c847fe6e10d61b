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
    listed = _Listed(chart)
    for key in sorted(chart.of_lesions):
        _add_lesion(chart, listed, key, chart.of_lesions[key])
    chart.lesions = listed.lesions


class _Listed:
    """Lesions, found by the resources they were read from and, those of conditions, by their places."""

    def __init__(self, chart: Chart) -> None:
        self._chart = chart
        self._held: dict[int, Member] = {}
        self._by_resource: dict[str, set[int]] = {}
        self._by_place: dict[Place, set[int]] = {}
        self._next = 0
        for lesion in chart.lesions:
            self.add(lesion)

    @property
    def lesions(self) -> list[Member]:
        return list(self._held.values())

    def __getitem__(self, number: int) -> Member:
        return self._held[number]

    def add(self, lesion: Member) -> None:
        number, self._next = self._next, self._next + 1
        self._put(number, lesion, resources_of(lesion))

    def change(self, number: int, lesion: Member, names: set[str]) -> None:
        """Puts a lesion in the place of one that it continues; ``names`` are the resources that are new to it."""
        for same in self._by_place.values():
            same.discard(number)
        self._put(number, lesion, names)

    def _put(self, number: int, lesion: Member, names: set[str]) -> None:
        self._held[number] = lesion
        for name in names:
            self._by_resource.setdefault(name, set()).add(number)
        place = self._chart.places.get(lesion.key)
        if "Condition/" in lesion.key and place is not None:
            self._by_place.setdefault(place, set()).add(number)

    def about(self, name: str) -> set[int]:
        return set(self._by_resource.get(name, ()))

    def near(self, place: Place) -> set[int]:
        """The lesions of conditions that may be in a place."""
        return {number for held, same in self._by_place.items() if held.may_be(place) for number in same}


def _add_lesion(chart: Chart, listed: _Listed, key: str, statements: list[Statement]) -> None:
    """A stated lesion; a condition that speaks of it, or of the same place, is the same lesion."""
    facts = settle_member(chart, key, {}, statements)
    if not facts:
        return
    site = facts.get(SITE)
    place = chart.places.get(key) or (Place(path=(str(site.value),)) if site is not None else None)
    named = listed.about(key)
    if len(named) > 1:
        named &= listed.near(place) if place is not None else set()
        if len(named) != 1:
            text = "It is about a condition of several places and does not say which; it was left out."
            chart.say_of(next(iter(facts.values())).sources[0], "ambiguous", text)
            return
    if not named and place is not None:
        beside = listed.near(place)
        named = beside if len(beside) == 1 else set()
        if len(beside) > 1 and facts.get(STATUS) is not None and facts[STATUS].value == "confirmed":
            text = "Conditions name several places it may be in, so it is not counted beside them."
            chart.say_of(facts[STATUS].sources[0], "ambiguous", text)
            del facts[STATUS]
    if not named:
        if place is not None:
            chart.places[key] = place
        listed.add(Member(key=key, facts=members(facts)))
        return
    (number,) = named
    known = chart.places.get(listed[number].key)
    place = known if known is not None and (place is None or known.is_exact > place.is_exact) else place
    if place is not None:
        chart.places[key] = place
    names = resources_of(Member(key=key, facts=facts))
    facts = agreeing(chart, key, listed[number].facts, facts)
    listed.change(number, Member(key=key, facts=members(facts)), names)


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
