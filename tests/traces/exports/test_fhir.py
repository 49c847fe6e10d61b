"""The form of FHIR: valid resources of decisions and events, which name nobody the trace does not name."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any, get_args

import pytest
from fhir.resources.R4B import get_fhir_model_class

from service import assess
from service.app import audit_templates, house_of
from service.arrival import Arrival, Caller
from service.event import EventKind
from service.fhir_out.audit_events import COMMON
from service.house import House
from service.intake.terminology import Terminology
from service.settings import Settings
from service.trace import DECISIONS
from service.traces.erasure import erase
from service.traces.exports.check import check_export
from service.traces.exports.fhir import Fhir
from service.traces.holds import Subject
from service.traces.store import TraceStore
from tests.traces.exports.exporting import exported, lines_of, manifest_of
from tests.traces.traces import event, notary, trace, trace_id

STORIES = Path(__file__).parents[2] / "stories"
CALLER = Caller(client="ehr", issuer="https://ehr.example", token_id="5c" * 32)
HOSTILE = "=1\n<script>\u2028\"'\\ \U0001f9b4"


@pytest.fixture(scope="module")
def one_house(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> House:
    settings = Settings(database_url=f"sqlite:///{migrated_sqlite}", patient_key_secret="not-a-real-secret-" * 3)
    return house_of(settings)


@pytest.fixture
def house(one_house: House, store: TraceStore) -> House:
    """A real house around an empty store of either kind."""
    return dataclasses.replace(one_house, store=store)


def decide(house: House, story: str, **arrival: Any) -> str:
    """A decision about the patient of a story; its trace."""
    bundle = json.loads((STORIES / story / "bundle.json").read_text())
    told = Arrival(received_at="2026-11-01T00:00:00.000000Z", **arrival)
    request = assess.Request(kind="bundle", document=bundle, digest="44" * 32, arrival=told)
    [result] = assess.assess(house, request).results
    return str(result["trace"])


def form(terminology: Terminology) -> Fhir:
    return Fhir(terminology.answers, audit_templates())


def resources(folder: Path, kind: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines_of(folder / f"{kind}.ndjson")]


def entity(audit_event: dict[str, Any], code: str) -> dict[str, Any]:
    [found] = [each for each in audit_event["entity"] if each["type"]["code"] == code]
    return dict(found)


def agents(audit_event: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["type"]["coding"][0]["code"]: each for each in audit_event["agent"]}


def test_every_kind_of_header_has_a_template() -> None:
    templates = audit_templates()
    names = {name.removesuffix(".shell") for name in templates}
    assert names == {*DECISIONS, *get_args(EventKind), COMMON}


def test_whatever_is_exported_is_valid(house: House, tmp_path: Path) -> None:
    for story in ("good_prognosis_on_olaparib", "no_medication_list", "two_primaries"):
        decide(house, story, caller=CALLER, request_id="a-request")
    for number, kind in enumerate(get_args(EventKind)):
        if kind != "checkpoint":
            house.store.record_event(event(number, kind, says={"a": HOSTILE}, caller=CALLER, patient_key="ab" * 32))

    folder = exported(house.store, tmp_path / "export", form(house.terminology))

    assert manifest_of(folder)["left_out"]["not_written"] == []
    counted = {}
    for file in folder.glob("*.ndjson"):
        counted[file.stem] = len(lines_of(file))
        for resource in map(json.loads, lines_of(file)):
            assert resource["resourceType"] == file.stem
            get_fhir_model_class(file.stem).model_validate(resource)
    assert counted["GuidanceResponse"] == counted["Provenance"] == 3
    assert counted["AuditEvent"] == manifest_of(folder)["records"]


def test_a_decision_is_told_with_who_asked_for_whom_in_which_call(house: House, tmp_path: Path) -> None:
    trace = decide(house, "good_prognosis_on_olaparib", caller=CALLER, request_id="a-request")

    folder = exported(house.store, tmp_path / "export", form(house.terminology))

    told = resources(folder, "AuditEvent")[0]
    assert (told["type"]["code"], told["subtype"][0]["code"], told["action"], told["outcome"]) == (
        "rest", "operation", "E", "0",
    )  # fmt: skip
    who = agents(told)
    assert who["110153"]["who"]["identifier"]["value"] == "ehr" and not who["110153"]["requestor"]
    assert who["110152"]["who"] == told["source"]["observer"]
    assert who["UserOauthAgent"] == who["UserOauthAgent"] | {
        "requestor": True,
        "policy": [f"urn:osteon:token-id-sha256:{'5c' * 32}"],
    }
    assert entity(told, "1")["what"]["reference"] == "Patient/jane"
    assert entity(told, "2")["what"]["identifier"]["value"] == f"urn:uuid:{trace}"
    assert entity(told, "XrequestId")["what"]["identifier"]["value"] == "a-request"


def test_a_decision_says_what_it_concluded_and_from_what(house: House, tmp_path: Path) -> None:
    trace = decide(house, "good_prognosis_on_olaparib")
    kept = house.store.get(trace)
    assert kept is not None and kept.body is not None
    result: Any = kept.body["result"]

    folder = exported(house.store, tmp_path / "export", form(house.terminology))

    [guidance], [provenance] = resources(folder, "GuidanceResponse"), resources(folder, "Provenance")
    assert guidance["identifier"][0]["value"] == f"urn:uuid:{trace}"
    assert guidance["moduleCanonical"].endswith(f"|{result['rulebook']}")
    assert [note["text"] for note in guidance["note"]] == list(dict.fromkeys(c["detail"] for c in result["cards"]))
    [output] = [each for each in guidance["contained"] if each["resourceType"] == "Parameters"]
    [prognosis] = [each for each in output["parameter"] if each["name"] == "prognosis"]
    assert {"name": "group", "valueString": "good"} in prognosis["part"]
    assert provenance["target"] == [{"reference": f"GuidanceResponse/{guidance['id']}"}]
    read = {each["what"].get("reference") for each in provenance["entity"]}
    inputs: Any = kept.body["inputs"]
    assert {each["reference"] for each in inputs} <= read
    devices = {f"Device/{device['id']}" for device in resources(folder, "Device")}
    assert guidance["performer"]["reference"] in devices and provenance["agent"][0]["who"]["reference"] in devices


@pytest.mark.parametrize(
    "story, status, asked",
    [
        ("indeterminate_for_want_of_one_fact", "data-required", True),
        ("good_prognosis_on_olaparib", "data-requested", True),
    ],
)
def test_what_was_missing_is_asked_for(house: House, tmp_path: Path, story: str, status: str, asked: bool) -> None:
    decide(house, story)

    [guidance] = resources(exported(house.store, tmp_path / "export", form(house.terminology)), "GuidanceResponse")

    assert guidance["status"] == status and ("dataRequirement" in guidance) is asked


def test_with_the_body_erased_the_patient_has_no_name_and_nothing_clinical_is_said(
    house: House, tmp_path: Path
) -> None:
    trace = decide(house, "good_prognosis_on_olaparib")
    kept = house.store.get(trace)
    assert kept is not None
    erase(house.store, Subject(about="decision", name=trace), ground="court-order", id=trace_id(5), at=house.moment())

    folder = exported(house.store, tmp_path / "export", form(house.terminology))

    assert "jane" not in "".join(file.read_text() for file in folder.iterdir())
    [guidance], told = resources(folder, "GuidanceResponse"), resources(folder, "AuditEvent")[0]
    by_key = {"system": "urn:osteon:identifier:patient-key", "value": kept.columns["patient_key"]}
    assert guidance["subject"] == entity(told, "1")["what"] == {"type": "Patient", "identifier": by_key}
    assert guidance["evaluationMessage"] and "outputParameters" not in guidance and "note" not in guidance
    assert manifest_of(folder)["left_out"]["erased"] == [[kept.seq, kept.seq]]


def test_headers_alone_name_nobody(house: House, tmp_path: Path) -> None:
    decide(house, "good_prognosis_on_olaparib")

    folder = exported(house.store, tmp_path / "export", form(house.terminology), bodies=False)

    assert "jane" not in "".join(file.read_text() for file in folder.iterdir())
    assert manifest_of(folder)["left_out"]["not_asked_for"] == 1


def test_a_failed_decision_is_a_failure(house: House, tmp_path: Path) -> None:
    body: dict[str, object] = {"request": {"patient": "Patient/1"}, "failure": {"kind": "EngineFailure", "says": "x"}}
    house.store.keep(trace(1, outcome="failed", body=body))

    folder = exported(house.store, tmp_path / "export", form(house.terminology))

    [guidance], told = resources(folder, "GuidanceResponse"), resources(folder, "AuditEvent")[0]
    assert guidance["status"] == "failure" and told["outcome"] == "8"


def test_a_body_of_another_make_is_left_out_and_told(house: House, tmp_path: Path) -> None:
    house.store.keep(trace(1, body={"facts": []}))
    house.store.keep(trace(2, body={"request": {"patient": "Patient/1"}, "result": {"prognosis": {}}}))
    decide(house, "good_prognosis_on_olaparib")

    folder = exported(house.store, tmp_path / "export", form(house.terminology))

    assert manifest_of(folder)["left_out"]["not_written"] == [[1, 2]]
    assert len(resources(folder, "GuidanceResponse")) == 1


@pytest.mark.parametrize(
    "kind, code, action, client",
    [("read", "rest", "R", "110152"), ("export", "110106", "R", "110152"), ("erasure", "destroy", "D", "110153"),
     ("hold", "hold", "U", "110153"), ("release", "unhold", "U", "110153"), ("feedback", "rest", "C", "110153")],
)  # fmt: skip
def test_events_are_told_by_what_was_done(
    house: House, tmp_path: Path, kind: EventKind, code: str, action: str, client: str
) -> None:
    house.store.record_event(event(1, kind, subject=trace_id(7), caller=Caller(client="auditor")))

    told = resources(exported(house.store, tmp_path / "export", form(house.terminology)), "AuditEvent")[0]

    assert (told["type"]["code"], told["action"]) == (code, action)
    assert agents(told)[client]["who"]["identifier"]["value"] == "auditor" and agents(told)[client]["requestor"]
    assert entity(told, "2")["what"]["identifier"]["value"] == f"urn:uuid:{trace_id(7)}"


def test_what_is_done_in_a_shell_is_no_rest_call(house: House, tmp_path: Path) -> None:
    house.store.record_event(event(1, "read", caller=Caller(client="shell:root")))
    told = resources(exported(house.store, tmp_path / "export", form(house.terminology)), "AuditEvent")[0]
    assert told["type"]["code"] == "access" and "subtype" not in told


def test_the_files_are_bound_by_the_manifest(house: House, tmp_path: Path) -> None:
    house.store.notary = notary()
    decide(house, "good_prognosis_on_olaparib")
    key = [house.store.notary.signer.verifier]

    folder = exported(house.store, tmp_path / "export", form(house.terminology))

    assert check_export(folder, key).holds
    (folder / "Device.ndjson").write_bytes(b"")
    assert [fault.what for fault in check_export(folder, key).faults] == [
        "Device.ndjson is not the file that was written"
    ]
