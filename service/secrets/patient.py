"""The secret behind the keyed hash by which traces of one patient are found without naming anybody.

It is given in the settings, or made once and kept beside the SQLite database. Whoever has it can
tell whether a patient is in the store: back it up, and keep it apart.
"""

from __future__ import annotations

import secrets

from service.secrets.kept import is_beside_a_file, kept_secret
from service.settings import Settings, SettingsError

SUFFIX = ".patient-key"
_BYTES = 32


def patient_secret(settings: Settings) -> bytes:
    """The secret of this site. Raises SettingsError when there is none and none can be kept."""
    given = settings.patient_key_secret.get_secret_value()
    if given:
        return given.encode()
    if not is_beside_a_file(settings.database_url):
        raise SettingsError("OSTEON_PATIENT_KEY_SECRET must be set when traces are kept in PostgreSQL.")
    kept = kept_secret(settings.database_url, SUFFIX, lambda: secrets.token_hex(_BYTES))
    try:
        secret = bytes.fromhex(kept)
    except ValueError:
        secret = b""
    if len(secret) < _BYTES:
        raise SettingsError(f"The file {SUFFIX} beside the database does not hold a whole secret.")
    return secret
