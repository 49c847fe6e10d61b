"""The OpenAPI document is held to the doors by requests made from it: right ones, and wrong ones in every place."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterable

import pytest
import schemathesis
from flask import Flask
from hypothesis import settings as examples
from schemathesis.config import SchemathesisConfig

from service.app import app_of
from service.house import House
from service.settings import Settings
from service.web import hooks
from service.web.openapi import document
from tests.web.requests_made import PATIENT

SOAKED = os.environ.get("SOAK_EXAMPLES")
"""How many requests each door gets when others are tried every time; a few, and always the same, when not given."""
EXAMPLES = int(SOAKED or 10)


class Doors:
    """The application, which there is only when the tests run; their cases are made when they are collected."""

    app: Flask
    decision: str

    def __call__(self, environ: dict[str, object], start_response: object) -> Iterable[bytes]:
        return self.app(environ, start_response)  # type: ignore[arg-type]


DOORS = Doors()
DECIDED_BY_CONTENT = ("412", "422")
"""What no schema tells: whether it is FHIR, about one patient, and enough to judge."""
CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": secrets.randbelow(2**32) if SOAKED else 1,
        "generation": {"deterministic": not SOAKED, "allow-x00": False},
        "checks": {
            "positive_data_acceptance": {"expected-statuses": ["2xx", "303", "404", *DECIDED_BY_CONTENT]},
            "negative_data_rejection": {
                "expected-statuses": ["400", "404", "405", "406", "413", "415", *DECIDED_BY_CONTENT]
            },
        },
    }
)
described = schemathesis.openapi.from_dict(document("0", Settings()), config=CONFIG)
described.app = DOORS


@pytest.fixture(scope="module", autouse=True)
def doors(house: House, settings: Settings) -> None:
    """With the limits a site has, for the document does not know those of other tests; and with a decision to look at."""
    DOORS.app = app_of(house, Settings(database_url=settings.database_url))
    [result] = DOORS.app.test_client().post("/evaluate", json=PATIENT).json["results"]
    DOORS.decision = result["trace"]


@described.parametrize()
@examples(max_examples=EXAMPLES)
def test_every_door_is_as_it_is_described(case: schemathesis.Case) -> None:
    if case.operation.path == "/cds-services/{service}" and isinstance(case.body, dict):
        _address_to_its_hook(case)
    if case.operation.path == "/traces" and case.query and "rule" not in case.query:
        case.query.pop("ruleOutcome", None)  # that it says nothing without a rule, the document has no way to say
    if "trace" in case.path_parameters and fits(case.path_parameters["trace"]):
        case.path_parameters["trace"] = DOORS.decision
    if case.operation.path == "/audit/try" and isinstance(case.body, dict) and "document" in case.body:
        case.body["document"] = json.dumps(case.body["document"])
    case.call_and_validate()


def fits(id: object) -> bool:
    return isinstance(id, str) and re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", id) is not None


def _address_to_its_hook(case: schemathesis.Case) -> None:
    """That a request is for the hook of the service it is sent to, the document has no way to say."""
    fitting = [service for service, hook in hooks.SERVICES.items() if hook == case.body.get("hook")]
    if fitting and case.path_parameters.get("service") in [*hooks.SERVICES]:
        case.path_parameters["service"] = fitting[0]
