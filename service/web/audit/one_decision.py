"""One decision: shown, made again, and carried away in one of three forms. Each of them is recorded."""

from __future__ import annotations

import re
from datetime import datetime

from flask import Blueprint, Response

from service.canonical import dumps
from service.fhir_out.answer import bundle_of
from service.fhir_out.decision import Stamp
from service.fhir_out.guard import fault_in
from service.fhir_out.kept import kept_decision
from service.house import House
from service.one_page import one_page
from service.pages.again import Again, again_of
from service.pages.decision import decision_of
from service.pages.sources import Shelf
from service.problems import NotFound
from service.replay.decision import replay_of
from service.traces.stored import StoredTrace
from service.traces.telling import tell_read, tell_replay
from service.web.arriving import arrival_of
from service.web.html_answers import Page, parameters, stored_header_as_json, trace_found, trace_read
from service.web.traces import trace_as_json

RULE = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_HERE = "Decisions"
_AGAIN = "POST /audit/traces/{trace}"


def add_to(door: Blueprint, page: Page, house: House, shelf: Shelf) -> None:
    @door.get("/audit/traces/<trace>")
    def audit_decision(trace: str) -> Response:
        asked = parameters({"rule": RULE}).get("rule", "")
        return shown(trace_read(house, trace, "GET /audit/traces/{trace}"), asked=asked)

    @door.post("/audit/traces/<trace>")
    def audit_decide_again(trace: str) -> Response:
        found = trace_found(house, trace)
        with house.turn:
            again = replay_of(house, found)
        caller, at = arrival_of(house).caller, house.moment()
        tell_replay(
            house.store,
            found,
            verdict=again.verdict,
            differences=again.differences,
            rulebook=str(found.header["rulebook"]),
            id=house.new_id(),
            at=at,
            caller=caller,
        )
        tell_read(house.store, found, through=_AGAIN, id=house.new_id(), at=at, caller=caller)  # the page shows it all
        return shown(found, again=again_of(again))

    @door.get("/audit/traces/<trace>/as/<form>")
    def audit_decision_as(trace: str, form: str) -> Response:
        write = _FORMS.get(form)
        if write is None:
            raise NotFound(f"A decision is written as one of {', '.join(_FORMS)}.")
        found = trace_read(house, trace, f"GET /audit/traces/{{trace}}/as/{form}")
        content, media_type, ending = write(house, found)
        answer = Response(content, content_type=media_type)
        answer.headers["Content-Disposition"] = f'attachment; filename="osteon-{found.id}.{ending}"'
        return answer

    def shown(found: StoredTrace, *, asked: str = "", again: Again | None = None) -> Response:
        rules = shelf.rules_of(found.header.get("rules"))
        header = stored_header_as_json(found)
        decision = decision_of(header, found.body, rules, is_erased=found.is_erased, asked=asked)
        if asked and decision.asked_rule is None and found.body is not None:
            raise NotFound("The trace of this decision tells nothing of a rule of this id.")
        return page("decision.html", here=_HERE, decision=decision, again=again)


Written = tuple[bytes, str, str]
"""The content, its media type, and how the name of a file of it ends."""


def _as_json(house: House, found: StoredTrace) -> Written:
    return dumps(trace_as_json(found)), "application/json", "json"


def _as_markdown(house: House, found: StoredTrace) -> Written:
    return one_page(stored_header_as_json(found), found.body).encode(), "text/markdown; charset=utf-8", "md"


def _as_fhir(house: House, found: StoredTrace) -> Written:
    """What was kept of it as resources; drafts and issues of the answer are not written again."""
    header, templates = stored_header_as_json(found), house.terminology.answers
    stamp = Stamp(
        trace=found.id,
        at=datetime.fromisoformat(str(header["decided_at"])),
        version=str(header["service_version"]),
        request=str(header["request_digest"]),
    )
    try:
        bundle = bundle_of([(stamp, kept_decision(header, found.body, stamp, templates))], templates)
        faulty = any(fault_in(entry["resource"]) for entry in bundle["entry"])
    except (AttributeError, KeyError, TypeError, ValueError):  # of a body that is not of its kind
        faulty = True
    if faulty:
        raise NotFound("What was kept of this decision does not make valid FHIR R4.")
    return dumps(bundle), "application/fhir+json", "fhir.json"


_FORMS = {"json": _as_json, "markdown": _as_markdown, "fhir": _as_fhir}
