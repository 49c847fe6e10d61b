"""What is counted once is what the records come to, whatever was erased, copied or counted meanwhile."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from service.canonical import dumps
from service.problems import StoreUnavailable
from service.traces import tallies
from service.traces.copying import copy_store
from service.traces.counting import calls_told, clock_went_back, rounded_up
from service.traces.entry import entry_of
from service.traces.erasure import erase, retain
from service.traces.holds import Subject
from service.traces.migrate import migrate
from service.traces.store import TraceStore, open_store
from service.traces.tallies import counted, kept_tallies, open_end
from service.traces.verify import verify_chain
from tests.traces.audited import decision, moment
from tests.traces.tampering import as_owner
from tests.traces.traces import AT, event, notary, trace_id

BLOCK = 4


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallies, "BLOCK", BLOCK)
    monkeypatch.setattr(tallies, "MANY", 2)


def all_counted(connection: Connection, about: tallies.About) -> list[object]:
    return [each.content for each in tallies.tallies(connection, about)]


def _written(these: Iterable[tallies.Tally]) -> list[bytes]:
    return sorted(dumps(vars(each)) for each in these)


def test_a_block_is_counted_when_it_is_full_and_what_follows_when_it_is_asked_for(store: TraceStore) -> None:
    for number in range(1, 4):
        store.keep(decision(number))
    with store.reading() as connection:
        assert kept_tallies(connection, 1) == () and open_end(connection) == (1, 3)

    for number in range(4, 7):
        store.keep(decision(number))

    with store.reading() as connection:
        assert open_end(connection) == (5, 6)
        assert [content["records"] for content in all_counted(connection, "records")] == [4, 2]  # type: ignore[index]
        contents = all_counted(connection, "calls")
        assert sum(told["calls"] for each in contents for *_, told in calls_told(each)) == 6  # type: ignore[arg-type]


def test_what_is_kept_together_may_fill_several_blocks(store: TraceStore) -> None:
    with store.appending() as chain:
        for number in range(1, 11):
            chain.append(entry_of(decision(number)))

    with store.reading() as connection:
        assert open_end(connection) == (9, 10)
    assert verify_chain(store).holds


def test_days_and_rulebooks_of_a_block_are_counted_apart(store: TraceStore) -> None:
    for number, (hours, rulebook) in enumerate([(0, "1"), (0, "2"), (24, "1"), (24, "1")], start=1):
        store.keep(decision(number, at=moment(hours), rulebook=rulebook))

    with store.reading() as connection:
        kept = {each.period: each.content for each in kept_tallies(connection, 1) if each.about == "rules"}

    assert {day: {under: told["kept"] for under, told in of.items()} for day, of in kept.items()} == {
        "2026-01-31": {"1" * 64: 1, "2" * 64: 1},
        "2026-02-01": {"1" * 64: 2},
    }


def test_a_rule_counts_once_in_a_decision_with_its_gravest_outcome(store: TraceStore) -> None:
    store.keep(decision(1, rules=(("r.one", "undetermined"), ("r.one", "fired"), ("r.two", "suppressed"), ("r.two", "undetermined"))))  # fmt: skip
    store.keep(decision(2, rules=(("r.one", "undetermined"), ("r.three", "switched off"))))

    with store.reading() as connection:
        [content] = all_counted(connection, "rules")

    assert content["1" * 64]["outcomes"] == {  # type: ignore[index]
        "fired": {"r.one": 1},
        "undetermined": {"r.one": 1, "r.two": 1},
        "switched off": {"r.three": 1},
    }


def test_a_failed_decision_is_kept_and_not_judged_and_an_event_is_neither(store: TraceStore) -> None:
    store.keep(decision(1))
    store.keep(decision(2, outcome="failed", rules=()))
    store.record_event(event(3, "read", subject=trace_id(1)))

    with store.reading() as connection:
        [content] = all_counted(connection, "rules")

    assert (content["1" * 64]["kept"], content["1" * 64]["judged"]) == (2, 1)  # type: ignore[index]


@pytest.mark.parametrize("erased", [2, 3, 6])
def test_what_is_erased_goes_out_of_the_tallies(store: TraceStore, erased: int) -> None:
    for number in range(1, 8):
        store.keep(decision(number, rules=((f"r.n{number}", "fired"), ("r.all", "fired"))))

    erase(store, Subject(about="decision", name=trace_id(erased)), ground="patient-request", id="erasure", at=AT)

    with store.reading() as connection:
        contents = all_counted(connection, "rules")
    assert f"r.n{erased}" not in str(contents)
    assert sum(content["1" * 64]["outcomes"]["fired"]["r.all"] for content in contents) == 6  # type: ignore[index]
    assert sum(content["1" * 64]["kept"] for content in contents) == 6  # type: ignore[index]
    assert verify_chain(store).holds


def test_when_all_of_a_day_is_erased_nothing_of_it_is_left(store: TraceStore) -> None:
    for number in range(1, 6):
        store.keep(decision(number))

    ids = (f"erasure-{number}" for number in range(9))
    retain(store, since="2027", at=AT, new_id=lambda: next(ids))

    with store.reading() as connection:
        assert {each.about for each in kept_tallies(connection, 1)} == {"calls", "records"}
        assert all_counted(connection, "rules") == []
    assert verify_chain(store).holds


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE trace_tally SET content = '{}' WHERE about = 'rules'",
        "DELETE FROM trace_tally WHERE about = 'calls' AND block = 2",
        "DELETE FROM trace_tally WHERE block = 2 AND about <> 'none'",
        "DELETE FROM trace_tally WHERE level = 2",
        "UPDATE trace_tally SET content = '{}' WHERE about = 'rules' AND level = 2",
        "INSERT INTO trace_tally VALUES (2, 7, 'calls', '2020-01', '{}')",
        "INSERT INTO trace_tally VALUES (1, 2, 'calls', '2020-01-01', '{}')",
    ],
)
def test_tallies_that_are_not_what_the_records_come_to_are_told(store: TraceStore, tampering: str) -> None:
    for number in range(1, 14):
        store.keep(decision(number))
    assert verify_chain(store).holds

    with as_owner(store) as connection:
        connection.execute(text(tampering))

    report = verify_chain(store)
    assert not report.holds and "tallies of the records" in report.fault


def test_whole_months_and_single_days_come_to_the_same_as_every_record_does(store: TraceStore) -> None:
    days = [moment(24 * (number * 37 % 120)) for number in range(61)]
    for number, at in enumerate(days, start=1):
        store.keep(decision(number, at=at, rules=(("r.one", "fired"),)))
    for erased in (5, 23, 40, 61):
        erase(store, Subject(about="decision", name=trace_id(erased)), ground="court-order", id=f"e{erased}", at=AT)
    left = [at for number, at in enumerate(days, start=1) if number not in (5, 23, 40, 61)]

    for since in ("", "2026-02-01", "2026-02-02", "2026-03-31", "2026-12-31"):
        for until in ("", "2026-01-01", "2026-02-28", "2026-03-01", "2026-04-02", "2027-01-01"):
            expected = sum(since <= at[:10] and (not until or at[:10] < until) for at in left)
            with store.reading() as connection:
                counted_ = tallies.tallies(connection, "rules", since, until)
                assert sum(each.content["1" * 64]["outcomes"]["fired"]["r.one"] for each in counted_) == expected
    assert verify_chain(store).holds


def test_a_tally_of_records_that_are_not_there_is_told(store: TraceStore) -> None:
    store.keep(decision(1))
    with as_owner(store) as connection:
        connection.execute(text("INSERT INTO trace_tally VALUES (1, 1, 'records', '2026-01-31', '{}')"))

    assert verify_chain(store).fault == "the tallies of the records 1 to 4 are not what these come to"


def test_a_tally_is_never_updated(store: TraceStore) -> None:
    for number in range(1, 5):
        store.keep(decision(number))

    with pytest.raises(DatabaseError, match="never changed"), store.engine.begin() as connection:
        connection.execute(text("UPDATE trace_tally SET content = '{}'"))


def test_a_copy_has_the_tallies_of_its_source(store: TraceStore, sqlite_file: object, tmp_path: object) -> None:
    copy_url = f"sqlite:///{tmp_path}/copy.db"
    migrate(copy_url)
    copy = open_store(copy_url)
    for number in range(1, 7):
        store.keep(decision(number))
    copy_store(store, copy)
    erase(store, Subject(about="decision", name=trace_id(1)), ground="court-order", id="erasure", at=AT)
    for number in range(8, 12):
        store.keep(decision(number))

    copy_store(store, copy)

    with store.reading() as one, copy.reading() as other:
        assert open_end(one) == open_end(other) == (9, 11)
        for block in (1, 2):
            assert _written(kept_tallies(one, block)) == _written(kept_tallies(other, block)) != []
    assert verify_chain(copy).holds
    copy.close()


def test_a_decision_is_kept_although_counting_fails(store: TraceStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(connection: Connection, block: int) -> None:
        raise StoreUnavailable()

    for number in range(1, 4):
        store.keep(decision(number))
    with monkeypatch.context() as patched:
        patched.setattr("service.traces.store.keep_tally", fails)
        store.keep(decision(4))
    with store.reading() as connection:
        assert open_end(connection) == (1, 4)

    for number in range(5, 9):
        store.keep(decision(number))

    with store.reading() as connection:
        assert open_end(connection) == (9, 8)
    assert verify_chain(store).records == 8


def test_blocks_are_counted_while_checkpoints_are_signed(url: str) -> None:
    store = open_store(url, notary(every=3))

    for number in range(1, 20):
        store.keep(decision(number))

    report = verify_chain(store)
    assert report.holds and report.checkpoints > 3
    with store.reading() as connection:
        first, last = open_end(connection)
        assert last - first + 1 < BLOCK
    store.close()


def test_counting_again_gives_the_same(store: TraceStore) -> None:
    for number in range(1, 6):
        store.keep(decision(number, at=moment(-number), client=f"client-{number % 2}", degraded=("left-out",)))

    with store.reading() as connection:
        assert _written(counted(connection, 1, 1, 4)) == _written(kept_tallies(connection, 1))
        assert [seq for content in all_counted(connection, "records") for seq in content["clock_steps"]] == [2, 3, 4, 5]  # type: ignore[index]


@pytest.mark.parametrize(
    "before, after, stepped",
    [("", moment(-1), False), (moment(0), moment(0), False), (moment(0), moment(1), False),
     (moment(0), moment(-5 / 3600), False), (moment(0), moment(-5.001 / 3600), True), (moment(0), "no moment", False)],
)  # fmt: skip
def test_a_clock_went_back_when_it_did_so_by_more_than_five_seconds(before: str, after: str, stepped: bool) -> None:
    assert clock_went_back(before, after) is stepped


@pytest.mark.parametrize("duration", [0, 1, 999, 1000, 1001, 99_000, 99_001, 100_000, 1_000_001, 123_456_789, 10**12])
def test_a_duration_is_never_told_smaller_nor_a_tenth_larger(duration: int) -> None:
    told = rounded_up(duration) * 1000

    assert duration <= told < max(duration * 1.1, duration + 1000)
