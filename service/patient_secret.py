"""The secret behind the keyed hash by which traces of one patient are found without naming anybody.

It is given in the settings, or made once and kept beside the SQLite database, readable by its owner
only. Whoever has it can tell whether a patient is in the store: back it up, and keep it apart.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from service.settings import Settings, SettingsError

SUFFIX = ".patient-key"
_BYTES = 32
_SQLITE = "sqlite:///"


def patient_secret(settings: Settings) -> bytes:
    """The secret of this site. Raises SettingsError when there is none and none can be kept."""
    given = settings.patient_key_secret.get_secret_value()
    if given:
        return given.encode()
    if not settings.database_url.startswith(_SQLITE):
        raise SettingsError("OSTEON_PATIENT_KEY_SECRET must be set when traces are kept in PostgreSQL.")
    path = Path(settings.database_url.removeprefix(_SQLITE) + SUFFIX)
    try:
        if not path.exists():
            _keep_a_new_one(path)
        kept = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        raise SettingsError(f"The file {path.name} beside the database cannot be read or made as a secret.") from None
    if len(kept) < _BYTES:
        raise SettingsError(f"The file {path.name} beside the database does not hold a whole secret.")
    return kept


def _keep_a_new_one(path: Path) -> None:
    """Several processes may do this at once: the first link wins, and it is whole when it appears."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_BYTES))
            file.flush()
            os.fsync(file.fileno())
        if not path.exists():
            _link(draft, path)
    finally:
        os.unlink(draft)


def _link(draft: str, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        return  # another process was first; its secret counts
