"""What holds of reading whatever is sent: no fault but one with a sentence, no fact from nothing, nothing sound lost."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from rulesets.drugs import CLASSES
from rulesets.record import Fact, Record
from service import canonical
from service.intake import drafts
from service.intake.accounting import of_no_patient
from service.intake.accounts import Account
from service.intake.entries import Entry
from service.intake.mending import with_one_value
from service.intake.reading import Reading, read
from service.intake.unpack import unpack
from service.intake.validation import JUDGED, faults
from service.problems import Problem
from service.results import notices_as_json
from service.understanding import understanding_of
from service.understanding_text import as_text
from service.web.json_in import json_in
from tests.intake.made import TODAY, terminology
from tests.support.mutations import made, mutated, real

Json = Any
STATUS_ELEMENTS = ("clinicalStatus", "verificationStatus")
FAULTS = {"invalid", "mended", "structure", "other-version"}
SOMEBODY = "Patient/somebody-else"


def received(document: Json) -> Json:
    """The document as a door gives it on; the problems of a door are problems too."""
    return json_in(json.dumps(document).encode("utf-8", "surrogatepass"), depth_limit=64)


def readings(document: Json) -> list[Reading]:
    return [read(one, terminology(), TODAY) for one in unpack(received(document))]


def record_of(document: Json) -> list[tuple[str, Record]]:
    return [(reading.patient, reading.record) for reading in readings(document)]


def facts_of(record: Record) -> Iterator[Fact]:
    members = [*(record.lesions or ()), *(record.drugs or ()), *record.courses, *record.orders]
    yield from record.facts.values()
    for member in members:
        yield from member.facts.values()


def entries_of(document: Json) -> list[Json]:
    entries = document.get("entry") if isinstance(document, dict) else None
    return [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []


def resources_of(document: Json) -> Iterator[Json]:
    """The resources of a bundle and of the bundles in it."""
    for entry in entries_of(document):
        resource = entry.get("resource")
        if isinstance(resource, dict):
            yield resource
            yield from resources_of(resource)


# --- nothing but problems ----------------------------------------------------------------------------------


def survives(document: Json) -> None:
    """It is read, or refused with a sentence; what is told of it can be sent; each fact has a source that was used."""
    try:
        found = readings(document)
    except Problem as problem:
        assert 400 <= problem.status < 500 and problem.sentence
        return
    told = [account for reading in found for account in reading.accounts]
    rest = of_no_patient(found[0].chart.resources.contents, told) if len(found) > 1 else ()
    assert all(account.reasons for account in (*told, *rest) if account.outcome != "used")
    for reading in found:
        result = {
            "patient": reading.patient, "evaluationDate": TODAY.isoformat(),
            **understanding_of(reading.record, reading.accounts), "warnings": notices_as_json(reading.notices),
        }  # fmt: skip
        assert canonical.dumps(result)
        assert as_text({"results": [result], "ignored": []})
        _has_its_sources(reading)


def _has_its_sources(reading: Reading) -> None:
    used = {account.reference for account in reading.accounts if account.outcome == "used"}
    for fact in facts_of(reading.record):
        assert fact.sources, fact.name
        for source in fact.sources:
            assert source.reference in used or source.reference.rpartition("#")[0] in used, (fact.name, source)


# --- no fact from nothing ------------------------------------------------------------------------------------


def with_unknown_codes(node: Json, element: str = "") -> Json:
    """The same without extensions, words and codes that anybody knows; statuses are left as they are."""
    if isinstance(node, list):
        return [with_unknown_codes(each, element) for each in node]
    if not isinstance(node, dict):
        return node
    if element in STATUS_ELEMENTS:
        return node
    kept = {key: with_unknown_codes(value, key) for key, value in node.items() if "xtension" not in key}
    if "system" in kept and "code" in kept:
        kept |= {"system": "urn:nobody:knows", "code": f"unknown-{kept['code']}"}
    for words in ("display", "text"):
        kept.pop(words, None)
    return kept


def entered_in_error(document: Json) -> Json:
    for resource in list(resources_of(document)):
        if resource.get("resourceType") == "Condition":
            resource["verificationStatus"] = {"coding": [{"code": "entered-in-error"}]}
        elif resource.get("resourceType") not in ("Patient", "Bundle"):
            resource["status"] = "entered-in-error"
    return document


def of_somebody_else(document: Json) -> Json:
    for resource in list(resources_of(document)):
        if resource.get("resourceType") not in ("Patient", "Bundle"):
            resource.pop("patient", None)
            resource.pop("contained", None)
            resource["subject"] = {"reference": SOMEBODY}
    return document


def says_nothing(record: Record) -> None:
    """No fact but the age, and no drug that anybody knows."""
    assert set(record.facts) <= {"patient.age_years", "meds.list_available"}
    assert not record.conflicts
    names = [member.facts["drug.name"].value for member in record.drugs or () if "drug.name" in member.facts]
    assert not set(names) & set(CLASSES)
    rest = [member for member in (*(record.lesions or ()), *record.courses, *record.orders) if member.facts]
    assert all(
        set(member.facts) <= {"order.kind", "order.drug_class", "order.agent", "order.combination_chemo"}
        for member in rest
    )
    assert all(member.facts["order.drug_class"].value == "other" for member in rest)


def nothing_from(change: Callable[[Json], Json], document: Json) -> None:
    changed = change(copy.deepcopy(document))
    try:
        found = readings(changed)
    except Problem:
        return
    for reading in found:
        if reading.patient != SOMEBODY:
            says_nothing(reading.record)


def unknown_codes_say_nothing(document: Json) -> None:
    nothing_from(with_unknown_codes, document)


def errors_say_nothing(document: Json) -> None:
    nothing_from(entered_in_error, document)


def another_patient_says_nothing(document: Json) -> None:
    nothing_from(of_somebody_else, document)


# --- nothing lost ----------------------------------------------------------------------------------------------


def changes_nothing_when_it_is_not_used(document: Json, chosen: int, put: Json) -> None:
    """A resource that is told to be ignored, or not valid, leaves the record as if it had not come."""
    candidates = [one for one in entries_of(document) if _stands_alone(one.get("resource"), document)]
    assume(candidates)
    entry = candidates[chosen % len(candidates)]
    original = entry["resource"]
    name = f"{original['resourceType']}/{original['id']}"
    entry["resource"] = put(copy.deepcopy(original))
    with_it = _read_or_none(document)
    wrong = not _is_readable(entry["resource"])
    entry["resource"] = {"resourceType": "Basic", "id": "nothing", "code": {"text": "x"}}
    without = _read_or_none(document)
    if with_it is None or without is None or len(with_it) != len(without):
        return
    for one, other in zip(with_it, without, strict=True):
        accounts = [account for account in one.accounts if account.reference == name]
        assert not wrong or all(account.outcome != "used" for account in accounts), name
        if accounts and all(_is_silent(account) for account in accounts):
            assert one.record == other.record, name


def _is_readable(resource: Json) -> bool:
    """Whether nothing is wrong with a resource but what can be mended; of a draft order anything may be."""
    if resource["resourceType"] in drafts.KINDS and resource.get("status") == "draft":
        return True
    if resource["resourceType"] == "Observation":
        resource = with_one_value(Entry(resource=resource, place=""))[0].resource
    return resource["resourceType"] not in JUDGED or all(fault.mended for fault in faults(resource))


def _is_silent(account: Account) -> bool:
    """Not used; a drug that is not taken disputes one that is, and is told with that one."""
    return account.outcome != "used" and not any("not-taken" in reason.text for reason in account.reasons)


def _stands_alone(resource: Json, document: Json) -> bool:
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        return False
    name = resource.get("id")
    if resource["resourceType"] in ("Patient", "Bundle", "Parameters") or not isinstance(name, str) or len(name) < 2:
        return False
    return json.dumps(document).count(name) <= 2  # its own id and its own address


def _read_or_none(document: Json) -> list[Reading] | None:
    try:
        return readings(document)
    except Problem:
        return None


def is_read_alike_in_any_order(document: Json, seed: int) -> None:
    try:
        expected = record_of(document)
    except Problem:
        return
    shuffled = copy.deepcopy(document)
    if entries_of(shuffled) and shuffled.get("resourceType") == "Bundle" and shuffled.get("type") != "history":
        random.Random(seed).shuffle(shuffled["entry"])
        assert record_of(shuffled) == expected


def is_told_all_or_nothing(document: Json) -> None:
    """What a strict request accepts, a lenient one has no fault to tell of; and the records are the same."""
    try:
        strict = [read(one, terminology(), TODAY) for one in unpack(received(document), mode="strict")]
    except Problem as problem:
        assert problem.status in (400, 422) and all(issue.sentence for issue in problem.issues)
        return
    lenient = readings(document)
    assert not [notice for reading in lenient for notice in reading.notices if notice.code in FAULTS]
    assert [one.record for one in strict] == [one.record for one in lenient]


# --- what each is tried on ---------------------------------------------------------------------------------

ANY = st.one_of(mutated(real()), mutated(made()))
SOUND = st.one_of(real(), made())


def one_resource_changed(document: Json, chosen: int, data: st.DataObject) -> None:
    def put(resource: Json) -> Json:
        changed = data.draw(mutated(st.builds(copy.deepcopy, st.just(resource)), most=2))
        return changed | {"id": resource["id"], "resourceType": resource["resourceType"]}

    changes_nothing_when_it_is_not_used(document, chosen, put)


def properties() -> dict[str, Callable[[], None]]:
    """The properties by their names, each ready to be tried on documents of its own."""
    indexes = st.integers(0, 10**6)
    return {
        "whatever is sent is read or refused with a sentence": given(document=ANY)(survives),
        "codes that nobody knows make no fact": given(document=SOUND)(unknown_codes_say_nothing),
        "what was entered in error makes no fact": given(document=SOUND)(errors_say_nothing),
        "what is somebody else's makes no fact": given(document=SOUND)(another_patient_says_nothing),
        "a resource that is not used changes nothing": given(document=SOUND, chosen=indexes, data=st.data())(
            one_resource_changed
        ),
        "the order of what is sent does not matter": given(document=ANY, seed=indexes)(is_read_alike_in_any_order),
        "what is strictly valid is read without a fault": given(document=ANY)(is_told_all_or_nothing),
    }
