"""Which clauses of a rule hold in a situation, and which facts decide that: also of a rule that did not fire.

A *clause* is one of the conditions that must all hold, however deep they are nested, in the words of the rulebook.
What a situation comes to is worked out once, in terms of which facts decide, and filled with those of a record
afterwards. Clauses that contradict the verdict of the engine are a failure and are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rulesets.english import condition_in_words
from rulesets.facts import FACTS
from rulesets.language import AllOf, AnyOf, Compare, Condition, Element, FactType, Some, Truth, compare, facts_in
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


Decider = str | OfMember | OfList
"""What decides a clause: a fact of the patient or of the elements judged, by its name, or something of a list."""


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
        found = [(says, *_judged(condition, chosen, explained)) for condition, says in self.worded]
        if truth is not _of_all(here for _, here, _ in found):
            id = self.rule.id
            raise ExplanationFailure(id, f"The engine found {id} {truth.value}; its clauses do not.")
        return tuple(
            _clause(says, here, deciders)
            for says, here, deciders in found
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


def _clause(says: str, truth: Truth, deciders: Sequence[Decider]) -> Clause:
    each_once = dict.fromkeys(deciders)
    return Clause(
        says=says,
        truth=truth.value,
        facts=tuple(each for each in each_once if isinstance(each, str)),
        elsewhere=tuple(each for each in each_once if not isinstance(each, str)),
    )


# --- judging ---------------------------------------------------------------------------------------


def _judged(condition: Condition, chosen: Chosen, explained: Explanation) -> tuple[Truth, list[Decider]]:
    """The truth of a condition and what it owes it to: the parts, or elements of a list, that have the same."""
    match condition:
        case Compare(fact):
            known = explained.fact(fact, chosen)
            return compare(condition, None if known is None else known.value), [fact.name]
        case AllOf(parts):
            found = [_judged(part, chosen, explained) for part in parts]
            truth = _of_all(here for here, _ in found)
        case AnyOf(parts):
            found = [_judged(part, chosen, explained) for part in parts]
            truth = _of_any(here for here, _ in found)
        case Some(element, inner, negated):
            members = explained.members(element)
            if not members:
                truth = Truth.UNKNOWN if members is None else Truth.FALSE
                return OPPOSITE[truth] if negated else truth, [OfList(element=element)]
            found = [
                (here, [_of_member(each, element, place) for each in deciders])
                for place, member in enumerate(members)
                for here, deciders in (_judged(inner, {**chosen, element: member}, explained),)
            ]
            truth = _of_any(here for here, _ in found)
            return OPPOSITE[truth] if negated else truth, _deciding(found, truth)
    return truth, _deciding(found, truth)


def _deciding(found: Iterable[tuple[Truth, list[Decider]]], truth: Truth) -> list[Decider]:
    return [each for here, deciders in found if here is truth for each in deciders]


def _of_all(truths: Iterable[Truth]) -> Truth:
    found = set(truths)
    return Truth.FALSE if Truth.FALSE in found else Truth.UNKNOWN if Truth.UNKNOWN in found else Truth.TRUE


def _of_any(truths: Iterable[Truth]) -> Truth:
    found = set(truths)
    return Truth.TRUE if Truth.TRUE in found else Truth.UNKNOWN if Truth.UNKNOWN in found else Truth.FALSE


def _of_member(fact: Decider, element: Element, place: int) -> Decider:
    """A fact told in a claim about a list; the patient and the elements judged have theirs without it."""
    assert isinstance(fact, str), "a claim about a list holds no claim about a list"
    return OfMember(fact=fact, element=element, place=place) if _is_of_a_member(FACTS[fact], element) else fact
