"""Deadlines of connections: one thread of the process ends the reading of those that took too long.

A timeout of a socket begins anew with every byte, so the reading half is shut down instead; the answer
still leaves through the other half. A thread for every request would cost more than reading its body.
"""

from __future__ import annotations

import math
import socket
import threading
import time
from types import TracebackType


class Deadline:
    """While it is entered, the reading of a connection ends after some seconds, however many bytes trickle in."""

    def __init__(self, connection: socket.socket | None, seconds: float) -> None:
        self._connection = connection
        self.end = time.monotonic() + seconds

    @property
    def has_passed(self) -> bool:
        return time.monotonic() >= self.end

    def __enter__(self) -> Deadline:
        if self._connection is not None:
            _watch.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            _watch.remove(self)

    def shut(self) -> None:
        assert self._connection is not None
        try:
            socket.socket.shutdown(self._connection, socket.SHUT_RD)
        except OSError:
            return  # the client has gone; the reader finds that out by itself


class _Watch:
    """The deadlines under way, and the thread that sleeps until the next of them."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: set[Deadline] = set()
        self._wakes_at = math.inf
        self._thread: threading.Thread | None = None

    def add(self, deadline: Deadline) -> None:
        with self._changed:
            self._waiting.add(deadline)
            if self._thread is None:  # not before the first: a thread does not survive a fork
                self._thread = threading.Thread(target=self._look, name="deadlines", daemon=True)
                self._thread.start()
            elif deadline.end < self._wakes_at:
                self._changed.notify()

    def remove(self, deadline: Deadline) -> None:
        """It need not wake: it will look in vain, once for all that were removed meanwhile."""
        with self._changed:
            self._waiting.discard(deadline)

    def _look(self) -> None:
        with self._changed:
            while True:
                for passed in [deadline for deadline in self._waiting if deadline.has_passed]:
                    self._waiting.discard(passed)
                    passed.shut()
                self._wakes_at = min((deadline.end for deadline in self._waiting), default=math.inf)
                self._changed.wait(None if self._wakes_at == math.inf else self._wakes_at - time.monotonic())


_watch = _Watch()
