"""The Provenance: which resources, in which versions, the answer was made from, and by whom. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from service.fhir_out.decision import Decision
from service.fhir_out.references import local, once, reference_to
from service.intake.inputs import Input
from service.record_json import Json

CONTENT_SYSTEM = "urn:osteon:identifier:sha256"
RULEBOOK_SYSTEM = "urn:osteon:identifier:rulebook"


def provenance_of(decision: Decision, written: Iterable[Json]) -> Json:
    """Of all that was written for one patient."""
    template = decision.templates["Provenance"]
    rulebook = {
        "identifier": {"system": RULEBOOK_SYSTEM, "value": decision.result["rulebook"]}, "display": "Rulebook",
    }  # fmt: skip
    sources = once(source_of(one) for one in decision.inputs) or [
        {"identifier": decision.request_identifier, "display": "Facts document"}
    ]
    return {
        **template,
        "id": decision.stamp.id_of("Provenance"),
        "target": [local(resource["id"]) for resource in written],
        "occurredDateTime": decision.stamp.instant,
        "recorded": decision.stamp.instant,
        "agent": [{**template["agent"][0], "who": decision.device}],
        "entity": [{"role": "source", "what": what} for what in [*sources, rulebook]],
    }


def source_of(read: Input) -> Json:
    """A resource by its version; one that has none by what it contains."""
    reference = reference_to(read.reference, version=read.version)
    if "/_history/" in reference.get("reference", ""):
        return reference
    return reference | {"identifier": {"system": CONTENT_SYSTEM, "value": read.sha256}}
