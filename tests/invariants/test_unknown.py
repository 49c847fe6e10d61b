"""What is not known is never taken for an answer, nor asked where it does not matter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rulesets.facts import bone_agent, drug, prognosis, systemic
from rulesets.language import Compare, comparisons_in, facts_in
from rulesets.record import Member, Record
from rulesets.rule import Rule
from rulesets.rulebook import RULES
from service.cards.relevance import value_for
from service.fact_sources import SOURCES
from service.fire import Fired
from service.reasoning.situations import members_of
from tests.conftest import EXAMPLES
from tests.invariants.judging import answer, cards_at, reasoner, true_of
from tests.support import brute_force
from tests.support.aims import LISTS, applied, changes_towards
from tests.support.patients import Recipe, recipes
from tests.support.values import stated_facts, values_of

BY_ID = {rule.id: rule for rule in RULES}
OVERRIDES = {
    "patient.systemic_condition", "mets.visceral_crisis", "mets.rapid_progression", "mets.progression_pattern",
    "patient.life_expectancy_weeks", "patient.neuro_symptoms", "lesion.fracture", "lesion.cord_compression",
}  # fmt: skip
"""Assertions that withdraw a group, and skeletal events that may explain a poor performance status."""
READ_CAREFULLY = {
    "rt.target_lesions", "lesion.site", "meds.list_available", "bone_agent.active", "systemic.ongoing", "obs.hemoglobin_unit",
}  # fmt: skip
"""A course that names no lesion is taken to treat any of the spine, one to the pelvis to spare the sacrum unless a
lesion there is listed; a drug list is complete unless it says that it
is not, and tells what nobody states; and that a haemoglobin has no unit is told."""
TOLD_BY_DAYS_OR_LISTS = {drug.exposure, bone_agent.active, systemic.ongoing}
DECIDING = tuple(each for each in brute_force.ATOMS if not each.startswith("tumour."))
BEHIND = {
    **{f"tumour.{name}": (f"tumour.{name}_primary",) for name in ("er", "pr", "her2")},
    "prognosis.group": (*DECIDING, "tumour.er", "tumour.pr", "tumour.her2"),
    "mets.visceral_crisis": brute_force.VISCERAL,
}
"""What else stands behind a derived fact, beside what is asked for when it is unknown. A result of a metastasis
counts instead of that of the primary: it is no fact that was missing."""
CONFLICTS = (
    "dq.count_inconsistent", "dq.onset_conflict", "dq.receptor_discordance", "dq.extent_conflict", "dq.status_conflict",
    "dq.condition_conflict", "dq.hb_unusable", "rt.dose_implausible",
)  # fmt: skip

SUSPICIOUS = ("mets.", "imaging.", "patient.bone_pain", "patient.neuro_symptoms", "surgery.")


@given(recipes(), st.lists(st.integers(0, 1000), min_size=6, max_size=6))
def test_a_fact_taken_away_makes_no_rule_true_and_excludes_no_group(patient: Recipe, places: list[int]) -> None:
    """Invariant 1: but for rules that look for what is unknown, assertions that override, and contradictions."""
    record = patient.record
    before = reasoner().fire(record)
    known = [fact for fact in _known(record) if not _is_special(fact[2], before)]
    assume(known)

    for element, key, name in {known[place % len(known)] for place in places}:
        after = reasoner().fire(_without(record, element, key, name))

        assert set(before.prognosis.possible) <= set(after.prognosis.possible)
        for id, keys in true_of(after) - true_of(before):
            if name.startswith(("rt.", "drug.")) and TOLD_BY_DAYS_OR_LISTS & set(facts_in(BY_ID[id].when)):
                continue  # for days and statuses see invariant 14; a list counts before what is stated of it
            assert _looked_for(BY_ID[id], keys, name, before, after), (id, name)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.enabled_by is None], ids=lambda rule: rule.id)
@given(patient=recipes(), way=st.integers(0, 9), places=st.lists(st.integers(0, 1000), min_size=3, max_size=3))
@settings(max_examples=max(3, EXAMPLES // 20))
def test_a_rule_true_without_a_fact_it_reads_is_true_whatever_that_fact_turns_out_to_be(
    rule: Rule, patient: Recipe, way: int, places: list[int]
) -> None:
    """Invariant 1: the other way round, of each rule in patients made for it."""
    told = applied(patient.record, changes_towards(rule.id, way))
    names = _read_by(rule)

    for name in {names[place % len(names)] for place in places if names}:
        record = _without(told, "", "", name)
        before = reasoner().fire(record)
        true = {each for each in true_of(before) if each[0] == rule.id}
        for value in values_of(name) if true else ():
            after = reasoner().fire(applied(record, {name: value}))
            for id, keys in true - true_of(after):
                assert _is_special(name, after) or _looked_for(rule, keys, name, after, before), (id, name, value)


@given(recipes())
def test_nobody_is_asked_where_nobody_suspects_metastases(patient: Recipe) -> None:
    """Invariant 21: without a word of metastases, of symptoms or of imaging, and nothing ordered."""
    told = patient.record
    innocent = {name: fact for name, fact in told.facts.items() if not name.startswith(SUSPICIOUS)}
    record = replace(told, facts=innocent, lesions=None, courses=(), orders=(), conflicts=())

    cards = cards_at("patient-view", answer(record))

    assert not [
        card["summary"] for card in cards if "Data needed" in card["summary"] or "Expected as" in card["detail"]
    ]


# --- taking a fact away ----------------------------------------------------------------------------


def _known(record: Record) -> Iterator[tuple[str, str, str]]:
    """Every fact that may be taken away: the list and the element it belongs to, if any, and its name."""
    for name in record.facts:
        yield "", "", name
    for element in LISTS:
        for member in members_of(record, element):
            for name in member.facts:
                yield element, member.key, name


def _without(record: Record, element: str, key: str, name: str) -> Record:
    if not element:
        return replace(record, facts={each: fact for each, fact in record.facts.items() if each != name})

    def less(member: Member) -> Member:
        facts = {each: fact for each, fact in member.facts.items() if each != name}
        return replace(member, facts=facts) if member.key == key else member

    members = tuple(less(member) for member in members_of(record, element))
    return replace(record, **{LISTS[element]: members})  # type: ignore[index]


def _read_by(rule: Rule) -> list[str]:
    """Facts of the patient that a rule reads, itself or through what is derived."""
    names, found = [fact.name for fact in facts_in(rule.when)], set[str]()
    while names:
        name = names.pop()
        if name not in found:
            found.add(name)
            names += [*SOURCES.get(name, ()), *BEHIND.get(name, ())]
    return sorted(found & {fact.name for fact in stated_facts(None)})


# --- what may become true all the same -------------------------------------------------------------


def _is_special(name: str, before: Fired) -> bool:
    """Whether a fact overrides, is read carefully, or takes part in a contradiction."""
    told = [before.record.facts, *(course.facts for course in before.record.courses)]
    flags = [facts[flag] for facts in told for flag in CONFLICTS if flag in facts]
    contradicts = any(flag.value is True and name in flag.because for flag in flags)
    return name in OVERRIDES | READ_CAREFULLY or contradicts


def _looked_for(rule: Rule, keys: tuple[str, ...], name: str, before: Fired, after: Fired) -> bool:
    """Whether a rule asks for something to be unknown that has become so."""
    claims = list(comparisons_in(rule.when))
    if any(claim.fact == prognosis.group and _takes_indeterminate(claim) for claim in claims):
        return after.prognosis.group == "indeterminate" and after.prognosis.missing != before.prognosis.missing
    of_before, of_after = _chosen(rule, keys, before.record), _chosen(rule, keys, after.record)
    return any(
        claim.fact.name == name
        or (
            value_for(claim.fact, of_before, before.record) is not None
            and value_for(claim.fact, of_after, after.record) is None
        )
        for claim in claims
        if claim.operator == "unknown"
    )


def _takes_indeterminate(claim: Compare) -> bool:
    return claim.operand == "indeterminate" or (isinstance(claim.operand, tuple) and "indeterminate" in claim.operand)


def _chosen(rule: Rule, keys: tuple[str, ...], record: Record) -> dict[str, Member]:
    return {
        element: member
        for element, key in zip(rule.for_each, keys, strict=True)
        for member in members_of(record, element)
        if member.key == key
    }
