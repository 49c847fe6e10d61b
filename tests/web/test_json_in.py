"""JSON is read in one way, and what other parsers let through is refused."""

from __future__ import annotations

import random
import time
from decimal import Decimal

import pytest

from service.problems import EncodingUnknown, NotJson, Problem, TooDeep
from service.web.json_in import json_in


def read(body: bytes, depth_limit: int = 64) -> object:
    return json_in(body, depth_limit=depth_limit)


def test_numbers_keep_the_digits_they_were_sent_with() -> None:
    assert read(b"[1.10, 0.30000000000000000001, 7, -0.0, 1e2]") == [
        Decimal("1.10"), Decimal("0.30000000000000000001"), 7, Decimal("-0.0"), Decimal("1e2"),
    ]  # fmt: skip
    assert str(read(b"1.10")) == "1.10"


@pytest.mark.parametrize("number", [b"1e999", b"-1e999", b"9" * 401, b"0." + b"1" * 400])
def test_numbers_no_measurement_can_have_are_refused(number: bytes) -> None:
    with pytest.raises(NotJson):
        read(b"[" + number + b"]")


def test_the_longest_number_is_still_read() -> None:
    assert read(b"9" * 300) == int("9" * 300)


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity"])
def test_what_is_not_a_number_is_refused(word: bytes) -> None:
    with pytest.raises(NotJson, match="NaN and Infinity"):
        read(b'{"value": ' + word + b"}")


def test_a_name_given_twice_is_refused() -> None:
    with pytest.raises(NotJson, match="twice"):
        read(b'{"a": {"b": 1, "b": 1}}')
    assert read(b'{"a": {"b": 1}, "c": {"b": 1}}') == {"a": {"b": 1}, "c": {"b": 1}}


@pytest.mark.parametrize(
    "body", [b"", b"  \n", b"{", b"{]", b"[1,]", b"'a'", b'{"a" 1}', b"[1] [2]", b"nul", b'"a\nb"']
)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(NotJson):
        read(body)


def test_the_place_of_a_fault_is_told_and_nothing_of_what_was_sent() -> None:
    with pytest.raises(NotJson) as caught:
        read(b'{"family": "Testcase",\n "given": Anna}')

    assert "line 2, column 11" in caught.value.sentence
    assert "Anna" not in str(caught.value) and "Testcase" not in str(caught.value)


@pytest.mark.parametrize(
    "body", [b"\xff", '{"a": "é"}'.encode("latin-1"), "{}".encode("utf-16"), "{}".encode("utf-32")]
)
def test_other_character_sets_are_refused(body: bytes) -> None:
    with pytest.raises((EncodingUnknown, NotJson)):
        read(body)


def test_a_byte_order_mark_is_refused_by_name() -> None:
    with pytest.raises(NotJson, match="byte order mark"):
        read(b"\xef\xbb\xbf{}")


@pytest.mark.parametrize("text", [b'"\\ud800"', b'{"a": ["\\uDC00b"]}', b'{"\\ud83d": 1}', b'"a\\u0000b"'])
def test_texts_that_no_database_keeps_are_refused(text: bytes) -> None:
    with pytest.raises(NotJson):
        read(text)


def test_escaped_characters_are_read() -> None:
    assert read(b'"\\ud83d\\ude00 \\u00e9 \\\\u0000"') == "😀 é \\u0000"


@pytest.mark.parametrize("opening, closing", [(b"[", b"]"), (b'{"a":', b"}")])
def test_the_depth_limit_is_the_deepest_that_is_read(opening: bytes, closing: bytes) -> None:
    assert read(opening * 64 + b"1" + closing * 64)
    with pytest.raises(TooDeep):
        read(opening * 65 + b"1" + closing * 65)


def test_brackets_inside_texts_do_not_count() -> None:
    assert read(b'["' + b"[" * 1000 + b'", "\\"' + b"{" * 1000 + b'"]')


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 1_000_000 + b"]" * 1_000_000,
        b"[" * 1_000_000,
        b'{"a":' * 100_000,
        b"[],[" * 300_000,
        b'"' + b'\\"' * 500_000,
        b'["' * 500_000,
        b"[}" * 500_000,
        b"]" * 1_000_000,
    ],
    ids=["nested", "open", "objects", "mixed", "unending text", "texts", "crossed", "closing"],
)
def test_hostile_nesting_is_refused_quickly(body: bytes) -> None:
    started = time.process_time()

    with pytest.raises((TooDeep, NotJson)):
        read(body)

    assert time.process_time() - started < 1


def test_depth_is_the_depth_of_the_parsed_document() -> None:
    """On random documents the scan of bytes agrees with a walk of the document."""
    import json

    chance = random.Random(5)

    def document(level: int) -> object:
        kind = chance.random()
        if level == 0 or kind < 0.2:
            return chance.choice(["[{", 'a"]}', "\\", 1, None, '\\"['])
        if kind < 0.6:
            return [document(level - 1) for _ in range(chance.randrange(4))]
        return {f"{{{n}": document(level - 1) for n in range(chance.randrange(4))}

    def depth(value: object) -> int:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
        return 0 if inner is None else 1 + max((depth(one) for one in inner), default=0)

    for _ in range(300):
        made = document(8)
        limit = depth(made)
        body = json.dumps(made).encode()
        assert read(body, depth_limit=limit) == made
        if limit:
            with pytest.raises(Problem):
                read(body, depth_limit=limit - 1)
