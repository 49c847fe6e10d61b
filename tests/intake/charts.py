"""Charts made so that every way a fact may be read is taken once; see test_feeds."""

from __future__ import annotations

from tests.intake.made import (
    ATC,
    BREAST,
    CORD_COMPRESSION,
    FACT,
    FACT_VALUE,
    LOINC,
    MCODE,
    RXNORM,
    SCT,
    VERTEBRA_METASTASIS,
    Resource,
    bundle,
    concept,
    condition,
    dose,
    drug,
    fact,
    observation,
    patient,
    radiotherapy,
)

MII = "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
FROM, TO = "2026-09-01", "2026-09-30"

METASTASIS, MALIGNANCY = "128462008", "363346000"
SITES = {
    "bone": ("94222008", "272673000"), "liver": ("94381002", "10200004"), "lung": ("94391008", "39607008"),
    "brain": ("94225005", "12738006"), "other-visceral": ("94161006", "15924003"),
    "distant-nodes": ("94408005", "1187336003"), "soft-tissue": ("94579000", "39937001"),
}  # fmt: skip
"""For each organ a condition and a body structure."""


def chart(*resources: Resource) -> Resource:
    return bundle(patient(), *resources)


def asked(name: str, code: str, answer: Resource | None = None, **more: object) -> Resource:
    """A result of an observation by its LOINC code, with a coded answer or what else is given."""
    value = {} if answer is None else {"valueCodeableConcept": answer}
    return observation(name, concept(LOINC, code), **value, **more)


POSITIVE, NEGATIVE = concept(SCT, "10828004"), concept(SCT, "260385009")

CONDITIONS: list[object] = [
    *(chart(condition(organ, code)) for organ, (code, _) in SITES.items()),
    *(chart(condition(organ, METASTASIS, bodySite=[concept(SCT, site)])) for organ, (_, site) in SITES.items()),
    chart(condition("metastasis", METASTASIS)),
    chart(condition("cancer", MALIGNANCY, bodySite=[concept(SCT, "76752008")])),
    chart(condition("cancer", concept(ICD, "C61"))),
    chart(
        condition(
            "cancer", "408643008", onsetDateTime="2020-03-01",
            stage=[{"summary": concept(SCT, "1222806003")}],
        ),
        condition("metastasis", VERTEBRA_METASTASIS, onsetPeriod={"start": "2026-02-01"}),
    ),
    chart(
        condition(
            "cancer", BREAST, recordedDate="2020-03-01",
            extension=[
                {"url": f"{MCODE}mcode-histology-morphology-behavior", "valueCodeableConcept": concept(SCT, "89740008")},
                {"url": "http://hl7.org/fhir/StructureDefinition/condition-assertedDate", "valueDateTime": "2020-02-01"},
            ],
            stage=[{"summary": concept(SCT, "1222837003")}],
        ),
        condition("metastasis", VERTEBRA_METASTASIS, recordedDate="2026-02-01"),
    ),
    chart(condition("cancer", BREAST, stage=[{"summary": concept(SCT, "55440008")}])),
    chart(
        condition("cancer", BREAST, onsetPeriod={"start": "2020-03-01"}),
        condition("metastasis", METASTASIS, onsetDateTime="2026-02-01"),
    ),
    chart(
        condition("cancer", BREAST, onsetDateTime="2020-03-01"),
        condition("metastasis", METASTASIS, recordedDate="2026-02-01"),
    ),
    chart(condition("back", "314955001")),
    chart(condition("back", "314955001"), condition("metastasis", METASTASIS)),
    chart(condition("cancer", BREAST, clinical="recurrence"), condition("metastasis", METASTASIS)),
    chart(condition("nodes", "94181007", clinical="recurrence"), condition("metastasis", METASTASIS)),
    chart(condition("metastasis", METASTASIS, clinical="recurrence")),
    chart(condition("cancer", BREAST, onsetDateTime="2020-03-01", stage=[{"summary": concept(SCT, "55440008")}])),
    chart(condition("cancer", BREAST, onsetDateTime="2020-03-01", stage=[{"summary": concept(SCT, "1222837003")}])),
    chart(condition("cancer", "1082701000112100")),
    chart(
        condition("triple", "706970001"), condition("sarcoidosis", "31541009"), condition("pain", "12584003"),
        condition("fracture", concept(ICD, "M84.58XA"), bodySite=[concept(SCT, "118645006"), concept(SCT, "22356005")]),
        condition("compression", CORD_COMPRESSION),
    ),
    chart(condition("cancer", "767444009")),
    chart(condition("her2", "427685000"), condition("er", concept(ICD, "Z17.0")), condition("pr", concept(ICD, "Z17.21"))),
    chart(
        condition("rib", METASTASIS, bodySite=[concept(SCT, "113197003")]),
        condition("spine", "94222008", bodySite=[concept(SCT, "55492004")]),
        condition("pelvis", "94478006"),
    ),
]  # fmt: skip

RESULTS: list[object] = [
    chart(asked("ecog", "89247-1", interpretation=[concept(LOINC, "LA9623-5")])),
    chart(asked("ecog", "89262-0", concept(LOINC, "LA9623-5"))),
    chart(asked("size", "21889-1", valueQuantity={"value": 23, "unit": "mm", "code": "mm"})),
    chart(
        asked(
            "size", "21889-1", valueQuantity={"value": 23, "unit": "mm", "code": "mm"}, bodySite=concept(SCT, "22356005")
        )
    ),
    chart(asked("grade", "33732-9", concept(LOINC, "LA27823-6")), asked("score", "44648-4", valueInteger=9)),
    chart(
        condition("metastasis", VERTEBRA_METASTASIS),
        asked("pain", "72514-3", valueInteger=6, focus=[{"reference": "Condition/metastasis"}]),
    ),
    chart(asked("nodes", "21893-3", valueInteger=5)),
    chart(asked("nodes", "85343-2", valueInteger=5)),
    chart(asked("stage", "21908-9", concept(SCT, "1222806003"))),
    chart(asked("stage", "21908-9", concept(SCT, "1222837003"))),
    chart(asked("m", "21907-1", concept(SCT, "1229903009"))),
    *(chart(asked("site", "44667-4", concept(SCT, site))) for _, site in SITES.values()),
    chart(observation("history", concept(SCT, "1287652008"), valueBoolean=False)),
    *(
        chart(
            condition("cancer", BREAST, onsetDateTime="2026-10-01"),
            observation("found", code, valueCodeableConcept=answer),
        )
        for code, answer in (
            (concept(LOINC, "21907-1"), concept(SCT, "1229903009")),
            (concept(LOINC, "21908-9"), concept(SCT, "1222837003")),
            (concept(LOINC, "44667-4"), concept(SCT, "39607008")),
            (concept(SCT, "399608002"), concept(f"{MII}/CodeSystem/mii-cs-onko-verlauf-fernmetastasen", "T")),
        )
    ),
    *(
        chart(
            condition("metastasis", METASTASIS),
            observation("course", concept(SCT, code), valueCodeableConcept=concept(f"{MII}/CodeSystem/{system}", answer)),
        )
        for code, system, answer in (
            ("277062004", "mii-cs-onko-verlauf-primaertumor", "R"),
            ("399656008", "mii-cs-onko-verlauf-lymphknoten", "R"),
            ("399608002", "mii-cs-onko-verlauf-fernmetastasen", "R"),
            ("396432002", "mii-cs-onko-verlauf-gesamtbeurteilung", "Y"),
            ("396432002", "mii-cs-onko-verlauf-gesamtbeurteilung", "K"),
        )
    ),
    chart(asked("m", "21907-1", concept("https://www.uicc.org/resources/tnm", "rM1"))),
    chart(asked("pdl1", "83052-1", POSITIVE)),
    chart(asked("brca", "94191-4", POSITIVE)),
    chart(
        asked(
            "variant", "69548-6", concept(LOINC, "LA9633-4"),
            component=[
                {"code": concept(LOINC, "48018-6"), "valueCodeableConcept": concept("http://www.genenames.org", "HGNC:1100")},
                {"code": concept(LOINC, "53037-8"), "valueCodeableConcept": concept(LOINC, "LA6668-3")},
            ],
        )
    ),
    *(
        chart(asked("histology", "59847-4", concept("urn:oid:2.16.840.1.113883.6.43.1", "8500/3"), **where))
        for where in ({}, {"bodySite": concept(SCT, "10200004")})
    ),
    *(
        chart(
            asked("er", "85337-4", POSITIVE, **where), asked("pr", "85339-0", NEGATIVE, **where),
            asked("her2", "85319-2", concept(LOINC, "LA11843-2"), **where),
        )
        for where in ({}, {"bodySite": concept(SCT, "10200004")})
    ),
    *(
        chart(
            *histology,
            asked("er", "85337-4", POSITIVE), asked("pr", "85339-0", NEGATIVE),
            asked("her2", "85319-2", concept(LOINC, "LA11843-2")),
        )
        for histology in (
            (asked("histology", "59847-4", concept("urn:oid:2.16.840.1.113883.6.43.1", "8500/3")),),
            (condition("cancer", "408643008"),),
            (
                condition(
                    "cancer", BREAST,
                    extension=[
                        {
                            "url": f"{MCODE}mcode-histology-morphology-behavior",
                            "valueCodeableConcept": concept(SCT, "89740008"),
                        }
                    ],
                ),
            ),
        )
    ),
    *(
        chart(
            {
                "resourceType": "DiagnosticReport", "id": organ, "status": "final", "code": concept(LOINC, "60568-3"),
                "subject": {"reference": "Patient/p1"}, "effectiveDateTime": "2026-10-01",
                "conclusionCode": [concept(SCT, code)],
            }
        )
        for organ, (code, _) in SITES.items()
    ),
]  # fmt: skip

BONE_SCAN, SPINE_MRI, WHOLE_BODY_MRI = (concept(LOINC, code) for code in ("25031-6", "36531-2", "46358-8"))
EXAMS = (
    BONE_SCAN, concept(SCT, "77477000"), concept(SCT, "113091000"), concept(SCT, "443271005"),
    concept("urn:osteon:codesystem:imaging", "NaF-PET"),
)  # fmt: skip


def reported(name: str, code: Resource, **more: object) -> Resource:
    return {
        "resourceType": "DiagnosticReport", "id": name, "status": "final", "code": code,
        "subject": {"reference": "Patient/p1"}, "effectiveDateTime": "2026-10-01", **more,
    }  # fmt: skip


def examined(name: str, code: Resource, status: str = "completed", **more: object) -> Resource:
    return {
        "resourceType": "Procedure", "id": name, "status": status, "code": code,
        "subject": {"reference": "Patient/p1"}, "performedDateTime": "2026-10-01", **more,
    }  # fmt: skip


OF_PELVIS = concept(SCT, "22356005")
IMAGES: list[object] = [
    *(chart(reported("r", exam, conclusionCode=[concept(SCT, "94222008")])) for exam in EXAMS),
    *(chart(observation("o", exam, valueCodeableConcept=NEGATIVE, bodySite=OF_PELVIS)) for exam in EXAMS),
    *(
        chart(
            observation(
                "o", exam, bodySite=OF_PELVIS,
                interpretation=[concept("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "NEG")],
            )
        )
        for exam in EXAMS
    ),
    *(chart(examined("p", exam, "not-done", bodySite=[OF_PELVIS])) for exam in EXAMS),
    *(
        chart(done)
        for code in (SPINE_MRI, WHOLE_BODY_MRI)
        for done in (reported("r", code), observation("o", code), examined("p", code))
    ),
    chart(examined("p", SPINE_MRI, "not-done")),
    *(chart(reported("r", concept(SCT, code))) for code in ("443271005", "450436003")),
    chart(
        {
            "resourceType": "Specimen", "id": "s", "subject": {"reference": "Patient/p1"},
            "collection": {"bodySite": OF_PELVIS},
        },
        reported(
            "r", concept(LOINC, "60568-3"), conclusionCode=[concept(SCT, "94222008")],
            specimen=[{"reference": "Specimen/s"}],
        ),
    ),
]  # fmt: skip

OLAPARIB, LAPATINIB, EMTANSINE = "1597582", "480167", "1371041"
DAILY = {
    "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
    "doseAndRate": [{"doseQuantity": {"value": 1250, "unit": "mg", "code": "mg"}}],
}
BY_WEIGHT = {
    "timing": {"repeat": {"frequency": 1, "period": 21, "periodUnit": "d", "boundsPeriod": {"start": FROM, "end": TO}}},
    "doseAndRate": [{"doseQuantity": {"value": 3.6, "unit": "mg/kg", "code": "mg/kg"}}],
}


def medicated(kind: str, name: str, status: str, **more: object) -> Resource:
    resource = drug(kind, name, OLAPARIB, status)
    if kind == "MedicationAdministration" and "effectivePeriod" not in more:
        resource["effectiveDateTime"] = FROM
    if "medicationCodeableConcept" in more or "medicationReference" in more:
        del resource["medicationCodeableConcept"]
    return {**resource, **more}


MEDICATION_KINDS = ("MedicationStatement", "MedicationRequest", "MedicationAdministration", "MedicationDispense")
PERIOD = {"effectivePeriod": {"start": FROM, "end": TO}}

MEDICATIONS: list[object] = [
    *(
        chart(medicated(kind, "m", "stopped" if kind != "MedicationRequest" else "completed", **more))
        for kind in MEDICATION_KINDS
        for more in (
            {},
            {"medicationCodeableConcept": concept(ATC, "L01BC59")},
            {"medicationCodeableConcept": concept(ATC, "N02AA01")},
            {"medicationCodeableConcept": {"text": "olaparib"}},
        )
    ),
    chart(
        {"resourceType": "Medication", "id": "code", "code": concept(RXNORM, OLAPARIB)},
        {"resourceType": "Medication", "id": "mix", "ingredient": [{"itemCodeableConcept": concept(RXNORM, LAPATINIB)}]},
        {"resourceType": "Medication", "id": "other", "code": concept(ATC, "L01BC59")},
        {"resourceType": "Medication", "id": "named", "code": {"text": "novamab"}},
        *(
            medicated("MedicationStatement", name, "active", medicationReference={"reference": f"Medication/{name}"})
            for name in ("code", "mix", "other", "named")
        ),
    ),
    *(
        chart(medicated(kind, "m", "active", medicationReference={"reference": "Medication/gone"}))
        for kind in ("MedicationStatement", "MedicationRequest")
    ),
    *(
        chart(
            medicated(
                kind, "m", "stopped" if kind != "MedicationRequest" else "completed",
                medicationReference={"reference": "Medication/gone", "display": "olaparib"},
            )
        )
        for kind in MEDICATION_KINDS
    ),
    chart(medicated("MedicationStatement", "m", "stopped", **PERIOD)),
    chart(medicated("MedicationStatement", "m", "active", effectiveDateTime=FROM)),
    chart(medicated("MedicationAdministration", "m", "stopped", **PERIOD)),
    chart(medicated("MedicationAdministration", "m", "in-progress", **PERIOD)),
    chart(medicated("MedicationAdministration", "m", "completed")),
    chart(medicated("MedicationDispense", "m", "completed", whenHandedOver=FROM)),
    chart(medicated("MedicationRequest", "m", "active")),
    chart(medicated("MedicationRequest", "m", "active", dispenseRequest={"validityPeriod": {"start": FROM}})),
    *(
        chart(medicated(kind, "m", status, medicationCodeableConcept=concept(RXNORM, code), **{element: [dosage]}))
        for kind, status, element in (
            ("MedicationStatement", "active", "dosage"),
            ("MedicationRequest", "active", "dosageInstruction"),
            ("MedicationDispense", "completed", "dosageInstruction"),
        )
        for code, dosage in ((LAPATINIB, DAILY), (EMTANSINE, BY_WEIGHT))
    ),
    chart(
        medicated(
            "MedicationAdministration", "m", "completed",
            dosage={"dose": {"value": 3.6, "unit": "mg/kg", "code": "mg/kg"}},
        )
    ),
    chart(medicated("MedicationRequest", "m", "draft")),
    chart(
        {"resourceType": "Medication", "id": "code", "code": concept(RXNORM, OLAPARIB)},
        medicated("MedicationRequest", "m", "draft", medicationReference={"reference": "Medication/code"}),
    ),
]  # fmt: skip


def ordered(name: str, status: str, code: Resource, **more: object) -> Resource:
    return {
        "resourceType": "ServiceRequest", "id": name, "status": status, "intent": "order", "code": code,
        "subject": {"reference": "Patient/p1"}, **more,
    }  # fmt: skip


OPERATION, ORDER = "urn:osteon:codesystem:procedures", "urn:osteon:codesystem:orders"
LOCAL = "urn:com.example:orderables"
NUCLIDE_THERAPY, MRI, RT = concept(SCT, "399315003"), concept(SCT, "113091000"), concept(SCT, "1217123003")
COMPRESSED, IMRT, PALLIATIVE = (concept(SCT, code) for code in (CORD_COMPRESSION, "441799006", "363676003"))


def drafted(code: Resource, **more: object) -> Resource:
    return ordered("d", "draft", code, **more)


def said_anywhere(text: str) -> list[Resource]:
    """The elements of a draft that may hold words, each with the same ones."""
    local = [concept(LOCAL, "1", display=text)]
    return [
        {"orderDetail": [{"text": text}]}, {"orderDetail": local}, {"reasonCode": [{"text": text}]},
        {"reasonCode": local}, {"note": [{"text": text}]},
    ]  # fmt: skip


def of_local_list(text: str) -> list[Resource]:
    return [{"text": text}, concept(LOCAL, "1", display=text)]


DRAFTS: list[object] = [
    *(
        chart(drafted(code))
        for text in ("CT of the spine with contrast for staging", "Internal fixation", "Radium-223 therapy")
        for code in of_local_list(text)
    ),
    *(
        chart(drafted(code))
        for code in of_local_list("SBRT thoracic spine, palliative, 35 Gy in 5 fractions")
    ),
    *(chart(drafted(MRI, **more)) for more in said_anywhere("with contrast, for staging")),
    *(chart(drafted(NUCLIDE_THERAPY, **more)) for more in said_anywhere("radium-223")),
    *(chart(drafted(RT, **more)) for more in said_anywhere("Palliative SBRT, T8, 24 Gy in 3 fractions")),
    *(chart(drafted(RT, bodySite=[site])) for site in of_local_list("Left femur")),
    chart(drafted(RT, quantityQuantity={"value": 30, "code": "Gy"}, occurrenceTiming={"repeat": {"count": 10}})),
    chart(drafted(RT, quantityQuantity={"value": 10, "unit": "fractions"})),
    chart(drafted(RT, orderDetail=[IMRT, PALLIATIVE])),
    *(
        chart(drafted({"coding": [*code["coding"], *NUCLIDE_THERAPY["coding"]]}))
        for code in (concept(RXNORM, "1424174"), concept(ORDER, "radium-223"))
    ),
    *(
        chart(drafted(NUCLIDE_THERAPY, orderDetail=[code]))
        for code in (concept(RXNORM, "1424174"), concept(ORDER, "radium-223"))
    ),
    chart(drafted(concept(LOINC, "24967-2"))),
    chart(drafted(concept(SCT, "86273004"))),
    *(chart(drafted(concept(ORDER, name))) for name in ("CT", "biopsy")),
    chart(drafted(MRI, orderDetail=[concept(ORDER, "without_contrast")])),
    chart(drafted({"coding": [*MRI["coding"], *concept(ORDER, "staging")["coding"]]})),
    chart(drafted(MRI, orderDetail=[concept(ORDER, "rt_planning")])),
    chart(drafted(MRI, reasonCode=[concept(ORDER, "response")])),
    chart(drafted(MRI, reasonCode=[COMPRESSED])),
    chart(condition("c", CORD_COMPRESSION), drafted(MRI, reasonReference=[{"reference": "Condition/c"}])),
    *(
        chart(medicated("MedicationRequest", "m", "draft", medicationCodeableConcept=code))
        for code in of_local_list("olaparib 150 mg tablet")
    ),
    chart(
        medicated("MedicationRequest", "m", "draft", medicationReference={"reference": "Medication/x", "display": "olaparib"})
    ),
]  # fmt: skip

ORDERS: list[object] = [
    chart(ordered("rt", "draft", RT)),
    chart(ordered("nuclide", "draft", NUCLIDE_THERAPY)),
    chart(ordered("mri", "draft", MRI)),
    chart(ordered("vertebroplasty", "draft", concept(SCT, "401226007"))),
    chart(ordered("fixation", "active", concept(OPERATION, "internal_fixation"))),
]


def german(**parts: Resource) -> Resource:
    url = f"{MII}/StructureDefinition/mii-ex-onko-strahlentherapie-bestrahlung"
    return {"url": url, "extension": [{"url": name, **part} for name, part in parts.items()]}


def gray(value: float) -> Resource:
    return {"valueQuantity": {"value": value, "unit": "Gy", "code": "Gy"}}


PELVIS = {
    "resourceType": "BodyStructure",
    "id": "volume",
    "patient": {"reference": "Patient/p1"},
    "location": concept(SCT, "22356005"),
}
INTENT = {"url": f"{MCODE}mcode-procedure-intent", "valueCodeableConcept": concept(SCT, "363676003")}
ADJUVANT = {
    "url": f"{MII}/StructureDefinition/mii-ex-onko-strahlentherapie-stellung-zur-op",
    "valueCodeableConcept": concept(f"{MII}/CodeSystem/mii-cs-therapie-stellung", "A"),
}
STEREOTACTIC = {
    "valueCodeableConcept": concept(f"{MII}/CodeSystem/mii-cs-onko-strahlentherapie-applikationsart", "P-ST")
}
SESSIONS = {"url": f"{MCODE}mcode-radiotherapy-sessions", "valueUnsignedInt": 5}
TECHNIQUE = {"url": f"{MCODE}mcode-radiotherapy-technique", "valueCodeableConcept": IMRT}
RIB = {"bodySite": [concept(SCT, "113197003")]}

THERAPIES: list[object] = [
    *(
        chart(
            condition("metastasis", VERTEBRA_METASTASIS),
            PELVIS,
            *(
                radiotherapy(kind, name, status, *extensions, **more)
                for name, extensions, more in (
                    ("a", (dose(800, "cGy", 1, "BodyStructure/volume"), INTENT), {}),
                    ("h", (dose(24, "Gy", 3, "BodyStructure/volume"), ADJUVANT), {}),
                    ("b", (SESSIONS, TECHNIQUE), RIB),
                    ("c", (), {"code": concept(SCT, "169345006")}),
                    ("d", (), {"reasonCode": [concept(SCT, "94222008")]}),
                    ("e", (), {"reasonReference": [{"reference": "Condition/metastasis"}]}),
                    ("f", (), {"code": concept(SCT, "395096001")}),
                    (
                        "g",
                        (
                            german(
                                Gesamtdosis=gray(20), Einzeldosis=gray(4), Applikationsart=STEREOTACTIC,
                                Zielgebiet={
                                    "valueCodeableConcept": concept(
                                        f"{MII}/CodeSystem/mii-cs-onko-strahlentherapie-zielgebiet", "5.6"
                                    )
                                },
                            ),
                        ),
                        {},
                    ),
                )
            ),
        )
        for kind, status in (("Procedure", "completed"), ("ServiceRequest", "active"))
    ),
    chart(radiotherapy("Procedure", "p", "in-progress", SESSIONS, performedPeriod={"start": FROM, "end": TO})),
    chart(radiotherapy("Procedure", "p", "completed", dose(8, "Gy", 1), performedDateTime=FROM)),
    chart(*(radiotherapy("Procedure", day, "completed", performedDateTime=f"2026-09-{day}") for day in ("01", "02"))),
    chart(radiotherapy("ServiceRequest", "s", "active", occurrencePeriod={"start": "2026-11-09", "end": "2026-11-13"})),
    chart(radiotherapy("ServiceRequest", "s", "active", occurrenceDateTime="2026-11-09")),
    chart(radiotherapy("ServiceRequest", "s", "active", occurrenceTiming={"event": ["2026-11-09"]})),
]  # fmt: skip

BOARD = concept(f"{MII}/CodeSystem/mii-cs-onko-therapieplanung-typ", "praeth")


def plan(name: str, *details: Resource, **more: object) -> Resource:
    return {
        "resourceType": "CarePlan", "id": name, "status": "active", "intent": "plan", "created": "2026-10-01",
        "subject": {"reference": "Patient/p1"}, "category": [BOARD], **more,
        **({"activity": [{"detail": {"status": "scheduled", **detail}} for detail in details]} if details else {}),
    }  # fmt: skip


PLANS: list[object] = [
    chart(
        plan(
            "p",
            {
                "code": concept(SCT, "1217123003"), "reasonCode": [concept(SCT, "94222008")],
                "scheduledPeriod": {"start": "2026-11-10"},
            },
            {"code": concept(SCT, "169345006")},
            {"productCodeableConcept": concept(RXNORM, OLAPARIB)},
            {"code": concept(OPERATION, "internal_fixation")},
        )
    ),
    chart(plan("p", {"code": concept(SCT, "169345006")})),
    chart(examined("board", concept(SCT, "399414003"))),
]  # fmt: skip

OPERATIONS: list[object] = [
    chart(
        condition("metastasis", "94300004"),
        examined("p", concept(OPERATION, "internal_fixation"), reasonReference=[{"reference": "Condition/metastasis"}]),
    ),
    chart(examined("p", concept(OPERATION, "internal_fixation"), "preparation")),
]

LINKS: list[object] = [
    chart(
        condition("metastasis", VERTEBRA_METASTASIS), PELVIS,
        fact("painful", "lesion.painful", valueBoolean=True, focus=[{"reference": "BodyStructure/volume"}]),
        radiotherapy(kind, "a", "completed", reasonReference=[{"reference": "Condition/metastasis"}]),
        radiotherapy(kind, "b", "completed", dose(8, "Gy", 1, "BodyStructure/volume")),
    )
    for kind in ("Procedure", "ServiceRequest")
]  # fmt: skip

LESIONS: list[object] = [
    chart(
        fact(
            "lesion", "lesion", bodySite=concept(SCT, "55492004"),
            component=[{"code": concept(FACT, "lesion.status"), "valueCodeableConcept": concept(FACT_VALUE, "suspected")}],
        )
    ),
    chart(PELVIS, fact("painful", "lesion.painful", valueBoolean=True, focus=[{"reference": "BodyStructure/volume"}])),
]  # fmt: skip

CHARTS: list[object] = [
    *CONDITIONS,
    *RESULTS,
    *IMAGES,
    *MEDICATIONS,
    *ORDERS,
    *DRAFTS,
    *THERAPIES,
    *PLANS,
    *OPERATIONS,
    *LINKS,
    *LESIONS,
]
