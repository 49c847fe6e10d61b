"""Every open fact that standard FHIR can say is written as a hospital would send it, and read back as it was."""

from __future__ import annotations

import json

import pytest

from rulesets.facts import FACTS
from rulesets.language import ChoiceFact, Value
from rulesets.record import Fact, Member
from service.intake.readers.feeds import FEEDS
from service.intake.reading import read
from service.intake.unpack import unpack
from service.intake.validation import all_faults
from tests.intake.made import bundle, patient, terminology
from tests.support.fhir_writer import CANNOT_SAY, TODAY, WRITERS, values_of

FED = {name for feed in FEEDS for name in feed.facts if FACTS[name].world == "open"}
EVERY = [(name, value) for name in sorted(WRITERS) for value in values_of(name)]


def test_every_fact_a_standard_resource_feeds_can_be_written() -> None:
    assert set(WRITERS) == FED


def test_every_value_of_a_choice_is_written_or_has_a_reason() -> None:
    for name in FED:
        fact = FACTS[name]
        if isinstance(fact, ChoiceFact):
            reasoned = {value for known, value in CANNOT_SAY if known == name}
            assert set(values_of(name)) | reasoned == set(fact.allowed), name
            assert not set(values_of(name)) & reasoned, name


@pytest.mark.parametrize(("name", "value"), EVERY, ids=[f"{name} {json.dumps(str(value))}" for name, value in EVERY])
def test_what_was_written_is_read_back(name: str, value: Value) -> None:
    written = WRITERS[name](value)
    whose = [] if any(each["resourceType"] == "Patient" for each in written) else [patient(birthDate="1966")]

    (one,) = unpack(bundle(*whose, *written))
    record = read(one, terminology(), TODAY).record

    assert [fault for each in written for fault in all_faults(each)] == []
    members: dict[str | None, tuple[Member, ...]] = {
        "lesion": record.lesions or (), "course": record.courses, "drug": record.drugs or (), "order": record.orders,
    }  # fmt: skip
    held: list[Fact] = [record.facts[name]] if name in record.facts else []
    held += [each.facts[name] for each in members.get(FACTS[name].element, ()) if name in each.facts]
    assert [fact.value for fact in held] == [value]
    assert all(not source.code.startswith("urn:osteon:codesystem:fact|") for fact in held for source in fact.sources)
