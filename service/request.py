"""What is asked of one assessment, what is judged in it, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from rulesets.record import Record
from rulesets.rule import Hook
from service.arrival import UNTOLD, Arrival
from service.clients.profiles import ANYBODY, Client
from service.fhir_out.decision import Stamp
from service.intake.inputs import Input
from service.intake.notices import Notice
from service.intake.reading import Reading
from service.prefetch.states import Access, Prefetch
from service.record_json import Json
from service.trace import Trace


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a door received: a parsed document, and how it is to be judged.

    ``hooks`` None means all of them, ``evaluation_date`` None means today; ``digest`` is the
    SHA-256 of the body as it was sent. ``user`` is the reference of whoever asks, as the client names it;
    ``as_fhir`` asks for the answer as FHIR resources too, ``with_facts`` for what was understood. Of a hook,
    ``access`` says where the prefetch may be completed from, until it has been, and ``prefetch`` is what
    came of that. ``client`` is who will show the cards.
    """

    kind: Literal["hook", "bundle", "facts"]
    document: object
    digest: str
    hooks: tuple[Hook, ...] | None = None
    evaluation_date: date | None = None
    mode: Literal["lenient", "strict"] = "lenient"
    with_facts: bool = False
    service: str = ""
    hook_instance: str = ""
    as_fhir: bool = False
    user: str = ""
    arrival: Arrival = UNTOLD
    access: Access | None = None
    prefetch: Prefetch = field(default_factory=Prefetch)
    client: Client = ANYBODY


@dataclass(frozen=True, kw_only=True)
class Case:
    """One patient to be judged: the record, what could not be read, and any thresholds of its own.

    ``reading`` is what the record was made in, unless facts were sent by name. ``sources`` are the
    resources, by reference, that a suggestion may change; ``inputs`` tell which version of each
    resource was read.
    """

    patient: str
    record: Record
    hooks: tuple[Hook, ...]
    notices: tuple[Notice, ...] = ()
    config: Mapping[str, object] = field(default_factory=dict)
    sources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    inputs: tuple[Input, ...] = ()
    reading: Reading | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One JSON-ready result per patient, in the order of their references; the same as one Bundle when asked for.

    ``ignored`` are the resources that belong to none of several patients, when what was understood was asked for.
    """

    results: tuple[Json, ...]
    bundle: Json | None = None
    ignored: tuple[Json, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What was written of one case: the result, and the same as FHIR resources when asked for.

    ``account`` tells what became of every rule, and why; it is for the trace.
    """

    stamp: Stamp
    result: Json
    account: Json
    resources: tuple[Json, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """One case, judged or failed to be, and the trace that must be kept before anything is said of it."""

    trace: Trace
    outcome: Judgement | Exception
