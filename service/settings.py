"""What an operator may choose, read once at the start from variables that begin with OSTEON_.

A variable that is not listed here, or a value that cannot be, stops the start with a sentence.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from pydantic import ByteSize, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.prefetch.address import base_of

PREFIX = "OSTEON_"
_MIB = 1024 * 1024
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


class SettingsError(ValueError):
    """A setting that does not exist, or has a value it cannot have. The sentence holds no value."""


class Settings(BaseSettings):
    """Every setting with its default; sizes are in bytes and may be written ``5MiB``."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    bind: str = Field("127.0.0.1:8080", description="Address and port to listen on.")
    database_url: str = Field(
        "sqlite:///osteon.db", description="Where traces are kept: a SQLite file or a PostgreSQL database."
    )
    workers: int = Field(2, ge=1, le=64, description="Worker processes; each holds its own rule engine.")
    threads: int = Field(4, ge=1, le=64, description="Threads of a worker.")
    graceful_timeout_seconds: int = Field(
        30, ge=1, le=600, description="How long requests under way may still take when the service is stopped."
    )
    body_limit_hook: ByteSize = Field(
        ByteSize(5 * _MIB), gt=0, description="Largest body of a CDS Hooks request, after decompression."
    )
    body_limit_bundle: ByteSize = Field(
        ByteSize(50 * _MIB), gt=0, description="Largest body of a request to /evaluate, after decompression."
    )
    body_timeout_seconds: float = Field(10, gt=0, le=600, description="How long a client may take to send a body.")
    depth_limit: int = Field(64, ge=8, le=256, description="How deep arrays and objects of a body may be nested.")
    entries_limit: int = Field(10_000, ge=1, le=10_000, description="Most resources in one request.")
    thresholds_file: str = Field(
        "", description="A JSON object of thresholds that differ from the rulebook's; empty for none."
    )
    terminology_folder: str = Field(
        "", description="A folder with a site's own ConceptMaps and ActivityDefinitions; empty for none."
    )
    patient_key_secret: SecretStr = Field(
        SecretStr(""),
        description=(
            "Key of the hash by which traces are found by patient, 32 characters or more. When empty, one is made at "
            "the first start and kept in a file beside the SQLite database, readable by its owner only; "
            "with PostgreSQL it must be given."
        ),
    )
    checkpoint_every: int = Field(
        1000,
        ge=0,
        le=1_000_000,
        description="How many records may follow the last signed checkpoint of the traces; 0 for no checkpoints.",
    )
    checkpoint_minutes: int = Field(
        60, ge=1, le=10_080, description="How old the last checkpoint may be when something new is kept."
    )
    checkpoint_file: str = Field(
        "",
        description=(
            "A file to which each checkpoint is added. Copy it where nobody who can write to the database can: "
            "it is what a rewritten store is found out by."
        ),
    )
    checkpoint_key: SecretStr = Field(
        SecretStr(""),
        description=(
            "The Ed25519 key checkpoints are signed with, as `osteon traces key --new` prints it. When empty, one is "
            "made at the first start and kept in a file beside the SQLite database, readable by its owner only; "
            "with PostgreSQL it must be given."
        ),
    )
    public_url: str = Field(
        "", description="The address by which clients reach the service, such as https://osteon.example.org."
    )
    clients_file: str = Field(
        "",
        description=(
            "A JSON file of the CDS Hooks clients that may call, with their keys; then every hook call needs the "
            "token of one, and everything else a key or a token. Empty for none."
        ),
    )
    allow_unauthenticated: bool = Field(
        False,
        description="Leave open what neither file covers, beyond this machine too, where a proxy authenticates.",
    )
    cors_origins: str = Field(
        "", description="Origins of web pages that may call the CDS Hooks services, separated by commas; * for any."
    )
    discovery_versions: bool = Field(
        True,
        description=(
            "Whether discovery tells the versions of CDS Hooks and of each hook; "
            "a strict client of CDS Hooks 2.0 may not take them."
        ),
    )
    fhir_servers: str = Field(
        "",
        description=(
            "Base addresses of the FHIR servers from which what a prefetch lacks may be read, separated by commas: "
            "https, or http on this machine. Empty for none."
        ),
    )
    fhir_ca_file: str = Field(
        "",
        description=(
            "A PEM file of the certificate authorities that vouch for these servers; empty for the public ones."
        ),
    )
    fhir_deadline_seconds: float = Field(
        0.4, gt=0, le=30, description="How long all reads for one request may take together."
    )
    fhir_body_limit: ByteSize = Field(
        ByteSize(5 * _MIB), gt=0, description="Most that is read for one prefetch key, all pages together."
    )
    fhir_pages_limit: int = Field(10, ge=1, le=100, description="Most pages read for one prefetch key.")
    fhir_entries_limit: int = Field(2_000, ge=1, le=10_000, description="Most resources read for one prefetch key.")
    api_keys_file: str = Field(
        "",
        description=(
            "A JSON file of API keys, as `osteon keys make` writes it; then everything but documentation, health and "
            "rulebook asks who calls. It is read again when it changes. Empty for none."
        ),
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")

    @field_validator("fhir_servers")
    @classmethod
    def _fhir_servers_are_base_addresses(cls, value: str) -> str:
        bases = [base_of(address) for address in _each(value)]
        if not all(bases):
            raise ValueError(
                "must be base addresses without user, query or fragment, with https, or with http on this machine"
            )
        return ",".join(bases)

    @field_validator("bind")
    @classmethod
    def _bind_is_an_address(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isdigit() or not 0 < int(port) < 65536:
            raise ValueError("must be an address and a port, such as 127.0.0.1:8080")
        return value

    @field_validator("database_url")
    @classmethod
    def _database_is_known(cls, value: str) -> str:
        if not value.startswith(("sqlite:", "postgresql:", "postgresql+psycopg:")):
            raise ValueError("must begin with sqlite: or postgresql:")
        return value

    @field_validator("patient_key_secret")
    @classmethod
    def _secret_is_long(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < 32:
            raise ValueError("must have 32 characters or more")
        return value

    @field_validator("public_url")
    @classmethod
    def _public_url_is_absolute(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
            raise ValueError("must be an absolute http or https address without a query")
        return value.rstrip("/")

    @property
    def digest(self) -> str:
        """SHA-256 over what is shown, so that a decision names the settings it was made under."""
        return hashlib.sha256(json.dumps(self.shown, sort_keys=True).encode()).hexdigest()

    @property
    def shown(self) -> dict[str, object]:
        """What is set, without secrets and without the address of the database, which may hold one."""
        secrets = {name for name, field in Settings.model_fields.items() if field.annotation is SecretStr}
        return self.model_dump(mode="json", exclude={"database_url", *secrets})

    @property
    def host(self) -> str:
        return self.bind.rpartition(":")[0].strip("[]")

    @property
    def listens_on_loopback_only(self) -> bool:
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def trusted_hosts(self) -> tuple[str, ...]:
        """Host names a request may be addressed to; empty when any is accepted.

        On loopback this keeps a web page that points its own name at this machine from reading
        traces (DNS rebinding).
        """
        public = urlsplit(self.public_url).hostname
        if self.listens_on_loopback_only:
            return (*_LOOPBACK_NAMES, self.host, *([public] if public else []))
        return (*_LOOPBACK_NAMES, public) if public else ()

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        return tuple(origin.rstrip("/") for origin in _each(self.cors_origins))

    @property
    def allowed_fhir_servers(self) -> tuple[str, ...]:
        return _each(self.fhir_servers)


def _each(listed: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in listed.split(",") if item.strip())


def settings_from_environment() -> Settings:
    """The settings in force. Raises SettingsError."""
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    for variable in sorted(os.environ):
        if variable.upper().startswith(PREFIX) and variable.upper() not in known:
            raise SettingsError(f"There is no setting {variable}; the README lists those there are.")
    return settings_with({})


def settings_with(values: Mapping[str, object]) -> Settings:
    """The settings in force, some of them given here by name. Raises SettingsError."""
    try:
        return Settings(**values)  # type: ignore[arg-type]
    except ValidationError as error:
        told = error.errors(include_input=False, include_context=False, include_url=False)
        raise SettingsError(" ".join(_sentence(str(one["loc"][0]), str(one["msg"])) for one in told)) from None


def _sentence(name: str, fault: str) -> str:
    fault = fault.removeprefix("Value error, ").removeprefix("Input should be ")
    said = fault if fault.startswith("must ") else f"must be {fault}"
    return f"{PREFIX}{name.upper()} {said}."


def settings_table() -> str:
    """Every setting as a Markdown table: variable, default, meaning."""
    rows = ["| Variable | Default | Meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        rows.append(f"| `{PREFIX}{name.upper()}` | {_shown(field.default)} | {field.description} |")
    return "\n".join(rows) + "\n"


def _shown(default: object) -> str:
    if isinstance(default, ByteSize):
        return f"`{int(default) // _MIB}MiB`"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    said = default.get_secret_value() if isinstance(default, SecretStr) else str(default)
    return f"`{said}`" if said else "(empty)"
