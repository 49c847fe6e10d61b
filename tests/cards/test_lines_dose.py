"""What cards on a dose add: biological dose, what was reported of such doses, and when to expect a response."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from rulesets.dose import RULES
from rulesets.language import Value
from rulesets.record import Fact, Member, Record
from service.cards.deck import cards_for
from service.cards.lines_dose import LINES
from service.cards.relevance import shown
from service.conclude import conclude
from service.reasoning.findings import Conclusion
from tests.rulesets.building import course, lesion, record
from tests.support.lines import lines_of
from tests.support.reasoners import reasoner

GOOD: Mapping[str, Value] = {
    "mets.status": "confirmed",
    "mets.lesion_count": 2,
    "tumour.er_primary": "positive",
    "patient.ecog": 1,
    "patient.comorbidities": "none",
    "systemic.prior_lines_metastatic": 0,
    "mets.organ.bone": "present",
    **{
        f"mets.organ.{organ}": "absent"
        for organ in ("liver", "lung", "brain", "other_visceral", "distant_nodes", "soft_tissue")
    },
}
RT_ORDER = Member(key="orders/0", facts={"order.kind": Fact(name="order.kind", value="rt")}, in_request=True)
COMPRESSED = lesion(site="vertebra", cord_compression="confirmed", status="confirmed")

HEAD = ["| alpha/beta | BED | EQD2 | held against |", "| --- | --- | --- | --- |"]


def draft(key: str = "courses/0", /, **facts: Value) -> Member:
    return replace(course(key, status="draft", target="bone", **facts), in_request=True)


def concluded(
    *courses: Member, facts: Mapping[str, Value] = GOOD, lesions: tuple[Member, ...] = (), **overrides: object
) -> Conclusion:
    compiled = reasoner(**overrides)
    patient = replace(record(facts, courses=courses, lesions=lesions, drugs=()), orders=(RT_ORDER,))
    return conclude(compiled.fire(patient), compiled.thresholds)


def told(conclusion: Conclusion) -> dict[str, list[str]]:
    """The lines beside each rule on the dose that is shown when the order is signed."""
    ids = dict.fromkeys(each.rule.id for each in shown(conclusion, "order-sign") if each.rule.id in LINES)
    return {id: lines_of(LINES, id, conclusion) for id in ids}


def test_every_rule_on_a_dose_that_makes_a_card_may_tell_the_dose() -> None:
    assert set(LINES) == {rule.id for rule in RULES if rule.output == "card"}


# --- biological dose ---------------------------------------------------------------------------------


def test_a_dose_to_the_spine_is_shown_at_three_ratios_and_no_aim_is_set_beside_it() -> None:
    found = concluded(draft(intent="radical", region="spine", total_dose_gy=35, fractions=5, technique="SBRT"))

    lines = told(found)["dose.radical-spinal-below-75"]

    assert lines[:7] == [
        "35 Gy in 5 fractions:",
        "",
        *HEAD,
        "| 10 | 59.5 Gy | 49.6 Gy | decides whether it is enough; cord limits come first; warning above 112.5 Gy |",
        "| 4 | 96.3 Gy | 64.2 Gy |  |",
        "| 3 | 116.7 Gy | 70 Gy | decides whether it is too much; warning above 270 Gy |",
    ]
    assert "75" not in "\n".join(lines)


def test_a_region_nobody_stated_is_treated_like_the_spine() -> None:
    found = concluded(draft(intent="radical", total_dose_gy=35, fractions=5))

    assert "cord limits come first" in "\n".join(told(found)["dose.radical-spinal-below-75"])


def test_outside_the_spine_the_gap_is_told_with_what_would_close_it_and_who_left_it() -> None:
    found = concluded(draft(intent="radical", region="pelvis", total_dose_gy=30, fractions=3))

    lines = told(found)["dose.radical-bed-below-75"]

    assert lines[:4] == [
        "- 30 Gy in 3 fractions: BED 15 Gy short of it",
        "- A BED of 75 Gy takes 22.9 Gy in 1 fraction (more than any single dose of the paper), 34.8 Gy in 3, 41.2 Gy "
        "in 5 or 50 Gy in 10: arithmetic at alpha/beta 10, not advice",
        "- Reported with less: 30 to 45 Gy in 3 fractions (BED 60 to 112.5 Gy, Trovò 2017, SBRT); 60 Gy in 25 "
        "fractions (BED 74.4 Gy, Trovò 2017, IMRT)",
        "",
    ]
    assert any("asked from 75 Gy on, low below 50 Gy" in line for line in lines)


def test_the_values_in_force_are_shown_and_decide() -> None:
    treated = draft(intent="radical", region="pelvis", total_dose_gy=30, fractions=3)
    in_force = {"alpha_beta_gy": 8, "alpha_beta_late_gy": 2, "bed_target": 80, "highest_bone_bed_late": 300}

    lines = told(concluded(treated, **in_force))["dose.radical-bed-below-75"]

    text = "\n".join(lines)
    assert "BED 12.5 Gy short of it" in text
    assert "A BED of 80 Gy takes" in text and "arithmetic at alpha/beta 8" in text
    assert "| 8 | 67.5 Gy | 54 Gy | decides whether it is enough; asked from 80 Gy on" in text
    assert "| 4 | 105 Gy | 70 Gy |  |" in text
    assert "| 3 | 130 Gy | 78 Gy |  |" in text
    assert "| 2 | 180 Gy | 90 Gy | decides whether it is too much; warning above 300 Gy |" in text
    assert "75" not in text and "| 10 |" not in text


def test_one_ratio_for_both_purposes_has_one_line() -> None:
    treated = draft(intent="radical", region="spine", total_dose_gy=30, fractions=3)

    lines = told(concluded(treated, alpha_beta_gy=4, alpha_beta_late_gy=4, bed_target=120))

    assert [line for line in lines["dose.radical-spinal-below-75"] if line.startswith("| 4 |")] == [
        "| 4 | 105 Gy | 70 Gy | decides whether it is enough; cord limits come first; warning above 112.5 Gy; decides "
        "whether it is too much; warning above 270 Gy |"
    ]


def test_a_boost_shows_the_dose_to_each_volume() -> None:
    boost = draft(
        intent="radical", region="spine", total_dose_gy=40, fractions=10, technique="SIB", volume="whole_vertebra_sib",
        elective_dose_gy=30,
    )  # fmt: skip

    text = "\n".join(told(concluded(boost))["dose.radical-spinal-below-75"])

    assert "| 10 | 56 Gy (whole vertebra 39 Gy) | 46.7 Gy (whole vertebra 32.5 Gy) |" in text
    assert "| 3 | 93.3 Gy (whole vertebra 60 Gy) | 56 Gy (whole vertebra 36 Gy) |" in text


def test_the_card_shows_the_table_and_no_row_on_what_is_plausible() -> None:
    found = concluded(draft(intent="radical", region="spine", total_dose_gy=35, fractions=5))

    details = [card["detail"] for card in cards_for(found, "order-sign", new_uuid=str)]

    [detail] = [each for each in details if "dose.radical-spinal-below-75" in each]
    assert detail.count(HEAD[0]) == 1 and "Total dose | 35 Gy" in detail
    assert "plausible" not in detail


# --- said once for each course -------------------------------------------------------------------------


def test_a_dose_is_told_once_by_the_gravest_rule_that_speaks_of_its_course() -> None:
    found = concluded(draft(intent="radical", region="spine", total_dose_gy=40, fractions=5), lesions=(COMPRESSED,))

    by_rule = {id: sum(HEAD[0] in line for line in lines) for id, lines in told(found).items()}

    assert by_rule == {"dose.radical-spinal-below-75": 0, "dose.five-fraction-spinal": 1}


def test_two_courses_are_told_apart_and_each_by_its_own_gravest_rule() -> None:
    spine = draft("courses/0", intent="radical", region="spine", total_dose_gy=40, fractions=5)
    pelvis = draft("courses/1", intent="radical", region="pelvis", total_dose_gy=30, fractions=3)

    found = told(concluded(spine, pelvis))

    assert "Planned RT, spine, 40 Gy in 5 fractions:" in found["dose.five-fraction-spinal"]
    assert "Planned RT, pelvis, 30 Gy in 3 fractions:" in found["dose.radical-bed-below-75"]
    assert HEAD[0] not in found["dose.radical-spinal-below-75"]


def test_the_order_of_the_courses_leaves_no_mark() -> None:
    one = draft("courses/0", intent="radical", region="pelvis", total_dose_gy=30, fractions=3)
    other = draft("courses/1", intent="radical", region="thorax", total_dose_gy=45, fractions=3)

    def lines(*courses: Member) -> dict[str, set[str]]:
        return {id: set(lines) for id, lines in told(concluded(*courses)).items()}

    assert lines(one, other) == lines(other, one)


def test_a_course_of_unknown_dose_has_no_table() -> None:
    found = concluded(draft(intent="palliative", setting="postoperative", region="pelvis", fractions=5))

    assert told(found)["dose.postop-30-10"] == [
        "To be expected, counted from the end of RT, which is not known: relief of pain at 2 to 4 weeks; new bone "
        "begins to form after 3 to 6 weeks, most by 26 weeks."
    ]


# --- what was reported -----------------------------------------------------------------------------------


def test_a_match_with_table_1b_lists_what_was_reported() -> None:
    found = concluded(draft(intent="radical", region="spine", total_dose_gy=20, fractions=1, technique="SRS"))

    assert told(found)["dose.table1b-match"] == [
        "- Table 1b, Gerszten 2005 [44]: 15 to 22.5 Gy in 1 fraction, spine (bone lesion and a margin of "
        "millimetres). Reported: pain controlled in 96%, local control 100% at 15 months (50 patients with breast "
        "cancer)."
    ]


def test_several_matches_say_which_course_each_belongs_to() -> None:
    spine = draft("courses/0", intent="radical", region="spine", total_dose_gy=35, fractions=5)
    pelvis = draft("courses/1", intent="radical", region="pelvis", total_dose_gy=50, fractions=5)

    lines = told(concluded(spine, pelvis))["dose.table1b-match"]

    own = lines[: lines.index("Planned RT, pelvis, 50 Gy in 5 fractions:") + 3]
    assert [line.partition(" (bone")[0] for line in own] == [
        "Planned RT, spine, 35 Gy in 5 fractions:",
        "",
        "- Table 1b, Kam 2019 [53]: 35 Gy in 5 fractions, spine",
        "",
        "Planned RT, pelvis, 50 Gy in 5 fractions:",
        "",
        "- Table 1b, Kam 2019 [53]: 50 Gy in 5 fractions, outside the spine",
    ]


def test_a_regimen_of_table_1a_is_told_as_such() -> None:
    found = concluded(draft(intent="palliative", region="extremity", total_dose_gy=8, fractions=1))

    lines = told(found)["dose.single-fraction-retreatment"]

    assert [line.partition(":")[0] for line in lines if line.startswith("- ")] == [
        "- Table 1a, Chow 2002, 2007, 2012 [20, 46, 21]"
    ]


def test_limits_of_the_highest_doses_are_not_set_beside_a_palliative_one() -> None:
    found = concluded(draft(intent="palliative", region="extremity", total_dose_gy=8, fractions=1))

    assert "warning above" not in "\n".join(told(found)["dose.single-fraction-retreatment"])


# --- compressed cord -----------------------------------------------------------------------------------


def test_a_compressed_level_that_is_only_supposed_to_be_the_target_is_said_to_be_so() -> None:
    treated = draft(intent="palliative", region="spine", total_dose_gy=24, fractions=3)
    linked = draft(intent="palliative", region="spine", total_dose_gy=24, fractions=3, target_lesions=(COMPRESSED.key,))

    supposed = told(concluded(treated, lesions=(COMPRESSED,)))["dose.cord-no-escalation"]
    named = told(concluded(linked, lesions=(COMPRESSED,)))["dose.cord-no-escalation"]

    assert supposed[0] == (
        "- 24 Gy in 3 fractions: no lesion is named as its target; this holds if the compressed level is what it treats"
    )
    assert not any("if the compressed level" in line for line in named)
    assert supposed[2:] == named
    assert "reference in cord compression 39 Gy" in named[4] and "reference in cord compression 60 Gy" in named[6]


def test_a_lower_dose_to_a_compressed_cord_says_so_too() -> None:
    treated = draft(intent="palliative", region="spine", total_dose_gy=8, fractions=1)

    lines = told(concluded(treated, lesions=(COMPRESSED,)))["dose.cord-30-10"]

    assert "if the compressed level is what it treats" in lines[0]


# --- times ---------------------------------------------------------------------------------------------


def expected_times(found: Conclusion) -> list[str]:
    return [line for lines in told(found).values() for line in lines if line.startswith("To be expected")]


def test_times_are_dates_where_the_end_is_known() -> None:
    treated = draft(intent="radical", region="pelvis", total_dose_gy=30, fractions=3, start_day=3, end_day=9)

    assert expected_times(concluded(treated)) == [
        "To be expected: relief of pain from 2026-11-24 to 2026-12-08; new bone begins to form from 2026-12-01 to "
        "2026-12-22, most by 2027-05-11."
    ]


def test_an_estimated_end_is_called_so() -> None:
    treated = draft(intent="radical", region="pelvis", total_dose_gy=30, fractions=3, start_day=3)

    [line] = expected_times(concluded(treated))

    assert line.startswith("To be expected, the end of RT being estimated: relief of pain from 2026-11-24")


def test_an_end_outside_the_calendar_is_as_good_as_none() -> None:
    treated = draft(intent="radical", region="pelvis", total_dose_gy=30, fractions=3, end_day=999_999)
    late = replace(record(GOOD, courses=(treated,), lesions=(), drugs=()), evaluation_date=date(9999, 1, 1))
    found = conclude(reasoner().fire(with_order(late)), reasoner().thresholds)

    [line] = expected_times(found)

    assert "which is not known" in line


def with_order(patient: Record) -> Record:
    return replace(patient, orders=(RT_ORDER,))


def test_no_times_are_told_beside_a_warning() -> None:
    treated = draft(intent="radical", region="spine", total_dose_gy=40, fractions=5, end_day=9)

    assert expected_times(concluded(treated)) == []


@pytest.mark.parametrize("status", ["completed", "cancelled"])
def test_a_course_that_is_over_has_no_lines(status: str) -> None:
    over = course(
        status=status, target="bone", intent="radical", region="pelvis", total_dose_gy=30, fractions=3, end_day=-3
    )

    assert told(concluded(over)) == {}
