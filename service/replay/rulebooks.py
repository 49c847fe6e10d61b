"""Rulebooks that are not today's, made to run: found by digest in the store, or read from a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256

from rulesets.book import Rulebook
from rulesets.language import LanguageError
from rulesets.rulebook import RULEBOOK, Revision, rules_content
from rulesets.thresholds import THRESHOLDS, Setting, Thresholds, effective
from service.fire import Reasoner
from service.house import House
from service.record_json import Json
from service.replay.rebuilt import rulebook_from
from service.traces import rulebooks as kept

BY_CODE = {"drugs": "the drug map", "tables": "the tables of exams and regimens"}
"""Parts of the content that code of this release stands for, however they were then."""


class RulebookMissing(Exception):
    """A rulebook that cannot be had or cannot be run; its sentence says what is lacking."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A rulebook to judge old decisions with, and the thresholds a site would set with it.

    ``notes`` say what of it could not be had as it was, in sentences.
    """

    revision: Revision
    book: Rulebook
    thresholds: Thresholds
    notes: tuple[str, ...] = ()

    def reasoner(self, house: House, config: Mapping[str, object]) -> Reasoner:
        """It compiled, with the further thresholds of one request. Raises ThresholdError or EngineFailure."""
        thresholds = effective({**self.thresholds.values, **config})
        return house.reasoners.of(self.revision.rules, thresholds, lambda: self.book)


def candidate(house: House, rulebook: kept.Rulebook | None, overrides: Mapping[str, object] | None) -> Candidate:
    """A rulebook, or today's, with its own thresholds, or others in their place.

    Raises RulebookMissing when this release cannot run it, ThresholdError for thresholds that cannot be.
    """
    notes: tuple[str, ...] = ()
    book, thresholds = RULEBOOK, house.reasoners.usual.thresholds
    revision = house.revision(thresholds)
    if rulebook is not None:
        if rulebook.revision.rules != revision.rules:
            book, notes = _rebuilt(rulebook.rules)
        thresholds, more = _of_today(json.loads(rulebook.thresholds))
        thresholds, notes = effective(thresholds.values), notes + more
        revision = replace(revision, rules=rulebook.revision.rules)
    if overrides is not None:
        thresholds = effective(overrides)
    revision = replace(revision, thresholds=thresholds.digest)
    return Candidate(revision=revision, book=book, thresholds=thresholds, notes=notes)


def reasoner_of(house: House, digest: str, values: Mapping[str, Setting]) -> tuple[Reasoner, tuple[str, ...]]:
    """The rulebook of a decision by its digest, with the thresholds that stand in its body; and what is told of it.

    Raises RulebookMissing or EngineFailure.
    """
    thresholds = Thresholds(values)
    rules, terminology = _rules_and_terminology(house, digest, thresholds)
    notes: tuple[str, ...] = ()
    if terminology != house.terminology.digest:
        notes = ("The terminology was another: facts count as they were read, suggestions are coded as today.",)
    thresholds, more = _of_today(values)
    notes += more
    if rules == house.revision(thresholds).rules:
        return house.reasoners.of(rules, thresholds, lambda: RULEBOOK), notes
    try:
        content = kept.content(house.store, rules)
    except ValueError:
        raise RulebookMissing("The rules kept under this digest were changed since; they cannot be believed.") from None
    if content is None:
        raise RulebookMissing("The rules of this digest are not kept here.")
    book, more = _rebuilt(content)
    return house.reasoners.of(rules, thresholds, lambda: book), notes + more


def _rules_and_terminology(house: House, digest: str, thresholds: Thresholds) -> tuple[str, str]:
    """Which rules and terminology make this digest together with these thresholds."""
    today = house.revision(thresholds)
    if today.digest == digest:
        return today.rules, today.terminology
    for rules, terminology in kept.rules_in_force(house.store):
        if Revision(rules=rules, thresholds=thresholds.digest, terminology=terminology).digest == digest:
            return rules, terminology
    raise RulebookMissing(
        "No rules that were in force here make this rulebook with the thresholds of the decision: either they were "
        "in force elsewhere, or the thresholds were changed."
    )


def _of_today(values: Mapping[str, Setting]) -> tuple[Thresholds, tuple[str, ...]]:
    """The values as this release asks for them: what it has newly at its default, what it no longer has left out."""
    added, gone = sorted(THRESHOLDS.keys() - values), sorted(values.keys() - THRESHOLDS)
    notes = []
    if added:
        notes.append(f"It did not know these thresholds, which are at their defaults: {', '.join(added)}.")
    if gone:
        notes.append(f"This release does not know these thresholds of it: {', '.join(gone)}.")
    known = {key: values.get(key, threshold.default) for key, threshold in THRESHOLDS.items()}
    return Thresholds(known), tuple(notes)


@lru_cache(maxsize=4)
def _rebuilt(content: bytes) -> tuple[Rulebook, tuple[str, ...]]:
    """The rulebook of a content, and what of it code stands for. Raises RulebookMissing."""
    try:
        book = rulebook_from(content)
    except LanguageError as lacking:
        raise RulebookMissing(str(lacking)) from None
    said, today = json.loads(content), json.loads(rules_content())
    others = [name for part, name in BY_CODE.items() if said.get(part) != today[part]]
    return book, (
        f"The rules are those with the digest {sha256(content).hexdigest()}; what is code, the derivations and the "
        "lines of cards, is that of this version.",
        *([f"Not those of the rulebook, but of this version: {' and '.join(others)}."] if others else []),
    )


# --- in a file ---------------------------------------------------------------------------------


def exported(rulebook: kept.Rulebook) -> Json:
    """A rulebook as a JSON document that ``imported`` reads."""
    return {
        "rulebook": rulebook.revision.digest,
        "digests": dict(vars(rulebook.revision)),
        "thresholds": json.loads(rulebook.thresholds),
        "content": json.loads(rulebook.rules),
    }


def imported(document: object, terminology: str) -> kept.Rulebook:
    """The rulebook of a document. Without ``digests`` it is a new one; with them, it must be what they were taken over.

    Raises RulebookMissing.
    """
    if not isinstance(document, dict) or not isinstance(document.get("content"), dict):
        raise RulebookMissing("The file is no rulebook; `osteon rulebook export` writes one.")
    values = document.get("thresholds", dict(effective().values))
    if not isinstance(values, dict) or not all(isinstance(each, bool | str | int | float) for each in values.values()):
        raise RulebookMissing("The thresholds of the file must be an object of values by name.")
    rules = json.dumps(document["content"], sort_keys=True, ensure_ascii=True).encode()
    thresholds = Thresholds(values)
    told = document.get("digests")
    if isinstance(told, dict) and isinstance(told.get("terminology"), str):
        terminology = told["terminology"]
    revision = Revision(rules=sha256(rules).hexdigest(), thresholds=thresholds.digest, terminology=terminology)
    if told is not None and (told != dict(vars(revision)) or document.get("rulebook") != revision.digest):
        raise RulebookMissing(
            "The file is not the rulebook its digests were taken over. If it is meant to be a new one, take "
            "`digests` and `rulebook` out of it."
        )
    return kept.Rulebook(revision=revision, rules=rules, thresholds=thresholds.content)
