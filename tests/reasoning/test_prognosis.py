"""Prognosis: sound over every completion of what is unknown, and monotone."""

from __future__ import annotations

import os
import random
from datetime import date
from typing import Any

import pytest

from rulesets.language import Interval, Truth
from rulesets.prognosis import CRITERIA
from rulesets.record import Fact, Record
from rulesets.thresholds import effective
from service.fire import Reasoner
from service.reasoning import prognosis as stratifying
from service.reasoning.engine import Engine
from service.reasoning.findings import Prognosis
from service.reasoning.prognosis import Stratifier
from tests.support import brute_force

RECORDS = int(os.environ.get("SOAK_RECORDS", "600"))
CONFIRMED = {"mets.status": "confirmed", "mets.organ.bone": "present"}
FIT = {
    **CONFIRMED,
    **{organ: "absent" for organ in (*brute_force.VISCERAL, *brute_force.ELSEWHERE)},
    "mets.lesion_count": 2,
    "tumour.er": "positive",
    "tumour.pr": "positive",
    "tumour.her2": "negative",
    "patient.age_years": 50,
    "patient.ecog": 0,
    "patient.comorbidities": "none",
    "systemic.prior_lines_metastatic": 0,
    "pattern.skeletal_event": False,
}
WORSE = {
    "mets.lesion_count": 5,
    **{organ: "present" for organ in (*brute_force.VISCERAL, *brute_force.ELSEWHERE)},
    "tumour.er": "negative",
    "patient.ecog": 2,
    "patient.comorbidities": "significant",
    "systemic.prior_lines_metastatic": 2,
    "patient.systemic_condition": "compromised",
}


@pytest.fixture(scope="module")
def reasoner() -> Reasoner:
    return Reasoner(effective())


def prognosis(reasoner: Reasoner, facts: dict[str, Any]) -> Prognosis:
    known = {name: Fact(name=name, value=value) for name, value in facts.items() if value is not None}
    return reasoner.stratifier.prognosis_of(Record(evaluation_date=date(2026, 11, 1), facts=known))


def without(facts: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name not in names}


def random_facts(chance: random.Random) -> dict[str, Any]:
    """A partial patient; few enough unknowns that brute force ends."""
    facts: dict[str, Any] = dict(CONFIRMED)
    unknown = set(chance.sample(brute_force.ATOMS, chance.randint(0, 5)))
    for name in brute_force.ATOMS:
        if name in unknown:
            continue
        if name in brute_force.CHOICES:
            # Absence is as likely as presence, or nobody would ever be in the good group.
            facts[name] = chance.choice(brute_force.CHOICES[name] + brute_force.CHOICES[name][1:] * 2)
            continue
        lowest, highest = brute_force.RANGES[name]
        facts[name] = chance.randint(lowest, highest)
        if name in ("mets.lesion_count", "systemic.prior_lines_metastatic") and chance.random() < 0.3:
            hi = chance.choice([None, facts[name] + chance.randint(1, 3)])
            facts[name] = Interval(lo=facts[name], hi=hi)
    if chance.random() < 0.3:
        facts["patient.systemic_condition"] = chance.choice(["acceptable", "compromised"])
    facts["pattern.skeletal_event"] = chance.random() < 0.3
    return facts


@pytest.mark.parametrize("seed", range(6))
def test_the_groups_are_those_of_every_completion(reasoner: Reasoner, seed: int) -> None:
    """Invariant 2: possible groups, points, lean and missing facts are found again by enumeration."""
    chance = random.Random(seed)
    for _ in range(RECORDS // 6):
        facts = random_facts(chance)
        found, expected = prognosis(reasoner, facts), brute_force.answer(facts)
        assert set(found.possible) == expected["groups"]
        assert found.group == (found.possible[0] if len(found.possible) == 1 else "indeterminate")
        assert (found.points_lo, found.points_hi) == expected["points"]
        assert found.lean == expected["lean"]
        assert set(found.missing) == expected["missing"], facts


@pytest.mark.parametrize("seed", range(4))
def test_worsening_a_fact_never_improves_the_group(reasoner: Reasoner, seed: int) -> None:
    """Invariant 4: of the facts that the criteria read."""
    chance = random.Random(100 + seed)
    for _ in range(RECORDS // 4):
        facts = random_facts(chance)
        before = prognosis(reasoner, facts)
        for name, worse in WORSE.items():
            if isinstance(facts.get(name), Interval) or (
                isinstance(worse, int) and facts.get(name) is not None and facts[name] >= worse
            ):
                continue
            if name not in facts and name != "patient.systemic_condition":
                continue
            after = prognosis(reasoner, {**facts, name: worse})
            rank = brute_force.ORDER.index
            assert rank(after.possible[0]) >= rank(before.possible[0]), name
            assert rank(after.possible[-1]) >= rank(before.possible[-1]), name


@pytest.mark.parametrize("seed", range(4))
def test_adding_a_fact_never_widens_the_possible_groups(reasoner: Reasoner, seed: int) -> None:
    """Invariant 3: of the facts that the criteria read."""
    chance = random.Random(200 + seed)
    for _ in range(RECORDS // 4):
        facts = random_facts(chance)
        name = chance.choice(brute_force.ATOMS)
        fewer = prognosis(reasoner, without(facts, name))
        more = prognosis(reasoner, facts)
        assert set(more.possible) <= set(fewer.possible), name


@pytest.mark.parametrize("name", brute_force.ATOMS)
def test_what_is_missing_is_just_what_decides(reasoner: Reasoner, name: str) -> None:
    found = prognosis(reasoner, without(FIT, name))

    decides = name not in ("patient.age_years", "tumour.pr", "tumour.her2")
    assert found.missing == ((name,) if decides else ())
    assert found.group == ("indeterminate" if decides else "good")


WORKED = [
    ("age alone", {**FIT, "tumour.her2": "positive", "mets.lesion_count": 3, "patient.age_years": 66}, "good", None, 0),
    ("er negative", {**FIT, "tumour.er": "negative", "tumour.her2": "positive", "patient.age_years": 45}, "intermediate", "mixed", 1),
    ("distant nodes", {**FIT, "mets.lesion_count": 2, "mets.organ.distant_nodes": "present"}, "intermediate", "favourable", 0),
    ("triple negative at 50", {**FIT, "tumour.er": "negative", "tumour.pr": "negative", "mets.lesion_count": 6, "patient.ecog": 1}, "intermediate", "mixed", 3),
    ("triple negative at 64", {**FIT, "tumour.er": "negative", "tumour.pr": "negative", "mets.lesion_count": 6, "patient.age_years": 64}, "intermediate", "unfavourable", 3),
    ("plurimetastatic, visceral, triple negative", {**FIT, "tumour.er": "negative", "tumour.pr": "negative", "mets.lesion_count": 6, "mets.organ.lung": "present"}, "poor", None, 4),
]  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "group", "lean", "points"), [case[1:] for case in WORKED], ids=[case[0] for case in WORKED]
)
def test_a_worked_example(reasoner: Reasoner, facts: dict[str, Any], group: str, lean: str | None, points: int) -> None:
    found = prognosis(reasoner, facts)

    assert found.group == group
    assert found.points_lo == found.points_hi == points
    assert found.lean == (lean or "not_applicable")


@pytest.mark.parametrize(("count", "group"), [(4, "good"), (5, "intermediate")])
def test_five_lesions_are_plurimetastatic(reasoner: Reasoner, count: int, group: str) -> None:
    assert prognosis(reasoner, {**FIT, "mets.lesion_count": count}).group == group


@pytest.mark.parametrize(("ecog", "group"), [(1, "good"), (2, "intermediate"), (3, "poor")])
def test_performance_status_decides_at_two_and_three(reasoner: Reasoner, ecog: int, group: str) -> None:
    assert prognosis(reasoner, {**FIT, "patient.ecog": ecog}).group == group


def test_ecog_four_alone_is_poor(reasoner: Reasoner) -> None:
    found = prognosis(reasoner, {**CONFIRMED, "patient.ecog": 4, "pattern.skeletal_event": False})

    assert found.group == "poor"
    assert (found.points_lo, found.points_hi) == (1, 7)


def test_a_skeletal_event_may_explain_the_performance_status(reasoner: Reasoner) -> None:
    found = prognosis(reasoner, {**FIT, "patient.ecog": 3, "pattern.skeletal_event": True})

    assert found.possible == ("intermediate", "poor")
    assert found.missing == ("patient.systemic_condition",)


@pytest.mark.parametrize(
    ("override", "possible"),
    [
        ({"mets.rapid_progression": True}, ("good", "intermediate", "poor")),
        ({"mets.progression_pattern": "widespread"}, ("good", "intermediate", "poor")),
        ({"mets.visceral_crisis": True}, ("good", "intermediate", "poor")),
        ({"patient.life_expectancy_weeks": Interval(lo=4, hi=11)}, ("good", "intermediate", "poor")),
        ({"patient.life_expectancy_weeks": 12}, ("good",)),
        ({"mets.progression_pattern": "oligoprogressive"}, ("good",)),
    ],
)  # fmt: skip
def test_a_crisis_withdraws_the_good_group(
    reasoner: Reasoner, override: dict[str, Any], possible: tuple[str, ...]
) -> None:
    found = prognosis(reasoner, {**FIT, **override})

    assert found.possible == possible
    assert found.missing == ()
    assert found.conflict_facts == (tuple(override) if len(possible) > 1 else ())


def test_a_visceral_crisis_withdraws_the_intermediate_group_too(reasoner: Reasoner) -> None:
    found = prognosis(reasoner, {**FIT, "patient.ecog": 2, "mets.visceral_crisis": True})

    assert (found.group, found.possible) == ("indeterminate", ("intermediate", "poor"))
    assert found.conflict_facts == ("mets.visceral_crisis",)


def test_a_crisis_contradicts_no_group_that_the_facts_leave_open(reasoner: Reasoner) -> None:
    found = prognosis(reasoner, {**without(FIT, "patient.ecog"), "mets.rapid_progression": True})

    assert found.possible == ("good", "intermediate", "poor")
    assert (found.missing, found.conflict_facts) == (("patient.ecog",), ())


def test_missing_facts_are_named_in_the_order_of_the_facts_and_the_general_condition_first(reasoner: Reasoner) -> None:
    open_facts = ("patient.comorbidities", "tumour.er", "mets.organ.brain", "systemic.prior_lines_metastatic")
    event = {**without(FIT, *open_facts), "patient.ecog": 3, "pattern.skeletal_event": True}

    assert prognosis(reasoner, without(FIT, *open_facts)).missing == (
        "patient.comorbidities", "tumour.er", "mets.organ.brain", "systemic.prior_lines_metastatic",
    )  # fmt: skip
    assert prognosis(reasoner, event).missing[0] == "patient.systemic_condition"


def test_each_criterion_is_told_true_false_or_unknown(reasoner: Reasoner) -> None:
    found = dict(prognosis(reasoner, {**without(FIT, "patient.ecog"), "tumour.er": "negative"}).criteria)

    assert found["prognosis.criterion.bone_only/true"] is Truth.TRUE
    assert found["prognosis.criterion.luminal/true"] is Truth.FALSE
    assert found["prognosis.criterion.ecog/true"] is Truth.UNKNOWN
    assert list(found) == [definition.id for dimension in CRITERIA for definition in dimension.definitions]


def test_rapid_progression_does_not_touch_the_intermediate_group(reasoner: Reasoner) -> None:
    found = prognosis(reasoner, {**FIT, "patient.ecog": 2, "mets.rapid_progression": True})

    assert (found.group, found.conflict_facts) == ("intermediate", ())


@pytest.mark.parametrize(("facts", "missing"), [
    (without(FIT, "mets.status"), ("mets.status",)),
    (without(FIT, "mets.organ.bone"), ("mets.organ.bone",)),
])  # fmt: skip
def test_without_status_or_bone_no_group_is_stated(
    reasoner: Reasoner, facts: dict[str, Any], missing: tuple[str, ...]
) -> None:
    found = prognosis(reasoner, facts)

    assert (found.group, found.missing) == ("indeterminate", missing)
    assert found.possible == ("good", "intermediate", "poor")


@pytest.mark.parametrize(
    "facts", [{"mets.status": "none"}, {"mets.status": "suspected"}, {**CONFIRMED, "mets.organ.bone": "absent"}]
)
def test_where_there_is_no_bone_metastasis_there_is_no_group(reasoner: Reasoner, facts: dict[str, Any]) -> None:
    found = prognosis(reasoner, facts)

    assert (found.group, found.lean, found.possible) == ("not_applicable", "not_applicable", ())


def test_thresholds_of_a_site_decide() -> None:
    site = Reasoner(effective({"oligo_max_lesions": 5}))

    assert prognosis(site, {**FIT, "mets.lesion_count": 5}).group == "good"


def test_age_counts_as_a_point_only_when_switched_on() -> None:
    site = Reasoner(effective({"age_counts_as_point": True}))

    found = prognosis(site, {**FIT, "patient.age_years": 61, "patient.ecog": 2})

    assert (found.points_lo, found.points_hi) == (2, 2)


def test_a_single_lesion_is_asked_only_when_switched_on() -> None:
    site = Reasoner(effective({"good_requires_single_lesion": True}))

    assert prognosis(site, FIT).group == "intermediate"
    assert prognosis(site, {**FIT, "mets.lesion_count": 1}).group == "good"


def test_a_stratifier_gives_the_same_answer_twice(reasoner: Reasoner) -> None:
    assert isinstance(reasoner.stratifier, Stratifier)
    assert prognosis(reasoner, FIT) == prognosis(reasoner, FIT)


def test_what_the_engine_has_said_once_it_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    reasoner, asked, run = Reasoner(effective()), [], Engine.run
    first = prognosis(reasoner, without(FIT, "patient.ecog"))

    def counted(engine: Engine, section: str, record: Record) -> Any:
        asked.append(section)
        return run(engine, section, record)

    monkeypatch.setattr(Engine, "run", counted)

    assert prognosis(reasoner, without(FIT, "patient.ecog")) == first
    assert prognosis(reasoner, {**FIT, "patient.ecog": 2}).group == "intermediate"
    assert asked == ["prognosis overrides", "prognosis criteria"] * 2


def test_a_patient_seen_before_is_not_tried_out_again(monkeypatch: pytest.MonkeyPatch, reasoner: Reasoner) -> None:
    first = prognosis(reasoner, without(FIT, "patient.ecog", "tumour.er"))

    def refused(*_: object) -> Any:
        raise AssertionError("It was found out before.")

    monkeypatch.setattr(Stratifier, "_found_options", refused)
    monkeypatch.setattr(Stratifier, "_missing", refused)

    assert prognosis(reasoner, without(FIT, "patient.ecog", "tumour.er")) == first


def test_no_more_than_some_patients_are_remembered_and_the_answers_stay_the_same(
    monkeypatch: pytest.MonkeyPatch, reasoner: Reasoner
) -> None:
    patients = [{**FIT, "mets.lesion_count": count} for count in range(1, 13)]
    expected = [prognosis(reasoner, patient) for patient in patients]
    most = len(CRITERIA) + 1  # one patient, and one dimension of the next

    monkeypatch.setattr(stratifying, "MOST_REMEMBERED", most)
    forgetful = Reasoner(effective())
    for patient, answer in zip(patients * 2, expected * 2, strict=True):
        assert prognosis(forgetful, patient) == answer
        assert len(forgetful.stratifier._known_sums) <= most
        assert len(forgetful.stratifier._known_options) <= most


@pytest.mark.parametrize("most", [1, 2])
def test_sums_alone_are_forgotten_when_they_are_many(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(stratifying, "MOST_REMEMBERED", 100)
    stratifier = Reasoner(effective()).stratifier
    options = [
        stratifier._options(dimension, Record(evaluation_date=date(2026, 11, 1), facts={})) for dimension in CRITERIA
    ]
    monkeypatch.setattr(stratifying, "MOST_REMEMBERED", most)

    for end in range(1, len(options)):
        stratifier._combined(tuple(options[:end]))
        assert len(stratifier._known_sums) <= most
