"""``osteon traces replay`` and the rulebooks it takes: decisions made again, with their own rulebook or another."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from rulesets.rulebook import rules_content
from rulesets.thresholds import effective
from service.app import moment, new_id, terminology_of, thresholds_in
from service.cli.told import (
    REFUSED,
    open_house,
    open_traces,
    quiet_settings,
    refused,
    shell_caller,
    told_in_a_sentence,
)
from service.house import House, revision_of, written
from service.replay.changes import change_report
from service.replay.comparing import Change
from service.replay.decision import replay_of
from service.replay.difference import difference
from service.replay.rulebooks import RulebookMissing, candidate, exported, imported
from service.replay.told import as_json, changes_as_markdown, difference_as_markdown
from service.settings import Settings
from service.traces.rulebooks import Rulebook, rulebook
from service.traces.store import TraceStore
from service.traces.stored import StoredTrace
from service.traces.telling import tell_changes, tell_read, tell_replay
from service.traces.walking import decisions_between

LARGEST_FILE = 20_000_000
"""Bytes; a rulebook is a fiftieth of it."""
IN_FORCE = "in-force"
MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"])


@click.command()
@click.argument("trace", required=False)
@click.option("--since", type=MOMENT, help="Decisions made from then on (UTC): tells which would change.")
@click.option("--until", type=MOMENT, help="... and before then (UTC).")
@click.option(
    "--rulebook", "book", metavar="DIGEST|FILE", help="The rulebook to decide by; the one in force when absent."
)
@click.option(
    "--thresholds", "file", metavar="FILE", help="Thresholds to decide by, as OSTEON_THRESHOLDS_FILE has them."
)
@click.option("--json", "in_json", is_flag=True, help="Print the report as JSON.")
@told_in_a_sentence
def replay(
    trace: str | None, since: datetime | None, until: datetime | None, book: str | None, file: str | None, in_json: bool
) -> None:
    """Make a decision again by its own rulebook, or a time of decisions by another.

    With TRACE alone: is the answer identical? With --rulebook, --thresholds or --since: which decisions would
    have changed, rule by rule. The facts are those read at the time.
    """
    house = open_house(quiet_settings())
    if trace is not None and (since or until):
        refused("Name one TRACE, or a time with --since and --until.")
    if trace is not None and book is None and file is None:
        _replay_one(house, _trace(house.store, trace), in_json)
        return
    if trace is None and since is None:
        refused("Name one TRACE, or a time with --since.")
    start, end = (None if each is None else written(each.replace(tzinfo=UTC)) for each in (since, until))
    decisions = decisions_between(house.store, start, end) if trace is None else [_trace(house.store, trace)]
    window = {"decision": trace, "since": start, "until": end}
    _report_changes(house, decisions, window, book, file, in_json)


def _replay_one(house: House, found: StoredTrace, in_json: bool) -> None:
    again = replay_of(house, found)
    tell_replay(
        house.store,
        found,
        verdict=again.verdict,
        differences=again.differences,
        rulebook=str(found.header["rulebook"]),
        id=new_id(),
        at=moment(),
        caller=shell_caller(),
    )
    if again.changes:  # what differs is clinical
        tell_read(house.store, found, through="osteon traces replay", id=new_id(), at=moment(), caller=shell_caller())
    if in_json:
        click.echo(json.dumps(as_json(again), indent=2, ensure_ascii=False))
    else:
        click.echo(": ".join([again.verdict, *([", ".join(again.differences)] if again.differences else [])]))
        for line in (*map(_in_words, again.changes), *([again.lacks] if again.lacks else ()), *again.notes):
            click.echo(line)
    if again.verdict != "identical":
        sys.exit(REFUSED)


def _in_words(change: Change) -> str:
    return f"{change.path}: {change.before or 'nothing'} → {change.after or 'nothing'}"


def _report_changes(
    house: House,
    decisions: Iterable[StoredTrace],
    window: Mapping[str, str | None],
    book: str | None,
    file: str | None,
    in_json: bool,
) -> None:
    try:
        found = None if book is None else _rulebook_named(house.store, book, house.terminology.digest)
        by = candidate(house, found, None if file is None else _thresholds_in(file))
    except RulebookMissing as lacking:
        refused(str(lacking))
    report = change_report(house, by, decisions)
    tell_changes(
        house.store,
        window={name: said for name, said in window.items() if said is not None},
        counts={"looked_at": report.looked_at, "changed": report.changed.count},
        rulebook=report.candidate.digest,
        id=new_id(),
        at=moment(),
        caller=shell_caller(),
    )
    if in_json:
        click.echo(json.dumps(as_json(report), indent=2, ensure_ascii=False))
    else:
        click.echo(changes_as_markdown(report), nl=False)


def _trace(store: TraceStore, trace: str) -> StoredTrace:
    found = store.get(trace)
    if found is None:
        refused("There is no trace of this id.")
    return found


# --- rulebooks -----------------------------------------------------------------------------------


@click.command()
@click.argument("book", metavar="[DIGEST]", default=IN_FORCE)
@told_in_a_sentence
def export(book: str) -> None:
    """Print a rulebook as JSON: the one in force, or one that was, by its digest."""
    found = _rulebook_of_settings(quiet_settings(), book)
    click.echo(json.dumps(exported(found), indent=1, sort_keys=True, ensure_ascii=True))


@click.command()
@click.argument("before")
@click.argument("after", default=IN_FORCE)
@click.option("--json", "in_json", is_flag=True, help="Print it as JSON.")
@told_in_a_sentence
def diff(before: str, after: str, in_json: bool) -> None:
    """Tell what differs between two rulebooks: each a DIGEST, a FILE, or `in-force`."""
    settings = quiet_settings()
    found = difference(_rulebook_of_settings(settings, before), _rulebook_of_settings(settings, after))
    if in_json:
        click.echo(json.dumps(as_json(found), indent=2, ensure_ascii=False))
    else:
        click.echo(difference_as_markdown(found), nl=False)


def _rulebook_of_settings(settings: Settings, named: str) -> Rulebook:
    """The rulebook that is meant; the store is opened for a digest alone."""
    terminology = terminology_of(settings).digest
    if named == IN_FORCE:
        thresholds = effective(thresholds_in(settings.thresholds_file))
        return Rulebook(
            revision=revision_of(thresholds, terminology), rules=rules_content(), thresholds=thresholds.content
        )
    try:
        if _is_digest(named):
            return _kept(open_traces(settings), named)
        return _in_file(named, terminology)
    except RulebookMissing as lacking:
        refused(str(lacking))


def _rulebook_named(store: TraceStore, named: str, terminology: str) -> Rulebook:
    return _kept(store, named) if _is_digest(named) else _in_file(named, terminology)


def _is_digest(named: str) -> bool:
    return len(named) == 64 and set(named) <= set("0123456789abcdef")


def _kept(store: TraceStore, digest: str) -> Rulebook:
    try:
        found = rulebook(store, digest)
    except ValueError:
        raise RulebookMissing("The rulebook kept under this digest was changed since; it cannot be believed.") from None
    if found is None:
        raise RulebookMissing("No rulebook of this digest was ever in force here.")
    return found


def _in_file(file: str, terminology: str) -> Rulebook:
    return imported(_json_in(file, "A rulebook is named by its digest, or by a file of JSON."), terminology)


def _thresholds_in(file: str) -> dict[str, object]:
    thresholds = _json_in(file, "Thresholds are named by a file of JSON.")
    if not isinstance(thresholds, dict):
        raise RulebookMissing("The file of thresholds must hold a JSON object of values by name.")
    return thresholds


def _json_in(file: str, otherwise: str) -> object:
    path = Path(file)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise RulebookMissing(f"The file is larger than {LARGEST_FILE:,} bytes.")
        document: object = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise RulebookMissing(otherwise) from None
    return document
