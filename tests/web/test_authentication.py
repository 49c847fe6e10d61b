"""Who may call the hook doors: registered clients by their tokens, and one bare answer to all others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.app import app_of, clients_of
from service.house import House
from service.settings import Settings, SettingsError
from tests.support.tokens import ISSUER, PUBLIC_URL, ec_key, public, signed
from tests.web.conftest import settings_with_database
from tests.web.requests_made import hook_request

SERVICE = "/cds-services/bone-metastases-patient-view"


@pytest.fixture(scope="module")
def clients_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("clients") / "clients.json"
    north = {"name": "north", "issuer": ISSUER, "jwks": {"keys": [public(ec_key())]}}
    path.write_text(json.dumps({"clients": [north]}))
    return str(path)


@pytest.fixture
def guarded(house: House, settings: Settings, clients_file: str) -> FlaskClient:
    guarded = settings_with_database(settings.database_url, clients_file=clients_file, public_url=PUBLIC_URL)
    return app_of(house, guarded).test_client()


def token_for(house: House, path: str, **changed: Any) -> dict[str, str]:
    now = int(house.now().timestamp())
    claims = {"iss": ISSUER, "aud": PUBLIC_URL + path, "iat": now, "exp": now + 300, "jti": f"{path}{house.new_id()}"}
    return {"Authorization": f"Bearer {signed({**claims, **changed})}"}


def test_a_registered_client_is_answered_and_named_in_the_trace(guarded: FlaskClient, house: House) -> None:
    headers = token_for(house, SERVICE)

    answer = guarded.post(SERVICE, json=hook_request(), headers=headers, base_url=PUBLIC_URL)

    assert answer.status_code == 200
    [header] = house.store.list(limit=1).headers
    assert header.header["client"] == "north" and header.header["issuer"] == ISSUER
    assert headers["Authorization"].partition(" ")[2] not in json.dumps(house.store.get(header.id).header_text)  # type: ignore[union-attr]


def test_discovery_asks_for_a_token_of_its_own_address(guarded: FlaskClient, house: House) -> None:
    assert guarded.get("/cds-services", base_url=PUBLIC_URL).status_code == 401
    own, other = token_for(house, "/cds-services"), token_for(house, SERVICE)
    assert guarded.get("/cds-services", headers=own, base_url=PUBLIC_URL).status_code == 200
    assert guarded.get("/cds-services", headers=other, base_url=PUBLIC_URL).status_code == 401


@pytest.mark.parametrize(
    ("changed", "reason"),
    [({"exp": 1}, "expired"), ({"aud": "https://elsewhere"}, "audience"), ({"iss": "x"}, "issuer")],
)
def test_every_refusal_is_bare_and_its_reason_is_in_the_log_alone(
    guarded: FlaskClient, house: House, log_lines: Callable[[], str], changed: dict[str, Any], reason: str
) -> None:
    answer = guarded.post(
        SERVICE, json=hook_request(), headers=token_for(house, SERVICE, **changed), base_url=PUBLIC_URL
    )

    assert (answer.status_code, answer.data, answer.headers["WWW-Authenticate"]) == (401, b"", "Bearer")
    assert f'"code": "{reason}"' in log_lines()


def test_a_token_is_taken_once_even_by_another_worker(
    guarded: FlaskClient, house: House, settings: Settings, clients_file: str
) -> None:
    headers = token_for(house, SERVICE)
    other = settings_with_database(settings.database_url, clients_file=clients_file, public_url=PUBLIC_URL)
    another_worker = app_of(house, other).test_client()

    first = guarded.post(SERVICE, json=hook_request(), headers=headers, base_url=PUBLIC_URL)
    second = another_worker.post(SERVICE, json=hook_request(), headers=headers, base_url=PUBLIC_URL)

    assert (first.status_code, second.status_code) == (200, 401)


def test_a_preflight_carries_no_token_and_is_answered(guarded: FlaskClient) -> None:
    assert guarded.options(SERVICE, base_url=PUBLIC_URL).status_code == 200


@pytest.mark.parametrize(
    ("others", "starts"),
    [
        ({"bind": "127.0.0.1:8080"}, True),
        ({"bind": "0.0.0.0:8080"}, False),
        ({"bind": "0.0.0.0:8080", "allow_unauthenticated": True}, True),
    ],
)
def test_beyond_this_machine_nobody_listens_without_authentication_unless_told_to(
    others: dict[str, Any], starts: bool
) -> None:
    settings = settings_with_database("sqlite:///x.db", **others)

    if starts:
        assert clients_of(settings) == ()
        return
    with pytest.raises(SettingsError, match="OSTEON_ALLOW_UNAUTHENTICATED"):
        clients_of(settings)


def test_tokens_need_an_address_to_name(clients_file: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="OSTEON_PUBLIC_URL"):
        clients_of(settings_with_database("sqlite:///x.db", clients_file=clients_file))
