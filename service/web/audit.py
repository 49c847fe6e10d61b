"""The audit pages: decisions, patients in time, rules, rulebooks and integrity, for people.

The same store as the audit door, and the same record of who read what. A patient is never named in an address.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlencode

from flask import Blueprint, Response

from rulesets.rule import HOOKS
from rulesets.rulebook import RULES
from service.house import House
from service.pages import sources
from service.pages.decision import decision_of
from service.pages.lists import row_of
from service.settings import Settings
from service.web.html_answers import (
    pages_of,
    parameters,
    static_answer,
    stored_header_as_json,
    trace_read,
)

ROWS = 50
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_FILTERS = {
    "after": re.compile(r"[1-9]\d{0,17}"),
    "rule": re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*"),
    "ruleOutcome": re.compile(r"fired|undetermined|suppressed|switched off"),
    "outcome": re.compile(r"success|refused|failed"),
    "hook": re.compile("|".join(HOOKS)),
    "client": re.compile(r".{1,200}"),
    "since": _DAY,
    "until": _DAY,
}


def blueprint(house: House, settings: Settings) -> Blueprint:
    door = Blueprint("audit", __name__)
    page = pages_of(door, house)

    @door.get("/audit")
    def audit_decisions() -> Response:
        given = parameters(_FILTERS)
        asked = sources.Asked(
            rule=given.get("rule", ""),
            rule_outcome=given.get("ruleOutcome", "fired"),
            **{name: given.get(name, "") for name in ("outcome", "hook", "client", "since", "until")},
        )
        found = sources.decisions(house.store, asked, after=int(given.get("after", 0)) or None, limit=ROWS)
        older = {**given, "after": str(found.next_after)}
        return page(
            "decisions.html",
            here="Decisions",
            asked=asked,
            rows=[row_of(header.header) for header in found.headers],
            next=f"/audit?{urlencode(older)}" if found.next_after is not None else "",
            hooks=HOOKS,
            rule_ids=[rule.id for rule in RULES],
        )

    @door.get("/audit/traces/<trace>")
    def audit_decision(trace: str) -> Response:
        found = trace_read(house, trace, "GET /audit/traces/{trace}")
        rules = sources.rules_of(house, found.header.get("rules"))
        decision = decision_of(stored_header_as_json(found), found.body, rules, is_erased=found.is_erased)
        return page("decision.html", here="Decisions", decision=decision)

    @door.get("/audit/static/<name>")
    def audit_static(name: str) -> Response:
        return static_answer(name)

    return door
