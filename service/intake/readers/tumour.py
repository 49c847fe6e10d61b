"""What results say of the tumour: its size, grade, nodes and histology, its stage, and whether it has spread."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rulesets.facts import lesion, mets, tumour
from rulesets.language import Interval
from service.intake.chart import Chart, Statement
from service.intake.elements import extensions
from service.intake.quantities import bounded, converted, plain
from service.intake.readers import about_lesions
from service.intake.readers.findings import ORGANS
from service.intake.readers.origins import is_of_metastasis
from service.intake.readers.results import Result, coded, has_value, measured, not_understood, source_of, state
from service.intake.readers.staging import state_m_category, state_stage


def _tumour_size(chart: Chart, result: Result) -> None:
    """The size of the primary, or of a lesion when the result is about a metastasis in bone."""
    given = measured(result)
    if given is None:
        not_understood(chart, result)
        return
    size = converted(given, "cm")
    if size is None or given.comparator:
        text = "A tumour size is a number in cm or mm; it was left out."
        chart.say("unit", text, result.entry, result.element("value"))
        return
    is_metastasis = is_of_metastasis(chart, result.entry)
    if is_metastasis and not about_lesions.is_in_bone(chart, result.entry):
        _say_of_metastasis(chart, result)
        return
    name = lesion.size_cm.name if is_metastasis else tumour.size_cm.name
    source = source_of(chart, result, value=given.lexical, conversion=size[1])
    fact = chart.fact(name, plain(size[0]), source, result.at)
    if fact is None:
        return
    statement = Statement(topic=name, facts=(fact,), when=result.at, preliminary=result.preliminary)
    if is_metastasis:
        about_lesions.add(chart, result, statement)
    else:
        _state_largest(chart, result, statement)


def _state_largest(chart: Chart, result: Result, statement: Statement) -> None:
    """Of several diameters of one observation the largest counts."""
    for position, held in enumerate(chart.statements):
        if held.topic == statement.topic and held.facts[0].sources[0].reference == result.entry.reference:
            if float(str(held.value)) < float(str(statement.value)):
                chart.statements[position] = statement
            return
    chart.statements.append(statement)


def _say_of_metastasis(chart: Chart, result: Result) -> None:
    text = "It is of a metastasis, and not of the primary; it was left out."
    chart.say("of-metastasis", text, result.entry, result.element("value"))


def _grade(chart: Chart, result: Result) -> None:
    _state_grade(chart, result, {1: 1, 2: 2, 3: 3})


def _nottingham(chart: Chart, result: Result) -> None:
    """A grade, or the sum of three scores it is made of: 3 may be either and is left out."""
    _state_grade(chart, result, {1: 1, 2: 2, 4: 1, 5: 1, 6: 2, 7: 2, 8: 3, 9: 3})


def _state_grade(chart: Chart, result: Result, numbers: Mapping[int, int]) -> None:
    """By a code, a phrase, or a whole number of those that tell a grade."""
    matches, given = coded(chart, result, "grade-values"), measured(result)
    grade = {int(match.target) for match in matches}
    conversion = ""
    if given is not None and given.unit == "" and not given.comparator and given.value in numbers:
        grade.add(numbers[int(given.value)])
        conversion = "sum of Nottingham scores" if given.value > 3 else ""
    if len(grade) != 1:
        not_understood(chart, result)
    elif is_of_metastasis(chart, result.entry):
        _say_of_metastasis(chart, result)
    else:
        match = matches[0] if matches else None
        value = given.lexical if given is not None else ""
        source = source_of(chart, result, match=match, value=value, conversion=conversion)
        state(chart, result, tumour.grade.name, grade.pop(), source)


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
    """The histology of the primary; that of a metastasis shows that a biopsy has confirmed it."""
    for match in coded(chart, result, "histology"):
        source = source_of(chart, result, match=match)
        if is_of_metastasis(chart, result.entry):
            state(chart, result, mets.biopsy.name, "confirmed", source)
        else:
            state(chart, result, tumour.histology.name, match.target, source)


READERS: Mapping[str, Callable[[Chart, Result], None]] = {
    "tumour_size": _tumour_size,
    "grade": _grade,
    "nottingham": _nottingham,
    "positive_nodes": _positive_nodes,
    "positive_nodes_at_least": _positive_nodes_at_least,
    "histology": _histology,
    "stage_group": _stage,
    "m_category": _m_category,
    "metastasis_site": _metastasis_site,
    "history_of_metastatic_cancer": _history_of_metastases,
}
