"""The resources of fhir_profiles: valid, signed, licensed, and the profiles true of what is read."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from fhir.resources.R4B.codesystem import CodeSystem
from fhir.resources.R4B.conceptmap import ConceptMap
from fhir.resources.R4B.structuredefinition import StructureDefinition
from fhir.resources.R4B.valueset import ValueSet

from service.fact_resources import ELEMENTS, SHAPES
from service.value_sets import MADE
from tests.intake.made import concept, fact
from tests.support.conformance import VALUE_SET, faults
from tests.support.shared import shared_path

PROFILES = Path(__file__).parents[1] / "fhir_profiles"
MODELS: dict[str, Any] = {
    "codesystems": CodeSystem, "conceptmaps": ConceptMap, "valuesets": ValueSet, "profiles": StructureDefinition,
    "examples": ConceptMap,
}  # fmt: skip
FILES = sorted(path for folder in MODELS for path in (PROFILES / folder).glob("*.json"))
STRUCTURES = [path for path in FILES if path.parent.name == "profiles"]

SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"

OWNERS = {
    SNOMED: "SNOMED International", "http://loinc.org": "Regenstrief Institute", RXNORM: "National Library of Medicine",
    "http://www.whocc.no/atc": "WHO Collaborating Centre", "http://hl7.org/fhir/sid/icd-10": "World Health Organization",
    "http://hl7.org/fhir/sid/icd-10-cm": "National Center for Health Statistics",
    "http://terminology.hl7.org/CodeSystem/icd-o-3": "World Health Organization",
    "https://www.uicc.org/resources/tnm": "Union for International Cancer Control",
    "http://cancerstaging.org": "American Joint Committee on Cancer",
}  # fmt: skip
"""Whose permission the use of a code system needs, or who is to be named."""

# Two product codes of public example data whose last digit is not the check digit of the rest.
WITHOUT_CHECK_DIGIT = {"784163009", "784176009"}


def loaded(path: Path) -> dict[str, Any]:
    resource: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return resource


def named(paths: list[Path]) -> Any:
    return pytest.mark.parametrize("path", paths, ids=lambda path: f"{path.parent.name}/{path.stem}")


def listed() -> Iterator[tuple[str, str, str]]:
    """Every code a map or value set lists: file, system, code."""
    for path in FILES:
        resource = loaded(path)
        for group in resource.get("group", ()):
            yield from ((path.stem, group["source"], element["code"]) for element in group["element"])
        for include in resource.get("compose", {}).get("include", ()):
            yield from ((path.stem, include["system"], each["code"]) for each in include.get("concept", ()))


# --- every resource -----------------------------------------------------------------------------


@named(FILES)
def test_every_resource_is_valid_r4(path: Path) -> None:
    MODELS[path.parent.name].model_validate_json(path.read_text(encoding="utf-8"))


@named(FILES)
def test_every_resource_says_what_it_is_and_who_made_it_when(path: Path) -> None:
    resource = loaded(path)
    assert (resource["status"], resource["publisher"]) == ("active", "Osteon")
    assert resource["experimental"] is (path.parent.name == "examples")
    assert re.fullmatch(r"\d+\.\d+\.\d+", resource["version"])
    assert date.fromisoformat(resource["date"]) <= date(2026, 12, 31)
    assert all(resource[name].strip() for name in ("name", "title", "description", "copyright"))


@named(FILES)
def test_the_address_of_a_resource_ends_with_the_name_of_its_file(path: Path) -> None:
    kind = {"profiles": "profile", "examples": "example"}.get(path.parent.name, path.parent.name.removesuffix("s"))
    assert loaded(path)["url"] == f"urn:osteon:{kind}:{path.stem}"


def test_no_two_resources_share_an_address() -> None:
    urls = [loaded(path)["url"] for path in FILES]
    assert len(urls) == len(set(urls))


@named(FILES)
def test_a_resource_names_the_owner_of_each_code_system_it_lists_codes_of(path: Path) -> None:
    resource = loaded(path)
    systems = {group["source"] for group in resource.get("group", ())}
    systems |= {include["system"] for include in resource.get("compose", {}).get("include", ())}
    for system in systems & OWNERS.keys():
        assert OWNERS[system] in resource["copyright"], system


def check_digit_is_right(code: str) -> bool:
    """The check of Verhoeff: multiplication in the dihedral group of order ten."""
    total = 0
    for position, digit in enumerate(reversed(code)):
        number = int(digit)
        for _ in range(position % 8):
            number = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[number]
        turned, shift = divmod(total, 5)
        flipped, step = divmod(number, 5)
        total = (turned ^ flipped) * 5 + (shift + (-step if turned else step)) % 5
    return total == 0


def test_every_snomed_code_is_digits_with_a_right_check_digit() -> None:
    codes = {code for _, system, code in listed() if system == SNOMED}
    assert all(code.isascii() and code.isdigit() and 6 <= len(code) <= 18 for code in codes)
    assert {code for code in codes if not check_digit_is_right(code)} == WITHOUT_CHECK_DIGIT


def test_every_rxnorm_code_is_digits() -> None:
    assert all(code.isascii() and code.isdigit() for _, system, code in listed() if system == RXNORM)


def test_every_code_that_stands_for_nothing_says_why() -> None:
    for path in FILES:
        for group in loaded(path).get("group", ()):
            for element in group["element"]:
                for target in element["target"]:
                    assert "code" in target or target.get("comment"), (path.stem, element["code"])


# --- profiles -----------------------------------------------------------------------------------


@named(STRUCTURES)
def test_a_profile_constrains_a_resource_of_r4_and_names_elements_it_has(path: Path) -> None:
    structure = loaded(path)
    assert structure["baseDefinition"] == f"http://hl7.org/fhir/StructureDefinition/{structure['type']}"
    assert (structure["derivation"], structure["kind"], structure["fhirVersion"]) == ("constraint", "resource", "4.0.1")
    for element in structure["differential"]["element"]:
        assert element["id"] == element["path"]
        assert is_an_element(element["path"]), element["path"]


def is_an_element(path: str) -> bool:
    """Whether the models of R4 have an element; a choice ends with ``[x]``."""
    kind, *parts = path.split(".")
    for place, part in enumerate(parts):
        module = importlib.import_module(f"fhir.resources.R4B.{module_of(kind)}")
        fields = {field.alias or name: field for name, field in getattr(module, kind).model_fields.items()}
        stem = part.removesuffix("[x]")
        found = [name for name in fields if name == part or (stem != part and name.startswith(stem))]
        if not found:
            return False
        if place < len(parts) - 1:
            kind = type_of(fields["valueQuantity" if part == "value[x]" else found[0]].annotation)
    return True


def module_of(kind: str) -> str:
    outer = re.match(r"[A-Z][a-z]+(?:[A-Z][a-z]+)?", kind)
    for known in ("Observation", "Condition", "MedicationRequest"):
        if kind.startswith(known):
            return known.lower()
    assert outer is not None
    return kind.lower()


def type_of(annotation: Any) -> str:
    while args := [each for each in get_args(annotation) if each is not type(None)]:
        annotation = args[0]
    name: str = annotation.__name__
    return name.removesuffix("Type")


@named(STRUCTURES)
def test_a_profile_is_bound_to_value_sets_that_there_are(path: Path) -> None:
    for element in loaded(path)["differential"]["element"]:
        value_set = element.get("binding", {}).get("valueSet", "")
        assert not value_set or (PROFILES / "valuesets" / f"{value_set.removeprefix(VALUE_SET)}.json").exists()


def test_each_shape_and_each_element_has_its_profile() -> None:
    profiles = {path.stem for path in STRUCTURES}
    assert {f"fact-{shape}" for shape in SHAPES} <= profiles
    assert {f"{element}-facts" for element in ELEMENTS} <= profiles


@pytest.mark.parametrize("shape", SHAPES)
def test_a_profile_of_a_shape_allows_the_elements_the_shape_is_sent_in(shape: str) -> None:
    elements = loaded(PROFILES / "profiles" / f"fact-{shape}.json")["differential"]["element"]
    (value,) = [element for element in elements if element["path"] == "Observation.value[x]"]
    assert {f"value{kind['code'][0].upper()}{kind['code'][1:]}" for kind in value["type"]} == set(SHAPES[shape])


def test_every_value_set_that_is_made_from_a_map_is_used_by_a_profile_or_known_for_itself() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in STRUCTURES)
    unused = {name for name in MADE if f'"{VALUE_SET}{name}"' not in text}
    assert unused == {"spinal-sites", "radiotherapy-techniques", "performance-status-values"}


PUBLIC = [
    ("mcode-ig-4.0.0/Patient-cancer-patient-jenny-m", "patient"),
    ("mcode-ig-4.0.0/Condition-primary-cancer-condition-jenny-m", "breast-cancer"),
    ("mcode-ig-4.0.0/Condition-primary-cancer-condition-breast", "breast-cancer"),
    ("mcode-ig-4.0.0/Condition-secondary-cancer-condition-brain-mets", "metastasis"),
    ("mcode-ig-4.0.0/Observation-ecog-performance-status-jenny-m", "performance-status"),
    ("mcode-ig-4.0.0/Observation-ecog-performance-status-fully-active", "performance-status"),
    ("mcode-ig-4.0.0/Observation-lab-result-observation-hemoglobin", "haemoglobin"),
    ("mcode-ig-4.0.0/Observation-tumor-size-jenny-m", "tumour-size"),
    ("mcode-ig-4.0.0/Observation-tumor-size-pathology", "tumour-size"),
    ("mcode-ig-4.0.0/Observation-us-core-observation-lab-tumor-grade-jenny-m", "histologic-grade"),
    ("mcode-ig-4.0.0/Observation-tumor-marker-test-er-jenny-m", "receptor-status"),
    ("mcode-ig-4.0.0/Observation-tumor-marker-test-pr-jenny-m", "receptor-status"),
    ("mcode-ig-4.0.0/Observation-tumor-marker-test-her2-jenny-m", "receptor-status"),
    ("mcode-ig-4.0.0/Observation-tnm-clinical-stage-group-jenny-m", "stage-group"),
    ("mcode-ig-4.0.0/Observation-tnm-pathologic-stage-group-jenny-m", "stage-group"),
    ("mcode-ig-4.0.0/Observation-tnm-clinical-distant-metastases-category-jenny-m", "metastases-category"),
    ("mcode-ig-4.0.0/Observation-tnm-pathologic-distant-metastases-category-jenny-m", "metastases-category"),
    ("mcode-ig-4.0.0/Observation-us-core-observation-lab-sentinel-nodes-jenny-m", "positive-nodes"),
    ("mcode-ig-4.0.0/Observation-genomic-variant-jenny-m", "genomic-variant"),
    ("mcode-ig-4.0.0/MedicationRequest-cancer-related-medication-request-anastrozole-jenny-m", "medication-request"),
    (
        "mcode-ig-4.0.0/MedicationAdministration-cancer-related-medication-admin-paclitaxel-jenny-m",
        "medication-administration",
    ),
    ("mcode-ig-4.0.0/Procedure-radiotherapy-treatment-summary-chest-wall-jenny-m", "radiotherapy-course"),
    ("mcode-ig-4.0.0/BodyStructure-jenny-m-chest-wall-treatment-volume", "radiotherapy-volume"),
    (
        "codex-radiation-therapy-2.0.0/ServiceRequest-RadiotherapyPlannedCourse-XRTS-05-22B-01-BrainMets-1P-1V",
        "radiotherapy-request",
    ),
    ("mii-onko-kds-german/Observation-mii-exa-onko-fernmetastasen-1", "metastasis-site"),
    ("mii-onko-kds-german/Procedure-mii-exa-onko-strahlentherapie", "radiotherapy-course"),
    ("mii-onko-kds-german/MedicationStatement-mii-exa-onko-systemische-therapie-medikation1", "medication-statement"),
]
"""Public examples of mCODE 4, CodeX and the German oncology data set, and what they are here."""


@pytest.mark.skipif(shared_path("data") is None, reason="the public examples lie beside a developer's checkout only")
@pytest.mark.parametrize(("name", "profile"), PUBLIC, ids=lambda each: each.rpartition("/")[2][:60])
def test_what_mcode_and_others_publish_conforms_as_it_is(name: str, profile: str) -> None:
    path = shared_path(f"data/{name}.json")
    assert path is not None
    assert faults(loaded(path), profile) == []


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"status": None}, "Observation.status: missing"),
        ({"valueInteger": None}, "Observation.value[x]: missing"),
        ({"valueInteger": None, "valueBoolean": True}, "Observation.value[x]: type"),
        ({"code": concept("urn:osteon:codesystem:fact", "patient.bone_pain")}, "Observation.code: binding"),
        ({"subject": {"reference": "Group/1"}}, "Observation.subject: target"),
    ],
)
def test_what_a_profile_forbids_does_not_conform(wrong: dict[str, Any], fault: str) -> None:
    sent = fact("count", "mets.lesion_count", valueInteger=3)
    assert faults(sent, "fact-interval") == []
    changed = {key: value for key, value in {**sent, **wrong}.items() if value is not None}
    assert faults(changed, "fact-interval") == [fault]
