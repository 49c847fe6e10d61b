"""What is derived of one radiotherapy course: whether it is open, its days, its target, its dose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rulesets.biological_dose import dose_facts
from rulesets.exposure import OPEN
from rulesets.facts import lesion, rt
from rulesets.known import either, made, names, parts, truth, whole, word
from rulesets.record import Fact, Facts, Member
from rulesets.thresholds import MAX_PLAUSIBLE_FRACTIONS, RT_LOOKBACK_DAYS, Thresholds

Lesions = tuple[Member, ...] | None
Step = Callable[[Facts, Lesions, Thresholds], list[Fact]]


def with_course_facts(course: Member, lesions: Lesions, thresholds: Thresholds) -> Member:
    """The course with its derived facts; each step reads what the steps before it found."""
    steps: tuple[Step, ...] = (_status, _days, _relevance, _spinal, _cord_compression, _retreatment, _dose)
    facts = dict(course.facts)
    for step in steps:
        facts.update({fact.name: fact for fact in step(facts, lesions, thresholds)})
    return replace(course, facts=facts)


def _status(facts: Facts, _: Lesions, __: Thresholds) -> list[Fact]:
    """The status decides whether a course is open; one said to be planned, without a status, is a draft."""
    status = word(facts, rt.status)
    if status is not None:
        return [made(rt.planned, status in OPEN, out_of=parts(facts, rt.status))]
    if truth(facts, rt.planned):
        return [made(rt.status, "draft", out_of=parts(facts, rt.planned))]
    return []


# --- days ----------------------------------------------------------------------------------------


def _days(facts: Facts, _: Lesions, thresholds: Thresholds) -> list[Fact]:
    """The last day from the first and the number of fractions, or the first from the last.

    Not for a course on hold, and never a day that the status contradicts: then it stays unknown.
    """
    start, end, fractions = whole(facts, rt.start_day), whole(facts, rt.end_day), whole(facts, rt.fractions)
    status = word(facts, rt.status)
    estimate: list[Fact] = []
    if status != "on_hold" and fractions is not None and 1 <= fractions <= thresholds.number(MAX_PLAUSIBLE_FRACTIONS):
        if end is None and start is not None:
            last = start + days_of(fractions)
            if _may_be(last, status, past_when=("completed",)):
                estimate = [made(rt.end_day, last, out_of=parts(facts, rt.start_day, rt.fractions))]
        elif start is None and end is not None:
            first = end - days_of(fractions)
            if _may_be(first, status, past_when=("in_progress", "completed")):
                estimate = [made(rt.start_day, first, out_of=parts(facts, rt.end_day, rt.fractions))]
    is_end_estimated = any(fact.name == rt.end_day.name for fact in estimate)
    return [*estimate, made(rt.end_estimated, is_end_estimated, out_of=estimate if is_end_estimated else [])]


def _may_be(day: int, status: str | None, *, past_when: tuple[str, ...]) -> bool:
    """Whether the status allows a day: none before today of a course not begun, none after it when that is past."""
    return not (day < 0 and status in ("draft", "planned")) and not (day > 0 and status in past_when)


def days_of(fractions: int) -> int:
    """Days from the first to the last fraction at five a week, weekends included (ours).

    >>> days_of(1), days_of(5), days_of(10)
    (0, 6, 13)
    """
    return 0 if fractions == 1 else 7 * -(-fractions // 5) - 1


def _relevance(facts: Facts, _: Lesions, thresholds: Thresholds) -> list[Fact]:
    """Whether the course still matters: open, or completed within the look-back."""
    status, start, end = word(facts, rt.status), whole(facts, rt.start_day), whole(facts, rt.end_day)
    if status is None:
        return []
    if status != "completed":
        return [made(rt.relevant, status in OPEN, out_of=parts(facts, rt.status))]
    earliest = -thresholds.number(RT_LOOKBACK_DAYS)
    if end is None:
        # A course that began inside the look-back ended inside it as well.
        began_inside = start is not None and start >= earliest
        return [made(rt.relevant, True, out_of=parts(facts, rt.status, rt.start_day))] if began_inside else []
    out_of = parts(facts, rt.status, rt.end_day)
    relevant = made(rt.relevant, end >= earliest, out_of=out_of)
    return [relevant, made(rt.days_since_end, -end, out_of=out_of)] if end <= 0 else [relevant]


# --- target --------------------------------------------------------------------------------------


def _spinal(facts: Facts, lesions: Lesions, _: Thresholds) -> list[Fact]:
    """Whether the target is vertebral or sacral: by the lesions it is linked to, else by its region."""
    linked = _linked(facts, lesions)
    region = word(facts, rt.region)
    out_of = [*parts(facts, rt.target_lesions), *_facts_of(linked, lesion.site.name)]
    link_assumed = made(rt.target_link_assumed, not names(facts, rt.target_lesions))
    if linked:
        answer = either(*(None if each is None else is_spinal(each) for each in linked))
    else:
        sacral = [each for each in lesions or () if word(each.facts, lesion.site) == "sacrum"]
        answer = None if region is None or (region == "pelvis" and sacral) else region in ("spine", "sacrum")
        out_of = parts(facts, rt.region)
    return [link_assumed] if answer is None else [link_assumed, made(rt.spinal, answer, out_of=out_of)]


def _cord_compression(facts: Facts, lesions: Lesions, _: Thresholds) -> list[Fact]:
    """Cord compression at the target, by the linked lesions, else by every lesion that may be spinal."""
    spinal = truth(facts, rt.spinal)
    if spinal is False:
        return [made(rt.target_cord_compression, "none", out_of=parts(facts, rt.spinal))]
    at_target = _linked(facts, lesions) or [each for each in lesions or () if is_spinal(each) is not False]
    found = [None if each is None else word(each.facts, lesion.cord_compression) for each in at_target]
    answer = _gravest(found)
    if answer is None or (spinal is None and answer != "none"):
        return []
    out_of = [*parts(facts, rt.spinal, rt.target_lesions), *_facts_of(at_target, lesion.cord_compression.name)]
    return [made(rt.target_cord_compression, answer, out_of=out_of)]


def _gravest(found: list[str | None]) -> str | None:
    """Confirmed wherever it is; less than that only when every lesion is known."""
    if "confirmed" in found:
        return "confirmed"
    if not found or None in found:
        return None
    return "suspected" if "suspected" in found else "none"


def _retreatment(facts: Facts, lesions: Lesions, _: Thresholds) -> list[Fact]:
    """True also when the target lesion, or the only one listed, was irradiated before; else as stated."""
    at_target = _linked(facts, lesions) or (list(lesions) if lesions is not None and len(lesions) == 1 else [])
    irradiated = [each for each in at_target if each is not None and truth(each.facts, lesion.prior_rt)]
    if not irradiated or truth(facts, rt.retreatment):
        return []
    return [made(rt.retreatment, True, out_of=_facts_of(irradiated, lesion.prior_rt.name))]


def is_spinal(listed: Member) -> bool | None:
    site = word(listed.facts, lesion.site)
    return None if site is None else site in ("vertebra", "sacrum")


def _linked(facts: Facts, lesions: Lesions) -> list[Member | None]:
    """The lesions the course says it treats, by their id or key; None for one that is not listed.

    An id that several lesions carry stands for each of them: their order does not choose.
    """

    def named(name: str) -> list[Member | None]:
        found: list[Member | None] = [each for each in lesions or () if name in (word(each.facts, lesion.id), each.key)]
        return found or [None]

    return [each for name in names(facts, rt.target_lesions) for each in named(name)]


def _facts_of(listed: list[Member | None] | list[Member], name: str) -> list[Fact]:
    return [each.facts[name] for each in listed if each is not None and name in each.facts]


def _dose(facts: Facts, _: Lesions, thresholds: Thresholds) -> list[Fact]:
    return dose_facts(facts, thresholds)
