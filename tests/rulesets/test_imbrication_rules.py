"""The rules about drugs around radiotherapy, each on both sides, by a plain reading of the record."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence

import pytest

from rulesets.currency import CDK46_SERIES, CHECKPOINT_CONSENSUS, TARGETED_CONSENSUS
from rulesets.imbrication import RULES
from rulesets.language import (
    Condition,
    FactType,
    Some,
    Truth,
    Value,
    clauses_of,
    comparisons_in,
    facts_in,
    judge,
    with_thresholds,
)
from rulesets.rule import ORDER_HOOKS, Rule
from rulesets.thresholds import effective

IDS = (
    "imbrication.cytotoxic-rt",
    "imbrication.cytotoxic-rt-recent",
    "imbrication.cytotoxic-after-rt",
    "imbrication.sequence-priority",
    "imbrication.oligomet-chemo-case",
    "imbrication.et-rt",
    "imbrication.mtor-pi3k-rt",
    "imbrication.cdk46-rt",
    "imbrication.cdk46-rt-recent",
    "imbrication.cdk46-rt-first",
    "imbrication.abemaciclib-rt-gi",
    "imbrication.her2-radioresistance",
    "imbrication.trastuzumab-rt",
    "imbrication.lapatinib-tdm1-rt",
    "imbrication.her2-dose-above-standard",
    "imbrication.tdm1-brain-srs",
    "imbrication.her2-other-rt",
    "imbrication.parp-rt",
    "imbrication.parp-rt-recent",
    "imbrication.parp-after-rt",
    "imbrication.parp-rt-marrow",
    "imbrication.io-rt",
    "imbrication.io-bone-response",
    "imbrication.radical-concomitance",
    "imbrication.unknown-exposure",
    "imbrication.med-list-missing",
    "imbrication.class-not-in-paper",
)
BY_ID = {rule.id.removeprefix("imbrication."): rule for rule in RULES}
EXPOSURES = ("concurrent", "recent", "clear", "after_rt_early", "after_rt")

Facts = Mapping[str, Value]
"""Facts by full name; one that is not there is unknown."""


# --- the plain evaluator -------------------------------------------------------------------------


def truth(condition: Condition, facts: Facts, drugs: Sequence[Facts] | None = None) -> Truth:
    """The truth of a condition for one course and drug; ``drugs`` is the list some_drug speaks of."""

    def value_of(fact: FactType) -> Value | None:
        return facts.get(fact.name)

    def some(claim: Some) -> Truth:
        assert claim.element == "drug" and not claim.negated
        if drugs is None:
            return Truth.UNKNOWN
        truths = [truth(claim.condition, {**facts, **one}) for one in drugs]
        return next((found for found in (Truth.TRUE, Truth.UNKNOWN) if found in truths), Truth.FALSE)

    return judge(with_thresholds(condition, effective().values), value_of, some)


def verdict(id: str, facts: Facts, drugs: Sequence[Facts] | None = None) -> Truth:
    """The truth of a rule. Drug facts of a rule that asks for some drug are those of a list of one."""
    rule = BY_ID[id]
    if drugs is None and "drug" not in rule.for_each and any(name.startswith("drug.") for name in facts):
        drugs = [{name: value for name, value in facts.items() if name.startswith("drug.")}]
        facts = {name: value for name, value in facts.items() if not name.startswith("drug.")}
    return truth(rule.when, facts, drugs)


def pair(drug_class: str, exposure: str | None = "concurrent", **others: Value) -> dict[str, Value]:
    """An open course to bone and a drug of a class; other facts as ``rt_region="spine"``."""
    facts: dict[str, Value] = {
        "rt.planned": True,
        "rt.relevant": True,
        "rt.status": "planned",
        "rt.target": "bone",
        "drug.drug_class": drug_class,
    }
    if exposure is not None:
        facts["drug.exposure"] = exposure
    return {**facts, **{name.replace("_", ".", 1): value for name, value in others.items()}}


# --- every rule, both sides of every clause ------------------------------------------------------

# Facts that make each rule true, each beside a value that makes it false.
CASES: dict[str, dict[str, tuple[Value, Value]]] = {
    "cytotoxic-rt": {
        "rt.planned": (True, False),
        "drug.drug_class": ("cytotoxic", "trop2_adc"),
        "drug.exposure": ("concurrent", "recent"),
    },
    "cytotoxic-rt-recent": {
        "rt.planned": (True, False),
        "drug.drug_class": ("cytotoxic", "endocrine"),
        "drug.exposure": ("recent", "clear"),
    },
    "cytotoxic-after-rt": {
        "rt.relevant": (True, False),
        "drug.drug_class": ("cytotoxic", "parp_inhibitor"),
        "drug.exposure": ("after_rt_early", "after_rt"),
    },
    "sequence-priority": {
        "rt.planned": (True, False),
        "rt.target": ("bone", "brain"),
        "drug.drug_class": ("cdk46_inhibitor", "endocrine"),
        "drug.exposure": ("recent", "clear"),
    },
    "oligomet-chemo-case": {
        "rt.planned": (True, False),
        "rt.target": ("bone", "other"),
        "rt.intent": ("radical", "palliative"),
        "pattern.burden": ("oligometastatic", "plurimetastatic"),
        "drug.drug_class": ("cytotoxic", "parp_inhibitor"),
        "drug.exposure": ("concurrent", "clear"),
    },
    "et-rt": {
        "rt.planned": (True, False),
        "drug.drug_class": ("endocrine", "cdk46_inhibitor"),
        "drug.exposure": ("concurrent", "clear"),
    },
    "mtor-pi3k-rt": {
        "rt.planned": (True, False),
        "drug.name": ("alpelisib", "inavolisib"),
        "drug.exposure": ("concurrent", "clear"),
    },
    "cdk46-rt": {
        "rt.planned": (True, False),
        "drug.drug_class": ("cdk46_inhibitor", "endocrine"),
        "drug.exposure": ("concurrent", "recent"),
    },
    "cdk46-rt-recent": {
        "rt.planned": (True, False),
        "drug.drug_class": ("cdk46_inhibitor", "parp_inhibitor"),
        "drug.exposure": ("recent", "clear"),
    },
    "cdk46-rt-first": {
        "rt.relevant": (True, False),
        "rt.status": ("planned", "in_progress"),
        "drug.drug_class": ("cdk46_inhibitor", "endocrine"),
        "drug.status": ("draft", "active"),
        "drug.exposure": ("concurrent", "after_rt"),
    },
    "abemaciclib-rt-gi": {
        "rt.planned": (True, False),
        "rt.target": ("bone", "brain"),
        "drug.name": ("abemaciclib", "palbociclib"),
        "drug.exposure": ("concurrent", "recent"),
        "rt.region": ("sacrum", "thorax"),
    },
    "her2-radioresistance": {
        "rt.planned": (True, False),
        "tumour.her2": ("positive", "negative"),
    },
    "trastuzumab-rt": {
        "rt.planned": (True, False),
        "drug.name": ("trastuzumab", "trastuzumab deruxtecan"),
        "drug.exposure": ("concurrent", "clear"),
    },
    "lapatinib-tdm1-rt": {
        "rt.planned": (True, False),
        "rt.target": ("bone", "brain"),
        "drug.name": ("trastuzumab emtansine", "trastuzumab deruxtecan"),
        "drug.exposure": ("concurrent", "recent"),
        "drug.dose_above_standard": (False, True),
    },
    "her2-dose-above-standard": {
        "rt.planned": (True, False),
        "drug.exposure": ("concurrent", "recent"),
        "drug.name": ("lapatinib", "neratinib"),
        "drug.dose_above_standard": (True, False),
    },
    "tdm1-brain-srs": {
        "rt.relevant": (True, False),
        "rt.target": ("brain", "bone"),
        "rt.technique": ("SRS", "IMRT"),
        "drug.name": ("trastuzumab emtansine", "trastuzumab deruxtecan"),
        "drug.exposure": ("after_rt_early", "after_rt"),
    },
    "her2-other-rt": {
        "rt.planned": (True, False),
        "drug.name": ("tucatinib", "lapatinib"),
        "drug.exposure": ("concurrent", "clear"),
    },
    "parp-rt": {
        "rt.planned": (True, False),
        "drug.drug_class": ("parp_inhibitor", "cytotoxic"),
        "drug.exposure": ("concurrent", "recent"),
    },
    "parp-rt-recent": {
        "rt.planned": (True, False),
        "drug.drug_class": ("parp_inhibitor", "cytotoxic"),
        "drug.exposure": ("recent", "clear"),
    },
    "parp-after-rt": {
        "rt.relevant": (True, False),
        "drug.drug_class": ("parp_inhibitor", "cytotoxic"),
        "drug.exposure": ("after_rt_early", "after_rt"),
    },
    "parp-rt-marrow": {
        "rt.planned": (True, False),
        "drug.drug_class": ("parp_inhibitor", "cytotoxic"),
        "drug.exposure": ("recent", "after_rt_early"),
        "rt.region": ("spine", "extremity"),
        "rt.large_field": (True, False),
    },
    "io-rt": {
        "rt.planned": (True, False),
        "rt.target": ("bone", "brain"),
        "drug.drug_class": ("checkpoint_inhibitor", "anti_vegf"),
        "drug.exposure": ("concurrent", "clear"),
    },
    "io-bone-response": {
        "mets.status": ("confirmed", "suspected"),
        "mets.organ.bone": ("present", "absent"),
        "drug.drug_class": ("checkpoint_inhibitor", "cytotoxic"),
        "drug.status": ("active", "stopped"),
    },
    "radical-concomitance": {
        "rt.planned": (True, False),
        "rt.target": ("bone", "brain"),
        "rt.intent": ("radical", "palliative"),
        "drug.drug_class": ("akt_inhibitor", "anti_her2_mab"),
        "drug.exposure": ("concurrent", "recent"),
    },
    "unknown-exposure": {
        "rt.planned": (True, False),
        "drug.drug_class": ("anti_vegf", "endocrine"),
    },
    "med-list-missing": {
        "rt.planned": (True, False),
        "meds.list_available": (False, True),
    },
    "class-not-in-paper": {
        "rt.relevant": (True, False),
        "drug.drug_class": ("anti_her2_adc", "anti_her2_mab"),
        "drug.name": ("trastuzumab deruxtecan", "trastuzumab emtansine"),
        "drug.exposure": ("recent", "clear"),
    },
}

# Facts whose absence leaves a rule true: an unknown value is what it warns of, or does not quiet it.
TRUE_WITHOUT = {
    ("cdk46-rt-first", "drug.exposure"),
    ("abemaciclib-rt-gi", "rt.region"),
    ("lapatinib-tdm1-rt", "drug.dose_above_standard"),
    ("unknown-exposure", "rt.planned"),
}

EACH_FACT = [(id, name) for id, facts in CASES.items() for name in facts]


def true_case(id: str) -> dict[str, Value]:
    return {name: value for name, (value, _) in CASES[id].items()}


def test_the_cases_cover_every_rule() -> None:
    assert [f"imbrication.{id}" for id in CASES] == list(IDS)


@pytest.mark.parametrize("id", CASES)
def test_a_rule_is_true_when_all_it_asks_is_so(id: str) -> None:
    assert verdict(id, true_case(id)) is Truth.TRUE


@pytest.mark.parametrize(("id", "name"), EACH_FACT)
def test_one_fact_to_the_contrary_makes_a_rule_false(id: str, name: str) -> None:
    _, contrary = CASES[id][name]

    assert verdict(id, {**true_case(id), name: contrary}) is Truth.FALSE


@pytest.mark.parametrize(("id", "name"), EACH_FACT)
def test_a_missing_fact_leaves_a_rule_open_unless_the_rule_is_about_its_absence(id: str, name: str) -> None:
    facts = true_case(id)
    del facts[name]

    assert verdict(id, facts) is (Truth.TRUE if (id, name) in TRUE_WITHOUT else Truth.UNKNOWN)


# --- what the rules say, clinically --------------------------------------------------------------


@pytest.mark.parametrize(
    ("drug_class", "concurrent", "recent"),
    [
        ("cytotoxic", "cytotoxic-rt", "cytotoxic-rt-recent"),
        ("cdk46_inhibitor", "cdk46-rt", "cdk46-rt-recent"),
        ("parp_inhibitor", "parp-rt", "parp-rt-recent"),
    ],
)
def test_a_concurrent_and_a_recent_drug_are_told_apart(drug_class: str, concurrent: str, recent: str) -> None:
    for exposure in EXPOSURES:
        assert (verdict(concurrent, pair(drug_class, exposure)) is Truth.TRUE) == (exposure == "concurrent")
        assert (verdict(recent, pair(drug_class, exposure)) is Truth.TRUE) == (exposure == "recent")


@pytest.mark.parametrize(
    ("id", "drug_class"), [("cytotoxic-after-rt", "cytotoxic"), ("parp-after-rt", "parp_inhibitor")]
)
def test_a_drug_that_overlapped_counts_as_soon_after_only_once_the_course_is_over(id: str, drug_class: str) -> None:
    assert verdict(id, pair(drug_class, "concurrent", rt_status="completed")) is Truth.TRUE
    assert verdict(id, pair(drug_class, "concurrent", rt_status="in_progress")) is Truth.FALSE
    assert verdict(id, pair(drug_class, "recent", rt_status="completed")) is Truth.FALSE


def test_the_goals_are_asked_for_the_three_classes_that_must_be_sequenced() -> None:
    for drug_class in ("cytotoxic", "parp_inhibitor", "cdk46_inhibitor"):
        assert verdict("sequence-priority", pair(drug_class, "concurrent")) is Truth.TRUE
    assert verdict("sequence-priority", pair("checkpoint_inhibitor", "concurrent")) is Truth.FALSE
    assert verdict("sequence-priority", pair("cytotoxic", "after_rt_early")) is Truth.FALSE


@pytest.mark.parametrize("id", ["sequence-priority", "oligomet-chemo-case", "radical-concomitance"])
def test_no_drug_in_the_list_is_no_but_no_list_is_unknown(id: str) -> None:
    course = {name: value for name, value in true_case(id).items() if not name.startswith("drug.")}

    assert verdict(id, course, []) is Truth.FALSE
    assert verdict(id, course, None) is Truth.UNKNOWN


def test_one_drug_among_others_is_enough_and_a_drug_never_borrows_facts_of_another() -> None:
    course: Facts = {"rt.planned": True, "rt.target": "bone"}
    olaparib_clear = {"drug.drug_class": "parp_inhibitor", "drug.exposure": "clear"}
    olaparib_recent = {"drug.drug_class": "parp_inhibitor", "drug.exposure": "recent"}
    letrozole = {"drug.drug_class": "endocrine", "drug.exposure": "concurrent"}

    assert verdict("sequence-priority", course, [letrozole, olaparib_recent]) is Truth.TRUE
    assert verdict("sequence-priority", course, [letrozole, olaparib_clear]) is Truth.FALSE


def test_everolimus_and_alpelisib_are_in_the_paper_and_inavolisib_is_not() -> None:
    for name, drug_class in (("everolimus", "mtor_inhibitor"), ("alpelisib", "pi3k_inhibitor")):
        facts = pair(drug_class, drug_name=name)
        assert (verdict("mtor-pi3k-rt", facts), verdict("class-not-in-paper", facts)) == (Truth.TRUE, Truth.FALSE)

    inavolisib = pair("pi3k_inhibitor", drug_name="inavolisib")
    assert verdict("mtor-pi3k-rt", inavolisib) is Truth.FALSE
    assert verdict("class-not-in-paper", inavolisib) is Truth.TRUE


def test_trastuzumab_deruxtecan_inherits_neither_reassurance_nor_the_warning_of_t_dm1() -> None:
    deruxtecan = pair("anti_her2_adc", drug_name="trastuzumab deruxtecan")
    to_brain = {**deruxtecan, "rt.target": "brain", "rt.technique": "SRS"}

    assert verdict("trastuzumab-rt", deruxtecan) is Truth.FALSE
    assert verdict("lapatinib-tdm1-rt", deruxtecan) is Truth.FALSE
    assert verdict("tdm1-brain-srs", to_brain) is Truth.FALSE
    assert verdict("class-not-in-paper", deruxtecan) is Truth.TRUE
    assert verdict("class-not-in-paper", to_brain) is Truth.TRUE


@pytest.mark.parametrize("drug_class", ["trop2_adc", "akt_inhibitor", "anti_vegf"])
def test_classes_newer_than_the_paper_are_not_covered_whatever_the_name(drug_class: str) -> None:
    assert verdict("class-not-in-paper", pair(drug_class, "after_rt_early")) is Truth.TRUE
    assert verdict("class-not-in-paper", pair(drug_class, "after_rt")) is Truth.FALSE


def test_radiotherapy_first_is_advised_unless_it_already_comes_first() -> None:
    def advised(exposure: str | None) -> Truth:
        return verdict("cdk46-rt-first", pair("cdk46_inhibitor", exposure, drug_status="planned"))

    assert advised("concurrent") is Truth.TRUE
    assert advised(None) is Truth.TRUE
    assert advised("after_rt") is Truth.FALSE
    assert advised("clear") is Truth.FALSE


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("spine", Truth.TRUE),
        ("sacrum", Truth.TRUE),
        ("pelvis", Truth.TRUE),
        ("thorax", Truth.FALSE),
        ("extremity", Truth.FALSE),
        ("skull", Truth.FALSE),
        ("other", Truth.FALSE),
    ],
)
def test_abemaciclib_warns_where_bowel_may_lie_in_the_field(region: str, expected: Truth) -> None:
    facts = pair("cdk46_inhibitor", drug_name="abemaciclib", rt_region=region)

    assert verdict("abemaciclib-rt-gi", facts) is expected


def test_the_reassurance_on_t_dm1_gives_way_to_the_warning_above_the_standard_dose() -> None:
    facts = pair("anti_her2_adc", drug_name="trastuzumab emtansine")
    above, within = {**facts, "drug.dose_above_standard": True}, {**facts, "drug.dose_above_standard": False}

    assert (verdict("lapatinib-tdm1-rt", above), verdict("her2-dose-above-standard", above)) == (
        Truth.FALSE,
        Truth.TRUE,
    )
    assert (verdict("lapatinib-tdm1-rt", within), verdict("her2-dose-above-standard", within)) == (
        Truth.TRUE,
        Truth.FALSE,
    )
    assert (verdict("lapatinib-tdm1-rt", facts), verdict("her2-dose-above-standard", facts)) == (
        Truth.TRUE,
        Truth.UNKNOWN,
    )


def test_a_brain_course_of_unknown_technique_is_radiosurgery_from_five_gray_per_fraction() -> None:
    facts = true_case("tdm1-brain-srs")
    del facts["rt.technique"]

    assert verdict("tdm1-brain-srs", {**facts, "rt.dose_per_fraction_gy": 5}) is Truth.TRUE
    assert verdict("tdm1-brain-srs", {**facts, "rt.dose_per_fraction_gy": 4.9}) is Truth.UNKNOWN


def test_high_fractions_are_no_radiosurgery_when_the_technique_is_known_to_be_another() -> None:
    facts = {**true_case("tdm1-brain-srs"), "rt.technique": "IMRT", "rt.dose_per_fraction_gy": 8.0}

    assert verdict("tdm1-brain-srs", facts) is Truth.FALSE


@pytest.mark.parametrize("exposure", EXPOSURES)
def test_t_dm1_around_radiosurgery_is_told_until_it_is_clear_of_it(exposure: str) -> None:
    told = verdict("tdm1-brain-srs", {**true_case("tdm1-brain-srs"), "drug.exposure": exposure})

    assert told is (Truth.FALSE if exposure in ("clear", "after_rt") else Truth.TRUE)


def test_t_dm1_is_critical_only_together_with_an_open_course() -> None:
    escalation = BY_ID["tdm1-brain-srs"].escalation
    assert escalation is not None and escalation.to == "critical"

    assert truth(escalation.when, {"drug.exposure": "concurrent", "rt.planned": True}) is Truth.TRUE
    assert truth(escalation.when, {"drug.exposure": "concurrent", "rt.planned": False}) is Truth.FALSE
    assert truth(escalation.when, {"drug.exposure": "recent", "rt.planned": True}) is Truth.FALSE


def test_a_parp_inhibitor_and_much_irradiated_marrow_is_critical_only_when_concurrent() -> None:
    escalation = BY_ID["parp-rt-marrow"].escalation
    assert escalation is not None and escalation.to == "critical"

    assert truth(escalation.when, {"drug.exposure": "concurrent"}) is Truth.TRUE
    assert truth(escalation.when, {"drug.exposure": "recent"}) is Truth.FALSE


def test_pelvis_and_sacrum_are_much_marrow_by_themselves_and_the_spine_only_as_a_large_field() -> None:
    def amplified(region: str, large_field: bool | None = None) -> Truth:
        facts = pair("parp_inhibitor", rt_region=region)
        return verdict("parp-rt-marrow", facts if large_field is None else {**facts, "rt.large_field": large_field})

    assert amplified("pelvis") is Truth.TRUE
    assert amplified("sacrum", large_field=False) is Truth.TRUE
    assert amplified("spine", large_field=True) is Truth.TRUE
    assert amplified("spine", large_field=False) is Truth.FALSE
    assert amplified("spine") is Truth.UNKNOWN
    assert amplified("extremity", large_field=True) is Truth.FALSE


@pytest.mark.parametrize(
    ("status", "expected"),
    [("draft", True), ("planned", True), ("active", True), ("on_hold", False), ("stopped", False)],
)
def test_checkpoint_inhibitors_are_spoken_of_while_they_are_given_or_about_to_be(status: str, expected: bool) -> None:
    facts = {**true_case("io-bone-response"), "drug.status": status}

    assert (verdict("io-bone-response", facts) is Truth.TRUE) == expected


@pytest.mark.parametrize(
    "drug_class",
    ["cytotoxic", "parp_inhibitor", "cdk46_inhibitor", "anti_her2_adc", "trop2_adc", "akt_inhibitor", "anti_vegf"],
)
def test_an_unknown_overlap_is_told_and_a_known_one_is_not(drug_class: str) -> None:
    assert verdict("unknown-exposure", pair(drug_class, None)) is Truth.TRUE
    for exposure in EXPOSURES:
        assert verdict("unknown-exposure", pair(drug_class, exposure)) is Truth.FALSE


@pytest.mark.parametrize("drug_class", ["endocrine", "anti_her2_mab", "checkpoint_inhibitor", "non_anticancer"])
def test_an_unknown_overlap_of_a_drug_that_needs_no_gap_is_not_told(drug_class: str) -> None:
    assert verdict("unknown-exposure", pair(drug_class, None)) is Truth.FALSE


# --- how the rules are written -------------------------------------------------------------------


def test_every_rule_of_the_group_is_there_once_and_in_order() -> None:
    assert tuple(rule.id for rule in RULES) == IDS


def filled(text: str) -> str:
    """A text with the longest drug and course it may name."""
    return text.replace("{drug}", "pegylated liposomal doxorubicin").replace("{rt}", "RT finished 28 days ago")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_summary_and_title_stay_under_140_characters_with_the_longest_names(rule: Rule) -> None:
    assert len(filled(rule.summary)) < 140
    assert len(filled(rule.title)) < 140


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_summary_names_only_what_its_rule_is_judged_for(rule: Rule) -> None:
    named = set(re.findall(r"\{(\w*)\}", rule.summary))

    assert named <= {"drug", "rt"}
    assert ("drug" in named) == ("drug" in rule.for_each)
    assert "rt" not in named or "course" in rule.for_each


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_says_where_it_comes_from_and_how_strong_it_is(rule: Rule) -> None:
    assert rule.statements and rule.evidence and rule.indicator_because and rule.detail
    for statement in rule.statements:
        assert re.fullmatch(r"\d+:[0-9a-f]{16}", statement.fingerprint)
        assert statement.section.startswith(("3, ", "5"))


def test_one_rule_is_critical_by_itself_and_two_may_become_so() -> None:
    assert [rule.id for rule in RULES if rule.indicator == "critical"] == ["imbrication.parp-rt"]
    assert [rule.id for rule in RULES if rule.escalation] == [
        "imbrication.tdm1-brain-srs",
        "imbrication.parp-rt-marrow",
    ]


def test_reassurances_make_no_card_of_their_own() -> None:
    assert [rule.id for rule in RULES if rule.output == "fact"] == [
        "imbrication.et-rt",
        "imbrication.her2-radioresistance",
        "imbrication.trastuzumab-rt",
    ]


def test_all_but_two_rules_speak_at_both_order_hooks() -> None:
    elsewhere = {rule.id: rule.hooks for rule in RULES if rule.hooks != ORDER_HOOKS}

    assert elsewhere == {
        "imbrication.her2-radioresistance": ("order-select",),
        "imbrication.io-bone-response": ("patient-view",),
    }


def test_no_rule_that_looks_for_an_unknown_exposure_asks_about_it() -> None:
    for rule in RULES:
        looks = any(
            comparison.operator == "unknown" and comparison.fact.name == "drug.exposure"
            for comparison in comparisons_in(rule.when)
        )
        assert not looks or rule.when_unknown == "silent"


def test_a_rule_that_asks_has_clauses_that_can_be_left_open() -> None:
    for rule in RULES:
        if rule.when_unknown == "ask":
            assert len(clauses_of(rule.when)) > 1
            assert any(fact.name == "drug.exposure" for fact in facts_in(rule.when))


@pytest.mark.parametrize("days", [1, 30])
def test_windows_said_in_words_are_those_in_force(days: int) -> None:
    said = {
        "cytotoxic-rt-recent": "washout_cytotoxic_days",
        "cytotoxic-after-rt": "post_rt_gap_cytotoxic_days",
        "cdk46-rt-recent": "washout_cdk46_days",
        "parp-rt-recent": "washout_parp_days",
        "parp-after-rt": "post_rt_gap_parp_days",
    }
    for id, key in said.items():
        detail = effective({key: days}).filled(BY_ID[id].detail)
        assert f"fewer than {days} days" in detail
        assert "paper gives no" in detail or "gives no number" in detail


def test_standard_doses_said_in_words_are_those_doses_are_compared_with() -> None:
    changed = effective({
        "lapatinib_standard_mg_day": 1250, "tdm1_standard_mg_kg": 2.4, "tdm1_standard_interval_days": 28,
        "dose_rounding_tolerance": 0.05,
    })  # fmt: skip
    for id in ("lapatinib-tdm1-rt", "her2-dose-above-standard"):
        assert "1250 mg a day of lapatinib, or 2.4 mg/kg of T-DM1 every 28 days" in changed.filled(BY_ID[id].detail)
        assert any("1500 mg a day" in statement.says for statement in BY_ID[id].statements)
    assert "An excess of up to 5%" in changed.filled(BY_ID["her2-dose-above-standard"].detail)


def test_newer_publications_stand_beside_the_rules_they_concern() -> None:
    noted = {rule.id.removeprefix("imbrication."): rule.since for rule in RULES if rule.since}

    assert noted == {
        "mtor-pi3k-rt": (TARGETED_CONSENSUS,),
        "cdk46-rt": (CDK46_SERIES, TARGETED_CONSENSUS),
        "cdk46-rt-recent": (TARGETED_CONSENSUS,),
        "cdk46-rt-first": (TARGETED_CONSENSUS,),
        "abemaciclib-rt-gi": (CDK46_SERIES, TARGETED_CONSENSUS),
        "trastuzumab-rt": (TARGETED_CONSENSUS,),
        "her2-other-rt": (TARGETED_CONSENSUS,),
        "parp-rt": (TARGETED_CONSENSUS,),
        "parp-rt-recent": (TARGETED_CONSENSUS,),
        "parp-after-rt": (TARGETED_CONSENSUS,),
        "parp-rt-marrow": (TARGETED_CONSENSUS,),
        "io-rt": (CHECKPOINT_CONSENSUS,),
        "radical-concomitance": (TARGETED_CONSENSUS,),
    }


def test_what_is_held_or_ordered_fits_the_rule() -> None:
    offered = {rule.id.removeprefix("imbrication."): [s.action for s in rule.suggestions] for rule in RULES}

    assert {id: actions for id, actions in offered.items() if actions} == {
        "cytotoxic-rt": ["hold_drug"],
        "cytotoxic-rt-recent": ["order_blood_count"],
        "cytotoxic-after-rt": ["order_blood_count"],
        "cdk46-rt": ["hold_drug"],
        "tdm1-brain-srs": ["hold_drug"],
        "parp-rt": ["hold_drug"],
        "parp-rt-recent": ["order_blood_count"],
        "parp-after-rt": ["order_blood_count"],
    }


def test_no_two_rules_share_a_title_or_a_summary() -> None:
    for one, other in itertools.combinations(RULES, 2):
        assert one.title != other.title
        assert one.summary != other.summary
