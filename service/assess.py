"""One assessment, from what was sent to what is answered. Start reading here.

Receive, unpack, read, fire, conclude, write, remember, answer: every door goes through ``assess``.
A hook's request is received when what its prefetch left out has been read from its FHIR server.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from rulesets.record import Record
from rulesets.rule import HOOKS, Hook
from service.card_models import Malformed, check_answer
from service.client_cards import shaped
from service.clients import ANYBODY, Client
from service.conclude import conclude
from service.engine import EngineFailure
from service.explanation import ExplanationFailure
from service.findings import Conclusion
from service.fire import Reasoner
from service.hook_answer import answer_of
from service.house import House
from service.intake import facts_document, hook_request
from service.intake.notices import Notice
from service.intake.reading import read
from service.intake.unpack import unpack
from service.prefetch import Access, Prefetch, plan, settled
from service.problems import MalformedAnswer, RuleFailure
from service.record_json import Json
from service.remember import trace_of, trace_of_failure
from service.results import result_of
from service.write import cards_for


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a door received: a parsed document, and how it is to be judged.

    ``hooks`` None means all of them, ``evaluation_date`` None means today; ``digest`` is the
    SHA-256 of the body as it was sent. Of a hook, ``access`` says where the prefetch may be
    completed from, until it has been, and ``prefetch`` is what came of that. ``client`` is who will
    show the cards.
    """

    kind: Literal["hook", "bundle", "facts"]
    document: object
    digest: str
    hooks: tuple[Hook, ...] | None = None
    evaluation_date: date | None = None
    mode: Literal["lenient", "strict"] = "lenient"
    service: str = ""
    hook_instance: str = ""
    access: Access | None = None
    prefetch: Prefetch = field(default_factory=Prefetch)
    client: Client = ANYBODY


@dataclass(frozen=True, kw_only=True)
class Case:
    """One patient to be judged: the record, what could not be read, and any thresholds of its own."""

    patient: str
    record: Record
    hooks: tuple[Hook, ...]
    notices: tuple[Notice, ...] = ()
    config: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One JSON-ready result per patient, in the order of their references."""

    results: tuple[Json, ...]


def assess(house: House, request: Request) -> Answer:
    """Judge every patient of a request. Raises a Problem; what is answered has been stored."""
    received = completed(house, request)  # outside the turn: nobody waits while a FHIR server thinks
    with house.turn:
        return Answer(results=tuple([_assess_one(house, received, case) for case in cases_in(house, received)]))


def completed(house: House, request: Request) -> Request:
    """The request with all of its prefetch, and without the access that it took to read the rest."""
    if request.kind != "hook":
        return request
    assert isinstance(request.document, Mapping)
    planned = plan(request.document, request.access, house.fhir_servers)
    answers = house.reads(request.access, planned.reads) if request.access and planned.reads else {}
    return replace(request, access=None, prefetch=settled(planned, answers, max_entries=house.max_entries))


def cases_in(house: House, request: Request) -> Iterator[Case]:
    """Unpack and read: the facts of each patient, with their sources."""
    today = request.evaluation_date or house.today()
    if request.kind == "facts":
        sent = facts_document.read(request.document, today)
        hooks = request.hooks or sent.hooks or HOOKS
        yield Case(patient=sent.patient, record=sent.record, hooks=hooks, notices=sent.notices, config=sent.config)
        return
    if request.kind == "hook":
        unpacked = hook_request.unpack(request.document, request.prefetch, max_entries=house.max_entries)
    else:
        unpacked = unpack(request.document, max_entries=house.max_entries, max_patients=house.max_patients)
    readings = [read(patient, house.terminology, today, request.mode) for patient in unpacked]
    for reading in readings:
        hooks = request.hooks or HOOKS
        yield Case(patient=reading.patient, record=reading.record, hooks=hooks, notices=reading.notices)


def _assess_one(house: House, request: Request, case: Case) -> Json:
    reasoner = house.reasoner(case.config)
    trace = house.new_id()
    try:
        result = judged(reasoner, case, house, trace, request.client)
        check_answer(answer_of(result, request.document))
    except (EngineFailure, ExplanationFailure, Malformed) as failure:
        house.store.keep(trace_of_failure(house, request, case, reasoner, trace, failure))
        raise (MalformedAnswer if isinstance(failure, Malformed) else RuleFailure)(trace) from failure
    house.store.keep(trace_of(house, request, case, reasoner, trace, result))
    return result


def judged(reasoner: Reasoner, case: Case, house: House, trace: str, client: Client) -> Json:
    """Fire, conclude, write: the result for a case, its cards as the client can show them.

    Depends on nothing but its arguments.
    """
    conclusion = _concluded(reasoner, case.record, case.notices)
    charted = case.record.without_request()
    is_the_same = "patient-view" not in case.hooks or charted == case.record
    as_charted = conclusion if is_the_same else _concluded(reasoner, charted, case.notices)
    cards = cards_for(case.hooks, conclusion, as_charted, house.card_options, trace)
    return result_of(
        conclusion,
        shaped(cards, client),
        case.notices,
        patient=case.patient,
        trace=trace,
        rulebook=house.revision(reasoner.thresholds).digest,
    )


def _concluded(reasoner: Reasoner, record: Record, notices: tuple[Notice, ...]) -> Conclusion:
    return conclude(reasoner.fire(record), reasoner.thresholds, notices)
