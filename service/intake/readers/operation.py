"""Operations on bone that were done or are being prepared: what was operated on, by the reason or the body site."""

from __future__ import annotations

from rulesets.facts import lesion, surgery
from service.intake.chart import Chart, Statement
from service.intake.elements import objects, word
from service.intake.entries import Entry
from service.intake.moments import Moment, bounds, moment
from service.intake.readers import about_lesions
from service.intake.readers.places import places_in
from service.intake.terminology import Match


def read(chart: Chart) -> None:
    for entry in chart.of("Procedure"):
        for match in chart.matches("procedures", entry.resource.get("code"), entry, "code"):
            status = word(entry.resource, "status")
            if match.target not in surgery.type.allowed or status not in ("completed", "preparation"):
                continue
            if not chart.is_valid(entry):
                continue
            source = chart.source(entry, "code", match=match, value=match.coding.code)
            if status == "preparation":
                chart.state(surgery.planned.name, True, source)
                chart.state(surgery.type.name, match.target, source)
            else:
                _read_done(chart, entry, match)


def _read_done(chart: Chart, entry: Entry, match: Match) -> None:
    """The lesion that was operated on: the one it was done for, else the only one of its place."""
    at = _when(entry)
    if chart.is_future(at):
        chart.say("future", "It is dated after the evaluation date; it was left out.", entry, "performed")
        return
    about = _operated_on(chart, entry)
    if about is None:
        text = "It does not tell which lesion was operated on; it was left out."
        chart.say("imprecise", text, entry, "bodySite")
        return
    source = chart.source(entry, "code", match=match, at=at, value=match.coding.code)
    fact = chart.fact(lesion.surgically_stabilised.name, True, source, at)
    if fact is not None:
        about_lesions.add_to_known(chart, about, Statement(topic=fact.name, facts=(fact,), when=at))


def _when(entry: Entry) -> Moment | None:
    start, end = bounds(entry.resource.get("performedPeriod"))
    return moment(entry.resource.get("performedDateTime")) or end or start


def _operated_on(chart: Chart, entry: Entry) -> str | None:
    """What names one lesion: a condition it was done for, or a lesion that may be in its place."""
    reasons = [chart.find(reference, entry) for reference in objects(entry.resource, "reasonReference")]
    names = {reason.reference for reason in reasons if reason is not None}
    meant = {each.key for each in chart.lesions if names & about_lesions.resources_of(each)}
    if not meant:
        sites = objects(entry.resource, "bodySite")
        places = [named.place for site in sites for named in places_in(chart, site, entry, "bodySite")]
        meant = {
            each.key
            for each in chart.lesions
            if (known := chart.places.get(each.key)) is not None and any(known.may_be(place) for place in places)
        }
    return meant.pop() if len(meant) == 1 else None
