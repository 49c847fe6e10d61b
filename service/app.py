"""The one place where the parts meet: the house from its settings, and the application around it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

from flask import Flask

from service import logs
from service.cards.deck import codings_of
from service.clients.key_file import KeyRing, KeysError
from service.clients.key_sets import KeySets, fetcher
from service.clients.profiles import Client, clients_in
from service.clients.tokens import Tokens
from service.house import House, Reasoners, written
from service.ids import uuid7
from service.intake import terminology
from service.intake.reading import warm_up
from service.prefetch.connection import session
from service.prefetch.reads import FhirReads, Limits
from service.secrets.checkpoint import checkpoint_signer
from service.secrets.patient import patient_secret
from service.settings import Settings, SettingsError, settings_from_environment
from service.traces.checkpoints import Notary
from service.traces.exports.csv_view import Csv
from service.traces.exports.fhir import Fhir
from service.traces.exports.forms import Form
from service.traces.exports.ndjson import Ndjson
from service.traces.store import open_store
from service.traces.tokens import TokenMemory
from service.web import (
    audit,
    erasing,
    evaluate,
    exports,
    feedback,
    fhir,
    health,
    hooks,
    openapi,
    questions,
    start,
    stats,
    traces,
    trying,
)
from service.web.answers import dress
from service.web.authentication import Credentials, guard
from service.write import CardOptions

FHIR_PROFILES = Path(__file__).resolve().parent.parent / "fhir_profiles"
"""Beside the packages, in a checkout and in an installed wheel."""


def create_app(settings: Settings | None = None) -> Flask:
    """The application of one process. Call it after the fork: the rule engine does not survive one.

    Raises SettingsError, ThresholdError, TerminologyError, StoreError or EngineFailure, so that a
    wrong setting stops the start and not a request.
    """
    settings = settings or settings_from_environment()
    logs.configure(settings.log_level)
    return app_of(house_of(settings), settings)


def house_of(settings: Settings) -> House:
    """The parts an assessment needs, put together; what is slow the first time is done here."""
    warm_up()
    return House(
        reasoners=Reasoners(thresholds_in(settings.thresholds_file)),
        terminology=terminology_of(settings),
        store=open_store(settings.database_url, notary_of(settings)),
        now=now,
        new_id=new_id,
        patient_secret=patient_secret(settings),
        version=version(),
        engine=f"durable-rules {installed_version('durable-rules')}",
        config=settings.digest,
        max_entries=settings.entries_limit,
        card_options=CardOptions(override_reasons=override_reasons(), public_url=settings.public_url),
        fhir_servers=settings.allowed_fhir_servers,
        reads=fhir_reads_of(settings),
    )


def notary_of(settings: Settings) -> Notary | None:
    """Who signs the head of the chain, None when nobody is to. Raises SettingsError."""
    signer = checkpoint_signer(settings)
    if signer is None:
        return None
    if settings.checkpoint_file:
        try:
            open(settings.checkpoint_file, "ab").close()
        except OSError:
            raise SettingsError("OSTEON_CHECKPOINT_FILE must be a file that can be added to.") from None
    return Notary(
        signer,
        every=settings.checkpoint_every,
        within=timedelta(minutes=settings.checkpoint_minutes),
        file=settings.checkpoint_file,
        new_id=new_id,
    )


def new_id() -> str:
    """An id that sorts by the time it was made."""
    return uuid7(datetime.now(UTC), secrets.token_bytes(10))


def now() -> datetime:
    return datetime.now(UTC)


def moment() -> str:
    """Now, as headers write it."""
    return written(now())


def app_of(house: House, settings: Settings) -> Flask:
    """The doors of a house."""
    app = Flask("osteon", static_folder=None)
    dress(app, settings.trusted_hosts)
    cds_hooks = hooks.blueprint(house, settings)
    cds_hooks.register_blueprint(feedback.blueprint(house, settings))
    app.register_blueprint(cds_hooks)
    app.register_blueprint(evaluate.blueprint(house, settings))
    app.register_blueprint(fhir.blueprint(house, settings, conformance_resources()))
    app.register_blueprint(traces.blueprint(house))
    app.register_blueprint(questions.blueprint(house, settings))
    app.register_blueprint(stats.blueprint(house))
    app.register_blueprint(erasing.blueprint(house, settings))
    app.register_blueprint(exports.blueprint(house, export_forms(house.terminology)))
    app.register_blueprint(audit.blueprint(house, settings))
    app.register_blueprint(trying.blueprint(house, settings))
    app.register_blueprint(start.blueprint(house))
    app.register_blueprint(health.blueprint(house))
    app.register_blueprint(openapi.blueprint(house.version, settings))
    guard(app, credentials_of(house, settings), settings)
    return app


def fhir_reads_of(settings: Settings) -> FhirReads:
    """What reads from FHIR servers, within the site's limits. Raises SettingsError."""
    limits = Limits(
        deadline_seconds=settings.fhir_deadline_seconds,
        body_bytes=int(settings.fhir_body_limit),
        pages=settings.fhir_pages_limit,
        resources=settings.fhir_entries_limit,
        depth=settings.depth_limit,
    )
    try:
        return FhirReads(limits, session(ca_file=settings.fhir_ca_file, agent=f"osteon/{version()}"))
    except OSError:  # of which a fault of TLS is one
        raise SettingsError("OSTEON_FHIR_CA_FILE must be a PEM file of certificate authorities.") from None


def clients_of(settings: Settings) -> tuple[Client, ...]:
    """The clients a site has registered. Raises ClientsError or SettingsError.

    Without any, and without keys, nobody has to prove anything, which is for this machine alone unless the
    site says otherwise.
    """
    clients = clients_in(settings.clients_file)
    if clients and not settings.public_url:
        raise SettingsError("OSTEON_PUBLIC_URL must be given with OSTEON_CLIENTS_FILE: tokens name the address called.")
    is_open = not clients and not settings.api_keys_file
    if is_open and not settings.listens_on_loopback_only and not settings.allow_unauthenticated:
        raise SettingsError(
            "OSTEON_BIND goes beyond this machine and nobody is authenticated: name OSTEON_CLIENTS_FILE or "
            "OSTEON_API_KEYS_FILE, or set OSTEON_ALLOW_UNAUTHENTICATED=true where a proxy in front authenticates."
        )
    return clients


def credentials_of(house: House, settings: Settings) -> Credentials:
    """What is asked of those who call. Raises ClientsError, KeysError or SettingsError."""
    tokens = tokens_of(house, settings)
    return Credentials(
        tokens=tokens,
        keys=keys_of(settings, house.now),
        hooks_are_open=tokens is None and (settings.allow_unauthenticated or not settings.api_keys_file),
    )


def keys_of(settings: Settings, now: Callable[[], datetime]) -> KeyRing | None:
    """The API keys of a site; None when it names no file of them. Raises KeysError."""
    if not settings.api_keys_file:
        return None
    try:
        return KeyRing(settings.api_keys_file, now)
    except KeysError as error:
        raise KeysError(f"OSTEON_API_KEYS_FILE: {error}", error.place) from None


def tokens_of(house: House, settings: Settings) -> Tokens | None:
    """What checks the tokens of clients; None where no clients are registered."""
    clients = clients_of(settings)
    if not clients:
        return None
    fetch = fetcher(ca_file=settings.fhir_ca_file, agent=f"osteon/{version()}")
    return Tokens(clients, KeySets(fetch), TokenMemory(house.store))


def terminology_of(settings: Settings) -> terminology.Terminology:
    """Our terminology with the site's own maps. Raises TerminologyError or SettingsError."""
    extra = Path(settings.terminology_folder) if settings.terminology_folder else None
    if extra is not None and not extra.is_dir():
        raise SettingsError("OSTEON_TERMINOLOGY_FOLDER must be a folder.")
    return terminology.load(FHIR_PROFILES, extra)


def conformance_resources() -> dict[str, dict[str, Any]]:
    """What this server says of itself in FHIR, by resource type."""
    files = sorted((FHIR_PROFILES / "conformance").glob("*.json"))
    found = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    return {resource["resourceType"]: resource for resource in found}


def audit_templates() -> dict[str, dict[str, Any]]:
    """What the AuditEvents of each kind of header have in common, by the kind."""
    files = sorted((FHIR_PROFILES / "audit").glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


def export_forms(known: terminology.Terminology) -> dict[str, Callable[[], Form]]:
    """The forms in which traces can be exported, by their names."""
    audit = audit_templates()
    return {"ndjson": Ndjson, "csv": Csv, "fhir": lambda: Fhir(known.answers, audit)}


def override_reasons() -> tuple[dict[str, str], ...]:
    """The reasons offered to a clinician who sets a card aside."""
    value_set = json.loads((FHIR_PROFILES / "valuesets" / "override-reasons.json").read_text(encoding="utf-8"))
    return codings_of(value_set)


def thresholds_in(file: str) -> dict[str, object]:
    """The thresholds a site sets in a file; empty when there is no file. Raises SettingsError."""
    if not file:
        return {}
    try:
        thresholds = json.loads(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise SettingsError("OSTEON_THRESHOLDS_FILE must be a file that can be read as JSON.") from None
    if not isinstance(thresholds, dict):
        raise SettingsError("OSTEON_THRESHOLDS_FILE must hold a JSON object of thresholds by name.")
    return thresholds


def version() -> str:
    try:
        return installed_version("osteon")
    except PackageNotFoundError:  # run from a folder that was never installed
        return "0+unknown"
