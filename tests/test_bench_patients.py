"""The patients of the benchmark: sixty valid resources each, different from one another, and the same every time."""

from __future__ import annotations

from itertools import islice

from service.intake.reading import read
from service.intake.unpack import unpack
from tests.bench_patients import ENTRIES, ON, bundle, bundles
from tests.intake.made import terminology


def test_a_patient_is_the_same_every_time_and_unlike_the_next() -> None:
    first, again = (list(islice(bundles(5), 3)) for _ in range(2))

    assert first == again
    assert len(set(first)) == 3


def test_every_resource_is_read_without_a_fault() -> None:
    for number in range(50):
        [patient] = unpack(bundle(number), mode="strict")

        reading = read(patient, terminology(), ON)

        assert len(bundle(number)["entry"]) == ENTRIES
        assert [notice for notice in reading.notices if notice.code in ("invalid", "value", "not-a-fact")] == []
        assert reading.record.courses and reading.record.drugs and reading.record.lesions


def test_patients_differ_in_what_rules_read() -> None:
    records = [read(unpack(bundle(number))[0], terminology(), ON).record for number in range(100)]

    for name in ("patient.age_years", "patient.ecog", "mets.lesion_count", "obs.hemoglobin_value"):
        assert len({record.value(name) for record in records}) >= 3
    assert len({tuple(sorted(str(drug.facts["drug.name"].value) for drug in one.drugs or ())) for one in records}) > 50
