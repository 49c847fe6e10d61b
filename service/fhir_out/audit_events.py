"""A header as an AuditEvent, after the patterns of IHE BALP: who did what, when, to whose record, in which call. Pure.

A header names a patient and a user by keyed hashes alone, and so does its AuditEvent; only where the
body is at hand is the patient referred to. Of a token there is the hash of its id, never the token.
https://profiles.ihe.net/ITI/BALP/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from service.canonical import dumps
from service.cards.text import plain
from service.fhir_out.decision import URN_SYSTEM, Stamp
from service.fhir_out.references import subject_of
from service.record_json import Json

CLIENT_SYSTEM = "urn:osteon:identifier:client"
USER_SYSTEM = "urn:osteon:identifier:user-key"
PATIENT_SYSTEM = "urn:osteon:identifier:patient-key"
TOKEN = "urn:osteon:token-id-sha256:"
COMMON = "common"
"""The template with what may stand in the AuditEvent of any kind; all others are named by a kind of header."""

_OUTCOMES = {"success": "0", "refused": "4", "failed": "8"}
_TOLD = ("hook", "hook_instance", "service", "evaluation_date", "rulebook", "request_digest", "w3c_trace_id")
"""What is told of the trace as details, beside what an event says."""


def audit_event_of(header: Json, stamp: Stamp, templates: Mapping[str, Json], patient: str = "") -> Json:
    """``templates`` are those of ``fhir_profiles/audit`` by name; ``patient`` is the reference where it is known.

    What was done in a shell is no REST call, and has a template of its own where that makes a difference.
    Raises KeyError for a header of a kind there is no template for.
    """
    kind = header["kind"]
    by_shell = templates.get(f"{kind}.shell") if str(header.get("client")).startswith("shell:") else None
    template, common = by_shell or templates[kind], templates[COMMON]
    device = {"reference": f"Device/{stamp.device}"}
    return {
        **template,
        "id": stamp.id_of("AuditEvent"),
        "recorded": header["decided_at"],
        "outcome": _OUTCOMES[header["outcome"]],
        "agent": list(_agents(header, template, common, device)),
        "source": {**template["source"], "observer": device},
        "entity": list(_entities(header, common, patient)),
    }


def patient_known_by(key: str, patient: str = "") -> Json:
    """A patient as a Reference: by the keyed hash, and by name where it is known."""
    by_key = {"identifier": {"system": PATIENT_SYSTEM, "value": key}} if key else {}
    if patient:
        return subject_of(patient) | by_key
    return {"type": "Patient", **by_key} if by_key else subject_of("")


def _agents(header: Json, template: Json, common: Json, device: Json) -> Iterator[Json]:
    agents = {each["id"]: each for each in template["agent"]}
    others = {each["id"]: each for each in common["agent"]}
    client, user, token = (str(header.get(name) or "") for name in ("client", "user_key", "token_id"))
    acts_alone = not client and header["kind"] == "checkpoint"
    if not acts_alone:
        who: Json = {"display": "A caller who did not have to prove anything"}
        if client:
            who = {"identifier": {"system": CLIENT_SYSTEM, "value": client}, "display": plain(client) or "A client"}
        yield _agent(agents["client"], who=who, requestor=not user and not token)
    yield _agent(agents["server"], who=device, requestor=acts_alone)
    if token:
        policy = [f"{TOKEN}{token}"]
        yield _agent(others["token"], **_user(user), requestor=True, policy=policy)
    elif user:
        yield _agent(others["user"], **_user(user), requestor=True)


def _user(key: str) -> Json:
    return {"who": {"identifier": {"system": USER_SYSTEM, "value": key}}} if key else {}


def _agent(template: Json, **told: Any) -> Json:
    return {name: value for name, value in template.items() if name != "id"} | told


def _entities(header: Json, common: Json, patient: str) -> Iterator[Json]:
    entities = {each["id"]: each for each in common["entity"]}
    if header.get("patient_key") or patient:
        yield _agent(entities["patient"], what=patient_known_by(str(header.get("patient_key") or ""), patient))
    trace = header.get("subject") or header["id"]
    identifier = {"system": URN_SYSTEM, "value": f"urn:uuid:{trace}"}
    details = list(_details(header))
    yield _agent(entities["trace"], what={"identifier": identifier}, **({"detail": details} if details else {}))
    if header.get("request_id"):
        yield _agent(entities["request"], what={"identifier": {"value": header["request_id"]}})


def _details(header: Json) -> Iterator[Json]:
    yield {"type": "seq", "valueString": str(header["seq"])}
    for name in _TOLD:
        if header.get(name):
            yield {"type": name, "valueString": str(header[name])}
    if header.get("degraded"):
        yield {"type": "degraded", "valueString": " ".join(header["degraded"])}
    if header.get("says"):
        yield {"type": "says", "valueString": dumps(header["says"]).decode()}
