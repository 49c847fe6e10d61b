"""Rules, elements and conclusions for tests of cards, everything defaulted that a test does not speak of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from rulesets.evidence import Statement
from rulesets.facts import FACTS, drug, mets, prognosis, rt
from rulesets.language import Condition, Value, all_of, some_drug
from rulesets.record import Fact, Facts, Member, Record, Source
from rulesets.rule import HOOKS, ORDER_HOOKS, Hook, Indicator, Rule, Scope
from rulesets.thresholds import effective
from service.reasoning.findings import Conclusion, Firing, Prognosis, Undetermined

TODAY = date(2026, 11, 1)

STATEMENT = Statement(says="Timing matters.", section="3 (PARP)", references=(93,), fingerprint="1:0")
COURSE_AND_DRUG: Scope = ("course", "drug")
TRIGGERED_BY_DRUGS = all_of(rt.planned.is_true, some_drug(drug.drug_class.is_one_of("cytotoxic", "parp_inhibitor")))

_CONDITIONS: Mapping[Scope, Condition] = {
    (): mets.status.is_("confirmed"),
    ("drug",): drug.status.is_("active"),
    ("course",): rt.planned.is_true,
    ("order",): mets.status.is_("confirmed"),
    ("lesion",): mets.status.is_("confirmed"),
    COURSE_AND_DRUG: all_of(rt.planned.is_true, drug.exposure.is_("concurrent")),
}


def rule(
    id: str,
    *,
    for_each: Scope = (),
    hooks: tuple[Hook, ...] = HOOKS,
    indicator: Indicator = "info",
    **others: object,
) -> Rule:
    said: dict[str, object] = {
        "title": f"Title of {id}",
        "summary": f"Summary of {id}",
        "evidence": "expert opinion",
        "when": _CONDITIONS[for_each],
        "statements": (STATEMENT,),
    }
    return Rule(id=id, for_each=for_each, hooks=hooks, indicator=indicator, **(said | others))  # type: ignore[arg-type]


def drug_rule(id: str, indicator: Indicator = "warning", **others: object) -> Rule:
    """A rule about the pair of a course and a drug, as in imbrication."""
    others = {"summary": "{drug} with {rt}: mind the timing"} | others
    return rule(f"imbrication.{id}", for_each=COURSE_AND_DRUG, hooks=ORDER_HOOKS, indicator=indicator, **others)  # type: ignore[arg-type]


def facts(**values: Value) -> Facts:
    """Facts by name, with ``__`` for the dot: ``facts(patient__ecog=1)``."""
    named = {name.replace("__", "."): value for name, value in values.items()}
    assert set(named) <= set(FACTS)
    return {
        name: Fact(name=name, value=value, date=TODAY, sources=(Source(reference=reference, element="value"),))
        for name, value in named.items()
        for reference in (f"Observation/{name[-12:]}",)
    }  # fmt: skip


def a_drug(name: str = "olaparib", *, key: str = "", in_request: bool = True, **more: Value) -> Member:
    values = {"drug__name": name, "drug__drug_class": "parp_inhibitor", "drug__status": "active"} | more
    return Member(key=key or f"MedicationRequest/{name}", facts=facts(**values), in_request=in_request)


def a_course(key: str = "ServiceRequest/rt", *, in_request: bool = True, **more: Value) -> Member:
    values = {"rt__status": "planned", "rt__planned": True, "rt__target": "bone", "rt__region": "spine"} | more
    return Member(key=key, facts=facts(**values), in_request=in_request)


def firing(of: Rule, *elements: Member, indicator: Indicator | None = None, because: tuple[Fact, ...] = ()) -> Firing:
    return Firing(rule=of, elements=elements, indicator=indicator or of.indicator, because=because)


def conclusion(
    *fired: Firing,
    undetermined: tuple[Undetermined, ...] = (),
    group: str = "not_applicable",
    missing: tuple[str, ...] = (),
    possible: tuple[str, ...] = (),
    points: tuple[int, int] | None = None,
    lean: str | None = None,
    suppressed: tuple[str, ...] = (),
    lesions: tuple[Member, ...] | None = None,
    drugs: tuple[Member, ...] | None = (),
    orders: tuple[Member, ...] = (),
    **known: Value,
) -> Conclusion:
    """A conclusion whose record lists at least the drugs and courses that its findings speak of."""
    named: dict[str, dict[str, Member]] = {"drug": {}, "course": {}, "lesion": {}, "order": {}}
    for finding in (*fired, *undetermined):
        for kind, member in zip(finding.rule.for_each, finding.elements, strict=True):
            named[kind][member.key] = member
    listed = None if drugs is None else tuple({one.key: one for one in (*drugs, *named["drug"].values())}.values())
    record = Record(
        evaluation_date=TODAY,
        facts=facts(**known),
        drugs=listed,
        lesions=tuple(named["lesion"].values()) or lesions,
        courses=tuple(named["course"].values()),
        orders=(*orders, *named["order"].values()),
    )
    lo, hi = points or (None, None)
    return Conclusion(
        record=record,
        prognosis=Prognosis(group=group, possible=possible, missing=missing, points_lo=lo, points_hi=hi, lean=lean),
        fired=fired,
        undetermined=undetermined,
        suppressed=suppressed,
        thresholds=effective(),
    )


def uuid(place: int) -> str:
    return f"00000000-0000-4000-8000-{place:012d}"


GROUP_IS_OPEN = rule(
    "dq.missing-deciding-facts",
    hooks=("patient-view",),
    summary="Prognostic group cannot be stated yet",
    when=prognosis.group.is_("indeterminate"),
)
