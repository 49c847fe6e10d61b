"""A rulebook made again from its content, the JSON text that its digest is taken over.

Rules, definitions and the parts they are run in are data and come back as they were. What is not data stays
that of this release: the derivations, the drug map, the tables of exams and regimens, the lines of cards.
Facts and thresholds are named in the content; a name this release does not know is refused with a sentence.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import groupby
from typing import Any, Literal, cast, get_args

from rulesets.book import Rulebook
from rulesets.evidence import Since, Statement
from rulesets.facts import FACTS
from rulesets.language import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Element,
    FactType,
    LanguageError,
    NumberFact,
    Operand,
    Operator,
    Some,
)
from rulesets.prognosis import Dimension, Override
from rulesets.rule import Action, Definition, Escalation, Hook, Indicator, Reading, Rule, Scope, Suggestion
from rulesets.thresholds import THRESHOLDS, Threshold
from service.record_json import Json

_OUTPUTS, _WHEN_UNKNOWN = Literal["card", "fact"], Literal["ask", "silent"]


def rulebook_from(content: bytes) -> Rulebook:
    """The rulebook of a content as ``rules_content`` writes it.

    Raises LanguageError when this release cannot run it, with what it lacks.
    """
    try:
        said = json.loads(content)
        return _rulebook(said)
    except LanguageError:
        raise
    except KeyError as missing:
        raise LanguageError(f"The content of the rulebook lacks {missing}, which this release needs.") from None
    except (AttributeError, TypeError, ValueError):
        raise LanguageError("The content is not that of a rulebook, or of one this release cannot read.") from None


def _rulebook(said: Json) -> Rulebook:
    definitions = {each["id"]: _definition(each) for each in said["definitions"]}
    parts = said["parts"]

    def of(ids: Iterable[str]) -> tuple[Definition, ...]:
        return tuple(definitions[id] for id in ids)

    return Rulebook(
        topics=tuple(
            (topic, tuple(_rule(rule) for rule in rules))
            for topic, rules in groupby(said["rules"], key=lambda rule: str(rule["topic"]))
        ),
        stages=tuple(of(stage) for stage in parts["stages"]),
        criteria=tuple(
            Dimension(name=each["name"], facts=_facts(each["facts"]), definitions=of(each["definitions"]))
            for each in parts["criteria"]
        ),
        context=tuple(fact.name for fact in _facts(parts["context"])),
        overrides=tuple(
            Override(
                definition=definitions[each["definition"]],
                fact=_fact(each["fact"]),
                withdraws=tuple(each["withdraws"]),
            )
            for each in parts["overrides"]
        ),
        groups=of(parts["groups"]),
        leans=of(parts["leans"]),
        said_out_of_scope=frozenset(parts["saidOutOfScope"]),
    )


def _definition(said: Json) -> Definition:
    fact = _fact(said["gives"])
    for value in (said["value"], said["otherwise"]):
        if value is not None and (problem := fact.problem_with(value)):
            raise LanguageError(f"{said['id']} gives a fact a value it cannot have: {problem}")
    return Definition(
        id=said["id"],
        fact=fact,
        value=said["value"],
        otherwise=said["otherwise"],
        for_each=_scope(said["forEach"]),
        when=_condition(said["when"]),
        statements=_statements(said["statements"]),
    )


def _rule(said: Json) -> Rule:
    return Rule(
        id=said["id"],
        title=said["title"],
        statements=_statements(said["statements"]),
        for_each=_scope(said["forEach"]),
        when=_condition(said["when"]),
        summary=said["summary"],
        detail=said["detail"],
        output=_word(said["output"], _OUTPUTS),
        indicator=_word(said["indicator"], Indicator),
        indicator_because=said["indicatorBecause"],
        escalation=_escalation(said["escalations"]),
        hooks=tuple(_word(hook, Hook) for hook in said["hooks"]),
        when_unknown=_word(said["whenUnknown"], _WHEN_UNKNOWN),
        ask=_facts(said["ask"]),
        evidence=said["evidence"],
        ambiguities=tuple(said["ambiguities"]),
        since=tuple(Since(**note) for note in said["since"]),
        suggestions=tuple(_suggestion(each) for each in said["suggestions"]),
        enabled_by=None if said["enabledBy"] is None else _threshold(said["enabledBy"]),
        readings=tuple(
            Reading(
                setting=_threshold(each["setting"]),
                value=each["value"],
                fact=_fact(each["fact"]),
                instead_of=_fact(each["insteadOf"]),
            )
            for each in said["readings"]
        ),
    )


def _escalation(steps: Iterable[Json]) -> Escalation | None:
    """The steps, the mildest first, each on top of the one before."""
    escalation = None
    for step in reversed(list(steps)):
        escalation = Escalation(
            when=_condition(step["when"]), to=_word(step["to"], Indicator), why=step["why"], further=escalation
        )
    return escalation


def _suggestion(said: Json) -> Suggestion:
    return Suggestion(
        label=said["label"],
        action=_word(said["action"], Action),
        description=said["description"],
        when=None if said["when"] is None else _condition(said["when"]),
    )


def _statements(said: Iterable[Json]) -> tuple[Statement, ...]:
    return tuple(
        Statement(
            says=each["says"],
            section=each["section"],
            references=tuple(each["references"]),
            fingerprint=each["fingerprint"],
        )
        for each in said
    )


def _condition(said: Json) -> Condition:
    match said:
        case {"all": parts}:
            return AllOf(tuple(_condition(part) for part in parts))
        case {"any": parts}:
            return AnyOf(tuple(_condition(part) for part in parts))
        case {"some": element, "of": inner}:
            return Some(_word(element, Element), _condition(inner))
        case {"none": element, "of": inner}:
            return Some(_word(element, Element), _condition(inner), negated=True)
        case {"fact": name, "is": operator, "value": value}:
            return _claim(_fact(name), _word(operator, Operator), value)
        case _:
            raise LanguageError("The rulebook holds a condition of a kind this release does not know.")


def _claim(fact: FactType, operator: Operator, said: object) -> Compare:
    """A claim that the engine can judge: a fact is compared with what it may be, and only a number has an order."""
    operand = _operand(said)
    match operator:
        case "known" | "unknown":
            fits = operand is None
        case "in" | "not in":
            fits = isinstance(operand, tuple) and not any(map(fact.problem_with, operand))
        case _ if isinstance(fact, NumberFact):
            value = operand.default if isinstance(operand, Threshold) else operand
            fits = isinstance(value, int | float) and not isinstance(value, bool)
        case "==" | "!=":
            fits = isinstance(operand, bool | str) and fact.problem_with(operand) is None
        case _:
            fits = False
    if not fits:
        raise LanguageError(f"The rulebook compares {fact.name} with what it can never be.")
    return Compare(fact, operator, operand)


def _operand(said: Any) -> Operand:
    if isinstance(said, dict):
        return _threshold(said["threshold"])
    return tuple(said) if isinstance(said, list) else cast(Operand, said)


def _scope(said: Iterable[str]) -> Scope:
    return tuple(_word(element, Element) for element in said)


def _word(said: str, words: Any) -> Any:
    """A word that is one of a Literal."""
    if said not in get_args(words):
        raise LanguageError(f"The rulebook says {said!r} where this release knows {', '.join(get_args(words))}.")
    return said


def _facts(names: Iterable[str]) -> tuple[FactType, ...]:
    return tuple(_fact(name) for name in names)


def _fact(name: str) -> FactType:
    fact = FACTS.get(name)
    if fact is None:
        raise LanguageError(f"The rulebook speaks of {name!r}, a fact this release does not know.")
    return fact


def _threshold(key: str) -> Threshold:
    threshold = THRESHOLDS.get(key)
    if threshold is None:
        raise LanguageError(f"The rulebook speaks of {key!r}, a threshold this release does not know.")
    return threshold
