"""Addresses on FHIR servers: which server may be asked, and whether a next page still lies on it. Pure.

A link that a server sends is never used as it is: only its path and query are taken, and the rest of
the address is ours. So no two readings of an address can disagree about whose it is.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urljoin, urlsplit

_ALLOWED = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%|-]+")
_STEPS_ASIDE = re.compile(r"(?:\.|%2e){1,2}", re.IGNORECASE)
_USUAL_PORTS = {"http": 80, "https": 443}


def base_of(address: str) -> str:
    """The base address of a FHIR server in the one way it is compared in; empty when it cannot be one.

    It is absolute, has no user, query or fragment, and begins with https, or with http on this machine.

    >>> base_of("HTTPS://EHR.example.org:443/fhir/"), base_of("http://127.0.0.1:8000/fhir")
    ('https://ehr.example.org/fhir', 'http://127.0.0.1:8000/fhir')
    >>> base_of("http://ehr.example.org/fhir"), base_of("https://a@ehr.example.org"), base_of("/fhir")
    ('', '', '')
    """
    parts = _split(address)
    if parts is None or parts.query or parts.fragment or "?" in address or "#" in address:
        return ""
    if parts.scheme == "http" and not _is_this_machine(parts.hostname or ""):
        return ""
    return "" if _leaves_its_path(parts.path) else _origin(parts) + parts.path.rstrip("/")


def page_on(base: str, link: str, at: str = "") -> str:
    """The address a link means that was found on a page at ``at``; empty when it leads off the server.

    >>> page_on("https://a.example.org/fhir", "https://a.example.org/fhir?_getpages=7&x=1")
    'https://a.example.org/fhir?_getpages=7&x=1'
    >>> page_on("https://a.example.org/fhir", "?page=2", "https://a.example.org/fhir/Condition?patient=1")
    'https://a.example.org/fhir/Condition?page=2'
    >>> page_on("https://a.example.org/fhir", "https://b.example.org/fhir?page=2")
    ''
    """
    try:
        parts = _split(urljoin(at or f"{base}/", link))
        steps_aside = _leaves_its_path(urlsplit(link).path)
    except ValueError:
        return ""
    if parts is None or parts.fragment or steps_aside or not _ALLOWED.fullmatch(link):
        return ""
    server = urlsplit(base)
    path = parts.path or "/"
    on_it = _origin(parts) == _origin(server) and (path.rstrip("/") + "/").startswith(f"{server.path}/")
    return f"{_origin(server)}{path}{f'?{parts.query}' if parts.query else ''}" if on_it else ""


def _split(address: str) -> SplitResult | None:
    """The parts of an absolute address of the web without a user in it."""
    if not _ALLOWED.fullmatch(address):
        return None
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    is_one = parts.scheme in _USUAL_PORTS and parts.hostname and "@" not in parts.netloc and port != 0
    return parts if is_one else None


def _origin(parts: SplitResult) -> str:
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    port = parts.port
    return f"{parts.scheme}://{shown}" + (f":{port}" if port not in (None, _USUAL_PORTS[parts.scheme]) else "")


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _leaves_its_path(path: str) -> bool:
    """Whether a step of the path would be taken back, or made two of, by a server or a proxy."""
    hidden = "%2f" in path.lower() or "%5c" in path.lower()
    return hidden or any(_STEPS_ASIDE.fullmatch(step) for step in path.split("/"))
