"""What the cards suggest, as a RequestGroup with drafts that nobody has accepted yet. Pure.

A new draft is a resource of its own. A changed resource is not: whoever imports the Bundle would
have made the change. It is contained in the group, and its action names what it would replace.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rulesets.rule import Indicator
from service.fhir_out.contained import contained_copies, security_labels
from service.fhir_out.decision import Decision
from service.fhir_out.guard import fault_in
from service.fhir_out.references import local, once, reference_to, subject_of
from service.record_json import Json
from service.suggestions.offers import ACTION_EXTENSION, RULES_EXTENSION
from service.write import HOOKS_EXTENSION

CHANGED_TO = "urn:osteon:extension:changed-to"
PRIORITIES: Mapping[Indicator, str] = {"critical": "stat", "warning": "urgent", "info": "routine"}
"""The priority of an action by the indicator of its card, as converters between the two read it."""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """One suggestion as it is written.

    ``rules`` make it. ``targets`` are the references of the resources it would change, ``changed``
    these resources as they would be, by the names they are contained under.
    """

    label: str
    rules: frozenset[str]
    action: Json
    targets: frozenset[str]
    drafts: tuple[Json, ...]
    changed: tuple[tuple[str, Json], ...]


@dataclass(frozen=True, kw_only=True)
class Proposals:
    """All suggestions, card by card; ``unwritten`` are the labels of those that would not be valid FHIR."""

    by_card: tuple[tuple[Json, tuple[Proposal, ...]], ...]
    unwritten: tuple[str, ...]

    @property
    def listed(self) -> tuple[Proposal, ...]:
        return tuple(proposal for _, proposals in self.by_card for proposal in proposals)

    @property
    def drafts(self) -> tuple[Json, ...]:
        return tuple(draft for proposal in self.listed for draft in proposal.drafts)


def cards_told(decision: Decision) -> list[Json]:
    """The cards of a decision, but for what is shown while an order is chosen and said elsewhere just as well."""
    cards: list[Json] = decision.result["cards"]
    elsewhere = {rule for card in cards if not _is_brief(card) for rule in _rules(card)}
    return [card for card in cards if not _is_brief(card) or _rules(card) - elsewhere]


def _is_brief(card: Json) -> bool:
    return bool(card["extension"][HOOKS_EXTENSION] == ["order-select"])


def _rules(card: Json) -> set[str]:
    return set(card["extension"].get(RULES_EXTENSION, ()))


def proposals_of(decision: Decision) -> Proposals:
    """What is suggested, each thing once, as far as it can be written."""
    by_card: list[tuple[Json, tuple[Proposal, ...]]] = []
    unwritten: list[str] = []
    seen: set[tuple[str, str]] = set()
    for card in cards_told(decision):
        proposals: list[Proposal] = []
        for suggestion in card.get("suggestions", ()):
            key = suggestion["extension"][ACTION_EXTENSION], suggestion["label"]
            if key in seen:
                continue
            seen.add(key)
            if any(step["type"] == "update" and fault_in(step["resource"]) for step in suggestion["actions"]):
                unwritten.append(suggestion["label"])
            else:
                proposals.append(_proposal(suggestion, decision))
        if proposals:
            by_card.append((card, tuple(proposals)))
    return Proposals(by_card=tuple(by_card), unwritten=tuple(unwritten))


def _proposal(suggestion: Json, decision: Decision) -> Proposal:
    """A suggestion as one action; of several steps, all are done or none."""
    label: str = suggestion["label"]
    steps: list[Json] = []
    targets: set[str] = set()
    drafts: list[Json] = []
    changed: list[tuple[str, Json]] = []
    for place, step in enumerate(suggestion["actions"]):
        name = f"{suggestion['uuid']}-{place}"
        written = {"title": label, "description": step["description"], "type": _type(step["type"], decision)}
        if step["type"] == "create":
            drafts.append({**step["resource"], "id": decision.stamp.id_of(f"draft {name}")})
            written["resource"] = local(drafts[-1]["id"])
        else:
            target = step.get("resourceId") or f"{step['resource']['resourceType']}/{step['resource']['id']}"
            targets.add(target)
            written["resource"] = reference_to(target)
        if step["type"] == "update":
            changed.append((name, step["resource"]))
            written["extension"] = [{"url": CHANGED_TO, "valueReference": {"reference": f"#{name}"}}]
        steps.append(written)
    return Proposal(
        label=label,
        rules=frozenset(suggestion["extension"][RULES_EXTENSION]),
        action=steps[0] if len(steps) == 1 else {"title": label, "selectionBehavior": "all", "action": steps},
        targets=frozenset(targets),
        drafts=tuple(drafts),
        changed=tuple(changed),
    )


def _type(kind: str, decision: Decision) -> Json:
    """How FHIR calls a kind of action: the template of the group has an action of each."""
    actions = decision.templates["RequestGroup"]["action"]
    found: Json = next(action["type"] for action in actions if action["id"] == kind)
    return found


# --- the group -----------------------------------------------------------------------------------


def group_of(decision: Decision, proposals: Proposals) -> Json | None:
    """The RequestGroup; None when nothing is suggested."""
    if not proposals.by_card:
        return None
    changed = [each for proposal in proposals.listed for each in proposal.changed]
    copies = [copy for name, resource in changed for copy in contained_copies(resource, name)]
    labels = once(label for _, resource in changed for label in security_labels(resource))
    return {
        **decision.templates["RequestGroup"],
        "id": decision.stamp.id_of("RequestGroup"),
        **({"meta": {"security": labels}} if labels else {}),
        **({"contained": copies} if copies else {}),
        "identifier": [decision.identifier],
        "instantiatesCanonical": [decision.module],
        "subject": subject_of(decision.patient),
        "authoredOn": decision.stamp.instant,
        "author": decision.device,
        "action": [_of_card(card, each) for card, each in proposals.by_card],
    }


def _of_card(card: Json, proposals: Iterable[Proposal]) -> Json:
    source = card["source"]
    return {
        "title": card["summary"],
        "priority": PRIORITIES[card["indicator"]],
        "code": [{"coding": [source["topic"]]}],
        "documentation": [{"type": "citation", "display": source["label"], "url": source["url"]}],
        "selectionBehavior": card["selectionBehavior"],
        "action": [proposal.action for proposal in proposals],
    }
