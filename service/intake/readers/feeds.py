"""Which elements of which resources the readers make facts of, and by which concept maps.

A declaration, held to the readers by a test: whatever they read of any patient of the tests is
declared here, and each declaration is seen at work. ``fhir_profiles/FACTS.md`` and the hints on cards
are printed from it. Beside this, any open fact may be sent as an observation under its own name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One way to some facts: the elements a reader names as their source, in one kind of resource.

    ``by`` is the map in which the code of the source stands, with one of ``targets`` if any are
    named; without a map no code decides. ``values`` are the maps that give the value. ``says`` adds
    in a clause what maps cannot show.
    """

    facts: tuple[str, ...]
    resources: tuple[str, ...]
    elements: tuple[str, ...]
    by: str = ""
    targets: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    says: str = ""


_SITES: Mapping[str, tuple[str, ...]] = {
    "bone": ("bone", "bone_marrow"), "liver": ("liver",), "lung": ("lung",), "brain": ("brain",),
    "other_visceral": ("other_visceral",), "distant_nodes": ("distant_nodes",), "soft_tissue": ("soft_tissue",),
}  # fmt: skip
"""The sites of metastases that are counted under each organ."""

_ONSET = ("onsetDateTime", "onsetPeriod.start", "extension.valueDateTime")
_DISTANT = (*(site for sites in _SITES.values() for site in sites), "unspecified")
MEDICATION_RESOURCES = ("MedicationStatement", "MedicationRequest", "MedicationAdministration", "MedicationDispense")
_THERAPY = ("Procedure", "ServiceRequest")


def _condition(
    facts: str | tuple[str, ...], by: str, *targets: str, at: tuple[str, ...] = ("code",), says: str = ""
) -> Feed:
    named = (facts,) if isinstance(facts, str) else facts
    return Feed(facts=named, resources=("Condition",), elements=at, by=by, targets=targets, says=says)


def _result(
    facts: str | tuple[str, ...],
    *answers: str,
    values: tuple[str, ...] = (),
    at: tuple[str, ...] = ("value",),
    says: str = "",
) -> Feed:
    """A result of an observation or of a component, by what its code asks."""
    named = (facts,) if isinstance(facts, str) else facts
    return Feed(
        facts=named,
        resources=("Observation",),
        elements=at,
        by="observations",
        targets=answers,
        values=values,
        says=says,
    )


def _metastases(resource: str, element: str, by: str, says: str = "") -> tuple[Feed, ...]:
    """What a site of metastases says of the patient, and of its organ."""
    led_to = {"mets.status": _DISTANT, **{f"mets.organ.{organ}": sites for organ, sites in _SITES.items()}}
    return tuple(
        Feed(facts=(fact,), resources=(resource,), elements=(element,), by=by, targets=sites, says=says)
        for fact, sites in led_to.items()
    )


PATIENT = (
    Feed(facts=("patient.age_years",), resources=("Patient",), elements=("birthDate",), says="on the evaluation date"),
)

CONDITION = (
    _condition(
        "tumour.is_breast_primary", "conditions", "breast_primary", "breast_recurrence", "breast_history",
        "other_primary", says="another primary cancer alone says no",
    ),
    _condition(
        "tumour.is_breast_primary", "body-sites", "breast", at=("bodySite",), says="of a cancer without a place"
    ),
    *_metastases("Condition", "code", "conditions", "confirmed, or suspected while provisional"),
    *_metastases("Condition", "bodySite", "body-sites", "of a metastasis without a place"),
    _condition("tumour.er_primary", "condition-receptors", "er_positive", "er_negative"),
    _condition("tumour.pr_primary", "condition-receptors", "pr_positive", "pr_negative"),
    _condition("tumour.her2_primary", "condition-receptors", "her2_positive", "her2_negative"),
    _condition("tumour.brca_mutated", "condition-receptors", "brca_mutated"),
    _condition(
        "tumour.histology", "histology", at=("code", "extension.valueCodeableConcept"), says="of the breast cancer"
    ),
    _condition(("tumour.stage", "tumour.locally_advanced", "mets.status"), "stage-values", at=("stage.summary",)),
    _condition("mets.status", "m-values", at=("stage.summary",)),
    _condition("tumour.locally_advanced", "conditions", "locally_advanced"),
    _condition("patient.sarcoidosis", "conditions", "sarcoidosis"),
    _condition("patient.bone_pain", "conditions", "bone_pain"),
    _condition("lesion.status", "conditions", "bone", says="where it names the bone"),
    _condition("lesion.status", "body-sites", "bone", at=("bodySite",), says="of a metastasis without a place"),
    _condition("lesion.fracture", "conditions", "pathological_fracture"),
    _condition("lesion.cord_compression", "conditions", "cord_compression", "myelopathy"),
    _condition(
        ("lesion.site", "mets.bone_lesion_count", "mets.spinal_lesion_count"), "bone-sites", at=("code", "bodySite"),
        says="the counts are lower bounds: bones that cannot be the same place",
    ),
    Feed(
        facts=("mets.days_from_primary",), resources=("Condition",), elements=(*_ONSET, "recordedDate"),
        says="from the diagnosis of the breast cancer to that of the first metastasis",
    ),
    Feed(facts=("tumour.years_since_diagnosis",), resources=("Condition",), elements=_ONSET, says="of the primary"),
    _condition(
        ("tumour.first_event", "mets.onset_assertion"), "conditions", "breast_recurrence",
        says="local, or regional by its body site; recurrent, when the patient has metastases",
    ),
    _condition(
        ("tumour.first_event", "mets.onset_assertion"), "conditions", at=("clinicalStatus",),
        says="of a cancer, nodes or a metastasis that has come back",
    ),
    *(
        _condition(
            "mets.days_from_primary", by, at=("stage.summary",), says="stage IV or M1 at the diagnosis"
        )
        for by in ("stage-values", "m-values")
    ),
)  # fmt: skip

OBSERVATION = (
    _result("patient.ecog", "ecog", values=("ecog-values",), at=("value", "interpretation"), says="or a whole number"),
    _result(("obs.hemoglobin_value", "obs.hemoglobin_unit"), "haemoglobin", says="in g/dL, g/L or mmol/L"),
    _result("tumour.size_cm", "tumour_size", says="in cm or mm; of several diameters the largest"),
    _result("lesion.size_cm", "tumour_size", says="of a metastasis in bone, by its focus or body site"),
    _result("tumour.grade", "grade", "nottingham", values=("grade-values",), says="or a number that can only be one"),
    _result("patient.bone_pain", "pain", says="a score above nothing at a bone, by body site or focus"),
    _result("lesion.painful", "pain", says="of the lesion in its focus"),
    _result("tumour.positive_axillary_nodes", "positive_nodes", "positive_nodes_at_least"),
    _result(("tumour.stage", "tumour.locally_advanced", "mets.status"), "stage_group", values=("stage-values",)),
    _result("mets.status", "m_category", values=("m-values",)),
    _result(
        ("mets.status", *(f"mets.organ.{organ}" for organ in _SITES)), "metastasis_site",
        values=("body-sites", "conditions"),
    ),
    _result(
        "mets.status", "history_of_metastatic_cancer", values=("presence-values",), says="only that there never was one"
    ),
    _result(
        "mets.status", "course_of_metastases", values=("disease-course",), says="of a follow-up"
    ),
    _result(
        "mets.days_from_primary", "m_category", "stage_group", "metastasis_site", "course_of_metastases",
        says="metastases found with the primary, or after a word that there were none",
    ),
    _result(
        ("tumour.first_event", "mets.onset_assertion"), "course_of_primary", "course_of_nodes", "course_of_metastases",
        values=("disease-course",), says="what has come back",
    ),
    _result("mets.onset_assertion", "disease_status", values=("disease-status-values",), says="a recurrence"),
    _result(
        ("tumour.first_event", "mets.onset_assertion"), "m_category", values=("m-values", "staging-symbols"),
        says="metastases staged after a recurrence",
    ),
    _result(
        "mets.progression_pattern", "disease_status", values=("disease-status-values",),
        says="none, when the last word is stable, better or remission and is recent",
    ),
    _result("tumour.pdl1", "pdl1", values=("presence-values", "interpretations")),
    _result("tumour.brca_mutated", "brca", "brca1", "brca2", values=("presence-values", "interpretations")),
    _result("tumour.brca_mutated", "variant", values=("genes", "significance-values", "presence-values")),
    _result("tumour.histology", "histology", values=("histology",), says="of the primary"),
    _result("mets.biopsy", "histology", values=("histology",), says="confirmed, by the histology of a metastasis"),
    *(
        _result(
            (f"tumour.{receptor}_primary", f"tumour.{receptor}_metastasis"), *asked, values=values,
            says="of a metastasis when specimen, body site or focus says so (specimen-origins)",
        )
        for receptor, asked, values in (
            ("er", ("er",), ("presence-values", "interpretations")),
            ("pr", ("pr",), ("presence-values", "interpretations")),
            ("her2", ("her2", "her2_ihc", "her2_ish", "her2_ish_ratio"), ("presence-values", "her2-ihc-values")),
        )
    ),
    _result(
        "mets.biopsy", "er", "pr", "her2", "her2_ihc", "her2_ish", "her2_ish_ratio",
        says="confirmed, by a receptor of tissue of a metastasis",
    ),
)  # fmt: skip

REPORT = (
    *_metastases("DiagnosticReport", "conclusionCode", "conditions"),
    Feed(
        facts=("mets.biopsy",), resources=("DiagnosticReport",), elements=("conclusionCode",), by="conditions",
        targets=_DISTANT, says="confirmed, of a specimen of a metastasis",
    ),
)  # fmt: skip

_EXAMS = (
    ("imaging.bone_scan", "bone_scan"), ("imaging.ct", "CT"), ("imaging.mri", "MRI"), ("imaging.fdg_pet", "FDG-PET"),
    ("imaging.naf_pet", "NaF-PET"),
)  # fmt: skip
IMAGING = (
    *(
        Feed(
            facts=(fact,), resources=("DiagnosticReport", "Observation"),
            elements=("conclusionCode", "value", "interpretation"), by="imaging", targets=(exam,),
            values=("conditions", "presence-values", "interpretations"),
            says="of the last 90 days: positive when it found a metastasis in bone, negative only where bone was asked",
        )
        for fact, exam in _EXAMS
    ),
    *(
        Feed(
            facts=(fact,), resources=("Procedure",), elements=("status",), by="imaging", targets=(exam,),
            says="not-done, when no other one was",
        )
        for fact, exam in _EXAMS
    ),
    Feed(
        facts=("imaging.spine_mri",), resources=("DiagnosticReport", "Observation", "Procedure"), elements=("code",),
        by="imaging-details", targets=("spine",), says="of the last 90 days, where the code tells of contrast",
    ),
    Feed(
        facts=("imaging.spine_mri",), resources=("Procedure",), elements=("status",), by="imaging-details",
        targets=("spine",), says="not-done, when no other one was",
    ),
    Feed(
        facts=("imaging.morphologic_done",), resources=("DiagnosticReport", "Observation", "Procedure"),
        elements=("code",), by="imaging-details", targets=("whole_body",), says="CT or MRI of the last 90 days",
    ),
    Feed(
        facts=("imaging.high_resolution_staging_done",), resources=("DiagnosticReport", "Observation", "Procedure"),
        elements=("code",), by="imaging", targets=("WB-MRI", "PET-CT", "FDG-PET"), says="of the last 90 days",
    ),
)  # fmt: skip

MEDICATION = (
    Feed(
        facts=("drug.name", "drug.anticancer"), resources=(*MEDICATION_RESOURCES, "Medication"),
        elements=("medicationCodeableConcept", "code", "ingredient.itemCodeableConcept"), by="drugs",
    ),
    Feed(
        facts=("drug.anticancer", "drug.name"), resources=(*MEDICATION_RESOURCES, "Medication"),
        elements=("medicationCodeableConcept", "code"), by="anticancer", says="for a drug of no known class",
    ),
    Feed(
        facts=("drug.name",), resources=(*MEDICATION_RESOURCES, "Medication"),
        elements=("medicationCodeableConcept", "medicationCodeableConcept.text", "code", "code.text"),
        says="by its name where no code is known, which is told",
    ),
    Feed(
        facts=("drug.status",), resources=("MedicationStatement", "MedicationRequest", "MedicationAdministration"),
        elements=("status",),
    ),
    Feed(
        facts=("drug.start_day",), resources=("MedicationStatement", "MedicationAdministration"),
        elements=("effectivePeriod.start", "effectiveDateTime"),
    ),
    Feed(
        facts=("drug.start_day",), resources=("MedicationRequest",),
        elements=("dosageInstruction.timing", "authoredOn", "dispenseRequest.validityPeriod.start"),
    ),
    Feed(
        facts=("drug.stop_day",), resources=("MedicationStatement", "MedicationAdministration"),
        elements=("effectivePeriod.end", "effectiveDateTime"),
    ),
    Feed(facts=("drug.stop_day",), resources=("MedicationRequest",), elements=("dosageInstruction.timing",)),
    Feed(
        facts=("drug.last_dose_day",), resources=("MedicationAdministration", "MedicationDispense"),
        elements=("effective",),
    ),
    Feed(
        facts=("drug.dose_mg_per_day", "drug.dose_mg_per_kg"), resources=MEDICATION_RESOURCES,
        elements=("dosageInstruction.dose", "dosage.dose"), says="mg becomes mg/kg by a weight of the last 14 days",
    ),
    Feed(
        facts=("drug.interval_days",), resources=("MedicationStatement", "MedicationRequest", "MedicationDispense"),
        elements=("dosageInstruction.timing.repeat", "dosage.timing.repeat"),
    ),
    Feed(
        facts=("meds.list_available",), resources=("MedicationRequest",), elements=("status",),
        says="no, when the request holds nothing but its own orders",
    ),
    Feed(
        facts=("order.kind", "order.drug_class", "order.agent", "order.combination_chemo"),
        resources=("MedicationRequest", "Medication"), elements=("medicationCodeableConcept", "code"), by="drugs",
        says="of this request",
    ),
)  # fmt: skip

ORDER = (
    Feed(
        facts=("order.kind", "order.drug_class"), resources=("ServiceRequest",), elements=("code",),
        says="of this request: radiotherapy by radiotherapy-procedures",
    ),
    Feed(facts=("order.kind", "order.modality"), resources=("ServiceRequest",), elements=("code",), by="imaging"),
    Feed(
        facts=("order.kind", "order.agent", "surgery.planned", "surgery.type"), resources=("ServiceRequest",),
        elements=("code",), by="procedures", says="an operation also when an earlier order for it is still open",
    ),
)  # fmt: skip

RADIOTHERAPY = (
    Feed(
        facts=("rt.status",), resources=_THERAPY, elements=("status",),
        says="of a procedure or an order by radiotherapy-procedures, its technique, or its doses",
    ),
    Feed(
        facts=("rt.technique",), resources=_THERAPY, elements=("code",), by="radiotherapy-techniques",
        says="or in the extension radiotherapy-technique",
    ),
    Feed(
        facts=("rt.intent",), resources=_THERAPY, elements=("extension.valueCodeableConcept",),
        by="radiotherapy-intents",
    ),
    Feed(
        facts=("rt.total_dose_gy", "rt.fractions"), resources=_THERAPY,
        elements=("extension.totalDose", "extension.Gesamtdosis", "extension.fractions", "extension"),
        says="in Gy or cGy, of each volume by itself",
    ),
    Feed(
        facts=("rt.start_day", "rt.end_day"), resources=_THERAPY,
        elements=(
            "performedPeriod.start", "performedPeriod.end", "performedDateTime", "performed", "occurrencePeriod.start",
            "occurrencePeriod.end", "occurrenceDateTime", "occurrenceTiming",
        ),
    ),
    Feed(facts=("rt.target",), resources=_THERAPY, elements=("bodySite", "extension.Zielgebiet"), by="body-sites"),
    Feed(
        facts=("rt.target",), resources=_THERAPY, elements=("code",), by="radiotherapy-procedures",
        targets=("bone_radiotherapy",),
    ),
    Feed(
        facts=("rt.target",), resources=_THERAPY, elements=("reasonCode",), by="conditions", targets=("bone", "brain")
    ),
    Feed(
        facts=("rt.target",), resources=("Condition",), elements=("code",), by="conditions", targets=("bone", "brain"),
        says="the reason of the course",
    ),
    Feed(facts=("rt.region",), resources=_THERAPY, elements=("bodySite", "extension.Zielgebiet"), by="body-regions"),
    *(
        Feed(
            facts=(fact,), resources=("BodyStructure",), elements=("location",), by=map_name,
            says="the volume of the course",
        )
        for fact, map_name in (("rt.target", "body-sites"), ("rt.region", "body-regions"))
    ),
)  # fmt: skip

STATED = (
    Feed(
        facts=("lesion.site",), resources=("Observation",), elements=("bodySite",), by="bone-sites",
        says="of an observation of a lesion's facts",
    ),
    Feed(
        facts=("lesion.site",), resources=("BodyStructure",), elements=("location",), by="bone-sites",
        says="the focus of an observation of a lesion's facts",
    ),
)  # fmt: skip

FEEDS: tuple[Feed, ...] = (
    *PATIENT, *CONDITION, *OBSERVATION, *REPORT, *IMAGING, *MEDICATION, *ORDER, *RADIOTHERAPY, *STATED,
)  # fmt: skip

UNREAD: dict[str, str] = {
    "condition-receptors hr_positive": "oestrogen or progesterone receptor, and not which: told",
    "conditions cancer_pain": "pain of the cancer, which need not be of bone",
    "conditions fracture_cause_unstated": "a pathological fracture of a cause that is not stated",
    "conditions lymph_nodes": "nodes that may be regional: told, and not counted",
    "conditions malignancy_unspecified": "a cancer whose place only the body site tells",
    "conditions regional_nodes": "regional nodes are no distant metastasis",
    "conditions breast": "a metastasis in a breast is counted under no organ",
    "observations body_weight": "used to reckon a dose per kg",
    "observations gene": "read together with a variant",
    "observations genomic_source": "no rule asks whether a variant is inherited",
    "observations her2_copy_number": "read together with a ratio",
    "observations karnofsky": "told, and not converted to ECOG",
    "observations n_category": "no rule asks for it",
    "observations recurrence": "read together with the M category of its classification",
    "observations significance": "read together with a variant",
    "observations t_category": "no rule asks for it",
}
"""Answers of maps that feed no fact, and why."""
