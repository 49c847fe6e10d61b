"""How pages leave: with headers of their own, faults as pages too; and their forms, bounded before they are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, g, request

from service.house import House
from service.pages.rendering import rendered, static
from service.problems import InvalidRequest, MediaTypeUnknown, NotFound, NotJson, Problem
from service.settings import Settings
from service.trace import DECISIONS
from service.traces.stored import StoredTrace
from service.traces.telling import tell_read
from service.web.answers import note_trace
from service.web.arriving import arrival_of
from service.web.body import body_of

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
HTML = "text/html; charset=utf-8"
FORM = "application/x-www-form-urlencoded"
STATIC = {"osteon.css": "text/css; charset=utf-8", "osteon.svg": "image/svg+xml"}
MOST_FIELDS = 2_000
TRACE_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Page = Callable[..., Response]


def pages_of(door: Blueprint, house: House) -> Page:
    """Dresses a blueprint as pages; what it returns writes a page from a template and its model."""
    rulebook = house.revision(house.reasoners.usual.thresholds).digest

    def page(template: str, *, here: str = "", status: int = 200, **model: object) -> Response:
        text = rendered(template, here=here, version=house.version, rulebook=rulebook, **model)
        return Response(text, status=status, content_type=HTML)

    def with_headers(answer: Response) -> Response:
        answer.headers.update(HEADERS)
        return answer

    def problem(fault: Problem) -> Response:
        g.code = fault.code
        heading = "Nothing here" if fault.status == 404 else "This could not be done"
        return page("problem.html", status=fault.status, heading=heading, issues=fault.issues)

    door.after_request(with_headers)
    door.register_error_handler(Problem, problem)
    return page


def static_answer(name: str) -> Response:
    """A file pages refer to. Raises NotFound."""
    if name not in STATIC:
        raise NotFound()
    return Response(static(name), content_type=STATIC[name])


def form_sent(settings: Settings, *, limit: int) -> Mapping[str, str]:
    """The fields of the form at hand; of a name sent twice the last counts. Raises the problems of ``body_of``."""
    if request.mimetype != FORM:
        raise MediaTypeUnknown("Send the form as the page has it.")
    body = body_of(request.environ, limit=limit, timeout_seconds=settings.body_timeout_seconds)
    try:
        fields = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise NotJson("The form is not one a browser sends, or has too many fields.") from None
    return dict(fields)


def trace_read(house: House, trace: str, through: str) -> StoredTrace:
    """A decision in full, once it is on record that somebody reads it. Raises NotFound."""
    found = trace_found(house, trace)
    tell_read(
        house.store, found, through=through, id=house.new_id(), at=house.moment(), caller=arrival_of(house).caller
    )
    return found


def trace_found(house: House, trace: str) -> StoredTrace:
    """A decision in full, for whoever records what becomes of it. Raises NotFound."""
    found = house.store.get(trace) if TRACE_ID.fullmatch(trace) else None
    if found is None or found.kind not in DECISIONS:
        raise NotFound("There is no decision of this id.")
    note_trace(found.id)
    return found


def parameters(known: Mapping[str, re.Pattern[str]]) -> dict[str, str]:
    """The parameters of the address, each of its form; empty ones are left out. Raises InvalidRequest."""
    if set(request.args) - set(known):
        raise InvalidRequest(f"The parameters of this address are {', '.join(known)}.")
    given = {name: value.strip() for name, value in request.args.items() if value.strip()}
    for name, value in given.items():
        if not known[name].fullmatch(value):
            raise InvalidRequest(f"The parameter {name} does not have the form it must have.", name)
    return given


def stored_header_as_json(found: StoredTrace) -> dict[str, Any]:
    return {**found.header, "leaf_hash": found.leaf_hash}
