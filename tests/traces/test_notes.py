"""Notes are those of C2SP and Go: their published key and note come out byte for byte, and no changed one passes."""

from __future__ import annotations

import pytest

from service.secrets.checkpoint import new_signer
from service.traces.notes import (
    Checkpoint,
    NoteError,
    checkpoint_in,
    notes_in,
    opened,
    signer_from,
    verifier_from,
)

# golang.org/x/mod/sumdb/note, its example: Ed25519 leaves no choice, so the same note must come out.
SIGNER = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
NOTE = f"{TEXT}\n— PeterNeumann {SIGNATURE}\n"

# The example of c2sp.org/tlog-checkpoint.
EXAMPLE = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""


def test_the_note_that_was_published_comes_out_byte_for_byte() -> None:
    assert signer_from(SIGNER).signed(TEXT) == NOTE


def test_keys_are_written_as_they_were_published() -> None:
    assert signer_from(SIGNER).written() == SIGNER
    assert str(signer_from(SIGNER).verifier) == VERIFIER == str(verifier_from(VERIFIER))


def test_a_signed_note_opens_with_its_key() -> None:
    assert opened(NOTE, [verifier_from(VERIFIER)]) == TEXT


@pytest.mark.parametrize(
    "note",
    [
        NOTE.replace("problem is", "Problem is"),
        NOTE.replace("x08go", "x08gp"),
        NOTE.replace("PeterNeumann", "Another"),
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("— ", "- "),
        NOTE.removesuffix("\n"),
        NOTE + "— PeterNeumann !\n",
        NOTE + "— PeterNeumann AAAA\n",
        NOTE.replace("If", "I\tf"),
        NOTE + f"— PeterNeumann {SIGNATURE}\n" * 16,
        TEXT,
        "",
    ],
)
def test_a_note_that_was_changed_does_not_open(note: str) -> None:
    with pytest.raises(NoteError):
        opened(note, [verifier_from(VERIFIER)])


def test_a_note_does_not_open_with_another_key() -> None:
    with pytest.raises(NoteError, match="not signed with a key that was given"):
        opened(NOTE, [new_signer().verifier])
    with pytest.raises(NoteError):
        opened(NOTE, [])


def test_a_witness_may_sign_too_and_one_known_key_is_enough() -> None:
    witness = new_signer()
    both = NOTE + witness.signed(TEXT).rpartition("\n\n")[2]

    assert opened(both, [verifier_from(VERIFIER)]) == TEXT
    assert opened(both, [witness.verifier]) == TEXT


def test_a_wrong_signature_of_a_known_key_spoils_the_note_even_beside_a_right_one() -> None:
    witness = new_signer()
    other = witness.signed("Something else.\n").rpartition("\n\n")[2]

    with pytest.raises(NoteError, match="does not belong"):
        opened(NOTE + other, [verifier_from(VERIFIER), witness.verifier])


@pytest.mark.parametrize(
    "written",
    [
        "",
        "PRIVATE+KEY+PeterNeumann+c74f20a4+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz",
        "PRIVATE+KEY+Another+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz",
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKD",
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AoEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz",
        VERIFIER,
    ],
)
def test_a_signing_key_that_is_not_whole_is_refused_without_being_told(written: str) -> None:
    with pytest.raises(NoteError) as told:
        signer_from(written)

    assert "AYEKFALV" not in str(told.value)


@pytest.mark.parametrize(
    "written", ["", VERIFIER.replace("c7", "c8"), VERIFIER[:-2], VERIFIER.replace("+AR", "+AQ"), SIGNER]
)
def test_a_verifier_key_that_is_not_whole_is_refused(written: str) -> None:
    with pytest.raises(NoteError):
        verifier_from(written)


def test_two_new_keys_differ_in_name_and_key() -> None:
    one, other = new_signer(), new_signer()
    assert one.name != other.name and one.seed != other.seed


def test_the_checkpoint_that_was_published_is_read() -> None:
    checkpoint = checkpoint_in(EXAMPLE)

    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert EXAMPLE.startswith(checkpoint.text)


def test_a_checkpoint_is_three_lines() -> None:
    checkpoint = Checkpoint(origin="osteon/1a2b3c4d", size=0, root=bytes(32))

    assert checkpoint.text == "osteon/1a2b3c4d\n0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    assert checkpoint_in(new_signer().signed(checkpoint.text)) == checkpoint


@pytest.mark.parametrize(
    "text",
    ["one line\n", "origin\n1\n", "origin\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
     "origin\n-1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", "origin\n1\nAAAA\n", "origin\n1\n?\n",
     "\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", f"origin\n{'9' * 20}\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"],
)  # fmt: skip
def test_a_note_of_something_else_is_no_checkpoint(text: str) -> None:
    with pytest.raises(NoteError, match="checkpoint"):
        checkpoint_in(new_signer().signed(text))


def test_notes_are_told_apart_in_a_file() -> None:
    assert notes_in(f"{NOTE}\n{EXAMPLE}\n{EXAMPLE}") == (NOTE, EXAMPLE, EXAMPLE)
    assert notes_in("nothing of the sort\n") == ()
