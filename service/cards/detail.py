"""The detail of a card: each point with its reasons, the facts used, and what is not known.

Written to be read in half a minute: what to do first, where it comes from below, one table of
facts that leads back to the resources, then what would change the advice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rulesets.evidence import Since
from rulesets.record import Member, Record
from rulesets.rule import Hook, Indicator, Rule
from rulesets.thresholds import Thresholds
from service.cards import text as card_text
from service.cards.facts import facts_table
from service.cards.lines import EXTRA_LINES
from service.cards.orders import order_lines, orders_concerned
from service.cards.questions import Question, question_lines
from service.cards.relevance import (
    Family,
    elements_by_kind,
)
from service.cards.text import authored, escaped
from service.cards.unknowns import unknown_lines
from service.cards.unread import unread_lines
from service.reasoning.findings import Conclusion, Firing

_SAID: Mapping[Indicator, str] = {"critical": "Critical", "warning": "Warning", "info": "Information"}


@dataclass(frozen=True, kw_only=True)
class Point:
    """One thing a card says: a rule with all it concerns, or the questions.

    ``drug`` is the drug it is about on a card of drugs; ``counts`` is false for advice that only
    accompanies another point; ``unread`` tells with the questions what could not be read.
    """

    rule: Rule | None
    indicator: Indicator
    family: Family
    place: int
    firings: tuple[Firing, ...] = ()
    drug: str = ""
    counts: bool = True
    questions: tuple[Question, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass
class Said:
    """What a card has said so far: statements, newer notes, and elements by the short name each was given."""

    statements: set[tuple[str, str]] = field(default_factory=set)
    since: set[Since] = field(default_factory=set)
    elements: dict[str, str] = field(default_factory=dict)


def detail_of(points: tuple[Point, ...], summaries: tuple[str, ...], conclusion: Conclusion, hook: Hook) -> str:
    """The Markdown of a card; ``summaries`` are the first lines of its points."""
    said = Said()
    parts = [_paragraph(point, line, conclusion, said) for point, line in zip(points, summaries, strict=True)]
    firings = [firing for point in points for firing in point.firings]
    if ordered := order_lines(orders_concerned(firings, conclusion.record), conclusion.record):
        parts.append(ordered)
    if table := facts_table(firings, conclusion.record):
        parts.append("**Facts used**\n\n" + table)
    if unknowns := unknown_lines(points, firings, conclusion, hook):
        parts.append("**Not known**\n\n" + "\n".join(unknowns))
    return "\n\n".join(parts)


# --- points ------------------------------------------------------------------------------------


def _paragraph(point: Point, line: str, conclusion: Conclusion, said: Said) -> str:
    rule = point.rule
    # An apostrophe is ours as a rule, and does nothing between tags.
    blocks = [f"**{_SAID[point.indicator]}: {escaped(line).replace('&#39;', chr(39))}**"]
    asked = [unread_lines(point.unread), question_lines(point.questions, conclusion) if point.questions else []]
    if rule is None:
        return "\n\n".join([*blocks, *("\n".join(lines) for lines in asked if lines)])
    if rule.detail:
        blocks.append(authored(conclusion.thresholds.filled(rule.detail)))
    extra = EXTRA_LINES.get(rule.id)
    if extra is not None and (lines := extra(conclusion, point.firings)):
        blocks.append("\n".join(lines))
    if concerned := _concerned(point.firings, conclusion.record, said):
        blocks.append(concerned)
    blocks += ["\n".join(lines) for lines in asked if lines]
    blocks.append("\n".join(f"- {reason}" for reason in _reasons(point, rule, conclusion.thresholds, said)))
    return "\n\n".join(blocks)


def _reasons(point: Point, rule: Rule, thresholds: Thresholds, said: Said) -> Iterable[str]:
    for statement in rule.statements:
        known = (statement.says, statement.fingerprint) in said.statements
        said.statements.add((statement.says, statement.fingerprint))
        yield f"Paper, {authored(statement.place)}: {'as above.' if known else authored(statement.says)}"
    if not rule.statements:
        yield "Not from the paper, which makes no statement on this: a safety check of this service."
    if rule.statements or not rule.evidence.startswith("safety design"):
        yield f"Strength of evidence: {authored(rule.evidence)}"
    grave = "critical" if point.indicator == "critical" else "a warning"
    taken = next((step for step in rule.escalations() if step.to == point.indicator != rule.indicator), None)
    if taken:
        yield f"Why {grave} here: {authored(taken.why)}"
    elif rule.indicator_because and point.indicator != "info":
        yield f"Why {grave}: {authored(thresholds.filled(rule.indicator_because))}"
    for ambiguity in rule.ambiguities:
        yield f"To note: {authored(card_text.first_sentence(thresholds.filled(ambiguity)))}"
    for note in rule.since:
        newer = f"{authored(note.says)} ([{authored(note.source)}]({note.url}))"
        yield f"Since the paper: {'as above.' if note in said.since else newer}"
        said.since.add(note)
    yield f"Rule `{rule.id}`"


def _concerned(firings: tuple[Firing, ...], record: Record, said: Said) -> str:
    """``Concerns: olaparib (...) with planned RT to bone; ...``: in full once on a card, then by name."""
    lines: dict[tuple[str, ...], str] = {}
    on = record.evaluation_date
    for firing in firings:
        of = {kind: member for kind, member in elements_by_kind(firing.rule, firing.elements).items() if member.key}
        named, alike = [], [member.key for kind, member in of.items() if kind != "drug"]
        if drug := of.get("drug"):
            alike.append(card_text.drug_in_words(drug, on))
            named.append(_named(drug, escaped(card_text.drug_name(drug)), card_text.drug_in_words(drug, on), said))
        if lesion := of.get("lesion"):
            named.append(card_text.lesion_in_words(lesion))
        if course := of.get("course"):
            named.append(_named(course, card_text.course_in_short(course), card_text.course_in_words(course, on), said))
        if named:
            lines.setdefault(tuple(alike), " with ".join(named))
    return f"Concerns: {'; '.join(lines.values())}." if lines else ""


def _named(element: Member, short: str, full: str, said: Said) -> str:
    """The short name of an element described before; in full where the name could be that of another."""
    known = said.elements.get(short)
    said.elements.setdefault(short, element.key)
    return short if known == element.key else full
