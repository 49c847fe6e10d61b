"""The form of FHIR: what was decided, from what, and who did what, as resources of R4, each kind in a file.

It is a rendering: nothing in it can be hashed back to the chain, which the exact form is for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from service.canonical import dumps
from service.fhir_out.answer import device_of
from service.fhir_out.audit_events import audit_event_of
from service.fhir_out.decision import Stamp
from service.fhir_out.guard import fault_in
from service.fhir_out.kept import kept_decision
from service.record_json import Json
from service.trace import DECISIONS
from service.traces.database import StoreError
from service.traces.exports.forms import FormName, Line
from service.traces.exports.tally import Tally
from service.traces.exports.tree import Subtree
from service.traces.stored import StoredHeader, StoredTrace

KINDS = ("GuidanceResponse", "Provenance", "AuditEvent", "Device")


class Fhir:
    name: FormName = "fhir"
    files: tuple[str, ...] = tuple(f"{kind}.ndjson" for kind in KINDS)
    media_type = "application/fhir+ndjson"
    stream_has_manifest = True
    has_bodies = True
    has_tree = False

    def __init__(self, answers: Mapping[str, Json], audit: Mapping[str, Json]) -> None:
        """The templates of ``fhir_profiles/answers`` by resource type, and those of ``fhir_profiles/audit`` by name."""
        self._answers, self._audit = answers, audit
        self._devices: dict[str, Json] = {}  # one for each release that decided anything

    def opening(self) -> Iterator[Line]:
        return iter(())

    def between(self, subtree: Subtree) -> Iterator[Line]:
        return iter(())

    def lines(self, record: StoredHeader, tally: Tally) -> Iterator[Line]:
        body = _body(record, tally)
        try:
            written = self._resources(record.header, body)
        except (AttributeError, KeyError, TypeError, ValueError):  # of a header or a body that is not of its kind
            tally.not_written.add(record.seq)
            return
        valid = [resource for resource in written if not fault_in(resource)]
        if len(valid) < len(written):
            tally.not_written.add(record.seq)
        yield from map(_line, valid)

    def closing(self) -> Iterator[Line]:
        yield from map(_line, self._devices.values())

    def streamed(self, line: Line) -> bytes:
        return line.content

    def _resources(self, header: Json, body: Json | None) -> list[Json]:
        is_decision = header["kind"] in DECISIONS
        stamp = Stamp(
            trace=header["id"],
            at=datetime.fromisoformat(header["decided_at"]),
            version=header.get("service_version", ""),
            request=header.get("request_digest", ""),
        )
        patient = str(body["request"]["patient"]) if is_decision and body is not None else ""
        audit_event = audit_event_of(header, stamp, self._audit, patient)
        decided = kept_decision(header, body, stamp, self._answers) if is_decision else ()
        if stamp.device not in self._devices:
            device = device_of(stamp, self._answers["Device"])
            # The header of an event does not tell which release recorded it.
            self._devices[stamp.device] = device if stamp.version else _without_version(device)
        return [*decided, audit_event]


def _body(record: StoredHeader, tally: Tally) -> Json | None:
    """The body of a record, None when there is none to be had; which of it is so is counted."""
    if not record.has_body:
        return None
    if not isinstance(record, StoredTrace):
        tally.not_asked_for += 1
        return None
    if record.is_erased:
        tally.erased.add(record.seq)
        return None
    try:
        body = record.body
    except StoreError:
        tally.damaged.add(record.seq)
        return None
    tally.bodies += 1
    return body


def _without_version(device: Json) -> Json:
    return {name: value for name, value in device.items() if name != "version"}


def _line(resource: Json) -> Line:
    return Line(file=f"{resource['resourceType']}.ndjson", content=dumps(resource) + b"\n")
