"""What holds for the FHIR form of any patient: it can always be written, and says no more than it may."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rulesets.record import Fact, Record
from rulesets.rule import HOOKS, Hook
from service.assess import Case, judged
from service.canonical import dumps
from service.fhir_out.decision import Stamp
from service.house import House
from tests.fhir_out.walking import nodes, references
from tests.support.house import NOW, house_without_store
from tests.support.patients import Recipe, recipes, sources_told
from tests.support.suggesting import is_full

Json = dict[str, Any]
STAMP = Stamp(trace="019c1159-7000-7000-8000-000000000001", at=NOW, version="0", request="0" * 64)
HOSTILE = ("<script>x</script>", "[a](javascript:b)", "\u202eb\n# c", "z" * 300, "", '"; --')

hooks = st.sampled_from([HOOKS, *((hook,) for hook in HOOKS)])
patients = st.sampled_from(
    ["Patient/p1", "", "Anna <b>", "Patient/a b", "urn:uuid:0d0b2c33-6ba9-4c3f-8f0e-0a9f6f2b6a11"]
)


@cache
def house() -> House:
    return house_without_store()


def written(record: Record, patient: str, at: tuple[Hook, ...]) -> tuple[Json, ...]:
    """The resources of an answer, which the guard has found to be valid."""
    case = Case(patient=patient, record=record, hooks=at, sources=sources_told())
    resources = judged(house().reasoners.usual, case, house(), STAMP, as_fhir=True).resources
    assert resources is not None
    return resources


@given(recipes(), patients, hooks)
def test_whatever_is_known_an_answer_can_be_written(patient: Recipe, named: str, at: tuple[Hook, ...]) -> None:
    resources = written(patient.record, named, at)

    assert [each["resourceType"] for each in (resources[0], resources[-1])] == ["GuidanceResponse", "Provenance"]
    assert is_full(json.loads(dumps(list(resources))))
    ids = {f"urn:uuid:{each['id']}" for each in (*resources, {"id": STAMP.device})} | {named}
    used = {reference for each in resources for reference in references(each)}
    assert {reference for reference in used if reference.startswith("urn:uuid:")} <= ids


@given(recipes(drug=1, course=1), st.sampled_from(HOSTILE))
def test_no_name_of_a_drug_acts_in_any_text(patient: Recipe, name: str) -> None:
    record = patient.record
    drugs = tuple(
        replace(drug, facts={**drug.facts, "drug.name": Fact(name="drug.name", value=name)})
        for drug in record.drugs or ()
    )

    for resource in written(replace(record, drugs=drugs), "Patient/p1", HOOKS):
        for node in nodes(json.loads(dumps(resource))):
            for text in (each for each in node.values() if isinstance(each, str)):
                assert "<script" not in text and "\u202e" not in text and "](javascript:" not in text


@given(recipes())
def test_a_group_is_assessed_only_if_a_rule_states_it(patient: Recipe) -> None:
    resources = written(patient.record, "Patient/p1", HOOKS)

    output = {each["name"]: each for each in resources[0]["contained"][0]["parameter"]}
    fired = {
        part["valueString"]
        for each in resources[0]["contained"][0]["parameter"]
        if each["name"] == "fired"
        for part in each["part"]
        if part["name"] == "id"
    }
    group = output["prognosis"]["part"][0]["valueString"]
    assessed = [each for each in resources if each["resourceType"] == "RiskAssessment"]
    assert bool(assessed) == (f"prognosis.{group}" in fired)
