"""The pages over HTTP: their headers, lists and searches, what reading leaves behind, and faults as pages."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from rulesets.rulebook import RULES, rules_content
from rulesets.thresholds import effective
from service.house import revision_of
from service.pages.rulebook_difference import shown_difference
from service.replay.difference import difference
from service.trace import Counts, ShownCard, Trace
from service.traces.feedback import Given, take_feedback
from service.traces.rulebooks import Rulebook, activate
from tests.pages.conftest import Kept
from tests.pages.html import Page
from tests.support.house import counting
from tests.traces.tampering import as_owner

FORM = "application/x-www-form-urlencoded"
GOOD = "good_prognosis_on_olaparib"


def page(kept: Kept, address: str, status: int = 200) -> Page:
    answer = kept.client.get(address)
    assert answer.status_code == status, answer.text
    return Page(answer.text)


def sent(kept: Kept, address: str, headers: dict[str, str] | None = None, /, **fields: str) -> Any:
    return kept.client.post(address, data=urlencode(fields), content_type=FORM, headers=headers)


def addresses(kept: Kept) -> Iterator[str]:
    yield from (
        "/audit",
        "/audit/rules",
        "/audit/rules/imbrication.parp-rt",
        "/audit/rulebooks",
        "/audit/integrity",
        "/audit/accesses",
        "/audit/try",
        "/",
    )
    yield from (f"/audit/traces/{kept.traces[GOOD]}", f"/audit/try/{kept.traces[GOOD]}")


def test_every_page_is_strict_whole_and_has_one_heading_and_landmarks(kept: Kept) -> None:
    for address in addresses(kept):
        answer = kept.client.get(address)
        found = Page(answer.text)

        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';")
        assert "script" not in policy and "unsafe" not in policy
        assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
        assert len(found.of("h1")) == 1 and len(found.of("main")) == 1 and found.of("nav") and found.of("title")
        assert not found.of("script", "iframe", "style", "object", "img")
        assert not [each for each in found.elements if "style" in each.attributes]
        assert len(found.ids()) == len(set(found.ids()))


def test_every_field_has_a_label(kept: Kept) -> None:
    for address in addresses(kept):
        found = page(kept, address)
        labelled = {label.attributes.get("for") for label in found.of("label")}
        for field in found.of("input", "select", "textarea"):
            if field.attributes.get("type") != "hidden":
                assert field.attributes.get("id") in labelled or field.attributes.get("aria-label"), field


def test_the_list_is_filtered_and_each_row_leads_to_its_decision(kept: Kept) -> None:
    everything = page(kept, "/audit")
    fired = page(
        kept, "/audit?rule=imbrication.parp-rt&since=2026-11-01&until=2026-11-02&outcome=success&hook=&client="
    )
    nobody = page(kept, "/audit?client=nobody")

    def rows(found: Page) -> list[str]:
        return [
            each.attributes["href"] for each in found.of("a") if "/audit/traces/" in each.attributes.get("href", "")
        ]

    assert set(rows(everything)) == {f"/audit/traces/{trace}" for trace in kept.traces.values()}
    assert f"/audit/traces/{kept.traces[GOOD]}?rule=imbrication.parp-rt" in rows(fired) and len(rows(fired)) < len(
        rows(everything)
    )
    assert rows(nobody) == [] and "No decision answers to this." in nobody.text


def test_pages_of_the_list_lead_from_the_newest_to_the_oldest(empty: Kept) -> None:
    for number in range(1, 121):
        empty.house.store.keep(trace_numbered(number, client="a ward"))

    seen, address = [], "/audit?client=a+ward"
    while address:
        found = page(empty, address)
        seen += re.findall(
            r"/audit/traces/\S*?(\d{12})", " ".join(each.attributes.get("href", "") for each in found.of("a"))
        )
        address = next((each.attributes["href"] for each in found.of("a") if each.attributes.get("rel") == "next"), "")

    assert [int(number) for number in seen] == list(range(120, 0, -1))


@pytest.mark.parametrize(
    "asked", ["rule=No%20Rule", "since=yesterday", "hook=other", "nonsense=1", "after=0", "outcome=fine"]
)
def test_a_filter_that_cannot_be_is_refused_on_a_page(kept: Kept, asked: str) -> None:
    assert "parameter" in page(kept, f"/audit?{asked}", 400).text


def test_opening_a_decision_is_recorded_and_listing_is_not(empty: Kept) -> None:
    empty.house.store.keep(trace_numbered(1))
    page(empty, "/audit")
    before = list(empty.house.store.list(kinds=("read",)).headers)

    page(empty, f"/audit/traces/{trace_numbered(1).id}")

    [read] = empty.house.store.list(kinds=("read",)).headers
    assert before == [] and read.columns["subject"] == trace_numbered(1).id
    assert read.says == {"through": "GET /audit/traces/{trace}"}


@pytest.mark.parametrize("address", ["/audit/traces/none", "/audit/traces/019c1159-7000-7000-8000-999999999999", "/audit/rules/no.rule",
                                     "/audit/static/other.css", "/audit/try/none", f"/audit/rulebooks/diff?a={'0' * 64}&b={'1' * 64}"])  # fmt: skip
def test_what_is_not_there_is_a_page_that_says_so(kept: Kept, address: str) -> None:
    assert "Nothing here" in page(kept, address, 404).text


def test_an_event_is_no_decision(empty: Kept) -> None:
    empty.house.store.keep(trace_numbered(1))
    page(empty, f"/audit/traces/{trace_numbered(1).id}")
    [read] = empty.house.store.list(kinds=("read",)).headers

    page(empty, f"/audit/traces/{read.id}", 404)


# --- a patient ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Patient/jane", "jane"])
def test_a_patient_is_found_by_a_form_and_each_body_read_is_recorded(kept: Kept, name: str) -> None:
    before = len(kept.house.store.list(kinds=("read",), limit=200).headers)

    answer = sent(kept, "/audit/patient", patient=name)

    assert answer.status_code == 200 and f"/audit/traces/{kept.traces[GOOD]}" in answer.text
    assert len(kept.house.store.list(kinds=("read",), limit=200).headers) == before + 1


def test_no_patient_stands_in_an_address(kept: Kept) -> None:
    for address in addresses(kept):
        for element in page(kept, address).elements:
            for name in ("href", "action", "src"):
                assert "jane" not in element.attributes.get(name, "")


def test_an_unknown_patient_has_no_decision_and_no_name_is_refused(kept: Kept) -> None:
    assert "No decision about this patient" in sent(kept, "/audit/patient", patient="Patient/nobody").text
    assert sent(kept, "/audit/patient", patient=" ").status_code == 400
    assert sent(kept, "/audit/patient", patient="x" * 201).status_code == 400
    assert sent(kept, "/audit/patient", patient="x" * 5_000).status_code == 413


def test_between_two_decisions_the_change_is_told(empty: Kept) -> None:
    first = {
        "evaluationDate": "2026-11-01",
        "patient": "Patient/p",
        "facts": {"mets.status": "confirmed", "mets.organ.bone": "present", "patient.ecog": 1},
    }
    second = {**first, "facts": {**first["facts"], "patient.ecog": 4}}  # type: ignore[dict-item]
    for document in (first, second):
        sent(empty, "/audit/try", document=json.dumps(document))

    text = sent(empty, "/audit/patient", patient="Patient/p").text

    found = Page(text)
    assert "2 decisions" in found.text and re.search(r"Performance status \(ECOG\)\s*1\s*→became\s*4", found.text)


# --- try it ------------------------------------------------------------------------------------


def test_an_example_is_judged_kept_and_shown_from_its_trace(empty: Kept) -> None:
    answer = sent(empty, "/audit/try", example="drug_conflict")

    assert answer.status_code == 303
    [header] = empty.house.store.list().headers
    assert answer.headers["Location"] == f"/audit/try/{header.id}" and header.columns["kind"] == "evaluate"
    found = page(empty, answer.headers["Location"])
    assert "Critical" in found.text and "olaparib" in found.text
    assert "Try it" in page(empty, "/audit").of("td")[0].text


def test_a_changed_fact_moves_the_prognosis_and_the_page_says_what_changed(empty: Kept) -> None:
    trace = sent(empty, "/audit/try", example="good").headers["Location"].rpartition("/")[2]

    answer = sent(empty, f"/audit/try/{trace}", **{"patient.ecog": "4"})

    assert answer.headers["Location"].endswith(f"?from={trace}")
    found = page(empty, answer.headers["Location"])
    assert "What the change did" in found.text and re.search(r"Prognosis\s*good\s*→became\s*poor", found.text)


def test_a_change_that_cannot_be_is_told_and_nothing_is_kept(empty: Kept) -> None:
    trace = sent(empty, "/audit/try", example="good").headers["Location"].rpartition("/")[2]

    answer = sent(empty, f"/audit/try/{trace}", **{"patient.ecog": "17"})

    assert answer.status_code == 422 and "patient.ecog must lie between" in Page(answer.text).text
    assert len(empty.house.store.list().headers) == 1


@pytest.mark.parametrize(
    "document", ["", "{", "[1", '{"resourceType": "Bundle", "type": "collection"', '{"facts": 1}', "7"]
)
def test_what_cannot_be_judged_comes_back_with_the_fault_and_the_text(empty: Kept, document: str) -> None:
    answer = sent(empty, "/audit/try", document=document)

    found = Page(answer.text)
    assert 400 <= answer.status_code < 500 and found.of("textarea")[0].text == document
    assert 'role="alert"' in answer.text and not empty.house.store.list().headers


def test_several_patients_are_listed(empty: Kept) -> None:
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": {"resourceType": "Patient", "id": id}} for id in "ab"],
    }

    answer = sent(empty, "/audit/try", document=json.dumps(bundle), evaluationDate="2026-11-01")

    assert answer.status_code == 200 and "2 patients" in Page(answer.text).text


@pytest.mark.parametrize("day", ["soon", "2026-13-01", "20261101"])
def test_a_day_that_is_none_is_refused(empty: Kept, day: str) -> None:
    assert sent(empty, "/audit/try", document="{}", evaluationDate=day).status_code == 400


def test_forms_of_other_sites_and_other_types_are_refused(kept: Kept) -> None:
    assert sent(kept, "/audit/try", {"Sec-Fetch-Site": "cross-site"}, example="good").status_code == 403
    assert sent(kept, "/audit/patient", {"Sec-Fetch-Site": "same-origin"}, patient="x").status_code == 200
    assert kept.client.post("/audit/try", json={"example": "good"}).status_code == 415


def test_a_form_with_too_many_fields_is_refused(kept: Kept) -> None:
    body = "&".join(f"f{number}=1" for number in range(2_001))
    assert kept.client.post("/audit/try", data=body, content_type=FORM).status_code == 400


# --- rules, rulebooks, integrity ---------------------------------------------------------------


def test_every_rule_has_a_line_and_a_page(kept: Kept) -> None:
    found = page(kept, "/audit/rules")
    listed = {
        each.attributes["href"] for each in found.of("a") if each.attributes.get("href", "").startswith("/audit/rules/")
    }
    assert listed == {f"/audit/rules/{rule.id}" for rule in RULES}
    for rule in RULES[::8]:
        text = page(kept, f"/audit/rules/{rule.id}").text
        assert rule.title in text and not re.search(r"\{[a-z_0-9]+\}", text), rule.id


def test_a_rule_counts_its_firings(empty: Kept) -> None:
    sent(empty, "/audit/try", example="drug_conflict")
    sent(empty, "/audit/try", example="good")

    found = page(empty, "/audit/rules/imbrication.parp-rt")

    assert re.search(r"Fired\s*1\s*Undetermined\s*0\s*Share undetermined\s*0%", found.text)
    assert "No card of this rule was shown at a hook yet." in found.text


def test_a_rule_tells_what_clinicians_did_with_its_cards_and_why_they_set_them_aside(empty: Kept) -> None:
    rule, seconds = "imbrication.parp-rt", itertools.count()
    for number in range(4):
        card = ShownCard(uuid=f"card-{number}", rules=(rule,))
        empty.house.store.keep(trace_numbered(number + 1, kind="hook", cards=(card,)))
    reasons = ["urn:x|benefit-outweighs", "urn:x|benefit-outweighs", ""]
    given = [
        Given(card=f"card-{number}", outcome="overridden", reason=reason, document={"card": f"card-{number}"},
              given_at=f"2026-11-01T00:00:{next(seconds) + 10}.000000Z")
        for number, reason in enumerate(reasons)
    ]  # fmt: skip
    take_feedback(empty.house.store, given, at="2026-11-02T00:00:00.000000Z", new_id=counting(900))

    text = page(empty, f"/audit/rules/{rule}").text

    assert re.search(r"Shown\s*4\s*Accepted\s*0\s*Overridden\s*3\s*100% of those answered\s*Not answered\s*1", text)
    assert re.search(r"benefit-outweighs\s*2\s*67%", text) and re.search(r"no reason coded\s*1\s*33%", text)


def test_two_rulebooks_are_compared_by_digest(empty: Kept) -> None:
    house = empty.house
    revisions = []
    for number, changed in enumerate(({}, {"oligo_max_lesions": 3})):
        thresholds = effective(changed)
        revision = revision_of(thresholds, house.terminology.digest)
        rulebook = Rulebook(revision=revision, rules=rules_content(), thresholds=thresholds.content)
        activate(house.store, rulebook, id=f"019c1159-7000-7000-8000-{number:012d}", at="2026-11-01T00:00:00.000000Z")
        revisions.append(revision.digest)

    listed = page(empty, "/audit/rulebooks")
    found = page(empty, f"/audit/rulebooks/diff?a={revisions[0]}&b={revisions[1]}")
    same = page(empty, f"/audit/rulebooks/diff?a={revisions[1]}&b={revisions[1]}")

    assert all(digest in listed.text for digest in revisions)
    assert re.search(r"oligo_max_lesions\s*−was\s*4\s*\+is\s*3", found.text) and "1 threshold changed" in found.text
    assert "The two say the same." in same.text


def test_a_rule_that_came_went_or_changed_is_told_with_the_words_that_differ_marked(kept: Kept) -> None:
    def rulebook(*rules: dict[str, object]) -> Rulebook:
        content = json.dumps({"rules": rules}).encode()
        return Rulebook(revision=kept.house.revision(effective()), rules=content, thresholds=b"{}")

    def rule(id: str, **fields: object) -> dict[str, object]:
        return {"id": id, "title": id.upper(), "when": {"fact": "x"}, "whenInEnglish": "x is so", **fields}

    before = rulebook(rule("a.a"), rule("b.b"))
    after = rulebook(rule("b.b", whenInEnglish="y is so", when={"fact": "y"}, hooks=["order-sign"]), rule("c.c"))

    change = shown_difference(difference(before, after), before, after)

    assert [each.id for each in change.gone] == ["a.a"] and [each.title for each in change.new] == ["C.C"]
    [changed] = change.changed
    told = {part.part: (part.before, part.after) for part in changed.parts}
    assert told["Condition"] == ((("x", True), ("is so", False)), (("y", True), ("is so", False)))
    assert told["Hooks"] == ((("nothing", True),), (("order-sign", True),))
    assert not change.is_none


def test_verification_is_asked_for_by_a_form_and_names_what_does_not_hold(empty: Kept) -> None:
    for number in (1, 2):
        empty.house.store.keep(trace_numbered(number))
    assert "Verify the whole chain" in page(empty, "/audit/integrity").text

    good = Page(sent(empty, "/audit/integrity").text)
    with as_owner(empty.house.store) as connection:
        connection.exec_driver_sql("UPDATE trace_header SET client = 'x' WHERE seq = 2")
    bad = Page(sent(empty, "/audit/integrity").text)

    assert "The chain holds. 2 records" in good.text
    assert "Record 2: a search column differs from the header" in bad.text


def trace_numbered(number: int, **others: Any) -> Trace:
    from service.arrival import Arrival, Caller

    client = others.pop("client", "")
    values: dict[str, Any] = {
        "id": f"019c1159-7000-7000-9000-{number:012d}",
        "kind": "evaluate",
        "decided_at": "2026-11-01T00:00:00.000000Z",
        "arrival": Arrival(caller=Caller(client=client)),
        "service_version": "0.1.0",
        "rulebook": "0" * 64,
        "thresholds": "0" * 64,
        "terminology": "0" * 64,
        "evaluation_date": "2026-11-01",
        "request_digest": "0" * 64,
        "patient_key": "0" * 64,
        "outcome": "success",
        "counts": Counts(fired=1),
        "body": {"result": {"number": number}},
        "rules": (("prognosis.good", "fired"),),
    }
    return Trace(**{**values, **others})
