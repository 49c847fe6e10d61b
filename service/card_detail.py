"""The detail of a card: each point with its reasons, the facts used, and what is not known.

Written to be read in half a minute: what to do first, where it comes from below, one table of
facts that leads back to the resources, then what would change the advice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from rulesets.facts import mets, patient, tumour
from rulesets.language import comparisons_in
from rulesets.record import Fact, Facts, Member, Record, Source
from rulesets.rule import Hook, Indicator, Rule
from rulesets.thresholds import AGE_ADVERSE_OVER, POOR_MIN_POINTS
from rulesets.words import label
from service import card_text
from service.card_text import authored, capitalised, escaped, in_words
from service.fact_sources import POSITION
from service.findings import Conclusion, Firing
from service.questions import Question, about, question_lines, titles_in_words, unknown_sources
from service.relevance import (
    Family,
    elements_by_kind,
    family_of,
    gravest,
    is_listed,
    is_shown,
    is_spoken_for,
    value_for,
)

MOST_FACT_ROWS = 40
MOST_UNKNOWNS = 4
MOST_SOURCES = 3
NO_ORDER = ("order.kind", "none")

_SAID: Mapping[Indicator, str] = {"critical": "Critical", "warning": "Warning", "info": "Information"}


@dataclass(frozen=True, kw_only=True)
class Point:
    """One thing a card says: a rule with all it concerns, or the questions.

    ``drug`` is the drug it is about on a card of drugs; ``counts`` is false for advice that only
    accompanies another point.
    """

    rule: Rule | None
    indicator: Indicator
    family: Family
    place: int
    firings: tuple[Firing, ...] = ()
    drug: str = ""
    counts: bool = True
    questions: tuple[Question, ...] = ()


def detail_of(points: tuple[Point, ...], summaries: tuple[str, ...], conclusion: Conclusion, hook: Hook) -> str:
    """The Markdown of a card; ``summaries`` are the first lines of its points."""
    parts = [_paragraph(point, line, conclusion) for point, line in zip(points, summaries, strict=True)]
    firings = [firing for point in points for firing in point.firings]
    if table := _facts_table(firings, conclusion.record):
        parts.append("**Facts used**\n\n" + table)
    if unknowns := _unknown_lines(points, firings, conclusion, hook):
        parts.append("**Not known**\n\n" + "\n".join(unknowns))
    return "\n\n".join(parts)


# --- points ------------------------------------------------------------------------------------


def _paragraph(point: Point, line: str, conclusion: Conclusion) -> str:
    rule = point.rule
    blocks = [f"**{_SAID[point.indicator]}: {escaped(line)}**"]
    if rule is None:
        return "\n\n".join([*blocks, "\n".join(question_lines(point.questions, conclusion))])
    if rule.detail:
        blocks.append(authored(rule.detail))
    extra = _EXTRA_LINES.get(rule.id)
    if extra is not None and (lines := extra(conclusion)):
        blocks.append("\n".join(lines))
    if concerned := _concerned(point.firings, conclusion.record):
        blocks.append(concerned)
    if point.questions:
        blocks.append("\n".join(question_lines(point.questions, conclusion)))
    blocks.append("\n".join(f"- {reason}" for reason in _reasons(point, rule)))
    return "\n\n".join(blocks)


def _reasons(point: Point, rule: Rule) -> Iterable[str]:
    for statement in rule.statements:
        yield f"Paper, {authored(statement.place)}: {authored(statement.says)}"
    if not rule.statements:
        yield "Check of this service; the paper makes no statement."
    yield f"Strength of evidence: {authored(rule.evidence)}"
    if rule.escalation and point.indicator == rule.escalation.to != rule.indicator:
        yield f"{capitalised(point.indicator)} here: {authored(rule.escalation.why)}"
    elif rule.indicator_because and point.indicator != "info":
        yield f"{capitalised(point.indicator)}: {authored(rule.indicator_because)}"
    for ambiguity in rule.ambiguities:
        yield f"To note: {authored(card_text.first_sentence(ambiguity))}"
    yield f"Rule `{rule.id}`"


def _concerned(firings: tuple[Firing, ...], record: Record) -> str:
    """``Concerns: olaparib (...) with planned RT to bone; ...``: every element in one line."""
    said: dict[str, None] = {}
    on = record.evaluation_date
    for firing in firings:
        of = {kind: member for kind, member in elements_by_kind(firing.rule, firing.elements).items() if member.key}
        named = []
        if "drug" in of:
            named.append(card_text.drug_in_words(of["drug"], on))
        if "lesion" in of:
            named.append(card_text.lesion_in_words(of["lesion"]))
        if "course" in of:
            named.append(card_text.course_in_words(of["course"], on))
        if named:
            said[" with ".join(named)] = None
    return f"Concerns: {'; '.join(said)}." if said else ""


# --- lines that some rules add -----------------------------------------------------------------


def _group_lines(conclusion: Conclusion) -> list[str]:
    prognosis, record, lines = conclusion.prognosis, conclusion.record, []
    lo, hi = prognosis.points_lo, prognosis.points_hi
    if lo is not None and hi is not None:
        counted = str(lo) if lo == hi else f"{lo} to {hi}"
        lines.append(f"Adverse points: {counted}; poor from {conclusion.thresholds.number(POOR_MIN_POINTS)}.")
    if prognosis.group == "poor" and record.value(patient.systemic_condition.name) == "compromised":
        lines.append("A compromised general condition is recorded and decides by itself.")
    if prognosis.group == "intermediate":
        lines.append(f"Lean within the group: {escaped(prognosis.lean or 'undetermined')}.")
    age = record.value(patient.age_years.name)
    if isinstance(age, int | float) and age > conclusion.thresholds.number(AGE_ADVERSE_OVER):
        lines.append("Age counts in the lean, not in the group.")
    if prognosis.group == "good" and record.value(mets.lesion_count.name) == 1:
        lines.append("A single lesion: exactly the setting the paper names.")
    return [" ".join(lines)] if lines else []


def _conflict_lines(conclusion: Conclusion) -> list[str]:
    lines = []
    for conflict in sorted(conclusion.record.conflicts, key=lambda conflict: (_position(conflict.name), conflict.name)):
        values = sorted(in_words(conflict.name, value, conclusion.record.evaluation_date) for value in conflict.values)
        where = sorted({_place(source) for source in conflict.sources})
        said = f"- {capitalised(label(conflict.name))}: {' against '.join(values)}"
        lines.append(f"{said} ({'; '.join(where)})" if where else said)
    return lines


def _stale_lines(conclusion: Conclusion) -> list[str]:
    lines = []
    for name in _names(conclusion.record, "dq.stale_facts"):
        fact = conclusion.record.facts.get(name)
        dated = _date_of(fact) if fact else ""
        lines.append(f"- {capitalised(label(name))}" + (f": recorded {dated}" if dated else ""))
    return lines


def _against_lines(conclusion: Conclusion) -> list[str]:
    names = conclusion.prognosis.conflict_facts
    return [f"Against the computed group: {', '.join(label(name) for name in names)}."] if names else []


def _goal_lines(conclusion: Conclusion) -> list[str]:
    now, open_ = (_names(conclusion.record, f"imbrication.{name}") for name in ("priorities", "priorities_unknown"))
    lines = [f"Goals that apply now: {', '.join(map(escaped, now)) or 'none is recorded'}."]
    if open_:
        lines.append(f"Cannot be judged: {', '.join(map(escaped, open_))}.")
    return [" ".join(lines)]


def _receptor_lines(conclusion: Conclusion) -> list[str]:
    lines = []
    pairs = (
        (tumour.er_primary, tumour.er_metastasis), (tumour.pr_primary, tumour.pr_metastasis),
        (tumour.her2_primary, tumour.her2_metastasis),
    )  # fmt: skip
    for primary, metastasis in pairs:
        before, after = conclusion.record.value(primary.name), conclusion.record.value(metastasis.name)
        if before is not None and after is not None and before != after:
            receptor = capitalised(label(primary.name).partition(",")[0])
            lines.append(f"- {receptor}: {before} in the primary, {after} in the metastasis")
    return lines


_EXTRA_LINES: Mapping[str, Callable[[Conclusion], list[str]]] = {
    "prognosis.good": _group_lines,
    "prognosis.intermediate": _group_lines,
    "prognosis.poor": _group_lines,
    "imbrication.sequence-priority": _goal_lines,
    "dq.conflicting-sources": _conflict_lines,
    "dq.stale-data": _stale_lines,
    "dq.prognosis-conflict": _against_lines,
    "dq.receptor-discordance": _receptor_lines,
}


def _names(record: Record, name: str) -> tuple[str, ...]:
    value = record.value(name)
    return value if isinstance(value, tuple) else ()


# --- facts used --------------------------------------------------------------------------------


def _facts_table(firings: Iterable[Firing], record: Record) -> str:
    """One row per fact: what, value, date, where from; derived facts followed to those they were made of."""
    rows: dict[tuple[int, str, str, str, str], None] = {}
    unnamed = _names_never_shown(record)
    written: set[tuple[int, str]] = set()
    for firing in firings:
        of = elements_by_kind(firing.rule, firing.elements)
        for fact in _with_reasons(firing.because, of, record):
            if (fact.name == "drug.name" and fact.value in unnamed) or (fact.name, fact.value) == NO_ORDER:
                continue
            owner = _owner(fact, of, record)
            if (once := (id(fact), owner.key if owner else "")) in written:
                continue
            written.add(once)
            whose = about(fact.name, owner)
            called = label(fact.name) + (f" ({escaped(whose)})" if whose and fact.name != "drug.name" else "")
            value = in_words(fact.name, fact.value, record.evaluation_date)
            rows[(_position(fact.name), capitalised(called), value, _date_of(fact), _origin(fact))] = None
    if not rows:
        return ""
    lines = ["| fact | value | date | from |", "| --- | --- | --- | --- |"]
    lines += [f"| {' | '.join(cells)} |" for _, *cells in sorted(rows)[:MOST_FACT_ROWS]]
    if len(rows) > MOST_FACT_ROWS:
        lines.append(f"| +{len(rows) - MOST_FACT_ROWS} more | | | |")
    return "\n".join(lines)


def _with_reasons(facts: Iterable[Fact], of: Mapping[str, Member], record: Record) -> list[Fact]:
    """The facts and, behind a derived one, those it was made of, each once."""
    found: dict[str, Fact] = {}
    waiting = list(facts)
    while waiting:
        fact = waiting.pop(0)
        if fact.name in found:
            continue
        found[fact.name] = fact
        waiting += [made for name in fact.because if (made := _fact_named(name, of, record)) is not None]
    return list(found.values())


def _fact_named(name: str, of: Mapping[str, Member], record: Record) -> Fact | None:
    for member in of.values():
        if (fact := _facts_by_name(member, of, record).get(name)) is not None:
            return fact
    return record.facts.get(name)


def _owner(fact: Fact, of: Mapping[str, Member], record: Record) -> Member | None:
    """The drug, course or lesion a fact belongs to: of those the rule speaks of, else the only one that has it."""
    kind = fact.name.partition(".")[0].replace("rt", "course")
    member = of.get(kind)
    if member is not None:
        return member
    listed = {"drug": record.drugs, "course": record.courses, "lesion": record.lesions}.get(kind) or ()
    owners = [one for one in listed if _facts_by_name(one, {**of, kind: one}, record).get(fact.name) == fact]
    return owners[0] if len(owners) == 1 else None


def _facts_by_name(member: Member, of: Mapping[str, Member], record: Record) -> Facts:
    course, drug = of.get("course"), of.get("drug")
    if course is not None and member is drug and (pair := record.exposures.get((course.key, drug.key))):
        return {**member.facts, **pair}
    return member.facts


def _names_never_shown(record: Record) -> set[str]:
    """Names of drugs that are no cancer drugs: no card speaks of them."""
    return {
        card_text.drug_name(drug)
        for drug in record.drugs or ()
        if card_text.text_of(drug.facts, "drug.drug_class") == "non_anticancer"
    }


def _position(name: str) -> int:
    return POSITION.get(name, len(POSITION))


def _date_of(fact: Fact) -> str:
    if fact.date is not None:
        return fact.date.isoformat()
    return escaped(max((source.date for source in fact.sources), default="")[:10]) if fact.sources else ""


def _origin(fact: Fact) -> str:
    """The resources a fact was read from; for a derived one the facts, which have rows of their own."""
    if fact.because:
        names = list(dict.fromkeys(label(name) for name in fact.because))
        return f"from {', '.join(names[:4])}{' ...' if len(names) > 4 else ''}"
    places = sorted({_place(source) for source in fact.sources})
    more = f" (+{len(places) - MOST_SOURCES} more)" if len(places) > MOST_SOURCES else ""
    return "; ".join(places[:MOST_SOURCES]) + more or "computed"


def _place(source: Source) -> str:
    said = source.reference + (f", {source.element}" if source.element else "")
    return escaped(said) + (f" ({escaped(source.conversion)})" if source.conversion else "")


# --- what is not known -------------------------------------------------------------------------


def _unknown_lines(points: tuple[Point, ...], firings: list[Firing], conclusion: Conclusion, hook: Hook) -> list[str]:
    """What is unknown about what the card speaks of, and which advice waits for it."""
    waiting: dict[str, set[str]] = {}
    for firing in firings:
        _add_untold(firing, conclusion.record, waiting)
    families = {point.family for point in points} - {"safety", "data"}
    keys = {element.key for firing in firings for element in firing.elements}
    rules_said = {point.rule.id for point in points if point.rule}
    for item in conclusion.undetermined:
        rule = item.rule
        if (
            family_of(rule, hook) not in families
            or (rule.id in rules_said and not item.elements)
            or rule.id in conclusion.suppressed
            or (item.elements and not keys.issuperset(element.key for element in item.elements))
            or not is_shown(rule, gravest(rule), item.elements, conclusion.record, hook)
            or not is_listed(item, conclusion.record)
            or is_spoken_for(item, conclusion)
        ):
            continue
        of = elements_by_kind(rule, item.elements)
        open_facts = unknown_sources(item.missing, of, conclusion.record)
        words = sorted({Question(fact=fact, about=about(fact, member)).words for fact, member in open_facts})
        if words:
            more = f" (+{len(words) - 3} more)" if len(words) > 3 else ""
            waiting.setdefault(" and ".join(words[:3]) + more, set()).add(rule.title)
    lines = [f"- {capitalised(escaped(words))}{_effect(titles)}" for words, titles in sorted(waiting.items())]
    return lines[:MOST_UNKNOWNS] + ([f"- +{len(lines) - MOST_UNKNOWNS} more"] if len(lines) > MOST_UNKNOWNS else [])


def _add_untold(firing: Firing, record: Record, waiting: dict[str, set[str]]) -> None:
    """Facts whose very absence the rule speaks of."""
    of = elements_by_kind(firing.rule, firing.elements)
    for comparison in comparisons_in(firing.rule.when):
        if comparison.operator == "unknown" and value_for(comparison.fact, of, record) is None:
            for fact, member in unknown_sources([comparison.fact.name], of, record):
                waiting.setdefault(Question(fact=fact, about=about(fact, member)).words, set())


def _effect(titles: set[str]) -> str:
    if not titles:
        return ": not recorded; the advice above allows for it"
    return f": decides whether {titles_in_words(sorted(titles))}"
