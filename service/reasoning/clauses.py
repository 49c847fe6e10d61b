"""Which clauses of a rule hold in a situation, and which facts decide that: also of a rule that did not fire.

A *clause* is one of the conditions that must all hold, however deep they are nested, in the words of the rulebook.
What a situation comes to is worked out once, in terms of which facts decide, and filled with those of a record
afterwards. Clauses that contradict the verdict of the engine are a failure and are told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rulesets.english import condition_in_words
from rulesets.facts import FACTS
from rulesets.language import AllOf, AnyOf, Compare, Condition, Element, FactType, Some, Truth, facts_in
from rulesets.rule import Rule
from service.reasoning.engine_terms import properties_of
from service.reasoning.explanation import OPPOSITE, Chosen, Explanation, ExplanationFailure, Outlines
from service.reasoning.layout import Layout


@dataclass(frozen=True, kw_only=True)
class OfMember:
    """A fact of one element of a list, by its place there."""

    fact: str
    element: Element
    place: int


@dataclass(frozen=True, kw_only=True)
class OfList:
    """A whole list decides: nobody has sent it, or it has no element."""

    element: Element


@dataclass(frozen=True, kw_only=True)
class Clause:
    """A clause with the values in force, its truth, and what decides it.

    ``facts`` are names of facts of the patient and of the elements judged; ``elsewhere`` is what a claim about
    a list depends on besides.
    """

    says: str
    truth: str
    facts: tuple[str, ...]
    elsewhere: tuple[OfMember | OfList, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Clauses:
    """A rule in force, clause by clause in words, and what decides which of them hold, in the engine's terms.

    ``decided_by`` are the properties of the patient and the elements judged; ``lists`` those of the elements of each
    list there is a claim about.
    """

    rule: Rule
    worded: tuple[tuple[Condition, str], ...]
    decided_by: tuple[str, ...]
    lists: tuple[tuple[Element, tuple[str, ...]], ...]

    def in_situation(self, chosen: Chosen, truth: Truth, explained: Explanation) -> tuple[Clause, ...]:
        """Every clause of a rule that is true or open; of one that is false, the clauses that are.

        Raises ExplanationFailure when the clauses do not come to the ``truth`` that was found.
        """
        truths = [(explained.truth_of(condition, chosen), condition, says) for condition, says in self.worded]
        found = {here for here, _, _ in truths}
        if truth is not next((each for each in (Truth.FALSE, Truth.UNKNOWN) if each in found), Truth.TRUE):
            id = self.rule.id
            raise ExplanationFailure(id, f"The engine found {id} {truth.value}; its clauses do not.")
        return tuple(
            _clause(condition, says, here, chosen, explained)
            for here, condition, says in truths
            if truth is not Truth.FALSE or here is Truth.FALSE
        )


Remembered = Outlines[tuple[Clause, ...]]
"""The clauses of situations that were worked out before."""


def clauses_in(layout: Layout) -> tuple[Clauses, ...]:
    """The rules of a layout, clause by clause, in the order of the rulebook."""
    return tuple(_clauses(rule) for rule in layout.judged if isinstance(rule, Rule))


def _clauses(rule: Rule) -> Clauses:
    of_lists: dict[Element, dict[FactType, None]] = {}
    for claim in _claims_about_lists(rule.when):
        of_members = [fact for fact in facts_in(claim) if _is_of_a_member(fact, claim.element)]
        of_lists.setdefault(claim.element, {}).update(dict.fromkeys(of_members))
    of_the_situation = [fact for fact in facts_in(rule.when) if fact.element is None or fact.element in rule.for_each]
    return Clauses(
        rule=rule,
        worded=tuple((clause, condition_in_words(clause)) for clause in flat(rule.when)),
        decided_by=properties_of(of_the_situation),
        lists=tuple((element, properties_of(facts)) for element, facts in of_lists.items()),
    )


def _is_of_a_member(fact: FactType, element: Element) -> bool:
    return fact.element == element or fact.per_course


def _claims_about_lists(condition: Condition) -> Iterator[Some]:
    if isinstance(condition, AllOf | AnyOf):
        for part in condition.parts:
            yield from _claims_about_lists(part)
    elif isinstance(condition, Some):
        yield condition


def flat(condition: Condition) -> Iterator[Condition]:
    """The conditions that must all hold, none of which is an all_of itself; each is said once."""
    if isinstance(condition, AllOf):
        yield from dict.fromkeys(inner for part in condition.parts for inner in flat(part))
    else:
        yield condition


def _clause(condition: Condition, says: str, truth: Truth, chosen: Chosen, explained: Explanation) -> Clause:
    facts: dict[str, None] = {}
    elsewhere: dict[OfMember | OfList, None] = {}
    for what in _deciders(condition, truth, chosen, explained):
        if isinstance(what, str):
            facts[what] = None
        else:
            elsewhere[what] = None
    return Clause(says=says, truth=truth.value, facts=tuple(facts), elsewhere=tuple(elsewhere))


def _deciders(
    condition: Condition, truth: Truth, chosen: Chosen, explained: Explanation
) -> Iterator[str | OfMember | OfList]:
    """What a condition owes its truth to: the parts that have the same, and of a list the elements that do."""
    match condition:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                if explained.truth_of(part, chosen) is truth:
                    yield from _deciders(part, truth, chosen, explained)
        case Some(element, inner, negated):
            members = explained.members(element)
            if not members:
                yield OfList(element=element)
            wanted = OPPOSITE[truth] if negated else truth
            for place, member in enumerate(members or ()):
                within = {**chosen, element: member}
                if explained.truth_of(inner, within) is wanted:
                    for fact in _deciders(inner, wanted, within, explained):
                        yield _of_member(fact, element, place)
        case Compare(fact):
            yield fact.name


def _of_member(fact: str | OfMember | OfList, element: Element, place: int) -> str | OfMember:
    """A fact told in a claim about a list; the patient and the elements judged have theirs without it."""
    assert isinstance(fact, str), "a claim about a list holds no claim about a list"
    return OfMember(fact=fact, element=element, place=place) if _is_of_a_member(FACTS[fact], element) else fact
