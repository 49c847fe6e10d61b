"""Reading from FHIR servers that are good, slow, wrong or wicked: each has an outcome with a name, in time."""

from __future__ import annotations

import gzip
import hashlib
import json
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from requests_mock import Adapter

from service import logs
from service.prefetch import reads as fhir_reads
from service.prefetch.connection import session
from service.prefetch.reads import FhirReads, Limits
from service.prefetch.states import Access, Answer, Read
from tests.support import fhir_server as stub
from tests.support.certificates import Authority
from tests.support.fhir_server import Behaviour, FhirServer, fhir_server, says, searchset

TOKEN = "a-token-that-must-not-be-seen"
DEADLINE = 0.25  # of reads that are to fail by it; the others have all the time of a busy machine
LATEST = DEADLINE * 1.1 + 0.3  # and what such a machine may add
CONDITIONS = Read(key="conditions", kind="Condition", is_search=True, address="Condition?patient=1")
PATIENT = Read(key="patient", kind="Patient", is_search=False, address="Patient/1")


SESSION = session()  # to load the usual authorities takes a while


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fhir_reads, "PAUSES", (0.01, 0.02))


@pytest.fixture
def server() -> Iterator[FhirServer]:
    with fhir_server() as started:
        yield started


def condition(id: str = "c") -> dict[str, Any]:
    return {"resourceType": "Condition", "id": id, "subject": {"reference": "Patient/1"}}


def read(
    server: FhirServer | str,
    *reads: Read,
    token: str = TOKEN,
    ca_file: str = "",
    over: requests.Session | None = None,
    **limits: Any,
) -> dict[str, Answer]:
    base = server if isinstance(server, str) else server.base
    reader = FhirReads(
        Limits(**{"deadline_seconds": 10, **limits}), over or (session(ca_file=ca_file) if ca_file else SESSION)
    )
    return dict(reader(Access(server=base, token=token), reads or (CONDITIONS,)))


def conditions(server: FhirServer | str, *behaviours: Behaviour, **others: Any) -> Answer:
    """What comes of reading conditions from a server that behaves so."""
    if isinstance(server, FhirServer):
        server.on("Condition", *behaviours)
    return read(server, **others)["conditions"]


# --- a server that does its part -------------------------------------------------------------------


def test_what_a_server_has_is_read(server: FhirServer) -> None:
    body = searchset(condition())

    answer = conditions(server, says(body))

    assert (answer.pages, answer.reason) == ((body,), "")
    assert answer.digest == hashlib.sha256(json.dumps(body).encode()).hexdigest() and answer.seconds > 0
    assert server.paths() == ["Condition?patient=1"]


def test_a_server_is_told_what_is_wanted_and_by_whose_leave(server: FhirServer) -> None:
    conditions(server)

    [asked] = server.requests
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert asked.headers["accept"] == "application/fhir+json" and asked.headers["accept-encoding"] == "identity"
    assert TOKEN not in asked.path


def test_without_a_token_none_is_sent(server: FhirServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password something\n")
    monkeypatch.setenv("NETRC", str(netrc))

    read(server, token="")

    assert "authorization" not in server.requests[0].headers


def test_keys_are_read_side_by_side(server: FhirServer) -> None:
    """Nobody is answered before everybody has asked."""
    together = threading.Barrier(9)

    def behave(talk: stub.Talk) -> None:
        together.wait(5)
        says(searchset())(talk)

    reads = [Read(key=f"k{n}", kind=f"Kind{n}", is_search=True, address=f"Kind{n}?patient=1") for n in range(9)]
    for each in reads:
        server.on(each.kind, behave)

    answers = read(server, *reads)

    assert {answer.reason for answer in answers.values()} == {""} and len(answers) == 9


def test_a_connection_is_used_again(server: FhirServer) -> None:
    reader = FhirReads(Limits(deadline_seconds=5), session())
    for _ in range(3):
        reader(Access(server=server.base), (CONDITIONS,))
    assert (len(server.requests), server.connections) == (3, 1)


def test_a_connection_that_was_closed_meanwhile_is_made_anew(server: FhirServer) -> None:
    def answers_and_closes(talk: stub.Talk) -> None:
        says(searchset())(talk)
        talk.end()

    server.on("Condition", answers_and_closes)
    reader = FhirReads(Limits(deadline_seconds=5), session())

    answers = [reader(Access(server=server.base), (CONDITIONS,))["conditions"] for _ in range(3)]

    assert [answer.reason for answer in answers] == ["", "", ""] and server.connections == 3


def test_numbers_are_read_exactly(server: FhirServer) -> None:
    answer = conditions(server, says(b'{"resourceType": "Bundle", "type": "searchset", "x": 1.10}'))
    assert str(answer.pages[0]["x"]) == "1.10"


# --- pages -----------------------------------------------------------------------------------------


def test_pages_are_followed_to_the_last(server: FhirServer) -> None:
    second = f"{server.base}/Condition?patient=1&page=2"
    first, last = searchset(condition("a"), next=second), searchset(condition("b"))

    answer = conditions(server, stub.pages(first, last))

    assert (answer.pages, answer.reason) == ((first, last), "")
    assert server.paths() == ["Condition?patient=1", "Condition?patient=1&page=2"]
    assert {asked.headers["authorization"] for asked in server.requests} == {f"Bearer {TOKEN}"}


def test_a_page_that_a_client_began_is_continued(server: FhirServer) -> None:
    server.on("", says(searchset(condition("b"))))
    began = Read(key="conditions", kind="Condition", is_search=True, address=f"{server.base}?_getpages=7")

    assert read(server, began)["conditions"].reason == ""
    assert server.paths() == ["?_getpages=7"]


@pytest.mark.parametrize("of_the_client", [False, True])
def test_a_next_page_on_another_server_is_never_asked_for(server: FhirServer, of_the_client: bool) -> None:
    with fhir_server() as foreign:
        link = f"{foreign.base}/Condition?patient=1&page=2"
        if of_the_client:
            answer = read(server, Read(key="conditions", kind="Condition", is_search=True, address=link))["conditions"]
        else:
            answer = conditions(server, says(searchset(condition(), next=link)))

    assert answer.reason == "foreign-page" and len(answer.pages) == (0 if of_the_client else 1)
    assert not foreign.requests and foreign.connections == 0


def test_pages_that_lead_back_are_left_after_one_round(server: FhirServer) -> None:
    again = f"{server.base}/Condition?patient=1"
    answer = conditions(server, says(searchset(condition(), next=again)))
    assert (answer.reason, len(answer.pages), len(server.requests)) == ("repeated-page", 1, 1)


@pytest.mark.parametrize("limit", [1, 3])
def test_pages_without_end_are_read_up_to_the_limit(server: FhirServer, limit: int) -> None:
    answer = conditions(server, stub.pages_without_end, pages=limit)
    assert (answer.reason, len(answer.pages), len(server.requests)) == ("too-large", limit, limit)


@pytest.mark.parametrize("limit, reason", [(3, ""), (2, "too-large")])
def test_the_resources_of_all_pages_count_together(server: FhirServer, limit: int, reason: str) -> None:
    first = searchset(condition("a"), condition("b"), next=f"{server.base}/Condition?page=2")
    answer = conditions(server, stub.pages(first, searchset(condition("c"))), resources=limit)
    assert answer.reason == reason


def test_the_bytes_of_all_pages_count_together(server: FhirServer) -> None:
    first, last = searchset(condition("a"), next=f"{server.base}/Condition?page=2"), searchset(condition("b"))
    size = len(json.dumps(first)) + len(json.dumps(last))

    whole, over = (conditions(server, stub.pages(first, last), body_bytes=limit) for limit in (size, size - 1))

    assert (whole.reason, len(whole.pages)) == ("", 2) and (over.reason, len(over.pages)) == ("too-large", 1)


def test_what_was_read_before_a_page_that_does_not_come_is_kept(server: FhirServer) -> None:
    first = searchset(condition(), next=f"{server.base}/Condition?page=2")
    answer = conditions(server, says(first), stub.hangs, deadline_seconds=DEADLINE)
    assert (answer.pages, answer.reason) == ((first,), "timeout")
    assert answer.digest == hashlib.sha256(json.dumps(first).encode()).hexdigest()


# --- servers that are slow ---------------------------------------------------------------------------


def in_time(server: FhirServer | str, *behaviours: Behaviour, **others: Any) -> str:
    """Why nothing was read of a server, which takes no longer to find out than it may."""
    started = time.monotonic()
    answer = conditions(server, *behaviours, deadline_seconds=DEADLINE, **others)
    assert time.monotonic() - started < LATEST and not answer.pages
    return answer.reason


@pytest.mark.parametrize(
    "behaviour", [stub.hangs, stub.drips_headers, stub.drips_interim_answers, stub.drips_body, stub.promises_more]
)
def test_a_slow_server_is_given_up_at_the_deadline(server: FhirServer, behaviour: Behaviour) -> None:
    assert in_time(server, behaviour) == "timeout"


def test_a_server_that_cannot_be_connected_to_is_given_up_at_the_deadline() -> None:
    with stub.port_that_never_answers() as port:
        assert in_time(f"http://127.0.0.1:{port}/fhir") == "timeout"


def test_a_handshake_that_does_not_end_is_given_up_at_the_deadline(server: FhirServer) -> None:
    """It takes a connection and never says a word of TLS."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        base = f"https://127.0.0.1:{silent.getsockname()[1]}/fhir"
        assert in_time(base) == "timeout"


def test_a_name_server_that_hangs_holds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(20) and [])
    try:
        assert in_time("https://fhir.example.org") == "timeout"
    finally:
        over.set()


def test_a_fast_key_does_not_wait_for_a_slow_one_and_loses_nothing(server: FhirServer) -> None:
    server.on("Condition", stub.hangs)
    answers = read(server, CONDITIONS, PATIENT, deadline_seconds=DEADLINE)
    assert (answers["patient"].reason, answers["conditions"].reason) == ("", "timeout")


def test_all_slow_keys_share_one_deadline(server: FhirServer) -> None:
    reads = [Read(key=f"k{n}", kind="Condition", is_search=True, address="Condition") for n in range(9)]
    server.on("Condition", stub.drips_body)
    started = time.monotonic()

    answers = read(server, *reads, deadline_seconds=DEADLINE)

    assert time.monotonic() - started < LATEST
    assert {answer.reason for answer in answers.values()} == {"timeout"}


def test_what_is_too_much_to_parse_in_time_does_not_keep_the_clock_from_being_minded(server: FhirServer) -> None:
    body = json.dumps(searchset(*(condition(str(number)) | {"x": [[number, 0.5]] * 100} for number in range(1500))))
    reads = [Read(key=f"k{n}", kind="Condition", is_search=True, address=f"Condition?patient={n}") for n in range(9)]
    server.on("Condition", says(body.encode()))
    started = time.monotonic()

    answers = read(server, *reads, deadline_seconds=DEADLINE)

    assert time.monotonic() - started < LATEST
    assert {answer.reason for answer in answers.values()} <= {"", "timeout"}


def test_threads_and_connections_are_given_back_after_the_deadline(server: FhirServer) -> None:
    before = threading.active_count()
    reader = FhirReads(Limits(deadline_seconds=0.1), session())
    server.on("Condition", stub.drips_headers)
    for _ in range(3):
        reader(Access(server=server.base), (CONDITIONS,))

    until = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.02)
    assert threading.active_count() <= before, "the server's threads end as well: its clients are gone"


def test_no_more_reads_are_under_way_than_a_process_can_bear(
    server: FhirServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fhir_reads, "MOST_AT_ONCE", 1)
    server.on("Condition", stub.hangs)

    answers = read(server, CONDITIONS, PATIENT, deadline_seconds=DEADLINE)

    assert (answers["conditions"].reason, answers["patient"].reason) == ("timeout", "busy")
    assert not server.paths("Patient")


def test_the_place_of_a_read_is_given_to_the_next(server: FhirServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fhir_reads, "MOST_AT_ONCE", 1)
    for behaviour in (says({}, 500), stub.closes, says(b"<html>"), says(searchset())):
        server.on("Condition", behaviour)
        answers = read(server, CONDITIONS, PATIENT)
        assert "busy" not in {answer.reason for answer in answers.values()}
    assert len(server.paths("Patient")) == 4


# --- servers that are wrong --------------------------------------------------------------------------

NOT_FHIR = [
    says(b"<html>Please log in</html>", media_type="text/html"),
    says(b"<html>Please log in</html>"),
    says(b""),
    says(b'{"resourceType": "Bundle", "entry": [{"resou'),
    says(b"\xff\xfe{}"),
    says(searchset(), media_type="application/fhir+xml"),
    says(searchset(), media_type=""),
    says({}),
    says([]),
    says(condition()),
    says({"resourceType": "Bundle", "type": "searchset", "entry": [], "x": [[[[[[[[[[[0]]]]]]]]]]]}),
    says(b'{"resourceType": "Bundle", "x": NaN}'),
    says(gzip.compress(stub.OK), Content_Encoding="gzip"),
    stub.promises_less,
    says(searchset(), 206),
]


@pytest.mark.parametrize("behaviour", [says({}, 204), *NOT_FHIR])
def test_what_is_not_a_list_in_fhir_json_is_not_taken_for_one(server: FhirServer, behaviour: Behaviour) -> None:
    answer = conditions(server, behaviour, depth=8)
    assert answer.reason in ("not-fhir", "refused") and not answer.pages
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "media_type", ["application/fhir+json", "application/json; charset=utf-8", "Application/FHIR+JSON;fhirVersion=4.0"]
)
def test_both_media_types_of_json_are_taken(server: FhirServer, media_type: str) -> None:
    assert conditions(server, says(searchset(), media_type=media_type)).reason == ""


def test_a_patient_is_a_patient_and_nothing_else(server: FhirServer) -> None:
    server.on("Patient", says(condition()))
    assert read(server, PATIENT)["patient"].reason == "not-fhir"


@pytest.mark.parametrize(
    "status, reason",
    [
        (400, "refused"), (401, "unauthorised"), (403, "forbidden"), (404, "not-found"), (410, "not-found"),
        (406, "refused"), (422, "refused"), (429, "throttled"), (301, "redirect"), (304, "redirect"),
    ],
)  # fmt: skip
def test_a_refusal_has_a_name_and_is_final(server: FhirServer, status: int, reason: str) -> None:
    assert conditions(server, says(searchset(), status)).reason == reason
    assert len(server.requests) == 1


def test_a_problem_told_instead_of_a_list_is_told(server: FhirServer) -> None:
    def reason(*issues: dict[str, str]) -> str:
        return conditions(server, says({"resourceType": "OperationOutcome", "issue": list(issues)})).reason

    assert reason({"severity": "error", "code": "exception"}) == "problem"
    assert reason({"severity": "error", "code": "not-supported"}) == "not-found"
    assert conditions(server, says(searchset({"resourceType": "OperationOutcome"}))).reason == "problem"


def test_a_list_that_announces_what_it_does_not_hold_is_no_empty_list(server: FhirServer) -> None:
    assert conditions(server, says(searchset(total=3))).reason == "cut-short"


@pytest.mark.parametrize(
    "behaviour, reason",
    [
        (says({}, 500), "server-error"),
        (says({}, 502), "server-error"),
        (says({}, 503, Retry_After="0"), "server-error"),
        (says({}, 429, Retry_After="0"), "throttled"),
        (stub.closes, "unreachable"),
        (stub.breaks_off, "cut-short"),
        (stub.breaks_off_in_a_chunk, "cut-short"),
    ],
)
def test_a_fault_that_may_pass_is_given_two_more_chances(server: FhirServer, behaviour: Behaviour, reason: str) -> None:
    for faults in (1, 2):
        server.requests.clear()
        answer = conditions(server, *[behaviour] * faults, says(searchset()))
        assert answer.reason == "" and len(server.requests) == faults + 1

    server.requests.clear()
    assert conditions(server, behaviour).reason == reason
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    "behaviour, reason",
    [(says({}, 429, Retry_After="120"), "throttled"), (says({}, 503, Retry_After="120"), "server-error"),
     (says({}, 429, Retry_After="Fri, 01 Jan 2100 00:00:00 GMT"), "throttled")],
)  # fmt: skip
def test_a_server_that_asks_for_more_patience_than_there_is_is_not_asked_again(
    server: FhirServer, behaviour: Behaviour, reason: str
) -> None:
    answer = conditions(server, behaviour)
    assert answer.reason == reason and answer.seconds < 5
    assert len(server.requests) == 1


def test_what_went_wrong_first_is_told_when_there_is_no_time_for_another_try(server: FhirServer) -> None:
    assert conditions(server, says({}, 500), stub.hangs, deadline_seconds=DEADLINE).reason == "server-error"


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        assert conditions(f"http://127.0.0.1:{nobody.getsockname()[1]}/fhir").reason == "unreachable"


def test_a_name_that_is_unknown_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert conditions("https://fhir.example.org").reason == "unreachable"


def test_a_process_that_may_have_no_more_threads_says_that_it_is_busy(
    server: FhirServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(fhir_reads, "MOST_AT_ONCE", 1)
    reader = FhirReads(Limits(deadline_seconds=10), SESSION)
    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", refuses)
        assert reader(Access(server=server.base), (CONDITIONS,))["conditions"].reason == "busy"

    assert reader(Access(server=server.base), (CONDITIONS,))["conditions"].reason == "", "the place was given back"


def test_a_fault_of_our_own_is_told_and_logged_without_its_words(
    server: FhirServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError(TOKEN)

    logs.configure("info")
    monkeypatch.setattr(fhir_reads, "json_in", breaks)

    assert conditions(server).reason == "fault"
    told = capsys.readouterr().err
    assert "RuntimeError" in told and TOKEN not in told


# --- servers that are wicked -------------------------------------------------------------------------


def test_a_redirect_is_never_followed(server: FhirServer) -> None:
    with fhir_server() as elsewhere:
        answer = conditions(server, stub.redirects_to(f"{elsewhere.base}/Condition"))
        assert answer.reason == "redirect" and not elsewhere.requests and elsewhere.connections == 0
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "behaviour, reason",
    [
        (stub.sends_a_gigabyte, "too-large"),
        (stub.sends_a_gigabyte_without_a_length, "too-large"),
        (stub.sends_a_gigabyte_in_chunks, "too-large"),
        (stub.redirects_to("http://127.0.0.1:1/", stub.sends_a_gigabyte), "redirect"),
        (stub.sends_an_endless_size_of_a_chunk, "cut-short"),
        (stub.sends_endless_headers, "unreachable"),
    ],
)
def test_of_a_gigabyte_no_more_is_held_than_may_be(server: FhirServer, behaviour: Behaviour, reason: str) -> None:
    tracemalloc.start()
    try:
        answer = conditions(server, behaviour)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert answer.reason == reason and not answer.pages
    assert most < 50_000_000 and server.bytes_sent < 100_000_000


def test_proxies_of_the_environment_are_not_used(server: FhirServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert conditions(server, says(searchset())).reason == ""


def test_cookies_are_never_sent_back(server: FhirServer) -> None:
    reader = FhirReads(Limits(deadline_seconds=5), session())
    server.on("Condition", says(searchset(), Set_Cookie="session=1; Path=/"))
    for _ in range(2):
        reader(Access(server=server.base), (CONDITIONS,))
    assert len(server.requests) == 2 and all("cookie" not in asked.headers for asked in server.requests)


def test_neither_token_nor_address_is_in_the_log(server: FhirServer, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info")
    for behaviour in (
        stub.closes,
        stub.hangs,
        says({}, 401),
        says(b"<html>"),
        stub.redirects_to("http://127.0.0.1:1/"),
    ):
        conditions(server, behaviour, deadline_seconds=0.1)

    told = capsys.readouterr().err
    assert TOKEN not in told and "patient=1" not in told
    lines = [json.loads(line) for line in told.splitlines()]
    assert [line["code"] for line in lines if line["event"] == "fhir_read"] == [
        "unreachable", "timeout", "unauthorised", "not-fhir", "redirect",
    ]  # fmt: skip
    assert {line["server"] for line in lines if line["event"] == "fhir_read"} == {server.base}


# --- certificates ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def test_a_server_is_trusted_whose_authority_is_named(authority: Authority) -> None:
    with fhir_server(tls=authority.server()) as server:
        answer = conditions(server, says(searchset()), ca_file=str(authority.file))
    assert answer.reason == ""


@pytest.mark.parametrize(
    "told",
    [{"ends": timedelta(days=-1)}, {"address": "127.0.0.2"}, {"signs_itself": True}],
    ids=["expired", "of another host", "signed by itself"],
)
def test_a_certificate_that_is_not_to_be_trusted_ends_it(authority: Authority, told: dict[str, Any]) -> None:
    with fhir_server(tls=authority.server(**told)) as server:
        answer = conditions(server, ca_file=str(authority.file))
    assert answer.reason == "certificate" and not server.requests


def test_an_authority_of_ones_own_is_not_trusted_unless_named(authority: Authority) -> None:
    with fhir_server(tls=authority.server()) as server:
        assert conditions(server).reason == "certificate"
    assert not server.requests


def test_without_tls_at_the_other_end_nothing_is_said(server: FhirServer) -> None:
    """Whoever takes the greeting for the beginning of a line of HTTP hangs up at its end, or waits for one."""
    answer = conditions(server.base.replace("http:", "https:"), deadline_seconds=2)
    assert answer.reason in ("unreachable", "timeout")
    assert not server.requests


@pytest.mark.parametrize("behaviour", [stub.drips_headers, stub.drips_body])
def test_a_slow_server_behind_tls_is_given_up_as_well(authority: Authority, behaviour: Behaviour) -> None:
    with fhir_server(tls=authority.server()) as server:
        assert in_time(server, behaviour, ca_file=str(authority.file)) == "timeout"


# --- the library, without sockets ------------------------------------------------------------------

BASE = "https://ehr.example.org/fhir"


@pytest.fixture
def mocked() -> Iterator[tuple[Adapter, requests.Session]]:
    adapter, over = Adapter(), session()
    over.mount(BASE, adapter)
    yield adapter, over


@pytest.mark.parametrize(
    "fault, reason",
    [
        (requests.exceptions.ReadTimeout, "timeout"),
        (requests.exceptions.ConnectTimeout, "timeout"),
        (requests.exceptions.ConnectionError, "unreachable"),
        (requests.exceptions.SSLError, "unreachable"),
        (requests.exceptions.InvalidURL, "unreachable"),
    ],
)
def test_a_fault_of_the_library_has_a_name(
    mocked: tuple[Adapter, requests.Session], fault: type[Exception], reason: str
) -> None:
    adapter, over = mocked
    adapter.register_uri("GET", f"{BASE}/Condition", exc=fault)
    assert conditions(BASE, over=over).reason == reason


def test_a_search_keeps_its_parameters(mocked: tuple[Adapter, requests.Session]) -> None:
    adapter, over = mocked
    search = "Observation?patient=1&_sort=-date&_count=1000"
    adapter.register_uri("GET", f"{BASE}/{search}", json=searchset(), headers={"Content-Type": stub.FHIR})

    wanted = Read(key="o", kind="Observation", is_search=True, address=search)

    assert read(BASE, wanted, over=over)["o"].reason == ""
    [sent] = adapter.request_history
    assert sent.url == f"{BASE}/{search}" and sent.headers["Authorization"] == f"Bearer {TOKEN}"
