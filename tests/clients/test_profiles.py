"""The file of clients: what it may say, and the sentence that stops the start when it says something else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from service.clients.profiles import ClientsError, clients_in
from tests.support.tokens import ec_key, public

KEYS = {"keys": [public(ec_key())]}
NORTH: dict[str, Any] = {"name": "north", "issuer": "https://north.example.org/fhir", "jwks": KEYS}


def written(tmp_path: Path, document: object) -> str:
    path = tmp_path / "clients.json"
    path.write_text(json.dumps(document))
    return str(path)


def test_without_a_file_there_are_no_clients() -> None:
    assert clients_in("") == ()


def test_a_client_needs_a_name_an_issuer_and_keys_and_no_more(tmp_path: Path) -> None:
    [client] = clients_in(written(tmp_path, {"clients": [NORTH]}))

    assert (client.name, client.algorithms, client.profile) == ("north", ("ES384", "RS384"), "generic")
    assert (client.lifetime_seconds, client.fhir_servers, client.capabilities) == (300, (), ())


def test_everything_a_client_may_say_is_read(tmp_path: Path) -> None:
    south = {
        "name": "south", "issuer": "https://south.example.org", "jwksUrl": "https://south.example.org/jwks.json",
        "algorithms": ["RS384", "PS512"], "audiences": ["sand_man"], "tenants": ["a"], "maxLifetimeSeconds": 900,
        "fhirServers": ["https://south.example.org/fhir/"], "profile": "one-action",
        "capabilities": ["action-selection-behavior"],
    }  # fmt: skip

    [_, client] = clients_in(written(tmp_path, {"clients": [NORTH, south]}))

    assert client.key_set is None and client.key_set_address == south["jwksUrl"]
    assert (client.algorithms, client.audiences, client.tenants) == (("RS384", "PS512"), ("sand_man",), ("a",))
    assert (client.lifetime_seconds, client.fhir_servers) == (900, ("https://south.example.org/fhir",))
    assert (client.profile, client.capabilities) == ("one-action", ("action-selection-behavior",))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"algorithms": ["HS256"]}, "algorithms: must be some of"),
        ({"algorithms": ["none"]}, "algorithms: must be some of"),
        ({"algorithms": []}, "algorithms: must be some of"),
        ({"jwks": None}, "needs its keys in one place"),
        ({"jwksUrl": "https://north.example.org/jwks"}, "needs its keys in one place"),
        ({"jwks": None, "jwksUrl": "http://north.example.org/jwks"}, "jwksUrl: must begin with https"),
        ({"jwks": {"keys": [{**public(ec_key()), "d": "secret"}]}}, "jwks: must hold public keys only"),
        ({"jwks": {"keys": [{"kty": "oct", "k": "secret"}]}}, "jwks: must hold public keys only"),
        ({"jwks": {"keys": []}}, "jwks: must be a JWK Set"),
        ({"fhirServers": ["http://10.0.0.1/fhir"]}, "fhirServers: must be base addresses"),
        ({"maxLifetimeSeconds": 3601}, "maxLifetimeSeconds"),
        ({"maxLifetimeSeconds": True}, "maxLifetimeSeconds"),
        ({"name": "North Hospital"}, "name"),
        ({"profile": "fancy"}, "profile"),
        ({"token": "x"}, "token"),
    ],
)
def test_what_cannot_be_stops_the_start(tmp_path: Path, changed: dict[str, Any], told: str) -> None:
    with pytest.raises(ClientsError) as refused:
        clients_in(written(tmp_path, {"clients": [{**NORTH, **changed}]}))

    assert told in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("changed", [{"issuer": "https://other.example.org"}, {"name": "other"}])
def test_no_two_clients_share_a_name_or_an_issuer(tmp_path: Path, changed: dict[str, str]) -> None:
    with pytest.raises(ClientsError, match="two clients have the same"):
        clients_in(written(tmp_path, {"clients": [NORTH, {**NORTH, **changed}]}))


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"clients": []}', '{"clients": [1]}'])
def test_a_file_that_is_none_stops_the_start(tmp_path: Path, text: str) -> None:
    path = tmp_path / "clients.json"
    path.write_text(text)

    with pytest.raises(ClientsError, match="OSTEON_CLIENTS_FILE"):
        clients_in(str(path))
    with pytest.raises(ClientsError, match="OSTEON_CLIENTS_FILE"):
        clients_in(str(tmp_path / "nowhere.json"))
