"""The audit pages: decisions, patients in time, rules, rulebooks and integrity, for people.

The same store as the audit door, and the same record of who read what. A patient is never named in an address.
"""

from __future__ import annotations

import re
from urllib.parse import urlencode

from flask import Blueprint, Response

from rulesets.evidence import PAPER_LABEL, PAPER_URL
from rulesets.rule import HOOKS
from rulesets.rulebook import RULES
from service.house import House
from service.pages import sources
from service.pages.decision import decision_of
from service.pages.lists import row_of
from service.pages.rulebook import rule_page, rulebook_difference, share, threshold_lines, topics_of
from service.pages.rules import RuleTexts
from service.pages.timeline import timeline_of
from service.problems import InvalidRequest, NotFound
from service.settings import Settings
from service.traces.browsing import number_of_records
from service.traces.checkpoints import last_checkpoint
from service.traces.verify import ChainReport, verify_chain
from service.web.html_answers import (
    form_sent,
    pages_of,
    parameters,
    static_answer,
    stored_header_as_json,
    trace_read,
)

ROWS, MOMENTS = 50, 10
LONGEST_FORM = 4_096
LONGEST_PATIENT = 200
_DIGEST = re.compile(r"[0-9a-f]{64}")
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
    shelf = sources.Shelf(house)

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
            rule_ids=[rule.id for rule in RULES],
        )

    @door.get("/audit/traces/<trace>")
    def audit_decision(trace: str) -> Response:
        found = trace_read(house, trace, "GET /audit/traces/{trace}")
        rules = shelf.rules_of(found.header.get("rules"))
        decision = decision_of(stored_header_as_json(found), found.body, rules, is_erased=found.is_erased)
        return page("decision.html", here="Decisions", decision=decision)

    @door.post("/audit/patient")
    def audit_patient() -> Response:
        sent = form_sent(settings, limit=LONGEST_FORM)
        patient = sent.get("patient", "").strip()
        if not 1 <= len(patient) <= LONGEST_PATIENT:
            raise InvalidRequest("Name one patient, such as Patient/123.", "patient")
        names = (patient,) if "/" in patient else (patient, f"Patient/{patient}")
        asked = sources.Asked(patients=tuple(house.patient_key(name) for name in names))
        after = sent.get("after", "")
        if after and not _FILTERS["after"].fullmatch(after):
            raise InvalidRequest("The number after which to go on is not one.", "after")
        found = sources.decisions(house.store, asked, after=int(after) if after else None, limit=MOMENTS)
        told = []
        for header in found.headers:
            read = trace_read(house, header.id, "POST /audit/patient")
            told.append((read.header, read.body))
        texts = RuleTexts(shelf.in_force.rules, shelf.in_force.thresholds)
        return page(
            "patient.html",
            here="Decisions",
            patient=patient,
            moments=timeline_of(told, texts),
            after=str(found.next_after or ""),
        )

    @door.get("/audit/rules")
    def audit_rules() -> Response:
        parameters({})
        counted, current = sources.tally(house.store), shelf.in_force
        return page(
            "rules.html",
            here="Rules",
            total=len(current.rules),
            topics=topics_of(current.rules, counted.outcomes, counted.decisions),
            decisions=counted.decisions,
            thresholds=threshold_lines(current.thresholds),
            definitions=current.definitions,
            paper=PAPER_LABEL,
            paper_url=PAPER_URL,
        )

    @door.get("/audit/rules/<rule>")
    def audit_rule(rule: str) -> Response:
        parameters({})
        told = next((each for each in shelf.in_force.rules if each["id"] == rule), None)
        if told is None:
            raise NotFound("There is no rule of this id in the rulebook in force.")
        counted, months = sources.tally(house.store, rule), sources.months_of(house.store, rule)
        undetermined = counted.of(rule, "undetermined")
        newest = sources.decisions(house.store, sources.Asked(rule=rule), limit=10)
        return page(
            "rule.html",
            here="Rules",
            rule=rule_page(told, shelf.in_force.thresholds),
            tally=counted,
            fired=counted.of(rule, "fired"),
            undetermined=undetermined,
            share=share(undetermined, counted.decisions),
            months=months,
            most=max((each.fired + each.undetermined for each in months), default=1) or 1,
            feedback=sources.feedback_on(house.store, rule),
            rows=[row_of(header.header) for header in newest.headers],
        )

    @door.get("/audit/rulebooks")
    def audit_rulebooks() -> Response:
        parameters({})
        current = shelf.in_force.revision.digest
        came = {str(header.columns["rulebook"]): header for header in reversed(shelf.put_in_force())}
        digests = dict.fromkeys([current, *reversed(came)])
        rows = [
            {
                "digest": digest,
                "at": str(came[digest].columns["decided_at"]) if digest in came else "",
                "is_current": digest == current,
            }
            for digest in digests
        ]
        return page("rulebooks.html", here="Rulebooks", rulebooks=rows)

    @door.get("/audit/rulebooks/diff")
    def audit_rulebook_diff() -> Response:
        given = parameters({"a": _DIGEST, "b": _DIGEST})
        both = [shelf.rulebook(given.get(name, "")) for name in ("a", "b")]
        before, after = both
        if before is None or after is None:
            raise NotFound("A rulebook of this digest was never in force here; name two that were, as a and b.")
        change = rulebook_difference(
            (before.rules, before.definitions, before.thresholds),
            (after.rules, after.definitions, after.thresholds),
            terminology=before.revision.terminology != after.revision.terminology,
        )
        return page("rulebook_diff.html", here="Rulebooks", a=given["a"], b=given["b"], change=change)

    @door.get("/audit/integrity")
    def audit_integrity() -> Response:
        parameters({})
        return integrity(None)

    @door.post("/audit/integrity")
    def audit_verify() -> Response:
        notary = house.store.notary
        return integrity(verify_chain(house.store, verifiers=[notary.signer.verifier] if notary else ()))

    def integrity(report: ChainReport | None) -> Response:
        with house.store.reading() as connection:
            last = last_checkpoint(connection)
        notary = house.store.notary
        return page(
            "integrity.html",
            here="Integrity",
            report=report,
            records=number_of_records(house.store),
            checkpoint=last,
            verifier=str(notary.signer.verifier) if notary else "",
        )

    @door.get("/audit/static/<name>")
    def audit_static(name: str) -> Response:
        return static_answer(name)

    return door
