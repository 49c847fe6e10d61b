"""Words on cards: nothing of a chart acts in Markdown or HTML, and values read as a clinician says them."""

import re
from dataclasses import replace
from datetime import date

import pytest

from rulesets.facts import rt
from rulesets.language import Interval, all_of
from rulesets.record import Conflict, Fact, Member, Source
from rulesets.rule import Hook
from rulesets.words import label
from service.cards.deck import cards_for
from service.cards.text import authored, escaped, first_sentence, in_words, plain
from service.reasoning.findings import Conclusion, Undetermined
from tests.support.findings import TODAY, a_course, a_drug, conclusion, drug_rule, facts, firing, rule, uuid

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "![x](https://evil.example/p.png)",
    "a | b | c",
    "**bold** __bold__ ~~gone~~ `code`",
    "line\n# heading\n- item\n| table |",
    "https://evil.example/?q=1",
    "www.evil.example",
    "nurse@evil.example",
    "\u202eolleh",
    "&lt;b&gt;",
    '" onmouseover="x',
    "$x^2$",
)


def detail(concluded: Conclusion, hook: Hook = "order-sign") -> str:
    text = cards_for(concluded, hook, new_uuid=uuid)[0]["detail"]
    assert isinstance(text, str)
    return text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_inert(text: str) -> None:
    safe = escaped(text)

    assert not re.search(r"(?<!\\)[*_`\[\]|~#!$]|[<>\"'\n]|&(?!amp;|lt;|gt;|quot;|#39;)", safe)
    assert not re.search(r"://|www\.|[a-z0-9]@|javascript:", safe)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_inert_in_a_summary(text: str) -> None:
    assert re.fullmatch(r"[\w ,.+/%()-]*…?", plain(text))
    assert not re.search(r"[\n_]|://", plain(text))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_drug_name_is_inert_on_a_whole_card(text: str) -> None:
    drug = a_drug(text, key="MedicationRequest/1")
    because = (drug.facts["drug.name"],)

    found = detail(conclusion(firing(drug_rule("any"), a_course(), drug, because=because)))
    rows = [line for line in found.splitlines() if line.startswith("| Drug ")]

    assert len(rows) == 1
    assert re.sub(r"\\\|", "", rows[0]).count("|") == 5
    assert "<" not in found
    assert "](" not in found
    assert "://" not in found


def test_a_hostile_reference_cannot_break_the_table() -> None:
    fact = Fact(name="patient.ecog", value=1, sources=(Source(reference="Observation/a|b\n|c", element="<i>"),))

    found = detail(conclusion(firing(rule("dq.hb-unit"), because=(fact,))))

    assert "| Performance status (ECOG) | 1 |  | Observation/a\\|b \\|c, &lt;i&gt; |" in found


def test_harmless_names_are_left_as_they_are() -> None:
    assert escaped("trastuzumab emtansine") == "trastuzumab emtansine"
    assert escaped("MedicationRequest/med-1.2") == "MedicationRequest/med-1.2"


@pytest.mark.parametrize(("text", "safe"), [("1. drug", "1\\. drug"), ("- drug", "\\- drug"), ("+ drug", "\\+ drug")])
def test_text_at_the_start_of_a_line_begins_no_list(text: str, safe: str) -> None:
    assert escaped(text) == safe


def test_long_text_is_cut() -> None:
    assert len(escaped("x" * 200)) == 200
    assert escaped("x" * 201) == "x" * 199 + "…"
    assert plain("y" * 60) == "y" * 60
    assert plain("y" * 61) == "y" * 59 + "…"


def test_our_own_comparisons_are_not_read_as_html() -> None:
    assert authored("age > 60 & ECOG <= 1 | BED~75") == "age &gt; 60 &amp; ECOG &lt;= 1 \\| BED\\~75"


def test_a_note_is_shortened_to_its_first_sentence() -> None:
    assert first_sentence("One thing. Another thing.") == "One thing."
    assert len(first_sentence("x" * 500)) == 220


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("patient.bone_pain", True, "yes"),
        ("patient.bone_pain", False, "no"),
        ("patient.ecog", 2, "2"),
        ("patient.hemoglobin_g_dl", 10.5, "10.5 g/dL"),
        ("rt.total_dose_gy", 30.0, "30 Gy"),
        ("mets.lesion_count", Interval(lo=2), "at least 2"),
        ("mets.lesion_count", Interval(hi=4), "at most 4"),
        ("mets.lesion_count", Interval(lo=2, hi=4), "2 to 4"),
        ("mets.lesion_count", Interval(lo=3, hi=3), "3"),
        ("pattern.extent", "bone_only", "bone only"),
        ("patient.comorbidities", "not_limiting", "not limiting"),
        ("rt.start_day", 0, "2026-11-01 (today)"),
        ("rt.start_day", 5, "2026-11-06 (in 5 days)"),
        ("drug.last_dose_day", -12, "2026-10-20 (12 days ago)"),
        ("drug.last_dose_day", -1, "2026-10-31 (yesterday)"),
        ("drug.last_dose_day", -(10**9), "1000000000 days ago"),
        ("imbrication.priorities", ("pain", "systemic"), "pain, systemic"),
        ("imbrication.priorities", (), "none"),
        ("drug.name", "a*b", "a\\*b"),
    ],
)
def test_a_value_is_read_aloud(name: str, value: object, words: str) -> None:
    assert in_words(name, value, TODAY) == words  # type: ignore[arg-type]


def test_every_fact_has_words_of_its_own() -> None:
    from rulesets.facts import FACTS

    assert all(label(name) and "_" not in label(name) and "|" not in label(name) for name in FACTS)


# --- the detail of a card ----------------------------------------------------------------------


def test_the_detail_names_statement_evidence_and_rule() -> None:
    said = rule(
        "dq.hb-unit", detail="What to do.", ambiguities=("The paper prints another unit. More.",), indicator="warning",
        indicator_because="a factor of ten",
    )  # fmt: skip

    found = detail(conclusion(firing(said)))

    assert "**Warning: Summary of dq.hb-unit**\n\nWhat to do." in found
    assert "- Paper, section 3 (PARP) [93]: Timing matters." in found
    assert "- Strength of evidence: expert opinion" in found
    assert "- To note: The paper prints another unit.\n" in found
    assert "- Why a warning: a factor of ten" in found
    assert "- Rule `dq.hb-unit`" in found


def test_a_rule_without_a_statement_says_the_paper_has_none() -> None:
    assert "Not from the paper, which makes no statement on this" in detail(
        conclusion(firing(rule("dq.hb-unit", statements=())))
    )


def test_the_facts_table_leads_back_to_the_resources() -> None:
    source = Source(
        reference="Observation/hb-1", element="valueQuantity", conversion="g/L x 0.1", date="2026-10-30T08:00"
    )
    fact = Fact(name="patient.hemoglobin_g_dl", value=10.5, sources=(source,))

    found = detail(conclusion(firing(rule("dq.hb-unit"), because=(fact,))))

    assert "| Haemoglobin | 10.5 g/dL | 2026-10-30 | Observation/hb-1, valueQuantity (g/L x 0.1) |" in found


def test_a_derived_fact_is_followed_to_what_it_was_made_of() -> None:
    derived = Fact(name="tumour.luminal", value=True, because=("tumour.er",))

    found = detail(conclusion(firing(rule("dq.any"), because=(derived,)), tumour__er="positive"))

    assert "| Luminal (oestrogen receptor positive) | yes |  | from oestrogen receptor |" in found
    assert "| Oestrogen receptor | positive | 2026-11-01 | Observation/tumour.er, value |" in found


def test_the_concern_names_drug_and_course_with_their_dates() -> None:
    olaparib = a_drug(drug__status="stopped", drug__last_dose_day=-12)
    course = a_course(rt__start_day=5, rt__total_dose_gy=30.0, rt__fractions=10)

    found = detail(conclusion(firing(drug_rule("parp-rt-recent"), course, olaparib)))

    assert (
        "Concerns: olaparib (stopped, last dose 2026-10-20) with planned RT to bone, spine, "
        "30 Gy in 10 fractions, from 2026-11-06." in found
    )


def test_an_assumed_start_is_said() -> None:
    drug = a_drug(drug__status="draft", drug__start_assumed=True)

    assert "olaparib (draft, start assumed today)" in detail(conclusion(firing(drug_rule("parp-rt"), a_course(), drug)))


def test_what_is_unknown_about_the_drug_is_said_with_what_it_would_change() -> None:
    course, olaparib = a_course(), a_drug()
    other = a_drug("talazoparib")
    when = all_of(rt.planned.is_true, rt.large_field.is_true)
    marrow = drug_rule("parp-rt-marrow", title="PARP inhibitor and large fields", when=when)

    def waiting(drug: Member) -> Undetermined:
        return Undetermined(rule=marrow, elements=(course, drug), missing=("rt.large_field",))

    about_it = detail(conclusion(firing(drug_rule("parp-rt"), course, olaparib), undetermined=(waiting(olaparib),)))
    about_another = detail(conclusion(firing(drug_rule("parp-rt"), course, olaparib), undetermined=(waiting(other),)))

    assert "- Large field (planned RT, spine): decides whether “PARP inhibitor and large fields” applies" in about_it
    assert "**Not known**" not in about_another


def test_the_group_is_shown_with_its_points_and_what_age_does() -> None:
    found = detail(
        conclusion(
            firing(rule("prognosis.good")), group="good", points=(0, 1), patient__age_years=61, mets__lesion_count=1
        )
    )

    assert "Adverse points: 0 to 1; 4 or more make the group poor." in found
    assert "Age above 60 does not count towards the group." in found
    assert "This patient has a single lesion" in found


def test_at_sixty_nothing_is_said_about_age() -> None:
    found = detail(conclusion(firing(rule("prognosis.good")), group="good", points=(0, 0), patient__age_years=60))

    assert "Age above" not in found


def test_the_lean_of_the_intermediate_group_is_shown() -> None:
    found = conclusion(firing(rule("prognosis.intermediate")), group="intermediate", points=(2, 2), lean="unfavourable")

    assert "Lean within the group: unfavourable." in detail(found)


def test_sources_that_disagree_are_listed_with_both_values() -> None:
    sources = (Source(reference="Observation/a"), Source(reference="Observation/b"))
    conflict = Conflict(name="tumour.her2_primary", values=("positive", "negative"), sources=sources)
    found = conclusion(firing(rule("dq.conflicting-sources", indicator="warning")))
    found = Conclusion(
        record=type(found.record)(evaluation_date=TODAY, conflicts=(conflict,)),
        prognosis=found.prognosis, fired=found.fired, thresholds=found.thresholds,
    )  # fmt: skip

    assert "- HER2, primary: negative against positive (Observation/a; Observation/b)" in detail(found)


def test_stale_facts_are_listed_with_their_dates() -> None:
    found = conclusion(firing(rule("dq.stale-data")), dq__stale_facts=("patient.ecog",), patient__ecog=1)

    assert "- Performance status (ECOG): recorded 2026-11-01" in detail(found)


def test_receptors_that_differ_are_listed() -> None:
    found = conclusion(
        firing(rule("dq.receptor-discordance")),
        tumour__er_primary="positive", tumour__er_metastasis="negative",
        tumour__pr_primary="positive", tumour__pr_metastasis="positive",
    )  # fmt: skip

    assert "- Oestrogen receptor: positive in the primary, negative in the metastasis" in detail(found)
    assert "Progesterone" not in detail(found)


def test_goals_are_listed_with_those_that_cannot_be_judged() -> None:
    found = conclusion(
        firing(rule("imbrication.sequence-priority", for_each=("course",)), a_course()),
        imbrication__priorities=("pain",), imbrication__priorities_unknown=("systemic",),
    )  # fmt: skip

    assert "Goals that apply now: pain. Cannot be judged, as facts are missing: systemic control." in detail(found)


def test_an_element_that_is_not_there_is_not_described() -> None:
    nobody = Member(key="", facts={})
    none_ordered = Fact(name="order.kind", value="none")

    (card,) = cards_for(
        conclusion(firing(rule("dq.stale-data", for_each=("order",)), nobody, because=(none_ordered,))),
        "patient-view", new_uuid=uuid,
    )  # fmt: skip

    assert "Concerns" not in card["detail"]
    assert "Kind of order" not in card["detail"]
    assert card["extension"] == {"org.osteon.rules": ["dq.stale-data"]}


def test_the_same_name_on_two_drugs_is_told_apart() -> None:
    course, first, second = a_course(), a_drug("olaparib"), a_drug("niraparib", drug__status="planned")
    concurrent = drug_rule("parp-rt")

    found = detail(
        conclusion(
            firing(concurrent, course, first, because=(first.facts["drug.status"],)),
            firing(concurrent, course, second, because=(second.facts["drug.status"],)),
        )
    )

    assert "| Status of the drug (niraparib) | planned |" in found
    assert "| Status of the drug (olaparib) | active |" in found


def test_facts_without_a_place_of_their_own_are_said_to_be_computed() -> None:
    found = detail(conclusion(firing(rule("dq.any"), because=(Fact(name="dq.any_stale", value=True),))))

    assert "| Deciding facts out of date | yes |  | computed |" in found


def test_a_date_is_taken_from_the_fact() -> None:
    because = tuple(facts(patient__ecog=1).values())

    found = detail(conclusion(firing(rule("dq.any"), because=because)))

    assert "| Performance status (ECOG) | 1 | 2026-11-01 |" in found


def test_a_fact_taken_over_from_its_source_has_one_row() -> None:
    taken_over = Fact(name="tumour.er", value="positive", because=("tumour.er_primary",))

    found = detail(conclusion(firing(rule("dq.any"), because=(taken_over,)), tumour__er_primary="positive"))

    assert "| Oestrogen receptor, primary | positive |" in found
    assert "| Oestrogen receptor |" not in found


def test_mere_steps_are_left_out_of_the_table_and_what_they_were_made_of_is_not() -> None:
    step = Fact(name="rt.planned", value=True, because=("rt.status",))
    course = a_course()

    found = detail(conclusion(firing(rule("dq.rt-unconfirmed", for_each=("course",)), course, because=(step,))))

    assert "| Status of the radiotherapy | planned |" in found
    assert "Radiotherapy open" not in found


def test_a_step_without_its_reasons_stays_in_the_table() -> None:
    step = Fact(name="dq.any_stale", value=True, because=("patient.ecog",))

    assert "| Deciding facts out of date | yes |" in detail(conclusion(firing(rule("dq.any"), because=(step,))))


def test_the_date_of_birth_is_not_shown_as_the_date_of_the_age() -> None:
    source = Source(reference="Patient/p", element="Patient.birthDate", date="1970-05-17")
    age = Fact(name="patient.age_years", value=56, date=date(1970, 5, 17), sources=(source,))

    found = detail(conclusion(firing(rule("dq.any"), because=(age,))))

    assert "| Age | 56 years |  | Patient/p, birthDate |" in found
    assert "1970" not in found


def test_organs_that_one_resource_calls_free_share_a_row() -> None:
    def absent(organ: str, reference: str) -> Fact:
        sources = (Source(reference=reference, element=f"component[{organ}]", date="2026-10-12"),)
        return Fact(name=f"mets.organ.{organ}", value="absent", sources=sources)

    because = (absent("liver", "Observation/ct"), absent("lung", "Observation/ct"), absent("brain", "Observation/mri"))
    found = detail(conclusion(firing(rule("dq.any"), because=because)))

    assert "| Metastases in liver or lung or pleura | absent | 2026-10-12 | Observation/ct (2 elements) |" in found
    assert "| Brain metastases | absent | 2026-10-12 | Observation/mri, component" in found


@pytest.mark.parametrize(("count", "more"), [(12, ""), (13, "| +1 more in the trace | | | |")])
def test_the_table_ends_after_twelve_rows(count: int, more: str) -> None:
    because = tuple(
        Fact(name="patient.ecog", value=1, sources=(Source(reference=f"Observation/{number:02}"),))
        for number in range(count)
    )
    firings = tuple(firing(rule(f"dq.any-{number:02}"), because=(fact,)) for number, fact in enumerate(because))

    table = detail(conclusion(*firings)).partition("**Facts used**")[2]

    assert table.count("| Performance status (ECOG) |") == 12
    assert ("more in the trace" in table) is bool(more)
    assert more in table


def test_what_was_described_once_is_only_named_afterwards_and_a_statement_is_said_once() -> None:
    course, olaparib = a_course(rt__start_day=5), a_drug(drug__start_day=-3)

    found = detail(
        conclusion(
            firing(drug_rule("parp-rt"), course, olaparib), firing(drug_rule("parp-rt-marrow"), course, olaparib)
        )
    )

    assert found.count("first dose 2026-10-29") == 1
    assert "Concerns: olaparib with planned RT, spine." in found
    assert found.count("Timing matters.") == 1
    assert "- Paper, section 3 (PARP) [93]: as above." in found


def test_two_courses_of_the_same_name_are_both_described() -> None:
    first, second, olaparib = a_course("ServiceRequest/a"), a_course("ServiceRequest/b", rt__start_day=9), a_drug()
    concurrent = drug_rule("parp-rt")

    found = detail(conclusion(firing(concurrent, first, olaparib), firing(concurrent, second, olaparib)))

    assert "from 2026-11-10" in found


def test_a_date_nobody_stated_is_among_what_is_not_known() -> None:
    drug = a_drug(drug__status="draft", drug__start_assumed=True)
    course = a_course(rt__end_day=8, rt__end_estimated=True)

    found = detail(conclusion(firing(drug_rule("parp-rt"), course, drug)))

    assert "- First dose (olaparib): not stated and taken as today" in found
    assert "- End of the radiotherapy (planned RT, spine): not stated and estimated" in found


@pytest.mark.parametrize(("group", "told"), [("good", True), ("poor", False)])
def test_a_group_says_which_unknown_facts_would_withdraw_it(group: str, told: bool) -> None:
    found = detail(
        conclusion(firing(rule(f"prognosis.{group}")), group=group, points=(0, 0), mets__visceral_crisis=False)
    )

    assert ("rapid progression and pattern of progression" in found) is told
    assert "Visceral crisis" not in found


def test_a_contradiction_of_the_group_leads_back_to_its_resource() -> None:
    found = conclusion(firing(rule("dq.prognosis-conflict")), mets__rapid_progression=True)
    against = replace(found.prognosis, conflict_facts=("mets.rapid_progression",))

    assert "- Rapid progression: yes (2026-11-01; Observation/" in detail(replace(found, prognosis=against))


def test_a_single_fraction_is_one_day() -> None:
    course = a_course(rt__start_day=5, rt__end_day=5, rt__total_dose_gy=8.0, rt__fractions=1)

    assert "8 Gy in 1 fraction, on 2026-11-06." in detail(conclusion(firing(drug_rule("parp-rt"), course, a_drug())))
