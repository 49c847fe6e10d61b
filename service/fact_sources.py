"""Where facts are expected in FHIR, what derived ones are asked by, and the order they are shown in."""

from __future__ import annotations

from rulesets.facts import FACTS
from rulesets.words import listed
from service.intake.readers.feeds import FEEDS

_EXPOSURE_SOURCES = (
    "drug.status", "drug.start_day", "drug.last_dose_day", "drug.stop_day", "rt.status", "rt.start_day", "rt.end_day",
)  # fmt: skip

SOURCES: dict[str, tuple[str, ...]] = {
    "tumour.luminal": ("tumour.er",),
    "tumour.hr_positive": ("tumour.er", "tumour.pr"),
    "tumour.subtype": ("tumour.er", "tumour.pr", "tumour.her2"),
    "patient.hemoglobin_g_dl": ("obs.hemoglobin_value", "obs.hemoglobin_unit"),
    "pattern.onset": ("mets.onset_assertion",),
    "pattern.burden": ("mets.lesion_count",),
    "pattern.extent": (
        "mets.organ.liver", "mets.organ.lung", "mets.organ.brain", "mets.organ.other_visceral",
        "mets.organ.distant_nodes", "mets.organ.soft_tissue",
    ),
    "pattern.solitary_bone": ("mets.lesion_count", "pattern.extent"),
    "pattern.progression": ("mets.progression_pattern",),
    "context.rt_planned": ("rt.status",),
    "rt.planned": ("rt.status",),
    "rt.relevant": ("rt.status", "rt.end_day"),
    "rt.dose_per_fraction_gy": ("rt.total_dose_gy", "rt.fractions"),
    "rt.bed10": ("rt.total_dose_gy", "rt.fractions"),
    "rt.bed_late": ("rt.total_dose_gy", "rt.fractions"),
    "rt.dose_implausible": ("rt.total_dose_gy", "rt.fractions"),
    "rt.spinal": ("rt.region",),
    "rt.target_cord_compression": ("lesion.cord_compression",),
    "rt.single_fraction_stereotactic": ("rt.technique", "rt.fractions"),
    "lesion.spinal": ("lesion.site",),
    "drug.drug_class": ("drug.name",),
    "drug.on_board": ("drug.status", "drug.last_dose_day"),
    "drug.dose_above_standard": ("drug.dose_mg_per_day", "drug.dose_mg_per_kg", "drug.interval_days"),
    "drug.exposure": _EXPOSURE_SOURCES,
}  # fmt: skip
"""The facts to ask for when a derived fact is unknown."""

STEPS = frozenset({
    "context.rt_planned", "rt.planned", "rt.relevant", "rt.end_estimated", "rt.dose_implausible", "rt.spinal",
    "lesion.spinal", "drug.anticancer", "drug.on_board", "drug.start_assumed",
})  # fmt: skip
"""Derived facts that only lead from what was read to what is said: a card shows what they were made of."""

POSITION: dict[str, int] = {name: place for place, name in enumerate(FACTS)}
"""Facts of the patient first, then the tumour, the metastases ...: the order facts are shown in."""


def expected_resource(name: str) -> str:
    """The FHIR resources a fact is read from, as a hint to whoever completes the record.

    >>> expected_resource("mets.organ.liver")
    'Condition, Observation or DiagnosticReport'
    >>> expected_resource("analgesia.reviewed")
    'Observation'
    """
    feeds = [feed for feed in FEEDS if name in feed.facts and (not feed.of_drafts or FACTS[name].element == "order")]
    kinds = [kind for feed in feeds for kind in feed.resources if kind not in _HELPERS]
    return listed(tuple(dict.fromkeys(kinds)) or ("Observation",), "or")


_HELPERS = frozenset({"Medication", "BodyStructure"})
"""Resources that are read only through another one."""
