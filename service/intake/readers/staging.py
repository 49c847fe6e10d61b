"""Stage groups, wherever they are read."""

from __future__ import annotations

from rulesets.record import Source
from service.intake.chart import Chart
from service.intake.moments import Moment
from service.intake.terminology import Match


def state_stage(chart: Chart, match: Match, source: Source, at: Moment | None, *, preliminary: bool = False) -> None:
    """A stage group: stage III without a letter is locally advanced and no more."""
    if match.target != "III":
        chart.state("tumour.stage", match.target, source, at, preliminary=preliminary)
    if match.target.startswith("III"):
        chart.state("tumour.locally_advanced", True, source, at, preliminary=preliminary)
    if match.target == "IV":
        chart.state("mets.status", "confirmed", source, at, preliminary=preliminary)
