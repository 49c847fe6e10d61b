"""Every rulebook that was in force can be had again by its digest, unchanged."""

from __future__ import annotations

import hashlib
import json

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from rulesets.rulebook import RULES, rules_content, rules_digest
from rulesets.thresholds import effective
from service.house import revision_of
from service.traces.configuration import tell_configuration
from service.traces.rulebooks import Rulebook, activate, content, revision
from service.traces.store import TraceStore
from service.traces.verify import verify_chain
from tests.traces.tampering import as_owner
from tests.traces.traces import AT, trace

TERMINOLOGY = "33" * 32


def rulebook(**thresholds: object) -> Rulebook:
    in_force = effective(thresholds)
    return Rulebook(revision=revision_of(in_force, TERMINOLOGY), rules=rules_content(), thresholds=in_force.content)


def test_the_digest_of_the_rules_is_the_hash_of_their_content() -> None:
    assert hashlib.sha256(rules_content()).hexdigest() == rules_digest() == rulebook().revision.rules


def test_the_content_says_all_that_a_decision_is_made_by() -> None:
    said = json.loads(rules_content())

    assert [rule["id"] for rule in said["rules"]] == [rule.id for rule in RULES]
    assert said["definitions"] and said["drugs"]["classes"]
    assert {each["key"] for each in said["thresholds"]} == set(effective().values)
    assert not any("value" in each for each in said["thresholds"])  # a hospital's own are another content


def test_a_rulebook_in_force_is_kept_and_told(store: TraceStore) -> None:
    book = rulebook(oligo_max_lesions=5)

    assert activate(store, book, id="activation", at=AT)

    assert revision(store, book.revision.digest) == book.revision
    assert content(store, book.revision.rules) == rules_content()
    assert content(store, book.revision.thresholds) == effective({"oligo_max_lesions": 5}).content
    told = store.get("activation")
    assert told is not None and told.columns["rulebook"] == book.revision.digest
    assert told.says == vars(book.revision)
    assert verify_chain(store).holds


def test_the_same_rulebook_at_the_next_start_is_told_once(store: TraceStore) -> None:
    assert activate(store, rulebook(), id="a", at=AT)
    store.keep(trace(1))
    assert not activate(store, rulebook(), id="b", at=AT)


def test_going_back_to_an_earlier_rulebook_is_told_and_kept_once(store: TraceStore) -> None:
    for number, thresholds in enumerate([{}, {"oligo_max_lesions": 5}, {}]):
        assert activate(store, rulebook(**thresholds), id=f"activation-{number}", at=AT)

    with store.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM trace_rulebook")).scalar_one() == 2
        assert connection.execute(text("SELECT count(*) FROM trace_content")).scalar_one() == 3
    assert verify_chain(store).holds


def test_what_was_never_in_force_is_none(store: TraceStore) -> None:
    assert revision(store, "00" * 32) is None
    assert content(store, "00" * 32) is None


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DELETE FROM trace_rulebook", "gone"),
        ("DELETE FROM trace_content", "gone"),
        ("UPDATE trace_content SET packed = (SELECT packed FROM trace_body)", "changed"),
        ("UPDATE trace_rulebook SET terminology = rules", "changed"),
    ],
)
def test_a_rulebook_that_was_changed_or_lost_is_found(store: TraceStore, statement: str, fault: str) -> None:
    store.keep(trace(1))
    activate(store, rulebook(), id="activation", at=AT)
    with as_owner(store) as connection:
        connection.execute(text(statement))

    report = verify_chain(store)

    assert (report.bad_seq, fault in report.fault) == (2, True)


def test_content_that_was_changed_is_not_handed_out(store: TraceStore) -> None:
    store.keep(trace(1))
    activate(store, rulebook(), id="activation", at=AT)
    with as_owner(store) as connection:
        connection.execute(text("UPDATE trace_content SET packed = (SELECT packed FROM trace_body)"))

    with pytest.raises(ValueError, match="not the one"):
        content(store, rules_digest())


@pytest.mark.parametrize("statement", ["DELETE FROM trace_content", "UPDATE trace_rulebook SET terminology = ''"])
def test_the_database_refuses_to_change_a_rulebook(store: TraceStore, statement: str) -> None:
    activate(store, rulebook(), id="activation", at=AT)

    with pytest.raises(DBAPIError, match="never changed"), store.engine.begin() as connection:
        connection.execute(text(statement))


def test_settings_are_told_when_they_are_not_those_told_last(store: TraceStore) -> None:
    told = [
        tell_configuration(store, digest, {"workers": 2}, id=f"configuration-{number}", at=AT)
        for number, digest in enumerate(["a", "a", "b", "a"])
    ]

    assert told == [True, False, True, True]
    first = store.get("configuration-0")
    assert first is not None and first.says == {"digest": "a", "settings": {"workers": 2}}
