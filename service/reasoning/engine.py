"""The rule engine: durable-rules, fed only what is proven safe, kept in this one room.

The engine knows two truth values and has sharp edges; both are handled here.

* Every condition becomes two patterns. The first demands each comparison; the second lets a comparison
  pass when its fact is absent. Both match: true. The second alone: unknown. None: false.
* One situation is judged at a time: a single flat fact is asserted under one fixed sid, what
  fires is noted, and the fact is retracted again. Nothing is joined, no state is ever deleted.
* Every pattern asks for ``situation``, because a pattern that an empty message satisfies matches
  the engine's own state and then fires for ever.
* A pattern holds fewer than 32 expressions, and a claim about a whole list cannot be negated in
  the engine; such parts are judged first and enter as a truth of their own (``lowering``).
* Only words of the vocabulary and numbers of the rulebook reach the engine, never what a chart says: it
  compares a string with a number without complaint (``engine_terms``).
* What it says depends on the situation alone. The answers given last are therefore remembered, and
  a situation is put to it again only after it has been forgotten (``layout``).
* The engine's C interface is called directly. The Python layer above it starts timer threads that do
  not survive a fork, swallows what an action raises, and costs several times the match itself.
* The engine is not thread-safe: one lock, and one engine per process, built after the fork.
"""

from __future__ import annotations

import itertools
import json
import threading
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import durable_rules_engine as engine_core

from rulesets.language import Truth
from rulesets.record import Member, Record
from rulesets.thresholds import Thresholds
from service.canonical import dumps
from service.reasoning.engine_terms import EngineFailure, Told, expression, joined, properties_of, property_named
from service.reasoning.layout import Judged, Layout, ListClaims, Pack, Scoped, facts_of, laid_out
from service.reasoning.situations import Situations

__all__ = ["Engine", "EngineFailure", "Situated", "Verdict"]

MOST_REMEMBERED = 20_000
"""Answers the engine gave last; they take some megabytes."""
Known = tuple[Told | None, ...]
"""What is known of some properties, in their order."""
ONE_SID = "1"
CERTAINLY, POSSIBLY = "certainly", "possibly"
NOBODY_LOOKS, ALREADY_SEEN = 1, 2
"""What the engine answers to a fact beside 0."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A rule or definition that is true, or unknown, for some elements. What is false has none.

    What was judged carries the numbers in force in the place of the thresholds it names. ``situation``
    is all that decides what is concluded, in the engine's terms; None when whole lists decide as well.
    """

    judged: Judged
    elements: tuple[Member, ...]
    truth: Truth
    situation: Known | None = None


@dataclass(frozen=True, kw_only=True)
class Situated:
    """How many situations were judged, and how many of them from memory."""

    judged: int
    remembered: int


class Engine:
    """Sections of rules compiled with one set of thresholds. Safe to share between threads."""

    def __init__(
        self,
        sections: Mapping[str, Sequence[Judged]],
        thresholds: Thresholds,
        *,
        most_remembered: int = MOST_REMEMBERED,
    ) -> None:
        """Compile every section; raises EngineFailure when the engine cannot hold a rule."""
        self.thresholds = thresholds
        self._lock = threading.Lock()
        self._core = _Core()
        self._answer = lru_cache(maxsize=most_remembered)(self._core.answer)
        self._sections = {name: self._section(name, judged) for name, judged in sections.items()}
        # The engine's memory is its own; it is given back with the last reference to this object.
        weakref.finalize(self, _delete, self._core.handles)

    def run(self, section: str, record: Record) -> tuple[Verdict, ...]:
        """Judge every rule of a section for every element its scope ranges over, in rulebook order."""
        return self.run_within(section, self.situations_of(section, record))

    def run_within(self, section: str, situations: Situations) -> tuple[Verdict, ...]:
        """Judge a section in the situations that are its own of a record."""
        with self._lock:
            if self._core.broken:
                raise EngineFailure(self._core.broken)
            return self._run(self._sections[section], situations)

    def situations_of(self, section: str, record: Record) -> Situations:
        """The situations a section is judged in."""
        return Situations(record, self._sections[section].layout.distinctions)

    def layout_of(self, section: str) -> Layout:
        """What is judged in a section, with the numbers in force, and what decides it."""
        return self._sections[section].layout

    @property
    def situations(self) -> Situated:
        """What became of the situations so far."""
        counted = self._answer.cache_info()
        return Situated(judged=counted.hits + counted.misses, remembered=counted.hits)

    def _section(self, name: str, judged: Sequence[Judged]) -> _Section:
        if len({each.id for each in judged}) != len(judged):
            raise EngineFailure(f"Two rules of {name} carry the same id.")
        layout = laid_out(judged, self.thresholds)

        def rulesets(packs: Sequence[Pack]) -> tuple[_Ruleset, ...]:
            return tuple(self._core.ruleset(name, pack) for pack in packs)

        return _Section(
            layout=layout,
            list_claims=tuple((claims, rulesets(claims.packs)) for claims in layout.list_claims),
            scopes=tuple((scoped, rulesets(scoped.packs)) for scoped in layout.scopes),
        )

    def _run(self, section: _Section, situations: Situations) -> tuple[Verdict, ...]:
        judged, decided_by = section.layout.judged, section.layout.decided_by
        folded = [self._fold(claims, rulesets, situations) for claims, rulesets in section.list_claims]
        verdicts: list[tuple[int, Verdict]] = []
        for scoped, rulesets in section.scopes:
            for elements, told in situations.over(scoped.scope):
                for place in scoped.list_claims:
                    outer = section.list_claims[place][0].outer
                    told.update(folded[place][situations.keys(outer, scoped.scope, elements)])
                for ruleset in rulesets:
                    answer = self._answer(ruleset, ruleset.known_in(told))
                    told.update(answer.parts)
                    for place, truth in answer.verdicts:
                        names = decided_by[place]
                        situation = None if names is None else tuple(map(told.get, names))
                        verdict = Verdict(judged=judged[place], elements=elements, truth=truth, situation=situation)
                        verdicts.append((place, verdict))
        verdicts.sort(key=lambda placed: placed[0])
        return tuple(verdict for _, verdict in verdicts)

    def _fold(
        self, claims: ListClaims, rulesets: Sequence[_Ruleset], situations: Situations
    ) -> dict[tuple[str, ...], dict[str, Told]]:
        """For each combination of outer elements, the claims that are true of some element of the list, or of none."""
        outer = [situations.keys(claims.outer, claims.outer, elements) for elements, _ in situations.over(claims.outer)]
        if situations.is_unknown(claims.element):
            return {keys: {} for keys in outer}
        of_none = dict.fromkeys(claims.parts, False)
        found: dict[tuple[str, ...], dict[str, Told]] = {keys: dict(of_none) for keys in outer}
        if situations.is_empty(claims.element):
            return found
        for elements, told in situations.over(claims.scope):
            known = found[situations.keys(claims.outer, claims.scope, elements)]
            for ruleset in rulesets:
                for place, truth in self._answer(ruleset, ruleset.known_in(told)).verdicts:
                    part = claims.parts[place]
                    if truth is Truth.TRUE:
                        known[part] = True
                    elif known.get(part) is False:
                        del known[part]  # open, unless another element makes it true
        return found


@dataclass(frozen=True, kw_only=True)
class _Section:
    """A layout, with the rulesets made of its packs."""

    layout: Layout
    list_claims: tuple[tuple[ListClaims, tuple[_Ruleset, ...]], ...]
    scopes: tuple[tuple[Scoped, tuple[_Ruleset, ...]], ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Ruleset:
    """What the engine holds under one name, and the properties its patterns read."""

    name: str
    handle: int
    pack: Pack
    properties: tuple[str, ...]

    def known_in(self, told: Mapping[str, Told]) -> Known:
        return tuple(map(told.get, self.properties))


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """What a ruleset comes to: what is true or unknown, by place, and the parts known to be true or false."""

    verdicts: tuple[tuple[int, Truth], ...]
    parts: Mapping[str, Told]


class _Core:
    """Rulesets inside the engine, and one situation after the other put to them."""

    def __init__(self) -> None:
        self.handles: list[int] = []
        self.broken = ""
        self._serial = itertools.count(1)

    def ruleset(self, section: str, pack: Pack) -> _Ruleset:
        """A ruleset with every step of a pack, compiled once or twice. Raises EngineFailure."""
        name = f"{section} {next(self._serial)}"
        definition: dict[str, object] = {}
        for number, packed in enumerate(pack):
            for certainly in (True, False) if packed.can_be_unknown else (True,):
                pattern = joined("$and", [{"situation": 1}, expression(packed.step.condition, certainly)])
                definition[f"{number} {CERTAINLY if certainly else POSSIBLY}"] = {"all": [{"m": pattern}]}
        try:
            handle = int(engine_core.create_ruleset(name, json.dumps(definition)))
        except Exception as refusal:
            raise EngineFailure(f"The engine cannot hold the rules of {name}: {refusal}") from None
        self.handles.append(handle)
        properties = properties_of(facts_of([packed.step for packed in pack]))
        return _Ruleset(name=name, handle=handle, pack=pack, properties=properties)

    def answer(self, ruleset: _Ruleset, known: Known) -> _Answer:
        """What a ruleset comes to in one situation; it depends on nothing else."""
        situation: dict[str, object] = {"situation": 1, "sid": ONE_SID}
        situation |= {name: value for name, value in zip(ruleset.properties, known, strict=True) if value is not None}
        for _ in range(2):
            situation["id"] = str(next(self._serial))
            fired = self._fired_by(ruleset, dumps(situation).decode())
            if fired is not None:
                break
        else:
            raise EngineFailure(f"The engine took a situation of {ruleset.name} for one it has already seen.")
        certain, possible = fired
        verdicts: list[tuple[int, Truth]] = []
        parts: dict[str, Told] = {}
        for number, packed in enumerate(ruleset.pack):
            if number in certain and packed.can_be_unknown and number not in possible:
                name = packed.step.name
                raise EngineFailure(f"The engine contradicts itself in {name}: certain, yet not possible.", name)
            truth = Truth.TRUE if number in certain else Truth.UNKNOWN if number in possible else Truth.FALSE
            if packed.place is None:
                if truth is not Truth.UNKNOWN:
                    parts[property_named(packed.step.name)] = truth is Truth.TRUE
            elif truth is not Truth.FALSE:
                verdicts.append((packed.place, truth))
        return _Answer(verdicts=tuple(verdicts), parts=parts)

    def _fired_by(self, ruleset: _Ruleset, situation: str) -> tuple[set[int], set[int]] | None:
        """The places of the steps that fire while a situation is known: certainly, and possibly.

        None when the engine, which tells facts apart by a 32-bit hash, believes it knows this one
        already. A rule may fire once for every branch of an "or" that holds; that is one firing.
        """
        certain: set[int] = set()
        possible: set[int] = set()
        try:
            outcome, state = engine_core.assert_fact(ruleset.handle, situation)
            if outcome == NOBODY_LOOKS:
                return certain, possible
            if outcome == ALREADY_SEEN:
                return None
            action = engine_core.start_action_for_state(ruleset.handle, state)
            message = action[1] if action else None
            while message:
                # {"12 certainly": {...}}: the name of the action is all there is to know
                place, _, mode = message.split('"', 2)[1].partition(" ")
                (certain if mode == CERTAINLY else possible).add(int(place))
                message = engine_core.complete_and_start_action(ruleset.handle, state)
            engine_core.retract_fact(ruleset.handle, situation)
        except Exception as refusal:
            # A fact left behind would answer for the next patient: nothing may be asked any more.
            self.broken = f"The engine stopped in {ruleset.name}: {type(refusal).__name__}."
            raise EngineFailure(self.broken) from None
        return certain, possible


def _delete(handles: list[int]) -> None:
    while handles:
        engine_core.delete_ruleset(handles.pop())
