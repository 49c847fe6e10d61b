"""``osteon serve``: everything that can be wrong is found before a worker starts."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

from rulesets.thresholds import effective
from service import logs
from service.announce import announce
from service.app import clients_of, fhir_reads_of, keys_of, now, terminology_of, thresholds_in
from service.cli.told import open_traces, shell_caller, told_in_a_sentence
from service.secrets.patient import patient_secret
from service.settings import Settings, settings_from_environment


@click.command()
@told_in_a_sentence
def serve() -> NoReturn:
    """Bring the store of traces up to date and start the service under gunicorn."""
    settings = settings_from_environment()
    logs.configure(settings.log_level)
    _prepare(settings)
    click.echo(f"Osteon listens on http://{settings.bind}; its documentation is at /docs.", err=True)
    sys.stderr.flush()
    # The standing process becomes gunicorn, so that signals and exit codes are gunicorn's own.
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", "--config", "python:service.gunicorn_config"])


def _prepare(settings: Settings) -> None:
    """Find every wrong setting before a worker does, where it can be told in a sentence."""
    thresholds = effective(thresholds_in(settings.thresholds_file))
    terminology = terminology_of(settings)
    clients_of(settings)
    keys_of(settings, now)
    fhir_reads_of(settings)
    patient_secret(settings)
    store = open_traces(settings)
    announce(store, settings, thresholds, terminology.digest, shell_caller())
    store.close()
