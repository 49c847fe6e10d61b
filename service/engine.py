"""The rule engine: durable-rules, fed only what is proven safe, kept in this one room.

The engine knows two truth values and has sharp edges; both are handled here.

* Every condition becomes two patterns. The first demands each comparison; the second lets a comparison
  pass when its fact is absent. Both match: true. The second alone: unknown. None: false.
* One situation is judged at a time: a single flat fact is asserted under one fixed sid, what
  fires is noted, and the fact is retracted again. Nothing is joined, no state is ever deleted.
* Every pattern asks for ``situation``, because a pattern that an empty message satisfies matches
  the engine's own state and then fires for ever.
* A pattern holds fewer than 32 expressions, and a claim about a whole list cannot be negated in
  the engine; such parts are judged first and enter as a truth of their own (``lowering``).
* Only words of the vocabulary reach the engine, never text of a chart: it compares a string with
  a number without complaint.
* The engine's C interface is called directly. The Python layer above it starts timer threads that do
  not survive a fork, swallows what an action raises, and costs several times the match itself.
* The engine is not thread-safe: one lock, and one engine per process, built after the fork.
"""

from __future__ import annotations

import itertools
import json
import threading
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import durable_rules_engine as engine_core

from rulesets.language import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    FactType,
    Interval,
    NumberFact,
    Some,
    Truth,
    Value,
    bounds,
    comparisons_in,
    facts_in,
    with_thresholds,
)
from rulesets.record import Member, Record
from rulesets.rule import Definition, Rule, Scope
from rulesets.thresholds import Thresholds
from service.canonical import dumps
from service.lowering import ListPart, Step, lowered
from service.situations import Situations

Judged = Rule | Definition
Expression = dict[str, object]

STEPS_PER_RULESET = 16
"""Compiled twice, this stays below the 64 matches of one fact that the engine can hold."""
ANOTHER_WORD = "~"
"""What the engine is told of a word that no rule speaks of."""
ONE_SID = "1"
CERTAINLY, POSSIBLY = "certainly", "possibly"
NOBODY_LOOKS, ALREADY_SEEN = 1, 2
"""What the engine answers to a fact beside 0."""


class EngineFailure(Exception):
    """The engine refused a rule or a situation. Never carries the values of a patient."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A rule or definition that is true, or unknown, for some elements. What is false has none.

    What was judged carries the numbers in force in the place of the thresholds it names.
    """

    judged: Judged
    elements: tuple[Member, ...]
    truth: Truth


class Engine:
    """Sections of rules compiled with one set of thresholds. Safe to share between threads."""

    def __init__(self, sections: Mapping[str, Sequence[Judged]], thresholds: Thresholds) -> None:
        """Compile every section; raises EngineFailure when the engine cannot hold a rule."""
        self.thresholds = thresholds
        self._lock = threading.Lock()
        self._serial = itertools.count(1)
        self._handles: list[int] = []
        self._broken = ""
        self._sections = {name: self._section(name, judged) for name, judged in sections.items()}
        # The engine's memory is its own; it is given back with the last reference to this object.
        weakref.finalize(self, _delete, self._handles)

    def run(self, section: str, record: Record) -> tuple[Verdict, ...]:
        """Judge every rule of a section for every element its scope ranges over, in rulebook order."""
        with self._lock:
            if self._broken:
                raise EngineFailure(self._broken)
            return self._run(self._sections[section], Situations(record))

    # --- judging ---------------------------------------------------------------------------

    def _run(self, section: _Section, situations: Situations) -> tuple[Verdict, ...]:
        folded = {part.name: self._fold(part, ruleset, situations) for part, ruleset in section.list_parts}
        verdicts: list[tuple[int, Verdict]] = []
        for scope, rulesets in section.rulesets.items():
            within = [part for part, _ in section.list_parts if set(part.outer) <= set(scope)]
            for elements, values in situations.over(scope):
                for part in within:
                    _learn(values, part.name, folded[part.name][situations.keys(part.outer, scope, elements)])
                for ruleset in rulesets:
                    for name, truth in self._judge(ruleset, values):
                        place = section.places.get(name)
                        if place is None:
                            _learn(values, name, truth)
                        elif truth is not Truth.FALSE:
                            verdict = Verdict(judged=section.judged[place], elements=elements, truth=truth)
                            verdicts.append((place, verdict))
        verdicts.sort(key=lambda placed: placed[0])
        return tuple(verdict for _, verdict in verdicts)

    def _fold(self, part: ListPart, ruleset: _Ruleset, situations: Situations) -> dict[tuple[str, ...], Truth]:
        """For each combination of outer elements: is the claim true of some element of the list?"""
        outer_keys = [situations.keys(part.outer, part.outer, outer) for outer, _ in situations.over(part.outer)]
        if situations.is_unknown(part.element):
            return dict.fromkeys(outer_keys, Truth.UNKNOWN)
        truths = dict.fromkeys(outer_keys, Truth.FALSE)
        if situations.is_empty(part.element):
            return truths
        scope: Scope = (*part.outer, part.element)
        for elements, values in situations.over(scope):
            keys = situations.keys(part.outer, scope, elements)
            [(_, truth)] = self._judge(ruleset, values)
            if truth is Truth.TRUE or (truth is Truth.UNKNOWN and truths[keys] is Truth.FALSE):
                truths[keys] = truth
        return truths

    def _judge(self, ruleset: _Ruleset, values: Mapping[str, Value]) -> list[tuple[str, Truth]]:
        """The truth of every step of a ruleset in one situation, in order."""
        situation = ruleset.situation(values)
        for _ in range(2):
            situation["id"] = str(next(self._serial))
            fired = self._fired_by(ruleset, dumps(situation).decode())
            if fired is not None:
                break
        else:
            raise EngineFailure(f"The engine took a situation of {ruleset.name} for one it has already seen.")
        certain, possible = fired
        for place in certain - possible:
            if ruleset.can_be_unknown[place]:
                raise EngineFailure(
                    f"The engine contradicts itself in {ruleset.names[place]}: certain, yet not possible."
                )
        return [
            (name, Truth.TRUE if place in certain else Truth.UNKNOWN if place in possible else Truth.FALSE)
            for place, name in enumerate(ruleset.names)
        ]

    def _fired_by(self, ruleset: _Ruleset, situation: str) -> tuple[set[int], set[int]] | None:
        """The places of the steps that fire while a situation is known: certainly, and possibly.

        None when the engine, which tells facts apart by a 32-bit hash, believes it knows this one
        already. A rule may fire once for every branch of an "or" that holds; that is one firing.
        """
        certain: set[int] = set()
        possible: set[int] = set()
        try:
            outcome, state = engine_core.assert_fact(ruleset.handle, situation)
            if outcome == NOBODY_LOOKS:
                return certain, possible
            if outcome == ALREADY_SEEN:
                return None
            action = engine_core.start_action_for_state(ruleset.handle, state)
            message = action[1] if action else None
            while message:
                # {"12 certainly": {...}}: the name of the action is all there is to know
                place, _, mode = message.split('"', 2)[1].partition(" ")
                (certain if mode == CERTAINLY else possible).add(int(place))
                message = engine_core.complete_and_start_action(ruleset.handle, state)
            engine_core.retract_fact(ruleset.handle, situation)
        except Exception as refusal:
            # A fact left behind would answer for the next patient: nothing may be asked any more.
            self._broken = f"The engine stopped in {ruleset.name}: {type(refusal).__name__}."
            raise EngineFailure(self._broken) from None
        return certain, possible

    # --- compiling -------------------------------------------------------------------------

    def _section(self, name: str, judged: Sequence[Judged]) -> _Section:
        judged = [_settled(each, self.thresholds) for each in judged]
        conditions = {each.id: (each.for_each, each.when) for each in judged}
        if len(conditions) != len(judged):
            raise EngineFailure(f"Two rules of {name} carry the same id.")
        certain_only = frozenset(each.id for each in judged if _only_certainty_counts(each))
        work = lowered(conditions)
        places = {each.id: place for place, each in enumerate(judged)}
        rulesets: dict[Scope, list[_Ruleset]] = {}
        for scope in dict.fromkeys(step.scope for step in work.steps):
            here = [step for step in work.steps if step.scope == scope]
            for layer in sorted({step.layer for step in here}):
                steps = [step for step in here if step.layer == layer]
                for start in range(0, len(steps), STEPS_PER_RULESET):
                    ruleset = self._ruleset(name, steps[start : start + STEPS_PER_RULESET], certain_only)
                    rulesets.setdefault(scope, []).append(ruleset)
        list_parts = [
            (part, self._ruleset(name, [Step(name=part.name, scope=part.outer, condition=part.condition, layer=0)]))
            for part in work.list_parts
        ]
        return _Section(judged=tuple(judged), places=places, rulesets=rulesets, list_parts=list_parts)

    def _ruleset(self, section: str, steps: Sequence[Step], certain_only: frozenset[str] = frozenset()) -> _Ruleset:
        facts = {fact.name: fact for step in steps for fact in facts_in(step.condition)}
        name = f"{section} {next(self._serial)}"
        can_be_unknown = tuple(step.name not in certain_only for step in steps)
        ruleset = _Ruleset(
            name=name,
            handle=_created(name, steps, can_be_unknown),
            names=tuple(step.name for step in steps),
            can_be_unknown=can_be_unknown,
            facts=tuple((fact, _property(fact)) for fact in facts.values()),
            words=frozenset(_words(steps)),
        )
        self._handles.append(ruleset.handle)
        return ruleset


def _settled(each: Judged, thresholds: Thresholds) -> Judged:
    """A rule or definition with the numbers in force in the place of the thresholds it names."""
    when = with_thresholds(each.when, thresholds.values)
    if isinstance(each, Rule) and each.escalation:
        escalation = replace(each.escalation, when=with_thresholds(each.escalation.when, thresholds.values))
        return replace(each, when=when, escalation=escalation)
    return replace(each, when=when)


def _created(name: str, steps: Sequence[Step], can_be_unknown: Sequence[bool]) -> int:
    """The engine's handle of a ruleset with every step, compiled once or twice."""
    definition: dict[str, object] = {}
    for place, (step, twice) in enumerate(zip(steps, can_be_unknown, strict=True)):
        for certainly in (True, False) if twice else (True,):
            pattern = _joined("$and", [{"situation": 1}, _expression(step.condition, certainly)])
            definition[f"{place} {CERTAINLY if certainly else POSSIBLY}"] = {"all": [{"m": pattern}]}
    try:
        return int(engine_core.create_ruleset(name, json.dumps(definition)))
    except Exception as refusal:
        raise EngineFailure(f"The engine cannot hold the rules of {name}: {refusal}") from None


def _delete(handles: list[int]) -> None:
    while handles:
        engine_core.delete_ruleset(handles.pop())


@dataclass(frozen=True, kw_only=True)
class _Section:
    judged: tuple[Judged, ...]
    places: Mapping[str, int]
    rulesets: Mapping[Scope, Sequence[_Ruleset]]
    list_parts: Sequence[tuple[ListPart, _Ruleset]]


@dataclass(frozen=True, kw_only=True)
class _Ruleset:
    """What the engine holds under one name, and the facts its patterns read."""

    name: str
    handle: int
    names: tuple[str, ...]
    can_be_unknown: tuple[bool, ...]
    facts: tuple[tuple[FactType, str], ...]
    """Each with the engine's name for it."""
    words: frozenset[str]

    def situation(self, values: Mapping[str, Value]) -> dict[str, object]:
        """The fact to assert: what is known of what this ruleset reads, in the engine's types."""
        situation: dict[str, object] = {"situation": 1, "sid": ONE_SID}
        for fact, name in self.facts:
            value = values.get(fact.name)
            if value is None:
                continue
            if isinstance(fact, NumberFact):
                if fact.type == "interval":
                    lo, hi = bounds(_number(fact, value, interval=True))
                    if lo is not None:
                        situation[name + "_lo"] = lo
                    if hi is not None:
                        situation[name + "_hi"] = hi
                else:
                    situation[name] = _number(fact, value, interval=False)
            elif fact.type == "truth":
                if not isinstance(value, bool):
                    raise EngineFailure(f"{fact.name} reached the engine as something else than true or false.")
                situation[name] = value
            else:
                if not isinstance(value, str):
                    raise EngineFailure(f"{fact.name} reached the engine as something else than a word.")
                situation[name] = value if value in self.words else ANOTHER_WORD
        return situation


def _number(fact: NumberFact, value: Value, *, interval: bool) -> int | float | Interval:
    numbers = bounds(value) if interval and isinstance(value, Interval | int | float) else (value,)
    for number in numbers:
        if number is None and isinstance(value, Interval):
            continue
        if isinstance(number, bool) or not isinstance(number, int | float) or not abs(number) < 1e9:
            raise EngineFailure(f"{fact.name} reached the engine as something else than a number it can hold.")
    assert isinstance(value, int | float | Interval)
    return value


def _only_certainty_counts(each: Judged) -> bool:
    """A value is given only when it is certain; only of a rule or an open truth is "unknown" told."""
    return isinstance(each, Definition) and (each.otherwise is not None or each.fact.type != "truth")


def _learn(values: dict[str, Value], part: str, truth: Truth) -> None:
    if truth is not Truth.UNKNOWN:
        values[part] = truth is Truth.TRUE


def _words(steps: Sequence[Step]) -> set[str]:
    """Every word the conditions speak of."""
    words: set[str] = set()
    for step in steps:
        for comparison in comparisons_in(step.condition):
            operand = comparison.operand
            words.update(operand if isinstance(operand, tuple) else [operand] if isinstance(operand, str) else [])
    return words


def _property(fact: FactType) -> str:
    """The engine reads a dot as a step into an object."""
    return fact.name.replace(".", "_")


def _joined(connective: str, expressions: Sequence[Expression]) -> Expression:
    """One level of ``$and`` or ``$or``: the engine refuses one directly inside itself."""
    flat: list[Expression] = []
    for expression in expressions:
        inner = expression.get(connective)
        flat.extend(inner if isinstance(inner, list) else [expression])
    return {connective: flat}


def _expression(condition: Condition, certainly: bool) -> Expression:
    match condition:
        case AllOf(parts):
            return _joined("$and", [_expression(part, certainly) for part in parts])
        case AnyOf(parts):
            return _joined("$or", [_expression(part, certainly) for part in parts])
        case Compare():
            return _claim(condition, certainly)
        case Some():
            raise AssertionError("claims about lists are judged before")


_SIGNS = {">=": "$gte", "<=": "$lte", ">": "$gt", "<": "$lt"}


def _claim(claim: Compare, certainly: bool) -> Expression:
    name = _property(claim.fact)
    if claim.operator in ("known", "unknown"):
        if claim.fact.type == "interval":
            raise EngineFailure(f"{claim.fact.name} has bounds; ask for a bound, not whether it is known.")
        return {"$ex" if claim.operator == "known" else "$nex": {name: 1}}
    if isinstance(claim.fact, NumberFact) and claim.fact.type == "interval":
        return _claim_about_bounds(claim, name, certainly)
    operand = claim.operand
    match claim.operator:
        case "==":
            plain: Expression = {name: operand}
        case "!=":
            plain = {"$neq": {name: operand}}
        case "in":
            assert isinstance(operand, tuple)
            plain = {"$or": [{name: word} for word in operand]}
        case "not in":
            assert isinstance(operand, tuple)
            plain = {"$and": [{"$neq": {name: word}} for word in operand]}
        case sign:
            plain = {_SIGNS[sign]: {name: operand}}
    return plain if certainly else _or_absent(plain, name)


def _claim_about_bounds(claim: Compare, name: str, certainly: bool) -> Expression:
    """x >= 5 is certain when the lower bound is, and possible when the upper bound is or is open."""

    def bound(sign: str, of: str) -> Expression:
        plain: Expression = {_SIGNS[sign]: {name + of: claim.operand}}
        return plain if certainly else _or_absent(plain, name + of)

    low, high = ("_lo", "_hi") if certainly else ("_hi", "_lo")
    match claim.operator:
        case ">=" | ">":
            return bound(claim.operator, low)
        case "<=" | "<":
            return bound(claim.operator, high)
        case "==":
            return _joined("$and", [bound(">=", low), bound("<=", high)])
        case "!=":
            return _joined("$or", [bound(">", low), bound("<", high)])
        case _:
            raise EngineFailure(f"{claim.fact.name} has bounds and cannot be one of a list.")


def _or_absent(plain: Expression, name: str) -> Expression:
    return _joined("$or", [plain, {"$nex": {name: 1}}])
