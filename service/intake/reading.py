"""From the resources of one patient to what is known of her: the record, and what could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from rulesets.record import Fact, Member, Record, Source
from service.intake import validation
from service.intake.chart import Chart
from service.intake.drafts import mended
from service.intake.inputs import Input, inputs_of
from service.intake.notices import Notice
from service.intake.readers import (
    condition,
    facts,
    medication,
    observation,
    order,
    patient,
    radiotherapy,
    receptors,
    report,
)
from service.intake.settling import settled
from service.intake.sources import sources_of
from service.intake.terminology import Terminology
from service.intake.unpack import READ, PatientResources
from service.problems import InvalidResources, Issue

Mode = Literal["lenient", "strict"]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What was read of one patient, and what there is to say about it.

    ``sources`` are the resources, by reference, that a suggestion may change; ``inputs`` tell
    which version of each resource was read.
    """

    patient: str
    record: Record
    notices: tuple[Notice, ...]
    sources: Mapping[str, Mapping[str, Any]]
    inputs: tuple[Input, ...] = ()


def read(
    resources: PatientResources, terminology: Terminology, evaluation_date: date, mode: Mode = "lenient"
) -> Reading:
    """The record of a patient on a date.

    *lenient* mends draft orders and leaves out any other resource that is not valid, with notices;
    *strict* raises InvalidResources with all the faults of all resources instead.
    """
    is_strict = mode == "strict"
    chart = Chart(resources if is_strict else mended(resources), terminology, evaluation_date, strict=is_strict)
    if is_strict:
        _refuse_faults(chart)
    patient.read(chart)
    condition.read(chart)
    left = observation.read(chart)
    observation.histology(chart, left)
    receptors.read(chart, left)
    report.read(chart)
    facts.read(chart)
    ordered = medication.read(chart, observation.weight_kg(chart, left))
    medication.orders(chart, ordered)
    radiotherapy.read(chart)
    order.read(chart)
    record = _record(chart)
    return Reading(
        patient=resources.patient,
        record=record,
        notices=tuple(sorted(set(chart.notices))),
        sources=sources_of(resources, record),
        inputs=inputs_of(chart.used.values()),
    )


def warm_up() -> None:
    """Does once at start what is slow the first time."""
    validation.warm_up()


def _refuse_faults(chart: Chart) -> None:
    for entry in chart.of("Patient", *READ):
        chart.is_valid(entry)
    faults = sorted({notice for notice in chart.notices if notice.is_fault})
    if faults:
        raise InvalidResources(_issue(notice) for notice in faults)


def _issue(notice: Notice) -> Issue:
    _, _, element = notice.element.partition(".")
    place = f"{notice.reference}.{element}" if element else notice.reference
    code = "invalid" if notice.code == "invalid" else "structure"
    return Issue(code=code, sentence=notice.text.removesuffix(" It was left out."), expression=place)


def _record(chart: Chart) -> Record:
    known, conflicts = settled(chart.statements)
    disputed = {conflict.name for conflict in conflicts}
    for name, fact in chart.bounds.items():
        if name not in disputed:
            known.setdefault(name, fact)
    if "tumour.stage" in disputed and known.get("tumour.locally_advanced") is not None:
        # What the disputed stages imply is disputed with them.
        doubtful = {source.reference for conflict in conflicts for source in conflict.sources}
        if all(source.reference in doubtful for source in known["tumour.locally_advanced"].sources):
            del known["tumour.locally_advanced"]
    drugs = _drugs(chart)
    listed = _list_available(chart, drugs)
    if listed is not None:
        known.setdefault(listed.name, listed)
    return Record(
        evaluation_date=chart.evaluation_date,
        facts={name: known[name] for name in sorted(known)},
        lesions=_with_attached(chart, chart.lesions) or None,
        drugs=drugs,
        courses=_with_attached(chart, chart.courses),
        orders=_with_attached(chart, chart.orders),
        conflicts=conflicts,
        incomplete=chart.resources.incomplete,
    )


def _with_attached(chart: Chart, held: list[Member]) -> tuple[Member, ...]:
    """The members, with the facts that were stated about their resources, in the order of their keys."""
    found = []
    for member in held:
        prefixes = {name.partition(".")[0] for name in member.facts}
        about = chart.attached.get(member.key) or chart.attached.get(member.key.partition("#")[0]) or []
        stated = [statement for statement in about if statement.topic.partition(".")[0] in prefixes]
        facts_now = facts.settle_member(chart, member.key, dict(member.facts), stated) if stated else member.facts
        found.append(replace(member, facts=facts_now))
    return tuple(sorted(found, key=lambda member: member.key))


def _drugs(chart: Chart) -> tuple[Member, ...] | None:
    """The drugs; none at all is a list only when the source says that it is empty."""
    members = _with_attached(chart, chart.drugs)
    if members:
        return members
    asked = {"MedicationRequest", "MedicationStatement"}
    has_any = any(True for _ in chart.resources.of(*medication.KINDS)) or "drugs" in chart.resources.incomplete
    return () if asked & chart.resources.empty_lists and not has_any else None


def _list_available(chart: Chart, drugs: tuple[Member, ...] | None) -> Fact | None:
    """That drugs which are drafts are no list of what the patient takes."""
    drafts = {entry.reference for entry in chart.of(*medication.KINDS) if entry.is_draft}
    if not drugs or any(not drug.in_request and drug.key.partition("#")[0] not in drafts for drug in drugs):
        return None
    if {"MedicationRequest", "MedicationStatement"} & chart.resources.empty_lists:
        return None
    source = Source(reference=drugs[0].key.partition("#")[0], element="status")
    return Fact(name="meds.list_available", value=False, sources=(source,))
