"""The flat form: a table any spreadsheet opens, in which nothing is a formula."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from service.arrival import Arrival, Caller
from service.traces.exports.check import check_export
from service.traces.exports.csv_view import COLUMNS, COUNTS, FORMULA, Csv, safe
from service.traces.store import TraceStore
from tests.traces.exports.exporting import edit, exported, manifest_of
from tests.traces.traces import event, notary, trace


def rows_of(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / "traces.csv").read_bytes().decode(), newline="")))


def test_a_row_is_a_header_and_the_columns_keep_their_order(store: TraceStore, tmp_path: Path) -> None:
    store.keep(trace(1))

    folder = exported(store, tmp_path / "export", Csv())

    first = (folder / "traces.csv").read_bytes().split(b"\r\n")[0]
    assert first == ",".join(COLUMNS).encode()
    row = rows_of(folder)[0]
    assert (row["seq"], row["kind"], row["counts_fired"], row["duration_ns"]) == ("1", "hook", "1", "")
    assert row["leaf_hash"] == next(store.records()).leaf_hash


@pytest.mark.parametrize("begin", [*sorted(FORMULA), " =", "\u00a0@", "\u3000＝"])
def test_no_cell_begins_like_a_formula(store: TraceStore, tmp_path: Path, begin: str) -> None:
    hostile = f'{begin}HYPERLINK("http://a.example","x")\n=2, "z" \u2028 é\U0001f9b4'
    store.keep(trace(hook_instance=hostile, arrival=Arrival(caller=Caller(client=hostile, scopes=(hostile, "b")))))

    row = rows_of(exported(store, tmp_path / "export", Csv()))[0]

    assert row["hook_instance"] == row["client"] == f"'{hostile}"
    assert row["scopes"] == f"'{hostile} b"


@pytest.mark.parametrize("text", ["", "order-sign", "a=1", "urn:x", "(=1)", "0.1"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert safe(text) == text


def test_what_an_event_says_is_one_cell(store: TraceStore, tmp_path: Path) -> None:
    store.record_event(event(1, "feedback", says={"a": '=1,"b"\n', "b": 2}))

    row = rows_of(exported(store, tmp_path / "export", Csv()))[0]

    assert row["says"] == '{"a":"=1,\\"b\\"\\n","b":2}'


def test_every_field_of_a_header_has_a_column(store: TraceStore) -> None:
    store.keep(trace(1))
    store.record_event(event(1))

    fields = {field for record in store.records() for field in record.header} - {"counts"}

    assert fields | {f"counts_{name}" for name in COUNTS} | {"leaf_hash"} == set(COLUMNS)
    assert set(next(store.records()).header["counts"]) == set(COUNTS)  # type: ignore[call-overload]


def test_nothing_clinical_leaves(store: TraceStore, tmp_path: Path) -> None:
    store.keep(trace(body={"facts": ["Testcase"]}))

    folder = exported(store, tmp_path / "export", Csv())

    assert "Testcase" not in (folder / "traces.csv").read_text()
    assert manifest_of(folder)["left_out"]["not_asked_for"] == 1
    assert manifest_of(folder)["selection"]["bodies"] is False


def test_a_changed_cell_is_found(store: TraceStore, tmp_path: Path) -> None:
    store.notary = notary()
    store.keep(trace(1))
    folder, key = exported(store, tmp_path / "export", Csv()), [store.notary.signer.verifier]
    assert check_export(folder, key).holds

    edit(folder / "traces.csv", b"order-sign", b"order-sigh")

    assert [fault.what for fault in check_export(folder, key).faults] == ["traces.csv is not the file that was written"]


def test_an_empty_table_has_its_columns(store: TraceStore, tmp_path: Path) -> None:
    folder = exported(store, tmp_path / "export", Csv(), until="2000")
    assert rows_of(folder) == [] and (folder / "traces.csv").read_bytes().count(b"\r\n") == 1
