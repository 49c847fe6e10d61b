"""What results say of the tumour: its size, grade, nodes and histology, its stage, and whether it has spread."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rulesets.language import Interval
from service.intake.chart import Chart, Statement, extensions
from service.intake.quantities import bounded, converted, plain
from service.intake.readers.findings import ORGANS
from service.intake.readers.results import Result, coded, has_value, measured, not_understood, source_of, state
from service.intake.readers.staging import state_m_category, state_stage


def _tumour_size(chart: Chart, result: Result) -> None:
    given = measured(result)
    if given is None:
        not_understood(chart, result)
        return
    size = converted(given, "cm")
    if size is None or given.comparator:
        chart.say(
            "unit", "A tumour size is a number in cm or mm; it was left out.", result.entry, result.element("value")
        )
        return
    value, done = size
    fact = chart.fact(
        "tumour.size_cm", plain(value), source_of(chart, result, value=given.lexical, conversion=done), result.at
    )
    if fact is None:
        return
    # Several diameters of one observation: the largest counts.
    for position, statement in enumerate(chart.statements):
        held = statement.facts[0]
        if statement.topic == "tumour.size_cm" and held.sources[0].reference == result.entry.reference:
            if float(str(held.value)) < plain(value):
                chart.statements[position] = Statement(
                    topic=fact.name, facts=(fact,), when=result.at, preliminary=result.preliminary
                )
            return
    chart.statements.append(Statement(topic=fact.name, facts=(fact,), when=result.at, preliminary=result.preliminary))


def _grade(chart: Chart, result: Result) -> None:
    matches = coded(chart, result, "grade-values")
    if len(matches) == 1:
        state(chart, result, "tumour.grade", int(matches[0].target), source_of(chart, result, match=matches[0]))
    elif "valueQuantity" not in result.holder and "valueInteger" not in result.holder:
        # A number under the code of the grade is a summed score as often as a grade.
        not_understood(chart, result)


def _positive_nodes(chart: Chart, result: Result) -> None:
    given = measured(result)
    if given is None or given.unit not in ("", None):
        not_understood(chart, result)
        return
    value = bounded(given.value, given.comparator, whole=True)
    if value is not None:
        state(chart, result, "tumour.positive_axillary_nodes", value, source_of(chart, result, value=given.lexical))


def _positive_nodes_at_least(chart: Chart, result: Result) -> None:
    given = measured(result)
    if given is None or given.comparator or given.value < 1:
        return
    name = "tumour.positive_axillary_nodes"
    least = plain(given.value)
    fact = chart.fact(name, Interval(lo=least), source_of(chart, result, value=given.lexical), result.at)
    held = chart.bounds.get(name)
    if fact is not None and (held is None or not isinstance(held.value, Interval) or (held.value.lo or 0) < least):
        chart.bounds[name] = fact


def _stage(chart: Chart, result: Result) -> None:
    matches = coded(chart, result, "stage-values")
    if len(matches) == 1:
        source = source_of(chart, result, match=matches[0])
        state_stage(chart, matches[0], source, result.at, preliminary=result.preliminary)
    else:
        not_understood(chart, result)


def _m_category(chart: Chart, result: Result) -> None:
    matches = coded(chart, result, "m-values")
    if len(matches) == 1:
        source = source_of(chart, result, match=matches[0])
        state_m_category(chart, matches[0], source, result.at, preliminary=result.preliminary)
    else:
        not_understood(chart, result)


def _metastasis_site(chart: Chart, result: Result) -> None:
    matches = coded(chart, result, "body-sites") or coded(chart, result, "conditions")
    for match in matches:
        source = source_of(chart, result, match=match)
        if match.target in ORGANS or match.target in ("unspecified", "other"):
            state(chart, result, "mets.status", "confirmed", source)
        if match.target in ORGANS:
            state(chart, result, f"mets.organ.{ORGANS[match.target]}", "present", source)
    if not matches:
        not_understood(chart, result)


def _history_of_metastases(chart: Chart, result: Result) -> None:
    """That there never was a metastasis; that there was one says nothing of the present."""
    denied = result.holder.get("valueBoolean") is False
    match = None
    for found in coded(chart, result, "presence-values"):
        denied, match = denied or found.target == "negative", found
    if not has_value(result):
        for extension in extensions(result.entry.resource, "related-condition-absent"):
            for found in chart.matches("conditions", extension.get("valueCodeableConcept"), result.entry, "extension"):
                if found.target == "unspecified":
                    denied, match = True, found
    if denied:
        state(chart, result, "mets.status", "none", source_of(chart, result, match=match))


def _histology(chart: Chart, result: Result) -> None:
    for match in coded(chart, result, "histology"):
        state(chart, result, "tumour.histology", match.target, source_of(chart, result, match=match))


READERS: Mapping[str, Callable[[Chart, Result], None]] = {
    "tumour_size": _tumour_size,
    "grade": _grade,
    "positive_nodes": _positive_nodes,
    "positive_nodes_at_least": _positive_nodes_at_least,
    "histology": _histology,
    "stage_group": _stage,
    "m_category": _m_category,
    "metastasis_site": _metastasis_site,
    "history_of_metastatic_cancer": _history_of_metastases,
}
