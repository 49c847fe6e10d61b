"""What pages ask of the store, on both kinds of database."""

from __future__ import annotations

from typing import Any

import pytest

from service.arrival import Arrival, Caller
from service.event import Event, EventKind
from service.trace import ShownCard
from service.traces import browsing
from service.traces.browsing import Asked, decisions, events, events_counted, months_of, number_of_records, tally
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


def happened(store: TraceStore, number: int, kind: EventKind, client: str = "", subject: str = "") -> None:
    at = f"2026-03-{number:02d}T00:00:00.000000Z"
    store.record_event(Event(id=trace_id(number), kind=kind, at=at, caller=Caller(client=client), subject=subject))


@pytest.mark.parametrize(
    "asked, found",
    [
        ({}, [7, 6, 5]),
        ({"kinds": ("export",)}, [6]),
        ({"client": "ward"}, [7, 5]),
        ({"subject": "a"}, [5]),
        ({"since": "2026-03-06"}, [7, 6]),
        ({"until": "2026-03-06"}, [5]),
        ({"after": 4}, [6, 5]),
        ({"client": "ward", "since": "2026-03-06"}, [7]),
    ],
)
def test_events_meet_every_condition_newest_first(store: TraceStore, asked: dict[str, Any], found: list[int]) -> None:
    keep(store, 1)
    happened(store, 5, "read", client="ward", subject="a")
    happened(store, 6, "export")
    happened(store, 7, "read", client="ward", subject="b")
    happened(store, 8, "hold", client="ward", subject="a")

    page = events(store, **{"kinds": ("read", "export"), **asked})

    assert [header.id for header in page.headers] == [trace_id(number) for number in found]
    assert events(store, kinds=("read", "export"), limit=2).next_after == 3
    assert events_counted(store, ("read", "hold", "erasure")) == {"read": 2, "hold": 1, "erasure": 0}


def test_an_empty_store_has_nothing_to_count(store: TraceStore) -> None:
    assert tally(store).decisions == number_of_records(store) == 0
    assert months_of(store, RULE) == () and events(store, kinds=("read",)).headers == ()
