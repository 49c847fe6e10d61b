"""The rulebook for reading, and one rule in full. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rulesets.thresholds import THRESHOLDS
from service.pages.rules import PATIENTS_OWN, RuleTexts
from service.pages.words import INDICATORS, Mark, fact_label, filled, mark

Data = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class RuleLine:
    """A rule in a list, with its counts; ``share`` of decisions in which it could not be decided, in percent."""

    id: str
    title: str
    indicator: Mark
    fired: int
    undetermined: int
    share: str
    is_optional: bool


@dataclass(frozen=True, kw_only=True)
class Topic:
    name: str
    anchor: str
    rules: tuple[RuleLine, ...]


@dataclass(frozen=True, kw_only=True)
class RulePage:
    """One rule with everything the rulebook says of it."""

    id: str
    title: str
    topic: str
    indicator: Mark
    indicator_because: str
    scope: str
    when: str
    summary: str
    detail: str
    evidence: str
    when_unknown: str
    statements: tuple[str, ...]
    escalations: tuple[tuple[Mark, str, str], ...]
    asks: tuple[str, ...]
    hooks: tuple[str, ...]
    ambiguities: tuple[str, ...]
    since: tuple[tuple[str, str, str], ...]  # what, source, address
    offers: tuple[tuple[str, str], ...]
    enabled_by: str


@dataclass(frozen=True, kw_only=True)
class ThresholdLine:
    key: str
    value: str
    default: str
    unit: str
    origin: str
    meaning: str
    is_changed: bool


def topics_of(rules: Iterable[Data], counts: Mapping[str, Mapping[str, int]], decisions: int) -> tuple[Topic, ...]:
    """The rules by topic, in the rulebook's order, with how often each fired and stayed open."""
    found: dict[str, list[RuleLine]] = {}
    for rule in rules:
        of = counts.get(str(rule["id"]), {})
        found.setdefault(str(rule.get("topic", "")), []).append(
            RuleLine(
                id=str(rule["id"]),
                title=str(rule["title"]),
                indicator=mark(INDICATORS, rule.get("indicator")),
                fired=of.get("fired", 0),
                undetermined=of.get("undetermined", 0),
                share=share(of.get("undetermined", 0), decisions),
                is_optional=bool(rule.get("enabledBy")),
            )
        )
    return tuple(
        Topic(name=name, anchor=f"topic-{place}", rules=tuple(lines))
        for place, (name, lines) in enumerate(found.items(), 1)
    )


def share(part: int, whole: int) -> str:
    """``25%``; a dash where there is no whole."""
    return f"{100 * part / whole:.0f}%" if whole else "–"


def rule_page(rule: Data, thresholds: Mapping[str, Any]) -> RulePage:
    """A rule as it is read, with the thresholds in force."""
    texts = RuleTexts([rule], thresholds)
    id = str(rule["id"])

    def words(text: object) -> str:
        return filled(str(text or ""), {**PATIENTS_OWN, **thresholds})

    return RulePage(
        id=id,
        title=str(rule["title"]),
        topic=str(rule.get("topic", "")),
        indicator=mark(INDICATORS, rule.get("indicator")),
        indicator_because=words(rule.get("indicatorBecause")),
        scope="each " + " and ".join(rule["forEach"]) if rule.get("forEach") else "the patient",
        when=words(rule.get("whenInEnglish")),
        summary=words(rule.get("summary")),
        detail=words(rule.get("detail")),
        evidence=words(rule.get("evidence")),
        when_unknown="asks for what is missing" if rule.get("whenUnknown") == "ask" else "says nothing",
        statements=texts.statements(id),
        escalations=tuple(
            (mark(INDICATORS, step.get("to")), words(step.get("whenInEnglish")), words(step.get("why")))
            for step in rule.get("escalations") or ()
        ),
        asks=tuple(fact_label(str(name)) for name in rule.get("ask") or ()),
        hooks=tuple(map(str, rule.get("hooks") or ())),
        ambiguities=tuple(words(each) for each in rule.get("ambiguities") or ()),
        since=tuple((words(each.get("says")), str(each.get("source")), str(each.get("url"))) for each in rule["since"]),
        offers=tuple((str(each.get("label")), str(each.get("description"))) for each in rule.get("suggestions") or ()),
        enabled_by=str(rule.get("enabledBy") or ""),
    )


def threshold_lines(values: Mapping[str, Any]) -> tuple[ThresholdLine, ...]:
    """Every threshold with the value in force."""
    return tuple(
        ThresholdLine(
            key=key,
            value=_plain(values.get(key)),
            default=_plain(each.default),
            unit=each.unit,
            origin=each.origin,
            meaning=each.meaning,
            is_changed=values.get(key) != each.default,
        )
        for key, each in THRESHOLDS.items()
    )


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """A part of something, before and after."""

    field: str
    before: str
    after: str


def _plain(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return ", ".join(map(_plain, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
