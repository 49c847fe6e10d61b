"""``osteon jwt``: a key, a token made with it, and a check that tells what is wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import tokens as jwt_commands
from service.cli.tokens import MEANING, commands
from service.clients import tokens as tokens

ENDPOINT = "https://osteon.example.org/cds-services"


def run(*arguments: str, input: str = "") -> Result:
    return CliRunner().invoke(commands, list(arguments), input=input)


@pytest.fixture(params=["ES384", "RS384"])
def registered(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """A private key, and a file of clients that knows its public half."""
    key, clients = tmp_path / "key.pem", tmp_path / "clients.json"
    made = run("key", str(key), "--algorithm", request.param, "--kid", "k1")
    assert made.exit_code == 0, made.output
    clients.write_text(
        json.dumps({"clients": [{"name": "north", "issuer": "https://north", "jwks": json.loads(made.output)}]})
    )
    return str(key), str(clients)


def made_with(key: str, endpoint: str = ENDPOINT) -> str:
    return run("make", "--key", key, "--kid", "k1", "--issuer", "https://north", "--endpoint", endpoint).output


def test_a_token_made_with_the_key_is_accepted(registered: tuple[str, str]) -> None:
    key, clients = registered

    checked = run("check", "--clients", clients, "--endpoint", ENDPOINT, input=made_with(key))

    assert (checked.exit_code, checked.output) == (0, "accepted: client north\n")


def test_a_token_for_another_endpoint_is_refused_with_the_reason(registered: tuple[str, str]) -> None:
    key, clients = registered

    checked = run("check", "--clients", clients, "--endpoint", f"{ENDPOINT}/x/feedback", input=made_with(key))

    assert checked.exit_code == jwt_commands.REFUSED
    assert checked.output.startswith("refused: audience. aud must be the address")


def test_a_private_key_is_for_its_owner_and_never_overwritten(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    assert run("key", str(key)).exit_code == 0
    before = key.read_bytes()

    again = run("key", str(key))

    assert key.stat().st_mode & 0o777 == 0o600
    assert again.exit_code != 0 and "not there yet" in again.output and key.read_bytes() == before


def test_the_key_set_holds_no_private_part(tmp_path: Path) -> None:
    [printed] = json.loads(run("key", str(tmp_path / "key.pem")).output)["keys"]

    assert not {"d", "p", "q", "k"} & set(printed)
    assert (printed["use"], printed["alg"]) == ("sig", "ES384")


def test_a_file_that_holds_no_key_is_told(tmp_path: Path) -> None:
    path = tmp_path / "no.pem"
    path.write_text("nothing")

    told = run("make", "--key", str(path), "--kid", "k", "--issuer", "i", "--endpoint", "e")

    assert told.exit_code != 0 and "is not a private key" in told.output


def test_every_reason_has_its_sentence() -> None:
    source = Path(tokens.__file__).read_text()

    assert set(re.findall(r'Refused\("([a-z-]+)"\)', source)) == set(MEANING)
