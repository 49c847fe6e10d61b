"""Who calls, and whether they may: keys and clients' tokens, and one bare answer to all that prove nothing.

Why a call was refused stands in the log alone. Who proved something and lacks a scope is told which.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from service.arrival import NOBODY, Caller
from service.clients.api_keys import MARK, SCOPES, KeyRefused, Scope
from service.clients.key_file import KeyRing
from service.clients.tokens import Proven, Refused, Tokens
from service.logs import log
from service.problems import CrossSite, ScopeMissing
from service.settings import Settings
from service.web.scopes import NEEDS, Need, refuse_unlisted

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
REALM = "Osteon"


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What a site accepts: the tokens of its clients, its keys; None where it has none of a kind.

    ``hooks_are_open`` says that CDS Hooks calls need no token: where there are no clients, and either
    no keys, or a word of the operator that somebody else authenticates.
    """

    tokens: Tokens | None = None
    keys: KeyRing | None = None
    hooks_are_open: bool = True

    @property
    def are_asked_for(self) -> bool:
        return self.tokens is not None or self.keys is not None


def guard(app: Flask, credentials: Credentials, settings: Settings) -> None:
    """Lets nobody in who may not. Call it when all doors are there. Raises UnlistedEndpoint."""
    refuse_unlisted(app)
    app.before_request(_gate(credentials, settings))


def _gate(credentials: Credentials, settings: Settings) -> Callable[[], Response | None]:
    """What runs before each request. A preflight carries no credential and is let through."""

    def check() -> Response | None:
        need = NEEDS.get(request.endpoint or "", "nothing")
        if need == "nothing" or request.method == "OPTIONS":
            return None
        try:
            _note_who(credentials, settings, need)
        except Refused as refused:
            named = {"caller": f"key:{refused.name}"} if isinstance(refused, KeyRefused) and refused.name else {}
            log("authentication", level="warning", code=refused.reason, **named)
            return Response(status=401, headers={"WWW-Authenticate": _challenge()})
        if need != "client":
            if not _is_bearer():
                refuse_another_origin(settings)
            require(need)
        return None

    return check


def _note_who(credentials: Credentials, settings: Settings, need: Need) -> None:
    """Remembers who calls and what they may, for the request at hand. Raises Refused."""
    if need == "client" and credentials.hooks_are_open:
        return
    if need != "client" and not credentials.are_asked_for:
        g.scopes = SCOPES
        return
    text = _key()
    if need != "client" and text is not None:
        if credentials.keys is None:
            raise Refused("no-keys")
        key = credentials.keys.key(text)
        g.scopes = key.scopes
        g.caller = Caller(client=f"key:{key.name}", tenant=key.tenant, scopes=key.scopes, token_id=key.prefix)
        return
    if credentials.tokens is None:
        raise Refused("no-clients" if request.authorization else "no-token")
    # The audience of a token is the configured public address of the endpoint, never what the
    # request says its host is.
    found = credentials.tokens.proven(request.headers.get("Authorization", ""), settings.public_url + request.path)
    client = found.client
    g.proven, g.scopes = found, client.scopes
    g.caller = Caller(
        client=client.name,
        issuer=client.issuer,
        tenant=found.tenant,
        scopes=client.scopes,
        token_id=found.token_id,
    )


def _key() -> str | None:
    """The key of the request at hand: as a bearer token, or as the password of a browser; None for anything else."""
    given = request.authorization
    if given is None:
        return None
    if given.type == "basic":
        return given.password or ""
    return given.token if given.type == "bearer" and (given.token or "").startswith(MARK) else None


def _is_bearer() -> bool:
    return request.authorization is not None and request.authorization.type == "bearer"


def _challenge() -> str:
    """Browsers are asked for a password on the pages made for them, and nowhere else."""
    is_a_page = request.path == "/audit" or request.path.startswith("/audit/")
    return f'Basic realm="{REALM}", charset="UTF-8"' if is_a_page else "Bearer"


# --- what a door may ask -----------------------------------------------------------------------


def proven() -> Proven | None:
    """The client this request was proven to come from; None where none was asked for."""
    found: Proven | None = g.get("proven")
    return found


def caller() -> Caller:
    """Who was proven to call; nobody where nobody has to prove anything."""
    found: Caller = g.get("caller", NOBODY)
    return found


def may(scope: Scope) -> bool:
    """Whether the caller has a scope, as everybody does where nobody has to prove anything."""
    return scope in g.get("scopes", ())


def require(scope: Scope) -> None:
    """Raises ScopeMissing unless the caller has the scope: for a door that needs more than the table says."""
    if not may(scope):
        raise ScopeMissing(f"This needs the scope {scope}, which the credential of the request does not have.")


# --- pages of others ---------------------------------------------------------------------------


def refuse_another_origin(settings: Settings) -> None:
    """Raises CrossSite when a page of another origin makes a browser change something.

    A browser sends a remembered password along, and reaches this machine, whoever wrote the page. It
    says where the page is from (Fetch Metadata, or Origin); what says neither is no browser.
    """
    if request.method in SAFE_METHODS:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        is_ours = site in ("same-origin", "none")
    else:
        is_ours = origin is None or _is_our_origin(origin, settings.public_url)
    if not is_ours:
        raise CrossSite()


def _is_our_origin(origin: str, public_url: str) -> bool:
    """Whether an origin is the public address, or the host this request was sent to, whatever a proxy speaks to us."""
    try:
        theirs, ours = urlsplit(origin), urlsplit(public_url)
    except ValueError:
        return False
    if (theirs.scheme, theirs.netloc) == (ours.scheme, ours.netloc):
        return bool(theirs.netloc)
    return theirs.scheme in ("http", "https") and theirs.netloc == request.host
