"""One assessment, from what was sent to what is answered. Start reading here.

Receive, unpack, read, fire, conclude, write, remember, answer: every door goes through ``assess``.
A hook's request is received when what its prefetch left out has been read from its FHIR server.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from rulesets.rule import HOOKS
from service.account import account_of, account_of_failure
from service.cards.models import Malformed, check_answer
from service.clients.cards import shaped
from service.clients.profiles import ANYBODY, Client
from service.conclude import conclude
from service.fhir_out.answer import bundle_of, kept_of, resources_of
from service.fhir_out.decision import Decision, Stamp
from service.fhir_out.guard import NotFhirR4
from service.fire import Reasoner
from service.hook_answer import answer_of
from service.house import House
from service.intake import facts_document, hook_request
from service.intake.reading import read
from service.intake.unpack import unpack
from service.prefetch.states import plan, settled
from service.problems import AnswerFailure, MalformedAnswer, RuleFailure
from service.reasoning.engine import EngineFailure
from service.reasoning.explanation import ExplanationFailure
from service.reasoning.findings import Conclusions
from service.record_json import Json
from service.remember import trace_of, trace_of_failure
from service.request import Answer, Assessment, Case, Judgement, Request
from service.results import result_of
from service.suggestions.drafts import Material
from service.understanding import ignored_of_no_patient, understanding_of
from service.write import cards_for

__all__ = ["Answer", "Assessment", "Case", "Judgement", "Request", "assess", "cases_in", "completed", "judged"]


def assess(house: House, request: Request) -> Answer:
    """Judge every patient of a request. Raises a Problem; what is answered has been stored."""
    received = completed(house, request)  # outside the turn: nobody waits while a FHIR server thinks
    with house.turn:
        cases = tuple(cases_in(house, received))
        assessment = _assessed(house, received, cases[0])
    judgements = [_kept(house, assessment)]
    for case in cases[1:]:
        with house.turn:
            assessment = _assessed(house, received, case)
        judgements.append(_kept(house, assessment))
    return _answer(house, request, cases, judgements)


def _answer(house: House, request: Request, cases: Sequence[Case], judgements: Sequence[Judgement]) -> Answer:
    """What was judged, in the form that was asked for."""
    results = tuple(judgement.result for judgement in judgements)
    if request.with_facts:
        readings = [case.reading for case in cases if case.reading is not None]
        results = tuple({**result, **_understood(case)} for result, case in zip(results, cases, strict=True))
        return Answer(results=results, ignored=tuple(ignored_of_no_patient(readings)))
    if not request.as_fhir:
        return Answer(results=results)
    written = [(each.stamp, each.resources or ()) for each in judgements]
    return Answer(results=results, bundle=bundle_of(written, house.terminology.answers))


def completed(house: House, request: Request) -> Request:
    """The request with all of its prefetch, and without the access that it took to read the rest."""
    if request.kind != "hook":
        return request
    assert isinstance(request.document, Mapping)
    servers = (*house.fhir_servers, *request.client.fhir_servers)
    planned = plan(request.document, request.access, servers)
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
        unpacked = hook_request.unpack(
            request.document, request.prefetch, max_entries=house.max_entries, mode=request.mode
        )
    else:
        unpacked = unpack(
            request.document, max_entries=house.max_entries, max_patients=house.max_patients, mode=request.mode
        )
    thresholds = house.reasoners.usual.thresholds
    for reading in [read(patient, house.terminology, today, thresholds) for patient in unpacked]:
        yield Case(
            patient=reading.patient,
            record=reading.record,
            hooks=request.hooks or HOOKS,
            notices=reading.notices,
            sources=reading.sources,
            inputs=reading.inputs,
            reading=reading,
        )


def _assessed(house: House, request: Request, case: Case) -> Assessment:
    reasoner = house.reasoner(case.config)
    stamp = Stamp(trace=house.new_id(), at=house.now(), version=house.version, request=request.digest)
    try:
        judgement = judged(reasoner, case, house, stamp, request.client, as_fhir=request.as_fhir)
        check_answer(answer_of(judgement.result, request.document))
    except (EngineFailure, ExplanationFailure, Malformed, NotFhirR4) as failure:
        account = _account_despite(failure, reasoner, case)
        trace = trace_of_failure(house, request, case, reasoner, stamp.trace, failure, account)
        return Assessment(trace=trace, outcome=failure)
    as_fhir = kept_of(stamp, judgement.resources) if judgement.resources is not None else None
    trace = trace_of(house, request, case, reasoner, stamp.trace, judgement.result, judgement.account, as_fhir)
    return Assessment(trace=trace, outcome=judgement)


def _account_despite(failure: Exception, reasoner: Reasoner, case: Case) -> Json:
    """What became of every rule although no answer did: all of it when only the answer could not be written."""
    if isinstance(failure, EngineFailure | ExplanationFailure):
        return account_of_failure(failure, reasoner.switched_off)
    fired = reasoner.fire(case.record)
    return account_of(fired, conclude(fired, reasoner.thresholds, case.notices))


def _kept(house: House, assessment: Assessment) -> Judgement:
    """What was judged, once its trace is on disk. Until then the next request may be judged."""
    house.store.keep(assessment.trace)
    if isinstance(assessment.outcome, Exception):
        raise _problem_of(assessment.outcome)(assessment.trace.id) from assessment.outcome
    return assessment.outcome


def _understood(case: Case) -> Json:
    return understanding_of(case.record, case.reading.accounts if case.reading is not None else ())


def _problem_of(failure: Exception) -> type[RuleFailure] | type[AnswerFailure] | type[MalformedAnswer]:
    if isinstance(failure, Malformed):
        return MalformedAnswer
    return AnswerFailure if isinstance(failure, NotFhirR4) else RuleFailure


def judged(
    reasoner: Reasoner,
    case: Case,
    house: House,
    stamp: Stamp,
    client: Client = ANYBODY,
    *,
    as_fhir: bool = False,
    rulebook: str | None = None,
) -> Judgement:
    """Fire, conclude, write: the result for a case, its cards as the client can show them.

    Depends on nothing but its arguments. ``rulebook`` is the digest of the reasoner's, when it is not today's.
    """
    fired = reasoner.fire(case.record)
    conclusion = conclude(fired, reasoner.thresholds, case.notices)
    account = account_of(fired, conclusion)
    charted = case.record.without_request()
    is_the_same = "patient-view" not in case.hooks or charted == case.record
    as_charted = conclusion if is_the_same else conclude(reasoner.fire(charted), reasoner.thresholds, case.notices)
    material = Material(
        patient=case.patient,
        sources=case.sources,
        orders=case.record.orders,
        activities=house.terminology.activities,
    )
    cards = cards_for(case.hooks, conclusion, as_charted, house.card_options, material, stamp.trace)
    result = result_of(
        conclusion,
        shaped(cards, client),
        case.notices,
        patient=case.patient,
        trace=stamp.trace,
        rulebook=rulebook or house.revision(reasoner.thresholds).digest,
    )
    if not as_fhir:
        return Judgement(stamp=stamp, result=result, account=account)
    decision = Decision(
        stamp=stamp,
        result=result,
        conclusions=Conclusions(with_request=conclusion, as_charted=as_charted),
        hooks=case.hooks,
        inputs=case.inputs,
        templates=house.terminology.answers,
    )
    return Judgement(stamp=stamp, result=result, account=account, resources=resources_of(decision))
