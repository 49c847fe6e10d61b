"""What is understood of the public examples is as written down, and nothing of them is passed over in silence.

The expectations of the negative set were written by reading its files.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from service.app import FHIR_PROFILES
from service.intake import terminology
from service.intake.accounting import of_no_patient
from service.intake.terminology import Terminology
from service.intake.unpack import unpack
from service.problems import InvalidResources, Problem
from tests.public_data_table import DATA, TABLE, documents, readings_of, row

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the public examples lie beside a developer's checkout only")
NEGATIVE = "mcode-extraction-framework"
SHOWN = 5


@pytest.fixture(scope="module")
def known() -> Terminology:
    return terminology.load(FHIR_PROFILES)


@pytest.fixture(scope="module")
def examples() -> dict[str, Any]:
    return dict(documents())


def test_the_table_says_what_is_understood(examples: dict[str, Any], known: Terminology) -> None:
    written = json.loads(TABLE.read_text(encoding="utf-8"))
    found = {name: row(document, known) for name, document in examples.items()}

    differing = {
        name: (written.get(name), found.get(name))
        for name in {*written, *found}
        if written.get(name) != found.get(name)
    }
    shown = dict(sorted(differing.items())[:SHOWN])
    assert not differing, f"{len(differing)} differ; look at them, and run python -m tests.public_data_table: {shown}"


def resources_in(node: object) -> Iterator[dict[str, Any]]:
    """Every resource of a document that is no container of others, found in the most simple way."""
    if isinstance(node, list):
        for each in node:
            yield from resources_in(each)
    elif isinstance(node, dict) and node.get("resourceType") == "Bundle":
        for entry in node.get("entry", []):
            yield from resources_in(entry.get("resource") or [])
    elif isinstance(node, dict) and "resourceType" in node:
        yield node


def test_every_resource_is_accounted_for_once_and_with_a_reason(examples: dict[str, Any], known: Terminology) -> None:
    accounted = 0
    for name, document in examples.items():
        try:
            readings = readings_of(document, known)
        except Problem:
            continue
        told = [account for one in readings for account in one.accounts]
        if len(readings) > 1:
            told += of_no_patient(readings[0].chart.resources.contents, told)
        places = Counter(account.place for account in told)

        assert len(places) == sum(1 for _ in resources_in(document)), name
        assert set(places.values()) == {1}, name
        assert all(account.reasons for account in told if account.outcome != "used"), name
        accounted += len(places)
    assert accounted > 7_000


OTHER_VERSION, NO_PATIENT, NOT_FHIR = "OtherFhirVersion", "NoPatient", "NotFhir"
AT = "Bundle.entry[0].resource"
NOTHING_READ: set[tuple[str, str]] = set()
READ_THERE = {("no-patient-resource", "")}
"""The one thing to say of a resource that is sound and came without its patient."""

EXPECTED: dict[str, tuple[str | set[tuple[str, str]], str | set[str]]] = {
    # DSTU2: patient for subject, statuses that are texts
    "condition-bundle": (OTHER_VERSION, OTHER_VERSION),
    "condition-with-icd10": (OTHER_VERSION, OTHER_VERSION),
    "condition-without-icd10": (OTHER_VERSION, OTHER_VERSION),
    "primary-cancer-condition": (OTHER_VERSION, OTHER_VERSION),
    "secondary-cancer-condition": (OTHER_VERSION, OTHER_VERSION),
    "searchsetBundleWithMultipleEntries": (OTHER_VERSION, OTHER_VERSION),
    # a bundle without a type, of resources of types there are not, one with something else inside an entry
    "count-bundle-5-nested": (NO_PATIENT, {"Bundle.type", AT, "Bundle.entry[0].contained"}),
    "count-bundle-5-same": (NO_PATIENT, {"Bundle.type", *(f"Bundle.entry[{at}].resource" for at in range(5))}),
    "count-bundle-5-unique": (NO_PATIENT, {"Bundle.type", *(f"Bundle.entry[{at}].resource" for at in range(5))}),
    # words of a template where codes belong, and YYYY-MM-DD
    "csv-condition-bundle": (
        READ_THERE | {("invalid", "Condition.extension[0].valueDateTime"), ("invalid", "Condition.verificationStatus"),
                      ("mended", "Condition.clinicalStatus")},
        {f"{AT}.extension[0].valueDateTime", f"{AT}.verificationStatus", f"{AT}.clinicalStatus"},
    ),
    "csv-medication-administration-bundle": (
        READ_THERE | {("invalid", "MedicationAdministration.effectivePeriod.start"),
                      ("invalid", "MedicationAdministration.effectivePeriod.end"),
                      ("mended", "MedicationAdministration.status"),
                      ("unknown-code", "MedicationAdministration.medicationCodeableConcept")},
        {f"{AT}.effectivePeriod.start", f"{AT}.effectivePeriod.end", f"{AT}.status"},
    ),
    "csv-medication-request-bundle": (
        READ_THERE | {("invalid", "MedicationRequest.authoredOn"), ("invalid", "MedicationRequest.intent"),
                      ("invalid", "MedicationRequest.dosageInstruction[0].timing.event[0]"),
                      ("mended", "MedicationRequest.status"),
                      ("unknown-code", "MedicationRequest.medicationCodeableConcept")},
        {f"{AT}.authoredOn", f"{AT}.intent", f"{AT}.status", f"{AT}.dosageInstruction[0].timing.event[0]"},
    ),
    "csv-clinical-trial-information-bundle": (NO_PATIENT, {f"{AT}.status", "Bundle.entry[1].resource.status"}),
    "maximal-condition-resource": (READ_THERE, {"Condition.clinicalStatus", "Condition.verificationStatus"}),
    "maximal-medication-request": (
        READ_THERE | {("invalid", "MedicationRequest.intent"), ("mended", "MedicationRequest.status"),
                      ("unknown-code", "MedicationRequest.medicationCodeableConcept")},
        {"MedicationRequest.intent", "MedicationRequest.status"},
    ),
    "maximal-medication-resource": (
        READ_THERE | {("mended", "MedicationAdministration.status"), ("status", "MedicationAdministration.status"),
                      ("unknown-code", "MedicationAdministration.medicationCodeableConcept")},
        {"MedicationAdministration.status"},
    ),
    "invalid-resource": ({("mended", "Patient.gender")}, {"Patient.gender"}),
    # a blank in the name of a code system, under which nothing is read
    "surgical-radiation-procedure-bundle": (READ_THERE, {f"{AT}.code.coding[0].system"}),
    # links without their addresses, and a family name in an array as in DSTU2
    "patient-bundle": (NOTHING_READ, {"Bundle.link[0].url", "Bundle.entry[0].link[0].url", f"{AT}.name[0].family"}),
    # masked throughout: legal but for the link, which must name another patient and how
    "masked-patient-bundle": (NOTHING_READ, {f"{AT}.link[0].other", f"{AT}.link[0].type"}),
    # no resources at all
    "emptyBundle": (NO_PATIENT, {"Bundle.entry"}),
    "empty-run-logs": (NO_PATIENT, NO_PATIENT),
    "run-logs": (NO_PATIENT, {"[0]"}),
    "icd10": (NOT_FHIR, NOT_FHIR),
    "maximal-coding-object": (NOT_FHIR, NOT_FHIR),
    "maximal-identifier": (NOT_FHIR, NOT_FHIR),
    "maximal-reference-object": (NOT_FHIR, NOT_FHIR),
    "test-bundle": (NOT_FHIR, NOT_FHIR),  # an entry without its bundle
    "test-config": (NOT_FHIR, NOT_FHIR),
    # nobody they are about
    "csv-appointment-bundle": (NO_PATIENT, NO_PATIENT),
    "maximal-appointment-resource": (NO_PATIENT, NO_PATIENT),
    "valueset-with-expansion": (NO_PATIENT, {"ValueSet.status", "ValueSet.expansion.timestamp"}),
    "valueset-without-expansion": (NO_PATIENT, {"ValueSet.status"}),
    # born in 1848: no age a living patient has
    "valid-resource": ({("value", "Patient.birthDate")}, set()),
    # a remission, by a code that was only asked for
    "csv-cancer-disease-status-bundle": (READ_THERE | {("not-understood", "Observation.value")}, set()),
    # sound, and nothing to say
    **{name: (READ_THERE, set()) for name in (
        "csv-adverse-event-bundle", "csv-ctc-adverse-event-bundle",
        "csv-encounter-bundle", "csv-observation-bundle", "csv-procedure-bundle", "csv-staging-bundle",
        "csv-treatment-plan-change-bundle", "maximal-adverse-event-resource", "maximal-careplan-resource",
        "maximal-ctc-adverse-event-resource", "maximal-encounter-resource", "maximal-observation-resource",
        "maximal-procedure-resource", "maximal-staging-resource",
    )},
    **{name: (NOTHING_READ, set()) for name in (
        "csv-patient-bundle", "extended-patient-bundle", "maximal-patient-resource", "searchsetBundleWithOneEntry",
    )},
}  # fmt: skip
"""By file: what a lenient request is told (code and element), and what a strict one; or the problem that ends it."""


def test_the_expectations_are_of_every_file_of_the_negative_set() -> None:
    assert {path.stem for path in (DATA / NEGATIVE).glob("*.json")} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_the_negative_set_is_refused_or_warned_about_for_its_real_reasons(
    name: str, examples: dict[str, Any], known: Terminology
) -> None:
    lenient, strict = EXPECTED[name]
    document = examples[f"{NEGATIVE}/{name}.json"]

    assert told(document, known) == lenient
    assert refused(document) == strict


def told(document: Any, known: Terminology) -> str | set[tuple[str, str]]:
    try:
        return {(notice.code, notice.element) for one in readings_of(document, known) for notice in one.notices}
    except Problem as problem:
        assert problem.status == 422
        return type(problem).__name__


def refused(document: Any) -> str | set[str]:
    try:
        unpack(document, mode="strict")
    except InvalidResources as refusal:
        return {issue.expression for issue in refusal.issues}
    except Problem as problem:
        return type(problem).__name__
    return set()
