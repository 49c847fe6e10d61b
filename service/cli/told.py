"""What the commands share: faults told in a sentence, exit codes, and the parts of a house they open."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import NoReturn, ParamSpec, TypeVar

import click

from rulesets.thresholds import ThresholdError
from service import logs
from service.app import house_of, notary_of
from service.arrival import Caller
from service.clients.key_file import KeysError
from service.clients.profiles import ClientsError
from service.house import House
from service.intake.terminology import TerminologyError
from service.problems import Problem
from service.reasoning.engine import EngineFailure
from service.settings import Settings, SettingsError, settings_from_environment
from service.traces.database import StoreError
from service.traces.migrate import migrate
from service.traces.store import TraceStore, open_store

REFUSED, CANNOT_START = 1, 2
UNUSABLE = (ClientsError, KeysError, SettingsError, StoreError, TerminologyError, ThresholdError, EngineFailure)
"""What stops a start: a file or a setting of the site that cannot be used. Each is a sentence."""
P = ParamSpec("P")
R = TypeVar("R")


def told_in_a_sentence(command: Callable[P, R]) -> Callable[P, R]:
    """Faults that have a sentence are told by it; the exit code says whether input or setting is at fault."""

    @wraps(command)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except Problem as problem:
            for issue in problem.issues:
                click.echo(f"{issue.sentence}{f' ({issue.expression})' if issue.expression else ''}", err=True)
            sys.exit(REFUSED)
        except UNUSABLE as fault:
            click.echo(str(fault), err=True)
            sys.exit(CANNOT_START)

    return told


def refused(sentence: str) -> NoReturn:
    """Ends the command because of what it was given."""
    click.echo(sentence, err=True)
    sys.exit(REFUSED)


def quiet_settings() -> Settings:
    """The settings in force; of logs only errors are written."""
    settings = settings_from_environment()
    logs.configure("error")
    return settings


def open_house(settings: Settings) -> House:
    """A house whose store is up to date."""
    migrate(settings.database_url)
    return house_of(settings)


def open_traces(settings: Settings) -> TraceStore:
    """The store alone, brought up to date: for what needs no rulebook."""
    migrate(settings.database_url)
    return open_store(settings.database_url, notary_of(settings))


def shell_caller() -> Caller:
    """Whoever runs the command, as the system knows them."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        name = str(os.getuid())
    return Caller(client=f"shell:{name}")
