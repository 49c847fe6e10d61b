"""The command line of replays: one decision, a time of decisions, rulebooks exported and compared."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from rulesets.rulebook import rules_content
from rulesets.thresholds import effective
from service import cli, logs
from service.traces.store import TraceStore, open_store
from tests.support.stories import STORIES
from tests.traces.tampering import as_owner

STORY = STORIES / "exactly_five_lesions" / "bundle.json"


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path}/traces.db"
    monkeypatch.setenv("OSTEON_DATABASE_URL", url)
    monkeypatch.setattr(logs, "configure", lambda level: None)
    return url


@pytest.fixture
def decision() -> str:
    [result] = json.loads(done("evaluate", "--json", str(STORY)))["results"]
    return str(result["trace"])


@pytest.fixture
def store(decision: str, database: str) -> TraceStore:
    return open_store(database)


@pytest.fixture
def five(tmp_path: Path) -> str:
    """A file of thresholds with which five lesions are still few."""
    file = tmp_path / "thresholds.json"
    file.write_text('{"oligo_max_lesions": 5}')
    return str(file)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, list(arguments))


def done(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def is_refused(result: Result, sentence: str) -> None:
    assert result.exit_code == cli.REFUSED, result.output
    assert sentence in result.stderr


def events(kind: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done("traces", "list", "--kind", kind).splitlines()]


def in_force(store: TraceStore) -> str:
    header = store.list().headers[0]
    return str(header.columns["rulebook"])


def tamper_with_the_answer(store: TraceStore) -> None:
    """Somebody who owns the database makes a warning milder."""
    with as_owner(store) as connection:
        packed = connection.execute(text("SELECT packed FROM trace_body")).scalar_one()
        body = json.loads(zlib.decompress(packed))
        body["result"]["prognosis"]["group"] = "good"
        changed = zlib.compress(json.dumps(body).encode())
        connection.execute(text("UPDATE trace_body SET packed = :packed"), {"packed": changed})


# --- one decision ------------------------------------------------------------------------------------


def test_an_answer_that_is_not_the_same_is_told_place_by_place_and_that_it_was_read(
    decision: str, store: TraceStore
) -> None:
    tamper_with_the_answer(store)

    result = run("traces", "replay", decision)

    assert result.exit_code == cli.REFUSED
    assert result.stdout == 'differs: prognosis\n/prognosis/group: "good" → "intermediate"\n'
    [told], [read] = events("replay"), events("read")
    assert told["says"] == {"verdict": "differs", "differences": ["prognosis"]}
    assert read["subject"] == decision


def test_a_replay_in_json_says_the_same(decision: str, store: TraceStore) -> None:
    tamper_with_the_answer(store)

    said = json.loads(run("traces", "replay", decision, "--json").stdout)

    assert (said["verdict"], said["differences"]) == ("differs", ["prognosis"])
    assert said["changes"] == [{"path": "/prognosis/group", "before": '"good"', "after": '"intermediate"'}]


def test_a_decision_whose_rules_are_gone_says_what_is_lacking(
    decision: str, store: TraceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with as_owner(store) as connection:
        connection.execute(text("DELETE FROM trace_rulebook"))
    monkeypatch.setattr("service.house.RULES_DIGEST", "0" * 64)

    result = run("traces", "replay", decision)

    assert result.exit_code == cli.REFUSED
    first, lacking = result.stdout.splitlines()
    assert first == "rulebook missing" and lacking.startswith("No rules that were in force here")


def test_a_decision_of_a_former_release_is_replayed_with_the_rules_that_were_kept(
    decision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.house.RULES_DIGEST", "0" * 64)

    first, note = done("traces", "replay", decision).splitlines()

    assert first == "identical" and note.startswith("The rules are those with the digest")


# --- a time of decisions -------------------------------------------------------------------------------


def test_thresholds_that_may_go_live_are_reported_rule_by_rule(decision: str, five: str) -> None:
    printed = done("traces", "replay", "--since", "2026-01-01", "--thresholds", five)

    assert "| looked at | 1 |" in printed and "| changed | 1 |" in printed
    assert f"| `prognosis.good` | newly firing | 1 | {decision} |" in printed
    assert f"| intermediate | good | 1 | {decision} |" in printed
    [told] = events("replay")
    assert told["says"] == {
        "verdict": "compared", "since": "2026-01-01T00:00:00.000000Z", "looked_at": 1, "changed": 1,
    }  # fmt: skip


def test_a_time_without_decisions_has_none(decision: str) -> None:
    said = json.loads(done("traces", "replay", "--since", "2020-01-01", "--until", "2020-02-01", "--json"))

    assert (said["lookedAt"], said["rules"]) == (0, [])


def test_one_decision_can_be_asked_about(decision: str, five: str) -> None:
    said = json.loads(done("traces", "replay", decision, "--thresholds", five, "--json"))

    assert said["changed"] == {"count": 1, "ids": [decision]}


def test_an_erased_decision_is_reported_as_erased(decision: str, five: str) -> None:
    done("traces", "erase", "--decision", decision, "--ground", "patient-request")

    said = json.loads(done("traces", "replay", "--since", "2026-01-01", "--thresholds", five, "--json"))

    assert (said["erased"], said["changed"]["count"]) == ({"count": 1, "ids": [decision]}, 0)


def test_a_rulebook_that_was_in_force_is_named_by_its_digest(decision: str, store: TraceStore, five: str) -> None:
    digest = in_force(store)

    unchanged = json.loads(done("traces", "replay", "--since", "2026-01-01", "--rulebook", digest, "--json"))
    changed = json.loads(
        done("traces", "replay", "--since", "2026-01-01", "--rulebook", digest, "--thresholds", five, "--json")
    )

    assert (unchanged["unchanged"], unchanged["candidate"]["thresholds"]) == (1, effective().digest)
    assert changed["changed"]["count"] == 1


def test_a_rulebook_in_a_file_may_be_a_new_one(decision: str, tmp_path: Path) -> None:
    file = candidate_without(tmp_path, "prognosis.intermediate")

    printed = done("traces", "replay", "--since", "2026-01-01", "--rulebook", file)

    assert f"| `prognosis.intermediate` | no longer firing | 1 | {decision} |" in printed


def candidate_without(folder: Path, rule: str) -> str:
    document = json.loads(done("rulebook", "export"))
    del document["rulebook"], document["digests"]
    document["content"]["rules"] = [each for each in document["content"]["rules"] if each["id"] != rule]
    file = folder / "candidate.json"
    file.write_text(json.dumps(document))
    return str(file)


# --- what is refused -------------------------------------------------------------------------------------


def test_neither_a_decision_nor_a_time_or_both_are_refused(decision: str) -> None:
    is_refused(run("traces", "replay"), "Name one TRACE, or a time with --since.")
    is_refused(run("traces", "replay", decision, "--since", "2026-01-01"), "Name one TRACE, or a time")


def test_a_digest_nobody_knows_is_refused(decision: str) -> None:
    is_refused(
        run("traces", "replay", "--since", "2026-01-01", "--rulebook", "0" * 64),
        "No rulebook of this digest was ever in force here.",
    )


def test_a_rulebook_that_was_changed_in_the_store_is_refused(decision: str, store: TraceStore) -> None:
    digest = in_force(store)
    with as_owner(store) as connection:
        packed = {"packed": zlib.compress(b"{}"), "rules": "%rules%"}
        connection.execute(text("UPDATE trace_content SET packed = :packed"), packed)

    is_refused(run("traces", "replay", "--since", "2026-01-01", "--rulebook", digest), "it cannot be believed")
    is_refused(run("rulebook", "export", digest), "it cannot be believed")


def test_a_file_that_was_changed_after_it_was_exported_is_refused(tmp_path: Path) -> None:
    document = json.loads(done("rulebook", "export"))
    document["content"]["rules"][0]["indicator"] = "critical"
    file = tmp_path / "changed.json"
    file.write_text(json.dumps(document))

    is_refused(
        run("traces", "replay", "--since", "2026-01-01", "--rulebook", str(file)), "not the rulebook its digests"
    )


@pytest.mark.parametrize("content", ["", "[]", "{}", "[" * 100_000, "\xff"])
def test_a_file_that_is_no_rulebook_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "rulebook.json"
    file.write_bytes(content.encode("latin-1"))

    assert run("traces", "replay", "--since", "2026-01-01", "--rulebook", str(file)).exit_code == cli.REFUSED
    assert run("rulebook", "diff", str(file)).exit_code == cli.REFUSED


def test_a_file_that_is_too_large_or_not_there_is_refused(tmp_path: Path) -> None:
    large = tmp_path / "large.json"
    with open(large, "wb") as file:
        file.truncate(20_000_001)

    is_refused(run("rulebook", "diff", str(large)), "larger than 20,000,000 bytes")
    is_refused(run("rulebook", "diff", str(tmp_path / "nowhere.json")), "named by its digest, or by a file of JSON")


def test_thresholds_that_cannot_be_are_refused(decision: str, tmp_path: Path) -> None:
    file = tmp_path / "thresholds.json"
    for content, sentence in (('{"oligo_max_lesions": 99}', "must lie between 1 and 20"), ("[]", "JSON object")):
        file.write_text(content)
        result = run("traces", "replay", "--since", "2026-01-01", "--thresholds", str(file))
        assert result.exit_code != 0 and sentence in result.stderr


# --- rulebooks -----------------------------------------------------------------------------------------------


def test_the_rulebook_in_force_is_exported_with_what_its_digest_is_taken_over(decision: str, store: TraceStore) -> None:
    document = json.loads(done("rulebook", "export"))

    assert document["rulebook"] == in_force(store)
    assert document["content"] == json.loads(rules_content())
    assert document["thresholds"] == effective().values
    assert json.loads(done("rulebook", "export", document["rulebook"])) == document


def test_the_difference_to_itself_is_none(tmp_path: Path) -> None:
    file = tmp_path / "rulebook.json"
    file.write_text(done("rulebook", "export"))

    assert done("rulebook", "diff", str(file)) == "The two are the same.\n"


def test_the_difference_names_rules_and_values(tmp_path: Path, five: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = candidate_without(tmp_path, "prognosis.good")
    monkeypatch.setenv("OSTEON_THRESHOLDS_FILE", five)

    printed = done("rulebook", "diff", before)

    assert "| `oligo_max_lesions` | 4 | 5 |" in printed
    assert "- `prognosis.good`: added" in printed
    assert json.loads(done("rulebook", "diff", before, "--json"))["rules"] == [
        {"id": "prognosis.good", "what": "added", "parts": []}
    ]
