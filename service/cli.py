"""The command line: start the service, evaluate files, print the rulebook, look at traces."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import Any, Literal, NoReturn, ParamSpec, TypeVar

import click

from rulesets import rulebook as rules
from rulesets.rule import HOOKS, Hook
from rulesets.thresholds import ThresholdError, effective
from service import logs
from service.app import fhir_reads_of, house_of, terminology_of, thresholds_in, version
from service.assess import Request, assess
from service.engine import EngineFailure
from service.house import House
from service.intake.terminology import TerminologyError
from service.patient_secret import patient_secret
from service.problems import Problem
from service.replay import replay
from service.settings import Settings, SettingsError, settings_from_environment
from service.summary import summary_of
from service.traces.database import StoreError
from service.traces.migrate import migrate
from service.traces.store import StoredTrace
from service.web.json_in import json_in
from service.web.traces import header_as_json, trace_as_json

REFUSED, CANNOT_START = 1, 2
P = ParamSpec("P")
R = TypeVar("R")


def _told_in_a_sentence(command: Callable[P, R]) -> Callable[P, R]:
    """Faults that have a sentence are told by it; the exit code says whether input or setting is at fault."""

    @wraps(command)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except Problem as problem:
            for issue in problem.issues:
                click.echo(f"{issue.sentence}{f' ({issue.expression})' if issue.expression else ''}", err=True)
            sys.exit(REFUSED)
        except (SettingsError, StoreError, TerminologyError, ThresholdError, EngineFailure) as fault:
            click.echo(str(fault), err=True)
            sys.exit(CANNOT_START)

    return told


@click.group()
@click.version_option(version(), prog_name="osteon")
def main() -> None:
    """Rules for bone metastases from breast cancer: FHIR in, cards and traces out."""


@main.command()
@_told_in_a_sentence
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
    effective(thresholds_in(settings.thresholds_file))
    terminology_of(settings)
    fhir_reads_of(settings)
    migrate(settings.database_url)
    patient_secret(settings)


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--facts", is_flag=True, help="The files are facts documents, not FHIR.")
@click.option("--date", "on", type=click.DateTime(["%Y-%m-%d"]), help="The day to judge on; today when absent.")
@click.option("--hook", "hooks", multiple=True, type=click.Choice(HOOKS), help="Only the cards of this hook.")
@click.option("--strict", is_flag=True, help="Refuse a file that holds an invalid resource.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@_told_in_a_sentence
def evaluate(
    files: tuple[Path, ...], facts: bool, on: datetime | None, hooks: tuple[Hook, ...], strict: bool, as_json: bool
) -> None:
    """Evaluate FHIR or facts in FILES and print what follows; the decisions are kept as traces."""
    settings = _quiet_settings()
    house = _open_house(settings)
    results: list[dict[str, Any]] = []
    for file in files:
        body = file.read_bytes()
        results += assess(
            house,
            _request(body, settings, facts=facts, on=on.date() if on else None, hooks=hooks, strict=strict),
        ).results
    if as_json:
        click.echo(json.dumps({"results": results}, indent=2, ensure_ascii=False, sort_keys=True))
    else:
        click.echo("\n\n".join(summary_of(result) for result in results))


def _request(
    body: bytes, settings: Settings, *, facts: bool, on: date | None, hooks: tuple[Hook, ...], strict: bool
) -> Request:
    mode: Literal["lenient", "strict"] = "strict" if strict else "lenient"
    return Request(
        kind="facts" if facts else "bundle",
        document=json_in(body, depth_limit=settings.depth_limit),
        digest=hashlib.sha256(body).hexdigest(),
        hooks=hooks or None,
        evaluation_date=on,
        mode=mode,
    )


@main.command()
@_told_in_a_sentence
def rulebook() -> None:
    """Print the rulebook in force as Markdown."""
    settings = settings_from_environment()
    click.echo(rules.as_markdown(effective(thresholds_in(settings.thresholds_file))), nl=False)


@main.group()
def traces() -> None:
    """Look at what was decided."""


@traces.command(name="list")
@click.option("--after", type=click.IntRange(min=1), help="Only traces older than this number.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True)
@click.option("--patient", help="Only decisions about this patient, such as Patient/123.")
@click.option("--rule", help="Only decisions in which this rule fired.")
@_told_in_a_sentence
def list_traces(after: int | None, limit: int, patient: str | None, rule: str | None) -> None:
    """List decisions, newest first: one line of JSON each."""
    house = _open_house(_quiet_settings())
    key = house.patient_key(patient) if patient else None
    page = house.store.list(after, limit, patient_key=key, rule_id=rule)
    for header in page.headers:
        click.echo(json.dumps(header_as_json(header), sort_keys=True))
    if page.next_after is not None:
        click.echo(f"There are more: --after {page.next_after}", err=True)


@traces.command()
@click.argument("trace")
@_told_in_a_sentence
def show(trace: str) -> None:
    """Print one decision in full."""
    found = _trace(_open_house(_quiet_settings()), trace)
    click.echo(json.dumps(trace_as_json(found), indent=2, sort_keys=True, ensure_ascii=False))


@traces.command(name="replay")
@click.argument("trace")
@_told_in_a_sentence
def replay_trace(trace: str) -> None:
    """Make one decision again from its own facts and thresholds, and say whether the answer is identical."""
    house = _open_house(_quiet_settings())
    found = _trace(house, trace)
    again = replay(house, trace, str(found.header["rulebook"]), found.body)
    click.echo(": ".join([again.verdict, *again.differences]))
    if again.verdict != "identical":
        sys.exit(REFUSED)


def _trace(house: House, trace: str) -> StoredTrace:
    found = house.store.get(trace)
    if found is None:
        click.echo("There is no trace of this id.", err=True)
        sys.exit(REFUSED)
    return found


def _quiet_settings() -> Settings:
    settings = settings_from_environment()
    logs.configure("error")
    return settings


def _open_house(settings: Settings) -> House:
    migrate(settings.database_url)
    return house_of(settings)


if __name__ == "__main__":
    main()
