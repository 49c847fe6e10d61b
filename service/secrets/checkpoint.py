"""The key checkpoints are signed with: given in the settings, or made once and kept beside the SQLite database.

Whoever has it can sign another history. Its public part is for everybody, above all for those who
keep checkpoints elsewhere.
"""

from __future__ import annotations

import secrets

from service.secrets.kept import is_beside_a_file, kept_secret
from service.settings import Settings, SettingsError
from service.traces.notes import NoteError, Signer, signer_from

SUFFIX = ".checkpoint-key"


def checkpoint_signer(settings: Settings) -> Signer | None:
    """The signer of this site, None when none is asked for. Raises SettingsError."""
    if not settings.checkpoint_every:
        return None
    given = settings.checkpoint_key.get_secret_value()
    if not given and not is_beside_a_file(settings.database_url):
        raise SettingsError(
            "OSTEON_CHECKPOINT_KEY must be set when traces are kept in PostgreSQL: `osteon traces key --new` makes "
            "one, and OSTEON_CHECKPOINT_EVERY=0 does without checkpoints."
        )
    try:
        return signer_from(given or kept_secret(settings.database_url, SUFFIX, lambda: new_signer().written()))
    except NoteError as error:
        where = "OSTEON_CHECKPOINT_KEY" if given else f"The file {SUFFIX} beside the database"
        raise SettingsError(f"{where} does not hold a whole key. {error}") from None


def new_signer() -> Signer:
    """A key nobody has yet, under a name that no other store has."""
    return Signer(name=f"osteon/{secrets.token_hex(4)}", seed=secrets.token_bytes(32))
