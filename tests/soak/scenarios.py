"""What is done to a service at work, each with what must come of it and the figures it came to."""

from __future__ import annotations

import itertools
import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.soak.clients import Answer, Clients
from tests.soak.promises import check
from tests.soak.service import Service, resident_megabytes

PROMISED_SECONDS = 3.0
"""Within which whoever cannot be answered is told so, on a machine that has nothing else to do."""

MOST_GROWTH_MB = 20
"""Of a worker during the second half of many patients."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a scenario came to; ``longest`` and ``recovered`` are in seconds."""

    name: str
    answered: int
    told: int = 0  # that it could not be answered
    broken: int = 0  # connections without an answer
    stored: int = 0
    longest: float = 0.0  # of those told
    recovered: float = 0.0  # from the end of the trouble to the first answer
    more: str = ""

    def __str__(self) -> str:
        told = (
            f"{self.told} were told 503, the slowest after {self.longest:.2f} s" if self.told else "nobody was told 503"
        )
        back = f"; answers again after {self.recovered:.2f} s" if self.recovered else ""
        broken = f", {self.broken} connections broke off" if self.broken else ""
        more = f"; {self.more}" if self.more else ""
        return f"{self.name}: {self.answered} answered and all of them stored{broken}, {told}{back}{more}"


def figures(name: str, answers: Sequence[Answer], stored: int, **others: Any) -> Figures:
    told = [answer for answer in answers if answer.status == 503]
    assert all(answer.is_told for answer in told), "A 503 says when to come back, in FHIR."
    return Figures(
        name=name,
        answered=sum(answer.status == 200 for answer in answers),
        told=len(told),
        broken=sum(answer.status == 0 for answer in answers),
        stored=stored,
        longest=max((answer.seconds for answer in told), default=0.0),
        **others,
    )


# --- processes that are killed ---------------------------------------------------------------------


def killed(service: Service, *, workers: int, masters: int, seed: int = 1) -> Figures:
    """At random moments a worker at work ends without a word, and now and then the master."""
    draw = random.Random(seed)
    doomed = ["worker"] * workers + ["master"] * masters
    draw.shuffle(doomed)
    with Clients(service.port, service.answers, number=4) as clients:
        for each in doomed:
            clients.wait_for(200, more=2, within=120)
            while not service.workers_at_work():
                time.sleep(0.05)
            time.sleep(draw.random() * 0.3)
            if each == "master":
                service.kill_master()
                service.start()
            elif at_work := service.workers_at_work():
                os.kill(draw.choice(at_work), signal.SIGKILL)
        clients.wait_for(200, more=2, within=120)
    assert {answer.status for answer in clients.answers} <= {0, 200, 503}
    stored = check(service.url, service.answers)
    return figures(
        "Workers killed", clients.answers, stored, more=f"{workers} workers and {masters} masters were killed"
    )


# --- a store that does not do its part -------------------------------------------------------------


def troubled(
    name: str, service: Service, trouble: Callable[[], AbstractContextManager[None]], *, times: int, seconds: float
) -> Figures:
    """So many times the store is in trouble for some seconds: everybody is told, and afterwards answered again."""
    recovered = [0.0]
    with Clients(service.port, service.answers) as clients:
        for _ in range(times):
            clients.wait_for(200, more=5)
            before = service.workers()
            with trouble():
                clients.wait_for(503)
                time.sleep(seconds)
            over = time.monotonic()
            clients.wait_for(200)
            recovered.append(min(a.at for a in list(clients.answers) if a.status == 200 and a.at > over) - over)
            assert service.workers() == before, "The service recovers by itself."
    assert {answer.status for answer in clients.answers} == {200, 503}
    stored = check(service.url, service.answers)
    return figures(name, clients.answers, stored, recovered=max(recovered), more=f"{times} times")


def full_disk(service: Service, *, times: int, seconds: float) -> Figures:
    return troubled("Disk full", service, service.full_disk, times=times, seconds=seconds)


def locked_file(service: Service, *, times: int, seconds: float) -> Figures:
    file = service.url.removeprefix("sqlite:///")

    @contextmanager
    def lock() -> Iterator[None]:
        holder = sqlite3.connect(file, isolation_level=None, timeout=30)
        holder.execute("BEGIN EXCLUSIVE")
        try:
            yield
        finally:
            holder.close()

    return troubled("SQLite locked", service, lock, times=times, seconds=seconds)


def locked_table(service: Service, *, times: int, seconds: float) -> Figures:
    tables = itertools.cycle(("trace_header", "trace_body", "trace_rule"))

    @contextmanager
    def lock() -> Iterator[None]:
        with psycopg.connect(service.url.replace("+psycopg", "")) as holder:
            holder.execute(f"LOCK TABLE {next(tables)} IN ACCESS EXCLUSIVE MODE")
            yield

    return troubled("PostgreSQL locked", service, lock, times=times, seconds=seconds)


def stopped_server(service: Service, server: Any, *, times: int, seconds: float) -> Figures:
    ends = itertools.cycle((signal.SIGQUIT, signal.SIGINT, signal.SIGKILL))

    @contextmanager
    def stop() -> Iterator[None]:
        postmaster = server.get_pid()
        os.kill(postmaster, next(ends))
        while Path(f"/proc/{postmaster}").exists():
            time.sleep(0.02)
        try:
            yield
        finally:
            server.ensure_postgres_running()

    return troubled("PostgreSQL stopped", service, stop, times=times, seconds=seconds)


# --- many patients ---------------------------------------------------------------------------------


def many_patients(service: Service, *, patients: int) -> Figures:
    """One worker is asked about so many patients; its memory grows while it warms up, and then no more."""
    [worker] = service.workers()
    held = [resident_megabytes(worker)]
    with Clients(service.port, service.answers, number=4, most=patients) as clients:
        for tenth in range(1, 11):
            while len(clients.answers) < patients * tenth // 10:
                time.sleep(0.05)
            held.append(resident_megabytes(worker))
        clients.wait_for_all()
    assert {answer.status for answer in clients.answers} == {200}
    assert service.workers() == (worker,)
    stored = check(service.url, service.answers)
    assert held[-1] - held[5] < MOST_GROWTH_MB, f"Its memory grows: {held}"
    told = ", ".join(f"{megabytes:.0f}" for megabytes in held)
    return figures("Many patients", clients.answers, stored, more=f"memory of the worker at each tenth in MB: {told}")
