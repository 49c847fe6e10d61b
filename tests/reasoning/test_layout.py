"""How rules are laid out for the engine: each once, parts first, few facts in a pack."""

from __future__ import annotations

from rulesets.facts import drug, lesion, mets, patient, rt, tumour
from rulesets.language import all_of, any_of, some_drug, some_lesion
from rulesets.rule import EACH_COURSE, PATIENT, Definition, Scope
from rulesets.rulebook import RULES
from rulesets.thresholds import effective
from service.reasoning.layout import MOST_FACTS, MOST_STEPS, facts_of, laid_out


def test_every_rule_stands_in_one_pack_of_its_scope() -> None:
    layout = laid_out(RULES, effective())

    placed = [
        (packed.place, scoped.scope) for scoped in layout.scopes for pack in scoped.packs for packed in pack
        if packed.place is not None
    ]  # fmt: skip

    assert sorted(placed) == [(place, rule.for_each) for place, rule in enumerate(RULES)]


def test_a_pack_reads_few_facts_unless_a_single_rule_reads_more() -> None:
    layout = laid_out(RULES, effective())

    for pack in [pack for scoped in layout.scopes for pack in scoped.packs]:
        steps = [packed.step for packed in pack]
        most = max(MOST_FACTS, len(facts_of(steps[:1])))
        assert len(steps) <= MOST_STEPS
        assert len(facts_of(steps)) <= most


def test_a_part_of_a_condition_is_judged_before_what_speaks_of_it() -> None:
    layout = laid_out(RULES, effective())

    for scoped in layout.scopes:
        judged: set[str] = set()
        parts = {one.step.name for pack in scoped.packs for one in pack if one.place is None}
        assert scoped.scope != PATIENT or parts
        for pack in scoped.packs:
            spoken_of = {fact.name for fact in facts_of([one.step for one in pack])} & parts
            assert spoken_of <= judged
            judged |= {one.step.name for one in pack}


def test_claims_about_one_list_are_judged_together() -> None:
    some = any_of(some_drug(drug.status.is_("active")), some_drug(drug.name.is_("olaparib")))
    around = some_drug(all_of(drug.exposure.is_("concurrent"), drug.status.is_("active")))
    layout = laid_out(
        [made("a", some), made("b", some_lesion(lesion.spinal.is_true)), made("c", around, EACH_COURSE)], effective()
    )

    assert [(claims.element, claims.outer, len(claims.parts)) for claims in layout.list_claims] == [
        ("drug", (), 2),
        ("lesion", (), 1),
        ("drug", ("course",), 1),
    ]
    assert {scoped.scope: scoped.list_claims for scoped in layout.scopes} == {(): (0, 1), ("course",): (2,)}


def test_what_decides_is_known_unless_whole_lists_decide() -> None:
    alone = made("a", all_of(patient.ecog.at_least(2), tumour.er.is_("positive")))
    counted = made("b", mets.lesion_count.at_most(3))
    of_list = made("c", some_lesion(lesion.spinal.is_true))

    layout = laid_out([alone, counted, of_list], effective())

    assert layout.decided_by == (("patient_ecog", "tumour_er"), ("mets_lesion_count_lo", "mets_lesion_count_hi"), None)


def made(id: str, when, for_each: Scope = PATIENT) -> Definition:  # type: ignore[no-untyped-def]
    return Definition(id=id, fact=rt.end_estimated, value=True, when=when, for_each=for_each)
