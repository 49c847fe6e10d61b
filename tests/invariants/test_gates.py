"""What must be silent, what must never be, and what must not be said together."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rulesets.language import Truth, Value
from rulesets.record import Record
from rulesets.rulebook import RULES
from rulesets.thresholds import ENABLE_POPULATION_RISK, ENABLE_SUPERSEDED, ENABLE_TRIALS
from tests.invariants.judging import Json, answer, cards_at, derived, ids_true_of, reasoner, true_of
from tests.support.aims import Changes, applied, changes_towards
from tests.support.patients import Recipe, conflict, recipes

OF_A_COURSE = [rule.id for rule in RULES if rule.group in ("dose", "technique")]
WAITS_FOR_METASTASES = {
    rule.id for rule in RULES if rule.group in ("prognosis", "pathway") or rule.id in ("classify.burden", "classify.solitary-bone")
} - {"pathway.ortho-evaluation", "pathway.analgesia", "pathway.radical-indeterminate"}  # fmt: skip
BEHIND_A_SWITCH = [rule.id for rule in RULES if rule.enabled_by is not None]
ways = st.integers(0, 9)


# --- never suppressed ------------------------------------------------------------------------------

STATUSES: tuple[Value | None, ...] = ("none", "suspected", "confirmed", None)
ELSEWHERE: tuple[Changes, ...] = (
    {},
    {"tumour.is_breast_primary": False},
    {"tumour.histology": "angiosarcoma"},
    {"patient.systemic_condition": "compromised"},
    {"mets.visceral_crisis": True, "patient.life_expectancy_weeks": 2},
    {"mets.lesion_count": 9, "mets.bone_lesion_count": 2, "mets.extent_assertion": "visceral"},
)
"""Another disease, a poor prognosis, and data that contradict one another."""
CORD: Changes = {"lesion.cord_compression": "suspected", "imaging.spine_mri": None}
THREAT: Changes = {"lesion.fracture": "impending", "lesion.surgically_stabilised": None, "lesion.cortex": "destroyed"}


@given(recipes(), st.sampled_from(STATUSES), st.sampled_from(ELSEWHERE), st.booleans())
def test_cord_compression_is_told_whatever_else_is_known(
    patient: Recipe, status: Value | None, elsewhere: Changes, disputed: bool
) -> None:
    """Invariant 8: unless the MRI it asks for has been done, or is what is being ordered."""
    record = _with(patient.record, {**elsewhere, "mets.status": status, **CORD}, disputed)
    record = replace(record, orders=tuple(order for order in record.orders if not _is_imaging(order.facts)))

    result = answer(record)

    for hook in ("patient-view", "order-select", "order-sign"):
        assert _own_card(result, "imaging.cord-mri-urgent", hook), hook


@given(recipes(), st.sampled_from(STATUSES), st.sampled_from(ELSEWHERE), st.booleans())
def test_a_threatening_fracture_is_told_whatever_else_is_known(
    patient: Recipe, status: Value | None, elsewhere: Changes, disputed: bool
) -> None:
    """Invariant 8: on the chart; an order of imaging, of a drug or of a radiopharmaceutical is not held up by it."""
    record = _with(patient.record, {**elsewhere, "mets.status": status, **THREAT}, disputed)

    assert _own_card(answer(record), "pathway.ortho-evaluation", "patient-view")


def _with(record: Record, changes: Changes, disputed: bool) -> Record:
    """The record with these facts; when disputed, sources disagree on whether there are metastases."""
    kept = tuple(each for each in record.conflicts if each.name != "mets.status")
    return replace(applied(record, changes), conflicts=(*kept, conflict("mets.status")) if disputed else kept)


def _is_imaging(facts: Json) -> bool:
    kind = facts.get("order.kind")
    return kind is None or kind.value == "imaging"


def _own_card(result: Json, rule: str, hook: str) -> bool:
    found = [card for card in cards_at(hook, result) if rule in card["extension"]["org.osteon.rules"]]  # type: ignore[arg-type]
    return [card["extension"]["org.osteon.rules"] for card in found] == [[rule]]


# --- silent ----------------------------------------------------------------------------------------


@given(
    recipes(), st.sampled_from(OF_A_COURSE), ways, st.sampled_from([(2000, 5), (30, 1), (8, 20), (101, 40), (50, 41)])
)
def test_nothing_is_concluded_from_an_implausible_dose(
    patient: Recipe, rule: str, way: int, dose: tuple[float, int]
) -> None:
    """Invariant 9: neither a biological dose nor a rule about dose or technique."""
    total, fractions = dose
    implausible: Changes = {"rt.total_dose_gy": total + 0.5, "rt.fractions": fractions}
    record = applied(patient.record, {**changes_towards(rule, way), **implausible})

    fired = reasoner().fire(record)

    course = fired.record.courses[0]
    assert course.facts["rt.dose_implausible"].value is True
    assert not {"rt.bed10", "rt.bed_late", "rt.dose_per_fraction_gy"} & set(course.facts)
    assert not [id for id, keys in true_of(fired) if id in OF_A_COURSE and course.key in keys]


@given(recipes(), st.sampled_from(sorted(WAITS_FOR_METASTASES)), ways, st.sampled_from(("none", "suspected", None)))
def test_burden_prognosis_and_pathway_wait_until_metastases_are_confirmed(
    patient: Recipe, rule: str, way: int, status: Value | None
) -> None:
    """Invariant 10: but for a fracture, for pain relief and for a radical intent without a group."""
    record = applied(patient.record, {**changes_towards(rule, way), "mets.status": status})

    assert not WAITS_FOR_METASTASES & ids_true_of(record)


@given(recipes(), st.sampled_from(OF_A_COURSE), ways)
def test_nothing_that_is_said_of_bone_is_said_of_a_course_to_the_brain(patient: Recipe, rule: str, way: int) -> None:
    """Invariant 11: only what its dose comes to is worked out."""
    record = applied(patient.record, {**changes_towards(rule, way), "rt.target": "brain"})

    fired = reasoner().fire(record)

    course = fired.record.courses[0]
    assert {id for id, keys in true_of(fired) if id in OF_A_COURSE and course.key in keys} <= {"dose.bed-eqd2"}


@given(recipes(), st.sampled_from(BEHIND_A_SWITCH), ways)
def test_what_is_switched_off_says_nothing(patient: Recipe, rule: str, way: int) -> None:
    """Invariant 17: neither true, nor open, nor on a card, where its condition would hold."""
    record = applied(patient.record, changes_towards(rule, way))
    assert not any(
        reasoner().thresholds.on(each) for each in (ENABLE_TRIALS, ENABLE_SUPERSEDED, ENABLE_POPULATION_RISK)
    )

    fired = reasoner().fire(record)

    spoken = {id for truth in (Truth.TRUE, Truth.UNKNOWN) for id, _ in true_of(fired, truth)}
    named = {id for card in answer(record)["cards"] for id in card["extension"]["org.osteon.rules"]}
    assert not set(BEHIND_A_SWITCH) & (spoken | named)


# --- not together, and not the wrong way round -----------------------------------------------------


@pytest.mark.parametrize(("one", "another"), [
    ("pathway.tn-or-resistant-chemo", "pathway.hormone-refractory-options"),
    ("biopsy.relapse", "biopsy.relapse-isolated-bone"),
])  # fmt: skip
@given(patient=recipes(), way=ways, other_way=ways)
def test_advice_that_contradicts_other_advice_is_not_given_beside_it(
    one: str, another: str, patient: Recipe, way: int, other_way: int
) -> None:
    """Invariant 19: whatever leads to both."""
    record = applied(applied(patient.record, changes_towards(one, way)), changes_towards(another, other_way))

    assert not {one, another} <= ids_true_of(record)


RISK = {"not_high": 0, None: 1, "high": 2}


@given(recipes(), st.sampled_from(("negative", None)))
def test_a_positive_oestrogen_receptor_never_lowers_the_risk(patient: Recipe, otherwise: Value | None) -> None:
    """Invariant 7: against a negative one, and against none."""
    record = replace(applied(patient.record, {"tumour.er_metastasis": None}), conflicts=())
    tier = derived(applied(record, {"tumour.er_primary": "positive"}), "risk.surveillance_tier")
    assume(tier != "not_applicable")

    other = derived(applied(record, {"tumour.er_primary": otherwise}), "risk.surveillance_tier")

    assert RISK[tier] >= RISK[other]  # type: ignore[index]
