"""What a rule is, and what a definition is.

A *rule* says something to a clinician: statement, when, what follows. A *definition* gives a
derived fact its value and says nothing by itself. The engine runs both alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from typing import Literal

from rulesets.evidence import Since, Statement
from rulesets.language import (
    AllOf,
    AnyOf,
    Condition,
    Element,
    FactType,
    LanguageError,
    Some,
    facts_in,
    with_facts,
    with_thresholds,
)
from rulesets.thresholds import THRESHOLDS, Threshold, Thresholds, placeholders_in

Indicator = Literal["info", "warning", "critical"]
Hook = Literal["patient-view", "order-select", "order-sign"]
Scope = tuple[Element, ...]

HOOKS: tuple[Hook, ...] = ("patient-view", "order-select", "order-sign")
ORDER_HOOKS: tuple[Hook, ...] = ("order-select", "order-sign")

PATIENT: Scope = ()
"""Judged once."""
EACH_LESION: Scope = ("lesion",)
EACH_DRUG: Scope = ("drug",)
EACH_COURSE: Scope = ("course",)
EACH_ORDER: Scope = ("order",)
EACH_COURSE_AND_DRUG: Scope = ("course", "drug")
EACH_ORDER_AND_DRUG: Scope = ("order", "drug")
EACH_ORDER_AND_LESION: Scope = ("order", "lesion")


@dataclass(frozen=True, kw_only=True)
class Escalation:
    """A condition under which a rule that fired is graver than usual, and why.

    ``further`` is a graver step still; it is taken only on top of this one.
    """

    when: Condition
    to: Indicator
    why: str
    further: Escalation | None = None


@dataclass(frozen=True, kw_only=True)
class Reading:
    """While a setting has a value, a rule reads one fact in the place of another."""

    setting: Threshold
    value: str
    fact: FactType
    instead_of: FactType


Action = Literal[
    # drafts that are created
    "order_blood_count", "order_mri", "order_urgent_spine_mri", "order_planning_mri", "order_bone_scan", "order_ct",
    "order_fdg_pet", "order_naf_pet", "order_biopsy", "refer_to_radiation_oncology", "refer_to_orthopaedics",
    "refer_to_palliative_care", "refer_to_interventional_radiology", "request_mdt", "plan_follow_up",
    "propose_antiresorptive", "schedule_pain_reassessment", "schedule_response_imaging",
    # changes of the very draft, or of the prescription, that the card is about
    "hold_drug", "add_contrast", "leave_out_contrast", "change_to_8_gy_in_1", "change_to_30_gy_in_10",
    "change_to_boost_40_30_gy_in_10", "change_to_vmat",
]  # fmt: skip
"""What a suggestion offers. Each is a FHIR ActivityDefinition in ``fhir_profiles/``."""


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """An action offered with a card; ``action`` names the draft that is built for the patient.

    ``description`` says to the clinician what accepting it does, beginning with a verb. ``when``
    narrows it: the suggestion is offered only where the condition holds as well.
    """

    label: str
    action: Action
    description: str
    when: Condition | None = None


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Id, statement, when, and what follows.

    ``when`` is judged once per element of ``for_each``; the rule fires for each element for which
    it is true. ``summary`` may hold ``{drug}`` and ``{rt}``; it, ``detail``, ``indicator_because`` and
    ``ambiguities`` name a threshold by its key in braces. ``when_unknown`` is what an
    undetermined rule does: *ask* puts its open facts as questions, *silent* does nothing. Facts
    asked are those in ``ask``; when that is empty, those of the one clause left open.
    ``output`` *fact* makes no card of its own. ``enabled_by`` is a switch that is off by default.
    ``readings`` let a setting choose the fact that is read.
    """

    id: str
    title: str
    statements: tuple[Statement, ...] = ()
    for_each: Scope = PATIENT
    when: Condition
    summary: str
    detail: str = ""
    output: Literal["card", "fact"] = "card"
    indicator: Indicator = "info"
    indicator_because: str = ""
    escalation: Escalation | None = None
    hooks: tuple[Hook, ...]
    when_unknown: Literal["ask", "silent"] = "silent"
    ask: tuple[FactType, ...] = ()
    evidence: str
    ambiguities: tuple[str, ...] = ()
    since: tuple[Since, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    enabled_by: Threshold | None = None
    readings: tuple[Reading, ...] = ()

    def __post_init__(self) -> None:
        _check_scope(self.id, self.for_each, self.when)
        _check_placeholders(self.id, self.summary, PLACEHOLDERS | THRESHOLDS.keys())
        for text in (self.detail, self.indicator_because, *self.ambiguities):
            _check_placeholders(self.id, text, THRESHOLDS.keys())
        for text in (self.title, self.evidence):
            _check_placeholders(self.id, text, frozenset())
        for step in self.escalations():
            _check_scope(self.id, self.for_each, step.when)
            _check_placeholders(self.id, step.why, frozenset())
        for suggestion in self.suggestions:
            if suggestion.when:
                _check_scope(self.id, self.for_each, suggestion.when)
        for reading in self.readings:
            if problem := reading.setting.problem_with(reading.value):
                raise LanguageError(f"{self.id} waits for a setting that cannot be: {problem}")
            if (reading.fact.element, reading.fact.type) != (reading.instead_of.element, reading.instead_of.type):
                raise LanguageError(f"{self.id} cannot read {reading.fact.name} in the place of another kind of fact.")

    @property
    def group(self) -> str:
        """The first word of the id: imbrication, prognosis, dq ..."""
        return self.id.partition(".")[0]

    def escalations(self) -> Iterator[Escalation]:
        """The steps by which the rule may become graver, the mildest first."""
        step = self.escalation
        while step:
            yield step
            step = step.further

    def in_force(self, thresholds: Thresholds) -> Rule:
        """The rule with the values in force: numbers for thresholds, and the facts that settings choose."""
        facts = {
            each.instead_of: each.fact for each in self.readings if thresholds.values[each.setting.key] == each.value
        }

        def settled(condition: Condition) -> Condition:
            return with_thresholds(with_facts(condition, facts), thresholds.values)

        escalation = None
        for step in reversed(list(self.escalations())):
            escalation = replace(step, when=settled(step.when), further=escalation)
        return replace(
            self,
            when=settled(self.when),
            escalation=escalation,
            ask=tuple(facts.get(fact, fact) for fact in self.ask),
            suggestions=tuple(
                replace(each, when=settled(each.when)) if each.when else each for each in self.suggestions
            ),
        )


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A derived fact has a value when a condition holds.

    ``id`` is ``<fact>/<case>``. Of the definitions of one fact at most one may be true. A truth
    with a single definition is false when that is certainly not so. ``otherwise`` closes a fact:
    the value it takes whenever no definition of it is certainly true.
    """

    id: str
    fact: FactType
    value: bool | str
    otherwise: bool | str | None = None
    for_each: Scope = PATIENT
    when: Condition
    statements: tuple[Statement, ...] = ()

    def __post_init__(self) -> None:
        _check_scope(self.id, self.for_each, self.when)
        if self.fact in facts_in(self.when):
            raise LanguageError(f"{self.id} reads the fact it defines; a fact cannot be its own reason.")


PLACEHOLDERS = frozenset({"drug", "rt", "lean", "reason"})
"""What a summary may leave to be filled beside thresholds."""


def _check_placeholders(id: str, text: str, allowed: Set[str]) -> None:
    if unknown := [name for name in placeholders_in(text) if name not in allowed]:
        raise LanguageError(f"{id} leaves {{{unknown[0]}}} to be filled, which nothing fills; name a threshold.")


def _check_scope(id: str, for_each: Scope, when: Condition) -> None:
    def walk(condition: Condition, scope: tuple[str, ...]) -> None:
        if isinstance(condition, AllOf | AnyOf):
            for part in condition.parts:
                walk(part, scope)
        elif isinstance(condition, Some):
            walk(condition.condition, (*scope, condition.element))
        else:
            fact = condition.fact
            if fact.element is not None and fact.element not in scope:
                raise LanguageError(
                    f"{id} speaks of {fact.name} but is not judged for each {fact.element}; "
                    f"give it that scope or say some_{fact.element}(...)."
                )
            if fact.per_course and "course" not in scope:
                raise LanguageError(f"{id} speaks of {fact.name}, which needs a radiotherapy course in its scope.")

    walk(when, for_each)
