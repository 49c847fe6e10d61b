"""Medication resources: which drug, in what state, and when."""

from __future__ import annotations

from typing import Any

import pytest

from service.intake.entries import Part
from service.intake.reading import Reading, read
from service.intake.unpack import unpack_parts
from tests.intake.made import (
    ATC,
    LOINC,
    RXNORM,
    TODAY,
    codes,
    concept,
    drug,
    observation,
    patient,
    plain,
    reading,
    terminology,
)

PALBOCICLIB, OLAPARIB_ATC, PACLITAXEL, TDM1 = "1601374", "L01XK01", "56946", "1371041"


def drugs(result: Reading) -> list[dict[str, Any]]:
    return [plain(member) for member in result.record.drugs or ()]


def one(result: Reading) -> dict[str, Any]:
    (only,) = drugs(result)
    return only


@pytest.mark.parametrize(
    ("kind", "status", "state"),
    [
        ("MedicationStatement", "active", "active"),
        ("MedicationStatement", "completed", "stopped"),
        ("MedicationStatement", "stopped", "stopped"),
        ("MedicationStatement", "on-hold", "on_hold"),
        ("MedicationStatement", "intended", "planned"),
        ("MedicationStatement", "unknown", None),
        ("MedicationRequest", "active", "active"),
        ("MedicationRequest", "on-hold", "on_hold"),
        ("MedicationRequest", "stopped", "stopped"),
        ("MedicationRequest", "completed", "stopped"),
        ("MedicationAdministration", "in-progress", "active"),
        ("MedicationAdministration", "completed", None),
    ],
)
def test_the_status_tells_the_state(kind: str, status: str, state: str | None) -> None:
    timed = {"effectiveDateTime": "2026-10-01"} if kind == "MedicationAdministration" else {}
    assert one(reading(drug(kind, "m", PALBOCICLIB, status, **timed))).get("drug.status") == state


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("MedicationStatement", "not-taken"),
        ("MedicationRequest", "cancelled"),
        ("MedicationRequest", "entered-in-error"),
        ("MedicationAdministration", "not-done"),
    ],
)
def test_what_was_never_taken_is_no_drug(kind: str, status: str) -> None:
    timed = {"effectiveDateTime": "2026-10-01"} if kind == "MedicationAdministration" else {}
    assert reading(drug(kind, "m", PALBOCICLIB, status, **timed)).record.drugs is None


def test_what_is_not_to_be_performed_is_no_drug() -> None:
    assert reading(drug("MedicationRequest", "m", PALBOCICLIB, "active", doNotPerform=True)).record.drugs is None


def test_a_conjugate_is_not_its_antibody() -> None:
    assert one(reading(drug("MedicationStatement", "m", TDM1, "active")))["drug.name"] == "trastuzumab emtansine"


def test_days_are_counted_from_the_evaluation_date() -> None:
    stated = drug(
        "MedicationStatement", "m", PALBOCICLIB, "stopped", effectivePeriod={"start": "2026-10-02", "end": "2026-10-31"}
    )
    told = one(reading(stated))
    assert (told["drug.start_day"], told["drug.stop_day"]) == (-30, -1)


def test_a_month_is_not_a_day() -> None:
    stated = drug("MedicationStatement", "m", PALBOCICLIB, "active", effectivePeriod={"start": "2026-10"})
    assert "drug.start_day" not in one(reading(stated))


def test_a_statement_whose_period_is_over_is_stopped() -> None:
    for end, state in (("2026-10-31", "stopped"), ("2026-11-01", "active")):
        stated = drug(
            "MedicationStatement", "m", PALBOCICLIB, "active", effectivePeriod={"start": "2026-01-01", "end": end}
        )
        assert one(reading(stated))["drug.status"] == state


def test_an_order_that_begins_later_is_planned() -> None:
    timing = [{"timing": {"repeat": {"boundsPeriod": {"start": "2026-11-05"}}}}]
    told = one(reading(drug("MedicationRequest", "m", PALBOCICLIB, "active", dosageInstruction=timing)))
    assert (told["drug.status"], told["drug.start_day"]) == ("planned", 4)


def test_the_latest_administration_is_the_last_dose() -> None:
    given = [
        drug("MedicationAdministration", name, PACLITAXEL, "completed", effectiveDateTime=day)
        for name, day in (("a", "2026-10-01"), ("b", "2026-10-22"), ("later", "2026-11-02"))
    ]
    result = reading(*given)
    assert one(result)["drug.last_dose_day"] == -10
    assert "future" in codes(result)


def test_several_resources_of_one_drug_are_one_and_the_active_one_counts() -> None:
    old = drug("MedicationRequest", "a", PALBOCICLIB, "stopped", authoredOn="2025-01-01")
    new = drug("MedicationRequest", "b", PALBOCICLIB, "active", authoredOn="2026-10-02")
    result = reading(old, new)
    assert (one(result)["drug.status"], one(result)["drug.start_day"]) == ("active", -30)
    assert "several-statuses" in codes(result)


def test_of_several_episodes_that_are_over_the_last_counts() -> None:
    def episode(name: str, start: str, end: str) -> dict[str, Any]:
        return drug("MedicationStatement", name, PALBOCICLIB, "stopped", effectivePeriod={"start": start, "end": end})

    told = one(reading(episode("a", "2024-01-01", "2024-06-01"), episode("b", "2026-01-01", "2026-10-22")))
    assert told["drug.stop_day"] == -10


def test_a_medication_may_be_contained_or_stand_beside() -> None:
    medication = {"resourceType": "Medication", "id": "x", "code": concept(RXNORM, PALBOCICLIB)}
    statement = drug("MedicationStatement", "m", "", "active")
    del statement["medicationCodeableConcept"]
    inside = statement | {"contained": [medication], "medicationReference": {"reference": "#x"}}
    assert one(reading(inside))["drug.name"] == "palbociclib"
    beside = statement | {"medicationReference": {"reference": "Medication/x"}}
    assert one(reading(beside, medication))["drug.name"] == "palbociclib"
    missing = reading(beside)
    assert missing.record.drugs is None
    assert "unresolved" in codes(missing)


def test_a_medication_of_several_ingredients_is_several_drugs() -> None:
    medication = {
        "resourceType": "Medication",
        "id": "x",
        "ingredient": [{"itemCodeableConcept": concept(RXNORM, code)} for code in (PALBOCICLIB, PACLITAXEL)],
    }
    statement = drug("MedicationStatement", "m", "", "active", medicationReference={"reference": "Medication/x"})
    del statement["medicationCodeableConcept"]
    result = reading(statement, medication)
    assert {each["drug.name"] for each in drugs(result)} == {"palbociclib", "paclitaxel"}
    assert [member.key for member in result.record.drugs or ()] == [
        "MedicationStatement/m#paclitaxel",
        "MedicationStatement/m#palbociclib",
    ]


def test_a_drug_of_another_atc_group_is_known_not_to_treat_cancer() -> None:
    statement = drug("MedicationStatement", "m", "", "active") | {
        "medicationCodeableConcept": concept(ATC, "C09AA05", display="Ramipril")
    }
    told = one(reading(statement))
    assert (told["drug.name"], told["drug.anticancer"]) == ("ramipril", False)


def test_a_name_is_believed_only_without_a_code() -> None:
    text_only = drug("MedicationStatement", "m", "", "active") | {"medicationCodeableConcept": {"text": "Palbociclib"}}
    assert one(reading(text_only))["drug.name"] == "palbociclib"
    assert "from-text" in codes(reading(text_only))
    local = drug("MedicationStatement", "m", "", "active") | {
        "medicationCodeableConcept": concept("urn:local", "1", display="Palbociclib")
    }
    assert one(reading(local))["drug.name"] == "urn:local|1"
    assert "unknown-code" in codes(reading(local))


def test_no_medication_resource_is_an_unknown_list_unless_the_source_says_it_is_empty() -> None:
    assert reading().record.drugs is None
    empty = {"resourceType": "Bundle", "type": "searchset"}
    parts = [Part(document=patient()), Part(document=empty, kinds=frozenset({"MedicationRequest"}))]
    (resources,) = unpack_parts(parts)
    assert read(resources, terminology(), TODAY).record.drugs == ()


def test_a_daily_dose_and_an_interval_are_reckoned_from_the_dosage() -> None:
    dosage = {
        "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": 750, "unit": "mg", "code": "mg"}}],
    }
    assert (
        one(reading(drug("MedicationRequest", "m", PALBOCICLIB, "active", dosageInstruction=[dosage])))[
            "drug.dose_mg_per_day"
        ]
        == 1500
    )
    every = {
        "timing": {"repeat": {"frequency": 1, "period": 3, "periodUnit": "wk"}},
        "doseAndRate": [{"doseQuantity": {"value": 3.6, "unit": "mg/kg", "code": "mg/kg"}}],
    }
    told = one(reading(drug("MedicationRequest", "m", TDM1, "active", dosageInstruction=[every])))
    assert (told["drug.dose_mg_per_kg"], told["drug.interval_days"]) == (3.6, 21)


@pytest.mark.parametrize(("weighed", "known"), [("2026-10-18", True), ("2026-10-17", False)])
def test_a_dose_per_kilogram_is_reckoned_only_by_a_recent_weight(weighed: str, known: bool) -> None:
    dosage = {"doseAndRate": [{"doseQuantity": {"value": 216, "unit": "mg", "code": "mg"}}]}
    weight = observation(
        "w", concept(LOINC, "29463-7"), valueQuantity={"value": 60, "code": "kg"}, effectiveDateTime=weighed
    )
    told = one(reading(weight, drug("MedicationRequest", "m", TDM1, "active", dosageInstruction=[dosage])))
    assert told.get("drug.dose_mg_per_kg") == (3.6 if known else None)


# --- orders --------------------------------------------------------------------------------------------


def test_a_draft_is_an_order_and_a_drug_of_the_request() -> None:
    record = reading(drug("MedicationRequest", "m", PALBOCICLIB, "draft")).record
    (order,), drugs_listed = record.orders, record.drugs or ()
    assert plain(order) == {
        "order.agent": "palbociclib",
        "order.combination_chemo": False,
        "order.drug_class": "cdk46_inhibitor",
        "order.kind": "drug",
    }
    assert [(member.in_request, member.facts["drug.status"].value) for member in drugs_listed] == [(True, "draft")]
    assert "drug.start_day" not in drugs_listed[0].facts


def test_a_list_of_nothing_but_drafts_is_no_medication_list() -> None:
    draft = drug("MedicationRequest", "m", PALBOCICLIB, "draft")
    assert reading(draft).record.value("meds.list_available") is False
    with_list = reading(draft, drug("MedicationStatement", "s", PACLITAXEL, "active"))
    assert with_list.record.value("meds.list_available") is None


def test_two_cytotoxics_in_one_request_are_a_combination() -> None:
    orders = reading(
        drug("MedicationRequest", "a", PACLITAXEL, "draft"), drug("MedicationRequest", "b", "40048", "draft")
    ).record.orders
    assert [order.facts["order.combination_chemo"].value for order in orders] == [True, True]


def test_an_order_and_the_same_drug_in_the_record_stand_side_by_side() -> None:
    record = reading(
        drug("MedicationRequest", "a", PALBOCICLIB, "draft"), drug("MedicationStatement", "b", PALBOCICLIB, "active")
    ).record
    assert [member.in_request for member in record.drugs or ()] == [True, False]


@pytest.mark.parametrize(("denied", "status"), [("2026-10-20", None), ("2026-01-20", "active")])
def test_a_drug_ordered_and_then_said_not_to_be_taken_is_of_unknown_status(denied: str, status: str | None) -> None:
    result = reading(
        drug("MedicationRequest", "r", PALBOCICLIB, "active"),
        drug("MedicationStatement", "s", PALBOCICLIB, "not-taken", dateAsserted=denied),
    )
    assert one(result).get("drug.status") == status
    assert ("several-statuses" in codes(result)) == (status is None)


@pytest.mark.parametrize(("inactive", "number"), [(True, 1), (False, 2)])
def test_an_inactive_ingredient_is_no_drug(inactive: bool, number: int) -> None:
    ingredients = [
        {"itemCodeableConcept": concept(ATC, "L01EF01")},
        {"itemCodeableConcept": concept(ATC, "L02BG04"), "isActive": not inactive},
    ]
    medication = {"resourceType": "Medication", "id": "m", "ingredient": ingredients}
    use = drug(
        "MedicationStatement", "a", "1", "active", contained=[medication], medicationReference={"reference": "#m"}
    )
    del use["medicationCodeableConcept"]
    assert len(drugs(reading(use))) == number


@pytest.mark.parametrize(("status", "number"), [("entered-in-error", 0), ("active", 1)])
def test_a_medication_entered_in_error_names_no_drug(status: str, number: int) -> None:
    medication = {"resourceType": "Medication", "id": "m", "status": status, "code": concept(ATC, "L01EF01")}
    use = drug(
        "MedicationStatement", "a", "1", "active", contained=[medication], medicationReference={"reference": "#m"}
    )
    del use["medicationCodeableConcept"]
    assert len(drugs(reading(use))) == number


@pytest.mark.parametrize(
    ("repeat", "more", "known"),
    [({}, {}, True), ({"dayOfWeek": ["mon"]}, {}, False), ({}, {"asNeededBoolean": True}, False)],
)
def test_a_dose_of_some_days_or_as_needed_is_no_daily_dose(
    repeat: dict[str, Any], more: dict[str, Any], known: bool
) -> None:
    dosage = {
        "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", **repeat}},
        "doseAndRate": [{"doseQuantity": {"value": 125, "code": "mg"}}], **more,
    }  # fmt: skip
    told = one(reading(drug("MedicationRequest", "a", PALBOCICLIB, "active", dosageInstruction=[dosage])))
    assert ("drug.dose_mg_per_day" in told) == ("drug.interval_days" in told) == known


@pytest.mark.parametrize(("status", "last"), [("stopped", None), ("active", -31)])
def test_what_was_handed_over_tells_no_last_dose_of_a_drug_that_is_over(status: str, last: int | None) -> None:
    result = reading(
        drug("MedicationRequest", "r", PALBOCICLIB, status),
        drug("MedicationDispense", "d", PALBOCICLIB, "completed", whenHandedOver="2026-10-01"),
    )
    assert one(result).get("drug.last_dose_day") == last


@pytest.mark.parametrize("amount", [0, -125, 1e300])
def test_a_dose_that_cannot_be_given_is_left_out_and_told(amount: float) -> None:
    dosage = {
        "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": amount, "code": "mg"}}],
    }
    result = reading(drug("MedicationRequest", "a", PALBOCICLIB, "active", dosageInstruction=[dosage]))
    assert "drug.dose_mg_per_day" not in one(result)
    assert "value" in codes(result)


@pytest.mark.parametrize(("kilograms", "known"), [(0, False), (70, True)])
def test_no_dose_is_reckoned_by_a_weight_of_nothing(kilograms: int, known: bool) -> None:
    weight = observation("w", concept(LOINC, "29463-7"), valueQuantity={"value": kilograms, "code": "kg"})
    dosage = {"doseAndRate": [{"doseQuantity": {"value": 252, "code": "mg"}}]}
    result = reading(weight, drug("MedicationRequest", "a", TDM1, "active", dosageInstruction=[dosage]))
    assert ("drug.dose_mg_per_kg" in one(result)) == known


@pytest.mark.parametrize(
    ("system", "code", "name"),
    [
        (ATC, "L04AH02", "everolimus for transplantation"),
        (RXNORM, "977428", "everolimus for transplantation"),
        (RXNORM, "993453", "denosumab for osteoporosis"),
        (ATC, "L04AX03", "methotrexate for arthritis"),
    ],
)
def test_a_product_for_another_illness_is_told_and_is_not_the_cancer_drug(system: str, code: str, name: str) -> None:
    result = reading(drug("MedicationStatement", "m", "", "active", medicationCodeableConcept=concept(system, code)))
    assert one(result) == {"drug.anticancer": False, "drug.name": name, "drug.status": "active"}
    assert "other-illness" in codes(result)


@pytest.mark.parametrize(("code", "anticancer"), [("1597582", True), ("993449", None), ("1424174", True)])
def test_what_the_drug_map_says_of_a_drug_is_whether_it_treats_cancer(code: str, anticancer: bool | None) -> None:
    assert one(reading(drug("MedicationStatement", "m", code, "active"))).get("drug.anticancer") is anticancer


def test_a_medicine_of_our_own_list_is_no_cancer_drug() -> None:
    morphine = concept("urn:osteon:codesystem:drugs", "morphine")
    result = reading(drug("MedicationStatement", "m", "", "active", medicationCodeableConcept=morphine))
    assert one(result)["drug.anticancer"] is False


def test_the_stop_of_a_drug_that_was_given_last_and_stopped_is_read_from_where_it_stands() -> None:
    given = drug("MedicationAdministration", "a", "1597582", "stopped", effectiveDateTime="2026-10-20")
    (member,) = reading(given).record.drugs or ()
    assert member.facts["drug.stop_day"].sources[0].element == "MedicationAdministration.effectiveDateTime"


# --- which illness -------------------------------------------------------------------------------------------

DENOSUMAB, ZOLEDRONIC_ACID = "993449", "77655"


def dosed(milligrams: float | None, every: float | None, unit: str = "d") -> list[dict[str, Any]]:
    dosage: dict[str, Any] = {}
    if every is not None:
        dosage["timing"] = {"repeat": {"frequency": 1, "period": every, "periodUnit": unit}}
    if milligrams is not None:
        dosage["doseAndRate"] = [{"doseQuantity": {"value": milligrams, "unit": "mg", "code": "mg"}}]
    return [dosage]


@pytest.mark.parametrize(
    ("substance", "milligrams", "every", "name"),
    [
        ("M05BX04", 60, (6, "mo"), "denosumab for osteoporosis"),
        ("M05BX04", 60, None, "denosumab for osteoporosis"),
        ("M05BX04", None, (6, "mo"), "denosumab for osteoporosis"),
        ("M05BX04", None, (4, "wk"), "denosumab"),
        ("M05BX04", 120, (4, "wk"), "denosumab"),
        ("M05BX04", 120, None, "denosumab"),
        ("M05BX04", 60, (4, "wk"), "denosumab"),
        ("M05BX04", None, None, "denosumab"),
        ("M05BA08", 5, (365, "d"), "zoledronic acid for osteoporosis"),
        ("M05BA08", 4, (365, "d"), "zoledronic acid"),
        ("M05BA08", 4, (6, "mo"), "zoledronic acid"),
        ("M05BA08", None, (6, "mo"), "zoledronic acid"),
        ("M05BA08", None, (365, "d"), "zoledronic acid for osteoporosis"),
    ],
)
def test_the_dose_tells_the_drug_of_osteoporosis_from_the_bone_agent(
    substance: str, milligrams: float | None, every: tuple[float, str] | None, name: str
) -> None:
    request = drug(
        "MedicationRequest", "m", "", "active", medicationCodeableConcept=concept(ATC, substance),
        dosageInstruction=dosed(milligrams, *(every or (None, "d"))),
    )  # fmt: skip
    result = reading(request)
    assert one(result)["drug.name"] == name
    assert ("other-illness" in codes(result)) == name.endswith("osteoporosis")


def test_a_use_that_tells_no_dose_is_of_the_product_the_others_are() -> None:
    coded = concept(ATC, "M05BX04")
    stated = drug("MedicationStatement", "s", "", "active", medicationCodeableConcept=coded)
    rare = drug(
        "MedicationRequest", "r", "", "active", medicationCodeableConcept=coded, dosageInstruction=dosed(60, 6, "mo")
    )
    often = rare | {"id": "o", "dosageInstruction": dosed(120, 4, "wk")}
    assert [told["drug.name"] for told in drugs(reading(stated, rare))] == ["denosumab for osteoporosis"]
    assert [told["drug.name"] for told in drugs(reading(stated, often))] == ["denosumab"]
    assert {told["drug.name"] for told in drugs(reading(stated, rare, often))} == {
        "denosumab",
        "denosumab for osteoporosis",
    }


# --- again and again -----------------------------------------------------------------------------------------


def given(*days: str, kind: str = "MedicationAdministration", **more: object) -> list[dict[str, Any]]:
    return [
        drug(kind, f"{kind[10]}{at}", PACLITAXEL, "completed", effectiveDateTime=day, **more)
        for at, day in enumerate(days)
    ]


@pytest.mark.parametrize("kind", ["MedicationAdministration", "MedicationStatement"])
@pytest.mark.parametrize(
    ("days", "status"),
    [
        (("2026-08-31", "2026-09-20"), "active"),
        (("2026-08-31", "2026-09-19"), None),
        (("2026-09-20",), None),
        (("2026-09-20", "2026-09-20"), None),
        (("2026-08-09", "2026-09-20"), "active"),
        (("2026-08-08", "2026-09-20"), None),
    ],
)
def test_a_drug_given_again_and_again_until_lately_is_taken(
    kind: str, days: tuple[str, ...], status: str | None
) -> None:
    result = reading(*given(*days, kind=kind))
    told = one(result)
    expected = status or (None if kind == "MedicationAdministration" else "stopped")
    assert told.get("drug.status") == expected
    assert ("repeated-doses" in codes(result)) == (status == "active")


def test_a_drug_that_is_taken_again_and_again_has_begun_with_the_first_dose_of_the_run() -> None:
    told = one(reading(*given("2026-01-01", "2026-09-01", "2026-09-22", "2026-10-13")))
    assert (told["drug.start_day"], told["drug.last_dose_day"]) == (-61, -19)


def test_one_statement_for_each_cycle_is_one_drug_that_is_taken() -> None:
    cycles = [
        drug("MedicationStatement", f"c{at}", PACLITAXEL, "completed", effectivePeriod={"start": start, "end": end})
        for at, (start, end) in enumerate(
            [("2026-08-24", "2026-09-13"), ("2026-09-14", "2026-10-04"), ("2026-10-05", "2026-10-25")]
        )
    ]
    told = one(reading(*cycles))
    assert (told["drug.status"], told["drug.start_day"], told["drug.last_dose_day"]) == ("active", -69, -7)
    assert "drug.stop_day" not in told


@pytest.mark.parametrize(
    "ended",
    [
        drug("MedicationRequest", "r", PACLITAXEL, "stopped", authoredOn="2026-08-01"),
        drug("MedicationRequest", "r", PACLITAXEL, "completed", authoredOn="2026-08-01"),
        drug(
            "MedicationStatement",
            "z",
            PACLITAXEL,
            "stopped",
            effectivePeriod={"start": "2026-08-01", "end": "2026-10-20"},
        ),
        drug("MedicationAdministration", "z", PACLITAXEL, "stopped", effectiveDateTime="2026-10-20"),
    ],
)
def test_whatever_says_that_a_drug_was_stopped_is_believed(ended: dict[str, Any]) -> None:
    assert one(reading(*given("2026-09-01", "2026-09-22", "2026-10-13"), ended))["drug.status"] == "stopped"


def test_an_earlier_treatment_that_was_stopped_does_not_stop_the_present_one() -> None:
    earlier = drug(
        "MedicationStatement", "z", PACLITAXEL, "stopped", effectivePeriod={"start": "2020-01-01", "end": "2020-06-01"}
    )
    assert one(reading(*given("2026-09-22", "2026-10-13"), earlier))["drug.status"] == "active"


# --- what cannot be named ------------------------------------------------------------------------------------


def referred(status: str, **reference: object) -> dict[str, Any]:
    use = drug(
        "MedicationStatement", "m", "", status, medicationReference={"reference": "Medication/gone", **reference}
    )
    del use["medicationCodeableConcept"]
    return use


@pytest.mark.parametrize(("status", "available"), [("active", False), ("stopped", None)])
def test_a_drug_that_is_taken_and_nobody_can_name_leaves_the_list_incomplete(
    status: str, available: bool | None
) -> None:
    other = drug("MedicationStatement", "o", PALBOCICLIB, "active")
    result = reading(other, referred(status))
    assert result.record.value("meds.list_available") is available
    assert "unresolved" in codes(result)


@pytest.mark.parametrize(
    ("display", "names"), [("Palbociclib", ["palbociclib"]), ("no palbociclib", []), ("some drug", [])]
)
def test_the_display_of_a_medication_that_is_not_there_names_a_drug_of_the_map_or_none(
    display: str, names: list[str]
) -> None:
    assert [told["drug.name"] for told in drugs(reading(referred("active", display=display)))] == names


@pytest.mark.parametrize("text", ["no palbociclib", "Palbociclib stopped", "denies any medication", "kein Palbociclib"])
def test_a_text_that_denies_a_drug_names_none(text: str) -> None:
    result = reading(drug("MedicationStatement", "m", "", "active", medicationCodeableConcept={"text": text}))
    assert result.record.drugs is None
    assert "not-understood" in codes(result)


def test_a_radiopharmaceutical_known_from_one_administration_is_over_since_then() -> None:
    given = drug("MedicationAdministration", "m", "1424174", "completed", effectiveDateTime="2026-10-20")
    result = reading(given)

    (only,) = result.record.drugs or ()
    told = plain(only)
    assert (told["drug.status"], told["drug.last_dose_day"], told["drug.stop_day"]) == ("stopped", -12, -12)
    assert "single-dose" in codes(result)


def test_a_radiopharmaceutical_given_again_and_again_is_still_taken() -> None:
    given = [
        drug("MedicationAdministration", f"m{month}", "1424174", "completed", effectiveDateTime=f"2026-{month:02}-20")
        for month in (8, 9, 10)
    ]
    (only,) = reading(*given).record.drugs or ()
    assert plain(only)["drug.status"] == "active"


def test_another_drug_known_from_one_administration_has_no_status() -> None:
    given = drug("MedicationAdministration", "m", "200327", "completed", effectiveDateTime="2026-10-20")
    (only,) = reading(given).record.drugs or ()
    assert "drug.status" not in plain(only)
