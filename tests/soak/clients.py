"""Clients that ask all the time, about another patient each time, and remember what they were told."""

from __future__ import annotations

import http.client
import itertools
import json
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from service import canonical
from tests.bench_patients import ON, bundle

PATIENCE_SECONDS = 60
"""After this a client no longer believes that there will be an answer."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came of one request: ``status`` 0 when the connection broke off. ``at`` is when, on a clock without steps.

    Of a result its ``trace`` and the ``digest`` of all of it are remembered, of anything else the document.
    """

    patient: int
    status: int
    seconds: float
    at: float
    retry_after: str = ""
    trace: str = ""
    digest: str = ""
    document: Any = None

    @property
    def is_told(self) -> bool:
        """Whether it is a 503 as it should be: when to come back, in FHIR, and no card."""
        return (
            self.status == 503
            and self.retry_after.isdigit()
            and isinstance(self.document, dict)
            and self.document.get("resourceType") == "OperationOutcome"
        )


def body_of(patient: int) -> bytes:
    """The bundle of a patient, without the laboratory results that nothing is decided by."""
    whole = bundle(patient)
    entries = [each for each in whole["entry"] if "valueQuantity" not in each["resource"]]
    return json.dumps({**whole, "entry": entries}).encode()


class Clients:
    """As many as asked for; they begin and end with the block, or when they have asked about ``most`` patients.

    Their patients go on from those of a service before, whose answers are kept with theirs in ``asked``.
    """

    def __init__(self, port: int, asked: list[Answer], *, number: int = 8, most: int | None = None) -> None:
        self.answers: list[Answer] = []
        self._port, self._asked_before, self._stop = port, asked, threading.Event()
        first = max((answer.patient for answer in asked), default=-1) + 1
        self._patients = iter(itertools.count(first) if most is None else range(first, first + most))
        self._threads = [threading.Thread(target=self._ask_on) for _ in range(number)]

    def __enter__(self) -> Clients:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._asked_before += self.answers

    def wait_for_all(self) -> None:
        """Until everybody who was to be asked about has been."""
        for thread in self._threads:
            thread.join()

    def answered(self, status: int) -> int:
        """How many answers had a status."""
        return sum(answer.status == status for answer in list(self.answers))

    def wait_for(self, status: int, more: int = 1, within: float = PATIENCE_SECONDS) -> None:
        """Until so many more answers with a status have come."""
        wanted, until = self.answered(status) + more, time.monotonic() + within
        while self.answered(status) < wanted:
            assert time.monotonic() < until, f"No {more} answers with {status} in {within} seconds."
            time.sleep(0.01)

    def _ask_on(self) -> None:
        while not self._stop.is_set():
            patient = next(self._patients, None)  # of a range or a count, which threads may share
            if patient is None:
                return
            while not self._stop.is_set():
                try:
                    self.answers.append(self._asked(patient))
                    break
                except ConnectionRefusedError:  # nobody listens, so nobody was asked
                    time.sleep(0.05)

    def _asked(self, patient: int) -> Answer:
        body = body_of(patient)
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_SECONDS)
        started = time.monotonic()
        try:
            connection.request(
                "POST",
                f"/evaluate?evaluationDate={ON}&hook=order-sign",
                body,
                {"Content-Type": "application/fhir+json"},
            )
            answer = connection.getresponse()
            told: Any = canonical.loads(answer.read())
            at = time.monotonic()
        except ConnectionRefusedError:
            raise
        except (OSError, http.client.HTTPException):
            now = time.monotonic()
            return Answer(patient=patient, status=0, seconds=now - started, at=now)
        finally:
            connection.close()
        common: dict[str, Any] = {"patient": patient, "status": answer.status, "seconds": at - started, "at": at}
        if answer.status == 200:
            [result] = told["results"]
            return Answer(**common, trace=result["trace"], digest=canonical.fingerprint(result))
        return Answer(**common, retry_after=answer.headers.get("Retry-After", ""), document=told)
