"""POST /traces/erase: the clinical part of a decision, or of all there is of a patient, is erased for good.

The patient stands in the body, never in an address. Who asked and on what ground is an event.
"""

from __future__ import annotations

from typing import Any, cast, get_args

from flask import Blueprint, Response

from service.house import House
from service.problems import InvalidRequest, NotFound
from service.settings import Settings
from service.traces.erasure import Ground, erase
from service.traces.holds import Subject
from service.web.answers import json_answer
from service.web.authentication import caller
from service.web.received import media_type, received

GROUNDS: tuple[str, ...] = tuple(ground for ground in get_args(Ground) if ground != "retention")
MOST_BYTES = 4096
LONGEST_NAME = 300


def blueprint(house: House, settings: Settings) -> Blueprint:
    door = Blueprint("erasing", __name__)

    @door.post("/traces/erase", endpoint="erase")
    def erase_traces() -> Response:
        media_type("application/json")
        subject, ground = _asked(house, received(settings, limit=MOST_BYTES).document)
        erased = erase(house.store, subject, ground=ground, id=house.new_id(), at=house.moment(), caller=caller())
        if not erased.bodies:
            raise NotFound("There is nothing to erase.")
        return json_answer({"erased": erased.bodies, "overwritten": erased.overwritten})

    return door


def _asked(house: House, document: Any) -> tuple[Subject, Ground]:
    """What is to be erased, and why. Raises InvalidRequest, which names the element."""
    if not isinstance(document, dict) or document.keys() - {"decision", "patient", "ground"}:
        raise InvalidRequest("Send a JSON object with decision or patient, and ground.")
    ground = document.get("ground")
    if ground not in GROUNDS:
        raise InvalidRequest(f"ground must be one of {', '.join(GROUNDS)}.", "ground")
    named = document.keys() & {"decision", "patient"}
    if len(named) != 1:
        raise InvalidRequest("Name one: decision by its id, or patient by a reference such as Patient/123.")
    [about] = named
    name = document[about]
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        raise InvalidRequest(f"{about} must be text.", about)
    if about == "decision":
        return Subject(about="decision", name=name), cast(Ground, ground)
    return Subject(about="patient", name=house.keys.patient(name)), cast(Ground, ground)
