"""What is derived of one drug: its generic name and class, whether it still acts, whether its dose is high."""

from __future__ import annotations

from dataclasses import replace

from rulesets.drugs import ANTICANCER_CLASSES, canonical, class_of
from rulesets.exposure import day_of_last_dose, washout_days
from rulesets.facts import drug
from rulesets.known import as_written, either, exact, made, parts, truth, whole, word
from rulesets.language import FactType
from rulesets.record import Fact, Facts, Member
from rulesets.thresholds import (
    DOSE_ROUNDING_TOLERANCE,
    LAPATINIB_STANDARD_MG_DAY,
    RADIOPHARM_LOOKBACK_DAYS,
    RADIOPHARM_LOOKBACK_SR89_DAYS,
    TDM1_STANDARD_INTERVAL_DAYS,
    TDM1_STANDARD_MG_KG,
    Threshold,
    Thresholds,
)


def with_drug_facts(listed: Member, thresholds: Thresholds, *, is_only_course: bool) -> tuple[Member, ...]:
    """The drug with its derived facts: one member per ingredient, the second with the key ``...#2``."""
    return tuple(
        replace(ingredient, facts=_with_facts(ingredient.facts, thresholds, is_only_course))
        for ingredient in _ingredients(listed)
    )


def _ingredients(listed: Member) -> tuple[Member, ...]:
    name = listed.facts.get(drug.name.name)
    if name is None:
        return (listed,)
    return tuple(
        replace(
            listed,
            key=listed.key if place == 1 else f"{listed.key}#{place}",
            facts={**listed.facts, name.name: replace(name, value=generic)},
        )
        for place, generic in enumerate(canonical(str(name.value)), start=1)
    )


def _with_facts(facts: Facts, thresholds: Thresholds, is_only_course: bool) -> Facts:
    known = dict(facts)

    def add(found: list[Fact]) -> None:
        known.update({fact.name: fact for fact in found})

    add(_class(known))
    add(_is_anticancer(known))
    add(_start_assumed(known, is_only_course))
    add(_on_board(known, thresholds))
    add(_dose_above_standard(known, thresholds))
    return known


def _class(facts: Facts) -> list[Fact]:
    name, anticancer = word(facts, drug.name), truth(facts, drug.anticancer)
    out_of = parts(facts, drug.name, drug.anticancer)
    if name is not None:
        return [made(drug.drug_class, class_of(name, anticancer), out_of=out_of)]
    return [made(drug.drug_class, "non_anticancer", out_of=out_of)] if anticancer is False else []


def _is_anticancer(facts: Facts) -> list[Fact]:
    name = word(facts, drug.name)
    if name is None or class_of(name, None) not in ANTICANCER_CLASSES:
        return []
    return [made(drug.anticancer, True, out_of=parts(facts, drug.name))]


def _start_assumed(facts: Facts, is_only_course: bool) -> list[Fact]:
    """A draft drug starts today, unless it says when: by its day, or by the days after the only course."""
    status = word(facts, drug.status)
    if status is None:
        return []
    says_when = whole(facts, drug.start_day) is not None or (
        is_only_course and whole(facts, drug.days_rt_end_to_first_dose) is not None
    )
    return [made(drug.start_assumed, status == "draft" and not says_when, out_of=parts(facts, drug.status))]


def _on_board(facts: Facts, thresholds: Thresholds) -> list[Fact]:
    answer = _is_on_board(facts, thresholds)
    if answer is None:
        return []
    out_of = parts(facts, drug.status, drug.drug_class, drug.last_dose_day, drug.stop_day)
    return [made(drug.on_board, answer, out_of=out_of)]


def _is_on_board(facts: Facts, thresholds: Thresholds) -> bool | None:
    """Whether the drug acts on the evaluation date: it is taken, or its last dose has not worn off."""
    status, drug_class = word(facts, drug.status), word(facts, drug.drug_class)
    if status in ("active", "draft"):
        return True
    if status not in ("stopped", "on_hold") or drug_class is None:
        return None
    acts_for = _acts_for_days(word(facts, drug.name), drug_class, thresholds)
    last = day_of_last_dose(facts)
    if last is not None:
        return -last < acts_for
    if acts_for == 0:
        return False
    return True if status == "on_hold" else None


def _acts_for_days(name: str | None, drug_class: str, thresholds: Thresholds) -> int:
    if drug_class != "radiopharmaceutical":
        return washout_days(drug_class, thresholds)
    lookback = RADIOPHARM_LOOKBACK_SR89_DAYS if name == "strontium-89" else RADIOPHARM_LOOKBACK_DAYS
    return int(thresholds.number(lookback))


def _dose_above_standard(facts: Facts, thresholds: Thresholds) -> list[Fact]:
    """Lapatinib and T-DM1 only: the paper reports tolerance at their standard dose."""

    def is_above(dose: FactType, standard: Threshold) -> bool | None:
        given = exact(facts, dose)
        share = 1 + as_written(thresholds.number(DOSE_ROUNDING_TOLERANCE))
        return None if given is None else given > as_written(thresholds.number(standard)) * share

    match word(facts, drug.name):
        case "lapatinib":
            read: tuple[FactType, ...] = (drug.dose_mg_per_day,)
            answer = is_above(drug.dose_mg_per_day, LAPATINIB_STANDARD_MG_DAY)
        case "trastuzumab emtansine":
            read = (drug.dose_mg_per_kg, drug.interval_days)
            interval = whole(facts, drug.interval_days)
            is_too_often = None if interval is None else interval < thresholds.number(TDM1_STANDARD_INTERVAL_DAYS)
            answer = either(is_above(drug.dose_mg_per_kg, TDM1_STANDARD_MG_KG), is_too_often)
        case _:
            return []
    return [] if answer is None else [made(drug.dose_above_standard, answer, out_of=parts(facts, drug.name, *read))]
