"""Who is at risk of bone metastases, and who should be investigated, before they are confirmed."""

from rulesets.risk import high_risk, profile, published, symptoms
from rulesets.risk.high_risk import DEFINITIONS
from rulesets.rule import Rule

RULES: tuple[Rule, ...] = (*high_risk.RULES, *profile.RULES, *symptoms.RULES, *published.RULES)

__all__ = ["DEFINITIONS", "RULES"]
