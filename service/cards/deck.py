"""Findings to CDS Hooks cards: few, grave first, each readable in half a minute. Pure.

Rules that speak of the same thing share a card; a warning never hides under an information, and
nothing that could harm is folded away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rulesets.evidence import PAPER_LABEL, PAPER_URL
from rulesets.rule import Hook, Indicator, Rule
from rulesets.thresholds import POOR_MIN_POINTS
from service.cards.detail import Point, detail_of
from service.cards.orders import orders_concerned, references_of
from service.cards.questions import MISSING_FACTS_RULE, deciding_suffix, question_summary, questions_at
from service.cards.relevance import (
    FAMILIES,
    GRAVITY,
    GROUP_RULES,
    Family,
    elements_by_kind,
    family_of,
    shown,
    triggering_drugs,
)
from service.cards.text import drug_name, plain, rt_phrase
from service.cards.unread import has_died, summary_of, unread_at
from service.intake.notices import DIED
from service.reasoning.findings import Conclusion, Firing
from service.suggestions.drafts import Material
from service.suggestions.offers import changed_on, suggestions_of

Card = dict[str, Any]

LONGEST_SUMMARY = 139
LIMITS: Mapping[Hook, int] = {"patient-view": 4, "order-select": 3, "order-sign": 3}
TOPIC_SYSTEM = "urn:osteon:codesystem:topic"
LINK_LABEL = "Why this card: rules and facts"

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


def cards_for(
    conclusion: Conclusion,
    hook: Hook,
    *,
    new_uuid: Callable[[int], str],
    trace_url: str = "",
    override_reasons: tuple[dict[str, str], ...] = (),
    material: Material | None = None,
) -> tuple[Card, ...]:
    """The cards of one patient at one hook, gravest first, as JSON-ready CDS Hooks 2.0 cards.

    ``new_uuid`` gives the identifier of the n-th card; ``override_reasons`` are codings (code,
    system, display) offered with warnings and critical cards; without ``material`` nothing is
    suggested.
    """
    sheets = _folded(sorted(_sheets(_points(conclusion, hook)), key=_sheet_order), LIMITS[hook])
    cards: list[Card] = []
    changed: set[str] = set()
    for place, sheet in enumerate(sheets):
        card = _card(sheet, conclusion, hook, new_uuid(place), trace_url, override_reasons)
        if material is not None:
            card |= suggestions_of(sheet.points, conclusion, hook, material, changed)
            changed |= changed_on(card)
        cards.append(card)
    return tuple(cards)


def codings_of(value_set: Mapping[str, Any]) -> tuple[dict[str, str], ...]:
    """The concepts a ValueSet resource lists, as codings with code, system and display."""
    return tuple(
        {"code": concept["code"], "system": include["system"], "display": concept["display"]}
        for include in value_set["compose"]["include"]
        for concept in include["concept"]
    )


# --- points: one rule with all it concerns -----------------------------------------------------


def _points(conclusion: Conclusion, hook: Hook) -> list[Point]:
    """Everything to be said: a rule once with all its elements, on drugs once per drug, and the questions."""
    if has_died(conclusion):
        return [_of_the_dead()] if conclusion.record.orders else []
    firings = shown(conclusion, hook)
    places = _places(conclusion)
    groups: dict[tuple[str, str], list[Firing]] = {}
    accompanying: list[Firing] = []
    for firing in firings:
        drug = elements_by_kind(firing.rule, firing.elements).get("drug")
        if family_of(firing.rule, hook) != "drug-rt":
            groups.setdefault((firing.rule.id, ""), []).append(firing)
        elif drug is not None:
            groups.setdefault((firing.rule.id, drug_name(drug)), []).append(firing)
        elif triggering_drugs(firing.rule, firing.elements, conclusion.record):
            accompanying.append(firing)
        else:
            groups.setdefault((firing.rule.id, ""), []).append(firing)
    points = [_point(group, hook, places, drug) for (_, drug), group in groups.items()]
    return _with_questions(points + _accompanying(accompanying, points, conclusion, hook, places), conclusion, hook)


def _of_the_dead() -> Point:
    """What is said of orders for a patient who has died; her chart says it without us."""
    return Point(rule=None, indicator="info", family="data", place=-1, questions=(), unread=(DIED,))


def _places(conclusion: Conclusion) -> dict[str, int]:
    """The place of each rule that fired in the order of the rulebook."""
    ids = dict.fromkeys(firing.rule.id for firing in conclusion.fired)
    return {rule_id: place for place, rule_id in enumerate(ids)}


def _point(firings: list[Firing], hook: Hook, places: Mapping[str, int], drug: str, counts: bool = True) -> Point:
    ordered = tuple(sorted(firings, key=_firing_order))
    rule = ordered[0].rule
    return Point(
        rule=rule, indicator=ordered[0].indicator, family=family_of(rule, hook), place=places[rule.id],
        firings=ordered, drug=drug, counts=counts,
    )  # fmt: skip


def _firing_order(firing: Firing) -> tuple[object, ...]:
    in_request = any(element.in_request for element in firing.elements)
    return (GRAVITY[firing.indicator], not in_request, *(element.key for element in firing.elements))


def _accompanying(
    firings: list[Firing], points: list[Point], conclusion: Conclusion, hook: Hook, places: Mapping[str, int]
) -> list[Point]:
    """Advice about a course that follows from drugs: with each such drug spoken of, else by itself."""
    named = {point.drug for point in points if point.drug}
    groups: dict[tuple[str, str], list[Firing]] = {}
    for firing in firings:
        drugs = {drug_name(drug) for drug in triggering_drugs(firing.rule, firing.elements, conclusion.record)}
        for drug in sorted(drugs & named) or [""]:
            groups.setdefault((firing.rule.id, drug), []).append(firing)
    return [_point(group, hook, places, drug, counts=not drug) for (_, drug), group in groups.items()]


def _with_questions(points: list[Point], conclusion: Conclusion, hook: Hook) -> list[Point]:
    """The questions join the rule that says the group cannot be stated, else they are a point of their own.

    What could not be read is told with them.
    """
    opener = next((point for point in points if point.rule and point.rule.id == MISSING_FACTS_RULE), None)
    questions = questions_at(conclusion, hook, group_is_open=opener is not None)
    unread = unread_at(conclusion, has_advice=bool(points or questions))
    if not questions and not unread:
        return points
    if opener is None:
        place = -1 if unread else len(conclusion.fired)  # before all that rests on the record, or after it
        own = Point(rule=None, indicator="info", family="data", place=place, questions=questions, unread=unread)
        return [*points, own]
    return [replace(point, questions=questions, unread=unread) if point is opener else point for point in points]


# --- sheets: points that share a card ----------------------------------------------------------


def _sheets(points: list[Point]) -> list[Sheet]:
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
    return tuple(sorted(by_elements.values(), key=_firing_order))


def _safety_topic(rule: Rule | None) -> tuple[str, str]:
    assert rule is not None
    return "".join(letter for letter in rule.id if letter.isalnum()), rule.title


def _point_order(point: Point) -> tuple[object, ...]:
    states_group = point.rule is not None and point.rule.id in GROUP_RULES
    return (GRAVITY[point.indicator], not point.counts, not states_group, point.place, point.drug)


def _sheet_order(sheet: Sheet) -> tuple[object, ...]:
    return (GRAVITY[sheet.indicator], FAMILIES.index(sheet.family), _point_order(sheet.points[0]))


def _folded(sheets: list[Sheet], limit: int) -> list[Sheet]:
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


# --- cards -------------------------------------------------------------------------------------


def _card(
    sheet: Sheet,
    conclusion: Conclusion,
    hook: Hook,
    uuid: str,
    trace_url: str,
    override_reasons: tuple[dict[str, str], ...],
) -> Card:
    code, display = sheet.topic
    card: Card = {
        "uuid": uuid,
        "summary": _summary(sheet, conclusion),
        "indicator": sheet.indicator,
        "detail": detail_of(
            sheet.points, tuple(line_of(point, conclusion) for point in sheet.points), conclusion, hook
        ),
        "source": {
            "label": PAPER_LABEL,
            "url": PAPER_URL,
            "topic": {"system": TOPIC_SYSTEM, "code": code, "display": display},
        },
        "extension": _extension(sheet, conclusion),
    }
    if override_reasons and sheet.indicator != "info":
        card["overrideReasons"] = [dict(reason) for reason in override_reasons]
    if trace_url:
        card["links"] = [{"label": LINK_LABEL, "url": trace_url, "type": "absolute"}]
    return card


def _extension(sheet: Sheet, conclusion: Conclusion) -> dict[str, list[str]]:
    rules = dict.fromkeys(point.rule.id for point in sheet.points if point.rule)
    rules |= dict.fromkeys(rule.id for point in sheet.points for one in point.questions for rule in one.waiting)
    about = {element.key for point in sheet.points for firing in point.firings for element in firing.elements}
    about |= {question.element for point in sheet.points for question in point.questions}
    firings = [firing for point in sheet.points for firing in point.firings]
    extension = {
        "org.osteon.rules": list(rules),
        "org.osteon.about": sorted(about - {""}),
        "org.osteon.orders": references_of(orders_concerned(firings, conclusion.record)),
    }
    return {key: values for key, values in extension.items() if values}


def _summary(sheet: Sheet, conclusion: Conclusion) -> str:
    """The line of the first point, what is behind it, and always less than 140 characters."""
    leader = sheet.points[0]
    further = [point for point in sheet.points[1:] if point.counts]
    start = "Also: " if sheet.folded else ""
    suffix = _suffix(len(further), sum(point.indicator == "warning" for point in further))
    line = start + line_of(leader, conclusion) + suffix
    if len(line) > LONGEST_SUMMARY and leader.rule is not None:
        line = start + leader.rule.title + suffix
    if len(line) > LONGEST_SUMMARY:
        line = line[: LONGEST_SUMMARY - len(suffix) - 1].rstrip() + "…" + suffix
    return line


def _suffix(further: int, warnings: int) -> str:
    if not further:
        return ""
    return f" (+{further} more" + (f", {warnings} warning{'s' if warnings > 1 else ''})" if warnings else ")")


def line_of(point: Point, conclusion: Conclusion) -> str:
    """What a point says in one line, its placeholders filled with values in force and words that are safe anywhere."""
    if point.rule is None:
        return summary_of(conclusion) if point.unread else question_summary(point.questions)
    line = conclusion.thresholds.filled(point.rule.summary)
    if point.rule.id == MISSING_FACTS_RULE:
        return line + deciding_suffix(point.questions)
    if "{" not in line:
        return line
    line = line.replace("{rt}", _radiotherapy(point)).replace("{reason}", _reason(conclusion))
    return line.replace("{lean}", _lean(conclusion)).replace("{drug}", _drugs(point))


def _drugs(point: Point) -> str:
    members = (elements_by_kind(firing.rule, firing.elements).get("drug") for firing in point.firings)
    names = sorted({plain(drug_name(drug)) or "a drug" for drug in members if drug is not None})
    return ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "") if names else "a drug"


def _radiotherapy(point: Point) -> str:
    courses = (elements_by_kind(firing.rule, firing.elements).get("course") for firing in point.firings)
    return next((rt_phrase(course) for course in courses if course is not None), "RT")


def _lean(conclusion: Conclusion) -> str:
    lean = conclusion.prognosis.lean
    return f"lean {lean}" if lean and lean != "not_applicable" else "lean undetermined"


def _reason(conclusion: Conclusion) -> str:
    lo, hi = conclusion.prognosis.points_lo, conclusion.prognosis.points_hi
    asserted = conclusion.record.value("patient.systemic_condition") == "compromised"
    if lo is None or lo < conclusion.thresholds.number(POOR_MIN_POINTS) or asserted:
        return "compromised general condition"
    return f"{lo} adverse points" if lo == hi else f"at least {lo} adverse points"
