"""What is read of the patient and her disease: conditions, results, reports and imaging."""

from __future__ import annotations

from service.intake.readers.feeds.feed import DISTANT, ONSET, SITES, Feed, condition, metastases, result

PATIENT = (
    Feed(facts=("patient.age_years",), resources=("Patient",), elements=("birthDate",), says="on the evaluation date"),
)

CONDITION = (
    condition(
        "tumour.is_breast_primary", "conditions", "breast_primary", "breast_recurrence", "breast_history",
        "other_primary", says="another primary cancer alone says no",
    ),
    condition(
        "tumour.is_breast_primary", "body-sites", "breast", at=("bodySite",), says="of a cancer without a place"
    ),
    *metastases("Condition", "code", "conditions", "confirmed, or suspected while provisional"),
    *metastases("Condition", "bodySite", "body-sites", "of a metastasis without a place"),
    condition("tumour.er_primary", "condition-receptors", "er_positive", "er_negative"),
    condition("tumour.pr_primary", "condition-receptors", "pr_positive", "pr_negative"),
    condition("tumour.her2_primary", "condition-receptors", "her2_positive", "her2_negative"),
    condition("tumour.brca_mutated", "condition-receptors", "brca_mutated"),
    condition(
        "tumour.histology", "histology", at=("code", "extension.valueCodeableConcept"), says="of the breast cancer"
    ),
    condition(
        "tumour.primary_pathology_available", "histology", at=("code", "extension.valueCodeableConcept"),
        says="together with the receptors",
    ),
    condition(("tumour.stage", "tumour.locally_advanced", "mets.status"), "stage-values", at=("stage.summary",)),
    condition("mets.status", "m-values", at=("stage.summary",)),
    condition("tumour.locally_advanced", "conditions", "locally_advanced"),
    condition("patient.sarcoidosis", "conditions", "sarcoidosis"),
    condition("patient.bone_pain", "conditions", "bone_pain"),
    condition("lesion.status", "conditions", "bone", says="where it names the bone"),
    condition("lesion.status", "body-sites", "bone", at=("bodySite",), says="of a metastasis without a place"),
    condition("lesion.fracture", "conditions", "pathological_fracture"),
    condition("lesion.cord_compression", "conditions", "cord_compression", "myelopathy"),
    condition(
        ("lesion.site", "mets.bone_lesion_count", "mets.spinal_lesion_count"), "bone-sites", at=("code", "bodySite"),
        says="the counts are lower bounds: bones that cannot be the same place",
    ),
    Feed(
        facts=("mets.days_from_primary",), resources=("Condition",), elements=(*ONSET, "recordedDate"),
        says="from the diagnosis of the breast cancer to that of the first metastasis",
    ),
    Feed(facts=("tumour.years_since_diagnosis",), resources=("Condition",), elements=ONSET, says="of the primary"),
    condition(
        ("tumour.first_event", "mets.onset_assertion"), "conditions", "breast_recurrence",
        says="local, or regional by its body site; recurrent, when the patient has metastases",
    ),
    condition(
        ("tumour.first_event", "mets.onset_assertion"), "conditions", at=("clinicalStatus",),
        says="of a cancer, nodes or a metastasis that has come back",
    ),
    *(
        condition(
            "mets.days_from_primary", by, at=("stage.summary",), says="stage IV or M1 at the diagnosis"
        )
        for by in ("stage-values", "m-values")
    ),
)  # fmt: skip

OBSERVATION = (
    result("patient.ecog", "ecog", values=("ecog-values",), at=("value", "interpretation"), says="or a whole number"),
    result(("obs.hemoglobin_value", "obs.hemoglobin_unit"), "haemoglobin", says="in g/dL, g/L or mmol/L"),
    result("tumour.size_cm", "tumour_size", says="in cm or mm; of several diameters the largest"),
    result("lesion.size_cm", "tumour_size", says="of a metastasis in bone, by its focus or body site"),
    result("tumour.grade", "grade", "nottingham", values=("grade-values",), says="or a number that can only be one"),
    result("patient.bone_pain", "pain", says="a score above nothing at a bone, by body site or focus"),
    result("lesion.painful", "pain", says="of the lesion in its focus"),
    result("tumour.positive_axillary_nodes", "positive_nodes", "positive_nodes_at_least"),
    result(("tumour.stage", "tumour.locally_advanced", "mets.status"), "stage_group", values=("stage-values",)),
    result("mets.status", "m_category", values=("m-values",)),
    result(
        ("mets.status", *(f"mets.organ.{organ}" for organ in SITES)), "metastasis_site",
        values=("body-sites", "conditions"),
    ),
    result(
        "mets.status", "history_of_metastatic_cancer", values=("presence-values",), says="only that there never was one"
    ),
    result(
        "mets.status", "course_of_metastases", values=("disease-course",), says="of a follow-up"
    ),
    result(
        "mets.days_from_primary", "m_category", "stage_group", "metastasis_site", "course_of_metastases",
        says="metastases found with the primary, or after a word that there were none",
    ),
    result(
        ("tumour.first_event", "mets.onset_assertion"), "course_of_primary", "course_of_nodes", "course_of_metastases",
        values=("disease-course",), says="what has come back",
    ),
    result("mets.onset_assertion", "disease_status", values=("disease-status-values",), says="a recurrence"),
    result(
        ("tumour.first_event", "mets.onset_assertion"), "m_category", values=("m-values", "staging-symbols"),
        says="metastases staged after a recurrence",
    ),
    result(
        "mets.progression_pattern", "disease_status", values=("disease-status-values",),
        says="none, when the last word is stable, better or remission and is recent",
    ),
    result("tumour.pdl1", "pdl1", values=("presence-values", "interpretations")),
    result("tumour.brca_mutated", "brca", "brca1", "brca2", values=("presence-values", "interpretations")),
    result("tumour.brca_mutated", "variant", values=("genes", "significance-values", "presence-values")),
    result("tumour.histology", "histology", values=("histology",), says="of the primary"),
    result("mets.biopsy", "histology", values=("histology",), says="confirmed, by the histology of a metastasis"),
    *(
        result(
            (f"tumour.{receptor}_primary", f"tumour.{receptor}_metastasis"), *asked, values=values,
            says="of a metastasis when specimen, body site or focus says so (specimen-origins)",
        )
        for receptor, asked, values in (
            ("er", ("er",), ("presence-values", "interpretations")),
            ("pr", ("pr",), ("presence-values", "interpretations")),
            ("her2", ("her2", "her2_ihc", "her2_ish", "her2_ish_ratio"), ("presence-values", "her2-ihc-values")),
        )
    ),
    result(
        "tumour.primary_pathology_available", "er", "pr", "her2", "her2_ihc", "her2_ish", "her2_ish_ratio", "histology",
        says="when the histology and all receptors of the primary are told",
    ),
    result(
        "mets.biopsy", "er", "pr", "her2", "her2_ihc", "her2_ish", "her2_ish_ratio",
        says="confirmed, by a receptor of tissue of a metastasis",
    ),
)  # fmt: skip

REPORT = (
    *metastases("DiagnosticReport", "conclusionCode", "conditions"),
    Feed(
        facts=("mets.biopsy",), resources=("DiagnosticReport",), elements=("conclusionCode",), by="conditions",
        targets=DISTANT, says="confirmed, of a specimen of a metastasis",
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
