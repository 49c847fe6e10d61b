"""A hospital's own codes: the shipped example, dropped into a folder, changes what is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rulesets.language import Value
from service.app import FHIR_PROFILES, terminology_of
from service.intake.reading import Reading, read
from service.intake.unpack import unpack
from service.settings import Settings
from tests.intake.made import TODAY, bundle, codes, concept, condition, drug, observation, patient, plain, values

EXAMPLES = FHIR_PROFILES / "examples"
HOSPITAL = "http://hospital.example/codes"


def read_with(folder: Path | None, *resources: dict[str, Any]) -> Reading:
    """What is read by the terminology a service with this folder starts with."""
    settings = Settings(terminology_folder=str(folder) if folder else "")
    (one,) = unpack(bundle(patient(), *resources))
    return read(one, terminology_of(settings), TODAY)


def request(name: str, status: str, code: str) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest", "id": name, "status": status, "intent": "order",
        "subject": {"reference": "Patient/p1"}, "code": concept(f"{HOSPITAL}/orders", code),
    }  # fmt: skip


def known(reading: Reading) -> dict[str, Value]:
    return {name: value for name, value in values(reading).items() if name != "patient.age_years"}


def test_a_local_problem_is_a_metastasis_and_names_its_bone() -> None:
    metastasis = condition("m", concept(f"{HOSPITAL}/problems", "MET-LWS"))

    without, with_example = read_with(None, metastasis), read_with(EXAMPLES, metastasis)

    assert known(without) == {}
    assert known(with_example)["mets.organ.bone"] == "present"
    assert [plain(lesion)["lesion.site"] for lesion in with_example.record.lesions or ()] == ["vertebra"]


def test_a_local_pack_is_two_drugs() -> None:
    pack = drug(
        "MedicationStatement", "m", "", "active", medicationCodeableConcept=concept(f"{HOSPITAL}/drugs", "4711")
    )

    without, with_example = read_with(None, pack), read_with(EXAMPLES, pack)

    assert [plain(each)["drug.name"] for each in without.record.drugs or ()] == [f"{HOSPITAL}/drugs|4711"]
    assert [plain(each)["drug.name"] for each in with_example.record.drugs or ()] == ["letrozole", "ribociclib"]


def test_a_local_test_a_local_statement_and_a_local_operation_are_read() -> None:
    resources = (
        observation(
            "hb", concept(f"{HOSPITAL}/laboratory", "HB"), valueQuantity={"value": 10.1, "unit": "g/dL", "code": "g/dL"}
        ),
        observation("tk", concept(f"{HOSPITAL}/assessments", "TK"), valueBoolean=True),
        request("op", "active", "OP-VN"),
        request("rt", "active", "RT-KN"),
    )

    without, with_example = read_with(None, *resources), read_with(EXAMPLES, *resources)

    assert known(without) == {}
    assert not without.record.courses
    assert known(with_example) == {
        "mdt.discussed": True,
        "obs.hemoglobin_unit": "g/dL",
        "obs.hemoglobin_value": 10.1,
        "surgery.planned": True,
        "surgery.type": "internal_fixation",
    }
    assert [plain(course)["rt.target"] for course in with_example.record.courses] == ["bone"]


def test_a_code_system_goes_by_a_local_name() -> None:
    liver = condition("m", concept("https://hospital.example/icd-10/", "C78.7"))

    without, with_example = read_with(None, liver), read_with(EXAMPLES, liver)

    assert known(without) == {}
    assert known(with_example)["mets.organ.liver"] == "present"
    assert not codes(with_example)
