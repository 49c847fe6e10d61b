"""``osteon traces export`` and ``check-export``: traces carried away, and checked where they were carried to."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from service.app import export_forms, moment, new_id, terminology_of
from service.cli.told import REFUSED, open_traces, quiet_settings, refused, shell_caller, told_in_a_sentence
from service.secrets.keys import Keys
from service.secrets.patient import patient_secret
from service.traces.exports.check import Checked, check_export
from service.traces.exports.lying import NoExport
from service.traces.exports.running import Export
from service.traces.exports.selection import Selection
from service.traces.notes import NoteError, verifier_from

MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?Z?)?")


@click.command()
@click.option("--format", "form", type=click.Choice(["ndjson", "csv", "fhir"]), default="ndjson", show_default=True)
@click.option("--out", "folder", required=True, type=click.Path(file_okay=False, path_type=Path), help="A new folder.")
@click.option("--since", default="", help="Decided or happened on or after: 2026-01-31, or with a time in UTC.")
@click.option("--until", default="", help="Before.")
@click.option("--patient", help="Only what is about this patient, such as Patient/123.")
@click.option("--rule", default="", help="Only decisions in which this rule fired.")
@click.option("--rulebook", default="", help="Only what was made with the rulebook of this digest.")
@click.option("--headers-only", is_flag=True, help="Leave the clinical part where it is.")
@told_in_a_sentence
def export(
    form: str,
    folder: Path,
    since: str,
    until: str,
    patient: str | None,
    rule: str,
    rulebook: str,
    headers_only: bool,
) -> None:
    """Export decisions and events into a folder, with a manifest. That it was done is recorded."""
    for name, given in (("--since", since), ("--until", until)):
        if given and not MOMENT.fullmatch(given):
            refused(f"{name} is a date such as 2026-01-31, or a moment such as 2026-01-31T09:30:00Z.")
    if folder.exists() and any(folder.iterdir()):
        refused(f"{folder} is not empty; name a new folder.")
    settings = quiet_settings()
    selection = Selection(
        since=since,
        until=until,
        patient_key=Keys(secret=patient_secret(settings)).patient(patient) if patient else "",
        rule=rule,
        rulebook=rulebook,
        bodies=not headers_only,
    )
    exporting = Export(
        open_traces(settings),
        export_forms(terminology_of(settings))[form](),
        selection,
        new_id=new_id,
        moment=moment,
        caller=shell_caller(),
    )
    try:
        digest = exporting.into(folder)
    except OSError as fault:
        refused(f"{folder} cannot be written: {fault.strerror}. What is there is not complete.")
    tally = exporting.tally
    click.echo(f"Exported: {tally.records} records, {tally.bodies} bodies. SHA-256 of the manifest: {digest}")
    if tally.bodies:
        click.echo("It holds clinical data, and what is erased here later is not erased there.", err=True)


@click.command(name="check-export")
@click.argument("place", type=click.Path(exists=True, path_type=Path))
@click.option("--key", "written", multiple=True, help="The public key it must be signed with (`osteon traces key`).")
def check(place: Path, written: tuple[str, ...]) -> None:
    """Compute an export again, a folder or a streamed file. No database or setting is needed."""
    try:
        checked = check_export(place, [verifier_from(each) for each in written])
    except (NoExport, NoteError) as error:
        refused(str(error))
    except OSError as error:
        refused(f"{place} cannot be read: {error.strerror}.")
    click.echo(_in_words(checked))
    if not checked.holds:
        sys.exit(REFUSED)


def _in_words(checked: Checked) -> str:
    lines = [f"record {fault.seq}: {fault.what}" if fault.seq else fault.what for fault in checked.faults]
    lines.append(
        f"{'holds' if checked.holds else 'does not hold'}: {checked.records} records, {checked.bodies} bodies, "
        f"manifest {checked.manifest}"
    )
    if checked.form == "ndjson" and not checked.whole:
        lines.append("That no record is missing which was asked for is told by the manifest, and not proven.")
    if checked.form != "ndjson":
        lines.append("Of this form the files are compared with the manifest; what they say is not computed again.")
    if not checked.signed:
        lines.append("Whose signature it bears was not looked at: give --key.")
    return "\n".join(lines)
