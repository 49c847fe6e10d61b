"""The questions of an audit on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from service import cli, logs


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTEON_DATABASE_URL", f"sqlite:///{tmp_path}/traces.db")
    monkeypatch.setattr(logs, "configure", lambda level: None)


@pytest.fixture
def decisions(tmp_path: Path) -> list[str]:
    """The ids of decisions about Patient/p1, Patient/p2 and Patient/p1, kept through the command line."""
    ids = []
    for patient in ("p1", "p2", "p1"):
        file = tmp_path / "patient.json"
        told = {"id": patient, "meta": {"versionId": "4"}, "gender": "female", "birthDate": "1960-01-01"}
        file.write_text(json.dumps({"resourceType": "Patient", **told}))
        [result] = json.loads(run("evaluate", "--json", str(file)).stdout)["results"]
        ids.append(str(result["trace"]))
    return ids


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, list(arguments))


def lines(*arguments: str) -> list[Any]:
    result = run("traces", *arguments)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def document(*arguments: str) -> Any:
    result = run("traces", *arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def ids(found: list[Any]) -> list[str]:
    return [each["id"] for each in found]


def test_decisions_are_found_by_patient_resource_and_what_became_of_rules(decisions: list[str]) -> None:
    first, second, third = decisions

    assert ids(lines("find", "--patient", "Patient/p1")) == [third, first]
    assert ids(lines("find", "--resource", "Patient/p2", "--version", "4")) == [second]
    assert lines("find", "--resource", "Patient/p2", "--version", "5") == []
    assert ids(lines("find", "--limit", "1")) == [third]
    assert lines("find", "--since", "2100-01-01") == lines("find", "--client", "nobody") == []
    assert [each["kind"] for each in lines("find", "--kind", "activation")] == ["activation"]


def test_a_page_says_how_to_go_on(decisions: list[str]) -> None:
    page = run("traces", "find", "--limit", "2")
    after = page.stderr.split("--after ")[1].strip()

    assert ids(lines("find", "--limit", "2", "--after", after)) == [decisions[0]]


@pytest.mark.parametrize("alone", [("--version", "1"), ("--rule-outcome", "fired")])
def test_an_option_that_says_nothing_alone_is_refused(alone: tuple[str, str]) -> None:
    assert run("traces", "find", *alone).exit_code == cli.REFUSED


def test_why_is_told_of_a_decision_and_of_a_patient_on_a_day_and_is_recorded(decisions: list[str]) -> None:
    [rule] = document("rules")["rules"][:1]
    [told] = lines("why", rule["id"], "--decision", decisions[0])
    day = str(told["decidedAt"])[:10]

    assert [each["trace"] for each in lines("why", rule["id"], "--patient", "Patient/p1", "--on", day)] == [
        decisions[2],
        decisions[0],
    ]
    assert told["outcome"] in ("fired", "undetermined", "not fired")
    assert lines("why", "no.such-rule", "--decision", decisions[0])[0]["outcome"] == "not in the rulebook"
    assert [each["subject"] for each in lines("accesses", "--patient", "Patient/p1")] == [
        decisions[0], decisions[0], decisions[2], decisions[0],
    ]  # fmt: skip


@pytest.mark.parametrize("asked", [(), ("--decision", "none"), ("--patient", "Patient/p1"), ("--on", "2026-01-31")])
def test_why_needs_a_decision_or_a_patient_and_a_day(asked: tuple[str, ...]) -> None:
    assert run("traces", "why", "r.one", *asked).exit_code == cli.REFUSED


def test_the_rulebook_in_force_is_listed_and_recalled(decisions: list[str]) -> None:
    [known] = lines("rulebooks")
    again, *page = lines("recall", known["rulebook"])

    assert known == again and known["decisions"] == 3 and len(known["periods"]) == 1
    assert ids(page) == decisions[::-1]
    assert run("traces", "recall", "f" * 64).exit_code == cli.REFUSED


def test_rules_and_calls_are_counted(decisions: list[str]) -> None:
    silent = document("rules", "--habit", "never fires")["rules"]
    [calls] = document("calls")["callers"]

    assert silent and all("fired" not in each["outcomes"] for each in silent)
    assert document("rules")["decisions"] == calls["calls"] == 3
    assert document("calls", "--until", "2020-01-01")["callers"] == []


def test_integrity_is_told_and_a_whole_store_is_no_failure(decisions: list[str]) -> None:
    told = document("integrity")

    assert told["holds"] and told["gaps"] == told["faults"] == []
    assert told["records"] == told["lastSeq"] > 3


def test_what_is_due_is_listed_before_it_is_erased(decisions: list[str]) -> None:
    told, *page = lines("due", "--days", "30")

    assert (told["due"], told["held"], page) == (0, 0, [])
