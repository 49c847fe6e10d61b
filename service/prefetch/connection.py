"""Connections to FHIR servers that can be cut from outside, whatever they are waiting for.

The timeouts of sockets begin anew with every byte that arrives, so that a server which lets headers or
a body trickle could hold a read for as long as it likes.
"""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

MOST_AT_ONCE = 64
"""Reads of one process under way at once; a server that hangs can take no more threads than these."""


class Cut(Exception):
    """The time is over; whatever was under way has ended."""


class Line:
    """The connection one read is on at the moment. The thread that reads makes it its own with ``hold``."""

    def __init__(self) -> None:
        self._cut = threading.Event()
        self._connection: Any = None

    @property
    def is_cut(self) -> bool:
        return self._cut.is_set()

    def hold(self) -> None:
        """Connections used by this thread from now on are on this line."""
        _here.line = self

    def cut(self) -> None:
        """End what the read waits for, now and from now on."""
        self._cut.set()
        connection = self._connection
        # It may serve another read by now, and while it is being made it has a timeout of its own.
        if connection is not None and connection.line is self and connection.sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)

    def leave(self) -> None:
        """The read is over; its connection may serve another."""
        self._connection = None

    def wait(self, seconds: float) -> bool:
        """Let some time pass; False when the line was cut meanwhile."""
        return not self._cut.wait(seconds)

    def take(self, connection: Any) -> None:
        """A connection begins to serve the read. Raises Cut when it is too late for that."""
        connection.line, self._connection = self, connection
        if self.is_cut:
            connection.close()
            raise Cut


_here = threading.local()


class _Plain(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _here.line.take(self)

    def request(self, *args: Any, **kwargs: Any) -> None:
        _here.line.take(self)
        super().request(*args, **kwargs)


class _Secure(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _here.line.take(self)

    def request(self, *args: Any, **kwargs: Any) -> None:
        _here.line.take(self)
        super().request(*args, **kwargs)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class _Adapter(HTTPAdapter):
    def __init__(self, trusted: ssl.SSLContext) -> None:
        self._trusted = trusted
        super().__init__(pool_maxsize=MOST_AT_ONCE)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **others: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._trusted, **others)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """The context verifies; authorities named here would be read from their file for every connection."""


def session(*, ca_file: str = "", agent: str = "osteon") -> requests.Session:
    """A session without proxies, credentials or authorities of the environment.

    ``ca_file`` names the certificate authorities to trust instead of the usual ones. Raises OSError
    when it cannot be read as such.
    """
    made = requests.Session()
    made.trust_env = False
    made.headers.clear()
    made.headers.update({"Accept": "application/fhir+json", "Accept-Encoding": "identity", "User-Agent": agent})
    trusted = ssl.create_default_context(cafile=ca_file or DEFAULT_CA_BUNDLE_PATH)
    for scheme in ("https://", "http://"):
        made.mount(scheme, _Adapter(trusted))
    return made
