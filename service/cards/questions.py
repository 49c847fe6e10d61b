"""What a clinician is asked: the few unknown facts that would change something said or left unsaid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rulesets.facts import FACTS, lesion
from rulesets.record import Member, Record
from rulesets.rule import Hook, Rule
from rulesets.words import label, listed
from service.cards.relevance import elements_by_kind, gravest, is_listed, is_shown, is_spoken_for, value_for
from service.cards.text import (
    authored,
    capitalised,
    drug_name,
    escaped,
    is_false,
    lesion_in_words,
    plain,
    rt_phrase,
    text_of,
)
from service.fact_sources import SOURCES, expected_resource
from service.reasoning.findings import Conclusion, Undetermined

MISSING_FACTS_RULE = "dq.missing-deciding-facts"
MOST_FACTS_ASKED = 5
MOST_FACTS_NAMED = 10
CONDITION = "patient.systemic_condition"


@dataclass(frozen=True, kw_only=True)
class Question:
    """One unknown fact, what it is about, and what waits for it.

    ``about`` names the drug, course or lesion in words of the chart, ``element`` is its key
    (both empty for a fact of the patient); ``waiting`` are the rules that need it.
    """

    fact: str
    about: str = ""
    element: str = ""
    decides_group: bool = False
    waiting: tuple[Rule, ...] = ()

    @property
    def words(self) -> str:
        """``last dose (olaparib)``, as plain chart text."""
        return label(self.fact) + (f" ({self.about})" if self.about else "")


def questions_at(conclusion: Conclusion, hook: Hook, *, group_is_open: bool) -> tuple[Question, ...]:
    """What is asked at a hook: first what decides the group, then what a rule waits for."""
    asked: dict[tuple[str, str], Question] = {}
    if group_is_open:
        for fact in conclusion.prognosis.missing:
            asked[(fact, "")] = Question(fact=fact, decides_group=True)
    order = {item.rule.id: place for place, item in reversed(list(enumerate(conclusion.undetermined)))}
    for item in sorted(conclusion.undetermined, key=lambda item: (order[item.rule.id], [e.key for e in item.elements])):
        if not _may_ask(item, conclusion, hook):
            continue
        for fact, member in _facts_asked(item, conclusion.record):
            key = (fact, member.key if member else "")
            known = asked.get(key) or Question(fact=fact, about=about(fact, member), element=key[1])
            if all(item.rule.id != rule.id for rule in known.waiting):
                known = replace(known, waiting=(*known.waiting, item.rule))
            asked[key] = known
    deciding = {fact: place for place, fact in enumerate(conclusion.prognosis.missing)}
    last = len(deciding)
    return tuple(sorted(asked.values(), key=lambda one: (one.fact != CONDITION, deciding.get(one.fact, last))))


def question_lines(questions: tuple[Question, ...], conclusion: Conclusion) -> list[str]:
    """The questions as Markdown list items, at most five facts."""
    lines = []
    deciding = [question for question in questions if question.decides_group]
    if deciding and conclusion.prognosis.possible:
        lines += [_what_is_open(conclusion.prognosis.possible, len(deciding)), ""]
    all_decide = len(deciding) == len(questions)
    questions = _each_said_once(questions)
    for question in questions[:MOST_FACTS_ASKED]:
        effects = ["decides the prognostic group"] if question.decides_group and not all_decide else []
        if question.waiting:
            effects.append(f"decides whether {titles_in_words([rule.title for rule in question.waiting])}")
        asked = capitalised(escaped(question.words))
        effect = f": {' and '.join(effects)}" if effects else ""
        lines.append(f"- **{asked}**{effect}. Expected as {expected_resource(question.fact)}.")
        if question.fact == CONDITION and conclusion.record.value("pattern.ecog_sre_ambiguous") is True:
            lines[-1] += " The performance status may come from the skeletal event itself: state the general condition."
        if question.fact == CONDITION and conclusion.record.value("dq.condition_conflict") is True:
            lines[-1] += " It is stated already and contradicts the performance status: check both."
    if others := [escaped(question.words) for question in questions[MOST_FACTS_ASKED:]]:
        more = f" (+{len(others) - MOST_FACTS_NAMED} more)" if len(others) > MOST_FACTS_NAMED else ""
        lines.append(f"- Then: {', '.join(others[:MOST_FACTS_NAMED])}{more}.")
    return lines


def _each_said_once(questions: Iterable[Question]) -> tuple[Question, ...]:
    """Two lesions of one site are called alike: asking the same words twice tells nobody more."""
    by_words: dict[str, Question] = {}
    for question in questions:
        by_words.setdefault(question.words, question)
    return tuple(by_words.values())


def _what_is_open(groups: Sequence[str], deciding: int) -> str:
    """``Prognosis still possible: good or poor. Ask first:`` and how far the answer leads."""
    said = f"Prognosis still possible: {listed(groups, 'or')}."
    if deciding == 1:
        return f"{said} One fact decides:"
    return f"{said} Any of these {deciding} facts can change the group; consider asking in this order:"


def deciding_suffix(questions: tuple[Question, ...]) -> str:
    """``; first needed: performance status (ECOG)``: what the first line says of an open group."""
    deciding = [question for question in questions if question.decides_group]
    if not deciding:
        return ""
    return f"; {'one fact decides' if len(deciding) == 1 else 'first needed'}: {label(deciding[0].fact)}"


def question_summary(questions: tuple[Question, ...]) -> str:
    """``Data needed: last dose (olaparib)``: the first fact asked."""
    first = questions[0]
    return f"Data needed: {label(first.fact)}" + (f" ({plain(first.about)})" if first.about else "")


def about(fact: str, member: Member | None) -> str:
    """The drug, course or lesion a fact belongs to, in words of the chart; empty for a fact of the patient."""
    if member is None:
        return ""
    match fact.partition(".")[0]:
        case "drug":
            return drug_name(member)
        case "rt":
            region = text_of(member.facts, "rt.region") or text_of(member.facts, "rt.target")
            return rt_phrase(member) + (f", {region.replace('_', ' ')}" if region else "")
        case "lesion":
            return lesion_in_words(member)
        case _:
            return ""


def unknown_sources(names: Iterable[str], of: Mapping[str, Member], record: Record) -> list[tuple[str, Member | None]]:
    """The facts to ask for, each with its element, when facts are unknown; derived ones by what they come from.

    Nothing is asked of a drug, a course or an order that is not the one in hand.
    """
    found: dict[tuple[str, str], tuple[str, Member | None]] = {}
    for name in names:
        if name == "drug.exposure":
            chosen: Iterable[str] = _open_dates(of)
        elif name in SOURCES:
            chosen = (source for source, _ in unknown_sources(SOURCES[name], of, record))
        else:
            chosen = (name,)
        for fact in chosen:
            for member in _whose(fact, of, record):
                known_of = of if member is None else {**of, FACTS[fact].element or "": member}
                if not _is_known(fact, known_of, record):
                    found.setdefault((fact, member.key if member else ""), (fact, member))
    return list(found.values())


def _whose(fact: str, of: Mapping[str, Member], record: Record) -> Sequence[Member | None]:
    """What a fact may be asked of: the patient, the element in hand, or each lesion a rule looks through."""
    kind = FACTS[fact].element if fact in FACTS else None
    if kind is None or kind in of:
        return (of.get(kind or ""),)
    listed = sorted(record.lesions or (), key=lambda one: one.key) if kind == "lesion" else []
    if fact == lesion.cord_compression.name:
        return [one for one in listed if not is_false(one.facts, lesion.spinal.name)]
    return listed


def _may_ask(item: Undetermined, conclusion: Conclusion, hook: Hook) -> bool:
    return (
        item.rule.when_unknown == "ask"
        and not item.false_clauses
        and item.rule.id not in conclusion.suppressed
        and is_shown(item.rule, gravest(item.rule), item.elements, conclusion.record, hook)
        and is_listed(item, conclusion.record)
        and not is_spoken_for(item, conclusion)
    )


def _facts_asked(item: Undetermined, record: Record) -> list[tuple[str, Member | None]]:
    """The unknown facts of the ask list, if every open clause waits for one of them.

    Without a list: those of the open clause, if it is the only one and another clause holds.
    """
    of = elements_by_kind(item.rule, item.elements)
    if item.rule.ask:
        askable = {fact.name for fact in item.rule.ask}
        for clause in item.open_clauses:
            if askable.isdisjoint({*clause, *(source for name in clause for source in SOURCES.get(name, ()))}):
                return []
        return unknown_sources([fact.name for fact in item.rule.ask], of, record)
    if len(item.open_clauses) != 1 or not item.true_clauses:
        return []
    return unknown_sources(item.open_clauses[0], of, record)


def _open_dates(of: Mapping[str, Member]) -> tuple[str, ...]:
    """Which dates leave the timing of a drug around a course open, by the status of the drug."""
    drug = of.get("drug")
    status = text_of(drug.facts, "drug.status") if drug else ""
    by_status = {
        "stopped": ("drug.last_dose_day",), "on_hold": ("drug.last_dose_day",), "draft": ("drug.start_day",),
        "planned": ("drug.start_day",), "active": (), "": ("drug.status", "drug.last_dose_day"),
    }[status]  # fmt: skip
    return (*by_status, "rt.status", "rt.start_day", "rt.end_day")


def _is_known(name: str, of: Mapping[str, Member], record: Record) -> bool:
    fact = FACTS.get(name)
    return fact is not None and value_for(fact, of, record) is not None


def titles_in_words(titles: Sequence[str]) -> str:
    """``“Endocrine therapy with RT” applies``: at most two titles."""
    named = " and ".join(f"“{authored(title)}”" for title in titles[:2])
    more = f" (+{len(titles) - 2} more)" if len(titles) > 2 else ""
    return f"{named}{more} {'apply' if len(titles) > 1 else 'applies'}"
