"""The circumstances of the request at hand, for its trace. Headers that do not have their form are left out."""

from __future__ import annotations

import re

from flask import request

from service.arrival import Arrival
from service.house import House
from service.web.authentication import caller

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?")
"""W3C Trace Context, section 3.2: version, trace id, parent id, flags; later versions may go on."""


def arrival_of(house: House) -> Arrival:
    """When and under which names the request came. Ask first: the time is taken from here on."""
    started = house.monotonic_ns()
    request_id = request.headers.get("X-Request-Id", "")
    traced = _TRACEPARENT.fullmatch(request.headers.get("traceparent", ""))
    return Arrival(
        received_at=house.moment(),
        started_ns=started,
        request_id=request_id if _REQUEST_ID.fullmatch(request_id) else "",
        w3c_trace_id=traced[1] if traced else "",
        w3c_span_id=traced[2] if traced else "",
        caller=caller(),
    )
