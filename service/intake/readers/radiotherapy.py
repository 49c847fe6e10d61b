"""Radiotherapy: courses from the procedures that gave them and the requests that plan them.

A course is one member per treated volume, for doses to different volumes are never added up. The
sessions of one course are one course, its phases and its prescription are not courses of their
own, and what a request planned is replaced by what was given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from rulesets.record import Fact, Member, Source
from service.intake.chart import Aim, Chart, members
from service.intake.elements import extensions, objects
from service.intake.entries import Entry, holder_of
from service.intake.moments import Moment
from service.intake.readers.prescriptions import intent_in_words, prescription, site_in_words
from service.intake.readers.techniques import one_technique, technique_by_dose
from service.intake.readers.therapies import Techniques, Therapy, courses, leading, therapy_in, times
from service.intake.readers.volumes import FRACTIONS, Volume, count, sites, volume_extensions, volumes
from service.intake.terminology import Match

LONGEST_PAUSE = timedelta(days=14)
"""Single sessions further apart than this are two courses."""

_STATES: Mapping[tuple[str, str], str] = {
    ("Procedure", "preparation"): "planned",
    ("Procedure", "in-progress"): "in_progress",
    ("Procedure", "on-hold"): "on_hold",
    ("Procedure", "completed"): "completed",
    ("Procedure", "stopped"): "completed",
    ("Procedure", "not-done"): "cancelled",
    ("ServiceRequest", "draft"): "planned",
    ("ServiceRequest", "active"): "planned",
    ("ServiceRequest", "on-hold"): "on_hold",
    ("ServiceRequest", "completed"): "completed",
    ("ServiceRequest", "revoked"): "cancelled",
}
_DOSE_IN_TEXT = re.compile(r"\d\s*c?(?:gy|gray)\b", re.IGNORECASE)


def read(chart: Chart) -> None:
    therapies = [
        one for entry in chart.of("Procedure", "ServiceRequest") if (one := therapy_in(chart, entry)) is not None
    ]
    sessions: list[tuple[Therapy, Moment]] = []
    for group in courses(chart, therapies):
        session = _single_session(group)
        if session is not None:
            sessions.append(session)
        else:
            chart.courses += _members(chart, group)
    for run in _runs(sessions):
        chart.courses += _course_of_sessions(chart, run)


# --- sessions ----------------------------------------------------------------------------------------------


def _single_session(group: list[Therapy]) -> tuple[Therapy, Moment] | None:
    """A procedure of one day without a dose: a session, of which a course has many."""
    if len(group) != 1 or group[0].entry.kind != "Procedure":
        return None
    if group[0].entry.resource.get("status") not in ("completed", "in-progress"):
        return None
    entry = group[0].entry
    if "extension" in entry.resource and (
        volume_extensions(entry) or extensions(entry.resource, *FRACTIONS, "strahlentherapie-bestrahlung")
    ):
        return None
    start, end, _ = times(entry)
    at = start or end
    if group[0].entry.resource["status"] == "in-progress" and "performedPeriod" in entry.resource:
        return None  # A course that is under way since then.
    if at is None or at.day is None or (end is not None and end.day != at.day):
        return None
    return group[0], at


def _runs(sessions: list[tuple[Therapy, Moment]]) -> list[list[tuple[Therapy, Moment]]]:
    """Sessions of one code, site and reason that follow one another without a long pause."""
    alike: dict[str, list[tuple[Therapy, Moment]]] = {}
    for therapy, at in sessions:
        resource = therapy.entry.resource
        said = [resource.get(element) for element in ("code", "bodySite", "reasonCode", "reasonReference")]
        alike.setdefault(repr(said), []).append((therapy, at))
    runs: list[list[tuple[Therapy, Moment]]] = []
    for said_alike in sorted(alike):
        previous: Moment | None = None
        for therapy, at in sorted(alike[said_alike], key=lambda pair: (pair[1].first, pair[0].entry.reference)):
            if previous is None or at.first - previous.first > LONGEST_PAUSE:
                runs.append([])
            runs[-1].append((therapy, at))
            previous = at
    return runs


def _course_of_sessions(chart: Chart, run: list[tuple[Therapy, Moment]]) -> list[Member]:
    first, last = run[0], run[-1]
    (member,) = _members(chart, [first[0]])
    chart.made_of[member.key] = frozenset(therapy.entry.reference for therapy, _ in run)
    facts = dict(member.facts)
    if len(run) > 1:
        text = f"{len(run)} sessions that follow one another were read as one course of unknown dose."
        chart.say("sessions", text, first[0].entry)
        running = [therapy for therapy, _ in run if therapy.entry.resource.get("status") == "in-progress"]
        days = [("rt.start_day", first), ("rt.end_day", last)]
        if running:
            del days[1]
            facts.pop("rt.end_day", None)
            source = chart.source(running[-1].entry, "status", match=running[-1].match, value="in-progress")
            _put(chart, facts, "rt.status", "in_progress", source)
        elif last[1].last >= chart.evaluation_date - LONGEST_PAUSE:
            del days[1]
            facts.pop("rt.end_day", None)
            facts.pop("rt.status", None)
            text = "The last session is so recent that more may follow; whether the course is over is unknown."
            chart.say("sessions", text, last[0].entry, "performed")
        for name, (therapy, at) in days:
            source = chart.source(therapy.entry, "performed", at=at, value=at.text)
            _put(chart, facts, name, chart.day(at), source)
    return [Member(key=member.key, facts=members(facts))]


# --- one course ----------------------------------------------------------------------------------------------


def _members(chart: Chart, group: list[Therapy]) -> list[Member]:
    speaking, planned = leading(group)
    found = [member for therapy in speaking for member in _members_of(chart, therapy, planned)]
    silent = {one.entry.reference for one in group} - {one.entry.reference for one in speaking}
    for member in found:
        chart.made_of[member.key] = frozenset({holder_of(member.key), *silent})
    return found


def _members_of(chart: Chart, therapy: Therapy, planned: Therapy | None) -> Iterator[Member]:
    entry = therapy.entry
    facts: dict[str, Fact] = {}
    state = _state(chart, entry)
    if state is not None:
        status = str(entry.resource.get("status"))
        _put(chart, facts, "rt.status", state, chart.source(entry, "status", match=therapy.match, value=status))
    _put_intent(chart, facts, entry)
    _put_setting(chart, facts, entry)
    # What is still being given has the dose it was planned with; what was given, the dose given.
    dosed = planned if planned is not None and state in ("planned", "in_progress", "on_hold") else None
    treated = (volumes(chart, dosed.entry) if dosed is not None else []) or volumes(chart, entry)
    if not treated and planned is not None and state != "completed":
        treated = volumes(chart, planned.entry)
    treated = _with_boost(chart, therapy, treated)
    if entry.is_draft and entry.kind == "ServiceRequest" and len(treated) < 2:
        treated = [_as_drafted(chart, entry, treated)]
    numbers = [volume.fractions or count(chart, entry) for volume in treated] or [count(chart, entry)]
    _put_days(chart, facts, entry, state, most_fractions=max((number[0] for number in numbers if number), default=1))
    site = sites(chart, entry, therapy.bone_code)
    if entry.is_draft:
        targets, regions = site_in_words(chart, entry, has_target=bool(site.targets), has_region=bool(site.regions))
        site = replace(site, targets=site.targets or targets, regions=site.regions or regions)
    reasons = _reasons(chart, entry) | (_reasons(chart, planned.entry) if planned is not None else frozenset())
    aim = Aim(names=reasons if len(treated) < 2 else frozenset(), element=f"{entry.kind}.reasonReference")
    if not entry.is_draft and all(volume.dose is None for volume in treated):
        _tell_dose_in_text(chart, entry)
    if not treated:
        chart.aims[entry.reference] = aim
        _put_technique(chart, facts, therapy, therapy.techniques)
        _put_one(chart, facts, "rt.target", site.targets, entry)
        _put_one(chart, facts, "rt.region", site.regions, entry)
        if site.fractions is not None:
            _put(chart, facts, "rt.fractions", site.fractions[0], site.fractions[1])
        yield Member(key=entry.reference, facts=members(facts), in_request=entry.in_request)
    for volume in treated:
        held = dict(facts)
        if volume.dose is not None:
            _put(chart, held, "rt.total_dose_gy", volume.dose[0], volume.dose[1])
        if volume.fractions is not None:
            _put(chart, held, "rt.fractions", volume.fractions[0], volume.fractions[1])
        _put_one(chart, held, "rt.target", volume.targets or site.targets, entry)
        _put_one(chart, held, "rt.region", volume.regions or site.regions, entry)
        _put_technique(chart, held, therapy, therapy.techniques if volume.techniques is None else volume.techniques)
        if (by_dose := technique_by_dose(chart, therapy, held)) is not None:
            held[by_dose.name] = by_dose
        key = entry.reference if len(treated) == 1 else f"{entry.reference}#{volume.name}"
        element = aim.element if aim.names else f"{entry.kind}.extension.volume"
        chart.aims[key] = Aim(names=aim.names | {volume.name.partition("#")[0]}, element=element)
        yield Member(key=key, facts=members(held), in_request=entry.in_request)


def _with_boost(chart: Chart, therapy: Therapy, treated: list[Volume]) -> list[Volume]:
    """Two volumes of a simultaneous integrated boost are one course, with the dose to what is boosted.

    Only where the course is coded as one and both are given in the same fractions: two metastases that are
    treated side by side are two.
    """
    is_boost = any(match.target == "SIB" for match, _ in therapy.techniques)
    doses = [volume.dose for volume in treated if volume.dose is not None]
    fractions = {volume.fractions[0] if volume.fractions else None for volume in treated}
    if not is_boost or len(treated) != 2 or len(fractions) != 1 or len({dose[0] for dose in doses}) != 2:
        return treated
    lower, higher = sorted(treated, key=lambda volume: float(volume.dose[0]) if volume.dose else 0)
    text = "Its two volumes are one simultaneous integrated boost: read as one course, with the dose to the boost."
    chart.say("boost", text, therapy.entry, "extension")
    return [replace(higher, targets=higher.targets or lower.targets, regions=higher.regions or lower.regions)]


def _as_drafted(chart: Chart, entry: Entry, treated: list[Volume]) -> Volume:
    """The one volume of a draft, with the dose that its other elements and its words tell."""
    volume = treated[0] if treated else None
    drafted = prescription(chart, entry, volume)
    whole = volume or Volume(name="", dose=None, fractions=None, targets=(), regions=())
    return replace(whole, dose=drafted.dose, fractions=drafted.fractions)


def _reasons(chart: Chart, entry: Entry) -> frozenset[str]:
    """The conditions something is done for, by name."""
    found = [chart.find(reference, entry) for reference in objects(entry.resource, "reasonReference")]
    return frozenset(each.reference for each in found if each is not None and each.kind == "Condition")


def _put(chart: Chart, facts: dict[str, Fact], name: str, value: Any, source: Source) -> None:
    if value is not None and (fact := chart.fact(name, value, source)) is not None:
        facts[name] = fact


def _put_one(
    chart: Chart, facts: dict[str, Fact], name: str, said: tuple[tuple[str, Source], ...], entry: Entry
) -> None:
    values = {value for value, _ in said}
    if len(values) == 1:
        _put(chart, facts, name, said[0][0], said[0][1])
    elif values:
        chart.say("ambiguous", f"It names several values of {name}, which is therefore unknown.", entry, "bodySite")


def _state(chart: Chart, entry: Entry) -> str | None:
    if entry.is_draft and entry.kind == "ServiceRequest":
        return "draft"
    status = str(entry.resource.get("status"))
    state = _STATES.get((entry.kind, status))
    start, end, _ = times(entry)
    if state == "completed" and end is not None and chart.is_future(end) and not chart.is_future(start):
        return "in_progress"
    if state == "in_progress" and end is not None and end.last + LONGEST_PAUSE < chart.evaluation_date:
        text = "It is said to be under way and should have ended long ago; whether it is over is unknown."
        chart.say("status", text, entry, "status")
        return None
    if status == "stopped":
        chart.say("stopped-early", "It was stopped before its end and counts as ended.", entry, "status")
    if state is None and status != "unknown":
        chart.say("status", "Its status is not one that tells whether the course is open.", entry, "status")
    return state


def _put_days(chart: Chart, facts: dict[str, Fact], entry: Entry, state: str | None, *, most_fractions: int) -> None:
    start, end, element = times(entry)
    if element == "performedDateTime" and state == "completed":
        if most_fractions > 1:
            text = "One date does not tell when a course of several fractions began and ended."
            chart.say("imprecise", text, entry, element)
            return
        end = start
    for name, at, part in (("rt.start_day", start, "start"), ("rt.end_day", end, "end")):
        if at is None:
            continue
        if at.day is None:
            chart.say("imprecise", "The date is not precise to the day, so the day is unknown.", entry, element)
        path = f"{element}.{part}" if element.endswith("Period") else element
        _put(chart, facts, name, chart.day(at), chart.source(entry, path, at=at, value=at.text))


def _put_technique(chart: Chart, facts: dict[str, Fact], therapy: Therapy, techniques: Techniques) -> None:
    if (technique := one_technique(chart, therapy, techniques)) is not None:
        facts[technique.name] = technique


def _put_setting(chart: Chart, facts: dict[str, Fact], entry: Entry) -> None:
    """Whether the course follows an operation."""
    found: dict[str, Match] = {}
    for extension in extensions(entry.resource, "strahlentherapie-stellung-zur-op", "procedure-intent"):
        codeable = extension.get("valueCodeableConcept")
        for match in chart.matches("radiotherapy-settings", codeable, entry, "extension.valueCodeableConcept"):
            found.setdefault(match.target, match)
    if len(found) == 1:
        (match,) = found.values()
        source = chart.source(entry, "extension.valueCodeableConcept", match=match, value=match.coding.code)
        _put(chart, facts, "rt.setting", match.target, source)


def _tell_dose_in_text(chart: Chart, entry: Entry) -> None:
    notes = (note.get("text") for note in objects(entry.resource, "note"))
    if any(isinstance(text, str) and _DOSE_IN_TEXT.search(text) for text in notes):
        text = "Its dose stands in a note only, which is not read; send it as a quantity."
        chart.say("dose-in-text", text, entry, "note")


def _put_intent(chart: Chart, facts: dict[str, Fact], entry: Entry) -> None:
    found: dict[str, Source] = {}
    intended = extensions(entry.resource, "procedure-intent", "treatment-intent", "strahlentherapie-intention")
    sent = [(extension.get("valueCodeableConcept"), "extension.valueCodeableConcept") for extension in intended]
    for codeable, element in (*sent, *((detail, "orderDetail") for detail in objects(entry.resource, "orderDetail"))):
        for match in chart.matches("radiotherapy-intents", codeable, entry, element):
            found.setdefault(match.target, chart.source(entry, element, match=match, value=match.coding.code))
    found = found or intent_in_words(chart, entry)
    if len(found) == 1:
        ((intent, source),) = found.items()
        _put(chart, facts, "rt.intent", intent, source)
    elif found:
        chart.say("ambiguous", "It names several intents, so the intent is unknown.", entry, "extension")
