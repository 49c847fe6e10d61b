"""Every rule, at its firing case, its near miss and with its deciding fact unknown, in the real engine."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rulesets.facts import FACTS
from rulesets.language import Truth
from rulesets.record import Fact, Member, Record
from rulesets.rulebook import RULES
from rulesets.thresholds import effective
from service.reasoning.engine import Engine
from tests.support.shared import shared_yaml

PROBES = {probe["rule"]: probe for probe in shared_yaml("clinical/rule_probes.yaml")}
CASES = [
    (rule.id, verdict, facts)
    for rule in RULES
    for verdict, facts in (
        ("fires", PROBES.get(rule.id, {}).get("fires")),
        ("near_miss", PROBES.get(rule.id, {}).get("near_miss", {}).get("facts")),
        ("undetermined", PROBES.get(rule.id, {}).get("undetermined", {}).get("facts")),
    )
    if facts is not None
]
TRUTHS = {"fires": Truth.TRUE, "near_miss": Truth.FALSE, "undetermined": Truth.UNKNOWN}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine({"rules": RULES}, effective())


def record_of(facts: dict[str, Any]) -> Record:
    """A record whose lists have one element each, which knows just what the probe says of it."""

    def of(element: str | None, *, per_course: bool = False) -> dict[str, Fact]:
        return {
            name: Fact(name=name, value=value)
            for name, value in facts.items()
            if FACTS[name].element == element and FACTS[name].per_course == per_course
        }

    return Record(
        evaluation_date=date(2026, 11, 1),
        facts=of(None),
        lesions=(Member(key="lesion", facts=of("lesion")),),
        drugs=(Member(key="drug", facts=of("drug")),),
        courses=(Member(key="course", facts=of("course")),),
        orders=(Member(key="order", facts=of("order")),),
        exposures={("course", "drug"): of("drug", per_course=True)},
    )


@pytest.mark.skipif(not PROBES, reason="the clinical specification is not beside this checkout")
@pytest.mark.parametrize(
    ("rule_id", "verdict", "facts"), CASES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_rule_gives_its_verdict(engine: Engine, rule_id: str, verdict: str, facts: dict[str, Any]) -> None:
    found = {each.judged.id: each.truth for each in engine.run("rules", record_of(facts))}

    assert found.get(rule_id, Truth.FALSE) is TRUTHS[verdict]


@pytest.mark.skipif(not PROBES, reason="the clinical specification is not beside this checkout")
def test_every_rule_of_the_rulebook_is_probed() -> None:
    assert {rule.id for rule in RULES} <= set(PROBES)
