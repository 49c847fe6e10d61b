"""API keys to call with: made as the command makes them, and the file that knows them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from service.clients.api_keys import ApiKey, Scope, new_key

EXPIRES = datetime(2999, 1, 1, tzinfo=UTC)


def a_key(name: str, *scopes: Scope, expires: datetime = EXPIRES, tenant: str = "") -> tuple[str, ApiKey]:
    return new_key(name=name, scopes=scopes, expires=expires, tenant=tenant)


def written(path: Path, keys: Iterable[ApiKey]) -> str:
    """The file of these keys."""
    path.write_text(json.dumps({"keys": [key.entry() for key in keys]}))
    return str(path)
