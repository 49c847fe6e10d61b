"""The service as it runs, beside a FHIR server that is good, slow, or pours out more than anybody can hold."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import fhir_server as stub
from tests.support.chart import Chart
from tests.support.fhir_server import FhirServer, fhir_server
from tests.web.test_gunicorn import Server, serving

TOKEN = "an-access-token-that-must-not-be-seen"
DEADLINE = 1.0
CHART = Chart()


@pytest.fixture(scope="module")
def fhir() -> Iterator[FhirServer]:
    with fhir_server() as server:
        yield server


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, fhir: FhirServer) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served")
    with serving(folder, OSTEON_FHIR_SERVERS=fhir.base, OSTEON_FHIR_DEADLINE_SECONDS=str(DEADLINE)) as running:
        yield running


@pytest.fixture(autouse=True)
def good_again(fhir: FhirServer) -> None:
    CHART.served_by(fhir)


def asked(service: Server, fhir: FhirServer, **changes: Any) -> tuple[int, Any]:
    granted = {"access_token": TOKEN, "token_type": "Bearer"}
    request = CHART.request(fhirServer=fhir.base, fhirAuthorization=granted, **changes)
    status, _, body = service.post(json.dumps(request).encode(), path="/cds-services/bone-metastases-order-sign")
    return status, json.loads(body)


def most_memory_kib(service: Server) -> int:
    """The most memory that any worker has held so far."""
    children = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children").read_text().split()
    told = [Path(f"/proc/{child}/status").read_text() for child in children]
    return max(int(line.split()[1]) for text in told for line in text.splitlines() if line.startswith("VmHWM"))


def test_a_hook_without_any_prefetch_is_answered(service: Server, fhir: FhirServer) -> None:
    status, answer = asked(service, fhir)
    assert status == 200 and "olaparib" in answer["cards"][0]["summary"]


@pytest.mark.parametrize("behaviour", [stub.drips_headers, stub.drips_body])
def test_a_slow_server_holds_a_request_no_longer_than_the_deadline(
    service: Server, fhir: FhirServer, behaviour: stub.Behaviour
) -> None:
    fhir.on("Condition", behaviour)
    started = time.monotonic()

    status, _ = asked(service, fhir, prefetch=CHART.prefetch("conditions"))

    assert status == 200 and time.monotonic() - started < DEADLINE * 1.1 + 0.5


@pytest.mark.parametrize(
    "behaviour", [stub.sends_a_gigabyte, stub.sends_a_gigabyte_in_chunks, stub.sends_endless_headers]
)
def test_a_gigabyte_costs_no_memory(service: Server, fhir: FhirServer, behaviour: stub.Behaviour) -> None:
    sent = {"prefetch": CHART.prefetch("conditions", "observations", "procedures")}
    asked(service, fhir, **sent)
    before = most_memory_kib(service)
    for kind in ("Condition", "Observation", "Procedure"):
        fhir.on(kind, behaviour)

    status, answer = asked(service, fhir, **sent)

    assert status == 200 and "Part of the record was not available" in json.dumps(answer)
    assert most_memory_kib(service) - before < 50_000


def test_no_token_and_no_address_is_in_the_log(service: Server, fhir: FhirServer) -> None:
    """The last test of this module: it reads what all of them left behind."""
    told = service.log.read_text()
    assert "fhir_read" in told and TOKEN not in told and "patient=" not in told and "jane" not in told
