"""Facts as standard FHIR says them: for a fact and a value the resources a hospital would send.

Written for an evaluation on TODAY and a patient p1. What no standard resource says has a reason instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from rulesets.facts import FACTS
from rulesets.language import ChoiceFact, Interval, Value

Resource = dict[str, Any]

TODAY = date(2026, 11, 1)
SCT, LOINC, RXNORM = "http://snomed.info/sct", "http://loinc.org", "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD_O, UCUM = "http://terminology.hl7.org/CodeSystem/icd-o-3", "http://unitsofmeasure.org"
MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/"
MII = "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko"
PATIENT = {"reference": "Patient/p1"}
LIVER, ILIUM, LUMBAR = "10200004", "22356005", "122496007"
BONE_METASTASIS, VERTEBRA_METASTASIS = "94222008", "94602001"


def concept(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def sct(code: str) -> Resource:
    return concept(SCT, code)


def loinc(code: str) -> Resource:
    return concept(LOINC, code)


def day(number: Value) -> str:
    assert isinstance(number, int)
    return (TODAY + timedelta(days=number)).isoformat()


def condition(
    code: Resource, *, name: str = "c", clinical: str = "active", sure: str = "confirmed", **more: Any
) -> Resource:
    status = "http://terminology.hl7.org/CodeSystem/condition-"
    return {
        "resourceType": "Condition", "id": name, "subject": PATIENT, "code": code,
        "clinicalStatus": concept(f"{status}clinical", clinical),
        "verificationStatus": concept(f"{status}ver-status", sure), **more,
    }  # fmt: skip


def result(code: Resource, *, name: str = "o", on: str = "2026-10-20", **value: Any) -> Resource:
    return {
        "resourceType": "Observation", "id": name, "status": "final", "subject": PATIENT, "code": code,
        "effectiveDateTime": on, **value,
    }  # fmt: skip


def quantity(value: Value, unit: str) -> Resource:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def report(code: Resource, **more: Any) -> Resource:
    return {
        "resourceType": "DiagnosticReport", "id": "r", "status": "final", "subject": PATIENT, "code": code,
        "effectiveDateTime": "2026-10-20", **more,
    }  # fmt: skip


def procedure(code: Resource, status: str = "completed", **more: Any) -> Resource:
    return {
        "resourceType": "Procedure", "id": "p", "status": status, "subject": PATIENT, "code": code,
        "performedDateTime": "2026-10-20", **more,
    }  # fmt: skip


def medication(kind: str, status: str, code: str = "1597582", **more: Any) -> Resource:
    extra = {"intent": "order", "authoredOn": "2026-10-01"} if kind == "MedicationRequest" else {}
    return {
        "resourceType": kind, "id": "m", "status": status, "subject": PATIENT,
        "medicationCodeableConcept": concept(RXNORM, code), **extra, **more,
    }  # fmt: skip


def course(status: str = "completed", *extensions: Resource, kind: str = "Procedure", **more: Any) -> Resource:
    extra = {"intent": "order"} if kind == "ServiceRequest" else {}
    return {
        "resourceType": kind, "id": "rt", "status": status, "subject": PATIENT, "code": sct("1217123003"),
        **({"extension": list(extensions)} if extensions else {}), **extra, **more,
    }  # fmt: skip


def volume(gray: Value, fractions: Value) -> Resource:
    return {
        "url": f"{MCODE}mcode-radiotherapy-dose-delivered-to-volume",
        "extension": [
            {"url": "totalDoseDelivered", "valueQuantity": quantity(gray, "Gy")},
            {"url": "fractionsDelivered", "valueUnsignedInt": fractions},
        ],
    }


def boosted() -> Resource:
    """An irradiation of the German oncology profile with a simultaneous integrated boost."""
    boost = concept(f"{MII}/CodeSystem/mii-cs-onko-strahlentherapie-boost", "SIB")
    total = {"url": "Gesamtdosis", "valueQuantity": quantity(40, "Gy")}
    return {
        "url": f"{MII}/StructureDefinition/mii-ex-onko-strahlentherapie-bestrahlung",
        "extension": [coded_extension("Boost", boost), total],
    }


def coded_extension(url: str, value: Resource) -> Resource:
    return {"url": url, "valueCodeableConcept": value}


# --- by value ------------------------------------------------------------------------------------------

SITES = {
    "bone": BONE_METASTASIS, "liver": "94381002", "lung": "94391008", "brain": "94225005", "other_visceral": "94161006",
    "distant_nodes": "94408005", "soft_tissue": "94579000",
}  # fmt: skip
BONES = {
    "vertebra": VERTEBRA_METASTASIS, "sacrum": "94527001", "pelvis": "94478006", "rib": "94521000",
    "sternum": "94605004", "skull": "94220000", "long_bone": "94300004", "other_bone": "94256002",
}  # fmt: skip
EXAMS = {
    "bone_scan": loinc("25031-6"), "ct": sct("77477000"), "mri": sct("113091000"), "fdg_pet": sct("443271005"),
    "naf_pet": concept("urn:osteon:codesystem:imaging", "NaF-PET"),
}  # fmt: skip
FOUND = {"negative": "260385009", "equivocal": "42425007", "positive": "10828004"}
STAGES = {
    "0": "0", "I": "1", "II": "2A", "IIIA": "3A", "IIIB": "3B", "IIIC": "3C", "IV": "4",
}  # fmt: skip
REGIONS = {
    "spine": LUMBAR, "sacrum": "699698002", "pelvis": ILIUM, "thorax": "113197003", "extremity": "71341001",
    "skull": "89546000", "other": LIVER,
}  # fmt: skip
TECHNIQUES = {"3DCRT": "1162782007", "IMRT": "441799006", "VMAT": "1156530009", "SBRT": "395096001", "SRS": "115959002"}
HISTOLOGIES = {"ductal_nst": "8500/3", "lobular": "8520/3", "other_carcinoma": "8480/3", "angiosarcoma": "9120/3"}
SCORES = {"negative": "LA11841-6", "equivocal": "LA11842-4", "positive": "LA11843-2"}
COURSE_STATES = {
    "draft": ("ServiceRequest", "draft"), "planned": ("ServiceRequest", "active"), "in_progress": ("Procedure", "in-progress"),
    "on_hold": ("Procedure", "on-hold"), "completed": ("Procedure", "completed"), "cancelled": ("Procedure", "not-done"),
}  # fmt: skip
DRUG_STATES = {
    "draft": ("MedicationRequest", "draft"), "planned": ("MedicationStatement", "intended"),
    "active": ("MedicationStatement", "active"), "on_hold": ("MedicationStatement", "on-hold"),
    "stopped": ("MedicationStatement", "stopped"),
}  # fmt: skip
EVENTS = {
    "local": condition(sct("314955001")),
    "regional": condition(sct("94181007"), clinical="recurrence"),
    "soft_tissue": condition(sct("94579000"), clinical="recurrence"),
    "distant": condition(sct("94381002"), clinical="recurrence"),
}


def receptor(code: str, where: str) -> Callable[[Value], list[Resource]]:
    place = {"bodySite": sct(LIVER)} if where == "metastasis" else {}
    answers = {"positive": loinc("LA6576-8"), "negative": loinc("LA6577-6")}
    return lambda value: [result(loinc(code), valueCodeableConcept=answers[str(value)], **place)]


def her2(where: str) -> Callable[[Value], list[Resource]]:
    place = {"bodySite": sct(LIVER)} if where == "metastasis" else {}
    return lambda value: [result(loinc("85319-2"), valueCodeableConcept=loinc(SCORES[str(value)]), **place)]


def imaging_order(detail: str) -> Resource:
    return {
        "resourceType": "ServiceRequest", "id": "o", "status": "draft", "intent": "order", "subject": PATIENT,
        "code": sct("113091000"), "orderDetail": [concept("urn:osteon:codesystem:orders", detail)],
    }  # fmt: skip


def exam(name: str) -> Callable[[Value], list[Resource]]:
    def written(value: Value) -> list[Resource]:
        if value == "not_done":
            return [procedure(EXAMS[name], "not-done", bodySite=[sct(ILIUM)])]
        if value == "positive":
            return [report(EXAMS[name], conclusionCode=[sct(BONE_METASTASIS)])]
        return [result(EXAMS[name], valueCodeableConcept=sct(FOUND[str(value)]), bodySite=sct(ILIUM))]

    return written


def dosage(milligrams: Value, unit: str, days: Value) -> Resource:
    repeat = {"frequency": 1, "period": days, "periodUnit": "d"}
    return {"dosageInstruction": [{
        "timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": quantity(milligrams, unit)}],
    }]}  # fmt: skip


def born(years: Value) -> str:
    assert isinstance(years, int)
    return date(TODAY.year - years, TODAY.month, TODAY.day).isoformat()


def in_bone(**more: Any) -> Resource:
    return condition(sct(VERTEBRA_METASTASIS), name="lesion", **more)


OF_LESION = {"focus": [{"reference": "Condition/lesion"}]}
FOR_LESION = {"reasonReference": [{"reference": "Condition/lesion"}]}

WRITERS: Mapping[str, Callable[[Any], list[Resource]]] = {
    "patient.age_years": lambda years: [{"resourceType": "Patient", "id": "p1", "birthDate": born(years)}],
    "patient.ecog": lambda score: [result(loinc("89247-1"), valueInteger=score)],
    "patient.bone_pain": lambda _: [condition(sct("12584003"))],
    "patient.sarcoidosis": lambda _: [condition(sct("31541009"))],
    "obs.hemoglobin_value": lambda value: [result(loinc("718-7"), valueQuantity=quantity(value, "g/dL"))],
    "obs.hemoglobin_unit": lambda unit: [result(loinc("718-7"), valueQuantity=quantity(11.5, unit))],
    "tumour.is_breast_primary": lambda is_breast: [condition(sct("254837009" if is_breast else "254637007"))],
    **{
        f"tumour.{name}_{where}": receptor(code, where)
        for name, code in (("er", "85337-4"), ("pr", "85339-0"))
        for where in ("primary", "metastasis")
    },
    **{f"tumour.her2_{where}": her2(where) for where in ("primary", "metastasis")},
    "tumour.histology": lambda value: [
        result(loinc("59847-4"), valueCodeableConcept=concept(ICD_O, HISTOLOGIES[value]))
    ],
    "tumour.size_cm": lambda value: [result(loinc("21889-1"), valueQuantity=quantity(value, "cm"))],
    "tumour.grade": lambda value: [result(loinc("33732-9"), valueInteger=value)],
    "tumour.positive_axillary_nodes": lambda value: [
        result(loinc("21893-3"), valueQuantity={"value": value.lo, "comparator": ">="})
        if isinstance(value, Interval)
        else result(loinc("21893-3"), valueInteger=value)
    ],
    "tumour.locally_advanced": lambda _: [condition(sct("1082701000112100"))],
    "tumour.stage": lambda value: [
        result(loinc("21908-9"), valueCodeableConcept=concept("http://cancerstaging.org", STAGES[value]))
    ],
    "tumour.first_event": lambda value: [EVENTS[value]],
    "tumour.years_since_diagnosis": lambda _: [condition(sct("254837009"), onsetDateTime="2024-11-01")],
    "tumour.primary_pathology_available": lambda _: [
        result(loinc("59847-4"), name="histology", valueCodeableConcept=concept(ICD_O, "8500/3")),
        *({**receptor(code, "primary")("positive")[0], "id": code} for code in ("85337-4", "85339-0")),
        *her2("primary")("negative"),
    ],
    "tumour.brca_mutated": lambda mutated: [
        result(loinc("94191-4"), valueCodeableConcept=loinc("LA6576-8" if mutated else "LA6577-6"))
    ],
    "tumour.pdl1": receptor("83052-1", "primary"),
    "mets.status": lambda status: [
        result(loinc("21907-1"), valueCodeableConcept=sct("1229901006"))
        if status == "none"
        else condition(sct("128462008"), sure="provisional" if status == "suspected" else "confirmed")
    ],
    "mets.onset_assertion": lambda _: [condition(sct(BONE_METASTASIS), clinical="recurrence")],
    "mets.days_from_primary": lambda days: [
        condition(sct("254837009"), name="primary", onsetDateTime=day(-days)),
        condition(sct(BONE_METASTASIS), name="spread", onsetDateTime=day(0)),
    ],
    "mets.bone_lesion_count": lambda _: [
        condition(sct(BONES[site]), name=site.replace("_", "-")) for site in ("rib", "skull")
    ],
    "mets.spinal_lesion_count": lambda _: [condition(sct(code), name=code) for code in ("94274006", "94389000")],
    "mets.biopsy": lambda _: receptor("85337-4", "metastasis")("negative"),
    "mets.progression_pattern": lambda _: [result(loinc("97509-4"), valueCodeableConcept=sct("359746009"))],
    **{
        f"mets.organ.{organ}": lambda _, code=code: [condition(sct(code))] for organ, code in SITES.items()
    },
    **{f"imaging.{name}": exam(name) for name in EXAMS},
    "imaging.spine_mri": lambda value: [
        procedure(loinc("36067-7"), "not-done")
        if value == "not_done"
        else procedure(loinc("36256-6" if value == "done_contrast" else "36531-2"))
    ],
    "imaging.morphologic_done": lambda _: [procedure(loinc("46305-9"))],
    "imaging.high_resolution_staging_done": lambda _: [procedure(sct("450436003"))],
    "lesion.site": lambda site: [condition(sct(BONES[site]))],
    "lesion.status": lambda status: [in_bone(sure="provisional" if status == "suspected" else "confirmed")],
    "lesion.size_cm": lambda value: [in_bone(), result(loinc("21889-1"), valueQuantity=quantity(value, "cm"), **OF_LESION)],
    "lesion.painful": lambda hurts: [in_bone(), result(loinc("72514-3"), valueInteger=5 if hurts else 0, **OF_LESION)],
    "lesion.fracture": lambda _: [condition(sct("866087009"))],
    "lesion.cord_compression": lambda value: [
        condition(sct("71286001"), sure="provisional" if value == "suspected" else "confirmed")
    ],
    "lesion.prior_rt": lambda _: [in_bone(), course(**FOR_LESION)],
    "lesion.surgically_stabilised": lambda _: [
        in_bone(), procedure(concept("urn:osteon:codesystem:procedures", "internal_fixation"), **FOR_LESION)
    ],
    "mdt.discussed": lambda _: [procedure(sct("399414003"))],
    "meds.list_available": lambda _: [medication("MedicationRequest", "draft")],
    "drug.name": lambda _: [medication("MedicationStatement", "active")],
    "drug.anticancer": lambda is_one: [
        {
            **medication("MedicationStatement", "active"),
            "medicationCodeableConcept": concept("http://www.whocc.no/atc", "L01BC59" if is_one else "N02AA01"),
        }
    ],
    "drug.status": lambda status: [medication(*DRUG_STATES[status])],
    "drug.start_day": lambda at: [medication("MedicationStatement", "active", effectivePeriod={"start": day(at)})],
    "drug.stop_day": lambda at: [medication("MedicationStatement", "stopped", effectivePeriod={"end": day(at)})],
    "drug.last_dose_day": lambda at: [medication("MedicationAdministration", "completed", effectiveDateTime=day(at))],
    "drug.dose_mg_per_day": lambda value: [medication("MedicationRequest", "active", "480167", **dosage(value, "mg", 1))],
    "drug.dose_mg_per_kg": lambda value: [
        medication("MedicationRequest", "active", "1371041", **dosage(value, "mg/kg", 21))
    ],
    "drug.interval_days": lambda value: [
        medication("MedicationRequest", "active", "1371041", **dosage(3.6, "mg/kg", value))
    ],
    "rt.status": lambda status: [course(COURSE_STATES[status][1], kind=COURSE_STATES[status][0])],
    "rt.start_day": lambda at: [course(performedPeriod={"start": day(at), "end": day(0)})],
    "rt.end_day": lambda at: [course(performedPeriod={"start": day(-200), "end": day(at)})],
    "rt.target": lambda target: [
        course(bodySite=[sct({"bone": ILIUM, "brain": "12738006", "other": "76752008"}[target])])
    ],
    "rt.region": lambda region: [course(bodySite=[sct(REGIONS[region])])],
    "rt.intent": lambda intent: [
        course("completed", coded_extension(
            f"{MCODE}mcode-procedure-intent", sct("363676003" if intent == "palliative" else "373808002")
        ))
    ],
    "rt.setting": lambda setting: [
        course("completed", coded_extension(
            f"{MII}/StructureDefinition/mii-ex-onko-strahlentherapie-stellung-zur-op",
            concept(f"{MII}/CodeSystem/mii-cs-therapie-stellung", "A" if setting == "postoperative" else "O"),
        ))
    ],
    "rt.technique": lambda technique: [
        course("completed", boosted()) if technique == "SIB" else course() | {"code": sct(TECHNIQUES[technique])}
    ],
    "rt.total_dose_gy": lambda gray: [course("completed", volume(gray, 10))],
    "rt.fractions": lambda number: [course("completed", volume(30, number))],
    "rt.target_lesions": lambda _: [in_bone(), course(**FOR_LESION)],
    "order.contrast": lambda asked: [imaging_order("with_contrast" if asked else "without_contrast")],
    "order.purpose": lambda purpose: [imaging_order(purpose)],
    "surgery.type": lambda kind: [procedure(concept("urn:osteon:codesystem:procedures", kind), "preparation")],
}  # fmt: skip

SAYS_ONLY: Mapping[str, tuple[Value, ...]] = {
    "patient.bone_pain": (True,), "patient.sarcoidosis": (True,), "tumour.locally_advanced": (True,),
    "tumour.years_since_diagnosis": (2.0,), "tumour.primary_pathology_available": (True,),
    "imaging.morphologic_done": (True,), "imaging.high_resolution_staging_done": (True,),
    "lesion.prior_rt": (True,), "lesion.surgically_stabilised": (True,), "mdt.discussed": (True,),
    "meds.list_available": (False,), "drug.name": ("olaparib",), "mets.bone_lesion_count": (Interval(lo=2),),
    "mets.spinal_lesion_count": (Interval(lo=2),), "rt.target_lesions": (("Condition/lesion",),),
    "patient.age_years": (0, 60, 104), "patient.ecog": (0, 3), "obs.hemoglobin_value": (7.5, 11),
    "tumour.size_cm": (2.5, 12), "tumour.grade": (1, 2, 3), "tumour.positive_axillary_nodes": (0, 4, Interval(lo=4)),
    "mets.days_from_primary": (0, 400), "lesion.size_cm": (1.5,), "drug.start_day": (-30, 0), "drug.stop_day": (-3,),
    "drug.last_dose_day": (-10, 0), "drug.dose_mg_per_day": (1250, 1500), "drug.dose_mg_per_kg": (3.6,),
    "drug.interval_days": (21, 14), "rt.start_day": (-100, -1), "rt.end_day": (-80, 0), "rt.total_dose_gy": (8, 24.5),
    "rt.fractions": (1, 25),
}  # fmt: skip
"""The values that are tried of facts whose values are not a choice, and what truths can be said at all."""

CANNOT_SAY: Mapping[tuple[str, Value], str] = {
    **{(f"mets.organ.{organ}", "absent"): "no code says that an organ was looked at and found free" for organ in SITES},
    ("mets.biopsy", "non_diagnostic"): "no verified code",
    ("mets.biopsy", "not_done"): "that no biopsy was sent does not tell that none was done",
    ("mets.onset_assertion", "de_novo"): "stage and dates tell it; nobody asserts it by a code",
    ("mets.progression_pattern", "oligoprogressive"): "a status says worse and not how",
    ("mets.progression_pattern", "widespread"): "a status says worse and not how",
    ("tumour.first_event", "none"): "that no event was sent does not tell that there was none",
    ("lesion.fracture", "none"): "that no fracture was sent does not tell that there is none",
    ("lesion.fracture", "impending"): "no verified code",
    ("lesion.cord_compression", "none"): "that no compression was sent does not tell that there is none",
    ("rt.technique", "tomotherapy"): "no verified code",
}
"""Values of choices that no standard resource says, and why."""


def values_of(name: str) -> tuple[Value, ...]:
    """The values of a fact that are written and read back."""
    fact = FACTS[name]
    if name in SAYS_ONLY:
        return SAYS_ONLY[name]
    if isinstance(fact, ChoiceFact):
        return tuple(value for value in fact.allowed if (name, value) not in CANNOT_SAY)
    return (True, False)
