"""Resources that are alike in everything the models look at are judged once, and rightly."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.intake import validation
from service.intake.validation import faults, shape_of
from tests.intake.made import LOINC, concept, observation
from tests.support.stories import stories

KINDS = (
    "Patient",
    "Condition",
    "Observation",
    "MedicationRequest",
    "MedicationStatement",
    "Procedure",
    "ServiceRequest",
)
RESOURCES: list[dict[str, Any]] = [
    resource
    for story in stories()
    for entry in story.bundle.get("entry", ())
    if (resource := entry.get("resource")) and resource.get("resourceType") in KINDS
]
ALIKE = st.one_of(
    st.dates().map(lambda day: day.isoformat()),
    st.datetimes(timezones=st.timezones()).map(lambda at: at.replace(microsecond=0).isoformat()),
    st.from_regex(r"[A-Za-z0-9.-]{1,64}", fullmatch=True),
    st.from_regex(r"[A-Z][a-z]+/[A-Za-z0-9.-]{1,64}", fullmatch=True),
    st.sampled_from(["2026-02-29", "2026-02-30", "2026-04-31", "2024-02-29", "2026-12-31", "2026-11-01T00:00:00Z",
                     "2026-11-01T24:00:00Z", "2026-11-01T10:00:00", "2026-11", "true", "1", "-1", "", " x"]),
    st.integers(-10, 10**9),
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-10, max_value=10**6),
)  # fmt: skip


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_a_resource_is_judged_like_its_shape_wherever_a_value_stands(data: st.DataObject) -> None:
    resource = copy.deepcopy(data.draw(st.sampled_from(RESOURCES)))
    holder, key = data.draw(st.sampled_from(list(_leaves(resource))))
    holder[key] = data.draw(ALIKE)

    shape = json.loads(shape_of(resource), parse_float=Decimal)

    assert _judged(resource) == _judged(shape)


def test_results_that_differ_in_name_day_and_number_are_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    judge = validation._faults
    monkeypatch.setattr(validation, "_REMEMBERED", {})
    monkeypatch.setattr(validation, "_faults", lambda kind, resource: asked.append(kind) or judge(kind, resource))
    results = [
        observation(f"hb-{number}", concept(LOINC, "718-7"), effectiveDateTime=f"2026-10-{number:02}",
                    valueQuantity={"value": 90 + number, "unit": "g/L", "code": "g/L"})
        for number in range(1, 31)
    ]  # fmt: skip

    assert [faults(result) for result in results] == [()] * 30
    assert asked == ["Observation"]


@pytest.mark.parametrize("day", ["2026-02-30", "2026-13-01", "2026-1-1", "yesterday"])
def test_a_day_that_does_not_exist_is_not_judged_by_one_that_does(day: str) -> None:
    right = observation("a", concept(LOINC, "718-7"), effectiveDateTime="2026-10-01")

    assert faults(right) == ()
    assert faults({**right, "effectiveDateTime": day}) != ()


def _judged(resource: dict[str, Any]) -> object:
    return validation._faults(str(resource["resourceType"]), resource)


def _leaves(node: Any) -> Any:
    """Each place of a resource that holds a plain value, but for its type."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        if isinstance(value, dict | list):
            yield from _leaves(value)
        elif key != "resourceType":
            yield node, key
