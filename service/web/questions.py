"""The questions of an audit: by whom, with what, how often, why, and whether it can all be believed.

A patient or a resource is named in a body alone, never in an address, and is looked for by its keyed
hash. Whoever is told why a rule fired sees what is clinical, which is recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, request

from service.house import House
from service.problems import InvalidRequest, NotFound
from service.record_json import Json
from service.settings import Settings
from service.traces.queries.accesses import accesses
from service.traces.queries.calls import calls_by_caller
from service.traces.queries.decisions import Wanted, found
from service.traces.queries.integrity import LAST_LINKS, integrity
from service.traces.queries.recall import recall, rulebooks
from service.traces.queries.retention import due, holds_in_force, retention
from service.traces.queries.rule_activity import rule_activity, rule_ids
from service.traces.queries.why import why
from service.traces.stored import Page, StoredHeader
from service.traces.telling import tell_read
from service.web import wanted as asked
from service.web.answers import json_answer, note_trace
from service.web.authentication import caller
from service.web.negotiation import JSON
from service.web.questions_as_json import (
    activity_as_json,
    calls_as_json,
    holds_as_json,
    in_force_as_json,
    integrity_as_json,
    retention_as_json,
    why_as_json,
)
from service.web.received import media_type, received
from service.web.traces import header_as_json

LARGEST_QUESTION = 10_000  # bytes
MOST_REASONS = 20
"""Decisions of one patient and day that are opened at once."""
SEARCHED = (
    "patient", "patientKey", "resource", "version", "hookInstance", "card", "decision", "rule", "ruleOutcome",
    "rulebook", "client", "tenant", "outcome", "degraded", "since", "until", "kind",
)  # fmt: skip
PAGED = ("after", "limit")


def blueprint(house: House, settings: Settings) -> Blueprint:
    door = Blueprint("questions", __name__)

    def posted() -> dict[str, Any]:
        media_type(JSON)
        document = received(settings, limit=LARGEST_QUESTION).document
        if not isinstance(document, dict):
            raise InvalidRequest("Send one JSON object.")
        return document

    @door.post("/traces/search")
    def search() -> Response:
        given = posted()
        asked.only(given, *SEARCHED, *PAGED)
        wanted = asked.wanted_in({name: value for name, value in given.items() if name not in PAGED}, house.keys)
        after, limit = asked.page_asked(given)
        page = found(house.store, wanted, after=after, limit=limit)
        return json_answer({"traces": _headers(page), **_goes_on(page)})

    @door.post("/traces/why")
    def why_of_a_patient() -> Response:
        given = posted()
        asked.only(given, "patient", "rule", "on", *PAGED)
        patient, rule, day = (asked.shaped(name, given.get(name)) for name in ("patient", "rule", "on"))
        after, limit = asked.page_asked({"limit": MOST_REASONS, **given})
        wanted = Wanted(patient_key=house.keys.patient(patient), since=day, until=_day_after(day))
        page = found(house.store, wanted, after=after, limit=min(limit, MOST_REASONS))
        return json_answer(
            {"answers": [told(header, rule, "POST /traces/why") for header in page.headers], **_goes_on(page)}
        )

    @door.get("/traces/<uuid:trace>/rules/<rule>")
    def why_in_a_decision(trace: UUID, rule: str) -> Response:
        header = house.store.get(str(trace))
        if header is None or header.kind not in Wanted().kinds:
            raise NotFound("There is no decision of this id.")
        note_trace(header.id)
        return json_answer(told(header, asked.shaped("rule", rule), "GET /traces/{trace}/rules/{rule}"))

    def told(header: StoredHeader, rule: str, through: str) -> Json:
        """What became of a rule; that somebody looks is recorded first."""
        tell_read(house.store, header, through=through, id=house.new_id(), at=house.moment(), caller=caller())
        trace = house.store.get(header.id)
        if trace is None:
            raise NotFound("There is no decision of this id.")
        with house.store.reading() as connection:
            known = rule_ids(connection, str(header.columns["rulebook"]))
        return why_as_json(header, rule, why(trace, rule, known))

    @door.get("/traces/rulebooks")
    def all_rulebooks() -> Response:
        asked.only(request.args)
        return json_answer({"rulebooks": [in_force_as_json(each) for each in rulebooks(house.store)]})

    @door.get("/traces/rulebooks/<rulebook>")
    def one_rulebook(rulebook: str) -> Response:
        asked.only(request.args, *PAGED)
        after, limit = asked.page_asked(request.args)
        recalled = recall(house.store, rulebook, after=after, limit=limit)
        if recalled is None:
            raise NotFound("No decision was made under a rulebook of this digest.")
        known, page = recalled
        return json_answer({**in_force_as_json(known), "traces": _headers(page), **_next(page)})

    @door.get("/traces/rules")
    def rules() -> Response:
        asked.only(request.args, "since", "until", "rulebook")
        rulebook = asked.shaped("rulebook", request.args["rulebook"]) if "rulebook" in request.args else None
        return json_answer(
            activity_as_json(rule_activity(house.store, rulebook=rulebook, **asked.days_asked(request.args)))
        )

    @door.get("/traces/calls")
    def calls() -> Response:
        asked.only(request.args, "since", "until")
        return json_answer(calls_as_json(calls_by_caller(house.store, **asked.days_asked(request.args))))

    @door.get("/traces/accesses")
    def who_looked() -> Response:
        names = ("client", "decision", "patientKey", "since", "until")
        asked.only(request.args, *names, *PAGED)
        after, limit = asked.page_asked(request.args)
        wanted = asked.wanted_in({name: request.args[name] for name in names if name in request.args}, house.keys)
        page = accesses(
            house.store,
            client=wanted.client,
            subject=wanted.subject,
            patient_key=wanted.patient_key,
            since=wanted.since,
            until=wanted.until,
            after=after,
            limit=limit,
        )
        return json_answer({"traces": _headers(page), **_next(page)})

    @door.get("/traces/integrity")
    def believed() -> Response:
        asked.only(request.args)
        return json_answer(integrity_as_json(integrity(house.store, links=LAST_LINKS)))

    @door.get("/traces/due")
    def due_for_erasure() -> Response:
        asked.only(request.args, "before", *PAGED)
        before = asked.shaped("before", request.args.get("before"))
        after, limit = asked.page_asked(request.args)
        page = due(house.store, before, after=after, limit=limit)
        told = retention_as_json(retention(house.store, before), before)
        return json_answer({**told, "traces": _headers(page), **_next(page)})

    @door.get("/traces/holds")
    def holds() -> Response:
        asked.only(request.args)
        return json_answer(holds_as_json(holds_in_force(house.store)))

    return door


def _headers(page: Page) -> list[Json]:
    return [header_as_json(header) for header in page.headers]


def _goes_on(page: Page) -> Mapping[str, int]:
    """What to send as ``after`` for the page that follows."""
    return {} if page.next_after is None else {"after": page.next_after}


def _next(page: Page) -> Mapping[str, str]:
    """The address of the page that follows."""
    if page.next_after is None:
        return {}
    return {"next": f"{request.path}?{urlencode({**request.args, 'after': page.next_after})}"}


def _day_after(day: str) -> str:
    try:
        return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    except (ValueError, OverflowError):
        raise InvalidRequest("The parameter on must be a day such as 2026-01-31.", "on") from None
