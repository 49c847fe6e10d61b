"""``osteon traces``, the questions of an audit: each answer is JSON, a page one line for each trace."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from service.app import moment, new_id
from service.cli.told import open_traces, quiet_settings, refused, shell_caller, told_in_a_sentence
from service.secrets.keys import Keys
from service.secrets.patient import patient_secret
from service.settings import Settings
from service.traces.queries.accesses import accesses as who_looked
from service.traces.queries.calls import calls_by_caller
from service.traces.queries.decisions import Wanted, found
from service.traces.queries.integrity import LAST_LINKS
from service.traces.queries.integrity import integrity as integrity_of
from service.traces.queries.recall import recall as recalled
from service.traces.queries.recall import rulebooks as all_rulebooks
from service.traces.queries.retention import due as due_in
from service.traces.queries.retention import retention
from service.traces.queries.rule_activity import rule_activity, rule_ids
from service.traces.queries.why import why as why_in
from service.traces.store import TraceStore
from service.traces.stored import Page, StoredHeader
from service.traces.telling import tell_read
from service.web.questions_as_json import (
    activity_as_json,
    calls_as_json,
    in_force_as_json,
    integrity_as_json,
    retention_as_json,
    why_as_json,
)
from service.web.traces import header_as_json
from service.web.wanted import ANY, KINDS

DAY = click.DateTime(["%Y-%m-%d"])


def _paged(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True)(command)
    return click.option("--after", type=click.IntRange(min=1), help="Go on after this number.")(command)


def _of_days(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option("--until", type=DAY, help="Before this day (UTC).")(command)
    return click.option("--since", type=DAY, help="From this day (UTC) on.")(command)


@click.command()
@click.option("--patient", help="About this patient, such as Patient/123.")
@click.option("--resource", help="Used this resource, such as Observation/7.")
@click.option("--version", help="In this version; any when absent.")
@click.option("--hook-instance", help="A call of a hook, as the client named it.")
@click.option("--card", help="Showed this card, by its uuid.")
@click.option("--decision", "subject", help="Events about this decision.")
@click.option("--rule", help="This rule fired.")
@click.option("--rule-outcome", help="Something else became of the rule, such as undetermined.")
@click.option("--rulebook", help="Made under this rulebook, by its digest.")
@click.option("--client", help="Called by this client.")
@click.option("--tenant", help="For this tenant.")
@click.option("--outcome", type=click.Choice(["success", "refused", "failed"]))
@click.option("--degraded", help=f"The code of what was missing or could not be reached, or {ANY}.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Of this kind; decisions when absent.")
@_of_days
@_paged
@told_in_a_sentence
def find(
    patient: str | None,
    resource: str | None,
    degraded: str | None,
    kinds: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    after: int | None,
    limit: int,
    **others: str | None,
) -> None:
    """List decisions that meet every condition, newest first."""
    settings = quiet_settings()
    keys = _keys(settings) if patient or resource else None
    for name, needed in (("version", resource), ("rule_outcome", others["rule"])):
        if others[name] is not None and needed is None:
            refused(f"--{name.replace('_', '-')} says nothing alone.")
    wanted = {
        **others,
        "patient_key": keys.patient(patient) if keys and patient else None,
        "resource": keys.resource(resource) if keys and resource else None,
        "degraded": "" if degraded == ANY else degraded,
        "since": _day(since),
        "until": _day(until),
        "kinds": kinds,
    }
    asked = Wanted(**{name: value for name, value in wanted.items() if value not in (None, ())})  # type: ignore[arg-type]
    _print_page(found(open_traces(settings), asked, after=after, limit=limit))


@click.command()
@click.argument("rule")
@click.option("--decision", help="In this decision.")
@click.option("--patient", help="For this patient, such as Patient/123.")
@click.option("--on", type=DAY, help="Decided on this day (UTC).")
@_paged
@told_in_a_sentence
def why(
    rule: str, decision: str | None, patient: str | None, on: datetime | None, after: int | None, limit: int
) -> None:
    """Say why a rule fired, or did not: in a decision, or for a patient on a day. Each reading is recorded."""
    settings = quiet_settings()
    store = open_traces(settings)
    if decision is not None and patient is None and on is None:
        header = store.get(decision)
        if header is None or header.kind not in Wanted().kinds:
            refused("There is no decision of this id.")
        _print_why(store, header, rule)
    elif patient is not None and on is not None and decision is None:
        key, next_day = _keys(settings).patient(patient), on + timedelta(days=1)
        wanted = Wanted(patient_key=key, since=_day(on), until=_day(next_day))
        page = found(store, wanted, after=after, limit=limit)
        for each in page.headers:
            _print_why(store, each, rule)
        _tell_of_more(page)
    else:
        refused("Name a decision, or a patient and a day: --decision ID, or --patient REFERENCE --on DAY.")


def _print_why(store: TraceStore, header: StoredHeader, rule: str) -> None:
    tell_read(store, header, through="osteon traces why", id=new_id(), at=moment(), caller=shell_caller())
    trace = store.get(header.id)
    if trace is not None:
        with store.reading() as connection:
            known = rule_ids(connection, str(header.columns["rulebook"]))
        click.echo(_line(why_as_json(header, rule, why_in(trace, rule, known))))


@click.command()
@told_in_a_sentence
def rulebooks() -> None:
    """List the rulebooks that were in force: when, and how many decisions were made under each."""
    for each in all_rulebooks(open_traces(quiet_settings())):
        click.echo(_line(in_force_as_json(each)))


@click.command()
@click.argument("rulebook")
@_paged
@told_in_a_sentence
def recall(rulebook: str, after: int | None, limit: int) -> None:
    """List what was decided under a rulebook, newest first, after a line that says when it was in force."""
    answer = recalled(open_traces(quiet_settings()), rulebook, after=after, limit=limit)
    if answer is None:
        refused("No decision was made under a rulebook of this digest.")
    known, page = answer
    click.echo(_line(in_force_as_json(known)))
    _print_page(page)


@click.command()
@_of_days
@click.option("--rulebook", help="Under this rulebook, by its digest.")
@click.option("--habit", help="Only rules that do so, such as 'never fires'.")
@told_in_a_sentence
def rules(since: datetime | None, until: datetime | None, rulebook: str | None, habit: str | None) -> None:
    """Count what became of each rule: which never fire, always fire, or mostly cannot be decided."""
    store = open_traces(quiet_settings())
    told = activity_as_json(rule_activity(store, since=_day(since) or "", until=_day(until) or "", rulebook=rulebook))
    told["rules"] = [each for each in told["rules"] if habit in (None, each["habit"])]
    _print(told)


@click.command()
@_of_days
@told_in_a_sentence
def calls(since: datetime | None, until: datetime | None) -> None:
    """Count the calls of each client: errors, degraded answers, percentiles of duration."""
    store = open_traces(quiet_settings())
    _print(calls_as_json(calls_by_caller(store, since=_day(since) or "", until=_day(until) or "")))


@click.command()
@click.option("--client", help="By this client.")
@click.option("--decision", help="About this decision.")
@click.option("--patient", help="About this patient, such as Patient/123.")
@_of_days
@_paged
@told_in_a_sentence
def accesses(
    client: str | None,
    decision: str | None,
    patient: str | None,
    since: datetime | None,
    until: datetime | None,
    after: int | None,
    limit: int,
) -> None:
    """List who read, replayed or exported traces, newest first."""
    settings = quiet_settings()
    key = _keys(settings).patient(patient) if patient else None
    page = who_looked(
        open_traces(settings),
        client=client,
        subject=decision,
        patient_key=key,
        since=_day(since),
        until=_day(until),
        after=after,
        limit=limit,
    )
    _print_page(page)


@click.command()
@click.option("--links", type=click.IntRange(1, 10_000), default=LAST_LINKS, show_default=True, help="Hashes computed.")
@told_in_a_sentence
def integrity(links: int) -> None:
    """Look for gaps, steps of the clock and broken links at the end; `verify` computes every hash."""
    told = integrity_of(open_traces(quiet_settings()), links=links)
    _print(integrity_as_json(told))
    if not told.holds:
        refused("Something does not hold.")


@click.command()
@click.option("--days", type=click.IntRange(min=1), required=True, help="How old a clinical part may be.")
@_paged
@told_in_a_sentence
def due(days: int, after: int | None, limit: int) -> None:
    """List what `retain` would erase, oldest first, after a line that says how many decisions that are."""
    store, before = open_traces(quiet_settings()), (datetime.now(UTC) - timedelta(days=days)).date().isoformat()
    click.echo(_line(retention_as_json(retention(store, before), before)))
    _print_page(due_in(store, before, after=after, limit=limit))


QUESTIONS = (find, why, rulebooks, recall, rules, calls, accesses, integrity, due)


def _keys(settings: Settings) -> Keys:
    return Keys(secret=patient_secret(settings))


def _day(given: datetime | None) -> str | None:
    return None if given is None else given.date().isoformat()


def _print_page(page: Page) -> None:
    for header in page.headers:
        click.echo(_line(header_as_json(header)))
    _tell_of_more(page)


def _tell_of_more(page: Page) -> None:
    if page.next_after is not None:
        click.echo(f"There are more: --after {page.next_after}", err=True)


def _line(document: object) -> str:
    return json.dumps(document, sort_keys=True, ensure_ascii=False)


def _print(document: object) -> None:
    click.echo(json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False))
