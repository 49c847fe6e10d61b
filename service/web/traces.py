"""The audit door: what was decided, newest first, and one decision in full, which is recorded.

A patient is never named in an address: traces of one are found by the keyed hash of the id.
"""

from __future__ import annotations

import re
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, request

from service.house import House
from service.problems import InvalidRequest, NotFound
from service.record_json import Json
from service.traces.checkpoints import last_checkpoint
from service.traces.stored import StoredHeader, StoredTrace
from service.traces.telling import tell_read
from service.web.answers import json_answer, note_trace
from service.web.authentication import caller

PARAMETERS = ("after", "limit", "patientKey", "rule", "outcome", "since", "until")
USUAL_PAGE, MOST_PER_PAGE = 50, 200
_SHAPES = {
    "patientKey": re.compile(r"[0-9a-f]{64}"),
    "rule": re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*"),
    "outcome": re.compile(r"success|refused|failed"),
    "since": re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?Z?)?"),
    "until": re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?Z?)?"),
}


def blueprint(house: House) -> Blueprint:
    door = Blueprint("traces", __name__)

    @door.get("/traces")
    def traces() -> Response:
        if set(request.args) - set(PARAMETERS):
            raise InvalidRequest(f"The parameters of this address are {', '.join(PARAMETERS)}.")
        limit = _number("limit", USUAL_PAGE, MOST_PER_PAGE)
        page = house.store.list(
            _number("after", None, 2**62),
            limit or USUAL_PAGE,
            patient_key=_text("patientKey"),
            rule_id=_text("rule"),
            outcome=_text("outcome"),
            since=_text("since"),
            until=_text("until"),
        )
        answer: Json = {"traces": [header_as_json(header) for header in page.headers]}
        if page.next_after is not None:
            kept = {name: request.args[name] for name in PARAMETERS if name in request.args and name != "after"}
            answer["next"] = f"/traces?{urlencode({**kept, 'after': page.next_after})}"
        return json_answer(answer)

    @door.get("/traces/checkpoint")
    def checkpoint() -> Response:
        with house.store.reading() as connection:
            last = last_checkpoint(connection)
        if last is None:
            raise NotFound("No checkpoint was signed yet.")
        return Response(last.note, content_type="text/plain; charset=utf-8")

    @door.get("/traces/<uuid:trace>/header")
    def header(trace: UUID) -> Response:
        return json_answer(header_as_json(_trace(house, trace)))

    @door.get("/traces/<uuid:trace>")
    def one_trace(trace: UUID) -> Response:
        found = _trace(house, trace)
        through, at = "GET /traces/{trace}", house.moment()
        tell_read(house.store, found, through=through, id=house.new_id(), at=at, caller=caller())
        return json_answer(trace_as_json(found))

    return door


def _trace(house: House, trace: UUID) -> StoredTrace:
    found = house.store.get(str(trace))
    if found is None:
        raise NotFound("There is no trace of this id.")
    note_trace(found.id)
    return found


def header_as_json(stored: StoredHeader) -> Json:
    """What may be known of a decision without its clinical part."""
    return {**stored.header, "leaf_hash": stored.leaf_hash}


def trace_as_json(stored: StoredTrace) -> Json:
    """A decision in full; ``body`` is null when it was erased."""
    return {
        "header": header_as_json(stored),
        "erased": stored.is_erased,
        "body": stored.body,
        "rules": [{"id": rule, "outcome": outcome} for rule, outcome in stored.rules],
    }


def _text(name: str) -> str | None:
    value = request.args.get(name)
    if value is not None and not _SHAPES[name].fullmatch(value):
        raise InvalidRequest(f"The parameter {name} does not have the form it must have.", name)
    return value


def _number(name: str, otherwise: int | None, most: int) -> int | None:
    text = request.args.get(name)
    if text is None:
        return otherwise
    if not text.isascii() or not text.isdigit() or len(text) > 19 or not 1 <= int(text) <= most:
        raise InvalidRequest(f"The parameter {name} must be a whole number from 1 to {most}.", name)
    return int(text)
