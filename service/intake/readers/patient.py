"""Patient: whether she lives, and her age; no rule asks for more."""

from __future__ import annotations

from datetime import date

from service.intake.chart import Chart
from service.intake.entries import Entry
from service.intake.moments import moment
from service.intake.notices import DECEASED, DIED


def has_died(chart: Chart) -> bool:
    """Whether a record says that the patient was dead on the evaluation date, of whatever day she died."""
    dead = [entry for entry in chart.of("Patient") if chart.is_valid(entry) and _is_dead(chart, entry)]
    for entry in dead:
        chart.source(entry, "deceased")
        chart.say(DECEASED, DIED, entry, "deceased")
    return bool(dead)


def _is_dead(chart: Chart, entry: Entry) -> bool:
    resource = entry.resource
    if "deceasedDateTime" in resource or "_deceasedDateTime" in resource:
        return not chart.is_future(moment(resource.get("deceasedDateTime")))
    return resource.get("deceasedBoolean") is True


def read(chart: Chart) -> None:
    for entry in chart.of("Patient"):
        if "birthDate" not in entry.resource or not chart.is_valid(entry):
            continue
        born = moment(entry.resource["birthDate"])
        if born is None:
            continue
        if born.first > chart.evaluation_date:
            chart.say("future", "The birth date is after the evaluation date.", entry, "birthDate")
            continue
        oldest, youngest = _years(born.first, chart.evaluation_date), _years(born.last, chart.evaluation_date)
        if oldest != youngest:
            chart.say("imprecise", "The birth date is not precise enough to tell the age.", entry, "birthDate")
            continue
        done = f"completed years on {chart.evaluation_date.isoformat()}"
        source = chart.source(entry, "birthDate", at=born, value=born.text, conversion=done)
        chart.state("patient.age_years", oldest, source)


def _years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
