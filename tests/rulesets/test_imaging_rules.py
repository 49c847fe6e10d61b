"""The rules about imaging, each on both sides of every clause, by a plain reading of the record."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from rulesets.imaging import DEFINITIONS, RULES
from rulesets.language import Truth, Value, facts_in
from rulesets.rule import EACH_LESION, EACH_ORDER, Suggestion
from rulesets.rulebook import DEFINITION_STAGES
from tests.rulesets.judging import Lesions, derived, rule_called, truth

Facts = Mapping[str, Value]


def verdict(id: str, facts: Facts, lesions: Lesions = None) -> Truth:
    """The truth of a rule. Facts of a lesion are those of a list of one, where the rule looks through a list."""
    rule = rule_called(f"imaging.{id}", RULES)
    of_lesion = {name: value for name, value in facts.items() if name.startswith("lesion.")}
    if rule.for_each == EACH_LESION or not of_lesion:
        return truth(rule.when, facts, lesions)
    return truth(rule.when, {name: value for name, value in facts.items() if name not in of_lesion}, [of_lesion])


# --- every rule, both sides of every clause ------------------------------------------------------

# Facts that make each rule true, each beside a value that makes it false, or in OTHER_WAYS opens another way.
CASES: dict[str, dict[str, tuple[Value, Value]]] = {
    "first-level-bone-scan": {
        "mets.status": ("none", "confirmed"),
        "mets.organ.bone": ("absent", "present"),
        "patient.bone_pain": (True, False),
        "risk.surveillance_tier": ("not_high", "high"),
        "imaging.bone_scan": ("not_done", "negative"),
        "imaging.mri": ("not_done", "equivocal"),
        "imaging.fdg_pet": ("not_done", "positive"),
        "imaging.naf_pet": ("not_done", "negative"),
    },
    "bone-scan-equivocal": {
        "imaging.bone_scan": ("equivocal", "positive"),
        "imaging.mri": ("not_done", "negative"),
    },
    "bone-scan-degenerative": {
        "imaging.bone_scan": ("positive", "equivocal"),
        "imaging.degenerative_at_uptake": (True, False),
        "mets.status": ("suspected", "confirmed"),
        "mets.organ.bone": ("present", "absent"),
        "imaging.mri": ("not_done", "positive"),
    },
    "bone-scan-negative-lytic": {
        "imaging.bone_scan": ("negative", "equivocal"),
        "mets.predominant_behaviour": ("lytic", "sclerotic"),
        "patient.bone_pain": (False, True),
        "imaging.mri": ("not_done", "negative"),
        "imaging.naf_pet": ("equivocal", "negative"),
        "imaging.fdg_pet": ("negative", "positive"),
        "mets.status": ("suspected", "confirmed"),
    },
    "ct-negative-limit": {
        "imaging.ct": ("negative", "equivocal"),
        "imaging.mri": ("not_done", "positive"),
        "patient.bone_pain": (True, False),
        "imaging.suspected_lesion_size_cm": (2, 0.5),
    },
    "mri-in-doubt": {
        "imaging.ct": ("equivocal", "negative"),
        "imaging.fdg_pet": ("negative", "equivocal"),
        "imaging.naf_pet": ("not_done", "equivocal"),
        "imaging.mri": ("not_done", "equivocal"),
    },
    "mri-typical-pattern": {
        "lesion.mri_t1": ("low", "other"),
        "lesion.mri_t2": ("high", "other"),
        "lesion.mri_dwi": ("restricted", "not_restricted"),
    },
    "mri-bone-contrast-unneeded": {
        "order.kind": ("imaging", "procedure"),
        "order.modality": ("MRI", "WB-MRI"),
        "order.purpose": ("bone_assessment", "cord_assessment"),
        "order.contrast": (True, False),
        "patient.neuro_symptoms": (False, True),
        "lesion.cord_compression": ("none", "suspected"),
        "lesion.soft_tissue_extension": (False, True),
    },
    "mri-cord-contrast-required": {
        "order.kind": ("imaging", "rt"),
        "order.modality": ("MRI", "CT"),
        "order.purpose": ("soft_tissue_assessment", "bone_assessment"),
        "order.contrast": (False, True),
    },
    "cord-mri-urgent": {
        "lesion.cord_compression": ("suspected", "none"),
        "patient.neuro_symptoms": (False, True),
        "imaging.spine_mri": ("not_done", "done_contrast"),
    },
    "cord-mri-no-contrast": {
        "lesion.cord_compression": ("confirmed", "none"),
        "patient.neuro_symptoms": (False, True),
        "imaging.spine_mri": ("done_no_contrast", "not_done"),
    },
    "wbmri-investigational": {
        "order.kind": ("imaging", "none"),
        "order.modality": ("WB-MRI", "MRI"),
    },
    "fdg-order-luminal-lobular": {
        "order.kind": ("imaging", "procedure"),
        "order.modality": ("FDG-PET", "NaF-PET"),
        "tumour.luminal": (True, False),
        "tumour.histology": ("ductal_nst", "lobular"),
    },
    "fdg-negative-luminal-lobular": {
        "imaging.fdg_pet": ("negative", "positive"),
        "tumour.luminal": (False, True),
        "tumour.histology": ("lobular", "ductal_nst"),
        "mets.status": ("suspected", "none"),
        "patient.bone_pain": (False, True),
        "imaging.bone_scan": ("negative", "equivocal"),
        "imaging.ct": ("not_done", "equivocal"),
        "imaging.naf_pet": ("not_done", "negative"),
        "imaging.mri": ("not_done", "equivocal"),
    },
    "fdg-staging-useful": {
        "tumour.locally_advanced": (False, True),
        "mets.status": ("confirmed", "suspected"),
        "imaging.fdg_pet": ("not_done", "negative"),
        "tumour.luminal": (False, True),
        "tumour.histology": ("ductal_nst", "lobular"),
    },
    "fdg-followup-controversial": {
        "order.kind": ("imaging", "drug"),
        "order.modality": ("FDG-PET", "PET-MRI"),
        "order.purpose": ("follow_up", "staging"),
    },
    "naf-setting-undefined": {
        "order.kind": ("imaging", "drug"),
        "order.modality": ("NaF-PET", "FDG-PET"),
        "tumour.luminal": (False, True),
        "tumour.histology": ("other_carcinoma", "lobular"),
    },
    "hybrid-early-response": {
        "mets.status": ("confirmed", "suspected"),
        "mets.organ.bone": ("present", "absent"),
        "systemic.ongoing": (True, False),
        "imaging.response_assessment_due": (True, False),
    },
    "petmri-limited": {
        "order.kind": ("imaging", "radiopharmaceutical"),
        "order.modality": ("PET-MRI", "FDG-PET"),
    },
    "sclerosis-on-therapy": {
        "lesion.change_on_therapy": ("new_peripheral_sclerosis", "other"),
        "systemic.ongoing": (True, False),
    },
    "morphologic-sre-risk": {
        "mets.status": ("confirmed", "suspected"),
        "mets.organ.bone": ("present", "absent"),
        "imaging.morphologic_done": (False, True),
    },
    "escalate-before-radical": {
        "pattern.burden": ("oligometastatic", "plurimetastatic"),
        "mets.organ.bone": ("present", "absent"),
        "imaging.high_resolution_staging_done": (False, True),
        "prognosis.group": ("poor", "good"),
        "rt.planned": (True, False),
        "rt.intent": ("radical", "palliative"),
    },
    "bone-scan-order-lytic": {
        "order.kind": ("imaging", "drug"),
        "order.modality": ("bone_scan", "CT"),
        "mets.predominant_behaviour": ("lytic", "mixed"),
    },
    "mimic-order-sarcoidosis": {
        "order.kind": ("imaging", "drug"),
        "order.modality": ("WB-MRI", "CT"),
        "patient.sarcoidosis": (True, False),
    },
    "post-test-probability": {
        "imaging.pretest_probability": (0.3, 0.9),
        "imaging.bone_scan": ("negative", "equivocal"),
        "imaging.fdg_pet": ("not_done", "negative"),
        "imaging.naf_pet": ("equivocal", "positive"),
        "imaging.mri": ("not_done", "positive"),
    },
}

# Other ways into a rule, closed in its case so that one way decides; opening them changes nothing.
OTHER_WAYS = {
    ("first-level-bone-scan", "mets.organ.bone"),
    ("first-level-bone-scan", "risk.surveillance_tier"),
    ("bone-scan-degenerative", "mets.organ.bone"),
    ("bone-scan-negative-lytic", "patient.bone_pain"),
    ("ct-negative-limit", "imaging.suspected_lesion_size_cm"),
    ("mri-in-doubt", "imaging.fdg_pet"),
    ("mri-in-doubt", "imaging.naf_pet"),
    ("cord-mri-urgent", "patient.neuro_symptoms"),
    ("cord-mri-no-contrast", "patient.neuro_symptoms"),
    ("fdg-order-luminal-lobular", "tumour.histology"),
    ("fdg-negative-luminal-lobular", "tumour.luminal"),
    ("fdg-negative-luminal-lobular", "patient.bone_pain"),
    ("fdg-negative-luminal-lobular", "imaging.bone_scan"),
    ("fdg-negative-luminal-lobular", "imaging.ct"),
    ("fdg-staging-useful", "tumour.locally_advanced"),
    ("escalate-before-radical", "prognosis.group"),
    ("post-test-probability", "imaging.pretest_probability"),
    ("post-test-probability", "imaging.fdg_pet"),
    ("post-test-probability", "imaging.naf_pet"),
    ("post-test-probability", "imaging.mri"),
}

# Facts whose absence leaves a rule true: an exam nobody recorded does not quiet it.
TRUE_WITHOUT = {
    ("bone-scan-negative-lytic", "imaging.naf_pet"),
    ("bone-scan-negative-lytic", "imaging.fdg_pet"),
    ("bone-scan-negative-lytic", "mets.status"),
    ("cord-mri-urgent", "imaging.spine_mri"),
}

DECIDING = [(id, name) for id, facts in CASES.items() for name in facts if (id, name) not in OTHER_WAYS]
NO_ORDER: Facts = {"order.kind": "none"}


def true_case(id: str) -> dict[str, Value]:
    facts = {name: value for name, (value, _) in CASES[id].items()}
    return {**(NO_ORDER if rule_called(f"imaging.{id}", RULES).for_each == EACH_ORDER else {}), **facts}


def changed(id: str, changes: Mapping[str, Value | None]) -> dict[str, Value]:
    """The facts that make a rule true with some of them changed; None makes one unknown."""
    facts: dict[str, Value | None] = {**true_case(id), **changes}
    return {name: value for name, value in facts.items() if value is not None}


def test_the_cases_cover_every_rule_in_the_order_of_the_rules() -> None:
    assert [f"imaging.{id}" for id in CASES] == [rule.id for rule in RULES]


@pytest.mark.parametrize("id", CASES)
def test_a_rule_is_true_when_all_it_asks_is_so(id: str) -> None:
    assert verdict(id, true_case(id)) is Truth.TRUE


@pytest.mark.parametrize(("id", "name"), DECIDING)
def test_one_fact_to_the_contrary_makes_a_rule_false(id: str, name: str) -> None:
    _, contrary = CASES[id][name]

    assert verdict(id, {**true_case(id), name: contrary}) is Truth.FALSE


@pytest.mark.parametrize(("id", "name"), DECIDING)
def test_a_missing_fact_leaves_a_rule_open_unless_the_rule_is_about_its_absence(id: str, name: str) -> None:
    facts = true_case(id)
    del facts[name]

    assert verdict(id, facts) is (Truth.TRUE if (id, name) in TRUE_WITHOUT else Truth.UNKNOWN)


@pytest.mark.parametrize(("id", "name"), sorted(OTHER_WAYS))
def test_another_way_into_a_rule_leaves_it_true_open_or_closed(id: str, name: str) -> None:
    _, other = CASES[id][name]

    assert verdict(id, {**true_case(id), name: other}) is Truth.TRUE


# --- the other ways into a rule ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"patient.bone_pain": False, "risk.surveillance_tier": "high"}, Truth.TRUE),
        ({"patient.bone_pain": False, "risk.surveillance_tier": None}, Truth.UNKNOWN),
        ({"patient.bone_pain": False, "mets.status": "suspected"}, Truth.TRUE),
        ({"mets.status": "confirmed", "mets.organ.bone": None}, Truth.TRUE),
        ({"mets.status": "confirmed", "mets.organ.bone": "absent"}, Truth.FALSE),
        ({"mets.status": None}, Truth.UNKNOWN),
    ],
)
def test_the_first_exam_is_for_pain_high_risk_or_suspicion_while_bone_is_in_question(
    changes: dict[str, Value | None], told: Truth
) -> None:
    assert verdict("first-level-bone-scan", changed("first-level-bone-scan", changes)) is told


def test_a_bone_scan_is_first_level_only_when_the_absence_of_every_exam_is_on_record() -> None:
    for exam in ("bone_scan", "mri", "fdg_pet", "naf_pet"):
        unrecorded = changed("first-level-bone-scan", {f"imaging.{exam}": None})
        assert verdict("first-level-bone-scan", unrecorded) is Truth.UNKNOWN


def test_pain_alone_keeps_a_negative_scan_in_doubt_as_information_and_lytic_disease_as_a_warning() -> None:
    rule = rule_called("imaging.bone-scan-negative-lytic", RULES)
    assert rule.escalation is not None

    pain = changed("bone-scan-negative-lytic", {"mets.predominant_behaviour": None, "patient.bone_pain": True})
    assert verdict("bone-scan-negative-lytic", pain) is Truth.TRUE
    assert truth(rule.escalation.when, pain) is Truth.UNKNOWN
    assert truth(rule.escalation.when, {**pain, "mets.predominant_behaviour": "mixed"}) is Truth.FALSE
    assert truth(rule.escalation.when, true_case("bone-scan-negative-lytic")) is Truth.TRUE
    assert (rule.indicator, rule.escalation.to) == ("info", "warning")


@pytest.mark.parametrize(
    ("mri", "told"), [("equivocal", Truth.TRUE), ("negative", Truth.FALSE), ("positive", Truth.FALSE)]
)
def test_a_clear_mri_ends_the_doubt_about_a_negative_scan_and_an_equivocal_one_does_not(mri: str, told: Truth) -> None:
    assert verdict("bone-scan-negative-lytic", changed("bone-scan-negative-lytic", {"imaging.mri": mri})) is told


@pytest.mark.parametrize(
    ("size", "told"), [(0.9, Truth.TRUE), (1, Truth.FALSE), (1.1, Truth.FALSE), (None, Truth.UNKNOWN)]
)
def test_ct_detects_from_exactly_one_centimetre(size: float | None, told: Truth) -> None:
    painless = {"patient.bone_pain": False, "imaging.suspected_lesion_size_cm": size}

    assert verdict("ct-negative-limit", changed("ct-negative-limit", painless)) is told


@pytest.mark.parametrize("exam", ["ct", "fdg_pet", "naf_pet"])
def test_mri_settles_any_of_three_doubts(exam: str) -> None:
    clear: dict[str, Value | None] = {f"imaging.{each}": "negative" for each in ("ct", "fdg_pet", "naf_pet")}

    assert verdict("mri-in-doubt", changed("mri-in-doubt", clear)) is Truth.FALSE
    assert verdict("mri-in-doubt", changed("mri-in-doubt", {**clear, f"imaging.{exam}": "equivocal"})) is Truth.TRUE
    assert verdict("mri-in-doubt", changed("mri-in-doubt", {**clear, f"imaging.{exam}": None})) is Truth.UNKNOWN


@pytest.mark.parametrize("histology", ["lobular", "ductal_nst", None])
def test_either_luminal_or_lobular_is_enough_to_doubt_fdg(histology: str | None) -> None:
    luminal: dict[str, Value | None] = {"tumour.luminal": True, "tumour.histology": histology}
    not_luminal: dict[str, Value | None] = {"tumour.luminal": False, "tumour.histology": histology}
    expected = {"lobular": Truth.TRUE, "ductal_nst": Truth.FALSE, None: Truth.UNKNOWN}[histology]

    for id in ("fdg-order-luminal-lobular", "fdg-negative-luminal-lobular"):
        assert verdict(id, changed(id, luminal)) is Truth.TRUE
        assert verdict(id, changed(id, not_luminal)) is expected


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"mets.status": "none", "patient.bone_pain": True}, Truth.TRUE),
        ({"mets.status": "none", "imaging.bone_scan": "equivocal"}, Truth.TRUE),
        ({"mets.status": "none", "imaging.ct": "equivocal"}, Truth.TRUE),
        ({"mets.status": "none"}, Truth.FALSE),
        ({"mets.status": "none", "patient.bone_pain": None}, Truth.UNKNOWN),
        ({"mets.status": "confirmed"}, Truth.TRUE),
        ({"mets.status": "confirmed", "mets.organ.bone": "absent"}, Truth.FALSE),
        ({"mets.status": "confirmed", "mets.organ.bone": "present"}, Truth.FALSE),
        ({"mets.status": None}, Truth.UNKNOWN),
    ],
)
def test_a_negative_fdg_is_doubted_only_while_something_keeps_the_question_open(
    changes: dict[str, Value | None], told: Truth
) -> None:
    assert verdict("fdg-negative-luminal-lobular", changed("fdg-negative-luminal-lobular", changes)) is told


def test_pain_makes_the_doubt_about_a_negative_fdg_a_warning() -> None:
    rule = rule_called("imaging.fdg-negative-luminal-lobular", RULES)
    assert rule.escalation is not None

    assert (rule.indicator, rule.escalation.to) == ("info", "warning")
    assert truth(rule.escalation.when, {"patient.bone_pain": True}) is Truth.TRUE
    assert truth(rule.escalation.when, {"patient.bone_pain": False}) is Truth.FALSE
    assert truth(rule.escalation.when, {}) is Truth.UNKNOWN


def test_a_locally_advanced_tumour_is_enough_for_fdg_staging() -> None:
    local = changed("fdg-staging-useful", {"tumour.locally_advanced": True, "mets.status": "none"})

    assert verdict("fdg-staging-useful", local) is Truth.TRUE
    assert verdict("fdg-staging-useful", {**local, "tumour.locally_advanced": False}) is Truth.FALSE


@pytest.mark.parametrize(
    ("group", "intent", "told"),
    [
        ("good", "palliative", Truth.TRUE),
        ("indeterminate", "palliative", Truth.TRUE),
        ("intermediate", "radical", Truth.TRUE),
        ("intermediate", "palliative", Truth.FALSE),
        ("poor", None, Truth.UNKNOWN),
    ],
)
def test_imaging_is_escalated_where_radical_treatment_may_come(group: str, intent: str | None, told: Truth) -> None:
    facts = changed("escalate-before-radical", {"prognosis.group": group, "rt.intent": intent})

    assert verdict("escalate-before-radical", facts) is told


@pytest.mark.parametrize(
    ("modality", "told"),
    [
        ("FDG-PET", Truth.TRUE),
        ("MRI", Truth.TRUE),
        ("PET-MRI", Truth.TRUE),
        ("NaF-PET", Truth.FALSE),
        ("bone_scan", Truth.FALSE),
    ],
)
def test_sarcoidosis_deceives_mri_and_fdg_only(modality: str, told: Truth) -> None:
    assert verdict("mimic-order-sarcoidosis", changed("mimic-order-sarcoidosis", {"order.modality": modality})) is told


@pytest.mark.parametrize("exam", ["bone_scan", "fdg_pet", "naf_pet", "mri"])
@pytest.mark.parametrize("result", ["positive", "negative"])
def test_any_clear_result_gives_a_probability_but_only_from_a_stated_one(exam: str, result: str) -> None:
    nothing: dict[str, Value | None] = {
        f"imaging.{each}": "not_done" for each in ("bone_scan", "fdg_pet", "naf_pet", "mri")
    }
    facts = changed("post-test-probability", {**nothing, f"imaging.{exam}": result})

    assert verdict("post-test-probability", facts) is Truth.TRUE
    del facts["imaging.pretest_probability"]
    assert verdict("post-test-probability", facts) is Truth.FALSE


# --- the cord ------------------------------------------------------------------------------------

SYMPTOMS: Facts = {"patient.neuro_symptoms": True, "mets.status": "suspected", **NO_ORDER}


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"mets.organ.bone": "present", "mets.status": "confirmed"}, Truth.TRUE),
        ({"mets.status": "suspected"}, Truth.TRUE),
        ({"mets.status": "confirmed"}, Truth.TRUE),
        ({"mets.status": "confirmed", "mets.organ.bone": "absent"}, Truth.FALSE),
        ({"mets.status": "none", "mets.organ.bone": "absent"}, Truth.FALSE),
        ({}, Truth.UNKNOWN),
    ],
)
def test_spinal_symptoms_threaten_the_cord_unless_bone_disease_is_excluded(facts: Facts, told: Truth) -> None:
    for id, mri in (("cord-mri-urgent", "not_done"), ("cord-mri-no-contrast", "done_no_contrast")):
        all_facts = {"patient.neuro_symptoms": True, "imaging.spine_mri": mri, **NO_ORDER, **facts}
        assert verdict(id, all_facts, []) is told


@pytest.mark.parametrize(
    ("lesions", "told"),
    [
        ([{"lesion.cord_compression": "none"}, {"lesion.cord_compression": "suspected"}], Truth.TRUE),
        ([{"lesion.cord_compression": "confirmed", "lesion.site": "rib"}], Truth.TRUE),
        ([{}], Truth.UNKNOWN),
        ([], Truth.FALSE),
        (None, Truth.UNKNOWN),
    ],
)
def test_compression_at_any_listed_lesion_threatens_the_cord_without_symptoms(lesions: Lesions, told: Truth) -> None:
    assert verdict("cord-mri-urgent", {"patient.neuro_symptoms": False, **NO_ORDER}, lesions) is told


@pytest.mark.parametrize(
    ("order", "told"),
    [
        ({"order.kind": "imaging", "order.modality": "MRI", "order.purpose": "cord_assessment"}, Truth.FALSE),
        ({"order.kind": "imaging", "order.modality": "MRI"}, Truth.FALSE),
        ({"order.kind": "imaging", "order.modality": "MRI", "order.purpose": "bone_assessment"}, Truth.TRUE),
        ({"order.kind": "imaging", "order.modality": "CT", "order.purpose": "cord_assessment"}, Truth.TRUE),
        ({"order.kind": "rt"}, Truth.TRUE),
        ({"order.kind": "none"}, Truth.TRUE),
    ],
)
def test_the_urgent_mri_is_not_asked_for_while_it_is_being_ordered(order: Facts, told: Truth) -> None:
    done: Facts = {**SYMPTOMS, "imaging.spine_mri": "done_no_contrast"}

    assert verdict("cord-mri-urgent", {**SYMPTOMS, **order}, []) is told
    assert verdict("cord-mri-no-contrast", {**done, **order}, []) is told


@pytest.mark.parametrize(
    ("mri", "urgent", "repeat"),
    [
        (None, Truth.TRUE, Truth.UNKNOWN),
        ("not_done", Truth.TRUE, Truth.FALSE),
        ("done_no_contrast", Truth.FALSE, Truth.TRUE),
        ("done_contrast", Truth.FALSE, Truth.FALSE),
    ],
)
def test_an_mri_nobody_recorded_counts_as_not_done_and_one_without_contrast_is_no_emergency(
    mri: str | None, urgent: Truth, repeat: Truth
) -> None:
    facts = {**SYMPTOMS, **({"imaging.spine_mri": mri} if mri else {})}

    assert verdict("cord-mri-urgent", facts, []) is urgent
    assert verdict("cord-mri-no-contrast", facts, []) is repeat


@pytest.mark.parametrize(
    "lesions", [None, [{"lesion.cord_compression": "none"}], [{"lesion.soft_tissue_extension": False}]]
)
def test_contrast_is_not_called_needless_until_cord_and_soft_tissue_are_known_to_be_free(lesions: Lesions) -> None:
    facts = {
        name: value for name, value in true_case("mri-bone-contrast-unneeded").items() if not name.startswith("lesion.")
    }

    assert verdict("mri-bone-contrast-unneeded", facts, lesions) is Truth.UNKNOWN
    assert verdict("mri-bone-contrast-unneeded", facts, []) is Truth.TRUE


def test_no_order_is_told_to_leave_out_contrast_while_the_cord_is_in_question() -> None:
    needless = true_case("mri-bone-contrast-unneeded")

    for danger in (
        {"patient.neuro_symptoms": True, "mets.status": "suspected"},
        {"lesion.cord_compression": "suspected"},
    ):
        facts: Facts = {**needless, **danger}
        assert verdict("mri-bone-contrast-unneeded", facts) is Truth.FALSE
        assert verdict("cord-mri-urgent", facts) is Truth.TRUE


@pytest.mark.parametrize("purpose", ["cord_assessment", "soft_tissue_assessment"])
def test_contrast_is_required_for_cord_and_soft_tissue_and_asked_for_when_nobody_says(purpose: str) -> None:
    rule = rule_called("imaging.mri-cord-contrast-required", RULES)
    order: Facts = {"order.kind": "imaging", "order.modality": "MRI", "order.purpose": purpose}

    assert verdict("mri-cord-contrast-required", {**order, "order.contrast": False}) is Truth.TRUE
    assert verdict("mri-cord-contrast-required", order) is Truth.UNKNOWN
    assert (rule.when_unknown, [fact.name for fact in rule.ask]) == ("ask", ["order.contrast"])


# --- the typical signal --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "typical"),
    [({}, True), ({"lesion.mri_t2": "other"}, False), ({"lesion.mri_dwi": None}, None)],
)
def test_a_signal_is_typical_when_all_three_sequences_are(
    changes: dict[str, Value | None], typical: bool | None
) -> None:
    known = derived([DEFINITIONS], changed("mri-typical-pattern", changes))

    assert known.get("lesion.mri_typical") is typical


def test_the_typical_signal_is_among_the_definitions_of_the_rulebook() -> None:
    assert set(DEFINITIONS) <= set(DEFINITION_STAGES[0])


# --- what is offered -----------------------------------------------------------------------------


def offered(id: str, facts: Facts) -> list[str]:
    """The actions a rule offers for a record for which it is true."""
    return [each.action for each in suggestions(id) if each.when is None or truth(each.when, facts) is Truth.TRUE]


def suggestions(id: str) -> tuple[Suggestion, ...]:
    return rule_called(f"imaging.{id}", RULES).suggestions


WITH_MRI = (
    "bone-scan-equivocal",
    "bone-scan-degenerative",
    "bone-scan-negative-lytic",
    "ct-negative-limit",
    "mri-in-doubt",
)


@pytest.mark.parametrize("id", WITH_MRI)
def test_mri_of_a_region_is_offered_unless_the_spine_must_be_seen_first(id: str) -> None:
    facts = true_case(id)

    assert offered(id, facts) == ["order_mri"]
    assert offered(id, {**facts, "patient.neuro_symptoms": False}) == ["order_mri"]
    assert offered(id, {**facts, "patient.neuro_symptoms": True}) == []
    assert offered(id, {**facts, "patient.neuro_symptoms": True, "imaging.spine_mri": "not_done"}) == []
    for done in ("done_contrast", "done_no_contrast"):
        assert offered(id, {**facts, "patient.neuro_symptoms": True, "imaging.spine_mri": done}) == ["order_mri"]


def test_a_bone_scan_is_not_offered_where_another_rule_would_speak_against_it() -> None:
    facts = true_case("first-level-bone-scan")

    assert offered("first-level-bone-scan", facts) == ["order_bone_scan"]
    assert offered("first-level-bone-scan", {**facts, "mets.predominant_behaviour": "mixed"}) == ["order_bone_scan"]
    assert offered("first-level-bone-scan", {**facts, "mets.predominant_behaviour": "lytic"}) == []
    assert offered("first-level-bone-scan", {**facts, "patient.neuro_symptoms": True}) == []


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({"patient.bone_pain": True}, "Order MRI of the painful region"),
        ({"patient.bone_pain": True, "mets.predominant_behaviour": None}, "Order MRI of the painful region"),
        ({"patient.bone_pain": False}, "Order MRI of the lytic lesions"),
        ({"patient.bone_pain": None}, "Order MRI of the lytic lesions"),
        ({"patient.bone_pain": True, "imaging.mri": "equivocal"}, None),
        ({"imaging.mri": "equivocal"}, None),
    ],
)
def test_mri_is_offered_of_what_hurts_else_of_what_is_lytic_and_not_a_second_time(
    changes: dict[str, Value | None], label: str | None
) -> None:
    facts = changed("bone-scan-negative-lytic", changes)

    labels = [
        each.label
        for each in suggestions("bone-scan-negative-lytic")
        if each.when and truth(each.when, facts) is Truth.TRUE
    ]
    assert labels == ([label] if label else [])


def test_fluoride_is_offered_beside_fdg_unless_it_is_already_there() -> None:
    facts = true_case("fdg-order-luminal-lobular")

    assert offered("fdg-order-luminal-lobular", facts) == ["order_naf_pet"]
    assert offered("fdg-order-luminal-lobular", {**facts, "imaging.naf_pet": "not_done"}) == ["order_naf_pet"]
    assert offered("fdg-order-luminal-lobular", {**facts, "imaging.naf_pet": "negative"}) == []


def test_after_a_negative_fdg_fluoride_and_mri_are_offered_and_with_spinal_symptoms_no_plain_mri() -> None:
    facts = true_case("fdg-negative-luminal-lobular")

    assert offered("fdg-negative-luminal-lobular", facts) == ["order_naf_pet", "order_mri"]
    assert offered("fdg-negative-luminal-lobular", {**facts, "patient.neuro_symptoms": True}) == ["order_naf_pet"]


@pytest.mark.parametrize(
    ("tumour", "actions"),
    [
        ({"tumour.luminal": True}, ["order_mri", "order_naf_pet"]),
        ({"tumour.luminal": False, "tumour.histology": "lobular"}, ["order_mri", "order_naf_pet"]),
        ({"tumour.luminal": False, "tumour.histology": "ductal_nst"}, ["order_mri", "order_fdg_pet"]),
        ({"tumour.luminal": False}, ["order_mri"]),
        ({}, ["order_mri"]),
    ],
)
def test_before_radical_treatment_the_pet_offered_is_the_one_that_suits_the_tumour(
    tumour: Facts, actions: list[str]
) -> None:
    assert offered("escalate-before-radical", {**true_case("escalate-before-radical"), **tumour}) == actions


@pytest.mark.parametrize(
    ("id", "actions"),
    [
        ("mri-bone-contrast-unneeded", ["leave_out_contrast"]),
        ("mri-cord-contrast-required", ["add_contrast"]),
        ("cord-mri-urgent", ["order_urgent_spine_mri"]),
        ("fdg-staging-useful", ["order_fdg_pet"]),
        ("morphologic-sre-risk", ["order_ct"]),
    ],
)
def test_other_offers_hold_whenever_the_rule_does(id: str, actions: list[str]) -> None:
    assert [each.action for each in suggestions(id)] == actions
    assert all(each.when is None for each in suggestions(id))


def test_where_contrast_is_offered_the_reader_is_told_that_something_may_forbid_it() -> None:
    for id in ("mri-cord-contrast-required", "cord-mri-urgent"):
        assert "if nothing forbids contrast" in suggestions(id)[0].description


# --- what is said --------------------------------------------------------------------------------


def test_every_summary_is_short_enough_for_a_card() -> None:
    assert {rule.id: len(rule.summary) for rule in RULES if len(rule.summary) > 110} == {}


def test_rules_that_ask_name_what_they_ask_and_it_is_among_what_they_read() -> None:
    asking = {rule.id.removeprefix("imaging."): rule for rule in RULES if rule.when_unknown == "ask"}

    assert list(asking) == [
        "bone-scan-equivocal", "bone-scan-negative-lytic", "mri-in-doubt", "mri-cord-contrast-required",
        "fdg-order-luminal-lobular",
    ]  # fmt: skip
    assert all(rule.ask and set(rule.ask) <= set(facts_in(rule.when)) for rule in asking.values())
