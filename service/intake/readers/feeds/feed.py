"""One way to some facts, and the short words these are declared in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One way to some facts: the elements a reader names as their source, in one kind of resource.

    ``by`` is the map in which the code of the source stands, with one of ``targets`` if any are
    named; without a map no code decides. ``values`` are the maps that give the value. ``of_drafts`` marks what
    is read of draft orders alone, and ``words`` what their words tell where no code does. ``says`` adds in a
    clause what maps cannot show.
    """

    facts: tuple[str, ...]
    resources: tuple[str, ...]
    elements: tuple[str, ...]
    by: str = ""
    targets: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    of_drafts: bool = False
    words: bool = False
    says: str = ""


SITES: Mapping[str, tuple[str, ...]] = {
    "bone": ("bone", "bone_marrow"), "liver": ("liver",), "lung": ("lung",), "brain": ("brain",),
    "other_visceral": ("other_visceral",), "distant_nodes": ("distant_nodes",), "soft_tissue": ("soft_tissue",),
}  # fmt: skip
"""The sites of metastases that are counted under each organ."""

ONSET = ("onsetDateTime", "onsetPeriod.start", "extension.valueDateTime")
DISTANT = (*(site for sites in SITES.values() for site in sites), "unspecified")
MEDICATION_RESOURCES = ("MedicationStatement", "MedicationRequest", "MedicationAdministration", "MedicationDispense")
THERAPY = ("Procedure", "ServiceRequest")
CODE_WORDS = ("code.text", "code.coding.display")
DETAIL_WORDS = (
    "orderDetail.text", "orderDetail.coding.display", "reasonCode.text", "reasonCode.coding.display", "note.text",
)  # fmt: skip
SITE_WORDS = ("bodySite.text", "bodySite.coding.display")


def condition(
    facts: str | tuple[str, ...], by: str, *targets: str, at: tuple[str, ...] = ("code",), says: str = ""
) -> Feed:
    named = (facts,) if isinstance(facts, str) else facts
    return Feed(facts=named, resources=("Condition",), elements=at, by=by, targets=targets, says=says)


def result(
    facts: str | tuple[str, ...],
    *answers: str,
    values: tuple[str, ...] = (),
    at: tuple[str, ...] = ("value",),
    says: str = "",
) -> Feed:
    """A result of an observation or of a component, by what its code asks."""
    named = (facts,) if isinstance(facts, str) else facts
    return Feed(
        facts=named,
        resources=("Observation",),
        elements=at,
        by="observations",
        targets=answers,
        values=values,
        says=says,
    )


def metastases(resource: str, element: str, by: str, says: str = "") -> tuple[Feed, ...]:
    """What a site of metastases says of the patient, and of its organ."""
    led_to = {"mets.status": DISTANT, **{f"mets.organ.{organ}": sites for organ, sites in SITES.items()}}
    return tuple(
        Feed(facts=(fact,), resources=(resource,), elements=(element,), by=by, targets=sites, says=says)
        for fact, sites in led_to.items()
    )


def worded(*facts: str, at: tuple[str, ...], says: str = "") -> Feed:
    """What the words of a draft of a service say, by a closed vocabulary."""
    return Feed(facts=facts, resources=("ServiceRequest",), elements=at, of_drafts=True, words=True, says=says)
