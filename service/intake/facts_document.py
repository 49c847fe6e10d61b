"""A facts document: facts sent by name, for what-if questions, replay and tests.

    {"evaluationDate": "2026-11-01",
     "facts": {"mets.organ.bone": "present", "mets.bone_lesion_count": {"lo": 3, "hi": null},
               "patient.ecog": {"value": 2, "date": "2026-10-12"},
               "tumour.er_primary": {"conflict": ["positive", "negative"]}},
     "lesions": [...], "drugs": [...], "courses": [...], "orders": [...], "config": {...}}

What is left out, or ``null``, is unknown. Lesions and drugs left out are lists nobody has; ``[]``
is a list with nothing in it. Inside a list the prefix of a name may be left out.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from rulesets.facts import FACTS
from rulesets.language import Element, FactType, Interval, Value
from rulesets.record import Conflict, Fact, Member, Record, Source
from rulesets.rule import HOOKS, Hook
from service.intake.notices import Notice
from service.problems import InvalidFacts, Issue, NotFactsDocument

_LISTS: Mapping[str, tuple[Element, str]] = {
    "lesions": ("lesion", "lesion"),
    "drugs": ("drug", "drug"),
    "courses": ("course", "rt"),
    "orders": ("order", "order"),
}
"""The lists of a document: what an element of it is, and the prefix of its facts."""

_KEYS = ("evaluationDate", "facts", *_LISTS, "config", "patient", "hook", "hooks")


@dataclass(frozen=True, kw_only=True)
class FactsRequest:
    """What a facts document asks: a record, and perhaps hooks and thresholds of its own.

    ``hooks`` is None when the document names none. ``config`` is as sent: thresholds check it.
    """

    evaluation_date: date
    record: Record
    patient: str = ""
    hooks: tuple[Hook, ...] | None = None
    config: Mapping[str, object] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()


def read(document: object, evaluation_date: date | None = None) -> FactsRequest:
    """The request in a facts document; ``evaluation_date`` counts when the document has none.

    Raises NotFactsDocument when it is not one, InvalidFacts with every fault when it is.
    """
    if not isinstance(document, Mapping):
        raise NotFactsDocument()
    if "resourceType" in document:
        raise NotFactsDocument("This is a FHIR resource; send it as application/fhir+json.")
    return _Reader(document, evaluation_date).request()


class _Reader:
    """Reads one document and collects every fault in it before refusing it."""

    def __init__(self, document: Mapping[str, object], default_date: date | None) -> None:
        self.document = document
        self.faults: list[Issue] = []
        self.notices: list[Notice] = []
        self.conflicts: list[Conflict] = []
        self.evaluation_date = default_date or date.min
        self.date_is_known = default_date is not None

    def request(self) -> FactsRequest:
        for key in self.document:
            if key not in _KEYS:
                self._fault(f"A facts document has no {_told(key)}{_nearest(key, _KEYS)}.", _told(key))
        self._read_date()
        facts, flat = self._flat_facts()
        lists = {name: self._list(name, flat) for name in _LISTS}
        hooks = self._hooks()
        config, patient = self._sent("config", {}), self._sent("patient", "")
        if not isinstance(config, Mapping):
            self._fault("config must be an object of thresholds by their keys.", "config")
        if not isinstance(patient, str):
            self._fault("patient must be a text.", "patient")
        if self.faults:
            raise InvalidFacts(self.faults)
        assert isinstance(config, Mapping)
        record = Record(
            evaluation_date=self.evaluation_date,
            facts={name: facts[name] for name in sorted(facts)},
            lesions=lists["lesions"],
            drugs=lists["drugs"],
            courses=lists["courses"] or (),
            orders=lists["orders"] or (),
            conflicts=tuple(sorted(self.conflicts, key=lambda conflict: conflict.name)),
        )
        return FactsRequest(
            evaluation_date=self.evaluation_date,
            record=record,
            patient=str(patient),
            hooks=hooks,
            config=dict(config),
            notices=tuple(sorted(self.notices)),
        )

    # --- the parts of a document -----------------------------------------------------------------

    def _read_date(self) -> None:
        sent = self.document.get("evaluationDate")
        if sent is not None:
            day = _day(sent)
            if day is None:
                self._fault("evaluationDate must be a date such as 2026-11-01.", "evaluationDate")
            else:
                self.evaluation_date, self.date_is_known = day, True
        elif not self.date_is_known:
            self._fault("evaluationDate is needed: the date the facts are judged on.", "evaluationDate")

    def _sent(self, name: str, otherwise: object) -> object:
        """What was sent under a name; nothing, and null, are told apart from false and 0, which are no answer."""
        value = self.document.get(name)
        return otherwise if value is None else value

    def _hooks(self) -> tuple[Hook, ...] | None:
        sent = self.document.get("hooks", self.document.get("hook"))
        if sent is None:
            return None
        listed = [sent] if isinstance(sent, str) else sent
        if not isinstance(listed, list) or not listed or any(hook not in HOOKS for hook in listed):
            self._fault(f"hook must be one of {', '.join(HOOKS)}.", "hook")
            return None
        return tuple(hook for hook in HOOKS if hook in listed)

    def _flat_facts(self) -> tuple[dict[str, Fact], dict[str, dict[str, Fact]]]:
        """The facts of the patient, and those of the one course and the one order written flat."""
        sent = self.document.get("facts")
        if sent is None:
            sent = {}
        if not isinstance(sent, Mapping):
            self._fault("facts must be an object of facts by their names.", "facts")
            sent = {}
        facts: dict[str, Fact] = {}
        flat: dict[str, dict[str, Fact]] = {"courses": {}, "orders": {}}
        for name, value in sent.items():
            place = f"facts.{_told(name)}"
            fact_type = self._fact_type(name, place)
            if fact_type is None:
                continue
            owner = next((key for key, (element, _) in _LISTS.items() if element == fact_type.element), None)
            if owner in ("lesions", "drugs"):
                self._fault(f"{fact_type.name} belongs to an element of the list {owner}.", place)
            elif (fact := self._fact(fact_type, value, place)) is not None:
                (facts if owner is None else flat[owner])[fact.name] = fact
        return facts, flat

    def _list(self, key: str, flat: Mapping[str, Mapping[str, Fact]]) -> tuple[Member, ...] | None:
        sent = self.document.get(key)
        written_flat = flat.get(key)
        if written_flat:
            if sent is not None:
                self._fault(f"Give {key} as a list or a single one among the facts, not both.", key)
            if [(name, fact.value) for name, fact in written_flat.items()] == [("rt.planned", False)]:
                return ()  # nothing but that no radiotherapy is planned: there is no course
            return tuple(_requested(key, f"{key}/0", written_flat))
        if sent is None:
            return None
        if not isinstance(sent, list):
            self._fault(f"{key} must be an array.", key)
            return None
        members: list[Member] = []
        for position, element in enumerate(sent):
            place = f"{key}[{position}]"
            if not isinstance(element, Mapping):
                self._fault(f"An element of {key} must be an object.", place)
                continue
            members += _requested(key, f"{key}/{position}", dict(self._element(key, element, place)))
        return tuple(members)

    def _element(self, key: str, sent: Mapping[str, object], place: str) -> Iterator[tuple[str, Fact]]:
        element, prefix = _LISTS[key]
        for name, value in sent.items():
            there = f"{place}.{_told(name)}"
            known = name if isinstance(name, str) and name.startswith(f"{prefix}.") else f"{prefix}.{name}"
            fact_type = self._fact_type(known, there)
            if fact_type is None:
                continue
            if fact_type.element != element:
                self._fault(f"{fact_type.name} is not a fact of an element of {key}.", there)
            elif (fact := self._fact(fact_type, value, there)) is not None:
                yield fact.name, fact

    # --- one fact --------------------------------------------------------------------------------

    def _fact_type(self, name: object, place: str) -> FactType | None:
        fact_type = FACTS.get(name) if isinstance(name, str) else None
        if fact_type is None:
            self._fault(f"There is no fact called {_told(name)}{_nearest(name, tuple(FACTS))}.", place)
        elif fact_type.world == "derived":
            self._fault(f"{name} is computed, it cannot be sent.", place)
            return None
        return fact_type

    def _fact(self, fact_type: FactType, sent: object, place: str) -> Fact | None:
        day, when = None, ""
        if isinstance(sent, Mapping) and "value" in sent:
            extra = set(sent) - {"value", "date"}
            if extra:
                self._fault(f"{fact_type.name} may carry a value and a date, nothing else.", place)
            if sent.get("date") is not None:
                day = _day(sent["date"])
                if day is None:
                    self._fault(f"The date of {fact_type.name} must be a date such as 2026-11-01.", f"{place}.date")
                    return None
                when = day.isoformat()
                if self.date_is_known and day > self.evaluation_date:
                    text = "Its date is after the evaluation date; it was left out."
                    self.notices.append(Notice(code="future", text=text, reference="facts", element=fact_type.name))
                    return None
            sent = sent["value"]
        if sent is None:
            return None
        if isinstance(sent, Mapping) and set(sent) == {"conflict"}:
            self._conflict(fact_type, sent["conflict"], place)
            return None
        value = self._value(fact_type, sent, place)
        if value is None:
            return None
        source = Source(reference="facts", element=fact_type.name, date=when, value=_lexical(value))
        return Fact(name=fact_type.name, value=value, date=day, sources=(source,))

    def _conflict(self, fact_type: FactType, sent: object, place: str) -> None:
        if not isinstance(sent, list) or len(sent) < 2:
            self._fault(f"A conflict about {fact_type.name} lists two values or more.", place)
            return
        values = [self._value(fact_type, value, f"{place}.conflict[{at}]") for at, value in enumerate(sent)]
        kept = sorted({value for value in values if value is not None}, key=_lexical)
        if fact_type.element is not None:
            text = "Two sources disagree on it, so it is unknown."
            self.notices.append(Notice(code="conflict", text=text, reference="facts", element=place))
            return
        sources = tuple(Source(reference="facts", element=fact_type.name, value=_lexical(value)) for value in kept)
        self.conflicts.append(Conflict(name=fact_type.name, values=tuple(kept), sources=sources))

    def _value(self, fact_type: FactType, sent: object, place: str) -> Value | None:
        """The value as the fact wants it; None when it is wrong, which is then a fault, or says nothing."""
        value = _plain(sent)
        if value is None:
            problem = fact_type.problem_with(())
            self._fault(problem or f"{fact_type.name} has a value of a form no fact has.", place)
            return None
        if isinstance(value, Interval) and value == Interval() and fact_type.type == "interval":
            return None
        problem = fact_type.problem_with(value)
        if problem:
            self._fault(problem, place)
            return None
        if isinstance(value, float) and getattr(fact_type, "whole", False):
            return int(value)
        return value

    def _fault(self, sentence: str, place: str) -> None:
        self.faults.append(Issue(code=InvalidFacts.code, sentence=sentence, expression=place))


def _requested(key: str, name: str, facts: Mapping[str, Fact]) -> Iterator[Member]:
    """The member of a list, with what the request itself orders marked as such."""
    held = dict(facts)
    prefix = _LISTS[key][1]
    if key == "orders":
        if (kind := held.get("order.kind")) is not None and kind.value == "none":
            return
        in_request = True
    else:
        planned = held.get("rt.planned")
        if key == "courses" and planned is not None and planned.value is True and "rt.status" not in held:
            held["rt.status"] = Fact(name="rt.status", value="draft", sources=planned.sources)
        status = held.get(f"{prefix}.status")
        in_request = status is not None and status.value == "draft" and key != "lesions"
    yield Member(key=name, facts={name: held[name] for name in sorted(held)}, in_request=in_request)


def _plain(sent: object) -> Value | None:
    """A JSON value as the value of a fact, or None when it has no such form."""
    if isinstance(sent, bool | str | int):
        return sent
    if isinstance(sent, Decimal | float):
        number = float(sent)
        return number if abs(number) < float("inf") else None
    if isinstance(sent, list) and all(isinstance(item, str) for item in sent):
        return tuple(sent)
    if isinstance(sent, Mapping) and sent and set(sent) <= {"lo", "hi"}:
        ends = {side: _plain(sent.get(side)) for side in ("lo", "hi")}
        if any(sent.get(side) is not None and not _is_number(end) for side, end in ends.items()):
            return None
        lo, hi = (end if _is_number(end) else None for end in (ends["lo"], ends["hi"]))
        assert not isinstance(lo, str | tuple | Interval) and not isinstance(hi, str | tuple | Interval)
        lo, hi = (_whole(end) for end in (lo, hi))
        return lo if lo is not None and lo == hi else Interval(lo=lo, hi=hi)
    return None


def _whole(number: int | float | None) -> int | float | None:
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _day(sent: object) -> date | None:
    if not isinstance(sent, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", sent):
        return None
    try:
        return date.fromisoformat(sent)
    except ValueError:
        return None


def _lexical(value: Value) -> str:
    if isinstance(value, Interval):
        return f"{'' if value.lo is None else value.lo}..{'' if value.hi is None else value.hi}"
    return (
        ", ".join(value) if isinstance(value, tuple) else str(value).lower() if isinstance(value, bool) else str(value)
    )


def _told(name: object) -> str:
    """A name that may be repeated in an answer: one that looks like the name of a fact."""
    return name if isinstance(name, str) and re.fullmatch(r"[A-Za-z_.0-9]{1,60}", name) else "(unreadable name)"


def _nearest(name: object, names: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6) if isinstance(name, str) else []
    return f"; did you mean {close[0]}" if close else ""
