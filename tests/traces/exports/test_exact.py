"""The exact form: what was stored, byte for byte; what was left out, told; and any change found."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.arrival import Arrival, Caller
from service.traces.entry import commitment
from service.traces.erasure import erase
from service.traces.exports import selection
from service.traces.exports.check import check_export
from service.traces.exports.lying import NoExport
from service.traces.exports.ndjson import parts_of
from service.traces.exports.running import Export
from service.traces.holds import Subject
from service.traces.merkle import leaf_of
from service.traces.notes import Verifier, opened
from service.traces.store import TraceStore
from service.traces.verify import verify_chain
from tests.traces.exports.exporting import edit, export, exported, lines_of, manifest_of
from tests.traces.traces import event, notary, trace, trace_id

HOSTILE = 'a\nb\r\n"quoted" \\ \u2028\u2029\x00\x1f ,"body":{} \U0001f9b4 \u202egnp.exe'


@pytest.fixture
def signed(store: TraceStore) -> TraceStore:
    """A store with five decisions and an event, whose checkpoints are signed."""
    store.notary = notary()
    for number in range(1, 6):
        store.keep(trace(number, patient_key=f"{number % 2:064d}", rulebook=f"{number % 2:064d}"))
    store.record_event(event(1, "feedback", body={"reason": HOSTILE}))
    return store


def key_of(store: TraceStore) -> list[Verifier]:
    assert store.notary is not None
    return [store.notary.signer.verifier]


def events(store: TraceStore, kind: str = "export") -> list[dict[str, Any]]:
    return [header.says for header in reversed(store.list(kinds=[kind]).headers)]


# --- exactly what was stored ---------------------------------------------------------------------


def test_each_header_is_the_very_bytes_of_its_leaf(signed: TraceStore, tmp_path: Path) -> None:
    folder = exported(signed, tmp_path / "export")

    kept = {each.seq: each for each in signed.records()}
    lines = lines_of(folder / "headers.ndjson")
    assert len(lines) == manifest_of(folder)["size"]
    for seq, line in enumerate(lines, start=1):
        assert line.decode() == kept[seq].header_text and leaf_of(line).hex() == kept[seq].leaf_hash


def test_salt_and_body_of_each_line_give_the_commitment_in_its_header(signed: TraceStore, tmp_path: Path) -> None:
    folder = exported(signed, tmp_path / "export")

    headers = {header["seq"]: header for header in map(json.loads, lines_of(folder / "headers.ndjson"))}
    bodies = [parts_of(line) for line in lines_of(folder / "bodies.ndjson")]
    assert len(bodies) == 6
    for body in bodies:
        assert body is not None
        assert commitment(body.salt, body.body) == headers[body.seq]["body_commitment"]
        assert commitment(body.salt, body.index) == headers[body.seq]["index_commitment"]


def test_hostile_text_comes_out_as_it_went_in(store: TraceStore, tmp_path: Path) -> None:
    body: dict[str, object] = {"facts": [HOSTILE], "body": {HOSTILE: [{"body": HOSTILE}]}}
    caller = Caller(client=HOSTILE.replace("\x00", ""))
    store.keep(trace(body=body, arrival=Arrival(caller=caller), rules=((',"body":', "fired"), ("a\u2028", "fired"))))

    folder = exported(store, tmp_path / "export")

    [line] = lines_of(folder / "bodies.ndjson")
    assert json.loads(line)["body"] == body
    assert json.loads(lines_of(folder / "headers.ndjson")[0])["client"] == caller.client
    assert check_export(folder).holds


def test_a_store_whose_first_decision_is_still_to_come_has_an_export_too(store: TraceStore, tmp_path: Path) -> None:
    store.notary = notary()

    folder = exported(store, tmp_path / "export", until="2000-01-01")

    assert manifest_of(folder)["records"] == 0 and manifest_of(folder)["first_seq"] is None
    assert check_export(folder, key_of(store)).holds
    assert (folder / "headers.ndjson").read_bytes() == b""


def test_the_files_are_for_their_owner_only(signed: TraceStore, tmp_path: Path) -> None:
    folder = exported(signed, tmp_path / "export")
    assert {oct(file.stat().st_mode & 0o777) for file in folder.iterdir()} == {"0o600"}


def test_nothing_that_is_there_is_written_over(signed: TraceStore, tmp_path: Path) -> None:
    exported(signed, tmp_path / "export")
    with pytest.raises(FileExistsError):
        exported(signed, tmp_path / "export")


# --- a part of the log ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wanted, decisions",
    [
        ({"patient_key": f"{0:064d}"}, [2, 4]),
        ({"rulebook": f"{1:064d}"}, [1, 3, 5]),
        ({"rule": "imbrication.parp-hold"}, [1, 2, 3, 4, 5]),
        ({"rule": "prognosis.good"}, []),  # it was undetermined
        ({"since": "2026-01-31T09:30:00.000000Z", "until": "2026-01-31T09:30:00.000001Z"}, [1, 2, 3, 4, 5]),
        ({"since": "2026-01-31T09:30:00.000001Z", "until": "2026-02-01"}, []),
        ({"until": "2026-01-31T09:30:00.000000Z"}, []),
        ({"rule": "imbrication.parp-hold", "patient_key": f"{0:064d}"}, [2, 4]),
    ],
)
def test_a_part_is_proven_by_itself(
    signed: TraceStore, tmp_path: Path, wanted: dict[str, str], decisions: list[int]
) -> None:
    folder = exported(signed, tmp_path / "export", **wanted)

    headers = list(map(json.loads, lines_of(folder / "headers.ndjson")))
    assert [header["id"] for header in headers if header["kind"] == "hook"] == list(map(trace_id, decisions))
    checked = check_export(folder, key_of(signed))
    assert checked.holds and not checked.whole and checked.records == len(headers)


def test_without_bodies_nothing_clinical_leaves_and_the_manifest_says_so(signed: TraceStore, tmp_path: Path) -> None:
    folder = exported(signed, tmp_path / "export", bodies=False)

    assert (folder / "bodies.ndjson").read_bytes() == b""
    assert manifest_of(folder)["left_out"]["not_asked_for"] == 6
    assert check_export(folder, key_of(signed)).holds


def test_erased_bodies_are_told_as_such(signed: TraceStore, tmp_path: Path) -> None:
    for number in (2, 3):
        subject = Subject(about="decision", name=trace_id(number))
        erase(signed, subject, ground="court-order", id=trace_id(100 + number), at="2026-02-01")

    folder = exported(signed, tmp_path / "export")

    kept = {each.id: each.seq for each in signed.records()}
    gone = [kept[trace_id(number)] for number in (2, 3)]
    assert manifest_of(folder)["left_out"]["erased"] == [gone] and manifest_of(folder)["bodies"] == 4
    assert check_export(folder, key_of(signed)).holds


def test_pages_follow_one_another_while_decisions_are_being_made(
    signed: TraceStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "AT_ONCE", 2)
    monkeypatch.setattr(selection, "WINDOW", 3)
    exporting = export(signed)
    size = signed.list(kinds=["checkpoint"]).headers[0].says["size"]

    file = tmp_path / "export.ndjson"
    with open(file, "wb") as out:
        for number, line in enumerate(exporting.streamed()):
            out.write(line)
            if number < 10:
                signed.keep(trace(50 + number))

    checked = check_export(file, key_of(signed))
    assert checked.holds and checked.whole and checked.records == size
    assert trace_id(50) not in file.read_text()
    assert verify_chain(signed, verifiers=key_of(signed)).holds


def test_a_stream_reads_no_further_than_it_is_read(signed: TraceStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "AT_ONCE", 2)
    asked: list[int] = []
    stored_traces = selection.stored_traces
    monkeypatch.setattr(
        selection,
        "stored_traces",
        lambda *args, after, limit: asked.append(after) or stored_traces(*args, after=after, limit=limit),
    )
    stream = export(signed).streamed()

    assert asked == []
    for _ in range(3):  # leaf, header and body of the first record
        next(stream)

    assert asked == [0]


# --- it is told ----------------------------------------------------------------------------------


def test_an_export_is_told_when_it_begins_and_when_it_is_complete(signed: TraceStore, tmp_path: Path) -> None:
    exporting = export(signed, patient_key="ab" * 32, caller=Caller(client="shell:auditor"))

    digest = exporting.into(tmp_path / "export")

    begun, complete = signed.list(kinds=["export"]).headers[::-1]
    asked = {"bodies": True, "patient_key": "ab" * 32}
    assert begun.says == {"form": "ndjson", "state": "begun", "selection": asked}
    assert complete.says == {
        "form": "ndjson", "state": "complete", "selection": asked, "begun": begun.id, "records": 1, "bodies": 0,
        "manifest": digest,
    }  # fmt: skip
    assert digest == hashlib.sha256((tmp_path / "export" / "manifest.json").read_bytes().rstrip(b"\n")).hexdigest()
    for header in (begun, complete):
        assert header.columns["client"] == "shell:auditor" and header.columns["patient_key"] == "ab" * 32


def test_an_export_that_breaks_off_is_told_and_has_no_manifest(signed: TraceStore, tmp_path: Path) -> None:
    stream = export(signed).streamed()
    file = tmp_path / "export.ndjson"
    file.write_bytes(b"".join(next(stream) for _ in range(5)))
    stream.close()  # type: ignore[attr-defined]

    assert [says["state"] for says in events(signed)] == ["begun"]
    with pytest.raises(NoExport, match="broke off"):
        check_export(file)


def test_the_manifest_bears_the_signature_of_the_log(signed: TraceStore, tmp_path: Path) -> None:
    folder = exported(signed, tmp_path / "export")

    digest = hashlib.sha256((folder / "manifest.json").read_bytes().rstrip(b"\n")).hexdigest()
    assert f"sha256 {digest}\n" in opened((folder / "manifest.note").read_text(), key_of(signed))


def test_the_signature_of_somebody_else_is_not_believed(signed: TraceStore, tmp_path: Path) -> None:
    folder = exported(signed, tmp_path / "export")

    stranger = [notary().signer.verifier]

    assert any("not signed with a key that was given" in fault.what for fault in check_export(folder, stranger).faults)


def test_without_a_key_an_export_holds_in_itself_and_nobody_has_signed_it(store: TraceStore, tmp_path: Path) -> None:
    store.keep(trace(1))

    folder = exported(store, tmp_path / "export")

    assert manifest_of(folder)["checkpoint"] == "" and not (folder / "manifest.note").exists()
    checked = check_export(folder)
    assert checked.holds and not checked.signed
    assert not check_export(folder, [notary().signer.verifier]).holds


# --- it was changed ------------------------------------------------------------------------------


def _swap_first_two(file: Path) -> None:
    first, second, *others = lines_of(file)
    file.write_bytes(b"\n".join([second, first, *others, b""]))


def _without_line(number: int) -> Callable[[Path], None]:
    def drop(file: Path) -> None:
        lines = lines_of(file)
        del lines[number]
        file.write_bytes(b"\n".join([*lines, b""]))

    return drop


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])


def _garbage(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\xff{]\n")


def _changed(old: bytes, new: bytes) -> Callable[[Path], None]:
    return lambda file: edit(file, old, new)


# Record 1 is decision 1, record 2 the checkpoint it was signed by, 3 to 6 the others, 7 feedback, 8 the export.
TAMPERED: list[tuple[str, Callable[[Path], None], str]] = [
    ("headers.ndjson", _changed(b'"hook":"order-sign"', b'"hook":"order-sigh"'), "record 1: the header is not the one"),
    ("headers.ndjson", _swap_first_two, "record 1: the header is not the one"),
    ("headers.ndjson", _without_line(3), "record 4: the header is not the one"),
    ("headers.ndjson", _without_line(-1), "record 8: the header is missing"),
    ("headers.ndjson", _cut, "record 8: the header is not the one"),
    ("headers.ndjson", _garbage, "a header stands where the tree has none"),
    ("bodies.ndjson", _changed(b'"value":3', b'"value":4'), "record 4: the body is not the one"),
    ("bodies.ndjson", _changed(b'"salt":"', b'"salt":"00'), "record 1: the body is not the one"),
    ("bodies.ndjson", _changed(b'"fired"', b'"error"'), "record 1: the rows of its index"),
    ("bodies.ndjson", _swap_first_two, "record 1: a body stands where none belongs"),
    ("bodies.ndjson", _without_line(1), "record 3: the body is missing"),
    ("bodies.ndjson", _cut, "record 7: a body stands where none belongs"),
    ("bodies.ndjson", _garbage, "a body stands where none belongs"),
    ("tree.ndjson", _changed(b'"leaf":"', b'"leaf":"00'), "record 1: the tree does not go on here"),
    ("tree.ndjson", _swap_first_two, "record 1: the tree does not go on here"),
    ("tree.ndjson", _without_line(2), "record 3: the tree does not go on here"),
    ("tree.ndjson", _garbage, "record 9: the tree does not go on here"),
    ("manifest.json", _changed(b'"decisions":5', b'"decisions":6'), "the manifest tells decisions as 6; it is 5"),
    (
        "manifest.json",
        _changed(b'"begun_at":"2026', b'"begun_at":"2025'),
        "the manifest is not the one that was signed",
    ),
    ("manifest.json", _changed(b'"selection":{', b'"selection":{"rule":"x",'), "the manifest is not the one"),
    ("manifest.json", _changed(b'"bodies":true', b'"bodies":false'), "the manifest is not the one"),
    ("manifest.json", _changed(b'"erased":[]', b'"erased":[[1,9]]'), "the manifest is not the one that was signed"),
    ("manifest.json", _changed(b'"size":8', b'"size":9'), "the checkpoint is of another tree"),
    ("manifest.note", _changed(b"sha256 ", b"sha256 0"), "the manifest cannot be believed"),
    ("manifest.note", Path.unlink, "the manifest cannot be believed"),
    ("bodies.ndjson", Path.unlink, "record 1: the body is missing"),
    ("headers.ndjson", Path.unlink, "record 1: the header is missing"),
    ("tree.ndjson", Path.unlink, "tree.ndjson is missing"),
]


@pytest.fixture(scope="module")
def an_export(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Verifier]]:
    """One export to copy and to change; the database it came from makes no difference to its bytes."""
    from service.traces.store import open_store

    place = tmp_path_factory.mktemp("exports")
    store = open_store(f"sqlite:///{shutil.copy2(migrated_sqlite, place / 'traces.db')}")
    store.notary = notary()
    for number in range(1, 6):
        store.keep(trace(number))
    store.record_event(event(1, "feedback", body={"reason": "a reason"}))
    export(store).into(place / "export")
    store.close()
    return place / "export", key_of(store)


@pytest.mark.parametrize("file, change, told", TAMPERED)
def test_a_change_of_any_file_is_found_and_the_first_bad_record_named(
    an_export: tuple[Path, list[Verifier]], tmp_path: Path, file: str, change: Callable[[Path], None], told: str
) -> None:
    folder, key = shutil.copytree(an_export[0], tmp_path / "export"), an_export[1]
    assert check_export(folder, key).holds

    change(folder / file)

    faults = check_export(folder, key).faults
    said = [f"record {fault.seq}: {fault.what}" if fault.seq else fault.what for fault in faults]
    assert any(told in each for each in said), said
    if told.startswith("record"):
        assert said[0].startswith(told), said


def test_header_leaf_and_digests_changed_together_do_not_lead_to_the_signed_root(
    an_export: tuple[Path, list[Verifier]], tmp_path: Path
) -> None:
    folder, key = shutil.copytree(an_export[0], tmp_path / "export"), an_export[1]
    old = lines_of(folder / "headers.ndjson")[-1]
    new = old.replace(b'"begun"', b'"never"')
    for file, was, becomes in (
        ("headers.ndjson", old, new),
        ("tree.ndjson", leaf_of(old).hex().encode(), leaf_of(new).hex().encode()),
    ):
        digest = hashlib.sha256((folder / file).read_bytes()).hexdigest().encode()
        edit(folder / file, was, becomes)
        edit(folder / "manifest.json", digest, hashlib.sha256((folder / file).read_bytes()).hexdigest().encode())

    said = [fault.what for fault in check_export(folder, key).faults]

    assert "the records do not lead to the root of the tree" in said


def test_a_folder_without_a_manifest_is_no_export(an_export: tuple[Path, list[Verifier]], tmp_path: Path) -> None:
    folder = shutil.copytree(an_export[0], tmp_path / "export")
    (folder / "manifest.json").unlink()

    with pytest.raises(NoExport, match="broke off"):
        check_export(folder)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"format":"osteon-export/1","files":{}}', b"\xff", b"{"])
def test_a_manifest_that_is_none_is_told(
    an_export: tuple[Path, list[Verifier]], tmp_path: Path, content: bytes
) -> None:
    folder = shutil.copytree(an_export[0], tmp_path / "export")
    (folder / "manifest.json").write_bytes(content)

    with pytest.raises(NoExport, match="The manifest is not one"):
        check_export(folder)


def test_a_stream_that_was_changed_is_found(signed: TraceStore, tmp_path: Path) -> None:
    file = tmp_path / "export.ndjson"
    file.write_bytes(b"".join(export(signed).streamed()))
    assert check_export(file, key_of(signed)).holds

    edit(file, b'"value":3', b'"value":4')

    faults = check_export(file, key_of(signed)).faults
    assert [fault.what for fault in faults] == [
        "the body is not the one that was committed to",
        "stream is not the file that was written",
    ]


def test_a_store_that_was_rewritten_gives_no_manifest(signed: TraceStore, tmp_path: Path) -> None:
    from sqlalchemy import text

    from tests.traces.tampering import as_owner

    exporting: Export = export(signed)
    with as_owner(signed) as connection:
        connection.execute(text("UPDATE trace_header SET leaf_hash = prev_hash WHERE seq = 3"))

    with pytest.raises(Exception, match="not those that were signed"):
        exporting.into(tmp_path / "export")

    assert not (tmp_path / "export" / "manifest.json").exists()
