"""What cards on the risk of bone metastases add: figures, factors, tropism, points of a table."""

from __future__ import annotations

import pytest

from rulesets.language import Value
from rulesets.risk.published import FIRST_RELAPSE
from service.cards.lines_risk import LINES
from tests.rulesets.building import record
from tests.support.lines import concluded, lines_of

FOLLOW_UP, SYMPTOMS = "risk.tailored-follow-up", "risk.symptomatic-investigate"
NODES: dict[str, Value] = {"mets.status": "none", "tumour.positive_axillary_nodes": 5}
EVENT: dict[str, Value] = {"mets.status": "none", "tumour.first_event": "local"}


def follow_up(facts: dict[str, Value], **overrides: object) -> str:
    return "\n".join(lines_of(LINES, FOLLOW_UP, concluded(record(facts), **overrides)))


def test_the_figures_are_those_of_the_criteria_that_hold() -> None:
    by_nodes, by_event, by_both = follow_up(NODES), follow_up(EVENT), follow_up(NODES | EVENT)

    assert "14.9%" in by_nodes and "40.8%" in by_nodes and "21.1%" not in by_nodes
    assert "21.1%" in by_event and "36.7%" in by_event and "14.9%" not in by_event
    assert "14.9%" in by_both and "21.1%" in by_both
    assert by_both.count("not of this patient") == 2


def test_factors_are_told_as_present_or_as_not_known_and_never_as_absent() -> None:
    said = follow_up(NODES | {"tumour.grade": 3, "patient.age_years": 40, "tumour.histology": "ductal_nst"})

    assert said.splitlines()[-1] == (
        "- Reported adverse factors, unweighted: grade 3 or higher and 4 or more positive axillary nodes. "
        "Reported as adverse too, but not known here: size of the primary and haemoglobin."
    )


def test_factors_are_said_with_the_limits_in_force() -> None:
    said = follow_up(EVENT | {"tumour.size_cm": 4.0}, size_adverse_over_cm=3.5)

    assert "primary larger than 3.5 cm" in said


@pytest.mark.parametrize(
    ("er", "pr", "her2", "line"),
    [
        ("positive", "positive", "negative", "luminal, HER2-negative disease in a registry (SEER): bone in 58.52%."),
        ("positive", "positive", "positive", "luminal, HER2-positive disease in a registry (SEER): bone in 47.28%."),
        ("negative", "negative", "positive", "SEER): bone in 34.49% and liver in 31.72%."),
        ("negative", "negative", "negative", "SEER): bone in 36.39% and lung in 32.09%."),
        ("negative", "positive", "negative", None),
    ],
)
def test_the_first_relapse_is_told_for_this_immunophenotype_alone(
    er: str, pr: str, her2: str, line: str | None
) -> None:
    receptors: dict[str, Value] = {"tumour.er_primary": er, "tumour.pr_primary": pr, "tumour.her2_primary": her2}

    said = follow_up(NODES | receptors)

    assert (line in said) if line else "First relapse" not in said
    assert sum(f"{shares['bone']}%" in said for shares in FIRST_RELAPSE.values()) == (1 if line else 0)
    assert "59%" not in said


def test_an_unknown_immunophenotype_is_told_nothing_of() -> None:
    assert "First relapse" not in follow_up(NODES)


def test_symptoms_bring_the_factors_only_where_follow_up_does_not() -> None:
    pain: dict[str, Value] = {"mets.status": "none", "patient.bone_pain": True}
    graded, high_risk = pain | {"tumour.grade": 3}, pain | {"tumour.grade": 3, "tumour.first_event": "regional"}

    assert lines_of(LINES, SYMPTOMS, concluded(record(pain))) == []
    assert "grade 3 or higher" in lines_of(LINES, SYMPTOMS, concluded(record(graded)))[0]
    assert lines_of(LINES, SYMPTOMS, concluded(record(high_risk))) == []
    assert "grade 3 or higher" in follow_up(high_risk)


@pytest.mark.parametrize(
    ("years", "said"),
    [
        (0.5, "4.8% within 1 year."),
        (1, "4.8% within 1 year."),
        (3.2, "5.6% within 2 years and 6.9% within 5 years."),
        (5, "6.9% within 5 years."),
        (10, "8.4% within 10 years."),
        (12, "8.4% within 10 years; there is no figure beyond."),
    ],
)
def test_incidence_is_read_at_the_points_beside_the_time_and_never_between_them(years: float, said: str) -> None:
    facts: dict[str, Value] = {"mets.status": "none", "tumour.years_since_diagnosis": years}

    [line] = lines_of(LINES, "risk.cumulative-incidence", concluded(record(facts), enable_population_risk=True))

    assert line == f"Nearest to {years:g} years since diagnosis: {said}"
