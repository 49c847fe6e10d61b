"""Whether the process lives, whether it can do its work, and which rulebook it works with."""

from __future__ import annotations

from flask import Blueprint, Response

from rulesets import rulebook
from service.house import House
from service.web.answers import json_answer


def blueprint(house: House) -> Blueprint:
    door = Blueprint("health", __name__)
    thresholds = house.reasoners.usual.thresholds
    revision = house.revision(thresholds)
    printed = rulebook.as_data(thresholds, revision)

    @door.get("/healthz")
    def is_alive() -> Response:
        return json_answer({"status": "ok", "version": house.version})

    @door.get("/readyz")
    def is_ready() -> Response:
        # The rules were compiled before the first request; only the store can come and go.
        if not house.store.ready():
            answer = json_answer({"status": "not ready", "waiting_for": "the store of traces"}, 503)
            answer.headers["Retry-After"] = "5"
            return answer
        return json_answer({"status": "ready", "rulebook": revision.digest})

    @door.get("/rulebook")
    def whole_rulebook() -> Response:
        return json_answer(printed)

    return door
