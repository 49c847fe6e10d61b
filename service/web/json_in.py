"""JSON in, in one way for every door: UTF-8, exact numbers, no name twice, not too deep.

What parsers quietly let through is refused here: NaN and Infinity, numbers beyond any float, lone
surrogates and NUL (which a database cannot keep), duplicate names, a byte order mark.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from service.problems import EncodingUnknown, NotJson, TooDeep

_NEITHER_BRACKET_NOR_QUOTE = bytes(set(range(256)) - set(b'[]{}"'))
_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_ESCAPES = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_SURROGATES = re.compile("[\ud800-\udfff]")
_LONGEST_NUMBER = 400


def json_in(body: bytes, *, depth_limit: int) -> object:
    """The document in a body; numbers with a fraction or exponent are Decimal.

    Raises NotJson, TooDeep or EncodingUnknown; none of them quotes the body.
    """
    if not body.strip():
        raise NotJson("There is no body; send one JSON document in UTF-8.")
    if _is_deeper_than(depth_limit, body):
        raise TooDeep(f"The document is nested deeper than the {depth_limit} levels this service accepts.")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise EncodingUnknown(f"The body is not UTF-8: byte {fault.start} begins no character.") from None
    if text.startswith("\ufeff"):
        raise NotJson("The body begins with a byte order mark; send UTF-8 without one.")
    try:
        document: object = _DECODER.decode(text)
    except json.JSONDecodeError as fault:
        raise NotJson(f"The body is not JSON: look at line {fault.lineno}, column {fault.colno}.") from None
    except RecursionError:
        raise TooDeep() from None
    if rb"\u" in body and _ESCAPES.search(body):
        _refuse_unkeepable_texts(document)
    return document


def _is_deeper_than(limit: int, body: bytes) -> bool:
    """Whether brackets outside of texts are nested deeper than the limit, found without parsing."""
    if body.count(b"[") + body.count(b"{") <= limit:
        return False
    plain = body.replace(rb"\\", b"").replace(rb"\"", b"")  # every quote left begins or ends a text
    marks = plain.translate(_ONE_KIND, _NEITHER_BRACKET_NOR_QUOTE).replace(b'""', b"")  # no bracket in that text
    brackets = b"".join(marks.split(b'"')[::2])  # of what quotes part, every second piece is a text
    if len(brackets) - len(brackets.lstrip(b"[")) > limit:
        return True
    for _ in range(limit):  # each turn removes the innermost pairs
        outer = brackets.replace(b"[]", b"")
        if len(outer) == len(brackets):
            return False  # nothing left, or brackets without a partner, which the parser tells better
        brackets = outer
    return b"[]" in brackets


def _decimal(text: str) -> Decimal:
    if len(text) > _LONGEST_NUMBER or float(text) in (float("inf"), float("-inf")):
        raise NotJson("A number is larger, or longer, than any measured value can be.")
    return Decimal(text)


def _integer(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise NotJson("A number is larger, or longer, than any measured value can be.")
    return int(text)


def _refuse_constant(_: str) -> object:
    raise NotJson("NaN and Infinity are not JSON; leave out what has no value.")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotJson("An object gives the same name twice; it is not clear which value counts.")
    return members


_DECODER = json.JSONDecoder(
    parse_float=_decimal, parse_int=_integer, parse_constant=_refuse_constant, object_pairs_hook=_members
)


def _refuse_unkeepable_texts(document: object) -> None:
    for text in _texts(document):
        if "\0" in text:
            raise NotJson("A text holds the character NUL, which FHIR does not allow.")
        if _SURROGATES.search(text):
            raise NotJson("A text holds half of a surrogate pair, which is not a character.")


def _texts(document: object) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict):
        for name, value in document.items():
            yield name
            yield from _texts(value)
    elif isinstance(document, list):
        for value in document:
            yield from _texts(value)
