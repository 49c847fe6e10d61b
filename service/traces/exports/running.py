"""An export from its first record in the log to its last line: told, bounded, written, signed, told again.

That it begins is an event before anything leaves, so that one that breaks off is known as well;
that it is complete is a second one, with the hash of its manifest, before the manifest leaves.
What is exported ends with the checkpoint that is signed in between: what is decided meanwhile is
not part of it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from service.arrival import NOBODY, Caller
from service.canonical import dumps
from service.traces.checkpoints import last_checkpoint
from service.traces.database import StoreError
from service.traces.exports.forms import Form, Line
from service.traces.exports.selection import Selection, leaves, selected
from service.traces.exports.tally import Tally
from service.traces.exports.tree import Pruned, Subtree
from service.traces.notes import Signer, checkpoint_in
from service.traces.store import TraceStore
from service.traces.stored import StoredHeader
from service.traces.telling import tell_export

FORMAT = "osteon-export/1"
MANIFEST, NOTE = "manifest.json", "manifest.note"
STREAM = "stream"
"""The name under which a manifest tells of a stream, which has no files."""


@dataclass(kw_only=True)
class Written:
    """One file as it grows."""

    lines: int = 0
    length: int = 0  # in bytes
    hash: hashlib._Hash = field(default_factory=hashlib.sha256)

    def add(self, content: bytes) -> None:
        self.lines += 1
        self.length += len(content)
        self.hash.update(content)

    @property
    def told(self) -> dict[str, object]:
        return {"lines": self.lines, "bytes": self.length, "sha256": self.hash.hexdigest()}


class Export:
    """One export; made, it has been told of. Its lines are read once, and then there is a manifest."""

    def __init__(
        self,
        store: TraceStore,
        form: Form,
        selection: Selection,
        *,
        new_id: Callable[[], str],
        moment: Callable[[], str],
        caller: Caller = NOBODY,
    ) -> None:
        """Raises StoreUnavailable, StoreError when the chain cannot be signed, OSError when its file cannot."""
        self.form, self.at = form, moment()
        self._store, self._caller = store, caller
        self._selection = replace(selection, bodies=selection.bodies and form.has_bodies)
        self._new_id, self._moment = new_id, moment
        self._tally = Tally()
        begun = self._tell("begun", self.at, {})
        self.id = begun.id
        self._size, self._note = _bound(store, begun.seq)
        self._root = b""

    # --- what is written -----------------------------------------------------------------------

    def into(self, folder: Path) -> str:
        """Writes the files, each for its owner only, and gives the SHA-256 of the manifest.

        Raises OSError, and what reading raises; without a manifest the export is not complete.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        written = {name: Written() for name in self.form.files}
        with ExitStack() as stack:
            files = {name: stack.enter_context(_new_file(folder / name)) for name in self.form.files}
            for line in self._lines():
                files[line.file].write(line.content)
                written[line.file].add(line.content)
            for file in files.values():
                file.flush()
                os.fsync(file.fileno())
        manifest, note = self._completed(written)
        for name, content in ((NOTE, note.encode()), (MANIFEST, manifest + b"\n")):  # the manifest last
            if content:
                with _new_file(folder / name) as file:
                    file.write(content)
        return hashlib.sha256(manifest).hexdigest()

    def streamed(self) -> Iterator[bytes]:
        """The lines as they are read from the store, at last the manifest where the form has room for one."""
        written = Written()
        for line in self._lines():
            content = self.form.streamed(line)
            written.add(content)
            yield content
        manifest, note = self._completed({STREAM: written})
        if self.form.stream_has_manifest:
            yield b'{"manifest":' + manifest + b',"note":' + dumps(note) + b"}\n"

    @property
    def tally(self) -> Tally:
        return self._tally

    def _lines(self) -> Iterator[Line]:
        form, tally = self.form, self._tally
        yield from form.opening()
        records = selected(self._store, self._selection, self._size)
        for each in self._with_the_rest(records) if form.has_tree else records:
            if isinstance(each, Subtree):
                yield from form.between(each)
            else:
                tally.count(each.seq, each.kind)
                yield from form.lines(each, tally)
        yield from form.closing()

    def _with_the_rest(self, records: Iterator[StoredHeader]) -> Iterator[StoredHeader | Subtree]:
        """The records with what lies between them. Raises StoreError when that is not what was signed."""
        whole, rest = Pruned(), Pruned()
        following = next(records, None)
        for seq, leaf in enumerate(leaves(self._store, self._size), start=1):
            whole.add(leaf)
            if following is None or seq != following.seq:
                rest.add(leaf)
                continue
            yield from rest.taken()
            yield following
            rest, following = Pruned(seq), next(records, None)
        yield from rest.taken()
        self._root = whole.root
        if self._note and checkpoint_in(self._note).root != whole.root:
            raise StoreError("The records are not those that were signed. See `osteon traces verify`.")

    # --- what is told --------------------------------------------------------------------------

    def _completed(self, written: dict[str, Written]) -> tuple[bytes, str]:
        """The manifest and the note it is signed by, "" where nothing is signed; the log knows of it now."""
        signer = self._store.notary.signer if self._store.notary is not None else None
        manifest = dumps(
            {
                "format": FORMAT,
                "form": self.form.name,
                "export": self.id,
                "begun_at": self.at,
                "selection": self._selection.told,
                **self._tally.told,
                "size": self._size,
                **({"root": self._root.hex()} if self.form.has_tree else {}),
                "checkpoint": self._note,
                "verifier": str(signer.verifier) if signer is not None else "",
                "files": {name: each.told for name, each in written.items()},
            }
        )
        digest = hashlib.sha256(manifest).hexdigest()
        says = {"begun": self.id, "records": self._tally.records, "bodies": self._tally.bodies, "manifest": digest}
        self._tell("complete", self._moment(), says)
        return manifest, _note(signer, digest) if signer is not None else ""

    def _tell(self, state: str, at: str, says: dict[str, object]) -> StoredHeader:
        return tell_export(
            self._store,
            form=self.form.name,
            says={"state": state, "selection": self._selection.told, **says},
            id=self._new_id(),
            at=at,
            caller=self._caller,
            patient_key=self._selection.patient_key,
        )


def _note(signer: Signer, digest: str) -> str:
    """A signature over a manifest; its second line is no number, so that it is never taken for a checkpoint."""
    return signer.signed(signed_text(signer.name, digest))


def signed_text(name: str, digest: str) -> str:
    """What is signed of a manifest with this SHA-256."""
    return f"{name} export\nsha256 {digest}\n"


def _bound(store: TraceStore, seq: int) -> tuple[int, str]:
    """How many records an export speaks of, ``seq`` among them, and the checkpoint over them; "" without a key."""
    if store.notary is None:
        return seq, ""
    kept = store.notary.sign(store)
    if kept is None:  # somebody else was faster
        with store.reading() as connection:
            kept = last_checkpoint(connection)
    if kept is None or kept.size < seq:
        raise StoreError("The checkpoint of the export is gone. See `osteon traces verify`.")
    return kept.size, kept.note


def _new_file(path: Path) -> BinaryIO:
    return open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600))
