"""Every story answered in FHIR: valid, whole, leading back to what was sent, and the same as the JSON answer."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from rulesets.rulebook import RULES
from service.assess import Answer, Request, assess
from service.canonical import dumps, loads
from service.house import House
from tests.fhir_out.walking import literal, names_sent, nodes, resources
from tests.support.house import counting, house_without_store, once_more
from tests.support.stories import Story, stories
from tests.support.suggesting import is_full

Json = dict[str, Any]
STORIES = {story.name: story for story in stories()}
each_story = pytest.mark.parametrize("name", STORIES)


@cache
def house() -> House:
    return house_without_store()


def evaluated(story: Story, as_fhir: bool) -> Answer:
    """The answer to a story, whose traces always have the same ids."""
    first = counting()
    once = once_more(house(), [first() for _ in range(9)])
    asked = Request(
        kind="bundle",
        document=story.bundle,
        digest="0" * 64,
        evaluation_date=story.evaluation_date,
        as_fhir=as_fhir,
    )
    return assess(once, asked)


@cache
def answered(name: str) -> tuple[Answer, Json]:
    """The answer to a story, and its Bundle as it is sent."""
    answer = evaluated(STORIES[name], as_fhir=True)
    bundle = loads(dumps(answer.bundle))
    assert isinstance(bundle, dict)
    return answer, bundle


@each_story
def test_the_bundle_is_valid_and_nothing_in_it_is_null_or_empty(name: str) -> None:
    _, bundle = answered(name)

    Bundle.model_validate(bundle)
    assert is_full(bundle)


@each_story
def test_each_reference_leads_into_the_bundle_or_to_what_was_sent(name: str) -> None:
    _, bundle = answered(name)
    sent = names_sent(STORIES[name].bundle)
    inside = {entry["fullUrl"] for entry in bundle["entry"]}

    for resource in resources(bundle):
        contained = {f"#{each['id']}" for each in resource.get("contained", ())}
        used = literal(resource)
        assert {each for each in used if each.startswith("urn:uuid:")} <= inside | sent
        assert {each for each in used if each.startswith("#")} == contained  # dom-3: all of them, and no other
        others = {each for each in used if not each.startswith(("urn:uuid:", "#"))}
        assert others <= sent, (name, resource["resourceType"])


@each_story
def test_each_entry_has_an_address_of_its_own_and_names_its_resource(name: str) -> None:
    _, bundle = answered(name)

    ids = [resource["id"] for resource in resources(bundle)]
    assert len(set(ids)) == len(ids)
    assert [entry["fullUrl"] for entry in bundle["entry"]] == [f"urn:uuid:{id}" for id in ids]


@each_story
def test_each_patient_has_a_response_and_a_provenance_of_all_that_was_written(name: str) -> None:
    answer, bundle = answered(name)

    responses, provenances = resources(bundle, "GuidanceResponse"), resources(bundle, "Provenance")
    traces = [f"urn:uuid:{result['trace']}" for result in answer.results]
    assert [each["identifier"][0]["value"] for each in responses] == traces
    assert [each["subject"]["reference"] for each in responses] == [each["patient"] for each in answer.results]
    targets = [target["reference"] for each in provenances for target in each["target"]]
    written = [each for each in resources(bundle) if each["resourceType"] not in ("Device", "Provenance")]
    assert targets == [f"urn:uuid:{each['id']}" for each in written]
    [device] = resources(bundle, "Device")
    assert {each["agent"][0]["who"]["reference"] for each in provenances} == {f"urn:uuid:{device['id']}"}


@each_story
def test_the_group_is_that_of_the_result_and_told_only_where_a_rule_states_it(name: str) -> None:
    answer, bundle = answered(name)

    stated = [
        result["prognosis"]["group"]
        for result in answer.results
        if f"prognosis.{result['prognosis']['group']}" in {each["id"] for each in result["rules"]["fired"]}
    ]
    assessed = resources(bundle, "RiskAssessment")
    assert [each["prediction"][0]["outcome"]["coding"][0]["code"] for each in assessed] == stated
    assert [each["status"] == "preliminary" for each in assessed] == [group == "indeterminate" for group in stated]
    assert all(each["basis"] for each in assessed)


CARDS = {rule.id for rule in RULES if rule.output == "card" and rule.group == "imbrication"}
SEVERITY = {"critical": "high", "warning": "moderate", "info": "low"}


@each_story
def test_each_finding_on_drugs_and_radiotherapy_is_an_issue_of_its_gravity(name: str) -> None:
    answer, bundle = answered(name)

    found = {
        (fired["id"], SEVERITY[fired["indicator"]])
        for result in answer.results
        for fired in result["rules"]["fired"]
        if fired["id"] in CARDS
    }
    told = resources(bundle, "DetectedIssue")
    assert {(each["extension"][0]["valueCode"], each["severity"]) for each in told} == found
    for issue in told:
        assert issue["implicated"] and issue["evidence"] and issue["detail"].endswith(".")
        assert all(each["action"]["text"].startswith("Proposed, not done: ") for each in issue.get("mitigation", ()))


@each_story
def test_each_suggestion_is_an_action_and_importing_the_bundle_changes_nothing(name: str) -> None:
    answer, bundle = answered(name)

    groups = resources(bundle, "RequestGroup")
    suggestions = [
        (each["label"], each["extension"]["org.osteon.action"])
        for result in answer.results
        for card in result["cards"]
        for each in card.get("suggestions", ())
    ]
    actions = [node for group in groups for node in nodes(group["action"]) if "title" in node]
    titles = {action["title"] for action in actions}
    assert {does for label, does in suggestions if label in titles} == {does for _, does in suggestions}
    assert all(("resource" in action) != ("action" in action) for action in actions)  # rqg-1
    sent = names_sent(STORIES[name].bundle)
    assert not {f"{each['resourceType']}/{each['id']}" for each in resources(bundle)} & sent
    drafts = resources(bundle, "ServiceRequest", "MedicationRequest", "CarePlan", "Task")
    assert {(each["status"], each["intent"]) for each in drafts} <= {("draft", "proposal")}
    written = {f"urn:uuid:{each['id']}" for each in drafts}
    assert written == {action["resource"]["reference"] for action in actions if "resource" in action} & written


@each_story
def test_the_notes_say_what_the_cards_say(name: str) -> None:
    answer, bundle = answered(name)

    for result, response in zip(answer.results, resources(bundle, "GuidanceResponse"), strict=True):
        notes = [note["text"] for note in response.get("note", ())]
        assert {*notes} <= {card["detail"] for card in result["cards"]} and len({*notes}) == len(notes)
        for card in result["cards"]:
            for rule in card["extension"].get("org.osteon.rules", ()):
                told = f"`{rule}`" in "".join(notes)
                assert told or f"`{rule}`" not in card["detail"], rule


@each_story
def test_what_is_missing_is_required_while_the_group_is_open(name: str) -> None:
    answer, bundle = answered(name)

    for result, response in zip(answer.results, resources(bundle, "GuidanceResponse"), strict=True):
        is_open = result["prognosis"]["group"] == "indeterminate"
        assert response["status"] == "data-required" or not is_open
        assert bool(response.get("dataRequirement")) == (response["status"] != "success")
        deciding = [
            each for each in response.get("dataRequirement", ()) if {"valueBoolean": True}.items() <= _flags(each)
        ]
        assert len(deciding) == (
            len(result["prognosis"]["missing"] or result["prognosis"]["conflict"]) if is_open else 0
        )


def _flags(requirement: Json) -> Any:
    return {key: value for each in requirement.get("extension", ()) for key, value in each.items()}.items()


@each_story
def test_asking_for_fhir_changes_nothing_in_the_result(name: str) -> None:
    answer, _ = answered(name)

    assert dumps(list(evaluated(STORIES[name], as_fhir=False).results)) == dumps(list(answer.results))


@each_story
def test_the_same_decision_is_the_same_bytes(name: str) -> None:
    answer, _ = answered(name)

    assert dumps(evaluated(STORIES[name], as_fhir=True).bundle) == dumps(answer.bundle)
