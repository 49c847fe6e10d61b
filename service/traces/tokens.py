"""Tokens that were presented, remembered until they expire, so that none is accepted twice by any worker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import delete, text

from service.traces.schema import seen_token
from service.traces.store import TraceStore

FORGET_EVERY = 256  # one in so many calls clears away what has expired


class TokenMemory:
    """Called with an issuer, the hash of a token's id and when it expires: False when it was seen before.

    Raises StoreUnavailable when the database cannot tell: then nothing may be accepted.
    """

    def __init__(self, store: TraceStore, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._store = store
        self._now = now
        self._calls = 0

    def __call__(self, issuer: str, token_id: str, expires_at: datetime) -> bool:
        seen = {"issuer": issuer, "token_id": token_id, "expires_at": _written(expires_at)}
        self._calls += 1
        with self._store.changing() as connection:
            if self._calls % FORGET_EVERY == 1:
                connection.execute(delete(seen_token).where(seen_token.c.expires_at < _written(self._now())))
            # The primary key decides, also between two workers that are asked at the same time.
            return connection.execute(_REMEMBER, seen).rowcount == 1


_REMEMBER = text(
    "INSERT INTO seen_token (issuer, token_id, expires_at) VALUES (:issuer, :token_id, :expires_at) "
    "ON CONFLICT (issuer, token_id) DO NOTHING"
)


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
