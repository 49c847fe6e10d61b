"""What is erased is gone, what is held is not erased, and the chain tells of both and still holds."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service.problems import OnHold
from service.traces.erasure import erase, retain
from service.traces.feedback import Given, take_feedback
from service.traces.holds import Subject, holds_in, place_hold, release_hold
from service.traces.schema import HANGS_ON_A_BODY
from service.traces.store import TraceStore, open_store
from service.traces.verify import verify_chain
from tests.traces.traces import AT, shown_card, trace, trace_id

FIRST = Subject(about="decision", name=trace_id(1))
PATIENT = Subject(about="patient", name="ab" * 32)


@pytest.fixture
def ids() -> itertools.count[int]:
    return itertools.count(1)


def erased(store: TraceStore, subject: Subject, id: str = "erasure") -> int:
    return erase(store, subject, ground="patient-request", id=id, at=AT).bodies


def hanging(store: TraceStore, seq: int) -> int:
    with store.reading() as connection:
        counts = (text(f"SELECT count(*) FROM {table.name} WHERE seq = {seq}") for table in HANGS_ON_A_BODY)
        return sum(connection.execute(count).scalar_one() for count in counts)


def test_a_decision_is_erased_with_all_that_hangs_on_it(store: TraceStore) -> None:
    store.keep(trace(1))
    store.keep(trace(2))

    assert erased(store, FIRST) == 1

    kept = store.get(trace_id(1))
    assert kept is not None and kept.is_erased and kept.body is None and kept.salt is None
    assert (hanging(store, 1), hanging(store, 2)) == (0, 6)
    assert kept.header["outcome"] == "success"


def test_the_chain_holds_and_tells_who_erased_what_and_why(store: TraceStore) -> None:
    store.keep(trace(1))
    erased(store, FIRST)

    told = store.get("erasure")
    report = verify_chain(store)

    assert told is not None
    assert told.says == {"ground": "patient-request", "erased": [[1, 1]], "bodies": 1}
    assert told.header["subject"] == trace_id(1)
    assert report.holds and report.erased == 1


def test_all_that_is_kept_of_a_patient_is_erased(store: TraceStore) -> None:
    for number, key in enumerate(["ab" * 32, "cd" * 32, "ab" * 32, "ab" * 32], start=1):
        store.keep(trace(number, patient_key=key))

    assert erased(store, PATIENT) == 3

    told = store.get("erasure")
    assert told is not None and told.says["erased"] == [[1, 1], [3, 4]]
    assert [record.is_erased for record in store.records() if record.has_body] == [True, False, True, True]
    assert verify_chain(store).holds


def test_feedback_on_a_decision_is_erased_with_it(store: TraceStore, ids: itertools.count[int]) -> None:
    store.keep(trace(1))
    given = Given(card=shown_card(1).uuid, outcome="overridden", document={"comment": "a word about the patient"})
    take_feedback(store, [given], at=AT, new_id=lambda: f"feedback-{next(ids)}")

    assert erased(store, FIRST) == 2
    assert hanging(store, 2) == 0
    assert verify_chain(store).holds


def test_what_is_gone_already_is_not_erased_again(store: TraceStore) -> None:
    store.keep(trace(1))
    erased(store, FIRST)

    assert erased(store, FIRST, "again") == 0
    assert erased(store, Subject(about="decision", name="nobody's"), "nobody's") == 0
    assert store.get("again") is None


@pytest.mark.parametrize("held", [FIRST, PATIENT])
def test_what_is_held_is_not_erased(store: TraceStore, held: Subject) -> None:
    store.keep(trace(1))
    assert place_hold(store, held, id="hold", at=AT, reason="a matter")

    for subject in (FIRST, PATIENT):
        with pytest.raises(OnHold):
            erased(store, subject)

    assert hanging(store, 1) == 6
    assert store.get("erasure") is None


def test_a_patient_is_not_erased_in_part(store: TraceStore) -> None:
    store.keep(trace(1))
    store.keep(trace(2))
    place_hold(store, FIRST, id="hold", at=AT)

    with pytest.raises(OnHold):
        erased(store, PATIENT)

    assert hanging(store, 2) == 6


def test_a_hold_on_a_patient_covers_what_is_kept_later(store: TraceStore) -> None:
    place_hold(store, PATIENT, id="hold", at=AT)
    store.keep(trace(1))

    with pytest.raises(OnHold):
        erased(store, FIRST)


def test_a_released_hold_no_longer_stands_in_the_way(store: TraceStore) -> None:
    store.keep(trace(1))
    place_hold(store, PATIENT, id="hold", at=AT)

    assert release_hold(store, PATIENT, id="release", at=AT)

    assert erased(store, FIRST) == 1
    assert verify_chain(store).holds


def test_a_hold_is_placed_once_and_released_once(store: TraceStore) -> None:
    assert place_hold(store, PATIENT, id="a", at=AT)
    assert not place_hold(store, PATIENT, id="b", at=AT)
    with store.reading() as connection:
        assert [(hold.about, hold.name, hold.seq) for hold in holds_in(connection)] == [("patient", "ab" * 32, 1)]

    assert release_hold(store, PATIENT, id="c", at=AT)
    assert not release_hold(store, PATIENT, id="d", at=AT)
    assert [store.get(name) is not None for name in "abcd"] == [True, False, True, False]
    assert verify_chain(store).holds


@pytest.mark.parametrize("held", [FIRST, PATIENT])
def test_the_database_itself_refuses_to_delete_a_body_that_is_held(store: TraceStore, held: Subject) -> None:
    store.keep(trace(1))
    place_hold(store, held, id="hold", at=AT)

    with pytest.raises(DBAPIError, match="legal hold"), store.engine.begin() as connection:
        connection.execute(text("DELETE FROM trace_body WHERE seq = 1"))


def test_old_bodies_are_erased_and_young_and_held_ones_are_not(store: TraceStore, ids: itertools.count[int]) -> None:
    for number in range(1, 5):
        store.keep(trace(number, decided_at=f"2026-01-0{number}T00:00:00.000000Z"))
    place_hold(store, Subject(about="decision", name=trace_id(2)), id="hold", at=AT)

    done = retain(store, since="2026-01-04T00:00:00.000000Z", at=AT, new_id=lambda: f"erasure-{next(ids)}")

    assert (done.bodies, done.held) == (2, 1)
    assert [record.is_erased for record in store.records() if record.kind == "hook"] == [True, False, True, False]
    told = store.get("erasure-1")
    assert told is not None and told.says == {"ground": "retention", "erased": [[1, 1], [3, 3]], "bodies": 2}
    assert verify_chain(store).holds


def test_many_old_bodies_are_erased_a_part_at_a_time(
    sqlite_store: TraceStore, ids: itertools.count[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.traces.erasure.AT_ONCE", 2)
    for number in range(1, 6):
        sqlite_store.keep(trace(number))

    done = retain(sqlite_store, since="2027", at=AT, new_id=lambda: f"erasure-{next(ids)}")

    assert (done.bodies, next(ids)) == (5, 4)  # three events, and the id that nothing was left for is not asked for
    assert verify_chain(sqlite_store).erased == 5


def test_what_was_erased_stands_nowhere_in_the_files(sqlite_store: TraceStore, sqlite_file: Path) -> None:
    secret = "imbrication.nobody-else-may-see"
    sqlite_store.keep(trace(1, rules=((secret, "fired"),)))
    sqlite_store.keep(trace(2))
    files = [sqlite_file, sqlite_file.with_name(f"{sqlite_file.name}-wal")]
    assert any(secret.encode() in file.read_bytes() for file in files)

    erased(sqlite_store, FIRST)

    assert not any(secret.encode() in file.read_bytes() for file in files)


def test_a_log_that_somebody_reads_is_told_not_to_be_emptied(sqlite_store: TraceStore) -> None:
    sqlite_store.keep(trace(1))
    with sqlite_store.engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM trace_body")).scalar_one()

        done = erase(sqlite_store, FIRST, ground="patient-request", id="erasure", at=AT)

    assert (done.bodies, done.overwritten) == (1, False)


def test_postgresql_gives_the_pages_of_what_was_erased_back(postgresql_url: str) -> None:
    store = open_store(postgresql_url)
    store.keep(trace(1))

    done = erase(store, FIRST, ground="patient-request", id="erasure", at=AT)

    assert done.overwritten
    with store.reading() as connection:
        assert connection.execute(text("SELECT pg_relation_size('trace_body')")).scalar_one() == 0
    store.close()
