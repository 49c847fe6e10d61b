"""Facts with which one claim decides a condition: those beside it are met, or kept from being true."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from rulesets.language import AllOf, AnyOf, Compare, Condition, Some, Truth, Value, comparisons_in
from tests.rulesets.judging import truth
from tests.support.values import values_of

Facts = Mapping[str, Value]
MOST_TRIED = 2000


def facts_that_leave_it_to(claim: Compare, condition: Condition) -> Iterator[dict[str, Value]]:
    """Facts that may leave the truth of a condition to one of its claims; the fact of that claim is not among them.

    Each list has one element, and its facts stand among the others.
    """
    for around in itertools.islice(_deciding(condition, claim), MOST_TRIED):
        yield {name: value for name, value in around.items() if name != claim.fact.name and value is not None}


def verdict(condition: Condition, facts: Facts) -> Truth:
    one = ({},)
    return truth(condition, facts, lesions=one, drugs=one, courses=one, orders=one)


Assignment = dict[str, Value | None]
"""Facts by name; None where a fact must be unknown."""


def _deciding(condition: Condition, claim: Compare) -> Iterator[Assignment]:
    match condition:
        case Compare():
            yield {}
        case Some(_, inner, _):
            yield from _deciding(inner, claim)
        case AllOf(parts) | AnyOf(parts):
            for place, part in enumerate(parts):
                if claim not in comparisons_in(part):
                    continue
                others = [*parts[:place], *parts[place + 1 :]]
                wanted = isinstance(condition, AllOf)
                ways = [list(itertools.islice(_ways(each, wanted, claim), 50)) for each in others]
                for here in _deciding(part, claim):
                    yield from _joined(here, ways)


def _ways(condition: Condition, wanted: bool, free: Compare) -> Iterator[Assignment]:
    """Assignments that make a condition true, or anything but true."""
    match condition:
        case Compare(fact):
            if fact == free.fact:
                yield {}  # it is varied, and whether that fits is seen in the end
                return
            # A claim about an unknown fact is not true either: last, for it leaves what is around unknown as well.
            for value in (*values_of(fact.name), None):
                found = verdict(condition, {} if value is None else {fact.name: value})
                if (found is Truth.TRUE) is wanted:
                    yield {fact.name: value}
        case Some(_, inner, negated):
            yield from _ways(inner, wanted is not negated, free)
        case AllOf(parts) | AnyOf(parts):
            if isinstance(condition, AllOf) is wanted:
                yield from _joined({}, [list(itertools.islice(_ways(each, wanted, free), 50)) for each in parts])
            else:
                for part in parts:
                    yield from _ways(part, wanted, free)


def _joined(start: Assignment, ways: list[list[Assignment]]) -> Iterator[Assignment]:
    """Every choice of one way each that contradicts neither itself nor the start."""
    if not ways:
        yield start
        return
    for way in ways[0]:
        if all(start.get(name, value) == value for name, value in way.items()):
            yield from _joined({**start, **way}, ways[1:])
