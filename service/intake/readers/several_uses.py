"""What only several uses of a drug tell together: that it is given again and again, and which illness it is for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from rulesets.drugs import FOR_OSTEOPOROSIS_BY_DOSE
from rulesets.thresholds import DOSE_ROUNDING_TOLERANCE, REPEATED_DOSE_DAYS
from service.intake.chart import Chart
from service.intake.moments import Moment
from service.intake.readers.uses import Use

_OTHER_ILLNESS = "By its dose it treats osteoporosis; it was not read as the cancer drug of the same substance."


# --- which illness ---------------------------------------------------------------------------------------


def by_illness(chart: Chart, uses: list[Use]) -> list[Use]:
    """The uses, with the name for osteoporosis where the dose, or how seldom it is given, says so.

    A use that tells no dose is of the product that the others are, when these agree.
    """
    named = [_named_by_dose(chart, use) for use in uses]
    for name, (other, _, _) in FOR_OSTEOPOROSIS_BY_DOSE.items():
        of_both = [use for use in named if use.drug.name in (name, other)]
        undosed = [use for use in of_both if use.drug.name == name and use.each_mg is None and not _interval(use)]
        if undosed and len(undosed) == sum(use.drug.name == name for use in of_both) < len(of_both):
            named = [_renamed(chart, use, other) if use in undosed else use for use in named]
    return named


def _named_by_dose(chart: Chart, use: Use) -> Use:
    name, milligrams, days = FOR_OSTEOPOROSIS_BY_DOSE.get(use.drug.name, ("", 0, 0))
    if not name:
        return use
    interval = _interval(use)
    if use.each_mg is None:
        return _renamed(chart, use, name) if interval >= days else use
    tolerated = Decimal(str(milligrams)) * Decimal(str(chart.thresholds.number(DOSE_ROUNDING_TOLERANCE)))
    if abs(use.each_mg - Decimal(str(milligrams))) > tolerated:
        return use
    if 0 < interval < days:
        text = "Its dose is one for osteoporosis and it is given too often for that; it was read as a bone agent."
        chart.say("ambiguous", text, use.entry, "dosage")
        return use
    return _renamed(chart, use, name)


def _interval(use: Use) -> int:
    told = use.dose.get("drug.interval_days")
    return 0 if told is None else int(told[0])


def _renamed(chart: Chart, use: Use, name: str) -> Use:
    chart.say("other-illness", _OTHER_ILLNESS, use.entry, "dosage")
    return replace(use, drug=replace(use.drug, name=name, anticancer=False))


# --- again and again -------------------------------------------------------------------------------------


def going_on(chart: Chart, uses: list[Use]) -> list[Use]:
    """The uses, as under way when each dose is recorded as done and the last of several is recent.

    Whatever says that the drug was stopped or ordered no more is believed.
    """
    longest = timedelta(days=int(chart.thresholds.number(REPEATED_DOSE_DAYS)))
    run = _last_run([use for use in uses if _is_dose(use, longest)], longest)
    if len({_last_day(use) for use in run}) < 2:
        return uses
    if chart.evaluation_date.toordinal() - _last_day(run[0]) > longest.days:
        return uses
    doses, begun_on = {id(use) for use in run}, min(_last_day(use) for use in run)
    for use in uses:
        is_earlier = use.stop is not None and use.stop.last.toordinal() < begun_on
        if use.state is not None and id(use) not in doses and not is_earlier:
            return uses
    text = "It was given several times and not long ago; it was read as still being taken."
    chart.say("repeated-doses", text, run[0].entry, "status")
    begun = [
        replace(use, state="active", start=use.start or use.last_dose, stop=None, stop_element="", last_dose=_end(use))
        for use in run
    ]
    return [*begun, *(use for use in uses if id(use) not in doses)]


def _last_run(doses: list[Use], longest: timedelta) -> list[Use]:
    """The doses that follow one another without a long pause, the last one first."""
    run: list[Use] = []
    for use in sorted(doses, key=lambda each: (-_last_day(each), each.entry.reference)):
        if run and _last_day(run[-1]) - _last_day(use) > longest.days:
            break
        run.append(use)
    return run


def _is_dose(use: Use, longest: timedelta) -> bool:
    """Whether a resource records a dose, or a cycle, that was given."""
    if use.entry.resource.get("status") != "completed" or _end(use) is None or use.entry.is_draft:
        return False
    if use.entry.kind == "MedicationAdministration":
        return True
    end, start = use.stop or use.start, use.start or use.stop
    return (
        use.entry.kind == "MedicationStatement"
        and end is not None
        and start is not None
        and end.last - start.first <= longest
    )


def _end(use: Use) -> Moment | None:
    return use.last_dose or use.stop or use.start


def _last_day(use: Use) -> int:
    end = _end(use)
    return 0 if end is None else end.last.toordinal()
