"""The door through which traces leave: one stream, which is read as it is written and says whether it is whole."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from service.app import app_of
from service.house import House
from service.settings import Settings
from service.traces.exports.check import check_export
from service.traces.exports.lying import NoExport
from service.traces.migrate import migrate
from service.traces.store import TraceStore, open_store
from tests.traces.traces import notary
from tests.web.test_traces import trace


@pytest.fixture
def store(tmp_path: Path) -> TraceStore:
    url = f"sqlite:///{tmp_path}/traces.db"
    migrate(url)
    store = open_store(url, notary())
    for number in range(1, 4):
        store.keep(trace(number))
    return store


@pytest.fixture
def audited(house: House, settings: Settings, store: TraceStore) -> FlaskClient:
    return app_of(replace(house, store=store), settings).test_client()


def saved(content: bytes, folder: Path) -> Path:
    file = folder / "export.ndjson"
    file.write_bytes(content)
    return file


def test_the_stream_is_a_whole_export(audited: FlaskClient, store: TraceStore, tmp_path: Path) -> None:
    assert store.notary is not None

    answer = audited.get("/traces/export")

    assert answer.content_type == "application/x-ndjson"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    checked = check_export(saved(answer.data, tmp_path), [store.notary.signer.verifier])
    assert checked.holds and checked.signed and checked.whole and checked.bodies == 3


def test_a_stream_that_was_cut_short_is_told_from_a_whole_one(audited: FlaskClient, tmp_path: Path) -> None:
    lines = audited.get("/traces/export").data.splitlines(keepends=True)
    with pytest.raises(NoExport, match="broke off"):
        check_export(saved(b"".join(lines[:-1]), tmp_path))


def test_it_is_told_who_took_what_away(audited: FlaskClient, store: TraceStore) -> None:
    assert audited.get(f"/traces/export?patientKey={1:064d}&headersOnly=true").data

    complete, begun = store.list(kinds=["export"]).headers
    assert begun.says["selection"] == {"patient_key": f"{1:064d}", "bodies": False}
    assert complete.says["begun"] == begun.id and complete.says["records"] == 3  # two decisions, and that it began


def test_nothing_is_written_before_it_is_read(audited: FlaskClient, store: TraceStore) -> None:
    answer = audited.get("/traces/export", buffered=False)
    stream = answer.iter_encoded()

    next(stream)

    assert [each.says["state"] for each in store.list(kinds=["export"]).headers] == ["begun"]
    answer.close()


def test_a_store_that_fails_half_way_breaks_the_stream(
    audited: FlaskClient, store: TraceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise RuntimeError("gone")

    stream = audited.get("/traces/export", buffered=False).iter_encoded()
    next(stream)
    monkeypatch.setattr("service.traces.exports.running.Export._completed", gone)

    with pytest.raises(RuntimeError, match="gone"):
        list(stream)


def test_a_table_is_all_rows_and_nothing_else(audited: FlaskClient) -> None:
    answer = audited.get("/traces/export?format=csv&rule=prognosis.good")

    assert answer.mimetype == "text/csv"
    assert [row["seq"] for row in csv.DictReader(io.StringIO(answer.text, newline=""))] == ["1", "3", "4"]


def test_resources_come_in_one_stream_with_the_manifest_last(audited: FlaskClient, tmp_path: Path) -> None:
    answer = audited.get("/traces/export?format=fhir&headersOnly=true")

    assert answer.content_type == "application/fhir+ndjson"
    *resources, last = map(json.loads, answer.data.splitlines())
    assert {each["resourceType"] for each in resources} == {"GuidanceResponse", "Provenance", "AuditEvent", "Device"}
    assert last["manifest"]["form"] == "fhir"
    assert check_export(saved(answer.data, tmp_path)).holds


@pytest.mark.parametrize(
    "query",
    ["format=xml", "format=", "patient=Patient/1", "patientKey=Patient/1", "rule='; --", "since=yesterday", "until=",
     "rulebook=x", "headersOnly=yes", "limit=1"],
)  # fmt: skip
def test_a_parameter_of_another_form_is_refused_and_nothing_leaves(
    audited: FlaskClient, store: TraceStore, query: str
) -> None:
    answer = audited.get(f"/traces/export?{query}")

    assert answer.status_code == 400 and answer.json["issue"][0]["code"] == "invalid"
    assert store.list(kinds=["export"]).headers == ()


def test_without_the_store_nothing_leaves(audited: FlaskClient, store: TraceStore, tmp_path: Path) -> None:
    store.close()
    (tmp_path / "traces.db").unlink()

    assert audited.get("/traces/export").status_code == 503
