"""What follows from the prognostic group, from symptoms and from biology: both sides of each rule."""

from __future__ import annotations

import pytest

from rulesets.currency import ATEZOLIZUMAB_WITHDRAWN, CURB, NRG_BR002, RIGHT_CHOICE
from rulesets.language import Interval, Truth, Value
from rulesets.pathway import RULES
from rulesets.thresholds import ENABLE_SUPERSEDED, effective
from tests.rulesets import cases
from tests.rulesets.building import record
from tests.rulesets.cases import Case, every_case
from tests.rulesets.judging import rule_called, truth
from tests.support.reasoners import reasoner

GROUPS = ("good", "intermediate", "poor", "indeterminate", "not_applicable")

BONE_DISEASE: Case = {"mets.status": ("confirmed", "suspected"), "mets.organ.bone": ("present", "absent")}
HR_POSITIVE_HER2_NEGATIVE: Case = {"tumour.hr_positive": (True, False), "tumour.her2": ("negative", "positive")}
RADICAL_TO_BONE: Case = {
    "rt.planned": (True, False),
    "rt.target": ("bone", "brain"),
    "rt.intent": ("radical", "palliative"),
}

CASES: dict[str, Case] = {
    "pathway.good-radical": {
        "prognosis.group": ("good", "intermediate"),
        "context.rt_planned": (False, True),
        "mets.all_bone_lesions_irradiated": (False, True),
    },
    "pathway.intermediate-systemic-first": {"prognosis.group": ("intermediate", "poor")},
    "pathway.intermediate-local-if-symptomatic": {
        "prognosis.group": ("intermediate", "good"),
        "patient.neuro_symptoms": False,
        "patient.bone_pain": (True, False),
        "patient.ecog": 4,
        "patient.systemic_condition": ("acceptable", "compromised"),
    },
    "pathway.local-palliation": {
        **BONE_DISEASE,
        "patient.bone_pain": (True, False),
        "prognosis.group": ("indeterminate", "poor"),
        "context.rt_planned": (False, True),
    },
    "pathway.poor-qol": {"prognosis.group": ("poor", "indeterminate")},
    "pathway.radical-not-good": {**RADICAL_TO_BONE, "prognosis.group": ("intermediate", "good")},
    "pathway.radical-indeterminate": {**RADICAL_TO_BONE, "prognosis.group": ("indeterminate", "intermediate")},
    "pathway.mdt": {**BONE_DISEASE, "mdt.discussed": (False, True)},
    "pathway.oligoprogression-local": {
        **BONE_DISEASE,
        "pattern.progression": ("oligoprogressive", "widespread"),
        "prognosis.group": ("intermediate", "poor"),
    },
    "pathway.analgesia": {
        "rt.planned": (True, False),
        "rt.target": ("bone", "other"),
        "rt.intent": ("palliative", "radical"),
        "patient.bone_pain": (True, False),
        "analgesia.reviewed": (False, True),
    },
    "pathway.ortho-evaluation": {
        "lesion.fracture": ("impending", "none"),
        "lesion.surgically_stabilised": (False, True),
        "lesion.cortex": "preserved",
        "mets.status": ("suspected", "none"),
        "order.kind": ("rt", "imaging"),
    },
    "pathway.et-preferred": {
        "order.kind": ("drug", "rt"),
        "order.drug_class": ("cytotoxic", "endocrine"),
        **HR_POSITIVE_HER2_NEGATIVE,
        **BONE_DISEASE,
        "mets.visceral_crisis": (False, True),
        "mets.rapid_progression": (False, True),
        "tumour.endocrine_resistant": (False, True),
    },
    "pathway.crisis-chemo": {
        **HR_POSITIVE_HER2_NEGATIVE,
        **BONE_DISEASE,
        "mets.visceral_crisis": False,
        "mets.rapid_progression": (True, False),
    },
    "pathway.tn-or-resistant-chemo": {**BONE_DISEASE, "tumour.subtype": ("triple_negative", "her2_enriched")},
    "pathway.sequential-monotherapy": {
        "order.kind": ("drug", "procedure"),
        "order.combination_chemo": (True, False),
        **BONE_DISEASE,
        "mets.visceral_crisis": (False, True),
        "mets.rapid_progression": (False, True),
    },
    "pathway.hormone-refractory-options": {
        **BONE_DISEASE,
        **HR_POSITIVE_HER2_NEGATIVE,
        "tumour.endocrine_resistant": (True, False),
    },
    "pathway.brca-parp": {
        **BONE_DISEASE,
        "tumour.brca_mutated": (True, False),
        "meds.list_available": True,
        "drug.status": "active",
        "drug.drug_class": ("cytotoxic", "parp_inhibitor"),
    },
    "pathway.tn-pdl1-io": {
        "mets.status": ("confirmed", "suspected"),
        "tumour.subtype": ("triple_negative", "luminal_her2_negative"),
        "tumour.pdl1": ("positive", "negative"),
    },
    "pathway.chemo-bone-pain": {
        **BONE_DISEASE,
        "patient.bone_pain": (True, False),
        "drug.drug_class": ("cytotoxic", "endocrine"),
        "drug.status": ("active", "stopped"),
    },
}
TRUE_WITHOUT = {
    ("pathway.ortho-evaluation", "lesion.surgically_stabilised"),  # nobody says that the bone is safe
    ("pathway.ortho-evaluation", "mets.status"),
    ("pathway.sequential-monotherapy", "mets.rapid_progression"),
}


def verdict(id: str, **changes: Value | None) -> Truth:
    """The truth of a rule on its case; ``__`` stands for the dot, None takes a fact away."""
    named = {name.replace("__", "."): value for name, value in changes.items()}
    facts = {**cases.true_facts(CASES[id]), **named}
    return cases.verdict(RULES, id, {name: value for name, value in facts.items() if value is not None})


def test_the_cases_cover_every_rule() -> None:
    assert list(CASES) == [rule.id for rule in RULES]


@pytest.mark.parametrize(("id", "facts", "expected"), every_case(CASES, TRUE_WITHOUT))
def test_a_rule_is_true_false_or_open_as_its_facts_say(id: str, facts: dict[str, Value], expected: Truth) -> None:
    assert cases.verdict(RULES, id, facts) is expected


# --- the pathway of a group ------------------------------------------------------------------------


@pytest.mark.parametrize("group", GROUPS)
def test_each_group_has_one_pathway_and_an_open_or_inapplicable_one_has_none(group: str) -> None:
    ids = ("pathway.good-radical", "pathway.intermediate-systemic-first", "pathway.poor-qol")

    true = [id for id in ids if verdict(id, prognosis__group=group) is Truth.TRUE]

    assert len(true) == (1 if group in ("good", "intermediate", "poor") else 0)


@pytest.mark.parametrize("group", GROUPS)
def test_pain_is_spoken_of_in_every_group(group: str) -> None:
    symptomatic = verdict("pathway.intermediate-local-if-symptomatic", prognosis__group=group)
    palliation = verdict("pathway.local-palliation", prognosis__group=group)
    quality_of_life = verdict("pathway.poor-qol", prognosis__group=group)

    spoken = Truth.TRUE in (symptomatic, palliation, quality_of_life)
    assert spoken == (group != "not_applicable")


@pytest.mark.parametrize(
    ("condition", "ecog", "limit", "expected"),
    [
        (None, 2, 3, Truth.TRUE),
        (None, 3, 3, Truth.UNKNOWN),  # a skeletal event may explain it: the condition may still be acceptable
        (None, 3, 4, Truth.TRUE),
        (None, None, 3, Truth.UNKNOWN),
        ("acceptable", 4, 3, Truth.TRUE),
        ("acceptable", None, 3, Truth.TRUE),
        ("compromised", 0, 3, Truth.FALSE),
        ("compromised", None, 3, Truth.FALSE),
    ],
)
def test_a_condition_counts_as_preserved_when_stated_so_or_by_the_performance_status(
    condition: str | None, ecog: int | None, limit: int, expected: Truth
) -> None:
    id = "pathway.intermediate-local-if-symptomatic"
    facts: dict[str, Value] = {"prognosis.group": "intermediate", "patient.bone_pain": True}
    facts |= {"patient.systemic_condition": condition} if condition else {}
    facts |= {} if ecog is None else {"patient.ecog": ecog}

    assert cases.verdict(RULES, id, facts, effective({"compromised_min_ecog": limit})) is expected


@pytest.mark.parametrize(
    ("pain", "deficit", "expected"),
    [
        (True, None, Truth.TRUE),
        (None, True, Truth.TRUE),
        (False, None, Truth.UNKNOWN),
        (False, False, Truth.FALSE),
    ],
)
def test_pain_or_a_deficit_is_a_symptom(pain: bool | None, deficit: bool | None, expected: Truth) -> None:
    id = "pathway.intermediate-local-if-symptomatic"

    assert verdict(id, patient__bone_pain=pain, patient__neuro_symptoms=deficit) is expected


def test_symptoms_and_performance_status_are_asked_for_in_the_intermediate_group() -> None:
    rule = rule_called("pathway.intermediate-local-if-symptomatic", RULES)

    assert rule.when_unknown == "ask"
    assert [fact.name for fact in rule.ask] == ["patient.bone_pain", "patient.ecog"]


# --- radical intent --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "progression", "graver"),
    [
        ("intermediate", "oligoprogressive", False),
        ("intermediate", "widespread", True),
        ("intermediate", "none", True),
        ("intermediate", None, True),
        ("poor", "oligoprogressive", True),
        ("poor", None, True),
    ],
)
def test_radical_intent_is_a_warning_unless_oligoprogression_explains_it(
    group: str, progression: str | None, graver: bool
) -> None:
    rule = rule_called("pathway.radical-not-good", RULES)
    facts: dict[str, Value] = {"prognosis.group": group}
    facts |= {"pattern.progression": progression} if progression else {}

    assert rule.escalation is not None and rule.escalation.to == "warning" and rule.indicator == "info"
    assert (truth(rule.escalation.when, facts) is Truth.TRUE) == graver


@pytest.mark.parametrize("group", GROUPS)
def test_radical_intent_is_questioned_once_in_every_group_but_the_good_one(group: str) -> None:
    ids = ("pathway.radical-not-good", "pathway.radical-indeterminate")

    truths = [verdict(id, prognosis__group=group) for id in ids]

    assert truths.count(Truth.TRUE) == (1 if group in ("intermediate", "poor", "indeterminate") else 0)


# --- fracture --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "cortex", "expected"),
    [
        ("confirmed", None, Truth.TRUE),
        ("suspected", "preserved", Truth.TRUE),
        (None, None, Truth.TRUE),
        ("none", "destroyed", Truth.TRUE),
        ("none", "preserved", Truth.FALSE),
        ("none", None, Truth.UNKNOWN),
    ],
)
def test_a_fracture_needs_an_opinion_unless_it_looks_like_no_metastasis(
    status: str | None, cortex: str | None, expected: Truth
) -> None:
    assert verdict("pathway.ortho-evaluation", mets__status=status, lesion__cortex=cortex) is expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("none", Truth.TRUE),
        ("rt", Truth.TRUE),
        ("procedure", Truth.TRUE),
        ("imaging", Truth.FALSE),
        ("drug", Truth.FALSE),
        ("radiopharmaceutical", Truth.FALSE),
    ],
)
def test_the_orthopaedic_opinion_is_silent_at_orders_that_do_not_move_the_bone(kind: str, expected: Truth) -> None:
    assert verdict("pathway.ortho-evaluation", order__kind=kind) is expected


@pytest.mark.parametrize("fracture", ["impending", "fractured"])
def test_an_impending_and_an_actual_fracture_are_alike(fracture: str) -> None:
    assert verdict("pathway.ortho-evaluation", lesion__fracture=fracture) is Truth.TRUE


# --- biology ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("exception", ["mets.visceral_crisis", "mets.rapid_progression"])
def test_either_exception_prefers_cytotoxic_drugs_and_quietens_endocrine_therapy(exception: str) -> None:
    facts = {**cases.true_facts(CASES["pathway.et-preferred"]), exception: True}

    assert cases.verdict(RULES, "pathway.et-preferred", facts) is Truth.FALSE
    assert cases.verdict(RULES, "pathway.crisis-chemo", facts) is Truth.TRUE


def test_triple_negative_disease_and_hormone_resistance_are_never_told_together() -> None:
    resistant = cases.true_facts(CASES["pathway.hormone-refractory-options"])
    for subtype in ("luminal_her2_negative", "triple_negative"):
        er = "positive" if subtype.startswith("luminal") else "negative"
        told = reasoner().fire(
            record(
                {**resistant, "tumour.er_primary": er, "tumour.pr_primary": er, "tumour.her2_primary": "negative"}
                | {"tumour.her2": "negative"}
            )
        )
        ids = {each.judged.id for each in told.verdicts if each.truth is Truth.TRUE}
        assert len(ids & {"pathway.tn-or-resistant-chemo", "pathway.hormone-refractory-options"}) == 1


@pytest.mark.parametrize(
    ("list_available", "drugs", "expected"),
    [
        (None, None, Truth.TRUE),
        (False, None, Truth.TRUE),
        (True, [], Truth.TRUE),
        (True, [{"drug.drug_class": "parp_inhibitor", "drug.status": "stopped"}], Truth.TRUE),
        (True, [{"drug.drug_class": "parp_inhibitor", "drug.status": "active"}], Truth.FALSE),
        (True, [{"drug.drug_class": "parp_inhibitor"}], Truth.UNKNOWN),
        (False, [{"drug.drug_class": "parp_inhibitor", "drug.status": "active"}], Truth.TRUE),
    ],
)
def test_a_parp_inhibitor_is_named_until_one_is_taken(
    list_available: bool | None, drugs: list[dict[str, Value]] | None, expected: Truth
) -> None:
    facts: dict[str, Value] = {"mets.status": "confirmed", "mets.organ.bone": "present", "tumour.brca_mutated": True}
    facts |= {} if list_available is None else {"meds.list_available": list_available}

    assert truth(rule_called("pathway.brca-parp", RULES).when, facts, drugs=drugs) is expected


def test_no_drug_list_leaves_pain_during_chemotherapy_open_and_an_empty_one_settles_it() -> None:
    rule = rule_called("pathway.chemo-bone-pain", RULES)
    facts: dict[str, Value] = {"mets.status": "confirmed", "mets.organ.bone": "present", "patient.bone_pain": True}

    assert truth(rule.when, facts, drugs=None) is Truth.UNKNOWN
    assert truth(rule.when, facts, drugs=[]) is Truth.FALSE


@pytest.mark.parametrize("id", ["pathway.et-preferred", "pathway.crisis-chemo", "pathway.hormone-refractory-options"])
def test_her2_negative_is_said_to_be_our_reading(id: str) -> None:
    assert any("our reading" in ambiguity for ambiguity in rule_called(id, RULES).ambiguities)


def test_overtaken_statements_are_off_until_they_are_asked_for() -> None:
    rule = rule_called("pathway.tn-pdl1-io", RULES)

    assert [each.id for each in RULES if each.enabled_by] == [rule.id]
    assert rule.enabled_by is ENABLE_SUPERSEDED
    assert rule.id in reasoner().switched_off
    assert rule.id not in reasoner(enable_superseded=True).switched_off


# --- how the rules are written ---------------------------------------------------------------------


def test_newer_publications_stand_beside_the_rules_they_concern() -> None:
    assert {rule.id: rule.since for rule in RULES if rule.since} == {
        "pathway.good-radical": (NRG_BR002,),
        "pathway.oligoprogression-local": (CURB,),
        "pathway.crisis-chemo": (RIGHT_CHOICE,),
        "pathway.tn-pdl1-io": (ATEZOLIZUMAB_WITHDRAWN,),
    }


def test_what_is_offered_fits_the_rule() -> None:
    assert {rule.id: [each.action for each in rule.suggestions] for rule in RULES if rule.suggestions} == {
        "pathway.good-radical": ["refer_to_radiation_oncology", "request_mdt"],
        "pathway.intermediate-local-if-symptomatic": ["refer_to_radiation_oncology"],
        "pathway.local-palliation": ["refer_to_radiation_oncology"],
        "pathway.poor-qol": ["refer_to_palliative_care"],
        "pathway.mdt": ["request_mdt"],
        "pathway.ortho-evaluation": ["refer_to_orthopaedics"],
        "pathway.chemo-bone-pain": ["refer_to_radiation_oncology"],
    }


def test_a_good_group_is_never_led_to_radical_treatment_beside_a_crisis() -> None:
    good = {
        "mets.status": "confirmed", "mets.organ.bone": "present", "mets.lesion_count": Interval(lo=2, hi=2),
        **{f"mets.organ.{each}": "absent" for each in ("liver", "lung", "brain", "other_visceral", "distant_nodes", "soft_tissue")},
        "tumour.er_primary": "positive", "patient.ecog": 1, "patient.comorbidities": "none",
        "systemic.prior_lines_metastatic": 0,
    }  # fmt: skip

    def told(**more: Value) -> bool:
        facts = {**good, **{name.replace("__", "."): value for name, value in more.items()}}
        verdicts = reasoner().fire(record(facts)).verdicts
        return "pathway.good-radical" in {each.judged.id for each in verdicts if each.truth is Truth.TRUE}

    assert told()
    assert not told(mets__visceral_crisis=True)
    assert not told(mets__rapid_progression=True)
    assert not told(mets__progression_pattern="widespread")
    assert told(patient__life_expectancy_weeks=12) and not told(patient__life_expectancy_weeks=11)
