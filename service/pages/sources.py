"""Where pages have their numbers from: questions to the store, and the rules a decision was made with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rulesets.rulebook import Revision, definitions_as_data, rules_as_data, rules_content
from service.canonical import loads
from service.house import House
from service.record_json import Json
from service.traces import rulebooks
from service.traces.browsing import Asked, Month, Tally, activations, decisions, months_of, tally
from service.traces.rulebooks import Rulebook
from service.traces.stats import Tally as CardTally
from service.traces.stats import Window, stats
from service.traces.store import TraceStore
from service.traces.stored import Page, StoredHeader

__all__ = [
    "Asked",
    "Contents",
    "Month",
    "Page",
    "Shelf",
    "Tally",
    "answers_to",
    "decisions",
    "months_of",
    "tally",
]


@dataclass(frozen=True, kw_only=True)
class Contents:
    """A rulebook as data: rules, definitions and the values of its thresholds."""

    revision: Revision
    rules: Sequence[Mapping[str, Any]]
    definitions: Sequence[Mapping[str, Any]]
    thresholds: Mapping[str, Any]


class Shelf:
    """The rulebooks a page may open: the one in force, at hand as data, and those the store has kept."""

    def __init__(self, house: House) -> None:
        self._house = house

    @cached_property
    def in_force(self) -> Contents:
        """What this process decides with."""
        thresholds = self._house.reasoners.usual.thresholds
        return Contents(
            revision=self._house.revision(thresholds),
            rules=rules_as_data(thresholds),
            definitions=definitions_as_data(thresholds),
            thresholds=dict(thresholds.values),
        )

    def rules_of(self, digest: object) -> Sequence[Mapping[str, Any]]:
        """The rules a decision was made with, by their digest; none when they were never kept or were changed."""
        if digest == self.in_force.revision.rules:
            return self.in_force.rules
        return self._loaded(str(digest or "")).get("rules") or ()

    def rulebook(self, digest: str) -> Rulebook | None:
        """A rulebook by its digest; None for one that was never in force here or was changed since."""
        revision = self.in_force.revision
        if digest == revision.digest:
            thresholds = self._house.reasoners.usual.thresholds
            return Rulebook(revision=revision, rules=rules_content(), thresholds=thresholds.content)
        try:
            return rulebooks.rulebook(self._house.store, digest) if digest else None
        except ValueError:
            return None

    def put_in_force(self) -> tuple[StoredHeader, ...]:
        """When each rulebook came into force, newest first."""
        return activations(self._house.store)

    def _loaded(self, digest: str) -> Json:
        """Content of the store as JSON; empty when it is not there or not what its digest was taken over."""
        try:
            found = rulebooks.content(self._house.store, digest) if digest else None
        except ValueError:
            return {}
        document = loads(found) if found else {}
        return document if isinstance(document, dict) else {}


def answers_to(store: TraceStore, rule: str) -> CardTally:
    """What became of the cards of a rule that were shown at a hook."""
    return stats(store, Window(only={"rule": rule})).total
