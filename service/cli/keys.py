"""``osteon keys``: make a key, list those there are, and say what is wrong with one."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import click

from service.app import now
from service.cli.told import REFUSED, quiet_settings, refused, told_in_a_sentence
from service.clients.api_keys import SCOPES, KeyRefused, Scope, key_of, new_key
from service.clients.key_file import add, keys_in

MEANING = {
    "malformed": "A key is osteon_, eight characters, an underscore and 43 more; this one is cut short or is none.",
    "unknown": "No key of this prefix is in the file; it may have been removed.",
    "secret": "The prefix is that of a key in the file, and the rest is not.",
    "expired": "The key has expired; make another.",
}


@click.group(name="keys")
def commands() -> None:
    """API keys: make them, list them, and check one."""


@commands.command()
@click.option("--name", required=True, help="Whose key it is, as it will stand in what is recorded.")
@click.option("--scope", "scopes", required=True, multiple=True, type=click.Choice(SCOPES), help="May be repeated.")
@click.option(
    "--expires",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="From the beginning of this day on (UTC) it is refused.",
)
@click.option("--tenant", default="", help="Written into everything that is recorded of it.")
@click.option("--to", "file", type=click.Path(dir_okay=False, path_type=Path), help="The file to add it to.")
@told_in_a_sentence
def make(name: str, scopes: tuple[str, ...], expires: datetime, tenant: str, file: Path | None) -> None:
    """Print a new key, this once. Only its hash is kept: in the file, or in the entry that is printed with it."""
    ends = expires.replace(tzinfo=UTC)
    if ends <= now():
        refused("--expires must be a day to come.")
    wanted = [cast(Scope, scope) for scope in scopes]
    key, kept = new_key(name=name, scopes=wanted, expires=ends, tenant=tenant)
    if file is not None:
        add(kept, file)
        click.echo(f"{kept.prefix} was added to the file; a service that uses it takes the key from now on.", err=True)
    else:
        click.echo(f"Add this to the keys of OSTEON_API_KEYS_FILE:\n{json.dumps(kept.entry(), indent=2)}", err=True)
    click.echo(key)


@commands.command(name="list")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@told_in_a_sentence
def list_keys(file: Path | None) -> None:
    """List the keys in FILE, or in OSTEON_API_KEYS_FILE."""
    for key in keys_in(file or _file_in_force()):
        ends = f"{'expired' if key.has_expired(now()) else 'until'} {key.entry()['expires']}"
        tenant = f"  tenant {key.tenant}" if key.tenant else ""
        click.echo(f"{key.prefix}  {key.name}  {','.join(key.scopes)}  {ends}{tenant}")


@commands.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@told_in_a_sentence
def check(file: Path | None) -> None:
    """Say whose the key on standard input is, by FILE or OSTEON_API_KEYS_FILE, or what is wrong with it."""
    known = keys_in(file or _file_in_force())
    try:
        key = key_of(sys.stdin.readline().strip(), known, now())
    except KeyRefused as fault:
        named = f" It would be {fault.name}." if fault.name else ""
        click.echo(f"refused: {fault.reason}. {MEANING[fault.reason]}{named}")
        sys.exit(REFUSED)
    click.echo(f"accepted: key {key.name}, scopes {','.join(key.scopes)}, until {key.entry()['expires']}")


def _file_in_force() -> Path:
    named = quiet_settings().api_keys_file
    if not named:
        refused("Name a file of keys, or set OSTEON_API_KEYS_FILE.")
    return Path(named)
