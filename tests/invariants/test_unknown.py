"""What is not known is never taken for an answer, nor asked where it does not matter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from rulesets.facts import drug, prognosis
from rulesets.language import Compare, comparisons_in, facts_in
from rulesets.record import Member, Record
from rulesets.rule import Rule
from rulesets.rulebook import RULES
from service.fire import Fired
from service.relevance import value_for
from service.situations import members_of
from tests.invariants.judging import answer, cards_at, reasoner, true_of
from tests.support.aims import LISTS
from tests.support.patients import Recipe, recipes

BY_ID = {rule.id: rule for rule in RULES}
OVERRIDES = {
    "patient.systemic_condition", "mets.visceral_crisis", "mets.rapid_progression", "mets.progression_pattern",
    "patient.life_expectancy_weeks", "patient.neuro_symptoms", "lesion.fracture", "lesion.cord_compression",
}  # fmt: skip
"""Assertions that withdraw a group, and skeletal events that may explain a poor performance status."""
READ_CAREFULLY = {
    "rt.target_lesions", "meds.list_available", "bone_agent.active", "systemic.ongoing", "obs.hemoglobin_unit",
}  # fmt: skip
"""A course that names no lesion is taken to treat any of the spine; a drug list is complete unless it says that it
is not, and tells what nobody states; and that a haemoglobin has no unit is told."""
CONFLICTS = (
    "dq.count_inconsistent", "dq.onset_conflict", "dq.receptor_discordance", "dq.extent_conflict", "dq.status_conflict",
    "dq.condition_conflict", "dq.hb_unusable", "rt.dose_implausible",
)  # fmt: skip

SUSPICIOUS = ("mets.", "imaging.", "patient.bone_pain", "patient.neuro_symptoms", "surgery.")


@given(recipes(), st.integers(0, 1000))
def test_a_fact_taken_away_makes_no_rule_true_and_excludes_no_group(patient: Recipe, place: int) -> None:
    """Invariant 1: but for rules that look for what is unknown, assertions that override, and contradictions."""
    record = patient.record
    known = list(_known(record))
    assume(known)
    element, key, name = known[place % len(known)]
    fewer = _without(record, element, key, name)

    before, after = reasoner().fire(record), reasoner().fire(fewer)

    assume(name not in OVERRIDES | READ_CAREFULLY and not _took_part_in_a_conflict(name, before))
    assert set(before.prognosis.possible) <= set(after.prognosis.possible)
    for id, keys in true_of(after) - true_of(before):
        if name.startswith(("rt.", "drug.")) and drug.exposure in facts_in(BY_ID[id].when):
            continue  # the days and statuses that make the timing: see invariant 14
        assert _looked_for(BY_ID[id], keys, name, before, after), (id, name)


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


# --- what may become true all the same -------------------------------------------------------------


def _took_part_in_a_conflict(name: str, before: Fired) -> bool:
    told = [before.record.facts, *(course.facts for course in before.record.courses)]
    flags = [facts[flag] for facts in told for flag in CONFLICTS if flag in facts]
    return any(flag.value is True and name in flag.because for flag in flags)


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
