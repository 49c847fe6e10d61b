"""The published schemas see what leaves, and would see a fault."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from service import assess
from service.web import hooks
from tests.support.published_schemas import faults_of, validator
from tests.web.requests_made import hook_request


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The documents that reach the check which every test runs with."""
    documents: list[object] = []
    for module, name in ((assess, "check_answer"), (hooks, "check_discovery")):
        held = getattr(module, name)
        assert held.__module__ == "tests.support.published_schemas"
        monkeypatch.setattr(module, name, lambda document, held=held: (documents.append(document), held(document)))
    return documents


def test_what_is_answered_was_held_to_the_schemas_before(client: FlaskClient, seen: list[object]) -> None:
    discovery = client.get("/cds-services").json
    answer = client.post("/cds-services/bone-metastases-patient-view", json=hook_request()).json

    assert seen == [discovery, answer]


CARD = {"summary": "s", "indicator": "info", "source": {"label": "l"}}


@pytest.mark.parametrize(
    ("document", "count"),
    [
        ({"cards": []}, 0),
        ({"cards": [CARD]}, 0),
        ({"cards": [{**CARD, "summary": "x" * 140}]}, 2),
        ({"cards": [{**CARD, "indicator": "hard-stop"}]}, 2),
        ({"cards": [{**CARD, "detail": None}]}, 2),
    ],
)
def test_both_versions_object_to_a_malformed_answer(document: Any, count: int) -> None:
    if validator("response-2.0") is None:
        pytest.skip("the reference material is not beside this checkout")
    assert len(faults_of("response", document)) == count
