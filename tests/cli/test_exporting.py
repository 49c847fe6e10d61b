"""``osteon traces export`` and ``check-export``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service import cli, logs


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path}/traces.db"
    monkeypatch.setenv("OSTEON_DATABASE_URL", url)
    monkeypatch.setattr(logs, "configure", lambda level: None)
    return url


@pytest.fixture
def decision(tmp_path: Path) -> str:
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


@pytest.mark.parametrize("form", ["ndjson", "csv", "fhir"])
def test_an_export_is_checked_where_there_is_no_database(
    decision: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    key = done("traces", "key").strip()
    assert "Exported: " in done("traces", "export", "--format", form, "--out", str(tmp_path / "export"))
    (tmp_path / "traces.db").unlink()
    monkeypatch.setenv("OSTEON_DATABASE_URL", "no database")

    said = done("traces", "check-export", str(tmp_path / "export"), "--key", key)

    assert said.startswith("holds: ") and "give --key" not in said


def test_an_export_is_checked_without_a_key_as_far_as_that_goes(decision: str, tmp_path: Path) -> None:
    done("traces", "export", "--out", str(tmp_path / "export"), "--patient", "Patient/p1")

    said = done("traces", "check-export", str(tmp_path / "export"))

    # The decision about the patient, and that it is about to be exported.
    assert "holds: 2 records, 1 bodies" in said
    assert "told by the manifest, and not proven" in said and "give --key" in said


def test_a_changed_record_is_named(decision: str, tmp_path: Path) -> None:
    done("traces", "export", "--out", str(tmp_path / "export"))
    file = tmp_path / "export" / "bodies.ndjson"
    file.write_bytes(file.read_bytes().replace(b"Patient/p1", b"Patient/p2", 1))

    result = run("traces", "check-export", str(tmp_path / "export"))

    assert result.exit_code == cli.REFUSED
    assert "record 4: the body is not the one that was committed to" in result.stdout
    assert "does not hold" in result.stdout


def test_a_folder_in_which_something_is_stays_as_it_is(decision: str, tmp_path: Path) -> None:
    result = run("traces", "export", "--out", str(tmp_path))

    assert result.exit_code == cli.REFUSED and "is not empty" in result.stderr
    assert done("traces", "list", "--kind", "export") == ""


def test_a_folder_that_cannot_be_made_is_told(decision: str, tmp_path: Path) -> None:
    result = run("traces", "export", "--out", str(tmp_path / "patient.json" / "export"))
    assert result.exit_code == cli.REFUSED and "cannot be written" in result.stderr


@pytest.mark.parametrize("option", ["--since", "--until"])
def test_a_moment_of_another_form_is_refused(decision: str, tmp_path: Path, option: str) -> None:
    result = run("traces", "export", "--out", str(tmp_path / "export"), option, "yesterday")
    assert result.exit_code == cli.REFUSED and "is a date such as" in result.stderr


def test_what_is_no_export_is_told(tmp_path: Path) -> None:
    result = run("traces", "check-export", str(tmp_path))
    assert result.exit_code == cli.REFUSED and "this is no export, or one that broke off" in result.stderr


def test_a_key_that_is_none_is_told(decision: str, tmp_path: Path) -> None:
    done("traces", "export", "--out", str(tmp_path / "export"))
    result = run("traces", "check-export", str(tmp_path / "export"), "--key", "x")
    assert result.exit_code == cli.REFUSED and "A verifier key is one line" in result.stderr


# --- one decision --------------------------------------------------------------------------------


def test_one_decision_is_printed_as_a_page_and_that_is_recorded(decision: str) -> None:
    page = done("traces", "show", decision, "--markdown")

    assert page.startswith(f"# Decision {decision}") and "Patient: Patient/p1" in page
    assert len(done("traces", "list", "--kind", "read").splitlines()) == 1


def test_an_event_has_no_page(decision: str) -> None:
    event = json.loads(done("traces", "list", "--kind", "configuration"))["id"]
    result = run("traces", "show", event, "--markdown")
    assert result.exit_code == cli.REFUSED and "Only a decision" in result.stderr
