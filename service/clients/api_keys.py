"""API keys: what one looks like, what it is kept as, and which key a text is.

A key is ``osteon_PREFIX_SECRET``. The prefix is public and names the key in files and lists; of the
whole only the SHA-256 is kept, which for 32 random bytes needs neither salt nor stretching.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args

from service.clients.tokens import Refused

Scope = Literal["evaluate", "traces.read", "traces.body", "export", "erase"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

MARK = "osteon_"
PREFIX = re.compile(r"osteon_[a-z2-7]{8}")
_KEY = re.compile(r"(osteon_[a-z2-7]{8})_[A-Za-z0-9_-]{43}")
_NO_HASH = "0" * 64  # what the secret of a key nobody knows is compared with


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """A key as it is kept. From ``expires`` (UTC) on it is refused; ``tenant`` is written into what is recorded."""

    name: str
    prefix: str
    sha256: str
    scopes: tuple[Scope, ...]
    expires: datetime
    tenant: str = ""

    def has_expired(self, now: datetime) -> bool:
        return now >= self.expires

    def entry(self) -> dict[str, object]:
        """The key as the file of keys writes it."""
        return {
            "name": self.name,
            "prefix": self.prefix,
            "sha256": self.sha256,
            "scopes": list(self.scopes),
            "expires": self.expires.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            **({"tenant": self.tenant} if self.tenant else {}),
        }


class KeyRefused(Refused):
    """A key that proves nothing; ``name`` is that of the entry it would be, "" when there is none."""

    def __init__(self, reason: str, name: str = "") -> None:
        super().__init__(reason)
        self.name = name


def new_key(
    *,
    name: str,
    scopes: Iterable[Scope],
    expires: datetime,
    tenant: str = "",
    chance: Callable[[int], bytes] = secrets.token_bytes,
) -> tuple[str, ApiKey]:
    """A key nobody has yet, and what is kept of it."""
    prefix = MARK + base64.b32encode(chance(5)).decode().lower()
    key = f"{prefix}_{base64.urlsafe_b64encode(chance(32)).decode().rstrip('=')}"
    wanted = tuple(scope for scope in SCOPES if scope in set(scopes))
    kept = ApiKey(name=name, prefix=prefix, sha256=_hash(key), scopes=wanted, expires=expires, tenant=tenant)
    return key, kept


def key_of(text: str, known: Iterable[ApiKey], now: datetime) -> ApiKey:
    """Which of the known keys a text is. Raises KeyRefused.

    A secret is compared in constant time, and with something even when no key has its prefix.
    """
    form = _KEY.fullmatch(text)
    if form is None:
        raise KeyRefused("malformed")
    key = next((each for each in known if each.prefix == form[1]), None)
    fits = hmac.compare_digest(_hash(text), key.sha256 if key else _NO_HASH)
    if key is None:
        raise KeyRefused("unknown")
    if not fits:
        raise KeyRefused("secret", key.name)
    if key.has_expired(now):
        raise KeyRefused("expired", key.name)
    return key


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
