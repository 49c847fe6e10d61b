"""``osteon traces``: what was decided, and whether it can be believed."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import get_args

import click

from service.app import moment, new_id
from service.cli.asking import QUESTIONS
from service.cli.exporting import check as check_export
from service.cli.exporting import export
from service.cli.keeping import copy, erase, hold, holds, release, retain
from service.cli.replaying import replay
from service.cli.told import (
    REFUSED,
    open_traces,
    quiet_settings,
    refused,
    shell_caller,
    told_in_a_sentence,
)
from service.event import EventKind
from service.one_page import one_page
from service.secrets.checkpoint import checkpoint_signer, new_signer
from service.secrets.keys import Keys
from service.secrets.patient import patient_secret
from service.trace import DECISIONS
from service.traces.checkpoints import KeptCheckpoint, last_checkpoint
from service.traces.notes import Checkpoint, NoteError, Verifier, checkpoint_in, notes_in, opened, verifier_from
from service.traces.proofs import proof_of_inclusion
from service.traces.store import TraceStore
from service.traces.stored import StoredTrace
from service.traces.telling import tell_read
from service.traces.verify import ChainReport, verify_chain
from service.web.traces import header_as_json, trace_as_json

KINDS = (*DECISIONS, *get_args(EventKind))


@click.group()
def traces() -> None:
    """Look at what was decided, and look after it."""


for command in (*QUESTIONS, erase, hold, release, holds, retain, copy, export, check_export, replay):
    traces.add_command(command)


@traces.command(name="list")
@click.option("--after", type=click.IntRange(min=1), help="Only traces older than this number.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True)
@click.option("--patient", help="Only what is about this patient, such as Patient/123.")
@click.option("--rule", help="Only decisions in which this rule fired.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Of this kind; decisions when absent.")
@told_in_a_sentence
def list_traces(after: int | None, limit: int, patient: str | None, rule: str | None, kinds: tuple[str, ...]) -> None:
    """List decisions, newest first: one line of JSON each."""
    settings = quiet_settings()
    key = Keys(secret=patient_secret(settings)).patient(patient) if patient else None
    page = open_traces(settings).list(after, limit, patient_key=key, rule_id=rule, kinds=kinds or DECISIONS)
    for header in page.headers:
        click.echo(json.dumps(header_as_json(header), sort_keys=True))
    if page.next_after is not None:
        click.echo(f"There are more: --after {page.next_after}", err=True)


@traces.command()
@click.argument("trace")
@click.option("--markdown", is_flag=True, help="A page to read or to print, instead of JSON.")
@told_in_a_sentence
def show(trace: str, markdown: bool) -> None:
    """Print one decision in full. That it was read is recorded."""
    store = open_traces(quiet_settings())
    found = _trace(store, trace)
    tell_read(store, found, through="osteon traces show", id=new_id(), at=moment(), caller=shell_caller())
    if not markdown:
        click.echo(json.dumps(trace_as_json(found), indent=2, sort_keys=True, ensure_ascii=False))
    elif found.kind in DECISIONS:
        click.echo(one_page(header_as_json(found), found.body))
    else:
        refused("Only a decision is told on a page; an event says all it has to say in its header.")


def _trace(store: TraceStore, trace: str) -> StoredTrace:
    found = store.get(trace)
    if found is None:
        refused("There is no trace of this id.")
    return found


# --- can it be believed? -----------------------------------------------------------------------


@traces.command()
@click.option(
    "--checkpoint",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Checkpoints that were kept elsewhere; all in the file are compared.",
)
@click.option("--key", "written", multiple=True, help="The key they are signed with; ours when absent.")
@told_in_a_sentence
def verify(file: Path | None, written: tuple[str, ...]) -> None:
    """Compute every hash again, and name the first record that does not hold."""
    settings = quiet_settings()
    verifiers = [_verifier(each) for each in written]
    if not verifiers and (signer := checkpoint_signer(settings)) is not None:
        verifiers = [signer.verifier]
    outside = _checkpoints_in(file, verifiers) if file else []
    started = time.monotonic()
    report = verify_chain(open_traces(settings), outside=outside, verifiers=verifiers)
    click.echo(_in_words(report, time.monotonic() - started))
    if not report.holds:
        sys.exit(REFUSED)


def _in_words(report: ChainReport, seconds: float) -> str:
    lines = [f"record {fault.seq}: {fault.what}" for fault in report.faults]
    lines += [f"record {seq}: the clock went back before it" for seq in report.clock_steps]
    lines += [
        f"{'holds' if report.holds else 'does not hold'}: {report.records} records ({report.erased} of them erased), "
        f"{report.checkpoints} checkpoints, root {report.root.hex()}",
        f"{report.records / max(seconds, 1e-9):,.0f} records a second",
    ]
    return "\n".join(lines)


def _checkpoints_in(file: Path, verifiers: list[Verifier]) -> list[Checkpoint]:
    try:
        notes = notes_in(file.read_text(encoding="utf-8"))
        for note in notes:
            opened(note, verifiers)
        found = [checkpoint_in(note) for note in notes]
    except (NoteError, UnicodeDecodeError) as error:
        refused(f"The file of checkpoints cannot be believed: {error}")
    if not found:
        refused("The file holds no checkpoint.")
    return found


def _verifier(written: str) -> Verifier:
    try:
        return verifier_from(written)
    except NoteError as error:
        refused(str(error))


@traces.command()
@click.option("--new", is_flag=True, help="Make a key for OSTEON_CHECKPOINT_KEY. It is a secret.")
@told_in_a_sentence
def key(new: bool) -> None:
    """Print the public key checkpoints are verified with."""
    if new:
        click.echo(new_signer().written())
        return
    signer = checkpoint_signer(quiet_settings())
    if signer is None:
        refused("No checkpoints are signed: OSTEON_CHECKPOINT_EVERY is 0.")
    click.echo(str(signer.verifier))


@traces.command()
@told_in_a_sentence
def checkpoint() -> None:
    """Sign what there is now, and print the last checkpoint, to be kept elsewhere."""
    store = open_traces(quiet_settings())
    if store.notary is None:
        refused("No checkpoints are signed: OSTEON_CHECKPOINT_EVERY is 0.")
    signed = store.notary.sign(store) or _last(store)
    if signed is None:
        refused("There is nothing to sign yet.")
    click.echo(signed.note, nl=False)


def _last(store: TraceStore) -> KeptCheckpoint | None:
    with store.reading() as connection:
        return last_checkpoint(connection)


@traces.command()
@click.argument("trace")
@told_in_a_sentence
def prove(trace: str) -> None:
    """Print a proof that one decision is under a checkpoint; it tells nothing of the decision."""
    store = open_traces(quiet_settings())
    found = _trace(store, trace)
    proof = proof_of_inclusion(store, found.seq)
    if proof is None:
        refused("No checkpoint covers it yet; `osteon traces checkpoint` signs one.")
    click.echo(proof, nl=False)
