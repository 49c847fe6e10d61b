"""The rulebook for reading, one rule in full, and the difference of two rulebooks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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


# --- two rulebooks -----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    field: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class EntryChange:
    """A rule or definition that is in both and not the same."""

    id: str
    title: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, kw_only=True)
class RulebookDifference:
    """From one rulebook to another; ``terminology`` says whether the codes changed too."""

    gone: tuple[tuple[str, str], ...]
    new: tuple[tuple[str, str], ...]
    changed: tuple[EntryChange, ...]
    definitions: tuple[EntryChange, ...]
    thresholds: tuple[FieldChange, ...]
    terminology: bool

    @property
    def is_empty(self) -> bool:
        return not (self.gone or self.new or self.changed or self.definitions or self.thresholds or self.terminology)


_SHOWN_FIELDS = {
    "title": "Title", "topic": "Topic", "forEach": "For each", "whenInEnglish": "When", "summary": "Then",
    "detail": "Detail", "indicator": "Indicator", "indicatorBecause": "Why", "escalations": "Escalations",
    "hooks": "Hooks", "whenUnknown": "When unknown", "ask": "Asks", "evidence": "Evidence",
    "statements": "Statements", "ambiguities": "Ambiguities", "since": "Since the paper", "suggestions": "Offers",
    "enabledBy": "Switched on by", "readings": "Readings", "gives": "Gives", "value": "Value", "otherwise": "Otherwise",
}  # fmt: skip


def rulebook_difference(
    before: tuple[Sequence[Data], Sequence[Data], Data],
    after: tuple[Sequence[Data], Sequence[Data], Data],
    *,
    terminology: bool,
) -> RulebookDifference:
    """Rules, definitions and values of thresholds of two rulebooks, compared entry by entry."""
    was, now = ({str(rule["id"]): rule for rule in each[0]} for each in (before, after))
    return RulebookDifference(
        gone=tuple((id, str(rule.get("title", ""))) for id, rule in was.items() if id not in now),
        new=tuple((id, str(rule.get("title", ""))) for id, rule in now.items() if id not in was),
        changed=tuple(_entry_changes(was, now)),
        definitions=tuple(_definition_changes(before[1], after[1])),
        thresholds=tuple(
            FieldChange(field=key, before=_plain(before[2].get(key)), after=_plain(after[2].get(key)))
            for key in dict.fromkeys([*before[2], *after[2]])
            if before[2].get(key) != after[2].get(key)
        ),
        terminology=terminology,
    )


def _entry_changes(was: Mapping[str, Data], now: Mapping[str, Data]) -> Iterator[EntryChange]:
    for id in now:
        if id in was and (fields := tuple(_field_changes(was[id], now[id]))):
            yield EntryChange(id=id, title=str(now[id].get("title", "")), fields=fields)


def _definition_changes(before: Iterable[Data], after: Iterable[Data]) -> Iterator[EntryChange]:
    was, now = ({str(each["id"]): each for each in of} for of in (before, after))
    for id in dict.fromkeys([*was, *now]):
        if fields := tuple(_field_changes(was.get(id, {}), now.get(id, {}))):
            yield EntryChange(id=id, title="", fields=fields)


def _field_changes(was: Data, now: Data) -> Iterator[FieldChange]:
    """Fields that are not the same; a condition is told in English where that shows the change."""
    found = [name for name in dict.fromkeys([*was, *now]) if was.get(name) != now.get(name)]
    if "whenInEnglish" in found and "when" in found:
        found.remove("when")
    for name in found:
        if name != "id":
            label = _SHOWN_FIELDS.get(name, name)
            yield FieldChange(field=label, before=_plain(was.get(name)), after=_plain(now.get(name)))


def _plain(value: object) -> str:
    match value:
        case None | "" | [] | ():
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case {**fields}:
            return "; ".join(f"{name}: {_plain(each)}" for name, each in fields.items() if each not in (None, "", []))
        case list() | tuple():
            return " | ".join(_plain(each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
