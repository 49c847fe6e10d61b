"""What the readers read is what is declared beside them, and everything declared is read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from rulesets.facts import FACTS
from rulesets.record import READ_FROM_TEXT, Fact, Source
from service.fact_resources import FACT_SYSTEM
from service.fact_sources import expected_resource
from service.intake.readers.feeds import FEEDS, UNREAD, Feed
from service.intake.reading import read
from service.intake.unpack import unpack
from tests.intake.charts import CHARTS
from tests.intake.made import TODAY, bundle, terminology
from tests.support.shared import files_in
from tests.support.stories import stories

PROFILES = Path(__file__).parents[2] / "fhir_profiles"
Seen = tuple[str, Source]


@cache
def seen() -> frozenset[Seen]:
    """Every fact with every source of it, of the stories, of public patients and of charts made for this."""
    documents: list[tuple[Any, Any]] = [(story.bundle, story.evaluation_date) for story in stories()]
    documents += [(chart, TODAY) for chart in CHARTS]
    documents.append((german_chart(), TODAY))
    return frozenset(found for document, on in documents for found in _facts_of(document, on))


def german_chart() -> Any:
    """The public examples of the German oncology data set; most are of a patient who is not among them."""
    resources = [json.loads(path.read_text(encoding="utf-8")) for path in files_in("data/mii-onko-kds-german")]
    return bundle(*resources, {"resourceType": "Patient", "id": "example"})


def _facts_of(document: Any, on: Any) -> Iterator[Seen]:
    for resources in unpack(document):
        record = read(resources, terminology(), on).record
        members = (*(record.lesions or ()), *(record.drugs or ()), *record.courses, *record.orders)
        facts: list[Fact] = [*record.facts.values(), *(fact for each in members for fact in each.facts.values())]
        yield from ((fact.name, source) for fact in facts for source in fact.sources)


def is_fed(name: str, source: Source, feed: Feed) -> bool:
    """Whether a declaration speaks of this source of this fact."""
    kind, element = place(source)
    if name not in feed.facts or kind not in feed.resources or element not in feed.elements:
        return False
    if feed.words and source.conversion != READ_FROM_TEXT:
        return False
    if not feed.by:
        return True
    system, _, code = source.code.rpartition("|")
    targets = {match.target for match in terminology().concepts(feed.by, {"system": system, "code": code})}
    return bool(targets & set(feed.targets) if feed.targets else targets)


def place(source: Source) -> tuple[str, str]:
    """The kind of resource and the element of a source, without positions and components."""
    kind = source.element.partition(".")[0]
    if not kind[:1].isupper():
        kind = source.reference.partition("/")[0]
    element = re.sub(r"\[\d+\]", "", source.element.removeprefix(f"{kind}."))
    return kind, element.removeprefix("component.")


def is_stated(source: Source) -> bool:
    return source.code.startswith(f"{FACT_SYSTEM}|")


# --- what is read is declared ------------------------------------------------------------------------


def test_every_source_of_every_fact_is_declared() -> None:
    undeclared = {
        (name, *place(source))
        for name, source in seen()
        if not is_stated(source) and not any(is_fed(name, source, feed) for feed in FEEDS)
    }
    assert not undeclared


# --- what is declared is read ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "feed", FEEDS, ids=lambda feed: f"{feed.facts[0]} of {feed.resources[0]} by {feed.by or 'place'}"
)
def test_every_declaration_is_seen_at_work(feed: Feed) -> None:
    used = [(name, *place(source)) for name, source in seen() if not is_stated(source) and is_fed(name, source, feed)]
    assert {name for name, _, _ in used} == set(feed.facts)
    assert {element for _, _, element in used} == set(feed.elements)
    assert {kind for _, kind, _ in used} == set(feed.resources)


def test_declarations_name_facts_and_answers_that_there_are() -> None:
    for feed in FEEDS:
        assert all(FACTS[name].world != "derived" for name in feed.facts)
        answers = answers_of(feed.by) if feed.by else set()
        assert set(feed.targets) <= answers
        assert all(answers_of(name) for name in feed.values)


def test_every_answer_of_a_question_feeds_a_fact_or_is_listed_as_one_that_does_not() -> None:
    for map_name in ("conditions", "observations", "condition-receptors"):
        fed = {target for feed in FEEDS if feed.by == map_name for target in feed.targets}
        unread = {answer.removeprefix(f"{map_name} ") for answer in UNREAD if answer.startswith(f"{map_name} ")}
        assert fed | unread == answers_of(map_name)
        assert not fed & unread


def answers_of(map_name: str) -> set[str]:
    """The answers of a map: the codes of the code system of its name."""
    path = PROFILES / "codesystems" / f"{map_name}.json"
    return {concept["code"] for concept in json.loads(path.read_text(encoding="utf-8"))["concept"]}


# --- what is printed from them -----------------------------------------------------------------------


def test_a_hint_names_the_resources_a_fact_is_read_from() -> None:
    assert expected_resource("patient.age_years") == "Patient"
    assert expected_resource("mets.organ.liver") == "Condition, Observation or DiagnosticReport"
    assert expected_resource("rt.region") == "Procedure or ServiceRequest"
    assert expected_resource("analgesia.reviewed") == "Observation"
