"""``make soak``: every scenario at length, one line of figures each; ends with 1 when a promise was not kept.

Words choose among them: ``python -m tests.soak killed sqlite``.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from service import logs
from tests.soak.scenarios import (
    PROMISED_SECONDS,
    Figures,
    full_disk,
    killed,
    locked_file,
    locked_table,
    many_patients,
    stopped_server,
)
from tests.soak.service import Service, serving
from tests.support.postgresql import new_database, postgresql_server

KILLS, MASTERS = 100, 3
"""On each of the two kinds of database."""
TIMES, SECONDS = 6, 6.0
PATIENTS = 20_000

Scenario = Callable[[Service], Figures]


def main() -> int:
    logs.configure("error")
    with postgresql_server() as server:
        kept = [
            run(told, workers, database, scenario)
            for told, workers, database, scenario in scenarios(server)
            if set(sys.argv[1:]) <= set(told.split())
        ]
    return 0 if all(kept) else 1


def scenarios(server: Any) -> Iterator[tuple[str, int, Callable[[Path], str], Scenario]]:
    """Each by a name, with how many workers it wants, and where the traces are kept."""

    def sqlite(folder: Path) -> str:
        return f"sqlite:///{folder}/traces.db"

    def postgresql(_: Path) -> str:
        return new_database(server)

    yield "locked sqlite", 2, sqlite, lambda service: locked_file(service, times=TIMES, seconds=SECONDS)
    yield "full sqlite", 2, sqlite, lambda service: full_disk(service, times=TIMES, seconds=SECONDS)
    yield "locked postgresql", 2, postgresql, lambda service: locked_table(service, times=TIMES, seconds=SECONDS)
    yield (
        "stopped postgresql",
        2,
        postgresql,
        lambda service: stopped_server(service, server, times=TIMES, seconds=SECONDS),
    )
    yield "killed sqlite", 3, sqlite, lambda service: killed(service, workers=KILLS, masters=MASTERS)
    yield "killed postgresql", 3, postgresql, lambda service: killed(service, workers=KILLS, masters=MASTERS)
    yield "many sqlite", 1, sqlite, lambda service: many_patients(service, patients=PATIENTS)


def run(told: str, workers: int, database: Callable[[Path], str], scenario: Scenario) -> bool:
    """Whether every promise was kept in a scenario, which is told in a line."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        try:
            with serving(Path(folder), database(Path(folder)), workers=workers) as service:
                figures = scenario(service)
        except AssertionError as broken:
            print(f"[{told}] BROKEN: {broken}", flush=True)
            return False
    in_time = figures.longest <= PROMISED_SECONDS
    late = "" if in_time else f" (TOO LATE: within {PROMISED_SECONDS:.0f} s is promised)"
    print(f"[{told}] {figures}{late} [{time.monotonic() - started:.0f} s]", flush=True)
    return in_time


if __name__ == "__main__":
    sys.exit(main())
