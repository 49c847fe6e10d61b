"""What a door receives: the parsed body of the request at hand with its digest, and its media type."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from flask import request

from service.problems import InvalidRequest, MediaTypeUnknown, OtherFhirVersion, TooMany
from service.settings import Settings
from service.web.body import body_of
from service.web.json_in import json_in

FHIR_VERSIONS = ("4.0", "4.3")
"""Versions a media type may name: R4, and R4B, in which what is read here is the same."""


@dataclass(frozen=True, kw_only=True)
class Received:
    """A parsed document; of the decoded body, ``digest`` is the SHA-256 in hexadecimal, ``length`` its bytes."""

    document: object
    digest: str
    length: int


def received(settings: Settings, *, limit: int) -> Received:
    """The body of the request at hand. Raises the problems of ``body_of`` and ``json_in``."""
    body = body_of(request.environ, limit=limit, timeout_seconds=settings.body_timeout_seconds)
    document = json_in(body, depth_limit=settings.depth_limit)
    return Received(document=document, digest=hashlib.sha256(body).hexdigest(), length=len(body))


def media_type(*accepted: str) -> str:
    """The media type of the request at hand. Raises MediaTypeUnknown, or OtherFhirVersion when it names one."""
    if request.mimetype not in accepted:
        raise MediaTypeUnknown(f"Send {' or '.join(accepted)}.")
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise MediaTypeUnknown("Send JSON in UTF-8.")
    if request.mimetype_params.get("fhirversion", "4.0") not in FHIR_VERSIONS:
        raise OtherFhirVersion("The media type names another version of FHIR; send FHIR R4 (fhirVersion=4.0).")
    return request.mimetype


def mode_asked() -> Literal["lenient", "strict"]:
    """How invalid resources are to be taken. Raises InvalidRequest."""
    given = request.args.getlist("mode")
    if given == ["strict"]:
        return "strict"
    if given in ([], ["lenient"]):
        return "lenient"
    raise InvalidRequest("mode must be lenient or strict.", "mode")


def refuse_too_many(document: object, limit: int) -> None:
    """Raises TooMany when a document, or the answers of a prefetch, hold more resources than ``limit``."""
    if resources_in(document) > limit:
        raise TooMany(f"There are more than {limit} resources; send fewer at a time.")


def resources_in(document: object) -> int:
    """How many resources there are in a bundle, a resource, an array or an object of them."""
    if isinstance(document, list):
        return sum(resources_in(item) for item in document)
    if not isinstance(document, dict):
        return 0
    if document.get("resourceType") == "Bundle":
        return resources_in(document.get("entry"))
    if document.get("resourceType") == "Parameters":
        return resources_in(document.get("parameter"))
    if "resourceType" in document:
        return 1
    if "resource" in document:
        return resources_in(document["resource"])
    return sum(resources_in(value) for value in document.values() if isinstance(value, dict))
