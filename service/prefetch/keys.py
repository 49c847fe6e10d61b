"""The prefetch keys of every service, and the words for what may keep one from being had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

PATIENT_ID = "{{context.patientId}}"

ListOfRecord = Literal["drugs", "procedures"]


@dataclass(frozen=True, kw_only=True)
class Key:
    """A prefetch key: its template, and what it holds in words of the clinic.

    ``required`` is what no answer can do without. ``part_of`` is the list of the record that has a gap
    when this key has one.
    """

    template: str
    words: str
    required: bool = False
    part_of: ListOfRecord | None = None

    @property
    def kind(self) -> str:
        return self.template.partition("?")[0].partition("/")[0]

    @property
    def is_search(self) -> bool:
        return "?" in self.template

    @property
    def newest_first(self) -> bool:
        """Whether what comes after the first pages is old."""
        return "_sort=-" in self.template

    @property
    def none_means_none(self) -> frozenset[str]:
        """Only of drugs does the absence of a resource mean something: for all else unknown is not no."""
        return frozenset({self.kind}) if self.part_of == "drugs" else frozenset()


PREFETCH: Mapping[str, Key] = MappingProxyType({
    "patient": Key(template="Patient/{{context.patientId}}", words="patients", required=True),
    "conditions": Key(template="Condition?patient={{context.patientId}}", words="conditions"),
    "observations": Key(
        template="Observation?patient={{context.patientId}}&_sort=-date&_count=1000", words="observations"
    ),
    "medicationRequests": Key(
        template="MedicationRequest?patient={{context.patientId}}", words="medications ordered", part_of="drugs"
    ),
    "medicationStatements": Key(
        template="MedicationStatement?patient={{context.patientId}}", words="medications reported", part_of="drugs"
    ),
    "medicationAdministrations": Key(
        template="MedicationAdministration?patient={{context.patientId}}&_sort=-effective-time&_count=200",
        words="medications given", part_of="drugs",
    ),
    "procedures": Key(
        template="Procedure?patient={{context.patientId}}", words="procedures done", part_of="procedures"
    ),
    "serviceRequests": Key(
        template="ServiceRequest?patient={{context.patientId}}", words="procedures ordered", part_of="procedures"
    ),
    "diagnosticReports": Key(template="DiagnosticReport?patient={{context.patientId}}", words="reports"),
    "specimens": Key(template="Specimen?patient={{context.patientId}}", words="specimens"),
    "bodyStructures": Key(template="BodyStructure?patient={{context.patientId}}", words="places of lesions"),
    "carePlans": Key(template="CarePlan?patient={{context.patientId}}", words="plans of care"),
})  # fmt: skip
"""The prefetch of every service, within the query subset that any client can run."""

DIAGNOSES = "conditions"
"""The key without which nobody can tell whether a patient concerns this service."""

REASONS: Mapping[str, str] = MappingProxyType({
    "client-failed": "the sending system could not read it",
    "no-server": "the request names no FHIR server to read from",
    "server-not-allowed": "this service is not set to read from the FHIR server that the request names",
    "timeout": "the FHIR server did not answer in time",
    "busy": "this service had too many other reads under way",
    "unreachable": "the FHIR server could not be reached",
    "certificate": "the certificate of the FHIR server is not one to trust",
    "unauthorised": "the FHIR server did not accept the access token",
    "forbidden": "the access token does not allow it",
    "not-found": "the FHIR server has no such thing",
    "throttled": "the FHIR server had too many requests",
    "server-error": "the FHIR server failed",
    "refused": "the FHIR server refused the request",
    "redirect": "the FHIR server pointed to another address, which is not followed",
    "not-fhir": "the FHIR server answered with something other than FHIR",
    "problem": "the FHIR server reported a problem instead",
    "cut-short": "the answer of the FHIR server broke off",
    "too-large": "there is more than this service reads at once",
    "foreign-page": "its next page does not lie on the FHIR server",
    "repeated-page": "the FHIR server sent the same page again",
    "fault": "this service failed to read it",
})  # fmt: skip
"""Why a key could not be had, in words that complete a sentence."""

NOT_OFFERED = frozenset({"no-server", "server-not-allowed", "not-found"})
"""Reasons of a lasting kind: nobody sends such a list, or nobody keeps one."""
