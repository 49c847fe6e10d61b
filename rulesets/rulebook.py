"""The rulebook: every rule and definition, in order, and as data that can be printed and hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from rulesets import (
    biopsy,
    bone_agents,
    classification,
    coverage,
    data_quality,
    dose,
    drugs,
    imaging,
    imbrication,
    interventional_radiology,
    likelihood,
    pathway,
    prognosis,
    radiopharmaceuticals,
    regimens,
    risk,
    surgery,
    technique,
    trials,
)
from rulesets.book import Rulebook
from rulesets.english import condition_in_words, scope_in_words
from rulesets.evidence import PAPER_DOI, PAPER_LABEL, PAPER_URL, Statement, passages_found
from rulesets.language import AllOf, AnyOf, Compare, Condition, Some, with_thresholds
from rulesets.rule import Definition, Rule
from rulesets.thresholds import THRESHOLDS, Threshold, Thresholds, effective

TOPICS: tuple[tuple[str, tuple[Rule, ...]], ...] = (
    ("Risk and surveillance", risk.RULES),
    ("Diagnostic imaging", imaging.RULES),
    ("Biopsy", biopsy.RULES),
    ("Classification", classification.RULES),
    ("Prognosis", prognosis.RULES),
    ("Pathway", pathway.RULES),
    ("Radiotherapy dose", dose.RULES),
    ("Radiotherapy technique", technique.RULES),
    ("Imbrication of drugs and radiotherapy", imbrication.RULES),
    ("Bone agents", bone_agents.RULES),
    ("Radiopharmaceuticals", radiopharmaceuticals.RULES),
    ("Surgery", surgery.RULES),
    ("Interventional radiology", interventional_radiology.RULES),
    ("Trials", trials.RULES),
    ("Data quality", data_quality.RULES),
)
SURVIVES_OUT_OF_SCOPE = frozenset({
    "imaging.cord-mri-urgent", "imaging.cord-mri-no-contrast", "pathway.ortho-evaluation", "imbrication.parp-rt",
    "imbrication.parp-rt-marrow", "imbrication.parp-after-rt", "imbrication.tdm1-brain-srs",
    "imbrication.cytotoxic-rt",
})  # fmt: skip
"""What is said even when the disease is outside the paper: emergencies, and toxicities of drugs
that do not depend on histology."""

OUT_OF_SCOPE = "dq.out-of-scope"

_FIRST_STAGE, *_LATER_STAGES = classification.DEFINITION_STAGES
RULEBOOK = Rulebook(
    topics=TOPICS,
    stages=((*_FIRST_STAGE, *risk.DEFINITIONS, *imaging.DEFINITIONS, *biopsy.DEFINITIONS), *_LATER_STAGES),
    criteria=prognosis.CRITERIA,
    context=prognosis.CONTEXT,
    overrides=prognosis.OVERRIDES,
    groups=prognosis.GROUPS,
    leans=prognosis.LEANS,
    said_out_of_scope=SURVIVES_OUT_OF_SCOPE,
)
"""The rulebook of this release."""
RULES, DEFINITIONS, DEFINITION_STAGES = RULEBOOK.rules, RULEBOOK.definitions, RULEBOOK.stages


@dataclass(frozen=True, kw_only=True)
class Revision:
    """What a decision was made with: digests of rules, thresholds in force and terminology."""

    rules: str
    thresholds: str
    terminology: str

    @property
    def digest(self) -> str:
        """One SHA-256 over the three, in hexadecimal."""
        return hashlib.sha256(f"{self.rules}\n{self.thresholds}\n{self.terminology}".encode()).hexdigest()


def rules_as_data(thresholds: Thresholds, book: Rulebook = RULEBOOK) -> list[dict[str, object]]:
    """Every rule, with its condition as data, and in English with the values in force.

    Texts keep the keys of thresholds in braces, for whoever fills in values of their own.
    """
    return [_rule_as_data(topic, rule, thresholds) for topic, rules in book.topics for rule in rules]


def definitions_as_data(thresholds: Thresholds, book: Rulebook = RULEBOOK) -> list[dict[str, object]]:
    return [
        {
            "id": definition.id,
            "gives": definition.fact.name,
            "value": definition.value,
            "otherwise": definition.otherwise,
            "forEach": list(definition.for_each),
            "when": _condition_as_data(definition.when),
            "whenInEnglish": _in_english(definition.when, thresholds),
            "statements": _statements_as_data(definition),
        }
        for definition in book.definitions
    ]


def thresholds_as_data(thresholds: Thresholds) -> list[dict[str, object]]:
    return [
        {
            "key": key,
            "value": thresholds.values[key],
            "default": threshold.default,
            "unit": threshold.unit,
            "origin": threshold.origin,
            "meaning": threshold.meaning,
            "allowed": list(threshold.allowed),
        }
        for key, threshold in THRESHOLDS.items()
    ]


def rules_content(book: Rulebook = RULEBOOK) -> bytes:
    """Everything the rules, definitions, the drug map and the declarations of thresholds say, as one JSON text.

    Rules and definitions are those of ``book``, and can be run again (``service/replay``); all else is that of
    this release.
    """
    content = {
        "rules": rules_as_data(effective(), book),
        "definitions": definitions_as_data(effective(), book),
        "parts": _parts_as_data(book),
        "drugs": {
            "classes": drugs.CLASSES,
            "synonyms": drugs.SYNONYMS,
            "combinations": drugs.COMBINATIONS,
            "nonAnticancer": sorted(drugs.NON_ANTICANCER),
            "forAnotherIllness": sorted(drugs.FOR_ANOTHER_ILLNESS),
        },
        "tables": [repr(each) for each in (*likelihood.EXAMS, *regimens.TABLE_1A, *regimens.TABLE_1B)],
        "thresholds": [
            {name: value for name, value in said.items() if name != "value"} for said in thresholds_as_data(effective())
        ],
    }
    return json.dumps(content, sort_keys=True, ensure_ascii=True).encode()


def _parts_as_data(book: Rulebook) -> dict[str, object]:
    """In which part of the rulebook each definition is run, by its id."""

    def ids(definitions: Iterable[Definition]) -> list[str]:
        return [definition.id for definition in definitions]

    return {
        "stages": [ids(stage) for stage in book.stages],
        "criteria": [
            {"name": each.name, "facts": [fact.name for fact in each.facts], "definitions": ids(each.definitions)}
            for each in book.criteria
        ],
        "context": list(book.context),
        "overrides": [
            {"definition": each.definition.id, "fact": each.fact.name, "withdraws": list(each.withdraws)}
            for each in book.overrides
        ],
        "groups": ids(book.groups),
        "leans": ids(book.leans),
        "saidOutOfScope": sorted(book.said_out_of_scope),
    }


def rules_digest() -> str:
    """SHA-256 over ``rules_content``."""
    return hashlib.sha256(rules_content()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Citation:
    """A statement of a rule, and the passage of the paper it restates; None where the text has no such passage."""

    rule: str
    statement: Statement
    printed: str | None


def citations_in(paper: str) -> tuple[Citation, ...]:
    """Every statement of the rulebook, looked up in the text of the paper."""
    cited = [(rule.id, statement) for rule in RULES for statement in rule.statements]
    found = passages_found(paper, (statement.fingerprint for _, statement in cited))
    return tuple(
        Citation(rule=id, statement=statement, printed=found.get(statement.fingerprint)) for id, statement in cited
    )


def as_data(thresholds: Thresholds, revision: Revision) -> dict[str, object]:
    """The whole rulebook, as ``GET /rulebook`` answers it."""
    return {
        "revision": revision.digest,
        "digests": {"rules": revision.rules, "thresholds": revision.thresholds, "terminology": revision.terminology},
        "source": {"label": PAPER_LABEL, "doi": PAPER_DOI, "url": PAPER_URL},
        "rules": rules_as_data(thresholds),
        "definitions": definitions_as_data(thresholds),
        "coverage": coverage.as_data(),
        "thresholds": thresholds_as_data(thresholds),
    }


def as_markdown(thresholds: Thresholds) -> str:
    """The rulebook for reading: by topic, each rule with when, evidence and what happens when unknown."""
    lines = [
        "# Rulebook",
        "",
        f"Source: {PAPER_LABEL}, [doi:{PAPER_DOI}]({PAPER_URL}). Clinical sign-off is outstanding.",
    ]
    for topic, rules in TOPICS:
        lines += ["", f"## {topic}"]
        for rule in rules:
            lines += _rule_as_markdown(rule, thresholds)
    lines += ["", "## Definitions", ""]
    lines += [
        f"- `{each.id}`: {each.fact.name} is {str(each.value).lower()} when {_in_english(each.when, thresholds)}"
        + (f"; otherwise {str(each.otherwise).lower()}" if each.otherwise is not None else "")
        for each in DEFINITIONS
    ]
    lines += ["", "## Thresholds", "", "| key | value | may be | unit | whose | meaning |", "|---|---|---|---|---|---|"]
    lines += [
        f"| `{key}` | {thresholds.values[key]} | {_may_be(each)} | {each.unit} | {each.origin} | {each.meaning} |"
        for key, each in THRESHOLDS.items()
    ]
    return "\n".join(lines) + "\n"


def _may_be(threshold: Threshold) -> str:
    """``1 to 20``, the words to choose from, or ``True or False``."""
    if isinstance(threshold.default, bool):
        return "True or False"
    return (" or " if isinstance(threshold.default, str) else " to ").join(map(str, threshold.allowed))


def _rule_as_markdown(rule: Rule, thresholds: Thresholds) -> list[str]:
    filled = thresholds.filled
    switch = f" · only with `{rule.enabled_by.key}`" if rule.enabled_by else ""
    lines = ["", f"### {rule.title}", ""]
    lines += [f"`{rule.id}` · {rule.indicator} · {scope_in_words(rule.for_each)}{switch}", ""]
    lines += [f"- Paper, {statement.place}: {statement.says}" for statement in rule.statements]
    lines += [
        f"- When: {condition_in_words(rule.in_force(thresholds).when)}",
        f"- Then: {filled(rule.summary)}." + (f" {filled(rule.detail)}" if rule.detail else ""),
        f"- Evidence: {rule.evidence}",
        f"- When unknown: {'ask for what is missing' if rule.when_unknown == 'ask' else 'nothing is said'}",
    ]
    for place, step in enumerate(rule.in_force(thresholds).escalations()):
        also = " moreover" if place else ""
        lines.append(f"- {step.to} when{also} {condition_in_words(step.when)}: {step.why}")
    lines += [f"- Ambiguous: {filled(ambiguity)}" for ambiguity in rule.ambiguities]
    lines += [f"- Since the paper: {note.says} ([{note.source}]({note.url}))" for note in rule.since]
    return lines


def _in_english(condition: Condition, thresholds: Thresholds) -> str:
    return condition_in_words(with_thresholds(condition, thresholds.values))


def _rule_as_data(topic: str, rule: Rule, thresholds: Thresholds) -> dict[str, object]:
    in_force = rule.in_force(thresholds)
    return {
        "id": rule.id,
        "topic": topic,
        "title": rule.title,
        "statements": _statements_as_data(rule),
        "forEach": list(rule.for_each),
        "when": _condition_as_data(rule.when),
        "whenInEnglish": condition_in_words(in_force.when),
        "summary": rule.summary,
        "detail": rule.detail,
        "output": rule.output,
        "indicator": rule.indicator,
        "indicatorBecause": rule.indicator_because,
        "escalations": [
            {
                "when": _condition_as_data(step.when),
                "whenInEnglish": condition_in_words(settled.when),
                "to": step.to,
                "why": step.why,
            }
            for step, settled in zip(rule.escalations(), in_force.escalations(), strict=True)
        ],
        "hooks": list(rule.hooks),
        "whenUnknown": rule.when_unknown,
        "ask": [fact.name for fact in rule.ask],
        "evidence": rule.evidence,
        "ambiguities": list(rule.ambiguities),
        "since": [{"says": note.says, "source": note.source, "url": note.url} for note in rule.since],
        "suggestions": [
            {
                "label": each.label,
                "action": each.action,
                "description": each.description,
                "when": None if each.when is None else _condition_as_data(each.when),
            }
            for each in rule.suggestions
        ],
        "enabledBy": rule.enabled_by.key if rule.enabled_by else None,
        "readings": [
            {
                "setting": each.setting.key,
                "value": each.value,
                "fact": each.fact.name,
                "insteadOf": each.instead_of.name,
            }
            for each in rule.readings
        ],
    }


def _statements_as_data(each: Rule | Definition) -> list[dict[str, object]]:
    return [
        {
            "says": statement.says,
            "section": statement.section,
            "references": list(statement.references),
            "fingerprint": statement.fingerprint,
        }
        for statement in each.statements
    ]


def _condition_as_data(condition: Condition) -> dict[str, object]:
    match condition:
        case AllOf(parts):
            return {"all": [_condition_as_data(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [_condition_as_data(part) for part in parts]}
        case Some(element, inner, negated):
            return {"none" if negated else "some": element, "of": _condition_as_data(inner)}
        case Compare(fact, operator, operand):
            said = {"threshold": operand.key} if isinstance(operand, Threshold) else operand
            return {"fact": fact.name, "is": operator, "value": list(said) if isinstance(said, tuple) else said}
