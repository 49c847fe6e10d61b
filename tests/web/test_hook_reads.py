"""A hook whose prefetch is not whole, from the request of a client to the trace, with a real FHIR server."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.app import app_of, fhir_reads_of
from service.assess import Request, completed
from service.house import House
from service.prefetch import reads as fhir_reads
from service.prefetch.keys import PREFETCH
from service.prefetch.states import Access, Reads
from service.replay import replay
from service.settings import Settings
from tests.support import fhir_server as stub
from tests.support.chart import Chart
from tests.support.fhir_server import FhirServer, fhir_server, says, searchset
from tests.web.test_hooks import CAPTURED, reference

TOKEN = "an-access-token-that-must-not-be-seen"
JWT = "a.client.token-that-must-not-be-seen"
CHART = Chart()
TODAY = datetime(2026, 11, 1, 12, tzinfo=UTC)
ORDER_SIGN = "/cds-services/bone-metastases-order-sign"


@pytest.fixture
def server() -> Iterator[FhirServer]:
    with fhir_server() as started:
        CHART.served_by(started)
        yield started


@pytest.fixture(scope="module")
def patient_reads() -> Reads:
    return fhir_reads_of(Settings(fhir_deadline_seconds=10))


@pytest.fixture(scope="module")
def hasty_reads() -> Reads:
    return fhir_reads_of(Settings(fhir_deadline_seconds=0.2))


@pytest.fixture
def reading(
    house: House, settings: Settings, server: FhirServer, patient_reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> House:
    """A house that may read from the server, on a day when the chart is fresh."""
    monkeypatch.setattr(fhir_reads, "PAUSES", (0.01, 0.02))
    return replace(house, now=lambda: TODAY, fhir_servers=(server.base,), reads=patient_reads)


@pytest.fixture
def client(reading: House, settings: Settings) -> FlaskClient:
    return app_of(reading, settings).test_client()


@pytest.fixture
def hasty(reading: House, settings: Settings, hasty_reads: Reads) -> FlaskClient:
    """The same service, for servers that would try the patience of the other."""
    return app_of(replace(reading, reads=hasty_reads), settings).test_client()


def granting(server: FhirServer, **changes: Any) -> dict[str, Any]:
    granted = {
        "access_token": TOKEN,
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "patient/*.rs",
        "subject": "us",
    }
    return CHART.request(fhirServer=server.base, fhirAuthorization=granted, **changes)


def asked(client: FlaskClient, request: dict[str, Any], url: str = ORDER_SIGN) -> list[dict[str, Any]]:
    """The cards for a request."""
    answer = client.post(url, json=request, headers={"Authorization": f"Bearer {JWT}"})
    assert answer.status_code == 200, answer.text
    cards: list[dict[str, Any]] = answer.json["cards"]
    return cards


def newest(client: FlaskClient) -> dict[str, Any]:
    """The trace of the last decision."""
    [header] = client.get("/traces?limit=1").json["traces"]
    trace: dict[str, Any] = client.get(f"/traces/{header['id']}").json
    return trace


def said(cards: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(card["indicator"], card["summary"], card["detail"]) for card in cards]


def of_key(trace: dict[str, Any], key: str) -> dict[str, Any]:
    [found] = [told for told in trace["body"]["prefetch"] if told["key"] == key]
    return dict(found)


# --- what is read is as good as what is sent ---------------------------------------------------------


def test_the_advice_is_the_same_whoever_fetches(client: FlaskClient, server: FhirServer) -> None:
    sent = asked(client, granting(server, prefetch=CHART.prefetch()))
    assert not server.requests

    read = asked(client, granting(server))

    assert said(read) == said(sent) and "olaparib" in read[0]["summary"]
    assert sorted(server.paths()) == sorted(
        key.template.replace("{{context.patientId}}", "jane") for key in PREFETCH.values()
    )
    assert {one.headers["authorization"] for one in server.requests} == {f"Bearer {TOKEN}"}


def test_only_what_is_missing_is_read(client: FlaskClient, server: FhirServer) -> None:
    cards = asked(client, granting(server, prefetch=CHART.prefetch("conditions", "medicationRequests")))

    assert sorted(one.kind for one in server.requests) == ["Condition", "MedicationRequest"]
    assert "olaparib" in cards[0]["summary"]


def test_a_page_is_completed_by_the_next(client: FlaskClient, server: FhirServer) -> None:
    resources = CHART.of("Observation")["entry"]
    first, rest = ({**searchset(), "entry": part} for part in (resources[:3], resources[3:]))
    first["link"] = [{"relation": "next", "url": f"{server.base}/Observation?page=2"}]
    server.on("Observation", says(rest))
    whole = asked(client, granting(server, prefetch=CHART.prefetch()))

    completed = asked(client, granting(server, prefetch={**CHART.prefetch(), "observations": first}))

    assert said(completed) == said(whole) and server.paths() == ["Observation?page=2"]
    assert of_key(newest(client), "observations")["count"] == len(resources)


def test_the_trace_tells_of_each_key_what_came_from_where(client: FlaskClient, server: FhirServer) -> None:
    server.on("Procedure", says({}, 403))
    asked(client, granting(server, prefetch=CHART.prefetch("conditions", "procedures")))
    trace = newest(client)

    assert [told["key"] for told in trace["body"]["prefetch"]] == list(PREFETCH)
    assert of_key(trace, "patient") == {"key": "patient", "state": "present", "source": "prefetch", "count": 1}
    assert of_key(trace, "diagnosticReports")["state"] == "empty"
    conditions, procedures = of_key(trace, "conditions"), of_key(trace, "procedures")
    assert (conditions["state"], conditions["source"], conditions["count"]) == ("absent", "fetched", 2)
    assert len(conditions["digest"]) == 64 and conditions["duration"].startswith("under ")
    assert (procedures["state"], procedures["source"], procedures["reason"]) == ("absent", "none", "forbidden")


def test_a_decision_is_replayed_without_the_server(reading: House, client: FlaskClient, server: FhirServer) -> None:
    page = {
        **CHART.of("MedicationRequest"),
        "link": [{"relation": "next", "url": "https://elsewhere.example.org/?page=2"}],
    }
    server.on("MedicationRequest", says(page)).on("Procedure", says({}, 403))
    asked(client, granting(server))
    trace, requests = newest(client), len(server.requests)

    again = replay(reading, trace["header"]["id"], trace["header"]["rulebook"], trace["body"])

    assert (again.verdict, again.differences) == ("identical", ()) and len(server.requests) == requests


def test_the_access_is_given_up_when_all_has_been_read(reading: House, server: FhirServer) -> None:
    access = Access(server=server.base, token=TOKEN)
    request = Request(kind="hook", document=CHART.request(), digest="0" * 64, access=access)

    received = completed(reading, request)

    assert received.access is None and len(received.prefetch.outcomes) == len(PREFETCH)
    assert TOKEN not in repr(request) + repr(received)


def test_nobody_waits_while_a_server_thinks(reading: House, client: FlaskClient, server: FhirServer) -> None:
    held: list[bool] = []

    def behave(talk: stub.Talk) -> None:
        held.append(reading.turn.locked())
        says(CHART.of("Condition"))(talk)

    server.on("Condition", behave)
    asked(client, granting(server, prefetch=CHART.prefetch("conditions")))
    assert held == [False]


@pytest.mark.parametrize("sent", CAPTURED)
def test_what_the_public_sandbox_sends_is_completed_and_assessed(
    reading: House, settings: Settings, server: FhirServer, sent: str
) -> None:
    """Keys of another service, orders that are not quite R4, and no key of ours but two."""
    client = app_of(reading, settings).test_client()
    request = reference(f"captured/{sent}") | {"fhirServer": server.base}
    for kind in {key.kind for key in PREFETCH.values()}:
        server.on(kind, says(searchset()))

    cards = asked(client, request, f"/cds-services/bone-metastases-{request['hook']}")

    body, is_view = newest(client)["body"], request["hook"] == "patient-view"
    assert sorted(server.paths()) == sorted(
        key.template.replace("{{context.patientId}}", "bm-001")
        for name, key in PREFETCH.items()
        if name not in ("patient", "conditions")
    )
    assert {warning["code"] for warning in body["result"]["warnings"]} == (
        set() if is_view else {"mended", "structure"}
    )
    assert "not available" not in str(cards)
    known = {name: fact["value"] for name, fact in body["record"]["facts"].items()}
    assert (known["mets.status"], known["mets.organ.bone"], known["patient.ecog"]) == ("confirmed", "present", 1)
    drugs = [(drug["facts"]["drug.name"]["value"], drug["inRequest"]) for drug in body["record"]["drugs"]]
    assert drugs == [("capecitabine", False)] + ([] if is_view else [("capecitabine", True)])
    assert bool(cards) is is_view, "the group is open; one drug, twice, without radiotherapy is nothing to speak of"


# --- what cannot be had ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "behaviour, reason",
    [
        (stub.breaks_off, "cut-short"), (stub.closes, "unreachable"),
        (stub.sends_a_gigabyte, "too-large"), (stub.pages_without_end, "too-large"),
        (stub.redirects_to("http://169.254.169.254/"), "redirect"),
        (says(b"<html>", media_type="text/html"), "not-fhir"), (says(b""), "not-fhir"), (says(b'{"a'), "not-fhir"),
        (says({}, 401), "unauthorised"), (says({}, 403), "forbidden"), (says({}, 404), "not-found"),
        (says({}, 429, Retry_After="60"), "throttled"), (says({}, 500), "server-error"),
        (says({"resourceType": "OperationOutcome"}), "problem"),
    ],
)  # fmt: skip
def test_a_fault_of_the_server_costs_its_key_and_not_the_answer(
    client: FlaskClient, server: FhirServer, behaviour: stub.Behaviour, reason: str
) -> None:
    server.on("Procedure", behaviour)
    cards = asked(client, granting(server, prefetch=CHART.prefetch("procedures")))

    assert "olaparib" in cards[0]["summary"]
    assert of_key(newest(client), "procedures")["reason"] == reason


@pytest.mark.parametrize("behaviour", [stub.hangs, stub.drips_headers, stub.drips_body, stub.promises_more])
def test_a_slow_server_costs_its_key_and_not_the_answer(
    hasty: FlaskClient, server: FhirServer, behaviour: stub.Behaviour
) -> None:
    server.on("Procedure", behaviour)
    cards = asked(hasty, granting(server, prefetch=CHART.prefetch("procedures")))

    assert "olaparib" in cards[0]["summary"]
    assert of_key(newest(hasty), "procedures")["reason"] == "timeout"


def test_a_list_of_drugs_that_could_not_be_read_is_unknown_and_the_cards_say_why(
    hasty: FlaskClient, server: FhirServer
) -> None:
    server.on("MedicationRequest", stub.hangs)

    cards = asked(hasty, granting(server, prefetch=CHART.prefetch("medicationRequests")))

    assert [card["summary"] for card in cards] == [
        "Medication list missing or incomplete: overlap of drugs with RT is unchecked; consider obtaining it",
        "Part of the record was not available: advice may be missing",
    ]
    why = "The list of medications ordered could not be read: the FHIR server did not answer in time."
    assert f"- {why}" in cards[1]["detail"]
    [notice] = newest(hasty)["body"]["result"]["warnings"]
    assert (notice["code"], notice["text"], notice["element"]) == ("unread", why, "medicationRequests")


def test_another_list_of_drugs_that_is_empty_does_not_make_up_for_it(client: FlaskClient, server: FhirServer) -> None:
    """Both lists found empty say that there are no drugs; one of them unread says nothing of the sort."""
    nothing = {**CHART.prefetch(), "medicationRequests": None}
    asked(client, granting(server, prefetch=nothing))
    assert newest(client)["body"]["record"]["drugs"] == []

    failed = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
    cards = asked(client, granting(server, prefetch={**nothing, "medicationRequests": failed}))

    assert newest(client)["body"]["record"]["drugs"] is None
    assert cards[0]["extension"]["org.osteon.rules"] == ["imbrication.med-list-missing"]
    assert not server.requests, "what failed at the client is not asked for again"


def test_drugs_that_were_read_are_spoken_of_although_the_list_is_not_whole(
    client: FlaskClient, server: FhirServer
) -> None:
    page = {
        **CHART.of("MedicationRequest"),
        "link": [{"relation": "next", "url": "https://elsewhere.example.org/?page=2"}],
    }
    cards = asked(client, granting(server, prefetch={**CHART.prefetch(), "medicationRequests": page}))

    assert "olaparib" in cards[0]["summary"]
    rules = [rule for card in cards for rule in card["extension"].get("org.osteon.rules", [])]
    assert "imbrication.med-list-missing" in rules
    assert of_key(newest(client), "medicationRequests")["reason"] == "foreign-page"


def test_radiotherapy_that_could_not_be_read_is_not_taken_for_none(client: FlaskClient, server: FhirServer) -> None:
    url, prefetch = "/cds-services/bone-metastases-patient-view", CHART.prefetch("serviceRequests")

    def planned() -> Any:
        asked(client, granting(server, hook="patient-view", prefetch=prefetch), url)
        return newest(client)["body"]["result"]["derived"].get("context.rt_planned")

    known = planned()
    server.on("ServiceRequest", says({}, 500))
    assert (known, planned()) == (False, None)


def test_a_missing_patient_is_refused_with_key_template_and_reason(hasty: FlaskClient, server: FhirServer) -> None:
    server.on("Patient", stub.hangs)
    before = hasty.get("/traces").json

    answer = hasty.post(ORDER_SIGN, json=granting(server))

    assert answer.status_code == 412 and answer.mimetype == "application/fhir+json"
    assert answer.json["resourceType"] == "OperationOutcome"
    [issue] = answer.json["issue"]
    assert (issue["code"], issue["expression"]) == ("required", ["prefetch.patient"])
    assert issue["diagnostics"] == (
        "The prefetch key patient (Patient/{{context.patientId}}) is required. It is absent: the FHIR server did not "
        "answer in time."
    )
    assert hasty.get("/traces").json == before


def test_somebody_elses_resources_are_refused(client: FlaskClient, server: FhirServer) -> None:
    server.on(
        "Condition", says(searchset({"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/2"}}))
    )

    answer = client.post(ORDER_SIGN, json=granting(server))

    assert (answer.status_code, answer.json["issue"][0]["code"]) == (422, "conflict")
    assert answer.json["issue"][0]["expression"] == ["fetched.conditions.entry[0].resource"]


def test_a_token_for_another_patient_is_refused(client: FlaskClient, server: FhirServer) -> None:
    request = granting(server)
    request["fhirAuthorization"]["patient"] = "somebody-else"

    answer = client.post(ORDER_SIGN, json=request)

    assert answer.status_code == 422 and answer.json["issue"][0]["expression"] == ["fhirAuthorization.patient"]
    assert not server.requests


@pytest.mark.parametrize(
    "changes, place",
    [
        ({"access_token": None}, "fhirAuthorization.access_token"),
        ({"access_token": ""}, "fhirAuthorization.access_token"),
        ({"access_token": "a b"}, "fhirAuthorization.access_token"),
        ({"access_token": "a\r\nHost: evil"}, "fhirAuthorization.access_token"),
        ({"access_token": "é"}, "fhirAuthorization.access_token"),
        ({"access_token": "x" * 8001}, "fhirAuthorization.access_token"),
        ({"token_type": "Basic"}, "fhirAuthorization.token_type"),
        ({"token_type": 1}, "fhirAuthorization.token_type"),
    ],
)
def test_a_token_that_could_not_be_sent_is_refused_with_its_place(
    client: FlaskClient, server: FhirServer, changes: dict[str, Any], place: str
) -> None:
    request = granting(server)
    request["fhirAuthorization"] |= changes

    answer = client.post(ORDER_SIGN, json=request)

    assert answer.status_code == 400 and answer.json["issue"][0]["expression"] == [place]
    assert not server.requests


@pytest.mark.parametrize("patient", [".", "..", "Patient/.."])
def test_a_patient_id_that_would_lead_out_of_its_path_is_refused(
    client: FlaskClient, server: FhirServer, patient: str
) -> None:
    request = granting(server)
    request["context"] = {**request["context"], "patientId": patient}
    assert client.post(ORDER_SIGN, json=request).status_code == 400 and not server.requests


def test_a_server_that_is_not_on_the_list_is_never_asked(client: FlaskClient) -> None:
    with fhir_server() as other:
        CHART.served_by(other)
        refused = client.post(ORDER_SIGN, json=granting(other))
        cards = asked(client, granting(other, prefetch={"patient": CHART.patient}))

        assert refused.status_code == 412 and "not set to read from" in refused.json["issue"][0]["diagnostics"]
        assert not other.requests and other.connections == 0
    assert "this service is not set to read from the FHIR server that the request names" in cards[-1]["detail"]


def test_what_nobody_sends_is_not_told_on_the_chart_of_every_patient(client: FlaskClient, server: FhirServer) -> None:
    """A patient without anything that concerns this service, of a client that sends little, or whose server is down."""
    prefetch = {"patient": CHART.patient, "conditions": None}
    quiet = CHART.request("patient-view", prefetch=prefetch)
    assert asked(client, quiet, "/cds-services/bone-metastases-patient-view") == []
    assert [notice["code"] for notice in newest(client)["body"]["result"]["warnings"]] == ["not-offered"]

    server.on("Condition", says({}, 500))
    unsure = granting(server, hook="patient-view", prefetch=CHART.prefetch("conditions", "observations"))
    [card] = asked(client, unsure, "/cds-services/bone-metastases-patient-view")[-1:]
    assert "The list of conditions could not be read: the FHIR server failed." in card["detail"]


# --- secrets -----------------------------------------------------------------------------------------


def test_neither_token_reaches_log_trace_answer_or_address(
    hasty: FlaskClient, server: FhirServer, settings: Settings, log_lines: Callable[[], str]
) -> None:
    headers, told = {"Authorization": f"Bearer {JWT}"}, []
    for behaviour in (says(CHART.of("Condition")), stub.closes, stub.hangs, says({}, 401), says({TOKEN: TOKEN}, 500)):
        server.on("Condition", behaviour)
        told.append(hasty.post(ORDER_SIGN, json=granting(server), headers=headers).text)
    server.on("Patient", says({}, 401))
    told.append(hasty.post(ORDER_SIGN, json=granting(server), headers=headers).text)
    wrong = granting(server)
    wrong["fhirAuthorization"]["access_token"] = f"{TOKEN} "
    told.append(hasty.post(ORDER_SIGN, json=wrong, headers=headers).text)

    with sqlite3.connect(settings.database_url.removeprefix("sqlite:///")) as store:
        bodies = [zlib.decompress(packed).decode() for (packed,) in store.execute("SELECT packed FROM trace_body")]
        headers_kept = [header for (header,) in store.execute("SELECT header FROM trace_header")]
    for text in (*told, *bodies, *headers_kept, *server.paths(), log_lines()):
        assert TOKEN not in text and JWT not in text
    assert {one.headers["authorization"] for one in server.requests} == {f"Bearer {TOKEN}"}
