"""The rules of a decision: what became of each, clause by clause, with the words of the rulebook it was made with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from service.pages.fact_book import FactBook
from service.pages.facts import ShownFact
from service.pages.members import LISTS, Owner
from service.pages.words import INDICATORS, OUTCOMES, TRUTHS, Mark, capital, filled, mark
from service.record_json import Json

SHOWN = ("fired", "undetermined", "error")
"""Outcomes that are shown open; rules with another one are folded."""
PATIENTS_OWN = {"drug": "the drug", "rt": "radiotherapy", "lean": "the lean", "reason": "the reason"}
"""What a summary leaves open until there is a patient."""
_GRAVITY = ("critical", "warning", "info", "")


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A fact a clause was judged by; ``whose`` is the element it is of, where that must be said.

    ``label`` is empty where the clause names the fact.
    """

    fact: ShownFact
    whose: str = ""
    label: str = ""

    @property
    def sources(self) -> str:
        """The resources it was read from, at most two of them."""
        references = list(dict.fromkeys(origin.reference for origin in self.fact.origins if origin.reference))
        return ", ".join(references[:2]) + (f" and {len(references) - 2} more" if len(references) > 2 else "")


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One claim of a rule and its truth, with the facts it was judged by."""

    says: str
    truth: Mark
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What a rule was judged for (no elements: the patient), and what it came to.

    ``alike`` are further situations in which the same clauses are false.
    """

    elements: tuple[Owner, ...]
    alike: tuple[tuple[Owner, ...], ...]
    outcome: Mark
    clauses: tuple[Clause, ...]

    @property
    def concerns(self) -> str:
        return " + ".join(each.key for each in self.elements)

    @property
    def called(self) -> str:
        """The elements by what they are: ``Radiotherapy 1: pelvis and Drug 2: olaparib``."""
        return called(self.elements)

    @property
    def also(self) -> str:
        return "; ".join(map(called, self.alike))

    @property
    def decisive(self) -> tuple[Clause, ...]:
        """The clauses that kept the rule from firing."""
        return tuple(clause for clause in self.clauses if clause.truth.kind == "false")


def called(elements: Sequence[Owner]) -> str:
    return " and ".join(each.called for each in elements)


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

    @property
    def tells(self) -> bool:
        """Whether anything was kept of why it came to this."""
        return any(situation.clauses for situation in self.situations)


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


def rule_of(id: str, body: Mapping[str, Any], texts: RuleTexts) -> ShownRule | None:
    """What became of one rule; None where the trace tells nothing of it."""
    situations = _told(body).get(id)
    return None if situations is None else _shown(id, situations, _waiting(body).get(id, ()), FactBook(body), texts)


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
    made = [_situation(situation, book) for situation in situations]
    for situation in made:
        if situation.outcome.word not in ("fired", "undetermined"):
            continue
        for fact in (each.fact for clause in situation.clauses for each in clause.evidence):
            held = missing if fact.is_open else facts
            held[fact.anchor] = fact
            book.note_use(fact, id)
    for name, element in waits:
        fact = book.missing(name, element.split(" + "))
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


def _situation(situation: Json, book: FactBook) -> Situation:
    keys = _keys(situation.get("elements"))
    return Situation(
        elements=_owners(keys, book),
        alike=tuple(_owners(_keys(each), book) for each in situation.get("alike") or ()),
        outcome=mark(OUTCOMES, situation.get("outcome")),
        clauses=tuple(_clause(clause, keys, book) for clause in situation.get("clauses") or ()),
    )


def _keys(elements: object) -> tuple[str, ...]:
    """The keys of a situation; the result has them as one text."""
    if isinstance(elements, list):
        return tuple(map(str, elements))
    return tuple(str(elements).split(" + ")) if elements else ()


def _owners(keys: Sequence[str], book: FactBook) -> tuple[Owner, ...]:
    return tuple(book.members.owner(key) for key in keys)


def _clause(clause: Json, keys: tuple[str, ...], book: FactBook) -> Clause:
    evidence = tuple(_evidence(clause, keys, book))
    truth, says = mark(TRUTHS, clause.get("truth")), str(clause.get("says") or "")
    if not says:  # an older trace, which names the facts alone
        says = evidence[0].fact.label if evidence else ""
    elif len({each.fact.name for each in evidence}) > 1:
        evidence = tuple(replace(each, label=each.fact.label) for each in evidence)
    return Clause(says=capital(says), truth=truth, evidence=evidence)


def _evidence(clause: Json, keys: tuple[str, ...], book: FactBook) -> Iterator[Evidence]:
    if missing := clause.get("missing"):
        yield Evidence(fact=book.missing(str(missing), keys))
    for fact in clause.get("facts") or ():
        name, value = str(fact.get("fact")), fact.get("value")
        named = tuple(map(str, fact.get("of") or ()))  # of a course and a drug, the label says which course
        known = value is not None or name in LISTS
        row = book.of(name, value, named or keys, str(fact.get("source") or "")) if known else None
        yield Evidence(fact=row or book.missing(name, named or keys), whose=called(_owners(named[-1:], book)))
