"""The key of the checkpoints is made once, kept for its owner only, or given; never replaced, never shown."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from service.app import notary_of
from service.secrets.checkpoint import SUFFIX, checkpoint_signer, new_signer
from service.settings import Settings, SettingsError, settings_with

POSTGRESQL = "postgresql://osteon@localhost/osteon"


def sqlite(folder: Path, **others: object) -> Settings:
    return settings_with({"database_url": f"sqlite:///{folder}/osteon.db", **others})


def test_a_key_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    first, second = checkpoint_signer(sqlite(tmp_path)), checkpoint_signer(sqlite(tmp_path))

    assert first == second and first is not None
    assert [path.name for path in tmp_path.iterdir()] == [f"osteon.db{SUFFIX}"]
    assert stat.S_IMODE((tmp_path / f"osteon.db{SUFFIX}").stat().st_mode) == 0o600


def test_a_key_that_is_given_is_used_and_not_written(tmp_path: Path) -> None:
    key = new_signer()

    assert checkpoint_signer(sqlite(tmp_path, checkpoint_key=key.written())) == key
    assert not list(tmp_path.iterdir())


def test_with_postgresql_the_key_must_be_given_unless_no_checkpoints_are_wanted() -> None:
    with pytest.raises(SettingsError, match="OSTEON_CHECKPOINT_KEY must be set"):
        checkpoint_signer(settings_with({"database_url": POSTGRESQL}))

    assert checkpoint_signer(settings_with({"database_url": POSTGRESQL, "checkpoint_every": 0})) is None
    key = new_signer()
    assert checkpoint_signer(settings_with({"database_url": POSTGRESQL, "checkpoint_key": key.written()})) == key


@pytest.mark.parametrize("content", ["", "PRIVATE+KEY+osteon/1a2b3c4d+00000000+AAAA", "something else"])
def test_a_damaged_key_stops_the_start_rather_than_being_replaced(tmp_path: Path, content: str) -> None:
    kept = tmp_path / f"osteon.db{SUFFIX}"
    kept.write_text(content)

    with pytest.raises(SettingsError, match="checkpoint-key"):
        checkpoint_signer(sqlite(tmp_path))

    assert kept.read_text() == content


def test_a_key_that_is_given_and_damaged_is_not_told() -> None:
    damaged = new_signer().written()[:-4]

    with pytest.raises(SettingsError, match="OSTEON_CHECKPOINT_KEY") as told:
        checkpoint_signer(settings_with({"checkpoint_key": damaged}))

    assert damaged[-20:] not in str(told.value)


def test_the_settings_decide_when_and_where_is_signed(tmp_path: Path) -> None:
    file = str(tmp_path / "checkpoints")
    notary = notary_of(sqlite(tmp_path, checkpoint_every=7, checkpoint_minutes=2, checkpoint_file=file))

    assert notary is not None
    assert (notary._every, notary._within.total_seconds(), notary._file) == (7, 120, file)
    assert notary_of(sqlite(tmp_path, checkpoint_every=0)) is None


def test_a_file_that_cannot_be_added_to_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="OSTEON_CHECKPOINT_FILE"):
        notary_of(sqlite(tmp_path, checkpoint_file=str(tmp_path / "nowhere" / "checkpoints")))
