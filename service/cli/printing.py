"""``osteon rulebook``: what the service decides by, for reading, and its citations, for checking."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from rulesets import rulebook as rules
from rulesets.thresholds import effective
from service.app import thresholds_in
from service.cli.replaying import diff, export
from service.cli.told import REFUSED, told_in_a_sentence
from service.settings import settings_from_environment


@click.group(invoke_without_command=True)
@click.pass_context
@told_in_a_sentence
def rulebook(context: click.Context) -> None:
    """Print the rulebook in force as Markdown."""
    if context.invoked_subcommand is None:
        settings = settings_from_environment()
        click.echo(rules.as_markdown(effective(thresholds_in(settings.thresholds_file))), nl=False)


for command in (export, diff):
    rulebook.add_command(command)


@rulebook.command(name="check-citations")
@click.argument("paper", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--show", is_flag=True, help="Print each passage of the paper beside our restatement.")
def check_citations(paper: Path, show: bool) -> None:
    """Find every passage the rules cite in the text of the PAPER, so that each restatement can be checked."""
    passages = rules.citations_in(paper.read_text(encoding="utf-8", errors="replace"))
    missing = [each for each in passages if each.printed is None]
    for each in passages if show else missing:
        click.echo(f"{each.rule}, {each.statement.place}\n  ours:  {each.statement.says}")
        click.echo(f"  paper: {each.printed or 'NOT FOUND'}")
    click.echo(f"{len(passages) - len(missing)} of {len(passages)} cited passages are in this text.")
    if missing:
        sys.exit(REFUSED)
