"""What must not matter: the unit a number is in, the order of resources, how often they come and how they are packed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rulesets.derive import derived
from rulesets.language import Value
from service import canonical
from service.intake.reading import AS_THEY_ARE, read
from service.intake.unpack import unpack
from service.record_json import record_as_json
from tests.intake.charts import CHARTS
from tests.intake.made import (
    LOINC,
    RXNORM,
    TODAY,
    Resource,
    concept,
    dose,
    drug,
    observation,
    patient,
    plain,
    radiotherapy,
    reading,
    terminology,
    values,
)

UCUM = "http://unitsofmeasure.org"
FEW = settings(max_examples=60, deadline=None)
TENTHS = st.integers(min_value=1, max_value=2000).map(lambda number: Decimal(number) / 10)


def number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def quantity(value: Decimal, unit: str) -> dict[str, Any]:
    return {"value": number(value), "unit": unit, "system": UCUM, "code": unit}


# --- units ---------------------------------------------------------------------------------------------


def haemoglobin(value: Decimal, unit: str) -> Value | None:
    record = reading(observation("h", concept(LOINC, "718-7"), valueQuantity=quantity(value, unit))).record
    fact = derived(record, AS_THEY_ARE).facts.get("patient.hemoglobin_g_dl")
    return None if fact is None else fact.value


@FEW
@given(TENTHS)
def test_a_haemoglobin_is_the_same_in_grams_per_decilitre_and_per_litre(grams: Decimal) -> None:
    assert haemoglobin(grams, "g/dL") == haemoglobin(grams * 10, "g/L")


def test_eleven_grams_per_decilitre_are_the_same_in_every_unit() -> None:
    assert haemoglobin(Decimal(11), "g/dL") == haemoglobin(Decimal(110), "g/L") == 11
    in_moles = haemoglobin(Decimal("6.83"), "mmol/L")
    assert isinstance(in_moles, float) and round(in_moles, 2) == 11


def size(value: Decimal, unit: str) -> Value | None:
    sent = observation("s", concept(LOINC, "21889-1"), valueQuantity=quantity(value, unit))
    return values(reading(sent)).get("tumour.size_cm")


@FEW
@given(TENTHS)
def test_a_tumour_is_as_large_in_millimetres_as_in_centimetres(centimetres: Decimal) -> None:
    assert size(centimetres, "cm") == size(centimetres * 10, "mm") == number(centimetres)


def course(value: Decimal, unit: str, fractions: int) -> dict[str, Value]:
    given_dose = dose(number(value), unit, fractions)
    (member,) = reading(radiotherapy("Procedure", "rt", "completed", given_dose)).record.courses
    return plain(member)


@FEW
@given(TENTHS, st.integers(min_value=1, max_value=40))
def test_a_dose_is_the_same_in_gray_and_centigray(gray: Decimal, fractions: int) -> None:
    assert course(gray, "Gy", fractions) == course(gray * 100, "cGy", fractions)


def weighed(value: Decimal, unit: str, milligrams: Decimal, dose_unit: str) -> dict[str, Value]:
    weight = observation("w", concept(LOINC, "29463-7"), valueQuantity=quantity(value, unit))
    dosage = {"doseAndRate": [{"doseQuantity": quantity(milligrams, dose_unit)}]}
    emtansine = {"medicationCodeableConcept": concept(RXNORM, "1371041"), "dosageInstruction": [dosage]}
    (member,) = reading(weight, drug("MedicationRequest", "m", "", "active", **emtansine)).record.drugs or ()
    return plain(member)


@FEW
@given(st.integers(min_value=30, max_value=200), st.integers(min_value=1, max_value=900))
def test_a_dose_by_weight_is_the_same_in_grams_and_milligrams(kilograms: int, milligrams: int) -> None:
    weight, given_dose = Decimal(kilograms), Decimal(milligrams)
    expected = weighed(weight, "kg", given_dose, "mg")
    assert weighed(weight * 1000, "g", given_dose, "mg") == expected
    assert weighed(weight, "kg", given_dose / 1000, "g") == expected


# --- order, repetition, packing ------------------------------------------------------------------------


def renamed(node: Any, prefix: str, *, is_resource: bool = False) -> Any:
    """The same resources under other names, so that several charts can be one."""
    if isinstance(node, list):
        return [renamed(each, prefix) for each in node]
    if not isinstance(node, dict):
        return node
    changed = {key: renamed(value, prefix, is_resource=False) for key, value in node.items()}
    if is_resource:
        changed["id"] = f"{prefix}{node['id']}"
    reference = node.get("reference")
    if isinstance(reference, str) and not reference.startswith(("#", "Patient/")):
        kind, _, name = reference.partition("/")
        changed["reference"] = f"{kind}/{prefix}{name}"
    return changed


def merged(charts: list[Any]) -> list[Resource]:
    resources: list[Resource] = [patient()]
    for at, chart in enumerate(charts):
        held = [entry["resource"] for entry in chart["entry"] if entry["resource"]["resourceType"] != "Patient"]
        resources += [renamed(resource, f"c{at}-", is_resource=True) for resource in held]
    return resources


def packed(pages: list[list[Resource]], how: str) -> Any:
    bundles = [
        {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": each} for each in page]}
        for page in pages
    ]
    match how:
        case "array":
            return bundles
        case "nested":
            return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in bundles]}
        case _:
            every = [{"resource": each} for page in pages for each in page]
            return {"resourceType": "Bundle", "type": "collection", "entry": every}


def answer(document: Any) -> bytes:
    """All that is read, as it is stored and sent."""
    (one,) = unpack(document)
    found = read(one, terminology(), TODAY)
    told = sorted((notice.code, notice.text, notice.reference, notice.element) for notice in found.notices)
    return canonical.dumps({"record": record_as_json(found.record), "notices": [list(each) for each in told]})


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_order_repetition_and_packing_of_resources_do_not_matter(data: st.DataObject) -> None:
    charts = data.draw(st.lists(st.sampled_from(CHARTS), min_size=1, max_size=5), label="charts")
    resources = merged(charts)
    expected = answer(packed([resources], "flat"))

    again = data.draw(st.lists(st.sampled_from(resources), max_size=4), label="repeated")
    shuffled = data.draw(st.permutations([*resources, *again]), label="order")
    cut = data.draw(st.integers(min_value=0, max_value=len(shuffled)), label="page")
    pages = [page for page in (shuffled[:cut], shuffled[cut:]) if page]
    how = data.draw(st.sampled_from(["flat", "array", "nested"]), label="packing")

    assert answer(packed(pages, how)) == expected


def test_every_chart_together_is_one_answer_in_either_order() -> None:
    resources = merged(CHARTS)
    assert answer(packed([resources], "flat")) == answer(packed([resources[::-1]], "nested"))
