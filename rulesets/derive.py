"""Derived facts that are preference or arithmetic: which result counts, what numbers and dates imply.

Pure: a record and the thresholds in force in, a record with more facts out. Definitions that are
conditions over facts stand in the rulebook and are run by the engine after this.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from rulesets.counts import OTHER_ORGANS, VISCERAL_ORGANS, count_facts, irradiation_facts
from rulesets.courses import with_course_facts
from rulesets.drugs import ANTICANCER_CLASSES, FOR_OSTEOPOROSIS
from rulesets.exposure import exposures
from rulesets.facts import (
    bone_agent,
    context,
    dq,
    drug,
    imbrication,
    meds,
    mets,
    obs,
    organ,
    patient,
    rt,
    surgery,
    systemic,
    tumour,
)
from rulesets.known import either, exact, made, parts, truth, whole, word
from rulesets.language import FactType
from rulesets.likelihood import post_test_facts
from rulesets.medicines import with_drug_facts
from rulesets.record import Fact, Facts, Member, Record
from rulesets.risk.profile import adverse_factor_facts
from rulesets.thresholds import MAX_AGE_DAYS_ECOG, MAX_AGE_DAYS_HB, MAX_AGE_DAYS_IMAGING, Threshold, Thresholds


def derived(record: Record, thresholds: Thresholds) -> Record:
    """The record with every fact that follows from it by preference or arithmetic.

    A fact on which two sources disagree is unknown, whatever else could be said of it.
    """
    conflicting = {conflict.name for conflict in record.conflicts}
    stated = {name: fact for name, fact in record.facts.items() if name not in conflicting and not _is_no_ecog(fact)}
    lesions = None if record.lesions is None else _each_once(record.lesions)
    listed_courses = _each_once(record.courses)
    courses = tuple(with_course_facts(course, lesions, thresholds) for course in listed_courses)
    drugs = None
    if record.drugs is not None:
        is_only_course = len(courses) == 1
        drugs = tuple(
            ingredient
            for listed in _each_once(record.drugs)
            for ingredient in with_drug_facts(listed, thresholds, is_only_course=is_only_course)
        )

    facts = dict(stated)

    def add(found: Iterable[Fact]) -> None:
        facts.update({fact.name: fact for fact in found if fact.name not in conflicting})

    add(_receptors(facts, conflicting))
    add(_haemoglobin(facts))
    add(count_facts(facts, lesions))
    add(irradiation_facts(facts, lesions))
    add(_visceral_crisis(facts))
    add(_drug_list(facts, drugs, conflicting, record.incomplete))
    add(_radiotherapy(courses, record.incomplete))
    add(_surgery(facts, record.incomplete))
    add(_priorities(facts))
    add(adverse_factor_facts(facts, thresholds))
    add(post_test_facts(facts))
    add(_conflicts(record))
    add(_staleness(record, stated, thresholds))
    with_members = replace(record, facts=facts, lesions=lesions, drugs=drugs, courses=courses)
    return replace(with_members, exposures=exposures(with_members, thresholds))


def _each_once(members: tuple[Member, ...]) -> tuple[Member, ...]:
    """The same resource sent twice is one member."""
    by_key: dict[str, list[Member]] = {}
    for each in members:
        if each not in by_key.setdefault(each.key, []):
            by_key[each.key].append(each)
    return tuple(each for same in by_key.values() for each in same)


def _is_no_ecog(fact: Fact) -> bool:
    """5 stands for death; only 0 to 4 grade a patient."""
    return fact.name == patient.ecog.name and whole({fact.name: fact}, patient.ecog) not in range(5)


# --- tumour and blood ----------------------------------------------------------------------------


def _receptors(facts: Facts, conflicting: set[str]) -> list[Fact]:
    """The receptor status that counts: of the metastasis where there is a result, else of the primary.

    Results on the metastasis that disagree leave it unknown; they do not bring the primary back.
    """
    found = []
    for effective, on_metastasis, on_primary in (
        (tumour.er, tumour.er_metastasis, tumour.er_primary),
        (tumour.pr, tumour.pr_metastasis, tumour.pr_primary),
        (tumour.her2, tumour.her2_metastasis, tumour.her2_primary),
    ):
        is_open = on_metastasis.name in conflicting
        result = None if is_open else facts.get(on_metastasis.name, facts.get(on_primary.name))
        is_equivocal = result is not None and result.value == "equivocal"
        if result is not None and not is_equivocal:
            found.append(made(effective, result.value, out_of=[result]))
        if effective is tumour.her2:
            found.append(made(tumour.her2_equivocal_unresolved, is_equivocal, out_of=[result]))
    return found


GRAMS_PER_DECILITRE: dict[str | None, Fraction] = {
    "g/dL": Fraction(1),
    "g/L": Fraction("0.1"),
    "mmol/L": Fraction("1.611"),
}


def _haemoglobin(facts: Facts) -> list[Fact]:
    """Haemoglobin in g/dL; without a usable unit, or out of any plausible range, it is not used."""
    value, factor = exact(facts, obs.hemoglobin_value), GRAMS_PER_DECILITRE.get(word(facts, obs.hemoglobin_unit))
    out_of = parts(facts, obs.hemoglobin_value, obs.hemoglobin_unit)
    usable = None if value is None or factor is None else value * factor
    if usable is not None and not patient.hemoglobin_g_dl.least <= usable <= patient.hemoglobin_g_dl.most:
        usable = None
    flag = made(dq.hb_unusable, value is not None and usable is None, out_of=out_of if value is not None else [])
    return [flag] if usable is None else [flag, made(patient.hemoglobin_g_dl, float(usable), out_of=out_of)]


# --- disease -------------------------------------------------------------------------------------


def _visceral_crisis(facts: Facts) -> list[Fact]:
    """As recorded; without visceral metastases there is none."""
    if mets.visceral_crisis.name in facts or any(word(facts, each) != "absent" for each in VISCERAL_ORGANS):
        return []
    return [made(mets.visceral_crisis, False, out_of=parts(facts, *VISCERAL_ORGANS))]


def _priorities(facts: Facts) -> list[Fact]:
    """The goals of treatment that are true now, and those that cannot be judged; nothing ranks them."""
    pattern = word(facts, mets.progression_pattern)
    goals = {
        "pain": either(truth(facts, patient.bone_pain), truth(facts, patient.neuro_symptoms)),
        "locoregional": None if pattern is None else pattern == "oligoprogressive",
        "systemic": either(truth(facts, mets.visceral_crisis), truth(facts, mets.rapid_progression)),
    }
    out_of = parts(
        facts, patient.bone_pain, patient.neuro_symptoms, mets.progression_pattern, mets.visceral_crisis,
        mets.rapid_progression,
    )  # fmt: skip
    return [
        made(imbrication.priorities, tuple(goal for goal, holds in goals.items() if holds), out_of=out_of),
        made(
            imbrication.priorities_unknown, tuple(goal for goal, holds in goals.items() if holds is None), out_of=out_of
        ),
    ]


# --- treatment -----------------------------------------------------------------------------------


def _drug_list(
    facts: Facts, drugs: tuple[Member, ...] | None, conflicting: set[str], incomplete: frozenset[str]
) -> list[Fact]:
    """Whether there is a medication list, and what a complete one says of ongoing treatment.

    A list that one source calls incomplete and another does not is not known to be complete. A product for
    osteoporosis may or may not be meant as the bone agent, so that with it nothing is told.
    """
    stated = truth(facts, meds.list_available)
    is_available = drugs is not None and stated is not False and "drugs" not in incomplete
    available = made(meds.list_available, is_available, out_of=parts(facts, meds.list_available))
    is_complete = is_available and meds.list_available.name not in conflicting
    is_settled = is_complete and all(_is_settled(each) for each in drugs or ())
    is_for_osteoporosis = any(
        word(each.facts, drug.name) in FOR_OSTEOPOROSIS for each in drugs or () if _is_active(each)
    )
    found = [available]
    for ongoing, drug_classes in ((systemic.ongoing, ANTICANCER_CLASSES), (bone_agent.active, {"antiresorptive"})):
        active = [
            each for each in drugs or () if _is_active(each) and word(each.facts, drug.drug_class) in drug_classes
        ]
        is_open = ongoing is bone_agent.active and is_for_osteoporosis
        if active or (is_settled and not is_open and ongoing.name not in facts):
            read = active or drugs or ()
            out_of = [fact for each in read for fact in parts(each.facts, drug.name, drug.drug_class, drug.status)]
            found.append(made(ongoing, bool(active), out_of=[*out_of, *([] if active else [available])]))
    return found


def _is_active(listed: Member) -> bool:
    return word(listed.facts, drug.status) == "active"


def _is_settled(listed: Member) -> bool:
    """Its status is known, and so is what kind of drug it is; a drug the map does not have may be anything."""
    return drug.status.name in listed.facts and word(listed.facts, drug.drug_class) not in (None, "other")


def _radiotherapy(courses: tuple[Member, ...], incomplete: frozenset[str]) -> list[Fact]:
    """Whether any course is open, and whether the dose of any is implausible."""
    unread = [None] if "procedures" in incomplete else []
    is_open = either(*(truth(course.facts, rt.planned) for course in courses), *unread)
    is_implausible = either(*(truth(course.facts, rt.dose_implausible) for course in courses))
    found = []
    for of, answer, read in (
        (context.rt_planned, is_open, rt.planned),
        (dq.dose_implausible, is_implausible, rt.dose_implausible),
    ):
        if answer is not None:
            found.append(made(of, answer, out_of=[fact for course in courses for fact in parts(course.facts, read)]))
    return found


def _surgery(facts: Facts, incomplete: frozenset[str]) -> list[Fact]:
    """An operation that nobody requests is not planned, if all requests could be read."""
    return [] if surgery.planned.name in facts or "procedures" in incomplete else [made(surgery.planned, False)]


# --- quality of the data -------------------------------------------------------------------------


def _conflicts(record: Record) -> list[Fact]:
    names = tuple(sorted({conflict.name for conflict in record.conflicts}))
    out_of = [Fact(name=conflict.name, value=(), sources=conflict.sources) for conflict in record.conflicts]
    return [made(dq.conflicting_facts, names, out_of=out_of), made(dq.any_conflict, bool(names), out_of=out_of)]


class _Age(NamedTuple):
    shown: FactType
    dated: FactType
    at_most: Threshold


_AGES = (
    _Age(patient.ecog, patient.ecog, MAX_AGE_DAYS_ECOG),
    _Age(patient.hemoglobin_g_dl, obs.hemoglobin_value, MAX_AGE_DAYS_HB),
    *(
        _Age(each, each, MAX_AGE_DAYS_IMAGING)
        for each in (organ.bone, *OTHER_ORGANS, mets.lesion_count, mets.bone_lesion_count)
    ),
)
"""The facts that decide and may have aged, the fact that carries their date, and how old it may be."""


def _staleness(record: Record, stated: Facts, thresholds: Thresholds) -> list[Fact]:
    """The deciding facts that are older than they may be; they are used all the same.

    Without metastatic disease, confirmed or suspected, nothing is decided by them yet; and a
    metastasis that was seen does not go away by being old, while its absence has to be looked for.
    """
    decides = word(stated, mets.status) in ("confirmed", "suspected")
    old = {
        age.shown.name: stated[age.dated.name]
        for age in _AGES
        if decides
        and (fact := stated.get(age.dated.name)) is not None
        and fact.date is not None
        and fact.value != "present"
        and (record.evaluation_date - fact.date).days > thresholds.number(age.at_most)
    }
    return [
        made(dq.stale_facts, tuple(sorted(old)), out_of=old.values()),
        made(dq.any_stale, bool(old), out_of=old.values()),
    ]
