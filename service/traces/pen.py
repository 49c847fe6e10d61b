"""One thread of a process appends at a time, one process to a database, and nobody waits in a line in vain.

A database that is locked keeps whoever holds the pen waiting until the wait is given up. Those behind
would wait as long once more each, and their clients many times as long: they are told at once instead,
and so is whoever comes within a moment. Who tries then is wary and waits less, until somebody has succeeded.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from service.problems import StoreUnavailable
from service.traces.database import BRIEF_WAIT_MS, lock_chain

WAIT_SECONDS = BRIEF_WAIT_MS / 1000
LONG_SECONDS = 0.5
"""A failure that took this long was waited for; one that did not may be nobody else's."""
REST_SECONDS = 1.0
"""After a failure that was waited for, nobody tries again before this has passed."""
WARY_WAIT_MS = 500

LONG_WAIT_MS = 100


class Pen:
    """Of one process and one store."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._rests_until = clock()
        self._is_wary = False

    @contextmanager
    def held(self) -> Iterator[int]:
        """For as long as one appends, with the milliseconds to wait for any lock of the database.

        Raises StoreUnavailable when the pen is not to be had, or appending was just tried in vain.
        """
        if not self._lock.acquire(timeout=WAIT_SECONDS):
            raise StoreUnavailable()
        try:
            began = self._clock()
            if began < self._rests_until:
                raise StoreUnavailable()
            try:
                yield WARY_WAIT_MS if self._is_wary else BRIEF_WAIT_MS
                self._is_wary = False
            except StoreUnavailable:
                ended = self._clock()
                if self._is_wary or ended - began >= LONG_SECONDS:
                    self._is_wary, self._rests_until = True, ended + REST_SECONDS
                raise
        finally:
            self._lock.release()


def take_chain_lock(connection: Connection, wait_ms: int) -> None:
    """Takes the lock of PostgreSQL; this and every lock that follows are waited for no longer than this together."""
    if wait_ms != BRIEF_WAIT_MS:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {wait_ms}")
    began = time.monotonic()
    lock_chain(connection)
    waited_ms = int((time.monotonic() - began) * 1000)
    if waited_ms > LONG_WAIT_MS:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {max(wait_ms - waited_ms, LONG_WAIT_MS)}")
