"""What a fact may be set to in a test: every word, and each number at and beside every cut the rulebook makes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from rulesets.drugs import CLASSES
from rulesets.facts import FACTS
from rulesets.language import ChoiceFact, Element, FactType, Interval, NumberFact, Value
from rulesets.rulebook import DEFINITIONS, RULES
from tests.support.random_records import RandomRecords

_DAYS = (-400, -90, -29, -28, -27, -22, -21, -20, -15, -14, -13, -1, 0, 1, 5, 20, 21, 22)
_NUMBERS: Mapping[str, tuple[Value, ...]] = {
    "obs.hemoglobin_value": (6.8, 10.9, 11.0, 12.0, 109.0, 110.0),
    "imaging.pretest_probability": (0.1, 0.5, 0.9),
    "rt.total_dose_gy": (8.0, 15.0, 16.0, 20.0, 22.5, 24.0, 27.0, 30.0, 35.0, 40.0, 45.0, 50.0, 60.0, 2000.0),
    "rt.elective_dose_gy": (30.0,),
    "drug.dose_mg_per_day": (1500.0, 1750.0),
    "drug.dose_mg_per_kg": (3.6, 4.8),
    "drug.interval_days": (14, 21),
    "drug.days_last_dose_to_rt_start": (-3, 0, 5, 14, 21),
    "drug.days_rt_end_to_first_dose": (-3, 0, 5, 21),
    **dict.fromkeys(("rt.start_day", "rt.end_day", "drug.start_day", "drug.last_dose_day", "drug.stop_day"), _DAYS),
}  # fmt: skip
"""Numbers the rulebook reads without comparing them itself."""
_TEXTS: Mapping[str, tuple[Value, ...]] = {
    "drug.name": (*sorted(CLASSES), "morphine", "a drug nobody knows"),
    "order.agent": ("radium-223", "strontium-89", "radiofrequency", "cryoablation", "vertebroplasty"),
    "lesion.id": ("L1", "L2"),
    "rt.target_lesions": (("L1",), ("L1", "L2"), ("lesions/0",), ("lesions/9",)),
}
NOT_DRAWN = ("rt.planned", "meds.list_available")
"""The status of a course says whether it is open; a drug list says that it is there."""


@cache
def values_of(name: str) -> tuple[Value, ...]:
    """The values of a fact that a facts document may hold, the interesting ones of a number."""
    fact = FACTS[name]
    if isinstance(fact, ChoiceFact):
        return fact.allowed
    if fact.type == "truth":
        return (True, False)
    if not isinstance(fact, NumberFact):
        return _TEXTS[name]
    cuts = sorted({*_cuts().get(name, ()), fact.least})
    found: tuple[Value, ...] = _NUMBERS.get(name) or tuple(int(cut) if cut == int(cut) else cut for cut in cuts)
    if fact.type == "interval":
        ends = [one for one in found if isinstance(one, int | float)]
        found += tuple(Interval(lo=one) for one in ends)
        found += tuple(Interval(lo=one, hi=one + 1) for one in ends)
        found += tuple(Interval(hi=one) for one in ends)
    return tuple(value for value in found if fact.problem_with(value) is None)


@cache
def _cuts() -> Mapping[str, set[float]]:
    return RandomRecords((*RULES, *DEFINITIONS), 0).numbers


@cache
def stated_facts(element: Element | None) -> tuple[FactType, ...]:
    """The facts that may be stated of the patient, or of an element of a list."""
    return tuple(
        fact for fact in FACTS.values() if fact.element == element and fact.world != "derived" and fact.name not in NOT_DRAWN
    )  # fmt: skip
