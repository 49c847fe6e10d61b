"""``osteon facts``: what is understood of FHIR files, and what is not. Nothing is decided and nothing is kept."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import click

from service.app import terminology_of
from service.cli.told import quiet_settings, told_in_a_sentence
from service.intake.reading import Reading, read
from service.intake.terminology import Terminology
from service.intake.unpack import unpack
from service.record_json import Json
from service.results import notices_as_json
from service.settings import Settings
from service.understanding import ignored_of_no_patient, understanding_of
from service.understanding_text import as_text
from service.web.json_in import json_in


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--date", "on", type=click.DateTime(["%Y-%m-%d"]), help="The day to read them on; today when absent.")
@click.option("--strict", is_flag=True, help="Refuse a file that holds an invalid resource.")
@click.option("--json", "as_json", is_flag=True, help="Print what was understood as JSON.")
@told_in_a_sentence
def facts(files: tuple[Path, ...], on: datetime | None, strict: bool, as_json: bool) -> None:
    """Print what is understood of FHIR in FILES, from which elements, and what is ignored and why.

    No rule is judged and no trace is kept.
    """
    settings = quiet_settings()
    terminology = terminology_of(settings)
    day = (on or datetime.now(UTC)).date()
    told = [understood(file.read_bytes(), terminology, settings, day, strict=strict) for file in files]
    if as_json:
        together = {name: [each for one in told for each in one[name]] for name in ("results", "ignored")}
        click.echo(json.dumps(together, indent=2, ensure_ascii=False, sort_keys=True))
    else:
        click.echo("\n\n".join(as_text(one) for one in told))


def understood(body: bytes, terminology: Terminology, settings: Settings, on: date, *, strict: bool = False) -> Json:
    """What is understood of each patient in a document, and the resources that belong to none of them.

    Raises the problems of unpacking, and when it is to be strict InvalidResources.
    """
    document = json_in(body, depth_limit=settings.depth_limit)
    patients = unpack(document, max_entries=settings.entries_limit, mode="strict" if strict else "lenient")
    readings = [read(patient, terminology, on) for patient in patients]
    return {"results": [_result(reading) for reading in readings], "ignored": ignored_of_no_patient(readings)}


def _result(reading: Reading) -> Json:
    return {
        "patient": reading.patient,
        "evaluationDate": reading.record.evaluation_date.isoformat(),
        **understanding_of(reading.record, reading.accounts),
        "warnings": notices_as_json(reading.notices),
    }
