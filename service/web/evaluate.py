"""POST /evaluate: bundles and facts documents in, one result per patient out."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, request

from rulesets.rule import HOOKS, Hook
from service import assess
from service.house import House
from service.problems import InvalidRequest, UnknownHook
from service.settings import Settings
from service.web.answers import json_answer, note_trace
from service.web.received import media_type, mode_asked, received, refuse_too_many

FACTS = "application/vnd.osteon.facts+json"
FHIR = "application/fhir+json"
PARAMETERS = ("evaluationDate", "hook", "mode")


def blueprint(house: House, settings: Settings) -> Blueprint:
    door = Blueprint("evaluate", __name__)

    @door.post("/evaluate")
    def evaluate() -> Response:
        sent_as = media_type(FHIR, "application/json", FACTS)
        _refuse_unknown_parameters()
        on, hooks, mode = _evaluation_date(), _hooks(), mode_asked()
        body = received(settings, limit=int(settings.body_limit_bundle))
        refuse_too_many(body.document, settings.entries_limit)
        answer = assess.assess(
            house,
            assess.Request(
                kind="facts" if sent_as == FACTS else "bundle",
                document=body.document,
                digest=body.digest,
                hooks=hooks,
                evaluation_date=on,
                mode=mode,
            ),
        )
        if len(answer.results) == 1:
            note_trace(str(answer.results[0]["trace"]))
        return json_answer({"results": list(answer.results)})

    return door


def _refuse_unknown_parameters() -> None:
    if set(request.args) - set(PARAMETERS):
        raise InvalidRequest(f"The parameters of this address are {', '.join(PARAMETERS)}.")


def _evaluation_date() -> date | None:
    given = request.args.getlist("evaluationDate")
    if not given:
        return None
    try:
        [text] = given
        if len(text) != 10:
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidRequest("evaluationDate must be one date such as 2026-11-01.", "evaluationDate") from None


def _hooks() -> tuple[Hook, ...] | None:
    """The hooks asked for, in their usual order; None for all of them."""
    given = {hook.strip() for text in request.args.getlist("hook") for hook in text.split(",")}
    if given - set(HOOKS):
        raise UnknownHook(expression="hook")
    return tuple(hook for hook in HOOKS if hook in given) or None
