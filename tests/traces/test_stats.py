"""Cards are counted once, by the last answer there was, on both databases."""

from __future__ import annotations

import itertools
from typing import Any, Literal

import pytest

from service.arrival import Arrival, Caller
from service.trace import ShownCard, Trace
from service.traces.erasure import erase
from service.traces.feedback import Given, take_feedback
from service.traces.holds import Subject
from service.traces.stats import Tally, Window, stats
from service.traces.store import TraceStore
from tests.traces.traces import AT, shown_card, trace, trace_id

NORTH, SOUTH = Caller(client="north", tenant="t"), Caller(client="south")
PARP, GOOD = "imbrication.parp-hold", "prognosis.good"
REFUSES = "urn:reasons|patient-refuses"


def tally(shown: int, accepted: int = 0, overridden: int = 0, seconds: float | None = None, **reasons: int) -> Tally:
    named = {REFUSES if name == "refuses" else "": count for name, count in reasons.items()}
    return Tally(shown=shown, accepted=accepted, overridden=overridden, reasons=named, median_seconds=seconds)


def decision(number: int, *cards: ShownCard, caller: Caller = NORTH, **others: Any) -> Trace:
    made = trace(number, cards=cards or (shown_card(number),), arrival=Arrival(caller=caller), **others)
    return made


@pytest.fixture
def tell(store: TraceStore):  # type: ignore[no-untyped-def]
    ids = itertools.count(1)

    def tell(
        card: ShownCard,
        outcome: Literal["accepted", "overridden"],
        seconds: int = 30,
        reason: str = "",
        caller: Caller = NORTH,
    ) -> None:
        given = Given(
            card=card.uuid,
            outcome=outcome,
            reason=reason,
            given_at=f"2026-01-31T09:{30 + seconds // 60:02d}:{seconds % 60:02d}.000000Z",
            document={"card": card.uuid, "outcome": outcome, "at": seconds, "reason": reason},
        )
        take_feedback(store, [given], at=AT, new_id=lambda: f"feedback-{next(ids)}", caller=caller)

    return tell


def test_nothing_shown_is_nothing_counted(store: TraceStore) -> None:
    found = stats(store, Window())
    assert (found.total, found.groups, found.unknown) == (tally(0), {}, 0)


def test_cards_are_shown_accepted_overridden_or_never_answered(store: TraceStore, tell) -> None:  # type: ignore[no-untyped-def]
    for number in (1, 2, 3, 4):
        store.keep(decision(number))
    tell(shown_card(1), "accepted", seconds=10)
    tell(shown_card(2), "overridden", seconds=20, reason=REFUSES)
    tell(shown_card(3), "overridden", seconds=60)

    found = stats(store, Window())

    expected = Tally(shown=4, accepted=1, overridden=2, reasons={"": 1, REFUSES: 1}, median_seconds=20.0)
    assert found.total == expected
    assert (found.total.answered, found.total.unanswered) == (3, 1)
    assert found.groups == {PARP: expected, GOOD: expected}


def test_the_last_word_counts_and_the_first_tells_the_time(store: TraceStore, tell) -> None:  # type: ignore[no-untyped-def]
    store.keep(decision(1))
    tell(shown_card(1), "overridden", seconds=90, reason=REFUSES)
    tell(shown_card(1), "accepted", seconds=30)

    assert stats(store, Window()).total == tally(1, overridden=1, refuses=1, seconds=30.0)


def test_a_clock_that_is_behind_tells_no_time(store: TraceStore, tell) -> None:  # type: ignore[no-untyped-def]
    store.keep(decision(1, decided_at="2026-01-31T09:40:00.000000Z"))
    tell(shown_card(1), "accepted", seconds=0)

    assert stats(store, Window()).total == tally(1, accepted=1)


def test_a_card_counts_for_each_of_its_rules_and_a_rule_for_itself_alone(store: TraceStore) -> None:
    one, other = shown_card(1), ShownCard(uuid="another", rules=(GOOD,))
    without = ShownCard(uuid="a third")
    store.keep(decision(1, one, other, without))

    assert stats(store, Window()).groups == {GOOD: tally(2), "": tally(1), PARP: tally(1)}
    of_parp = stats(store, Window(only={"rule": PARP}))
    assert (of_parp.total, of_parp.groups) == (tally(1), {PARP: tally(1)})
    assert stats(store, Window(only={"rule": "prognosis"})).total == tally(0)


def test_cards_are_grouped_and_chosen_by_client_hook_and_user(store: TraceStore, tell) -> None:  # type: ignore[no-untyped-def]
    store.keep(decision(1))
    store.keep(decision(2, caller=SOUTH))
    tell(shown_card(1), "accepted", seconds=0)

    answered = tally(1, accepted=1, seconds=0.0)
    assert stats(store, Window(), "client").groups == {"north": answered, "south": tally(1)}
    assert stats(store, Window(), "tenant").groups == {"t": answered, "": tally(1)}
    assert stats(store, Window(), "hook").groups == {"order-sign": tally(2, accepted=1, seconds=0.0)}
    assert stats(store, Window(only={"client": "south"}), "user").groups == {"": tally(1)}


def test_a_window_begins_with_its_first_moment_and_ends_before_its_last(store: TraceStore, tell) -> None:  # type: ignore[no-untyped-def]
    for day in (1, 2, 3):
        store.keep(decision(day, decided_at=f"2026-01-0{day}T00:00:00.000000Z"))
    tell(shown_card(1), "accepted")
    tell(shown_card(2), "accepted")

    def counted(**window: str) -> tuple[int, int]:
        total = stats(store, Window(**window)).total  # type: ignore[arg-type]
        return total.shown, total.answered

    assert counted() == (3, 2)
    assert counted(since="2026-01-02") == (2, 1)
    assert counted(since="2026-01-02T00:00:00.000000Z", until="2026-01-03") == (1, 1)
    assert counted(until="2026-01-02") == (1, 1)
    assert counted(since="2026-01-02T00:00:00.000001Z") == (1, 0)


def test_decisions_of_the_other_door_are_counted_when_asked_for(store: TraceStore) -> None:
    asked = decision(1)
    store.keep(Trace(**{**vars(asked), "kind": "evaluate"}))

    assert stats(store, Window()).total == tally(0)
    assert stats(store, Window(kind="evaluate")).total == tally(1)


def test_what_one_client_says_of_the_card_of_another_is_not_counted(store: TraceStore, tell) -> None:  # type: ignore[no-untyped-def]
    store.keep(decision(1))
    tell(shown_card(1), "accepted", caller=SOUTH)
    tell(shown_card(7), "accepted")

    found = stats(store, Window())
    assert (found.total, found.unknown) == (tally(1), 2)
    assert stats(store, Window(only={"client": "south"})).unknown == 1


def test_what_was_erased_is_not_counted_any_more(store: TraceStore, tell) -> None:  # type: ignore[no-untyped-def]
    store.keep(decision(1))
    store.keep(decision(2))
    tell(shown_card(1), "accepted")

    erase(store, Subject(about="decision", name=trace_id(1)), ground="patient-request", id=trace_id(99), at=AT)

    assert stats(store, Window()).total == tally(1)
