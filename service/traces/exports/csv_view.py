"""The flat form: one row a header, for spreadsheets. It holds nothing clinical, and no cell is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from service.canonical import dumps
from service.traces.exports.forms import FormName, Line
from service.traces.exports.tally import Tally
from service.traces.exports.tree import Subtree
from service.traces.stored import StoredHeader

FILE = "traces.csv"
COUNTS = ("evaluated", "fired", "undetermined", "suppressed", "switched_off", "error", "cards", "notices")
COLUMNS = (
    "seq", "id", "kind", "decided_at", "outcome", "hook", "hook_instance", "service", "client", "issuer", "tenant",
    "scopes", "token_id", "user_key", "patient_key", "subject", "request_id", "w3c_trace_id", "w3c_span_id",
    "received_at", "duration_ns", "evaluation_date", "service_version", "engine", "config", "rulebook", "rules",
    "thresholds", "terminology", "request_digest", "request_length", "degraded",
    *(f"counts_{name}" for name in COUNTS),
    "says", "schema_version", "body_commitment", "index_commitment", "prev_hash", "leaf_hash",
)  # fmt: skip
"""The columns, in this order for ever: a new one goes to the end."""

FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
"""What a spreadsheet may take for the beginning of a formula, the full-width signs among them."""


class Csv:
    name: FormName = "csv"
    files: tuple[str, ...] = (FILE,)
    media_type = "text/csv; charset=utf-8; header=present"
    stream_has_manifest = False
    has_bodies = False
    has_tree = False

    def opening(self) -> Iterator[Line]:
        yield _row(COLUMNS)

    def between(self, subtree: Subtree) -> Iterator[Line]:
        return iter(())

    def lines(self, record: StoredHeader, tally: Tally) -> Iterator[Line]:
        if record.has_body:
            tally.not_asked_for += 1
        yield _row(_cells({**record.header, "leaf_hash": record.leaf_hash}))

    def closing(self) -> Iterator[Line]:
        return iter(())

    def streamed(self, line: Line) -> bytes:
        return line.content


def _row(cells: Iterable[object]) -> Line:
    text = io.StringIO()
    csv.writer(text).writerow(cells)  # RFC 4180: commas, CRLF, quotes doubled
    return Line(file=FILE, content=text.getvalue().encode())


def _cells(header: Mapping[str, Any]) -> Iterator[object]:
    counts = header.get("counts")
    flat = {**header, **{f"counts_{name}": value for name, value in (counts or {}).items()}}
    for column in COLUMNS:
        yield _cell(flat.get(column))


def _cell(value: object) -> object:
    match value:
        case None | int():
            return value
        case list():
            return safe(" ".join(map(str, value)))
        case dict():
            return dumps(value).decode()  # begins with a brace
        case _:
            return safe(str(value))


def safe(text: str) -> str:
    """The text, with an apostrophe in front when a spreadsheet could take it for a formula.

    >>> safe("=1+1"), safe("  @SUM(A1)"), safe("order-sign")
    ("'=1+1", "'  @SUM(A1)", 'order-sign')
    """
    begins = text[:1] in FORMULA or text.lstrip()[:1] in FORMULA
    return f"'{text}" if text and begins else text
