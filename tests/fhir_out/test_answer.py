"""The answer as a whole: kept and replayed, several patients, no patient, hostile texts, and what fails closed."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from service import assess as story
from service.assess import Answer, Request, assess
from service.canonical import dumps
from service.conclude import conclude
from service.fhir_out.references import NOBODY
from service.house import House
from service.problems import AnswerFailure, InvalidResources, RuleFailure
from service.reasoning.engine import EngineFailure
from service.replay import replay
from tests.fhir_out.walking import nodes, one, resources
from tests.intake.made import ATC, concept
from tests.support.house import house_in
from tests.support.stories import STORIES
from tests.support.suggesting import is_full

Json = dict[str, Any]
ON = date(2026, 11, 1)
DIGEST = "d" * 64
OLAPARIB = "good_prognosis_on_olaparib"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    built = house_in(tmp_path_factory.mktemp("fhir"))
    yield built
    built.store.close()


def bundle_of(name: str) -> Json:
    read: Json = json.loads((STORIES / name / "bundle.json").read_text(encoding="utf-8"))
    return read


def asked(house: House, document: object, **others: Any) -> Answer:
    usual: Json = {"kind": "bundle", "evaluation_date": ON, "as_fhir": True}
    return assess(house, Request(document=document, digest=DIGEST, **usual | others))


def written(house: House, document: object, **others: Any) -> Json:
    """The Bundle of an answer, which is valid and whole."""
    bundle: Json = json.loads(dumps(asked(house, document, **others).bundle))
    Bundle.model_validate(bundle)
    assert is_full(bundle)
    return bundle


def sent(bundle: Json, name: str) -> Json:
    """A resource of a bundle that was sent, to be changed."""
    kind, _, id = name.partition("/")
    return next(
        each["resource"]
        for each in bundle["entry"]
        if (each["resource"]["resourceType"], each["resource"]["id"]) == (kind, id)
    )


# --- kept, and replayed --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def decided(house: House) -> tuple[str, str, Json]:
    """A stored decision that was answered in FHIR: its id, its rulebook and its body."""
    trace = str(asked(house, bundle_of(OLAPARIB)).results[0]["trace"])
    stored = house.store.get(trace)
    assert stored is not None and stored.body is not None
    return trace, str(stored.header["rulebook"]), stored.body


def test_a_decision_answered_in_fhir_replays_to_the_same_bytes(house: House, decided: tuple[str, str, Json]) -> None:
    later = replace(house, now=lambda: house.now().replace(year=2031), version="9")

    assert replay(later, *decided).verdict == "identical"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("fhir", "sha256"), "0" * 64),
        (("fhir", "version"), "9"),
        (("fhir", "at"), "2026-11-01T12:00:01+00:00"),
        (("inputs", 0, "sha256"), "0" * 64),
    ],
)
def test_what_the_fhir_form_was_written_with_cannot_be_changed_unnoticed(
    house: House, decided: tuple[str, str, Json], path: tuple[Any, ...], value: str
) -> None:
    trace, rulebook, body = decided
    changed: Any = copy.deepcopy(body)
    node = changed
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value

    assert replay(house, trace, rulebook, changed).differences == ("fhir",)


def test_a_decision_answered_in_json_keeps_nothing_of_fhir(house: House) -> None:
    [result] = asked(house, bundle_of(OLAPARIB), as_fhir=False).results
    stored = house.store.get(result["trace"])

    assert stored is not None and stored.body is not None and "fhir" not in stored.body
    assert replay(house, stored.id, str(stored.header["rulebook"]), stored.body).verdict == "identical"


# --- what it holds -------------------------------------------------------------------------------


def test_a_response_names_the_rulebook_the_trace_and_the_request(house: House) -> None:
    answer = asked(house, bundle_of(OLAPARIB))
    [result] = answer.results
    assert answer.bundle is not None
    response = one(answer.bundle, "GuidanceResponse")

    assert response["moduleCanonical"] == f"urn:osteon:library:rulebook|{result['rulebook']}"
    assert response["requestIdentifier"]["value"] == DIGEST
    output = {each["name"]: each for each in response["contained"][0]["parameter"]}
    assert output["trace"]["valueId"] == result["trace"]
    assert output["evaluationDate"]["valueDate"] == "2026-11-01"
    assert {each["name"]: each["valueString"] for each in output["prognosis"]["part"][:1]} == {"group": "good"}


def test_the_hold_of_a_drug_is_proposed_beside_the_prescription_and_never_as_a_new_one(house: House) -> None:
    bundle = written(house, bundle_of(OLAPARIB))

    group = one(bundle, "RequestGroup")
    [action] = [node for node in nodes(group["action"]) if node.get("extension")]
    [held] = group["contained"]
    assert action["resource"]["reference"] == "MedicationRequest/olaparib"
    assert action["extension"][0]["valueReference"]["reference"] == f"#{held['id']}"
    assert (held["resourceType"], held["status"]) == ("MedicationRequest", "on-hold")
    assert not [each for each in resources(bundle, "MedicationRequest") if each["status"] == "on-hold"]


def test_a_mitigation_is_told_with_the_drug_it_is_for_and_that_it_was_not_done(house: House) -> None:
    document = bundle_of(OLAPARIB)
    other = copy.deepcopy(sent(document, "MedicationRequest/olaparib"))
    other |= {"id": "talazoparib", "medicationCodeableConcept": concept(ATC, "L01XK04")}
    document["entry"].append({"resource": other})

    issues = [
        each
        for each in resources(written(house, document), "DetectedIssue")
        if each["extension"][0]["valueCode"] == "imbrication.parp-rt"
    ]

    assert {each["implicated"][1]["reference"]: _mitigations(each) for each in issues} == {
        f"MedicationRequest/{drug}": [f"Proposed, not done: Hold the PARP inhibitor before RT: {drug}"]
        for drug in ("olaparib", "talazoparib")
    }


def test_a_draft_that_is_for_the_course_is_told_with_the_finding_it_comes_from(house: House) -> None:
    bundle = written(house, bundle_of("two_courses_and_two_drugs"))

    told = {each["extension"][0]["valueCode"]: _mitigations(each) for each in resources(bundle, "DetectedIssue")}
    assert told == {
        "imbrication.cytotoxic-rt": ["Proposed, not done: Hold the chemotherapy around RT: capecitabine"],
        "imbrication.cytotoxic-after-rt": ["Proposed, not done: Order a complete blood count"],
        "imbrication.sequence-priority": [],
    }


def _mitigations(issue: Json) -> list[str]:
    return [each["action"]["text"] for each in issue.get("mitigation", ())]


def test_a_source_is_named_by_its_version_or_else_by_what_it_held(house: House) -> None:
    document = bundle_of(OLAPARIB)
    sent(document, "MedicationRequest/olaparib")["meta"] = {"versionId": "7"}

    entities = [each["what"] for each in one(written(house, document), "Provenance")["entity"]]

    assert {"reference": "MedicationRequest/olaparib/_history/7"} in entities
    [condition] = [each for each in entities if each.get("reference") == "Condition/bone-metastasis"]
    assert len(condition["identifier"]["value"]) == 64
    assert entities[-1]["display"] == "Rulebook"


@pytest.mark.parametrize(
    ("hooks", "rules"),
    [
        (("patient-view",), set()),
        (("order-sign",), {"imbrication.parp-rt", "imbrication.parp-rt-marrow", "imbrication.sequence-priority"}),
    ],
)
def test_the_hooks_asked_for_decide_what_is_told(house: House, hooks: tuple[str, ...], rules: set[str]) -> None:
    bundle = written(house, bundle_of(OLAPARIB), hooks=hooks)

    assert {each["extension"][0]["valueCode"] for each in resources(bundle, "DetectedIssue")} == rules


def test_an_open_timing_asks_for_the_date_of_that_drug(house: House) -> None:
    response = one(written(house, bundle_of("last_dose_unknown")), "GuidanceResponse")

    [asked_for] = [
        each for each in response["dataRequirement"] if each["codeFilter"][0]["code"][0]["code"] == "drug.last_dose_day"
    ]
    told = {each["url"].rpartition(":")[2]: each for each in asked_for["extension"]}
    assert told["about"]["valueReference"] == {"reference": "MedicationStatement/hana-medication-1"}
    assert told["rule"]["valueCode"] == "imbrication.unknown-exposure"


def test_a_missing_list_of_drugs_is_asked_for_as_prescriptions(house: House) -> None:
    response = one(written(house, bundle_of("no_medication_list")), "GuidanceResponse")

    [asked_for] = [each for each in response["dataRequirement"] if each["type"] == "MedicationRequest"]
    assert asked_for["extension"][-1]["valueCode"] == "imbrication.med-list-missing"


# --- who it is about -----------------------------------------------------------------------------


def test_of_several_patients_each_has_an_answer_of_her_own(house: House) -> None:
    bundle = written(house, bundle_of("three_patients_in_one_bundle"))

    patients = ["Patient/anna", "Patient/berta", "Patient/clara"]
    assert [each["subject"]["reference"] for each in resources(bundle, "GuidanceResponse")] == patients
    assert len(resources(bundle, "Device")) == 1
    for provenance, patient in zip(resources(bundle, "Provenance"), patients, strict=True):
        hers = {target["reference"] for target in provenance["target"]}
        for entry in bundle["entry"]:
            if entry["fullUrl"] in hers:
                whose = [entry["resource"].get(element) for element in ("subject", "patient", "for")]
                assert [each["reference"] for each in whose if each] == [patient]


FACTS: Json = {
    "evaluationDate": "2026-11-01",
    "facts": {"mets.status": "confirmed", "mets.organ.bone": "present", "patient.ecog": 4},
    "drugs": [{"name": "olaparib", "status": "active"}],
    "courses": [{"status": "draft", "target": "bone", "region": "pelvis", "start_day": 3}],
    "orders": [{"kind": "rt"}],
}


@pytest.mark.parametrize(
    ("named", "subject"),
    [
        ({}, {"display": NOBODY}),
        ({"patient": "Patient/7"}, {"reference": "Patient/7"}),
        ({"patient": '<b>"Anna"</b>'}, {"display": "b Anna /b"}),
    ],
)
def test_facts_without_a_patient_get_what_can_be_said_of_nobody(house: House, named: Json, subject: Json) -> None:
    bundle = written(house, FACTS | named, kind="facts", evaluation_date=None)

    told = resources(bundle, "GuidanceResponse", "RiskAssessment")
    assert {each["resourceType"] for each in told} == {"GuidanceResponse", "RiskAssessment"}
    assert all(each["subject"] == subject for each in told)
    issues = {each["extension"][0]["valueCode"]: each for each in resources(bundle, "DetectedIssue")}
    issue = issues["imbrication.parp-rt"]
    assert issue["patient"] == subject
    assert [each["display"] for each in issue["implicated"]] == ["planned RT, pelvis", "olaparib"]
    assert "basis" not in one(bundle, "RiskAssessment")
    drafts = resources(bundle, "ServiceRequest", "MedicationRequest", "CarePlan", "Task")
    assert bool(drafts) == ("reference" in subject)
    entities = one(bundle, "Provenance")["entity"]
    assert entities[0]["what"] == {
        "identifier": {"system": "urn:osteon:identifier:request", "value": DIGEST},
        "display": "Facts document",
    }


# --- what was sent is only data ------------------------------------------------------------------

HOSTILE = "<script>alert(1)</script>](javascript:x) \u202e\n# |"


def test_hostile_texts_are_harmless_in_every_text_of_ours(house: House) -> None:
    document = bundle_of(OLAPARIB)
    drug = sent(document, "MedicationRequest/olaparib")
    drug["medicationCodeableConcept"] = {"text": f"olaparib {HOSTILE}"}
    drug["note"] = [{"text": HOSTILE}]
    document["entry"].append(
        {"resource": {"resourceType": "Observation", "id": "x", "status": "final", "code": {"text": HOSTILE},
                      "subject": {"reference": "Patient/jane"}}}
    )  # fmt: skip

    bundle = written(house, document)

    for resource in resources(bundle):
        resource.pop("contained", None)  # the prescription itself is given back as it came
        assert "<script" not in json.dumps(resource) and "\u202e" not in json.dumps(resource, ensure_ascii=False)


def test_a_patient_whose_id_no_reference_can_hold_is_told_in_words(house: House) -> None:
    text = json.dumps(bundle_of(OLAPARIB)).replace("Patient/jane", "Patient/<i>").replace('"jane"', '"<i>"')

    response = one(written(house, json.loads(text)), "GuidanceResponse")

    assert response["subject"] == {"type": "Patient", "display": "Patient/ i"}


def test_resources_without_ids_are_told_without_promising_an_address(house: House) -> None:
    document = bundle_of(OLAPARIB)
    for entry in document["entry"]:
        if entry["resource"]["resourceType"] != "Patient":
            del entry["resource"]["id"]
            entry.pop("fullUrl", None)

    bundle = written(house, document)

    whats = [each["what"] for each in one(bundle, "Provenance")["entity"][:-1]]
    assert {"Patient/jane"} >= {each["reference"] for each in whats if "reference" in each}
    assert all(each["type"] and each["identifier"]["value"] for each in whats if "reference" not in each)


# --- what fails, fails closed --------------------------------------------------------------------


def test_what_is_wrong_with_a_resource_is_said_in_lenient_and_refused_in_strict_mode(house: House) -> None:
    document = bundle_of(OLAPARIB)
    document["entry"].append({"resource": {"resourceType": "Observation", "id": "x", "status": 7,
                                           "code": {"coding": [{"system": "urn:osteon:codesystem:fact", "code": "patient.bone_pain"}]},
                                           "subject": {"reference": "Patient/jane"}}})  # fmt: skip

    response = one(written(house, document), "GuidanceResponse")
    [messages] = [each for each in response["contained"] if each["resourceType"] == "OperationOutcome"]
    assert response["evaluationMessage"] == [{"reference": "#messages"}]
    assert [each["expression"] for each in messages["issue"] if each["code"] == "invalid"] == [
        [f"Bundle.entry[{len(document['entry']) - 1}].resource.status"]
    ]
    with pytest.raises(InvalidResources):
        asked(house, document, mode="strict")


def test_a_change_that_would_not_be_valid_is_left_out_and_said(house: House) -> None:
    document = bundle_of(OLAPARIB)
    sent(document, "MedicationRequest/olaparib")["requester"] = "Dr Nobody"  # not read, so not a fault in lenient mode
    in_json = asked(house, document, as_fhir=False).results[0]["cards"]
    assert "hold_drug" in {
        each["extension"]["org.osteon.action"] for card in in_json for each in card.get("suggestions", ())
    }

    bundle = written(house, document)

    response = one(bundle, "GuidanceResponse")
    [told] = [
        node["diagnostics"] for node in nodes(response["contained"]) if "left out: Hold" in node.get("diagnostics", "")
    ]
    assert "Dr Nobody" not in json.dumps(bundle) and "olaparib" in told
    assert "contained" not in one(bundle, "RequestGroup")


def test_an_answer_that_would_not_be_valid_is_not_given(house: House) -> None:
    broken = {
        **house.terminology.answers,
        "GuidanceResponse": {"resourceType": "GuidanceResponse", "moduleCanonical": "x", "oops": 1},
    }
    bad = replace(house, terminology=replace(house.terminology, answers=broken))

    with pytest.raises(AnswerFailure) as failure:
        asked(bad, bundle_of(OLAPARIB))

    stored = house.store.get(failure.value.trace)
    assert stored is not None and stored.body is not None
    assert stored.header["outcome"] == "failed" and stored.body["failure"]["kind"] == "NotFhirR4"  # type: ignore[index]
    assert len(asked(bad, bundle_of(OLAPARIB), as_fhir=False).results) == 1


def test_a_rule_that_fails_gives_no_bundle_at_all(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = iter(range(9))

    def failing(*given: Any) -> Any:
        if next(turns) >= 1:
            raise EngineFailure("a rule failed")
        return conclude(*given)

    monkeypatch.setattr(story, "conclude", failing)

    with pytest.raises(RuleFailure) as failure:
        asked(house, bundle_of("three_patients_in_one_bundle"))

    stored = house.store.get(failure.value.trace)
    assert stored is not None and stored.header["outcome"] == "failed"
