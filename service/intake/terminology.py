"""The one place that knows what a code means: look-ups in the ConceptMaps and ValueSets of fhir_profiles.

The ActivityDefinitions and the templates of answers, whose codes are written and not read, are
loaded with them.

The resources decide, this module only prepares them: it names no standard code or code system. A
system is first brought to its usual name, a code to the spelling of its system (code_systems.py);
then the code, or the longest listed prefix of it, gives the targets. The display never decides. A
concept without any code goes by its text, when that is a listed phrase from beginning to end: "no
bone metastases" is not one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TypeGuard

from service import canonical
from service.intake.activity_definitions import activities
from service.intake.code_systems import MATCH_BY, URI_SYSTEM, Systems, systems_in
from service.intake.terminology_resources import (
    TerminologyError,
    concepts,
    extension,
    mapped_targets,
    named,
    objects,
    resources,
    text,
)
from service.record_json import Json
from service.suggestions.activities import Activities

__all__ = ["TEXT", "Coding", "Match", "Terminology", "TerminologyError", "is_in_words", "load"]

ANSWERS = ("Device", "GuidanceResponse", "RiskAssessment", "DetectedIssue", "RequestGroup", "Provenance")
ALIASES = "system-aliases"
TEXT = "urn:osteon:text"
"""The system of listed phrases, which are no codes and stand for what is said in words alone."""


@dataclass(frozen=True)
class Coding:
    """A coding as it was sent."""

    system: str
    code: str
    display: str = ""


Sent = tuple[str, str, str]
"""The system, code and display of a coding; only one that stands for something is worth a Coding."""


@dataclass(frozen=True)
class Match:
    """A target a coding stands for. ``mismatch``: its display is the known display of something else."""

    target: str
    coding: Coding
    mismatch: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Index:
    """One map or value set, ready for look-ups. No targets: known, and known to stand for nothing here."""

    exact: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    prefixes: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    lengths: dict[str, tuple[int, ...]] = field(default_factory=dict)
    displays: dict[str, frozenset[str]] = field(default_factory=dict)
    yields: dict[str, frozenset[str]] = field(default_factory=dict)
    systems: set[str] = field(default_factory=set)

    def add(self, system: str, code: str, targets: Iterable[str], by_prefix: bool, display: str, place: str) -> None:
        """Raises TerminologyError when the code already stands for something else."""
        table, found = (self.prefixes if by_prefix else self.exact), tuple(sorted(set(targets)))
        if table.setdefault((system, code), found) != found:
            raise TerminologyError(f"{place} maps code {code!r} of {system} to another target than an earlier entry.")
        if by_prefix:
            self.lengths[system] = tuple(sorted({*self.lengths.get(system, ()), len(code)}, reverse=True))
        if display:
            shown = display.strip().casefold()
            self.displays[shown] = self.displays.get(shown, frozenset()).union(found)

    def targets(self, system: str, code: str) -> tuple[str, ...]:
        found = self.exact.get((system, code))
        if found is not None:
            return found
        for length in self.lengths.get(system, ()):
            found = self.prefixes.get((system, code[:length]))
            if found is not None:
                return found
        return ()

    def matches(self, sent: Sent, targets: Sequence[str]) -> Iterator[Match]:
        coding = Coding(*sent)
        meant = self.displays.get(coding.display.strip().casefold()) if coding.display else None
        mismatch = meant is not None and meant.isdisjoint(targets)
        return (Match(target, coding, mismatch) for target in targets)


@dataclass(frozen=True)
class Terminology:
    """Every map and value set by the name of its file, what suggestions offer, and how answers are coded.

    ``answers`` are the fixed parts of the resources of an answer, by resource type. ``digest`` is
    the SHA-256 of all resources.
    """

    digest: str
    activities: Activities
    answers: Mapping[str, Json]
    _systems: Systems = field(repr=False)
    _maps: Mapping[str, _Index] = field(repr=False)
    _value_sets: Mapping[str, _Index] = field(repr=False)

    def concepts(self, map_name: str, codeable: object) -> tuple[Match, ...]:
        """What a CodeableConcept (or a single Coding) stands for in a map, each target once, by target.

        A coarse target yields to a finer one of the same concept. Raises KeyError for an unknown map.
        """
        index = self._maps[map_name]
        found: dict[str, Match] = {}
        for sent in _codings(codeable):
            if targets := _targets(index, self._systems, sent[0], sent[1]):
                for match in index.matches(sent, targets):
                    found.setdefault(match.target, match)
        if len(found) < 2:
            return tuple(found.values())
        return tuple(
            found[target] for target in sorted(found) if index.yields.get(target, frozenset()).isdisjoint(found)
        )

    def knows_a_system_of(self, map_name: str, codeable: object) -> bool:
        """Whether any coding is of a system our map has codes of: a hospital's own list, mapped in part, is none."""
        known = self._maps[map_name].systems
        return any(self._systems.usual(sent[0]) in known for sent in _codings(codeable))

    def shown_as(self, map_name: str, text: str) -> frozenset[str]:
        """The targets of the listed codes that are displayed as a text says; its case does not matter."""
        return self._maps[map_name].displays.get(text.strip().casefold(), frozenset())

    def contains(self, value_set: str, codeable: object) -> Match | None:
        """The first coding that is in a value set; its target is the listed code. KeyError if no such set."""
        index = self._value_sets[value_set]
        for sent in _codings(codeable):
            if targets := _targets(index, self._systems, sent[0], sent[1]):
                return next(index.matches(sent, targets))
        return None


@lru_cache(maxsize=32_768)
def _targets(index: _Index, systems: Systems, system: str, code: str) -> tuple[str, ...]:
    """What a code stands for, as it was sent. A hospital sends the same few hundred codes again and again."""
    usual = systems.usual(system)
    return index.targets(usual, systems.spelled(usual, code))


def load(folder: Path, extra: Path | None = None) -> Terminology:
    """The terminology of ``fhir_profiles``, with a hospital's own resources from ``extra``.

    A ConceptMap of ``extra`` extends the map with the same target system, an ActivityDefinition
    stands in the place of ours with the same url. Raises TerminologyError.
    """
    code_systems = resources(folder / "codesystems", "CodeSystem")
    maps = resources(folder / "conceptmaps", "ConceptMap")
    value_sets = resources(folder / "valuesets", "ValueSet")
    defined = resources(folder / "activitydefinitions", "ActivityDefinition")
    answers = resources(folder / "answers", *ANSWERS)
    extras = resources(extra, "ConceptMap", "ActivityDefinition") if extra is not None else {}
    additions = {place: one for place, one in extras.items() if one["resourceType"] == "ConceptMap"}
    redefined = {place: one for place, one in extras.items() if place not in additions}

    known = {text(resource, "url", place): concepts(resource, place) for place, resource in code_systems.items()}
    systems = systems_in({**named(maps, ALIASES), **additions})
    names: dict[str, str] = {}  # target system -> name of its map
    indexes: dict[str, _Index] = {}
    for place, resource in maps.items():
        name = Path(place).stem
        if name == ALIASES:
            continue
        indexes[name] = _Index()
        for target in dict.fromkeys(text(group, "target", at) for at, group in objects(resource, "group", place)):
            if names.setdefault(target, name) != name:
                raise TerminologyError(f"{place} has the target system {target}, which {names[target]} has already.")
            if target not in known:
                raise TerminologyError(f"{place} has the target system {target}, for which there is no CodeSystem.")
            for code, finer in known[target].items():
                indexes[name].add(target, code, (code,), False, "", place)
                indexes[name].yields[code] = finer
    for place, resource in (*maps.items(), *additions.items()):
        for at, group in objects(resource, "group", place):
            target = text(group, "target", at)
            if target == URI_SYSTEM:
                continue
            if target not in names:
                raise TerminologyError(f"{at} has the target system {target}, which no map of this service has.")
            _add_group(indexes[names[target]], group, at, systems, known[target])
            if place in maps:
                indexes[names[target]].systems.update((target, systems.usual(text(group, "source", at))))

    sets = {Path(place).stem: _value_set(resource, place, systems, known) for place, resource in value_sets.items()}
    ours = (code_systems, maps, value_sets, defined, answers)
    every = [resource for some in (*ours, extras) for resource in some.values()]
    digest = hashlib.sha256(b"\n".join(sorted(canonical.dumps(resource) for resource in every))).hexdigest()
    templates = {str(template["resourceType"]): template for template in answers.values()}
    return Terminology(digest, activities(defined, redefined), templates, systems, indexes, sets)


def _codings(codeable: object) -> list[Sent]:
    """Codings with a system and a code, the user's choice first, else by system and code; without a code the text."""
    if not isinstance(codeable, dict):
        return []
    if is_in_words(codeable):
        return [(TEXT, codeable["text"], "")]
    sent: object = codeable.get("coding", codeable)
    listed: list[object] = sent if isinstance(sent, list) else [sent]  # one coding is sometimes sent without its array
    if len(listed) == 1:
        alone = _coding(listed[0])
        return [] if alone is None else [alone]
    found = [
        (coding.get("userSelected") is not True, told)
        for coding in listed
        if isinstance(coding, dict) and (told := _coding(coding)) is not None
    ]
    return [coding for _, coding in sorted(found)]


def _coding(coding: object) -> Sent | None:
    if not isinstance(coding, dict):
        return None
    system, code, display = coding.get("system"), coding.get("code"), coding.get("display")
    if isinstance(system, str) and isinstance(code, str):
        return system, code, display if isinstance(display, str) else ""
    return None


def is_in_words(codeable: object) -> TypeGuard[Mapping[str, str]]:
    """Whether a concept has a text and no code at all."""
    if not isinstance(codeable, dict) or not isinstance(codeable.get("text"), str) or "code" in codeable:
        return False
    sent = codeable.get("coding")
    codings = sent if isinstance(sent, list) else [sent]
    return not any(isinstance(coding, dict) and "code" in coding for coding in codings)


def _add_group(
    index: _Index, group: Mapping[str, object], place: str, systems: Systems, known: Mapping[str, frozenset[str]]
) -> None:
    system = systems.usual(text(group, "source", place))
    for at, element in objects(group, "element", place):
        targets = mapped_targets(element, at)
        for target in targets:
            if target not in known:
                raise TerminologyError(f"{at} has the target {target!r}, which is not a code of the target system.")
        code, display = systems.spelled(system, text(element, "code", at)), element.get("display")
        by_prefix = extension(element, MATCH_BY) == "prefix"
        index.add(system, code, targets, by_prefix, display if isinstance(display, str) else "", at)


def _value_set(
    resource: Mapping[str, object], place: str, systems: Systems, known: Mapping[str, Iterable[str]]
) -> _Index:
    index, compose = _Index(), resource.get("compose")
    if not isinstance(compose, dict):
        raise TerminologyError(f"{place} has no compose.")
    for at, include in objects(compose, "include", f"{place} compose"):
        system = systems.usual(text(include, "system", at))
        if "concept" not in include and system in known:
            for code in known[system]:
                index.add(system, code, (code,), False, "", at)
            continue
        for here, concept in objects(include, "concept", at):
            code, display = text(concept, "code", here), concept.get("display")
            by_prefix, shown = extension(concept, MATCH_BY) == "prefix", display if isinstance(display, str) else ""
            index.add(system, systems.spelled(system, code), (code,), by_prefix, shown, here)
    return index
