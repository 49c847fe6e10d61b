"""The command line: the same answers as over HTTP, and faults as sentences."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rulesets.rulebook import RULES
from service import cli, logs
from tests.support.shared import shared_path

PATIENT = '{"resourceType": "Patient", "id": "p1"}'


@pytest.fixture(autouse=True)
def a_site_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTEON_DATABASE_URL", f"sqlite:///{tmp_path}/traces.db")
    monkeypatch.setattr(logs, "configure", lambda level: None)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, [str(one) for one in arguments])


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "patient.json"
    path.write_text(PATIENT)
    return str(path)


def test_a_file_is_evaluated_and_told_in_words(file: str) -> None:
    done = run("evaluate", "--date", "2026-11-01", file)

    assert done.exit_code == 0, done.output
    assert "Patient/p1, on 2026-11-01" in done.stdout and "prognosis:" in done.stdout


def test_a_file_is_evaluated_as_json(file: str) -> None:
    results = json.loads(run("evaluate", "--json", file, file).stdout)["results"]
    assert [result["patient"] for result in results] == ["Patient/p1", "Patient/p1"]


def test_facts_are_evaluated(tmp_path: Path) -> None:
    path = tmp_path / "facts.json"
    path.write_text('{"evaluationDate": "2026-11-01", "facts": {"mets.status": "none"}}')

    [result] = json.loads(run("evaluate", "--facts", "--json", str(path)).stdout)["results"]

    assert result["prognosis"]["group"] == "not_applicable"


@pytest.mark.parametrize("content", ["{", "[]", '{"a": 1}', "[" * 65 + "]" * 65])
def test_a_file_that_cannot_be_read_is_told_in_a_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(content)

    done = run("evaluate", str(path))

    assert done.exit_code == cli.REFUSED and done.stdout == ""
    assert done.stderr.strip() and "Traceback" not in done.stderr


def test_a_file_that_is_not_there_is_told() -> None:
    assert run("evaluate", "nowhere.json").exit_code == 2


@pytest.mark.parametrize(
    "name, value", [("OSTEON_WORKER", "2"), ("OSTEON_WORKERS", "0"), ("OSTEON_THRESHOLDS_FILE", "nowhere.json"),
                    ("OSTEON_TERMINOLOGY_FOLDER", "nowhere"), ("OSTEON_DATABASE_URL", "sqlite:////nowhere/at/all.db")],
)  # fmt: skip
def test_a_wrong_setting_stops_every_command_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, file: str, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    for command in (["evaluate", file], ["serve"]):
        done = run(*command)
        assert done.exit_code == cli.CANNOT_START, done.output
        assert done.stderr.strip().endswith(".") and "Traceback" not in done.stderr


def test_a_threshold_out_of_range_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: str) -> None:
    path = tmp_path / "thresholds.json"
    monkeypatch.setenv("OSTEON_THRESHOLDS_FILE", str(path))

    path.write_text('{"oligo_max_lesions": 21}')
    assert run("evaluate", file).exit_code == cli.CANNOT_START
    path.write_text('{"oligo_max_lesions": 5}')
    assert run("evaluate", file).exit_code == 0


def test_the_rulebook_is_printed_with_every_rule() -> None:
    printed = run("rulebook").stdout
    assert printed.startswith("# ")
    assert not [rule.id for rule in RULES if f"`{rule.id}`" not in printed]


def test_every_passage_cited_is_found_in_the_paper_and_in_no_other_text(tmp_path: Path) -> None:
    paper = shared_path("paper/cancers-2020-12-2390.txt")
    if paper is None:
        pytest.skip("the paper is not beside this checkout")
    other = tmp_path / "other.txt"
    other.write_text("Nothing of the kind.")

    found, not_found = run("rulebook", "check-citations", str(paper)), run("rulebook", "check-citations", str(other))

    cited = sum(len(rule.statements) for rule in RULES)
    assert (found.exit_code, found.stdout) == (0, f"{cited} of {cited} cited passages are in this text.\n")
    assert not_found.exit_code == cli.REFUSED
    assert not_found.stdout.count("NOT FOUND") == cited
    assert not_found.stdout.endswith(f"0 of {cited} cited passages are in this text.\n")


def test_a_passage_is_shown_beside_its_restatement(tmp_path: Path) -> None:
    paper = shared_path("paper/cancers-2020-12-2390.txt")
    if paper is None:
        pytest.skip("the paper is not beside this checkout")

    shown = run("rulebook", "check-citations", "--show", str(paper)).stdout

    assert "imbrication.parp-rt, section 3, PARP inhibitors" in shown
    assert "paper: " in shown and "NOT FOUND" not in shown


def test_what_was_evaluated_is_found_again_by_patient(file: str) -> None:
    [result] = json.loads(run("evaluate", "--json", file).stdout)["results"]

    listed = [json.loads(line) for line in run("traces", "list", "--patient", "Patient/p1").stdout.splitlines()]
    shown = json.loads(run("traces", "show", result["trace"]).stdout)

    assert [one["id"] for one in listed] == [result["trace"]] == [shown["header"]["id"]]
    assert "p1" not in run("traces", "list").stdout
    assert run("traces", "list", "--patient", "Patient/p2").stdout == ""


def test_a_decision_is_replayed_with_its_own_rulebook(file: str) -> None:
    [result] = json.loads(run("evaluate", "--json", file).stdout)["results"]

    same = run("traces", "replay", result["trace"])

    assert (same.exit_code, same.stdout) == (0, "identical\n")


def test_a_trace_that_is_not_there_is_told() -> None:
    done = run("traces", "show", "019c1159-7000-7000-8000-000000000009")
    assert done.exit_code == cli.REFUSED and "no trace" in done.stderr


def test_the_service_takes_the_place_of_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    started: list[list[str]] = []

    def execv(program: str, arguments: list[str]) -> None:
        started.append(arguments)
        raise SystemExit(0)

    monkeypatch.setattr(os, "execv", execv)

    assert run("serve").exit_code == 0
    assert started[0][1:] == ["-m", "gunicorn", "--config", "python:service.gunicorn_config"]
    assert {path.name for path in tmp_path.iterdir()} >= {
        "traces.db",
        "traces.db.patient-key",
        "traces.db.checkpoint-key",
    }
