"""Try it: an example or a pasted document, judged like any other, and then a fact changed.

What is judged here is kept as a trace and shown from that trace, so that a page can be opened again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from flask import Blueprint, Response

from service import assess
from service.canonical import dumps
from service.house import House
from service.pages import sources
from service.pages.changed_document import document_of
from service.pages.decision import TRY_IT, decision_of
from service.pages.differences import difference
from service.pages.examples import example, examples
from service.pages.fact_form import form_of, not_carried
from service.pages.rules import RuleTexts
from service.problems import InvalidRequest, NotFound, Problem
from service.record_json import Json
from service.settings import Settings
from service.traces.stored import StoredTrace
from service.web.arriving import arrival_of
from service.web.authentication import require
from service.web.html_answers import (
    TRACE_ID,
    form_sent,
    pages_of,
    parameters,
    stored_header_as_json,
    trace_read,
)
from service.web.json_in import json_in
from service.web.received import refuse_too_many

_FROM = {"from": TRACE_ID}
LONGEST_ESCAPE = 3  # a byte in a form is at most three
_HERE = "Try it"


def blueprint(house: House, settings: Settings) -> Blueprint:
    door = Blueprint("trying", __name__)
    page = pages_of(door, house)
    shelf = sources.Shelf(house)

    @door.get("/audit/try")
    def try_it() -> Response:
        parameters({})
        return page("try.html", here=_HERE, examples=examples(), text="", day="", issues=())

    @door.post("/audit/try")
    def try_a_document() -> Response:
        sent = form_sent(settings, limit=int(settings.body_limit_bundle) * LONGEST_ESCAPE)
        try:
            answer = assess.assess(house, _request(house, settings, sent))
        except Problem as fault:
            if fault.status >= 500:
                raise
            shown = {"text": sent.get("document", ""), "day": sent.get("evaluationDate", "")}
            return page("try.html", here=_HERE, status=fault.status, examples=examples(), issues=fault.issues, **shown)
        traces = [str(result["trace"]) for result in answer.results]
        if len(traces) == 1:
            return _to(traces[0])
        rows = [
            {"trace": trace, "patient": result["patient"], "cards": len(result["cards"])}
            for trace, result in zip(traces, answer.results, strict=True)
        ]
        return page("tried_many.html", here=_HERE, rows=rows)

    @door.get("/audit/try/<trace>")
    def tried(trace: str) -> Response:
        require("traces.body")
        before = parameters(_FROM).get("from", "")
        found = trace_read(house, trace, "GET /audit/try/{trace}")
        earlier = trace_read(house, before, "GET /audit/try/{trace}") if before else None
        return shown(found, earlier)

    @door.post("/audit/try/<trace>")
    def try_a_change(trace: str) -> Response:
        require("traces.body")
        sent = form_sent(settings, limit=int(settings.body_limit_hook))
        found = trace_read(house, trace, "POST /audit/try/{trace}")
        document = document_of(_body(found), sent)
        digest = hashlib.sha256(dumps(document)).hexdigest()
        request = assess.Request(
            kind="facts", document=document, digest=digest, service=TRY_IT, arrival=arrival_of(house)
        )
        try:
            answer = assess.assess(house, request)
        except Problem as fault:
            if fault.status >= 500:
                raise
            return shown(found, None, fault)
        return _to(str(answer.results[0]["trace"]), before=trace)

    def shown(found: StoredTrace, earlier: StoredTrace | None, fault: Problem | None = None) -> Response:
        body, rules = _body(found), shelf.rules_of(found.header.get("rules"))
        change = None
        if earlier is not None:
            change = difference(_body(earlier), body, RuleTexts(rules, body.get("thresholds") or {}))
        return page(
            "tried.html",
            here=_HERE,
            status=200 if fault is None else fault.status,
            decision=decision_of(stored_header_as_json(found), body, rules, is_erased=False),
            change=change,
            earlier="" if earlier is None else earlier.id,
            form=form_of(body),
            not_carried=not_carried(body),
            issues=() if fault is None else fault.issues,
        )

    return door


def _to(trace: str, before: str = "") -> Response:
    """On to the page of a decision that was just made; ``before`` is the one whose facts were changed."""
    asked = f"?from={before}" if before else ""
    return Response(status=303, headers={"Location": f"/audit/try/{trace}{asked}"})


def _body(found: StoredTrace) -> Json:
    """The body of a decision that was made. Raises NotFound for one that was erased or failed."""
    body = found.body
    if body is None or "result" not in body:
        raise NotFound("This decision has no facts any more, or no answer; there is nothing to change.")
    return body


def _request(house: House, settings: Settings, sent: Mapping[str, str]) -> assess.Request:
    """What a form asks: one of the examples, or the document that was pasted."""
    arrival = arrival_of(house)
    if name := sent.get("example", ""):
        chosen = example(name)
        if chosen is None:
            raise InvalidRequest("There is no example of this name; the page lists those there are.", "example")
        text, day = chosen.text, chosen.evaluation_date
    else:
        text, day = sent.get("document", ""), sent.get("evaluationDate", "")
    body = text.encode()
    if len(body) > settings.body_limit_bundle:
        raise InvalidRequest("The document is larger than this service accepts; send less at a time.", "document")
    document = json_in(body, depth_limit=settings.depth_limit)
    refuse_too_many(document, settings.entries_limit)
    is_facts = isinstance(document, dict) and "resourceType" not in document
    return assess.Request(
        kind="facts" if is_facts else "bundle",
        document=document,
        digest=hashlib.sha256(body).hexdigest(),
        evaluation_date=_day(day),
        service=TRY_IT,
        arrival=replace(arrival, length=len(body)),
    )


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else date.fromisoformat("")
    except ValueError:
        raise InvalidRequest("The day must be a date such as 2026-11-01.", "evaluationDate") from None
