"""``osteon rulebook``: what the service decides by, for reading."""

from __future__ import annotations

import click

from rulesets import rulebook as rules
from rulesets.thresholds import effective
from service.app import thresholds_in
from service.cli.told import told_in_a_sentence
from service.settings import settings_from_environment


@click.command()
@told_in_a_sentence
def rulebook() -> None:
    """Print the rulebook in force as Markdown."""
    settings = settings_from_environment()
    click.echo(rules.as_markdown(effective(thresholds_in(settings.thresholds_file))), nl=False)
