"""Which resources are kept as they were sent: those a suggestion may change, and no others."""

from __future__ import annotations

from decimal import Decimal

from service.intake.reading import read
from service.intake.unpack import unpack
from tests.intake.made import (
    RXNORM,
    TODAY,
    Resource,
    concept,
    condition,
    drug,
    patient,
    radiotherapy,
    reading,
    terminology,
)

OLAPARIB, LETROZOLE = "1597582", "72965"


def prescribed(name: str, status: str = "active", code: str = OLAPARIB, **more: object) -> Resource:
    return drug("MedicationRequest", name, code, status, **more)


def test_drafts_of_the_request_and_prescriptions_of_listed_drugs_are_kept() -> None:
    draft, active = radiotherapy("ServiceRequest", "rt", "draft"), prescribed("a")
    others = (
        radiotherapy("ServiceRequest", "earlier", "active"),
        drug("MedicationStatement", "s", LETROZOLE, "active"),
        condition("bone", "94222008"),
    )

    found = reading(draft, active, *others).sources

    assert found == {"MedicationRequest/a": active, "ServiceRequest/rt": draft}


def test_every_prescription_that_tells_the_status_of_a_drug_is_kept() -> None:
    found = reading(prescribed("a"), prescribed("b"), prescribed("c", "stopped")).sources

    assert set(found) == {"MedicationRequest/a", "MedicationRequest/b"}


def test_what_came_in_two_versions_is_not_kept() -> None:
    found = reading(prescribed("a"), prescribed("a", authoredOn="2026-08-04"), prescribed("b")).sources

    assert set(found) == {"MedicationRequest/b"}


def test_what_could_not_be_written_again_is_not_kept() -> None:
    long, exact = ({"doseAndRate": [{"doseQuantity": {"value": value}}]} for value in (10**30, Decimal("1.50")))

    found = reading(prescribed("a", dosageInstruction=[long]), prescribed("b", dosageInstruction=[exact])).sources

    assert set(found) == {"MedicationRequest/b"}


def test_each_patient_has_sources_of_her_own() -> None:
    theirs = [prescribed(f"of-{name}", subject={"reference": f"Patient/{name}"}) for name in ("p1", "p2")]
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": one} for one in (patient("p1"), patient("p2"), *theirs)],
    }

    found = [read(one, terminology(), TODAY).sources for one in unpack(bundle)]

    assert [set(sources) for sources in found] == [{"MedicationRequest/of-p1"}, {"MedicationRequest/of-p2"}]


def test_a_drug_nobody_knows_is_a_drug_of_the_list_too() -> None:
    unknown = prescribed("x", medicationCodeableConcept=concept(RXNORM, "0", display="study drug"))

    assert set(reading(unknown).sources) == {"MedicationRequest/x"}
