"""How fast: bundles of sixty entries, each of another patient, with the trace written.

Prints what each step costs one process in CPU time, how often a situation had been judged before, and
requests per second, p50 and p99 of gunicorn with two workers and eight clients on the same machine.
Run as ``make bench``; the figures depend on the machine and are never a test.
"""

from __future__ import annotations

import importlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import IO, Any
from unittest.mock import patch

from rulesets.rule import HOOKS, Hook
from service import canonical
from service.app import house_of
from service.assess import Request, assess
from service.settings import settings_with
from service.traces.migrate import migrate
from service.web.json_in import json_in
from tests.bench_patients import ENTRIES, ON, bundles

CLIENTS, SECONDS, WARM_UP_SECONDS = 8, 10, 4
PATIENTS_BEFORE, PATIENTS = 300, 300
"""Patients a process has judged before, and those whose steps are then measured."""
BODIES = 700
"""Patients that are made for each client before the clock runs, more than it can ask about."""

ONE_HOOK: tuple[Hook, ...] = ("order-sign",)
STEPS = {
    "unpack": "service.assess.unpack",
    "read": "service.assess.read",
    "fire": "service.fire.Reasoner.fire",
    "conclude": "service.assess.conclude",
    "write": "service.assess.cards_for",
    "result": "service.assess.result_of",
    "trace": "service.assess.trace_of",
    "keep": "service.traces.store.TraceStore.keep",
}
"""Each step and the function that does it; receiving and answering are timed where they stand."""
ORDER = ("receive", *STEPS, "answer")


def main() -> None:
    for told, hooks in (("one hook, as an EHR asks", ONE_HOOK), ("all hooks at once", HOOKS)):
        with tempfile.TemporaryDirectory() as folder:
            print(f"{ENTRIES} entries, {told}, another patient each time; one process, CPU time, median, in ms")
            print_steps(folder, hooks)
    for told, hooks in (("one hook", ONE_HOOK), ("all hooks", HOOKS)):
        with tempfile.TemporaryDirectory() as folder, served(folder) as port:
            load(port, WARM_UP_SECONDS, hooks, patients=0)
            took = sorted(load(port, SECONDS, hooks, patients=CLIENTS * BODIES))
        print(
            f"gunicorn, 2 workers, {CLIENTS} clients, trace written, {told}: {len(took) / SECONDS:.0f} requests/s, "
            f"p50 {took[len(took) // 2] * 1000:.0f} ms, p99 {took[int(len(took) * 0.99)] * 1000:.0f} ms"
        )


# --- one process -----------------------------------------------------------------------------------


def print_steps(folder: str, hooks: tuple[Hook, ...]) -> None:
    """What each step costs, the median of many patients, and how much was known from those before."""
    url = f"sqlite:///{folder}/steps.db"
    migrate(url)
    house = house_of(settings_with({"database_url": url}))
    spent: dict[str, float] = {}

    def judge(body: bytes) -> dict[str, float]:
        spent.clear()
        with counted(spent, "together"):
            with counted(spent, "receive"):
                document = json_in(body, depth_limit=64)
            request = Request(kind="bundle", document=document, digest="0" * 64, evaluation_date=ON, hooks=hooks)
            answer = assess(house, request)
            with counted(spent, "answer"):
                canonical.dumps({"results": list(answer.results)})
        return dict(spent)

    bodies = bundles()
    with ExitStack() as stack:
        for step, function in STEPS.items():
            stack.enter_context(patch(function, measured(_named(function), step, spent)))
        for body in islice(bodies, PATIENTS_BEFORE):
            judge(body)
        before = house.reasoners.usual.situations
        found = [judge(body) for body in islice(bodies, PATIENTS)]
        after = house.reasoners.usual.situations
    medians = {step: statistics.median(each[step] for each in found) * 1000 for step in found[0]}
    whole = medians.pop("together")
    for step, milliseconds in sorted(medians.items(), key=lambda pair: ORDER.index(pair[0])):
        print(f"  {step:<9} {milliseconds:7.2f}  {milliseconds / whole:5.0%}")
    share = (after.remembered - before.remembered) / (after.judged - before.judged)
    print(f"  {'together':<9} {whole:7.2f}   ({share:.1%} of the situations had been judged before)")


def measured(function: Callable[..., Any], step: str, spent: dict[str, float]) -> Callable[..., Any]:
    """A function whose CPU time is added to what a step has spent."""

    def counting(*given: Any, **options: Any) -> Any:
        with counted(spent, step):
            return function(*given, **options)

    return counting


@contextmanager
def counted(spent: dict[str, float], step: str) -> Iterator[None]:
    started = time.process_time()
    try:
        yield
    finally:
        spent[step] = spent.get(step, 0.0) + time.process_time() - started


# --- many clients ------------------------------------------------------------------------------------


@contextmanager
def served(folder: str) -> Iterator[int]:
    """The service as ``osteon serve`` starts it, with two workers, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("OSTEON_")},
        "OSTEON_BIND": f"127.0.0.1:{port}",
        "OSTEON_DATABASE_URL": f"sqlite:///{folder}/osteon.db",
        "OSTEON_WORKERS": "2",
    }
    with open(f"{folder}/log", "wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "service.cli", "serve"], env=environment, stderr=log)
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2).read()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def load(port: int, seconds: float, hooks: tuple[Hook, ...], patients: int) -> list[float]:
    """The seconds each request took, of eight clients that each keep one connection busy.

    Their patients are those from a number on; they are made before the clock runs.
    """
    made = [list(islice(bundles(patients + number * BODIES), BODIES)) for number in range(CLIENTS)]
    head = (
        f"POST /evaluate?evaluationDate={ON}&hook={','.join(hooks)} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        "Content-Type: application/fhir+json\r\nContent-Length: %d\r\n\r\n"
    )
    requests = [[(head % len(body)).encode() + body for body in bodies] for bodies in made]
    took: list[float] = []
    stop = time.monotonic() + seconds

    def client(own: list[bytes]) -> None:
        left = iter(own)
        while time.monotonic() < stop:
            with socket.create_connection(("127.0.0.1", port)) as connection:
                answers = connection.makefile("rb")
                closes = False
                while time.monotonic() < stop and not closes:
                    body = next(left)
                    started = time.perf_counter()
                    connection.sendall(body)
                    closes = answered(answers)
                    took.append(time.perf_counter() - started)

    threads = [threading.Thread(target=client, args=(own,)) for own in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took


def answered(answers: IO[bytes]) -> bool:
    """Read one answer to its end; whether the connection closes with it."""
    status, length, closes = answers.readline(), 0, False
    while (line := answers.readline()) not in (b"\r\n", b""):
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
        closes = closes or (name.lower() == b"connection" and b"close" in value.lower())
    answers.read(length)
    if b" 200 " not in status:
        raise SystemExit(f"The service answered {status.decode().strip()}.")
    return closes


def _named(path: str) -> Any:
    """A function by the module, or the class, that it stands in."""
    module, _, name = path.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)
    except ModuleNotFoundError:
        return getattr(_named(module), name)


if __name__ == "__main__":
    main()
