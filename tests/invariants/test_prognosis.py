"""The prognostic group, through everything that is derived before it: sound, refined by knowledge, monotone.

``tests/reasoning/test_prognosis.py`` tries every completion of the facts it reads; here they are reached as they are
stated: receptors of the primary, counts that organs and lesions raise, assertions, contradictions.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from rulesets.language import Value, bounds
from rulesets.record import Record
from service.fire import Fired
from tests.invariants.judging import answer, ids_true_of, reasoner
from tests.support import brute_force
from tests.support.aims import applied
from tests.support.patients import NOT_THERE, Recipe, recipes

STATED = {
    "tumour.er": "tumour.er_metastasis",
    "tumour.pr": "tumour.pr_metastasis",
    "tumour.her2": "tumour.her2_metastasis",
}
"""The result that counts, and where to state it so that it counts."""
CONTRADICTIONS = ("dq.count_inconsistent", "dq.receptor_discordance", "dq.status_conflict", "dq.condition_conflict")
WORSE: dict[str, tuple[Value, ...]] = {
    "mets.lesion_count": (5, 8),
    **{organ: ("present",) for organ in (*brute_force.VISCERAL, *brute_force.ELSEWHERE)},
    "tumour.er": ("negative",),
    "patient.ecog": (1, 2, 3, 4),
    "patient.comorbidities": ("significant",),
    "systemic.prior_lines_metastatic": (1, 2, 3),
    "patient.systemic_condition": ("compromised",),
}
CRISES: tuple[dict[str, Value], ...] = (
    {"mets.visceral_crisis": True},
    {"mets.rapid_progression": True},
    {"mets.progression_pattern": "widespread"},
    {"patient.life_expectancy_weeks": 11},
    {"patient.life_expectancy_weeks": 0},
)
CONFIRMED: dict[str, Value] = {"mets.status": "confirmed", "mets.organ.bone": "present"}
COUNT = "mets.lesion_count"
FIT: dict[str, Value] = {
    **{organ: "absent" for organ in (*brute_force.VISCERAL, *brute_force.ELSEWHERE)},
    "mets.lesion_count": 2, "tumour.er_metastasis": "positive", "patient.ecog": 1, "patient.comorbidities": "none",
    "systemic.prior_lines_metastatic": 0,
}  # fmt: skip
ADVERSE: dict[str, Value] = {
    **{organ: "present" for organ in (*brute_force.VISCERAL, *brute_force.ELSEWHERE)},
    "mets.lesion_count": 6, "tumour.er_metastasis": "negative", "patient.ecog": 2,
    "patient.comorbidities": "significant", "systemic.prior_lines_metastatic": 2,
}  # fmt: skip
LESS = ("mets.bone_lesion_count", "mets.spinal_lesion_count", "tumour.er_primary", "patient.systemic_condition")
choices = st.lists(st.integers(0, 1000), min_size=len(brute_force.ATOMS), max_size=len(brute_force.ATOMS))


@st.composite
def patients(draw: st.DrawFn) -> Recipe:
    """A patient with bone metastases: as she comes, or fit but for a few facts that are adverse or unknown."""
    recipe: Recipe = draw(recipes())
    changes = {**dict(recipe.changes), **CONFIRMED}
    if draw(st.booleans()):
        return replace(recipe, changes=tuple(changes.items()))
    adverse, unknown = (draw(st.sets(st.sampled_from(sorted(FIT)), max_size=most)) for most in (5, 3))
    changes |= {**dict.fromkeys(LESS), **FIT, **{name: ADVERSE[name] for name in adverse}, **dict.fromkeys(unknown)}
    lists = {**recipe.lists, "lesion": NOT_THERE}
    return replace(recipe, lists=lists, changes=tuple(changes.items()), conflicts=())


@given(patients(), choices)
def test_the_group_of_a_completion_was_among_the_possible_ones(patient: Recipe, chosen: list[int]) -> None:
    """Invariant 2: the facts that decide the group turn out one way or another, the number of lesions last."""
    record = patient.record
    before = after = reasoner().fire(record)

    for name, choice in zip((*sorted(set(brute_force.ATOMS) - {COUNT}), COUNT), chosen, strict=True):
        record = _learnt(record, after, name, choice)
        after = reasoner().fire(record)
        assume(_contradictions(after) <= _contradictions(before) - {"dq.count_inconsistent"})

    assert not _open(after)
    assert set(after.prognosis.possible) <= set(before.prognosis.possible)
    assert (after.prognosis.group in before.prognosis.possible) or len(after.prognosis.possible) > 1


@given(patients(), st.integers(0, 1000), st.integers(0, 1000))
def test_a_fact_learnt_makes_no_further_group_possible(patient: Recipe, place: int, choice: int) -> None:
    """Invariant 3: but for a fact that contradicts another."""
    record = patient.record
    before = reasoner().fire(record)
    unknown = sorted(_open(before))
    assume(unknown)

    after = reasoner().fire(_learnt(record, before, unknown[place % len(unknown)], choice))

    assume(_contradictions(after) <= _contradictions(before))
    assert set(after.prognosis.possible) <= set(before.prognosis.possible)


@given(patients(), st.sampled_from(sorted(WORSE)), st.integers(0, 3))
def test_a_worse_fact_never_gives_a_better_group(patient: Recipe, name: str, choice: int) -> None:
    """Invariant 4: neither the best nor the worst of the possible groups gets better.

    A crisis is left out: it withdraws the good group for all that are worse, and the intermediate group not
    always, so that who is good but for it may be called worse than who is not.
    """
    record = applied(patient.record, dict.fromkeys(name for crisis in CRISES for name in crisis))
    before = reasoner().fire(record)
    worse = WORSE[name][choice % len(WORSE[name])]
    assume(_is_worse(before.record.value(name), worse))

    after = reasoner().fire(_stated(record, name, worse))

    assume(_contradictions(after) <= _contradictions(before))
    rank = brute_force.ORDER.index
    assert rank(after.prognosis.possible[0]) >= rank(before.prognosis.possible[0])
    assert rank(after.prognosis.possible[-1]) >= rank(before.prognosis.possible[-1])


@given(patients(), st.integers(18, 110))
def test_age_changes_no_group(patient: Recipe, age: int) -> None:
    """Invariant 4: age enters the lean within the intermediate group, and no group, unless a site wants it to."""
    record = patient.record
    unknown = reasoner().fire(applied(record, {"patient.age_years": None})).prognosis

    known = reasoner().fire(applied(record, {"patient.age_years": age})).prognosis

    assert (known.group, known.possible, known.missing) == (unknown.group, unknown.possible, unknown.missing)


@given(patients(), st.sampled_from(CRISES))
def test_a_crisis_takes_the_good_group_away(patient: Recipe, crisis: dict[str, Value]) -> None:
    """Invariant 18: with one of these asserted nobody is called good, nor offered definitive treatment of every site."""
    before = reasoner().fire(patient.record).prognosis

    record = applied(patient.record, crisis)

    assert reasoner().fire(record).prognosis.group != "good"
    assert not {"prognosis.good", "pathway.good-radical"} & ids_true_of(record)
    if before.group == "good":
        assert "dq.prognosis-conflict" in {firing["id"] for firing in answer(record)["rules"]["fired"]}


@given(patients())
def test_a_condition_called_compromised_is_poor_whatever_else_is_known(patient: Recipe) -> None:
    """Invariant 18: the assertion decides alone."""
    record = applied(patient.record, {"patient.systemic_condition": "compromised"})
    record = replace(record, conflicts=())

    found = reasoner().fire(record).prognosis

    assert (found.group, found.possible, found.missing) == ("poor", ("poor",), ())


# --- learning a fact -------------------------------------------------------------------------------


def _learnt(record: Record, fired: Fired, name: str, choice: int) -> Record:
    """The record with an open fact settled one way or the other, within what is known of it; else as it is."""
    if name not in _open(fired):
        return record
    if name in brute_force.CHOICES:
        possible: tuple[Value, ...] = brute_force.CHOICES[name]
    else:
        known = fired.record.value(name)
        lo, hi = brute_force.RANGES[name] if known is None else bounds(known)  # type: ignore[arg-type]
        possible = tuple(range(int(lo or 0), int(hi if hi is not None else (lo or 0) + 8) + 1))
    return _stated(record, name, possible[choice % len(possible)])


def _stated(record: Record, name: str, value: Value) -> Record:
    """The record with a fact stated so that it counts, and no source that disagrees on it."""
    told = STATED.get(name, name)
    about = {name, told, told.replace("metastasis", "primary")}
    return replace(
        applied(record, {told: value}),
        conflicts=tuple(conflict for conflict in record.conflicts if conflict.name not in about),
    )


def _open(fired: Fired) -> set[str]:
    """The facts that decide and are unknown, or known within bounds only."""
    values = {name: fired.record.value(name) for name in brute_force.ATOMS}
    return {name for name, value in values.items() if not isinstance(value, str | int)}


def _contradictions(fired: Fired) -> set[str]:
    return {name for name in CONTRADICTIONS if fired.record.value(name) is True}


def _is_worse(known: Value | None, worse: Value) -> bool:
    """Whether a value is worse than what is known; nothing is worse than what nobody knows."""
    if isinstance(worse, int):
        return isinstance(known, int) and known < worse
    return known != worse and (known is not None or worse == "compromised")
