"""From the resources of one patient to what is known of her: the record, and what could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from rulesets.record import Fact, Member, Record, Source
from rulesets.thresholds import Thresholds, effective
from service.intake import accounting, validation
from service.intake.accounts import Account
from service.intake.attaching import with_stated
from service.intake.chart import Chart
from service.intake.drafts import mended
from service.intake.entries import holder_of
from service.intake.inputs import Input, inputs_of
from service.intake.notices import Notice
from service.intake.readers import (
    about_lesions,
    care_plan,
    condition,
    facts,
    follow_up,
    genes,
    imaging,
    linking,
    measurements,
    medication,
    observation,
    onset,
    operation,
    order,
    patient,
    radiotherapy,
    receptors,
    report,
)
from service.intake.settling import settled
from service.intake.sources import ORDERS, sources_of
from service.intake.terminology import Terminology
from service.intake.unpack import PatientResources

AS_THEY_ARE = effective()
"""The thresholds without any of a hospital's own."""


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
    chart: Chart = field(repr=False, compare=False)

    @cached_property
    def accounts(self) -> tuple[Account, ...]:
        """What became of each resource of the patient; of every one of the request when she is alone in it."""
        return accounting.accounts_of(self.chart, self.record)


def read(
    resources: PatientResources,
    terminology: Terminology,
    evaluation_date: date,
    thresholds: Thresholds = AS_THEY_ARE,
) -> Reading:
    """The record of a patient on a date. A resource that is not valid is mended or left out, with a notice."""
    whole = resources if resources.is_strict else mended(resources)
    chart = Chart(whole, terminology, evaluation_date, thresholds)
    chart.has_died = patient.has_died(chart)
    record = _of_the_dead(chart) if chart.has_died else _read_by(chart)
    return Reading(
        patient=resources.patient,
        record=record,
        notices=tuple(sorted(set(chart.notices))),
        sources=sources_of(resources, record),
        inputs=inputs_of(chart.used.values(), as_sent=resources.entries),
        chart=chart,
    )


def warm_up() -> None:
    """Does once at start what is slow the first time."""
    validation.warm_up()


def _of_the_dead(chart: Chart) -> Record:
    """What is ordered for a patient who has died, and nothing that advice could rest on."""
    drafts = sorted(entry.reference for entry in chart.of(*ORDERS) if entry.in_request)
    orders = tuple(Member(key=name, facts={}, in_request=True) for name in dict.fromkeys(drafts))
    return Record(evaluation_date=chart.evaluation_date, facts={}, orders=orders)


def _read_by(chart: Chart) -> Record:
    """The record that the readers make, one after the other."""
    patient.read(chart)
    conditions = condition.read(chart)
    left = observation.read(chart)
    genes.read(chart, left)
    receptors.read(chart, left)
    report.read(chart)
    imaging.read(chart)
    facts.read(chart)
    measurements.pain(chart, left)
    operation.read(chart)
    about_lesions.read(chart)
    onset.read(chart, conditions, follow_up.read(chart, left))
    follow_up.read_progression(chart, left)
    ordered = medication.read(chart, measurements.weight_kg(chart, left))
    medication.orders(chart, ordered)
    radiotherapy.read(chart)
    order.read(chart)
    care_plan.read(chart)
    linking.read(chart)
    return _record(chart)


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
        lesions=tuple(sorted(chart.lesions, key=lambda lesion: lesion.key)) or None,
        drugs=drugs,
        courses=with_stated(chart, "course", chart.courses),
        orders=with_stated(chart, "order", chart.orders),
        conflicts=conflicts,
        incomplete=chart.resources.incomplete,
    )


def _drugs(chart: Chart) -> tuple[Member, ...] | None:
    """The drugs; none at all is a list only when the source says that it is empty."""
    members = with_stated(chart, "drug", chart.drugs)
    if members:
        return members
    asked = {"MedicationRequest", "MedicationStatement"}
    has_any = any(True for _ in chart.resources.of(*medication.KINDS)) or "drugs" in chart.resources.incomplete
    return () if asked & chart.resources.empty_lists and not has_any else None


def _list_available(chart: Chart, drugs: tuple[Member, ...] | None) -> Fact | None:
    """That drugs which are drafts, or which a plan means to give, are no list of what the patient takes."""
    drafts = {entry.reference for entry in chart.of(*medication.KINDS, "ServiceRequest") if entry.is_draft}
    plans = {entry.reference for entry in chart.of("CarePlan")}
    if not drugs or any(not drug.in_request and holder_of(drug.key) not in drafts | plans for drug in drugs):
        return None
    if {"MedicationRequest", "MedicationStatement"} & chart.resources.empty_lists:
        return None
    source = Source(reference=holder_of(drugs[0].key), element="status")
    return Fact(name="meds.list_available", value=False, sources=(source,))
