"""One decision over HTTP: why a rule did or did not fire, deciding again, carrying it away, and what that leaves behind."""

from __future__ import annotations

import json
import re

import pytest

from service.pages.again import again_of
from service.replay.comparing import Change
from service.replay.decision import Replay
from service.traces.erasure import erase
from service.traces.holds import Subject
from tests.pages.conftest import Kept, filled, moved
from tests.pages.html import Page
from tests.pages.test_pages import GOOD, page, sent, trace_numbered

WHY_NOT = "imbrication.cdk46-rt"


def test_why_a_rule_did_not_fire_is_told_by_the_clauses_that_were_false(kept: Kept) -> None:
    found = page(kept, f"/audit/traces/{kept.traces[GOOD]}?rule={WHY_NOT}")

    [told] = [each for each in found.of("section") if each.attributes.get("class") == "asked"]
    assert "not fired" in told.text and "Radiotherapy 1: pelvis and Drug" in told.text
    assert re.search(r"✗\s*false\s*Drug class is CDK4/6 inhibitor", told.text)
    assert re.search(r"Drug 2: olaparib:\s*PARP inhibitor\s*MedicationRequest/olaparib", told.text)
    assert re.search(r"also of: Radiotherapy 1: pelvis and Drug 2: olaparib", told.text)


@pytest.mark.parametrize("rule, says", [("imbrication.parp-rt", "fired"), ("prognosis.good", "fired")])
def test_why_a_rule_fired_is_told_the_same_way(kept: Kept, rule: str, says: str) -> None:
    found = page(kept, f"/audit/traces/{kept.traces[GOOD]}?rule={rule}")

    assert f"Why {says}:" in found.text


def test_a_rule_nobody_knows_has_no_reasons(kept: Kept) -> None:
    page(kept, f"/audit/traces/{kept.traces[GOOD]}?rule=no.rule", 404)
    page(kept, f"/audit/traces/{kept.traces[GOOD]}?rule=No%20Rule", 400)


def test_every_rule_of_the_rulebook_is_on_the_page_of_a_decision(kept: Kept) -> None:
    found = page(kept, f"/audit/traces/{kept.traces[GOOD]}")

    ids = set(found.ids())
    assert {f"rule-{rule['id'].replace('.', '-')}" for rule in kept.body(GOOD)["rules"]} <= ids


def test_a_patient_and_a_rule_give_the_reasons_in_each_decision_of_a_day(kept: Kept) -> None:
    told = sent(kept, "/audit/patient", patient="Patient/jane", rule=WHY_NOT, day="2026-11-01").text
    other_day = sent(kept, "/audit/patient", patient="Patient/jane", rule=WHY_NOT, day="2026-11-02").text

    assert re.search(r"✗\s*false\s*Drug class is CDK4/6 inhibitor", Page(told).text)
    assert f"/audit/traces/{kept.traces[GOOD]}#fact-" in told
    assert "No decision about this patient" in other_day
    assert sent(kept, "/audit/patient", patient="x", rule="No Rule").status_code == 400
    assert sent(kept, "/audit/patient", patient="x", day="soon").status_code == 400


# --- again -------------------------------------------------------------------------------------


def test_deciding_again_says_that_it_is_identical_and_is_recorded(empty: Kept) -> None:
    trace = sent(empty, "/audit/try", example="drug_conflict").headers["Location"].rpartition("/")[2]
    revision = empty.house.revision(empty.house.reasoners.usual.thresholds)

    text = Page(sent(empty, f"/audit/traces/{trace}").text).text

    assert "Decided again: identical." in text
    [event] = empty.house.store.list(kinds=("replay",)).headers
    assert event.columns["subject"] == trace and event.says == {"verdict": "identical", "differences": []}
    assert event.columns["rulebook"] == revision.digest
    assert [each.says["through"] for each in empty.house.store.list(kinds=("read",)).headers] == [
        "POST /audit/traces/{trace}"
    ]


def test_a_rulebook_that_is_missing_is_told_with_the_reason(empty: Kept) -> None:
    body = {"result": {}, "thresholds": {}, "record": {}, "request": {"patient": "Patient/1", "hooks": []}}
    empty.house.store.keep(trace_numbered(1, body=body))

    text = Page(sent(empty, f"/audit/traces/{trace_numbered(1).id}").text).text

    assert "It could not be decided again: its rulebook is missing." in text


def test_a_difference_names_its_places_with_both_values() -> None:
    again = again_of(
        Replay(verdict="differs", differences=("cards", "account"), changes=(Change(path="/cards/0", before="1", after=None),))
    )  # fmt: skip

    assert (again.kind, again.more) == ("critical", "Not the same: cards, what became of the rules.")
    assert [(each.field, each.before, each.after) for each in again.places] == [("/cards/0", "1", "nothing")]


def test_an_erased_decision_cannot_be_decided_again(kept: Kept, house: object, tmp_path: object) -> None:
    own = filled(moved(kept.house, tmp_path))  # type: ignore[arg-type]
    subject = Subject(about="decision", name=own.traces[GOOD])
    told = {"id": "019c1159-7000-7000-8000-00000000ffff", "at": own.house.moment()}
    erase(own.house.store, subject, ground="patient-request", **told)

    shown = page(own, f"/audit/traces/{own.traces[GOOD]}")
    again = Page(sent(own, f"/audit/traces/{own.traces[GOOD]}").text)

    assert "was erased" in shown.text and "Decide again" not in shown.text and "Patient/jane" not in shown.text
    assert "its clinical part was erased" in again.text
    assert "Erasures1" in re.sub(r"\s", "", page(own, "/audit/integrity").text)


# --- carrying away -----------------------------------------------------------------------------


def test_a_decision_is_carried_away_in_three_forms_each_recorded(kept: Kept) -> None:
    trace = kept.traces[GOOD]
    before = len(kept.house.store.list(kinds=("read",), limit=200).headers)

    answers = {form: kept.client.get(f"/audit/traces/{trace}/as/{form}") for form in ("json", "markdown", "fhir")}

    assert {answer.status_code for answer in answers.values()} == {200}
    assert json.loads(answers["json"].data)["body"] == kept.body(GOOD)
    assert answers["markdown"].text.startswith(f"# Decision {trace}")
    kinds = {entry["resource"]["resourceType"] for entry in json.loads(answers["fhir"].data)["entry"]}
    assert kinds == {"Device", "GuidanceResponse", "Provenance"}
    assert all(trace in answer.headers["Content-Disposition"] for answer in answers.values())
    assert len(kept.house.store.list(kinds=("read",), limit=200).headers) == before + 3
    page(kept, f"/audit/traces/{trace}/as/pdf", 404)


def test_what_does_not_make_valid_fhir_is_told_and_not_sent(empty: Kept) -> None:
    empty.house.store.keep(trace_numbered(1))

    assert "does not make valid FHIR" in page(empty, f"/audit/traces/{trace_numbered(1).id}/as/fhir", 404).text


# --- who looked --------------------------------------------------------------------------------


def test_who_read_decided_again_or_exported_is_listed_and_filtered(empty: Kept) -> None:
    trace = sent(empty, "/audit/try", example="good").headers["Location"].rpartition("/")[2]
    page(empty, f"/audit/traces/{trace}")
    sent(empty, f"/audit/traces/{trace}")
    empty.client.get("/traces/export").get_data()

    everything = page(empty, "/audit/accesses").text
    replays = page(empty, "/audit/accesses?kind=replay").text
    others = page(empty, "/audit/accesses?decision=019c1159-7000-7000-8000-999999999999").text

    assert "GET /audit/traces/{trace}" in everything and "exported" in everything and trace in everything
    assert "decided again" in replays and "exported" not in replays.partition("Told")[2]
    assert "Nobody did." in others
    page(empty, "/audit/accesses?kind=erasure", 400)


def test_accesses_are_paged_from_the_newest_to_the_oldest(empty: Kept) -> None:
    empty.house.store.keep(trace_numbered(1))
    for _ in range(60):
        page(empty, f"/audit/traces/{trace_numbered(1).id}")

    first = page(empty, "/audit/accesses?client=&kind=read")
    [older] = [each.attributes["href"] for each in first.of("a") if each.attributes.get("rel") == "next"]
    second = page(empty, older)

    assert [len(each.of("tr")) - 1 for each in (first, second)] == [50, 10]


def test_the_first_page_names_version_and_rulebook_and_holds_no_data(kept: Kept) -> None:
    found = page(kept, "/")

    digest = kept.house.revision(kept.house.reasoners.usual.thresholds).digest
    links = {each.attributes.get("href") for each in found.of("a")}
    assert digest in found.text and {"/audit", "/audit/try", "/docs", "/healthz", "/readyz"} <= links
    assert "Patient/" not in found.text
