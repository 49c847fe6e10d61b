"""The command line: start the service, evaluate files, print the rulebook, look at traces and look after them."""

from __future__ import annotations

import click

from service.app import version
from service.cli.auditing import traces
from service.cli.evaluating import evaluate
from service.cli.facts import facts
from service.cli.keys import commands as keys
from service.cli.printing import rulebook
from service.cli.starting import serve
from service.cli.stats import show_stats
from service.cli.tokens import commands as jwt
from service.cli.told import CANNOT_START, REFUSED

__all__ = ["CANNOT_START", "REFUSED", "main"]


@click.group()
@click.version_option(version(), prog_name="osteon")
def main() -> None:
    """Rules for bone metastases from breast cancer: FHIR in, cards and traces out."""


for command in (serve, evaluate, facts, rulebook, traces, show_stats, jwt, keys):
    main.add_command(command)
