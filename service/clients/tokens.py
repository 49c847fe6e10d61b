"""Who a CDS Hooks client is: the JSON Web Token of a call, checked as the specification asks.

Every refusal looks the same from outside. The reason is one word, for the log of the operator.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from service.clients.key_sets import Keys, KeySets
from service.clients.profiles import Client

LONGEST_TOKEN = 8 * 1024
LEEWAY_SECONDS = 60
LEAST_RSA_BITS = 2048
_KEY_TYPE = {"ES": "EC", "RS": "RSA", "PS": "RSA"}

Remember = Callable[[str, str, datetime], bool]
"""Issuer, hash of the token's id, and when it expires: False when the same was remembered before."""


class Refused(Exception):
    """A token that proves nothing; ``reason`` is a word for the log."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, kw_only=True)
class Proven:
    """The client a token is from; ``token_id`` is the SHA-256 of its jti in hexadecimal."""

    client: Client
    tenant: str = ""
    token_id: str = ""


class Tokens:
    """Checks the tokens of registered clients. One for a process; safe between threads."""

    def __init__(
        self,
        clients: tuple[Client, ...],
        key_sets: KeySets,
        remember: Remember,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._by_issuer = {client.issuer: client for client in clients}
        self._key_sets = key_sets
        self._remember = remember
        self._now = now

    def proven(self, authorization: str, endpoint: str) -> Proven:
        """The client that calls an endpoint. Raises Refused, and StoreUnavailable when replays cannot be told."""
        token = _bearer(authorization)
        header, claims = _unverified(token)
        client = self._by_issuer.get(str(claims.get("iss")))
        if client is None:
            raise Refused("issuer")
        key = self._key(client, header)
        claims = _verified(token, key, client, header["alg"], endpoint)
        tenant = _tenant(client, claims)
        issued, expires = int(claims["iat"]), int(claims["exp"])
        if not 0 < expires - issued <= client.lifetime_seconds:
            raise Refused("lifetime")
        token_id = hashlib.sha256(claims["jti"].encode()).hexdigest()
        forget_at = datetime.fromtimestamp(expires, UTC) + timedelta(seconds=LEEWAY_SECONDS)
        # Last, so that only a token which proves something is remembered.
        if not self._remember(client.issuer, token_id, forget_at):
            raise Refused("replayed")
        return Proven(client=client, tenant=tenant, token_id=token_id)

    def _key(self, client: Client, header: Mapping[str, Any]) -> jwt.PyJWK:
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in client.algorithms:
            raise Refused("algorithm")
        if str(header.get("typ", "")).upper() != "JWT":
            raise Refused("type")
        if "jku" in header and header["jku"] != client.key_set_address:
            raise Refused("key-set-address")
        if not isinstance(kid, str) or not kid:
            raise Refused("key")
        return _the_one(self._key_sets.keys(client, kid), str(algorithm))


def _bearer(authorization: str) -> str:
    if not authorization:
        raise Refused("no-token")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refused("no-bearer")
    if len(token) > LONGEST_TOKEN:
        raise Refused("too-long")
    return token.strip()


def _unverified(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Header and claims as they are said, to learn whose key is asked for; nothing is believed yet."""
    try:
        parts = jwt.decode_complete(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, RecursionError, ValueError):
        raise Refused("malformed") from None
    return parts["header"], parts["payload"]


def _the_one(keys: Keys, algorithm: str) -> jwt.PyJWK:
    fitting = [key for key in keys if key.get("kty") == _KEY_TYPE[algorithm[:2]] and key.get("use", "sig") == "sig"]
    if len(fitting) != 1 or fitting[0].get("alg", algorithm) != algorithm:
        raise Refused("key")
    try:
        key = jwt.PyJWK.from_dict(dict(fitting[0]), algorithm)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        raise Refused("key") from None
    size = getattr(key.key, "key_size", 0)
    if algorithm[:2] != "ES" and size < LEAST_RSA_BITS:
        raise Refused("key")
    return key


def _verified(token: str, key: jwt.PyJWK, client: Client, algorithm: str, endpoint: str) -> Mapping[str, Any]:
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=[endpoint, *client.audiences],
            issuer=client.issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["iss", "aud", "exp", "iat", "jti"]},
        )
        int(claims["exp"]), int(claims["iat"])
    except jwt.ExpiredSignatureError:
        raise Refused("expired") from None
    except jwt.ImmatureSignatureError:
        raise Refused("not-yet") from None
    except jwt.InvalidAudienceError:
        raise Refused("audience") from None
    except jwt.InvalidSignatureError:
        raise Refused("signature") from None
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError):
        raise Refused("claims") from None
    if not claims["jti"] or len(claims["jti"]) > 1000:
        raise Refused("claims")
    return claims


def _tenant(client: Client, claims: Mapping[str, Any]) -> str:
    tenant = claims.get("tenant", "")
    if not isinstance(tenant, str) or (client.tenants and tenant not in client.tenants):
        raise Refused("tenant")
    return tenant if client.tenants else ""
