"""What can go wrong: one class each, with a sentence, an HTTP status and a FHIR issue code.

A sentence says what is wrong and what would be right. It may name a place and never quotes what
was sent there, for that may be about a patient.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class Issue:
    """One fault: a FHIR issue-type code, a sentence and the FHIR path of the place."""

    code: str
    sentence: str
    expression: str = ""


class Problem(Exception):
    """Something that ends a request; ``issues`` lists every fault that was found."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "exception"
    says: ClassVar[str] = "Something went wrong inside; the fault is recorded."
    retry_after_seconds: ClassVar[int | None] = None

    def __init__(self, sentence: str = "", expression: str = "") -> None:
        self.sentence = sentence or self.says
        self.expression = expression
        super().__init__(self.sentence)

    @property
    def issues(self) -> tuple[Issue, ...]:
        return (Issue(code=self.code, sentence=self.sentence, expression=self.expression),)


# --- what was sent ---------------------------------------------------------------------------


class NotJson(Problem):
    status, code = 400, "invalid"
    says = "The body is not JSON; send one JSON document in UTF-8."


class NotFhir(Problem):
    status, code = 422, "structure"
    says = "This is not FHIR: a resource is a JSON object that names its resourceType."


class NoPatient(Problem):
    status, code = 422, "required"
    says = "There is no patient: send a Patient resource, or resources whose subject refers to one."


class OtherFhirVersion(Problem):
    status, code = 422, "structure"
    says = "This is another version of FHIR; send FHIR R4 (4.0)."


class TooLarge(Problem):
    status, code = 413, "too-long"
    says = "The body is larger than this service accepts; send less at a time."


class TooDeep(Problem):
    status, code = 422, "too-long"
    says = "The document is nested deeper than this service accepts."


class TooMany(Problem):
    status, code = 422, "too-costly"
    says = "There are more entries or patients than this service accepts at once; send fewer at a time."


class NotFactsDocument(Problem):
    status, code = 422, "structure"
    says = "This is not a facts document: it is a JSON object with evaluationDate and facts."


class InvalidRequest(Problem):
    status, code = 400, "invalid"
    says = "A parameter of the request is not one this service knows, or its value is not allowed."


class ManyFaults(Problem):
    """Several faults told at once; the sentence of the whole is the first one's."""

    def __init__(self, issues: Iterable[Issue]) -> None:
        self._issues = tuple(issues)
        first = self._issues[0] if self._issues else Issue(code=self.code, sentence=self.says)
        super().__init__(first.sentence, first.expression)

    @property
    def issues(self) -> tuple[Issue, ...]:
        return self._issues or super().issues


class InvalidResources(ManyFaults):
    status, code = 422, "invalid"
    says = "A resource is not valid FHIR R4, and this request asked to be strict."


class InvalidFacts(ManyFaults):
    status, code = 422, "value"
    says = "A facts document names a fact that does not exist, or gives one a value it cannot have."


class BodyIncomplete(Problem):
    status, code = 400, "incomplete"
    says = "The body ended before it was whole, or its framing is wrong; nothing was read."


class BodyTooSlow(Problem):
    status, code = 408, "timeout"
    says = "The body did not arrive in time; nothing was read."


class EncodingUnknown(Problem):
    status, code = 415, "not-supported"
    says = "A body is sent as it is, or with Content-Encoding: gzip, in UTF-8."


class PatientMismatch(Problem):
    status, code = 422, "conflict"
    says = "A resource is not about the patient that context.patientId names; nothing was assessed."


class PrefetchMissing(Problem):
    status, code = 412, "required"
    says = "A prefetch this service needs is missing; discovery lists the templates."


# --- what was asked for ------------------------------------------------------------------------


class UnknownHook(Problem):
    status, code = 422, "not-supported"
    says = "There is no such hook here; it is one of patient-view, order-select, order-sign."


class UnknownService(Problem):
    status, code = 404, "not-found"
    says = "There is no CDS service of this id; GET /cds-services lists them."


class NotFound(Problem):
    status, code = 404, "not-found"
    says = "There is nothing at this address."


class MethodNotAllowed(Problem):
    status, code = 405, "not-supported"
    says = "This address does not answer to that HTTP method."


class MediaTypeUnknown(Problem):
    status, code = 415, "not-supported"
    says = "Send application/fhir+json, application/json or application/vnd.osteon.facts+json."


class NotAcceptable(Problem):
    status, code = 406, "not-supported"
    says = "This service answers in JSON only; accept application/json or application/fhir+json."


class NotAllowed(Problem):
    status, code = 401, "login"
    says = "This request is not authorised; send a valid bearer token."


class ScopeMissing(Problem):
    status, code = 403, "forbidden"
    says = "This needs a scope which the credential of the request does not have."


class CrossSite(Problem):
    status, code = 403, "forbidden"
    says = "A page of another origin may not do this; send a bearer token, or ask from a page of this service."


class OnHold(Problem):
    status, code = 409, "conflict"
    says = "Some of this is on legal hold; it may be erased when the hold is released."


class TooManyRequests(Problem):
    status, code = 429, "throttled"
    says = "Too many requests at once; try again shortly."
    retry_after_seconds = 5


# --- what failed inside ------------------------------------------------------------------------


class StoreUnavailable(Problem):
    status, code = 503, "transient"
    says = "The store of traces does not answer; try again shortly."
    retry_after_seconds = 5


class TimedOut(Problem):
    status, code = 504, "timeout"
    says = "The assessment took longer than this service allows; send fewer resources."


class RuleFailure(Problem):
    status, code = 500, "exception"
    says = "A rule failed while it was judged; no answer is better than half of one."

    def __init__(self, trace: str) -> None:
        super().__init__()
        self.trace = trace


class AnswerFailure(Problem):
    status, code = 500, "exception"
    says = "The answer would not have been valid FHIR, so it was not given; the JSON form does not depend on it."

    def __init__(self, trace: str) -> None:
        super().__init__()
        self.trace = trace


class MalformedAnswer(Problem):
    status, code = 500, "exception"
    says = "The answer would not have been valid CDS Hooks; none is better than a malformed one."

    def __init__(self, trace: str = "") -> None:
        super().__init__()
        self.trace = trace


def operation_outcome(problem: Problem, trace_id: str = "") -> dict[str, object]:
    """A FHIR OperationOutcome: one issue per fault; ``trace_id`` becomes its id."""
    outcome: dict[str, object] = {"resourceType": "OperationOutcome"}
    if trace_id:
        outcome["id"] = trace_id
    outcome["issue"] = [_issue(issue) for issue in problem.issues]
    return outcome


def _issue(issue: Issue) -> dict[str, object]:
    told: dict[str, object] = {"severity": "error", "code": issue.code, "diagnostics": issue.sentence}
    if issue.expression:
        told["expression"] = [issue.expression]
    return told
