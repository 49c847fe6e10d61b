"""The CDS Hooks doors: discovery, and one service per hook.

Only the shape of a request is checked here; what it means is for the intake to say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request

from rulesets.rule import HOOKS, Hook
from service import assess
from service.house import House
from service.intake.hook_request import PREFETCH, REQUIRED
from service.problems import InvalidRequest, UnknownService
from service.settings import Settings
from service.web.answers import json_answer, note_trace
from service.web.arriving import arrival_of
from service.web.received import media_type, received, refuse_too_many

SPECIFICATION_VERSION = "2.0.1"
SERVICES: Mapping[str, Hook] = {f"bone-metastases-{hook}": hook for hook in HOOKS}
_TITLES: Mapping[Hook, tuple[str, str]] = {
    "patient-view": (
        "Bone metastases from breast cancer: the patient at a glance",
        "Pattern and prognostic group of bone metastases from breast cancer, what follows from them, "
        "and which missing fact would decide what is still open.",
    ),
    "order-select": (
        "Bone metastases from breast cancer: while an order is chosen",
        "How the systemic treatment and the radiotherapy of bone metastases fit together in time, "
        "for the orders being chosen.",
    ),
    "order-sign": (
        "Bone metastases from breast cancer: before an order is signed",
        "How the systemic treatment and the radiotherapy of bone metastases fit together in time, "
        "for the orders about to be signed.",
    ),
}
_HOOK_VERSION: Mapping[Hook, str] = {"patient-view": "1.0", "order-select": "1.0", "order-sign": "1.0"}
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PATIENT_ID = re.compile(r"(?:Patient/)?[A-Za-z0-9._-]{1,64}")


def blueprint(house: House, settings: Settings) -> Blueprint:
    door = Blueprint("hooks", __name__)

    @door.get("/cds-services")
    def services() -> Response:
        return json_answer(discovery())

    @door.post("/cds-services/<service>")
    def call(service: str) -> Response:
        hook = SERVICES.get(service)
        if hook is None:
            raise UnknownService()
        arrival = arrival_of(house)
        media_type("application/json")
        body = received(settings, limit=int(settings.body_limit_hook))
        document = checked(body.document, hook)
        refuse_too_many(document.get("prefetch"), settings.entries_limit)
        asked = assess.Request(
            kind="hook",
            document=document,
            digest=body.digest,
            hooks=(hook,),
            service=service,
            hook_instance=document["hookInstance"],
            user=document["context"]["userId"],
            arrival=replace(arrival, length=body.length),
        )
        [result] = assess.assess(house, asked).results
        note_trace(str(result["trace"]))
        return json_answer({"cards": result["cards"]})

    @door.after_request
    def allow_origin(answer: Response) -> Response:
        """Web pages of the origins that the operator lists may call; preflights are answered by Flask."""
        origin, allowed = request.headers.get("Origin", ""), settings.allowed_origins
        if allowed:
            answer.headers["Vary"] = "Origin"
        if origin and ("*" in allowed or origin in allowed):
            answer.headers["Access-Control-Allow-Origin"] = origin
            answer.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
            answer.headers["Access-Control-Allow-Headers"] = "Content-Type, Authorization"
            answer.headers["Access-Control-Max-Age"] = "600"
        return answer

    return door


def discovery() -> dict[str, object]:
    """The discovery document: valid under CDS Hooks 2.0 but for the two versions, and under 3.0."""
    return {"services": [_described(id, hook) for id, hook in SERVICES.items()]}


def _described(id: str, hook: Hook) -> dict[str, object]:
    title, description = _TITLES[hook]
    required = ", ".join(f"`{key}`" for key in REQUIRED)
    return {
        "id": id,
        "hook": hook,
        "title": title,
        "description": description,
        "prefetch": dict(PREFETCH),
        "usageRequirements": (
            f"FHIR R4. The prefetch key {required} is required; without any of the others the advice is narrower and "
            "names what is unknown. Decision support for professionals; it does not replace their judgement."
        ),
        "version": SPECIFICATION_VERSION,
        "hookVersion": _HOOK_VERSION[hook],
    }


def checked(document: object, hook: Hook) -> dict[str, Any]:
    """The request with what the specification requires, without the access token of its client.

    Raises InvalidRequest, which names the element.
    """
    if not isinstance(document, dict):
        raise InvalidRequest("A CDS Hooks request is a JSON object with hook, hookInstance and context.")
    _require(document.get("hook") == hook, "hook", f"hook must be {hook}, the hook of this service.")
    _require(_is(_UUID, document.get("hookInstance")), "hookInstance", "hookInstance must be a UUID.")
    server, token = document.get("fhirServer"), document.get("fhirAuthorization")
    _require(server is None or isinstance(server, str), "fhirServer", "fhirServer must be a URL.")
    _require(token is None or isinstance(token, dict), "fhirAuthorization", "fhirAuthorization must be an object.")
    _require(token is None or server is not None, "fhirServer", "fhirServer is required with fhirAuthorization.")
    _check_context(document.get("context"), hook)
    prefetch = document.get("prefetch")
    _require(prefetch is None or isinstance(prefetch, dict), "prefetch", "prefetch must be an object.")
    for key, value in (prefetch or {}).items():
        place = f"prefetch.{key}" if key in PREFETCH else "prefetch"
        _require(value is None or _is_resource(value), place, "Each prefetch value is a FHIR resource or null.")
    return {name: value for name, value in document.items() if name != "fhirAuthorization"}


def _check_context(context: object, hook: Hook) -> None:
    if not isinstance(context, dict):
        raise InvalidRequest("context must be an object.", "context")
    _require(_is(_PATIENT_ID, context.get("patientId")), "context.patientId", "context.patientId must be a FHIR id.")
    user = context.get("userId")
    _require(
        isinstance(user, str) and bool(user.strip()),
        "context.userId",
        "context.userId must be a reference such as Practitioner/123.",
    )
    if hook == "patient-view":
        return
    drafts = context.get("draftOrders")
    _require(
        isinstance(drafts, dict) and drafts.get("resourceType") == "Bundle",
        "context.draftOrders",
        "context.draftOrders must be a Bundle.",
    )
    if hook == "order-select":
        chosen = context.get("selections")
        _require(
            isinstance(chosen, list) and bool(chosen) and all(isinstance(one, str) for one in chosen),
            "context.selections",
            "context.selections must be an array of references to the draft orders that were chosen.",
        )


def _require(holds: bool, place: str, sentence: str) -> None:
    if not holds:
        raise InvalidRequest(sentence, place)


def _is(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_resource(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("resourceType"), str)
