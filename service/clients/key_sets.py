"""The public keys of clients: given by the site, or fetched from the one address registered for them.

A fetch is bounded in time and size, follows no redirect, and happens at most once in a while for
each address, whatever tokens arrive. A key set that was fetched is believed for as long as its
server says, within limits, and no longer.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests
import urllib3

from service.clients.profiles import Client
from service.logs import log, log_exception
from service.prefetch.connection import Cut, Line, session
from service.problems import Problem
from service.web.json_in import json_in

LONGEST_BODY = 64 * 1024
MOST_KEYS = 100
FETCH_SECONDS = 2.0
PAUSE_SECONDS = 30.0
"""After a fetch, whatever came of it, the same address is left in peace for this long."""
SHORTEST_LIFE, USUAL_LIFE, LONGEST_LIFE = 30.0, 300.0, 3600.0

Keys = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A key set as it came, and for how many seconds it may be used."""

    keys: Keys
    life_seconds: float


class KeySetUnavailable(Exception):
    """No key set could be had; holds a word for the log and no address."""


@dataclass(kw_only=True)
class _Known:
    keys: Keys = ()
    until: float = 0.0
    asked_at: float | None = None


class KeySets:
    """Finds the key a token names. One for a process; safe between threads."""

    def __init__(self, fetch: Callable[[str], Fetched], *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._monotonic = monotonic
        self._known: dict[str, _Known] = {}
        self._lock = threading.Lock()

    def keys(self, client: Client, kid: str) -> Keys:
        """The keys of a client that carry this id: one, unless the client has made a mistake."""
        if client.key_set is not None:
            return _named(tuple(client.key_set["keys"]), kid)
        with self._lock:
            known = self._known.setdefault(client.key_set_address, _Known())
            now = self._monotonic()
            is_fresh = now < known.until
            if is_fresh and (found := _named(known.keys, kid)):
                return found
            if known.asked_at is not None and now - known.asked_at < PAUSE_SECONDS:
                return ()
            known.asked_at = now
            try:
                fetched = self._fetch(client.key_set_address)
            except KeySetUnavailable as unavailable:
                log("key_set", level="warning", code=str(unavailable), client=client.name)
                return ()
            known.keys, known.until = fetched.keys, now + fetched.life_seconds
            return _named(known.keys, kid)


def _named(keys: Keys, kid: str) -> Keys:
    return tuple(key for key in keys if key.get("kid") == kid)


# --- fetching --------------------------------------------------------------------------------------


def fetcher(*, ca_file: str = "", agent: str = "osteon") -> Callable[[str], Fetched]:
    """What fetches a key set from an address. Raises OSError when ``ca_file`` cannot be read."""
    made = session(ca_file=ca_file, agent=agent)
    made.headers["Accept"] = "application/json, application/jwk-set+json"

    def fetch(address: str) -> Fetched:
        line = Line()
        line.hold()
        # The timeouts of a socket begin anew with every byte; this one does not.
        alarm = threading.Timer(FETCH_SECONDS, line.cut)
        alarm.daemon = True
        alarm.start()
        try:
            return _fetched(made, address, line)
        except (requests.RequestException, urllib3.exceptions.HTTPError, Cut):
            raise KeySetUnavailable("timeout" if line.is_cut else "unreachable") from None
        except KeySetUnavailable:
            raise
        except Exception as fault:
            log_exception("key_set", fault)
            raise KeySetUnavailable("fault") from None
        finally:
            alarm.cancel()

    return fetch


def _fetched(made: requests.Session, address: str, line: Line) -> Fetched:
    request = made.prepare_request(requests.Request("GET", address))
    with made.get_adapter(address).send(request, stream=True, timeout=FETCH_SECONDS) as response:
        if response.status_code != 200:
            raise KeySetUnavailable("refused")
        body = response.raw.read(LONGEST_BODY + 1, decode_content=False)
        if line.is_cut:
            raise Cut
        if len(body) > LONGEST_BODY:
            raise KeySetUnavailable("too-large")
        return Fetched(keys=_keys_in(body), life_seconds=_life(response.headers.get("Cache-Control", "")))


def _keys_in(body: bytes) -> Keys:
    try:
        document = json_in(body, depth_limit=8)
    except Problem:
        raise KeySetUnavailable("not-a-key-set") from None
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list) or len(keys) > MOST_KEYS or not all(isinstance(key, dict) for key in keys):
        raise KeySetUnavailable("not-a-key-set")
    return tuple(keys)


def _life(cache_control: str) -> float:
    said = re.search(r"max-age=(\d{1,9})", cache_control)
    wanted = float(said[1]) if said else USUAL_LIFE
    return 0.0 if "no-store" in cache_control else min(max(wanted, SHORTEST_LIFE), LONGEST_LIFE)
