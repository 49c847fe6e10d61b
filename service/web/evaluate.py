"""POST /evaluate: bundles and facts documents in; one result per patient out, or the same as a FHIR Bundle."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, request

from service import assess
from service.house import House
from service.settings import Settings
from service.web.answers import json_answer, note_trace
from service.web.arriving import arrival_of
from service.web.asked import FACTS_TOO, PARAMETERS, asked_by
from service.web.negotiation import FHIR, JSON, answer_type
from service.web.received import media_type, received, refuse_too_many

FACTS = "application/vnd.osteon.facts+json"


def blueprint(house: House, settings: Settings) -> Blueprint:
    door = Blueprint("evaluate", __name__)

    @door.post("/evaluate")
    def evaluate() -> Response:
        arrival = arrival_of(house)
        answers_as = answer_type(JSON, FHIR)
        sent_as = media_type(FHIR, JSON, FACTS)
        asked = asked_by(request.args.to_dict(flat=False), parameters=(*PARAMETERS, FACTS_TOO))
        body = received(settings, limit=int(settings.body_limit_bundle))
        refuse_too_many(body.document, settings.entries_limit)
        answer = assess.assess(
            house,
            assess.Request(
                kind="facts" if sent_as == FACTS else "bundle",
                document=body.document,
                digest=body.digest,
                hooks=asked.hooks,
                evaluation_date=asked.evaluation_date,
                mode=asked.mode,
                as_fhir=answers_as == FHIR,
                with_facts=asked.with_facts,
                arrival=replace(arrival, length=body.length),
            ),
        )
        if len(answer.results) == 1:
            note_trace(str(answer.results[0]["trace"]))
        if answers_as == FHIR:
            return json_answer(answer.bundle, media_type=FHIR)
        ignored = {"ignored": list(answer.ignored)} if answer.ignored else {}
        return json_answer({"results": list(answer.results), **ignored})

    return door
