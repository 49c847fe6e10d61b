"""Structured logs that no patient value can reach: only listed keys pass, and their values are bounded.

A line is one JSON object on standard error. Messages of libraries are never written, because they
may quote what was sent; their logger and place are. An exception is told as its type and place.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from types import TracebackType

import structlog

ALLOWED = frozenset({
    "bind", "body_bytes", "caller", "cards", "code", "count", "database", "dropped_keys", "duration_ms", "event",
    "exception", "fired", "hook", "kind", "level", "logger", "method", "mode", "notices", "outcome", "patients", "pid",
    "place", "results", "route", "rule", "rulebook", "server", "service", "setting", "signal", "status", "steps_ms",
    "template", "threads", "timestamp", "trace", "undetermined", "version", "workers",
})  # fmt: skip
"""The keys a line may have; anything else is dropped and counted in ``dropped_keys``."""

LONGEST_TEXT = 200
MOST_ITEMS = 20
_PLAIN = re.compile(r"[^\x20-\x7e]")
_OUR_LOGGER = "osteon"
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}

_logger = structlog.get_logger(_OUR_LOGGER)


def log(event: str, *, level: str = "info", **allowed: object) -> None:
    """Write one line, such as ``log("request", route="/evaluate", status=200)``."""
    getattr(_logger, level)(event, **allowed)


def log_exception(event: str, error: BaseException, **allowed: object) -> None:
    """Write what kind of exception came from where, never what it says."""
    log(event, level="error", exception=type(error).__name__, place=place_of(error), **allowed)


def place_of(error: BaseException) -> str:
    """``module:line`` where an exception was raised: the innermost place in our own code, if any."""
    frames = [
        (str(frame.f_globals.get("__name__", "?")), line) for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    if not frames:
        return ""
    ours = [frame for frame in frames if frame[0].partition(".")[0] in ("service", "rulesets")]
    module, line = (ours or frames)[-1]
    return f"{module}:{line}"


def configure(level: str = "info") -> None:
    """Send every log of this process, ours and the libraries', through the filter. May be repeated."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_allowed,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=_StandardError,
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [LibraryHandler()]
    root.setLevel(max(_LEVELS[level], logging.INFO))
    for name in ("werkzeug", "gunicorn.access", "sqlalchemy", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("flask.app", "werkzeug", "gunicorn.error", "gunicorn.access", "alembic", "sqlalchemy"):
        library = logging.getLogger(name)
        library.handlers, library.propagate = [], True
    sys.excepthook = _told_at_exit


class _StandardError:
    """Where lines end up; asked for at each line, because tests and servers replace it."""

    def __init__(self, *_: object) -> None:
        pass

    def msg(self, line: str) -> None:
        with suppress(
            OSError
        ):  # a log that cannot be written, its disk full, is no reason to leave a patient unanswered
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()

    debug = info = warning = error = msg


def only_allowed(_logger: object, _method: str, line: MutableMapping[str, object]) -> Mapping[str, object]:
    """The line with what may be told; a structlog processor."""
    kept = {key: _bounded(value) for key, value in line.items() if key in ALLOWED}
    if dropped := len(line) - len(kept):
        kept["dropped_keys"] = dropped
    return kept


def _bounded(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return _PLAIN.sub("?", value[:LONGEST_TEXT])
    if isinstance(value, list | tuple):
        return [_bounded(item) for item in value[:MOST_ITEMS]]
    if isinstance(value, Mapping):
        numbers = {str(name): number for name, number in value.items() if isinstance(number, int | float)}
        return {_bounded(name): numbers[name] for name in sorted(numbers)[:MOST_ITEMS]}
    return type(value).__name__


class LibraryHandler(logging.Handler):
    """Tells that a library logged something and where, without its message.

    The message is given as its template when it has arguments, which are left out: text that a
    library has already put together may hold a request line or a statement with its values.
    """

    def emit(self, record: logging.LogRecord) -> None:
        told: dict[str, object] = {"logger": record.name, "place": f"{record.module}:{record.lineno}"}
        if record.args and isinstance(record.msg, str):
            told["template"] = record.msg
        if record.exc_info and record.exc_info[1]:
            told |= {"exception": type(record.exc_info[1]).__name__, "place": place_of(record.exc_info[1])}
        level = record.levelname.lower()
        log("library", level=level if level in _LEVELS else "error", **told)


def _told_at_exit(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log_exception("stopped", error.with_traceback(trace))
