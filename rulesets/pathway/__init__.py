"""What follows from the prognostic group, from pain, fracture and progression, and from biology."""

from rulesets.pathway import by_group, local_treatment, systemic_therapy
from rulesets.rule import Rule

RULES: tuple[Rule, ...] = (
    *by_group.RULES,
    *local_treatment.RULES,
    *systemic_therapy.RULES,
)
"""The order breaks ties between rules of equal gravity when cards are merged: it is part of the meaning."""
