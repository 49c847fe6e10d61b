"""Hostile strings in every field: they are shown as they are, and do nothing."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from service.arrival import Arrival, Caller
from tests.pages.conftest import Kept
from tests.pages.html import Page
from tests.pages.test_pages import FORM, trace_numbered

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}{% raw %}<style>*{display:none}</style>javascript:alert(3)"
OURS = {
    "html", "head", "meta", "title", "link", "body", "a", "header", "svg", "circle", "nav", "ul", "ol", "li", "main", "p", "h1",
    "h2", "h3", "h4", "small", "dl", "div", "dt", "dd", "code", "section", "figure", "figcaption", "desc", "path", "text", "rect",
    "span", "details", "summary", "table", "thead", "tbody", "tr", "th", "td", "article", "footer", "strong", "b", "s", "br",
    "form", "fieldset", "legend", "label", "input", "select", "option", "textarea", "button", "datalist", "optgroup", "pre",
}  # fmt: skip


def poisoned(value: Any) -> Any:
    """The same document with something hostile at the end of every text in it."""
    match value:
        case dict():
            return {name: poisoned(each) for name, each in value.items()}
        case list():
            return [poisoned(each) for each in value]
        case str():
            return value + HOSTILE
    return value


def check(html: str) -> Page:
    page = Page(html)
    assert {element.tag for element in page.elements} <= OURS
    for element in page.elements:
        for name, value in element.attributes.items():
            assert not name.startswith("on") and name != "style" and name != "srcdoc", name
            if name in ("href", "src", "action"):
                assert value == "/" or value.startswith(("/audit", "#", "https://")), value
    assert "49" not in page.text.split() and "{{7*7}}" in page.text
    return page


@pytest.mark.parametrize("story", ["good_prognosis_on_olaparib", "two_laboratories_disagree"])
@pytest.mark.parametrize("page", ["traces", "try"])
def test_a_trace_whose_every_text_is_hostile_is_shown_escaped(kept: Kept, story: str, page: str) -> None:
    number = 100 + 10 * len(story) + len(page)
    arrival = Arrival(caller=Caller(client=HOSTILE, tenant=HOSTILE))
    body = {**poisoned(kept.body(story)), "rules": poisoned([{"id": "a.b", "outcome": "fired", "situations": [
        {"elements": ["x"], "outcome": "fired", "clauses": [{"says": "x", "truth": "true", "facts": [{"fact": "x", "value": "y", "source": "z"}]}]}]}])}  # fmt: skip
    body["record"]["evaluationDate"] = "2026-11-01"
    kept.house.store.keep(trace_numbered(number, arrival=arrival, body=body))

    answer = kept.client.get(f"/audit/{page}/{trace_numbered(number).id}")

    assert answer.status_code == 200
    check(answer.text)
    check(kept.client.get("/audit").text)


def test_a_facts_document_with_hostile_texts_is_judged_and_shown_escaped(kept: Kept) -> None:
    text = HOSTILE[:150]
    document = {
        "evaluationDate": "2026-11-01",
        "patient": HOSTILE,
        "facts": {"mets.status": "confirmed", "mets.organ.bone": "present"},
        "lesions": [{"id": text, "site": "pelvis"}],
        "drugs": [{"name": text, "status": "active", "anticancer": True}],
        "courses": [
            {"status": "draft", "start_day": 3, "target": "bone", "region": "pelvis", "target_lesions": [text]}
        ],
        "orders": [{"kind": "procedure", "agent": text}],
    }
    location = kept.client.post(
        "/audit/try", data=urlencode({"document": json.dumps(document)}), content_type=FORM
    ).headers["Location"]

    page = check(kept.client.get(location).text)

    assert text in page.text
    check(kept.client.get(location.replace("/try/", "/traces/")).text)
    check(kept.client.post("/audit/patient", data=urlencode({"patient": HOSTILE}), content_type=FORM).text)


def test_what_is_typed_comes_back_escaped(kept: Kept) -> None:
    check(kept.client.post("/audit/try", data=urlencode({"document": HOSTILE}), content_type=FORM).text)
    check(kept.client.get("/audit?" + urlencode({"client": HOSTILE})).text)
