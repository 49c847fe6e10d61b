"""The questions of an audit at their addresses: found, paged, shaped as described, and no patient in an address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient

from service.app import app_of
from service.house import House
from service.secrets.keys import Keys
from service.settings import Settings
from service.trace import Trace, UsedResource
from service.traces.holds import Subject, place_hold
from service.traces.migrate import migrate
from service.traces.store import TraceStore, open_store
from tests.traces.audited import decision
from tests.traces.traces import AT, event, shown_card, trace_id
from tests.web.conftest import SECRET

KEYS = Keys(secret=SECRET.encode())
PATIENT, OBSERVATION = "Patient/1", "Observation/7"


@pytest.fixture
def store(tmp_path: Path) -> TraceStore:
    url = f"sqlite:///{tmp_path}/traces.db"
    migrate(url)
    return open_store(url)


@pytest.fixture
def audited(house: House, settings: Settings, store: TraceStore) -> FlaskClient:
    return app_of(replace(house, store=store), settings).test_client()


@pytest.fixture
def shaped(audited: FlaskClient) -> Callable[..., Any]:
    """Asks, and holds the answer to the shape that is described."""
    document = audited.get("/openapi.json").json

    def ask(shape: str, address: str, body: dict[str, Any] | None = None) -> Any:
        answer = audited.get(address) if body is None else audited.post(address, json=body)
        assert answer.status_code == 200, answer.text
        jsonschema.validate(answer.json, {**document, "$ref": f"#/components/schemas/{shape}"})
        return answer.json

    return ask


def about(number: int, patient: str = PATIENT, **others: Any) -> Trace:
    """A decision about a patient that used an observation in a version of its number."""
    used = UsedResource(key=KEYS.resource(OBSERVATION), version=str(number))
    return replace(decision(number, **others), patient_key=KEYS.patient(patient), resources=(used,))


def numbers(answer: Any) -> list[int]:
    return [header["seq"] for header in answer["traces"]]


# --- finding -----------------------------------------------------------------------------------------


def test_a_patient_is_named_in_a_body_and_found(shaped: Callable[..., Any], store: TraceStore) -> None:
    store.keep(about(1))
    store.keep(about(2, patient="Patient/2"))
    store.keep(about(3))

    assert numbers(shaped("TracesFound", "/traces/search", {"patient": PATIENT})) == [3, 1]
    assert numbers(shaped("TracesFound", "/traces/search", {"patientKey": KEYS.patient(PATIENT)})) == [3, 1]
    assert numbers(shaped("TracesFound", "/traces/search", {"patient": "Patient/3"})) == []


def test_decisions_that_used_a_version_of_a_resource_are_found(shaped: Callable[..., Any], store: TraceStore) -> None:
    for number in (1, 2, 3):
        store.keep(about(number))

    assert numbers(shaped("TracesFound", "/traces/search", {"resource": OBSERVATION, "version": "2"})) == [2]
    assert numbers(shaped("TracesFound", "/traces/search", {"resource": OBSERVATION})) == [3, 2, 1]


def test_the_pages_of_a_search_follow_one_another(shaped: Callable[..., Any], store: TraceStore) -> None:
    for number in range(1, 6):
        store.keep(about(number))

    seen: list[int] = []
    asked: dict[str, Any] = {"patient": PATIENT, "limit": 2}
    while asked:
        page = shaped("TracesFound", "/traces/search", asked)
        seen += numbers(page)
        asked = {**asked, "after": page["after"]} if "after" in page else {}

    assert seen == [5, 4, 3, 2, 1]


def test_events_about_a_patient_are_found_by_their_kind(shaped: Callable[..., Any], store: TraceStore) -> None:
    store.keep(about(1))
    store.record_event(event(2, "read", subject=trace_id(1), patient_key=KEYS.patient(PATIENT)))

    assert numbers(shaped("TracesFound", "/traces/search", {"patient": PATIENT, "kind": "read"})) == [2]


@pytest.mark.parametrize(
    "query, seq",
    [
        ("hookInstance=call-2", 2),
        (f"card={shown_card(2).uuid}", 2),
        (f"rulebook={'2' * 64}", 3),
        ("client=portal", 4),
        ("tenant=south", 5),
        ("degraded=any", 6),
        ("degraded=read-timeout", 6),
        ("rule=r.two&ruleOutcome=undetermined", 7),
        (f"rule=r.two&ruleOutcome=switched+off&rulebook={'1' * 64}", 8),
        ("outcome=failed", 9),
    ],
)
def test_the_list_takes_what_may_stand_in_an_address(
    shaped: Callable[..., Any], store: TraceStore, query: str, seq: int
) -> None:
    differing: dict[int, dict[str, Any]] = {
        3: {"rulebook": "2"},
        4: {"client": "portal"},
        5: {"tenant": "south"},
        6: {"degraded": ("left-out", "read-timeout")},
        7: {"rules": (("r.two", "undetermined"),)},
        8: {"rules": (("r.two", "switched off"),)},
        9: {"outcome": "failed"},
    }
    for number in range(1, 10):
        store.keep(about(number, **differing.get(number, {})))

    assert numbers(shaped("TraceList", f"/traces?{query}")) == [seq]


@pytest.mark.parametrize(
    "body, status",
    [
        ({"patient": "Patient 1"}, 400),
        ({"patient": 1}, 400),
        ({"patient": ""}, 400),
        ({"name": "Testcase"}, 400),
        ({"patient": PATIENT, "patientKey": "a" * 64}, 400),
        ({"version": "1"}, 400),
        ({"ruleOutcome": "fired"}, 400),
        ({"kind": "Testcase"}, 400),
        ({"limit": 201}, 400),
        ({"limit": True}, 400),
        ({"limit": 1.5}, 400),
        ({"after": 0}, 400),
        ({"since": "٢٠٢٦-01-01"}, 400),
        ({"patient": "x" * 20_000}, 413),
        ([], 400),
        ({"limit": "7", "since": "2026-01-31T09:30:00Z"}, 200),
    ],
)
def test_a_search_of_another_form_is_refused_and_not_quoted(audited: FlaskClient, body: Any, status: int) -> None:
    answer = audited.post("/traces/search", json=body)

    assert answer.status_code == status and "Testcase" not in answer.text


def test_a_search_is_json(audited: FlaskClient) -> None:
    assert audited.post("/traces/search", data="patient=1").status_code == 415


# --- why ---------------------------------------------------------------------------------------------


def test_why_a_rule_fired_for_a_patient_on_a_day_is_told_and_recorded(
    shaped: Callable[..., Any], store: TraceStore
) -> None:
    fired = {"result": {"rules": {"fired": [{"id": "r.one", "because": "so"}], "undetermined": [], "suppressed": []}}}
    store.keep(about(1, body=fired))
    store.keep(about(2, at="2026-02-01T00:00:00.000000Z", body=fired))
    store.keep(about(3, patient="Patient/2", body=fired))

    told = shaped("Reasons", "/traces/why", {"patient": PATIENT, "rule": "r.one", "on": "2026-01-31"})

    [answer] = told["answers"]
    assert (answer["trace"], answer["outcome"]) == (trace_id(1), "fired")
    assert answer["situations"] == [{"id": "r.one", "because": "so"}]
    [read] = shaped("TraceList", f"/traces/accesses?decision={trace_id(1)}")["traces"]
    assert read["kind"] == "read" and read["says"] == {"through": "POST /traces/why"}


def test_why_in_one_decision(shaped: Callable[..., Any], audited: FlaskClient, store: TraceStore) -> None:
    store.keep(about(1))
    store.record_event(event(2, "export"))

    told = shaped("Reason", f"/traces/{trace_id(1)}/rules/r.one")

    assert told["outcome"] == "not fired" and told["rule"] == "r.one"
    assert len(shaped("TraceList", "/traces/accesses")["traces"]) == 2
    for address in (f"/traces/{trace_id(9)}/rules/r.one", f"/traces/{trace_id(1002)}/rules/r.one", "/traces/x/rules/r"):
        assert audited.get(address).status_code == 404
    assert audited.get(f"/traces/{trace_id(1)}/rules/R%20").status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {"patient": PATIENT, "rule": "r.one"},
        {"patient": PATIENT, "on": "2026-01-31"},
        {"rule": "r.one", "on": "2026-01-31"},
        {"patient": PATIENT, "rule": "r.one", "on": "2026-02-31"},
        {"patient": PATIENT, "rule": "r.one", "on": "9999-12-31"},
        {"patient": PATIENT, "rule": "r.one", "on": "2026-01-31", "kind": "read"},
    ],
)
def test_why_needs_a_patient_a_rule_and_a_day(audited: FlaskClient, body: dict[str, str]) -> None:
    assert audited.post("/traces/why", json=body).status_code == 400


# --- counts, rulebooks, accesses, integrity, retention -----------------------------------------------


def test_rulebooks_and_what_was_decided_under_each(
    shaped: Callable[..., Any], audited: FlaskClient, store: TraceStore
) -> None:
    for number in range(1, 4):
        store.keep(about(number))

    [known] = shaped("Rulebooks", "/traces/rulebooks")["rulebooks"]
    page = shaped("Recall", f"/traces/rulebooks/{known['rulebook']}?limit=2")
    rest = shaped("Recall", page["next"])

    assert known["decisions"] == 3 and numbers(page) == [3, 2] and numbers(rest) == [1] and "next" not in rest
    assert audited.get(f"/traces/rulebooks/{'f' * 64}").status_code == 404


def test_rules_and_calls_are_counted_by_whole_days(
    shaped: Callable[..., Any], audited: FlaskClient, store: TraceStore
) -> None:
    store.keep(about(1, duration_ns=12_345_678, rules=(("r.one", "fired"),)))
    store.keep(about(2, outcome="failed", rules=(), degraded=("left-out",)))

    rules = shaped("RuleActivity", "/traces/rules?since=2026-01-31&until=2026-02-01")
    [calls] = shaped("Calls", "/traces/calls")["callers"]

    assert rules["rules"] == [{"id": "r.one", "judged": 1, "outcomes": {"fired": 1}, "habit": "always fires"}]
    assert (calls["calls"], calls["errors"], calls["degradedBy"]) == (2, 1, {"left-out": 1})
    assert calls["durationMicroseconds"] == {"p50": 13000, "p90": 13000, "p95": 13000, "p99": 13000}
    assert shaped("Calls", "/traces/calls?since=2026-02-01")["callers"] == []
    for address in ("/traces/calls?since=2026-01-31T09:30", "/traces/rules?until=soon", "/traces/rules?rulebook=x"):
        assert audited.get(address).status_code == 400


def test_the_pages_of_accesses_keep_their_conditions(shaped: Callable[..., Any], store: TraceStore) -> None:
    for number in range(1, 6):
        store.record_event(event(number, "read", subject=trace_id(number % 2)))

    page = shaped("TraceList", f"/traces/accesses?limit=2&decision={trace_id(1)}")
    rest = shaped("TraceList", page["next"])

    assert (numbers(page), numbers(rest)) == ([5, 3], [1])


def test_integrity_is_one_answer(shaped: Callable[..., Any], store: TraceStore) -> None:
    store.keep(about(1))
    store.keep(about(2, at="2026-01-30T00:00:00.000000Z"))

    told = shaped("Integrity", "/traces/integrity")

    assert told["holds"] and told["records"] == 2 and told["gaps"] == []
    assert [step["seq"] for step in told["clockSteps"]] == [2]


def test_what_is_due_and_what_is_held(shaped: Callable[..., Any], audited: FlaskClient, store: TraceStore) -> None:
    for number in range(1, 5):
        store.keep(about(number))
    place_hold(store, Subject(about="decision", name=trace_id(2)), id="hold", at=AT)

    page = shaped("Due", "/traces/due?before=2027-01-01&limit=2")
    rest = shaped("Due", page["next"])
    [held] = shaped("Holds", "/traces/holds")["holds"]

    assert (page["due"], page["held"], numbers(page), numbers(rest)) == (3, 1, [1, 3], [4])
    assert (held["about"], held["name"], held["decisions"]) == ("decision", trace_id(2), 1)
    assert audited.get("/traces/due").status_code == 400


ADDRESSES = (
    "/traces/rulebooks",
    "/traces/rules",
    "/traces/calls",
    "/traces/accesses",
    "/traces/integrity",
    "/traces/holds",
)


@pytest.mark.parametrize("address", [*ADDRESSES, "/traces/due"])
def test_a_parameter_nobody_looks_at_is_refused(audited: FlaskClient, address: str) -> None:
    answer = audited.get(f"{address}?patient={PATIENT}")

    assert answer.status_code == 400 and PATIENT not in answer.text


def test_without_the_store_every_answer_is_that_it_is_away(
    audited: FlaskClient, store: TraceStore, tmp_path: Path
) -> None:
    store.close()
    (tmp_path / "traces.db").unlink()

    for address in (*ADDRESSES, "/traces/due?before=2026-01-01"):
        assert audited.get(address).status_code == 503
    assert audited.post("/traces/search", json={}).status_code == 503


def test_a_reference_is_never_in_a_log(audited: FlaskClient, store: TraceStore, log_lines: Callable[[], str]) -> None:
    store.keep(about(1))
    audited.post("/traces/search", json={"patient": PATIENT, "resource": OBSERVATION})
    audited.post("/traces/why", json={"patient": PATIENT, "rule": "r.one", "on": "2026-01-31"})

    said = log_lines()
    assert "/traces/search" in said and PATIENT not in said and OBSERVATION not in said
