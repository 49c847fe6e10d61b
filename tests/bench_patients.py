"""Invented patients for the benchmark: as many as are asked for, each different in what rules read, the same every time.

They differ in age, receptors, extent, symptoms, performance status, drugs with their dates and doses, and the
radiotherapy ordered; each has sixty resources as a hospital sends them, most of them laboratory results.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

Resource = dict[str, Any]

ENTRIES = 60
ON = date(2026, 11, 1)

SNOMED, LOINC, UCUM = "http://snomed.info/sct", "http://loinc.org", "http://unitsofmeasure.org"
FACT, FACT_VALUE = "urn:osteon:codesystem:fact", "urn:osteon:codesystem:fact-value"
MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-"
PRESCRIBED = (
    "http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-dose-prescribed-to-volume"
)
POSITIVE, NEGATIVE = "10828004", "260385009"
RECEPTORS = {"er": "16112-5", "pr": "16113-3", "her2": "48676-1"}
BREAST_CANCER, BONE_METASTASIS, RADIOTHERAPY = "254837009", "94222008", "1217123003"
SITES = {"ilium": "22356005", "rib": "113197003", "lumbar spine": "122496007", "odontoid": "1172006"}
ORGANS = ("liver", "lung", "brain", "other_visceral", "distant_nodes", "soft_tissue")
DRUGS = (
    "letrozole", "fulvestrant", "tamoxifen", "palbociclib", "ribociclib", "abemaciclib", "everolimus", "olaparib",
    "capecitabine", "paclitaxel", "trastuzumab", "zoledronic acid", "denosumab",
)  # fmt: skip
SCHEMES = ((8, 1), (20, 5), (30, 10), (24, 2), (27, 3), (35, 5), (39, 13), (50, 25))
LABORATORY = (("718-7", "g/L", 75, 145), ("2951-2", "mmol/L", 130, 148), ("2345-7", "mg/dL", 70, 180))
"""Haemoglobin, which is read, and sodium and glucose, which are not."""


def bundles(start: int = 0) -> Iterator[bytes]:
    """One bundle after the other, the body of a request each; another ``start`` gives other patients."""
    number = start
    while True:
        yield json.dumps(bundle(number)).encode()
        number += 1


def bundle(number: int) -> Resource:
    """The bundle of the patient with a number, dated about ``ON``."""
    return _Patient(number).bundle()


@cache
def _drug_codes() -> dict[str, Resource]:
    """A code of each drug, as our own map lists it."""
    profiles = Path(__file__).parent.parent / "fhir_profiles"
    groups = json.loads((profiles / "conceptmaps" / "drugs.json").read_text(encoding="utf-8"))["group"]
    found: dict[str, Resource] = {}
    for group in groups:
        for element in group["element"]:
            for target in element["target"]:
                found.setdefault(target.get("code", ""), {"system": group["source"], "code": element["code"]})
    return {name: found[name] for name in DRUGS}


class _Patient:
    def __init__(self, number: int) -> None:
        self._draw = random.Random(number)
        self._id = f"p{number}"
        self._resources: list[Resource] = []

    def bundle(self) -> Resource:
        draw = self._draw
        born = date(draw.randint(1938, 1990), draw.randint(1, 12), draw.randint(1, 28))
        self._resources.append({"resourceType": "Patient", "id": self._id, "birthDate": born.isoformat()})
        self._disease()
        self._condition_of_the_patient()
        for name in draw.sample(DRUGS, draw.randint(1, 3)):
            self._drug(name)
        self._radiotherapy()
        while len(self._resources) < ENTRIES:
            self._laboratory()
        address = "https://hospital.example/fhir"
        entries = [
            {"fullUrl": f"{address}/{one['resourceType']}/{one['id']}", "resource": one} for one in self._resources
        ]
        return {"resourceType": "Bundle", "type": "collection", "entry": entries}

    # --- what the resources say ------------------------------------------------------------------

    def _disease(self) -> None:
        draw = self._draw
        onset = self._day(400, 4000)
        self._condition(BREAST_CANCER, onsetDateTime=onset)
        for receptor, share in (("er", 0.75), ("pr", 0.65), ("her2", 0.15)):
            value = self._one_of(POSITIVE, NEGATIVE, share)
            self._observation(RECEPTORS[receptor], onset, valueCodeableConcept=_concept(SNOMED, value))
        lesions = [
            self._condition(BONE_METASTASIS, bodySite=[_concept(SNOMED, SITES[site])], onsetDateTime=self._day(1, 400))
            for site in draw.choices(list(SITES), k=draw.choice((1, 1, 2, 3)))
        ]
        organs = {organ: draw.choices(("absent", "present", ""), (80, 8, 12))[0] for organ in ORGANS}
        count = len(lesions) + sum(draw.randint(1, 4) for said in organs.values() if said == "present")
        component = [_fact(f"mets.organ.{organ}", said) for organ, said in organs.items() if said]
        component.append(_fact("mets.lesion_count", count))
        staging = {"code": {"text": "Extent of disease on staging"}, "component": component}
        self._resource("Observation", status="final", effectiveDateTime=self._day(1, 60), **staging)
        focus = [{"reference": lesions[0]}]
        for name, values in (
            ("fracture", ("none", "none", "impending", "fractured")),
            ("cord_compression", ("none", "none", "none", "suspected", "confirmed")),
        ):
            self._stated(f"lesion.{name}", draw.choice(values), focus=focus)

    def _condition_of_the_patient(self) -> None:
        draw = self._draw
        self._observation("89247-1", self._day(1, 120), valueInteger=draw.choices(range(4), (35, 40, 18, 7))[0])
        self._stated("patient.comorbidities", draw.choices(("none", "not_limiting", "significant"), (5, 3, 2))[0])
        self._stated("systemic.prior_lines_metastatic", draw.choices(range(4), (5, 3, 1, 1))[0])
        for name in draw.sample(("patient.bone_pain", "patient.neuro_symptoms", "mdt.discussed"), draw.randint(0, 3)):
            self._stated(name, draw.random() < 0.4)

    def _drug(self, name: str) -> None:
        status = self._draw.choices(("active", "stopped", "on-hold"), (8, 1, 1))[0]
        dose = {
            "value": self._draw.choice((2.5, 20, 75, 100, 125, 150, 300)),
            "unit": "mg",
            "system": UCUM,
            "code": "mg",
        }
        timing = {
            "repeat": {"boundsPeriod": {"start": self._day(1, 300)}, "frequency": 1, "period": 1, "periodUnit": "d"}
        }
        self._resource(
            "MedicationRequest",
            status=status,
            intent="order",
            medicationCodeableConcept={"coding": [_drug_codes()[name]], "text": name},
            authoredOn=self._day(1, 300),
            dosageInstruction=[{"timing": timing, "doseAndRate": [{"doseQuantity": dose}]}],
        )

    def _radiotherapy(self) -> None:
        total, fractions = self._draw.choice(SCHEMES)
        intent = _concept(SNOMED, self._one_of("363676003", "373808002", 0.8))
        dose = {"value": total, "unit": "Gy", "system": UCUM, "code": "Gy"}
        parts = [{"url": "totalDose", "valueQuantity": dose}, {"url": "fractions", "valuePositiveInt": fractions}]
        self._resource(
            "ServiceRequest",
            extension=[
                {"url": f"{MCODE}procedure-intent", "valueCodeableConcept": intent},
                {"url": PRESCRIBED, "extension": parts},
            ],
            status="draft",
            intent="order",
            code=_concept(SNOMED, RADIOTHERAPY),
            bodySite=[_concept(SNOMED, self._draw.choice(list(SITES.values())))],
            authoredOn=ON.isoformat(),
            occurrencePeriod={"start": (ON + timedelta(days=self._draw.randint(1, 40))).isoformat()},
        )

    def _laboratory(self) -> None:
        code, unit, least, most = LABORATORY[len(self._resources) % len(LABORATORY)]
        self._observation(
            code,
            f"{self._day(1, 90)}T08:{self._draw.randint(10, 59)}:00+01:00",
            category=[_concept("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory")],
            valueQuantity={"value": self._draw.randint(least, most), "unit": unit, "system": UCUM, "code": unit},
        )

    # --- how they are written ----------------------------------------------------------------------

    def _resource(self, kind: str, **elements: object) -> str:
        name = f"{self._id}-{len(self._resources)}"
        subject = {"reference": f"Patient/{self._id}"}
        self._resources.append({"resourceType": kind, "id": name, "subject": subject, **elements})
        return f"{kind}/{name}"

    def _condition(self, code: str, **elements: object) -> str:
        status = "http://terminology.hl7.org/CodeSystem/condition-"
        return self._resource(
            "Condition",
            clinicalStatus=_concept(f"{status}clinical", "active"),
            verificationStatus=_concept(f"{status}ver-status", "confirmed"),
            code=_concept(SNOMED, code),
            **elements,
        )

    def _observation(self, code: str, when: str, **elements: object) -> None:
        self._resource("Observation", status="final", code=_concept(LOINC, code), effectiveDateTime=when, **elements)

    def _stated(self, fact: str, value: bool | int | str, **elements: object) -> None:
        said = _fact(fact, value)
        self._resource("Observation", status="final", effectiveDateTime=self._day(1, 60), **said, **elements)

    def _day(self, least: int, most: int) -> str:
        """A day that lies so many days before the evaluation date."""
        return (ON - timedelta(days=self._draw.randint(least, most))).isoformat()

    def _one_of(self, one: str, other: str, share: float) -> str:
        return one if self._draw.random() < share else other


def _concept(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def _fact(name: str, value: bool | int | str) -> Resource:
    """A fact of our own code system, with its value; it is an observation or a component of one."""
    match value:
        case bool():
            said: Sequence[tuple[str, object]] = [("valueBoolean", value)]
        case int():
            said = [("valueInteger", value)]
        case str():
            said = [("valueCodeableConcept", _concept(FACT_VALUE, value))]
    return {"code": _concept(FACT, name), **dict(said)}
