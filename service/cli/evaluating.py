"""``osteon evaluate``: files in, what follows out, the same as over HTTP."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import click

from rulesets.rule import HOOKS, Hook
from service.announce import announce
from service.arrival import Arrival
from service.assess import Request, assess
from service.cli.summary import summary_of
from service.cli.told import open_house, quiet_settings, shell_caller, told_in_a_sentence
from service.settings import Settings
from service.web.json_in import json_in


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--facts", is_flag=True, help="The files are facts documents, not FHIR.")
@click.option("--date", "on", type=click.DateTime(["%Y-%m-%d"]), help="The day to judge on; today when absent.")
@click.option("--hook", "hooks", multiple=True, type=click.Choice(HOOKS), help="Only the cards of this hook.")
@click.option("--strict", is_flag=True, help="Refuse a file that holds an invalid resource.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@told_in_a_sentence
def evaluate(
    files: tuple[Path, ...], facts: bool, on: datetime | None, hooks: tuple[Hook, ...], strict: bool, as_json: bool
) -> None:
    """Evaluate FHIR or facts in FILES and print what follows; the decisions are kept as traces."""
    settings = quiet_settings()
    house = open_house(settings)
    announce(house.store, settings, house.reasoners.usual.thresholds, house.terminology.digest, shell_caller())
    results: list[dict[str, Any]] = []
    for file in files:
        arrival = Arrival(received_at=house.moment(), started_ns=house.monotonic_ns(), caller=shell_caller())
        asked = _request(
            file.read_bytes(), settings, facts=facts, on=on.date() if on else None, hooks=hooks, strict=strict
        )
        results += assess(house, replace(asked, arrival=replace(arrival, length=file.stat().st_size))).results
    if as_json:
        click.echo(json.dumps({"results": results}, indent=2, ensure_ascii=False, sort_keys=True, default=float))
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
