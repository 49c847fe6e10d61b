"""The command line of the traces: verifying, signing, erasing, holding, retaining, copying."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from service import cli, logs
from service.settings import Settings
from service.traces.notes import checkpoint_in, notes_in, opened, verifier_from
from service.traces.store import TraceStore, open_store
from tests.traces.tampering import as_owner


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path}/traces.db"
    monkeypatch.setenv("OSTEON_DATABASE_URL", url)
    monkeypatch.setattr(logs, "configure", lambda level: None)
    return url


@pytest.fixture
def store(database: str) -> TraceStore:
    run("traces", "list")  # makes it
    return open_store(database)


@pytest.fixture
def decision(tmp_path: Path) -> str:
    """The id of a decision about Patient/p1, kept through the command line."""
    file = tmp_path / "patient.json"
    file.write_text('{"resourceType": "Patient", "id": "p1"}')
    [result] = json.loads(run("evaluate", "--json", str(file)).stdout)["results"]
    return str(result["trace"])


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, list(arguments))


def done(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def events(kind: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in done("traces", "list", "--kind", kind).splitlines()]


# --- verifying ---------------------------------------------------------------------------------------


def test_an_untouched_store_holds_and_its_rate_is_told(decision: str) -> None:
    said = done("traces", "verify")

    # Rulebook, settings, the checkpoint the first of them was signed by, and the decision.
    assert "holds: 4 records (0 of them erased), 1 checkpoints, root " in said
    assert "records a second" in said


def test_a_record_that_was_changed_is_named(decision: str, database: str) -> None:
    with as_owner(open_store(database)) as connection:
        connection.execute(text("UPDATE trace_header SET outcome = 'refused' WHERE kind = 'evaluate'"))

    result = run("traces", "verify")

    assert result.exit_code == cli.REFUSED
    assert "record 4: a search column differs from the header" in result.stdout
    assert "does not hold: 4 records" in result.stdout


def test_an_end_that_was_cut_off_is_found_with_the_checkpoint_that_was_carried_away(
    decision: str, database: str, tmp_path: Path
) -> None:
    carried = tmp_path / "checkpoint"
    carried.write_text(done("traces", "checkpoint"))
    with as_owner(open_store(database)) as connection:
        for table in ("rule", "card", "resource", "body", "header"):
            connection.execute(text(f"DELETE FROM trace_{table} WHERE seq > 3"))
        connection.execute(text("DELETE FROM trace_checkpoint WHERE size > 3"))

    assert run("traces", "verify").exit_code == 0

    result = run("traces", "verify", "--checkpoint", str(carried))
    assert result.exit_code == cli.REFUSED
    assert "record 4: the end is cut off: 4 records were signed" in result.stdout


def test_a_checkpoint_is_verified_with_the_public_key_that_is_printed(decision: str, tmp_path: Path) -> None:
    note, key = done("traces", "checkpoint"), done("traces", "key").strip()
    file = tmp_path / "checkpoint"
    file.write_text(note)

    assert opened(note, [verifier_from(key)])
    assert checkpoint_in(note).size == 4
    assert "2 checkpoints" in done("traces", "verify", "--key", key)
    assert "3 checkpoints" in done("traces", "verify", "--checkpoint", str(file), "--key", key)


@pytest.mark.parametrize("content", ["", "nothing of the sort\n", "\xff"])
def test_a_file_without_a_checkpoint_is_refused(store: TraceStore, tmp_path: Path, content: str) -> None:
    file = tmp_path / "checkpoint"
    file.write_bytes(content.encode("latin-1"))

    result = run("traces", "verify", "--checkpoint", str(file))

    assert result.exit_code == cli.REFUSED and "checkpoint" in result.stderr


def test_a_checkpoint_signed_with_another_key_is_refused(decision: str, tmp_path: Path) -> None:
    file = tmp_path / "checkpoint"
    file.write_text(done("traces", "checkpoint"))
    another = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

    result = run("traces", "verify", "--checkpoint", str(file), "--key", another)

    assert result.exit_code == cli.REFUSED and "cannot be believed" in result.stderr
    assert run("traces", "verify", "--key", "no key").exit_code == cli.REFUSED


def test_checkpoints_are_added_to_the_file_of_the_settings(
    decision: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "checkpoints"
    monkeypatch.setenv("OSTEON_CHECKPOINT_FILE", str(file))

    note = done("traces", "checkpoint")

    assert notes_in(file.read_text()) == (note,)


def test_the_last_checkpoint_is_printed_when_there_is_nothing_to_sign(decision: str) -> None:
    assert done("traces", "checkpoint") == done("traces", "checkpoint")


def test_an_empty_store_has_nothing_to_sign(store: TraceStore) -> None:
    assert run("traces", "checkpoint").exit_code == cli.REFUSED


def test_without_checkpoints_there_is_neither_key_nor_signature(
    store: TraceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSTEON_CHECKPOINT_EVERY", "0")

    for verb in ("key", "checkpoint"):
        result = run("traces", verb)
        assert result.exit_code == cli.REFUSED and "OSTEON_CHECKPOINT_EVERY" in result.stderr
    assert done("traces", "verify").startswith("holds: 0 records")


def test_a_new_key_is_one_that_can_be_set(store: TraceStore, monkeypatch: pytest.MonkeyPatch) -> None:
    key = done("traces", "key", "--new").strip()
    monkeypatch.setenv("OSTEON_CHECKPOINT_KEY", key)

    assert done("traces", "key").startswith(key.split("+")[2])


def test_a_decision_is_proven_to_be_under_a_checkpoint(decision: str) -> None:
    assert run("traces", "prove", decision).exit_code == cli.REFUSED

    done("traces", "checkpoint")

    proof = done("traces", "prove", decision)
    assert proof.startswith("c2sp.org/tlog-proof@v1\nindex 3\n")
    assert decision not in proof


# --- looking is recorded -----------------------------------------------------------------------------


def test_reading_and_replaying_a_decision_is_recorded_with_who_did_it(decision: str) -> None:
    done("traces", "show", decision)
    done("traces", "replay", decision)

    [read], [replayed] = events("read"), events("replay")

    assert read["subject"] == replayed["subject"] == decision
    assert str(read["client"]).startswith("shell:") and read["says"] == {"through": "osteon traces show"}
    assert replayed["says"] == {"verdict": "identical", "differences": []}


def test_the_rulebook_and_the_settings_in_force_are_recorded_once(decision: str, tmp_path: Path) -> None:
    file = tmp_path / "patient.json"
    done("evaluate", str(file))

    [activation], [configuration] = events("activation"), events("configuration")

    [one, other] = [json.loads(line) for line in done("traces", "list").splitlines()]
    assert activation["rulebook"] == one["rulebook"] == other["rulebook"]
    assert configuration["says"]["digest"] == one["config"]  # type: ignore[index]
    assert "database_url" not in configuration["says"]["settings"]  # type: ignore[index]


def test_a_change_of_the_settings_is_recorded(decision: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTEON_ENTRIES_LIMIT", "99")
    done("evaluate", str(tmp_path / "patient.json"))

    assert [event["says"]["settings"]["entries_limit"] for event in events("configuration")] == [99, 10_000]  # type: ignore[index]


# --- erasing and keeping -----------------------------------------------------------------------------


def test_a_decision_is_erased_and_the_chain_still_holds(decision: str) -> None:
    assert "Erased: 1 body." in done("traces", "erase", "--decision", decision, "--ground", "patient-request")

    shown = json.loads(done("traces", "show", decision))
    assert shown["erased"] and shown["body"] is None and shown["rules"] == []
    assert "(1 of them erased)" in done("traces", "verify")
    assert run("traces", "replay", decision).stdout == "erased\n"


def test_a_patient_is_erased_by_reference(decision: str) -> None:
    done("traces", "erase", "--patient", "Patient/p1", "--ground", "court-order")

    assert json.loads(done("traces", "show", decision))["erased"]
    [erasure] = events("erasure")
    assert "p1" not in json.dumps(erasure) and erasure["says"]["ground"] == "court-order"  # type: ignore[index]


@pytest.mark.parametrize(
    "arguments",
    [("--patient", "Patient/nobody", "--ground", "court-order"), ("--ground", "court-order"),
     ("--decision", "a", "--patient", "Patient/p1", "--ground", "court-order")],
)  # fmt: skip
def test_an_erasure_of_nothing_in_particular_is_refused(decision: str, arguments: tuple[str, ...]) -> None:
    assert run("traces", "erase", *arguments).exit_code == cli.REFUSED


def test_a_hold_keeps_from_erasing_until_it_is_released(decision: str) -> None:
    assert done("traces", "hold", "--patient", "Patient/p1", "--reason", "a matter") == "Held.\n"
    assert done("traces", "hold", "--patient", "Patient/p1") == "It was held already.\n"
    assert done("traces", "holds").startswith("patient ")

    refused = run("traces", "erase", "--decision", decision, "--ground", "patient-request")
    assert refused.exit_code == cli.REFUSED and "legal hold" in refused.stderr
    assert "Erased: 0 bodies; on hold and kept: " in done("traces", "retain", "--days", "1")

    assert done("traces", "release", "--patient", "Patient/p1") == "Released.\n"
    assert done("traces", "release", "--patient", "Patient/p1") == "It was not held.\n"
    done("traces", "erase", "--decision", decision, "--ground", "patient-request")


def test_young_bodies_are_retained(decision: str) -> None:
    assert done("traces", "retain", "--days", "1") == "Erased: 0 bodies; on hold and kept: 0.\n"
    assert not json.loads(done("traces", "show", decision))["erased"]


def test_a_store_is_copied_verified_and_the_copy_is_recorded(decision: str, tmp_path: Path) -> None:
    said = done("traces", "copy", "--to", f"sqlite:///{tmp_path}/copy.db")

    assert "Copied: 5 records; the copy has 5, and holds: root " in said
    [export] = events("export")
    assert export["says"] == {"form": "copy", "to": f"{tmp_path}/copy.db"}
    copied = open_store(f"sqlite:///{tmp_path}/copy.db").get(decision)
    assert copied is not None and copied.body is not None


def test_a_copy_over_other_traces_is_refused(decision: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTEON_DATABASE_URL", f"sqlite:///{tmp_path}/other.db")
    done("evaluate", str(tmp_path / "patient.json"))

    result = run("traces", "copy", "--to", f"sqlite:///{tmp_path}/traces.db")

    assert result.exit_code == cli.CANNOT_START and "other traces" in result.stderr


def test_no_secret_is_told_by_what_is_recorded_of_the_settings() -> None:
    secret = "s" * 40
    settings = Settings(database_url=f"postgresql://u:{secret}@h/d", patient_key_secret=secret)  # type: ignore[arg-type]

    assert secret not in json.dumps(settings.shown)
    assert settings.digest != Settings(workers=3).digest
