"""What would make a rule true: stated facts found from its own condition, to lead random patients to it.

A claim about a stated fact is met by a value that makes it true. A claim about a derived fact is met by
one of a few settings of stated facts, and which of them meets it the real engine says.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache

from rulesets.facts import FACTS
from rulesets.language import AllOf, AnyOf, Compare, Condition, Element, Some, Truth, Value, compare
from rulesets.record import Fact, Member, Record, Source
from rulesets.rule import Rule
from rulesets.rulebook import RULES
from rulesets.thresholds import effective
from service.fire import Reasoner
from tests.support.values import values_of

Changes = Mapping[str, Value | None]
"""Facts by name, each with its value or None to take it away; one of an element belongs to the first of its list."""

LISTS: Mapping[Element, str] = {"lesion": "lesions", "drug": "drugs", "course": "courses", "order": "orders"}

_ORGANS = ("liver", "lung", "brain", "other_visceral", "distant_nodes", "soft_tissue")
_BONE_ONLY: Changes = {
    "mets.status": "confirmed", "mets.organ.bone": "present", **{f"mets.organ.{name}": "absent" for name in _ORGANS},
}  # fmt: skip
_FIT: Changes = {
    **_BONE_ONLY, "mets.lesion_count": 2, "mets.bone_lesion_count": 2, "mets.spinal_lesion_count": None,
    "tumour.er_primary": "positive", "tumour.er_metastasis": None, "patient.age_years": 50, "patient.ecog": 0,
    "patient.comorbidities": "none", "systemic.prior_lines_metastatic": 0, "patient.systemic_condition": None,
    "mets.visceral_crisis": None, "mets.rapid_progression": None, "mets.progression_pattern": None,
    "patient.life_expectancy_weeks": None,
}  # fmt: skip
_OPEN_COURSE: Changes = {"rt.status": "draft", "rt.start_day": 5, "rt.end_day": None, "rt.fractions": 5}


def _receptors(er: str, pr: str, her2: str) -> Changes:
    of_primary: Changes = {"tumour.er_primary": er, "tumour.pr_primary": pr, "tumour.her2_primary": her2}
    return {**of_primary, "tumour.er_metastasis": None, "tumour.pr_metastasis": None, "tumour.her2_metastasis": None}


_SETTINGS: tuple[Changes, ...] = (
    {},
    _FIT,
    {**_FIT, "mets.lesion_count": 1, "mets.bone_lesion_count": 1},
    {**_FIT, "patient.ecog": 2},
    {**_FIT, "patient.comorbidities": "significant"},
    {**_FIT, "patient.ecog": 2, "patient.age_years": 70},
    {**_FIT, "patient.ecog": None},
    {**_FIT, "patient.systemic_condition": "compromised"},
    {**_FIT, "patient.ecog": 3, "patient.systemic_condition": "acceptable"},
    {**_FIT, "mets.visceral_crisis": True},
    {**_FIT, "mets.lesion_count": 7, "mets.bone_lesion_count": 7, "mets.organ.liver": "present"},
    {**_BONE_ONLY, "mets.lesion_count": 2, "mets.bone_lesion_count": 2, "mets.organ.distant_nodes": "present"},
    {"mets.organ.bone": "present", "mets.organ.liver": "present"},
    {"mets.organ.bone": "present", **{f"mets.organ.{name}": None for name in _ORGANS}},
    {"mets.organ.bone": "absent"},
    {"mets.status": "none", "mets.organ.liver": "present"},
    {"mets.lesion_count": 2, "mets.bone_lesion_count": 7, "mets.organ.liver": "present", "mets.organ.bone": "present"},
    {"mets.extent_assertion": "bone_only", "mets.organ.liver": "present"},
    {"mets.onset_assertion": "recurrent", "tumour.stage": None, "mets.days_from_primary": None},
    {"mets.onset_assertion": "de_novo", "tumour.stage": None, "mets.days_from_primary": None},
    {"mets.onset_assertion": "recurrent", "mets.days_from_primary": 5},
    {"mets.onset_assertion": None, "tumour.stage": None, "mets.days_from_primary": 120},
    {"mets.status": "none", "tumour.positive_axillary_nodes": 4},
    {"mets.status": "none", "tumour.positive_axillary_nodes": 0, "tumour.first_event": "none"},
    _receptors("positive", "positive", "negative"),
    _receptors("positive", "negative", "positive"),
    _receptors("negative", "negative", "positive"),
    _receptors("negative", "negative", "negative"),
    _receptors("negative", "positive", "negative"),
    {**_receptors("positive", "positive", "equivocal"), "tumour.er_metastasis": "negative"},
    {"obs.hemoglobin_value": 10.9, "obs.hemoglobin_unit": "g/dL"},
    {"obs.hemoglobin_value": 12.0, "obs.hemoglobin_unit": None},
    *({"lesion.site": site} for site in ("vertebra", "pelvis")),
    {"lesion.fracture": "impending"},
    *({"rt.status": status} for status in ("draft", "planned", "cancelled")),
    {"rt.status": "completed", "rt.start_day": -20, "rt.end_day": -10},
    *(
        {"rt.total_dose_gy": total, "rt.fractions": fractions}
        for total, fractions in (
            (8.0, 1), (16.0, 1), (24.0, 1), (20.0, 5), (25.0, 5), (35.0, 5), (40.0, 5), (24.0, 3), (30.0, 3),
            (45.0, 3), (48.0, 3), (30.0, 10), (40.0, 10), (50.0, 10), (40.0, 15), (60.0, 25), (2000.0, 5), (26.0, 4),
        )
    ),
    *({"rt.technique": technique} for technique in ("SRS", "3DCRT")),
    {"rt.region": "thorax"},
    *({"rt.region": "spine", "lesion.site": "vertebra", "lesion.cord_compression": found} for found in ("confirmed", "none")),
    {"rt.retreatment": True},
    *({"drug.name": name, "drug.status": "active"} for name in (
        "olaparib", "capecitabine", "palbociclib", "letrozole", "everolimus", "alpelisib", "capivasertib", "trastuzumab",
        "trastuzumab deruxtecan", "sacituzumab govitecan", "lapatinib", "pembrolizumab", "bevacizumab", "zoledronic acid",
        "radium-223", "morphine", "a drug nobody knows",
    )),
    {"drug.name": "lapatinib", "drug.dose_mg_per_day": 1750.0},
    {"drug.name": "trastuzumab emtansine", "drug.dose_mg_per_kg": 3.6, "drug.interval_days": 21},
    {**_OPEN_COURSE, "drug.status": "active", "drug.start_day": -30, "drug.stop_day": None},
    *({**_OPEN_COURSE, "drug.status": "stopped", "drug.stop_day": day, "drug.last_dose_day": None} for day in (-1, -200)),
    {"rt.status": "completed", "rt.start_day": -9, "rt.end_day": -5, "drug.status": "draft", "drug.start_day": 0},
    {"rt.status": "completed", "rt.start_day": -28, "rt.end_day": -22, "drug.status": "draft", "drug.start_day": 90},
    {**_OPEN_COURSE, "drug.status": "stopped", "drug.stop_day": None, "drug.last_dose_day": None,
     "drug.days_last_dose_to_rt_start": None},
)  # fmt: skip


def changes_towards(rule_id: str, choice: int) -> Changes:
    """Facts that make a rule true, as far as one rule's condition can say; ``choice`` picks among its alternatives."""
    chance = random.Random(choice)
    found: dict[str, Value | None] = {}
    for claim in _claims(_RULES[rule_id].when, chance):
        found.update(_met(claim, chance))
    return found


def applied(record: Record, changes: Changes) -> Record:
    """The record with facts set or taken away; a list without an element gets one for the facts of an element."""
    facts = dict(record.facts)
    of_elements: dict[Element, dict[str, Value | None]] = {}
    for name, value in changes.items():
        element = FACTS[name].element
        if element is None:
            facts.pop(name, None) if value is None else facts.update({name: stated(name, value)})
        else:
            of_elements.setdefault(element, {})[name] = value
    record = replace(record, facts=facts)
    for element, changed in of_elements.items():
        first, *others = getattr(record, LISTS[element]) or (Member(key=f"{LISTS[element]}/0", facts={}),)
        record = replace(record, **{LISTS[element]: (_changed(element, first, changed), *others)})
    return record


def _changed(element: Element, member: Member, changes: Changes) -> Member:
    facts = dict(member.facts)
    for name, value in changes.items():
        facts.pop(name, None) if value is None else facts.update({name: stated(name, value)})
    status = facts.get("drug.status") or facts.get("rt.status")
    is_requested = element == "order" or (status is not None and status.value == "draft")
    return Member(key=member.key, facts=facts, in_request=is_requested)


def stated(name: str, value: Value) -> Fact:
    assert FACTS[name].problem_with(value) is None, (name, value)
    return Fact(name=name, value=value, sources=(Source(reference=f"Observation/{name}", element="value"),))


# --- what meets a claim ----------------------------------------------------------------------------

_RULES: Mapping[str, Rule] = {rule.id: rule.in_force(effective()) for rule in RULES}
NOBODY = Record(evaluation_date=date(2026, 11, 1))


def _claims(condition: Condition, chance: random.Random) -> Iterator[Compare]:
    """The claims to be met: all of all_of, one of any_of; that no element is such a one is left to chance."""
    match condition:
        case Compare():
            yield condition
        case AllOf(parts):
            for part in parts:
                yield from _claims(part, chance)
        case AnyOf(parts):
            yield from _claims(chance.choice(parts), chance)
        case Some(_, inner, negated):
            if not negated:
                yield from _claims(inner, chance)


def _met(claim: Compare, chance: random.Random) -> Changes:
    if claim.fact.world == "derived" or claim.fact.name == "rt.planned":
        settings = [setting for setting, known in _settings() if _holds(claim, known.get(claim.fact.name))]
        return chance.choice(settings) if settings else {}
    if claim.operator == "unknown":
        return {claim.fact.name: None}
    values = [value for value in values_of(claim.fact.name) if _holds(claim, value)]
    return {claim.fact.name: chance.choice(values)} if values else {}


def _holds(claim: Compare, value: Value | None) -> bool:
    return compare(claim, value) is Truth.TRUE


@cache
def _settings() -> tuple[tuple[Changes, Mapping[str, Value]], ...]:
    """Each setting of stated facts, with every fact the engine derives from it."""
    reasoner = Reasoner(effective())
    found = []
    for setting in _SETTINGS:
        record = reasoner.fire(applied(NOBODY, setting)).record
        members = (*(record.lesions or ()), *(record.drugs or ()), *record.courses)
        known = [record.facts, *(member.facts for member in members), *record.exposures.values()]
        found.append((setting, {name: fact.value for facts in known for name, fact in facts.items()}))
    return tuple(found)
