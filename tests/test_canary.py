"""A patient whose words are unmistakable goes through every door and every error, and is named nowhere she may not be.

She may stand in an answer about her, in the body of a trace, and with her id alone in what a FHIR server is
asked. Logs, errors, headers, addresses, metrics and the arguments of processes never have a word of hers.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service import assess as assessing
from service import cli, logs
from service.app import app_of, fhir_reads_of, house_of
from service.fire import Reasoner
from service.house import House
from service.prefetch import reads as fhir_reads
from service.reasoning.engine import EngineFailure
from service.settings import Settings
from service.traces.migrate import migrate
from tests.support import canary, heard
from tests.support.api_keys import a_key, written
from tests.support.canary import FAMILY, GIVEN, ID, MRN, NOTE, words_in
from tests.support.fhir_server import fhir_server, says, searchset
from tests.support.tokens import ISSUER, PUBLIC_URL, ec_key, public, signed
from tests.web.conftest import settings_with_database
from tests.web.test_gunicorn import serving

FACTS, FHIR, JSON = "application/vnd.osteon.facts+json", "application/fhir+json", "application/json"
SIGN = "/cds-services/bone-metastases-order-sign"
VIEW = "/cds-services/bone-metastases-patient-view"
BUNDLE, CHART = canary.bundle(), canary.chart()
SAID = f"{GIVEN} {FAMILY}, {MRN}. {NOTE}"
Lines = Callable[[], str]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("canary") / "traces.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="module")
def settings(database: Path) -> Settings:
    return settings_with_database(f"sqlite:///{database}", body_limit_hook=200_000)


@pytest.fixture(scope="module")
def house(settings: Settings) -> House:
    return house_of(settings)


@pytest.fixture(scope="module")
def client(house: House, settings: Settings) -> FlaskClient:
    return app_of(house, settings).test_client()


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    """What was logged, at the level that tells most."""
    logs.configure("debug")
    yield lambda: capsys.readouterr().err
    logs.configure("info")


def hook(**changes: Any) -> dict[str, Any]:
    return CHART.request(**{"prefetch": CHART.prefetch(), **changes})


def view(**changes: Any) -> dict[str, Any]:
    return CHART.request("patient-view", **{"prefetch": CHART.prefetch(), **changes})


def context(**changes: Any) -> dict[str, Any]:
    return {**hook()["context"], **changes}


def with_patient(**changes: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {**canary.patient(), **changes}}]}


def facts(**changes: Any) -> dict[str, Any]:
    return {**json.loads(canary.facts()), **changes}


def told_nowhere(answer: TestResponse, lines: Lines) -> None:
    """Nothing of her in what an error says, in any header, or in the log."""
    assert words_in(answer.text) == []
    assert words_in(str(answer.headers)) == []
    logged = lines()
    assert '"event": "request"' in logged and words_in(logged) == []


# --- the finder --------------------------------------------------------------------------------


def test_the_finder_finds_every_word_however_it_is_written() -> None:
    for word in canary.WORDS:
        assert word in words_in(f"so {word.upper()} was there") and word not in words_in("so she was there")
    assert words_in("?name=%2B44%207700%20900461") == [canary.PHONE] == words_in("?n=%2B44+7700+900461")


def test_her_words_are_in_what_is_sent_and_some_reach_the_body_of_the_trace(client: FlaskClient, house: House) -> None:
    assert set(words_in(json.dumps(BUNDLE))) == set(canary.WORDS)

    answer = client.post("/evaluate", json=BUNDLE)

    stored = house.store.get(answer.json["results"][0]["trace"])
    assert stored is not None and {ID, canary.HAEMOGLOBIN} <= set(words_in(json.dumps(stored.body, default=str)))
    assert answer.json["results"][0]["rules"]["fired"]


@pytest.mark.parametrize(
    "said", ["Patient/pernille", "born 1961-03-03", "ANNA", "edda-condition-1", FAMILY, "Testcase"]
)
def test_whoever_listens_to_the_log_knows_the_patients_of_the_tests(said: str) -> None:
    logs.log("request", code=said)
    [heard_in] = heard.patients_told()
    assert said in heard_in and heard.patients_told() == []


def test_whoever_listens_takes_no_id_of_a_trace_for_a_name() -> None:
    logs.log("request", trace="019c1159-edda-7000-8ebb-000000000001", code="hannah")
    assert heard.patients_told() == []


# --- doors that open ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        ("/evaluate", BUNDLE, {}),
        ("/evaluate?mode=strict", BUNDLE, {}),
        ("/evaluate", BUNDLE, {"Accept": FHIR}),
        ("/evaluate", canary.facts(), {"Content-Type": FACTS}),
        ("/fhir/$evaluate", BUNDLE, {"Content-Type": FHIR}),
        (SIGN, hook(), {}),
        (VIEW, view(), {}),
        (VIEW, view(extension={"name": SAID}), {}),
        (VIEW, view(context={**view()["context"], "userId": f"Practitioner/{FAMILY}"}), {}),
        (f"{VIEW}?mode=strict", view(), {}),
        ("/evaluate", with_patient(gender=SAID), {}),
    ],
)  # fmt: skip
def test_what_is_decided_about_her_is_logged_without_her(
    client: FlaskClient, lines: Lines, path: str, body: Any, headers: dict[str, str]
) -> None:
    text = body if isinstance(body, str) else json.dumps(body)

    answer = client.post(path, data=text, headers={"Content-Type": JSON, **headers})

    assert answer.status_code == 200, answer.text[:300]
    assert words_in(str(answer.headers)) == [] == words_in(lines())


# --- errors of whoever asks --------------------------------------------------------------------

BROKEN = json.dumps(BUNDLE)
ERRORS: list[tuple[str, str, Any, dict[str, str], int]] = [
    # path, what is sent, headers, status
    ("cut short", "/evaluate", BROKEN[:-20], {}, 400),
    ("a name twice", "/evaluate", f'{{"{FAMILY}": 1, "{FAMILY}": 2}}', {}, 400),
    ("not a number", "/evaluate", f'{{"{FAMILY}": NaN}}', {}, 400),
    ("no quotes", "/evaluate", f'{{"resourceType": {FAMILY}}}', {}, 400),
    ("not UTF-8", "/evaluate", f'{{"name": "{FAMILY}\xff"}}'.encode("latin-1"), {}, 415),
    ("too deep", "/evaluate", "[" * 70 + f'"{SAID}"' + "]" * 70, {}, 422),
    ("too large", "/evaluate", BROKEN.ljust(300_000), {}, 413),
    ("another type", "/evaluate", BROKEN, {"Content-Type": f"text/{FAMILY}"}, 415),
    ("another charset", "/evaluate", BROKEN, {"Content-Type": f"{JSON}; charset={FAMILY}"}, 415),
    ("another encoding", "/evaluate", BROKEN, {"Content-Encoding": FAMILY}, 415),
    ("another answer", "/evaluate", BROKEN, {"Accept": f"text/{FAMILY}"}, 406),
    ("not FHIR", "/evaluate", {"resourceType": FAMILY, "id": MRN}, {}, 422),
    ("a name for a type", "/evaluate", {"resourceType": SAID}, {}, 422),
    ("no type", "/evaluate", {FAMILY: SAID}, {}, 422),
    ("no resource", "/evaluate", json.dumps(SAID), {}, 422),
    ("a wrong date", "/evaluate?mode=strict", with_patient(birthDate=FAMILY), {}, 422),
    ("a wrong gender", "/evaluate?mode=strict", with_patient(gender=SAID), {}, 422),
    ("a wrong id", "/evaluate?mode=strict", with_patient(id=SAID), {}, 422),
    ("a parameter", f"/evaluate?{FAMILY}={MRN}", BUNDLE, {}, 400),
    ("a date", f"/evaluate?evaluationDate={canary.BORN}&evaluationDate={canary.BORN}", BUNDLE, {}, 400),
    ("a hook", f"/evaluate?hook={FAMILY}", BUNDLE, {}, 422),
    ("a mode", f"/evaluate?mode={FAMILY}", BUNDLE, {}, 400),
    ("a value no fact has", "/evaluate", facts(facts={"mets.status": SAID}), {"Content-Type": FACTS}, 422),
    ("a value of a threshold", "/evaluate", facts(config={"oligo_max_lesions": SAID}), {"Content-Type": FACTS}, 422),
    ("a day", "/evaluate", facts(evaluationDate=SAID), {"Content-Type": FACTS}, 422),
    ("no parameters", "/fhir/$evaluate", {"resourceType": "Parameters", "parameter": SAID}, {}, 400),
    ("a name of a parameter", "/fhir/$evaluate", {"resourceType": "Parameters", "parameter": [{"name": FAMILY}]}, {}, 400),
    ("a value of a parameter", "/fhir/$evaluate",
     {"resourceType": "Parameters", "parameter": [{"name": "evaluationDate", "valueDate": FAMILY}, {"name": "bundle", "resource": BUNDLE}]}, {}, 400),
    ("another hook", SIGN, hook(hook=FAMILY), {}, 400),
    ("an instance", SIGN, hook(hookInstance=MRN), {}, 400),
    ("a patient's name for an id", SIGN, hook(context=context(patientId=f"{GIVEN} {FAMILY}")), {}, 400),
    ("no user", SIGN, hook(context=context(userId={"name": FAMILY})), {}, 400),
    ("no orders", SIGN, hook(context=context(draftOrders=SAID)), {}, 400),
    ("another patient", SIGN, hook(context=context(patientId="somebody-else")), {}, 422),
    ("no prefetch", SIGN, hook(prefetch=None), {}, 412),
    ("a prefetch that is none", SIGN, hook(prefetch={FAMILY: SAID}), {}, 400),
    ("a server", SIGN, hook(fhirServer={"name": FAMILY}), {}, 400),
    ("a token for another", SIGN, hook(fhirServer="https://x.example.org", fhirAuthorization={"access_token": "t", "patient": FAMILY}), {}, 422),
    ("a token of another kind", SIGN, hook(fhirServer="https://x.example.org", fhirAuthorization={"access_token": "t", "token_type": FAMILY}), {}, 400),
    ("a service there is not", f"/cds-services/{FAMILY}", hook(), {}, 404),
    ("an address there is not", f"/{FAMILY}/{MRN}", hook(), {}, 404),
    ("a host there is not", "/evaluate", BUNDLE, {"Host": f"{FAMILY}.example.org"}, 400),
    ("erasing nothing", "/traces/erase", {"patient": f"Patient/{FAMILY}", "ground": "patient-request"}, {}, 404),
    ("erasing for no ground", "/traces/erase", {"patient": f"Patient/{FAMILY}", "ground": SAID}, {}, 400),
    ("erasing something else", "/traces/erase", {FAMILY: MRN, "ground": "court-order"}, {}, 400),
]  # fmt: skip


@pytest.mark.parametrize(("what", "path", "body", "headers", "status"), ERRORS, ids=[error[0] for error in ERRORS])
def test_what_is_wrong_is_told_without_her(
    client: FlaskClient, lines: Lines, what: str, path: str, body: Any, headers: dict[str, str], status: int
) -> None:
    sent = body if isinstance(body, str | bytes) else json.dumps(body)

    answer = client.post(path, data=sent, headers={"Content-Type": JSON, **headers})

    assert answer.status_code == status, answer.text[:300]
    told_nowhere(answer, lines)


NAMES: list[tuple[str, str, Any, dict[str, str], int]] = [
    ("a field there is not", "/evaluate?mode=strict", with_patient(**{FAMILY: MRN}), {}, 422),
    ("a deep field there is not", "/evaluate?mode=strict", with_patient(name=[{FAMILY: MRN}]), {}, 422),
    ("an extension of a field there is not", "/evaluate?mode=strict", with_patient(**{f"_{FAMILY}": {"id": MRN}}), {}, 422),
    ("a fact there is not", "/evaluate", facts(facts={FAMILY: SAID}), {"Content-Type": FACTS}, 422),
    ("a fact of a drug", "/evaluate", facts(drugs=[{"name": "letrozole", FAMILY: MRN}]), {"Content-Type": FACTS}, 422),
    ("an element of another name", "/evaluate", facts(**{FAMILY: SAID}), {"Content-Type": FACTS}, 422),
    ("a threshold", "/evaluate", facts(config={FAMILY: 1}), {"Content-Type": FACTS}, 422),
]  # fmt: skip


@pytest.mark.parametrize(("what", "path", "body", "headers", "status"), NAMES, ids=[error[0] for error in NAMES])
def test_a_name_that_is_misspelt_is_told_to_who_sent_it_alone_and_what_it_holds_to_nobody(
    client: FlaskClient, lines: Lines, what: str, path: str, body: Any, headers: dict[str, str], status: int
) -> None:
    answer = client.post(path, json=body, headers={"Content-Type": JSON, **headers})

    assert answer.status_code == status, answer.text[:300]
    assert set(words_in(answer.text)) <= {FAMILY}
    assert words_in(str(answer.headers)) == [] == words_in(lines())


@pytest.mark.parametrize(
    "path",
    [f"/traces/{FAMILY}", f"/traces/{FAMILY}/header", f"/traces?patientKey={FAMILY}", f"/traces?{FAMILY}=1", f"/traces?after={MRN}",
     f"/traces?rule={MRN}", f"/fhir/OperationDefinition/{FAMILY}", f"/fhir/Patient/{ID}", f"/fhir/metadata?_format={FAMILY}", f"/{MRN}"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "DELETE", FAMILY.upper()])
def test_an_address_is_not_repeated(client: FlaskClient, lines: Lines, path: str, method: str) -> None:
    told_nowhere(client.open(path, method=method, headers={"User-Agent": SAID, "Referer": f"http://x/{FAMILY}"}), lines)


# --- faults inside -----------------------------------------------------------------------------


def test_a_rule_that_fails_is_told_without_her(
    client: FlaskClient, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise EngineFailure(SAID)

    monkeypatch.setattr(Reasoner, "fire", failing)
    for path, body in (("/evaluate", BUNDLE), ("/fhir/$evaluate", BUNDLE), (SIGN, hook())):
        answer = client.post(path, json=body)
        assert answer.status_code == 500
        told_nowhere(answer, lines)


def test_a_fault_nobody_thought_of_is_told_without_her(
    client: FlaskClient, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        logging.getLogger("a.library").error(f"cannot read {SAID}")
        logging.getLogger("a.library").error("cannot read %s", SAID)
        raise KeyError(SAID)

    monkeypatch.setattr(assessing, "cases_in", failing)

    answer = client.post("/evaluate", json=BUNDLE)

    assert answer.status_code == 500
    told_nowhere(answer, lines)


def test_a_store_that_is_away_is_told_without_her(
    house: House, settings: Settings, lines: Lines, tmp_path: Path
) -> None:
    file = tmp_path / "traces.db"
    migrate(f"sqlite:///{file}")
    away = house_of(settings_with_database(f"sqlite:///{file}"))
    doors = app_of(away, settings).test_client()
    file.unlink()

    for path, body in (("/evaluate", BUNDLE), (SIGN, hook())):
        answer = doors.post(path, json=body)
        assert answer.status_code == 503
        told_nowhere(answer, lines)


def test_a_store_that_refuses_to_write_is_told_without_her(settings: Settings, lines: Lines, tmp_path: Path) -> None:
    file = tmp_path / "traces.db"
    migrate(f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON trace_rule BEGIN SELECT RAISE(ABORT, 'refused'); END"
        )
    doors = app_of(house_of(settings_with_database(f"sqlite:///{file}")), settings).test_client()

    answer = doors.post("/evaluate", json=BUNDLE)

    assert answer.status_code == 503
    told_nowhere(answer, lines)


# --- FHIR servers ------------------------------------------------------------------------------


def test_a_fhir_server_that_talks_is_asked_for_her_id_alone_and_not_quoted(
    house: House, settings: Settings, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fhir_reads, "PAUSES", (0.01, 0.02))
    with fhir_server() as server:
        canary.talkative(server)
        reading = replace(house, fhir_servers=(server.base,), reads=fhir_reads_of(Settings(fhir_deadline_seconds=10)))
        doors = app_of(reading, settings).test_client()
        granted = {"access_token": "a-token", "token_type": "Bearer", "patient": ID}

        answer = doors.post(SIGN, json=hook(fhirServer=server.base, fhirAuthorization=granted, prefetch=None))

        assert answer.status_code == 200 and len(server.requests) > 5
        for asked in server.requests:
            assert words_in(asked.path, but=(ID,)) == [] == words_in(str(asked.headers))
    assert words_in(str(answer.headers)) == [] == words_in(lines())
    [newest] = house.store.list(limit=1).headers
    stored = house.store.get(newest.id)
    assert stored is not None and stored.body is not None
    assert {"server-error", "not-fhir", "not-found", "redirect"} <= set(words_of(stored.body["prefetch"]))


@pytest.mark.parametrize(
    ("kind", "resource"),
    [("Patient", {**canary.patient(), "id": FAMILY}), ("Patient", {"resourceType": FAMILY, "id": MRN}), ("Patient", [SAID]),
     ("Procedure", searchset(canary.haemoglobin(subject={"reference": f"Patient/{FAMILY}"})))],
)  # fmt: skip
def test_a_patient_that_is_another_or_none_is_not_quoted(
    house: House, settings: Settings, lines: Lines, kind: str, resource: Any
) -> None:
    with fhir_server() as server:
        canary.chart().served_by(server)
        server.on(kind, says(resource))
        reading = replace(house, fhir_servers=(server.base,), reads=fhir_reads_of(Settings(fhir_deadline_seconds=10)))
        doors = app_of(reading, settings).test_client()

        answer = doors.post(
            SIGN, json=hook(fhirServer=server.base, fhirAuthorization={"access_token": "t"}, prefetch={})
        )

    assert answer.status_code in (412, 422)
    told_nowhere(answer, lines)


def words_of(document: Any) -> list[Any]:
    """Every plain value in a document."""
    if isinstance(document, dict | list):
        return [
            word for each in (document.values() if isinstance(document, dict) else document) for word in words_of(each)
        ]
    return [document]


# --- credentials -------------------------------------------------------------------------------


def test_a_token_that_names_her_is_refused_without_her(
    house: House, settings: Settings, lines: Lines, tmp_path: Path
) -> None:
    clients = tmp_path / "clients.json"
    north = {"name": "north", "issuer": ISSUER, "jwks": {"keys": [public(ec_key())]}, "tenants": ["a"]}
    clients.write_text(json.dumps({"clients": [north]}))
    guarded = settings_with_database(
        settings.database_url, clients_file=str(clients), public_url=PUBLIC_URL, api_keys_file=""
    )
    doors = app_of(house, guarded).test_client()
    now = int(house.now().timestamp())
    claims = {"iss": ISSUER, "aud": PUBLIC_URL + SIGN, "iat": now, "exp": now + 300, "jti": MRN, "tenant": "a"}
    wrong: list[dict[str, Any]] = [
        {"iss": SAID}, {"aud": f"{PUBLIC_URL}/{FAMILY}"}, {"tenant": FAMILY}, {"exp": SAID}, {"exp": 1, "name": SAID}, {"jti": [SAID]},
    ]  # fmt: skip
    tokens = [signed({**claims, **changed}) for changed in wrong]
    tokens += [signed(claims, kid=FAMILY), signed(claims, typ=FAMILY), signed(claims, jku=f"https://x/{FAMILY}"), SAID]

    for token in tokens:
        answer = doors.post(SIGN, json=hook(), headers={"Authorization": f"Bearer {token}"}, base_url=PUBLIC_URL)
        assert (answer.status_code, answer.data) == (401, b"")
        told_nowhere(answer, lines)


# --- the command line --------------------------------------------------------------------------


@pytest.fixture
def run(database: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("OSTEON_DATABASE_URL", f"sqlite:///{database}")
    monkeypatch.setenv("OSTEON_PATIENT_KEY_SECRET", "not-a-real-secret-not-a-real-secret")
    monkeypatch.setattr(logs, "configure", lambda level: None)
    return lambda *arguments: CliRunner().invoke(cli.main, [str(one) for one in arguments])


@pytest.mark.parametrize(
    ("arguments", "content"),
    [((), BROKEN[:-20]), (("--strict",), json.dumps(with_patient(birthDate=SAID))), ((), json.dumps({"resourceType": SAID})),
     (("--facts",), json.dumps(facts(facts={"mets.status": SAID}))), (("--facts",), json.dumps(SAID))],
)  # fmt: skip
def test_a_command_that_fails_does_not_name_her(
    run: Callable[..., Result], tmp_path: Path, arguments: tuple[str, ...], content: str
) -> None:
    file = tmp_path / "given.json"
    file.write_text(content)

    done = run("evaluate", *arguments, file)

    assert done.exit_code == cli.REFUSED, done.output
    assert done.stderr.strip() and words_in(done.output) == []


def test_commands_about_her_traces_do_not_name_her(run: Callable[..., Result], client: FlaskClient) -> None:
    client.post("/evaluate", json=BUNDLE)
    hers = f"Patient/{ID}"

    done = [
        run("traces", "list", "--patient", hers),
        run("traces", "hold", "--patient", hers, "--reason", SAID),
        run("traces", "holds"),
        run("traces", "erase", "--patient", hers, "--ground", "patient-request"),
        run("traces", "release", "--patient", hers, "--reason", SAID),
        run("traces", "erase", "--patient", hers, "--ground", "patient-request"),
        run("traces", "erase", "--patient", f"Patient/{FAMILY}", "--ground", "patient-request"),
        run("traces", "list", "--kind", "hold", "--kind", "release", "--kind", "erasure"),
        run("traces", "verify"),
    ]

    assert [each.exit_code for each in done] == [0, 0, 0, 1, 0, 0, 1, 0, 0]
    for each in done:
        assert words_in(each.output) == []


# --- what is kept ------------------------------------------------------------------------------


def test_of_her_only_bodies_are_kept(client: FlaskClient, house: House, database: Path, settings: Settings) -> None:
    for path, body in (("/evaluate", BUNDLE), (SIGN, hook()), ("/evaluate", with_patient(gender=SAID))):
        client.post(path, json=body)
    [newest] = house.store.list(limit=1).headers
    client.get(f"/traces/{newest.id}")

    with closing(sqlite3.connect(database)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        assert {"trace_header", "trace_rule", "trace_body"} <= set(tables)
        for table in set(tables) - {"trace_body"}:
            rows = connection.execute(f"SELECT * FROM {table}").fetchall()
            assert words_in(repr(rows)) == [], table
        headers = [header for (header,) in connection.execute("SELECT header FROM trace_header")]
    assert headers


# --- the service as it runs --------------------------------------------------------------------


def test_gunicorn_and_its_processes_do_not_name_her(tmp_path: Path) -> None:
    body = json.dumps(BUNDLE).encode()
    key, kept = a_key("analyst", "evaluate")
    allowed, keys = f"Authorization: Bearer {key}\n", written(tmp_path / "keys.json", [kept])
    limits = {"OSTEON_LOG_LEVEL": "debug", "OSTEON_BODY_TIMEOUT_SECONDS": "0.5"}
    with serving(tmp_path, OSTEON_API_KEYS_FILE=keys, **limits) as server:
        assert (server.post(body)[0], server.post(body, allowed)[0]) == (401, 200)
        said = [
            server.post(body[:-20], allowed),
            server.post(body, allowed[:-2] + "\n"),
            server.post(body, path=f"/{FAMILY}/{MRN}?name={GIVEN}"),
            server.post(body, f"Expect: {FAMILY}\n"),
            server.post(body, f"{allowed}Content-Encoding: {FAMILY}\n"),
            server.post(body, f"Transfer-Encoding: {FAMILY}\n"),
            server.send(f"GET /{FAMILY} HTTP/9.9\nHost: localhost\n"),
            server.send(f"GET /{FAMILY}{'x' * 5000} HTTP/1.1\nHost: localhost\n"),
            server.send(f"{FAMILY} / HTTP/1.1\nHost: localhost\n"),
            server.send(f"GET / HTTP/1.1\nHost: localhost\n{FAMILY} {MRN}\n"),
            server.send(f"GET / HTTP/1.1\nHost: localhost\nX-Patient: {FAMILY * 1000}\n"),
            server.send(f"POST /evaluate HTTP/1.1\nHost: localhost\nContent-Type: {JSON}\nContent-Length: {FAMILY}\n"),
            server.send(f"POST /evaluate HTTP/1.1\nHost: localhost\n{allowed}Content-Type: {JSON}\nContent-Length: 99999\n", body[:2000]),
        ]  # fmt: skip
        processes = [*_children(server.process.pid), server.process.pid]
        arguments = "".join(Path(f"/proc/{pid}/cmdline").read_text() for pid in processes)
        logged = server.log.read_text()

    assert len(processes) > 1 and "gunicorn" in arguments and words_in(arguments) == []
    assert all(status >= 400 for status, _, _ in said), [status for status, _, _ in said]
    assert [words_in(f"{headers}{text!r}") for _, headers, text in said] == [[]] * len(said)
    assert '"event": "request"' in logged and words_in(logged) == []
    secret = key.removeprefix(kept.prefix)[:-1]
    assert secret not in f"{logged}{arguments}{said}"


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
