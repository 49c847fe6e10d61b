"""Tables of cases: the facts that make a rule true, each beside a value that makes it false.

A fact with a single value in place of a pair belongs to the case and is not varied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from rulesets.language import Truth, Value
from rulesets.rule import Rule
from rulesets.thresholds import Thresholds
from tests.rulesets.judging import Facts, rule_called, truth

Case = Mapping[str, Value | tuple[Value, Value]]


def every_case(cases: Mapping[str, Case], true_without: Iterable[tuple[str, str]] = ()) -> list[Any]:
    """Each rule with all it asks (true), with one fact to the contrary (false), and with one fact unknown.

    ``true_without`` names facts whose absence leaves the rule true: it does not wait for them.
    """
    spared, found = set(true_without), []
    for id, case in cases.items():
        facts = true_facts(case)
        found.append(pytest.param(id, facts, Truth.TRUE, id=id))
        for name, values in case.items():
            if isinstance(values, tuple):
                less = {other: value for other, value in facts.items() if other != name}
                open_or_not = Truth.TRUE if (id, name) in spared else Truth.UNKNOWN
                found.append(pytest.param(id, less | {name: values[1]}, Truth.FALSE, id=f"{id}, {name} contrary"))
                found.append(pytest.param(id, less, open_or_not, id=f"{id} without {name}"))
    return found


def true_facts(case: Case) -> dict[str, Value]:
    return {name: value[0] if isinstance(value, tuple) else value for name, value in case.items()}


def verdict(rules: Iterable[Rule], id: str, facts: Facts, thresholds: Thresholds | None = None) -> Truth:
    """The truth of a rule. What it claims of some lesion or drug is judged on a list of the one in the facts."""
    rule = rule_called(id, rules)

    def listed(element: str) -> list[Facts] | None:
        of_one = {name: value for name, value in facts.items() if name.startswith(f"{element}.")}
        return None if element in rule.for_each or not of_one else [of_one]

    return truth(rule.when, facts, listed("lesion"), thresholds, drugs=listed("drug"))
