"""Decisions are found by every condition and by several at once, page after page, and nothing else is."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from service.event import Event
from service.trace import DECISIONS, Trace
from service.traces import tallies
from service.traces.erasure import erase
from service.traces.holds import Subject
from service.traces.queries.decisions import Wanted, found
from service.traces.store import TraceStore, open_store
from tests.traces.audited import decision, moment
from tests.traces.traces import AT, event, shown_card, trace_id


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallies, "BLOCK", 4)
    monkeypatch.setattr(tallies, "MANY", 2)


def seqs(store: TraceStore, limit: int = 50, **wanted: Any) -> list[int]:
    """The numbers found, on all pages."""
    numbers: list[int] = []
    after: int | None = None
    while True:
        page = found(store, Wanted(**wanted), after=after, limit=limit)
        assert len(page.headers) <= limit
        numbers += [header.seq for header in page.headers]
        after = page.next_after
        if after is None:
            return numbers


TWO: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "hook_instance": ({}, {"hook_instance": "call-2"}),
    "card": ({}, {"card": shown_card(2, 1).uuid}),
    "patient_key": ({"patient": "b"}, {"patient_key": "b" * 64}),
    "resource": ({"resources": (("c", "1"), ("d", "2"))}, {"resource": "d" * 32}),
    "resource in a version": ({"resources": (("c", "2"),)}, {"resource": "c" * 32, "version": "2"}),
    "resource without a version": ({"resources": (("c", ""),)}, {"resource": "c" * 32, "version": ""}),
    "any degraded": ({"degraded": ("left-out", "read-timeout")}, {"degraded": ""}),
    "degraded": ({"degraded": ("left-out", "read-timeout")}, {"degraded": "read-timeout"}),
    "rule": ({"rules": (("r.two", "fired"),)}, {"rule": "r.two"}),
    "rule that was undetermined": ({"rules": (("r.two", "undetermined"),)}, {"rule": "r.two", "rule_outcome": "undetermined"}),
    "rulebook": ({"rulebook": "2"}, {"rulebook": "2" * 64}),
    "client": ({"client": "portal"}, {"client": "portal"}),
    "tenant": ({"tenant": "south"}, {"tenant": "south"}),
    "outcome": ({"outcome": "failed"}, {"outcome": "failed"}),
    "since": ({"at": moment(1)}, {"since": moment(1)}),
    "until": ({"at": moment(-1)}, {"until": moment(0)}),
    "a day": ({"at": moment(24)}, {"since": "2026-02-01", "until": "2026-02-02"}),
}  # fmt: skip


@pytest.mark.parametrize("name", TWO)
def test_each_condition_finds_the_decision_that_meets_it_alone(store: TraceStore, name: str) -> None:
    differs, wanted = TWO[name]
    for number in (1, 2, 3):
        store.keep(decision(number, **(differs if number == 2 else {})))

    assert seqs(store, **wanted) == [2]


def test_no_condition_finds_anything_in_an_empty_store(store: TraceStore) -> None:
    for _, wanted in TWO.values():
        assert seqs(store, **wanted) == []


def test_a_code_is_found_whole_and_never_as_a_pattern(store: TraceStore) -> None:
    store.keep(decision(1, degraded=("left-out", "read-timeout")))

    for code in ("left", "out", "left-out read-timeout x", "read%", "read_timeout", "%"):
        assert seqs(store, degraded=code) == []


def test_a_decision_that_used_two_versions_of_a_resource_is_found_once(store: TraceStore) -> None:
    store.keep(decision(1, resources=(("c", "1"), ("c", "2"))))

    assert seqs(store, resource="c" * 32) == [1]


def test_one_call_of_a_hook_may_have_led_to_several_decisions(store: TraceStore) -> None:
    store.keep(decision(1, hook_instance="same"))
    store.keep(decision(2))
    store.keep(decision(3, hook_instance="same"))

    assert seqs(store, hook_instance="same") == [3, 1]


def test_a_decision_that_called_no_hook_is_found_by_no_hook_instance(store: TraceStore) -> None:
    store.keep(decision(1, hook_instance=""))

    assert seqs(store, hook_instance="") == []


def test_what_was_erased_is_found_by_its_header_and_no_longer_by_what_it_used(store: TraceStore) -> None:
    for number in range(1, 4):
        store.keep(decision(number))
    erase(store, Subject(about="decision", name=trace_id(2)), ground="patient-request", id="erasure", at=AT)

    assert seqs(store, patient_key="a" * 64) == [3, 2, 1]
    assert seqs(store, hook_instance="call-2") == [2]
    assert seqs(store, resource="c" * 32) == [3, 1]
    assert seqs(store, rule="imbrication.parp-hold") == [3, 1]
    assert seqs(store, card=shown_card(2).uuid) == []


# --- pages -------------------------------------------------------------------------------------------


def test_decisions_of_one_moment_come_each_on_one_page(store: TraceStore) -> None:
    for number in range(1, 8):
        store.keep(decision(number))

    for limit in (1, 2, 3, 7):
        assert seqs(store, limit) == [7, 6, 5, 4, 3, 2, 1]
        assert seqs(store, limit, rule="imbrication.parp-hold") == [7, 6, 5, 4, 3, 2, 1]
        assert seqs(store, limit, patient_key="a" * 64) == [7, 6, 5, 4, 3, 2, 1]
        assert seqs(store, limit, since="2026-01-31") == [7, 6, 5, 4, 3, 2, 1]
        assert seqs(store, limit, resource="c" * 32) == [7, 6, 5, 4, 3, 2, 1]


def test_what_is_kept_between_two_pages_moves_none(store: TraceStore) -> None:
    for number in range(1, 6):
        store.keep(decision(number))
    first = found(store, Wanted(rule="imbrication.parp-hold"), limit=2)
    for number in range(6, 9):
        store.keep(decision(number))

    second = found(store, Wanted(rule="imbrication.parp-hold"), after=first.next_after, limit=3)

    assert [header.seq for header in (*first.headers, *second.headers)] == [5, 4, 3, 2, 1]
    assert second.next_after is None


@pytest.mark.parametrize("limit", [0, 201])
def test_a_page_has_bounds(store: TraceStore, limit: int) -> None:
    with pytest.raises(ValueError, match="1 to 200"):
        found(store, Wanted(), limit=limit)


# --- time that does not only go forward --------------------------------------------------------------


def test_a_window_finds_what_was_decided_in_it_although_a_clock_was_set_back(store: TraceStore) -> None:
    for number, hours in enumerate((0, 1, 2, 3, 48, 49, 1, 2, 50, 51, 52, 53, 2.5), start=1):
        store.keep(decision(number, at=moment(hours)))

    assert seqs(store, since=moment(1), until=moment(3)) == [13, 8, 7, 3, 2]
    assert seqs(store, rule="imbrication.parp-hold", since=moment(48), until=moment(50)) == [6, 5]
    assert seqs(store, since="2026-03-01") == seqs(store, until="2026-01-01") == []


# --- events ------------------------------------------------------------------------------------------


def test_events_are_found_by_their_kind_and_what_they_are_about(store: TraceStore) -> None:
    store.keep(decision(1))
    store.record_event(event(2, "read", subject=trace_id(1), patient_key="a" * 64))
    store.record_event(event(3, "export"))
    store.record_event(event(4, "read", subject=trace_id(9)))

    assert seqs(store, kinds=("read",)) == [4, 2]
    assert seqs(store, kinds=("read", "export")) == [4, 3, 2]
    assert seqs(store, 1, kinds=("read", "export", "erasure")) == [4, 3, 2]
    assert seqs(store, kinds=("read", "export"), subject=trace_id(1)) == [2]
    assert seqs(store, kinds=("read", *DECISIONS), patient_key="a" * 64) == [2, 1]
    assert seqs(store, subject=trace_id(1)) == []  # of decisions none is about another


# --- everything at once ------------------------------------------------------------------------------


class Kept:
    """A store with many decisions and events, and the same as plain values."""

    def __init__(self, url: str, chance: random.Random) -> None:
        self.store = open_store(url)
        self.all: list[Trace | Event] = []
        for number in range(1, 81):
            one: Trace | Event = _any_decision(number, chance) if chance.random() < 0.8 else _any_event(number, chance)
            self.all.append(one)
            if isinstance(one, Trace):
                self.store.keep(one)
            else:
                self.store.record_event(one)


def _any_decision(number: int, chance: random.Random) -> Trace:
    return decision(
        number,
        at=moment(chance.randrange(0, 96)),
        client=chance.choice(("ehr", "portal")),
        tenant=chance.choice(("north", "south")),
        patient=chance.choice("ab"),
        rulebook=chance.choice("12"),
        outcome=chance.choice(("success", "failed")),
        degraded=chance.choice(((), ("left-out",), ("left-out", "read-timeout"))),
        hook_instance=chance.choice(("", "x", "y")),
        rules=tuple({(chance.choice(("r.one", "r.two")), chance.choice(("fired", "undetermined"))) for _ in "123"}),
        resources=tuple({(chance.choice("cd"), chance.choice(("", "1", "2"))) for _ in "123"}),
    )


def _any_event(number: int, chance: random.Random) -> Event:
    kind: Any = chance.choice(("read", "export", "replay"))
    return Event(
        id=trace_id(1000 + number),
        kind=kind,
        at=moment(chance.randrange(0, 96)),
        subject=chance.choice(("", trace_id(1), trace_id(2))),
        patient_key=chance.choice(("", "a" * 64)),
    )


CHOICES: dict[str, tuple[Any, ...]] = {
    "hook_instance": ("x",),
    "card": (shown_card(7).uuid,),
    "subject": (trace_id(1),),
    "patient_key": ("a" * 64,),
    "resource": ("c" * 32,),
    "degraded": ("", "read-timeout"),
    "rule": ("r.one",),
    "rulebook": ("1" * 64,),
    "client": ("ehr",),
    "tenant": ("south",),
    "outcome": ("failed", "success"),
    "since": (moment(20), "2026-02-02"),
    "until": (moment(70), "2026-02-03"),
    "kinds": (("read",), ("read", "export"), ("hook", "read"), ("evaluate", "hook")),
}


def _meets(kept: Trace | Event, wanted: dict[str, Any]) -> bool:
    """Whether a record is wanted, in the plainest way."""
    is_decision = isinstance(kept, Trace)
    header = kept.header()
    checks: dict[str, Callable[[Any], bool]] = {
        "card": lambda it: is_decision and it in [card.uuid for card in kept.cards],  # type: ignore[union-attr]
        "resource": lambda it: is_decision and any(
            used.key == it and wanted.get("version") in (None, used.version) for used in kept.resources  # type: ignore[union-attr]
        ),
        "degraded": lambda it: is_decision and (it in kept.degraded if it else bool(kept.degraded)),  # type: ignore[union-attr]
        "rule": lambda it: is_decision and (it, wanted.get("rule_outcome", "fired")) in kept.rules,  # type: ignore[union-attr]
        "since": lambda it: str(header["decided_at"]) >= it,
        "until": lambda it: str(header["decided_at"]) < it,
    }  # fmt: skip
    if kept.kind not in wanted.get("kinds", DECISIONS):
        return False
    return all(
        checks.get(name, lambda it, name=name: header.get(name, "") == it)(value)  # type: ignore[misc]
        for name, value in wanted.items()
        if name not in ("kinds", "version", "rule_outcome")
    )


def test_any_conditions_together_find_what_a_plain_search_finds(url: str) -> None:
    chance = random.Random(7)
    kept = Kept(url, chance)

    for _ in range(150):
        names = chance.sample(sorted(CHOICES), chance.randrange(1, 5))
        wanted = {name: chance.choice(CHOICES[name]) for name in names}
        if "resource" in wanted and chance.random() < 0.5:
            wanted["version"] = chance.choice(("", "1"))
        if "rule" in wanted and chance.random() < 0.5:
            wanted["rule_outcome"] = "undetermined"
        expected = [seq for seq, one in enumerate(kept.all, start=1) if _meets(one, wanted)]

        assert seqs(kept.store, chance.choice((1, 3, 50)), **wanted) == expected[::-1], wanted
    kept.store.close()
