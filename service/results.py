"""The answer about one patient, as ``POST /evaluate`` gives it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rulesets.facts import FACTS
from rulesets.record import Fact, Member, Record
from service.intake.notices import Notice
from service.reasoning.findings import Conclusion, Firing, Prognosis
from service.record_json import Json, value_as_json

NOT_JUDGED = ""
"""A course that was cancelled has no drug around it."""
NEAREST = ("concurrent", None, "recent", "after_rt_early", "clear", "after_rt")
"""Of two prescriptions of one drug the one nearer to the radiotherapy is told; the unknown may be near."""
PATTERN = ("onset", "burden", "extent", "solitary_bone", "sre", "progression")


def result_of(
    conclusion: Conclusion,
    cards: Sequence[Json],
    notices: Sequence[Notice],
    *,
    patient: str,
    trace: str,
    rulebook: str,
) -> Json:
    """The result of design: pattern, prognosis, rules, derived facts, exposure, cards."""
    record = conclusion.record
    return {
        "patient": patient,
        "trace": trace,
        "rulebook": rulebook,
        "evaluationDate": record.evaluation_date.isoformat(),
        "pattern": {
            **{name: record.value(f"pattern.{name}") for name in PATTERN},
            "subtype": record.value("tumour.subtype"),
            "sre": _skeletal_event(conclusion),
        },
        "prognosis": _prognosis(conclusion.prognosis),
        "rules": {
            "fired": [_firing(firing) for firing in conclusion.fired],
            "undetermined": [
                {"id": each.rule.id, "element": element_of(each.elements), "missing": list(each.missing)}
                for each in conclusion.undetermined
            ],
            "suppressed": list(conclusion.suppressed),
        },
        "derived": _derived(record),
        "exposure": exposures_of(record),
        "cards": list(cards),
        "warnings": notices_as_json(notices),
    }


def notices_as_json(notices: Iterable[Notice]) -> list[Json]:
    return [_notice(notice) for notice in notices]


def _notice(notice: Notice) -> Json:
    return {
        "code": notice.code,
        "text": notice.text,
        **({"reference": notice.reference} if notice.reference else {}),
        **({"element": notice.element} if notice.element else {}),
    }


def element_of(elements: Iterable[Member]) -> str | None:
    """The elements a rule was judged for, by their references; None for the patient."""
    return " + ".join(member.key for member in elements if member.key) or None


def exposures_of(record: Record) -> Json:
    """The timing of each drug: one value for one course, for several a list in their order."""
    found: dict[str, list[str | None]] = {}
    for place, course in enumerate(record.courses):
        for drug in record.drugs or ():
            name = drug.facts.get("drug.name")
            facts = record.exposures.get((course.key, drug.key))
            if name is None or facts is None:
                continue
            told = found.setdefault(str(name.value), [NOT_JUDGED] * len(record.courses))
            exposure = facts.get("drug.exposure")
            value = None if exposure is None else str(exposure.value)
            told[place] = value if told[place] == NOT_JUDGED else min(told[place], value, key=NEAREST.index)
    told_of = {name: [value for value in values if value != NOT_JUDGED] for name, values in sorted(found.items())}
    return {name: values[0] if len(values) == 1 else values for name, values in told_of.items()}


def _skeletal_event(conclusion: Conclusion) -> bool | None:
    """Whether a skeletal-related event is present: the verdict on ``classify.sre``."""
    if any(firing.rule.id == "classify.sre" for firing in conclusion.fired):
        return True
    return None if any(each.rule.id == "classify.sre" for each in conclusion.undetermined) else False


def _prognosis(prognosis: Prognosis) -> Json:
    points = None if prognosis.points_lo is None else {"lo": prognosis.points_lo, "hi": prognosis.points_hi}
    return {
        "group": prognosis.group,
        "possible": list(prognosis.possible),
        "missing": list(prognosis.missing),
        "points": points,
        "lean": None if prognosis.lean == "not_applicable" else prognosis.lean,
        "conflict": list(prognosis.conflict_facts),
        "criteria": {id: truth.value for id, truth in prognosis.criteria},
    }


def _firing(firing: Firing) -> Json:
    return {
        "id": firing.rule.id,
        "indicator": firing.indicator,
        "element": element_of(firing.elements),
        "because": [_reason(fact) for fact in firing.because],
    }


def _reason(fact: Fact) -> Json:
    return {
        "fact": fact.name,
        "value": value_as_json(fact.value),
        "source": ", ".join(dict.fromkeys(source.reference for source in fact.sources)) or None,
    }


def _derived(record: Record) -> Json:
    """What was computed: facts of the patient, and ``rt.*`` of the first course."""
    facts = dict(record.facts)
    if record.courses:
        facts.update(record.courses[0].facts)
    chosen: dict[str, Any] = {}
    for name, fact in sorted(facts.items()):
        declared = FACTS[name]
        computed = declared.world == "derived" or fact.because
        if computed and not name.startswith(("prognosis.", "pattern.")) and declared.element in (None, "course"):
            chosen[name] = value_as_json(fact.value)
    return chosen
