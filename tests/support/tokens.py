"""Clients with real keys, and the tokens they sign: right ones, and every kind of wrong one."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
ISSUER = "https://ehr.example.org/fhir"
PUBLIC_URL = "https://osteon.example.org/base"
ENDPOINT = f"{PUBLIC_URL}/cds-services/bone-metastases-patient-view"


@cache
def ec_key(name: str = "one", curve: str = "P-384") -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key({"P-384": ec.SECP384R1(), "P-256": ec.SECP256R1()}[curve])


@cache
def rsa_key(name: str = "one", bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def public(key: Any, kid: str = "k1", **more: str) -> dict[str, Any]:
    """The public half of a key as a JWK."""
    kind = jwt.algorithms.ECAlgorithm if isinstance(key, ec.EllipticCurvePrivateKey) else jwt.algorithms.RSAAlgorithm
    return {**json.loads(kind.to_jwk(key.public_key())), "kid": kid, **more}


def claims(**changed: Any) -> dict[str, Any]:
    """The claims of a right token; one changed to None is left out."""
    usual = {
        "iss": ISSUER, "aud": ENDPOINT, "iat": SECONDS, "exp": SECONDS + 300, "jti": str(uuid.uuid4()),
    }  # fmt: skip
    return {name: value for name, value in {**usual, **changed}.items() if value is not None}


def signed(
    payload: Mapping[str, Any], key: Any = None, *, algorithm: str = "ES384", kid: str | None = "k1", **header: Any
) -> str:
    """A token with these claims."""
    headers = {"typ": "JWT", **({} if kid is None else {"kid": kid}), **header}
    return jwt.encode(dict(payload), key or ec_key(), algorithm=algorithm, headers=headers)
