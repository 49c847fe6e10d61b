"""How every answer over HTTP is written: canonical JSON, strict headers, faults as OperationOutcome."""

from __future__ import annotations

import time
from collections.abc import Collection
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from service import canonical
from service.logs import log, log_exception
from service.problems import InvalidRequest, MethodNotAllowed, NotFound, Problem, operation_outcome

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def json_answer(document: object, status: int = 200, media_type: str = "application/json") -> Response:
    return Response(canonical.dumps(document), status=status, content_type=media_type)


def problem_answer(problem: Problem) -> Response:
    """The fault as an OperationOutcome with its status."""
    trace = str(getattr(problem, "trace", ""))
    answer = json_answer(operation_outcome(problem, trace), problem.status, "application/fhir+json")
    if problem.retry_after_seconds is not None:
        answer.headers["Retry-After"] = str(problem.retry_after_seconds)
    g.trace, g.code = trace, problem.code
    return answer


def dress(app: Flask, trusted_hosts: Collection[str]) -> None:
    """Give an application its headers, its way of telling faults, and one line of log per request.

    ``trusted_hosts`` are the names a request may be addressed to; any when empty.
    """

    def refuse_a_foreign_host() -> None:
        if trusted_hosts and _host() not in trusted_hosts:
            raise InvalidRequest("The Host of the request is not a name of this service; see OSTEON_PUBLIC_URL.")

    app.before_request(_note_the_time)
    app.before_request(refuse_a_foreign_host)
    app.after_request(_finish)
    app.register_error_handler(Problem, problem_answer)
    app.register_error_handler(HTTPException, _framework_answer)
    app.register_error_handler(Exception, _unexpected_answer)


def note_trace(trace: str) -> None:
    """Remember the trace of this request for its line in the log."""
    g.trace = trace


def _host() -> str:
    """The name the request was addressed to, without its port."""
    try:
        return urlsplit(f"//{request.headers.get('Host', '')}").hostname or ""
    except ValueError:
        return ""


def _note_the_time() -> None:
    g.started = time.monotonic()


def _finish(answer: Response) -> Response:
    for name, value in _HEADERS.items():
        answer.headers.setdefault(name, value)
    started = g.get("started")
    log(
        "request",
        method=request.method if request.method in _METHODS else "other",
        route=request.url_rule.rule if request.url_rule is not None else "none",
        status=answer.status_code,
        duration_ms=None if started is None else round((time.monotonic() - started) * 1000, 1),
        **{name: value for name in ("trace", "code") if (value := g.get(name))},
    )
    return answer


def _framework_answer(fault: HTTPException) -> Response:
    """What Flask refuses by itself: no such address, no such method, a host that is not ours."""
    problem: Problem
    if fault.code == 404:
        problem = NotFound()
    elif fault.code == 405:
        problem = MethodNotAllowed()
    elif fault.code is not None and 400 <= fault.code < 500:
        problem = InvalidRequest("The request is not one this service can answer.")
    else:
        return _unexpected_answer(fault)
    answer = problem_answer(problem)
    if fault.code == 405:
        answer.headers["Allow"] = ", ".join(sorted(getattr(fault, "valid_methods", None) or ()))
    return answer


def _unexpected_answer(fault: Exception) -> Response:
    log_exception("unexpected", fault)
    return problem_answer(Problem())
