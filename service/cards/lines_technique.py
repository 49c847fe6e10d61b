"""Lines of cards on the technique of a course: what is recorded of its MRI, earlier courses of the site, lesions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from rulesets.facts import lesion, rt
from rulesets.known import as_written, names, truth, whole, word
from rulesets.record import Member, Record
from rulesets.regimens import BOOST
from rulesets.thresholds import ALPHA_BETA_GY
from rulesets.words import listed
from service.cards.text import capitalised, course_in_short, course_in_words, is_true, lesion_in_words
from service.reasoning.findings import Conclusion, Firing

Firings = tuple[Firing, ...]


def _mri_lines(conclusion: Conclusion, firings: Firings) -> list[str]:
    """Of each course: whether its MRI is stated to be missing, or only not recorded yet."""
    lines = []
    for course in _courses(firings):
        is_missing = truth(course.facts, rt.mri_coregistration) is False
        said = "recorded as not co-registered" if is_missing else "not recorded, to be planned or documented"
        lines.append(f"- MRI for {course_in_short(course)}: {said}")
    return _each_once(lines)


def _earlier_lines(conclusion: Conclusion, firings: Firings) -> list[str]:
    """Of each course: earlier courses of its site, with their dose and how long ago they ended."""
    record, lines = conclusion.record, []
    for course in _courses(firings):
        earlier = [each for each in record.courses if each.key != course.key and _is_earlier(each, course)]
        lines += [f"- Irradiated before: {_earlier_in_words(each, course, record)}" for each in earlier]
        if not earlier:
            lines.append(
                f"- {capitalised(course_in_short(course))}: no earlier course of this site is on record; its dose "
                "and its date are needed"
            )
    return _each_once(lines)


def _is_earlier(other: Member, course: Member) -> bool:
    """Whether another course is over and was given to the same lesion or, where none is named, to the same region."""
    if word(other.facts, rt.status) != "completed" or word(other.facts, rt.target) not in (None, "bone"):
        return False
    lesions, others = (set(names(each.facts, rt.target_lesions)) for each in (course, other))
    if lesions and others:
        return bool(lesions & others)
    region = word(course.facts, rt.region)
    return region not in (None, "other") and region == word(other.facts, rt.region)


def _earlier_in_words(other: Member, course: Member, record: Record) -> str:
    said = course_in_words(other, record.evaluation_date)
    ended, begins = whole(other.facts, rt.end_day), whole(course.facts, rt.start_day)
    if ended is None or begins is None or begins < ended:
        return f"{said}; time since then not known"
    return f"{said}; {begins - ended} days before this course"


def _lesion_lines(conclusion: Conclusion, firings: Firings) -> list[str]:
    """The lesions that are bulky or grow into soft tissue, and whether a course names them as its target."""
    targets = {name for course in _courses(firings) for name in names(course.facts, rt.target_lesions)}
    lines = []
    for each in conclusion.record.lesions or ():
        found = [
            said
            for fact, said in ((lesion.soft_tissue_extension, "grows into soft tissue"), (lesion.bulky, "bulky"))
            if is_true(each.facts, fact.name)
        ]
        if found:
            is_target = bool(targets & {each.key, word(each.facts, lesion.id)})
            named = "named as the target" if is_target else "not named as the target"
            lines.append(f"- {capitalised(lesion_in_words(each))}: {listed(found)}; {named}")
    return _each_once(lines)


def _boost_lines(conclusion: Conclusion, firings: Firings) -> list[str]:
    """The biological dose of the boost that is offered."""
    ratio = as_written(conclusion.thresholds.number(ALPHA_BETA_GY))
    beds, around = BOOST.beds(ratio), BOOST.bed_around(ratio)
    assert beds is not None and around is not None
    tumour, vertebra, at = (f"{float(each):g}" for each in (beds[0], around, ratio))
    return [f"- Its BED at alpha/beta {at}: {tumour} Gy to the visible tumour, {vertebra} Gy to the whole vertebra"]


def _courses(firings: Firings) -> list[Member]:
    return [firing.elements[0] for firing in firings]


def _each_once(lines: Iterable[str]) -> list[str]:
    return sorted(set(lines))


LINES: Mapping[str, Callable[[Conclusion, Firings], list[str]]] = {
    "technique.sbrt-mri-mandatory": _mri_lines,
    "technique.palliative-soft-tissue": _lesion_lines,
    "technique.ct-coregistration": _lesion_lines,
    "technique.retreatment-imrt-vmat": _earlier_lines,
    "technique.sib-alternative": _boost_lines,
}
