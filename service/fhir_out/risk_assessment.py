"""The RiskAssessment: the prognostic group, the resources it rests on, and what would still decide it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from rulesets.words import label, listed
from service.cards.deck import line_of
from service.cards.detail import Point
from service.fhir_out.decision import Decision
from service.fhir_out.references import reference_to, references_to, subject_of
from service.reasoning.findings import Conclusion, Firing, Prognosis
from service.record_json import Json
from service.suggestions.drafts import conditions_of


def risk_assessment_of(decision: Decision) -> Json | None:
    """None unless a rule states the group, or that none can be stated.

    Without bone metastases from breast cancer the groups mean nothing, and no such rule is true.
    """
    conclusion = decision.conclusion
    group = conclusion.prognosis.group
    stating = next((each for each in conclusion.fired if each.rule.id == f"prognosis.{group}"), None)
    if stating is None:
        return None
    template = decision.templates["RiskAssessment"]
    outcomes = {one["id"]: one["outcome"] for one in template["prediction"]}
    resource = {
        **template,
        "id": decision.stamp.id_of("RiskAssessment"),
        "identifier": [decision.identifier],
        "status": "preliminary" if group == "indeterminate" else "final",
        "subject": subject_of(decision.patient),
        "occurrenceDateTime": decision.result["evaluationDate"],
        "performer": decision.device,
        "prediction": [{"outcome": outcomes[group], "rationale": _rationale(stating, conclusion)}],
        "note": [{"text": text} for text in _notes(conclusion.prognosis)] + template["note"],
    }
    sources = (source.reference for source in conclusion.record.facts["prognosis.group"].sources)
    if basis := [each for each in references_to(sources) if "reference" in each]:
        resource["basis"] = basis
    if condition := next(iter(conditions_of(conclusion.record)), ""):
        resource["condition"] = reference_to(condition)
    return resource


def _rationale(stating: Firing, conclusion: Conclusion) -> str:
    """What the rule says that states the group, and which groups are possible while none can be stated."""
    if conclusion.prognosis.group == "indeterminate":
        return f"Not to be stated yet. Still possible: {listed(conclusion.prognosis.possible, 'or')}."
    point = Point(rule=stating.rule, indicator=stating.indicator, family="group", place=0, firings=(stating,))
    return f"{line_of(point, conclusion)}."


def _notes(prognosis: Prognosis) -> Iterator[str]:
    if prognosis.missing:
        yield f"Not known, and deciding: {listed([label(name) for name in prognosis.missing])}."
    if prognosis.conflict_facts:
        yield f"Stated, and speaking against the group: {listed([label(name) for name in prognosis.conflict_facts])}."
    if prognosis.group == "intermediate":
        lean = prognosis.lean
        yield f"Lean within the group: {lean}." if lean else "Which way the group leans cannot be told yet."
