"""Points to sheets: which of them share a card, in which order, and what is folded when there are many. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from rulesets.rule import Indicator, Rule
from service.cards.detail import Point
from service.cards.points import firing_order
from service.cards.relevance import FAMILIES, GRAVITY, GROUP_RULES, Family
from service.reasoning.findings import Firing

TOPICS: Mapping[Family, tuple[str, str]] = {
    "safety": ("safety", "Safety"),
    "rt-plan": ("radiotherapyplan", "Radiotherapy plan"),
    "drug-rt": ("imbrication", "Drugs around radiotherapy"),
    "group": ("prognosis", "Prognosis and pathway"),
    "systemic": ("systemictherapy", "Systemic therapy"),
    "local": ("localtreatment", "Surgery and other local treatment"),
    "work-up": ("workup", "Work-up"),
    "data": ("dataquality", "Data quality and questions"),
    "trials": ("trials", "Trials"),
}
"""Code and name of each kind of card. Codes are letters only and never change: some clients silence by them."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A card before it is written: its points, the leading one first."""

    family: Family
    indicator: Indicator
    points: tuple[Point, ...]
    topic: tuple[str, str]
    folded: bool = False


def sheets_of(points: list[Point]) -> list[Sheet]:
    sheets = []
    for family in FAMILIES:
        own = [point for point in points if point.family == family]
        if family == "safety":
            sheets += [_sheet([point], _safety_topic(point.rule)) for point in own]
            continue
        code, display = TOPICS[family]
        critical_drugs = {point.drug for point in own if point.drug and point.indicator == "critical"}
        critical = [point for point in own if point.indicator == "critical" or point.drug in critical_drugs]
        others = [point for point in own if point.indicator != "critical" and point.drug not in critical_drugs]
        if critical:
            sheets.append(_sheet(critical, (f"{code}critical", f"{display}, critical")))
        if others:
            sheets.append(_sheet(others, (code, display)))
    return sheets


def _sheet(points: list[Point], topic: tuple[str, str]) -> Sheet:
    """The points in order, advice that accompanies several drugs said once; the first point leads."""
    merged: dict[tuple[int, str], Point] = {}
    for point in points:
        key = (point.place, point.drug if point.counts else "")
        known = merged.get(key)
        merged[key] = point if known is None else replace(known, firings=_united(known.firings, point.firings))
    ordered = tuple(sorted(merged.values(), key=_point_order))
    return Sheet(family=ordered[0].family, indicator=ordered[0].indicator, points=ordered, topic=topic)


def _united(firings: tuple[Firing, ...], more: tuple[Firing, ...]) -> tuple[Firing, ...]:
    by_elements = {tuple(element.key for element in firing.elements): firing for firing in (*firings, *more)}
    return tuple(sorted(by_elements.values(), key=firing_order))


def _safety_topic(rule: Rule | None) -> tuple[str, str]:
    assert rule is not None
    return "".join(letter for letter in rule.id if letter.isalnum()), rule.title


def _point_order(point: Point) -> tuple[object, ...]:
    states_group = point.rule is not None and point.rule.id in GROUP_RULES
    return (GRAVITY[point.indicator], not point.counts, not states_group, point.place, point.drug)


def sheet_order(sheet: Sheet) -> tuple[object, ...]:
    return (GRAVITY[sheet.indicator], FAMILIES.index(sheet.family), _point_order(sheet.points[0]))


def folded(sheets: list[Sheet], limit: int) -> list[Sheet]:
    """At most ``limit`` cards: the last informations become one. Warnings, criticals and safety always stay."""
    if len(sheets) <= limit:
        return sheets
    foldable = [sheet for sheet in sheets if sheet.indicator == "info" and sheet.family != "safety"]
    room = max(0, limit - (len(sheets) - len(foldable)) - 1)
    folded = foldable[room:]
    if not folded:
        return sheets
    also = Sheet(
        family=folded[0].family, indicator="info", topic=("also", "Further information"), folded=True,
        points=tuple(point for sheet in folded for point in sheet.points),
    )  # fmt: skip
    return [sheet for sheet in sheets if not any(sheet is one for one in folded)] + [also]
