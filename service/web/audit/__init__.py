"""The audit pages: decisions, patients in time, rules, rulebooks, integrity and accesses, for people.

The same store as the audit door, and the same record of who read what. A patient is never named in an address.
"""

from __future__ import annotations

from flask import Blueprint, Response

from service.house import House
from service.pages import sources
from service.settings import Settings
from service.web.audit import decisions, integrity, one_decision, rulebook
from service.web.html_answers import pages_of, static_answer


def blueprint(house: House, settings: Settings) -> Blueprint:
    door = Blueprint("audit", __name__)
    page = pages_of(door, house)
    shelf = sources.Shelf(house)
    decisions.add_to(door, page, house, settings, shelf)
    one_decision.add_to(door, page, house, shelf)
    rulebook.add_to(door, page, house, shelf)
    integrity.add_to(door, page, house)

    @door.get("/audit/static/<name>")
    def audit_static(name: str) -> Response:
        return static_answer(name)

    return door
