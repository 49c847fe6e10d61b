"""Orders being selected and signed, the whole way: what is sent, what is read, what the clinician sees."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient

from service import assess
from service.app import app_of
from service.cards.models import check_answer
from service.clients.profiles import Client
from service.clients.tokens import Proven
from service.house import House
from service.replay import replay
from service.settings import Settings
from service.web import hooks
from tests.support.made_cards import card, suggestion
from tests.support.shared import shared_path
from tests.web.conftest import settings_with_database
from tests.web.requests_made import hook_request, searchset
from tests.web.test_hooks import reference, url

SCT, RXNORM = "http://snomed.info/sct", "http://www.nlm.nih.gov/research/umls/rxnorm"
CAPTURED = ("patient_view", "order_select", "order_sign")
RT = {
    "resourceType": "ServiceRequest", "id": "rt-1",
    "code": {"coding": [{"system": "urn:com.example:orderables", "code": "77", "display": "Radiotherapy, palliative"}]},
    "bodySite": {"text": "L3 vertebra"}, "note": {"text": "30 Gy in 10 fractions"},
}  # fmt: skip
"""Radiotherapy as it is written in a draft: no status, no intent, no subject, a local code, a dose in words."""


@pytest.fixture(scope="module")
def doors(house: House, settings: Settings) -> FlaskClient:
    return app_of(house, settings_with_database(settings.database_url, body_limit_hook=5_000_000)).test_client()


def ask(doors: FlaskClient, request: dict[str, Any]) -> dict[str, Any]:
    """The answer, which is one that may leave under our models and under both published schemas."""
    answer = doors.post(url(request["hook"]), json=request)

    assert answer.status_code == 200, answer.json
    document: dict[str, Any] = answer.json
    check_answer(document)
    for version in ("2.0", "3.0"):
        if (path := shared_path(f"cds-hooks/schemas/response-{version}.schema.json")) is not None:
            jsonschema.Draft202012Validator(json.loads(path.read_text())).validate(document)
    return document


def captured(name: str, *drafts: dict[str, Any], selections: tuple[str, ...] = ()) -> dict[str, Any]:
    """What the public sandbox sent, with further drafts and with other selections where they are given."""
    request: dict[str, Any] = copy.deepcopy(reference(f"captured/sandbox_{name}_request.json"))
    if drafts:
        request["context"]["draftOrders"]["entry"] += [{"resource": draft} for draft in drafts]
    if selections:
        request["context"]["selections"] = list(selections)
    return request


def rules_on(cards: list[dict[str, Any]]) -> dict[str, str]:
    """Each rule that is told, with the indicator of its card."""
    return {rule: card["indicator"] for card in cards for rule in card["extension"].get("org.osteon.rules", ())}


def card_of(answer: dict[str, Any], rule: str) -> dict[str, Any]:
    (found,) = [one for one in answer["cards"] if rule in one["extension"].get("org.osteon.rules", ())]
    return found


def newest(doors: FlaskClient) -> dict[str, Any]:
    [header] = doors.get("/traces?limit=1").json["traces"]
    trace: dict[str, Any] = doors.get(f"/traces/{header['id']}").json
    return trace


# --- what the public sandbox sends -------------------------------------------------------------------------


def test_the_chart_of_the_sandbox_patient_says_what_is_missing_for_a_prognosis(doors: FlaskClient) -> None:
    """Confirmed bone metastases, a performance status of a year ago, no drug for bone: no group, three things to do."""
    answer = ask(doors, captured("patient_view"))

    assert rules_on(answer["cards"]) == {
        "dq.missing-deciding-facts": "info", "dq.stale-data": "info", "bone-agents.consider": "info",
    }  # fmt: skip
    assert "extension" not in answer and "capecitabine" not in str(answer)


@pytest.mark.parametrize("name", ["order_select", "order_sign"])
def test_capecitabine_without_radiotherapy_gives_no_advice_on_timing(doors: FlaskClient, name: str) -> None:
    """The patient takes it already and no radiotherapy is in sight: nothing is to be timed."""
    answer = ask(doors, captured(name))

    assert not [rule for rule in rules_on(answer["cards"]) if rule.startswith("imbrication.")]
    assert {one["indicator"] for one in answer["cards"]} <= {"info"}


@pytest.mark.parametrize("name", ["order_select", "order_sign"])
def test_what_the_sandbox_sends_that_is_not_quite_fhir_is_told_in_the_answer(doors: FlaskClient, name: str) -> None:
    told = ask(doors, captured(name))["extension"]["org.osteon.notices"]

    assert [(notice["code"], notice["reference"], notice.get("element")) for notice in told] == [
        ("mended", "MedicationRequest/request-123", "MedicationRequest.category"),
        ("structure", "context.draftOrders.type", None),
    ]


TIMING = "imbrication.cytotoxic-rt"


@pytest.mark.parametrize(
    ("selections", "about"),
    [
        (("MedicationRequest/request-123", "ServiceRequest/rt-1"), ["MedicationRequest/request-123", "ServiceRequest/rt-1"]),
        (("ServiceRequest/rt-1",), ["ServiceRequest/rt-1"]),
        (("MedicationRequest/request-123",), ["MedicationRequest/request-123"]),
    ],
)  # fmt: skip
def test_radiotherapy_drafted_beside_capecitabine_warns_whichever_is_selected(
    doors: FlaskClient, selections: tuple[str, ...], about: list[str]
) -> None:
    """Two toxicities to the marrow at once: whichever the clinician looks at, the other is in the session."""
    answer = ask(doors, captured("order_select", RT, selections=selections))

    found = card_of(answer, TIMING)
    assert found["indicator"] == "warning" and found["extension"]["org.osteon.orders"] == about
    assert found["summary"].startswith("capecitabine with planned RT: ")


def test_radiotherapy_signed_with_capecitabine_warns_and_says_where_the_dose_was_read(doors: FlaskClient) -> None:
    answer = ask(doors, captured("order_sign", RT))

    found = card_of(answer, TIMING)
    assert found["indicator"] == "warning"
    assert found["extension"]["org.osteon.orders"] == ["MedicationRequest/request-123", "ServiceRequest/rt-1"]
    assert (
        "Draft orders this is about: capecitabine (MedicationRequest/request-123); planned RT to bone, spine, "
        "30 Gy in 10 fractions, in part read from text (ServiceRequest/rt-1)." in found["detail"]
    )
    assert rules_on(answer["cards"])["imbrication.sequence-priority"] == "warning"
    (course,) = newest(doors)["body"]["record"]["courses"]
    known = {name: fact["value"] for name, fact in course["facts"].items()}
    assert (known["rt.total_dose_gy"], known["rt.fractions"], known["rt.intent"]) == (30, 10, "palliative")


def test_a_prescription_in_capecitabine_s_place_that_spares_the_marrow_gives_no_warning(doors: FlaskClient) -> None:
    request = captured("order_sign", RT)
    del request["prefetch"]["meds"]
    draft = request["context"]["draftOrders"]["entry"][0]["resource"]
    draft["medicationCodeableConcept"] = {"text": "letrozole 2.5 mg oral tablet"}

    told = rules_on(ask(doors, request)["cards"])
    assert {rule for rule in told if rule.startswith("imbrication.")} == {"imbrication.med-list-missing"}


# --- drafts of other makers --------------------------------------------------------------------------------


def order_sign(*drafts: dict[str, Any], **prefetch: Any) -> dict[str, Any]:
    """A patient with bone metastases, and drafts about to be signed."""
    conditions = [
        {
            "resourceType": "Condition", "id": code, "subject": {"reference": "Patient/1"},
            "code": {"coding": [{"system": SCT, "code": code}]},
        }
        for code in ("254837009", "94222008")
    ]  # fmt: skip
    request = hook_request("order-sign")
    request["context"]["draftOrders"] = {"resourceType": "Bundle", "entry": [{"resource": one} for one in drafts]}
    request["prefetch"] |= {"conditions": searchset(*conditions), **prefetch}
    return request


def contained(text: str, **more: Any) -> dict[str, Any]:
    """A draft with its medication inside and a code of the hospital's preference list alone."""
    code = {"coding": [{"system": "urn:com.example:preference-list", "code": "4711", "display": text}], "text": text}
    medication = {"resourceType": "Medication", "id": "med", "code": code}
    reference = {"reference": "#med", "display": text}
    return {"resourceType": "MedicationRequest", "id": "m", "contained": [medication], "medicationReference": reference, **more}  # fmt: skip


def test_a_contained_medication_of_a_preference_list_is_warned_of_and_marked_as_read_from_text(
    doors: FlaskClient,
) -> None:
    request = order_sign(contained("olaparib (LYNPARZA) 150 mg tablet"), RT)
    request["extension"] = {"com.epic.cdshooks.request.fhir-version": "R4"}

    answer = ask(doors, request)

    found = card_of(answer, "imbrication.parp-rt")
    assert found["indicator"] == "critical"
    row = "| Drug | olaparib |  | MedicationRequest/m\\#med, Medication.code.coding.display (read from text) |"
    assert row in found["detail"]
    assert {notice["code"] for notice in answer["extension"]["org.osteon.notices"]} == {
        "from-text", "mended", "structure", "unresolved-subject",
    }  # fmt: skip


def test_a_draft_is_refused_only_where_the_caller_asks_to_be_strict(doors: FlaskClient) -> None:
    request = order_sign(contained("olaparib", subject={"reference": "Patient/1"}), RT)

    strict = doors.post(f"{url('order-sign')}?mode=strict", json=request)

    assert strict.status_code == 422
    places = {place for issue in strict.json["issue"] for place in issue["expression"]}
    assert {
        "context.draftOrders.type", "context.draftOrders.entry[0].resource.status",
        "context.draftOrders.entry[1].resource.subject",
    } <= places  # fmt: skip
    assert doors.post(f"{url('order-sign')}?mode=lenient", json=request).status_code == 200
    assert doors.post(f"{url('order-sign')}?mode=loose", json=request).status_code == 400


# --- hostile texts -----------------------------------------------------------------------------------------

HOSTILE = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "![x](http://evil.example.org/a.png)",
    "http://evil.example.org www.evil.example.org a@evil.example.org", "| a | b |\n|---|---|\n| c | d |", "# Heading\n\n## Heading",
    "- [ ] task\n1. one", "> quote\n```\ncode\n```", "**bold** _em_ ~~gone~~ `code` $x$", "&lt;b&gt; &#60;b&#62;",
    "\u202eRTL \u2066isolate\u2069 \u200bzero", "\\](evil) \\\\", "<!-- x --> <details open>", "{{7*7}} ${7*7} %s {drug}",
    "olaparib\u0007\u001b[31m", "x" * 1_000_000,
)  # fmt: skip


def texts_in(node: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each text of a draft that is free: not an address, a code, a kind or an id."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from texts_in(value, (*way, key))
    elif isinstance(node, list):
        for at, value in enumerate(node):
            yield from texts_in(value, (*way, at))
    elif isinstance(node, str) and way[-1] in ("text", "display", "value", "unit", "patientInstruction"):
        yield way


def everywhere(draft: dict[str, Any], text: str) -> dict[str, Any]:
    """A draft with a text in each of its free texts."""
    spoiled = copy.deepcopy(draft)
    for way in list(texts_in(spoiled)):
        place: Any = spoiled
        for step in way[:-1]:
            place = place[step]
        place[way[-1]] = text
    return spoiled


FULL_RT = {
    "resourceType": "ServiceRequest", "id": "rt", "status": "draft", "intent": "order",
    "subject": {"reference": "Patient/1", "display": "x"}, "requester": {"display": "x"}, "text": {"status": "generated", "div": "x"},
    "identifier": [{"system": "urn:x", "value": "x"}], "category": [{"text": "x"}],
    "code": {"coding": [{"system": SCT, "code": "1217123003", "display": "x"}], "text": "x"},
    "orderDetail": [{"text": "x", "coding": [{"system": "urn:x", "code": "x", "display": "x"}]}],
    "quantityQuantity": {"value": 30, "code": "Gy", "unit": "x"}, "reasonCode": [{"text": "x"}],
    "bodySite": [{"coding": [{"system": SCT, "code": "122496007", "display": "x"}], "text": "x"}],
    "note": [{"text": "x"}], "patientInstruction": "x",
}  # fmt: skip
FULL_DRUG = contained(
    "x", status="draft", intent="order", subject={"reference": "Patient/1", "display": "x"}, note=[{"text": "x"}],
    reasonCode=[{"text": "x"}], dosageInstruction=[{"text": "x", "patientInstruction": "x", "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "x"}}]}],
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:24].strip())
def test_no_text_of_a_draft_acts_on_a_card(doors: FlaskClient, text: str) -> None:
    drafts = [everywhere(FULL_DRUG, text), everywhere(FULL_RT, text)]
    drafts[0]["contained"][0]["code"]["coding"].append({"system": "http://www.whocc.no/atc", "code": "L01XX99"})

    cards = ask(doors, order_sign(*drafts) if len(text) < 1000 else sparse(text))["cards"]

    assert "dq.drug-unmapped" in rules_on(cards)  # which names the drug, whatever it is called
    for one in cards:
        assert_harmless(one["detail"])
        assert re.fullmatch(r"[^<>`*_\[\]|\\~\n\u202a-\u202e\u2066-\u2069]{1,139}", one["summary"])
        assert len(one["detail"]) < 20_000


def sparse(text: str) -> dict[str, Any]:
    """A text of a megabyte in two places, which is as much as a request may hold."""
    drug: dict[str, Any] = {"resourceType": "MedicationRequest", "id": "m"}
    coding = [{"system": "http://www.whocc.no/atc", "code": "L01XX99"}]
    drug["medicationCodeableConcept"] = {"text": text, "coding": coding}
    return order_sign(drug, {**RT, "note": [{"text": text}]})


OWN_LINES = re.compile(r"(\*\*[A-Z]|- |\| |Concerns: |Draft order|[A-Z“(]).*|")


def assert_harmless(detail: str) -> None:
    """Nothing but what we write ourselves is Markdown or HTML."""
    assert "<" not in detail.replace("&lt;", "") and "](" not in detail.replace("\\](", "").replace("]\\(", "")
    assert not re.search(r"https?://|www\.\w|\w@\w", detail)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069]", detail)
    assert not re.search(r"(?<!\\)[`~]{3}|(?<!\\)!\[|^#|^>|^\d+[.)] ", detail, re.MULTILINE)
    for line in detail.split("\n"):
        assert OWN_LINES.fullmatch(line), line[:80]
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == 5  # the four columns of our own table


def test_a_text_that_no_database_can_keep_is_refused_at_the_door(doors: FlaskClient) -> None:
    answer = doors.post(url("order-sign"), json=order_sign(contained("olaparib\u0000")))
    assert answer.status_code == 400 and answer.json["resourceType"] == "OperationOutcome"


# --- what must not leave, and for whom ---------------------------------------------------------------------


def test_a_malformed_answer_is_a_fault_with_its_trace_and_never_a_card(
    doors: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assess, "shaped", lambda cards, client: [{**card(), "indicator": "hard-stop"}])

    answer = doors.post(url("order-sign"), json=order_sign(RT))

    assert answer.status_code == 500 and answer.mimetype == "application/fhir+json"
    trace = newest(doors)
    assert answer.json["resourceType"] == "OperationOutcome" and answer.json["id"] == trace["header"]["id"]
    assert trace["header"]["outcome"] == "failed" and trace["body"]["record"]["courses"]
    assert trace["body"]["failure"] == {
        "kind": "Malformed", "says": "cards.0.indicator: Input should be 'info', 'warning' or 'critical'",
    }  # fmt: skip


def test_a_malformed_discovery_is_a_fault(doors: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(hooks._HOOK_VERSION, "order-sign", "")  # type: ignore[arg-type]
    answer = doors.get("/cds-services")
    assert answer.status_code == 500 and answer.json["resourceType"] == "OperationOutcome"


def as_client(monkeypatch: pytest.MonkeyPatch, profile: str) -> Client:
    """Every call comes from a client of this profile."""
    client = Client(name="north", issuer="https://north.example.org", profile=profile)  # type: ignore[arg-type]
    monkeypatch.setattr(hooks, "proven", lambda: Proven(client=client))
    return client


def test_a_client_that_only_shows_charts_is_offered_nothing_else(
    doors: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_client(monkeypatch, "patient-view-only")

    [service] = doors.get("/cds-services").json["services"]

    assert service["hook"] == "patient-view"
    assert doors.post(url("order-sign"), json=order_sign(RT)).status_code == 404
    assert doors.post(url("patient-view"), json=captured("patient_view")).status_code == 200


def test_the_trace_holds_the_cards_as_their_client_was_shown_them_and_replays(
    doors: FlaskClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_client(monkeypatch, "one-action")
    offered = suggestion("Hold", number=10)
    written = assess.cards_for

    def with_suggestions(*given: Any) -> list[dict[str, Any]]:
        first, *others = written(*given)
        return [{**first, "suggestions": [offered], "selectionBehavior": "at-most-one"}, *others]

    monkeypatch.setattr(assess, "cards_for", with_suggestions)
    answer = ask(doors, order_sign(RT, contained("olaparib")))

    trace = newest(doors)
    assert answer["cards"][0]["selectionBehavior"] == "any"
    assert trace["body"]["result"]["cards"] == answer["cards"]
    assert trace["body"]["request"]["client"] == {"name": "north", "profile": "one-action", "capabilities": []}
    header = trace["header"]
    assert replay(house, header["id"], header["rulebook"], trace["body"]).verdict == "identical"


def test_what_is_told_of_a_draft_without_an_id_is_in_the_answer(doors: FlaskClient) -> None:
    nameless = {key: value for key, value in RT.items() if key != "id"}

    answer = ask(doors, order_sign(nameless))

    told = {
        notice["reference"] for notice in answer["extension"]["org.osteon.notices"] if notice["code"] == "from-text"
    }
    assert told and all(reference.startswith("ServiceRequest#") for reference in told)
