"""What a request sent of each prefetch key, what is read for it, and what is told of the rest."""

from __future__ import annotations

from typing import Any

import pytest

from service.intake.validation import JUDGED
from service.prefetch.keys import PREFETCH, REASONS
from service.prefetch.states import Access, Answer, Outcome, Plan, Prefetch, plan, settled
from service.problems import PrefetchMissing
from tests.web.requests_made import PATIENT, about, hook_request, searchset

SERVER = "https://ehr.example.org/fhir"
ACCESS = Access(server=SERVER, token="t0ken")
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
NEXT = [{"relation": "self", "url": f"{SERVER}/Condition"}, {"relation": "next", "url": f"{SERVER}?page=2"}]
ALL_SENT: dict[str, Any] = {key: None for key in PREFETCH} | {"patient": PATIENT}
CONDITION = about("Patient/1", "Condition", "c")
REQUEST = about("Patient/1", "MedicationRequest", "m")


def planned(sent: dict[str, Any], access: Access | None = ACCESS, *servers: str) -> Plan:
    return plan(hook_request(prefetch=sent), access, servers or (SERVER,))


def come_of(sent: dict[str, Any], access: Access | None = ACCESS, **answers: Answer) -> Prefetch:
    """What comes of a prefetch; of what is not spoken of, nothing is missing."""
    return settled(planned({**ALL_SENT, **sent}, access), answers, max_entries=100)


def without(*keys: str) -> dict[str, Any]:
    return {key: value for key, value in ALL_SENT.items() if key not in keys}


def outcome_of(prefetch: Prefetch, key: str) -> Outcome:
    [found] = [outcome for outcome in prefetch.outcomes if outcome.key == key]
    return found


def documents(prefetch: Prefetch) -> dict[str, Any]:
    return {part.place: part.document for part in prefetch.parts}


def known_empty(prefetch: Prefetch) -> set[str]:
    return {kind for part in prefetch.parts for kind in part.kinds}


# --- five states -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value, state",
    [
        (searchset(REQUEST), "present"),
        (REQUEST, "present"),
        (searchset(REQUEST, OUTCOME), "present"),
        (None, "empty"),
        (searchset(), "empty"),
        ({"resourceType": "Bundle", "type": "searchset", "total": 0}, "empty"),
        (searchset({"resourceType": "OperationOutcome", "issue": [{"severity": "warning"}]}, total=0), "empty"),
        (OUTCOME, "failed"),
        (searchset(OUTCOME), "failed"),
        (searchset(OUTCOME, total=0), "failed"),
        (searchset(OUTCOME, total=3), "failed"),
        (searchset({"resourceType": "OperationOutcome", "issue": [{"severity": "warning"}]}), "failed"),
        (searchset(REQUEST, link=NEXT), "incomplete"),
        (searchset(link=NEXT), "incomplete"),
        (searchset(total=3), "incomplete"),
    ],
)
def test_what_was_sent_of_a_key_is_one_of_five_states(value: Any, state: str) -> None:
    assert planned({**ALL_SENT, "medicationRequests": value}).states["medicationRequests"] == state


def test_a_key_that_was_not_sent_is_absent() -> None:
    states = planned({}).states
    assert set(states.values()) == {"absent"} and list(states) == list(PREFETCH)


def test_the_patient_may_stand_under_another_key_and_a_list_may_not() -> None:
    states = planned({"subject": PATIENT, "meds": REQUEST}).states
    assert (states["patient"], states["medicationRequests"]) == ("present", "absent")


# --- what is read ----------------------------------------------------------------------------------


def test_absent_and_incomplete_keys_are_read_and_no_others() -> None:
    sent = {
        "patient": PATIENT,
        "conditions": searchset(CONDITION, link=NEXT),
        "observations": None,
        "medicationRequests": OUTCOME,
        "medicationStatements": searchset(),
        "procedures": searchset(about("Patient/1", "Procedure", "p")),
    }

    reads = {read.key: read for read in planned(sent).reads}

    assert set(reads) == {
        "conditions", "medicationAdministrations", "serviceRequests", "diagnosticReports", "specimens", "bodyStructures",
        "carePlans",
    }  # fmt: skip
    assert reads["conditions"].address == f"{SERVER}?page=2"
    assert reads["serviceRequests"].address == "ServiceRequest?patient=1"
    assert reads["medicationAdministrations"].address == (
        "MedicationAdministration?patient=1&_sort=-effective-time&_count=200"
    )


def test_the_patient_is_read_by_id_with_or_without_the_type() -> None:
    for patient_id in ("1", "Patient/1"):
        request = hook_request(prefetch={})
        request["context"]["patientId"] = patient_id
        [patient] = [read for read in plan(request, ACCESS, [SERVER]).reads if read.key == "patient"]
        assert (patient.address, patient.kind, patient.is_search) == ("Patient/1", "Patient", False)


def test_a_search_that_announces_more_than_it_holds_is_read_again_whole() -> None:
    [read] = planned({**ALL_SENT, "conditions": searchset(total=2)}).reads
    assert read.address == "Condition?patient=1"


@pytest.mark.parametrize(
    "access, servers, why_not",
    [
        (None, (SERVER,), "no-server"),
        (ACCESS, ("https://other.example.org/fhir",), "server-not-allowed"),
        (ACCESS, (f"{SERVER}/r4",), "server-not-allowed"),
        (Access(server=f"{SERVER}/r4"), (SERVER,), "server-not-allowed"),
        (Access(server="http://ehr.example.org/fhir"), (SERVER,), "server-not-allowed"),
        (Access(server=""), (SERVER,), "server-not-allowed"),
        (Access(server=""), ("",), "server-not-allowed"),
        (Access(server=f"{SERVER}/"), (SERVER,), ""),
        (Access(server="https://EHR.example.org:443/fhir"), (SERVER,), ""),
    ],
)
def test_only_a_server_on_the_list_is_read_from(access: Access | None, servers: tuple[str, ...], why_not: str) -> None:
    made = planned(without("conditions"), access, *servers)
    assert made.why_not == why_not and bool(made.reads) is (not why_not)


def test_a_token_is_shown_nowhere() -> None:
    assert "t0ken" not in repr(ACCESS) + str(planned({}))


# --- what came of it -------------------------------------------------------------------------------


def test_what_was_read_is_put_beside_what_was_sent() -> None:
    page = searchset(about("Patient/1", "Condition", "d"))
    answer = Answer(pages=(page, searchset(about("Patient/1", "Condition", "e"))), seconds=0.07, digest="f00")

    prefetch = come_of({"conditions": searchset(CONDITION, link=NEXT)}, conditions=answer)

    here, there = (documents(prefetch)[f"{where}.conditions"] for where in ("prefetch", "fetched"))
    assert here == searchset(CONDITION), "that there is more is not told twice"
    assert [entry["resource"]["id"] for entry in there["entry"]] == ["d", "e"]
    assert outcome_of(prefetch, "conditions").as_json() == {
        "key": "conditions", "state": "incomplete", "source": "fetched", "count": 3, "duration": "under 100 ms",
        "digest": "f00",
    }  # fmt: skip
    assert not prefetch.notices and not prefetch.incomplete


def test_a_patient_that_was_read_is_the_resource_itself() -> None:
    prefetch = settled(planned(without("patient")), {"patient": Answer(pages=(PATIENT,))}, max_entries=10)
    assert documents(prefetch)["fetched.patient"] == PATIENT


@pytest.mark.parametrize("kind, key", [("MedicationRequest", "medicationRequests"), ("MedicationStatement", "medicationStatements"),
                                       ("MedicationAdministration", "medicationAdministrations")])  # fmt: skip
def test_a_list_of_drugs_found_empty_is_known_to_be_empty_whoever_found_it(kind: str, key: str) -> None:
    sent = come_of({})
    read = settled(planned(without(key)), {key: Answer(pages=(searchset(total=0),))}, max_entries=10)
    assert kind in known_empty(sent) and kind in known_empty(read)


@pytest.mark.parametrize("key", ["conditions", "observations", "procedures", "serviceRequests", "diagnosticReports"])
def test_only_for_drugs_does_nothing_found_mean_none(key: str) -> None:
    prefetch = settled(planned(without(key)), {key: Answer(pages=(searchset(),))}, max_entries=10)
    assert known_empty(prefetch) == {"MedicationRequest", "MedicationStatement", "MedicationAdministration"}


@pytest.mark.parametrize(
    "value, answer",
    [
        (OUTCOME, None),
        (searchset(link=NEXT), Answer(reason="timeout")),
        (searchset(link=NEXT), Answer(pages=(searchset(),), reason="timeout")),
        (searchset(REQUEST, link=NEXT), Answer(reason="timeout")),
        (searchset(total=1), Answer(reason="server-error")),
    ],
)
def test_a_list_of_drugs_that_could_not_be_read_is_unknown(value: Any, answer: Answer | None) -> None:
    answers = {"medicationRequests": answer} if answer else {}

    prefetch = come_of({"medicationRequests": value}, **answers)

    assert "MedicationRequest" not in known_empty(prefetch)
    assert prefetch.incomplete == {"drugs"}


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_every_reason_is_told_in_a_sentence(reason: str) -> None:
    prefetch = settled(planned(without("conditions")), {"conditions": Answer(reason=reason)}, max_entries=10)

    [notice] = prefetch.notices
    told = "was not sent" if notice.code == "not-offered" else "could not be read"
    assert notice.text == f"The list of conditions {told}: {REASONS[reason]}."
    assert (notice.reference, notice.element) == ("prefetch", "conditions")


def test_keys_that_share_a_reason_share_a_sentence() -> None:
    slow = Answer(reason="timeout", seconds=0.4)
    sent = without("conditions", "procedures", "medicationRequests")

    prefetch = settled(
        planned(sent),
        {"conditions": slow, "procedures": slow, "medicationRequests": Answer(reason="forbidden", seconds=0.01)},
        max_entries=10,
    )

    assert [notice.text for notice in prefetch.notices] == [
        "The lists of conditions and procedures done could not be read: the FHIR server did not answer in time.",
        "The list of medications ordered could not be read: the access token does not allow it.",
    ]
    assert prefetch.incomplete == {"drugs", "procedures"}


def test_what_was_read_before_it_broke_off_is_kept_and_told_to_be_a_part() -> None:
    answer = Answer(pages=(searchset(CONDITION),), reason="timeout", seconds=0.4)

    prefetch = settled(planned(without("conditions")), {"conditions": answer}, max_entries=10)

    assert documents(prefetch)["fetched.conditions"]["entry"] == [{"resource": CONDITION}]
    [notice] = prefetch.notices
    assert notice.text.startswith("Only a part of the list of conditions could be read: ")
    assert notice.code == "unread"


def test_the_end_of_a_list_that_begins_with_the_newest_is_no_gap() -> None:
    given = about("Patient/1", "MedicationAdministration", "a")
    prefetch = come_of({"medicationAdministrations": searchset(given, link=NEXT)}, None)

    assert not prefetch.incomplete
    assert [notice.code for notice in prefetch.notices] == ["older-unread"]


def test_a_list_of_the_newest_of_which_nothing_came_is_a_gap() -> None:
    prefetch = settled(planned(without("medicationAdministrations")), {}, max_entries=10)
    assert prefetch.incomplete == {"drugs"} and [notice.code for notice in prefetch.notices] == ["unread"]


@pytest.mark.parametrize(
    "sent, access, answers",
    [
        (without("medicationStatements"), None, {}),
        (without("medicationStatements"), Access(server="https://other.example.org"), {}),
        (without("medicationStatements"), ACCESS, {"medicationStatements": Answer(reason="not-found")}),
        (
            {
                **ALL_SENT,
                "medicationStatements": {"resourceType": "OperationOutcome", "issue": [{"code": "not-supported"}]},
            },
            ACCESS,
            {},
        ),
    ],
    ids=["no server", "another server", "not there", "said so"],
)
def test_a_list_that_nobody_keeps_or_sends_is_told_and_makes_no_gap_in_others(
    sent: Any, access: Access | None, answers: dict[str, Answer]
) -> None:
    prefetch = settled(planned(sent, access), answers, max_entries=10)

    assert [notice.code for notice in prefetch.notices] == ["not-offered"] and not prefetch.incomplete
    assert "MedicationStatement" not in known_empty(prefetch)


def test_a_page_nobody_can_continue_is_a_gap_even_without_a_server() -> None:
    prefetch = come_of({"medicationRequests": searchset(REQUEST, link=NEXT)}, None)

    assert prefetch.incomplete == {"drugs"}
    assert [notice.text for notice in prefetch.notices] == [
        "Only a part of the list of medications ordered could be read: the request names no FHIR server to read from."
    ]


def test_more_than_a_request_may_hold_is_left_out_and_told() -> None:
    many = searchset(*(about("Patient/1", "Condition", str(number)) for number in range(10)))
    few = searchset(about("Patient/1", "Procedure", "p"))
    answers = {"conditions": Answer(pages=(many,)), "procedures": Answer(pages=(few,))}

    def read(max_entries: int, drafts: int = 0) -> list[str]:
        request = hook_request("order-sign", prefetch=without("conditions", "procedures"))
        request["context"]["draftOrders"] = searchset(
            *(about("Patient/1", "ServiceRequest", str(n)) for n in range(drafts))
        )
        prefetch = settled(plan(request, ACCESS, [SERVER]), answers, max_entries=max_entries)
        return [outcome.key for outcome in prefetch.outcomes if outcome.reason == "too-large"]

    assert (read(12), read(11), read(10)) == ([], ["procedures"], ["conditions"])
    assert read(12, drafts=1) == ["procedures"]


@pytest.mark.parametrize("seconds, told", [(0.0499, "under 50 ms"), (0.05, "under 100 ms"), (0.399, "under 400 ms"),
                                           (0.4, "under 1000 ms"), (1.0, "1000 ms or more")])  # fmt: skip
def test_how_long_a_read_took_is_told_in_classes(seconds: float, told: str) -> None:
    prefetch = settled(
        planned(without("conditions")), {"conditions": Answer(pages=(searchset(),), seconds=seconds)}, max_entries=10
    )
    assert outcome_of(prefetch, "conditions").duration == told


def test_what_failed_at_the_client_is_not_read_as_data() -> None:
    prefetch = come_of({"conditions": OUTCOME})
    assert "prefetch.conditions" not in documents(prefetch)
    assert outcome_of(prefetch, "conditions").as_json() == {
        "key": "conditions", "state": "failed", "source": "none", "count": 0, "reason": "client-failed",
    }  # fmt: skip


def test_keys_of_another_service_pass_as_they_are() -> None:
    assert documents(come_of({"labs": searchset(about("Patient/1"))}))["prefetch.labs"] == searchset(about("Patient/1"))


# --- what no answer can do without -----------------------------------------------------------------


@pytest.mark.parametrize(
    "sent, access, answers, why",
    [
        ({}, None, {}, "It is absent: the request names no FHIR server to read from."),
        ({}, Access(server="https://other.example.org"), {}, "It is absent: this service is not set to read"),
        ({}, ACCESS, {"patient": Answer(reason="timeout")}, "It is absent: the FHIR server did not answer in time."),
        ({"patient": OUTCOME}, ACCESS, {}, "It came as an OperationOutcome: the sending system could not read it."),
    ],
)
def test_a_missing_patient_is_told_with_key_template_and_reason(
    sent: Any, access: Access | None, answers: dict[str, Answer], why: str
) -> None:
    with pytest.raises(PrefetchMissing) as caught:
        settled(planned(sent, access), answers, max_entries=10)

    assert caught.value.status == 412 and caught.value.expression == "prefetch.patient"
    assert caught.value.sentence.startswith(
        "The prefetch key patient (Patient/{{context.patientId}}) is required. " + why
    )


def test_a_patient_who_is_known_not_to_be_there_is_not_missing() -> None:
    assert outcome_of(come_of({"patient": None}), "patient").state == "empty"


def test_only_the_patient_is_required() -> None:
    assert [name for name, key in PREFETCH.items() if key.required] == ["patient"]


def test_what_is_asked_for_is_what_is_read() -> None:
    kinds = {key.kind for key in PREFETCH.values()}

    # Of a dispense only the last dose is read, and a Medication is found in no search for a patient.
    assert kinds == set(JUDGED) - {"MedicationDispense", "Medication"}
