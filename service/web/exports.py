"""The audit door through which traces leave: one stream of what is asked for, whose last line says that it is whole.

A patient is never named in an address: what is about one is asked for by the keyed hash of the id.
A stream that breaks off has no manifest; of CSV, which has none, the connection breaks off, and only
the log of the service tells how many rows there should be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from flask import Blueprint, Response, request

from service.house import House
from service.logs import log_exception
from service.problems import InvalidRequest
from service.traces.exports.forms import Form
from service.traces.exports.running import Export
from service.traces.exports.selection import Selection
from service.web.arriving import arrival_of

PARAMETERS = ("format", "since", "until", "patientKey", "rule", "rulebook", "headersOnly")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?Z?)?")
_SHAPES = {
    "since": _MOMENT,
    "until": _MOMENT,
    "patientKey": re.compile(r"[0-9a-f]{64}"),
    "rule": re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*"),
    "rulebook": re.compile(r"[0-9a-f]{64}"),
    "headersOnly": re.compile(r"true|false"),
}


def blueprint(house: House, forms: Mapping[str, Callable[[], Form]]) -> Blueprint:
    """``forms`` are the forms of an export by their names; each export has one of its own."""
    door = Blueprint("exports", __name__)

    @door.get("/traces/export")
    def export() -> Response:
        if set(request.args) - set(PARAMETERS):
            raise InvalidRequest(f"The parameters of this address are {', '.join(PARAMETERS)}.")
        form = forms.get(request.args.get("format", "ndjson"))
        if form is None:
            raise InvalidRequest(f"format is one of {', '.join(forms)}.", "format")
        exporting = Export(
            house.store,
            form(),
            _selection(),
            new_id=house.new_id,
            moment=house.moment,
            caller=arrival_of(house).caller,
        )
        answer = Response(_told_when_it_breaks(exporting.streamed()), content_type=exporting.form.media_type)
        ending = "csv" if exporting.form.name == "csv" else "ndjson"
        answer.headers["Content-Disposition"] = f'attachment; filename="osteon-{exporting.id}.{ending}"'
        return answer

    return door


def _selection() -> Selection:
    given = {name: _text(name) for name in _SHAPES}
    return Selection(
        since=given["since"],
        until=given["until"],
        patient_key=given["patientKey"],
        rule=given["rule"],
        rulebook=given["rulebook"],
        bodies=given["headersOnly"] != "true",
    )


def _text(name: str) -> str:
    value = request.args.get(name)
    if value is not None and not _SHAPES[name].fullmatch(value):
        raise InvalidRequest(f"The parameter {name} does not have the form it must have.", name)
    return value or ""


def _told_when_it_breaks(stream: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from stream
    except Exception as error:
        log_exception("export", error)
        raise  # the server then ends the connection in the middle, which a client can tell from an end
