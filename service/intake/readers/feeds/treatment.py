"""What is read of treatment: drugs, orders, radiotherapy, operations and plans."""

from __future__ import annotations

from service.intake.readers.feeds.feed import (
    CODE_WORDS,
    DETAIL_WORDS,
    MEDICATION_RESOURCES,
    SITE_WORDS,
    THERAPY,
    Feed,
    worded,
)

_OF_DRUG_ORDERS = ("order.kind", "order.drug_class", "order.agent", "order.combination_chemo")
_PURPOSES = (
    "bone_assessment", "cord_assessment", "follow_up", "response", "rt_planning", "soft_tissue_assessment", "staging",
)  # fmt: skip
_RADIOPHARMACEUTICALS = ("phosphorus-32", "radium-223", "rhenium-186", "samarium-153", "strontium-89")

MEDICATION = (
    Feed(
        facts=("drug.name", "drug.anticancer"), resources=(*MEDICATION_RESOURCES, "Medication"),
        elements=("medicationCodeableConcept", "code", "ingredient.itemCodeableConcept"), by="drugs",
        says="denosumab 60 mg and zoledronic acid 5 mg, or given so seldom, are drugs of osteoporosis",
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
        facts=("meds.list_available",), resources=("MedicationRequest", "ServiceRequest", "CarePlan"),
        elements=("status",),
        says="no, when there is nothing but orders of this request and plans",
    ),
    Feed(
        facts=("meds.list_available",), resources=("MedicationStatement", "MedicationRequest"),
        elements=("medicationReference",), says="no, when a drug that is taken cannot be named",
    ),
    Feed(
        facts=("drug.name",), resources=MEDICATION_RESOURCES, elements=("medicationReference.display",),
        says="of a Medication that is not there, when it is a name of the drug map",
    ),
    Feed(
        facts=_OF_DRUG_ORDERS, resources=("MedicationRequest", "Medication"),
        elements=("medicationCodeableConcept", "code"), by="drugs", says="of this request",
    ),
    Feed(
        facts=("drug.name", *_OF_DRUG_ORDERS), resources=("MedicationRequest", "Medication"),
        elements=(
            "medicationCodeableConcept.text", "medicationCodeableConcept.coding.display", "medicationReference.display",
            "code.text", "code.coding.display",
        ),
        of_drafts=True, words=True, says="a name of the drug map, with a strength, a form and a route",
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
    Feed(
        facts=("order.kind", "order.agent", "order.modality"), resources=("ServiceRequest",), elements=("code",),
        by="orders", says="what codes of single examinations and interventions ask for",
    ),
    Feed(
        facts=("order.contrast",), resources=("ServiceRequest",), elements=("code", "orderDetail"), by="orders",
        targets=("with_contrast", "without_contrast"),
    ),
    Feed(
        facts=("order.purpose",), resources=("ServiceRequest",), elements=("code", "orderDetail", "reasonCode"),
        by="orders", targets=_PURPOSES,
    ),
    Feed(
        facts=("order.purpose",), resources=("ServiceRequest", "Condition"), elements=("reasonCode", "code"),
        by="conditions", targets=("cord_compression", "myelopathy"), says="the reason of the order",
    ),
    Feed(
        facts=("order.agent", "drug.name"), resources=("ServiceRequest",), elements=("code", "orderDetail"), by="drugs",
        of_drafts=True, says="a radiopharmaceutical ordered as a service",
    ),
    Feed(
        facts=("order.agent", "drug.name"), resources=("ServiceRequest",), elements=("code", "orderDetail"),
        by="orders", targets=_RADIOPHARMACEUTICALS, of_drafts=True,
    ),
    Feed(
        facts=("drug.status",), resources=("ServiceRequest",), elements=("status",), of_drafts=True,
        says="of a radiopharmaceutical ordered as a service",
    ),
    worded(
        "order.kind", "order.drug_class", "order.modality", "surgery.planned", "surgery.type", at=CODE_WORDS,
        says="where its code is one of a hospital's own list",
    ),
    worded("order.agent", "order.contrast", "order.purpose", "drug.name", at=(*CODE_WORDS, *DETAIL_WORDS)),
)  # fmt: skip

RADIOTHERAPY = (
    Feed(
        facts=("rt.status",), resources=THERAPY, elements=("status",),
        says="of a procedure or an order by radiotherapy-procedures, its technique, or its doses",
    ),
    Feed(
        facts=("rt.technique",), resources=THERAPY,
        elements=("code", "extension.valueCodeableConcept", "extension.extension.valueCodeableConcept", "extension"),
        by="radiotherapy-techniques", says="in the German profile of each irradiation by itself",
    ),
    Feed(
        facts=("rt.technique",), resources=THERAPY, elements=("extension.totalDose",),
        says="SBRT by the dose to bone, where no code tells a technique",
    ),
    Feed(
        facts=("rt.setting",), resources=THERAPY, elements=("extension.valueCodeableConcept",),
        by="radiotherapy-settings",
    ),
    Feed(
        facts=("rt.intent",), resources=THERAPY, elements=("extension.valueCodeableConcept",),
        by="radiotherapy-intents",
    ),
    Feed(
        facts=("rt.total_dose_gy", "rt.fractions"), resources=THERAPY,
        elements=("extension.totalDose", "extension.Gesamtdosis", "extension.fractions", "extension"),
        says="in Gy or cGy, of each volume by itself",
    ),
    Feed(
        facts=("rt.start_day", "rt.end_day"), resources=THERAPY,
        elements=(
            "performedPeriod.start", "performedPeriod.end", "performedDateTime", "performed", "occurrencePeriod.start",
            "occurrencePeriod.end", "occurrenceDateTime", "occurrenceTiming",
        ),
    ),
    Feed(facts=("rt.target",), resources=THERAPY, elements=("bodySite", "extension.Zielgebiet"), by="body-sites"),
    Feed(
        facts=("rt.target",), resources=THERAPY, elements=("code",), by="radiotherapy-procedures",
        targets=("bone_radiotherapy",),
    ),
    Feed(
        facts=("rt.target",), resources=THERAPY, elements=("reasonCode",), by="conditions", targets=("bone", "brain")
    ),
    Feed(
        facts=("rt.target",), resources=("Condition",), elements=("code",), by="conditions", targets=("bone", "brain"),
        says="the reason of the course",
    ),
    Feed(facts=("rt.region",), resources=THERAPY, elements=("bodySite", "extension.Zielgebiet"), by="body-regions"),
    *(
        Feed(
            facts=(fact,), resources=("BodyStructure",), elements=("location",), by=map_name,
            says="the volume of the course",
        )
        for fact, map_name in (("rt.target", "body-sites"), ("rt.region", "body-regions"))
    ),
    Feed(
        facts=("rt.technique",), resources=("ServiceRequest",), elements=("orderDetail",), by="radiotherapy-techniques"
    ),
    Feed(facts=("rt.intent",), resources=("ServiceRequest",), elements=("orderDetail",), by="radiotherapy-intents"),
    Feed(
        facts=("rt.total_dose_gy", "rt.fractions"), resources=("ServiceRequest",), elements=("quantityQuantity",),
        of_drafts=True, says="a dose in Gy or cGy, or a number of fractions",
    ),
    Feed(
        facts=("rt.fractions",), resources=("ServiceRequest",), elements=("occurrenceTiming.repeat.count",),
        of_drafts=True,
    ),
    worded(
        "rt.technique", "rt.intent", "rt.total_dose_gy", "rt.fractions", "rt.target", "rt.region",
        at=(*CODE_WORDS, *DETAIL_WORDS),
    ),
    worded("rt.target", "rt.region", at=SITE_WORDS),
)  # fmt: skip

OPERATION = (
    Feed(
        facts=("lesion.surgically_stabilised",), resources=("Procedure",), elements=("code",), by="procedures",
        says="completed, of the lesion it was done for or the only one of its place",
    ),
    Feed(
        facts=("surgery.planned", "surgery.type"), resources=("Procedure",), elements=("code",), by="procedures",
        says="in preparation",
    ),
)  # fmt: skip

LINKS = (
    Feed(
        facts=("rt.target_lesions",), resources=THERAPY, elements=("reasonReference", "extension.volume"),
        says="the lesions of the conditions it is given for, and of the volumes it treats",
    ),
    Feed(facts=("lesion.prior_rt",), resources=THERAPY, elements=("status",), says="of a course that is over"),
)  # fmt: skip

CARE_PLAN = (
    Feed(
        facts=("mdt.discussed",), resources=("CarePlan", "Procedure"), elements=("category", "code"), by="care-plans",
        says="a tumour board that met when metastases were known",
    ),
    Feed(
        facts=("rt.status",), resources=("CarePlan",), elements=("activity.detail.status",),
        by="radiotherapy-procedures", says="planned, while nothing is ordered or given for it",
    ),
    Feed(facts=("rt.start_day",), resources=("CarePlan",), elements=("activity.detail.scheduled",)),
    Feed(
        facts=("rt.target",), resources=("CarePlan",), elements=("activity.detail.reasonCode",), by="conditions",
        targets=("bone", "brain"),
    ),
    Feed(
        facts=("rt.target",), resources=("CarePlan",), elements=("activity.detail.code",), by="radiotherapy-procedures",
        targets=("bone_radiotherapy",),
    ),
    Feed(
        facts=("drug.name", "drug.anticancer"), resources=("CarePlan",),
        elements=("activity.detail.productCodeableConcept",), by="drugs", says="of a drug that nothing else names",
    ),
    Feed(facts=("drug.status",), resources=("CarePlan",), elements=("activity.detail.status",), says="planned"),
    Feed(
        facts=("surgery.planned", "surgery.type"), resources=("CarePlan",), elements=("activity.detail.code",),
        by="procedures",
    ),
)  # fmt: skip
