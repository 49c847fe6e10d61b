"""How a request came: when, from whom and under which names, but nothing of what it says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asked. Everything is empty when nobody was authenticated; no token and no key is ever held here."""

    client: str = ""  # a registered client by its name, or key:NAME, or shell:USER
    issuer: str = ""  # the iss of its token
    tenant: str = ""
    scopes: tuple[str, ...] = ()
    token_id: str = ""  # SHA-256 of the token's jti, in hex; or the public prefix of a key

    def header(self) -> dict[str, object]:
        return {
            "client": self.client,
            "issuer": self.issuer,
            "tenant": self.tenant,
            "scopes": list(self.scopes),
            "token_id": self.token_id,
        }


NOBODY = Caller()
"""A caller of whom nothing is known."""


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """The circumstances of a request; what is not known is empty or None."""

    received_at: str = ""  # UTC to the microsecond: 2026-01-31T09:30:00.000000Z
    started_ns: int | None = None  # of the monotonic clock, when the request came
    length: int | None = None  # bytes of the decoded body
    request_id: str = ""  # X-Request-Id
    w3c_trace_id: str = ""  # of the traceparent header, 32 hexadecimal digits
    w3c_span_id: str = ""  # of the same, 16 hexadecimal digits
    caller: Caller = NOBODY


UNTOLD = Arrival()
"""What is known when nobody took note."""
