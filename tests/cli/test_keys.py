"""``osteon keys``: a key is printed once, what is kept of it goes to the file, and a check says what is wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service import cli, logs
from service.cli.keys import MEANING
from service.clients import api_keys
from service.clients.key_file import keys_in
from tests.support.api_keys import a_key, written

USUAL = ("--name", "analyst", "--scope", "traces.read", "--scope", "export", "--expires", "2999-01-01")


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "configure", lambda level: None)


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "keys.json")


def run(*arguments: str, input: str = "") -> Result:
    return CliRunner().invoke(cli.main, ["keys", *arguments], input=input)


def test_the_key_alone_is_printed_and_its_entry_told_beside(file: str) -> None:
    made = run("make", *USUAL)

    assert made.exit_code == 0 and re.fullmatch(r"osteon_[a-z2-7]{8}_[A-Za-z0-9_-]{43}\n", made.stdout)
    entry = json.loads(made.stderr.partition("\n")[2])
    assert (entry["name"], entry["scopes"]) == ("analyst", ["traces.read", "export"])
    assert entry["expires"] == "2999-01-01T00:00:00Z" and made.stdout.strip() not in made.stderr


def test_a_key_that_was_added_is_accepted(file: str) -> None:
    made = run("make", *USUAL, "--to", file)

    checked = run("check", file, input=made.stdout)

    assert made.stdout.strip() not in Path(file).read_text()
    assert checked.output == "accepted: key analyst, scopes traces.read,export, until 2999-01-01T00:00:00Z\n"


def test_keys_are_listed_without_their_hash(file: str) -> None:
    run("make", *USUAL, "--tenant", "north", "--to", file)
    [kept] = keys_in(file)

    listed = run("list", file)

    assert listed.output == (f"{kept.prefix}  analyst  traces.read,export  until 2999-01-01T00:00:00Z  tenant north\n")
    assert kept.sha256 not in listed.output


def test_the_file_of_the_settings_is_the_usual_one(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = run("make", *USUAL, "--to", file)
    monkeypatch.setenv("OSTEON_API_KEYS_FILE", file)

    assert run("check", input=made.stdout).exit_code == 0 and "analyst" in run("list").output


def test_without_a_file_nothing_is_listed() -> None:
    told = run("list")
    assert told.exit_code == cli.REFUSED and "OSTEON_API_KEYS_FILE" in told.stderr


@pytest.mark.parametrize("reason", sorted(MEANING))
def test_what_is_wrong_with_a_key_is_said(file: str, reason: str) -> None:
    import datetime

    long_ago = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    (valid, north), (expired, south), (unknown, _) = (
        a_key("north", "export"),
        a_key("south", "export", expires=long_ago),
        a_key("x", "export"),
    )
    written(Path(file), [north, south])
    given = {
        "malformed": valid[:-1],
        "unknown": unknown,
        "secret": north.prefix + unknown[len(north.prefix) :],
        "expired": expired,
    }

    checked = run("check", file, input=given[reason])

    assert checked.exit_code == cli.REFUSED and checked.output.startswith(f"refused: {reason}. {MEANING[reason]}")
    assert given[reason] not in checked.output


def test_every_reason_has_its_sentence() -> None:
    source = Path(api_keys.__file__).read_text()
    assert set(re.findall(r'KeyRefused\("([a-z-]+)"', source)) == set(MEANING)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (("--name", "Not A Name"), "keys.0.name"),
        (("--expires", "2020-01-01"), "--expires must be a day to come"),
        (("--expires", "soon"), "soon"),
        (("--scope", "everything"), "everything"),
    ],
)
def test_what_cannot_be_is_refused_and_no_key_is_printed(file: str, changed: tuple[str, str], told: str) -> None:
    made = run("make", *USUAL, *changed, "--to", file)

    assert made.exit_code != 0 and told in made.stderr and made.stdout == "" and not Path(file).exists()


def test_a_service_does_not_start_with_a_file_that_cannot_be_used(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(file).write_text('{"keys": [{"name": "north"}]}')
    monkeypatch.setenv("OSTEON_DATABASE_URL", f"sqlite:///{tmp_path}/traces.db")
    monkeypatch.setenv("OSTEON_API_KEYS_FILE", file)

    started = CliRunner().invoke(cli.main, ["serve"])

    assert started.exit_code == cli.CANNOT_START
    assert started.stderr == "OSTEON_API_KEYS_FILE: The file of API keys: keys.0.prefix: Field required.\n"


def test_a_file_that_cannot_be_used_is_told(file: str) -> None:
    Path(file).write_text("{")

    for told in (run("list", file), run("check", file, input="x"), run("make", *USUAL, "--to", file)):
        assert told.exit_code == cli.CANNOT_START and "can be read as JSON" in told.stderr and told.stdout == ""
