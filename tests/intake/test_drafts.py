"""Half-written drafts: what is missing or misshapen is mended and told; a strict reading refuses it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from service.canonical import fingerprint
from service.intake.drafts import MOST_MENDED
from service.intake.entries import Part
from service.intake.hook_request import unpack
from service.intake.notices import MENDED
from service.intake.reading import Reading, read
from service.intake.strictness import Mode
from service.intake.terminology import load
from service.intake.unpack import unpack_parts
from service.prefetch.states import Prefetch
from service.problems import InvalidResources
from tests.intake.made import ATC, RXNORM, SCT, TODAY, concept, dose, drug, patient, plain, reading, terminology

LOCAL = "urn:com.example:preference-list"
PROFILES = Path(__file__).parents[2] / "fhir_profiles"


def read_drafts(*drafts: dict[str, Any], mode: Mode = "lenient", **context: Any) -> Reading:
    """What is read of a patient whose drafts are being signed, through the hook's own unpacking."""
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in drafts]}
    document = {"context": {"patientId": "p1", "draftOrders": bundle, **context}}
    (resources,) = unpack(document, Prefetch(parts=(Part(document=patient()),)), mode=mode)
    return read(resources, terminology(), TODAY)


def bare(kind: str, **more: Any) -> dict[str, Any]:
    """A draft that has nothing but what is given."""
    return {"resourceType": kind, "id": "d", **more}


def capecitabine(**more: Any) -> dict[str, Any]:
    return bare("MedicationRequest", medicationCodeableConcept=concept(RXNORM, "200327"), **more)


def repairs(result: Reading) -> dict[str, str]:
    """The elements that were mended, with the sentences that say so."""
    return {notice.element: notice.text for notice in result.notices if notice.code == MENDED}


def ordered(result: Reading) -> list[dict[str, Any]]:
    return [plain(order) for order in result.record.orders]


def test_a_draft_without_status_intent_and_subject_is_read_and_the_repairs_are_told() -> None:
    result = read_drafts(capecitabine())

    assert [order["order.agent"] for order in ordered(result)] == ["capecitabine"]
    assert repairs(result).keys() == {"MedicationRequest.status", "MedicationRequest.intent"}
    assert "unresolved-subject" in {notice.code for notice in result.notices}


def test_a_draft_that_lacks_nothing_but_its_subject_is_read() -> None:
    result = read_drafts(capecitabine(status="draft", intent="order"))
    assert [order["order.agent"] for order in ordered(result)] == ["capecitabine"]


def test_a_whole_draft_needs_no_repair() -> None:
    assert not repairs(read_drafts(drug("MedicationRequest", "d", "200327", "draft")))


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ("category", {"text": "community"}),
        ("note", {"text": "start soon"}),
        ("dosageInstruction", {"text": "daily", "doseAndRate": {"doseQuantity": {"value": 1}}}),
        ("medicationCodeableConcept", {"coding": {"system": RXNORM, "code": "200327"}}),
        ("reasonCode", {"text": "x"}),
    ],
)
def test_an_object_where_an_array_belongs_is_read_as_the_only_one(element: str, value: dict[str, Any]) -> None:
    result = read_drafts(capecitabine(status="draft", intent="order") | {element: value})

    assert [order["order.agent"] for order in ordered(result)] == ["capecitabine"]
    assert repairs(result).keys() == {f"MedicationRequest.{element}"}


@pytest.mark.parametrize("nothing", [None, "", " ", [], {}, [None], {"text": ""}])
def test_what_is_empty_is_left_out(nothing: object) -> None:
    result = read_drafts(capecitabine(status="draft", intent="order", note=nothing))

    assert ordered(result)[0]["order.agent"] == "capecitabine"
    assert repairs(result) == {"MedicationRequest.note": "It is empty and was left out."}


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ("dosageInstruction", [{"timing": "daily"}]),
        ("dispenseRequest", {"numberOfRepeatsAllowed": "many"}),
        ("authoredOn", "yesterday"),
        ("subject", "Patient/p1"),
        ("status", 7),
        ("somethingElse", {"a": 1}),
        ("id", "request_123"),
    ],
)
def test_an_element_that_is_not_valid_costs_only_itself(element: str, value: object) -> None:
    result = read_drafts(
        capecitabine(status="draft", intent="order", subject={"reference": "Patient/p1"}) | {element: value}
    )

    assert [order["order.agent"] for order in ordered(result)] == ["capecitabine"]
    assert f"MedicationRequest.{element}" in repairs(result)


@pytest.mark.parametrize(
    ("spoiled", "told", "agent"),
    [
        ({"somethingElse": 1}, "contained.somethingElse", "capecitabine"),
        ({"status": {"a": 1}}, "contained.status", "capecitabine"),
        ({"ingredient": [{"isActive": "no"}]}, "contained.ingredient", "capecitabine"),
        ({"code": "capecitabine"}, "contained.code", None),
        ({"resourceType": "Nothing"}, "contained", None),
    ],
)
def test_what_is_wrong_in_a_contained_medication_costs_only_its_element(
    spoiled: dict[str, Any], told: str, agent: str | None
) -> None:
    draft = contained({"text": "capecitabine"}, status="draft", intent="order")
    draft["contained"][0] |= spoiled
    result = read_drafts(draft)

    assert [order.get("order.agent") for order in ordered(result)] == [agent]
    assert f"MedicationRequest.{told}" in repairs(result)


def test_the_name_of_an_element_nobody_knows_is_not_repeated() -> None:
    result = read_drafts(capecitabine(status="draft", intent="order", **{"<script>": 1}))

    assert ordered(result)[0]["order.agent"] == "capecitabine"
    assert "script" not in str(result.notices)


def test_a_draft_of_another_version_is_left_out_and_its_kind_is_unknown() -> None:
    r5 = bare("MedicationRequest", status="draft", intent="order", medication={"concept": concept(RXNORM, "200327")})
    result = read_drafts(r5, capecitabine(id="other", status="draft", intent="order"))

    assert {} in ordered(result)
    assert not [element for element in repairs(result) if element == "MedicationRequest.medication"]


def test_a_drug_order_without_a_drug_is_an_order_of_unknown_kind() -> None:
    result = read_drafts(bare("MedicationRequest"))

    assert ordered(result) == [{}] and result.record.drugs is None
    assert "unknown-order" in {notice.code for notice in result.notices}


@pytest.mark.parametrize("draft", [capecitabine(), capecitabine(status="draft", intent="order", note={"text": "x"})])
def test_a_strict_reading_refuses_what_would_be_mended(draft: dict[str, Any]) -> None:
    with pytest.raises(InvalidResources):
        read_drafts(draft, mode="strict")


def test_resources_of_the_record_are_never_mended() -> None:
    result = reading(capecitabine(status="active"))
    assert result.record.drugs is None and not repairs(result)


# --- which drug ----------------------------------------------------------------------------------------


def contained(code: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A draft as large systems send it: its medication inside, coded by a list of the hospital."""
    medication = {"resourceType": "Medication", "id": "med", "code": code}
    return bare(
        "MedicationRequest", contained=[medication], medicationReference={"reference": "#med", "display": "x"}, **more
    )


def test_a_contained_medication_of_a_local_list_is_read_by_its_text_which_is_told() -> None:
    result = read_drafts(contained({**concept(LOCAL, "4711"), "text": "olaparib (LYNPARZA) 150 mg tablet"}))

    (drug_read,) = result.record.drugs or ()
    (source,) = drug_read.facts["drug.name"].sources
    assert plain(drug_read)["drug.name"] == "olaparib" and ordered(result)[0]["order.drug_class"] == "parp_inhibitor"
    assert (source.conversion, source.reference) == ("read from text", "MedicationRequest/d#med")
    assert "from-text" in {notice.code for notice in result.notices}


def test_the_display_of_a_local_code_is_a_text_too() -> None:
    result = read_drafts(contained(concept(LOCAL, "4711", display="Lynparza")))
    assert ordered(result)[0]["order.agent"] == "olaparib"


def test_a_code_that_is_known_counts_whatever_the_text_says() -> None:
    codings = {"coding": [{"system": LOCAL, "code": "1"}, {"system": RXNORM, "code": "200327"}], "text": "docetaxel"}
    assert ordered(read_drafts(contained(codings)))[0]["order.agent"] == "capecitabine"


def test_a_text_beside_an_unknown_code_of_a_known_system_is_not_believed() -> None:
    codings = {"coding": [{"system": RXNORM, "code": "999999999"}], "text": "capecitabine"}
    assert ordered(read_drafts(contained(codings)))[0]["order.agent"] == f"{RXNORM}|999999999"


def test_texts_that_name_different_drugs_name_none() -> None:
    result = read_drafts(contained({**concept(LOCAL, "1", display="docetaxel"), "text": "capecitabine"}))

    assert "ambiguous" in {notice.code for notice in result.notices}
    assert ordered(result)[0]["order.drug_class"] == "other"


def test_a_medication_that_was_not_sent_is_read_by_its_display() -> None:
    reference = {"reference": "Medication/77", "display": "capecitabine 500 mg tablet"}
    result = read_drafts(bare("MedicationRequest", medicationReference=reference))
    assert ordered(result)[0]["order.agent"] == "capecitabine"


def test_a_class_code_beside_a_local_code_tells_that_a_drug_treats_cancer() -> None:
    codings = {"coding": [{"system": LOCAL, "code": "1"}, {"system": ATC, "code": "L01EF"}], "text": "Study drug 17"}
    result = read_drafts(contained(codings))

    (drug_read,) = result.record.drugs or ()
    assert plain(drug_read)["drug.anticancer"] is True


@pytest.mark.parametrize("intent", ["proposal", "plan", "order", "original-order", "option"])
def test_a_draft_is_an_order_whatever_its_intent(intent: str) -> None:
    assert ordered(read_drafts(capecitabine(intent=intent)))[0]["order.agent"] == "capecitabine"
    (course,) = read_drafts(bare("ServiceRequest", code=concept(SCT, "1217123003"), intent=intent)).record.courses
    assert course.in_request


def test_what_is_not_to_be_done_is_no_order() -> None:
    assert not ordered(read_drafts(capecitabine(doNotPerform=True)))
    assert not ordered(read_drafts(bare("ServiceRequest", code=concept(SCT, "1217123003"), doNotPerform=True)))


def test_a_planned_course_of_the_codex_guide_is_read_from_a_draft() -> None:
    draft = bare("ServiceRequest", code=concept(SCT, "1217123003"), extension=[dose(3000, "cGy", 10, kind="planned")])
    (course,) = read_drafts(draft).record.courses
    assert (plain(course)["rt.total_dose_gy"], plain(course)["rt.fractions"]) == (30, 10)


# --- selections ----------------------------------------------------------------------------------------


def two_drafts(*selections: str) -> Reading:
    radiotherapy = bare("ServiceRequest", id="rt", code=concept(SCT, "1217123003"))
    return read_drafts(capecitabine(id="c"), radiotherapy, selections=list(selections))


def state(result: Reading) -> dict[str, tuple[str, bool]]:
    """What stands of each draft: its status and whether the request is about it."""
    members = [*(result.record.drugs or ()), *result.record.courses]
    return {
        member.key: (str(member.facts.get("drug.status", member.facts.get("rt.status")).value), member.in_request)  # type: ignore[union-attr]
        for member in members
    }


def test_a_draft_that_is_not_selected_stands_beside_and_is_no_order() -> None:
    result = two_drafts("ServiceRequest/rt")

    assert state(result) == {"MedicationRequest/c": ("draft", False), "ServiceRequest/rt": ("draft", True)}
    assert [order.key for order in result.record.orders] == ["ServiceRequest/rt"]
    assert result.record.value("meds.list_available") is False


@pytest.mark.parametrize(
    "selection",
    ["MedicationRequest/c", "https://ehr.example.org/fhir/MedicationRequest/c", "MedicationRequest/c/_history/2"],
)
def test_a_selection_names_a_draft_in_any_form(selection: str) -> None:
    assert [order.key for order in two_drafts(selection).record.orders] == ["MedicationRequest/c"]


@pytest.mark.parametrize(
    ("selections", "orders", "told"),
    [
        (["MedicationRequest/c", "ServiceRequest/rt"], 2, False),
        (["MedicationRequest/c", "ServiceRequest/gone"], 1, True),
        (["ServiceRequest/gone"], 2, True),
    ],
)
def test_a_selection_that_names_no_draft_is_told_and_none_at_all_chooses_every_draft(
    selections: list[str], orders: int, told: bool
) -> None:
    result = two_drafts(*selections)

    assert len(result.record.orders) == orders
    assert any(notice.reference == "context.selections" for notice in result.notices) == told


def test_two_cytotoxics_of_one_session_are_a_combination_whichever_is_selected() -> None:
    docetaxel = bare("MedicationRequest", id="t", medicationCodeableConcept={"text": "docetaxel 80 mg/4 mL"})
    result = read_drafts(capecitabine(id="c"), docetaxel, selections=["MedicationRequest/c"])

    (order,) = ordered(result)
    assert (order["order.agent"], order["order.combination_chemo"]) == ("capecitabine", True)


def test_a_bundle_of_drafts_without_a_type_is_read_and_told() -> None:
    document = {"context": {"patientId": "p1", "draftOrders": {"resourceType": "Bundle", "entry": []}}}
    (resources,) = unpack(document, Prefetch())
    assert [notice.reference for notice in resources.notices if notice.code == "structure"] == [
        "context.draftOrders.type"
    ]


def test_a_draft_stands_for_its_copy_in_the_record_even_when_it_is_not_selected() -> None:
    drafts = {"resourceType": "Bundle", "entry": [{"resource": capecitabine(id="c", status="draft")}]}
    active = drug("MedicationRequest", "c", "200327", "active")
    parts = [
        Part(document=patient()), Part(document=active),
        Part(document=drafts, in_request=True, chosen=frozenset({"ServiceRequest/other"})),
    ]  # fmt: skip
    (resources,) = unpack_parts(parts, patient="Patient/p1")
    (entry,) = resources.of("MedicationRequest")
    assert entry.is_draft and not entry.in_request


def test_a_local_list_that_a_hospital_has_mapped_in_part_is_read_by_its_words_for_the_rest(tmp_path: Path) -> None:
    mapped = {
        "resourceType": "ConceptMap", "status": "active",
        "group": [{
            "source": LOCAL, "target": "urn:osteon:codesystem:drugs",
            "element": [{"code": "1", "target": [{"code": "capecitabine", "equivalence": "equivalent"}]}],
        }],
    }  # fmt: skip
    (tmp_path / "preference-list.json").write_text(json.dumps(mapped))
    ours = load(PROFILES, tmp_path)

    def agent(code: str) -> object:
        draft = contained({**concept(LOCAL, code), "text": "olaparib 150 mg tablet"}, status="draft", intent="order")
        (resources,) = unpack_parts(
            [Part(document=patient()), Part(document=draft, in_request=True)], patient="Patient/p1"
        )
        (order,) = read(resources, ours, TODAY).record.orders
        return order.facts["order.agent"].value

    assert (agent("1"), agent("2")) == ("capecitabine", "olaparib")


def test_more_drafts_than_any_session_has_are_left_as_they_are() -> None:
    result = read_drafts(*(capecitabine(id=f"d{number}") for number in range(MOST_MENDED + 1)))

    read_orders = [order for order in ordered(result) if order]
    assert (len(read_orders), len(ordered(result))) == (MOST_MENDED, MOST_MENDED + 1)


# --- what the rest of the reading makes of drafts ----------------------------------------------------------


def rt_draft(name: str, **more: Any) -> dict[str, Any]:
    return bare("ServiceRequest", id=name, code=concept(SCT, "1217123003"), **more)


def test_a_draft_that_another_one_refers_to_is_found_as_it_was_mended() -> None:
    second = rt_draft("b", basedOn=[{"reference": "ServiceRequest/a"}])
    result = read_drafts(rt_draft("a"), second)

    assert "invalid" not in {notice.code for notice in result.notices}
    assert len(result.record.courses) == 1


def test_the_inputs_of_a_decision_are_the_drafts_as_they_were_sent() -> None:
    medication = {"resourceType": "Medication", "id": "med", "code": concept(RXNORM, "200327")}
    held = bare("MedicationRequest", medicationReference={"reference": "#med"}, contained=[medication])
    sent = {"MedicationRequest/d": held, "ServiceRequest/a": rt_draft("a")}
    result = read_drafts(*sent.values())

    digests = {each.reference: each.sha256 for each in result.inputs}
    assert all(digests[name] == fingerprint(resource) for name, resource in sent.items())
    assert digests.keys() == {*sent, "Patient/p1"}


def test_the_dose_of_a_draft_that_stands_in_a_note_is_not_said_to_be_unread() -> None:
    result = read_drafts(rt_draft("a", note=[{"text": "30 Gy in 10 fractions, or 20 Gy in 5 fractions"}]))
    assert "dose-in-text" not in {notice.code for notice in result.notices}


@pytest.mark.parametrize(
    ("draft", "outcome", "reason"),
    [
        (bare("ServiceRequest", id="x", code=concept(SCT, "113091000")), "ignored", "not-selected"),
        (bare("ServiceRequest", id="x", code=concept(SCT, "113091000"), intent="proposal"), "ignored", "not-selected"),
        (bare("ServiceRequest", id="x", code=concept(SCT, "1217123003"), intent="proposal"), "used", None),
        (capecitabine(id="x"), "used", None),
    ],
)
def test_what_became_of_a_draft_that_is_not_selected_is_told(
    draft: dict[str, Any], outcome: str, reason: str | None
) -> None:
    result = read_drafts(rt_draft("a"), draft, selections=["ServiceRequest/a"])

    (account,) = [each for each in result.accounts if each.reference.endswith("/x")]
    assert account.outcome == outcome
    assert [each.code for each in account.reasons] == ([reason] if reason else [])


def test_two_drafts_of_one_referral_that_is_not_here_are_two_courses() -> None:
    referral = [{"reference": "ServiceRequest/referral"}]
    assert len(read_drafts(rt_draft("a", basedOn=referral), rt_draft("b", basedOn=referral)).record.courses) == 2


def test_of_drafts_that_are_one_course_the_selected_one_speaks() -> None:
    following = rt_draft("b", basedOn=[{"reference": "ServiceRequest/a"}])
    result = read_drafts(rt_draft("a"), following, selections=["ServiceRequest/b"])

    assert state(result) == {"ServiceRequest/b": ("draft", True)}


def test_what_is_told_of_a_draft_without_an_id_names_that_draft() -> None:
    nameless = drug("MedicationRequest", "d", "200327", "draft")
    del nameless["id"]
    result = read_drafts(nameless)

    (used,) = [account.reference for account in result.accounts if account.reference.startswith("MedicationRequest")]
    (source,) = result.record.facts["meds.list_available"].sources
    assert source.reference == used and used.startswith("MedicationRequest#")
    assert set(result.sources) == {used}
