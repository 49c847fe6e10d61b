"""``osteon facts``: what is understood of a file, from where, and what is not; nothing is decided or kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from service import cli, logs
from tests.intake.made import (
    BREAST,
    LOINC,
    PELVIS_METASTASIS,
    bundle,
    concept,
    condition,
    dose,
    drug,
    observation,
    patient,
    radiotherapy,
)

ON = ("--date", "2026-11-01")


@pytest.fixture(autouse=True)
def a_site_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTEON_DATABASE_URL", f"sqlite:///{tmp_path}/traces.db")
    monkeypatch.setattr(logs, "configure", lambda level: None)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, ["facts", *arguments])


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A patient with something of every group, and something of every way to be left out."""
    her = bundle(
        patient(),
        condition("primary", BREAST, onsetDateTime="2020-03-01"),
        condition("bone", PELVIS_METASTASIS, onsetDateTime="2024-05-01"),
        observation("hb", concept(LOINC, "718-7"), valueQuantity={"value": 118, "unit": "g/L"}),
        observation("er1", concept(LOINC, "85337-4"), valueCodeableConcept=concept(LOINC, "LA6576-8")),
        observation("er2", concept(LOINC, "85337-4"), valueCodeableConcept=concept(LOINC, "LA6577-6")),
        observation("height", concept(LOINC, "8302-2"), valueQuantity={"value": 170, "unit": "cm"}),
        observation("odd", concept(LOINC, "89247-1"), valueInteger=1, effectiveDateTime="YYYY"),
        drug("MedicationRequest", "order", "1601374", "draft"),
        drug("MedicationStatement", "taken", "282388", "active"),
        radiotherapy("Procedure", "course", "completed", dose(3000, "cGy", 10), performedDateTime="2026-09-01"),
        {"resourceType": "Organization", "id": "o"},
    )
    return written(tmp_path, "patient.json", her)


def written(folder: Path, name: str, document: Any) -> str:
    path = folder / name
    path.write_text(json.dumps(document))
    return str(path)


def test_facts_are_printed_by_what_they_are_about_with_where_they_were_read(file: str) -> None:
    done = run(*ON, file)

    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    headings = [line for line in lines if line and not line.startswith(" ")]
    assert headings[0] == "Patient/p1, on 2026-11-01"
    assert [one for one in headings if one in ("patient", "tumour", "metastases", "lesions", "drugs", "courses", "orders", "conflicts", "warnings")] == [
        "patient", "tumour", "metastases", "lesions", "drugs", "courses", "orders", "conflicts", "warnings",
    ]  # fmt: skip
    assert headings[-1] == "12 resources: 9 used, 3 not used"
    assert "  mets.organ.bone: present" in lines
    assert "      Condition/bone Condition.code, http://snomed.info/sct|94478006, 2024-05-01" in lines
    assert "      Observation/hb Observation.value, http://loinc.org|718-7, 118 g/L, 2026-10-20" in lines
    assert "  MedicationRequest/order (ordered by this request)" in lines
    assert "    rt.total_dose_gy: 30 Gy <- Procedure.extension[0].totalDose, 3000 cGy (cGy x 0.01)" in lines
    assert "  tumour.er_primary: unknown, negative or positive" in lines


def test_what_was_not_used_is_printed_with_the_reason_and_every_name(file: str) -> None:
    printed = run(*ON, file).stdout

    assert (
        "  Observation.code http://loinc.org|8302-2: Nothing is read under its code. (1)\n      Observation/height\n"
    ) in printed
    assert "  Organization: Organization is not read. (1)\n      Organization/o" in printed
    assert "  invalid, Observation.effectiveDateTime: It is not a date" in printed


def test_the_same_is_printed_for_machines(file: str) -> None:
    told = json.loads(run("--json", *ON, file, file).stdout)

    first, second = told["results"]
    assert first == second and told["ignored"] == []
    assert first["facts"]["facts"]["obs.hemoglobin_value"] == {
        "value": 118,
        "date": "2026-10-20",
        "sources": [
            {"reference": "Observation/hb", "element": "Observation.value", "date": "2026-10-20",
             "code": "http://loinc.org|718-7", "value": "118 g/L"}
        ],
    }  # fmt: skip
    assert [(one["resource"], one["place"], one["outcome"]) for one in first["ignored"]] == [
        ("Observation/height", "Bundle.entry[6].resource", "ignored"),
        ("Observation/odd", "Bundle.entry[7].resource", "invalid"),
        ("Organization/o", "Bundle.entry[11].resource", "ignored"),
    ]
    assert len(first["used"]) == 9 and {one["code"] for one in first["warnings"]} >= {"invalid"}


def test_several_patients_are_printed_one_after_the_other_and_what_is_nobodys_at_the_end(tmp_path: Path) -> None:
    two = written(tmp_path, "two.json", [patient(), patient("p2"), {"resourceType": "Organization", "id": "o"}])

    printed = run(*ON, two).stdout
    assert printed.index("Patient/p1, on") < printed.index("Patient/p2, on") < printed.index("of no patient")
    assert printed.rstrip().endswith("Organization/o")


def test_nothing_is_decided_and_nothing_is_kept(file: str, tmp_path: Path) -> None:
    told = json.loads(run("--json", *ON, file).stdout)["results"][0]

    assert told.keys() == {"patient", "evaluationDate", "facts", "used", "ignored", "warnings"}
    assert not [path.name for path in tmp_path.iterdir() if "traces" in path.name]


def test_a_strict_reading_tells_every_fault_and_prints_nothing(file: str) -> None:
    done = run("--strict", *ON, file)

    assert done.exit_code == cli.REFUSED and done.stdout == ""
    assert "(Bundle.entry[7].resource.effectiveDateTime)" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("content", ["{", "[]", '{"a": 1}', "[" * 65 + "]" * 65])
def test_a_file_that_cannot_be_read_is_told_in_a_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(content)
    done = run(str(path))

    assert done.exit_code == cli.REFUSED and done.stdout == ""
    assert done.stderr.strip().endswith((".", ")")) and "Traceback" not in done.stderr


def test_a_wrong_setting_is_told_in_a_sentence(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTEON_TERMINOLOGY_FOLDER", "nowhere")

    assert run(file).exit_code == cli.CANNOT_START
