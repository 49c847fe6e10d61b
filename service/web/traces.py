"""The audit door: what was decided, newest first, and one decision in full, which is recorded.

A patient is never named in an address: traces of one are found by the keyed hash of the id.
"""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, request

from service.house import House
from service.problems import NotFound
from service.record_json import Json
from service.traces.checkpoints import last_checkpoint
from service.traces.queries.decisions import found
from service.traces.stored import StoredHeader, StoredTrace
from service.traces.telling import tell_read
from service.web.answers import json_answer, note_trace
from service.web.authentication import caller
from service.web.wanted import only, page_asked, wanted_in

CONDITIONS = (
    "patientKey", "hookInstance", "card", "rule", "ruleOutcome", "rulebook", "client", "tenant", "outcome", "degraded",
    "since", "until",
)  # fmt: skip
PARAMETERS = ("after", "limit", *CONDITIONS)


def blueprint(house: House) -> Blueprint:
    door = Blueprint("traces", __name__)

    @door.get("/traces")
    def traces() -> Response:
        only(request.args, *PARAMETERS)
        wanted = wanted_in({name: request.args[name] for name in CONDITIONS if name in request.args}, house.keys)
        after, limit = page_asked(request.args)
        page = found(house.store, wanted, after=after, limit=limit)
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
