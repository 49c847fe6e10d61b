"""``osteon traces``, the verbs that change what is kept: erasing, holding, retaining, copying."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast, get_args

import click

from service.app import moment, new_id, notary_of
from service.cli.told import open_traces, quiet_settings, refused, shell_caller, told_in_a_sentence
from service.house import written
from service.secrets.keys import Keys
from service.secrets.patient import patient_secret
from service.settings import Settings
from service.traces.copying import copy_store
from service.traces.database import database_url, place
from service.traces.erasure import Erased, Ground
from service.traces.erasure import erase as erase_subject
from service.traces.erasure import retain as retain_since
from service.traces.holds import Subject, holds_in, place_hold, release_hold
from service.traces.migrate import migrate
from service.traces.store import open_store
from service.traces.telling import tell_export
from service.traces.verify import verify_chain


def _of_a_subject(command: Callable[..., Any]) -> Callable[..., Any]:
    """The two options by which a command is told what it is about."""
    command = click.option("--decision", help="One decision by its id.")(command)
    return click.option("--patient", help="All that is kept of a patient, such as Patient/123.")(command)


def _subject(settings: Settings, decision: str | None, patient: str | None) -> Subject:
    if (decision is None) == (patient is None):
        refused("Name one: --decision ID, or --patient REFERENCE.")
    if decision is not None:
        return Subject(about="decision", name=decision)
    return Subject(about="patient", name=Keys(secret=patient_secret(settings)).patient(str(patient)))


@click.command()
@_of_a_subject
@click.option("--ground", required=True, type=click.Choice([each for each in get_args(Ground) if each != "retention"]))
@told_in_a_sentence
def erase(decision: str | None, patient: str | None, ground: str) -> None:
    """Erase the clinical part of a decision, or of all there is of a patient. It cannot be undone."""
    settings = quiet_settings()
    subject = _subject(settings, decision, patient)
    erased = erase_subject(
        open_traces(settings),
        subject,
        ground=cast(Ground, ground),
        id=new_id(),
        at=moment(),
        caller=shell_caller(),
    )
    if not erased.bodies:
        refused("There is nothing to erase.")
    click.echo(
        f"Erased: {_bodies(erased.bodies)}. Headers stay, and the chain still holds. "
        "Exports, backups and copies of the database are not reached from here."
    )
    _tell_what_is_left(erased)


@click.command()
@_of_a_subject
@click.option("--reason", default="", help="Kept with the event, and erased with what it is about.")
@told_in_a_sentence
def hold(decision: str | None, patient: str | None, reason: str) -> None:
    """Keep a decision, or all there is and will be of a patient, from being erased."""
    settings = quiet_settings()
    subject = _subject(settings, decision, patient)
    new = place_hold(open_traces(settings), subject, id=new_id(), at=moment(), caller=shell_caller(), reason=reason)
    click.echo("Held." if new else "It was held already.")


@click.command()
@_of_a_subject
@click.option("--reason", default="", help="Kept with the event, and erased with what it is about.")
@told_in_a_sentence
def release(decision: str | None, patient: str | None, reason: str) -> None:
    """End a hold."""
    settings = quiet_settings()
    subject = _subject(settings, decision, patient)
    ended = release_hold(open_traces(settings), subject, id=new_id(), at=moment(), caller=shell_caller(), reason=reason)
    click.echo("Released." if ended else "It was not held.")


@click.command()
@told_in_a_sentence
def holds() -> None:
    """List the holds in force: what about, its id or key, and the record that placed it."""
    with open_traces(quiet_settings()).reading() as connection:
        for each in holds_in(connection):
            click.echo(f"{each.about} {each.name} record {each.seq}")


@click.command()
@click.option("--days", required=True, type=click.IntRange(min=1), help="How old a body may be.")
@told_in_a_sentence
def retain(days: int) -> None:
    """Erase every clinical part that is older than so many days and not held."""
    since = written(datetime.now(UTC) - timedelta(days=days))
    erased = retain_since(open_traces(quiet_settings()), since=since, at=moment(), new_id=new_id, caller=shell_caller())
    click.echo(f"Erased: {_bodies(erased.bodies)}; on hold and kept: {erased.held}.")
    _tell_what_is_left(erased)


@click.command()
@click.option("--to", "url", required=True, help="sqlite:///FILE or postgresql://..., empty or an older copy.")
@told_in_a_sentence
def copy(url: str) -> None:
    """Copy all traces to another database with the same hashes, and verify the copy."""
    settings = quiet_settings()
    source = open_traces(settings)
    migrate(url)
    target = open_store(url)
    tell_export(
        source, form="copy", says={"to": place(database_url(url))}, id=new_id(), at=moment(), caller=shell_caller()
    )
    copied = copy_store(source, target)
    notary = notary_of(settings)
    report = verify_chain(target, verifiers=[notary.signer.verifier] if notary else ())
    if not report.holds:
        refused(f"The copy does not hold at record {report.bad_seq}: {report.fault}.")
    click.echo(
        f"Copied: {copied.records} records; the copy has {copied.there}, and holds: root {report.root.hex()}.\n"
        "Traces are found by patient with the secret they were kept with: move OSTEON_PATIENT_KEY_SECRET and "
        "OSTEON_CHECKPOINT_KEY, or the files beside the database, too."
    )


def _tell_what_is_left(erased: Erased) -> None:
    if not erased.overwritten:
        click.echo(
            "The files of the database may still hold traces of it: it was in use, or the role may not vacuum. "
            "They go with the next checkpoint of SQLite's log, or VACUUM by the owner in PostgreSQL.",
            err=True,
        )


def _bodies(number: int) -> str:
    return "1 body" if number == 1 else f"{number} bodies"
