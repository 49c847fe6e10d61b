"""A key is its prefix and its secret, until it expires; of what is kept nobody can make one."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest

from service.clients.api_keys import MARK, ApiKey, KeyRefused, key_of
from tests.support.api_keys import EXPIRES, a_key

SECOND = timedelta(seconds=1)
BEFORE = EXPIRES - SECOND


def reason(text: str, known: list[ApiKey], now: object = BEFORE) -> str:
    with pytest.raises(KeyRefused) as refused:
        key_of(text, known, now)  # type: ignore[arg-type]
    return refused.value.reason


def test_a_key_is_found_among_others() -> None:
    (_, first), (text, second) = a_key("first", "export"), a_key("second", "evaluate")

    assert key_of(text, [first, second], BEFORE) is second


def test_what_is_kept_is_the_prefix_and_a_hash() -> None:
    text, kept = a_key("north", "evaluate")

    assert text.startswith(f"{kept.prefix}_") and text.startswith(MARK) and len(text) == len(kept.prefix) + 1 + 43
    assert kept.sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert text[len(kept.prefix) + 1 :] not in json.dumps(kept.entry()) + repr(kept)


def test_no_two_keys_are_alike() -> None:
    made = [a_key("north", "evaluate") for _ in range(50)]

    assert len({text for text, _ in made}) == len({key.prefix for _, key in made}) == 50


def test_chance_alone_makes_a_key() -> None:
    from service.clients.api_keys import new_key

    text, _ = new_key(name="n", scopes=["export"], expires=EXPIRES, chance=bytes)

    assert text == "osteon_aaaaaaaa_" + "A" * 43


@pytest.mark.parametrize(("since", "refused"), [(-SECOND, False), (timedelta(0), True), (SECOND, True)])
def test_from_the_moment_it_expires_it_is_refused(since: timedelta, refused: bool) -> None:
    text, kept = a_key("north", "evaluate")

    if refused:
        assert reason(text, [kept], EXPIRES + since) == "expired"
    else:
        assert key_of(text, [kept], EXPIRES + since) is kept


def test_a_wrong_prefix_a_wrong_secret_and_a_cut_key_prove_nothing() -> None:
    (text, kept), (other, another) = a_key("north", "evaluate"), a_key("south", "evaluate")
    secret = text[len(kept.prefix) :]

    assert reason(other, [kept]) == "unknown"
    assert reason(another.prefix + secret, [kept, another]) == "secret"
    assert reason(kept.prefix + other[len(another.prefix) :], [kept]) == "secret"
    for cut in (text[:-1], text + "A", kept.prefix, MARK, "", text.upper(), f" {text}", f"{text}\n", kept.sha256):
        assert reason(cut, [kept]) == "malformed"


def test_scopes_stand_in_their_usual_order_once_each() -> None:
    _, kept = a_key("north", "export", "evaluate", "export")
    assert kept.scopes == ("evaluate", "export")


def test_a_refusal_names_the_entry_it_is_about_and_never_the_key() -> None:
    text, kept = a_key("north", "evaluate")

    with pytest.raises(KeyRefused) as expired:
        key_of(text, [kept], EXPIRES)

    assert expired.value.name == "north" and text not in repr(expired.value)
