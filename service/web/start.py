"""The first page: what this is, in which version, and where to go. It holds no data and asks nobody who they are."""

from __future__ import annotations

from flask import Blueprint, Response

from rulesets.evidence import PAPER_LABEL, PAPER_URL
from service.house import House
from service.web.html_answers import pages_of


def blueprint(house: House) -> Blueprint:
    door = Blueprint("start", __name__)
    page = pages_of(door, house)
    digest = house.revision(house.reasoners.usual.thresholds).digest
    rules = len(house.reasoners.usual.rulebook.rules)

    @door.get("/")
    def first_page() -> Response:
        return page("start.html", digest=digest, rules=rules, paper=PAPER_LABEL, paper_url=PAPER_URL)

    return door
