"""What became of the cards, counted: ``GET /stats``, and the document ``osteon stats`` prints as well."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import TypeVar

from flask import Blueprint, Response, request

from service.house import House
from service.problems import InvalidRequest
from service.record_json import Json
from service.trace import DECISIONS
from service.traces.stats import DIMENSIONS, Dimension, Stats, Tally, Window, stats
from service.web.answers import json_answer
from service.web.moments import day_or_moment_in

USUAL_DAYS = 30
MOST_GROUPS = 500
PARAMETERS = ("by", "since", "until", "kind", *DIMENSIONS)
VALUE = r"[^\x00-\x1f\x7f]{1,200}"
Word = TypeVar("Word", bound=str)


def blueprint(house: House) -> Blueprint:
    door = Blueprint("stats", __name__)

    @door.get("/stats")
    def counted() -> Response:
        given = _parameters()
        by = _one_of("by", given, DIMENSIONS, "rule")
        window = window_asked(given, house.today())
        return json_answer(as_json(stats(house.store, window, by), window, by))

    return door


def window_asked(given: Mapping[str, str], today: date) -> Window:
    """The window that parameters ask for; of the last days when it has no beginning.

    Raises InvalidRequest.
    """
    usual = (today - timedelta(days=USUAL_DAYS)).isoformat()
    only = {name: given[name] for name in DIMENSIONS if name in given}
    for name, value in only.items():
        if not re.fullmatch(VALUE, value):
            raise InvalidRequest(f"The parameter {name} must be a name of at most 200 characters.", name)
    return Window(
        since=_moment("since", given.get("since", usual)),
        until=_moment("until", given["until"]) if "until" in given else "",
        kind=_one_of("kind", given, DECISIONS, "hook"),
        only=only,
    )


def as_json(found: Stats, window: Window, by: Dimension) -> Json:
    """The document: what was asked, the total, and the groups, of which the least shown are left out when many."""
    groups = list(found.groups.items())
    document: Json = {
        "asked": {"by": by, "kind": window.kind, "since": window.since, **dict(window.only)},
        "total": _tally(found.total),
        "groups": [{by: value or None, **_tally(tally)} for value, tally in groups[:MOST_GROUPS]],
        "aboutUnknownCards": found.unknown,
    }
    if window.until:
        document["asked"]["until"] = window.until
    if len(groups) > MOST_GROUPS:
        document["groupsLeftOut"] = len(groups) - MOST_GROUPS
    return document


def _tally(tally: Tally) -> Json:
    return {
        "shown": tally.shown,
        "answered": tally.answered,
        "accepted": tally.accepted,
        "overridden": tally.overridden,
        "unanswered": tally.unanswered,
        "reasons": [{"reason": reason or None, "overridden": count} for reason, count in tally.reasons.items()],
        "medianSeconds": tally.median_seconds,
    }


def _parameters() -> dict[str, str]:
    """The parameters of the request at hand. Raises InvalidRequest."""
    if set(request.args) - set(PARAMETERS):
        raise InvalidRequest(f"The parameters of this address are {', '.join(PARAMETERS)}.")
    for name, values in request.args.lists():
        if len(values) > 1 or not values[0]:
            raise InvalidRequest(f"The parameter {name} must be given once and have a value.", name)
    return request.args.to_dict()


def _one_of(name: str, given: Mapping[str, str], words: tuple[Word, ...], otherwise: Word) -> Word:
    found = [word for word in words if word == given.get(name, otherwise)]
    if not found:
        raise InvalidRequest(f"The parameter {name} must be one of {', '.join(words)}.", name)
    return found[0]


def _moment(name: str, given: str) -> str:
    try:
        return day_or_moment_in(given)
    except ValueError:
        raise InvalidRequest(f"{name} must be a day or a moment such as 2026-11-01T09:30:00Z.", name) from None
