"""Which cards are shown, in what order, and what their first line says."""

import json
import re
from pathlib import Path

import pytest

from rulesets.facts import drug, imaging, mets, patient, prognosis, rt
from rulesets.language import all_of
from rulesets.record import Member
from rulesets.rule import ORDER_HOOKS, Escalation, Hook
from service.cards.deck import Card, cards_for, codings_of
from service.reasoning.findings import Conclusion, Firing, Undetermined
from tests.support.findings import (
    GROUP_IS_OPEN,
    TRIGGERED_BY_DRUGS,
    a_course,
    a_drug,
    conclusion,
    drug_rule,
    facts,
    firing,
    rule,
    uuid,
)

CONCURRENT = drug_rule("parp-rt", "critical", summary="{drug} with {rt}: not recommended")
MARROW = drug_rule("parp-rt-marrow", "warning")
RECENT = drug_rule("cytotoxic-rt-recent", "info")


def cards(concluded: Conclusion, hook: Hook = "order-sign") -> tuple[Card, ...]:
    return cards_for(concluded, hook, new_uuid=uuid)


def summaries(concluded: Conclusion, hook: Hook = "order-sign") -> list[str]:
    return [card["summary"] for card in cards(concluded, hook)]


# --- which rules show --------------------------------------------------------------------------


def test_nothing_concluded_gives_no_card() -> None:
    assert cards(conclusion()) == ()


def test_a_rule_is_shown_only_at_its_hooks() -> None:
    found = conclusion(firing(rule("dq.mets-unconfirmed", hooks=("patient-view",))))

    assert len(cards(found, "patient-view")) == 1
    assert cards(found, "order-sign") == ()


def test_a_rule_that_only_makes_a_fact_gives_no_card() -> None:
    assert cards(conclusion(firing(rule("classify.onset", output="fact")))) == ()


def test_a_suppressed_rule_is_not_shown() -> None:
    out_of_scope = firing(rule("dq.out-of-scope", indicator="warning"))
    other = firing(rule("dq.mets-unconfirmed"))

    found = conclusion(out_of_scope, other, suppressed=("dq.mets-unconfirmed",))

    assert summaries(found) == ["Summary of dq.out-of-scope"]


@pytest.mark.parametrize(("indicator", "shown"), [("info", 0), ("warning", 1), ("critical", 1)])
def test_an_information_waits_for_the_signature_and_a_warning_does_not(indicator: str, shown: int) -> None:
    found = conclusion(firing(rule("dq.rt-unconfirmed", hooks=ORDER_HOOKS, indicator=indicator)))  # type: ignore[arg-type]

    assert len(cards(found, "order-select")) == shown
    assert len(cards(found, "order-sign")) == 1


def test_an_information_for_order_select_alone_is_shown_there() -> None:
    assert len(cards(conclusion(firing(rule("imaging.some", hooks=("order-select",)))), "order-select")) == 1


@pytest.mark.parametrize(
    ("drug_ordered", "course_ordered", "indicator", "shown"),
    [
        (True, False, "info", 1),
        (False, True, "info", 1),
        (False, False, "info", 0),
        (False, False, "warning", 0),
        (False, False, "critical", 1),
    ],
)
def test_a_pair_outside_the_request_is_shown_only_when_critical(
    drug_ordered: bool, course_ordered: bool, indicator: str, shown: int
) -> None:
    pair = (a_course(in_request=course_ordered), a_drug(in_request=drug_ordered))

    assert len(cards(conclusion(firing(drug_rule("any", indicator), *pair)))) == shown  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("course_ordered", "order", "indicator", "shown"),
    [
        (True, "rt", "info", 1),
        (False, "rt", "info", 0),
        (False, "rt", "warning", 1),
        (False, "drug", "warning", 0),
    ],
)
def test_a_plan_outside_the_request_is_shown_only_as_a_warning_beside_a_radiotherapy_order(
    course_ordered: bool, order: str, indicator: str, shown: int
) -> None:
    plan = rule("prognosis.oligoprogressive-outcome", for_each=("course",), indicator=indicator)  # type: ignore[arg-type]
    orders = (Member(key="ServiceRequest/o", facts=facts(order__kind=order), in_request=True),)

    assert len(cards(conclusion(firing(plan, a_course(in_request=course_ordered)), orders=orders))) == shown


def test_a_drug_that_is_no_cancer_drug_is_never_named() -> None:
    morphine = a_drug("morphine", drug__drug_class="non_anticancer")

    found = conclusion(
        firing(drug_rule("any"), a_course(), morphine),
        firing(rule("dq.any", indicator="warning"), because=(morphine.facts["drug.name"],)),
        drugs=(morphine,),
    )

    assert "morphine" not in json.dumps(cards(found)).casefold()
    assert len(cards(found)) == 1


def test_the_pathway_speaks_for_the_group() -> None:
    group, pathway = firing(rule("prognosis.good")), firing(rule("pathway.good-radical"))

    assert summaries(conclusion(group)) == ["Summary of prognosis.good"]
    assert summaries(conclusion(group, pathway)) == ["Summary of pathway.good-radical"]


# --- which rules share a card ------------------------------------------------------------------


def test_each_safety_rule_has_a_card_of_its_own_with_all_its_elements() -> None:
    dose = rule("dq.dose-implausible", for_each=("course",), indicator="critical")
    first, second = a_course("ServiceRequest/a"), a_course("ServiceRequest/b")

    found = cards(conclusion(firing(dose, first), firing(dose, second), firing(rule("dq.rt-unconfirmed"))))

    assert [card["source"]["topic"]["code"] for card in found] == ["dqdoseimplausible", "dqrtunconfirmed"]
    assert found[0]["extension"]["org.osteon.about"] == ["ServiceRequest/a", "ServiceRequest/b"]


def test_rules_of_one_kind_share_a_card_led_by_the_gravest() -> None:
    found = cards(
        conclusion(
            firing(rule("dq.mets-unconfirmed")),
            firing(rule("dq.onset-conflict", indicator="warning")),
            firing(rule("dq.hb-unit", indicator="warning")),
        )
    )

    assert [card["summary"] for card in found] == ["Summary of dq.onset-conflict (+2 more, 1 warning)"]
    assert found[0]["indicator"] == "warning"


def test_a_suffix_without_warnings_only_counts() -> None:
    found = conclusion(firing(rule("dq.her2-equivocal")), firing(rule("dq.stale-data")))

    assert summaries(found) == ["Summary of dq.her2-equivocal (+1 more)"]


def test_criticals_have_a_card_apart_from_the_other_rules_of_their_kind() -> None:
    course = a_course()
    found = cards(
        conclusion(
            firing(RECENT, course, a_drug("capecitabine", drug__drug_class="cytotoxic")),
            firing(CONCURRENT, course, a_drug("olaparib")),
        )
    )

    assert [(card["indicator"], card["summary"]) for card in found] == [
        ("critical", "olaparib with planned RT: not recommended"),
        ("info", "capecitabine with planned RT: mind the timing"),
    ]
    assert [card["source"]["topic"]["code"] for card in found] == ["imbricationcritical", "imbrication"]


def test_everything_about_one_drug_stays_on_the_card_of_its_gravest_rule() -> None:
    course, olaparib = a_course(), a_drug()

    found = cards(conclusion(firing(CONCURRENT, course, olaparib), firing(MARROW, course, olaparib)))

    assert [card["summary"] for card in found] == ["olaparib with planned RT: not recommended (+1 more, 1 warning)"]
    assert found[0]["extension"]["org.osteon.rules"] == ["imbrication.parp-rt", "imbrication.parp-rt-marrow"]


def test_two_courses_for_one_drug_are_one_point() -> None:
    olaparib = a_drug()

    found = cards(
        conclusion(
            firing(CONCURRENT, a_course("ServiceRequest/a"), olaparib),
            firing(CONCURRENT, a_course("ServiceRequest/b"), olaparib),
        )
    )

    assert [card["summary"] for card in found] == ["olaparib with planned RT: not recommended"]


def test_advice_about_the_sequence_joins_the_drug_that_asked_for_it_without_being_counted() -> None:
    course, olaparib = a_course(), a_drug()
    sequence = rule("imbrication.sequence-priority", for_each=("course",), hooks=ORDER_HOOKS, when=TRIGGERED_BY_DRUGS)

    found = cards(conclusion(firing(CONCURRENT, course, olaparib), firing(sequence, course)))

    assert [card["summary"] for card in found] == ["olaparib with planned RT: not recommended"]
    assert "imbrication.sequence-priority" in found[0]["extension"]["org.osteon.rules"]


def test_advice_that_accompanies_two_drugs_is_said_once_on_a_card() -> None:
    course = a_course()
    sequence = rule("imbrication.sequence-priority", for_each=("course",), hooks=ORDER_HOOKS, when=TRIGGERED_BY_DRUGS)

    found = cards(
        conclusion(
            firing(CONCURRENT, course, a_drug("olaparib")),
            firing(CONCURRENT, course, a_drug("talazoparib")),
            firing(sequence, course),
        )
    )

    assert len(found) == 1
    assert found[0]["detail"].count("Summary of imbrication.sequence-priority") == 1


# --- the first line ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("course", "phrase"),
    [
        ({"rt__status": "draft"}, "planned RT"),
        ({"rt__status": "in_progress"}, "RT in progress"),
        ({"rt__status": "on_hold"}, "RT on hold"),
        ({"rt__status": "completed", "rt__days_since_end": 0}, "RT finished today"),
        ({"rt__status": "completed", "rt__days_since_end": 1}, "RT finished 1 day ago"),
        ({"rt__status": "completed", "rt__days_since_end": 9}, "RT finished 9 days ago"),
    ],
)
def test_a_course_is_called_by_its_state(course: dict[str, str | int], phrase: str) -> None:
    found = conclusion(firing(CONCURRENT, a_course(**course), a_drug()))  # type: ignore[arg-type]

    assert summaries(found) == [f"olaparib with {phrase}: not recommended"]


def test_a_course_without_status_is_called_so() -> None:
    course = Member(key="ServiceRequest/rt", facts={}, in_request=True)

    assert summaries(conclusion(firing(CONCURRENT, course, a_drug()))) == [
        "olaparib with RT of unknown status: not recommended"
    ]


def test_the_lean_stands_in_the_summary() -> None:
    said = rule("pathway.intermediate-systemic-first", summary="Intermediate prognosis ({lean})")

    assert summaries(conclusion(firing(said), lean="mixed")) == ["Intermediate prognosis (lean mixed)"]
    assert summaries(conclusion(firing(said))) == ["Intermediate prognosis (lean undetermined)"]


@pytest.mark.parametrize(
    ("points", "known", "reason"),
    [
        ((4, 4), {}, "4 adverse points"),
        ((4, 6), {}, "at least 4 adverse points"),
        ((3, 3), {}, "compromised general condition"),
        ((5, 5), {"patient__systemic_condition": "compromised"}, "compromised general condition"),
        (None, {}, "compromised general condition"),
    ],
)
def test_the_reason_for_a_poor_prognosis_stands_in_the_summary(
    points: tuple[int, int] | None, known: dict[str, str], reason: str
) -> None:
    said = rule("pathway.poor-qol", summary="Poor prognosis ({reason})")

    assert summaries(conclusion(firing(said), points=points, **known)) == [f"Poor prognosis ({reason})"]


def test_a_line_of_139_characters_stays_and_one_of_140_becomes_the_title() -> None:
    fits, too_long = rule("dq.mets-unconfirmed", summary="x" * 139), rule("dq.mets-unconfirmed", summary="x" * 140)

    assert summaries(conclusion(firing(fits))) == ["x" * 139]
    assert summaries(conclusion(firing(too_long))) == ["Title of dq.mets-unconfirmed"]


def test_a_title_that_is_too_long_is_cut_before_the_suffix() -> None:
    endless = rule("dq.her2-equivocal", summary="x" * 140, title="y" * 150)

    (summary,) = summaries(conclusion(firing(endless), firing(rule("dq.stale-data"))))

    assert len(summary) == 139
    assert summary.endswith("y… (+1 more)")


# --- how many ----------------------------------------------------------------------------------

INFORMATIONS = (
    rule("prognosis.intermediate"),
    rule("bone-agents.consider"),
    rule("surgery.any"),
    rule("risk.any"),
    rule("trial.any"),
)


def test_four_cards_at_patient_view_are_shown_as_they_are() -> None:
    found = summaries(conclusion(*map(firing, INFORMATIONS[:4])), "patient-view")

    assert found == [f"Summary of {one.id}" for one in INFORMATIONS[:4]]


def test_the_fifth_card_at_patient_view_is_folded_with_the_fourth() -> None:
    found = cards(conclusion(*map(firing, INFORMATIONS)), "patient-view")

    assert [card["summary"] for card in found] == [
        "Summary of prognosis.intermediate",
        "Summary of bone-agents.consider",
        "Summary of surgery.any",
        "Also: Summary of risk.any (+1 more)",
    ]
    assert found[-1]["extension"]["org.osteon.rules"] == ["risk.any", "trial.any"]
    assert "Summary of trial.any" in found[-1]["detail"]


def test_an_order_shows_three_cards() -> None:
    assert len(cards(conclusion(*map(firing, INFORMATIONS)))) == 3


def test_warnings_are_never_folded() -> None:
    grave = [firing(one, indicator="warning") for one in INFORMATIONS[:4]]

    found = cards(conclusion(*grave, firing(rule("trial.any")), firing(rule("dq.stale-data"))))

    assert [card["indicator"] for card in found] == ["warning"] * 4 + ["info"]
    assert found[-1]["summary"] == "Also: Summary of dq.stale-data (+1 more)"


def test_cards_are_sorted_by_gravity_and_then_by_kind() -> None:
    found = conclusion(
        firing(rule("risk.any")),
        firing(rule("dq.hb-unit", indicator="warning")),
        firing(rule("surgery.any", indicator="warning")),
    )

    assert summaries(found) == ["Summary of surgery.any", "Summary of dq.hb-unit", "Summary of risk.any"]


# --- questions ---------------------------------------------------------------------------------


def open_rule(**others: object) -> Undetermined:
    """A rule about a cord MRI that waits for one fact."""
    when = all_of(mets.status.is_("confirmed"), imaging.mri.is_("negative"))
    asking = rule("imaging.mri-in-doubt", when=when, **({"when_unknown": "ask", "ask": (imaging.mri,)} | others))  # type: ignore[arg-type]
    return Undetermined(rule=asking, missing=("imaging.mri",), open_clauses=(("imaging.mri",),), true_clauses=1)


def test_a_rule_that_waits_for_a_fact_asks_for_it() -> None:
    (card,) = cards(conclusion(undetermined=(open_rule(),)), "patient-view")

    assert card["summary"].startswith("Data needed: ")
    assert card["indicator"] == "info"
    assert "“Title of imaging.mri-in-doubt” applies" in card["detail"]
    assert "Expected as DiagnosticReport, Observation or Procedure." in card["detail"]
    assert card["extension"]["org.osteon.rules"] == ["imaging.mri-in-doubt"]


@pytest.mark.parametrize(
    "others",
    [
        {"when_unknown": "silent"},
        {"hooks": ("order-sign",)},
        {"ask": (mets.biopsy,)},
        {"output": "fact"},
    ],
)
def test_a_rule_does_not_ask(others: dict[str, object]) -> None:
    assert cards(conclusion(undetermined=(open_rule(**others),)), "patient-view") == ()


def test_a_suppressed_rule_does_not_ask() -> None:
    assert cards(conclusion(undetermined=(open_rule(),), suppressed=("imaging.mri-in-doubt",)), "patient-view") == ()


@pytest.mark.parametrize(
    ("open_clauses", "true_clauses", "asked"),
    [
        ((("imaging.mri",),), 1, 1),
        ((("imaging.mri",),), 0, 0),
        ((("imaging.mri",), ("patient.ecog",)), 1, 0),
    ],
)
def test_without_a_list_a_rule_asks_only_when_one_clause_is_open_and_another_holds(
    open_clauses: tuple[tuple[str, ...], ...], true_clauses: int, asked: int
) -> None:
    item = open_rule(ask=())
    item = Undetermined(rule=item.rule, missing=item.missing, open_clauses=open_clauses, true_clauses=true_clauses)

    assert len(cards(conclusion(undetermined=(item,)), "patient-view")) == asked


def waiting_drug_rule(course: Member, *drugs: Member) -> Undetermined:
    return Undetermined(
        rule=drug_rule("et-rt", "info", when_unknown="ask"),
        elements=(course, *drugs),
        missing=("drug.exposure",),
        open_clauses=(("drug.exposure",),),
        true_clauses=1,
    )


def test_an_unknown_timing_is_asked_by_the_date_that_is_missing() -> None:
    stopped = a_drug("letrozole", drug__status="stopped", drug__drug_class="endocrine")
    course = a_course(rt__start_day=3, rt__end_day=8)

    (card,) = cards(conclusion(undetermined=(waiting_drug_rule(course, stopped),)))

    assert card["summary"] == "Data needed: last dose (letrozole)"
    assert card["extension"]["org.osteon.about"] == ["MedicationRequest/letrozole"]


def test_nothing_is_asked_of_a_drug_that_is_not_listed() -> None:
    item = waiting_drug_rule(a_course(), Member(key="", facts={}))

    assert cards(conclusion(undetermined=(item,), drugs=None)) == ()


def test_the_warning_of_unknown_exposure_stands_for_the_questions_about_that_drug() -> None:
    course = a_course()
    stopped, other = a_drug(drug__status="stopped"), a_drug("letrozole", drug__status="stopped")
    warned = firing(drug_rule("unknown-exposure"), course, stopped)

    alone = cards(conclusion(warned, undetermined=(waiting_drug_rule(course, stopped),)))
    beside = cards(conclusion(warned, undetermined=(waiting_drug_rule(course, other),)))

    assert [card["indicator"] for card in alone] == ["warning"]
    assert [card["indicator"] for card in beside] == ["warning", "info"]


def test_the_open_group_asks_at_most_five_facts_and_the_general_condition_first() -> None:
    missing = (
        "mets.organ.liver", "mets.organ.lung", "mets.organ.brain", "tumour.er",
        "patient.ecog", "patient.comorbidities", "patient.systemic_condition",
    )  # fmt: skip
    found = conclusion(firing(GROUP_IS_OPEN), group="indeterminate", possible=("good", "intermediate"), missing=missing)

    (card,) = cards(found, "patient-view")

    asked = [line for line in card["detail"].splitlines() if line.startswith("- **")]
    assert card["summary"] == (
        "Prognostic group cannot be stated yet; first needed: general condition (acceptable or compromised)"
    )
    assert len(asked) == 5
    assert "General condition" in asked[0]
    assert "Liver metastases" in asked[1]
    assert "- Then: performance status (ECOG), comorbidities limiting treatment." in card["detail"]
    assert "good or intermediate. Any of these 7 facts can change the group" in card["detail"]


def test_a_single_fact_that_decides_the_group_is_named_in_the_first_line() -> None:
    found = conclusion(firing(GROUP_IS_OPEN), possible=("good", "intermediate"), missing=("mets.organ.brain",))

    (card,) = cards(found, "patient-view")

    assert card["summary"] == "Prognostic group cannot be stated yet; one fact decides: brain metastases"
    assert "good or intermediate. One fact decides:\n\n- **Brain metastases**. Expected as" in card["detail"]


def test_a_performance_status_that_a_fracture_may_explain_is_said_so() -> None:
    found = conclusion(
        firing(GROUP_IS_OPEN),
        missing=(patient.systemic_condition.name,),
        possible=("intermediate", "poor"),
        pattern__ecog_sre_ambiguous=True,
    )

    assert "may come from the skeletal event" in cards(found, "patient-view")[0]["detail"]


def test_a_general_condition_that_is_stated_is_not_asked_as_if_it_were_missing() -> None:
    found = conclusion(
        firing(GROUP_IS_OPEN),
        missing=(patient.systemic_condition.name,),
        possible=("intermediate", "poor"),
        dq__condition_conflict=True,
    )

    assert "stated already and contradicts the performance status" in cards(found, "patient-view")[0]["detail"]


def test_a_record_without_metastatic_status_gives_no_question() -> None:
    assert cards(conclusion(undetermined=()), "patient-view") == ()


# --- the card itself ---------------------------------------------------------------------------

VALUE_SET = Path(__file__).parents[2] / "fhir_profiles" / "valuesets" / "override-reasons.json"


def test_reasons_for_not_following_come_with_warnings_only() -> None:
    reasons = codings_of(json.loads(VALUE_SET.read_text()))
    found = conclusion(firing(rule("surgery.any", indicator="warning")), firing(rule("risk.any")))

    warning, information = cards_for(found, "order-sign", new_uuid=uuid, override_reasons=reasons)

    assert {"code", "system", "display"} == set(warning["overrideReasons"][0])
    assert "overrideReasons" not in information


def test_a_link_is_there_when_there_is_a_trace_to_link_to() -> None:
    found = conclusion(firing(rule("risk.any")))

    (linked,) = cards_for(found, "order-sign", new_uuid=uuid, trace_url="https://osteon.example/traces/1")

    assert linked["links"][0]["url"] == "https://osteon.example/traces/1"
    assert "links" not in cards(found)[0]


def test_each_card_has_the_uuid_of_its_place() -> None:
    found = cards(conclusion(firing(rule("risk.any")), firing(rule("trial.any"))))

    assert [card["uuid"] for card in found] == [uuid(0), uuid(1)]


def test_topics_are_letters_and_digits() -> None:
    found = cards(conclusion(*map(firing, INFORMATIONS), firing(rule("dq.out-of-scope"))), "patient-view")

    assert all(re.fullmatch(r"[A-Za-z0-9]{1,100}", card["source"]["topic"]["code"]) for card in found)


def test_an_escalated_rule_says_why() -> None:
    escalation = Escalation(when=drug.exposure.is_("concurrent"), to="critical", why="given at the same time")
    escalated = drug_rule("tdm1-brain-srs", "warning", escalation=escalation)

    (card,) = cards(conclusion(Firing(rule=escalated, elements=(a_course(), a_drug()), indicator="critical")))

    assert "Why critical here: given at the same time" in card["detail"]


def test_unknown_names_of_rules_fall_among_the_work_up() -> None:
    (card,) = cards(conclusion(firing(rule("novel.thing", when=prognosis.group.is_("good")))), "patient-view")

    assert card["source"]["topic"]["code"] == "workup"


def test_a_rule_that_speaks_of_an_absent_fact_says_what_is_not_known() -> None:
    when = all_of(rt.planned.is_true, rt.region.is_unknown)
    course = Member(key="ServiceRequest/rt", facts=facts(rt__status="planned", rt__planned=True), in_request=True)

    (card,) = cards(conclusion(firing(drug_rule("abemaciclib-rt-gi", when=when), course, a_drug())))

    assert "**Not known**" in card["detail"]
    assert "Region of the radiotherapy" in card["detail"]


def test_the_warning_of_unknown_exposure_stands_for_rules_about_some_drug_of_that_course() -> None:
    course, stopped = a_course(), a_drug(drug__status="stopped")
    sequence = rule(
        "imbrication.sequence-priority", for_each=("course",), hooks=ORDER_HOOKS, when=TRIGGERED_BY_DRUGS,
        when_unknown="ask",
    )  # fmt: skip
    waiting = Undetermined(
        rule=sequence,
        elements=(course,),
        missing=("drug.exposure",),
        open_clauses=(("drug.exposure",),),
        true_clauses=1,
    )

    (card,) = cards(
        conclusion(firing(drug_rule("unknown-exposure"), course, stopped), undetermined=(waiting,), drugs=(stopped,))
    )

    assert card["indicator"] == "warning"
    assert "Title of imbrication.sequence-priority" not in card["detail"]


def test_a_fact_of_another_drug_is_shown_with_its_name() -> None:
    course, first, second = a_course(), a_drug("olaparib"), a_drug("letrozole", drug__status="planned")

    (card,) = cards(
        conclusion(firing(CONCURRENT, course, first), firing(rule("imbrication.med-list-missing", for_each=("course",)),
                   course, because=(second.facts["drug.status"],)), drugs=(first, second))
    )[1:]  # fmt: skip

    assert "| Status of the drug (letrozole) | planned |" in card["detail"]
