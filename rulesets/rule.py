"""What a rule is, and what a definition is.

A *rule* says something to a clinician: statement, when, what follows. A *definition* gives a
derived fact its value and says nothing by itself. The engine runs both alike.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Literal

from rulesets.evidence import Since, Statement
from rulesets.language import AllOf, AnyOf, Condition, Element, FactType, LanguageError, Some, facts_in
from rulesets.thresholds import THRESHOLDS, Threshold, placeholders_in

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
    """A condition under which a rule that fired is graver than usual, and why."""

    when: Condition
    to: Indicator
    why: str


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
    it is true. ``summary`` may hold ``{drug}`` and ``{rt}``. ``when_unknown`` is what an
    undetermined rule does: *ask* puts its open facts as questions, *silent* does nothing. Facts
    asked are those in ``ask``; when that is empty, those of the one clause left open.
    ``output`` *fact* makes no card of its own. ``enabled_by`` is a switch that is off by default.
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

    def __post_init__(self) -> None:
        _check_scope(self.id, self.for_each, self.when)
        _check_placeholders(self.id, self.summary, PLACEHOLDERS | THRESHOLDS.keys())
        for text in (self.detail, self.indicator_because, *self.ambiguities):
            _check_placeholders(self.id, text, THRESHOLDS.keys())
        if self.escalation:
            _check_scope(self.id, self.for_each, self.escalation.when)
        for suggestion in self.suggestions:
            if suggestion.when:
                _check_scope(self.id, self.for_each, suggestion.when)

    @property
    def group(self) -> str:
        """The first word of the id: imbrication, prognosis, dq ..."""
        return self.id.partition(".")[0]


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
