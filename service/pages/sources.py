"""Where pages have their numbers from: questions to the store, and the rules a decision was made with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rulesets.rulebook import Revision, definitions_as_data, rules_as_data
from service.canonical import loads
from service.house import RULES_DIGEST, House
from service.record_json import Json
from service.traces import rulebooks
from service.traces.browsing import Asked, Month, Tally, activations, decisions, feedback_on, months_of, tally
from service.traces.stored import Page, StoredHeader

__all__ = [
    "Asked",
    "Contents",
    "Month",
    "Page",
    "Tally",
    "contents_of",
    "decisions",
    "feedback_on",
    "months_of",
    "put_in_force",
    "rules_in_force",
    "rules_of",
    "tally",
]


def rules_in_force(house: House) -> Sequence[Mapping[str, Any]]:
    """The rules of this release as data, their conditions in English with the thresholds in force."""
    return rules_as_data(house.reasoners.usual.thresholds)


def rules_of(house: House, digest: object) -> Sequence[Mapping[str, Any]]:
    """The rules a decision was made with, by their digest; none when they were never kept or were changed."""
    if digest == RULES_DIGEST:
        return rules_in_force(house)
    return _loaded(house, str(digest or "")).get("rules") or ()


@dataclass(frozen=True, kw_only=True)
class Contents:
    """A rulebook as data: rules, definitions and the values of its thresholds."""

    revision: Revision
    rules: Sequence[Mapping[str, Any]]
    definitions: Sequence[Mapping[str, Any]]
    thresholds: Mapping[str, Any]


def contents_of(house: House, digest: str) -> Contents | None:
    """A rulebook by its digest: the one in force, or one the store has kept; None for any other."""
    thresholds = house.reasoners.usual.thresholds
    current = house.revision(thresholds)
    if digest == current.digest:
        return Contents(
            revision=current,
            rules=rules_in_force(house),
            definitions=definitions_as_data(thresholds),
            thresholds=dict(thresholds.values),
        )
    revision = rulebooks.revision(house.store, digest)
    if revision is None:
        return None
    kept = _loaded(house, revision.rules)
    return Contents(
        revision=revision,
        rules=kept.get("rules") or (),
        definitions=kept.get("definitions") or (),
        thresholds=_loaded(house, revision.thresholds),
    )


def put_in_force(house: House) -> tuple[StoredHeader, ...]:
    """When each rulebook came into force, newest first."""
    return activations(house.store)


def _loaded(house: House, digest: str) -> Json:
    """Content of the store as JSON; empty when it is not there or not what its digest was taken over."""
    try:
        found = rulebooks.content(house.store, digest) if digest else None
    except ValueError:
        return {}
    document = loads(found) if found else {}
    return document if isinstance(document, dict) else {}
