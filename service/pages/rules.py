"""The rules of a decision: what became of each, clause by clause, with the words of the rulebook it was made with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.pages.facts import FactBook, ShownFact
from service.pages.words import INDICATORS, OUTCOMES, TRUTHS, Mark, capital, filled, mark
from service.record_json import Json

SHOWN = ("fired", "undetermined", "error")
"""Outcomes that are shown open; rules with another one are folded."""
PATIENTS_OWN = {"drug": "the drug", "rt": "radiotherapy", "lean": "the lean", "reason": "the reason"}
"""What a summary leaves open until there is a patient."""
_GRAVITY = ("critical", "warning", "info", "")


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One claim of a rule and its truth; ``facts`` are those it was judged by."""

    says: str
    truth: Mark
    facts: tuple[ShownFact, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What a rule was judged for (nothing for the patient), and what it came to."""

    concerns: str
    alike: int  # further situations in which the same clauses are false
    outcome: Mark
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, kw_only=True)
class ShownRule:
    """A rule with all its situations. ``facts`` and ``missing`` are what it rests on and waits for."""

    id: str
    anchor: str
    title: str
    topic: str
    outcome: Mark
    indicator: Mark | None
    when: str
    summary: str
    evidence: str
    statements: tuple[str, ...]
    situations: tuple[Situation, ...]
    facts: tuple[ShownFact, ...]
    missing: tuple[ShownFact, ...]


class RuleTexts:
    """The rules of one rulebook by their ids, with the thresholds of a decision filled in."""

    def __init__(self, rules: Iterable[Mapping[str, Any]], thresholds: Mapping[str, Any]) -> None:
        self._rules = {str(rule.get("id")): rule for rule in rules}
        self._thresholds = thresholds

    def title(self, id: str) -> str:
        return str(self._rules.get(id, {}).get("title", id))

    def text(self, id: str, field: str) -> str:
        """A text of the rule as it is read; what only a patient fills in is called by its kind."""
        return filled(str(self._rules.get(id, {}).get(field) or ""), {**PATIENTS_OWN, **self._thresholds})

    def statements(self, id: str) -> tuple[str, ...]:
        """What the paper states, each with its place."""
        return tuple(_stated(each) for each in self._rules.get(id, {}).get("statements") or ())


def _stated(statement: Mapping[str, Any]) -> str:
    references = ", ".join(str(each) for each in statement.get("references") or ())
    section = str(statement.get("section", ""))
    place = section if section.startswith("Table") else f"section {section}"
    return f"Paper, {place}{f' [{references}]' if references else ''}: {statement.get('says', '')}"


def rules_of(body: Mapping[str, Any], book: FactBook, texts: RuleTexts) -> tuple[ShownRule, ...]:
    """Every rule the trace tells of: fired first, then undetermined, then the others, in the rulebook's order."""
    told = _told(body)
    waiting = _waiting(body)
    shown = [_shown(id, situations, waiting.get(id, ()), book, texts) for id, situations in told.items()]
    order = {word: place for place, word in enumerate(OUTCOMES)}
    ranked = {id: place for place, id in enumerate(told)}
    return tuple(sorted(shown, key=lambda rule: (order.get(rule.outcome.word, len(order)), ranked[rule.id])))


def _told(body: Mapping[str, Any]) -> dict[str, list[Json]]:
    """The situations of each rule. Older traces tell in the result alone what fired and what waits."""
    kept = body.get("rules")
    if not isinstance(kept, list):
        return _told_in_result(body)
    alone: list[Json] = [{}]
    return {
        str(entry.get("id")): [{"outcome": entry.get("outcome"), **each} for each in entry.get("situations") or alone]
        for entry in kept
    }


def _waiting(body: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """The facts each undetermined rule waits for, with the element that is meant."""
    found: dict[str, list[tuple[str, str]]] = {}
    for each in ((body.get("result") or {}).get("rules") or {}).get("undetermined") or ():
        names = found.setdefault(str(each.get("id")), [])
        names += [(str(name), str(each.get("element") or "")) for name in each.get("missing") or ()]
    return found


def _told_in_result(body: Mapping[str, Any]) -> dict[str, list[Json]]:
    """What the result says of rules, in the form of ``body["rules"]``, which older traces do not have."""
    rules: Json = (body.get("result") or {}).get("rules") or {}
    found: dict[str, list[Json]] = {}
    for each in rules.get("fired") or ():
        clauses = [{"says": "", "truth": "true", "facts": [reason]} for reason in each.get("because") or ()]
        situation = {
            "elements": each.get("element") or "",
            "outcome": "fired",
            "indicator": each.get("indicator"),
            "clauses": clauses,
        }
        found.setdefault(str(each.get("id")), []).append(situation)
    for each in rules.get("undetermined") or ():
        clauses = [{"says": "", "truth": "unknown", "missing": name} for name in each.get("missing") or ()]
        situation = {"elements": each.get("element") or "", "outcome": "undetermined", "clauses": clauses}
        found.setdefault(str(each.get("id")), []).append(situation)
    for id in rules.get("suppressed") or ():
        found.setdefault(str(id), []).append({"outcome": "suppressed", "clauses": []})
    return found


def _shown(
    id: str, situations: list[Json], waits: Sequence[tuple[str, str]], book: FactBook, texts: RuleTexts
) -> ShownRule:
    facts: dict[str, ShownFact] = {}
    missing: dict[str, ShownFact] = {}
    made = []
    for situation in situations:
        elements = situation.get("elements") or ""
        concerns = " + ".join(map(str, elements)) if isinstance(elements, list) else str(elements)
        alike = len(situation.get("alike") or ())
        clauses = tuple(_clause(clause, concerns, book) for clause in situation.get("clauses") or ())
        outcome = mark(OUTCOMES, situation.get("outcome"))
        made.append(Situation(concerns=concerns, alike=alike, outcome=outcome, clauses=clauses))
        if outcome.word not in ("fired", "undetermined"):
            continue
        for clause in clauses:
            for fact in clause.facts:
                held = missing if fact.state in ("unknown", "conflict") else facts
                held[fact.anchor] = fact
                book.note_use(fact, id)
    for name, element in waits:
        fact = book.missing(name, element)
        missing[fact.anchor] = fact
        book.note_use(fact, id)
    outcomes = [each.outcome.word for each in made]
    gravest = next((word for word in OUTCOMES if word in outcomes), outcomes[0])
    indicators = [str(each.get("indicator") or "") for each in situations if each.get("outcome") == "fired"]
    indicator = next((word for word in _GRAVITY if word and word in indicators), "")
    return ShownRule(
        id=id,
        anchor=f"rule-{id.replace('.', '-')}",
        title=texts.title(id),
        topic=texts.text(id, "topic"),
        outcome=mark(OUTCOMES, gravest),
        indicator=INDICATORS.get(indicator),
        when=texts.text(id, "whenInEnglish"),
        summary=texts.text(id, "summary"),
        evidence=texts.text(id, "evidence"),
        statements=texts.statements(id),
        situations=tuple(made),
        facts=tuple(facts.values()),
        missing=tuple(missing.values()),
    )


def _clause(clause: Json, concerns: str, book: FactBook) -> Clause:
    truth = mark(TRUTHS, clause.get("truth"))
    facts = tuple(_facts_of(clause, concerns, truth, book))
    says = str(clause.get("says") or "")
    if not says:
        says = f"{facts[0].text}" if facts else ""
    return Clause(says=capital(says), truth=truth, facts=facts)


def _facts_of(clause: Json, concerns: str, truth: Mark, book: FactBook) -> Iterator[ShownFact]:
    if missing := clause.get("missing"):
        yield book.missing(str(missing), concerns)
    for fact in clause.get("facts") or ():
        name, value = str(fact.get("fact")), fact.get("value")
        concerns = " + ".join(map(str, fact.get("of") or ())) or concerns
        if value is None:
            if truth.kind == "unknown":
                yield book.missing(name, concerns)
            continue
        yield book.of(name, value, str(fact.get("source") or ""), concerns)
