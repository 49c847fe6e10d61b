"""In which media type a client wants its answer, by the Accept header and its q-values (RFC 9110, 12.5.1)."""

from __future__ import annotations

from flask import request
from werkzeug.http import parse_options_header

from service.problems import NotAcceptable

JSON, FHIR = "application/json", "application/fhir+json"
_R4 = ("4.0", "4.0.1", "4.3", "4.3.0")
"""What a client may call the version of FHIR it accepts: R4, and R4B, in which the answers are the same."""


def answer_type(*offered: str) -> str:
    """The media type a client likes best; the first when it likes several the same. Raises NotAcceptable."""
    if not request.headers.get("Accept", "").strip():
        return offered[0]
    liked = {media_type: _quality(media_type) for media_type in offered}
    best = max(offered, key=lambda media_type: liked[media_type])
    if not liked[best]:
        raise NotAcceptable()
    return best


def _quality(media_type: str) -> float:
    """How much a media type is liked: what the most specific range that covers it says, 0 when none does."""
    kind = media_type.partition("/")[0]
    ranks = {"*/*": 0, f"{kind}/*": 1, media_type: 2}
    found: dict[int, float] = {}
    for accepted, quality in request.accept_mimetypes:
        name, parameters = parse_options_header(accepted)
        rank = ranks.get(name.lower())
        if rank is not None and parameters.get("fhirversion", _R4[0]) in _R4:
            found[rank] = max(quality, found.get(rank, 0.0))
    return found[max(found)] if found else 0.0
