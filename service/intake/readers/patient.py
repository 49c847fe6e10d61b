"""Patient: the age, and nothing else, for no rule asks for more."""

from __future__ import annotations

from datetime import date

from service.intake.chart import Chart
from service.intake.moments import moment


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
