"""What imaging adds to cards: the probability after each exam, said once, and a typical signal on MRI."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from rulesets.language import Value
from rulesets.record import Member
from rulesets.rulebook import RULES
from rulesets.thresholds import effective
from service.cards.lines_imaging import ASKS_FOR_EXAMS, LINES
from service.cards.relevance import shown
from service.conclude import conclude
from service.fire import Reasoner
from service.reasoning.findings import Conclusion
from tests.rulesets.building import lesion, record

TYPICAL: Mapping[str, Value] = {"mri_t1": "low", "mri_t2": "high", "mri_dwi": "restricted"}
NOT_CHAINED = "Results are not chained, as nothing shows that the exams are independent."


@pytest.fixture(scope="module")
def reasoner() -> Reasoner:
    return Reasoner(effective())


def concluded(reasoner: Reasoner, facts: Mapping[str, Value], lesions: tuple[Member, ...] | None = None) -> Conclusion:
    return conclude(reasoner.fire(record(facts, lesions=lesions)), reasoner.thresholds)


def lines_by_rule(conclusion: Conclusion) -> dict[str, list[str]]:
    """The lines of every rule shown at patient-view that has any."""
    found: dict[str, list[str]] = {}
    for firing in shown(conclusion, "patient-view"):
        own = tuple(each for each in conclusion.fired if each.rule.id == firing.rule.id)
        if lines := LINES.get(firing.rule.id, lambda conclusion, firings: [])(conclusion, own):
            found[firing.rule.id] = lines
    return found


def exam_lines(reasoner: Reasoner, before: float = 0.3, **facts: Value) -> list[str]:
    """The lines of a suspected disease on the exams done, ``imaging_bone_scan="positive"``."""
    stated: dict[str, Value] = {"mets.status": "suspected", "imaging.pretest_probability": before}
    stated |= {name.replace("_", ".", 1): value for name, value in facts.items()}
    [lines] = lines_by_rule(concluded(reasoner, stated)).values()
    return [line for line in lines if line.startswith("- ")]


def test_the_lines_say_the_estimate_each_exam_and_that_nothing_is_chained(reasoner: Reasoner) -> None:
    facts: dict[str, Value] = {
        "mets.status": "suspected", "imaging.pretest_probability": 0.3, "imaging.bone_scan": "positive",
        "imaging.mri": "positive", "imaging.naf_pet": "negative",
    }  # fmt: skip

    assert lines_by_rule(concluded(reasoner, facts)) == {
        "dq.mets-unconfirmed": [
            "",
            "A clinician put the probability of bone metastases before imaging at 30%. After each exam by itself:",
            "",
            "- Bone scan positive: 39% (78% sensitive and 48% specific, section 2.2 [27, 31]; likelihood ratio 1.5)",
            "- MRI of the skeleton positive: at most 82% (up to 100% sensitive and 90% specific, section 2.1 [26]; likelihood ratio at most 10)",
            "- 18F-NaF PET negative: not estimable (100% sensitive and 97% specific, section 2.2 [27]); by itself it neither excludes nor proves metastases",
            "",
            NOT_CHAINED,
        ]
    }


@pytest.mark.parametrize("missing", ["imaging.pretest_probability", "imaging.bone_scan"])
def test_without_an_estimate_or_a_result_nothing_is_said(reasoner: Reasoner, missing: str) -> None:
    facts: dict[str, Value] = {
        "mets.status": "suspected", "imaging.pretest_probability": 0.3, "imaging.bone_scan": "positive",
    }  # fmt: skip
    assert lines_by_rule(concluded(reasoner, facts))

    del facts[missing]
    assert lines_by_rule(concluded(reasoner, facts)) == {}


def test_several_rules_that_ask_for_exams_carry_the_lines_once(reasoner: Reasoner) -> None:
    facts: dict[str, Value] = {
        "mets.status": "suspected", "imaging.pretest_probability": 0.3, "imaging.bone_scan": "negative",
        "imaging.mri": "not_done", "imaging.ct": "negative", "patient.bone_pain": True,
    }  # fmt: skip

    conclusion = concluded(reasoner, facts)

    assert len({firing.rule.id for firing in conclusion.fired} & set(ASKS_FOR_EXAMS)) >= 4
    assert list(lines_by_rule(conclusion)) == ["risk.symptomatic-investigate"]


def test_a_rule_that_another_silences_does_not_take_the_lines_with_it(reasoner: Reasoner) -> None:
    facts: dict[str, Value] = {
        "mets.status": "suspected", "imaging.pretest_probability": 0.3, "imaging.bone_scan": "positive",
        "patient.neuro_symptoms": True,
    }  # fmt: skip

    conclusion = concluded(reasoner, facts)

    assert "risk.symptomatic-investigate" in {firing.rule.id for firing in conclusion.fired}
    assert list(lines_by_rule(conclusion)) == ["dq.mets-unconfirmed"]


def test_the_rules_that_carry_the_lines_exist_and_show_at_patient_view_only() -> None:
    carriers = [rule for rule in RULES if rule.id in LINES]

    assert [rule.id for rule in carriers] == list(ASKS_FOR_EXAMS)
    assert {rule.hooks for rule in carriers} == {("patient-view",)}


@pytest.mark.parametrize(
    ("tumour", "said"),
    [
        ({"tumour_er_primary": "negative", "tumour_histology": "ductal_nst"}, ""),
        (
            {"tumour_er_primary": "positive"},
            "; the paper calls it insensitive in luminal and lobular tumours and gives no figure",
        ),
        (
            {"tumour_histology": "lobular"},
            "; the paper calls it insensitive in luminal and lobular tumours and gives no figure",
        ),
        (
            {"tumour_er_primary": "negative"},
            "; it is insensitive in luminal and lobular tumours (not known here: histology)",
        ),
        (
            {},
            "; it is insensitive in luminal and lobular tumours (not known here: oestrogen receptor and histology)",
        ),
        (
            {"tumour_er_primary": "negative", "tumour_histology": "ductal_nst", "patient_sarcoidosis": True},
            "; it is less specific in sarcoidosis",
        ),
    ],
)
def test_fdg_says_why_its_figures_may_not_hold(reasoner: Reasoner, tumour: Mapping[str, Value], said: str) -> None:
    [line] = exam_lines(reasoner, imaging_fdg_pet="negative", **tumour)

    least, ratio = ("at least 1%", "at least 0.0357") if said else ("2%", "0.0357")
    quoted = "98% sensitive and 56% specific, section 2.2 [27]"
    assert line == f"- FDG-PET negative: {least} ({quoted}; likelihood ratio {ratio}){said}"


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (0.0001, "under 0.1%"),
        (0.005, "0.7%"),
        (0.02, "3%"),
        (0.5, "60%"),
        (0.99, "99.3%"),
        (0.9999, "over 99.9%"),
    ],
)
def test_a_probability_is_in_whole_per_cent_finer_near_the_ends_and_never_certain(
    reasoner: Reasoner, before: float, said: str
) -> None:
    [line] = exam_lines(reasoner, before, imaging_bone_scan="positive")

    assert line.startswith(f"- Bone scan positive: {said} (")


@pytest.mark.parametrize(
    ("before", "most", "least"),
    [
        (0.001, "at most 1.0%", "more than 0%"),
        (0.03, "at most 24%", "at least 0.1%"),
        (0.5, "at most 91%", "at least 3%"),
        (0.98, "at most 99.8%", "at least 63%"),
        (0.9999, "less than 100%", "at least 99.7%"),
    ],
)
def test_a_bound_is_not_rounded_past_itself(reasoner: Reasoner, before: float, most: str, least: str) -> None:
    mri, fdg = exam_lines(reasoner, before, imaging_mri="positive", imaging_fdg_pet="negative")

    assert mri.startswith(f"- MRI of the skeleton positive: {most} (")
    assert fdg.startswith(f"- FDG-PET negative: {least} (")


# --- typical signal ------------------------------------------------------------------------------


def test_a_typical_signal_is_told_where_metastases_are_only_suspected(reasoner: Reasoner) -> None:
    lesions = (
        lesion("lesions/0", site="vertebra", **TYPICAL),
        lesion("lesions/1", site="rib", **{**TYPICAL, "mri_t1": "other"}),
    )

    assert lines_by_rule(concluded(reasoner, {"mets.status": "suspected"}, lesions)) == {
        "dq.mets-unconfirmed": [
            "MRI signal usual of bone metastases (lesion, vertebra): it supports a metastasis and does not confirm it."
        ]
    }


@pytest.mark.parametrize("lesions", [None, (), (lesion(site="vertebra", mri_t1="low", mri_t2="high"),)])
def test_no_signal_or_an_incomplete_one_is_not_typical(reasoner: Reasoner, lesions: tuple[Member, ...] | None) -> None:
    assert lines_by_rule(concluded(reasoner, {"mets.status": "suspected"}, lesions)) == {}


def test_a_typical_signal_comes_before_the_probabilities(reasoner: Reasoner) -> None:
    facts: dict[str, Value] = {
        "mets.status": "suspected",
        "imaging.pretest_probability": 0.3,
        "imaging.mri": "positive",
    }

    [lines] = lines_by_rule(concluded(reasoner, facts, (lesion(**TYPICAL),))).values()

    assert lines[0].startswith("MRI signal usual of bone metastases (lesion of unknown site)")
    assert lines[1] == ""
    assert lines[2].startswith("A clinician put the probability")
