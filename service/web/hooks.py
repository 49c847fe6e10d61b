"""The CDS Hooks doors: discovery, and one service per hook.

Only the shape of a request is checked here; what it means is for the intake to say.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request

from rulesets.rule import HOOKS, Hook
from service import assess
from service.cards.models import Malformed, check_discovery
from service.clients.cards import hooks_offered
from service.clients.profiles import ANYBODY, Client
from service.hook_answer import answer_of
from service.house import House
from service.prefetch.keys import PREFETCH
from service.prefetch.states import Access
from service.problems import InvalidRequest, MalformedAnswer, PatientMismatch, UnknownService
from service.settings import Settings
from service.web.answers import json_answer, note_trace
from service.web.arriving import arrival_of
from service.web.authentication import proven
from service.web.received import media_type, mode_asked, received, refuse_too_many

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
UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
PATIENT_ID = re.compile(r"(?:Patient/)?(?!\.+$)[A-Za-z0-9._-]{1,64}")
TOKEN = re.compile(r"[!-~]{1,8000}")


def blueprint(house: House, settings: Settings) -> Blueprint:
    door = Blueprint("hooks", __name__)

    @door.get("/cds-services")
    def services() -> Response:
        document = discovery(hooks_offered(asking()), with_versions=settings.discovery_versions)
        try:
            check_discovery(document)
        except Malformed as fault:
            raise MalformedAnswer() from fault
        return json_answer(document)

    @door.post("/cds-services/<service>")
    def call(service: str) -> Response:
        hook, client = SERVICES.get(service), asking()
        if hook not in hooks_offered(client):
            raise UnknownService()
        arrival = arrival_of(house)
        media_type("application/json")
        body = received(settings, limit=int(settings.body_limit_hook))
        document, access = checked(body.document, hook)
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
            access=access,
            mode=mode_asked(),
            client=client,
        )
        [result] = assess.assess(house, asked).results
        note_trace(str(result["trace"]))
        return json_answer(answer_of(result, document))

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


def asking() -> Client:
    """The client of the request at hand; anybody where nobody has to say who they are."""
    found = proven()
    return found.client if found is not None else ANYBODY


def discovery(hooks: Collection[Hook] = HOOKS, *, with_versions: bool = True) -> dict[str, object]:
    """The discovery document of the services for some hooks.

    Valid under CDS Hooks 2.0 but for the two versions, and under 3.0.
    """
    return {"services": [_described(id, hook, with_versions) for id, hook in SERVICES.items() if hook in hooks]}


def _described(id: str, hook: Hook, with_versions: bool) -> dict[str, object]:
    title, description = _TITLES[hook]
    versions = {"version": SPECIFICATION_VERSION, "hookVersion": _HOOK_VERSION[hook]}
    return {
        "id": id,
        "hook": hook,
        "title": title,
        "description": description,
        "prefetch": {name: key.template for name, key in PREFETCH.items()},
        "usageRequirements": _usage_requirements(),
        **(versions if with_versions else {}),
    }


def _usage_requirements() -> str:
    required = ", ".join(f"`{name}`" for name, key in PREFETCH.items() if key.required)
    optional = ", ".join(f"`{name}`" for name, key in PREFETCH.items() if not key.required)
    return (
        f"FHIR R4. Required prefetch: {required}; without it the answer is 412. Optional: {optional}; the advice is "
        "narrower without them, and says so. A key that is left out, or of which only a page is sent, is read from "
        "fhirServer if this service is set to read from there; null and an empty search mean that there is nothing, "
        "an OperationOutcome that it could not be read. Decision support for professionals; it does not replace "
        "their judgement."
    )


def checked(document: object, hook: Hook) -> tuple[dict[str, Any], Access | None]:
    """The request with what the specification requires, and apart from it the access its client grants.

    Raises InvalidRequest or PatientMismatch, which name the element.
    """
    if not isinstance(document, dict):
        raise InvalidRequest("A CDS Hooks request is a JSON object with hook, hookInstance and context.")
    _require(document.get("hook") == hook, "hook", f"hook must be {hook}, the hook of this service.")
    _require(_is(UUID, document.get("hookInstance")), "hookInstance", "hookInstance must be a UUID.")
    _check_context(document.get("context"), hook)
    prefetch = document.get("prefetch")
    _require(prefetch is None or isinstance(prefetch, dict), "prefetch", "prefetch must be an object.")
    for key, value in (prefetch or {}).items():
        place = f"prefetch.{key}" if key in PREFETCH else "prefetch"
        _require(value is None or _is_resource(value), place, "Each prefetch value is a FHIR resource or null.")
    access = _access(document)
    return {name: value for name, value in document.items() if name != "fhirAuthorization"}, access


def _access(document: Mapping[str, Any]) -> Access | None:
    """The FHIR server a client lets this service read from, and the token for it."""
    server, granted = document.get("fhirServer"), document.get("fhirAuthorization")
    _require(server is None or isinstance(server, str), "fhirServer", "fhirServer must be a URL.")
    _require(granted is None or isinstance(granted, dict), "fhirAuthorization", "fhirAuthorization must be an object.")
    _require(granted is None or server is not None, "fhirServer", "fhirServer is required with fhirAuthorization.")
    if server is None or granted is None:
        return None if server is None else Access(server=server)
    token, place = granted.get("access_token"), "fhirAuthorization.access_token"
    _require(_is(TOKEN, token), place, "fhirAuthorization.access_token must be a bearer token.")
    kind, place = granted.get("token_type", "Bearer"), "fhirAuthorization.token_type"
    _require(isinstance(kind, str) and kind.lower() == "bearer", place, "fhirAuthorization.token_type must be Bearer.")
    patient = granted.get("patient")
    if patient is not None and _patient_id(patient) != _patient_id(document["context"]["patientId"]):
        raise PatientMismatch(
            "The access token is for another patient than context.patientId.", "fhirAuthorization.patient"
        )
    return Access(server=server, token=token)


def _patient_id(named: object) -> str:
    return str(named).removeprefix("Patient/")


def _check_context(context: object, hook: Hook) -> None:
    if not isinstance(context, dict):
        raise InvalidRequest("context must be an object.", "context")
    _require(_is(PATIENT_ID, context.get("patientId")), "context.patientId", "context.patientId must be a FHIR id.")
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
