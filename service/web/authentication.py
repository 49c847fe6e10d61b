"""Who may call the CDS Hooks doors: the token of each call, and one bare answer to all that prove nothing."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, g, request

from service.clients.tokens import Proven, Refused, Tokens
from service.logs import log
from service.settings import Settings


def gate(tokens: Tokens, settings: Settings) -> Callable[[], Response | None]:
    """What runs before each request of a door that asks for a token.

    The audience of a token is the configured public address of the endpoint, never what the
    request says its host is. A preflight carries no token and is let through.
    """

    def check() -> Response | None:
        if request.method == "OPTIONS":
            return None
        try:
            g.proven = tokens.proven(request.headers.get("Authorization", ""), settings.public_url + request.path)
        except Refused as refused:
            log("authentication", level="warning", code=refused.reason)
            return Response(status=401, headers={"WWW-Authenticate": "Bearer"})
        return None

    return check


def proven() -> Proven | None:
    """Who this request was proven to come from; None where nobody was asked."""
    found: Proven | None = g.get("proven")
    return found
