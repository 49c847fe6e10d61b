"""How gunicorn runs the service: threads in workers, no control socket, no log of addresses.

Each worker builds its own engine after the fork (``preload_app`` is off). There is no recycling of
workers: memory stays flat.
"""

from __future__ import annotations

import gc
import logging
import os
import threading
from typing import Any

from gunicorn import util
from gunicorn.glogging import Logger

from service import canonical, logs
from service.problems import InvalidRequest, Problem, operation_outcome
from service.settings import settings_from_environment

_settings = settings_from_environment()


class FilteredLogger(Logger):  # type: ignore[misc]
    """gunicorn's own messages, through the filter of ``service.logs``; no access log."""

    def setup(self, cfg: Any) -> None:
        logs.configure(_settings.log_level)
        self.loglevel = logging.INFO
        self.error_log.handlers, self.error_log.propagate = [], True
        self.access_log.handlers, self.access_log.propagate = [], False

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """The application writes its own line for each request, with the rule of the route."""

    def reopen_files(self) -> None:
        """There are none: everything goes to standard error."""


def answer_without_quoting(connection: Any, status: int, reason: str, message: str) -> None:
    """What is told of a request that never reaches the application; ``message`` quotes it and is left out."""
    problem = Problem() if status == 500 else InvalidRequest("This is not a request in HTTP that can be answered.")
    body = canonical.dumps(operation_outcome(problem))
    head = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nCache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        f"Content-Type: application/fhir+json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    util.write_nonblock(connection, head.encode("latin-1") + body)


util.write_error = answer_without_quoting  # there is no setting for it


wsgi_app = "service.app:create_app()"
logger_class = FilteredLogger
bind = _settings.bind
workers = _settings.workers
threads = _settings.threads
worker_class = "gthread"
preload_app = False
control_socket_disable = True
accesslog = None
keepalive = 5
timeout = 60  # of a worker whose main loop stands still; requests have deadlines of their own
graceful_timeout = _settings.graceful_timeout_seconds
limit_request_line = 4094
limit_request_fields = 100
limit_request_field_size = 8190
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
umask = 0o077
proc_name = "osteon"


OBJECTS_BETWEEN_COLLECTIONS = 10_000
"""More than a request leaves behind, which holds hardly a cycle: nearly all of it is freed at once."""


REQUESTS_BEFORE_MOVING = 16
"""Of a connection to a worker that has more than one request at a time."""
_turnstile = threading.Lock()
_under_way: set[Any] = set()


def pre_request(worker: Any, request: Any) -> None:
    """Now and then a crowded worker closes a connection, so that one that has nothing to do may take it.

    Clients keep their connections, and whichever worker accepted them first would otherwise serve them all.
    """
    with _turnstile:
        _under_way.add(request)
        is_crowded = len(_under_way) > 1
    if is_crowded and request.req_number % REQUESTS_BEFORE_MOVING == 0:
        request.force_close()


def post_request(worker: Any, request: Any, environ: Any, response: Any) -> None:
    with _turnstile:
        _under_way.discard(request)


def post_worker_init(worker: Any) -> None:
    """What the start made stays for good, a hundred thousand objects: no search for cycles looks at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)


def when_ready(server: Any) -> None:
    logs.log("listening", bind=_settings.bind, workers=workers, threads=threads, pid=os.getpid())
