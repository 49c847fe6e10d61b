"""What pages ask of the store, on both kinds of database."""

from __future__ import annotations

import pytest

from service.arrival import Arrival, Caller
from service.trace import ShownCard
from service.traces import browsing
from service.traces.browsing import Asked, decisions, feedback_on, months_of, number_of_records, tally
from service.traces.feedback import Given, take_feedback
from service.traces.store import TraceStore
from tests.traces.traces import trace, trace_id

RULE, OTHER = "imbrication.parp-rt", "imbrication.parp-rt-marrow"


def keep(
    store: TraceStore, number: int, rule: str = RULE, outcome: str = "fired", month: int = 1, client: str = ""
) -> None:
    store.keep(
        trace(
            number,
            decided_at=f"2026-{month:02d}-15T09:30:00.000000Z",
            rules=((rule, outcome),),
            cards=(ShownCard(uuid=f"card-{number}", rules=(rule,)),),
            arrival=Arrival(caller=Caller(client=client)),
            patient_key=f"{number:064d}",
        )
    )


@pytest.mark.parametrize(
    "asked, found",
    [
        (Asked(), [4, 3, 2, 1]),
        (Asked(rule=RULE), [3, 1]),
        (Asked(rule=RULE, rule_outcome="undetermined"), [2]),
        (Asked(client="ward"), [3]),
        (Asked(hook="order-sign", outcome="success"), [4, 3, 2, 1]),
        (Asked(hook="patient-view"), []),
        (Asked(since="2026-02"), [4, 3]),
        (Asked(until="2026-02"), [2, 1]),
        (Asked(patients=(f"{1:064d}", f"{4:064d}")), [4, 1]),
        (Asked(rule=RULE, since="2026-02"), [3]),
    ],
)
def test_decisions_meet_every_condition_newest_first(store: TraceStore, asked: Asked, found: list[int]) -> None:
    keep(store, 1)
    keep(store, 2, outcome="undetermined")
    keep(store, 3, month=2, client="ward")
    keep(store, 4, rule=OTHER, month=3)

    assert [header.id for header in decisions(store, asked).headers] == [trace_id(number) for number in found]


def test_a_page_leads_to_the_next(store: TraceStore) -> None:
    for number in range(1, 6):
        keep(store, number)

    first = decisions(store, Asked(), limit=2)
    second = decisions(store, Asked(), after=first.next_after, limit=3)

    assert [header.seq for header in (*first.headers, *second.headers)] == [5, 4, 3, 2, 1]
    assert first.next_after == 4 and second.next_after is None


def test_rules_are_counted_by_outcome_and_month(store: TraceStore) -> None:
    keep(store, 1)
    keep(store, 2, outcome="undetermined")
    keep(store, 3, month=2)
    keep(store, 4, rule=OTHER)

    counted = tally(store)

    assert counted.decisions == number_of_records(store) == 4
    assert (counted.of(RULE, "fired"), counted.of(RULE, "undetermined"), counted.of("no.rule", "fired")) == (2, 1, 0)
    assert tally(store, OTHER).outcomes == {OTHER: {"fired": 1}}
    assert [(each.month, each.fired, each.undetermined) for each in months_of(store, RULE)] == [
        ("2026-01", 1, 1),
        ("2026-02", 1, 0),
    ]


def test_only_the_newest_records_are_counted(store: TraceStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsing, "MOST_COUNTED", 2)
    for number in range(1, 5):
        keep(store, number)

    assert tally(store).decisions == 2 and tally(store).of(RULE, "fired") == 2


def test_feedback_is_counted_for_the_rule_itself_and_not_for_one_whose_id_begins_like_it(store: TraceStore) -> None:
    keep(store, 1)
    keep(store, 2, rule=OTHER)
    given = [
        Given(card=f"card-{number}", outcome="overridden", reason="urn:x|known", document={"n": number})
        for number in (1, 2)
    ]
    numbers = iter(range(50, 60))
    take_feedback(store, given, at="2026-03-01T00:00:00.000000Z", new_id=lambda: trace_id(next(numbers)))

    assert feedback_on(store, RULE) == (("overridden", "urn:x|known", 1),)
    assert feedback_on(store, OTHER) == (("overridden", "urn:x|known", 1),)
    assert feedback_on(store, "imbrication") == ()


def test_an_empty_store_has_nothing_to_count(store: TraceStore) -> None:
    assert (tally(store).decisions, months_of(store, RULE), feedback_on(store, RULE), number_of_records(store)) == (
        0,
        (),
        (),
        0,
    )
