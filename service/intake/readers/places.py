"""Where in the skeleton something is: the places that codes, body sites and their qualifiers name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from service.intake.chart import Chart
from service.intake.elements import extensions, objects
from service.intake.entries import Entry
from service.intake.skeleton import Place
from service.intake.terminology import Coding, Match


@dataclass(frozen=True, kw_only=True)
class Named:
    """A place and the code that names it, with the element that holds the code."""

    place: Place
    match: Match
    entry: Entry
    element: str


def places_in(chart: Chart, codeable: object, entry: Entry, element: str, side: str = "") -> Iterator[Named]:
    """The places a concept names; ``side`` is that of the whole when the concept says none."""
    sites = chart.matches("bone-sites", codeable, entry, element)
    if not sites:
        return
    parts = [tuple(match.target.split("-")) for match in chart.matches("bone-parts", codeable, entry, element)]
    on = side_of(chart, codeable, entry, element) or side
    for match in sites:
        inside = [part for part in parts if part[0] == match.target] or [(match.target,)]
        for path in _most_exact(inside):
            yield Named(place=Place(path=path, side=on), match=match, entry=entry, element=element)


def side_of(chart: Chart, codeable: object, entry: Entry, element: str) -> str:
    """The side that a code or a qualifier of it names; empty unless it is one."""
    named = set(chart.targets("lateralities", codeable, entry, element))
    if isinstance(codeable, dict) and "extension" in codeable:
        for extension in extensions(codeable, "laterality-qualifier", "lateralitaet"):
            named |= chart.targets("lateralities", extension.get("valueCodeableConcept"), entry, f"{element}.extension")
    return named.pop() if len(named) == 1 and named <= {"left", "right"} else ""


def of_condition(chart: Chart, entry: Entry) -> list[Named]:
    """The places a condition names, without those that another one says more exactly."""
    code = entry.resource.get("code")
    side = side_of(chart, code, entry, "code")
    found = _of_one_bone(chart, entry, list(places_in(chart, code, entry, "code")))
    for position, site in enumerate(objects(entry.resource, "bodySite")):
        found += places_in(chart, site, entry, f"bodySite[{position}]", side)
    return list(exact(found))


def _of_one_bone(chart: Chart, entry: Entry, named: list[Named]) -> list[Named]:
    """The places of a code, unless two codes of the one concept share none: then it is not known which is meant."""
    by_code: dict[Coding, list[Place]] = {}
    for each in named:
        by_code.setdefault(each.match.coding, []).append(each.place)
    for places in by_code.values():
        for others in by_code.values():
            if all(one.is_apart_from(other) for one in places for other in others):
                text = "Its codes name different bones, so which one it is is unknown."
                chart.say("codes-disagree", text, entry, "code")
                return []
    return named


def exact(named: Iterable[Named]) -> Iterator[Named]:
    """Each place once, without those that contain another of them."""
    listed = sorted(named, key=lambda each: (-each.place.is_exact, each.place, each.element))
    kept: list[Place] = []
    for each in listed:
        if not any(each.place.may_be(place) for place in kept):
            kept.append(each.place)
            yield each


def _most_exact(paths: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return sorted(
        path for path in set(paths) if not any(other != path and other[: len(path)] == path for other in paths)
    )
