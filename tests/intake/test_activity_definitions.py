"""What suggestions order: our ActivityDefinitions are sound, and a hospital may put its own in their place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from fhir.resources.R4B.activitydefinition import ActivityDefinition

from rulesets.rule import Action
from service.app import FHIR_PROFILES
from service.intake.terminology import Terminology, TerminologyError, load

FOLDER = FHIR_PROFILES / "activitydefinitions"
FILES = sorted(FOLDER.glob("*.json"))
SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"
OURS = "urn:osteon:codesystem:imaging"

# Codes of no map, each with the public source that lists it.
ELSEWHERE = {
    (SNOMED, "108252007"): "value set servicerequest-category of FHIR R4",
    (SNOMED, "363679005"): "value set servicerequest-category of FHIR R4",
    (LOINC, "58410-2"): "DiagnosticReports of public example patients",
}
Definition = dict[str, Any]


@pytest.fixture(scope="module")
def terminology() -> Terminology:
    return load(FHIR_PROFILES)


def definition(action: str, **changes: Any) -> Definition:
    """Our definition of an action with other elements; one that is None is left out."""
    ours: Definition = json.loads((FOLDER / f"{action}.json").read_text())
    return {key: value for key, value in (ours | {"version": "1.0.0-hospital"} | changes).items() if value is not None}


def folder_of(folder: Path, *definitions: Definition) -> Path:
    for place, each in enumerate(definitions):
        (folder / f"{place}.json").write_text(json.dumps(each))
    return folder


def codings(node: Any) -> Iterator[tuple[str, str, str]]:
    if isinstance(node, dict):
        if "system" in node and "code" in node and node["system"] != "http://unitsofmeasure.org":
            yield node["system"], node["code"], node.get("display", "")
        node = list(node.values())
    for inner in node if isinstance(node, list) else ():
        yield from codings(inner)


# --- ours ----------------------------------------------------------------------------------------


def test_every_action_has_a_definition_of_its_name_and_no_other_has_one() -> None:
    assert {path.stem for path in FILES} == set(get_args(Action))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_definition_is_valid_and_named_by_its_file(path: Path) -> None:
    resource = json.loads(path.read_text())

    ActivityDefinition.model_validate(resource)
    assert resource["url"] == f"urn:osteon:activitydefinition:{path.stem}"
    assert resource["status"] == "active" and resource["version"] and resource["description"].endswith(".")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_code_is_one_we_read_or_one_with_a_source(path: Path, terminology: Terminology) -> None:
    for system, code, display in codings(json.loads(path.read_text())):
        coding = {"system": system, "code": code, "display": display}
        maps = ("imaging", "radiotherapy-techniques")
        matches = [match for name in maps for match in terminology.concepts(name, coding)]
        assert matches or (system, code) in ELSEWHERE, f"{path.stem}: {system} {code}"
        assert not any(match.mismatch for match in matches)
        assert display or system == OURS


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_owners_of_codes_are_named(path: Path) -> None:
    text = path.read_text()

    assert (SNOMED in text) == ("SNOMED International" in text)
    assert (LOINC in text.replace("http://loinc.org/license", "")) == ("Regenstrief" in text)


def test_an_exam_that_is_proposed_is_one_we_can_read_when_it_is_ordered(terminology: Terminology) -> None:
    for action, activity in terminology.activities.items():
        if activity.means:
            read = {match.target for match in terminology.concepts("imaging", activity.template["code"])}
            assert read == activity.means, action


# --- a hospital's own ----------------------------------------------------------------------------


def test_a_definition_of_the_same_url_stands_in_the_place_of_ours(terminology: Terminology, tmp_path: Path) -> None:
    local = {"coding": [{"system": "https://hospital.example/orders", "code": "LAB-0042"}], "text": "FBC"}
    own = definition("order_blood_count", code=local, priority="urgent", timingRange=None, extension=None)
    own["extension"] = [{"url": "urn:osteon:extension:action-type", "valueCode": "create"}]

    theirs = load(FHIR_PROFILES, folder_of(tmp_path, own))

    activity = theirs.activities["order_blood_count"]
    assert activity.template["code"] == local and activity.template["priority"] == "urgent"
    assert activity.canonical == "urn:osteon:activitydefinition:order_blood_count|1.0.0-hospital"
    assert activity.window is None and "orderDetail" not in activity.template
    assert theirs.activities["order_mri"] == terminology.activities["order_mri"]
    assert theirs.digest != terminology.digest


def test_definitions_and_maps_of_a_hospital_lie_in_one_folder(tmp_path: Path) -> None:
    drugs = json.loads((FHIR_PROFILES / "conceptmaps" / "drugs.json").read_text())
    drugs["group"] = [
        {
            "source": "urn:hospital",
            "target": drugs["group"][0]["target"],
            "element": [{"code": "H-1", "target": [{"code": "olaparib", "equivalence": "equivalent"}]}],
        }
    ]

    theirs = load(FHIR_PROFILES, folder_of(tmp_path, drugs, definition("order_mri", priority="asap")))

    [match] = theirs.concepts("drugs", {"system": "urn:hospital", "code": "H-1"})
    assert match.target == "olaparib"
    assert theirs.activities["order_mri"].template["priority"] == "asap"


def extended(action: str, url: str, **value: Any) -> Definition:
    """Our definition with one more extension."""
    own = definition(action)
    return own | {"extension": [*own["extension"], {"url": f"urn:osteon:extension:{url}", **value}]}


def setting(action: str, element: str, **value: Any) -> Definition:
    parts = [{"url": "element", "valueCode": element}, {"url": "value", **value}]
    return extended(action, "sets", extension=parts)


DOSE = "http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-dose-planned-to-volume"
BARE = [{"url": "urn:osteon:extension:action-type", "valueCode": "update"}]
IN_CGY: Definition = {
    "url": DOSE,
    "extension": [
        {"url": "totalDose", "valueQuantity": {"value": 800, "code": "cGy"}},
        {"url": "fractions", "valuePositiveInt": 1},
    ],
}


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda: definition("order_mri", url="urn:hospital:mri"), "url of a definition of ours"),
        (lambda: definition("order_mri", kind="Task"), "must have the kind ServiceRequest and the action type create"),
        (lambda: definition("hold_drug", extension=None), "and the action type update"),
        (lambda: definition("order_mri", intent="order"), "intent proposal"),
        (lambda: definition("order_mri", priority="soon"), "not valid FHIR R4 at ActivityDefinition.priority"),
        (lambda: definition("order_mri", code=None), "must have a code"),
        (
            lambda: definition("propose_antiresorptive", productCodeableConcept=None),
            "must have a productCodeableConcept",
        ),
        (lambda: definition("order_mri", version=None), "has no version"),
        (lambda: definition("plan_follow_up", title=None), "has no title"),
        (lambda: definition("order_mri", code="MRI"), "not valid FHIR R4 at ActivityDefinition.code"),
        (lambda: setting("order_mri", "status", valueCode="active"), "may set, each with one value"),
        (lambda: setting("order_mri", "orderDetail"), "not valid FHIR R4 at ActivityDefinition.extension"),
        (lambda: setting("hold_drug", "status", valueCode="stopped"), "on hold and give it no other status"),
        (lambda: definition("schedule_pain_reassessment", timingRange=None), "from which of"),
        (lambda: definition("order_mri", timingRange={"high": {"value": 1, "code": "d"}}), "from which of"),
        (lambda: definition("order_blood_count", timingRange={"high": {"value": 1, "code": "h"}}), "days (d) or weeks"),
        (
            lambda: definition("order_blood_count", timingRange={"high": {"value": 1.5, "code": "d"}}),
            "days (d) or weeks",
        ),
        (lambda: definition("change_to_vmat", extension=BARE), "must say what it changes"),
        (lambda: definition("change_to_8_gy_in_1", extension=[*BARE, IN_CGY]), "totalDose in Gy"),
        (lambda: extended("hold_drug", "unless-said", valueString="("), "regular expression"),
        (lambda: extended("order_mri", "unless-said", valueString="x"), "unless-said, which a suggestion of its kind"),
        (lambda: extended("hold_drug", "sett", valueString="x"), "urn:osteon:extension:sett, which"),
        (lambda: definition("hold_drug", priority="urgent"), "has priority, which"),
        (lambda: definition("order_mri", doNotPerform=True), "has doNotPerform, which"),
    ],
)
def test_a_definition_that_could_not_be_used_stops_the_start(
    made: Callable[[], Definition], says: str, tmp_path: Path
) -> None:
    with pytest.raises(TerminologyError) as refused:
        load(FHIR_PROFILES, folder_of(tmp_path, made()))

    assert says in str(refused.value) and str(tmp_path) in str(refused.value)


def test_one_action_has_one_definition_of_a_hospital(tmp_path: Path) -> None:
    with pytest.raises(TerminologyError, match="second definition of order_mri"):
        load(FHIR_PROFILES, folder_of(tmp_path, definition("order_mri"), definition("order_mri")))


def test_a_task_needs_a_time(tmp_path: Path) -> None:
    untimed = [{"url": "urn:osteon:extension:action-type", "valueCode": "create"}]

    with pytest.raises(TerminologyError, match="a task without a time is never found again"):
        load(
            FHIR_PROFILES,
            folder_of(tmp_path, definition("schedule_pain_reassessment", timingRange=None, extension=untimed)),
        )


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "patient.json").write_text('{"resourceType": "Patient"}')

    with pytest.raises(TerminologyError, match="is not a ConceptMap or ActivityDefinition"):
        load(FHIR_PROFILES, tmp_path)
