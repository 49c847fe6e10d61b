"""Reading from FHIR servers, the one place where this service speaks to another.

A client here cannot be held up and cannot be led astray. All reads of a request run at once and end at
one deadline, whatever a server does: a connection that is not done by then is cut, and nobody waits for
it. Redirects, proxies of the environment and cookies are unknown to it, a next page is followed on the
same server only, and of any body no more is taken than may be kept. What went wrong is told in one of
a few words; neither an address nor a token is ever part of it.
"""

from __future__ import annotations

import hashlib
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

import requests
import urllib3

from service.logs import log, log_exception
from service.prefetch.address import base_of, page_on
from service.prefetch.connection import MOST_AT_ONCE, Cut, Line
from service.prefetch.searchset import (
    Document,
    count,
    has_next,
    is_cut,
    is_problem,
    kind_of,
    next_link,
    says_not_supported,
)
from service.prefetch.states import Access, Answer, Read
from service.problems import EncodingUnknown, NotJson, TooDeep
from service.web.json_in import json_in

PAUSES = (0.05, 0.15)
"""Seconds before another try, after a fault that may pass."""

_STEP = 64 * 1024
_MEDIA_TYPES = ("application/fhir+json", "application/json")
_STATUSES = {401: "unauthorised", 403: "forbidden", 404: "not-found", 410: "not-found", 429: "throttled"}


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one request may cost: seconds for all its reads, and bytes, pages and resources for each key."""

    deadline_seconds: float = 0.4
    body_bytes: int = 5 * 1024 * 1024
    pages: int = 10
    resources: int = 2_000
    depth: int = 64


class FhirReads:
    """Reads several keys from one server at once. See ``Reads`` in prefetch.py."""

    def __init__(self, limits: Limits, session: requests.Session) -> None:
        self._limits, self._session = limits, session
        self._places = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._parsing = threading.Lock()

    def __call__(self, access: Access, reads: Sequence[Read]) -> Mapping[str, Answer]:
        started = time.monotonic()
        end = started + self._limits.deadline_seconds
        works = [_Work(read=read, access=access, started=started, end=end) for read in reads]
        finished: SimpleQueue[None] = SimpleQueue()
        under_way = sum([self._starts(work, finished) for work in works])
        with suppress(Empty):
            for _ in range(under_way):
                finished.get(timeout=max(0.0, end - time.monotonic()))
        answers = {work.read.key: work.answer() for work in works}
        for work in works:
            work.line.cut()
        _tell(answers, access)
        return answers

    def _starts(self, work: _Work, finished: SimpleQueue[None]) -> bool:
        if not self._places.acquire(timeout=max(0.0, work.end - time.monotonic())):
            work.done("busy")
            return False
        # A thread of its own and not one of a pool: a name server may hold it beyond any deadline, and
        # neither the next request nor the end of the process may have to wait for it.
        try:
            threading.Thread(target=self._work, args=(work, finished), name="fhir-read", daemon=True).start()
        except RuntimeError:  # the process may have no more threads
            self._places.release()
            work.done("busy")
            return False
        return True

    def _work(self, work: _Work, finished: SimpleQueue[None]) -> None:
        work.line.hold()
        try:
            for page, body in self._pages(work):
                work.add(page, body)
            work.done()
        except _Failed as failed:
            work.done(failed.reason)
        except Exception as fault:
            log_exception("fhir_read", fault)
            work.done("fault")
        finally:
            work.line.leave()
            self._places.release()
            finished.put(None)

    # --- pages -----------------------------------------------------------------------------------

    def _pages(self, work: _Work) -> Iterator[tuple[Document, bytes]]:
        """The answer to a read, page after page. Raises _Failed."""
        base = base_of(work.access.server)
        address, seen = page_on(base, work.read.address), set[str]()
        bytes_left, resources_left = self._limits.body_bytes, self._limits.resources
        while True:
            if not address:
                raise _Failed("foreign-page")
            if address in seen:
                raise _Failed("repeated-page")
            if len(seen) >= self._limits.pages:
                raise _Failed("too-large")
            seen.add(address)
            body = self._body(work, address, bytes_left)
            page = self._document(work, body)
            bytes_left, resources_left = bytes_left - len(body), resources_left - count(page)
            if resources_left < 0:
                raise _Failed("too-large")
            yield page, body
            if not has_next(page):
                return
            address = page_on(base, next_link(page), address)

    def _document(self, work: _Work, body: bytes) -> Document:
        document = self._parsed(work, body)
        if kind_of(document) not in ("Bundle" if work.read.is_search else work.read.kind, "OperationOutcome"):
            raise _Failed("not-fhir")
        assert isinstance(document, dict)
        if is_problem(document):
            raise _Failed("not-found" if says_not_supported(document) else "problem")
        if is_cut(document) and not has_next(document):
            raise _Failed("cut-short")
        return document

    def _parsed(self, work: _Work, body: bytes) -> object:
        """One body at a time: threads that parse at once only keep the one from waking that minds the deadline."""
        if not self._parsing.acquire(timeout=max(0.0, work.end - time.monotonic())):
            raise _Failed("timeout")
        try:
            if work.line.is_cut:  # nobody waits for it, and a body may be shorter than it was to be
                raise _Failed("timeout")
            return json_in(body, depth_limit=self._limits.depth)
        except (NotJson, TooDeep, EncodingUnknown):
            raise _Failed("not-fhir") from None
        finally:
            self._parsing.release()

    # --- one address -----------------------------------------------------------------------------

    def _body(self, work: _Work, address: str, limit: int) -> bytes:
        """The body at an address, tried again while there is time after a fault that may pass."""
        for pause in PAUSES:
            try:
                return self._body_at_once(work, address, limit)
            except _Failed as failed:
                if failed.retry_after is None:
                    raise
                work.trouble = failed.reason
                pause = max(pause, failed.retry_after)
                if pause >= work.end - time.monotonic() or not work.line.wait(pause):
                    raise
        return self._body_at_once(work, address, limit)

    def _body_at_once(self, work: _Work, address: str, limit: int) -> bytes:
        try:
            with self._sent(work, address) as response:
                _check(response, limit)
                return _received(response, limit)
        except requests.exceptions.SSLError as fault:
            raise _Failed("certificate" if _is_about_the_certificate(fault) else "unreachable") from None
        except (requests.Timeout, urllib3.exceptions.TimeoutError, Cut):
            raise _Failed("timeout") from None
        except urllib3.exceptions.HTTPError:
            raise _Failed("cut-short", retry_after=0) from None
        except requests.RequestException:
            raise _Failed("unreachable", retry_after=0) from None

    def _sent(self, work: _Work, address: str) -> requests.Response:
        """The answer as far as its headers. Raises Cut, and what the libraries raise.

        Not ``Session.get``: even when it follows no redirect it reads the body of one whole.
        """
        left = work.end - time.monotonic()
        if left <= 0:
            raise Cut
        bearer = {"Authorization": f"Bearer {work.access.token}"} if work.access.token else {}
        request = self._session.prepare_request(requests.Request("GET", address, headers=bearer))
        return self._session.get_adapter(address).send(request, stream=True, timeout=left)


def _check(response: requests.Response, limit: int) -> None:
    """Raises _Failed unless a body of FHIR in JSON, of a length that may be read, follows the headers."""
    status, headers = response.status_code, response.headers
    if 300 <= status < 400:
        raise _Failed("redirect")
    if status != 200:
        reason = _STATUSES.get(status) or ("server-error" if status >= 500 else "refused")
        raise _Failed(reason, retry_after=_retry_after(status, headers.get("Retry-After", "")))
    media_type = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type not in _MEDIA_TYPES or headers.get("Content-Encoding", "identity").lower() != "identity":
        raise _Failed("not-fhir")
    announced = headers.get("Content-Length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > limit:
        raise _Failed("too-large")


def _retry_after(status: int, said: str) -> float | None:
    """Seconds after which another try may help; None when none does."""
    seconds = float(said) if said.isascii() and said.isdigit() and len(said) < 10 else None
    if status == 429:
        return seconds
    return (seconds or 0) if status >= 500 else None


def _received(response: requests.Response, limit: int) -> bytes:
    """The body, which may be no longer than the limit. Raises _Failed, and what the libraries raise."""
    received = bytearray()
    while piece := response.raw.read(min(_STEP, limit + 1 - len(received)), decode_content=False):
        received += piece
        if len(received) > limit:
            raise _Failed("too-large")
    return bytes(received)


def _is_about_the_certificate(fault: BaseException) -> bool:
    while not isinstance(fault, ssl.SSLCertVerificationError):
        held = [getattr(fault, "reason", None), *fault.args]
        inner = next((one for one in held if isinstance(one, BaseException)), None)
        if inner is None:
            return False
        fault = inner
    return True


def _tell(answers: Mapping[str, Answer], access: Access) -> None:
    """One line in the log for each reason there is. The server is one of the settings by now."""
    for reason in sorted({answer.reason for answer in answers.values()} - {""}):
        keys = [key for key, answer in answers.items() if answer.reason == reason]
        log("fhir_read", level="warning", code=reason, place=keys, server=base_of(access.server))


class _Failed(Exception):
    """A read that ends here; ``retry_after`` says after how many seconds another try may help."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        self.reason, self.retry_after = reason, retry_after
        super().__init__(reason)


@dataclass(kw_only=True)
class _Work:
    """One read under way, written by its thread; whoever waits takes what is there at the deadline."""

    read: Read
    access: Access
    started: float
    end: float
    line: Line = field(default_factory=Line)
    trouble: str = ""
    had: tuple[tuple[Document, ...], str] = ((), "")
    result: tuple[str, float] | None = None

    def __post_init__(self) -> None:
        self._bodies = hashlib.sha256()

    def add(self, page: Document, body: bytes) -> None:
        self._bodies.update(body)
        self.trouble, (pages, _) = "", self.had
        self.had = ((*pages, page), self._bodies.hexdigest())

    def done(self, reason: str = "") -> None:
        self.result = (reason, time.monotonic() - self.started)

    def answer(self) -> Answer:
        reason, seconds = self.result or ("timeout", time.monotonic() - self.started)
        if reason == "timeout" and self.trouble:
            reason = self.trouble  # what there was no time left to try again
        pages, digest = self.had
        return Answer(pages=pages, reason=reason, seconds=seconds, digest=digest)
