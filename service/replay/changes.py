"""Which past decisions another rulebook would have decided otherwise: the report before it goes live.

Every decision is judged again from the facts that were read at the time, and compared with what was
answered. What the reading of FHIR, or another terminology, would change does not show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rulesets.facts import FACTS
from rulesets.rulebook import Revision
from rulesets.thresholds import ThresholdError
from service.assess import judged
from service.canonical import dumps, loads
from service.fhir_out.decision import Stamp
from service.house import House
from service.reasoning.engine import EngineFailure
from service.reasoning.explanation import ExplanationFailure
from service.record_json import Json
from service.remember import client_of
from service.replay.before_and_after import (
    KINDS,
    Card,
    CardKind,
    RuleKind,
    changes_of_cards,
    changes_of_rules,
    what_it_says,
)
from service.replay.decision import case_of
from service.replay.rulebooks import Candidate
from service.traces.database import StoreError
from service.traces.stored import StoredTrace

MOST_LISTED = 20
"""Decisions that are named for each change; the others are counted."""


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """How many decisions, and the ids of the first of them."""

    count: int = 0
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RuleChange:
    """How one rule changes; ``detail`` are the indicators before and after where that is what changes."""

    rule: str
    kind: RuleKind
    detail: str = ""
    decisions: Decisions


@dataclass(frozen=True, kw_only=True)
class GroupMove:
    """Decisions whose prognostic group moves."""

    before: str
    after: str
    decisions: Decisions


@dataclass(frozen=True, kw_only=True)
class CardChange:
    """Cards that come, go, or say the same in other words, by what they speak for and where they are shown."""

    kind: CardKind
    indicator: str
    rules: tuple[str, ...]
    hooks: tuple[str, ...]
    decisions: Decisions


@dataclass(frozen=True, kw_only=True)
class ChangeReport:
    """What became of the decisions looked at.

    ``looked_at`` is the sum of ``unchanged``, ``changed``, ``erased`` and ``not_replayable``. ``parts`` tell in
    how many decisions which part of the answer differs; every changed decision is counted there at least once.
    """

    candidate: Revision
    looked_at: int
    unchanged: int
    changed: Decisions
    erased: Decisions
    not_replayable: Mapping[str, Decisions]
    rules: tuple[RuleChange, ...]
    groups: tuple[GroupMove, ...]
    cards: tuple[CardChange, ...]
    parts: Mapping[str, Decisions]
    notes: tuple[str, ...]


class NotReplayable(Exception):
    """Why a decision could not be judged again, in words that are counted and hold nothing of the patient."""


def change_report(
    house: House, candidate: Candidate, decisions: Iterable[StoredTrace], *, most_listed: int = MOST_LISTED
) -> ChangeReport:
    """Judges every decision with the candidate. Memory does not grow with their number."""
    found = _Found(most_listed)
    for stored in decisions:
        found.looked_at += 1
        if stored.is_erased:
            found.erased.add(stored.id)
            continue
        try:
            body = _body_of(stored)
            again = _judged_with(house, candidate, stored.id, body)
        except NotReplayable as reason:
            found.at(found.not_replayable, str(reason)).add(stored.id)
            continue
        if stored.header.get("service_version", house.version) != house.version:
            found.of_other_versions += 1
        found.compare(stored.id, body["result"], again)
    return found.report(candidate)


def _body_of(stored: StoredTrace) -> Json:
    try:
        body = stored.body
    except StoreError:
        raise NotReplayable("its body is damaged") from None
    if body is None or "result" not in body:
        raise NotReplayable("no answer could be given at the time")
    return body


def _judged_with(house: House, candidate: Candidate, trace: str, body: Json) -> Json:
    """The result the candidate gives. Raises NotReplayable."""
    try:
        case, client = case_of(body), client_of(body["request"].get("client"))
    except (KeyError, TypeError, ValueError):
        raise NotReplayable("its body is in a form this version does not read") from None
    listed = [each for members in (case.record.lesions, case.record.drugs) for each in members or ()]
    for facts in (case.record.facts, *(each.facts for each in (*listed, *case.record.courses, *case.record.orders))):
        if not facts.keys() <= FACTS.keys():
            raise NotReplayable("it holds facts this version does not know")
    stamp = Stamp(trace=trace, at=house.now(), version=house.version, request="")
    try:
        reasoner = candidate.reasoner(house, case.config)
        judgement = judged(reasoner, case, house, stamp, client, rulebook=candidate.revision.digest)
    except ThresholdError:
        raise NotReplayable("it asked for a threshold the candidate cannot have") from None
    except (EngineFailure, ExplanationFailure):
        raise NotReplayable("the candidate failed on it") from None
    again: Any = loads(dumps(judgement.result))
    return dict(again)


# --- gathering ---------------------------------------------------------------------------------------


class _Ids:
    """Decisions being counted."""

    def __init__(self, most: int) -> None:
        self._most, self._count, self._ids = most, 0, list[str]()

    def add(self, id: str) -> None:
        self._count += 1
        if len(self._ids) < self._most:
            self._ids.append(id)

    @property
    def decisions(self) -> Decisions:
        return Decisions(count=self._count, ids=tuple(self._ids))


@dataclass
class _Found:
    """The report while decisions are looked at."""

    most: int
    looked_at: int = 0
    unchanged: int = 0
    of_other_versions: int = 0
    not_replayable: dict[str, _Ids] = field(default_factory=dict)
    rules: dict[tuple[str, RuleKind, str], _Ids] = field(default_factory=dict)
    groups: dict[tuple[str, str], _Ids] = field(default_factory=dict)
    cards: dict[tuple[CardKind, Card], _Ids] = field(default_factory=dict)
    parts: dict[str, _Ids] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.changed, self.erased = _Ids(self.most), _Ids(self.most)

    def at(self, where: dict[Any, _Ids], key: object) -> _Ids:
        return where.setdefault(key, _Ids(self.most))

    def compare(self, id: str, before: Json, after: Json) -> None:
        """Counts what is not the same."""
        before, after = what_it_says(before), what_it_says(after)
        parts = [part for part in sorted({*before, *after}) if dumps(before.get(part)) != dumps(after.get(part))]
        if not parts:
            self.unchanged += 1
            return
        self.changed.add(id)
        for part in parts:
            self.at(self.parts, part).add(id)
        for change in changes_of_rules(before["rules"], after["rules"]):
            self.at(self.rules, change).add(id)
        groups = before["prognosis"]["group"], after["prognosis"]["group"]
        if groups[0] != groups[1]:
            self.at(self.groups, groups).add(id)
        for card in changes_of_cards(before["cards"], after["cards"]):
            self.at(self.cards, card).add(id)

    def report(self, candidate: Candidate) -> ChangeReport:
        places = {rule.id: place for place, rule in enumerate(candidate.book.rules)}

        def in_order(change: tuple[str, RuleKind, str]) -> tuple[int, str, int, str]:
            rule, kind, detail = change
            return places.get(rule, len(places)), rule, KINDS.index(kind), detail

        notes = candidate.notes
        if self.of_other_versions:
            notes += (
                f"Of the decisions, {self.of_other_versions} were made by another version of the service: what its "
                "code changed counts as changed too.",
            )
        return ChangeReport(
            candidate=candidate.revision,
            looked_at=self.looked_at,
            unchanged=self.unchanged,
            changed=self.changed.decisions,
            erased=self.erased.decisions,
            not_replayable={reason: found.decisions for reason, found in sorted(self.not_replayable.items())},
            rules=tuple(
                RuleChange(rule=key[0], kind=key[1], detail=key[2], decisions=self.rules[key].decisions)
                for key in sorted(self.rules, key=in_order)
            ),
            groups=tuple(
                GroupMove(before=before, after=after, decisions=found.decisions)
                for (before, after), found in sorted(self.groups.items())
            ),
            cards=tuple(
                CardChange(kind=kind, indicator=card[0], rules=card[1], hooks=card[2], decisions=found.decisions)
                for (kind, card), found in sorted(self.cards.items())
            ),
            parts={part: found.decisions for part, found in sorted(self.parts.items())},
            notes=notes,
        )
