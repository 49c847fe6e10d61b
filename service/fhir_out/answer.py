"""The whole answer in FHIR: the resources of one decision, and the Bundle of all of them. Pure."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence

from service.canonical import dumps
from service.fhir_out.decision import Decision, Stamp
from service.fhir_out.guard import guarded
from service.fhir_out.guidance import guidance_of
from service.fhir_out.issues import detected, issues_of
from service.fhir_out.proposals import group_of, proposals_of
from service.fhir_out.provenance import provenance_of
from service.fhir_out.requirements import requirements_of
from service.fhir_out.risk_assessment import risk_assessment_of
from service.record_json import Json


def resources_of(decision: Decision) -> tuple[Json, ...]:
    """What is answered about one patient, the GuidanceResponse first. Raises NotFhirR4."""
    issues = issues_of(decision)
    proposals = proposals_of(decision)
    group = group_of(decision, proposals)
    written = [
        guidance_of(decision, group, requirements_of(decision, issues), proposals.unwritten),
        risk_assessment_of(decision),
        *(detected(issue, decision, proposals.listed) for issue in issues),
        group,
        *proposals.drafts,
    ]
    told = [resource for resource in written if resource is not None]
    return guarded([*told, provenance_of(decision, told)])


def kept_of(stamp: Stamp, resources: Sequence[Json]) -> Json:
    """What a trace keeps of its FHIR form: what it was written with beside the decision, and its SHA-256."""
    return {
        "at": stamp.at.isoformat(),
        "version": stamp.version,
        "request": stamp.request,
        "sha256": hashlib.sha256(dumps(list(resources))).hexdigest(),
    }


def bundle_of(decided: Sequence[tuple[Stamp, Sequence[Json]]], templates: Mapping[str, Json]) -> Json:
    """The decisions of one request in one Bundle, behind the service that made them."""
    stamps = [stamp for stamp, _ in decided]
    resources = [device_of(stamps[-1], templates["Device"]), *(one for _, written in decided for one in written)]
    return {
        "resourceType": "Bundle",
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, " ".join(stamp.trace for stamp in stamps))),
        "type": "collection",
        "timestamp": max(stamp.instant for stamp in stamps),
        "entry": [{"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource} for resource in resources],
    }


def device_of(stamp: Stamp, template: Json) -> Json:
    """The service itself, in its version."""
    return {**template, "id": stamp.device, "version": [{"value": stamp.version}]}
