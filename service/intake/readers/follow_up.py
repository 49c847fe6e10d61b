"""Follow-ups: how the disease goes on, where, and what has come back."""

from __future__ import annotations

from dataclasses import dataclass

from rulesets.facts import mets
from rulesets.record import Source
from rulesets.thresholds import MAX_AGE_DAYS_IMAGING
from service.intake.chart import Chart
from service.intake.elements import objects
from service.intake.entries import Entry
from service.intake.moments import Moment
from service.intake.readers.results import Result, coded, not_understood, presence, source_of, state

LOCAL, REGIONAL, SOFT_TISSUE, ELSEWHERE, SOMEWHERE = "local", "regional", "soft_tissue", "distant", ""
"""Where something came back; SOMEWHERE when nobody says."""

_PARTS = {"course_of_primary": LOCAL, "course_of_nodes": REGIONAL, "course_of_metastases": ELSEWHERE}
_METASTASES = {
    "absent": "none", "recurred": "confirmed", "remaining": "confirmed", "progressing": "confirmed",
    "unchanged": "confirmed", "doubtful": "suspected",
}  # fmt: skip
_NO_PROGRESS = frozenset({"stable", "improved", "remission"})
_PROGRESS = frozenset({"worsened", "recurrence"})


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that came back, or a metastasis that nobody calls a recurrence (``marked`` false)."""

    kind: str
    at: Moment | None
    source: Source
    marked: bool = True


def read(chart: Chart, results: list[Result]) -> list[Event]:
    """States the spread that follow-ups tell, and gives back what they and stages say has come back."""
    events = []
    after_recurrence = {result.entry.reference for result in results if _is_symbol_of_recurrence(chart, result)}
    for result in results:
        kind = None
        if result.meaning in _PARTS:
            course = _one(chart, result, "disease-course")
            if result.meaning == "course_of_metastases" and course:
                state(chart, result, mets.status.name, _METASTASES[course], source_of(chart, result))
            kind = _PARTS[result.meaning] if course == "recurred" else None
        elif result.meaning == "disease_status" and _one(chart, result, "disease-status-values") == "recurrence":
            kind = SOMEWHERE
        elif result.meaning == "m_category" and _is_m1_after_recurrence(chart, result, after_recurrence):
            kind = ELSEWHERE
        if kind is not None:
            events.append(Event(kind=kind, at=result.at, source=source_of(chart, result)))
    return events


def read_progression(chart: Chart, results: list[Result]) -> None:
    """That the disease does not progress, by the last word on its status, when that is recent.

    How it progresses no status tells: a last word that it does leaves the pattern to a clinician, and
    takes back an earlier "none".
    """
    told = [(result, status) for result in results if (status := _progression(chart, result))]
    last = [
        (result, status)
        for result, status in told
        if not any(_is_before(result.at, other.at) for other, _ in told)
        and (result.at is not None or all(other.at is None for other, _ in told))
    ]
    name = mets.progression_pattern.name
    if last and {status for _, status in last} <= _NO_PROGRESS:
        for result, _ in last:
            if _is_recent(chart, result.at):
                state(chart, result, name, "none", source_of(chart, result))
            else:
                text = "This word on the course of the disease is too old to tell of the present."
                chart.say("not-recent", text, result.entry, result.element("value"))
    elif worse := [result.at for result, status in last if status in _PROGRESS]:
        chart.statements = [
            one
            for one in chart.statements
            if not (one.topic == name and one.value == "none" and any(_is_before(one.when, at) for at in worse))
        ]


def _progression(chart: Chart, result: Result) -> str:
    if result.meaning != "disease_status" or result.preliminary:
        return ""
    status = _one(chart, result, "disease-status-values")
    if not status:
        not_understood(chart, result)
    return status


def _one(chart: Chart, result: Result, map_name: str) -> str:
    matches = coded(chart, result, map_name)
    return matches[0].target if len(matches) == 1 else ""


def _is_recent(chart: Chart, at: Moment | None) -> bool:
    age = None if at is None else (chart.evaluation_date - at.first).days
    return age is not None and age <= chart.thresholds.number(MAX_AGE_DAYS_IMAGING)


def _is_m1_after_recurrence(chart: Chart, result: Result, after_recurrence: set[str]) -> bool:
    """Whether metastases were staged after a recurrence: by a prefix, or a symbol of the same classification."""
    if _one(chart, result, "m-values") != "m1":
        return False
    with_it = {member.reference for holder in chart.holders_of(result.entry) for member in _members_of(chart, holder)}
    return bool(coded(chart, result, "staging-symbols")) or bool(with_it & after_recurrence)


def _is_symbol_of_recurrence(chart: Chart, result: Result) -> bool:
    if result.meaning != "recurrence":
        return False
    return presence(chart, result) == "positive" or bool(coded(chart, result, "staging-symbols"))


def _members_of(chart: Chart, holder: Entry) -> list[Entry]:
    references = objects(holder.resource, "hasMember") + objects(holder.resource, "result")
    return [member for each in references if (member := chart.find(each, holder)) is not None]


def _is_before(one: Moment | None, other: Moment | None) -> bool:
    return one is not None and other is not None and one.is_before(other)
