"""Orders of procedures, and operations on bone that are ordered or still open."""

from __future__ import annotations

from typing import Any

import pytest

from tests.intake.made import SCT, codes, concept, plain, reading, values

OURS = "urn:osteon:codesystem:procedures"


def request(name: str, status: str, system: str, code: str, **more: object) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest", "id": name, "status": status, "intent": "order", "code": concept(system, code),
        "subject": {"reference": "Patient/p1"}, **more,
    }  # fmt: skip


def surgery(*requests: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values(reading(*requests)).items() if name.startswith("surgery.")}


@pytest.mark.parametrize(
    ("system", "code", "agent"),
    [
        (SCT, "401226007", "vertebroplasty"),
        (SCT, "879916008", "radiofrequency"),
        (OURS, "decompression", "decompression"),
    ],
)
def test_the_order_of_a_procedure_says_which(system: str, code: str, agent: str) -> None:
    (order,) = reading(request("o", "draft", system, code)).record.orders
    assert plain(order) == {"order.agent": agent, "order.kind": "procedure"}


def test_an_order_for_something_else_is_told_and_has_no_kind() -> None:
    result = reading(request("o", "draft", SCT, "392021009"))
    assert [plain(order) for order in result.record.orders] == [{}]
    assert "unknown-order" in codes(result)


PLANNED = {"surgery.planned": True, "surgery.type": "internal_fixation"}


@pytest.mark.parametrize(
    ("status", "more", "known"),
    [
        ("draft", {}, PLANNED),
        ("active", {}, PLANNED),
        ("on-hold", {}, PLANNED),
        ("active", {"authoredOn": "2026-10-31"}, PLANNED),
        ("active", {"authoredOn": "2026-11-02"}, {}),
        ("active", {"intent": "proposal"}, {}),
        ("active", {"doNotPerform": True}, {}),
        ("completed", {}, {}),
        ("revoked", {}, {}),
    ],
)
def test_an_operation_is_planned_while_its_order_is_open(
    status: str, more: dict[str, Any], known: dict[str, Any]
) -> None:
    assert surgery(request("o", status, OURS, "internal_fixation", **more)) == known


def test_an_intervention_is_no_operation() -> None:
    assert surgery(request("o", "active", SCT, "401226007")) == {}


def test_two_operations_leave_open_which() -> None:
    two = [request("a", "active", OURS, "prosthesis"), request("b", "active", OURS, "wide_resection")]
    assert surgery(*two) == {"surgery.planned": True}
