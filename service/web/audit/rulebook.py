"""The rulebook in force for reading, one rule with what became of it, and the difference of two rulebooks."""

from __future__ import annotations

import re

from flask import Blueprint, Response

from rulesets.evidence import PAPER_LABEL, PAPER_URL
from service.house import House
from service.pages import sources
from service.pages.lists import row_of
from service.pages.rulebook import rule_page, share, threshold_lines, topics_of
from service.pages.rulebook_difference import shown_difference
from service.pages.told_of_cards import answers_of
from service.problems import NotFound
from service.replay.difference import difference
from service.web.html_answers import Page, parameters

_DIGEST = re.compile(r"[0-9a-f]{64}")


def add_to(door: Blueprint, page: Page, house: House, shelf: sources.Shelf) -> None:
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
            answers=answers_of(sources.answers_to(house.store, rule), house.card_options.override_reasons),
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
        before, after = (shelf.rulebook(given.get(name, "")) for name in ("a", "b"))
        if before is None or after is None:
            raise NotFound("A rulebook of this digest was never in force here; name two that were, as a and b.")
        change = shown_difference(difference(before, after), before, after)
        return page("rulebook_diff.html", here="Rulebooks", a=given["a"], b=given["b"], change=change)
