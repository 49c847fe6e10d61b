"""DetectedIssues: each finding on drugs around radiotherapy, as something for a clinician to settle. Pure.

A Bundle interrupts nobody, so every finding is told, whether or not a card would show it at a
hook. What only reassures is no issue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rulesets.evidence import PAPER_URL
from rulesets.facts import FACTS
from rulesets.record import Fact, Member
from rulesets.rule import Indicator
from rulesets.words import label
from service.cards.deck import line_of
from service.cards.detail import Point
from service.cards.relevance import elements_by_kind, triggering_drugs
from service.cards.text import capitalised, choice, drug_name, in_words, plain, rt_phrase, text_of
from service.fhir_out.decision import RULE, Decision
from service.fhir_out.proposals import Proposal
from service.fhir_out.references import reference_to, references_to, subject_of
from service.reasoning.findings import Conclusion, Firing
from service.record_json import Json

GROUP = "imbrication"
SEVERITIES: Mapping[Indicator, str] = {"critical": "high", "warning": "moderate", "info": "low"}


@dataclass(frozen=True, kw_only=True)
class Issue:
    """A finding, and the conclusion it belongs to."""

    firing: Firing
    conclusion: Conclusion

    @property
    def of(self) -> Mapping[str, Member]:
        return elements_by_kind(self.firing.rule, self.firing.elements)

    @property
    def name(self) -> str:
        return " ".join((self.firing.rule.id, *(element.key for element in self.firing.elements)))


def issues_of(decision: Decision) -> tuple[Issue, ...]:
    """The findings on drugs and radiotherapy at the hooks that were asked for, in the order of the rulebook."""
    found: dict[str, Issue] = {}
    for hook in decision.hooks:
        conclusion = decision.conclusions.at(hook)
        for firing in conclusion.fired:
            issue = Issue(firing=firing, conclusion=conclusion)
            if hook in firing.rule.hooks and _is_one(issue):
                found.setdefault(issue.name, issue)
    return tuple(found.values())


def _is_one(issue: Issue) -> bool:
    rule, drug = issue.firing.rule, issue.of.get("drug")
    if rule.group != GROUP or rule.output != "card" or rule.id in issue.conclusion.suppressed:
        return False
    return drug is None or text_of(drug.facts, "drug.drug_class") != "non_anticancer"


def detected(issue: Issue, decision: Decision, proposals: Sequence[Proposal]) -> Json:
    """The finding as a DetectedIssue. It stays preliminary: nobody has looked at it yet."""
    template, rule = decision.templates["DetectedIssue"], issue.firing.rule
    is_interaction = {"drug", "course"} <= issue.of.keys()
    code = {**(template["code"] if is_interaction else {}), "text": rule.title}
    resource = {
        **template,
        "id": decision.stamp.id_of(f"DetectedIssue {issue.name}"),
        "extension": [{"url": RULE, "valueCode": rule.id}],
        "code": code,
        "severity": SEVERITIES[issue.firing.indicator],
        "patient": subject_of(decision.patient),
        "identifiedDateTime": decision.stamp.instant,
        "author": decision.device,
        "implicated": [_implicated(member, kind) for kind, member in _concerned(issue)],
        "evidence": [_evidence(fact, issue) for fact in issue.firing.because],
        "detail": _detail(issue),
    }
    if rule.statements:
        resource["reference"] = PAPER_URL
    if mitigations := list(_mitigations(issue, resource["implicated"], proposals)):
        resource["mitigation"] = mitigations
    return resource


def _concerned(issue: Issue) -> Iterator[tuple[str, Member]]:
    """The course and the drug; of a finding about a course alone, also the drugs it comes from."""
    yield from issue.of.items()
    firing = issue.firing
    for drug in triggering_drugs(firing.rule, firing.elements, issue.conclusion.record):
        yield "drug", drug


def _implicated(member: Member, kind: str) -> Json:
    """The resource of a drug or a course, called as on a card."""
    if kind == "drug":
        return reference_to(member.key, display=plain(drug_name(member)))
    region = choice(text_of(member.facts, "rt.region"))
    return reference_to(member.key, display=", ".join(filter(None, (rt_phrase(member), region))))


def _evidence(fact: Fact, issue: Issue) -> Json:
    """A fact that made the finding so, and the resources it was read from."""
    said: Json = {"code": [{"text": f"{capitalised(label(fact.name))}: {_told(fact, issue.conclusion)}"}]}
    sources = references_to(source.reference for source in fact.sources)
    return said | ({"detail": sources} if sources else {})


def _told(fact: Fact, conclusion: Conclusion) -> str:
    if isinstance(fact.value, str) and FACTS[fact.name].type == "text":
        return plain(fact.value)
    return in_words(fact.name, fact.value, conclusion.record.evaluation_date)


def _detail(issue: Issue) -> str:
    rule, conclusion = issue.firing.rule, issue.conclusion
    point = Point(rule=rule, indicator=issue.firing.indicator, family="drug-rt", place=0, firings=(issue.firing,))
    said = (f"{line_of(point, conclusion)}.", conclusion.thresholds.filled(rule.detail))
    return " ".join(filter(None, (*said, f"Strength of evidence: {rule.evidence}.")))


def _mitigations(issue: Issue, implicated: list[Json], proposals: Sequence[Proposal]) -> Iterator[Json]:
    """What was suggested against it. FHIR knows only actions that were taken, so each says that it was not."""
    named = {each.get("reference") for each in implicated}
    for proposal in proposals:
        if issue.firing.rule.id in proposal.rules and (not proposal.targets or proposal.targets & named):
            yield {"action": {"text": f"Proposed, not done: {proposal.label}"}}
