"""How many metastases there are at least and at most, from every fact that bounds their number.

The number reported, the bone and spinal counts, the lesions listed and the organs involved each
bound the total. Where they contradict one another only the largest lower bound is kept.
"""

from __future__ import annotations

from rulesets.facts import dq, lesion, mets, organ
from rulesets.known import least_and_most, made, parts, truth, word
from rulesets.language import Interval, Number
from rulesets.record import Fact, Facts, Member

VISCERAL_ORGANS = (organ.liver, organ.lung, organ.brain, organ.other_visceral)
OTHER_ORGANS = (*VISCERAL_ORGANS, organ.distant_nodes, organ.soft_tissue)
"""Every organ but bone."""


def count_facts(facts: Facts, lesions: tuple[Member, ...] | None) -> list[Fact]:
    """The total number of lesions, when anything bounds it, and whether the counts contradict one another."""
    confirmed = [each.facts[lesion.status.name] for each in lesions or () if _is_confirmed(each)]
    reported_least, reported_most = least_and_most(facts, mets.lesion_count)
    bone_least, bone_most = least_and_most(facts, mets.bone_lesion_count)
    spinal_least, _ = least_and_most(facts, mets.spinal_lesion_count)
    in_bone = word(facts, organ.bone)
    elsewhere = [word(facts, each) for each in OTHER_ORGANS]
    is_bone_only = in_bone == "present" and all(each == "absent" for each in elsewhere)

    bone_least = max(bone_least, spinal_least, len(confirmed), int(in_bone == "present"))
    least = max(
        reported_least,
        bone_least + elsewhere.count("present"),
        int(word(facts, mets.status) == "confirmed"),
    )
    most = _smaller(reported_most, bone_most if is_bone_only else None)
    is_inconsistent = (
        (most is not None and least > most)
        or (bone_most is not None and bone_least > bone_most)
        or (in_bone == "absent" and bone_least > 0)
    )

    counted = parts(
        facts,
        mets.lesion_count,
        mets.bone_lesion_count,
        mets.spinal_lesion_count,
        mets.status,
        organ.bone,
        *OTHER_ORGANS,
    )
    flag = made(dq.count_inconsistent, is_inconsistent, out_of=[*counted, *confirmed])
    total = _as_count(least, None if is_inconsistent else most)
    if total is None:
        return [flag]
    reported = facts.get(mets.lesion_count.name)
    if reported is not None and reported.value == total:
        return [flag, reported]
    return [flag, made(mets.lesion_count, total, out_of=[*counted, *confirmed])]


def irradiation_facts(facts: Facts, lesions: tuple[Member, ...] | None) -> list[Fact]:
    """Whether every bone lesion there can be is listed, confirmed and already irradiated.

    ``facts`` holds the total counted above. Whatever is not certain counts as not irradiated, so
    that local treatment is not kept from being considered.
    """
    _, bone_most = least_and_most(facts, mets.bone_lesion_count)
    _, total_most = least_and_most(facts, mets.lesion_count)
    elsewhere = [word(facts, each) for each in OTHER_ORGANS].count("present")
    most = _smaller(bone_most, None if total_most is None else total_most - elsewhere)
    listed = lesions or ()
    are_all_irradiated = (
        len(listed) > 0
        and most is not None
        and len(listed) >= most
        and all(_is_confirmed(each) and truth(each.facts, lesion.prior_rt) for each in listed)
    )
    out_of = [
        *(fact for each in listed for fact in parts(each.facts, lesion.status, lesion.prior_rt)),
        *parts(facts, mets.bone_lesion_count, mets.lesion_count),
    ]
    return [made(mets.all_bone_lesions_irradiated, are_all_irradiated, out_of=out_of)]


def _is_confirmed(listed: Member) -> bool:
    return word(listed.facts, lesion.status) == "confirmed"


def _smaller(one: int | None, other: int | None) -> int | None:
    return min((each for each in (one, other) if each is not None), default=None)


def _as_count(least: int, most: int | None) -> Number | Interval | None:
    if least == most:
        return least
    if least == 0 and most is None:
        return None
    return Interval(lo=least, hi=most)
