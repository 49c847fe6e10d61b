"""Stage groups and M categories, wherever they are read."""

from __future__ import annotations

from rulesets.record import Source
from service.intake.chart import Chart
from service.intake.moments import Moment
from service.intake.settling import ONE_EPISODE
from service.intake.terminology import Match


def state_stage(chart: Chart, match: Match, source: Source, at: Moment | None, *, preliminary: bool = False) -> None:
    """A stage group: stage III without a letter is locally advanced and no more.

    One of long after the diagnosis is no stage at diagnosis: it tells the spread and no more.
    """
    if match.target == "IV":
        chart.state("mets.status", "confirmed", source, at, preliminary=preliminary)
    if _is_of_later(chart, at):
        text = "This stage was found long after the diagnosis; it is not the stage at diagnosis."
        chart.say_of(source, "later-stage", text)
        return
    if match.target != "III":
        chart.state("tumour.stage", match.target, source, at, preliminary=preliminary)
    if match.target.startswith("III"):
        chart.state("tumour.locally_advanced", True, source, at, preliminary=preliminary)


def _is_of_later(chart: Chart, at: Moment | None) -> bool:
    return at is not None and chart.diagnosed is not None and at.first > chart.diagnosed.last + ONE_EPISODE


def state_m_category(
    chart: Chart, match: Match, source: Source, at: Moment | None, *, preliminary: bool = False
) -> None:
    status = "confirmed" if match.target == "m1" else "none"
    chart.state("mets.status", status, source, at, preliminary=preliminary)
