"""The feedback door of CDS Hooks: what became of the cards, several at once and as often as a client sends it.

A batch is taken whole or refused whole, with the place of the fault; since the same feedback is kept
once, a client may mend it and send all of it again. A card nobody knows is no fault: the answer names it.

Specification: https://cds-hooks.hl7.org, "Feedback"; invariants cds-fb-2 and -3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal

from flask import Blueprint, Response

from service.clients.cards import hooks_offered
from service.house import House
from service.problems import InvalidRequest, TooMany, UnknownService
from service.settings import Settings
from service.traces.feedback import Given, Taken, take_feedback
from service.web.answers import json_answer
from service.web.arriving import arrival_of
from service.web.hooks import SERVICES, asking
from service.web.moments import moment_in
from service.web.received import media_type, received

EXTENSION = "org.osteon.feedback"
MOST_AT_ONCE = 100
MOST_SUGGESTIONS = 100
LONGEST_NAME = 250
LONGEST_COMMENT = 10_000

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")


def blueprint(house: House, settings: Settings) -> Blueprint:
    """To be put inside the CDS Hooks doors, whose tokens and origins are asked for here as well."""
    door = Blueprint("feedback", __name__)

    @door.post("/cds-services/<service>/feedback")
    def give(service: str) -> Response:
        if SERVICES.get(service) not in hooks_offered(asking()):
            raise UnknownService()
        arrival = arrival_of(house)
        media_type("application/json")
        body = received(settings, limit=int(settings.body_limit_hook))
        given = tuple(given_in(body.document))
        taken = take_feedback(
            house.store,
            given,
            at=arrival.received_at,
            new_id=house.new_id,
            service=service,
            caller=arrival.caller,
        )
        return json_answer({"extension": {EXTENSION: told(taken)}})

    return door


def told(taken: Taken) -> dict[str, object]:
    """What was done, as the answer says it; the specification leaves the body of the answer open."""
    counts: dict[str, object] = {"kept": taken.kept, "repeated": taken.repeated}
    return {**counts, "unknownCards": list(taken.unknown)} if taken.unknown else counts


def given_in(document: object) -> Iterator[Given]:
    """Each piece of feedback in a request. Raises InvalidRequest, which names the place, or TooMany."""
    batch = document.get("feedback") if isinstance(document, Mapping) else None
    if not isinstance(batch, list) or not batch:
        raise InvalidRequest("Send a JSON object whose feedback is an array of one piece or more.", "feedback")
    if len(batch) > MOST_AT_ONCE:
        raise TooMany(f"There are more than {MOST_AT_ONCE} pieces of feedback; send fewer at a time.", "feedback")
    for number, each in enumerate(batch):
        yield _given(each, f"feedback[{number}]")


def _given(sent: object, place: str) -> Given:
    if not isinstance(sent, dict):
        raise InvalidRequest("A piece of feedback is a JSON object.", place)
    card, outcome = sent.get("card"), _outcome(sent.get("outcome"), f"{place}.outcome")
    if not isinstance(card, str) or not _UUID.fullmatch(card):
        raise InvalidRequest("card must be the uuid of a card.", f"{place}.card")
    _check_suggestions(sent, outcome, place)
    if "extension" in sent and not (isinstance(sent["extension"], dict) and sent["extension"]):
        raise InvalidRequest("extension must be a JSON object that is not empty.", f"{place}.extension")
    return Given(
        card=card.lower(),
        outcome=outcome,
        reason=_reason(sent, place),
        given_at=_moment(sent.get("outcomeTimestamp"), f"{place}.outcomeTimestamp"),
        document=_keepable({**sent, "card": card.lower()}),
    )


def _keepable(sent: Any) -> Any:
    """The same with whole numbers of more than 64 bits as Decimal, which canonical JSON writes by their digits."""
    if isinstance(sent, dict):
        return {name: _keepable(value) for name, value in sent.items()}
    if isinstance(sent, list):
        return [_keepable(value) for value in sent]
    return Decimal(sent) if isinstance(sent, int) and sent.bit_length() > 63 else sent


def _outcome(sent: object, place: str) -> Literal["accepted", "overridden"]:
    if sent == "accepted":
        return "accepted"
    if sent == "overridden":
        return "overridden"
    raise InvalidRequest("outcome must be accepted or overridden.", place)


def _check_suggestions(sent: Mapping[str, Any], outcome: str, place: str) -> None:
    """Which suggestions were taken, asked for when some were: invariant cds-fb-2."""
    if outcome != "accepted" and "acceptedSuggestions" not in sent:
        return
    chosen, place = sent.get("acceptedSuggestions"), f"{place}.acceptedSuggestions"
    if not isinstance(chosen, list) or not 1 <= len(chosen) <= MOST_SUGGESTIONS:
        raise InvalidRequest(
            f"acceptedSuggestions must be an array of 1 to {MOST_SUGGESTIONS} objects with an id.", place
        )
    for number, each in enumerate(chosen):
        _text(each.get("id") if isinstance(each, dict) else None, LONGEST_NAME, f"{place}[{number}].id")


def _reason(sent: Mapping[str, Any], place: str) -> str:
    """The coded reason of an override as ``system|code``, empty when none was coded: invariant cds-fb-3."""
    if "overrideReason" not in sent:
        return ""
    why, place = sent["overrideReason"], f"{place}.overrideReason"
    if not isinstance(why, dict) or not why.keys() & {"reason", "userComment"}:
        raise InvalidRequest("overrideReason must be an object with a reason or a userComment.", place)
    if "userComment" in why:
        _text(why["userComment"], LONGEST_COMMENT, f"{place}.userComment")
    if "reason" not in why:
        return ""
    coding, place = why["reason"], f"{place}.reason"
    if not isinstance(coding, dict):
        raise InvalidRequest("reason must be a Coding with system and code.", place)
    system = _text(coding.get("system"), LONGEST_NAME, f"{place}.system")
    if not URI.fullmatch(system):
        raise InvalidRequest("system must be a URI.", f"{place}.system")
    code = _text(coding.get("code"), LONGEST_NAME, f"{place}.code")
    if "display" in coding:
        _text(coding["display"], LONGEST_NAME, f"{place}.display")
    return f"{system}|{code}"


def _text(sent: object, longest: int, place: str) -> str:
    if not isinstance(sent, str) or not sent or len(sent) > longest:
        raise InvalidRequest(f"This must be a text of 1 to {longest} characters.", place)
    return sent


def _moment(sent: object, place: str) -> str:
    try:
        return moment_in(sent)
    except ValueError:
        raise InvalidRequest("outcomeTimestamp must be a moment such as 2026-11-01T09:30:00Z.", place) from None
