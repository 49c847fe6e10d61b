"""Signed notes and checkpoints as C2SP writes them, so that anybody's verifier reads ours.

https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint; keys are written as Go's
golang.org/x/mod/sumdb/note writes them. Only Ed25519, which needs no choice of hash or nonce.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from service.traces.merkle import HASH_BYTES

ED25519 = b"\x01"
MOST_SIGNATURES = 16
_NAME = r"[^\s+]+"
_SIGNER = re.compile(rf"PRIVATE\+KEY\+({_NAME})\+([0-9a-f]{{8}})\+([A-Za-z0-9+/=]+)")
_VERIFIER = re.compile(rf"({_NAME})\+([0-9a-f]{{8}})\+([A-Za-z0-9+/=]+)")
_SIGNATURE = re.compile(rf"— ({_NAME}) ([A-Za-z0-9+/=]+)")


class NoteError(ValueError):
    """A key or a note that cannot be used. The sentence never holds a key."""


@dataclass(frozen=True, kw_only=True)
class Verifier:
    """A public key with the name of whoever signs with it."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    def has_signed(self, text: str, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, kw_only=True, repr=False)
class Signer:
    """A private key with the name it signs under."""

    name: str
    seed: bytes

    @property
    def verifier(self) -> Verifier:
        return Verifier(name=self.name, public=self._key.public_key().public_bytes_raw())

    def signed(self, text: str) -> str:
        """A text that ends in a newline, as a note."""
        signature = base64.b64encode(self.verifier.key_id + self._key.sign(text.encode())).decode()
        return f"{text}\n— {self.name} {signature}\n"

    def written(self) -> str:
        """The key in the one line it is kept as. It is a secret."""
        return f"PRIVATE+KEY+{self.name}+{self.verifier.key_id.hex()}+{_b64(ED25519 + self.seed)}"

    @property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def signer_from(written: str) -> Signer:
    """A private key from its line. Raises NoteError."""
    found = _SIGNER.fullmatch(written.strip())
    seed = _key_bytes(found[3]) if found else None
    if found is None or seed is None:
        raise NoteError("A signing key is one line: PRIVATE+KEY+NAME+ID+BASE64, for Ed25519.")
    signer = Signer(name=found[1], seed=seed)
    if signer.verifier.key_id.hex() != found[2]:
        raise NoteError("The id in a signing key is not the one of its name and key.")
    return signer


def verifier_from(written: str) -> Verifier:
    """A public key from its line. Raises NoteError."""
    found = _VERIFIER.fullmatch(written.strip())
    public = _key_bytes(found[3]) if found else None
    if found is None or public is None:
        raise NoteError("A verifier key is one line: NAME+ID+BASE64, for Ed25519.")
    verifier = Verifier(name=found[1], public=public)
    if verifier.key_id.hex() != found[2]:
        raise NoteError("The id in a verifier key is not the one of its name and key.")
    return verifier


def _key_bytes(text: str) -> bytes | None:
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    return raw[1:] if len(raw) == 33 and raw[:1] == ED25519 else None


# --- notes -------------------------------------------------------------------------------------


def opened(note: str, verifiers: Sequence[Verifier]) -> str:
    """The text of a note that one of the verifiers has signed, and none of them wrongly. Raises NoteError."""
    text, signatures = _parted(note)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    signed = False
    for name, raw in signatures:
        verifier = known.get((name, raw[:4]))
        if verifier is None:
            continue  # somebody else's, such as a witness
        if not verifier.has_signed(text, raw[4:]):
            raise NoteError("A signature of the note does not belong to its text.")
        signed = True
    if not signed:
        raise NoteError("The note is not signed with a key that was given.")
    return text


def _parted(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    text, gap, block = note.rpartition("\n\n")
    if not gap or not block.endswith("\n") or re.search(r"[\x00-\x09\x0b-\x1f]", note):
        raise NoteError("A note is text, an empty line, and signature lines.")
    signatures = []
    for line in block.removesuffix("\n").split("\n"):
        found = _SIGNATURE.fullmatch(line)
        try:
            raw = base64.b64decode(found[2], validate=True) if found else b""
        except binascii.Error:
            raw = b""
        if found is None or len(raw) < 5:
            raise NoteError("A signature line of a note is a dash, a name and Base64.")
        signatures.append((found[1], raw))
    if len(signatures) > MOST_SIGNATURES:
        raise NoteError(f"A note has at most {MOST_SIGNATURES} signatures here.")
    return f"{text}\n", signatures


def notes_in(text: str) -> tuple[str, ...]:
    """The notes that follow one another in a file, in their order."""
    return tuple(found[0].lstrip("\n") for found in _NOTES.finditer(text))


_NOTES = re.compile(r"(?:(?!— ).*\n)+(?:— .*\n)+")


# --- checkpoints -------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What a log says of itself: of its first ``size`` leaves this is the root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{_b64(self.root)}\n"


def checkpoint_in(note: str) -> Checkpoint:
    """The checkpoint a note holds, whoever signed it; lines after the third are ignored. Raises NoteError."""
    text, _ = _parted(note)
    lines = text.split("\n")
    try:
        origin, size, root = lines[0], lines[1], base64.b64decode(lines[2], validate=True)
    except (IndexError, binascii.Error):
        origin, size, root = "", "", b""
    if not origin or not re.fullmatch(r"0|[1-9][0-9]{0,18}", size) or len(root) != HASH_BYTES:
        raise NoteError("A checkpoint is three lines: origin, number of records, root in Base64.")
    return Checkpoint(origin=origin, size=int(size), root=root)


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
