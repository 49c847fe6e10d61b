"""The list of decisions with its filters, and the decisions about one patient in time."""

from __future__ import annotations

import re
from datetime import date, timedelta
from urllib.parse import urlencode

from flask import Blueprint, Response

from rulesets.rule import HOOKS
from rulesets.rulebook import RULES
from service.house import House
from service.pages import sources
from service.pages.lists import row_of
from service.pages.timeline import timeline_of
from service.problems import InvalidRequest
from service.settings import Settings
from service.web.audit.one_decision import RULE
from service.web.html_answers import Page, form_sent, parameters, trace_read

ROWS, MOMENTS = 50, 10
LONGEST_FORM = 4_096
LONGEST_PATIENT = 200
AFTER = re.compile(r"[1-9]\d{0,17}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_FILTERS = {
    "after": AFTER,
    "rule": RULE,
    "ruleOutcome": re.compile(r"fired|undetermined|suppressed|switched off"),
    "outcome": re.compile(r"success|refused|failed"),
    "hook": re.compile("|".join(HOOKS)),
    "client": re.compile(r".{1,200}"),
    "since": _DAY,
    "until": _DAY,
}
_RULE_IDS = [rule.id for rule in RULES]


def add_to(door: Blueprint, page: Page, house: House, settings: Settings, shelf: sources.Shelf) -> None:
    @door.get("/audit")
    def audit_decisions() -> Response:
        given = parameters(_FILTERS)
        asked = sources.Asked(
            rule=given.get("rule", ""),
            rule_outcome=given.get("ruleOutcome", "fired"),
            outcome=given.get("outcome", ""),
            hook=given.get("hook", ""),
            client=given.get("client", ""),
            since=given.get("since", ""),
            until=given.get("until", ""),
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
            rule_ids=_RULE_IDS,
        )

    @door.post("/audit/patient")
    def audit_patient() -> Response:
        """The decisions about a patient; with a rule, why it fired in each of them or did not."""
        sent = form_sent(settings, limit=LONGEST_FORM)
        patient, rule, day = (sent.get(name, "").strip() for name in ("patient", "rule", "day"))
        if not 1 <= len(patient) <= LONGEST_PATIENT:
            raise InvalidRequest("Name one patient, such as Patient/123.", "patient")
        if rule and not RULE.fullmatch(rule):
            raise InvalidRequest("Name a rule by its id, such as prognosis.good.", "rule")
        names = (patient,) if "/" in patient else (patient, f"Patient/{patient}")
        asked = sources.Asked(
            patients=tuple(house.patient_key(name) for name in names), since=day, until=_day_after(day) if day else ""
        )
        after = sent.get("after", "")
        if after and not AFTER.fullmatch(after):
            raise InvalidRequest("The number after which to go on is not one.", "after")
        found = sources.decisions(house.store, asked, after=int(after) if after else None, limit=MOMENTS)
        told = []
        for header in found.headers:
            read = trace_read(house, header.id, "POST /audit/patient")
            told.append((read.header, read.body))
        return page(
            "patient.html",
            here="Decisions",
            patient=patient,
            rule=rule,
            day=day,
            moments=timeline_of(told, shelf.rules_of, rule),
            after=str(found.next_after or ""),
        )


def _day_after(day: str) -> str:
    try:
        return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    except (ValueError, OverflowError):
        raise InvalidRequest("The day must be a date such as 2026-11-01.", "day") from None
