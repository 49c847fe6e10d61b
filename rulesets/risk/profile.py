"""Factors reported as adverse for getting bone metastases: listed, unweighted, never added up."""

from dataclasses import dataclass

from rulesets.evidence import Statement
from rulesets.facts import mets, patient, risk, tumour
from rulesets.known import made, parts, word
from rulesets.language import Compare, FactType, Truth, all_of, any_of, compare, with_thresholds
from rulesets.record import Fact, Facts
from rulesets.risk.high_risk import MANY_NODES, NOT_CONFIRMED
from rulesets.rule import Rule
from rulesets.thresholds import (
    AGE_ADVERSE_OVER,
    GRADE_ADVERSE_MIN,
    HB_ADVERSE_BELOW,
    SIZE_ADVERSE_OVER_CM,
    Thresholds,
)


@dataclass(frozen=True, kw_only=True)
class AdverseFactor:
    """A factor reported as adverse: its name, when it is present, and how it is said (thresholds in braces)."""

    name: str
    when: Compare
    says: str

    @property
    def fact(self) -> FactType:
        return self.when.fact


def _factor(name: str, when: Compare, says: str) -> AdverseFactor:
    return AdverseFactor(name=name, when=when, says=says)


# fmt: off
ADVERSE_FACTORS = (
    _factor("size_gt_5cm", tumour.size_cm.above(SIZE_ADVERSE_OVER_CM), "primary larger than {size_adverse_over_cm} cm"),
    _factor("grade_3", tumour.grade.at_least(GRADE_ADVERSE_MIN), "grade {grade_adverse_min} or higher"),
    _factor("lobular", tumour.histology.is_("lobular"), "lobular carcinoma"),
    _factor("nodes_ge_4", MANY_NODES, "{nodes_high_risk_min} or more positive axillary nodes"),
    _factor("age_gt_60", patient.age_years.above(AGE_ADVERSE_OVER), "age above {age_adverse_over} years"),
    _factor("hb_lt_11", patient.hemoglobin_g_dl.below(HB_ADVERSE_BELOW), "haemoglobin below {hb_adverse_below} g/dL"),
)
# fmt: on
"""The names say the defaults; a hospital's own limit changes what is counted and said, not the name."""


def adverse_factor_facts(facts: Facts, thresholds: Thresholds) -> list[Fact]:
    """The factors that are present and those nobody knows, until bone metastases are confirmed."""
    if word(facts, mets.status) not in ("none", "suspected"):
        return []
    truths = {factor.name: _is_present(factor, facts, thresholds) for factor in ADVERSE_FACTORS}
    out_of = parts(facts, *(factor.fact for factor in ADVERSE_FACTORS))
    return [
        made(of, tuple(name for name, found in truths.items() if found is looked_for), out_of=out_of)
        for of, looked_for in ((risk.adverse_factors, Truth.TRUE), (risk.adverse_factors_unknown, Truth.UNKNOWN))
    ]


def _is_present(factor: AdverseFactor, facts: Facts, thresholds: Thresholds) -> Truth:
    known, claim = facts.get(factor.fact.name), with_thresholds(factor.when, thresholds.values)
    assert isinstance(claim, Compare)
    return compare(claim, None if known is None else known.value)


RULES: tuple[Rule, ...] = (
    Rule(
        id="risk.adverse-factor-profile",
        title="Factors reported as adverse for bone metastases",
        statements=(
            Statement(
                says="Reported as adverse for getting bone metastases: a primary of more than 5 cm, a higher grade, "
                "lobular histology, and the number of positive nodes.",
                section="5",
                fingerprint="27:14fc21b28965ec93",
            ),
            Statement(
                says="Reported besides: how far the disease extends, how long symptoms have lasted, being older than "
                "60, and a haemoglobin under 11.",
                section="5",
                fingerprint="17:0b3747c0d6e6b490",
            ),
        ),
        when=all_of(NOT_CONFIRMED, any_of(*(factor.when for factor in ADVERSE_FACTORS))),
        summary="Factors reported as adverse for bone metastases are present; unweighted and not a score",
        detail=f"Looked at: {', '.join(factor.says for factor in ADVERSE_FACTORS)}. The paper gives them no weights, "
        "so neither a score nor a probability is computed.",
        output="fact",
        indicator_because="Context for the choice of tests.",
        hooks=("patient-view",),
        evidence="expert opinion; the literature meant is not named",
        ambiguities=(
            "The paper prints its limit of haemoglobin in g/L, which cannot be; g/dL is meant.",
            "The sentence mixes factors for getting bone metastases with factors that presuppose them. Outside the "
            "paper, a bisphosphonate, a positive oestrogen receptor and a solitary lesion are factors of survival "
            "(Yonsei Med J 2013;54:1168).",
            "It calls a positive oestrogen receptor favourable, against its own section 1 and the cohort it cites. "
            "Factors called favourable therefore never lower the risk here.",
            "It sets no limit for grade or nodes. Grade {grade_adverse_min} and {nodes_high_risk_min} nodes are our "
            "reading; the paper's only number of nodes is four.",
        ),
    ),
)
