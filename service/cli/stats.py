"""``osteon stats``: what became of the cards, counted, as a table or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import click

from service.cli.told import open_traces, quiet_settings, told_in_a_sentence
from service.record_json import Json
from service.trace import DECISIONS
from service.traces.stats import DIMENSIONS, Dimension, stats
from service.web.stats import USUAL_DAYS, as_json, window_asked

COLUMNS = ("shown", "answered", "accepted", "overridden", "unanswered")


def _only(command: click.Command) -> click.Command:
    """An option for each dimension."""
    for dimension in reversed(DIMENSIONS):
        words = "by the keyed hash of their reference" if dimension == "user" else "by its name"
        click.option(f"--{dimension}", help=f"Only cards of this {dimension}, {words}.")(command)
    return command


@click.command(name="stats")
@click.option("--by", type=click.Choice(DIMENSIONS), default="rule", show_default=True, help="What to group by.")
@click.option("--since", help=f"A day, or a moment in UTC; the last {USUAL_DAYS} days when absent.")
@click.option("--until", help="Before this day or moment.")
@click.option("--kind", type=click.Choice(DECISIONS), default="hook", show_default=True, help="Kind of decision.")
@click.option("--json", "json_wanted", is_flag=True, help="Print the same document as GET /stats.")
@told_in_a_sentence
def show_stats(by: Dimension, json_wanted: bool, **given: str | None) -> None:
    """Count the cards that were shown, and how they were answered."""
    asked = {name: value for name, value in given.items() if value is not None}
    window = window_asked(asked, datetime.now(UTC).date())
    document = as_json(stats(open_traces(quiet_settings()), window, by), window, by)
    if json_wanted:
        click.echo(json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True))
    else:
        click.echo("\n".join(_in_words(document, by)))


_only(show_stats)


def _in_words(document: Json, by: Dimension) -> Iterator[str]:
    asked, groups = document["asked"], document["groups"]
    wide = max([len(by), len("total"), *(len(str(group[by] or "-")) for group in groups)])
    yield f"Cards shown from {asked['since']}" + (f" until {asked['until']}" if "until" in asked else "")
    yield ""
    yield " ".join([by.ljust(wide), *(name.rjust(10) for name in COLUMNS)])
    for group in groups:
        yield from _row(str(group[by] or "-"), group, wide)
    yield from _row("total", document["total"], wide)
    yield ""
    seconds = document["total"]["medianSeconds"]
    if seconds is not None:
        yield f"Median time from a decision to its first answer: {seconds:.0f} s"
    if left_out := document.get("groupsLeftOut"):
        yield f"Groups left out, the least shown: {left_out}"
    if unknown := document["aboutUnknownCards"]:
        yield f"Feedback about cards nobody knows, such as erased ones: {unknown}"
    if by == "rule":
        yield "A card of several rules is counted for each of them."


def _row(name: str, tally: Json, wide: int) -> Iterator[str]:
    yield " ".join([name.ljust(wide), *(str(tally[column]).rjust(10) for column in COLUMNS)])
    for reason in tally["reasons"]:
        yield f"  {reason['reason'] or 'no reason coded'}: {reason['overridden']}"
