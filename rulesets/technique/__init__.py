"""How radiotherapy of bone is planned and given: stereotactic courses, volumes, and what imaging they need."""

from rulesets.rule import Rule
from rulesets.technique import last_checks, planning, radiosurgery, volumes

RULES: tuple[Rule, ...] = (
    *planning.RULES,
    *volumes.RULES,
    *radiosurgery.RULES,
    *last_checks.RULES,
)
"""The order breaks ties between rules of equal gravity when cards are merged: it is part of the meaning."""
