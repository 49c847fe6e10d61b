"""A wrong setting stops the start with a sentence that does not repeat the value."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from service.app import fhir_reads_of
from service.secrets.patient import SUFFIX, patient_secret
from service.settings import Settings, SettingsError, settings_from_environment, settings_table, settings_with

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in os.environ:
        if name.upper().startswith("OSTEON_"):
            monkeypatch.delenv(name)


def test_without_any_setting_the_service_keeps_to_this_machine() -> None:
    settings = settings_from_environment()
    assert settings.bind == "127.0.0.1:8080" and settings.listens_on_loopback_only
    assert settings.database_url == "sqlite:///osteon.db"
    assert (settings.body_limit_hook, settings.body_limit_bundle) == (5 * MIB, 50 * MIB)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTEON_WORKERS", "4")
    monkeypatch.setenv("osteon_body_limit_hook", "1MiB")
    assert (settings_from_environment().workers, settings_from_environment().body_limit_hook) == (4, MIB)


def test_a_setting_there_is_not_stops_the_start_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTEON_WORKER", "4")
    with pytest.raises(SettingsError, match="There is no setting OSTEON_WORKER;"):
        settings_from_environment()


@pytest.mark.parametrize(
    "name, value",
    [
        ("workers", "0"),
        ("workers", "65"),
        ("workers", "two"),
        ("threads", "0"),
        ("bind", "8080"),
        ("bind", "127.0.0.1:0"),
        ("bind", "127.0.0.1:65536"),
        ("body_limit_hook", "0"),
        ("body_timeout_seconds", "0"),
        ("depth_limit", "7"),
        ("depth_limit", "257"),
        ("entries_limit", "10001"),
        ("database_url", "mysql://root@localhost/osteon"),
        ("patient_key_secret", "x" * 31),
        ("public_url", "osteon.example.org"),
        ("public_url", "ftp://osteon.example.org"),
        ("log_level", "chatty"),
        ("fhir_servers", "http://ehr.example.org/fhir"),
        ("fhir_servers", "https://a.example.org/fhir,ehr.example.org"),
        ("fhir_servers", "https://user:secret@ehr.example.org/fhir"),
        ("fhir_deadline_seconds", "0"),
        ("fhir_deadline_seconds", "30.1"),
        ("fhir_body_limit", "0"),
        ("fhir_pages_limit", "0"),
        ("fhir_entries_limit", "10001"),
        ("discovery_versions", "sometimes"),
    ],
)
def test_a_value_that_cannot_be_is_told_by_name_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"OSTEON_{name.upper()}", value)

    with pytest.raises(SettingsError) as caught:
        settings_from_environment()

    sentence = str(caught.value)
    assert sentence.startswith(f"OSTEON_{name.upper()} must ") and sentence.endswith(".")
    if len(value) > 5:
        assert value not in sentence


@pytest.mark.parametrize("name, value", [("workers", 64), ("depth_limit", 8), ("depth_limit", 256), ("entries_limit", 10_000),
                                         ("patient_key_secret", "x" * 32), ("bind", "[::1]:65535")])  # fmt: skip
def test_the_ends_of_the_ranges_are_allowed(name: str, value: object) -> None:
    assert settings_with({name: value})


@pytest.mark.parametrize(
    "bind, public_url, loopback, hosts",
    [
        ("127.0.0.1:1", "", True, ("localhost", "127.0.0.1", "::1")),
        ("[::1]:1", "", True, ("localhost", "127.0.0.1", "::1")),
        ("localhost:1", "https://a.example.org/x", True, ("localhost", "127.0.0.1", "::1", "a.example.org")),
        ("0.0.0.0:1", "", False, ()),
        ("[::]:1", "", False, ()),
        ("osteon.local:1", "https://a.example.org", False, ("localhost", "127.0.0.1", "::1", "a.example.org")),
    ],
)
def test_the_hosts_that_are_answered_to(bind: str, public_url: str, loopback: bool, hosts: tuple[str, ...]) -> None:
    settings = Settings(bind=bind, public_url=public_url)
    assert settings.listens_on_loopback_only is loopback
    assert set(hosts) <= set(settings.trusted_hosts) and bool(hosts) is bool(settings.trusted_hosts)


def test_fhir_servers_are_listed_in_one_way_of_writing() -> None:
    settings = settings_with({"fhir_servers": " https://EHR.example.org:443/fhir/ , http://127.0.0.1:8000/fhir,"})
    assert settings.allowed_fhir_servers == ("https://ehr.example.org/fhir", "http://127.0.0.1:8000/fhir")
    assert Settings().allowed_fhir_servers == ()


@pytest.mark.parametrize("content", [None, "", "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"])
def test_authorities_that_cannot_be_read_stop_the_start(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "authorities.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(SettingsError, match="OSTEON_FHIR_CA_FILE must be a PEM file"):
        fhir_reads_of(Settings(fhir_ca_file=str(file)))


def test_the_table_tells_every_setting_with_its_meaning() -> None:
    table = settings_table()
    for name, field in Settings.model_fields.items():
        [row] = [line for line in table.splitlines() if f"`OSTEON_{name.upper()}`" in line]
        assert field.description and field.description in row


def test_a_secret_is_never_shown() -> None:
    secret = "s" * 40
    settings = Settings(patient_key_secret=secret)  # type: ignore[arg-type]
    assert secret not in repr(settings) and secret not in str(settings.model_dump())


# --- the secret of the patient key -----------------------------------------------------------------


def sqlite(folder: Path) -> Settings:
    return Settings(database_url=f"sqlite:///{folder}/osteon.db")


def test_a_secret_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    first, second = patient_secret(sqlite(tmp_path)), patient_secret(sqlite(tmp_path))

    assert first == second and len(first) == 32
    assert [path.name for path in tmp_path.iterdir()] == [f"osteon.db{SUFFIX}"]
    assert stat.S_IMODE((tmp_path / f"osteon.db{SUFFIX}").stat().st_mode) == 0o600


def test_two_stores_have_two_secrets(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    assert patient_secret(sqlite(tmp_path / "a")) != patient_secret(sqlite(tmp_path / "b"))


def test_a_secret_that_is_given_is_used_and_not_written(tmp_path: Path) -> None:
    settings = settings_with({"database_url": f"sqlite:///{tmp_path}/osteon.db", "patient_key_secret": "x" * 32})
    assert patient_secret(settings) == b"x" * 32
    assert not list(tmp_path.iterdir())


def test_with_postgresql_the_secret_must_be_given() -> None:
    with pytest.raises(SettingsError, match="OSTEON_PATIENT_KEY_SECRET"):
        patient_secret(Settings(database_url="postgresql://osteon@localhost/osteon"))


@pytest.mark.parametrize("content", ["", "zz", "00" * 31])
def test_a_damaged_secret_stops_the_start_rather_than_being_replaced(tmp_path: Path, content: str) -> None:
    kept = tmp_path / f"osteon.db{SUFFIX}"
    kept.write_text(content)

    with pytest.raises(SettingsError):
        patient_secret(sqlite(tmp_path))

    assert kept.read_text() == content


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="patient-key"):
        patient_secret(sqlite(tmp_path / "nowhere"))
