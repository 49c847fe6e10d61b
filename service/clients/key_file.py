"""The file of API keys: what it may say, how a key is added, and how a change is noticed without a start.

At the start whatever is wrong in it is told in a sentence. Later a file that cannot be used leaves the
keys as they were, and the log says so: a slip of the pen must lock nobody out, and let nobody in.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from service.clients.api_keys import ApiKey, Scope, key_of
from service.logs import log


class KeysError(ValueError):
    """The file of keys cannot be used. The sentence names the place and holds no value; so does ``place``."""

    def __init__(self, sentence: str, place: str = "") -> None:
        super().__init__(sentence)
        self.place = place


class _Written(BaseModel):
    """A key as the file writes it."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    prefix: str = Field(pattern=r"^osteon_[a-z2-7]{8}$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    scopes: list[Scope] = Field(min_length=1)
    expires: AwareDatetime
    tenant: str = Field("", max_length=200)

    def key(self) -> ApiKey:
        return ApiKey(
            name=self.name,
            prefix=self.prefix,
            sha256=self.sha256,
            scopes=tuple(self.scopes),
            expires=self.expires,
            tenant=self.tenant,
        )


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    keys: list[_Written]


_NOT_JSON = "The file of API keys must be a file that can be read as JSON."


def keys_in(file: str | Path) -> tuple[ApiKey, ...]:
    """The keys in a file, of which there may be none: then nobody has one. Raises KeysError."""
    try:
        return _keys_of(Path(file).read_bytes())
    except OSError:
        raise KeysError(_NOT_JSON) from None


def _keys_of(text: bytes | str) -> tuple[ApiKey, ...]:
    try:
        keys = tuple(written.key() for written in _File.model_validate_json(text).keys)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        if first["type"] == "json_invalid":  # its message quotes what stands there
            raise KeysError(_NOT_JSON) from None
        place = ".".join(str(step) for step in first["loc"]) or "keys"
        raise KeysError(f"The file of API keys: {place}: {first['msg']}.", place) from None
    for what, values in (("name", [each.name for each in keys]), ("prefix", [each.prefix for each in keys])):
        if len(set(values)) < len(values):
            raise KeysError(f"The file of API keys: two keys have the same {what}; each needs its own.", what)
    return keys


def add(key: ApiKey, file: Path) -> None:
    """Adds a key to a file, which is made when there is none. Whoever reads it sees the old one or the new one.

    The file is for its owner only, who stays the owner. Raises KeysError.
    """
    file = file.resolve()
    keys = keys_in(file) if file.exists() else ()
    text = json.dumps({"keys": [each.entry() for each in (*keys, key)]}, indent=2) + "\n"
    _keys_of(text)
    try:
        _replace(file, text)
    except OSError:
        raise KeysError("The file of API keys cannot be written, or not for the owner it has.") from None


def _replace(file: Path, text: str) -> None:
    descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=file.name)  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        if file.exists():
            owned = file.stat()
            os.chown(draft, owned.st_uid, owned.st_gid)
        os.replace(draft, file)
    except BaseException:
        os.unlink(draft)
        raise


class KeyRing:
    """The keys of a file as it is now. One for a process; safe between threads."""

    def __init__(self, file: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Reads the file. Raises KeysError."""
        self._file = file
        self._now = now
        self._lock = threading.Lock()
        self._seen = _state(file)
        self._keys = keys_in(file)

    def key(self, text: str) -> ApiKey:
        """The key a text is. Raises KeyRefused."""
        self._look_again()
        return key_of(text, self._keys, self._now())

    def _look_again(self) -> None:
        with self._lock:
            state = _state(self._file)
            if state == self._seen:
                return
            self._seen = state  # taken before the file is read: what changes meanwhile is seen the next time
            try:
                self._keys = keys_in(self._file)
            except KeysError as error:
                log("api_keys", level="error", setting="OSTEON_API_KEYS_FILE", code="kept-old", place=error.place)
            else:
                log("api_keys", setting="OSTEON_API_KEYS_FILE", code="reread", count=len(self._keys))


def _state(file: str) -> tuple[int, ...]:
    """What changes when a file is written or replaced; nothing when it is not there."""
    try:
        found = os.stat(file)
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_size
