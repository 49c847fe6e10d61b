"""The decisions of a time, batch by batch."""

from __future__ import annotations

import pytest

from service.traces.store import TraceStore
from service.traces.walking import decisions_between
from tests.traces.traces import event, trace

DAYS = ("2026-03-01", "2026-03-02", "2026-03-04", "2026-03-03", "2026-03-05")
"""In the order they were kept: the clock went back once."""


@pytest.fixture
def days(store: TraceStore) -> dict[str, str]:
    """The day of each decision by its id; an event stands between them."""
    kept = {}
    for number, day in enumerate(DAYS, start=1):
        made = trace(number, decided_at=f"{day}T12:00:00.000000Z")
        store.keep(made)
        kept[made.id] = day
        store.record_event(event(number))
    return kept


@pytest.mark.parametrize("batch", [1, 2, 5, 50])
@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        (None, None, DAYS),
        ("2026-03-03", None, DAYS[2:]),
        (None, "2026-03-04", ("2026-03-01", "2026-03-02", "2026-03-03")),
        ("2026-03-02T12:00:00.000000Z", "2026-03-03T12:00:00.000000Z", ("2026-03-02",)),
        ("2026-03-04", "2026-03-05", ("2026-03-04",)),
        ("2026-03-06", None, ()),
    ],
)
def test_the_decisions_of_a_time_come_once_each_in_the_order_of_the_chain(
    store: TraceStore, days: dict[str, str], since: str | None, until: str | None, found: tuple[str, ...], batch: int
) -> None:
    assert tuple(days[each.id] for each in decisions_between(store, since, until, batch)) == found


def test_what_is_kept_meanwhile_does_not_prolong_it(store: TraceStore, days: dict[str, str]) -> None:
    walk = decisions_between(store, batch=1)

    first = next(walk)
    store.keep(trace(100))

    assert [first.id, *(each.id for each in walk)] == list(days)


def test_an_empty_store_has_none(store: TraceStore) -> None:
    assert list(decisions_between(store)) == []
