"""The prefetch of a hook's request: what was sent of each key, what is still to be read, what came of it. Pure.

Five states are told apart, for they mean five things: a key that is *present*; one known to be *empty*
(``null``, or a search that found nothing); one that *failed* at the client, which is never asked for
again; one that is *absent*; and one of which only a page came, which is *incomplete*. The last two are
read from the FHIR server of the request, if it is one this service may ask. Nothing that could not be
had is ever taken for nothing there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

from rulesets.words import listed
from service.intake.entries import Part
from service.intake.notices import Notice
from service.prefetch.address import base_of
from service.prefetch.keys import NOT_OFFERED, PATIENT_ID, PREFETCH, REASONS
from service.prefetch.searchset import (
    NOTHING_FOUND,
    Document,
    count,
    entries,
    found_nothing,
    is_cut,
    is_problem,
    kind_of,
    next_link,
    says_not_supported,
)
from service.problems import PrefetchMissing

State = Literal["present", "empty", "failed", "absent", "incomplete"]

_DURATIONS = (50, 100, 200, 400, 1000)


# --- what is to be read ------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Access:
    """The FHIR server of a request, and its access token, which is shown nowhere and kept nowhere."""

    server: str
    token: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class Read:
    """One key to be read: ``address`` is a path below the base of the server, or a next link as it was sent."""

    key: str
    kind: str
    is_search: bool
    address: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came of a read: the pages that were had, and a word of REASONS when they are not all there is.

    ``digest`` is the SHA-256 of the bodies one after the other.
    """

    pages: tuple[Document, ...] = ()
    reason: str = ""
    seconds: float = 0
    digest: str = ""


Reads = Callable[[Access, Sequence[Read]], Mapping[str, Answer]]
"""Reads from a FHIR server; it answers every read, in time, and never raises."""


def reads_nothing(_: Access, reads: Sequence[Read]) -> Mapping[str, Answer]:
    """What reads in a house that may ask no FHIR server."""
    return {read.key: Answer(reason="server-not-allowed") for read in reads}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What was sent of each key, and what is to be read; ``why_not`` says why nothing can be.

    ``resources`` counts what the request holds already, draft orders included.
    """

    sent: Mapping[str, Any]
    states: Mapping[str, State]
    resources: int
    reads: tuple[Read, ...] = ()
    why_not: str = ""


def plan(document: Document, access: Access | None, servers: Iterable[str]) -> Plan:
    """What a request whose shape the door has checked still needs. ``servers`` may be asked, and no other."""
    sent, context = document.get("prefetch") or {}, document["context"]
    states = {key: _state(sent, key) for key in PREFETCH}
    patient = str(context["patientId"]).removeprefix("Patient/")
    why_not = _why_not(access, servers)
    wanted = (key for key, state in states.items() if state in ("absent", "incomplete"))
    return Plan(
        sent=sent,
        states=states,
        resources=sum(count(value) for value in sent.values()) + count(context.get("draftOrders")),
        reads=() if why_not else tuple(_read(key, sent.get(key), patient) for key in wanted),
        why_not=why_not,
    )


def _why_not(access: Access | None, servers: Iterable[str]) -> str:
    if access is None:
        return "no-server"
    base = base_of(access.server)
    return "" if base and base in servers else "server-not-allowed"


def _read(key: str, sent: Document | None, patient: str) -> Read:
    wanted = PREFETCH[key]
    address = "" if sent is None else next_link(sent)
    return Read(
        key=key,
        kind=wanted.kind,
        is_search=wanted.is_search,
        address=address or wanted.template.replace(PATIENT_ID, quote(patient, safe="")),
    )


def _state(sent: Mapping[str, Any], key: str) -> State:
    if key not in sent:
        # The patient is as good under another key, for nobody else may be in the request.
        elsewhere = not PREFETCH[key].is_search and any(kind_of(one) == PREFETCH[key].kind for one in sent.values())
        return "present" if elsewhere else "absent"
    value = sent[key]
    if value is None or found_nothing(value):
        return "empty"
    if is_problem(value):
        return "failed"
    return "incomplete" if is_cut(value) else "present"


# --- what came of it ---------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one key: ``state`` as it was sent, and where what there is of it came from.

    ``reason`` is a word of REASONS when something is missing; ``duration`` a class of the time a read took.
    """

    key: str
    state: State
    source: Literal["prefetch", "fetched", "none"] = "none"
    count: int = 0
    reason: str = ""
    duration: str = ""
    digest: str = ""

    @property
    def is_partial(self) -> bool:
        return bool(self.reason) and self.count > 0

    @property
    def gap(self) -> str:
        """``unread`` when it may hold what is missing, ``not-offered`` when nobody sends or keeps it.

        ``older-unread`` is the rest of a list that begins with the newest; empty when nothing is missing.
        """
        if not self.reason:
            return ""
        if self.is_partial:
            return "older-unread" if PREFETCH[self.key].newest_first else "unread"
        return "not-offered" if self.state != "incomplete" and self.reason in NOT_OFFERED else "unread"

    def as_json(self) -> dict[str, object]:
        told = {"key": self.key, "state": self.state, "source": self.source, "count": self.count}
        more = {"reason": self.reason, "duration": self.duration, "digest": self.digest}
        return {**told, **{name: value for name, value in more.items() if value}}


@dataclass(frozen=True, kw_only=True)
class Prefetch:
    """All there is of the prefetch keys, sent and read, and what became of each."""

    parts: tuple[Part, ...] = ()
    outcomes: tuple[Outcome, ...] = ()

    @property
    def incomplete(self) -> frozenset[str]:
        """The lists of the record that may hold more than could be read."""
        lists = (PREFETCH[outcome.key].part_of for outcome in self.outcomes if outcome.gap == "unread")
        return frozenset(name for name in lists if name is not None)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What is missing and why, in sentences: one for all the keys that share a reason."""
        alike: dict[tuple[str, bool, str], list[str]] = {}
        for outcome in self.outcomes:
            if outcome.gap:
                alike.setdefault((outcome.gap, outcome.is_partial, outcome.reason), []).append(outcome.key)
        return tuple(
            Notice(
                code=gap, text=_sentence(keys, gap, reason, is_partial), reference="prefetch", element=", ".join(keys)
            )
            for (gap, is_partial, reason), keys in alike.items()
        )


def settled(plan: Plan, answers: Mapping[str, Answer], *, max_entries: int) -> Prefetch:
    """What was sent together with what was read. Raises PrefetchMissing when a required key is wanting."""
    parts = [_sent_part(key, plan) for key in sorted(plan.sent) if plan.states.get(key) != "failed"]
    room, outcomes = max_entries - plan.resources, []
    for key, state in plan.states.items():
        here = count(plan.sent.get(key))
        if state in ("present", "empty"):
            outcomes.append(Outcome(key=key, state=state, source="prefetch", count=here))
            continue
        answer = _answer(key, plan, answers)
        if sum(count(page) for page in answer.pages) > room:
            answer = Answer(reason="too-large", seconds=answer.seconds)
        outcome = _outcome(key, state, here, answer)
        room -= outcome.count - here
        if outcome.reason and PREFETCH[key].required:
            raise _missing(outcome)
        if answer.pages:
            parts.append(_read_part(outcome, answer.pages))
        outcomes.append(outcome)
    return Prefetch(parts=tuple(parts), outcomes=tuple(outcomes))


def _answer(key: str, plan: Plan, answers: Mapping[str, Answer]) -> Answer:
    if plan.states[key] == "failed":
        return Answer(reason="not-found" if says_not_supported(plan.sent[key]) else "client-failed")
    return answers.get(key) or Answer(reason=plan.why_not or "fault")


def _outcome(key: str, state: State, here: int, answer: Answer) -> Outcome:
    return Outcome(
        key=key,
        state=state,
        source="fetched" if answer.pages else "prefetch" if here else "none",
        count=here + sum(count(page) for page in answer.pages),
        reason=answer.reason,
        duration=_duration(answer.seconds) if answer.seconds else "",
        digest=answer.digest,
    )


def _duration(seconds: float) -> str:
    most = next((limit for limit in _DURATIONS if seconds * 1000 < limit), None)
    return f"under {most} ms" if most else f"{_DURATIONS[-1]} ms or more"


def _sent_part(key: str, plan: Plan) -> Part:
    value, state, place = plan.sent[key], plan.states.get(key), f"prefetch.{key}"
    if value is None or state == "empty":
        none = PREFETCH[key].none_means_none if key in PREFETCH else frozenset[str]()
        return Part(document=NOTHING_FOUND, place=place, kinds=none)
    if state == "incomplete":  # that there is more is told of the key, with the reason it could not be read
        value = {name: element for name, element in value.items() if name != "link"}
    return Part(document=value, place=place)


def _read_part(outcome: Outcome, pages: Sequence[Document]) -> Part:
    wanted, place = PREFETCH[outcome.key], f"fetched.{outcome.key}"
    if not wanted.is_search:
        return Part(document=pages[0], place=place)
    if not outcome.count and not outcome.reason:
        return Part(document=NOTHING_FOUND, place=place, kinds=wanted.none_means_none)
    return Part(document={**NOTHING_FOUND, "entry": [entry for page in pages for entry in entries(page)]}, place=place)


# --- in words ----------------------------------------------------------------------------------


def _missing(outcome: Outcome) -> PrefetchMissing:
    wanted = PREFETCH[outcome.key]
    how = "came as an OperationOutcome" if outcome.state == "failed" else "is absent"
    sentence = f"The prefetch key {outcome.key} ({wanted.template}) is required. It {how}: {REASONS[outcome.reason]}."
    return PrefetchMissing(sentence, f"prefetch.{outcome.key}")


def _sentence(keys: Sequence[str], gap: str, reason: str, is_partial: bool) -> str:
    """``The list of medications ordered could not be read: the FHIR server did not answer in time.``"""
    several, words = len(keys) > 1, listed([PREFETCH[key].words for key in keys])
    the_list = f"{'lists' if several else 'list'} of {words}"
    if is_partial:
        told = f"Only a part of the {the_list} could be read"
    elif gap == "not-offered":
        told = f"The {the_list} {'were' if several else 'was'} not sent"
    else:
        told = f"The {the_list} could not be read"
    return f"{told}: {REASONS[reason]}."
