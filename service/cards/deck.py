"""Findings to CDS Hooks cards: few, grave first, each readable in half a minute. Pure.

Rules that speak of the same thing share a card; a warning never hides under an information, and
nothing that could harm is folded away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rulesets.evidence import PAPER_LABEL, PAPER_URL
from rulesets.rule import Hook
from rulesets.thresholds import POOR_MIN_POINTS
from service.cards.detail import Point, detail_of
from service.cards.orders import orders_concerned, references_of
from service.cards.points import points_of
from service.cards.questions import MISSING_FACTS_RULE, deciding_suffix, question_summary
from service.cards.relevance import elements_by_kind
from service.cards.sheets import Sheet, folded, sheet_order, sheets_of
from service.cards.text import drug_name, plain, rt_phrase
from service.cards.unread import summary_of
from service.reasoning.findings import Conclusion
from service.suggestions.drafts import Material
from service.suggestions.offers import changed_on, suggestions_of

Card = dict[str, Any]

LONGEST_SUMMARY = 139
LIMITS: Mapping[Hook, int] = {"patient-view": 4, "order-select": 3, "order-sign": 3}
TOPIC_SYSTEM = "urn:osteon:codesystem:topic"
LINK_LABEL = "Why this card: rules and facts"


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
    sheets = folded(sorted(sheets_of(points_of(conclusion, hook)), key=sheet_order), LIMITS[hook])
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
