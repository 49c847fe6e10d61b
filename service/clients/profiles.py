"""The clients a site has registered: who they are, how they prove it, and what they can show.

A JSON file, read once at the start. Whatever is wrong in it stops the start with a sentence.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from service.prefetch.address import base_of

Profile = Literal["generic", "one-action", "patient-view-only"]
"""How a client shows cards: all of CDS Hooks; suggestions of one action of which any may be taken; or at the
opening of a chart alone."""
Capability = Literal["action-selection-behavior"]

RECOMMENDED = ("ES384", "RS384")
ASYMMETRIC = (*RECOMMENDED, "ES256", "ES512", "RS256", "RS512", "PS256", "PS384", "PS512")
"""What a token may be signed with: never "none", and never a secret that two parties share."""
USUAL_LIFETIME, LONGEST_LIFETIME = 300, 3600


class ClientsError(ValueError):
    """The file of clients cannot be used. The sentence names the place and holds no key."""


@dataclass(frozen=True, kw_only=True)
class Client:
    """One registered client.

    ``issuer`` is the ``iss`` of its tokens. Its keys are a JWK Set given inline or at
    ``key_set_address``, the only ``jku`` it may name. ``audiences`` are accepted beside the address
    of the endpoint. ``tenants`` empty means that no tenant is asked for. ``lifetime_seconds`` is the
    longest time between ``iat`` and ``exp``. ``scopes`` are what its tokens are good for beside CDS Hooks.
    """

    name: str
    issuer: str
    key_set: Mapping[str, Any] | None = None
    key_set_address: str = ""
    algorithms: tuple[str, ...] = RECOMMENDED
    audiences: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()
    lifetime_seconds: int = USUAL_LIFETIME
    fhir_servers: tuple[str, ...] = ()
    profile: Profile = "generic"
    capabilities: tuple[Capability, ...] = ()
    scopes: tuple[Literal["evaluate"], ...] = ()


ANYBODY = Client(name="", issuer="")
"""Who asks where nobody has to say who they are."""


class _Written(BaseModel):
    """A client as the file writes it."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    issuer: str = Field(min_length=1, max_length=1000)
    jwks: dict[str, Any] | None = None
    jwksUrl: str = ""
    algorithms: list[str] = list(RECOMMENDED)
    audiences: list[str] = []
    tenants: list[str] = []
    maxLifetimeSeconds: int = Field(USUAL_LIFETIME, ge=10, le=LONGEST_LIFETIME)
    fhirServers: list[str] = []
    profile: Profile = "generic"
    capabilities: list[Capability] = []
    scopes: list[Literal["evaluate"]] = []

    @field_validator("algorithms")
    @classmethod
    def _are_asymmetric(cls, value: list[str]) -> list[str]:
        if not value or set(value) - set(ASYMMETRIC):
            raise ValueError(f"must be some of {', '.join(ASYMMETRIC)}")
        return value

    @field_validator("jwksUrl")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and not base_of(f"{parts.scheme}://{parts.netloc}"):
            raise ValueError("must begin with https, or with http on this machine")
        return value

    @field_validator("fhirServers")
    @classmethod
    def _are_base_addresses(cls, value: list[str]) -> list[str]:
        bases = [base_of(address) for address in value]
        if not all(bases):
            raise ValueError("must be base addresses with https, or with http on this machine")
        return bases

    @field_validator("jwks")
    @classmethod
    def _holds_public_keys(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        keys = (value or {"keys": [{}]}).get("keys")
        if not isinstance(keys, list) or not keys or not all(isinstance(key, dict) for key in keys):
            raise ValueError("must be a JWK Set: an object with a list of keys")
        if any("d" in key or "k" in key for key in keys):
            raise ValueError("must hold public keys only; there is a private or a shared one in it")
        return value

    @model_validator(mode="after")
    def _has_keys_from_one_place(self) -> _Written:
        if (self.jwks is None) == (not self.jwksUrl):
            raise ValueError("needs its keys in one place: jwks or jwksUrl")
        return self

    def client(self) -> Client:
        return Client(
            name=self.name,
            issuer=self.issuer,
            key_set=self.jwks,
            key_set_address=self.jwksUrl,
            algorithms=tuple(self.algorithms),
            audiences=tuple(self.audiences),
            tenants=tuple(self.tenants),
            lifetime_seconds=self.maxLifetimeSeconds,
            fhir_servers=tuple(self.fhirServers),
            profile=self.profile,
            capabilities=tuple(self.capabilities),
            scopes=tuple(self.scopes),
        )


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    clients: list[_Written] = Field(min_length=1)


def clients_in(file: str) -> tuple[Client, ...]:
    """The clients a site has registered; none when no file is named. Raises ClientsError."""
    if not file:
        return ()
    try:
        document = json.loads(Path(file).read_text(encoding="utf-8"))
        clients = tuple(written.client() for written in _File.model_validate(document).clients)
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise ClientsError("OSTEON_CLIENTS_FILE must be a file that can be read as JSON.") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"]) or "clients"
        raise ClientsError(f"OSTEON_CLIENTS_FILE: {place}: {first['msg'].removeprefix('Value error, ')}.") from None
    for what, values in (("name", [each.name for each in clients]), ("issuer", [each.issuer for each in clients])):
        if len(set(values)) < len(values):
            raise ClientsError(f"OSTEON_CLIENTS_FILE: two clients have the same {what}; each needs its own.")
    return clients
