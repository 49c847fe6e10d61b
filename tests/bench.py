"""How fast: a bundle of sixty entries with its trace written, against gunicorn with two workers.

Prints requests per second, p50 and p99 at eight clients, and the share of each step. Run as
``make bench``; the figures depend on the machine and are never a test.
"""

from __future__ import annotations

import json
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
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

CLIENTS, SECONDS, WARM_UP_SECONDS = 8, 10, 3
ENTRIES = 60
ON = "2026-11-01"


def bundle() -> dict[str, Any]:
    """Sixty resources of one patient with bone metastases, as a hospital sends them."""
    source = json.loads((Path(__file__).parent / "stories" / "good_prognosis_on_olaparib" / "bundle.json").read_text())
    entries = source["entry"]
    subject = next(each["resource"] for each in entries if each["resource"]["resourceType"] == "Patient")["id"]
    for place in range(len(entries), ENTRIES):
        day = 1 + place % 28
        entries.append({"resource": laboratory(place, subject, f"2026-09-{day:02}T08:00:00Z", 90 + place % 50)})
    return {**source, "entry": entries}


def laboratory(place: int, subject: str, when: str, value: int) -> dict[str, Any]:
    """Results as they come between the visits: haemoglobin, which is read, and sodium and glucose, which are not."""
    code, unit = [("718-7", "g/L"), ("2951-2", "mmol/L"), ("2345-7", "mg/dL")][place % 3]
    return {
        "resourceType": "Observation",
        "id": f"lab-{place}",
        "status": "final",
        "category": [
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]}
        ],
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": f"Patient/{subject}"},
        "effectiveDateTime": when,
        "valueQuantity": {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit},
    }


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


def load(port: int, seconds: float, hook: str) -> list[float]:
    """The seconds each request took, of eight clients that each keep one connection busy."""
    took: list[float] = []
    stop = time.monotonic() + seconds

    def client(number: int) -> None:
        text = json.dumps(bundle()).encode()
        patient = next(
            each["resource"]["id"] for each in bundle()["entry"] if each["resource"]["resourceType"] == "Patient"
        )
        head = (
            f"POST /evaluate?evaluationDate={ON}{hook} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            "Content-Type: application/fhir+json\r\nContent-Length: %d\r\n\r\n"
        )
        turn = 0
        while time.monotonic() < stop:
            with socket.create_connection(("127.0.0.1", port)) as connection:
                answers = connection.makefile("rb")
                closes = False
                while time.monotonic() < stop and not closes:
                    turn += 1
                    # Another patient each time: nothing of an earlier request can be used again.
                    body = text.replace(patient.encode(), f"p{os.getpid()}-{number}-{turn}".encode())
                    started = time.perf_counter()
                    connection.sendall((head % len(body)).encode() + body)
                    closes = answered(answers)
                    took.append(time.perf_counter() - started)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
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


def steps(folder: str) -> dict[str, float]:
    """Milliseconds of each step for one bundle, the median of many runs, without HTTP."""
    from rulesets.rule import HOOKS
    from service.app import house_of
    from service.assess import Case, Request, cases_in
    from service.conclude import conclude
    from service.drafts import Material
    from service.intake.reading import read
    from service.intake.unpack import unpack
    from service.remember import trace_of
    from service.results import result_of
    from service.settings import settings_with
    from service.traces.migrate import migrate
    from service.web.json_in import json_in
    from service.write import cards_for

    url = f"sqlite:///{folder}/steps.db"
    migrate(url)
    house = house_of(settings_with({"database_url": url}))
    text = json.dumps(bundle()).encode()
    reasoner = house.reasoner({})
    document = json_in(text, depth_limit=64)
    patients = unpack(document)
    request = Request(kind="bundle", document=document, digest="0" * 64, evaluation_date=date.fromisoformat(ON))
    case: Case = next(iter(cases_in(house, request)))
    fired = reasoner.fire(case.record)
    conclusion = conclude(fired, reasoner.thresholds)
    charted = case.record.without_request()
    as_charted = conclude(reasoner.fire(charted), reasoner.thresholds)

    material = Material(
        patient=case.patient, sources=case.sources, orders=case.record.orders, activities=house.terminology.activities
    )

    def written() -> dict[str, Any]:
        cards = cards_for(HOOKS, conclusion, as_charted, house.card_options, material, house.new_id())
        return result_of(conclusion, cards, case.notices, patient=case.patient, trace="t", rulebook="r")

    result = written()
    twice = 1 if charted == case.record else 2
    timed: dict[str, tuple[Callable[[], object], int]] = {
        "receive": (lambda: json_in(text, depth_limit=64), 1),
        "unpack": (lambda: unpack(document), 1),
        "read": (lambda: [read(each, house.terminology, date.fromisoformat(ON)) for each in patients], 1),
        "fire": (lambda: reasoner.fire(case.record), twice),
        "conclude": (lambda: conclude(fired, reasoner.thresholds), twice),
        "write": (written, 1),
        "remember": (lambda: house.store.keep(trace_of(house, request, case, reasoner, house.new_id(), result)), 1),
    }
    return {name: statistics.median(_times(work, 200)) * count for name, (work, count) in timed.items()}


def _times(work: Callable[[], object], runs: int) -> list[float]:
    found = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        found.append((time.perf_counter() - started) * 1000)
    return found


def main() -> None:
    text = json.dumps(bundle())
    parse = statistics.median(_times(lambda: json.loads(text, parse_float=Decimal), 100))
    with tempfile.TemporaryDirectory() as folder:
        shares = steps(folder)
        whole = sum(shares.values())
        print(
            f"{ENTRIES} entries, {len(text) / 1000:.0f} kB; one process, all hooks, nothing new to validate, median of 200, in ms"
        )
        for name, milliseconds in shares.items():
            print(f"  {name:<9} {milliseconds:7.2f}  {milliseconds / whole:5.0%}")
        print(f"  {'together':<9} {whole:7.2f}   (parsing the JSON alone {parse:.2f})")
    for told, hook in (("one hook, as an EHR asks", "&hook=order-sign"), ("all hooks at once", "")):
        with tempfile.TemporaryDirectory() as folder, served(folder) as port:
            load(port, WARM_UP_SECONDS, hook)
            took = sorted(load(port, SECONDS, hook))
        print(
            f"gunicorn, 2 workers, {CLIENTS} clients, trace written, {told}: {len(took) / SECONDS:.0f} requests/s, "
            f"p50 {took[len(took) // 2] * 1000:.0f} ms, p99 {took[int(len(took) * 0.99)] * 1000:.0f} ms"
        )


if __name__ == "__main__":
    main()
