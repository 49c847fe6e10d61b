"""What may be shown at which hook: a true rule is not worth an interruption everywhere.

A rule is true or not whatever the hook; the hook decides whether it is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from rulesets.facts import bone_agent, meds
from rulesets.language import Condition, FactType, Some, Truth, Value, clauses_of, judge
from rulesets.record import Member, Record
from rulesets.rule import Hook, Indicator, Rule
from service.reasoning.findings import Conclusion, Firing, Undetermined

Family = Literal[
    "safety", "rt-plan", "drug-rt", "group", "systemic", "local", "work-up", "data", "trials",
]  # fmt: skip
FAMILIES: tuple[Family, ...] = (
    "safety", "rt-plan", "drug-rt", "group", "systemic", "local", "work-up", "data", "trials",
)  # fmt: skip
"""Kinds of cards, in the order they are shown."""

GRAVITY: dict[Indicator, int] = {"critical": 0, "warning": 1, "info": 2}

_FAMILY_OF_RULE: dict[str, Family] = {
    **dict.fromkeys(
        ("imaging.cord-mri-urgent", "imaging.cord-mri-no-contrast", "pathway.ortho-evaluation", "dq.dose-implausible",
         "dq.out-of-scope", "dq.rt-unconfirmed", "dq.prognosis-conflict"), "safety"),
    **dict.fromkeys(
        ("pathway.radical-not-good", "pathway.radical-indeterminate", "pathway.analgesia",
         "prognosis.oligoprogressive-outcome"), "rt-plan"),
    **dict.fromkeys(
        ("pathway.et-preferred", "pathway.crisis-chemo", "pathway.tn-or-resistant-chemo",
         "pathway.sequential-monotherapy", "pathway.hormone-refractory-options", "pathway.brca-parp",
         "pathway.tn-pdl1-io", "pathway.chemo-bone-pain"), "systemic"),
}  # fmt: skip
_FAMILY_OF_GROUP: dict[str, Family] = {
    "dose": "rt-plan", "technique": "rt-plan", "imbrication": "drug-rt", "prognosis": "group", "pathway": "group",
    "bone-agents": "systemic", "surgery": "local", "ir": "local", "radiopharm": "local", "risk": "work-up",
    "imaging": "work-up", "biopsy": "work-up", "dq": "data", "trial": "trials",
}  # fmt: skip

_SAID_BY: dict[str, str] = {
    "prognosis.good": "pathway.good-radical",
    "prognosis.intermediate": "pathway.intermediate-systemic-first",
    "prognosis.poor": "pathway.poor-qol",
    "risk.symptomatic-investigate": "imaging.cord-mri-urgent",
    "dq.missing-deciding-facts": "dq.out-of-scope",
}
"""A rule that is silent where another says the same and more, or leaves it nothing to ask for."""

GROUP_RULES = frozenset(id for pair in _SAID_BY.items() for id in pair if pair[0].startswith("prognosis."))
"""Rules that state the prognostic group: they lead a card before other rules of the same gravity."""

UNKNOWN_EXPOSURE = "imbrication.unknown-exposure"


def family_of(rule: Rule, hook: Hook) -> Family:
    """The kind of card a rule speaks on. A rule of an unknown topic is a matter of work-up."""
    if rule.id == "imaging.escalate-before-radical" and hook != "patient-view":
        return "rt-plan"
    return _family_of_id(rule.id)


@cache
def _family_of_id(rule_id: str) -> Family:
    return _FAMILY_OF_RULE.get(rule_id) or _FAMILY_OF_GROUP.get(rule_id.partition(".")[0], "work-up")


def shown(conclusion: Conclusion, hook: Hook) -> tuple[Firing, ...]:
    """The firings that are said at this hook, in the order of the rulebook."""
    firings = [
        firing
        for firing in conclusion.fired
        if firing.rule.id not in conclusion.suppressed
        and is_shown(firing.rule, firing.indicator, firing.elements, conclusion.record, hook)
    ]
    ids = {firing.rule.id for firing in firings}
    return tuple(firing for firing in firings if _SAID_BY.get(firing.rule.id) not in ids)


def is_shown(rule: Rule, indicator: Indicator, elements: tuple[Member, ...], record: Record, hook: Hook) -> bool:
    """Whether a rule that is true for these elements, with this indicator, is said at this hook."""
    if rule.output != "card" or hook not in rule.hooks:
        return False
    of = elements_by_kind(rule, elements)
    if "drug" in of and _is_no_cancer_drug(of["drug"]):
        return False
    if hook == "patient-view":
        return True
    if hook == "order-select" and "order-sign" in rule.hooks and indicator == "info":
        return False
    match family_of(rule, hook):
        case "drug-rt":
            concerned = [*elements, *triggering_drugs(rule, elements, record)]
            return indicator == "critical" or not concerned or any(member.in_request for member in concerned)
        case "rt-plan" if "course" in of:
            return of["course"].in_request or (indicator != "info" and _radiotherapy_is_ordered(record))
        case _:
            return True


def elements_by_kind(rule: Rule, elements: tuple[Member, ...]) -> Mapping[str, Member]:
    """The elements a rule was judged for: ``{"course": ..., "drug": ...}``."""
    return dict(zip(rule.for_each, elements, strict=False))


def triggering_drugs(rule: Rule, elements: tuple[Member, ...], record: Record) -> tuple[Member, ...]:
    """The drugs that make a rule about a course true through a claim about some drug."""
    if "drug" in rule.for_each or not record.drugs:
        return ()
    claims = [
        clause
        for clause in clauses_of(rule.when)
        if isinstance(clause, Some) and clause.element == "drug" and not clause.negated
    ]
    course = elements_by_kind(rule, elements).get("course")
    return tuple(
        drug
        for drug in record.drugs
        if not _is_no_cancer_drug(drug) and any(_holds(claim.condition, drug, course, record) for claim in claims)
    )


def _holds(condition: Condition, drug: Member, course: Member | None, record: Record) -> bool:
    def value_of(fact: FactType) -> Value | None:
        return value_for(fact, {"drug": drug} | ({"course": course} if course else {}), record)

    return judge(condition, value_of, lambda claim: Truth.UNKNOWN) is Truth.TRUE


def value_for(fact: FactType, of: Mapping[str, Member], record: Record) -> Value | None:
    """The value of a fact for these elements of a record, or None when it is unknown."""
    if fact.element is None:
        return record.value(fact.name)
    member = of.get(fact.element)
    if member is None:
        return None
    if fact.per_course and (course := of.get("course")) is not None:
        pair = record.exposures.get((course.key, member.key), {}).get(fact.name)
        if pair is not None:
            return pair.value
    found = member.facts.get(fact.name)
    return None if found is None else found.value


def is_listed(undetermined: Undetermined, record: Record) -> bool:
    """Whether the rule is open for something the record names; nothing is asked of unlisted drugs or lesions."""
    if bone_agent.active.name in undetermined.missing and record.value(meds.list_available.name) is not True:
        return False
    lists = {"lesion": record.lesions, "drug": record.drugs, "course": record.courses, "order": record.orders}
    of = elements_by_kind(undetermined.rule, undetermined.elements)
    return all(
        (member := of.get(kind)) is not None and any(member.key == listed.key for listed in lists[kind] or ())
        for kind in undetermined.rule.for_each
        if kind != "order"
    )


def is_spoken_for(undetermined: Undetermined, conclusion: Conclusion) -> bool:
    """Whether another rule already says that a drug, or all drugs, could not be judged."""
    rule = undetermined.rule
    of = elements_by_kind(rule, undetermined.elements)
    about_drugs = "drug" in rule.for_each or any(name.startswith("drug.") for name in undetermined.missing)
    if about_drugs and conclusion.record.drugs is None:
        return True
    warned = [
        elements_by_kind(firing.rule, firing.elements)
        for firing in conclusion.fired
        if about_drugs and firing.rule.id == UNKNOWN_EXPOSURE
    ]
    if "drug" in of:
        return any(of["drug"].key == pair["drug"].key for pair in warned)
    return "course" in of and any(of["course"].key == pair["course"].key for pair in warned)


def gravest(rule: Rule) -> Indicator:
    """The gravest indicator a rule may come to have."""
    return min((rule.indicator, *(step.to for step in rule.escalations())), key=GRAVITY.__getitem__)


def _radiotherapy_is_ordered(record: Record) -> bool:
    return any((kind := order.facts.get("order.kind")) is not None and kind.value == "rt" for order in record.orders)


def _is_no_cancer_drug(drug: Member) -> bool:
    drug_class = drug.facts.get("drug.drug_class")
    return drug_class is not None and drug_class.value == "non_anticancer"
