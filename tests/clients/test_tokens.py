"""Tokens of clients: the right ones prove who calls, and every wrong one is refused for its own reason."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from service.clients.key_sets import Fetched, KeySets, KeySetUnavailable
from service.clients.profiles import ASYMMETRIC, Client
from service.clients.tokens import LEEWAY_SECONDS, LONGEST_TOKEN, Proven, Refused, Tokens
from tests.support.tokens import ENDPOINT, ISSUER, NOW, SECONDS, claims, ec_key, public, rsa_key, signed

CLIENT = Client(
    name="north", issuer=ISSUER, key_set={"keys": [public(ec_key()), public(rsa_key(), kid="r1")]},
    algorithms=("ES384", "RS384"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def the_clock_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyJWT asks the clock itself."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return NOW

    monkeypatch.setattr("jwt.api_jwt.datetime", Clock)


def never_fetched(address: str) -> Fetched:
    raise AssertionError("an inline key set is not fetched")


def tokens(*clients: Client, remember: Callable[[str, str, datetime], bool] | None = None) -> Tokens:
    seen: set[tuple[str, str]] = set()

    def once(issuer: str, token_id: str, expires: datetime) -> bool:
        is_new = (issuer, token_id) not in seen
        seen.add((issuer, token_id))
        return is_new

    return Tokens(clients or (CLIENT,), KeySets(never_fetched), remember or once, now=lambda: NOW)


def proven(token: str, *clients: Client, endpoint: str = ENDPOINT) -> Proven:
    return tokens(*clients).proven(f"Bearer {token}", endpoint)


def refusal(authorization: str, *clients: Client, endpoint: str = ENDPOINT) -> str:
    with pytest.raises(Refused) as refused:
        tokens(*clients).proven(authorization, endpoint)
    return refused.value.reason


# --- right -------------------------------------------------------------------------------------------


def test_a_token_proves_its_client() -> None:
    found = proven(signed(claims()))

    assert (found.client.name, found.tenant) == ("north", "")
    assert len(found.token_id) == 64


def test_either_recommended_algorithm_proves_it() -> None:
    assert proven(signed(claims(), rsa_key(), algorithm="RS384", kid="r1")).client is CLIENT


@pytest.mark.parametrize("audience", [[ENDPOINT], ["https://other.example.org", ENDPOINT]])
def test_the_audience_may_be_one_of_several(audience: list[str]) -> None:
    assert proven(signed(claims(aud=audience)))


def test_a_client_may_have_an_audience_of_its_own() -> None:
    odd = replace(CLIENT, audiences=("sand_man",))

    assert proven(signed(claims(aud="sand_man")), odd)
    assert refusal(f"Bearer {signed(claims(aud='sand_man'))}") == "audience"


@pytest.mark.parametrize("iat", [SECONDS, SECONDS + LEEWAY_SECONDS, SECONDS - 240])
def test_clocks_may_differ_a_little(iat: int) -> None:
    assert proven(signed(claims(iat=iat, exp=iat + 300)))


def test_a_token_is_good_until_the_leeway_after_its_end() -> None:
    assert proven(signed(claims(iat=SECONDS - 300, exp=SECONDS - LEEWAY_SECONDS + 1)))
    late = signed(claims(iat=SECONDS - 300, exp=SECONDS - LEEWAY_SECONDS))
    assert refusal(f"Bearer {late}") == "expired"


def test_a_tenant_is_told_where_one_is_asked_for() -> None:
    shared = replace(CLIENT, tenants=("north", "south"))

    assert proven(signed(claims(tenant="south")), shared).tenant == "south"
    assert refusal(f"Bearer {signed(claims(tenant='east'))}", shared) == "tenant"
    assert refusal(f"Bearer {signed(claims())}", shared) == "tenant"


# --- wrong -------------------------------------------------------------------------------------------


def unsigned(payload: dict[str, Any], **header: Any) -> str:
    """A token nobody signed."""

    def part(document: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()

    return f"{part({'typ': 'JWT', 'alg': 'none', 'kid': 'k1', **header})}.{part(payload)}."


def with_the_public_key_as_secret() -> str:
    """The old trick: signed as if the public key were a shared secret."""
    pem = (
        rsa_key().public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    body = signed(claims(), "x" * 64, algorithm="HS256", kid="r1").rpartition(".")[0]
    mac = base64.urlsafe_b64encode(hmac.new(pem, body.encode(), hashlib.sha256).digest()).rstrip(b"=")
    return f"{body}.{mac.decode()}"


WRONG: dict[str, tuple[str, Callable[[], str]]] = {
    "nothing": ("no-token", lambda: ""),
    "another scheme": ("no-bearer", lambda: "Basic bm9ydGg6c2VjcmV0"),
    "an empty bearer": ("no-bearer", lambda: "Bearer "),
    "not a token": ("malformed", lambda: "Bearer rubbish"),
    "two parts": ("malformed", lambda: "Bearer a.b"),
    "too long": ("too-long", lambda: f"Bearer {'a' * (LONGEST_TOKEN + 1)}"),
    "an unknown issuer": ("issuer", lambda: f"Bearer {signed(claims(iss='https://evil.example.org'))}"),
    "no issuer": ("issuer", lambda: f"Bearer {signed(claims(iss=None))}"),
    "not signed at all": ("algorithm", lambda: f"Bearer {unsigned(claims())}"),
    "a shared secret": ("algorithm", lambda: f"Bearer {signed(claims(), 'x' * 64, algorithm='HS384')}"),
    "the public key as a secret": ("algorithm", lambda: f"Bearer {with_the_public_key_as_secret()}"),
    "an algorithm not agreed on": ("algorithm", lambda: f"Bearer {signed(claims(), rsa_key(), algorithm='RS256')}"),
    "another type": ("type", lambda: f"Bearer {signed(claims(), typ='at+jwt')}"),
    "keys at another address": ("key-set-address", lambda: f"Bearer {signed(claims(), jku='https://evil.org')}"),
    "no key id": ("key", lambda: f"Bearer {signed(claims(), kid=None)}"),
    "an unknown key id": ("key", lambda: f"Bearer {signed(claims(), kid='k9')}"),
    "the key of another kind": ("key", lambda: f"Bearer {signed(claims(), kid='r1')}"),
    "somebody else's signature": ("signature", lambda: f"Bearer {signed(claims(), ec_key('two'))}"),
    "claims changed afterwards": ("signature", lambda: f"Bearer {changed_afterwards()}"),
    "expired": ("expired", lambda: f"Bearer {signed(claims(iat=SECONDS - 900, exp=SECONDS - 600))}"),
    "issued in the future": ("not-yet", lambda: f"Bearer {signed(claims(iat=SECONDS + 90, exp=SECONDS + 300))}"),
    "not valid yet": ("not-yet", lambda: f"Bearer {signed(claims(nbf=SECONDS + 90))}"),
    "another service": ("audience", lambda: f"Bearer {signed(claims(aud=ENDPOINT + '/feedback'))}"),
    "a part of the address": ("audience", lambda: f"Bearer {signed(claims(aud=ENDPOINT[:-1]))}"),
    "no audience": ("claims", lambda: f"Bearer {signed(claims(aud=None))}"),
    "no end": ("claims", lambda: f"Bearer {signed(claims(exp=None))}"),
    "no beginning": ("claims", lambda: f"Bearer {signed(claims(iat=None))}"),
    "no id": ("claims", lambda: f"Bearer {signed(claims(jti=None))}"),
    "an empty id": ("claims", lambda: f"Bearer {signed(claims(jti=''))}"),
    "ten years": ("lifetime", lambda: f"Bearer {signed(claims(exp=SECONDS + 315_360_000))}"),
    "a second too long": ("lifetime", lambda: f"Bearer {signed(claims(exp=SECONDS + 301))}"),
    "an end that is no number": ("claims", lambda: f"Bearer {signed_loosely({'exp': 'tomorrow'})}"),
    "an end beyond all time": ("lifetime", lambda: f"Bearer {signed_loosely({'exp': 10**15})}"),
    "a critical extension": ("malformed", lambda: f"Bearer {signed(claims(), crit=['exp'])}"),
}  # fmt: skip


def changed_afterwards() -> str:
    head, _, rest = signed(claims()).partition(".")
    body, _, signature = rest.partition(".")
    other = signed(claims(tenant="south")).split(".")[1]
    assert other != body
    return f"{head}.{other}.{signature}"


def signed_loosely(changed: dict[str, Any]) -> str:
    """Signed over claims that a library would refuse to write."""
    return jwt.PyJWS().encode(
        json.dumps({**claims(), **changed}).encode(), ec_key(), algorithm="ES384", headers={"typ": "JWT", "kid": "k1"}
    )


@pytest.mark.parametrize("kind", WRONG)
def test_a_token_that_proves_nothing_is_refused_for_its_own_reason(kind: str) -> None:
    reason, authorization = WRONG[kind]

    assert refusal(authorization()) == reason


def test_a_curve_of_another_algorithm_is_no_key() -> None:
    small = replace(CLIENT, key_set={"keys": [public(ec_key("small", "P-256"))]}, algorithms=("ES384",))
    token = signed(claims(), ec_key("small", "P-256"), algorithm="ES256")
    renamed = token.split(".")
    head = json.loads(base64.urlsafe_b64decode(renamed[0] + "=="))
    renamed[0] = base64.urlsafe_b64encode(json.dumps({**head, "alg": "ES384"}).encode()).rstrip(b"=").decode()

    assert refusal(f"Bearer {'.'.join(renamed)}", small) in ("key", "signature", "claims")


def test_a_short_rsa_key_is_no_key() -> None:
    weak = replace(CLIENT, key_set={"keys": [public(rsa_key("weak", 1024))]})
    with pytest.warns(Warning):
        token = signed(claims(), rsa_key("weak", 1024), algorithm="RS384")

    assert refusal(f"Bearer {token}", weak) == "key"


def test_two_keys_of_one_id_are_none() -> None:
    doubled = replace(CLIENT, key_set={"keys": [public(ec_key()), public(ec_key("two"))]})

    assert refusal(f"Bearer {signed(claims())}", doubled) == "key"


def test_a_key_for_encryption_signs_nothing() -> None:
    other = replace(CLIENT, key_set={"keys": [public(ec_key(), use="enc")]})

    assert refusal(f"Bearer {signed(claims())}", other) == "key"


def test_a_token_is_good_once() -> None:
    checks, token = tokens(), f"Bearer {signed(claims())}"

    assert checks.proven(token, ENDPOINT)
    with pytest.raises(Refused, match="replayed"):
        checks.proven(token, ENDPOINT)


def test_only_a_token_that_proves_something_is_remembered() -> None:
    remembered: list[str] = []

    def remember(issuer: str, token_id: str, expires: datetime) -> bool:
        remembered.append(token_id)
        return True

    checks = tokens(remember=remember)
    with pytest.raises(Refused):
        checks.proven(f"Bearer {signed(claims(), ec_key('two'))}", ENDPOINT)
    assert remembered == []
    checks.proven(f"Bearer {signed(claims())}", ENDPOINT)
    assert len(remembered) == 1


def test_two_clients_may_use_the_same_id() -> None:
    other = replace(CLIENT, name="south", issuer="https://south.example.org")
    checks = tokens(CLIENT, other)

    assert checks.proven(f"Bearer {signed(claims(jti='1'))}", ENDPOINT)
    assert checks.proven(f"Bearer {signed(claims(jti='1', iss=other.issuer))}", ENDPOINT)


def test_no_algorithm_that_may_be_agreed_on_is_symmetric() -> None:
    assert not [name for name in ASYMMETRIC if name.startswith("HS") or name == "none"]


# --- keys that are fetched ---------------------------------------------------------------------------


class Server:
    """A key set on somebody's server, and a clock."""

    def __init__(self, *keys: dict[str, Any], life: float = 300) -> None:
        self.keys, self.life, self.asked, self.clock, self.is_down = keys, life, 0, 1000.0, False

    def fetch(self, address: str) -> Fetched:
        self.asked += 1
        if self.is_down:
            raise KeySetUnavailable("unreachable")
        return Fetched(keys=tuple(self.keys), life_seconds=self.life)

    def sets(self) -> KeySets:
        return KeySets(self.fetch, monotonic=lambda: self.clock)


REMOTE = replace(CLIENT, key_set=None, key_set_address="https://ehr.example.org/jwks.json")


def test_keys_are_fetched_once_while_they_live() -> None:
    server = Server(public(ec_key()))
    sets = server.sets()

    assert [len(sets.keys(REMOTE, "k1")) for _ in range(3)] == [1, 1, 1]
    assert server.asked == 1
    server.clock += 300
    assert sets.keys(REMOTE, "k1") and server.asked == 2


def test_a_new_key_is_found_after_rotation() -> None:
    server = Server(public(ec_key()))
    sets = server.sets()
    assert sets.keys(REMOTE, "k1")

    server.keys, server.clock = (public(ec_key("two"), kid="k2"),), server.clock + 31

    assert sets.keys(REMOTE, "k2") and server.asked == 2
    assert sets.keys(REMOTE, "k1") == ()


def test_a_storm_of_unknown_keys_costs_one_fetch() -> None:
    server = Server(public(ec_key()))
    sets = server.sets()

    assert [sets.keys(REMOTE, f"k{number}") for number in range(2, 100)] == [()] * 98
    assert server.asked == 1
    assert sets.keys(REMOTE, "k1")


def test_known_keys_outlive_an_outage_for_their_life_and_no_longer() -> None:
    server = Server(public(ec_key()))
    sets = server.sets()
    assert sets.keys(REMOTE, "k1")

    server.is_down, server.clock = True, server.clock + 299
    assert sets.keys(REMOTE, "k1") and server.asked == 1
    server.clock += 1
    assert sets.keys(REMOTE, "k1") == () and server.asked == 2
    assert sets.keys(REMOTE, "k1") == () and server.asked == 2


def test_a_token_may_name_the_registered_address_only() -> None:
    server = Server(public(ec_key()))
    checks = Tokens((REMOTE,), server.sets(), lambda *_: True, now=lambda: NOW)

    assert checks.proven(f"Bearer {signed(claims(), jku=REMOTE.key_set_address)}", ENDPOINT)
    with pytest.raises(Refused, match="key-set-address"):
        checks.proven(f"Bearer {signed(claims(), jku=REMOTE.key_set_address + '/')}", ENDPOINT)
    assert server.asked == 1
