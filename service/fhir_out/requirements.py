"""What is missing, as DataRequirements: which Observation, with which of our codes, would tell it. Pure.

Any open fact may be sent as an Observation coded with its name, so that is what is asked for,
however else the fact could be read. Only a list of drugs is no Observation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from rulesets.facts import FACTS, meds
from rulesets.language import comparisons_in
from rulesets.words import label
from service.cards.questions import questions_at, unknown_sources
from service.cards.relevance import value_for
from service.fact_resources import FACT_SYSTEM
from service.fact_sources import SOURCES
from service.fhir_out.decision import ABOUT, RULE, Decision
from service.fhir_out.issues import Issue
from service.fhir_out.references import reference_to
from service.record_json import Json

DECIDES_GROUP = "urn:osteon:extension:decides-group"


@dataclass(kw_only=True)
class Missing:
    """An unknown fact, of one element unless it is of the patient, and what waits for it."""

    fact: str
    element: str = ""
    decides_group: bool = False
    rules: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Requirements:
    """All that is missing; ``is_required`` when the evaluation is not complete without some of it."""

    listed: tuple[Json, ...]
    is_required: bool


def requirements_of(decision: Decision, issues: Sequence[Issue]) -> Requirements:
    """First what decides the group, then what findings and rules wait for."""
    found: dict[tuple[str, str], Missing] = {}

    def note(fact: str, element: str = "", rule: str = "", decides_group: bool = False) -> None:
        missing = found.setdefault((fact, element), Missing(fact=fact, element=element))
        missing.decides_group |= decides_group
        missing.rules |= {rule: None} if rule else {}

    prognosis = decision.conclusion.prognosis
    if prognosis.group == "indeterminate":
        for fact in prognosis.missing or prognosis.conflict_facts:
            note(fact, decides_group=True)
    for issue in issues:
        for fact, element in _untold(issue):
            note(fact, element, issue.firing.rule.id)
    is_required = prognosis.group == "indeterminate" or bool(found)
    for hook in decision.hooks:
        conclusion = decision.conclusions.at(hook)
        for question in questions_at(conclusion, hook, group_is_open=False):
            for rule in question.waiting:
                note(question.fact, question.element, rule.id)
    return Requirements(
        listed=tuple(requirement for missing in found.values() if (requirement := requirement_of(missing))),
        is_required=is_required,
    )


def _untold(issue: Issue) -> Iterator[tuple[str, str]]:
    """The facts whose very absence a finding speaks of, each with its element."""
    record = issue.conclusion.record
    for claim in comparisons_in(issue.firing.rule.when):
        if claim.operator == "unknown" and value_for(claim.fact, issue.of, record) is None:
            for fact, member in unknown_sources([claim.fact.name], issue.of, record):
                yield fact, member.key if member else ""
        elif claim == meds.list_available.is_false:
            yield meds.list_available.name, ""


def requirement_of(missing: Missing) -> Json | None:
    """None for what nobody can send, such as a fact about the present request."""
    extensions: list[Json] = []
    if missing.element:
        extensions.append({"url": ABOUT, "valueReference": reference_to(missing.element)})
    if missing.decides_group:
        extensions.append({"url": DECIDES_GROUP, "valueBoolean": True})
    extensions += [{"url": RULE, "valueCode": rule} for rule in missing.rules]
    told = {"extension": extensions} if extensions else {}
    if missing.fact == meds.list_available.name:
        return told | {"type": "MedicationRequest"}
    codes = [{"system": FACT_SYSTEM, "code": name, "display": label(name)} for name in sent_as(missing.fact)]
    return told | {"type": "Observation", "codeFilter": [{"path": "code", "code": codes}]} if codes else None


def sent_as(name: str) -> tuple[str, ...]:
    """The open facts by which a fact can be told: itself, or those it is derived from.

    >>> sent_as("tumour.er")
    ('tumour.er_primary', 'tumour.er_metastasis')
    """
    if FACTS[name].world == "open":
        return (name,)
    derived_from: Iterable[str] = SOURCES.get(name) or (f"{name}_primary", f"{name}_metastasis")
    return tuple(dict.fromkeys(open for each in derived_from if each in FACTS for open in sent_as(each)))
