"""The resources of a request, each with the place it was found."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

Resource = Mapping[str, Any]

_NAMELESS = re.compile(r"[A-Za-z]+#[0-9a-f]{12}(?=#|$)")
"""The name of a resource that has neither an id nor an address."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Entry:
    """One resource and where it came from.

    ``place`` is the path in the request (``Bundle.entry[3].resource``), ``reference`` the name
    the resource goes by (``Observation/er-1``, or its full URL when it has no id).
    ``is_draft`` is true for an order that is not signed yet, and ``in_request`` for one that this request is
    about: of the drafts of a session only those that are being selected or signed.
    """

    resource: Resource
    place: str
    full_url: str = ""
    in_request: bool = False
    is_draft: bool = False
    reference: str = ""

    @property
    def kind(self) -> str:
        kind: str = self.resource["resourceType"]
        return kind

    def named(self, reference: str) -> Entry:
        """The same entry, going by another name."""
        return replace(self, reference=reference)


def name_of(resource: Resource, full_url: str) -> str:
    """The name a resource goes by, the same in whatever order it was sent."""
    name = resource.get("id")
    if isinstance(name, str) and name:
        return f"{resource['resourceType']}/{name}"
    return full_url or f"{resource['resourceType']}#{digest(resource)[:12]}"


def holder_of(key: str) -> str:
    """The name of the resource that a member of a record was read from, by the key of the member.

    >>> holder_of("Procedure/rt#BodyStructure/v"), holder_of("MedicationRequest#0123456789ab#letrozole")
    ('Procedure/rt', 'MedicationRequest#0123456789ab')
    """
    nameless = _NAMELESS.match(key)
    return nameless.group() if nameless else key.partition("#")[0]


def digest(resource: Resource) -> str:
    """A text that two resources share only when they are the same."""
    return hashlib.sha256(json.dumps(resource, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Part:
    """One document of a request: a prefetch answer, a bundle of draft orders, a whole body.

    ``drafts_in_request`` counts every draft order of the document as ordered by this request.
    ``chosen`` are the names of the drafts the request is about; None means all of them. ``kinds`` are the
    resource types that were asked for; an answer without any entry then says that there are none.
    """

    document: object
    place: str = ""
    in_request: bool = False
    drafts_in_request: bool = False
    chosen: frozenset[str] | None = None
    kinds: frozenset[str] = frozenset()
