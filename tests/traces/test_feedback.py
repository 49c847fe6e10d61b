"""Feedback finds the decision that showed the card, is kept once, and nothing of it is lost."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Literal

import pytest
from sqlalchemy import text

from service.arrival import NOBODY, Arrival, Caller
from service.problems import StoreUnavailable
from service.traces.erasure import erase
from service.traces.feedback import Given, Taken, take_feedback
from service.traces.holds import Subject
from service.traces.store import TraceStore
from service.traces.verify import verify_chain
from tests.traces.tampering import as_owner
from tests.traces.traces import AT, shown_card, trace, trace_id

REASON = "urn:osteon:codesystem:reason|patient-refuses"


def given(
    card: str = shown_card(1).uuid, outcome: Literal["accepted", "overridden"] = "overridden", comment: str = ""
) -> Given:
    return Given(
        card=card,
        outcome=outcome,
        reason=REASON if outcome == "overridden" else "",
        given_at="2026-01-31T09:31:00Z",
        document={"card": card, "outcome": outcome, "comment": comment},
    )


@pytest.fixture
def take(store: TraceStore):  # type: ignore[no-untyped-def]
    ids = itertools.count(1)

    def take(*all_given: Given) -> Taken:
        return take_feedback(store, all_given, at=AT, new_id=lambda: f"feedback-{next(ids)}", service="a-service")

    return take


def rows(store: TraceStore) -> Sequence[tuple[object, ...]]:
    with store.reading() as connection:
        query = "SELECT seq, card, outcome, reason FROM trace_feedback ORDER BY seq"
        return [tuple(row) for row in connection.execute(text(query))]


def test_feedback_is_an_event_about_the_decision_that_showed_the_card(store: TraceStore, take) -> None:  # type: ignore[no-untyped-def]
    store.keep(trace(1))

    assert take(given(comment="she knows")) == Taken(kept=1, repeated=0)

    told = store.get("feedback-1")
    assert told is not None
    assert (told.header["subject"], told.header["patient_key"]) == (trace_id(1), "ab" * 32)
    assert told.says == {"card": shown_card(1).uuid, "outcome": "overridden", "service": "a-service"}
    assert told.body == {"card": shown_card(1).uuid, "outcome": "overridden", "comment": "she knows"}
    assert "she knows" not in told.header_text and "refuses" not in told.header_text
    assert rows(store) == [(2, shown_card(1).uuid, "overridden", REASON)]
    assert verify_chain(store).holds


def test_the_same_feedback_again_is_kept_once(store: TraceStore, take) -> None:  # type: ignore[no-untyped-def]
    store.keep(trace(1))
    take(given())

    assert take(given(), given()) == Taken(kept=0, repeated=2)
    assert len(rows(store)) == 1


def test_a_second_thought_is_kept_beside_the_first(store: TraceStore, take) -> None:  # type: ignore[no-untyped-def]
    store.keep(trace(1))

    assert take(given(), given(outcome="accepted"), given(comment="more")) == Taken(kept=3, repeated=0)
    assert [row[2] for row in rows(store)] == ["overridden", "accepted", "overridden"]


def test_feedback_about_an_unknown_card_is_kept_and_loses_nothing_of_the_rest(store: TraceStore, take) -> None:  # type: ignore[no-untyped-def]
    store.keep(trace(1))

    assert take(given("nobody's card"), given()) == Taken(kept=2, repeated=0, unknown=("nobody's card",))

    told = store.get("feedback-1")
    assert told is not None and told.header["subject"] == told.header["patient_key"] == ""
    assert verify_chain(store).holds


def test_a_repetition_tells_again_which_cards_are_unknown(store: TraceStore, take) -> None:  # type: ignore[no-untyped-def]
    take(given("nobody's card"))

    assert take(given("nobody's card"), given("nobody's card")) == Taken(kept=0, repeated=2, unknown=("nobody's card",))


@pytest.mark.parametrize(
    ("caller", "knows"),
    [
        (Caller(client="north", tenant="a"), True),
        (Caller(client="north", tenant="b"), False),
        (Caller(client="south", tenant="a"), False),
        (NOBODY, False),
    ],
)
def test_a_card_is_known_to_the_client_it_was_shown_to(store: TraceStore, caller: Caller, knows: bool) -> None:
    store.keep(trace(1, arrival=Arrival(caller=Caller(client="north", tenant="a"))))

    taken = take_feedback(store, [given()], at=AT, new_id=lambda: "feedback-1", caller=caller)

    assert taken.unknown == (() if knows else (shown_card(1).uuid,))
    told = store.get("feedback-1")
    assert told is not None and told.header["subject"] == (trace_id(1) if knows else "")


def test_of_feedback_nobody_could_find_again_no_free_text_is_kept(store: TraceStore, take) -> None:  # type: ignore[no-untyped-def]
    store.keep(trace(1))
    erase(store, Subject(about="decision", name=trace_id(1)), ground="patient-request", id=trace_id(99), at=AT)
    why = {"reason": {"system": "s", "code": "c", "display": "Ms Testcase"}, "userComment": "Ms Testcase said no"}
    document: dict[str, object] = {"card": shown_card(1).uuid, "overrideReason": why, "extension": {"x": "Testcase"}}

    taken = take(Given(card=shown_card(1).uuid, outcome="overridden", reason="s|c", document=document))

    told = store.get("feedback-1")
    assert taken.unknown == (shown_card(1).uuid,) and told is not None
    assert told.body == {"card": shown_card(1).uuid, "overrideReason": {"reason": {"system": "s", "code": "c"}}}


def test_when_the_store_fails_none_of_it_is_kept(store: TraceStore) -> None:
    ids = iter(["a", "a"])

    with pytest.raises(StoreUnavailable):
        take_feedback(store, [given("one"), given("two")], at=AT, new_id=lambda: next(ids))

    assert rows(store) == [] and store.get("a") is None


def test_feedback_that_was_changed_is_found(store: TraceStore, take) -> None:  # type: ignore[no-untyped-def]
    store.keep(trace(1))
    take(given())
    with as_owner(store) as connection:
        connection.execute(text("UPDATE trace_feedback SET outcome = 'accepted'"))

    assert verify_chain(store).bad_seq == 2
