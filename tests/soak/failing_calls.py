"""A database of which one call fails: the first, the second and so on, where SQLAlchemy meets the driver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal
from unittest.mock import patch

from sqlalchemy import Engine
from sqlalchemy.pool import PoolProxiedConnection

How = Literal["refused", "answer lost", "connection lost"]
CALLS = ("connect", "do_ping", "do_execute", "do_executemany", "do_execute_no_params", "do_commit", "do_rollback")


class FailingCalls:
    """The calls of one engine; ``happened`` tells whether one failed since that was asked for."""

    def __init__(self, engine: Engine) -> None:
        self._dialect = engine.dialect
        self._left, self._how = 0, "refused"
        self.happened = False

    @contextmanager
    def watched(self) -> Iterator[None]:
        counting: dict[str, Any] = {name: self._counting(getattr(self._dialect, name)) for name in CALLS}
        with patch.multiple(self._dialect, **counting):
            yield

    @contextmanager
    def fails(self, number: int, how: How) -> Iterator[None]:
        """Within the block the call of this number fails, and no other of its own accord."""
        self._left, self._how, self.happened = number, how, False
        try:
            yield
        finally:
            self._left = 0

    def _counting(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **options: Any) -> Any:
            if self._left == 0:
                return call(*given, **options)
            self._left -= 1
            if self._left:
                return call(*given, **options)
            self.happened = True
            if self._how == "answer lost":
                call(*given, **options)
            if self._how == "connection lost" and given:
                _connection(given[0]).close()
            raise self._dialect.loaded_dbapi.OperationalError("not to be had")

        return counted


def _connection(given: Any) -> Any:
    """The driver's own connection, of what a call was given: a cursor, or a connection as the pool hands it out."""
    if isinstance(given, PoolProxiedConnection):
        return given.driver_connection
    return getattr(given, "connection", given)
