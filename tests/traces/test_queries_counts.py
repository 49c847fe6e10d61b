"""What is counted over whole days: calls of each client, and what became of each rule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rulesets.rulebook import RULES, rules_content
from rulesets.thresholds import effective
from service.house import revision_of
from service.traces import tallies
from service.traces.erasure import erase
from service.traces.holds import Subject
from service.traces.queries.calls import Caller, calls_by_caller
from service.traces.queries.rule_activity import RuleActivity, rule_activity
from service.traces.rulebooks import Rulebook, activate
from service.traces.store import TraceStore
from tests.traces.audited import decision, moment
from tests.traces.traces import AT, event, trace_id

EHR, PORTAL = Caller(client="ehr", tenant="north"), Caller(client="portal", tenant="north")
THRESHOLDS = effective()
REVISION = revision_of(THRESHOLDS, "0" * 64)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallies, "BLOCK", 4)
    monkeypatch.setattr(tallies, "MANY", 2)


# --- calls -------------------------------------------------------------------------------------------


def test_calls_are_counted_for_each_client_and_tenant(store: TraceStore) -> None:
    for number in range(1, 8):
        store.keep(
            decision(number, client="ehr" if number < 6 else "portal", tenant="south" if number == 1 else "north")
        )
    store.record_event(event(8, "read"))  # no call

    calls = calls_by_caller(store)

    assert {(each.client, each.tenant): told.calls for each, told in calls.items()} == {
        ("ehr", "north"): 4, ("ehr", "south"): 1, ("portal", "north"): 2,
    }  # fmt: skip
    assert list(calls) == sorted(calls, key=lambda each: (each.client, each.tenant))


def test_errors_and_degraded_answers_are_told_by_caller(store: TraceStore) -> None:
    store.keep(decision(1, degraded=("left-out", "read-timeout")))
    store.keep(decision(2, degraded=("left-out",)))
    store.keep(decision(3, outcome="failed", rules=()))
    store.keep(decision(4))
    store.keep(decision(5, client="portal", outcome="refused"))

    calls = calls_by_caller(store)

    assert (calls[EHR].calls, calls[EHR].errors, calls[EHR].degraded) == (4, 1, 2)
    assert calls[EHR].codes == {"left-out": 2, "read-timeout": 1}
    assert (calls[PORTAL].errors, calls[PORTAL].outcomes, calls[PORTAL].codes) == (1, {"refused": 1}, {})


def test_percentiles_are_those_of_the_durations(store: TraceStore) -> None:
    for number in range(1, 11):
        store.keep(decision(number, duration_ns=number * 10_000_000))
    store.keep(decision(11))  # of which nobody took the time

    calls = calls_by_caller(store)[EHR]

    assert [calls.percentile(percent) for percent in (10, 50, 51, 90, 99, 100)] == [
        10_000, 50_000, 60_000, 90_000, 100_000, 100_000,
    ]  # fmt: skip
    assert calls.calls == 11


def test_of_no_duration_there_is_no_percentile(store: TraceStore) -> None:
    store.keep(decision(1))

    assert calls_by_caller(store)[EHR].percentile(50) is None


@pytest.mark.parametrize(
    "days, calls",
    [({}, 9), ({"since": "2026-02-01"}, 6), ({"until": "2026-02-02"}, 6), ({"since": "2026-02-01", "until": "2026-02-02"}, 3),
     ({"since": "2026-02-04"}, 0)],
)  # fmt: skip
def test_days_are_whole_and_the_last_one_is_not_counted(store: TraceStore, days: dict[str, str], calls: int) -> None:
    for number in range(9):
        store.keep(decision(number + 1, at=moment(24 * (number // 3))))

    assert sum(each.calls for each in calls_by_caller(store, **days).values()) == calls


def test_calls_that_were_erased_still_were_calls(store: TraceStore) -> None:
    for number in range(1, 6):
        store.keep(decision(number))
    erase(store, Subject(about="patient", name="a" * 64), ground="patient-request", id="erasure", at=AT)

    assert calls_by_caller(store)[EHR].calls == 5


# --- rules -------------------------------------------------------------------------------------------


def activity_of(store: TraceStore, rule: str, **asked: str) -> RuleActivity:
    [found] = [each for each in rule_activity(store, **asked).rules if each.rule == rule]
    return found


def in_force(store: TraceStore) -> None:
    book = Rulebook(revision=REVISION, rules=rules_content(), thresholds=THRESHOLDS.content)
    activate(store, book, id="activation", at=AT)


def test_every_rule_of_the_rulebook_is_told_of_and_the_silent_ones_never_fire(store: TraceStore) -> None:
    in_force(store)
    busy, silent = RULES[0].id, RULES[1].id
    for number in range(1, 7):
        made = decision(number, rules=((busy, "fired"),))
        store.keep(replace(made, rulebook=REVISION.digest, rules_digest=REVISION.rules))

    activity = rule_activity(store)

    assert {each.rule for each in activity.rules} == {rule.id for rule in RULES}
    assert (activity.decisions, activity.unknown) == (6, ())
    assert (activity_of(store, busy).habit, activity_of(store, busy).outcomes) == ("always fires", {"fired": 6})
    assert (activity_of(store, silent).habit, activity_of(store, silent).outcomes) == ("never fires", {"not fired": 6})


@pytest.mark.parametrize(
    "outcomes, habit",
    [
        (("fired", "fired"), "always fires"),
        (("fired", "not fired"), "varies"),
        (("undetermined", "fired"), "varies"),
        (("undetermined", "not fired"), "never fires"),
        (("undetermined", "undetermined", "fired"), "mostly undetermined"),
        (("undetermined", "undetermined", "not fired"), "mostly undetermined"),
        (("switched off", "switched off"), "never judged"),
        (("switched off", "fired"), "always fires"),
        (("suppressed", "fired"), "varies"),
    ],
)
def test_a_rule_has_the_habit_that_its_outcomes_show(
    sqlite_store: TraceStore, outcomes: tuple[str, ...], habit: str
) -> None:
    for number, outcome in enumerate(outcomes, start=1):
        told = () if outcome == "not fired" else (("r.one", outcome),)
        sqlite_store.keep(decision(number, rules=(*told, ("r.two", "fired"))))

    found = activity_of(sqlite_store, "r.one")

    assert found.habit == habit
    assert sum(found.outcomes.values()) == len(outcomes)
    assert found.judged == len(outcomes) - outcomes.count("switched off")


def test_rules_of_a_rulebook_that_was_never_kept_are_known_by_what_they_did(store: TraceStore) -> None:
    store.keep(decision(1, rules=(("r.one", "fired"),)))

    activity = rule_activity(store)

    assert [each.rule for each in activity.rules] == ["r.one"]
    assert activity.unknown == ("1" * 64,)


def test_rules_are_counted_under_one_rulebook_and_on_some_days(store: TraceStore) -> None:
    for number in range(1, 10):
        store.keep(decision(number, at=moment(number * 12), rulebook="12"[number % 2], rules=(("r.one", "fired"),)))

    assert activity_of(store, "r.one").judged == 9
    assert activity_of(store, "r.one", rulebook="1" * 64).judged == 4
    assert activity_of(store, "r.one", rulebook="2" * 64, since="2026-02-03").judged == 3
    assert rule_activity(store, rulebook="3" * 64).rules == ()


def test_a_rule_is_counted_only_in_rulebooks_that_have_it(store: TraceStore) -> None:
    store.keep(decision(1, rulebook="1", rules=(("r.one", "fired"),)))
    store.keep(decision(2, rulebook="2", rules=(("r.two", "fired"),)))

    assert activity_of(store, "r.one").outcomes == {"fired": 1}


def test_what_was_erased_is_not_counted(store: TraceStore) -> None:
    for number in range(1, 7):
        store.keep(decision(number, rules=(("r.one", "fired"),)))
    for number in (2, 6):  # in a full block, and in the last one
        erase(store, Subject(about="decision", name=trace_id(number)), ground="court-order", id=f"e{number}", at=AT)

    assert activity_of(store, "r.one").outcomes == {"fired": 4}
