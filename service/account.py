"""The account of a decision: what became of every rule, and the facts that decided it. It goes into the trace."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from rulesets.facts import FACTS
from rulesets.language import Element, Truth
from rulesets.record import Member
from rulesets.rule import Rule, Scope
from rulesets.rulebook import RULES
from service.fire import Fired
from service.reasoning.clauses import Clause, Clauses, OfList
from service.reasoning.engine_terms import EngineFailure, Told
from service.reasoning.explanation import Chosen, Explanation, ExplanationFailure
from service.reasoning.findings import Conclusion
from service.record_json import Json, derived_as_json, is_derived, value_as_json

NOT_FIRED = "not fired"
OUTCOMES = {Truth.TRUE: "fired", Truth.UNKNOWN: "undetermined", Truth.FALSE: NOT_FIRED}
GRAVEST_FIRST = ("suppressed", "fired", "undetermined")
LISTS: dict[Element, str] = {"lesion": "lesions", "drug": "drugs", "course": "courses", "order": "orders"}
Keys = tuple[str, ...]


def account_of(fired: Fired, conclusion: Conclusion) -> Json:
    """Every rule in the order of the rulebook, with each situation it was judged in; and the facts made of others.

    Raises ExplanationFailure when the clauses of a rule do not come to what the engine found.
    """
    account = _Account(fired, conclusion)
    judged = {clauses.rule.id: account.of(clauses) for clauses in fired.clauses}
    return {
        "rules": [judged.get(rule.id) or _alone(rule.id, "switched off") for rule in fired.rulebook.rules],
        "derived": derived_as_json(fired.record),
    }


def account_of_failure(failure: EngineFailure | ExplanationFailure, switched_off: Collection[str]) -> Json:
    """Every rule when judging failed: the one at fault, where one alone is, and the others, to which nothing came."""
    outcomes = {**dict.fromkeys(switched_off, "switched off"), failure.judged: "error"}
    return {"rules": [_alone(rule.id, outcomes.get(rule.id, "not reached")) for rule in RULES]}


def _alone(rule: str, outcome: str) -> Json:
    """The entry of a rule that was judged in no situation."""
    return {"id": rule, "outcome": outcome, "situations": []}


@dataclass(frozen=True, kw_only=True, eq=False)
class _Situation:
    """A combination of elements: all that is told of it to the engine, and its facts as the account tells them.

    ``facts`` are of the elements of the combination; ``named`` are the same and say of which.
    """

    keys: Keys
    elements: list[str]
    chosen: Chosen
    told: Mapping[str, Told]
    facts: _Facts
    named: _Facts


Lists = Mapping[Element, "Sequence[_Situation] | None"]
"""For each list there is a claim about, its elements beside those judged; None when nobody has sent it."""


class _Found(NamedTuple):
    """What a rule came to in one situation. A tuple, for there are hundreds of them."""

    situation: _Situation
    lists: Lists
    truth: Truth
    clauses: tuple[Clause, ...]


class _Account:
    """Of one record."""

    def __init__(self, fired: Fired, conclusion: Conclusion) -> None:
        self._fired = fired
        self._explained = Explanation(fired.record)
        self._suppressed = set(conclusion.suppressed)
        self._truths: dict[str, dict[Keys, Truth]] = {}
        for verdict in fired.verdicts:
            self._truths.setdefault(verdict.judged.id, {})[_keys(verdict.elements)] = verdict.truth
        self._indicators = {(each.rule.id, _keys(each.elements)): each.indicator for each in conclusion.fired}
        self._entries: dict[Keys, Json] = {}
        self._over: dict[Scope, list[_Situation]] = {}

    def of(self, clauses: Clauses) -> Json:
        """What became of one rule: situations in which it did anything, then those in which it did not."""
        rule = clauses.rule
        found = self._found(clauses)
        told = [self._told(rule, each) for each in found if each.truth is not Truth.FALSE]
        outcomes = {each["outcome"] for each in told}
        told.extend(map(self._told_together, _alike([each for each in found if each.truth is Truth.FALSE])))
        return {
            "id": rule.id,
            "outcome": next((each for each in GRAVEST_FIRST if each in outcomes), NOT_FIRED),
            "situations": told,
        }

    def _found(self, clauses: Clauses) -> list[_Found]:
        id, remembered, found = clauses.rule.id, self._fired.remembered, []
        truths = self._truths.get(id, {})
        for place, situation in enumerate(self._situations(clauses.rule.for_each)):
            truth = truths.get(situation.keys, Truth.FALSE)
            lists = self._lists(clauses, place) if clauses.lists else NO_LISTS
            work_out = partial(clauses.in_situation, situation.chosen, truth, self._explained)
            known = remembered.of(id, _decided_by(clauses, situation, lists), work_out)
            found.append(_Found(situation, lists, truth, known))
        return found

    # --- telling -------------------------------------------------------------------------------

    def _told(self, rule: Rule, found: _Found) -> Json:
        indicator = self._indicators.get((rule.id, found.situation.keys))
        return {
            "elements": found.situation.elements,
            "outcome": "suppressed" if rule.id in self._suppressed else OUTCOMES[found.truth],
            **({} if indicator is None else {"indicator": indicator}),
            "clauses": self._clauses(found),
        }

    def _told_together(self, alike: Sequence[_Found]) -> Json:
        """The situations in which the same clauses are false, as one whose facts say of which element they are."""
        first, *others = alike
        elements = first.situation.elements
        if not others:
            return {"elements": elements, "outcome": NOT_FIRED, "clauses": self._clauses(first)}
        clauses = []
        for number, clause in enumerate(first.clauses):
            facts = [fact for each in alike for fact in self._facts(each.clauses[number], each, named=True)]
            each_once = {id(fact): fact for fact in facts}
            clauses.append({"says": clause.says, "truth": clause.truth, "facts": list(each_once.values())})
        also = [other.situation.elements for other in others]
        return {"elements": elements, "outcome": NOT_FIRED, "clauses": clauses, "alike": also}

    def _clauses(self, found: _Found) -> list[Json]:
        return [
            {"says": clause.says, "truth": clause.truth, "facts": self._facts(clause, found)}
            for clause in found.clauses
        ]

    def _facts(self, clause: Clause, found: _Found, *, named: bool = False) -> list[Json]:
        known = found.situation.named if named else found.situation.facts
        facts = [known[name] for name in clause.facts]
        for other in clause.elsewhere:
            members = found.lists[other.element]
            if isinstance(other, OfList):
                name = LISTS[other.element]
                facts.append(self._entries.setdefault((name,), {"fact": name, "value": members}))
            else:
                assert members
                facts.append(members[other.place].named[other.fact])
        return facts

    # --- situations ----------------------------------------------------------------------------

    def _situations(self, scope: Scope) -> list[_Situation]:
        over = self._over.get(scope)
        if over is None:
            over = self._over[scope] = [
                self._situation(scope, elements, told) for elements, told in self._fired.situations.over(scope)
            ]
        return over

    def _situation(self, scope: Scope, elements: tuple[Member, ...], told: Mapping[str, Told]) -> _Situation:
        chosen = dict(zip(scope, elements, strict=True))
        keys = _keys(elements)
        return _Situation(
            keys=keys,
            elements=[key for key in keys if key],
            chosen=chosen,
            told=told,
            facts=_Facts(self, chosen, named=False),
            named=_Facts(self, chosen, named=True),
        )

    def _lists(self, clauses: Clauses, place: int) -> Lists:
        lists: dict[Element, Sequence[_Situation] | None] = {}
        for element, _ in clauses.lists:
            members = self._explained.members(element)
            many = len(members or ())
            within = self._situations((*clauses.rule.for_each, element)) if members else []
            lists[element] = None if members is None else within[place * many : (place + 1) * many]
        return lists

    # --- facts -----------------------------------------------------------------------------------

    def entry(self, name: str, chosen: Chosen, *, named: bool) -> Json:
        """A fact as the account tells it; the same object whenever it is the same fact of the same elements."""
        declared = FACTS[name]
        of: Keys = ()
        if declared.per_course:
            of = chosen["course"].key, chosen["drug"].key
        elif declared.element is not None:
            of = (chosen[declared.element].key,)
        known = (name, *of, "named") if of and named else (name, *of)
        entry = self._entries.get(known)
        if entry is None:
            entry = self._entries[known] = self._entry(name, chosen)
            if named and any(of):
                entry["of"] = [key for key in of if key]
        return entry

    def _entry(self, name: str, chosen: Chosen) -> Json:
        found = self._explained.fact(FACTS[name], chosen)
        if found is None:
            return {"fact": name, "value": None}
        told: Json = {"fact": name, "value": value_as_json(found.value)}
        if found.sources and not is_derived(found):
            told["source"] = ", ".join(dict.fromkeys([source.reference for source in found.sources]))
        return told


class _Facts(dict[str, Json]):
    """The facts of a combination of elements, each told when it is first asked for."""

    def __init__(self, account: _Account, chosen: Chosen, *, named: bool) -> None:
        super().__init__()
        self._account, self._chosen, self._named = account, chosen, named

    def __missing__(self, name: str) -> Json:
        entry = self[name] = self._account.entry(name, self._chosen, named=self._named)
        return entry


NO_LISTS: Lists = {}


def _decided_by(clauses: Clauses, situation: _Situation, lists: Lists) -> tuple[object, ...]:
    """All that decides which clauses hold."""
    here = tuple(map(situation.told.get, clauses.decided_by))
    if not lists:
        return here
    return here, *(
        None if members is None else tuple(tuple(map(member.told.get, names)) for member in members)
        for element, names in clauses.lists
        for members in (lists[element],)
    )


def _alike(found: Sequence[_Found]) -> Iterable[list[_Found]]:
    """Those of which the same clauses are told."""
    if len(found) == 1:
        return [[*found]]
    together: dict[Keys, list[_Found]] = {}
    for each in found:
        together.setdefault(tuple([clause.says for clause in each.clauses]), []).append(each)
    return together.values()


def _keys(elements: Sequence[Member]) -> Keys:
    return tuple([member.key for member in elements])
